"""Metrics of small companies, reckoned by hand: what each counts, when there is no value, and what is refused."""

from datetime import date
from fractions import Fraction

import pytest

from mrr.errors import WrongUse
from mrr.metrics.asking import decimal, nearest
from tests.metrics.asked import Company, company, holds, is_

# January: a 100, b 200 join. February: a grows by 50, b leaves, c 60 joins. March: c shrinks by 20.
FACTS = [
    holds("a", "2025-01-10", 100),
    holds("b", "2025-01-10", 200),
    holds("a", "2025-02-05", 150),
    holds("b", "2025-02-10", 0),
    holds("c", "2025-02-15", 60),
    holds("c", "2025-03-12", 40),
]


def _only(told: Company, name: str, **words: str) -> object:
    """The value in February, the second month."""
    return told.values(name, **words)[1]


@pytest.mark.parametrize(
    ("name", "february"),
    [
        ("mrr.ending", 210),
        ("arr", 2520),
        ("mrr.net_new", -90),
        ("mrr.gross_new", 110),
        ("mrr.growth", "-0.300000"),  # (210 − 300) ÷ 300
        ("customers", 2),
        ("subscribers", 2),
        ("customers.new", 1),
        ("customers.churned", 1),
        ("customers.reactivated", 0),
        ("arpa", 105),
        ("asp", 60),
        ("acv", 720),
        ("bookings", 1320),
        ("churn.logo", "0.500000"),
        ("churn.revenue.gross", "0.666667"),  # 200 ÷ 300
        ("churn.revenue.net", "0.500000"),  # (200 − 50) ÷ 300
        ("nrr", "0.500000"),  # a 150, b 0, of 300
        ("grr", "0.333333"),  # a 100, b 0, of 300
        ("grr.chargebee", "0.500000"),  # 150 is below 300 anyway
        ("quick_ratio", "0.550000"),  # (60 + 50) ÷ 200
        ("expansion_rate", "0.166667"),  # 50 ÷ 300
        ("ltv.simple", 210),  # 105 ÷ 0.5
        ("ltv.margin_free.revenue", 157.5),  # 105 ÷ (200 ÷ 300)
        ("lifetime", "2.000000"),
        ("concentration.top_1", "0.714286"),  # 150 ÷ 210
        ("concentration.top_10", "1.000000"),
        ("concentration.hhi", "0.591837"),  # (150² + 60²) ÷ 210²
        ("annual_share", "0.000000"),
        ("sign_ups", 1),
        ("mrr.committed", 210),
    ],
)
def test_february(name: str, february: object) -> None:
    with company(FACTS, as_of="2025-04-01") as told:
        assert _only(told, name) == february


def test_average_mrr_is_the_mean_of_the_days() -> None:
    with company(FACTS, as_of="2025-04-01") as told:
        # 300 at the end of 4 days, 350 of 5, 150 of 5, 210 of 14.
        assert _only(told, "mrr.average") == round((4 * 300 + 5 * 350 + 5 * 150 + 14 * 210) / 28, 6)


def test_the_average_of_a_month_that_is_not_over_ends_with_its_last_day() -> None:
    with company(FACTS, as_of="2025-02-06T12:00:00+00:00") as told:
        last = told.figures("mrr.average")[-1]
        assert (last.numerator, last.denominator) == ((4 * 300 + 2 * 350) * 10**6, 6)
        assert not last.complete


def test_retention_over_twelve_months_ends_with_the_period() -> None:
    with company([*FACTS, holds("a", "2025-06-01", 90)], as_of="2026-03-01") as told:
        assert told.values("nrr.trailing_12")[-1] == "0.619048"  # a 90, c 40, of 210 a year before
        assert told.values("grr.trailing_12", first="2026-02-01") == ["0.619048"]
        assert told.values("nrr.trailing_12")[0] is None


def test_where_there_is_no_denominator_there_is_no_value() -> None:
    with company(FACTS, as_of="2025-04-01") as told:
        first = told.figures("nrr")[0]
        assert (first.ratio, first.denominator, first.missing) == (None, 0, "no MRR at the opening")
        assert told.figures("ltv.simple")[2].missing == "no customer has churned"


def test_who_leaves_a_group_keeps_nothing_in_it_and_has_not_churned() -> None:
    facts = [holds("a", "2025-01-10", 100), holds("a", "2025-02-10", 100, item={"product": "max", "price": "m"})]
    with company(facts, as_of="2025-03-01") as told:
        assert told.grouped("nrr", by="plan") == {"max": [None, None], "pro": [None, "0.000000"]}
        assert told.grouped("churn.logo", by="plan") == {"max": [None, None], "pro": [None, "0.000000"]}
        assert told.grouped("mrr.net_new", by="plan") == {"max": [0, 100], "pro": [100, -100]}
        assert told.grouped("plan_mix") == {"max": ["0.000000", "1.000000"], "pro": ["1.000000", "0.000000"]}


