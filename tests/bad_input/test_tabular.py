"""Tables that are not what they should be: the message names row and column, and nothing of them goes in."""

import io
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from mrr.book import Book
from mrr.derivation import ingest
from mrr.errors import MrrError, WrongUse
from mrr.policy import standard

GOOD = "subscription_id,customer,start,end,mrr\nS1,ann,2024-01-01,2024-06-01,50\nS2,bob,2024-02-01,,20\n"
AS_OF = "2024-04-01"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A book with one good table in it."""
    with Book.create(tmp_path / "book", policy=standard()) as made:
        (tmp_path / "good.csv").write_text(GOOD)
        made.append_table(str(tmp_path / "good.csv"))
    return tmp_path / "book"


def state(book: Path) -> tuple[int, str | None, int]:
    """Entries, digest of the ledger, and MRR of the book."""
    with Book(book) as opened:
        found = opened.verify()
        assert found.ok
        return found.entries, found.ledger_digest, opened.rollforward(as_of=AS_OF).rows[-1].closing_micros


def refused(book: Path, content: str | bytes, mapping: str = "", name: str = "table.csv") -> MrrError:
    """The error of an import, which must have left everything as it was; and so must the rehearsal."""
    before = state(book)
    file, terms = book.parent / name, book.parent / "mapping.toml"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    terms.write_text(mapping, "utf-8")
    with Book(book) as opened, pytest.raises(MrrError) as error:
        opened.append_table(str(file), mapping=str(terms))
    assert state(book) == before
    assert before[0] == 3
    assert before[2] == 70_000_000
    return error.value


def taken(book: Path, content: str | bytes, mapping: str = "") -> int:
    """MRR after an import that goes well, in major units."""
    file, terms = book.parent / "table.csv", book.parent / "mapping.toml"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    terms.write_text(mapping, "utf-8")
    with Book(book) as opened:
        counts = opened.append_table(str(file), mapping=str(terms)).counts
    assert counts.quarantined == counts.conflicts == counts.key_reused == 0
    return state(book)[2] // 1_000_000


def excel() -> bytes:
    """What a spreadsheet program saves, under whatever name."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return file.getvalue()


LONG = "customer,start,mrr\n" + "".join(f"c{number},2024-01-01,1\n" for number in range(7000))


