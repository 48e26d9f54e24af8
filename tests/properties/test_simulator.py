"""The simulator's truth is the ledger: companies of 500 customers, shuffled and delivered twice; 200 in the soak."""

from datetime import datetime
from typing import Any

import msgspec
import pytest

from mrr.journal import Entry
from mrr.policy import standard
from mrr.providers import rates, stripe
from mrr.reports import movements
from mrr.simulate import Company, company, delivered
from tests.properties import telling

SEEDS = range(1, 201)
AT_ONCE = 5
# Of so many groups of companies one is in every run, the others in the soak.
GROUPS = 4


def entries(firm: Company, seed: int) -> list[Entry]:
    """Rates and events as they are delivered: in random order, one in twenty twice."""
    days: dict[str, dict[str, str]] = {}
    for rate in firm.rates():
        days.setdefault(str(rate.day), {})[rate.currency] = str(rate.value)
    quotes = [rates.encode(rates.Quote(day, "USD", values)) for day, values in days.items()]
    bodies = [("rates", body) for body in quotes]
    bodies += [("stripe", body) for body in delivered(firm.events(), seed, duplicates=0.05, shuffled=True)]
    return [_entry(seq, source, body) for seq, (source, body) in enumerate(bodies, start=1)]


def _entry(seq: int, source: str, body: bytes) -> Entry:
    stamp = stripe.stamp(body, None) if source == "stripe" else rates.stamp(body, None)
    return Entry(seq, source, stamp.key, stamp.kind, stamp.occurred_at, seq, body, b"", b"")


def _row(on: Any, customer: str, kind: str, amount: int, after: int, lines: Any) -> tuple[Any, ...]:
    causes = tuple(sorted((line["item_id"], tuple(sorted(line["causes"].items()))) for line in lines))
    return str(on), customer, kind, amount, after, causes


def truth_of(firm: Company) -> list[tuple[Any, ...]]:
    """The simulator's own movements."""
    told = [msgspec.to_builtins(movement) for movement in firm.truth().movements]
    return sorted(
        _row(m["on"], m["customer_id"], m["class"], m["amount_micros"], m["mrr_after_micros"], m["lines"]) for m in told
    )


def ledger_of(firm: Company, seed: int) -> list[tuple[Any, ...]]:
    """The ledger's movements, derived at once from what was delivered."""
    warehouse = telling.whole(standard(), entries(firm, seed))
    ends = datetime(firm.ends_on.year, firm.ends_on.month, firm.ends_on.day)
    found = [msgspec.to_builtins(m) for m in movements.movements(warehouse, movements.Wanted(ends))]
    warehouse.close()
    return sorted(
        _row(m["on"], m["customer_id"], m["class"], m["amount_micros"], m["mrr_after_micros"], m["lines"])
        for m in found
    )


@pytest.mark.slow
@pytest.mark.parametrize("first", SEEDS[:: AT_ONCE * GROUPS])
def test_the_ledger_is_the_truth(first: int) -> None:
    """Movement by movement, line by line, cause by cause, to the micro."""
    _check(first)


@pytest.mark.soak
@pytest.mark.parametrize("first", [first for at, first in enumerate(SEEDS[::AT_ONCE]) if at % GROUPS])
def test_the_ledger_is_the_truth_of_all_others(first: int) -> None:
    """The same for the rest of the seeds."""
    _check(first)


def _check(first: int) -> None:
    for seed in range(first, first + AT_ONCE):
        firm = company(seed, customers=500, months=14, invoices=False)
        truth = truth_of(firm)
        assert len(truth) > 800
        assert ledger_of(firm, seed) == truth, f"seed {seed}"


def test_every_lifecycle_with_invoices_and_all_eras() -> None:
    """One company over three years with everything around it: three API eras, invoices, payments, disputes."""
    firm = company(7, customers=150, months=36)
    assert ledger_of(firm, 7) == truth_of(firm)
