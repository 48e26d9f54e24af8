"""Deliveries of a simulated company with faults in them, and a book that takes them in as time goes by."""

import json
import shutil
from collections.abc import Callable, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from mrr.book import Book
from mrr.derivation import ingest
from mrr.policy import standard
from mrr.simulate import company, write_rates

MINUTE, HOUR, DAY = 60_000_000, 3_600_000_000, 86_400_000_000
# Even a healthy provider delivers some of its events twice, and some of them hours later.
TWICE, LATE = 0.01, 0.003
# Until so many days before the beginning of a trial, deliveries are recorded by the day, from then on by half hours.
KNOWN_DAYS, DAILY = 75, 1_440


class Delivery(NamedTuple):
    """A body and when it arrives, in µs since the epoch."""

    at: int
    body: bytes


Fault = Callable[[Delivery, Random], list[Delivery]]


def deliveries(seed: int, customers: int, months: int, *, noise: bool = True) -> list[Delivery]:
    """Every event of a company in the order of arrival, a minute after it happened but for what is usual."""
    rng, found = Random(f"usual {seed}"), []
    for event in company(seed, customers, months).events():
        told = Delivery(event["created"] * 1_000_000 + MINUTE, json.dumps(event).encode())
        late = noise and rng.random() < LATE
        found.append(told._replace(at=told.at + rng.randrange(2 * HOUR, 12 * HOUR)) if late else told)
        if noise and rng.random() < TWICE:
            found.append(told._replace(at=told.at + rng.randrange(MINUTE, HOUR)))
    return sorted(found)


# ----- faults


def dropped(told: Delivery, rng: Random) -> list[Delivery]:
    """It never comes."""
    return []


def delayed(told: Delivery, rng: Random) -> list[Delivery]:
    """It comes six hours later."""
    return [told._replace(at=told.at + 6 * HOUR)]


def delayed_long(told: Delivery, rng: Random) -> list[Delivery]:
    """It comes three days later."""
    return [told._replace(at=told.at + 3 * DAY)]


def repeated(told: Delivery, rng: Random) -> list[Delivery]:
    """The same bytes come again."""
    return [told, told._replace(at=told.at + rng.randrange(HOUR))]


def renamed(told: Delivery, rng: Random) -> list[Delivery]:
    """The same comes again as an event of another id."""
    event = json.loads(told.body)
    return [told, Delivery(told.at + rng.randrange(HOUR // 6), _bytes({**event, "id": f"{event['id']}again"}))]


def cloned(told: Delivery, rng: Random) -> list[Delivery]:
    """The same comes again as an event of another object: a second subscription, invoice, charge."""
    event = json.loads(told.body)
    name = event["data"]["object"].get("id", "")
    clone = json.loads(told.body.replace(f'"{name}"'.encode(), f'"{name}2"'.encode())) if name else event
    return [told, Delivery(told.at + rng.randrange(HOUR // 6), _bytes({**clone, "id": f"{event['id']}again"}))]


def mispriced(factor: int, by: int) -> Fault:
    """Every amount in it is `factor` / `by` of what it is."""

    def changed(told: Delivery, rng: Random) -> list[Delivery]:
        event = json.loads(told.body)
        return [told._replace(body=_bytes({**event, "data": _scaled(event["data"], factor, by)}))]

    return changed


FAULTS: dict[str, Fault] = {
    "dropped": dropped,
    "delayed 6 h": delayed,
    "delayed 3 days": delayed_long,
    "same bytes again": repeated,
    "same event again": renamed,
    "same object again": cloned,
    "priced x 10": mispriced(10, 1),
    "priced + 10 %": mispriced(11, 10),
}
_AMOUNTS = {"amount", "unit_amount", "total", "subtotal", *(f"amount_{end}" for end in ("due", "paid", "remaining"))}
_AMOUNTS |= {f"{start}_excluding_tax" for start in ("amount", "total", "subtotal")}
_AMOUNTS |= {f"amount_{end}" for end in ("captured", "received", "refunded", "total", "subtotal")}


def _scaled(part: Any, factor: int, by: int) -> Any:
    if isinstance(part, list):
        return [_scaled(one, factor, by) for one in part]
    if not isinstance(part, dict):
        return part
    return {
        key: value * factor // by
        if key in _AMOUNTS and isinstance(value, int)
        else f"{int(value) * factor // by}"
        if key == "unit_amount_decimal" and isinstance(value, str) and value.isdigit()
        else _scaled(value, factor, by)
        for key, value in part.items()
        if key != "previous_attributes"
    } | ({"previous_attributes": part["previous_attributes"]} if "previous_attributes" in part else {})


def _bytes(event: dict[str, Any]) -> bytes:
    return json.dumps(event).encode()


def priced(told: Delivery) -> bool:
    """Whether it carries an amount that is not 0."""
    kinds = (b'"customer.subscription.', b'"invoice.', b'"charge.', b'"payment_intent.')
    return any(kind in told.body[:400] for kind in kinds) or b'"object": "invoice"' in told.body


def faulty(told: Sequence[Delivery], fault: str, share: float, since: int, seed: int) -> list[Delivery]:
    """The deliveries with a share of the volume since an instant struck by a fault.

    What has no amount cannot be mispriced: then those that have one are struck the more often.
    """
    rng, strike = Random(f"{fault} {share} {seed}"), FAULTS[fault]
    late = [one for one in told if one.at >= since]
    open_to = [one for one in late if not fault.startswith("priced") or priced(one)]
    chance = share * len(late) / max(len(open_to), 1)
    struck = {id(one) for one in open_to if rng.random() < chance}
    return sorted(changed for one in told for changed in (strike(one, rng) if id(one) in struck else [one]))


# ----- a book that takes them in


class Intake:
    """A book to which deliveries are told at the instants of their arrival."""

    def __init__(self, folder: Path, told: Sequence[Delivery], *, until: int = 0) -> None:
        self.folder, self.until = folder, until
        self._told = told
        self.book = Book(folder)

    @classmethod
    def begin(cls, folder: Path, seed: int, customers: int, months: int, told: Sequence[Delivery]) -> "Intake":
        """A new book with the rates of the company, and nothing else yet."""
        Book.create(folder, policy=standard()).close()
        write_rates(company(seed, customers, months).rates(), folder / "rates.csv")
        intake = cls(folder, told)
        bodies = ingest.rate_bodies(str(folder / "rates.csv"), "USD")
        ingest.append(intake.book.journal, "rates", bodies, now=lambda: 0)
        return intake

    def copied(self, folder: Path, told: Sequence[Delivery]) -> "Intake":
        """A book with the same past and another future."""
        shutil.copytree(self.folder, folder, ignore=shutil.ignore_patterns("owner.*"))
        return Intake(folder, told, until=self.until)

    def forward(self, until: int, *, minutes: int = 30) -> None:
        """Record what arrives before an instant, in steps of so many minutes, and post it."""
        arrived, length = (one for one in self._told if self.until <= one.at < until), minutes * MINUTE
        for step, group in groupby(arrived, key=lambda one: one.at // length):
            at = min((step + 1) * length, until) - 1
            ingest.append(self.book.journal, "stripe", (one.body for one in group), now=partial(int, at))
        self.until = until
        self.book.ledger()

    def close(self) -> None:
        """Let go of the book, so that it can be copied."""
        self.book.close()