@pytest.mark.parametrize(("content", "message"), [
    ("customer,start\nann,2024-01-01\n", "row 1: the header does not tell what kind of table this is"),
    ("customer,start,start,mrr\nann,2024-01-01,2024-01-01,5\n", "row 1: column 'start' is there twice, at 2 and 3"),
    ("ann,2024-01-01,50\nbob,2024-01-02,60\n", "row 1, column 2: '2024-01-01' is a value, not a header"),
    ("", "row 1: there is no header"),
    ("\n\n", "row 1: there is no header"),
    ("customer,start,mrr\nann,2024-01-01\n", "row 2: 2 cells under 3 columns"),
    ("customer,start,mrr\nann,2024-01-01,5\nbob,2024-01-01,5,USD\n", "row 3: 4 cells under 3 columns"),
    ('customer,start,mrr\nann,2024-01-01,"5\n', "row 2: no CSV"),
    ("customer,start,mrr\nann,NULL,5\n", "row 2, column start: empty: a date is needed"),
    ("customer,start,mrr\nann,2024-01-01,N/A\n", "row 2, column mrr: empty"),
    ("customer,start,mrr\n,2024-01-01,5\n", "row 2, column customer: empty"),
    ("customer,start,mrr\nann,2024-01-15,5\nbob,15/01/2024,5\ncid,03/04/2024,5\n", "row 3, column start: no ISO date"),
    ("customer,start,mrr\nann,2024-01-15,5\ncid,03/04/2024,5\n", "row 3, column start: '03/04/2024' may be two days"),
    ("customer,start,mrr\nann,2024-01-01,€5\n", "row 2, column mrr: '€5' in a row of USD"),
    ("customer,start,mrr\nann,2024-01-01,$5\nbob,2024-01-01,5 GBP\n", "row 3, column mrr: '5 GBP' in a row of USD"),
    ("customer,start,mrr,currency\nann,2024-01-01,5,EURO\n", "row 2, column currency: unknown currency 'EURO'"),
    ("customer,start,end,mrr\nann,2024-05-01,2024-04-30,5\n", "row 2, column end: 2024-04-30 lies before the start"),
    ("subscription_id,customer,start,end,mrr\nX,ann,2024-01-01,2024-03-01,5\nX,ann,2024-02-01,,6\n",
     "rows 2, 3, column end: two periods of item '1' overlap"),
    ("customer,start,mrr\nann,2024-01-01,-5\n", "row 2, column mrr: expected an amount of at least 0"),
    ("customer,start,mrr,is_trial\nann,2024-01-01,5,maybe\n", "row 2, column is_trial: neither true nor false"),
    (LONG + "late,2024-01-01,dear\n", "row 7002, column mrr: no amount: 'dear'"),
    (excel(), "this is an Excel workbook"),
    (GOOD.encode("utf-16"), "the text is UTF-16"),
    (b"customer,start,mrr\nann,2024-01-01,5\ncaf\xe9,2024-01-01,5\n", "row 3: not UTF-8: byte 0xe9"),
    (b"customer,start,mrr\nann\0,2024-01-01,5\n", "row 2: a zero byte"),
    (b"PAR1 or so", "no Parquet"),
    ('{"customer": "ann", "start": "2024-01-01", "mrr": 5}\n{"customer": \n', "row 2: no JSON object"),
    (b"\x1f\x8b\x08\x00broken", "the compressed file is damaged"),
    (b"a" * (2**24 + 1), "a line of more than"),
], ids=["missing column", "doubled column", "no header", "empty", "blank lines", "short row", "long row", "open quote",
        "NULL for a date", "N/A for an amount", "no customer", "dates of two kinds", "a day that may be two",
        "another currency's sign", "mixed currencies", "no currency", "end before start", "overlap", "negative",
        "neither true nor false", "far down", "Excel", "UTF-16", "Latin-1", "zero byte", "no Parquet", "no JSON",
        "damaged gzip", "no lines"])  # fmt: skip
def test_what_is_wrong_and_where(book: Path, content: str | bytes, message: str) -> None:
    error = refused(book, content)
    assert message in str(error)
    assert "table.csv: " in str(error)
    assert error.remedy


@pytest.mark.parametrize(
    ("mapping", "message", "remedy"),
    [
        (
            '[columns]\ncustomer = "custmer"',
            "there is no column 'custmer'; did you mean 'customer'?",
            "customer, start",
        ),
        ('table = "periods"\n[columns]\ncustomer = "customer"', "needs a column for 'starts_on'", "[columns]"),
        ('table = "rates"', "a table of rates needs a column for 'on'", "[columns]"),
        ('attributes = ["segment"]', "there is no column 'segment'", "The columns are"),
        ("drop = { paid = ['no'] }", "there is no column 'paid'", "The columns are"),
    ],
)
def test_a_mapping_that_does_not_fit(book: Path, mapping: str, message: str, remedy: str) -> None:
    error = refused(book, GOOD, mapping)
    assert message in str(error)
    assert remedy in error.remedy


def test_a_mapping_that_is_not_there(book: Path) -> None:
    with Book(book) as opened, pytest.raises(WrongUse, match="No such file"):
        opened.append_table(str(book.parent / "good.csv"), mapping=str(book.parent / "nowhere.toml"))


