"""The simulator's books against the oracle's reading of its events: two opinions that share no code."""

from collections import defaultdict
from typing import Any

import pytest

from mrr.simulate import company
from tests.oracle import ledger
from tests.simulate.retelling import Retelling

Told = list[tuple[str, str, int, int, dict[str, dict[str, int]]]]


@pytest.mark.parametrize(("seed", "era"), [(41, None), (42, "plan"), (43, "basil")])
def test_the_events_mean_what_the_truth_says(seed: int, era: str | None) -> None:
    firm = company(seed, 150, 24, era=era, invoices=False)
    retelling, truth = Retelling(firm.events()), firm.truth()
    rates = [[rate.day, rate.currency, rate.value] for rate in firm.rates()]
    expected: dict[str, Told] = defaultdict(list)
    for row in truth.movements:
        lines = {line["item_id"]: line["causes"] for line in row["lines"]}
        told = (row["on"], row["class"], row["amount_micros"], row["mrr_after_micros"], lines)
        expected[row["customer_id"]].append(told)
    for customer in retelling.subscriptions:
        story = {"policy": {}, "rates": rates, "facts": retelling.story(customer), "as_of": truth.as_of}
        assert _movements(story) == expected.pop(customer, []), customer
    assert not expected


def _movements(story: dict[str, Any]) -> Told:
    used = {fact["currency"] for fact in story["facts"]}
    rates = [rate for rate in story["rates"] if rate[1] in used]
    rows = ledger({**story, "rates": rates}).movements
    return [(row.on.isoformat(), row.cls, row.amount, row.after, row.lines) for row in rows]
