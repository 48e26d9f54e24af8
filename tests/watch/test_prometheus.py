"""Prometheus for real: its own tools check the rules, and every query of the boards finds what a service told."""

import importlib.util
import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from mrr import Book
from mrr.access import Access
from mrr.book.clock import now, now_micros
from mrr.policy import standard
from tests.api.conftest import Service, ended, started
from tests.test_tidy import ROOT

from .troubled import HOUR, bodies, company, payment, subscription, text

DEPLOY = ROOT / "deploy"
PLACE = DEPLOY / "prometheus"
OPENMETRICS = {"Accept": "application/openmetrics-text;version=1.0.0"}


def tool(name: str) -> str:
    """A program of Prometheus; installed where that may be, and missed loudly where not."""
    found = shutil.which(name)
    if found is None and shutil.which("apt-get") and os.geteuid() == 0:
        words = ["apt-get", "install", "-y", "--no-install-recommends", "prometheus"]
        subprocess.run(words, capture_output=True, check=False, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
        found = shutil.which(name)
    if found is None:
        pytest.skip(
            f"NOTHING WAS CHECKED AGAINST PROMETHEUS: {name} is not installed (Debian's package prometheus has it)"
        )
    return found


def boards() -> ModuleType:
    """deploy/grafana/boards.py as a module."""
    spec = importlib.util.spec_from_file_location("boards", DEPLOY / "grafana" / "boards.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def queries() -> list[tuple[str, str]]:
    """Every query of every board, with the title of its panel; those of its annotations too."""
    found = []
    for name in boards().BOARDS:
        board = json.loads((DEPLOY / "grafana" / f"{name}.json").read_text("utf-8"))
        found += [(f"{name}: {one['title']}", one["targets"][0]["expr"]) for one in board["panels"]]
        found += [(f"{name}: {one['name']}", one["expr"]) for one in board["annotations"]["list"]]
    return found


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A running service over the troubled company, some of whose events are as old as they look."""
    folder = tmp_path_factory.mktemp("scraped") / "book"
    with Book.create(folder, policy=standard()) as book:
        book.append_bodies(bodies(company(now())), source="native")
        book.reconcile_invoices()
        access = Access(book.journal)
        tokens = {scope: access.token(f"t-{scope}", [scope], now_micros()) for scope in ("read", "operate")}
    process, url = started(folder)
    running = Service(url, folder, tokens, process)
    running.ready(1)
    yield running
    ended(process)


def told(service: Service, number: int) -> None:
    """A new customer who pays, and one who cannot, told to the service."""
    who = f"live-{number}"
    events = [
        subscription(who, now()),
        payment(f"p-{who}", who, now()),
        payment(f"x-{who}", f"x-{who}", now(), "stolen_card"),
    ]
    with service.client("operate") as client:
        answer = client.post("/v1/events", content=b"\n".join(bodies(iter(events))))
        assert answer.status_code == 202


def samples(text: str) -> dict[str, list[tuple[dict[str, str], float]]]:
    """The samples of a scrape by name."""
    found: dict[str, list[tuple[dict[str, str], float]]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found


# ----- the scrape


def test_a_scrape_needs_a_token_and_tells_the_book(service: Service) -> None:
    with service.client(None) as nobody:
        assert nobody.get("/metrics").status_code == 401
    with service.client("operate") as other:
        assert other.get("/metrics").status_code == 403
    with service.client("read") as client:
        answer = client.get("/metrics")
        assert answer.headers["content-type"].startswith("text/plain")
        found = samples(answer.text)
        (risk,) = [value for labels, value in found["mrr_at_risk_amount"] if labels["reason"] == "past_due"]
        assert risk == 100.0
        assert found["mrr_paying_customers"][0][1] == 21
        failed = {labels["reason"]: value for labels, value in found["mrr_payment_attempts_total"]}
        assert (failed["do_not_honor"], failed["card_declined"], failed["expired_card"]) == (3, 4, 1)
        states = {one["objective"]: one["state"] for one, on in found["mrr_objective_state"] if on}
        assert states["at_risk"] == states["proration"] == "ticket"
        assert {len(labels) for rows in found.values() for labels, _ in rows} <= {0, 1, 2, 3}
        newer = client.get("/metrics", headers=OPENMETRICS)
        assert newer.headers["content-type"].startswith("application/openmetrics-text")
        assert newer.text.endswith("# EOF\n")
        # A browser is shown the governed metrics, under the same address.
        assert "text/html" in client.get("/metrics", headers={"Accept": "text/html"}).headers["content-type"]


def test_the_trail_has_a_scraper_once_a_day(service: Service) -> None:
    with service.client("read") as client:
        for _ in range(5):
            assert client.get("/metrics").status_code == 200
    with Book(service.folder) as book:
        steps = [one for one in book.trail.steps() if one.action == "GET /metrics" and one.actor == "t-read"]
    # The browser's page is another matter: it says each time who looked.
    assert 1 <= len(steps) <= 2


def test_what_is_posted_is_measured(service: Service) -> None:
    told(service, 0)
    deadline = time.monotonic() + 120
    with service.client("read") as client:
        while time.monotonic() < deadline:
            found = samples(client.get("/metrics").text)
            if "mrr_queue_posting_seconds" in found:
                break
            time.sleep(0.5)
    times = {labels["quantile"]: value for labels, value in found["mrr_queue_posting_seconds"]}
    assert 0 < times["0.5"] <= times["0.95"] <= times["0.99"] < 60
    assert found["mrr_posting_waiting_entries"][0][1] == 0


def test_routes_are_labels_and_paths_are_not(service: Service) -> None:
    with service.client("read") as client:
        for number in range(3):
            client.get(f"/v1/nothing/{number}")
            client.get(f"/customers/nobody-{number}")
        found = samples(client.get("/metrics").text)
    routes = {labels["route"] for labels, _ in found["mrr_answer_seconds_count"]}
    assert "/v1/{rest:path}" in routes
    assert not [route for route in routes if re.search(r"\d", route.replace("/v1", ""))]


def test_the_pages_show_the_same(service: Service) -> None:
    with service.client("read") as client:
        page = client.get("/on-call").text
        assert re.search(r'data-objective="at_risk".*?data-state="ticket"', page, re.DOTALL)
        assert "MRR at risk" in client.get("/on-call/executive").text
        assert "do_not_honor" in client.get("/on-call/debug").text


# ----- rules and boards


def test_the_rules_are_sound_and_alarm_as_they_should() -> None:
    promtool = tool("promtool")
    for words in (["check", "rules", "recording.yml", "alerting.yml"], ["test", "rules", "rules.test.yml"]):
        done = subprocess.run([promtool, *words], cwd=PLACE, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_says_who_is_woken_and_what_to_do() -> None:
    rules = yaml.safe_load((PLACE / "alerting.yml").read_text("utf-8"))["groups"][0]["rules"]
    tested = (PLACE / "rules.test.yml").read_text("utf-8")
    for rule in rules:
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"]["runbook"].startswith("docs/")
        assert rule["alert"] in tested, f"nothing tests {rule['alert']}"


def test_the_first_note_of_a_kind_is_drawn_and_each_later_one_for_two_minutes(tmp_path: Path) -> None:
    (query,) = {query for title, query in queries() if title.endswith(": Noted")}
    series = {"series": 'mrr_noted_timestamp_seconds{kind="deploy"}', "values": "_x5 100x9 900x10"}
    drawn = {4: 0, 5: 1, 6: 1, 8: 0, 14: 0, 15: 1, 16: 1, 18: 0}
    asked = [
        {
            "expr": f"count({query}) or vector(0)",
            "eval_time": f"{minute}m",
            "exp_samples": [{"labels": "{}", "value": value}],
        }
        for minute, value in drawn.items()
    ]
    told = {"tests": [{"interval": "1m", "input_series": [series], "promql_expr_test": asked}]}
    (tmp_path / "noted.yml").write_text(yaml.safe_dump(told))
    done = subprocess.run(
        [tool("promtool"), "test", "rules", "noted.yml"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_boards_are_as_the_code_says() -> None:
    for name, written in boards().written().items():
        assert (DEPLOY / "grafana" / name).read_text("utf-8") == written, "python deploy/grafana/boards.py"


@pytest.fixture
def prometheus(service: Service, tmp_path: Path) -> Iterator[httpx.Client]:
    """A Prometheus that scrapes the service every second, with our own settings but for place and pace."""
    meant = yaml.safe_load((PLACE / "prometheus.yml").read_text("utf-8"))
    meant["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    (scrape,) = meant["scrape_configs"]
    scrape["static_configs"] = [{"targets": [service.url.removeprefix("http://")]}]
    for name in meant["rule_files"]:
        shutil.copy(PLACE / name, tmp_path / name)
    (tmp_path / scrape["authorization"]["credentials_file"]).write_text(service.tokens["read"])
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(meant))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = [
        tool("prometheus"),
        f"--config.file={tmp_path / 'prometheus.yml'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    words += [f"--storage.tsdb.path={tmp_path / 'tsdb'}", "--log.level=error"]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=10) as client:
        yield client
    process.terminate()
    process.wait(timeout=30)


def result(client: httpx.Client, query: str) -> Any:
    """What Prometheus answers to a query; nothing while it starts."""
    try:
        answer = client.get("/query", params={"query": query})
    except httpx.TransportError:
        return []
    return answer.json()["data"]["result"] if answer.status_code == 200 else []


@pytest.mark.slow
def test_every_query_of_the_boards_finds_data(service: Service, prometheus: httpx.Client) -> None:
    """While customers come, a payment fails and a deploy is noted, as on any day."""
    waiting, deadline, number = dict(queries()), time.monotonic() + 240, 1
    assert len(waiting) > 40
    while waiting and time.monotonic() < deadline:
        told(service, number)
        with service.client("operate") as client:
            deploy = {"kind": "deploy", "text": f"release {number}", "at": text(now() - HOUR / (number + 1))}
            assert client.post("/v1/annotations", json=deploy).status_code == 201
        time.sleep(1)
        waiting = {title: query for title, query in waiting.items() if not result(prometheus, query)}
        number += 1
    assert not waiting, f"no data: {waiting}"
    firing = {one["metric"]["alertname"] for one in result(prometheus, 'ALERTS{severity="ticket"}')}
    assert "MrrObjectiveTicket" in firing
    rules = prometheus.get("/rules").json()["data"]["groups"]
    broken = [rule["name"] for group in rules for rule in group["rules"] if rule["health"] == "err"]
    assert not broken
