"""A small simulated company in a book, made once by the commands themselves."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from mrr.cli.main import run
from mrr.simulate import company, delivered, write_bodies, write_rates

AS_OF = "2024-01-01"


class Said(NamedTuple):
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as one JSON document."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """Standard output as one JSON object a line."""
        return [json.loads(line) for line in self.out.splitlines()]


Mrr = Callable[..., Said]


@pytest.fixture
def mrr(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Mrr:
    """Run the program in this process, 80 columns wide, and take what it said."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("MRR_BOOK", raising=False)

    def invoke(*words: object) -> Said:
        capsys.readouterr()
        code = run([str(word) for word in words])
        return Said(code, *capsys.readouterr())

    return invoke


def program(*words: object, stdin: bytes | None = None, env: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
    """The program as a process of its own."""
    command: Sequence[str] = (sys.executable, "-m", "mrr.cli.main", *(str(word) for word in words))
    inherited = {name: value for name, value in os.environ.items() if name not in ("MRR_BOOK", "COLUMNS")}
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL if stdin is None else pipe,
        stdout=pipe,
        stderr=pipe,
        env=inherited | (env or {}),
    )


def finished(process: subprocess.Popen[bytes], stdin: bytes | None = None) -> Said:
    """What a process said once it is over."""
    out, err = process.communicate(stdin, timeout=120)
    return Said(process.returncode, out.decode(), err.decode())


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Events and rates of a company of 40 customers over the year 2023."""
    folder = tmp_path_factory.mktemp("company")
    firm = company(3, 40, 12)
    write_bodies(delivered(firm.events(), 3, duplicates=0.02), folder / "events.jsonl.gz")
    write_rates(firm.rates(), folder / "rates.csv")
    return folder


@pytest.fixture(scope="session")
def acme(tmp_path_factory: pytest.TempPathFactory, files: Path) -> Path:
    """The book of that company. Tests only read it."""
    book = tmp_path_factory.mktemp("books") / "acme"
    assert run(["init", str(book)]) == 0
    assert run(["import", "--book", str(book), "--as", "rates", str(files / "rates.csv")]) == 0
    assert run(["import", "--book", str(book), str(files / "events.jsonl.gz")]) == 0
    return book
