"""What a service tells of itself: /metrics for Prometheus, how long answers take, when postings were over, spans."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, MutableMapping
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from opentelemetry.trace import SpanKind
from prometheus_client import CollectorRegistry, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mrr import telemetry
from mrr.access import Actor
from mrr.book import clock
from mrr.door import Needs, actor_of
from mrr.live import Live, Posted
from mrr.period import instant, micros_of
from mrr.watch.budgets import Standing
from mrr.watch.exposition import families
from mrr.watch.gauges import Gauges
from mrr.watch.indicators import Posting
from mrr.watch.pulse import EVERY_S, Pulse, Reading

# After a measuring nothing is measured for so many times as long as it worked: it takes a small share of all time.
RESTS = 100
# With the ledger at rest time still goes on: windows move, what is silent is silent for longer.
STALE_S = 60.0
# Prorations are recomputed so often; it costs more than all the rest, and they change with invoices alone.
THOROUGH_S = 900.0
# Postings are written down together, so that a service under load does not wait for the disk once more for each.
WRITES_S = 1.0
SLOW = ("proration.errors",)
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class ForMachines(APIRoute):
    """A route that leaves what a browser asks for to the pages: they have their own /metrics, of governed metrics."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether this route answers."""
        if "text/html" in Headers(scope=scope).get("accept", ""):
            return Match.NONE, {}
        return super().matches(scope)


