"""Files that are not what they should be: the place and the reason, and what was whole before the damage goes in."""

import gzip
import io
import os
import random
import resource
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from mrr.answers import ImportCounts
from mrr.book import Book
from mrr.derivation import ingest
from mrr.errors import ImportFileError, WrongUse

from .telling import body, closing, created, event, goes_on, told, whole

GOOD = [body(event(number)) for number in range(1, 6)]
LINES = b"\n".join(GOOD) + b"\n"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """An empty book."""
    return created(tmp_path / "book")


def offered(book: Path, content: bytes, source: str = "stripe", name: str = "events.jsonl") -> ImportCounts:
    """The counts of an import of a file with this content."""
    file = book.parent / name
    file.write_bytes(content)
    with Book(book) as ledger:
        counts = ledger.append(str(file), source=source)
    assert whole(counts)
    return counts


def reasons(book: Path) -> list[str | None]:
    """Why entries are quarantined, in the order of the journal."""
    with Book(book) as ledger:
        return [entry.reason for entry in ledger.quarantine()]


def test_a_line_cut_short_in_the_middle(book: Path) -> None:
    counts = offered(book, b"\n".join([*GOOD[:2], GOOD[2][:150], *GOOD[3:]]))
    assert (counts.entries, counts.decoded, counts.quarantined) == (5, 4, 1)
    assert reasons(book) == ["truncated JSON at byte 150"]
    assert closing(book) == 80_000_000
    goes_on(book)


@pytest.mark.parametrize(("bad", "reason"), [
    (b"[" * 100_000, "expected object"),
    (b'{"a":' * 100_000, "nested too deeply"),
    (GOOD[0].replace(b'"livemode": true', b'"livemode": NaN'), "malformed JSON at byte 111: invalid character"),
    (b'{"id": "caf\xe9"}', "expected UTF-8, got byte 0xe9"),
    (b'{"id": "\\ud800"}', "malformed JSON: half a surrogate pair"),
    (b'{"id": "a\0b"}', "malformed JSON at byte 9: invalid character"),
    (GOOD[0].decode().encode("utf-16").replace(b"\n", b" "), "expected UTF-8, got UTF-16 or UTF-32"),
    (b"null", "expected object, got null"),
    (random.Random(1).randbytes(300).replace(b"\n", b" "), "expected UTF-8, got byte"),
], ids=["brackets", "braces", "NaN", "Latin-1", "surrogate", "NUL", "UTF-16", "null", "junk"])  # fmt: skip
def test_one_bad_line_among_good_ones(book: Path, bad: bytes, reason: str) -> None:
    counts = offered(book, b"\n".join([*GOOD[:2], bad, *GOOD[2:]]))
    assert (counts.entries, counts.decoded, counts.quarantined) == (6, 5, 1)
    (told_reason,) = reasons(book)
    assert told_reason is not None
    assert reason in told_reason
    assert closing(book) == 100_000_000


def test_a_byte_order_mark_does_no_harm(book: Path) -> None:
    assert offered(book, b"\xef\xbb\xbf" + LINES).decoded == 5


def test_a_whole_file_in_utf_16(book: Path) -> None:
    assert offered(book, LINES.decode().encode("utf-16")).quarantined == 1
    assert reasons(book) == ["expected UTF-8, got UTF-16 or UTF-32"]
    assert offered(book, LINES).decoded == 5


def test_a_name_that_is_no_utf_8(book: Path) -> None:
    assert offered(book, LINES, name=os.fsdecode(b"caf\xe9.jsonl")).decoded == 5


@pytest.mark.parametrize("content", [b"", b"\n\n", b"[]", b"[\n]\n", b'{"object": "list", "data": []}'])
@pytest.mark.parametrize("source", ["stripe", "rates"])
def test_nothing_in_it(book: Path, content: bytes, source: str) -> None:
    if source == "rates" and content.strip():
        pytest.skip("rates are a CSV")
    assert offered(book, content, source).entries == 0
    goes_on(book)


def test_a_list_object_and_an_array(book: Path) -> None:
    assert offered(book, b'{"object": "list", "data": [' + b",".join(GOOD[:3]) + b"]}").decoded == 3
    counts = offered(book, b"[\n" + b",\n".join(GOOD) + b"\n]")
    assert (counts.decoded, counts.duplicates) == (2, 3)


@pytest.mark.parametrize(("content", "reason"), [
    (b"[" + b",".join(GOOD)[:-9], "truncated JSON"),
    (b'{"object": "list", "data": [' + b",".join(GOOD)[:-9], "truncated JSON"),
    (b"[" * 100_000, "nested too deeply"),
    (b'{"object": "list", "data": 5}', "expected an array in a list object"),
])  # fmt: skip
@pytest.mark.parametrize("source", ["stripe", "native"])
def test_a_list_that_cannot_be_taken_apart(book: Path, content: bytes, reason: str, source: str) -> None:
    if source == "native" and not content.startswith(b"["):
        pytest.skip("only Stripe has list objects")
    with pytest.raises(ImportFileError, match=r"events\.jsonl: ") as raised:
        offered(book, content, source)
    if source == "stripe":
        assert reason in str(raised.value)
    assert raised.value.remedy
    goes_on(book)


