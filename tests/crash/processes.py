"""Programs that a test starts as processes of their own, to kill them or to let several work on one book."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from mrr.book import Book
from mrr.policy import standard


def started(*words: object, fault: str = "") -> subprocess.Popen[str]:
    """`mrr` with these words; `fault` names the point at which it kills itself."""
    return _process("-m", "mrr.cli.main", *words, fault=fault)


def running(code: str, *words: object) -> subprocess.Popen[str]:
    """A Python program with these words."""
    return _process("-c", code, *words, fault="")


def _process(*words: object, fault: str) -> subprocess.Popen[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MRR_")}
    return subprocess.Popen(
        [sys.executable, *(str(word) for word in words)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=inherited | {"MRR_FAULT": fault},
    )


def answer(*words: object) -> Any:
    """What a command that must succeed says as JSON."""
    process = started(*words, "--json")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    return json.loads(out)


def fresh_digest(folder: Path, other: Path) -> str:
    """The digest of a ledger that a new book makes of the same entries, all at once."""
    with Book(folder) as book:
        entries = [entry for page in book.journal.read() for entry in page]
    with Book.create(other, policy=standard()) as book:
        for source in {entry.source for entry in entries}:
            book.append_bodies([entry.body for entry in entries if entry.source == source], source=source)
        digest = book.verify().ledger_digest
    assert digest
    return digest
