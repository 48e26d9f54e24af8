"""In which form an answer goes out: by the Accept header or the word `form`, with an ETag by what it says."""

import hashlib
import io
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple, get_args

import msgspec
import pyarrow as pa
from fastapi import Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from mrr.access import Denied
from mrr.api.listed import Listed
from mrr.export.files import WRITERS
from mrr.export.harmless import harmless
from mrr.reports.tables import Table, told

JSON = "application/json"
FormName = Literal["json", "csv", "arrow", "parquet", "xlsx", "jsonl"]


class Form(NamedTuple):
    """A form that a table can take: its media type and what writes it."""

    media: str
    write: Callable[[pa.Table], bytes]


def _arrow(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue()


def _by(name: str) -> Callable[[pa.Table], bytes]:
    def write(table: pa.Table) -> bytes:
        file = io.BytesIO()
        WRITERS[name](table, file)
        return file.getvalue()

    return write


FILES: Mapping[str, Form] = {
    # A browser hands it to a spreadsheet, which takes some texts for formulas.
    "csv": Form("text/csv", lambda table: _by("csv")(harmless(table))),
    "arrow": Form("application/vnd.apache.arrow.stream", _arrow),
    "parquet": Form("application/vnd.apache.parquet", _by("parquet")),
    "xlsx": Form("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _by("xlsx")),
    "jsonl": Form("application/x-ndjson", _by("jsonl")),
}
assert {"json", *FILES} == {*get_args(FormName)}


def is_tabular(kind: Any) -> bool:
    """Whether answers of a type have rows, and so can be had as files."""
    return isinstance(kind, type) and issubclass(kind, (Table, Listed))


def answered(
    request: Request,
    found: Any,
    headers: Mapping[str, str] | None = None,
    *,
    status: int = 200,
    form: str | None = None,
    micros: bool = False,
) -> Response:
    """An answer in the form that is wanted. Raises Denied where a file is wanted without the scope `export`."""
    name = form or wanted(request.headers.get("accept", ""), is_tabular(type(found)))
    more = {**(headers or {}), "Vary": "Accept", "Cache-Control": "private, no-cache"}
    if name == "json":
        body, media = told(found).encode(), JSON
    else:
        if not request.state.actor.may("export"):
            raise Denied("a file needs the scope export", remedy="Ask for JSON, or for a token that may export.")
        body, media = FILES[name].write(found.arrow(micros=micros)), FILES[name].media
        more["Content-Disposition"] = f'attachment; filename="{_name(request.url.path)}.{name}"'
    if request.method != "GET":
        return Response(body, status, more, media)
    more["ETag"] = _tag(found, name, micros)
    known = {one.strip() for one in request.headers.get("if-none-match", "").split(",")}
    return Response(status_code=304, headers=more) if more["ETag"] in known else Response(body, status, more, media)


def _name(path: str) -> str:
    """The end of a path as the name of a file: nothing in it can end the header or leave the folder."""
    return re.sub(r"[^\w.-]", "_", path.rstrip("/").rpartition("/")[2], flags=re.ASCII).strip(".") or "answer"


def _tag(found: Any, form: str, micros: bool) -> str:
    """By the ledger's digest and what the answer says; the instant at which it was asked is no part of that."""
    definition = getattr(found, "definition", None)
    timeless = found
    if definition is not None:
        timeless = msgspec.structs.replace(found, definition=msgspec.structs.replace(definition, as_of=None))
    said = hashlib.sha256(msgspec.json.encode(timeless)).hexdigest()[:24]
    ledger = "" if definition is None else f"{definition.ledger_digest[:12]}-"
    return f'W/"{ledger}{said}-{form}{"-micros" if micros else ""}"'


def wanted(accept: str, has_rows: bool) -> str:
    """The best form that an Accept header takes; JSON where it says nothing. Raises HTTPException 406 for none."""
    offers = {"json": JSON} | ({name: form.media for name, form in FILES.items()} if has_rows else {})
    weight, _, best = max((_weight(accept, media), -place, name) for place, (name, media) in enumerate(offers.items()))
    if weight == 0:
        raise HTTPException(406, f"this can be had as {', '.join(offers.values())}")
    return best


def _weight(accept: str, offer: str) -> float:
    """How much a form is wanted, from 0 to 1, by the most exact range that names it."""
    best = (-1, 0.0)
    for part in accept.split(",") if accept.strip() else ["*/*"]:
        kind, *parameters = (word.strip().lower() for word in part.split(";"))
        exactness = (offer == kind) * 2 + (kind == f"{offer.partition('/')[0]}/*")
        if exactness or kind == "*/*":
            best = max(best, (exactness, _quality(parameters)))
    return best[1]


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0
