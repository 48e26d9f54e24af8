"""A book as a service: it listens, takes in, posts and answers until it is told to stop."""

import gc
import signal
import socket
import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import Any, cast

import uvicorn
from fastapi import FastAPI

from mrr import telemetry
from mrr.api import app
from mrr.api.connection import Connection
from mrr.book import Book
from mrr.errors import BookError
from mrr.intake.line import SILENCE_S
from mrr.live import Live
from mrr.web import pages
from mrr.web.app import vega

# So many connections are taken at once; who comes beyond that is sent away. More than may wait for the disk (live.py):
# a delivery beyond those is told when to come again.
AT_ONCE = 900
# How long answers may take to end once the service is told to stop.
GRACE_S = 5
# So often threads take turns: what posts runs many short queries, and would wait the usual 5 ms before each.
TURN_S = 0.001


def serve(book: Book, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve a book at an address until a signal to stop; `ready` is told the URL once connections are taken.

    Port 0 takes a free one. Raises BookError where the address cannot be had, WrongUse where spans cannot be sent.
    """
    telemetry.begin()
    with _listening(host, port) as sock:
        whole = served(Live(book))
        config = uvicorn.Config(
            whole,
            log_level="warning",
            access_log=False,
            server_header=False,
            http=cast(Any, partial(Connection, straight=whole.state.straight)),
            limit_concurrency=AT_ONCE,
            timeout_keep_alive=SILENCE_S,
            timeout_graceful_shutdown=GRACE_S,
        )
        sys.setswitchinterval(TURN_S)
        # The script of the charts takes seconds to be put together: nobody should wait for it.
        threading.Thread(target=vega, daemon=True).start()
        name = f"[{host}]" if ":" in host else host
        ready(f"http://{name}:{sock.getsockname()[1]}")
        for stop in (signal.SIGTERM, signal.SIGINT):
            # The server raises a signal again once it has stopped; by then all is done that was to be done.
            signal.signal(stop, lambda *_: None)
        # What stands here stays: looking through it for what could go would stop all threads for a tenth of a second.
        gc.collect()
        gc.freeze()
        uvicorn.Server(config).run(sockets=[sock])
        # Else DuckDB's binding would complain at the end of what nobody let go of.
        gc.unfreeze()
        # What is worked out beside the pages must not outlive the book.
        whole.state.aside.stop()


def served(live: Live) -> FastAPI:
    """The API with the pages beside it."""
    whole = app(live)
    beside = pages(live, whole.state.pulse)
    whole.state.aside = beside.state.aside
    whole.mount("/", beside)
    return whole


def _listening(host: str, port: int) -> socket.socket:
    try:
        sock = socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=2048
        )
    except OSError as error:
        remedy = "Choose another --host or --port."
        raise BookError(f"{host}:{port} cannot be listened at: {error.strerror}", remedy=remedy) from error
    sock.setblocking(False)
    return sock