@pytest.mark.parametrize(("content", "mapping"), [
    ("\ufeffcustomer,start,mrr\r\ncid,2024-01-01,5\r\n", ""),
    ("customer,start,end,mrr\ncid,2024-01-01,NULL,5\n", ""),
    ("customer,start,mrr\ncid,15/01/2024,5\n", 'dates = ["%d/%m/%Y"]'),
    ("customer,start,mrr,notes\ncid,2024-01-15,2,\ncid,16/01/2024,2,\ncid,Jan 17 2024,1,\n",
     'dates = ["%Y-%m-%d", "%d/%m/%Y", "%b %d %Y"]'),
    ("customer,start,mrr\ncid,2024-01-01,$5.00\n", ""),
    ('customer;start;mrr\ncid;2024-01-01;"5,00"\n', 'decimal = "comma"'),
    ("customer,start,end,mrr\ncid,2024-01-01,,2\ncid,2024-02-01,,3\n", ""),
    ("subscription_id,customer,plan,start,end,mrr\nX,cid,a,2024-01-01,,2\nX,cid,b,2024-02-01,,3\n",
     '[columns]\nsubscription = "subscription_id"\ncustomer = "customer"\nitem = "plan"\nstarts_on = "start"\n'
     'ends_on = "end"\namount = "mrr"'),
    ("customer,start,mrr,currency\ncid,2024-01-01,5,usd\n", ""),
    ("customer,start,mrr\n\ncid,2024-01-01,5\n\n", ""),
], ids=["BOM and CRLF", "NULL for no end", "day first", "three formats", "dollars", "decimal comma", "side by side",
        "items", "small letters", "blank lines"])  # fmt: skip
def test_what_is_odd_but_fine(book: Path, content: str, mapping: str) -> None:
    assert taken(book, content, mapping) == 75


def test_mixed_currencies_with_a_column_wait_for_their_rates(book: Path) -> None:
    text = "customer,start,mrr,currency\ncid,2024-01-01,5,USD\ndan,2024-01-01,7,EUR\n"
    assert taken(book, text) == 75
    with Book(book) as opened:
        assert opened.definition(as_of=AS_OF).pending_items == 1


def test_the_same_file_twice_changes_nothing(book: Path) -> None:
    before = state(book)
    with Book(book) as opened:
        counts = opened.append_table(str(book.parent / "good.csv")).counts
    assert (counts.entries, counts.duplicates) == (3, 3)
    assert state(book) == before


def test_a_table_stopped_on_its_way_is_completed_by_the_next_import(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Appending is batch by batch: what an interrupt leaves is a prefix, and the same file brings the rest."""
    monkeypatch.setattr(ingest, "BATCH", 2)
    text = "customer,start,mrr\n" + "".join(f"c{number},2024-01-01,1\n" for number in range(9))
    (book.parent / "nine.csv").write_text(text)
    with Book(book) as opened:
        append, calls = opened.journal.append, []

        def stopped(*words: object) -> object:
            calls.append(words)
            if len(calls) == 3:
                raise KeyboardInterrupt
            return append(*words)  # type: ignore[arg-type]

        monkeypatch.setattr(opened.journal, "append", stopped)
        with pytest.raises(KeyboardInterrupt):
            opened.append_table(str(book.parent / "nine.csv"))
        monkeypatch.undo()
        counts = opened.append_table(str(book.parent / "nine.csv")).counts
    assert (counts.duplicates, counts.decoded) == (4, 6)
    assert state(book)[2] == 79_000_000


READING = """
import resource
from mrr.derivation import ingest
from mrr.providers.tabular import Usual
started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with ingest.table(ingest.TableAt("-"), Usual("USD", "UTC")) as offered:
    size = sum(len(body) for body in offered.bodies())
print(offered.counts["rows"], size, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - started)
"""


@pytest.mark.slow
def test_a_long_pipe_is_not_held_in_memory() -> None:
    """What comes through is several times as large as what the program takes beyond its start."""
    rows, width = 60_000, 3_000
    program = subprocess.Popen([sys.executable, "-c", READING], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert program.stdin is not None
    assert program.stdout is not None
    stdin = program.stdin

    def feed() -> None:
        stdin.write(b"customer,start,mrr,notes\n")
        for number in range(rows):
            stdin.write(f"c{number},2024-01-01,1,{number:0{width}d}\n".encode())
        stdin.close()

    feeder = threading.Thread(target=feed)
    feeder.start()
    count, size, grown = map(int, program.stdout.read().split())
    feeder.join()
    program.stdout.close()
    assert program.wait() == 0
    assert count == rows
    assert size > rows * width
    assert grown * 1024 < size / 2
