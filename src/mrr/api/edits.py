"""What people say of the book itself: each edit is an entry with who said it and why, and can be taken back."""

from typing import Annotated

from fastapi import Query
from pydantic import Field

from mrr.api.known import ActorIs, BookIs
from mrr.api.listed import Listed
from mrr.api.routes import Routes
from mrr.api.words import Because, Seq
from mrr.reports.edited import Edited

router = Routes("Edits")

Name = Annotated[str, Field(min_length=1, max_length=500, examples=["acme"])]
Moment = Annotated[str, Field(max_length=40, description="A day or instant.", examples=["2025-03-01"])]


class Edits(Listed):
    """Every edit in its order, whether it stands or not."""

    rows: list[Edited]


class OfCustomer(Because):
    """A customer, by its id; where two sources use it, `source/id`."""

    customer: Name


class Merge(OfCustomer):
    """A customer who is, and always was, another."""

    into: Name


class Continue(Because):
    """A subscription that takes the place of another from an instant on."""

    old: Name
    new: Name
    at: Moment


class OfEntry(Because):
    """An entry of the journal."""

    entry: Seq


class Correct(OfEntry):
    """Another fact over what an entry told, its values by path; or the entry set aside."""

    changes: Annotated[dict[str, str], Field(max_length=200, examples=[{"items.0.quantity": "3"}])] = {}
    drop: bool = False


class Revert(Because):
    """An edit that is taken back, by the number of its entry."""

    edit: Seq


@router.ask("/edits", pages=True)
def edits(book: BookIs, standing: Annotated[bool, Query(description="Only edits that stand.")] = False) -> Edits:
    """Every edit with its author and reason."""
    return Edits([edit for edit in book.edits() if edit.state == "standing" or not standing])


@router.tell("/edits/exclude", "operate", 201)
def exclude(book: BookIs, actor: ActorIs, said: OfCustomer) -> Edited:
    """Take a customer out for its whole life, whatever the policy."""
    return book.exclude(author=actor.name, **said.model_dump())


@router.tell("/edits/include", "operate", 201)
def include(book: BookIs, actor: ActorIs, said: OfCustomer) -> Edited:
    """Bring a customer back that an attribute or an edit excludes."""
    return book.include(author=actor.name, **said.model_dump())


@router.tell("/edits/merge", "operate", 201)
def merge(book: BookIs, actor: ActorIs, said: Merge) -> Edited:
    """Say that a customer is, and always was, another."""
    return book.merge(author=actor.name, **said.model_dump())


@router.tell("/edits/continue", "operate", 201)
def continues(book: BookIs, actor: ActorIs, said: Continue) -> Edited:
    """Say that a subscription takes the place of another from an instant on."""
    return book.continues(author=actor.name, **said.model_dump())


@router.tell("/edits/correct", "operate", 201)
def correct(book: BookIs, actor: ActorIs, said: Correct) -> Edited:
    """Lay another fact over what an entry told; the entry itself stays as it is."""
    return book.correct(author=actor.name, **said.model_dump())


@router.tell("/edits/decide", "operate", 201)
def decide(book: BookIs, actor: ActorIs, said: OfEntry) -> Edited:
    """Let an entry stand where others contradict it."""
    return book.decide(author=actor.name, **said.model_dump())


@router.tell("/edits/revert", "operate", 201)
def revert(book: BookIs, actor: ActorIs, said: Revert) -> Edited:
    """Take an edit back; the revert of a revert restores."""
    return book.revert(author=actor.name, **said.model_dump())
