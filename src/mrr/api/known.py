"""The book of a request."""

from typing import Annotated, cast

from fastapi import Depends, Request

from mrr.book import Book


def _book(request: Request) -> Book:
    return cast(Book, request.app.state.live.book)


BookIs = Annotated[Book, Depends(_book)]
