"""Charts as Vega-Lite specs that name roles instead of colours, and as pictures."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import msgspec
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from mrr import charts
from mrr.access import Denied
from mrr.book import Book
from mrr.book.drawing import spec
from mrr.charts import Spec, Theme
from mrr.door import Needs
from mrr.period import local_day
from mrr.web.page import book_of, went
from mrr.web.view import View, ViewIs, months_before

router = APIRouter(dependencies=[Depends(Needs("read"))], include_in_schema=False)
# Beside the charts that have names of their own: that of one customer, and those of the service.
STEPS = "steps"
SERVICE: Mapping[str, tuple[Callable[[Book, str], Any], Callable[[Any], Spec]]] = {
    "oncall-latency": (lambda book, window: book.course(indicator="queue.posting", window=window), charts.latency),
    "oncall-checkout": (lambda book, window: book.course(indicator="checkout.success", window=window), charts.success),
    "oncall-drift": (lambda book, window: book.drifts(window=window), charts.drift),
}
Place = Literal["alone", "above", "below", "columns"]


@router.get("/charts/{name}.json")
def chart(
    request: Request,
    name: str,
    view: ViewIs,
    place: Place = "alone",
    wide: bool = False,
    months: int = 0,
    customer: str = "",
    window: str = "1d",
) -> Response:
    """A chart for a page that says itself what it shows. `place` is where it stands there, `months` how many it has.

    Charts over columns of a table are told how wide these are; only one that stands alone has a legend of its own.
    """
    book = book_of(request)
    with book.on(view.ledger):
        drawn = _drawn(request, name, _cut(book, view, months), customer, window)
        if place == "columns":
            drawn = charts.over_columns(drawn, column=charts.WIDE if wide else charts.COLUMN)
        else:
            drawn = charts.embedded(drawn)
            drawn = drawn if place == "alone" else charts.stacked(drawn, labelled=place == "below")
    config = charts.config("inherit") | {"padding": 0} | ({} if place == "alone" else {"legend": {"disable": True}})
    return Response(msgspec.json.encode({"config": config, **drawn}), media_type="application/json")


@router.get("/charts/{name}.png")
def picture(
    request: Request,
    name: str,
    view: ViewIs,
    theme: Theme = "light",
    months: int = 0,
    customer: str = "",
    window: str = "1d",
) -> Response:
    """A chart as a picture that says what it shows and on what it rests. Raises Denied without the scope `export`."""
    if not request.state.actor.may("export"):
        raise Denied("a chart as a file needs the scope export", remedy="Ask for a token that may export.")
    book = book_of(request)
    with book.on(view.ledger):
        drawn = _drawn(request, name, _cut(book, view, months), customer, window)
    headers = {"Content-Disposition": f'inline; filename="{name}.png"'}
    return Response(charts.DRAWINGS["png"](drawn, theme), media_type="image/png", headers=headers)


def _drawn(request: Request, name: str, view: View, customer: str, window: str) -> Spec:
    book = book_of(request)
    if name in SERVICE:
        ask, draw = SERVICE[name]
        told = ask(book, window)
        _need(told.rows, window)
        return draw(told)
    if name in charts.WENT:
        service = went(request, window)
        _need(service.rows, window)
        return charts.went(service, name)
    if name == STEPS:
        life = book.movements(customer=customer)
        if not life.rows:
            raise HTTPException(404, f"{customer!r} has no movements")
        return charts.steps(life, customer)
    return spec(book, name, view.words)


def _need(rows: Sequence[object], window: str) -> None:
    """Raises HTTPException where there is nothing to draw."""
    if not rows:
        raise HTTPException(404, f"nothing happened in {window}")


def _cut(book: Book, view: View, months: int) -> View:
    """The same view, with so many of its last months at the most."""
    if not months:
        return view
    meant = book.definition()
    return view._replace(first=str(months_before(local_day(meant.as_of, meant.timezone), max(months, 2))))
