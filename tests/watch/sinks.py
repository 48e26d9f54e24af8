"""Real places where messages arrive: an SMTP server and an HTTP server on this machine."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller


class Post:
    """What arrived by mail."""

    def __init__(self) -> None:
        self.address = ""
        self.letters: list[Message] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Take a letter."""
        self.letters.append(message_from_bytes(envelope.content, policy=default))
        return "250 taken"


@contextmanager
def smtp() -> Iterator[Post]:
    """A mail server that takes everything."""
    post = Post()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(post, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        post.address = f"mailto://127.0.0.1:{port}/?from=mrr@books.example&to=oncall@books.example&mode=insecure"
        yield post
    finally:
        controller.stop()


class Hook:
    """What arrived over HTTP; `status` is what it answers with."""

    def __init__(self) -> None:
        self.address = ""
        self.status = 200
        self.told: list[dict[str, Any]] = []


@contextmanager
def http() -> Iterator[Hook]:
    """A server that takes JSON, or refuses to."""
    hook = Hook()

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Take a message."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if hook.status == 200:
                hook.told.append(json.loads(body))
            self.send_response(hook.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Tests are silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    hook.address = f"json://127.0.0.1:{server.server_address[1]}/alerts"
    try:
        yield hook
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
