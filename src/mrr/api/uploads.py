"""Files that are sent along: as the body itself or as a form, kept in a folder of their own until they are read."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, NamedTuple

from fastapi import Depends, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from mrr.errors import MrrError

# Larger files are imported in parts, or by the command line.
UPLOAD_BYTES = 256 << 20
BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {
                    "file": {"type": "string", "format": "binary"},
                    "mapping": {"type": "string", "description": "How a table is to be read, in TOML."},
                },
            }
        },
    },
}


class Upload(NamedTuple):
    """A file that was sent along under its name, and how it is to be read, where that was sent too."""

    path: Path
    mapping: Path | None

    @property
    def words(self) -> dict[str, Any]:
        """The file as the verbs of a book take it."""
        return {"path": str(self.path), "mapping": None if self.mapping is None else str(self.mapping)}


async def _uploaded(
    request: Request,
    name: Annotated[str, Query(max_length=200, description="What the file is called.", examples=["a.csv"])] = "",
) -> AsyncIterator[Upload]:
    with TemporaryDirectory(prefix="mrr-") as folder, _by_its_name(folder):
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            async with request.form(max_files=2, max_fields=1) as form:
                yield await _of_form(form, Path(folder), name)
        else:
            path = Path(folder) / _plain(name)
            with path.open("wb") as file:
                async for part in request.stream():
                    await run_in_threadpool(file.write, part)
            yield Upload(path, None)


@contextmanager
def _by_its_name(folder: str) -> Iterator[None]:
    """Errors name the file as it was sent, not where it is kept meanwhile."""
    try:
        yield
    except MrrError as error:
        error.args = (str(error).replace(f"{folder}/", ""),)
        raise


async def _of_form(form: FormData, folder: Path, name: str) -> Upload:
    file, mapping = form.get("file"), form.get("mapping")
    if not isinstance(file, UploadFile):
        raise HTTPException(422, "file: the form has no file under this name")
    path = folder / _plain(name or file.filename or "")
    await _kept(file, path)
    if mapping is None:
        return Upload(path, None)
    described = folder / "mapping.toml.sent"
    if isinstance(mapping, UploadFile):
        await _kept(mapping, described)
    else:
        described.write_text(mapping, encoding="utf-8")
    return Upload(path, described)


async def _kept(file: UploadFile, path: Path) -> None:
    with path.open("wb") as kept:
        while part := await file.read(1 << 20):
            await run_in_threadpool(kept.write, part)


def _plain(name: str) -> str:
    """A name without a way: it can be the name of nothing but a file in its own folder."""
    last = re.split(r"[/\\]", name)[-1]
    return re.sub(r"[^\w.-]", "_", last, flags=re.ASCII).lstrip(".")[-100:] or "file"


Uploaded = Annotated[Upload, Depends(_uploaded)]
