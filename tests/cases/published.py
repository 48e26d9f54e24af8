"""Cases that other tools publish, told to a real book; `python -m tests.cases.published` writes docs/cases.md."""

import csv
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from mrr import scenario
from mrr.book import Book
from mrr.money import shown
from mrr.policy import preset
from mrr.reports.rollforward import CLASSES
from tests.cases import metric_cases as measured
from tests.cases.steps import facts_of

HERE = Path(__file__).parent
DOCUMENT = HERE.parent.parent / "docs" / "cases.md"
AS_OF = "2027-01-01T00:00:00Z"
DAY = "2024-03-01"

# What each tool does with the normalised amount, as its test suite shows it.
RULES: Mapping[str, Mapping[str, Any]] = {
    "four": {"rounding": {"to": 4, "mode": "half_away"}},
    "floor": {"rounding": {"to": "minor", "mode": "floor"}},
    "cent": {"rounding": {"to": "minor", "mode": "half_away"}},
    "cent_30.44": {"rounding": {"to": "minor", "mode": "half_away"}, "normalise.day": "30.44"},
}
# Intervals that are no interval of a subscription: their amount has no level, so the expected figure is 0.
ONE_TIME, UNKNOWN = "none", "fortnight"


@dataclass(frozen=True)
class Case:
    """A published case: `expected` as `day class amount` of its one customer, whose id is the name of the case.

    `policy` are settings over its preset. A case that we miss says what `ours` is instead, and `why`; of one that is
    undecidable `why` quotes what its source leaves out. `monthly` and `where` ask for the roll-forward.
    """

    name: str
    told: str
    url: str
    expected: tuple[str, ...]
    preset: str = "standard"
    policy: Mapping[str, Any] = field(default_factory=dict)
    rates: tuple[Any, ...] = ()
    story: tuple[Mapping[str, Any], ...] = ()
    events: tuple[Mapping[str, Any], ...] = ()
    facts: tuple[Mapping[str, Any], ...] = ()
    where: Mapping[str, str] = field(default_factory=dict)
    monthly: bool = False
    ours: tuple[str, ...] | None = None
    why: str = ""
    undecidable: bool = False

    @property
    def terms(self) -> str:
        """What the cases of one book share: preset, settings, rates. A sum without a filter has a book of its own."""
        alone = self.name if self.monthly and not self.where else ""
        return json.dumps([self.preset, self.policy, self.rates, alone], sort_keys=True, default=str)

    @property
    def comes_out(self) -> tuple[str, ...]:
        """What the book must say: the published figures, or where we miss them what we say and explain."""
        return self.expected if self.ours is None else self.ours


@dataclass(frozen=True)
class Price:
    """A row of normalisation.csv: what one price comes to a month by the test suite of some tool."""

    source: str
    rule: str
    price: str
    seats: int
    every: str
    expected: Decimal

    def case(self, number: int) -> Case:
        """The row as a case of one subscription."""
        new = (f"{DAY} new {plain(self.expected)}",) if self.expected else ()
        step = {"at": DAY, "each": self.price, "seats": self.seats, "every": self.every}
        return Case(f"row {number}", self.source, "", new, policy=RULES[self.rule], story=(step,))


def published() -> list[Case]:
    """The cases of published.yaml."""
    rows = yaml.safe_load((HERE / "published.yaml").read_text("utf-8"))
    return [_case(row) for row in rows]


def _case(row: Mapping[str, Any]) -> Case:
    lists = {
        name: tuple(row[name]) for name in ("expected", "rates", "story", "events", "facts", "ours") if name in row
    }
    words = {name: row[name] for name in ("preset", "policy", "where", "monthly", "why", "undecidable") if name in row}
    return Case(row["case"], row["told"], row["url"], **{"expected": (), **words, **lists})


def told(cases: Iterable[Case]) -> list[Case]:
    """Those that a book can be told."""
    return [case for case in cases if not case.undecidable]


def prices() -> list[Price]:
    """The rows of normalisation.csv."""
    with (HERE / "normalisation.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        Price(row["source"], row["rule"], row["price"], int(row["seats"]), row["every"], Decimal(row["expected"]))
        for row in rows
    ]


def normalised() -> list[Case]:
    """The rows as cases, without those of an interval that no fact can have."""
    return [price.case(n) for n, price in enumerate(prices(), 1) if price.every != UNKNOWN]


def groups(cases: Iterable[Case]) -> dict[str, list[Case]]:
    """The cases by what they need: those of one group share a book."""
    found: dict[str, list[Case]] = {}
    for case in cases:
        found.setdefault(case.terms, []).append(case)
    return found


def ours(cases: list[Case]) -> dict[str, tuple[str, ...]]:
    """What the real book says of each case of one group, in the words of `expected`."""
    with tempfile.TemporaryDirectory(prefix="mrr-") as folder:
        policy = preset(cases[0].preset).differing(cases[0].policy)
        with Book.create(Path(folder) / "book", policy=policy) as book:
            scenario.tell(book, _story(cases))
            return {case.name: tuple(_rows(book, case) if case.monthly else _moved(book, case)) for case in cases}


def _story(cases: list[Case]) -> Mapping[str, Any]:
    return {
        "rates": cases[0].rates,
        "events": [event for case in cases for event in case.events],
        "facts": [fact for case in cases for fact in (*facts_of(case.name, case.story), *case.facts)],
    }


def _moved(book: Book, case: Case) -> Iterator[str]:
    for movement in book.movements(as_of=AS_OF, customer=case.name):
        yield f"{movement.on} {movement.class_} {_amount(movement.amount_micros)}"


