"""The whole API, fuzzed by its own description: nothing that is said, however odd, is answered by a defect."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.openapi import from_dict
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.conftest import Service

CHECKS: list[CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
# What never ends, takes long whatever is asked, or goes out to other machines; each has tests of its own.
LEFT_OUT = {"stream", "import_ecb", "policy_prices", "reconcile_live"}
# How often each route is asked.
PER_ROUTE, PER_ROUTE_SOAK = 4, 400


def _operations(service: Service) -> Iterator[APIOperation[Any, Any, Any, Any]]:
    with service.client(None) as client:
        told = client.get("/v1/openapi.json").json()
    for found in from_dict(told).get_all_operations():
        assert isinstance(found, Ok), "the description can be read"
        operation = found.ok()
        if operation.definition.raw.get("operationId") not in LEFT_OUT:
            yield operation


def _fuzz(service: Service, examples: int) -> dict[str, int]:
    """Ask every route so often, with what fits its description and with what does not; how often by status."""
    statuses: dict[str, int] = {}
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {service.tokens['admin']}"
        for operation in _operations(service):
            _asked(operation, GenerationMode.POSITIVE, examples // 2, service.url, session, statuses)
            # Where a route takes no words there is none that does not fit.
            with suppress(Unsatisfiable):
                _asked(operation, GenerationMode.NEGATIVE, examples // 2, service.url, session, statuses)
    return statuses


def _asked(
    operation: APIOperation[Any, Any, Any, Any],
    mode: GenerationMode,
    examples: int,
    url: str,
    session: requests.Session,
    statuses: dict[str, int],
) -> None:
    @seed(5)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: "Case[Any]") -> None:
        response = case.call(base_url=url, session=session, timeout=60)
        kind = f"{response.status_code // 100}xx"
        statuses[kind] = statuses.get(kind, 0) + 1
        case.validate_response(response, checks=CHECKS)

    ask()


def _sound(service: Service) -> None:
    """Whatever was said, the journal is whole, and the service answers."""
    with service.client("admin") as client:
        told = client.get("/v1/verify").json()
        assert (told["chain"], told["adds_up"]) == ("ok", True)
        assert client.get("/v1/trail/verification").json()["ok"]


@pytest.mark.slow
def test_no_route_answers_with_a_defect(service: Service) -> None:
    statuses = _fuzz(service, PER_ROUTE)
    assert statuses["2xx"] > 50, "much of it was answered"
    assert statuses["4xx"] > 50, "and much of it refused"
    _sound(service)


@pytest.mark.soak
def test_no_route_answers_with_a_defect_for_long(service: Service) -> None:
    _fuzz(service, PER_ROUTE_SOAK)
    _sound(service)
