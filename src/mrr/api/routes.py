"""How a question becomes a route: the scope it needs, the ledger it looks at, the page and the form that are wanted."""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import wraps
from inspect import Parameter
from types import MappingProxyType
from typing import Annotated, Any, TypeVar, get_type_hints

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

import mrr.api.forms as forms
import mrr.api.problems as problems
import mrr.api.uploads as uploads
from mrr.api.known import book_of
from mrr.api.paging import Place, paged
from mrr.book import NOW
from mrr.door import Needs
from mrr.errors import WrongUse

F = TypeVar("F", bound=Callable[..., Any])

Ledger = Annotated[
    str,
    Query(
        description="Another ledger: what was known then, a preset, one key otherwise, a closed month.",
        examples=["@seq:2", "chartmogul", "churn_at=request"],
    ),
]
Limit = Annotated[int, Query(ge=1, le=5_000, description="At most so many rows; the header `Link` leads to the next.")]
Cursor = Annotated[str | None, Query(description="Where the page before ended.")]
FormIs = Annotated[forms.FormName | None, Query(description="As the header Accept, for who cannot send one.")]
Micros = Annotated[bool, Query(description="In files: amounts as integer micros instead of decimals.")]


def only_known(request: Request) -> None:
    """Raises WrongUse for a word that the route does not know: left aside it would answer another question."""
    takes = [*_words(request.scope["route"].dependant)]
    for name in request.query_params:
        if name not in takes:
            remedy = f"It takes {', '.join(takes)}." if takes else "It takes no words in the URL."
            raise WrongUse(f"{name!r} is no word of this question", remedy=remedy)


def _words(dependant: Any) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for inner in dependant.dependencies:
        yield from _words(inner)


# What a route that takes a file says of it.
UPLOAD: Mapping[str, Any] = {"body": uploads.BODY, "most": uploads.UPLOAD_BYTES}


def described(scope: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What the description of the API says of a route besides its words: the scope, and the file that it takes."""
    told: dict[str, Any] = {"security": [{"token": [scope]}], "x-scope": scope}
    return told if body is None else told | {"requestBody": body}


class Routes(APIRouter):
    """The routes of a theme. A function says by its parameters what it takes, by its return type what it answers."""

    def __init__(self, theme: str) -> None:
        super().__init__(prefix="/v1", tags=[theme])
        self.answers: list[Any] = []

    def ask(self, path: str, scope: str = "read", *, ledgers: bool = False, pages: bool = False) -> Callable[[F], F]:
        """A question: on another ledger where `ledgers`, in pages where `pages`."""
        extra: dict[str, tuple[Any, Any]] = {"ledger": (Ledger, NOW)} if ledgers else {}
        if pages:
            extra |= {"limit": (Limit, 500), "cursor": (Cursor, None)}
        return self._added("GET", path, scope, 200, extra)

    def tell(self, path: str, scope: str, status: int = 200, *, upload: bool = False) -> Callable[[F], F]:
        """A change, or a question too long for a URL; with a file where `upload`."""
        return self._added("POST", path, scope, status, {}, UPLOAD if upload else {})

    def end(self, path: str, scope: str) -> Callable[[F], F]:
        """What takes something away."""
        return self._added("DELETE", path, scope, 200, {})

    def _added(
        self,
        method: str,
        path: str,
        scope: str,
        status: int,
        extra: Mapping[str, tuple[Any, Any]],
        more: Mapping[str, Any] = MappingProxyType({}),
    ) -> Callable[[F], F]:
        def added(function: F) -> F:
            answer = get_type_hints(function)["return"]
            tabular = forms.is_tabular(answer)
            taken = {**extra, "form": (FormIs, None), "micros": (Micros, False)} if tabular else extra
            self.answers.append(answer)
            self.add_api_route(
                path,
                _endpoint(function, taken, status),
                methods=[method],
                status_code=status,
                response_model=None,
                operation_id=function.__name__,
                dependencies=[Depends(Needs(scope)), Depends(only_known)],
                responses={status: _told(answer, tabular), **problems.responses(scope)},
                openapi_extra=described(scope, more.get("body")),
                max_body_size=more.get("most"),
            )
            return function

        return added


def _endpoint(
    function: Callable[..., Any], more: Mapping[str, tuple[Any, Any]], status: int
) -> Callable[..., Response]:
    """A function as FastAPI calls it: with what all routes take, answered in the form that is wanted."""

    @wraps(function)
    def endpoint(asked: Request, **words: Any) -> Response:
        extra = {name: words.pop(name) for name in more}
        place = Place.read(extra.get("cursor"), extra.get("ledger", NOW), words.get("as_of"))
        if "as_of" in words:
            words["as_of"] = place.as_of
        headers: Mapping[str, str] = {}
        with book_of(asked).on(place.ledger):
            found = function(**words)
        if "limit" in extra:
            found, headers = paged(asked, found, place, extra["limit"])
        how = {name: extra[name] for name in ("form", "micros") if name in extra}
        return forms.answered(asked, found, headers, status=status, **how)

    taken = [*_own(function), *(_parameter(name, kind, usual) for name, (kind, usual) in more.items())]
    request = Parameter("asked", Parameter.KEYWORD_ONLY, annotation=Request)
    endpoint.__signature__ = inspect.Signature([request, *taken], return_annotation=Response)  # type: ignore[attr-defined]
    return endpoint


def _own(function: Callable[..., Any]) -> Iterator[Parameter]:
    hints = get_type_hints(function, include_extras=True)
    for name, parameter in inspect.signature(function).parameters.items():
        yield parameter.replace(kind=Parameter.KEYWORD_ONLY, annotation=hints[name])


def _parameter(name: str, kind: Any, usual: Any) -> Parameter:
    return Parameter(name, Parameter.KEYWORD_ONLY, default=usual, annotation=kind)


def name_of(answer: Any) -> str:
    """By what name a route refers to its answer until `described` knows them all: two rooms may use one name."""
    return f"{answer.__module__}.{answer.__qualname__}"


def _told(answer: Any, tabular: bool) -> dict[str, Any]:
    """An answer as the description of the API tells it; `described` adds its schema."""
    content: dict[str, Any] = {forms.JSON: {"schema": {"$ref": name_of(answer)}}}
    if tabular:
        binary: Sequence[str] = [form.media for form in forms.FILES.values()]
        content |= {media: {"schema": {"type": "string", "format": "binary"}} for media in binary}
    return {"description": "The answer.", "content": content}