def _rows(book: Book, case: Case) -> Iterator[str]:
    """The classes that are not 0 of each month, under the case's filter; the book has no other customers then."""
    for row in book.rollforward(interval="month", as_of=AS_OF, where=list(case.where.items())).rows:
        for name in CLASSES:
            if amount := getattr(row, f"{name}_micros"):
                yield f"{row.period_starts_on:%Y-%m} {name} {_amount(amount)}"


def _amount(micros: int) -> str:
    return plain(Decimal(shown(micros)))


def plain(amount: Decimal) -> str:
    """An amount without zeros at its end."""
    return f"{amount.normalize():f}" if amount else "0"


def row_of(case: Case, found: tuple[str, ...]) -> str:
    """The line of a case in docs/cases.md."""
    terms = measured.terms_of(case.preset, case.policy)
    figures = ("–", "–") if case.undecidable else (_list(case.expected), _list(found))
    return f"| {case.name} | {terms} | [{case.told}]({case.url}) | {' | '.join(figures)} | {verdict(case, found)} |"


def verdict(case: Case, found: tuple[str, ...]) -> str:
    """Whether a case comes out as published; where it does not, why, in the words of its source."""
    word = "undecidable" if case.undecidable else "yes" if found == case.expected else "no"
    return f"{word}: {case.why}" if case.why else word


def summary(found: Mapping[str, tuple[str, ...]], metrics: Mapping[str, tuple[str, ...]]) -> str:
    """How many of the published ids come out; an id does where all of its lines do."""
    lines = [(case.name, verdict(case, found.get(case.name, ())).partition(":")[0]) for case in published()]
    lines += [(case.name, "yes" if metrics[case.name] == case.expected else "no") for case in measured.metric_cases()]
    by_id: dict[str, set[str]] = {}
    for name, word in lines:
        by_id.setdefault(name.partition(" ")[0], set()).add(word)
    missed = sorted(name for name, words in by_id.items() if "no" in words)
    open_ = sorted(name for name, words in by_id.items() if "undecidable" in words)
    return (
        f"Of {len(by_id)} published cases {len(by_id) - len(missed) - len(open_)} come out as published, "
        f"{len(missed)} do not ({', '.join(missed)}), {len(open_)} cannot be decided ({', '.join(open_)})."
    )


def row_of_price(number: int, price: Price, found: tuple[str, ...]) -> str:
    """The line of a normalisation row in docs/cases.md; what has no level comes to 0."""
    got = found[0].rpartition(" ")[2] if found else "refused" if price.every == UNKNOWN else "0"
    terms = _terms(price.case(number))
    amount = plain(Decimal(price.price))
    return (
        f"| {number} | {price.source} | {amount} × {price.seats} | {price.every} | {terms} "
        f"| {plain(price.expected)} | {got} |"
    )


def _terms(case: Case) -> str:
    """The keys of a row of normalisation, whose tool has no preset of its own."""
    return ", ".join(f"`{key} = {json.dumps(value)}`" for key, value in case.policy.items())


def _list(rows: tuple[str, ...]) -> str:
    return "<br>".join(rows) or "nothing"


INTRODUCTION = """# Published cases

What other tools publish, and what `mrr` makes of it under the [preset](presets/README.md) of each: a conformance suite.
A setting behind the name is one that the tool's users may choose; `standard` stands where a tool has no preset. Written
by `python -m tests.cases.published`; `tests/cases/test_published.py` runs every case and keeps this page up to date.
Amounts are movements: day, class, amount. Where a source names no amount, the one in the case is ours and marked so.
"""
METRICS = """
## Metrics

What a source publishes as a metric, asked of ours by month (kb-01 by day) over all customers of the case. Where the
formula of a tool is not the one that we give the plain name, it has a name of its own, and both stand here.

| id | preset | told by | expected | ours | pass |
|---|---|---|---|---|---|
"""
NORMALISATION = """
## Normalisation in the test suites of other tools

The month's worth of one price. `none` is a one-time price: it has no level, so 0. `fortnight` is no interval of any
fact: it is refused with the name of the field, so nothing counts, but not silently.

| | source | price | every | policy | expected | ours |
|---|---|---|---|---|---|---|
"""


def document(found: Mapping[str, tuple[str, ...]], metrics: Mapping[str, tuple[str, ...]]) -> str:
    """The whole of docs/cases.md from what the book said of every case, and of the metric cases."""
    told_so = {case.name: () for case in published() if case.undecidable} | dict(found)
    asked = [measured.row_of(case, metrics[case.name]) for case in measured.metric_cases()]
    cases = [row_of(case, told_so[case.name]) for case in published()]
    rows = [row_of_price(n, price, found.get(f"row {n}", ())) for n, price in enumerate(prices(), 1)]
    return "\n".join(
        [
            INTRODUCTION,
            summary(told_so, metrics),
            "",
            "| id | preset | told by | expected | ours | pass |",
            "|---|---|---|---|---|---|",
            *cases,
            METRICS.rstrip("\n"),
            *asked,
            NORMALISATION.rstrip("\n"),
            *rows,
            "",
        ]
    )


def main() -> None:
    """Run everything and write docs/cases.md."""
    found: dict[str, tuple[str, ...]] = {}
    for group in groups([*told(published()), *normalised()]).values():
        found |= ours(group)
    metrics = {case.name: measured.asked_of(case) for case in measured.metric_cases()}
    DOCUMENT.write_text(document(found, metrics), encoding="utf-8")


if __name__ == "__main__":
    main()
