"""A client outside of the service that delivers signed webhooks in a process of its own, and says what came of them."""

import asyncio
import hmac
import json
import statistics
import sys
import time
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import urlsplit

SECRET = "whsec_of_the_benchmark"
_AT = 1_735_689_600
# What events of a provider carry besides what this house reads.
_NOTE = "n" * 1_500


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
    every = {"interval": "month", "interval_count": 1, "usage_type": "licensed"}
    price = {"id": "price_p", "object": "price", "currency": "usd", "unit_amount": 1000, "product": "prod_p"}
    item = {"id": f"si_{name}", "object": "subscription_item", "quantity": 1, "price": {**price, "recurring": every}}
    dated = {**item, "current_period_start": _AT, "current_period_end": _AT + 2_678_400}
    subscription = {
        "id": f"sub_{name}",
        "object": "subscription",
        "customer": f"cus_{name}",
        "status": "active",
        "currency": "usd",
        "created": _AT,
        "start_date": _AT,
        "livemode": True,
        "metadata": {"note": _NOTE},
        "items": {"object": "list", "data": [dated], "has_more": False},
    }
    event = {"id": f"evt_{name}", "object": "event", "type": "customer.subscription.created", "created": _AT}
    return json.dumps({**event, "livemode": True, "data": {"object": subscription}}).encode()


def request(host: str, content: bytes) -> bytes:
    """A delivery as it goes over the wire, signed now."""
    moment = str(int(time.time()))
    signature = hmac.new(SECRET.encode(), moment.encode() + b"." + content, sha256).hexdigest()
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

    async def _next(self) -> str | None:
        """The name of the next event once its time has come; None when all is over."""
        number, self._sent = self._sent, self._sent + 1
        now = time.monotonic() - self._begins
        due = number / self.what.rate if self.what.rate else now
        if max(due, now) >= self.what.seconds:
            return None
        if due > now:
            await asyncio.sleep(due - now)
        return f"{self.what.name}{number:07d}"

    async def _over_one(self) -> None:
        place = urlsplit(self.what.url)
        while (name := await self._next()) is not None:
            try:
                reader, writer = await asyncio.open_connection(place.hostname, place.port)
                while name is not None and await self._delivered(name, reader, writer, place.netloc):
                    name = await self._next()
                writer.close()
            except OSError:
                self.failed += 1
            if name is None:
                return

    async def _delivered(
        self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str
    ) -> bool:
        """Whether the connection can be used again."""
        began = time.monotonic()
        writer.write(request(host, body(name)))
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
            await reader.readexactly(length)
        except asyncio.IncompleteReadError:
            self.failed += 1
            return False
        if head.startswith(b"HTTP/1.1 200"):
            self.acknowledged.append(f"evt_{name}")
            self.took.append(time.monotonic() - began)
        else:
            self.refused += 1
        return b"connection: close" not in head.lower()

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


if __name__ == "__main__":
    url, first, seconds, connections, rate = sys.argv[1:]
    sender = Sender(Sending(url, first, float(seconds), int(connections), float(rate)))
    asyncio.run(sender.send())
    print(json.dumps(sender.told()))
