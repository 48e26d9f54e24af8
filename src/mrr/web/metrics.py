"""The governed metrics."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from mrr.door import Needs
from mrr.web.page import book_of, page

router = APIRouter(dependencies=[Depends(Needs("read"))], include_in_schema=False)


@router.get("/metrics")
def metrics(request: Request) -> HTMLResponse:
    """Every metric with its governed definition."""
    return page(request, "metrics.html", {"metrics": book_of(request).metrics()})
