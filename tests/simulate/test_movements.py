"""From histories written by hand to their movements, with the figures of worked scenarios."""

from collections.abc import Iterator
from datetime import date

from mrr.simulate.catalogue import Coupon, Price, Product
from mrr.simulate.clock import HOUR, midnight, month_ends
from mrr.simulate.exact import Line, Terms
from mrr.simulate.movements import movements
from mrr.simulate.rates import Rate, RateTable
from mrr.simulate.truth import History, Row, levels, noted

PRO, MAX = (Product(f"prod_{name}", name, name, None, 0) for name in ("pro", "max"))
END = date(2025, 5, 1)


def price(product: Product, unit: int, interval: str = "month", currency: str = "USD") -> Price:
    """A price of the test."""
    return Price(f"{product.key}-{unit}", "", product, currency, str(unit), interval, 1, 0, "")


def counted(*lines: Line, coupons: tuple[Coupon, ...] = (), state: str = "counted") -> Terms:
    """Terms that count, or are in another state."""
    return Terms(state, lines, coupons)


def at(month: int, day: int, hour: int = 0) -> int:
    """An instant of 2025."""
    return midnight(date(2025, month, day)) + hour * HOUR


def history(**subscriptions: list[tuple[int, Terms]]) -> History:
    """A customer with these subscriptions."""
    return History("acme", {name: noted(notes, midnight(END)) for name, notes in subscriptions.items()})


def rates(*eur: tuple[int, int, str]) -> RateTable:
    """Rates of the euro by month and day of 2025; one of 1 long before."""
    known = [Rate(date(2024, 12, 1), "EUR", "1.00"), *(Rate(date(2025, m, d), "EUR", value) for m, d, value in eur)]
    return RateTable(iter(known))


def posted(told: History, table: RateTable | None = None) -> Iterator[Row]:
    """The movements up to the end of April."""
    return movements(told, table or rates(), month_ends(date(2025, 1, 1), END))


def brief(rows: Iterator[Row]) -> list[tuple[str, str, float, dict[str, dict[str, float]]]]:
    """Day, class, amount and lines, in whole units."""
    return [
        (
            row["on"][5:],
            row["class"],
            row["amount_micros"] / 10**6,
            {
                line["item_id"]: {cause: micros / 10**6 for cause, micros in line["causes"].items()}
                for line in row["lines"]
            },
        )
        for row in rows
    ]


def test_price_before_quantity() -> None:
    old, new = Line("A", price(PRO, 1_000), 5), Line("A", price(PRO, 1_200), 8)
    told = history(S=[(at(1, 10), counted(old)), (at(2, 10), counted(new))])
    assert brief(posted(told)) == [
        ("01-10", "new", 50, {"A": {"new": 50}}),
        ("02-10", "expansion", 46, {"A": {"price": 10, "quantity": 36}}),
    ]


def test_a_day_nets_to_what_it_ends_with() -> None:
    line = Line("A", price(PRO, 500), 20)
    told = history(
        S=[
            (at(1, 10, 9), counted(line)),
            (at(1, 10, 10), counted(line._replace(quantity=30))),
            (at(1, 10, 11), counted(line._replace(quantity=24))),
            (at(2, 1, 9), counted(line)),
            (at(2, 1, 10), counted(line._replace(quantity=24))),
        ]
    )
    assert brief(posted(told)) == [("01-10", "new", 120, {"A": {"new": 120}})]


def test_joined_and_left_on_one_day_was_never_a_customer() -> None:
    line = Line("A", price(PRO, 500), 1)
    told = history(
        S=[(at(1, 10, 9), counted(line)), (at(1, 10, 12), counted(line, state="ended"))],
        T=[(at(2, 10), counted(line._replace(item="B")))],
    )
    assert brief(posted(told)) == [("02-10", "new", 5, {"B": {"new": 5}})]


def test_replaced_on_one_day_is_neither_churn_nor_new() -> None:
    told = history(
        S=[
            (at(1, 10), counted(Line("A", price(PRO, 5_000), 1))),
            (at(2, 10, 9), counted(Line("A", price(PRO, 5_000), 1), state="ended")),
        ],
        T=[(at(2, 10, 10), counted(Line("B", price(MAX, 8_000), 1)))],
    )
    assert brief(posted(told))[1:] == [
        ("02-10", "expansion", 30, {"A": {"replacement": -50}, "B": {"replacement": 80}})
    ]


