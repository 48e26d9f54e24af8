"""Another tool's figures per customer: who agrees, who differs, and which hypotheses would close the gap."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mrr.book import Book
from mrr.book.comparing import Compared
from mrr.compare import Hypothesis
from mrr.errors import ImportFileError, WrongUse
from mrr.policy import preset
from tests.compare.books import OURS, STORIES, table, told

AT = {"as_of": "2024-05-15"}
MILLION = 1_000_000


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    with told(tmp_path_factory.mktemp("compare")) as open_book:
        yield open_book


def compared(book: Book, folder: Path, claim: Any, **words: Any) -> Compared:
    """A comparison on the day, without hypotheses unless they are what the test is about."""
    return book.compare(path=table(folder, "customer_id,mrr", claim), **({"why": False} | AT | words))


def named(found: Compared, name: str) -> Hypothesis:
    (one,) = [one for one in found.hypotheses if one.name == name and one.kind != "keys"]
    return one


def test_what_agrees_needs_no_hypothesis(book: Book, tmp_path: Path) -> None:
    found = compared(book, tmp_path, OURS)
    assert (found.agreement.matched, found.agreement.gap_micros, found.gaps, found.hypotheses) == (9, 0, [], [])
    assert found.agreement.within
    assert found.definition.policy == "standard"
    (moment,) = found.moments
    assert moment.theirs_micros == moment.ours_micros == sum(OURS.values()) * MILLION


def test_less_than_a_cent_is_no_difference(book: Book, tmp_path: Path) -> None:
    assert compared(book, tmp_path, OURS | {"p1": "10.009"}).agreement.matched == 9
    found = compared(book, tmp_path, OURS | {"p1": "10.01"})
    assert [(gap.customer_id, gap.difference_micros) for gap in found.gaps] == [("p1", 10_000)]
    assert found.gaps[0].share == "0.10%"


def test_gaps_say_on_which_side_somebody_is(book: Book, tmp_path: Path) -> None:
    claim = {who: figure for who, figure in OURS.items() if who != "p5"} | {"nobody": 5, "tester": 500, "p1": 12}
    found = compared(book, tmp_path, claim, why=True)
    told_so = {gap.customer_id: (gap.kind, gap.known, gap.difference_micros // MILLION, gap.row) for gap in found.gaps}
    assert told_so == {
        "tester": ("only_theirs", "excluded", 500, 11),
        "p5": ("only_ours", "", -50, None),
        "nobody": ("only_theirs", "unknown", 5, 10),
        "p1": ("differs", "", 2, 2),
    }
    counts = found.agreement
    assert (counts.matched, counts.differing, counts.only_theirs, counts.only_ours) == (7, 1, 2, 1)
    assert counts.gap_micros == 557 * MILLION
    missing = named(found, "missing in the journal")
    assert (missing.gap_before_micros, missing.gap_after_micros, missing.explained) == (557 * MILLION, 552 * MILLION, 1)
    assert named(found, "excluded customers").gap_after_micros == 57 * MILLION
    assert named(found, "left out by them").gap_after_micros == 507 * MILLION


def test_the_preset_that_made_the_figures_closes_the_whole_gap(book: Book, tmp_path: Path) -> None:
    """A tool that leaves coupons be and lets go at the request: its preset first, then the keys one by one."""
    theirs = OURS | {"coupon": 80, "leaving": 0}
    found = compared(book, tmp_path, theirs, why=True)
    best = next(one for one in found.hypotheses if one.kind == "preset")
    assert (best.name, best.gap_after_micros, best.explained, best.broken) == ("stripe", 0, 2, 0)
    assert "Stripe" in best.says
    request = named(found, "churn_at = request")
    assert (request.gap_after_micros, request.explained, request.examples) == (20 * MILLION, 1, ["native/leaving"])
    together = [one for one in found.hypotheses if one.kind == "keys"]
    assert {one.name for one in together if not one.gap_after_micros} == {
        "churn_at = request, discount.repeating = ignore"
    }
    assert [one.gap_after_micros for one in found.hypotheses] == sorted(
        one.gap_after_micros for one in found.hypotheses
    )


def test_a_hypothesis_says_what_it_would_break(book: Book, tmp_path: Path) -> None:
    """A preset that lets go at the request explains one figure, and breaks the coupon's, which agrees now."""
    found = compared(book, tmp_path, OURS | {"leaving": 0}, why=True)
    assert (named(found, "churn_at = request").broken, named(found, "churn_at = request").gap_after_micros) == (0, 0)
    stripe = next(one for one in found.hypotheses if (one.kind, one.name) == ("preset", "stripe"))
    assert (stripe.explained, stripe.broken) == (1, 1)


