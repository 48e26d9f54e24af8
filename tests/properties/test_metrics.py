"""Every metric agrees with the naive oracle, at every grain, in total, grouped and filtered, under all report keys."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mrr.metrics import catalogue
from mrr.simulate import Company, company
from tests.oracle import metrics as oracle
from tests.oracle.metrics import Asked, Firm
from tests.oracle.stories import stories
from tests.properties import telling
from tests.properties.metric_stories import EDGES
from tests.properties.questions import disagreements, questions
from tests.properties.simulated import stories_of, story_of
from tests.properties.test_oracle import LOOSE

NAMES = catalogue.METRICS
# An instant behind all stories: what is recorded then was not known when it happened.
MUCH_LATER = 1_900_000_000_000_000


def test_every_metric_has_an_oracle() -> None:
    """A metric that nobody reckoned a second time is not proved."""
    assert set(NAMES) == oracle.METRICS.keys() | oracle.TRIANGLES.keys()
    assert len(NAMES) > 40


@st.composite
def asked_stories(draw: st.DrawFn, /, **features: Any) -> tuple[Mapping[str, Any], list[Any], bool]:
    """A story with some questions, and whether it was recorded before it happened."""
    story = draw(stories(**features))
    asked = draw(st.lists(questions(story["policy"]["netting"]), min_size=1, max_size=2))
    return story, asked, draw(st.booleans())


def _check(story: Mapping[str, Any], asked: Sequence[Any], early: bool, names: Sequence[str]) -> None:
    policy = telling.policy_of(story)
    entries = telling.entries(story)
    if not early:
        entries = [msgspec.structs.replace(entry, recorded_at=MUCH_LATER + entry.seq) for entry in entries]
    firm = Firm([story], recorded_early=early)
    warehouse = telling.whole(policy, entries)
    try:
        for question in asked:
            assert disagreements(warehouse, policy, firm, question, names) == []
    finally:
        warehouse.close()


@pytest.mark.parametrize("edge", EDGES)
def test_edges_are_the_oracles(edge: str) -> None:
    """All metrics of stories that stand at the edge of a definition."""
    story, asked = EDGES[edge]
    _check(story, [asked], True, NAMES)


@settings(max_examples=25, **LOOSE)
@given(asked_stories(), st.lists(st.sampled_from(NAMES), unique=True, min_size=6, max_size=9))
def test_metrics_are_the_oracles(told: tuple[Mapping[str, Any], list[Any], bool], names: list[str]) -> None:
    """Any metric of any story, asked in any way: the same rows, exact to the micro and the customer."""
    _check(*told, names)


@pytest.mark.soak
@settings(max_examples=1_500, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(asked_stories())
def test_all_metrics_of_thousands_of_stories(told: tuple[Mapping[str, Any], list[Any], bool]) -> None:
    """The same, all metrics of each story, drawn anew each time."""
    _check(*told, NAMES)


@pytest.mark.parametrize("by", [None, "plan"])
def test_metrics_of_a_company_are_the_oracles(by: str | None) -> None:
    """A simulated company of some size: all metrics by month, in total and by plan."""
    _check_company(company(11, customers=60, months=14, invoices=False), Asked("month", by))


@pytest.mark.slow
@pytest.mark.parametrize("grain", ["week", "quarter", "year"])
def test_metrics_of_another_company_are_the_oracles(grain: str) -> None:
    """Another one, larger, by attribute, under other report keys."""
    report = {"report.churn_rate.denominator": "average", "report.same_period_join_leave": "hide"}
    _check_company(company(12, customers=100, months=20, invoices=False), Asked(grain, "segment", (), report))


def _check_company(firm: Company, asked: Asked) -> None:
    story = story_of(firm)
    warehouse = telling.whole(telling.policy_of(story), telling.entries(story))
    try:
        told = Firm(stories_of(story))
        assert len(told.people) > 50
        assert disagreements(warehouse, telling.policy_of(story), told, asked, NAMES) == []
    finally:
        warehouse.close()