def test_leaving_without_a_successor_keeps_its_cause() -> None:
    first, second = Line("A", price(PRO, 10_000), 1), Line("B", price(MAX, 4_000), 1)
    told = history(
        S=[(at(1, 10), counted(first)), (at(3, 1), counted(first, state="ended"))],
        T=[(at(2, 1), counted(second)), (at(4, 1), counted(second, state="ended"))],
    )
    assert brief(posted(told)) == [
        ("01-10", "new", 100, {"A": {"new": 100}}),
        ("02-01", "expansion", 40, {"B": {"add_on": 40}}),
        ("03-01", "contraction", -100, {"A": {"cancellation": -100}}),
        ("04-01", "churn", -40, {"B": {"cancellation": -40}}),
    ]


def test_to_nothing_by_a_coupon_lapses_and_comes_back() -> None:
    line, free = Line("A", price(PRO, 10_000), 1), Coupon("c", "c", "forever", 0, None, 15_000, "USD")
    told = history(
        S=[(at(1, 10), counted(line)), (at(2, 10), counted(line, coupons=(free,))), (at(3, 10), counted(line))]
    )
    assert brief(posted(told))[1:] == [
        ("02-10", "churn", -100, {"A": {"discount": -100}}),
        ("03-10", "reactivation", 100, {"A": {"discount": 100}}),
    ]


def test_statuses_give_their_causes() -> None:
    line = Line("A", price(PRO, 10_000), 1)
    states = ("trialing", "counted", "paused", "counted", "unpaid", "counted")
    told = history(S=[(at(1, 3 * n + 1), counted(line, state=state)) for n, state in enumerate(states)])
    causes = [next(iter(lines["A"])) for _, _, _, lines in brief(posted(told))]
    assert causes == ["trial_conversion", "pause", "resume", "unpaid", "recovery"]


def test_a_swap_at_equal_price_is_none() -> None:
    told = history(
        S=[
            (at(1, 10), counted(Line("A", price(PRO, 10_000), 1))),
            (at(2, 10), counted(Line("A", price(MAX, 10_000), 1))),
        ]
    )
    assert brief(posted(told))[1:] == [("02-10", "none", 0, {"A": {"plan": 0}})]


def test_fx_is_its_own_movement_on_the_last_day_of_the_month() -> None:
    told = history(S=[(at(1, 10), counted(Line("A", price(PRO, 10_000, currency="EUR"), 1)))])
    assert brief(posted(told, rates((1, 31, "1.10"), (2, 28, "1.08"))))[1:] == [
        ("01-31", "fx", 10, {"A": {"fx": 10}}),
        ("02-28", "fx", -2, {"A": {"fx": -2}}),
    ]


def test_down_while_the_rate_goes_up() -> None:
    euro = price(PRO, 10_000, currency="EUR"), price(PRO, 9_500, currency="EUR")
    told = history(S=[(at(1, 10), counted(Line("A", euro[0], 1))), (at(1, 31, 15), counted(Line("A", euro[1], 1)))])
    table = RateTable(iter((Rate(date(2024, 12, 31), "EUR", "1.10"), Rate(date(2025, 1, 31), "EUR", "1.20"))))
    rows = list(movements(told, table, month_ends(date(2025, 1, 1), END)))
    assert brief(iter(rows)) == [
        ("01-10", "new", 110, {"A": {"new": 110}}),
        ("01-31", "contraction", -5.5, {"A": {"price": -5.5}}),
        ("01-31", "fx", 9.5, {"A": {"fx": 9.5}}),
    ]
    assert [row["mrr_after_micros"] for row in rows] == [110_000_000, 104_500_000, 114_000_000]


def test_levels_are_joined_and_leave_out_nothing() -> None:
    line = Line("A", price(PRO, 10_000), 1)
    told = history(
        S=[
            (at(1, 10), counted(line)),
            (at(2, 10), counted(line._replace(price=price(MAX, 10_000)))),
            (at(3, 10), counted(line, state="paused")),
            (at(3, 20), counted(line)),
        ]
    )
    assert [(row["starts_at"][:10], row["ends_at"] and row["ends_at"][:10]) for row in levels(told)] == [
        ("2025-01-10", "2025-03-10"),
        ("2025-03-20", None),
    ]
