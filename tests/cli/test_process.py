"""The program as processes: several at once, pipes that close, Ctrl-C, the environment."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

from mrr.cli.main import run
from tests.cli.conftest import AS_OF, finished, program


def test_the_book_is_named_before_after_or_by_the_environment(acme: Path, tmp_path: Path) -> None:
    asked = ("policy", "hash")
    named = [
        program(*asked, "--book", acme),
        program("--book", acme, *asked),
        program(*asked, env={"MRR_BOOK": str(acme)}),
        program(*asked, "--book", acme, env={"MRR_BOOK": str(tmp_path)}),
        program("--book", acme, *asked, env={"MRR_BOOK": str(tmp_path)}),
    ]
    said = [finished(process) for process in named]
    assert {one.code for one in said} == {0}
    assert len({one.out for one in said}) == 1
    assert finished(program(*asked, env={"MRR_BOOK": str(tmp_path)})).code == 3


def test_the_installed_program() -> None:
    path = Path(sys.executable).with_name("mrr")
    assert subprocess.run([path, "--version"], capture_output=True, check=True, text=True).stdout.startswith("mrr ")


def test_six_commands_at_once_on_one_book(tmp_path: Path, files: Path) -> None:
    book = tmp_path / "book"
    assert run(["init", str(book)]) == 0
    assert run(["import", "--book", str(book), str(files / "events.jsonl.gz")]) == 0
    rates = ("import", "--book", book, "--as", "rates", files / "rates.csv", "--json")
    asked = ("rollforward", "--book", book, "--as-of", AS_OF, "--json")
    started = [
        program(*words) for words in (asked, rates, asked, rates, asked, ("movements", "--book", book, "--json"))
    ]
    said = [finished(process) for process in started]
    assert [(one.code, one.err) for one in said] == [(0, "")] * 6
    imported = [said[place].json for place in (1, 3)]
    assert sum(counts["decoded"] for counts in imported) == sum(counts["duplicates"] for counts in imported) > 200
    assert all(said[place].json["rows"] for place in (0, 2, 4))
    after = finished(program("verify", "--book", book, "--json"))
    assert after.code == 0
    assert after.json["adds_up"]


def test_a_reader_that_has_seen_enough(acme: Path) -> None:
    for words in (["movements", "--book", acme, "--json"], ["movements", "--book", acme], ["simulate", "-"]):
        process = program(*words)
        assert process.stdout is not None
        assert process.stdout.readline()
        process.stdout.close()
        process.stdout = None
        said = process.communicate(timeout=60)[1]
        assert process.returncode == 0
        assert said == b""


def test_simulate_into_import(tmp_path: Path) -> None:
    book = tmp_path / "book"
    assert run(["init", str(book)]) == 0
    stream = finished(program("simulate", "--customers", 3, "--months", 4, "--duplicates", 0.5, "--shuffled", "-"))
    said = finished(program("import", "--book", book, "-", "--json", stdin=b""), stream.out.encode())
    assert said.code == 0
    assert said.json["entries"] == len(stream.out.splitlines())
    assert said.json["duplicates"] > 0


def test_ctrl_c_during_an_import(tmp_path: Path) -> None:
    book = tmp_path / "book"
    assert run(["init", str(book)]) == 0
    process = program("import", "--book", book, "-", stdin=b"")
    # It is past its own start once it has opened the journal, which makes SQLite's companion file.
    waiting = time.monotonic() + 60
    while not (book / "journal.sqlite-wal").exists() and time.monotonic() < waiting:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    said = finished(process)
    assert said.code == 130
    assert said.err.splitlines()[0] == "mrr: stopped"
    # Before the first body is read there is nothing of the import to speak of; after it, the remedy names the files.
    assert "again" in said.err.splitlines()[1]


def test_an_error_is_json_where_json_is_asked_for(tmp_path: Path) -> None:
    said = finished(program("verify", "--json", "--book", tmp_path))
    assert (said.code, said.out) == (3, "")
    assert set(json.loads(said.err)) == {"error", "remedy"}
