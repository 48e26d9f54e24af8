"""The definitions, as tests: every header is whole, the tree has no circle, and the pages are up to date."""

import re
from pathlib import Path

import pytest

from mrr.errors import WrongUse
from mrr.metrics.catalogue import METRICS, Metric, catalogue, header, named, query
from mrr.metrics.reference import pages, write
from mrr.metrics.tree import Branch, tree
from tests.test_tidy import ROOT, SRC

PAGES = ROOT / "docs" / "metrics"


def test_every_file_is_in_the_catalogue() -> None:
    assert {path.stem for path in (SRC / "sql" / "metrics").glob("*.sql")} == set(METRICS)
    assert len(set(METRICS)) == len(METRICS)


# What is divided by a number of days or months, which is never 0.
OF_DAYS = ("mrr.average", "mrr.recognised", "mrr.usage")


@pytest.mark.parametrize("metric", catalogue(), ids=lambda metric: metric.name)
def test_a_header_says_everything(metric: Metric) -> None:
    for field in ("title", "variant", "formula", "source", "caveats", "owner", "drift_risk"):
        assert len(getattr(metric, field)) > 2, field
    assert metric.caveats.endswith(".")
    assert len(metric.parts) in (0, 2)
    assert {cause.metric for cause in metric.moved_by} <= set(METRICS)
    assert set(header(query(metric.name))[1]) <= {*Metric.__struct_fields__, "metric"}
    divides = " AS denominator" in query(metric.name) and "1 AS denominator" not in query(metric.name)
    assert (metric.missing is not None) == (divides and metric.name not in OF_DAYS and not metric.is_cohort)


def test_the_tree_has_every_metric_and_no_circle() -> None:
    def names(branches: list[Branch]) -> list[str]:
        return [name for one in branches for name in (one.metric, *names(one.branches))]

    roots = tree(catalogue())
    assert set(names(roots)) == set(METRICS)
    assert roots[0].metric == "arr"
    assert [branch.metric for branch in roots[0].branches] == ["mrr.ending"]


def test_a_name_that_is_none_is_answered_with_those_like_it() -> None:
    with pytest.raises(WrongUse, match=r"no metric 'churn\.logos'") as refused:
        named("churn.logos")
    assert "churn.logo" in refused.value.remedy


def test_the_pages_are_up_to_date() -> None:
    told = "python -m mrr.metrics.reference docs/metrics"
    assert {path.name: path.read_text("utf-8") for path in PAGES.glob("*")} == pages(), told


def test_pages_of_metrics_that_are_gone_go_too(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "gone.md").write_text("old", "utf-8")
    write(folder)
    assert {path.name for path in folder.iterdir()} == pages().keys()


def test_every_page_defines_what_its_words_mean() -> None:
    shared = pages()["README.md"]
    for word in ("closing day", "opens_on", "Payers", "base of churn", "Months of a stretch"):
        assert re.search(word, shared, re.IGNORECASE), word
