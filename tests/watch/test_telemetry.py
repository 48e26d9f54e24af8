"""Traces and log lines of a real service: spans arrive at a collector, with the ids of whom they concern."""

import json
import logging
import socket
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from mrr import telemetry
from mrr.book.clock import now
from mrr.errors import WrongUse
from tests.api.conftest import Service, ended, made, started

from .troubled import bodies, subscription

Span = tuple[str, dict[str, Any]]


class Collector(ThreadingHTTPServer):
    """Takes spans as OTLP over HTTP."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Taking)
        self.spans: list[Span] = []


class Taking(BaseHTTPRequestHandler):
    """One export."""

    server: Collector

    def do_POST(self) -> None:
        """Keep its spans."""
        told = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"])))
        for span in (one for each in told.resource_spans for scope in each.scope_spans for one in scope.spans):
            self.server.spans.append((span.name, {one.key: value(one.value) for one in span.attributes}))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def value(told: Any) -> Any:
    """A value of an attribute."""
    kind = told.WhichOneof("value")
    return [value(one) for one in told.array_value.values] if kind == "array_value" else getattr(told, kind)


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A collector that listens."""
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_posting_is_traced_and_written_with_its_ids(
    collector: Collector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{collector.server_address[1]}")
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "200")
    monkeypatch.setenv("MRR_LOG", "json")
    tokens = made(tmp_path / "book")
    process, url = started(tmp_path / "book")
    service = Service(url, tmp_path / "book", tokens, process)
    try:
        service.ready(3)
        with service.client("operate") as client:
            (body,) = bodies(iter([subscription("traced", now())]))
            assert client.post("/v1/events", content=body).status_code == 202
        told = posted(collector)
        break_off(service)
    finally:
        ended(process)
    assert told["mrr.customer_ids"] == ["native/traced"]
    assert told["mrr.plan_ids"] == ["native/pro"]
    assert len(told["mrr.event_ids"]) == 1
    assert (told["mrr.first_seq"], told["mrr.last_seq"]) == (4, 4)
    answers = {name: attributes for name, attributes in collector.spans if name.startswith("POST")}
    assert answers["POST /v1/events"]["http.response.status_code"] == 202
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    (line,) = [one for one in lines if one.get("event") == "posted" and one["last_seq"] == 4]
    assert line["customer_ids"] == ["native/traced"]
    assert line["waited_ms"] >= 0
    assert {"event": "failed", "method": "GET", "route": "/v1/alerts", "status": 500} in lines
    of_server = {one["message"].strip(): one for one in lines if one.get("logger") == "uvicorn.error"}
    assert of_server["Invalid HTTP request received."]["level"] == "warning"
    failed = of_server["Exception in ASGI application"]
    assert (failed["level"], list(failed)) == ("error", ["message", "level", "logger", "traceback"])
    assert "msgspec.DecodeError" in failed["traceback"]


def break_off(service: Service) -> None:
    """Ask what is no request, and what nobody expects to fail."""
    host, port = service.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(b"this is no request\r\n\r\n")
        assert b" 400 " in connection.recv(1 << 10)
    with sqlite3.connect(service.folder / "journal.sqlite", timeout=10) as store:
        store.execute("INSERT INTO alert_event VALUES (1, 1, 0, 'nobody', 'no event')")
    store.close()
    with service.client("read") as client:
        assert client.get("/v1/alerts").status_code == 500


def test_an_error_of_the_house_is_a_line_with_its_traceback() -> None:
    try:
        raise WrongUse("routes.phone leads nowhere")
    except WrongUse:
        caught = sys.exc_info()
    record = logging.LogRecord("mrr.duty", logging.ERROR, __file__, 1, "nobody watches %s", ("acme",), caught)
    line = telemetry.Lines().format(record)
    assert "\n" not in line
    told = json.loads(line)
    assert "leads nowhere" in told.pop("traceback")
    assert told == {"message": "nobody watches acme", "level": "error", "logger": "mrr.duty"}


def posted(collector: Collector) -> dict[str, Any]:
    """What the span of a posting carries, once it has come."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        for name, attributes in list(collector.spans):
            if name == "posted" and any(one.startswith("POST /v1/events") for one, _ in collector.spans):
                return attributes
        time.sleep(0.1)
    raise AssertionError(f"no posting among {[name for name, _ in collector.spans]}")


def test_spans_that_nothing_can_send_are_refused_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(WrongUse, match="spans are asked for") as refused:
        telemetry.begin()
    assert "mrr[tracing]" in refused.value.remedy