def test_filters_take_ids_with_and_without_source_but_attributes_as_they_are() -> None:
    facts = [*FACTS, is_("a", "2025-01-01", segment="B2B/large"), is_("b", "2025-01-01", segment="large")]
    with company(facts, as_of="2025-04-01") as told:
        assert told.values("mrr.ending", plan="pro") == told.values("mrr.ending", plan="native/pro")
        assert told.values("mrr.ending", segment="large") == [200, 0, 0]
        assert set(told.grouped("mrr.ending", by="segment")) == {"B2B/large", "large", None}


def test_annual_share_is_by_how_it_is_billed() -> None:
    facts = [holds("a", "2025-01-10", 100), holds("b", "2025-01-10", 1200, every="year")]
    facts.append(holds("c", "2025-01-10", 1200, item={"interval_count": 12}))
    with company(facts, as_of="2025-02-01") as told:
        assert told.values("annual_share") == ["0.666667"]


def test_renewals_are_counted_where_a_period_ends() -> None:
    january, february = ["2025-01-10", "2025-02-10"], ["2025-02-10", "2025-03-10"]
    facts = [holds(name, "2025-01-10", 100, period=january) for name in "ab"]
    facts += [holds("a", "2025-02-10", 100, period=february), holds("b", "2025-02-10", 0, period=january)]
    with company(facts, as_of="2025-03-01") as told:
        assert told.values("renewal_rate") == [None, "0.500000"]


def test_trials_count_by_their_end() -> None:
    facts = [holds(name, "2025-01-10", 100, "trialing", trial_ends_at="2025-01-24") for name in "abc"]
    facts += [holds("a", "2025-01-24", 100), holds("b", "2025-01-20", 0), holds("c", "2025-01-24", 0)]
    facts += [holds("c", "2025-03-01", 100)]
    with company(facts, as_of="2025-04-01") as told:
        # c came back later: it converted after all.
        assert told.values("trial_to_paid", first="2025-01-01")[0] == "0.666667"
        assert told.grouped("trial_to_paid", by="plan", first="2025-01-01")["pro"][0] == "0.666667"
        assert told.values("sign_ups", first="2025-01-01")[0] == 3


def test_committed_mrr_leaves_out_what_is_scheduled_to_end_and_takes_in_what_begins_later() -> None:
    facts = [holds("a", "2025-01-10", 100), holds("b", "2025-01-10", 200, cancel_at="2025-06-01")]
    facts += [holds("c", "2025-01-10", 400, "trialing", trial_ends_at="2025-03-10"), holds("d", "2025-05-01", 800)]
    with company(facts, as_of="2025-02-01") as told:
        assert told.values("mrr.ending") == [300]
        assert told.values("mrr.committed") == [900]
        assert told.grouped("mrr.committed", by="plan") == {"pro": [900]}


def test_a_trial_that_converted_by_its_end_is_committed_and_a_paid_tail_is_not() -> None:
    facts = [holds("a", "2025-01-01", 100, "trialing", trial_ends_at="2025-01-15")]
    facts += [holds("b", "2025-01-01", 1200, every="year", period=["2025-01-01", "2026-01-01"])]
    facts += [{**facts[1], "effective_at": "2025-01-20", "status": "canceled", "ended_at": "2025-01-20"}]
    with company(facts, as_of="2025-02-01", churn_at="paid_through") as told:
        assert told.values("mrr.ending") == [200]
        assert told.values("mrr.committed") == [100]


def test_week_and_day_are_periods_too() -> None:
    with company(FACTS, as_of="2025-01-13") as told:
        assert told.values("mrr.ending", grain="day") == [300, 300, 300]
        assert [row.period_starts_on for row in told.figures("mrr.ending", grain="week")] == [date(2025, 1, 6)]


def test_nothing_told_nothing_shown() -> None:
    with company([is_("a", "2025-01-01", segment="small")], as_of="2025-01-13") as told:
        assert told.values("nrr") == []
        assert told.cells("cohort.logo") == {}
        assert told.values("subscribers", first="2025-01-01") == [0]
        assert told.values("nrr", first="2025-01-01") == [None]


def test_what_cannot_be_answered_is_refused() -> None:
    with company(FACTS, as_of="2025-04-01", netting="month") as told:
        with pytest.raises(WrongUse, match="finer than the netting window"):
            told.values("nrr", grain="week")
        with pytest.raises(WrongUse, match="sign_ups knows no plan"):
            told.values("sign_ups", by="plan")
        with pytest.raises(WrongUse, match=r"cohort\.logo knows no currency"):
            told.cells("cohort.logo", currency="USD")
        with pytest.raises(WrongUse, match=r"cohort\.logo is a triangle") as refused:
            told.values("cohort.logo")
        assert refused.value.remedy == "`mrr cohort logo` shows it."


def test_ties_are_rounded_away_from_0() -> None:
    assert [nearest(Fraction(n, 2)) for n in (1, 3, -1, -3, 4)] == [1, 2, -1, -2, 2]
    assert decimal(Fraction(-1, 3)) == "-0.333333"
    assert decimal(Fraction(1, 2_000_000)) == "0.000001"
