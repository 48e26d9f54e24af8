"""A book as a service: one process that listens, takes in, posts and answers until it is told to stop."""

import signal
import socket
from collections.abc import Callable

import uvicorn

from mrr.api import app
from mrr.book import Book
from mrr.errors import BookError
from mrr.live import Live

# So many requests are answered at once; who comes beyond that is told to come again.
AT_ONCE = 512
# How long answers may take to end once the service is told to stop.
GRACE_S = 5


def serve(book: Book, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve a book at an address until a signal to stop; `ready` is told the URL once connections are taken.

    Port 0 takes a free one. Raises BookError where the address cannot be had.
    """
    with _listening(host, port) as sock:
        config = uvicorn.Config(
            app(Live(book)),
            log_level="warning",
            access_log=False,
            server_header=False,
            limit_concurrency=AT_ONCE,
            timeout_keep_alive=15,
            timeout_graceful_shutdown=GRACE_S,
            h11_max_incomplete_event_size=64 << 10,
        )
        name = f"[{host}]" if ":" in host else host
        ready(f"http://{name}:{sock.getsockname()[1]}")
        for stop in (signal.SIGTERM, signal.SIGINT):
            # The server raises a signal again once it has stopped; by then all is done that was to be done.
            signal.signal(stop, lambda *_: None)
        uvicorn.Server(config).run(sockets=[sock])


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
