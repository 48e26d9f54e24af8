"""Draws invoices, credit notes and payments around drawn subscriptions, and policies of the keys that read them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from tests.oracle.drawn_life import Walk, life
from tests.oracle.drawn_policy import NETTING
from tests.oracle.drawn_terms import Fact, Features
from tests.oracle.grid import AS_OF, GRID, iso, period_from, when

RULES = ("ignore", "reduce_from_date", "reduce_service_period")
VALUES: dict[str, list[Any]] = {
    "proration": ["prorated", "full_period"],
    "invoice.carry": [0, 1, 3, 20],
    "refund": list(RULES),
    "dispute": list(RULES),
    "credit_note": list(RULES),
    "one_time": [1, 3, 12],
    "renewal.grace": [0, 5, 30],
    "starts_at": ["activation", "first_payment", "finalised"],
    "churn_at": ["request", "ended", "paid_through"],
    "status.trialing": ["include", "exclude"],
    "status.paused": ["churn", "contraction", "keep"],
    "zero": ["lapse", "hold"],
    "gap": [0, 1, 28],
    "normalise.day": [30, "365/12"],
    "normalise.week": [4, "52/12"],
    "rounding": [{"to": "minor", "mode": "half_even"}, {"to": "micro", "mode": "floor"}],
    "timezone": ["America/New_York", "Europe/Berlin"],
    "reactivation": ["any_gap", {"at_least": 28}, {"at_most": 5}],
    "fx.rate": ["month_end", "effective_day", "locked_at_start"],
}
RATES = [
    ["2024-11-30", "EUR", "1.1"],
    ["2025-01-31", "EUR", "1.25"],
    ["2025-02-15", "EUR", "1.3"],
    ["2025-04-30", "EUR", "0.9"],
]
FEATURES = Features(
    fx=False, tiers=False, metered=False, truncated=False, owners=False, merges=False, continues=False, attributes=False
)
AMOUNTS = ("100.00", "60.00", "1200.00", "99.99", "33.33", "0.00", "15.50", "7.01")
LENGTHS = (7, 10, 14, 15, 20, 31, 45)


def _period(draw: st.DrawFn, others: list[list[str]]) -> list[str]:
    """A service period: a whole interval, any number of days, or the rest of one that is billed already."""
    starts = draw(st.sampled_from(GRID))
    again, on = draw(st.booleans()), draw(st.booleans())
    if others and again:
        within = draw(st.sampled_from(others))
        later = [at for at in GRID if when(within[0]) <= at < when(within[1])]
        return [iso(draw(st.sampled_from(later))), within[1]] if later else [iso(when(within[0])), within[1]]
    if others and on:
        starts = when(draw(st.sampled_from(others))[1])
    if draw(st.integers(0, 2)):
        interval, count = draw(st.sampled_from([("month", 1), ("month", 1), ("month", 3), ("year", 1)]))
        return period_from(starts, {"interval": interval, "interval_count": count})
    return [iso(starts), iso(starts + timedelta(days=draw(st.sampled_from(LENGTHS))))]


def _line(draw: st.DrawFn, name: str, number: int, items: list[Fact], others: list[list[str]]) -> Fact:
    """A line: of an item of the subscription, or of something that only the bill knows."""
    sold: Fact = {"item": f"{name}-{draw(st.sampled_from(['U', 'V']))}"}
    amount, quantity = draw(st.sampled_from(AMOUNTS)), draw(st.sampled_from([1, 1, 2, 3]))
    known = draw(st.integers(0, 3)) > 0
    if items and known:
        item = draw(st.sampled_from(items))
        sold = {"price": item["price"], "product": item["product"]}
        sold |= {"item": item["item"]} if draw(st.booleans()) else {}
        if draw(st.booleans()):
            amount = str(int(float(item["unit_amount"]) * quantity * 100) / 100)
    line: Fact = {"line": f"l{number}", **sold, "quantity": quantity, "amount": amount}
    if draw(st.integers(0, 5)):
        line["period"] = _period(draw, others)
        others.append(line["period"])
    line["proration"] = draw(st.integers(0, 3)) == 3
    if line["proration"] and draw(st.booleans()):
        line["amount"] = f"-{amount}" if float(amount) else amount
    elif draw(st.integers(0, 3)) == 3:
        line["discount_amount"] = draw(st.sampled_from(["1.00", "0.01", "33.33"])) if float(amount) > 34 else "0"
    if draw(st.integers(0, 4)) == 4:
        line["recurring"] = draw(st.booleans())
    return line


def _invoice(draw: st.DrawFn, name: str, lines: list[Fact], whose: Fact, of: Fact) -> list[Fact]:
    """The snapshots of an invoice, each with all of its lines; `of` are its currency and what it is paid by."""
    instants = sorted(draw(st.lists(st.sampled_from(GRID), min_size=1, max_size=3, unique=True)))
    ways = ["open", "paid", "open paid", "draft open paid", "open void", "open uncollectible", "draft"]
    way = draw(st.sampled_from([*ways, "open uncollectible paid"])).split()
    total = "200.00" if draw(st.booleans()) else "100.00"
    facts: list[Fact] = []
    for at, status in zip(instants, way, strict=False):
        paid = {"paid": total} if status == "paid" and draw(st.booleans()) else {}
        final = {"finalised_at": iso(draw(st.sampled_from(GRID)))} if status != "draft" and draw(st.booleans()) else {}
        head: Fact = {"fact": "invoice", "invoice": name, **whose, "effective_at": iso(at), "status": status}
        told = {"currency": of["currency"], "total": total, "lines": lines, "payments": [of["payment"]]}
        facts.append({**head, **told, **paid, **final})
    return facts


def _money(draw: st.DrawFn, name: str, of: Fact) -> list[Fact]:
    """What was paid, given back and credited of an invoice."""

    def at() -> str:
        return iso(draw(st.sampled_from(GRID)))

    link: Fact = {"invoice": name} if draw(st.booleans()) else {"of_payment": of["payment"]}
    usd: Fact = {"fact": "payment", "currency": of["currency"]}
    outcome = draw(st.sampled_from(["succeeded", "failed"]))
    facts: list[Fact] = [
        {
            **usd,
            "payment": f"ch-{name}",
            "kind": "attempt",
            "outcome": outcome,
            **link,
            "effective_at": at(),
            "amount": "100.00",
        }
    ]
    for kind, outcomes in (("refund", ["succeeded", "pending", "failed"]), ("dispute", ["lost", "won", "pending"])):
        for number in range(draw(st.integers(0, 1))):
            back: Fact = {**usd, "payment": f"{kind}{number}-{name}", "kind": kind, "of_payment": f"ch-{name}",
                          "amount": draw(st.sampled_from(["10.00", "33.33", "50.00", "100.00"]))}  # fmt: skip
            instants = sorted(draw(st.lists(st.sampled_from(GRID), min_size=1, max_size=2, unique=True)))
            facts += [
                {**back, "effective_at": iso(one), "outcome": draw(st.sampled_from(outcomes))} for one in instants
            ]
    if draw(st.integers(0, 2)) == 2:
        note: Fact = {"fact": "credit_note", "credit_note": f"cn-{name}", "invoice": name, "effective_at": at()}
        status = draw(st.sampled_from(["issued", "issued", "void"]))
        facts.append({**note, "currency": of["currency"], "status": status, "total": "-25.00"})
    return facts


def _setup(draw: st.DrawFn, facts: list[Fact]) -> None:
    """Now and then a one-time item beside the others, from some snapshot on."""
    if draw(st.booleans()):
        since = draw(st.integers(0, len(facts) - 1))
        fee = {
            "item": f"{facts[0]['subscription']}-F",
            "product": "setup",
            "unit_amount": "120.00",
            "quantity": draw(st.integers(1, 2)),
        }
        for fact in facts[since:]:
            fact["items"] = [*fact["items"], fee]


def _metered(draw: st.DrawFn, facts: list[Fact]) -> None:
    """Metered items beside the others, from some snapshot on."""
    for letter in "MN"[: draw(st.sampled_from([1, 1, 1, 2]))]:
        since = draw(st.integers(0, len(facts) - 1))
        calls = {"product": "calls", "price": "calls", "unit_amount": "0.35", "interval": "month", "interval_count": 1}
        item = {"item": f"{facts[0]['subscription']}-{letter}", **calls, "quantity": 0, "usage_type": "metered"}
        for fact in facts[since:]:
            fact["items"] = [*fact["items"], item]


@st.composite
def money_stories(draw: st.DrawFn, /, *, metered: bool = False) -> dict[str, Any]:
    """A story of one or two customers with subscriptions, some of which only their bills tell of."""
    features = replace(FEATURES, same_instant=False) if metered else FEATURES
    facts: list[Fact] = []
    for number, customer in enumerate(draw(st.sampled_from([["acme"], ["acme", "beta"], ["acme", "acme"]])), start=1):
        name, items, used, whose = f"S{number}", [], [], {"customer": customer}
        if draw(st.integers(0, 3)):
            told = life(Walk(draw, features, name, [customer]), 4)
            if metered:
                _metered(draw, told)
            items = [item for fact in told for item in fact["items"]]
            used = [item for item in items if item.get("usage_type") == "metered"]
            _setup(draw, told)
            facts += told
        named = draw(st.booleans())
        if items or named:
            whose["subscription"] = name
        others: list[list[str]] = []
        abroad, together = draw(st.integers(0, 3)) == 3, draw(st.booleans())
        for place in range(draw(st.integers(1, 4))):
            document = f"in-{number}-{place}"
            # One payment now and then pays several invoices; hardly ever a bill changes its currency.
            of: Fact = {"payment": f"pi-{number}" if together else f"pi-{document}"}
            of["currency"] = "EUR" if abroad != (draw(st.integers(0, 9)) == 9) else "USD"
            lines = [
                _line(draw, name, n, items if n else used or items, others) for n in range(draw(st.integers(1, 3)))
            ]
            facts += _invoice(draw, document, lines, whose, of)
            facts += _money(draw, document, of)
    keys = draw(st.lists(st.sampled_from(sorted(VALUES)), unique=True, max_size=6))
    policy = {key: draw(st.sampled_from(VALUES[key])) for key in keys}
    bases = ["invoice", "subscription"] if metered else ["invoice", "invoice", "invoice", "subscription"]
    policy |= {"basis": draw(st.sampled_from(bases))}
    policy["netting"] = NETTING[draw(st.sampled_from(["event", "day", "month"]))]
    return {"policy": policy, "rates": RATES, "facts": facts, "as_of": iso(draw(st.sampled_from(AS_OF)))}