class Telemetry:
    """What is known of a running service besides its book. Its coroutines belong to the loop of the service."""

    def __init__(self, live: Live) -> None:
        self.live = live
        # When a series began is one more series for each, and tells little.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self.process = ProcessCollector(registry=self.registry)
        says = "Time until an answer began, by route and kind of status"
        self.answers = Histogram(
            "mrr_answer_seconds", says, ["route", "status"], buckets=BUCKETS, registry=self.registry
        )
        self.registry.register(self)
        self.pulse = Pulse(BUCKETS)
        self.router = APIRouter(route_class=ForMachines)
        self.router.add_api_route("/metrics", self.scraped, include_in_schema=False)
        self._told: Gauges | None = None
        self._slow: list[Standing] = []
        self._measured_at = self._thorough_at = self._rested_at = -THOROUGH_S
        self._turn = asyncio.Lock()
        self._trailed: set[tuple[str, int]] = set()

    def answered(self, route: str, status: int, took: float) -> None:
        """Count an answer that began after so many seconds."""
        self.answers.labels(route, f"{status // 100}xx").observe(took)

    async def scraped(self, request: Request) -> Response:
        """Everything, in the form that the scraper wants. The ledger is asked at most once a posting."""
        await run_in_threadpool(self._let_in, request)
        async with self._turn:
            if self._due():
                await run_in_threadpool(self._measure)
        encode, kind = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(self.registry), media_type=kind)

    def _let_in(self, request: Request) -> Actor:
        """Whoever may read; the trail has the first scrape of a day, or it would hold nothing else."""
        actor = actor_of(request)
        today = (actor.name, clock.now().toordinal())
        if actor.may("read") and today in self._trailed:
            return actor
        Needs("read")(request)
        self._trailed = {one for one in self._trailed if one[1] == today[1]} | {today}
        return actor

    def _due(self) -> bool:
        now, posted = time.monotonic(), self.live.posted
        if posted is None or now < self._rested_at:
            return False
        return self._told is None or self._told.seq < posted.seq or now - self._measured_at > STALE_S

    def _measure(self) -> None:
        began, worked = time.monotonic(), time.thread_time()
        thorough = began - self._thorough_at >= THOROUGH_S
        with telemetry.tracer().start_as_current_span("measured"):
            told = self.live.book.gauges(thorough=thorough)
        if thorough:
            self._thorough_at = began
            self._slow = [one for one in told.standings if one.indicator in SLOW]
        else:
            quick = [one for one in told.standings if one.indicator not in SLOW]
            told = msgspec.structs.replace(told, standings=quick + self._slow)
        self._told, self._measured_at = told, time.monotonic()
        self._rested_at = self._measured_at + RESTS * (time.thread_time() - worked)

    def collect(self) -> Iterator[Metric]:
        """What is known now, as families of Prometheus."""
        live, head = self.live, self.live.book.journal.head()
        posted = live.posted.seq if live.posted is not None else 0
        waits = head.seq - posted
        told = {
            "mrr_journal_seq": ("The newest entry of the journal", head.seq),
            "mrr_posting_waiting_entries": ("Entries that are recorded and not posted", waits),
            "mrr_deliveries_waiting": ("Deliveries that wait for the disk", live.queued),
            "mrr_intake_apart": ("1 where a process of its own takes deliveries", int(live.has_intake_apart)),
            "mrr_ledger_stands_still": ("1 where postings fail", int(live.failure is not None)),
        }
        for name, (says, value) in told.items():
            yield GaugeMetricFamily(name, says, value=value)
        if live.watched_at is not None:
            says, seconds = "When the watchers last finished a turn", micros_of(live.watched_at) / 1_000_000
            yield GaugeMetricFamily("mrr_watched_timestamp_seconds", says, value=seconds)
        if self._told is not None:
            yield from families(self._told)

    # ----- postings

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Keep record of postings until the block ends."""
        tasks = [asyncio.create_task(task) for task in (self._watch(), self._beat())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    async def _beat(self) -> None:
        """Keep readings of the service for as long as it runs; the first ones follow closely, as somebody may look."""
        pause = 1
        while True:
            with suppress(Exception):
                # What is lost with a store that is busy is a point of a chart.
                self.pulse.take(await run_in_threadpool(self.reading))
            await asyncio.sleep(pause)
            pause = min(2 * pause, EVERY_S)

    def reading(self) -> Reading:
        """What the service stands at."""
        live = self.live
        own = {one.name: one.samples[0].value for one in self.process.collect() if one.samples}
        answers: dict[tuple[str, str], list[int]] = defaultdict(list)
        for sample in (one for metric in self.answers.collect() for one in metric.samples):
            if sample.name.endswith("_bucket"):
                answers[sample.labels["route"], sample.labels["status"]].append(int(sample.value))
        return Reading(
            at=clock.now(),
            entries=live.book.journal.head().seq,
            posted=live.posted.seq if live.posted is not None else 0,
            waiting=live.queued,
            cpu_s=own.get("process_cpu_seconds", 0.0),
            memory_bytes=int(own.get("process_resident_memory_bytes", 0)),
            files=int(own.get("process_open_fds", 0)),
            answers=answers,
        )

    async def _watch(self) -> None:
        with self.live.listening() as told:
            # Where the ledger stood when the service began, it may have stood for long.
            last = (await told.get()).seq
            while True:
                kept, last = await _heard(told, last)
                with suppress(Exception):
                    # What is lost with a full disk is a figure of the watch, and none of the book.
                    await run_in_threadpool(self._tell, kept)

    def _tell(self, kept: list[tuple[Posting, Posted]]) -> None:
        self.live.book.posted([posting for posting, _ in kept])
        if telemetry.is_on():
            for posting, posted in kept:
                self._trace(posting, instant(posted.recorded_at))

    def _trace(self, posting: Posting, recorded_at: Any) -> None:
        """A span, and a line, from when the newest entry was recorded until it was posted."""
        concerned = self.live.book.concerned(first_seq=posting.first_seq, last_seq=posting.last_seq)
        ids = {"event_ids": concerned.event_ids, "customer_ids": concerned.customer_ids, "plan_ids": concerned.plan_ids}
        told = {"first_seq": posting.first_seq, "last_seq": posting.last_seq, **ids}
        starts, ends = 1000 * micros_of(recorded_at), 1000 * micros_of(posting.posted_at)
        span = telemetry.tracer().start_span("posted", start_time=starts, attributes=telemetry.attributes(told))
        span.end(end_time=max(starts, ends))
        waited_ms = (posting.posted_at - recorded_at) // timedelta(milliseconds=1)
        telemetry.write("posted", **told, posted_at=posting.posted_at.isoformat() + "Z", waited_ms=waited_ms)


async def _heard(told: "asyncio.Queue[Posted]", last: int) -> tuple[list[tuple[Posting, Posted]], int]:
    """The next postings, those of a second together."""
    kept: list[tuple[Posting, Posted]] = []
    until: float | None = None
    while True:
        try:
            async with asyncio.timeout_at(until):
                posted = await told.get()
        except TimeoutError:
            return kept, last
        if posted.seq > last:
            kept.append((Posting(last + 1, posted.seq, clock.now()), posted))
            last = posted.seq
            until = until or asyncio.get_running_loop().time() + WRITES_S


class Timed:
    """Middleware: how long answers take, and a span for each; by route, never by path."""

    def __init__(self, app: ASGIApp, told: Telemetry) -> None:
        self.app, self.told = app, told

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and see when the answer begins."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, seen = time.perf_counter(), {"status": 500, "took": 0.0}

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen.update(status=message["status"], took=time.perf_counter() - began)
            await send(message)

        with telemetry.tracer().start_as_current_span("answer", kind=SpanKind.SERVER) as span:
            try:
                await self.app(scope, receive, sent)
            finally:
                route, status = _route(scope), int(seen["status"])
                span.update_name(f"{scope['method']} {route}")
                span.set_attributes({"http.route": route, "http.response.status_code": status})
                self.told.answered(route, status, seen["took"])
                if status >= 500:
                    telemetry.write("failed", method=scope["method"], route=route, status=status)


def _route(scope: MutableMapping[str, Any]) -> str:
    """The route as it is written in the code, or none: paths that nobody knows are without number."""
    return str(getattr(scope.get("route"), "path", "none"))
