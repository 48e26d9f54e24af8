"""A real HTTP server on this machine that speaks the provider's list of subscriptions, and its ways to fail."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlparse

Body = dict[str, Any]


class Shop:
    """What the server has, what it was asked, and how it misbehaves: `trouble` by the number of the request.

    Troubles: `busy` (429), `broken` (500), `slow` (no answer in time), `half` (cut in the middle), `short` (fewer bytes
    than announced), `refused` (401), `endless` (has_more without anything), `prose` (no page at all).
    """

    def __init__(self, subscriptions: Sequence[Body], *, page: int = 2, trouble: dict[int, str] | None = None) -> None:
        self.subscriptions, self.page, self.trouble = list(subscriptions), page, trouble or {}
        self.asked: list[str] = []
        self.keys: set[str] = set()
        self.stopped = threading.Event()

    def answer(self, path: str, words: dict[str, list[str]]) -> tuple[int, bytes]:
        """Status and body for a path, as the provider gives them."""
        if path != "/v1/subscriptions":
            known = {f"/v1/subscriptions/{body['id']}": body for body in self.subscriptions}
            if path in known:
                return 200, json.dumps(known[path]).encode()
            return 404, json.dumps({"error": {"type": "invalid_request_error", "message": "No such one"}}).encode()
        alive = [body for body in self.subscriptions if body["status"] != "canceled"]
        after = words.get("starting_after", [None])[0]
        start = next((place + 1 for place, body in enumerate(alive) if body["id"] == after), 0)
        shown = alive[start : start + self.page]
        page = {"object": "list", "data": shown, "has_more": start + self.page < len(alive), "url": "/v1/subscriptions"}
        return 200, json.dumps(page).encode()


@contextmanager
def serving(shop: Shop) -> Iterator[str]:
    """The address of a server of that shop."""

    class Counter(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            """Tests are silent."""

        def do_GET(self) -> None:
            """One request, with the trouble that was ordered for it."""
            shop.asked.append(self.path)
            shop.keys.add(self.headers.get("Authorization", ""))
            asked = urlparse(self.path)
            status, body = shop.answer(asked.path, parse_qs(asked.query))
            trouble = shop.trouble.get(len(shop.asked))
            if trouble == "slow":
                shop.stopped.wait(20)
                self.close_connection = True
                return
            status, body = _troubled(trouble, status, body)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body) + (100 if trouble == "short" else 0)))
            self.send_header("Retry-After", "0")
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = trouble == "short"

    server = ThreadingHTTPServer(("127.0.0.1", 0), Counter)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        shop.stopped.set()
        server.shutdown()
        thread.join()
        server.server_close()


def _troubled(trouble: str | None, status: int, body: bytes) -> tuple[int, bytes]:
    errors = {
        "busy": (429, {"error": {"type": "invalid_request_error", "code": "rate_limit", "message": "Too many"}}),
        "broken": (500, {"error": {"type": "api_error", "message": "An error occurred"}}),
        "refused": (401, {"error": {"type": "invalid_request_error", "message": "Invalid API Key provided"}}),
        "endless": (200, {"object": "list", "data": [], "has_more": True}),
        "prose": (200, {"object": "list", "data": "see above", "has_more": False}),
    }
    if trouble in errors:
        code, told = errors[trouble]
        return code, json.dumps(told).encode()
    return status, body[: len(body) // 2] if trouble == "half" else body
