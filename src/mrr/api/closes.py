"""Months: whether one can be closed, closing it, opening it again, and what became of it since."""

from typing import Annotated

from fastapi import Path, Query

from mrr.api.known import ActorIs, BookIs
from mrr.api.listed import Listed
from mrr.api.routes import Routes
from mrr.api.words import Because, Month, Said
from mrr.controls.checks import Gate
from mrr.controls.close import ClosedMonth
from mrr.restate import Restatement

router = Routes("Close")

MonthIs = Annotated[str, Path(pattern=r"^\d{4}-\d{2}$", description="A month.", examples=["2025-02"])]


class Closes(Listed):
    """The closed months, in their order."""

    rows: list[ClosedMonth]


class Closing(Said):
    """A month to be sealed; `force` closes it although a check fails, with a reason."""

    month: Month
    reason: str = ""
    force: bool = False


@router.ask("/closes", pages=True)
def closes(book: BookIs) -> Closes:
    """The closed months, with what was sealed."""
    return Closes(book.closes())


@router.ask("/checks")
def checks(
    book: BookIs, month: Annotated[str | None, Query(pattern=r"^\d{4}-\d{2}$", examples=["2025-02"])] = None
) -> Gate:
    """The validation questions of the definition, asked of a month; else of the last that is over."""
    return book.gate(month=month)


@router.tell("/closes", "close", 201)
def close_month(book: BookIs, actor: ActorIs, said: Closing) -> ClosedMonth:
    """Seal a month: its figures, its policy, and the prefix of the journal on which they rest."""
    return book.close_month(author=actor.name, **said.model_dump())


@router.tell("/closes/{month}/reopen", "close")
def reopen_month(book: BookIs, actor: ActorIs, month: MonthIs, said: Because) -> ClosedMonth:
    """Open the latest closed month again; what was sealed stays in the journal."""
    return book.reopen_month(month=month, author=actor.name, reason=said.reason)


@router.ask("/closes/{month}/restatement")
def restatement(book: BookIs, month: MonthIs) -> Restatement:
    """What became of a closed month since, each entry behind it named."""
    return book.restate(month=month)