def test_a_later_figure_is_told(book: Book, tmp_path: Path) -> None:
    """On 1 June the leaving customer is gone; their figure of 31 May is of a day later."""
    claim = {who: figure for who, figure in OURS.items() if who != "leaving"}
    path = table(tmp_path, "customer_id,mrr,date", [f"{who},{figure},2024-05-31" for who, figure in claim.items()])
    assert book.compare(path=path).gaps == []
    path = table(tmp_path, "customer_id,mrr,date", [f"{who},{figure},2024-05-30" for who, figure in claim.items()])
    found = book.compare(path=path)
    assert [gap.customer_id for gap in found.gaps] == ["leaving"]
    assert named(found, "a day later").gap_after_micros == 0
    assert named(found, "a day later").kind == "time"


def test_amounts_of_another_currency_are_compared_as_they_are_billed(tmp_path: Path) -> None:
    rates = [{"fact": "rate", "day": "2024-03-01", "currency": "EUR", "base": "USD", "rate": "1.10"}]
    euro = {
        "fact": "subscription", "customer": "euro", "subscription": "euro", "effective_at": "2024-03-02T00:00:00Z",
        "status": "active", "currency": "EUR",
        "items": [{"item": "A", "product": "pro", "price": "eur", "unit_amount": "100.00", "interval": "month"}],
    }  # fmt: skip
    stories = {name: STORIES[name] for name in ("p1", "p2")}
    with told(tmp_path, stories, facts=[*rates, euro]) as book:
        claim = table(tmp_path, "customer,mrr,currency", ["p1,10,USD", "p2,20,USD", "euro,100,EUR"])
        assert book.compare(path=claim, **AT).gaps == []
        claim = table(tmp_path, "customer,mrr", ["p1,10", "p2,20", "euro,100"])
        found = book.compare(path=claim, **AT)
        assert [(gap.customer_id, gap.ours_micros) for gap in found.gaps] == [("euro", 110 * MILLION)]
        assert named(found, "not converted").gap_after_micros == 0


def test_customers_are_matched_by_an_attribute_where_no_id_fits(book: Book, tmp_path: Path) -> None:
    found = compared(book, tmp_path, {f"{who}@example.com": figure for who, figure in OURS.items()})
    assert found.agreement.matched == 9
    assert any("attribute 'email'" in sentence for sentence in found.assumed)


def test_rows_of_one_customer_are_added_up(book: Book, tmp_path: Path) -> None:
    rows = [f"{who},{figure}" for who, figure in OURS.items() if who != "p5"] + ["p5,20", "native/p5,30"]
    found = book.compare(path=table(tmp_path, "customer_id,mrr", rows), **AT)
    assert found.agreement.matched == 9


def test_the_threshold_decides(book: Book, tmp_path: Path) -> None:
    """10 of 440 is 2.27 %."""
    claim = OURS | {"p1": 20}
    assert compared(book, tmp_path, claim).agreement.share == "2.27%"
    assert not compared(book, tmp_path, claim).agreement.within
    assert compared(book, tmp_path, claim, threshold="3%").agreement.within
    assert not compared(book, tmp_path, claim, threshold="0.02").agreement.within
    for threshold in ("much", "-1%"):
        with pytest.raises(WrongUse, match=threshold):
            compared(book, tmp_path, claim, threshold=threshold)


def test_totals_by_month_are_compared_month_by_month(book: Book, tmp_path: Path) -> None:
    rows = ["2024-03,440", "2024-04,440", "2024-05,380"]
    found = book.compare(path=table(tmp_path, "month,mrr", rows))
    assert [(moment.label, moment.difference_micros) for moment in found.moments] == [
        ("2024-03", 0),
        ("2024-04", 0),
        ("2024-05", 0),
    ]
    assert found.agreement.matched == 3
    found = book.compare(path=table(tmp_path, "month,mrr", ["2024-03,460", "2024-04,460", "2024-05,400"]))
    assert found.agreement.gap_micros == 60 * MILLION
    assert named(found, "discount.repeating = ignore").gap_after_micros == 0
    assert named(found, "discount.repeating = ignore").explained == 3
    assert {gap.customer_id for gap in found.gaps} == {""}


