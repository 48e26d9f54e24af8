"""In which form an answer goes out: JSON, CSV or Arrow by the Accept header, with an ETag by what it says."""

import hashlib
import io
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import pyarrow as pa
from fastapi import Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from mrr.access import Denied
from mrr.export import as_text
from mrr.tables import Table

JSON, CSV, ARROW = "application/json", "text/csv", "application/vnd.apache.arrow.stream"


def _arrow(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue()


TABLES: Mapping[str, Callable[[pa.Table], bytes]] = {
    CSV: lambda table: as_text(table, "csv").encode(),
    ARROW: _arrow,
}


def answered(request: Request, found: Any, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in the form that is wanted. Raises Denied where a table is wanted without the scope `export`."""
    form = wanted(request.headers.get("accept", ""), isinstance(found, Table))
    if form == JSON:
        return _json(request, found, headers or {})
    if not request.state.actor.may("export"):
        raise Denied("a table as a file needs the scope export", remedy="Ask for JSON, or for a token that may export.")
    name = request.url.path.rsplit("/", 1)[-1] + (".csv" if form == CSV else ".arrow")
    told = {**(headers or {}), "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(TABLES[form](found.arrow()), 200, told, form)


def _json(request: Request, found: Any, headers: Mapping[str, str]) -> Response:
    body = msgspec.json.encode(found)
    tag = _tag(found, body)
    told = {**headers, "ETag": tag, "Cache-Control": "private, no-cache"}
    known = [one.strip() for one in request.headers.get("if-none-match", "").split(",")]
    return Response(status_code=304, headers=told) if tag in known else Response(body, 200, told, JSON)


def _tag(found: Any, body: bytes) -> str:
    """By the ledger's digest and what the answer says; the instant at which it was asked is no part of that."""
    definition = getattr(found, "definition", None)
    if definition is None:
        return f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    timeless = msgspec.structs.replace(definition, as_of=None)
    said = msgspec.json.encode(msgspec.structs.replace(found, definition=timeless))
    return f'W/"{definition.ledger_digest[:12]}-{hashlib.sha256(said).hexdigest()[:24]}"'


def wanted(accept: str, is_table: bool) -> str:
    """The best form that an Accept header takes; JSON where it says nothing. Raises HTTPException 406 for none."""
    offers = (JSON, *TABLES) if is_table else (JSON,)
    found = [(_weight(accept, offer), -place, offer) for place, offer in enumerate(offers)]
    weight, _, best = max(found)
    if weight == 0:
        raise HTTPException(406, f"this can be had as {', '.join(offers)}")
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
