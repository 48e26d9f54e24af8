"""What the service offers: each route with its scope, each command with its route, all of it described."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Mount, Route

from mrr.access import SCOPES
from mrr.book import Book
from mrr.cli.main import EXAMPLES, GROUPS
from mrr.door import Needs
from mrr.live import Live
from mrr.serve import served
from tests.api.conftest import Service, made

# What anybody may ask: whether the service lives, what the API is, the way in, what is signed in another way, and
# what is the same for everybody.
PUBLIC = {
    ("GET", "/health"),
    ("GET", "/ready"),
    ("GET", "/v1/openapi.json"),
    ("*", "/v1/{rest:path}"),
    ("POST", "/webhooks/{source}"),
    ("GET", "/login"),
    ("POST", "/login"),
    ("POST", "/logout"),
    ("GET", "/static/vega.js"),
    ("*", "/static"),
}
# Routes that ask for the scope inside, so that not every scrape is a step of the trail.
INSIDE = {("GET", "/metrics")}
# What a command does over HTTP; a group of commands is named by what it begins with.
ROUTES: Mapping[str, str] = {
    "import": "POST /v1/imports",
    "schema": "GET /v1/schema",
    "build": "POST /v1/build",
    "rollforward": "GET /v1/rollforward",
    "metric": "GET /v1/metrics/{name}",
    "metrics": "GET /v1/metrics",
    "cohort": "GET /v1/cohorts/{of}",
    "movements": "GET /v1/movements",
    "customers": "GET /v1/customers",
    "export": "GET /v1/export/{what}",
    "chart": "GET /v1/charts/{name}",
    "bridge": "GET /v1/bridge",
    "compare": "POST /v1/comparisons",
    "explain": "GET /v1/movements/{movement_id}",
    "quarantine": "GET /v1/quarantine",
    "gate": "GET /v1/checks",
    "close": "POST /v1/closes",
    "reopen": "POST /v1/closes/{month}/reopen",
    "restate": "GET /v1/closes/{month}/restatement",
    "closes": "GET /v1/closes",
    "verify": "GET /v1/verify",
    "sli": "GET /v1/slis",
    "slo": "GET /v1/slos",
    "annotate": "POST /v1/annotations",
    "watch": "POST /v1/watch",
    "alerts": "GET /v1/alerts",
    "ack": "POST /v1/alerts/{alert}/acknowledge",
    "resolve": "POST /v1/alerts/{alert}/resolve",
    "silence": "POST /v1/silences",
    "silences": "GET /v1/silences",
    "lift": "POST /v1/silences/lifted",
    "course": "GET /v1/slis/{indicator}/course",
    "drills": "GET /v1/drills",
    "impact": "GET /v1/impact",
    "postmortem": "GET /v1/postmortem",
    "digest": "GET /v1/digest/{which}",
    "signals": "GET /v1/signals",
    "anomalies": "GET /v1/anomalies",
    "policy show": "GET /v1/policy",
    "policy presets": "GET /v1/policy/presets",
    "policy list": "GET /v1/policy/versions",
    "policy diff": "GET /v1/policy/difference",
    "policy try": "GET /v1/policy/trial",
    "policy price": "GET /v1/policy/prices",
    "policy propose": "POST /v1/policy/versions",
    "policy approve": "POST /v1/policy/versions/{version}/approve",
    "policy promote": "POST /v1/policy/versions/{version}/promote",
    "policy rollback": "POST /v1/policy/rollback",
    "policy check": "POST /v1/policy/check",
    "policy hash": "GET /v1/policy",
    "reconcile subscriptions": "POST /v1/reconciliations/subscriptions",
    "reconcile invoices": "POST /v1/reconciliations/invoices",
    "reconcile cash": "POST /v1/reconciliations/cash",
    "reconcile crm": "POST /v1/reconciliations/{what}",
    "reconcile entitlements": "POST /v1/reconciliations/{what}",
    "reconcile prorations": "POST /v1/reconciliations/prorations",
    "reconcile parity": "POST /v1/reconciliations/parity",
    "reconcile history": "GET /v1/reconciliations",
    "edit exclude": "POST /v1/edits/exclude",
    "edit include": "POST /v1/edits/include",
    "edit merge": "POST /v1/edits/merge",
    "edit continue": "POST /v1/edits/continue",
    "edit correct": "POST /v1/edits/correct",
    "edit decide": "POST /v1/edits/decide",
    "edit revert": "POST /v1/edits/revert",
    "edit list": "GET /v1/edits",
    "access token": "POST /v1/access/tokens",
    "access user": "POST /v1/access/users",
    "access revoke": "DELETE /v1/access/tokens/{key_id}",
    "access list": "GET /v1/access",
    "access trail": "GET /v1/trail",
}
# What is no question to a book that is served.
ELSEWHERE = {
    "demo": "makes a book",
    "drill": "works on a copy of its own",
    "init": "makes a book",
    "serve": "is the service",
    "simulate": "invents a company; it has no book",
    "scenario": "runs a story of its own; it has no book",
}


@pytest.fixture(scope="module")
def service_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """The whole service, pages and API, as it is served."""
    folder = tmp_path_factory.mktemp("surface") / "book"
    made(folder)
    with Book(folder) as book:
        yield served(Live(book))


def _routes(found: Iterable[BaseRoute], prefix: str = "") -> Iterator[tuple[str, BaseRoute]]:
    """Every route with its path, through whatever is mounted."""
    for route in found:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from _routes(inner.routes, prefix)
        elif isinstance(route, Mount) and route.app is not None and getattr(route.app, "routes", None):
            yield from _routes(route.routes, prefix + route.path)
        else:
            yield prefix + str(getattr(route, "path", "?")), route


def _scopes(route: BaseRoute) -> set[str]:
    if not isinstance(route, APIRoute):
        return set()
    found, waiting = set(), list(route.dependant.dependencies)
    while waiting:
        one = waiting.pop()
        waiting += one.dependencies
        if isinstance(one.call, Needs):
            found.add(one.call.scope)
    return found


def _methods(path: str, route: BaseRoute) -> set[tuple[str, str]]:
    methods = (getattr(route, "methods", None) or {"*"}) - {"HEAD"}
    return {("*", path)} if len(methods) > 3 else {(method, path) for method in methods}


def test_every_route_needs_a_scope_or_is_public(service_app: FastAPI) -> None:
    routes = list(_routes(service_app.routes))
    bare = {named for path, route in routes if not _scopes(route) for named in _methods(path, route)}
    assert bare == PUBLIC | INSIDE
    scoped = [(path, _scopes(route)) for path, route in routes if _scopes(route)]
    assert len(scoped) > 70
    assert all(len(scopes) == 1 for _, scopes in scoped), "one scope a route"
    assert {scope for _, (scope,) in scoped} == set(SCOPES), "each scope opens something"
    assert sum(isinstance(route, (Route, Mount)) for _, route in routes) == len(routes), "no route of another kind"


def _url(path: str) -> str:
    return re.sub(r"\{[^}]+\}", "1", path)


def test_nobody_comes_in_without_a_token(service_app: FastAPI, service: Service) -> None:
    """The same asked from outside: the API says 401, a page leads to the way in."""
    routes = {named for path, route in _routes(service_app.routes) for named in _methods(path, route)}
    with service.client(None) as client:
        for method, path in sorted(routes - PUBLIC):
            answer = client.request(method, _url(path))
            led_in = answer.status_code == 303 and answer.headers["location"].startswith("/login")
            assert answer.status_code == 401 or led_in, (method, path, answer.status_code)


def test_changes_need_more_than_reading(service_app: FastAPI) -> None:
    """Whoever may only read can change nothing; what is asked with a body changes nothing either."""
    questions = {"/v1/comparisons", "/v1/policy/check"}
    for path, route in _routes(service_app.routes):
        changing = (getattr(route, "methods", None) or set()) & {"POST", "PUT", "PATCH", "DELETE"}
        if changing and _scopes(route) and path.startswith("/v1/") and path not in questions:
            assert not _scopes(route) & {"read", "export"}, path


def test_every_command_has_its_route(service_app: FastAPI) -> None:
    commands = {name for name, _, _ in EXAMPLES}
    commands |= {f"{group} {name}" for group, (_, inner, _) in GROUPS.items() for name, _, _ in inner}
    assert commands - ROUTES.keys() - ELSEWHERE.keys() == set(), "a command without a route, and without a reason"
    assert (ROUTES.keys() | ELSEWHERE.keys()) - commands == set(), "a route for a command that is gone"
    there = {
        f"{method} {path}" for path, route in _routes(service_app.routes) for method, path in _methods(path, route)
    }
    assert set(ROUTES.values()) <= there


# ----- the description


def _refs(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for inner in part.values():
            yield from _refs(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _refs(inner)


def test_the_description_is_whole(service_app: FastAPI) -> None:
    told = service_app.openapi()
    assert {ref.rpartition("/")[2] for ref in _refs(told)} <= told["components"]["schemas"].keys()
    tags = {tag["name"] for tag in told["tags"]}
    names = []
    for path, operations in told["paths"].items():
        for operation in operations.values():
            names.append(operation["operationId"])
            assert set(operation["tags"]) <= tags, path
            assert operation["description"].strip(), path
            scopes = {scope for rule in operation["security"] for scope in rule["token"]}
            assert scopes <= set(SCOPES)
            if scopes:
                assert f"`{min(scopes)}`" in operation["description"]
                assert operation["responses"].keys() >= {"401", "403"}, path
    assert len(names) == len(set(names)) > 60


def test_what_is_said_in_a_body_has_an_example(service_app: FastAPI) -> None:
    told = service_app.openapi()
    schemas = told["components"]["schemas"]
    for path, operations in told["paths"].items():
        for operation in operations.values():
            content = operation.get("requestBody", {}).get("content", {})
            ref = content.get("application/json", {}).get("schema", {}).get("$ref")
            if ref is None:
                continue
            said = schemas[ref.rpartition("/")[2]]
            assert said["additionalProperties"] is False, f"{path} takes words that mean nothing"
            for name in said.get("required", []):
                assert said["properties"][name].get("examples"), f"{path}: {name} has no example"
