"""A policy as small tables, so that the SQL models can join it instead of being written anew for every value."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Any

from mrr.money import DIGITS, ratio
from mrr.period import midnight, offsets
from mrr.policy import Policy
from mrr.warehouse import Row, Warehouse

# The reporting calendar. What lies behind its end (a cancellation in the year 9998) never comes; the days after the end
# only close the last windows.
FIRST_DAY, LAST_DAY = date(1969, 12, 1), date(2101, 2, 1)
CALENDAR_ENDS_AT = datetime(2101, 1, 1)

_POLICY = """report_currency VARCHAR, timezone VARCHAR,
    week_num BIGINT, week_den BIGINT, day_num BIGINT, day_den BIGINT,
    trialing BOOLEAN, unpaid BOOLEAN, past_due VARCHAR, past_due_days INTEGER, paused VARCHAR,
    churn_at VARCHAR, zero VARCHAR, once BOOLEAN, repeating BOOLEAN, forever BOOLEAN, netting VARCHAR,
    netting_minutes INTEGER, reactivation VARCHAR, reactivation_days INTEGER, gap INTEGER, fx_rate VARCHAR,
    fx_stale INTEGER, basis VARCHAR, starting VARCHAR, one_time INTEGER, usage_months INTEGER, refund VARCHAR,
    dispute VARCHAR, credit_note VARCHAR, proration VARCHAR, carry INTEGER,
    renewal_grace INTEGER, reads_invoices BOOLEAN"""


def write(warehouse: Warehouse, policy: Policy) -> None:
    """Fill the tables policy, currency_step, fixed_rate, exclusion, and those of the calendar; choose the rounding."""
    mode = policy["rounding"]["mode"]
    warehouse.execute(f"CREATE OR REPLACE TEMP MACRO settle(n, d, step) AS settle_{mode}(n, d, step)")
    warehouse.temp("policy", _POLICY, [_terms(policy)])
    steps = _steps(policy["rounding"]["to"])
    warehouse.temp("currency_step", "currency VARCHAR, step BIGINT, minor BIGINT", steps)
    fixed = [(currency, *ratio(rate)) for currency, rate in policy["fx.fixed"].items()]
    warehouse.temp("fixed_rate", "currency VARCHAR, num BIGINT, den BIGINT", fixed)
    exclusions = "filter_no INTEGER, keys INTEGER, key VARCHAR, value VARCHAR"
    warehouse.temp("exclusion", exclusions, _exclusions(policy["customers.exclude"]))
    calendar(warehouse, policy["timezone"])


def calendar(warehouse: Warehouse, timezone: str) -> None:
    """The reporting calendar, made by zoneinfo: when each local day begins, and the UTC offset in force when."""
    days, shifts = _calendar(timezone)
    warehouse.temp("calendar", "day DATE, starts_at TIMESTAMP", days)
    warehouse.temp("utc_offset", "starts_at TIMESTAMP, ends_at TIMESTAMP, seconds BIGINT", shifts)


@lru_cache(maxsize=4)
def _calendar(timezone: str) -> tuple[list[Row], list[Row]]:
    days: list[Row] = [(day, midnight(day, timezone)) for day in _days()]
    return days, list(offsets(timezone, FIRST_DAY, LAST_DAY))


def _days() -> Iterator[date]:
    day = FIRST_DAY
    while day < LAST_DAY:
        yield day
        day += timedelta(days=1)


def _terms(policy: Policy) -> Row:
    week, day = Fraction(policy["normalise.week"]), Fraction(policy["normalise.day"])
    past_due = policy["status.past_due"]
    netting, minutes = _with_number(policy["netting"])
    reactivation, days = _with_number(policy["reactivation"])
    return (
        *(policy["currency"], policy["timezone"], week.numerator, week.denominator, day.numerator, day.denominator),
        *(policy["status.trialing"] == "include", policy["status.unpaid"] == "include"),
        *(("days", past_due) if isinstance(past_due, int) else (past_due, None)),
        *(policy["status.paused"], policy["churn_at"], policy["zero"]),
        *(policy[f"discount.{duration}"] == "deduct" for duration in ("once", "repeating", "forever")),
        *(netting, minutes, reactivation, days, policy["gap"], policy["fx.rate"], policy["fx.stale"]),
        *_billing(policy),
    )


def _billing(policy: Policy) -> Row:
    """What is read from invoices, payments and usage, and how."""
    basis, starts_at, one_time, usage = (policy[key] for key in ("basis", "starts_at", "one_time", "usage"))
    usage_months = {"exclude": None, "last": 1}[usage] if isinstance(usage, str) else usage["average"]
    return (
        *(basis, starts_at, None if one_time == "exclude" else one_time, usage_months),
        *(policy["refund"], policy["dispute"], policy["credit_note"], policy["proration"], policy["invoice.carry"]),
        *(policy["renewal.grace"], basis == "invoice" or starts_at != "activation"),
    )


def _with_number(value: str | Mapping[str, int]) -> tuple[str, int | None]:
    """`day` as it is; `{minutes = 60}` as its word and number."""
    return (value, None) if isinstance(value, str) else next(iter(value.items()))


def _steps(to: Any) -> Iterator[Row]:
    for currency, digits in DIGITS.items():
        decimals = {"micro": 6, "minor": digits}.get(to, to)
        yield currency, 10 ** (6 - decimals), 10 ** (6 - digits)


def _exclusions(filters: list[dict[str, str]]) -> Iterator[Row]:
    for number, attributes in enumerate(filters):
        for key, value in attributes.items():
            yield number, len(attributes), key, value
