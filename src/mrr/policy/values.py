"""The type of every policy key."""

from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from mrr.money import DIGITS
from mrr.period import zone


def _currency(code: str) -> str:
    if code not in DIGITS:
        raise ValueError("no ISO 4217 code")
    return code


def _zone(name: str) -> str:
    try:
        zone(name)
    except Exception as error:
        raise ValueError("no IANA zone") from error
    return name


def _ratio(value: Any) -> str:
    """A positive ratio in lowest terms, written `n` or `n/d`."""
    if isinstance(value, (bool, float)):
        raise ValueError("write a ratio as an integer or as text")
    try:
        exact = Fraction(value)
    except (ValueError, ZeroDivisionError, TypeError) as error:
        raise ValueError("no ratio") from error
    if exact <= 0 or max(exact.numerator, exact.denominator) > 10**6:
        raise ValueError("a ratio is positive and has at most six digits")
    return str(exact)


def _decimal(value: Any) -> str:
    if isinstance(value, (bool, float)):
        raise ValueError("write a rate as text")
    try:
        exact = Decimal(str(value))
    except InvalidOperation as error:
        raise ValueError("no decimal") from error
    if not exact.is_finite() or exact <= 0 or len(exact.as_tuple().digits) > 18:
        raise ValueError("a rate is positive and has at most 18 digits")
    return f"{exact.normalize():f}"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


Ratio = Annotated[str, BeforeValidator(_ratio)]
Rate = Annotated[str, BeforeValidator(_decimal)]
Text = Annotated[str, BeforeValidator(_text)]
Days = Annotated[int, Field(ge=0, le=3660, strict=True)]
Months = Annotated[int, Field(ge=1, le=120, strict=True)]
OnlyDigits = Annotated[int, Field(ge=0, le=6, strict=True)]
Refund = Literal["ignore", "reduce_from_date", "reduce_service_period"]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rounding(_Table):
    """The one rounding: to what, and where ties go."""

    to: Literal["micro", "minor"] | OnlyDigits = "micro"
    mode: Literal["half_away", "half_even", "floor"] = "half_away"


class Minutes(_Table):
    """A netting window of minutes from its first change."""

    minutes: Annotated[int, Field(ge=1, le=1440, strict=True)]


class AtLeast(_Table):
    """Only a return after at least so many days is a reactivation."""

    at_least: Days


class AtMost(_Table):
    """Only a return after at most so many days is a reactivation."""

    at_most: Days


class Average(_Table):
    """Usage counts as the mean of so many months."""

    average: Months


class Choices(BaseModel):
    """Every key of a policy, by its dotted name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    basis: Literal["subscription", "invoice"] = "subscription"
    currency: Annotated[str, AfterValidator(_currency)] = "USD"
    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"
    week: Ratio = Field("13/3", alias="normalise.week")
    day: Ratio = Field("365/12", alias="normalise.day")
    rounding: Rounding = Rounding()
    starts_at: Literal["activation", "first_payment", "finalised"] = "activation"
    trialing: Literal["include", "exclude"] = Field("exclude", alias="status.trialing")
    past_due: Literal["include", "exclude"] | Days = Field("include", alias="status.past_due")
    unpaid: Literal["include", "exclude"] = Field("exclude", alias="status.unpaid")
    paused: Literal["churn", "contraction", "keep"] = Field("churn", alias="status.paused")
    churn_at: Literal["request", "ended", "paid_through"] = "ended"
    zero: Literal["lapse", "hold"] = "lapse"
    once: Literal["ignore", "deduct"] = Field("ignore", alias="discount.once")
    repeating: Literal["ignore", "deduct"] = Field("deduct", alias="discount.repeating")
    forever: Literal["ignore", "deduct"] = Field("deduct", alias="discount.forever")
    one_time: Literal["exclude"] | Months = "exclude"
    usage: Literal["exclude", "last"] | Average = "exclude"
    refund: Refund = "ignore"
    dispute: Refund = "ignore"
    credit_note: Refund = "ignore"
    proration: Literal["full_period", "prorated"] = "full_period"
    carry: Days = Field(3, alias="invoice.carry")
    grace: Days = Field(0, alias="renewal.grace")
    netting: Literal["event", "day", "month"] | Minutes = "day"
    reactivation: Literal["any_gap", "as_expansion", "net_churn"] | AtLeast | AtMost = "any_gap"
    gap: Days = 0
    rate: Literal["month_end", "effective_day", "locked_at_start", "fixed"] = Field("month_end", alias="fx.rate")
    fixed: dict[Annotated[str, AfterValidator(_currency)], Rate] = Field({}, alias="fx.fixed")
    stale: Days = Field(7, alias="fx.stale")
    exclude: list[Annotated[dict[str, Text], Field(min_length=1)]] = Field([], alias="customers.exclude")
    denominator: Literal["opening", "opening_plus_new", "thirty_days_ago", "average"] = Field(
        "opening", alias="report.churn_rate.denominator"
    )
    week_start: Literal["monday", "sunday"] = Field("monday", alias="report.week_start")
    join_leave: Literal["show", "hide"] = Field("show", alias="report.same_period_join_leave")
    includes_fx: bool = Field(False, alias="report.nrr.includes_fx")
    attributes: Literal["as_was", "current"] = Field("as_was", alias="report.attributes")
