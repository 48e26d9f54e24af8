"""The views: what each page asks of the book, and in which words it says it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, cast

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment
from starlette.exceptions import HTTPException

import mrr.web.board as board
from mrr import charts, figures
from mrr.answers import Rollforward
from mrr.book import NOW, Book
from mrr.door import Needs, known
from mrr.errors import MrrError
from mrr.live import Live
from mrr.period import Grain, local_day, next_period

router = APIRouter(dependencies=[Depends(Needs("read"))], include_in_schema=False)
MONTHS = 13
CHARTS = {"mrr": charts.ending_mrr, "movements": charts.movements}


CLASSES = ("new", "expansion", "reactivation", "entering", "contraction", "churn", "leaving", "fx", "policy")
TITLES = {"fx": "FX", "policy": "Policy change"}
Words = Annotated[str, Query(alias="ledger")]


def page(request: Request, template: str, told: Mapping[str, Any], status: int = 200) -> HTMLResponse:
    """A template with what every page knows: the book, the place in it, who is there, how fresh the ledger is."""
    live = cast(Live, request.app.state.live)
    try:
        actor = known(request)
    except MrrError:
        actor = None
    common = {"book": live.book.settings.get("name", "book"), "path": request.url.path, "actor": actor}
    common |= {"failure": live.failure, "posted": live.posted, "query": request.url.query}
    templates = cast(Environment, request.app.state.templates)
    return HTMLResponse(templates.get_template(template).render(**common, **told), status)


def _book(request: Request) -> Book:
    return cast(Live, request.app.state.live).book


@router.get("/")
def overview(request: Request, ledger: Words = NOW) -> HTMLResponse:
    """The board: MRR and what moved it, the key figures, the newest movements, the largest plans."""
    book = _book(request)
    with book.on(ledger):
        meant = book.definition()
        first = board.months_before(local_day(meant.as_of, meant.timezone), MONTHS)
        history = book.rollforward(first=str(first))
        if not history.rows:
            return page(request, "empty.html", {"meant": meant, "ledger": ledger})
        tiles = [board.tile(one, book.metric(name=one.metric, first=str(first))) for one in board.BOARD]
        feed = book.movements(first=str(board.months_before(local_day(meant.as_of, meant.timezone), 2))).rows[::-1][:9]
        plans = book.rollforward(first=str(history.rows[-1].period_starts_on), by="plan")
        told = {"meant": meant, "hero": board.hero(history), "tiles": tiles, "feed": feed, "ledger": ledger}
        return page(request, "overview.html", told | {"plans": board.plans(plans), "names": book.names()})


@router.get("/movements")
def movements(
    request: Request,
    interval: Grain = "month",
    first: Annotated[str, Query(alias="from")] = "",
    last: Annotated[str, Query(alias="to")] = "",
    where: Annotated[Sequence[str], Query()] = (),
    ledger: Words = NOW,
    period: str = "",
    kind: Annotated[str, Query(alias="class")] = "",
    movement: str = "",
) -> HTMLResponse:
    """The roll-forward with a column a period; a cell opens its movements, a movement its explanation."""
    book = _book(request)
    pairs = [(key, value) for key, _, value in (word.partition("=") for word in where if word) if value]
    with book.on(ledger):
        meant = book.definition()
        if not first:
            back = {"day": 1, "week": 3, "month": 12, "quarter": 36, "year": 120}[interval]
            first = str(board.months_before(local_day(meant.as_of, meant.timezone), back))
        history = book.rollforward(interval=interval, first=first, last=last or None, where=pairs)
        told = {
            "meant": history.definition,
            "rows": history.rows[-12:],
            "interval": interval,
            "classes": _shown(history),
        }
        told |= {"titles": TITLES, "first": first, "last": last, "where": where, "ledger": ledger, "period": period}
        told |= {"kind": kind, "label": figures.period_label, "list": None, "explained": None}
        if period:
            ends = date.fromordinal(next_period(date.fromisoformat(period), interval).toordinal() - 1)
            told["list"] = book.movements(first=period, last=str(ends), kind=kind or None).rows
        if movement:
            told["explained"] = book.explain(movement_id=movement)
        return page(request, "movements.html", told)


@router.get("/customers")
def customers(request: Request, state: str = "", ledger: Words = NOW) -> HTMLResponse:
    """Everybody with state and MRR, the largest first."""
    book = _book(request)
    with book.on(ledger):
        found = book.customers(state=state or None)
        told = {"meant": found.definition, "rows": found.rows[:500], "count": len(found.rows)}
        return page(request, "customers.html", told | {"state": state, "ledger": ledger})


@router.get("/customers/{customer}")
def customer(request: Request, customer: str, ledger: Words = NOW) -> HTMLResponse:
    """One customer: where it stands, and every movement of it."""
    book = _book(request)
    with book.on(ledger):
        found, moved = book.customers(customer=customer), book.movements(customer=customer)
        if not found.rows:
            return page(request, "error.html", {"detail": f"there is no customer {customer}", "remedy": ""}, 404)
        told = {"meant": found.definition, "one": found.rows[0], "moved": moved.rows[::-1], "ledger": ledger}
        return page(request, "customer.html", told)


@router.get("/metrics")
def metrics(request: Request) -> HTMLResponse:
    """Every metric with its governed definition."""
    return page(request, "metrics.html", {"metrics": _book(request).metrics()})


@router.get("/journal")
def journal(request: Request) -> HTMLResponse:
    """How much the journal holds, and what needs a person's eye."""
    book = _book(request)
    told = {"head": book.journal.head().seq, "totals": book.journal.receipts_summary(), "quarantine": book.quarantine()}
    return page(request, "journal.html", told)


@router.get("/charts/{name}.json")
def chart(request: Request, name: str, months: int = 25, ledger: Words = NOW) -> Response:
    """A chart of some months as a Vega-Lite spec that names roles instead of colours."""
    if name not in CHARTS:
        raise HTTPException(404, f"no chart is called {name!r}")
    book = _book(request)
    with book.on(ledger):
        meant = book.definition()
        start = board.months_before(local_day(meant.as_of, meant.timezone), max(months, 2))
        history = book.rollforward(first=str(start))
        config = {**charts.config("inherit"), "legend": {"disable": True}}
        spec = {**charts.embedded(CHARTS[name](history, "month")), "config": config}
        return Response(msgspec.json.encode(spec), media_type="application/json")


def _shown(history: Rollforward) -> list[str]:
    """The classes that have a row: the five always, the others where they are not all 0."""
    always = ("new", "expansion", "reactivation", "contraction", "churn")
    return [name for name in CLASSES if name in always or any(getattr(row, f"{name}_micros") for row in history.rows)]
