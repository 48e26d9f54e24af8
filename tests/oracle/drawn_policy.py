"""Draws policies: differences from the standard over every value of the ledger keys of basis subscription."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

NETTING: dict[str, Any] = {
    "event": "event",
    "minutes": {"minutes": 60},
    "minutes_long": {"minutes": 1200},
    "day": "day",
    "month": "month",
}
VALUES: dict[str, list[Any]] = {
    "timezone": ["America/New_York", "Europe/Berlin", "Asia/Kolkata"],
    "normalise.week": [4, "52/12", "365/84"],
    "normalise.day": [30, "365/12"],
    "rounding": [
        {"to": to, "mode": mode} for to in ("micro", "minor", 4) for mode in ("half_away", "half_even", "floor")
    ],
    "status.trialing": ["include", "exclude"],
    "status.unpaid": ["include", "exclude"],
    "status.past_due": ["include", "exclude", 1, 5, 28],
    "status.paused": ["churn", "contraction", "keep"],
    "churn_at": ["request", "ended", "paid_through"],
    "zero": ["lapse", "hold"],
    "discount.once": ["ignore", "deduct"],
    "discount.repeating": ["ignore", "deduct"],
    "discount.forever": ["ignore", "deduct"],
    "reactivation": ["any_gap", {"at_least": 5}, {"at_least": 28}, {"at_most": 5}, "as_expansion", "net_churn"],
    "gap": [0, 1, 5, 28],
    "customers.exclude": [[], [{"test": True}], [{"segment": "small"}], [{"test": True, "segment": "large"}]],
}
FX_VALUES: dict[str, list[Any]] = {
    "currency": ["USD", "EUR", "JPY"],
    "fx.rate": ["month_end", "effective_day", "locked_at_start", "fixed"],
}
# What one unit of each currency is worth in each reporting currency, so that no drawn level rounds to 0.
WORTH: dict[str, dict[str, str]] = {
    "USD": {"EUR": "1.25", "JPY": "0.0068"},
    "EUR": {"USD": "0.9", "JPY": "0.006"},
    "JPY": {"USD": "150", "EUR": "161.7"},
}


@st.composite
def policies(
    draw: st.DrawFn, fx: bool, netting: tuple[str, ...], policy_keys: tuple[str, ...] | None
) -> dict[str, Any]:
    """The differences of one policy; `policy_keys` None means that any key may differ."""
    choices = {**VALUES, **(FX_VALUES if fx else {})}
    allowed = sorted(set(choices) if policy_keys is None else set(choices) & set(policy_keys))
    keys = draw(st.lists(st.sampled_from(allowed), unique=True, max_size=5)) if allowed else []
    policy = {key: draw(st.sampled_from(choices[key])) for key in keys}
    policy["netting"] = NETTING[draw(st.sampled_from(netting))]
    if policy.get("fx.rate") == "fixed":
        policy["fx.fixed"] = dict(WORTH[str(policy.get("currency", "USD"))])
    return policy
