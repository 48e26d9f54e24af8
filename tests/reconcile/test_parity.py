"""Migration parity: who was lost, whose amount changed, and what a mapping of ids may say."""

from pathlib import Path

import pytest

from mrr import Book
from mrr.errors import ImportFileError, WrongUse
from mrr.policy import standard

from .books import SEEN_TEXT, book_of, causes, created, item, sub, tell, yearly

OLD = """customer_id,plan,mrr,currency,start_date
acme,team,20,USD,2023-06-01
beta,team,20,USD,2023-06-01
gone,team,50,USD,2023-06-01
dear,team,30,USD,2023-06-01
east,team,15,USD,2023-06-01
west,team,25,USD,2023-06-01
"""
IDS = "old,new\nacme,cus_a\nbeta,cus_b\ndear,cus_d\neast,cus_both\nwest,cus_both\nnobody,cus_x\n"


def migrated(folder: Path) -> Book:
    """Six customers of an old system; five of them in the new one, one with twice as much, two as one."""
    (folder / "old.csv").write_text(OLD)
    (folder / "ids.csv").write_text(IDS)
    both = sub("both", item(id="si_both", quantity=2))
    book = book_of(folder, created(sub("a"), sub("b", item(id="si_b", quantity=2)), sub("d"), both, sub("extra")))
    book.append_table(str(folder / "old.csv"), source="tabular")
    return book


def test_lost_changed_merged_and_extra(tmp_path: Path) -> None:
    """20 stays; 20 became two seats, 40; 30 became 20; 15 and 25 became 40 together; 50 is lost; one is new."""
    with migrated(tmp_path) as book:
        found = book.reconcile_parity(old="tabular", new="stripe", path=str(tmp_path / "ids.csv"), as_of=SEEN_TEXT)
    assert causes(found) == {
        "gone": ("lost", -50),
        "cus_b": ("quantity", 20),
        "cus_d": ("price", -10),
        "cus_extra": ("extra", 20),
    }
    assert (found.ours_micros, found.theirs_micros, found.net_micros) == (160_000_000, 140_000_000, -20_000_000)
    assert found.drift_micros == 100_000_000
    assert "nobody" in found.notes[1]
    assert (found.ours, found.theirs) == ("tabular", "stripe")


def test_without_a_mapping_ids_stay(tmp_path: Path) -> None:
    """240 USD a year are 20 a month: the interval alone is no drift."""
    with book_of(tmp_path, created(sub("a"), sub("b"))) as book:
        tell(book, created(sub("a"), sub("b", item(id="si_b", price=yearly()))), source="stripe:new")
        found = book.reconcile_parity(old="stripe", new="stripe:new", as_of=SEEN_TEXT)
    assert [(row.customer_id, row.cause) for row in found.rows] == []
    assert found.within


def test_a_mapping_that_contradicts_itself(tmp_path: Path) -> None:
    path = tmp_path / "ids.csv"
    with Book.create(tmp_path / "book", policy=standard()) as book:
        for text, told in (
            ("old,new\na,b\na,c\n", "row 3: a is mapped twice"),
            ("old,new\na\n", "row 2: expected old id,new id"),
            ('old,new\n"a,b\n', "unexpected end"),
        ):
            path.write_text(text)
            with pytest.raises(ImportFileError, match=told):
                book.reconcile_parity(old="a", new="b", path=str(path))
        with pytest.raises(ImportFileError, match="no such file"):
            book.reconcile_parity(old="a", new="b", path=str(tmp_path / "absent"))
        with pytest.raises(WrongUse, match="nothing is known of a source 'a'"):
            book.reconcile_parity(old="a", new="b")
