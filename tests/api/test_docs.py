"""The pages about the service, as tests: every address on them is one that answers, with words that it knows."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from mrr.access import SCOPES
from tests.api.conftest import Service
from tests.test_docs import page
from tests.test_tidy import ROOT

PAGES = ("docs/api.md", "docs/security.md", "docs/deploy.md", "docs/serving.md", "docs/connect-stripe.md")
# What is on the pages and no route of the description: what it begins with, itself, and what Prometheus asks.
BESIDE = {"/v1", "/v1/openapi.json", "/metrics"}

# The word that shows what a wrong word is answered with.
WRONG = "interwal"


def _described(service: Service) -> Mapping[str, Any]:
    with service.client(None) as client:
        paths: Mapping[str, Any] = client.get("/v1/openapi.json").json()["paths"]
    return paths


def _fits(path: str, route: str) -> bool:
    pattern = re.sub(r"\{[^}]+\}", "[^/]+", route)
    return re.fullmatch(pattern, re.sub(r"\{[^}]+\}|\b(ID|SEQ|SOURCE|NAME)\b", "x", path)) is not None


@pytest.mark.parametrize("name", PAGES)
def test_addresses_on_pages_answer(service: Service, name: str) -> None:
    paths = _described(service)
    text = page(name)
    found = re.findall(r"(?:\$U|example\.com|`(?:[A-Z]+ )?)(/(?:v1|webhooks|health|ready|metrics)[^\s\"`]*)", text)
    assert found or name == "docs/connect-stripe.md"
    for address in found:
        parts = urlsplit(address)
        routes = [route for route in paths if _fits(parts.path, route)]
        assert routes or parts.path in BESIDE, f"{name}: {address}"
        takes = {
            word["name"]
            for route in routes
            for operation in paths[route].values()
            for word in operation.get("parameters", [])
        }
        assert {word for word, _ in parse_qsl(parts.query)} - {WRONG} <= takes, f"{name}: {address}"


def test_every_scope_is_on_the_page() -> None:
    table = page("docs/security.md").split("## Who may what")[1].split("None includes")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == list(SCOPES)


def test_what_is_deployed_fits_the_page() -> None:
    """The files are there, ask for the address that the service listens on, and keep nothing that they should not."""
    text = page("docs/deploy.md")
    for name in ("mrr.service", "Containerfile", "Caddyfile", "nginx.conf"):
        assert f"deploy/{name}" in text
        assert "8787" in Path(ROOT / "deploy" / name).read_text("utf-8")
    copied = re.findall(r"^COPY (?!--)(.+) \S+$", Path(ROOT / "deploy/Containerfile").read_text("utf-8"), re.MULTILINE)
    for source in (one for line in copied for one in line.split()):
        assert (ROOT / source).exists(), f"the container copies {source}"
