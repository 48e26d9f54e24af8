"""A client outside of the service that delivers signed webhooks in a process of its own, and says what came of them."""

import asyncio
import hmac
import json
import statistics
import sys
import time
from functools import cache
from typing import NamedTuple
from urllib.parse import urlsplit

import uvloop

SECRET = "whsec_of_the_benchmark"
_AT = 1_735_689_600
# What events of a provider carry besides what this house reads.
_NOTE = "n" * 1_500
_NAME = "$NAME"


class Sending(NamedTuple):
    """What to send: where to, under which first name, for how long, over how many connections, how many a second.

    A rate of 0 is as many as are taken.
    """

    url: str
    name: str
    seconds: float
    connections: int
    rate: float


def body(name: str) -> bytes:
    """A customer who subscribes, as Stripe tells it; each name is another customer."""
    return _written().replace(_NAME.encode(), name.encode())


@cache
def _written() -> bytes:
    """The same of somebody, so that little is left for each: what sends shares the processors with what takes."""
    every = {"interval": "month", "interval_count": 1, "usage_type": "licensed"}
    price = {"id": "price_p", "object": "price", "currency": "usd", "unit_amount": 1000, "product": "prod_p"}
    item = {"id": f"si_{_NAME}", "object": "subscription_item", "quantity": 1, "price": {**price, "recurring": every}}
    dated = {**item, "current_period_start": _AT, "current_period_end": _AT + 2_678_400}
    subscription = {
        "id": f"sub_{_NAME}",
        "object": "subscription",
        "customer": f"cus_{_NAME}",
        "status": "active",
        "currency": "usd",
        "created": _AT,
        "start_date": _AT,
        "livemode": True,
        "metadata": {"note": _NOTE},
        "items": {"object": "list", "data": [dated], "has_more": False},
    }
    event = {"id": f"evt_{_NAME}", "object": "event", "type": "customer.subscription.created", "created": _AT}
    return json.dumps({**event, "livemode": True, "data": {"object": subscription}}).encode()


def request(host: str, content: bytes) -> bytes:
    """A delivery as it goes over the wire, signed now."""
    moment = str(int(time.time()))
    signature = hmac.digest(SECRET.encode(), moment.encode() + b"." + content, "sha256").hex()
    head = f"POST /webhooks/stripe HTTP/1.1\r\nHost: {host}\r\nStripe-Signature: t={moment},v1={signature}\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content


class Sender:
    """What was sent, and what was said to it."""

    def __init__(self, what: Sending) -> None:
        self.what = what
        self.acknowledged: list[str] = []
        self.took: list[float] = []
        self.refused = self.failed = self._sent = 0
        self._begins = time.monotonic()

    async def send(self) -> None:
        """Send until the time is over."""
        self._begins = time.monotonic()
        await asyncio.gather(*(self._over_one() for _ in range(self.what.connections)))

    def next(self) -> tuple[str, float] | None:
        """The name of the next event, and the seconds until it is to be sent; None when all is over.

        Each has an instant of its own: connections that waited for the same would wake each other, and a processor
        would be spent on that.
        """
        now = time.monotonic() - self._begins
        due = self._sent / self.what.rate if self.what.rate else now
        if max(due, now) >= self.what.seconds:
            return None
        self._sent += 1
        return f"{self.what.name}{self._sent - 1:07d}", max(0.0, due - now)

    def answered(self, name: str, status: bytes, began: float) -> None:
        """Note what was said to an event."""
        if status == b"200":
            self.acknowledged.append(f"evt_{name}")
            self.took.append(time.monotonic() - began)
        else:
            self.refused += 1

    async def _over_one(self) -> None:
        """Send over one connection, and over another one where that ends."""
        place, loop = urlsplit(self.what.url), asyncio.get_running_loop()
        while time.monotonic() - self._begins < self.what.seconds:
            try:
                _, connection = await loop.create_connection(
                    lambda: _Connection(self), place.hostname or "", place.port or 80
                )
                await connection.ended
            except OSError:
                self.failed += 1

    def told(self) -> dict[str, object]:
        """What came of it. Latencies in ms, to the answer."""
        cut = statistics.quantiles(self.took, n=100) if len(self.took) > 1 else [0.0] * 99
        return {
            "offered": min(self._sent, int(self.what.rate * self.what.seconds) or self._sent),
            "acknowledged": self.acknowledged,
            "refused": self.refused,
            "failed": self.failed,
            "seconds": time.monotonic() - self._begins,
            "p50_ms": 1000 * cut[49],
            "p99_ms": 1000 * cut[98],
        }


class _Connection(asyncio.Protocol):
    """One event after the other, each once the one before it is answered."""

    def __init__(self, sender: Sender) -> None:
        self.sender, self.loop = sender, asyncio.get_running_loop()
        self.ended: asyncio.Future[None] = self.loop.create_future()
        self.name, self.began, self.heard = "", 0.0, b""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin."""
        self.transport = transport
        self._go_on()

    def data_received(self, data: bytes) -> None:
        """Go on as soon as the whole answer is there."""
        self.heard += data
        head, end, rest = self.heard.partition(b"\r\n\r\n")
        told = head.lower()
        if not end or len(rest) < int(told.partition(b"content-length:")[2].split(b"\r\n")[0] or 0):
            return
        self.sender.answered(self.name, head.split(b" ", 2)[1], self.began)
        self.name, self.heard = "", b""
        if b"connection: close" in told:
            self.transport.close()
        else:
            self._go_on()

    def connection_lost(self, error: Exception | None) -> None:
        """What was not answered has failed."""
        self.sender.failed += bool(self.name)
        if not self.ended.done():
            self.ended.set_result(None)

    def _go_on(self) -> None:
        following = None if self.transport.is_closing() else self.sender.next()
        if following is None:
            self.transport.close()
            return
        name, wait = following
        if wait:
            self.loop.call_later(wait, self._send, name)
        else:
            self._send(name)

    def _send(self, name: str) -> None:
        self.name, self.began = name, time.monotonic()
        self.transport.write(request(self.sender.what.url.partition("//")[2], body(name)))


if __name__ == "__main__":
    url, first, seconds, connections, rate = sys.argv[1:]
    sender = Sender(Sending(url, first, float(seconds), int(connections), float(rate)))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(sender.send())
    print(json.dumps(sender.told()))
