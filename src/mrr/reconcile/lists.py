"""A provider's list as a file: whole, or refused; half a list would read as churn."""

import gzip
import zlib
from collections.abc import Iterable
from pathlib import Path

from mrr.derivation import ingest
from mrr.errors import ImportFileError
from mrr.providers.live import LIVE


def of_file(path: str, source: str) -> tuple[str, Iterable[bytes]]:
    """The source of a list (recognised where it is not named) and its bodies.

    Raises ImportFileError for a file that cannot be read, or that says itself that there is more.
    """
    ingest.exists(path)
    if path == "-":
        raise ImportFileError("a list is read twice", remedy="Write it to a file first.")
    if not source:
        source, bodies = ingest.recognised(path)
    else:
        bodies = ingest.bodies(path, source)
    provider = source.partition(":")[0]
    if provider in LIVE and LIVE[provider].cut_short(_text(path)):
        remedy = "Export the list to its end, all pages of it."
        raise ImportFileError(f"{path}: half a list: its last page says that there is more", remedy=remedy)
    return source, bodies


def _text(path: str) -> bytes:
    text = Path(path).read_bytes()
    try:
        return gzip.decompress(text) if text.startswith(b"\x1f\x8b") else text
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ImportFileError(f"{path}: the compressed file is damaged: {error}", remedy="Get it again.") from error
