"""Where the messages of a drill arrive: a real HTTP server on this machine, and nobody's telephone."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Sink:
    """The messages that arrived, the first one first: title and type of each."""

    def __init__(self) -> None:
        self.address = ""
        self.messages: list[tuple[str, str]] = []


@contextmanager
def listening() -> Iterator[Sink]:
    """A sink with an address of Apprise, until the block ends."""
    sink = Sink()

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            sink.messages.append((told["title"], told["type"]))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """A drill prints its own report."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    sink.address = f"json://127.0.0.1:{server.server_address[1]}/"
    try:
        yield sink
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
