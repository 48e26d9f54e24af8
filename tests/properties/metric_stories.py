"""Small stories at the edges of metrics' definitions, where drawn ones seldom come."""

from typing import Any

from tests.oracle.metrics import Asked

Story = dict[str, Any]
HIDE = {"report.same_period_join_leave": "hide"}


def _snapshot(at: str, amount: str, currency: str = "USD", sub: str = "S1", **more: Any) -> dict[str, Any]:
    """A native snapshot of a monthly subscription of acme, or of who is named."""
    item = {"item": f"{sub}-A", "product": "pro", "price": f"pro-{amount}-{currency}", "quantity": 1}
    item |= {"unit_amount": amount, "interval": "month", "interval_count": 1}
    return {"fact": "subscription", "customer": "acme", "subscription": sub, "effective_at": at, "status": "active",
            "currency": currency, "items": [item], **more}  # fmt: skip


def _segment(at: str, value: str) -> dict[str, Any]:
    return {"fact": "customer", "customer": "acme", "effective_at": at, "attributes": {"segment": value}}


def _story(*facts: dict[str, Any], rates: tuple[tuple[str, str, str], ...] = (), **policy: Any) -> Story:
    """A story up to June 2025; policy keys with __ for a dot."""
    keys = {key.replace("__", "."): value for key, value in policy.items()}
    return {"policy": {"netting": "day", **keys}, "rates": rates, "facts": list(facts), "as_of": "2025-06-01T00:00:00Z"}


# A rate that rises fivefold before nearly all is lost: without fx less than nothing would be kept.
FX_OVERTAKES = _story(
    _snapshot("2025-01-10T00:00:00Z", "100", "EUR"),
    _snapshot("2025-05-10T00:00:00Z", "10", "EUR"),
    _snapshot("2025-01-10T00:00:00Z", "40", sub="S2", customer="beta"),
    rates=(("2024-12-31", "EUR", "1"), ("2025-02-28", "EUR", "1.1"), ("2025-04-30", "EUR", "5")),
    fx__rate="month_end",
)
# Held before the period and gone in it: not one who joined and left within it.
HELD_AND_GONE = _story(
    _snapshot("2025-01-10T00:00:00Z", "100"),
    _snapshot("2025-02-10T00:00:00Z", "0"),
    _snapshot("2025-03-10T00:00:00Z", "0", status="canceled", ended_at="2025-03-10T00:00:00Z"),
    _snapshot("2025-03-05T00:00:00Z", "50", sub="S2", customer="beta"),
    _snapshot("2025-03-25T00:00:00Z", "50", sub="S2", customer="beta", status="canceled"),
    zero="hold",
)
# Of one segment when it joins and of another at the end of that day.
RENAMED_ON_THE_DAY = _story(
    _segment("2025-01-01T00:00:00Z", "small"),
    _snapshot("2025-01-10T09:00:00Z", "100"),
    _segment("2025-01-10T15:00:00Z", "large"),
    _segment("2025-03-10T15:00:00Z", "small"),
)
# A trial that converts because nobody said otherwise, and one that is told of before it begins to count.
UNTOLD_CONVERSION = _story(
    _snapshot("2025-01-01T00:00:00Z", "100", status="trialing", trial_ends_at="2025-01-15T00:00:00Z"),
    _snapshot("2025-02-01T00:00:00Z", "60", sub="S2", status="trialing", trial_ends_at="2025-07-15T00:00:00Z"),
)
# Ended, but paid to the end of its period; and one that starts with a pause which ends behind as_of.
TAIL_AND_PAUSE = _story(
    _snapshot("2025-01-01T00:00:00Z", "100", period=["2025-01-01T00:00:00Z", "2025-05-10T00:00:00Z"]),
    _snapshot("2025-02-20T00:00:00Z", "100", period=["2025-01-01T00:00:00Z", "2025-05-10T00:00:00Z"],
              status="canceled", ended_at="2025-02-20T00:00:00Z"),
    _snapshot("2025-02-01T00:00:00Z", "60", sub="S2", customer="beta", pause={"resumes_at": "2025-08-01T00:00:00Z"}),
    churn_at="paid_through",
)  # fmt: skip
EDGES: dict[str, tuple[Story, Asked]] = {
    "fx overtakes": (FX_OVERTAKES, Asked("month")),
    "fx overtakes, by currency": (FX_OVERTAKES, Asked("quarter", "currency")),
    "held and gone": (HELD_AND_GONE, Asked("month", None, (), HIDE)),
    "renamed on the day": (RENAMED_ON_THE_DAY, Asked("month", "segment")),
    "renamed on the day, filtered": (RENAMED_ON_THE_DAY, Asked("week", None, (("segment", "large"),))),
    "untold conversion": (UNTOLD_CONVERSION, Asked("month")),
    "tail and pause": (TAIL_AND_PAUSE, Asked("month", "plan")),
}
