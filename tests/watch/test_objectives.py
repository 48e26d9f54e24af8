"""Objectives: what may be promised, and how budgets stand, burn and alarm; worked out by hand beside the code."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mrr import Book
from mrr.errors import BookError, WrongUse
from mrr.policy import standard
from mrr.watch import budgets
from mrr.watch.budgets import Standing
from mrr.watch.indicators import Bad, Level, Tally
from mrr.watch.objectives import HOUR, Objective, burns, objectives, stretches

from .troubled import MINUTE, bodies, company, payment, subscription, text

NOW = datetime(2025, 6, 16, 12)
MEANT = Objective(indicator="payment.success", urgency="page", target="90%", window="1d", at_least=3)


def stands(objective: Objective, bad: Mapping[timedelta, tuple[int, int]]) -> Standing:
    """How it stands, by (bad, total) of its window and burns; a burn that is not told has nothing."""
    told = {one: bad.get(one.lasts, (0, 0)) for one in stretches(objective)}
    tallies = {
        one: Tally(total - wrong, total, 10 * (total - wrong), 10 * total) for one, (wrong, total) in told.items()
    }
    return budgets.of_events("payment", objective, tallies)


DAY, SHORT = timedelta(days=1), 5 * MINUTE
EIGHTH, LITTLE = DAY / 8, DAY / 96


def test_a_quarter_of_a_budget_in_an_hour_pages() -> None:
    """Of 1,000 events 100 may fail; 25 in an hour are a quarter, 24 are not."""
    less = stands(MEANT, {DAY: (24, 1000), HOUR: (24, 40), SHORT: (3, 4), EIGHTH: (24, 120), LITTLE: (3, 4)})
    assert (less.state, less.burns[0].spent_ratio, less.left_ratio) == ("met", "0.240000", "0.760000")
    page = stands(MEANT, {DAY: (25, 1000), HOUR: (25, 40), SHORT: (3, 4), EIGHTH: (25, 120), LITTLE: (3, 12)})
    assert page.state == "page"
    # 25 of 100 in one of 24 hours: six times as fast as would spend it just in its window.
    assert (page.burns[0].spent_ratio, page.burns[0].rate_ratio) == ("0.250000", "6.000000")


def test_what_is_over_pages_no_more_and_silence_is_not_over() -> None:
    bad = {DAY: (30, 1000), HOUR: (30, 60), EIGHTH: (30, 900), LITTLE: (0, 20)}
    assert stands(MEANT, {**bad, SHORT: (0, 9)}).state == "met"
    assert stands(MEANT, {**bad, SHORT: (0, 0)}).state == "page"


def test_a_slower_burn_makes_a_ticket_and_so_does_an_overspent_budget() -> None:
    slow = stands(MEANT, {DAY: (30, 1000), HOUR: (10, 60), SHORT: (1, 5), EIGHTH: (26, 130), LITTLE: (3, 12)})
    assert slow.state == "ticket"
    spent = stands(MEANT, {DAY: (101, 1000), HOUR: (0, 40), SHORT: (0, 4), EIGHTH: (0, 120), LITTLE: (0, 9)})
    assert (spent.state, spent.left_ratio) == ("ticket", "-0.010000")


def test_few_bad_events_alarm_nobody() -> None:
    """Two of five failed is far beyond the budget, and two."""
    assert stands(MEANT, {DAY: (2, 5), HOUR: (2, 2), EIGHTH: (2, 2), SHORT: (2, 2), LITTLE: (2, 2)}).state == "met"


def test_nothing_is_known_of_no_events() -> None:
    found = stands(MEANT, {})
    assert (found.state, found.met_ratio, found.left_ratio, found.burns) == ("unknown", None, None, [])


@given(st.integers(1, 10**6).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_what_is_left_and_what_was_met_agree_exactly(told: tuple[int, int]) -> None:
    bad, total = told
    found = stands(MEANT, {DAY: told})
    assert found.left_ratio is not None
    exact = 1 - Fraction(10 * bad, total)
    assert abs(Fraction(found.left_ratio) - exact) <= Fraction(1, 2_000_000)
    assert (found.good, found.total) == (total - bad, total)


def test_a_budget_may_be_weighed_by_mrr(tmp_path: Path) -> None:
    """One failure of a payer of 900 outweighs nine successes of payers of 10."""
    events = [subscription("big", NOW - 2 * DAY, "900"), payment("b", "big", NOW - HOUR, "do_not_honor")]
    for number in range(9):
        events += [subscription(f"c{number}", NOW - 2 * DAY, "10"), payment(f"p{number}", f"c{number}", NOW - HOUR)]
    with Book.create(tmp_path / "book", policy=standard()) as book:
        book.append_bodies(bodies(iter(events)), source="native")
        by_mrr = next(one for one in book.slos(as_of=text(NOW)) if one.objective == "payment")
        (tmp_path / "book" / "watch.toml").write_text('[objectives.payment]\nweigh = "count"\n')
        by_count = next(one for one in book.slos(as_of=text(NOW)) if one.objective == "payment")
    assert (by_mrr.met_ratio, by_count.met_ratio) == ("0.090909", "0.900000")


def test_levels_are_held_against_their_bound() -> None:
    risk = Objective(indicator="mrr.at_risk", urgency="ticket", at_most="10%")
    parts = [Level("mrr.at_risk", "past_due", 60), Level("mrr.at_risk", "cancels", 41), Level("other", "x", 10**9)]
    assert budgets.of_levels("risk", risk, parts, 1000).state == "ticket"
    assert budgets.of_levels("risk", risk, parts, 1010).state == "met"
    silent = Objective(indicator="source.freshness", urgency="page", at_most="1h")
    assert budgets.of_levels("fresh", silent, [], 0).state == "unknown"
    heard = [Level("source.freshness", "a", 3600), Level("source.freshness", "b", 10)]
    assert budgets.of_levels("fresh", silent, heard, 0).state == "met"
    assert budgets.of_levels("fresh", silent, [*heard, Level("source.freshness", "c", 3601)], 0).state == "page"


def test_a_finding_names_the_cause_the_customers_and_the_entries(tmp_path: Path) -> None:
    """Ten of twelve payments of the last hour failed at one gateway: it pages, and says by which code."""
    events = [subscription(f"c{n}", NOW - 9 * DAY) for n in range(12)]
    events += [
        payment(f"p{n}", f"c{n}", NOW - (n + 1) * MINUTE, "processing_error" if n < 10 else None) for n in range(12)
    ]
    with Book.create(tmp_path / "book", policy=standard()) as book:
        book.append_bodies(bodies(iter(events)), source="native")
        found = {one.rule: one for one in book.missed(as_of=text(NOW))}
    page = found["slo.payment"]
    assert (page.urgency, page.cause) == ("page", "gateway:processing_error")
    assert page.begins_at == NOW - 10 * MINUTE
    assert page.customers == [f"native/c{n}" for n in range(10)]
    assert len(page.entries) == 10
    assert page.figures["failed as processing_error"] == "10"


def test_no_half_of_the_failures_is_no_cause() -> None:
    one = stands(MEANT, {DAY: (200, 1000)})
    told = [Bad("a", 100, 0, NOW, [], []), Bad("b", 100, 0, NOW, [], [])]
    found = budgets.finding(one, told, NOW)
    assert found is not None
    assert found.cause == "gateway:payment"


def test_what_ships_can_be_promised_and_can_page(tmp_path: Path) -> None:
    found = objectives(tmp_path)
    assert len(found) >= 14
    for one in found.values():
        if one.target is not None and one.urgency == "page":
            page = burns(one)[0]
            # All fails for an hour: of the window's events an hour's share.
            assert Fraction(1, 4) * one.budget * Fraction(one.lasts // page.within) <= 1


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ("[objectives.payment]\ntarget = '99'", "target"),
        ("[objectives.payment]\ntarget = '100%'", "no budget"),
        ("[objectives.payment]\nwindow = '28d'", "less than a quarter"),
        ("[objectives.payment]\nat_most = '5%'", "is a share"),
        ("[objectives.payment]\nwithin = '5s'", "`within` is for"),
        ("[objectives.payment]\nurgent = 'page'", "urgent"),
        ("[objectives.payment]\nindicator = 'payments'", "no indicator"),
        ("[objectives.leakage]\nat_most = '5m'", "no bound"),
        ("[objectives.leakage]\ntarget = '5%'", "no share"),
        ("[objectives.freshness]\nat_most = '5%'", "no bound"),
        ("[objectives.new]\nurgency = 'page'", "indicator"),
        ("objectives = 5", "tables"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, told: str, says: str) -> None:
    (tmp_path / "watch.toml").write_text(told)
    with pytest.raises(WrongUse, match=says) as refused:
        objectives(tmp_path)
    assert "watch.toml" in str(refused.value)
    assert refused.value.remedy


def test_a_book_changes_adds_and_leaves_out(tmp_path: Path) -> None:
    (tmp_path / "watch.toml").write_text(
        "[objectives.payment]\ntarget = '95%'\n[objectives.drift]\nenabled = false\n"
        "[objectives.eu]\nindicator = 'checkout.success'\nurgency = 'ticket'\ntarget = '99.5%'\n"
    )
    found = objectives(tmp_path)
    assert found["payment"].budget == Fraction(1, 20)
    assert found["payment"].window == "1d"
    assert "drift" not in found
    assert found["eu"].lasts == timedelta(days=28)
    (tmp_path / "watch.toml").write_text("[objectives")
    with pytest.raises(BookError, match=r"watch\.toml"):
        objectives(tmp_path)


def test_a_troubled_company_misses_what_it_should(tmp_path: Path) -> None:
    with Book.create(tmp_path / "book", policy=standard()) as book:
        book.append_bodies(bodies(company(NOW)), source="native")
        found = {one.rule: one.urgency for one in book.missed(as_of=text(NOW))}
    assert found == dict.fromkeys(("slo.payment", "slo.at_risk", "slo.leakage", "slo.proration"), "ticket")
