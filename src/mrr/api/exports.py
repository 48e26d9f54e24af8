"""What is taken out whole: every table that can be exported, and every chart, as a file."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response

import mrr.api.forms as forms
import mrr.api.problems as problems
from mrr.api.known import BookIs
from mrr.api.routes import Ledger, Micros, described, only_known
from mrr.api.words import AsOf, By, Class, CustomerIs, First, Last, Report, State, Where, filters, told
from mrr.book import NOW
from mrr.book.drawing import spec
from mrr.book.exporting import EXPORTS, frame
from mrr.door import Needs
from mrr.period import Grain

router = APIRouter(prefix="/v1", tags=["Export"])

_WHAT = f"{', '.join(EXPORTS)}; or a metric."
_PICTURES = {"png": "image/png", "svg": "image/svg+xml", "html": "text/html", "json": "application/json"}
# A chart is a document of its own, which a browser may be led to: nothing in it runs but what mrr wrote.
_SEALED = {"Content-Security-Policy": "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; "
           "style-src 'unsafe-inline'; img-src data:"}  # fmt: skip


def _files(scope: str, media: list[str]) -> dict[str, Any]:
    """What all routes here say of themselves."""
    file, document = {"type": "string", "format": "binary"}, {"type": "object"}
    content = {kind: {"schema": document if kind == forms.JSON else file} for kind in media}
    return {
        "response_model": None,
        "dependencies": [Depends(Needs(scope)), Depends(only_known)],
        "responses": {200: {"description": "The file.", "content": content}, **problems.responses(scope)},
        "openapi_extra": described(scope),
    }


@router.get(
    "/export/{what}",
    operation_id="export",
    **_files("export", [forms.JSON, *(form.media for form in forms.FILES.values())]),
)
def export(
    request: Request,
    book: BookIs,
    what: Annotated[str, Path(description=_WHAT, examples=["summary", "lines", "nrr"])],
    form: forms.FormName = "csv",
    micros: Micros = False,
    interval: Grain | None = None,
    first: First = None,
    last: Last = None,
    as_of: AsOf = None,
    by: By = None,
    where: Where = (),
    customer: CustomerIs = None,
    kind: Annotated[Class | None, Query(alias="class")] = None,
    state: State | None = None,
    ledger: Ledger = NOW,
) -> Response:
    """A table as a file, with its definition; each takes the words that go with it."""
    words: dict[str, Any] = {"interval": interval, "first": first, "last": last, "as_of": as_of, "by": by}
    words |= {"customer": customer, "kind": kind, "state": state, "where": filters(where) or None}
    with book.on(ledger):
        return forms.answered(request, frame(book, what, told(words)), form=form, micros=micros)


@router.get("/charts/{name}", operation_id="chart", **_files("read", [*_PICTURES.values()]))
def chart(
    request: Request,
    book: BookIs,
    name: Annotated[str, Path(description="mrr, movements, rollforward; or a metric.", examples=["mrr", "nrr"])],
    words: Report,
    form: Literal["png", "svg", "html", "json"] = "png",
    theme: Literal["light", "dark"] = "light",
    ledger: Ledger = NOW,
) -> Response:
    """A chart as a picture, a page or a Vega-Lite spec; it says by which policy, and as of when."""
    # The libraries that draw are slow to load; the service begins without them.
    from mrr import charts

    with book.on(ledger):
        drawn = charts.DRAWINGS[form](spec(book, name, words), theme)
    return Response(drawn, 200, {**_SEALED, "Cache-Control": "private, no-cache"}, _PICTURES[form])