def test_a_time_in_the_table_leaves_no_room_for_another(book: Book, tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="says itself"):
        book.compare(path=table(tmp_path, "customer,mrr,month", ["p1,10,2024-05"]), **AT)


def test_of_several_months_the_last_is_told_customer_by_customer(book: Book, tmp_path: Path) -> None:
    rows = [f"{who},{figure},{month}" for month in ("2024-03", "2024-04") for who, figure in OURS.items()]
    found = book.compare(path=table(tmp_path, "customer,mrr,month", [*rows, "nobody,7,2024-03"]))
    assert [moment.difference_micros for moment in found.moments] == [7 * MILLION, 0]
    assert found.gaps == []


def test_a_name_in_two_sources_must_be_written_out(tmp_path: Path) -> None:
    with told(tmp_path, {"p1": STORIES["p1"]}) as book:
        sheet = tmp_path / "more.csv"
        sheet.write_text("customer_id,start_date,mrr\np1,2024-03-01,5\n", encoding="utf-8")
        book.append_table(str(sheet))
        with pytest.raises(WrongUse, match=r"row 2: 'p1' is several customers: native/p1, tabular/p1"):
            book.compare(path=table(tmp_path, "customer,mrr", ["p1,10"]), **AT)
        assert book.compare(path=table(tmp_path, "customer,mrr", ["native/p1,10", "tabular/p1,5"]), **AT).gaps == []


def test_the_policy_of_the_book_is_the_one_that_others_are_held_against(tmp_path: Path) -> None:
    """Under the preset of the tool nothing differs, and the standard is one of the keys that would not help."""
    with told(tmp_path, policy=preset("stripe")) as book:
        claim = OURS | {"coupon": 80}
        del claim["leaving"]
        found = compared(book, tmp_path, claim)
        assert (found.gaps, found.definition.policy) == ([], "stripe")


def test_the_figures_travel_to_whoever_owns_the_book(book: Book, tmp_path: Path) -> None:
    """A second process asks over the socket, and gets the same answer."""
    claim = table(tmp_path, "customer_id,mrr", OURS | {"p1": 12})
    with Book(book.folder) as other:
        words: dict[str, Any] = {"path": claim, "why": False, **AT}
        assert msgspec.json.encode(other.compare(**words).gaps) == msgspec.json.encode(book.compare(**words).gaps)


@pytest.mark.parametrize(
    ("header", "rows", "place"),
    [
        ("customer,mrr", ["p1,ten"], "row 2, column mrr: no amount: 'ten'"),
        ("customer,mrr", ["p1,10", ",5"], "row 3, column customer: empty"),
        ("customer,mrr", ["p1,"], "row 2, column mrr: empty"),
        ("customer,mrr", ['p1,"1,000"'], "may mean two numbers"),
        ("customer,mrr", ["p1,1,000"], "row 2: 3 cells under 2 columns"),
        ("customer,mrr,month", ["p1,10,2024-13"], "row 2, column month"),
        ("customer,mrr,date", ["p1,10,05/06/2024"], "may be two days"),
        ("customer,mrr,currency", ["p1,10,DOL"], "row 2, column currency: unknown currency 'DOL'"),
        ("customer,plan", ["p1,pro"], "no column is known for MRR"),
        ("customer,mrr", [], "no figure under the header"),
    ],
)
def test_bad_input_is_told_by_row_and_column(
    book: Book, tmp_path: Path, header: str, rows: list[str], place: str
) -> None:
    with pytest.raises(ImportFileError, match=r"claim\.csv") as told_so:
        book.compare(path=table(tmp_path, header, rows))
    assert place in str(told_so.value)
    assert told_so.value.remedy


def test_a_mapping_says_how_cells_are_read(book: Book, tmp_path: Path) -> None:
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        'decimal = "comma"\ndates = ["%m/%Y"]\n[columns]\ncustomer = "Kunde"\namount = "Betrag"\non = "Monat"\n',
        encoding="utf-8",
    )
    path = table(tmp_path, "Kunde;Betrag;Monat", [f"{who};{figure},00;04/2024" for who, figure in OURS.items()])
    found = book.compare(path=path, mapping=str(mapping))
    assert (found.agreement.matched, found.moments[0].label) == (9, "2024-04")
    yearly = table(tmp_path, "customer,arr_usd", {who: figure * 12 for who, figure in OURS.items()})
    found = book.compare(path=yearly, **AT)
    assert found.agreement.matched == 9
    assert any("a twelfth" in sentence for sentence in found.assumed)
