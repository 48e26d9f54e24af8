"""Cohort triangles by month, quarter and attribute, reckoned by hand."""

from tests.metrics.asked import company, holds, is_

# January: a 100, b 200. February: c 300; a grows to 150. March: b leaves. April: b is back with 50.
FACTS = [
    holds("a", "2025-01-10", 100),
    holds("b", "2025-01-20", 200),
    holds("a", "2025-02-05", 150),
    holds("c", "2025-02-15", 300),
    holds("b", "2025-03-03", 0),
    holds("b", "2025-04-04", 50),
    is_("a", "2025-01-01", segment="small"),
    is_("b", "2025-01-01", segment="small"),
    is_("c", "2025-02-15", segment="large"),
    is_("a", "2025-04-15", segment="large"),
]
M = 10**6


def test_customers_by_month() -> None:
    with company(FACTS, as_of="2025-05-02") as told:
        assert told.cells("cohort.logo") == {
            ("2025-01-01", 0): (2, 2),
            ("2025-01-01", 1): (2, 2),
            ("2025-01-01", 2): (1, 2),
            ("2025-01-01", 3): (2, 2),
            ("2025-02-01", 0): (1, 1),
            ("2025-02-01", 1): (1, 1),
            ("2025-02-01", 2): (1, 1),
        }


def test_revenue_by_quarter() -> None:
    with company(FACTS, as_of="2025-07-01") as told:
        cells = told.cells("cohort.revenue", grain="quarter")
        assert cells == {("2025-01-01", 0): (450 * M, 600 * M), ("2025-01-01", 1): (500 * M, 600 * M)}


def test_revenue_by_attribute_counts_each_from_its_own_joining() -> None:
    with company(FACTS, as_of="2025-04-01") as told:
        assert told.cells("cohort.revenue", by="segment") == {
            ("large", 0): (300 * M, 300 * M),
            ("large", 1): (300 * M, 300 * M),
            ("small", 0): (300 * M, 300 * M),
            ("small", 1): (350 * M, 300 * M),
            ("small", 2): (150 * M, 300 * M),
        }


def test_an_attribute_may_be_the_one_of_today() -> None:
    with company(FACTS, as_of="2025-05-01", **{"report.attributes": "current"}) as told:
        assert told.cells("cohort.logo", by="segment")["large", 0] == (2, 2)


def test_a_filter_makes_a_company_of_its_own() -> None:
    with company(FACTS, as_of="2025-05-01") as told:
        # a enters the segment on 15 April, with 150.
        assert told.cells("cohort.revenue", segment="large")["2025-04-01", 0] == (150 * M, 150 * M)


def test_only_cohorts_from_a_day_on() -> None:
    with company(FACTS, as_of="2025-05-01") as told:
        assert {cohort for cohort, _ in told.cells("cohort.logo", first="2025-02-01")} == {"2025-02-01"}
