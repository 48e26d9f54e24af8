"""The same through the program: one clear line and a remedy, the right exit code, and the next command goes on."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from .telling import body, created, event


def said(*words: object, stdin: bytes = b"") -> tuple[int, bytes, list[str]]:
    """Exit code, standard output and the lines of standard error of `mrr` with these words."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MRR_")}
    command = [sys.executable, "-m", "mrr.cli.main", *(os.fspath(word) for word in words)]  # type: ignore[call-overload]
    done = subprocess.run(command, input=stdin, capture_output=True, env=inherited, timeout=60)
    return done.returncode, done.stdout, done.stderr.decode().splitlines()


def answer(*words: object, stdin: bytes = b"") -> Any:
    """What a command that succeeds says as JSON."""
    code, out, err = said(*words, "--json", stdin=stdin)
    assert (code, err) == (0, [])
    return json.loads(out)


def test_from_bad_input_to_a_sound_ledger(tmp_path: Path) -> None:
    book = created(tmp_path / "book")
    lines = b"\n".join([body(event(1)), body(event(2))[:200], b"\xff\xfe\x00", body(event(3))])
    counts = answer("import", "--book", book, "-", stdin=lines)
    assert (counts["entries"], counts["decoded"], counts["quarantined"]) == (4, 2, 2)
    code, out, _ = said("quarantine", "--book", book, "--json")
    assert code == 0
    assert json.loads(out.splitlines()[0])["reason"] == "truncated JSON at byte 200"

    (tmp_path / "cut.json").write_bytes(b"[" + body(event(4)) + b",")
    code, out, err = said("import", "--book", book, tmp_path / "cut.json")
    assert (code, out) == (1, b"")
    assert len(err) == 2
    assert "cut.json: the list cannot be taken apart: truncated JSON" in err[0]

    (tmp_path / "rates.csv").write_text("day,currency,value\n2025-01-01,EUR,NaN\n")
    code, _, err = said("import", "--book", book, "--as", "rates", tmp_path / "rates.csv")
    assert (code, len(err)) == (1, 2)
    assert "rates.csv:2: value: expected a positive rate" in err[0]

    (book / "warehouse.duckdb").write_bytes(b"junk" * 5000)
    found = answer("verify", "--book", book)
    assert (found["adds_up"], found["entries"], found["outcomes"]) == (True, 4, {"decoded": 2, "quarantined": 2})


def test_a_book_that_cannot_be_opened(tmp_path: Path) -> None:
    book = created(tmp_path / "book")
    (book / "mrr.toml").write_text('name = "book"\nformat = 2\n')
    code, out, err = said("verify", "--book", book)
    assert (code, out, len(err)) == (3, b"", 2)
    assert "newer version" in err[0]
    (tmp_path / "file").touch()
    for words in (("init", tmp_path / "file" / "book"), ("verify", "--book", tmp_path / "file" / "book")):
        code, out, err = said(*words)
        assert (code, out, len(err)) == (3, b"", 2)
