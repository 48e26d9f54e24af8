"""The report keys of the policy: each changes an answer and no ledger."""

import pytest

from tests.metrics.asked import company, holds, is_

# 4 customers of 100 in January. In February 1 leaves on the 3rd, and 2 join, of whom 1 leaves on the 20th.
FACTS = [holds(name, "2025-01-10", 100) for name in "abcd"]
FACTS += [holds("a", "2025-02-03", 0), holds("e", "2025-02-05", 100), holds("f", "2025-02-05", 100)]
FACTS += [holds("f", "2025-02-20", 0)]


@pytest.mark.parametrize(
    ("denominator", "logo", "revenue"),
    [
        ("opening", (2, 4), (200, 400)),
        ("opening_plus_new", (2, 6), (200, 600)),
        ("average", (4, 8), (400, 800)),  # 2 ÷ the mean of 4 and 4
        ("thirty_days_ago", (2, 4), (200, 400)),
    ],
)
def test_what_churn_is_divided_by(denominator: str, logo: tuple[int, int], revenue: tuple[int, int]) -> None:
    with company(FACTS, as_of="2025-03-01", **{"report.churn_rate.denominator": denominator}) as told:
        row = told.figures("churn.logo")[1]
        assert (row.numerator, row.denominator) == logo
        row = told.figures("churn.revenue.gross")[1]
        assert (row.numerator, row.denominator) == (revenue[0] * 10**6, revenue[1] * 10**6)


def test_thirty_days_ago_looks_at_thirty_days_whatever_the_period() -> None:
    with company(FACTS, as_of="2025-02-09", **{"report.churn_rate.denominator": "thirty_days_ago"}) as told:
        # From 10 January to 8 February: nobody was a customer before the 10th.
        row = told.figures("churn.logo", grain="week", first="2025-02-03")[0]
        assert (row.numerator, row.denominator, row.missing) == (1, 0, "no customer to lose")
    with company(FACTS, as_of="2025-02-10", **{"report.churn_rate.denominator": "thirty_days_ago"}) as told:
        row = told.figures("churn.logo", grain="week", first="2025-02-03")[0]
        assert (row.numerator, row.denominator) == (1, 4)


@pytest.mark.parametrize(("first", "starts"), [("monday", ["2025-02-24"]), ("sunday", ["2025-02-23"])])
def test_when_a_week_begins(first: str, starts: list[str]) -> None:
    with company(FACTS, as_of="2025-03-01", **{"report.week_start": first}) as told:
        rows = told.figures("customers", grain="week", first="2025-02-28")
        assert [f"{row.period_starts_on}" for row in rows] == starts
        assert [f"{row.period_starts_on}" for row in told.rolled(grain="week", first="2025-02-28")] == starts


def test_who_joins_and_leaves_within_a_period_can_be_hidden() -> None:
    with company(FACTS, as_of="2025-03-01") as told:
        assert told.values("customers.new") == [4, 2]
        assert told.values("customers.churned") == [0, 2]
    with company(FACTS, as_of="2025-03-01", **{"report.same_period_join_leave": "hide"}) as told:
        assert told.values("customers.new") == [4, 1]
        assert told.values("customers.churned") == [0, 1]
        # In the quarter a has joined and left as well.
        assert told.values("customers.churned", grain="quarter") == [0]
        assert told.values("customers.churned", plan="pro") == [0, 1]
        assert told.values("mrr.ending") == [400, 400]
        row = told.rolled()[1]
        assert (row.new_micros, row.churn_micros, row.closing_micros) == (100 * 10**6, -100 * 10**6, 400 * 10**6)


@pytest.mark.parametrize(("included", "retained"), [(False, "1.000000"), (True, "1.100000")])
def test_retention_with_and_without_exchange_rates(included: bool, retained: str) -> None:
    rates = [["2025-01-31", "EUR", "1.00"], ["2025-02-28", "EUR", "1.10"]]
    facts = [holds("a", "2025-01-31", 100, currency="EUR")]
    with company(facts, as_of="2025-03-01", rates=rates, **{"report.nrr.includes_fx": included}) as told:
        assert told.values("mrr.ending") == [100, 110]
        assert told.values("nrr")[1] == retained
        assert told.values("grr")[1] == "1.000000"


@pytest.mark.parametrize(
    ("attributes", "segments"),
    [
        ("as_was", {"large": [0, 100], "small": [100, 0], None: [300, 300]}),
        ("current", {"large": [100, 100], None: [300, 300]}),
    ],
)
def test_attributes_as_they_were_or_as_they_are(attributes: str, segments: dict[str | None, list[int]]) -> None:
    facts = [*FACTS, is_("b", "2025-01-01", segment="small"), is_("b", "2025-02-15", segment="large")]
    with company(facts, as_of="2025-03-01", **{"report.attributes": attributes}) as told:
        assert told.grouped("mrr.ending", by="segment") == segments
