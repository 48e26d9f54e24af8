"""Every metric that another tool publishes comes out as published, and docs/cases.md says so."""

import pytest

from tests.cases.metric_cases import MetricCase, asked_of, metric_cases, row_of
from tests.cases.published import DOCUMENT


@pytest.mark.parametrize("case", metric_cases(), ids=lambda case: case.name)
def test_published_metrics(case: MetricCase) -> None:
    """Ours is what the source says under the policy that says the same; the page has each line."""
    found = asked_of(case)
    assert found == case.expected
    assert row_of(case, found) in DOCUMENT.read_text("utf-8").splitlines()
