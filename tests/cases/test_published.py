"""Every published case comes out as published, and docs/cases.md says so."""

import pytest

from mrr.book import Book
from mrr.errors import MrrError
from mrr.policy import standard
from mrr.scenario import tell
from tests.cases.metric_cases import metric_cases
from tests.cases.published import (
    DOCUMENT,
    UNKNOWN,
    Case,
    document,
    elsewhere,
    groups,
    normalised,
    ours,
    prices,
    published,
    row_of,
    row_of_price,
)
from tests.cases.steps import facts_of

GROUPS = list(groups(published()).values())
PRICES = list(groups(normalised()).values())


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group[0].name)
def test_published(group: list[Case]) -> None:
    """Ours is what the source says under the policy that says the same; the page has each line."""
    found = ours(group)
    assert found == {case.name: case.expected for case in group}
    page = DOCUMENT.read_text("utf-8").splitlines()
    assert [row for case in group if (row := row_of(case, found[case.name])) not in page] == []


@pytest.mark.parametrize("group", PRICES, ids=lambda group: f"{group[0].told} {group[0].name}")
def test_normalisation(group: list[Case]) -> None:
    """Every row of the other test suites, to the last decimal that they give."""
    found = ours(group)
    assert found == {case.name: case.expected for case in group}
    page, rows = DOCUMENT.read_text("utf-8").splitlines(), dict(enumerate(prices(), 1))
    numbers = [int(case.name.removeprefix("row ")) for case in group]
    assert [n for n in numbers if row_of_price(n, rows[n], found[f"row {n}"]) not in page] == []


def test_page_is_complete() -> None:
    """The page has the lines of all cases in their order; only the figures of `ours` are proved elsewhere."""
    told = {case.name: case.expected for case in [*published(), *normalised()]}
    metrics = {case.name: case.expected for case in metric_cases()}
    assert DOCUMENT.read_text("utf-8") == document(told, metrics), "run `python -m tests.cases.published`"


def test_all_cases_are_accounted_for() -> None:
    """82 published cases, each run or named with the reason; 54 rows of normalisation."""
    names = [case.name for case in published()] + [case.name for case in metric_cases()]
    run = {name.partition(" ")[0] for name in names}
    assert not run & elsewhere().keys()
    assert len(run) + len(elsewhere()) == 82
    assert len(prices()) == 54


@pytest.mark.parametrize("number", [n for n, price in enumerate(prices(), 1) if price.every == UNKNOWN])
def test_unknown_interval_is_refused(number: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    """An unknown interval is no 0 in silence: the fact is refused, naming the field and the words allowed."""
    case = prices()[number - 1].case(number)
    assert case.expected == ()
    folder = tmp_path_factory.mktemp("refused") / "book"
    with Book.create(folder, policy=standard()) as book, pytest.raises(MrrError, match=r"items\[0\]\.interval") as told:
        tell(book, {"facts": list(facts_of("acme", case.story))})
    assert "day, week, month, year" in str(told.value)
