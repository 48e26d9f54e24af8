"""The description of the API: OpenAPI, with the schemas of the book's own answers."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from mrr.api.problems import Problem
from mrr.api.routes import Routes, name_of

_REF = "#/components/schemas/{name}"
TAGS: Mapping[str, str] = {
    "Revenue": "What the ledger says: roll-forward, metrics, cohorts, movements, customers; on any ledger.",
    "Export": "The same as files and as charts.",
    "Trust": "Why it can be believed: bridges, comparisons, reconciliations.",
    "Close": "Months: checks, closing, reopening, restatements.",
    "Policy": "What MRR is, what else it could be, and who decides.",
    "Edits": "What people say of the book, with author and reason.",
    "Journal": "What was told, entry by entry, and what became of it.",
    "Promises": "Indicators, objectives with their budgets, annotations.",
    "Deliveries": "What comes in, durable before the answer.",
    "Access": "Who may see and do what, and what they did.",
    "On-call": "What notices trouble, and what is done about it.",
    "Service": "How the service is.",
}
ABOUT = """Every question and every change of the command line. Amounts are integer micros (millionths of the
currency's major unit); instants are UTC in ISO 8601; each figure comes with its definition.

Send a token: `Authorization: Bearer mrr_…`; each operation names the scope that it needs. Lists come in pages: the
header `Link` leads to the next. Answers with rows can be had as CSV, Arrow, Parquet, Excel or JSON lines, by the header
`Accept` or the word `form`. Errors are problem documents (RFC 9457) whose `remedy` says what to do."""


def describe(app: FastAPI, themes: Iterable[Routes]) -> None:
    """Have an application describe itself, once somebody asks."""

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app, themes)
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def _described(app: FastAPI, themes: Iterable[Routes]) -> dict[str, Any]:
    tags = [{"name": name, "description": told} for name, told in TAGS.items()]
    answers = [kind for routes in themes for kind in routes.answers]
    schemas, parts = msgspec.json.schema_components([*answers, Problem], ref_template=_REF)
    told = get_openapi(title=app.title, version=app.version, description=ABOUT, routes=app.routes, tags=tags)
    for operation in _operations(told):
        operation.get("responses", {}).pop("default", None)
        scope = operation.pop("x-scope", None)
        if scope is not None:
            operation["description"] = f"{operation.get('description', '')}\n\nNeeds the scope `{scope}`."
    components = told.setdefault("components", {})
    twice = components.get("schemas", {}).keys() & parts.keys()
    assert not twice, f"what is said and what is answered must not share a name: {twice}"
    components["schemas"] = {**components.get("schemas", {}), **_lists(parts)}
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    refs = {name_of(kind): schema["$ref"] for kind, schema in zip(answers, schemas[:-1], strict=True)}
    return told | {"paths": _referred(told["paths"], refs)}


def _referred(part: Any, refs: Mapping[str, str]) -> Any:
    """The same with each answer by the name under which its schema stands."""
    if isinstance(part, dict):
        return {
            name: refs.get(inner, inner) if name == "$ref" else _referred(inner, refs) for name, inner in part.items()
        }
    return [_referred(inner, refs) for inner in part] if isinstance(part, list) else part


def _lists(part: Any) -> Any:
    """The same with each pair as a list: readers of the description do not agree on how pairs are told."""
    if isinstance(part, dict):
        told = {name: _lists(inner) for name, inner in part.items() if name != "prefixItems"}
        return told | {"items": {}} if "prefixItems" in part else told
    return [_lists(inner) for inner in part] if isinstance(part, list) else part


def _operations(told: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for path in told["paths"].values():
        yield from path.values()
