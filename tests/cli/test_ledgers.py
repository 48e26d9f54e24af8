"""Reports on another ledger than the book's own: what was known then, another policy, single sources."""

from pathlib import Path

import pytest

from tests.cli.conftest import AS_OF, Mrr

FACT = """{{"fact": "subscription", "customer": "{customer}", "subscription": "S-{customer}", "effective_at": "{at}",
    "status": "active", "currency": "USD", "items": [{{"item": "i-{customer}", "product": "pro", "price": "p",
    "unit_amount": "{amount}", "interval": "month", "quantity": 1}}], "period": ["{at}", "2030-01-01T00:00:00Z"]}}"""


def _told(place: Path, *facts: tuple[str, str, str]) -> Path:
    lines = (FACT.format(customer=c, at=at, amount=amount).replace("\n", "") for c, at, amount in facts)
    place.write_text("\n".join(lines) + "\n")
    return place


@pytest.fixture
def book(mrr: Mrr, tmp_path: Path) -> Path:
    """Acme pays 100, told first; then another account tells of beta, 70, and of its own acme, 130 from March on."""
    folder = tmp_path / "book"
    mrr("init", folder)
    first = _told(tmp_path / "a.jsonl", ("acme", "2025-01-10T00:00:00Z", "100"))
    later = _told(tmp_path / "b.jsonl", ("beta", "2025-01-20T00:00:00Z", "70"), ("acme", "2025-03-10T00:00:00Z", "130"))
    mrr("import", "--book", folder, "--as", "native", first)
    mrr("import", "--book", folder, "--as", "native", "--source", "eu", later)
    return folder


def _closing(mrr: Mrr, book: Path, *words: object) -> list[int]:
    said = mrr("rollforward", "--book", book, "--as-of", AS_OF.replace("2024", "2026"), "--json", *words)
    assert said.code == 0, said.err
    return [row["closing_micros"] // 1_000_000 for row in said.json["rows"]]


def test_what_was_known(mrr: Mrr, book: Path) -> None:
    assert _closing(mrr, book, "--to", "2025-03") == [170, 170, 300]
    assert _closing(mrr, book, "--to", "2025-03", "--known-at", "seq:1") == [100, 100, 100]
    assert _closing(mrr, book, "--to", "2025-03", "--ledger", "@seq:2") == [170, 170, 170]
    assert _closing(mrr, book, "--to", "2025-03") == [170, 170, 300]


def test_the_words_stand_in_the_definition(mrr: Mrr, book: Path) -> None:
    said = mrr("rollforward", "--book", book, "--known-at", "seq:1", "--json").json
    assert (said["definition"]["ledger"], said["definition"]["known_at_seq"]) == ("now@seq:1", 1)
    assert [row["customer_id"] for row in mrr("customers", "--book", book, "--known-at", "seq:1", "--json").lines] == [
        "acme"
    ]
    assert "ledger now@seq:1" in mrr("customers", "--book", book, "--known-at", "seq:1").out
    assert "ledger" not in mrr("customers", "--book", book).out.splitlines()[-1]


def test_sources_and_keys(mrr: Mrr, book: Path, tmp_path: Path) -> None:
    assert _closing(mrr, book, "--to", "2025-03", "--ledger", "sources=native:eu") == [70, 70, 200]
    file = tmp_path / "ours.toml"
    file.write_text('customers.exclude = [{test = "true"}]\nnormalise.day = "30"\ntimezone = "Asia/Tokyo"\n')
    assert _closing(mrr, book, "--to", "2025-03", "--ledger", file) == [170, 170, 300]
    said = mrr("metric", "arr", "--book", book, "--ledger", f"{file},sources=native:eu", "--json").json
    assert said["definition"]["timezone"] == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--known-at", "2020-01-01"), "unknown"),
        (("--known-at", "seq:1", "--ledger", "@seq:2"), "already"),
        (("--ledger", "sources=paddle"), "no source"),
        (("--ledger", "churn=never"), "no key"),
        (("--ledger", "close:2025-01"), "not closed"),
    ],
)
def test_words_that_name_no_ledger(mrr: Mrr, book: Path, words: tuple[str, ...], told: str) -> None:
    said = mrr("rollforward", "--book", book, *words)
    assert said.code == 2
    assert told in said.err
