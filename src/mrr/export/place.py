"""Where an export goes, and how a file gets there: whole, or not at all."""

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import msgspec

from mrr.errors import MrrError, WrongUse


class ExportError(MrrError):
    """An answer could not be written where it should go; the message names the place, never a password."""


class Written(msgspec.Struct):
    """What was written. `definition` names where the definition stands; `bytes` is unknown for a database."""

    to: str
    format: str
    rows: int
    definition: str
    bytes: int | None = None


def is_database(to: str) -> bool:
    """Whether a place is a URL as SQLAlchemy writes them."""
    return "://" in to


def format_of(to: str, asked: str | None, known: Collection[str]) -> str:
    """The format asked for, else that of the file's suffix. Raises WrongUse for one that is not among those known."""
    suffix = Path(to).suffix.lower().removeprefix(".")
    found = asked or suffix
    if found not in known:
        what = f"unknown format {found!r}" if found else f"{to} does not say which format"
        raise WrongUse(what, remedy=f"Choose one of {', '.join(known)}.")
    return found


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file to write that takes the place of `path` when the block ends, and leaves no trace if it raises.

    Raises ExportError where that cannot be.
    """
    final = path.resolve()
    if final.exists() and not final.is_file():
        raise ExportError(f"{path} is no file", remedy="Name a file; `-` stands for standard output.")
    part = final.with_name(f".{final.name}.{os.getpid()}.part")
    try:
        with part.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, final)
    except OSError as error:
        raise ExportError(f"{path}: {error.strerror or error}", remedy=_remedy(final)) from error
    finally:
        with suppress(OSError):
            part.unlink()


def save(content: bytes, path: Path) -> None:
    """Write a file as a whole. Raises ExportError."""
    with replacing(path) as file:
        file.write(content)


def _remedy(path: Path) -> str:
    if not path.parent.is_dir():
        return f"Make the directory first: mkdir -p {path.parent}"
    return "Choose a directory that can be written and has room."
