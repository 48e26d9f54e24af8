"""Stripe's live list of subscriptions by its official client: whole pages, in order, to the end, or an error."""

import importlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from mrr.errors import ImportFileError, WrongUse
from mrr.providers.stripe.envelope import split
from mrr.providers.stripe.shapes import Reference, Shape
from mrr.providers.unanswered import Unanswered

KEY = "STRIPE_API_KEY"
PAGE = 100
# How often a request is made before its failure counts, and how long to wait after a refusal for being too many.
TRIES = 4
LONGEST_WAIT = 30

Ask = Callable[..., Any]


class Page(Shape):
    """A page of a list; one that does not say whether there is more is none."""

    has_more: bool
    elements: list[Reference] = msgspec.field(name="data")


_pages = msgspec.json.Decoder(Page)


def listed(base: str | None, timeout: int) -> list[bytes]:
    """The exact bytes of every subscription that Stripe lists: all but those that are canceled."""
    ask = _asking(base, timeout)
    found: list[bytes] = []
    after: dict[str, str] = {}
    while True:
        place = f"after {after['starting_after']}" if after else "on the first page"
        body = ask("/v1/subscriptions", limit=PAGE, **after)
        ids, more = _page(body, place)
        found += _bodies(body, place)
        if not more:
            return found
        if not ids or after == {"starting_after": ids[-1]}:
            raise Unanswered(f"stripe: the list of subscriptions does not go on {place}, although it has more")
        after = {"starting_after": ids[-1]}


def found(base: str | None, timeout: int, ids: Sequence[str]) -> list[bytes]:
    """The exact bytes of these subscriptions, canceled ones too; those that Stripe does not know are left out."""
    ask = _asking(base, timeout)
    return [body.encode() for name in ids if (body := ask(f"/v1/subscriptions/{name}", absent_is_none=True))]


def _bodies(page: str, place: str) -> Iterator[bytes]:
    try:
        yield from split(page.encode())
    except ImportFileError as error:
        raise Unanswered(f"stripe: half a page {place}: {error}") from error


def _page(body: str, place: str) -> tuple[list[str], bool]:
    """The ids on a page, and whether there is more."""
    try:
        page = _pages.decode(body)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Unanswered(f"stripe: expected a page of subscriptions {place}: {error}") from None
    return [entry.id for entry in page.elements], page.has_more


def _asking(base: str | None, timeout: int) -> Ask:
    """A function that makes one request and gives the text of its answer."""
    stripe = _library()
    key = os.environ.get(KEY)
    if not key:
        raise WrongUse(f"no key to ask with: {KEY} is not set", remedy="A restricted key will do.")
    client = stripe.StripeClient(
        key,
        base_addresses={"api": base.rstrip("/")} if base else {},
        max_network_retries=TRIES - 1,
        http_client=stripe.RequestsClient(timeout=timeout),
    )

    def ask(path: str, *, absent_is_none: bool = False, **words: Any) -> str | None:
        try:
            return _patiently(stripe, lambda: str(client.raw_request("get", path, **words).body))
        except stripe.StripeError as error:
            if absent_is_none and error.http_status == 404:
                return None
            told = " ".join(str(error.user_message or error).split())
            raise Unanswered(f"stripe: {path}: {told}") from error
        except ValueError as error:
            raise Unanswered(f"stripe: {path}: half an answer: {error}") from error

    return ask


def _patiently(stripe: Any, request: Callable[[], str]) -> str:
    """Ask again where Stripe says that there were too many requests, as late as it says; the client does the rest."""
    for tried in range(1, TRIES + 1):
        try:
            return request()
        except stripe.RateLimitError as error:
            if tried == TRIES:
                raise
            told = str((error.headers or {}).get("Retry-After", ""))
            time.sleep(min(int(told) if told.isdecimal() else 2**tried, LONGEST_WAIT))
    raise AssertionError


def _library() -> Any:
    try:
        return importlib.import_module("stripe")
    except ImportError:
        remedy = "`pip install 'mrr[stripe]'` adds it; or give an export of the list as a file."
        raise WrongUse("the client of stripe is not installed", remedy=remedy) from None
