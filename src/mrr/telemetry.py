"""Traces and logs: what a served book did, as OpenTelemetry spans and JSON lines, with the ids of whom it concerned."""

import json
import logging
import os
import sys
from collections.abc import Mapping
from typing import Any

from opentelemetry import trace
from opentelemetry.trace import Tracer

from mrr.errors import WrongUse

# Set to `json`, the service writes a line for each posting and each answer that failed, and its errors as lines too.
LOG = "MRR_LOG"
# The settings by which OpenTelemetry itself is told where spans go; without any nothing is traced.
TRACED_BY = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_log = logging.getLogger("mrr")


def begin() -> None:
    """Have spans exported and lines written, as far as the environment asks for it.

    Raises WrongUse where spans are asked for and what sends them is not installed.
    """
    if os.environ.get(LOG) == "json" and not _log.handlers:
        _begin_lines()
    if any(os.environ.get(name) for name in TRACED_BY) and not _exports():
        # Only who asks for traces pays for what sends them.
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
        except ModuleNotFoundError as error:
            remedy = f"`pip install 'mrr[tracing]'`, or unset {' and '.join(TRACED_BY)}."
            raise WrongUse(f"spans are asked for, but {error.name} is not installed", remedy=remedy) from None

        provider = TracerProvider(resource=Resource.create({"service.name": "mrr"}))
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        trace.set_tracer_provider(provider)


def _begin_lines() -> None:
    # Only who serves has the server at hand.
    from uvicorn.config import LOGGING_CONFIG

    to_stderr = logging.StreamHandler(sys.stderr)
    to_stderr.setFormatter(Lines())
    _log.addHandler(to_stderr)
    _log.setLevel(logging.INFO)
    _log.propagate = False
    # The server sets its loggers up anew when it begins, by this.
    LOGGING_CONFIG["formatters"]["default"] = {"()": Lines}


class Lines(logging.Formatter):
    """Whatever is logged as one JSON object a line: what `write` tells, or message, level, logger and traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        told = getattr(record, "told", None)
        return _line(self._plain(record) if told is None else {"event": record.msg, **told})

    def _plain(self, record: logging.LogRecord) -> dict[str, Any]:
        said = {"message": record.getMessage(), "level": record.levelname.lower(), "logger": record.name}
        return said | ({"traceback": self.formatException(record.exc_info)} if record.exc_info else {})


def _line(told: Mapping[str, Any]) -> str:
    return json.dumps(told, default=str, ensure_ascii=False)


def _exports() -> bool:
    return hasattr(trace.get_tracer_provider(), "add_span_processor")


def tracer() -> Tracer:
    """The tracer of the house; without a provider its spans are nothing, and cost nothing."""
    return trace.get_tracer("mrr")


def is_on() -> bool:
    """Whether anybody reads what is told here, so that nobody else pays for finding it out."""
    return bool(_log.handlers) or _exports()


def write(event: str, **told: Any) -> None:
    """A line of the log: a JSON object with `event`, and what else there is to tell."""
    if _log.handlers:
        _log.info(event, extra={"told": told})


def attributes(told: Mapping[str, Any]) -> dict[str, Any]:
    """What a span carries, under the names of the house: `mrr.customer_ids`, `mrr.event_ids` …"""
    return {f"mrr.{name}": value if isinstance(value, (str, int)) else list(value) for name, value in told.items()}
