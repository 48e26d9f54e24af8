"""Every published case comes out as published, and docs/cases.md says so."""

import re

import pytest

from mrr.book import Book
from mrr.errors import MrrError
from mrr.policy import presets, standard
from mrr.scenario import tell
from tests.cases.metric_cases import metric_cases
from tests.cases.published import (
    DOCUMENT,
    UNKNOWN,
    Case,
    document,
    groups,
    normalised,
    ours,
    prices,
    published,
    row_of,
    row_of_price,
    told,
)
from tests.cases.steps import facts_of

# The numbers of the 82 published cases, tool by tool.
IDS = {
    "cm": "01 02 06 07 08 09 11 12 14 18 19 20 21 23 24 25 26 27",
    "st": "01 02 03 04 05 06 07 08 09",
    "pw": "01 02 03 04 05 06 07 09 10 11",
    "pd": "01",
    "bm": "02 06 07 08 09",
    "cb": "01 04 05 06 07 09 11 12 14",
    "rc": "02 03 04 05",
    "rv": "02 03 04 05 07 08 09 12",
    "mx": "01 02 03 04",
    "zu": "01 03 04 05",
    "ph": "01 03",
    "kb": "01",
    "lg": "01",
    "gp": "01",
    "ot": "01 03 04 05 07",
}
GROUPS = list(groups(told(published())).values())
PRICES = list(groups(normalised()).values())


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group[0].name)
def test_published(group: list[Case]) -> None:
    """Ours is what the source says under the tool's preset, or what is explained; the page has each line."""
    found = ours(group)
    assert found == {case.name: case.comes_out for case in group}
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
    figures = {case.name: case.comes_out for case in [*published(), *normalised()]}
    metrics = {case.name: case.expected for case in metric_cases()}
    assert DOCUMENT.read_text("utf-8") == document(figures, metrics), "run `python -m tests.cases.published`"


def test_all_cases_are_accounted_for() -> None:
    """82 published cases, each run under its tool's preset or shown to be undecidable; 54 rows of normalisation."""
    names = [case.name for case in published()] + [case.name for case in metric_cases()]
    assert {name.partition(" ")[0] for name in names} == {
        f"{tool}-{number}" for tool, numbers in IDS.items() for number in numbers.split()
    }
    assert len(prices()) == 54


def test_a_miss_is_explained_by_its_source() -> None:
    """What does not come out differs for real, and quotes; what is undecidable quotes what is missing."""
    missed = [case for case in published() if case.ours is not None]
    assert 0 < len(missed) < 5
    for case in missed:
        assert case.ours != case.expected
        assert re.search(r'".+"', case.why), case.name
    for case in published():
        assert bool(case.why) == (case.ours is not None or case.undecidable), case.name
        assert not case.undecidable or (not case.expected and re.search(r'".+"', case.why)), case.name


def test_a_case_of_a_tool_runs_under_its_preset() -> None:
    """A setting that a case needs is one that the preset cites, or only the currency in which the case is told."""
    for case in (case for case in published() if case.preset != "standard"):
        settings = [(setting.key, setting.value) for setting in presets()[case.preset].settings]
        for key, value in case.policy.items():
            # A gap of any length is cited; a case has one of sixty days.
            assert key in ("currency", "gap") or (key, value) in settings, case.name


@pytest.mark.parametrize("number", [n for n, price in enumerate(prices(), 1) if price.every == UNKNOWN])
def test_unknown_interval_is_refused(number: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    """An unknown interval is no 0 in silence: the fact is refused, naming the field and the words allowed."""
    case = prices()[number - 1].case(number)
    assert case.expected == ()
    folder = tmp_path_factory.mktemp("refused") / "book"
    with Book.create(folder, policy=standard()) as book, pytest.raises(MrrError, match=r"items\[0\]\.interval") as told:
        tell(book, {"facts": list(facts_of("acme", case.story))})
    assert "day, week, month, year" in str(told.value)
