"""Charts as Vega-Lite specs that name roles instead of colours."""

import msgspec
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

import mrr.web.board as board
from mrr import charts
from mrr.book import NOW
from mrr.door import Needs
from mrr.period import local_day
from mrr.web.page import Words, book_of

CHARTS = {"mrr": charts.ending_mrr, "movements": charts.movements}

router = APIRouter(dependencies=[Depends(Needs("read"))], include_in_schema=False)


@router.get("/charts/{name}.json")
def chart(request: Request, name: str, months: int = 25, ledger: Words = NOW) -> Response:
    """A chart of some months as a Vega-Lite spec that names roles instead of colours."""
    if name not in CHARTS:
        raise HTTPException(404, f"no chart is called {name!r}")
    book = book_of(request)
    with book.on(ledger):
        meant = book.definition()
        start = board.months_before(local_day(meant.as_of, meant.timezone), max(months, 2))
        history = book.rollforward(first=str(start))
        config = {**charts.config("inherit"), "legend": {"disable": True}}
        spec = {**charts.embedded(CHARTS[name](history, "month")), "config": config}
        return Response(msgspec.json.encode(spec), media_type="application/json")
