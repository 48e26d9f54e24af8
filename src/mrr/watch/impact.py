"""What trouble costs: who is affected, the MRR that may still be lost, and what is lost already."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

import msgspec

from mrr.answers import Definition
from mrr.reports.tables import Table
from mrr.warehouse import Warehouse, sql


class Concern(msgspec.Struct, frozen=True):
    """Whom an impact is about: within `[since, until)`, and of each kind named any of its values."""

    since: datetime
    until: datetime
    plans: Sequence[str] = ()
    where: Sequence[tuple[str, str]] = ()
    codes: Sequence[str] = ()
    customers: Sequence[str] = ()

    def filters(self) -> Iterator[tuple[str, str, str]]:
        """Kind, key and value of everything that is asked for; who fits has one of the values of each kind and key."""
        for kind, values in (("plan", self.plans), ("code", self.codes), ("customer", self.customers)):
            yield from ((kind, "", value) for value in values)
        yield from (("attribute", key, value) for key, value in self.where)


class Affected(msgspec.Struct):
    """A customer whom it concerns; amounts in micros of the reporting currency, what is lost negative.

    `before_micros` is its MRR when it began. At risk is its MRR now, or nothing where its failed payments were made
    good. `why`: `payment failed (CODE)`, `checkout left`, `lost MRR`, or `named` where only the filters mean it.
    `codes` are those of its failed payments.
    """

    customer_id: str
    source: str
    why: str
    before_micros: int
    mrr_micros: int
    at_risk_micros: int
    lost_micros: int
    failures: int
    recovered: bool
    since_on: date | None
    plans: list[str]
    attributes: dict[str, str]
    codes: list[str] = []


class Impact(msgspec.Struct, Table[Affected]):
    """What something costs, customer by customer, the largest first. Lost amounts are negative."""

    definition: Definition
    since: datetime
    until: datetime
    asked: list[str]
    customers: int
    before_micros: int
    at_risk_micros: int
    lost_micros: int
    rows: list[Affected]


def impact(warehouse: Warehouse, definition: Definition, concern: Concern, at: datetime) -> Impact:
    """The impact as known at an instant."""
    filters = list(concern.filters())
    warehouse.temp("impact_filter", "kind VARCHAR, key VARCHAR, value VARCHAR", filters)
    words = {"since": concern.since, "until": concern.until, "at": at}
    rows = [_affected(row) for row in warehouse.dicts(sql("watch/impact"), words)]
    return Impact(
        definition=definition,
        since=concern.since,
        until=concern.until,
        asked=[f"{key or kind}={value}" for kind, key, value in filters],
        customers=len(rows),
        before_micros=sum(row.before_micros for row in rows),
        at_risk_micros=sum(row.at_risk_micros for row in rows),
        lost_micros=sum(row.lost_micros for row in rows),
        rows=rows,
    )


def _affected(row: dict[str, object]) -> Affected:
    told = msgspec.convert(row, _Row)
    source, _, name = told.customer_id.partition("/")
    return Affected(
        customer_id=name,
        source=source,
        why=", ".join(_why(told)) or "named",
        before_micros=told.before_micros,
        mrr_micros=told.mrr_micros,
        at_risk_micros=0 if told.recovered else told.mrr_micros,
        lost_micros=told.lost_micros,
        failures=told.failures,
        recovered=told.recovered,
        since_on=told.since_on,
        plans=[plan.partition("/")[2] for plan in told.plans],
        attributes=told.attributes or {},
        codes=_codes(told),
    )


class _Row(msgspec.Struct):
    customer_id: str
    plans: list[str]
    before_micros: int
    mrr_micros: int
    lost_micros: int
    failures: int
    codes: list[str | None]
    recovered: bool
    left_behind: bool
    since_on: date | None
    attributes: dict[str, str] | None


def _codes(row: _Row) -> list[str]:
    return [code for code in row.codes if code]


def _why(row: _Row) -> Iterator[str]:
    if row.failures:
        yield f"payment failed ({', '.join(_codes(row)) or 'no code'})"
    if row.left_behind:
        yield "checkout left"
    if row.lost_micros:
        yield "lost MRR"


# ----- what a customer-relations tool takes

PLAYBOOK = ("customer_id", "source", "play", "why", "mrr", "at_risk", "lost", "currency", "plans", "since_on")


def playbook(found: Impact) -> list[dict[str, str]]:
    """A row for each customer at risk or lost, with what to do: texts for a CSV, amounts in major units."""
    return [
        {
            "customer_id": row.customer_id,
            "source": row.source,
            "play": play(row),
            "why": row.why,
            "mrr": _major(row.mrr_micros),
            "at_risk": _major(row.at_risk_micros),
            "lost": _major(row.lost_micros),
            "currency": found.definition.currency,
            "plans": " ".join(row.plans),
            "since_on": str(row.since_on or ""),
        }
        for row in found.rows
        if row.at_risk_micros or row.lost_micros
    ]


# What is wrong with a card, by the codes of failed payments.
EXPIRED = frozenset({"expired_card", "card_expired"})
MISTYPED = frozenset(
    {
        "incorrect_number",
        "invalid_number",
        "incorrect_cvc",
        "invalid_cvc",
        "invalid_expiry_month",
        "invalid_expiry_year",
    }
)
REFUSED = frozenset(
    {
        "card_declined",
        "declined",
        "generic_decline",
        "do_not_honor",
        "lost_card",
        "stolen_card",
        "pickup_card",
        "restricted_card",
        "fraudulent",
        "card_not_supported",
        "transaction_not_allowed",
        "invalid_account",
    }
)
# Codes after which the same card will not do.
WRONG_CARD = EXPIRED | MISTYPED | REFUSED


def play(row: Affected) -> str:
    """What to do about a customer: win back who is gone, ask for another card where the same will not do, else let a
    retry settle what failed, reach out to who lost some. The letters of a postmortem ask for the same.
    """
    if row.lost_micros and not row.mrr_micros:
        return "win back"
    if row.failures and not row.recovered:
        return "update payment method" if WRONG_CARD.intersection(row.codes) else "await the retry"
    return "reach out" if row.lost_micros else "inform"


def _major(micros: int) -> str:
    """Micros as a plain decimal, as tables take it."""
    whole, part = divmod(abs(micros), 1_000_000)
    return f"{'-' if micros < 0 else ''}{whole}.{part:06d}".rstrip("0").rstrip(".")
