"""`mrr reconcile` as it is typed: exit codes, what is shown, JSON, and the history."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Mrr, mrr

from .books import SEEN_TEXT, book_of, created, item, listed, sub
from .test_cash import told
from .test_prorations import invoice, line

__all__ = ["mrr"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book, a list and exports that differ from it."""
    folder = tmp_path_factory.mktemp("program")
    bodies = [*told("a"), *created(sub("b", item(id="si_b", quantity=2))), invoice(line(1365, on=10))]
    book_of(folder, bodies).close()
    listed(folder, [sub("a"), sub("c")])
    (folder / "crm.csv").write_text("customer,status,mrr\ncus_a,active,20\ncus_b,paused,\n")
    (folder / "agreed.csv").write_text("customer,status\ncus_a,active\ncus_b,active\n")
    return folder


def test_a_list_that_differs_is_exit_1(mrr: Mrr, folder: Path) -> None:
    said = mrr(
        "reconcile", "subscriptions", folder / "list.json", "--book", folder / "book", "--observed-at", SEEN_TEXT
    )
    assert said.code == 1
    assert "✗ subscriptions: the book 60.00, the list in list.json 40.00 USD" in said.out
    assert "drift 60.00 USD, 100 % of at most 0.5 %; 2 compared, 2 differences" in said.out
    assert "1 absent, 1 missing" in said.out
    assert "sub_c: unknown in the book, active in the list; no entry tells of it → backfill" in " ".join(
        said.out.split()
    )


def test_the_same_as_json(mrr: Mrr, folder: Path) -> None:
    words = ("subscriptions", folder / "list.json", "--observed-at", SEEN_TEXT, "--threshold", 100)
    said = mrr("reconcile", *words, "--book", folder / "book", "--json")
    assert said.code == 0
    found = said.json
    assert (found["drift_percent"], found["threshold_percent"], found["within"]) == ("100.000000", "100", True)
    assert {row["cause"]: row["difference_micros"] for row in found["rows"]} == {
        "absent": -40_000_000,
        "missing": 20_000_000,
    }
    assert found["at"] == "2024-01-11T00:00:00Z"
    assert found["definition"]["metric"] == "mrr.ending"


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("invoices", "--as-of", "2024-01-16"), 1, "cus_b"),
        (("cash", "--as-of", "2024-01-16", "--from", "2024-01"), 1, "uninvoiced"),
        (("crm", "FOLDER/crm.csv", "--as-of", SEEN_TEXT), 1, "active here, paused there"),
        (("entitlements", "FOLDER/agreed.csv", "--as-of", SEEN_TEXT), 0, "✓ entitlements"),
        (("prorations", "--as-of", "2024-01-16"), 1, "13.55 USD recomputed, 13.65 USD billed"),
        (("parity", "stripe", "stripe", "--as-of", SEEN_TEXT), 0, "✓ parity"),
    ],
)
def test_each_comparison(mrr: Mrr, folder: Path, words: tuple[str, ...], code: int, told: str) -> None:
    said = mrr("reconcile", *(word.replace("FOLDER", str(folder)) for word in words), "--book", folder / "book")
    assert (said.code, said.err) == (code, "")
    assert told in " ".join(said.out.split())


def test_the_history(mrr: Mrr, folder: Path) -> None:
    mrr("reconcile", "entitlements", folder / "agreed.csv", "--as-of", SEEN_TEXT, "--book", folder / "book")
    shown = mrr("reconcile", "history", "--book", folder / "book")
    assert "entitlements" in shown.out
    runs = mrr("reconcile", "history", "--book", folder / "book", "--json").lines
    assert runs[-1]["what"] == "entitlements"
    assert runs[-1]["rows_digest"]
    assert mrr("verify", "--book", folder / "book").code == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("crm", "FOLDER/crm.csv", "--status", "gold"), "--status gold is no pair"),
        (("crm", "FOLDER/list.json"), "no column tells the customer"),
        (("subscriptions", "FOLDER/absent.json"), "no such file"),
        (("cash", "--threshold", "much"), "is no threshold"),
        (("parity", "stripe", "chargebee"), "nothing is known of a source 'chargebee'"),
    ],
)
def test_wrong_use_is_said_in_one_line(mrr: Mrr, folder: Path, words: tuple[str, ...], told: str) -> None:
    said = mrr(
        "reconcile", *(word.replace("FOLDER", str(folder)) for word in words), "--book", folder / "book", "--json"
    )
    assert said.code in (1, 2)
    assert told in json.loads(said.err)["error"]
    assert json.loads(said.err)["remedy"]


def test_nothing_was_reconciled_yet(mrr: Mrr, tmp_path: Path) -> None:
    book_of(tmp_path, []).close()
    assert "Nothing was reconciled yet." in mrr("reconcile", "history", "--book", tmp_path / "book").out