def test_a_compressed_file_cut_short_gives_what_is_whole(book: Path) -> None:
    noisy = [body(event(number, metadata={"noise": os.urandom(40).hex()})) for number in range(100)]
    packed = gzip.compress(b"\n".join(noisy))
    with pytest.raises(ImportFileError, match=r"the compressed file is damaged: .*ended before") as raised:
        offered(book, packed[: len(packed) * 2 // 3], name="events.jsonl.gz")
    assert "Whole entries before the damage were imported" in raised.value.remedy
    with Book(book) as ledger:
        found = ledger.verify()
    assert found.ok
    assert 40 < found.entries < 80
    assert found.outcomes == {"decoded": found.entries}
    again = offered(book, packed, name="events.jsonl.gz")
    assert (again.decoded, again.duplicates) == (100 - found.entries, found.entries)


@pytest.mark.parametrize("source", ["stripe", "rates"])
def test_a_compressed_file_with_wrong_bytes(book: Path, source: str) -> None:
    packed = bytearray(gzip.compress(LINES))
    packed[20:40] = bytes(20)
    with pytest.raises(ImportFileError, match=r"events\.gz: the compressed file is damaged"):
        offered(book, bytes(packed), source, "events.gz")
    goes_on(book)


def test_no_file_and_no_plain_file(book: Path, tmp_path: Path) -> None:
    with Book(book) as ledger:
        with pytest.raises(ImportFileError, match="absent: no such file"):
            ledger.append(str(tmp_path / "absent"))
        with pytest.raises(ImportFileError, match="is a directory") as raised:
            ledger.append(str(tmp_path))
        assert raised.value.remedy == "Name the files in it."
        with pytest.raises(WrongUse, match="unknown provider 'paper'"):
            ledger.append(str(book / "mrr.toml"), source="paper")
        assert ledger.verify().entries == 0
    goes_on(book)


def test_standard_input(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = gzip.compress(LINES)
    for content in (LINES, packed):
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BufferedReader(io.BytesIO(content))))
        with Book(book) as ledger:
            assert ledger.append("-").entries == 5
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BufferedReader(io.BytesIO(packed[:-30]))))
    with Book(book) as ledger, pytest.raises(ImportFileError, match="standard input: the compressed file is damaged"):
        ledger.append("-")
    goes_on(book)


@pytest.mark.parametrize(("line", "reason"), [
    ("2025-01-02,EUR", "expected day,currency,value"),
    ("2025-01-02,EUR,dear", "value: no decimal: 'dear'"),
    ("2025-01-02,EUR,NaN", "value: expected a positive rate"),
    ("2025-01-02,EUR,-1", "value: expected a positive rate"),
    ("2025-01-02,EUR,0", "value: expected a positive rate"),
    ("2025-01-02,XXL,1", "currency: unknown currency 'XXL'"),
    ("0000-01-02,EUR,1", "day: no date: '0000-01-02'"),
    ("1969-12-31,EUR,1", "day: no date: '1969-12-31'"),
    ("12345-01-02,EUR,1", "day: no date"),
])  # fmt: skip
def test_a_bad_rate_names_its_line_and_nothing_is_appended(book: Path, line: str, reason: str) -> None:
    text = f"day,currency,value\n2025-01-01,EUR,1.1\n{line}\n2025-01-03,EUR,1.2\n"
    with pytest.raises(ImportFileError, match=r"rates\.csv:3: ") as raised:
        offered(book, text.encode(), "rates", "rates.csv")
    assert reason in str(raised.value)
    with Book(book) as ledger:
        assert ledger.verify().entries == 0


@pytest.mark.parametrize(("content", "reason"), [
    ("2025-01-01,EUR,1.1\n".encode("utf-16"), "rates.csv: not UTF-8 at byte 0"),
    (b"x" * 200_000 + b",EUR,1\n", "rates.csv: no CSV: field larger than field limit"),
])  # fmt: skip
def test_a_file_that_is_no_csv(book: Path, content: bytes, reason: str) -> None:
    with pytest.raises(ImportFileError, match=reason):
        offered(book, content, "rates", "rates.csv")
    goes_on(book)


def test_a_body_of_a_hundred_megabytes(book: Path) -> None:
    large = b'{"id": "evt_9", "padding": "' + b"x" * 100 * 1024 * 1024 + b'"}'
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    counts = offered(book, b"\n".join([*GOOD[:2], large, *GOOD[2:]]))
    assert (counts.decoded, counts.quarantined) == (5, 1)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1024 * 1024  # kB
    (reason,) = reasons(book)
    assert reason == f"{len(large):,} bytes; a body of Stripe's has at most 16,777,216"
    goes_on(book)


def test_large_bodies_make_several_batches(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "BATCH_BYTES", 2 * len(GOOD[0]))
    batches: list[int] = []
    with Book(book, progress=lambda step, done, _: batches.append(done) if step == "append" else None) as ledger:
        assert ledger.append_bodies([*GOOD, *GOOD], source="stripe").duplicates == 5
    assert batches == [2, 4, 6, 8, 10]


def test_what_was_told_before_stands(book: Path) -> None:
    assert offered(book, body(told("acme")), "native").decoded == 1
    with pytest.raises(ImportFileError):
        offered(book, b"[" + body(told("b"))[:-5], "native")
    assert closing(book) == 20_000_000
