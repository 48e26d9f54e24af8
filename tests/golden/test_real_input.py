"""All recorded input through a book: nothing is dropped, it adds up, and no order of delivery changes a ledger."""

import json
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest

from mrr.answers import Quarantined, Verified
from mrr.facts import Subscription, content_digest
from mrr.keeper import WAREHOUSE
from mrr.providers.stripe import decode, stamp
from tests.providers.stripe import bodies as recorded_bodies

from .recorded import Offered, deliver, new_book, offered, outcomes, runs

LISTING = Path(__file__).parent / "outcomes.txt"
# What must never be quarantined where it is well-formed.
VITAL = ("subscription", "customer", "price", "plan", "invoice")
EXPORTED_AT = "2026-11-01T00:00:00Z"


class Delivered(NamedTuple):
    """A book after all of it: what `verify` and `quarantine` say, and the table of outcomes."""

    verified: Verified
    quarantined: list[Quarantined]
    rows: list[tuple[int, str, str, str | None]]


@cache
def everything(name: str) -> tuple[Offered, ...]:
    """The bodies of the 199 runs, of the 164 events or of the bare objects, each with when it was observed."""
    if name == "runs":
        return tuple(body for run in runs() for body in offered(run["steps"], {}))
    found = recorded_bodies.events() if name == "events" else recorded_bodies.objects()
    return tuple(Offered(body.body, None if name == "events" else body.observed_at) for body in found)


BOOKS = ("runs", "events", "objects")
# The errors of the API are four, of two kinds to the byte, and so two entries.
QUARANTINED = {
    "runs": {("unreadable", "object: missing: neither an event nor an object of Stripe's API"): 2},
    "events": {
        ("charge.updated", "data.object.status: missing"): 1,
        ("charge.dispute.updated", "data.object.id: missing"): 1,
        ("charge.dispute.closed", "data.object.id: missing"): 1,
    },
    # Fixtures that are an id and a type, as some test servers have them.
    "objects": {
        ("payment_intent", "charges.data[0].amount: missing"): 4,
        ("balance_transaction", "amount: missing"): 12,
    },
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Delivered]:
    """Each book, delivered once in the order of recording."""

    @cache
    def deliver_once(name: str) -> Delivered:
        return _delivered(tmp_path_factory.mktemp(name), everything(name))

    return deliver_once


def _delivered(folder: Path, bodies: tuple[Offered, ...]) -> Delivered:
    with new_book(folder / "book") as book:
        deliver(book, bodies)
        verified, quarantined = book.verify(), book.quarantine()
    with duckdb.connect(str(folder / "book" / WAREHOUSE), read_only=True) as warehouse:
        rows = warehouse.execute("SELECT seq, outcome, kind, reason FROM outcome ORDER BY seq").fetchall()
    return Delivered(verified, quarantined, rows)


Told = Callable[[str], Delivered]


def test_it_is_all_there() -> None:
    """199 runs of 25 scenarios, 164 events, 29 files of objects."""
    assert len(runs()) == 199
    assert len(everything("events")) == 164
    assert len(recorded_bodies.lines("objects")) == 29
    assert [len(everything(name)) for name in BOOKS] == [1520, 164, 41]


@pytest.mark.parametrize("name", BOOKS)
def test_nothing_is_dropped(name: str, told: Told) -> None:
    """Every body offered is an entry or a duplicate of one, and every entry has exactly one outcome."""
    verified, _, rows = told(name)
    assert verified.ok
    assert verified.offered == len(everything(name)) == verified.entries + verified.duplicates
    assert sum(outcomes(verified).values()) == len(everything(name))
    assert [seq for seq, *_ in rows] == list(range(1, verified.entries + 1))


@pytest.mark.parametrize("name", BOOKS)
def test_what_is_quarantined_is_on_this_list(name: str, told: Told) -> None:
    """Errors of the API and skeletons without the fields that matter; each with the path of the field."""
    found = Counter((row.kind, row.reason) for row in told(name).quarantined if row.outcome == "quarantined")
    assert found == QUARANTINED[name]


@pytest.mark.parametrize("name", BOOKS)
def test_no_subscription_customer_price_or_invoice_is_quarantined(name: str, told: Told) -> None:
    """Whatever else becomes of them."""
    quarantined = {row.key for row in told(name).quarantined if row.outcome == "quarantined"}
    vital = [body for body in everything(name) if _object(body.body).get("object") in VITAL]
    assert len(vital) > 3
    # Keys repeat in the recorded events, so a key in quarantine must be that of some other body.
    others = {_key(body) for body in everything(name) if _object(body.body).get("object") not in VITAL}
    assert not quarantined & {_key(body) for body in vital} - others
    assert not [row for row in told(name).quarantined if row.outcome == "quarantined" and _is_vital(row.kind)]


def _object(body: bytes) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(body)
    # One recorded event, a ping, has no object at all.
    return document["data"].get("object") or {} if document.get("object") == "event" else document


def _key(body: Offered) -> str:
    return stamp(*body).key


def _is_vital(kind: str) -> bool:
    return kind in VITAL or kind.startswith(("customer.", "price.", "plan.", "invoice."))


def test_each_contradiction_in_the_runs_is_a_conflict(told: Told) -> None:
    """Of several states of one subscription at one instant one stands, and all the others are set aside."""
    states = defaultdict(set)
    for body, observed_at in everything("runs"):
        if observed_at is not None and _object(body).get("object") == "subscription":
            (snapshot, *_) = list(decode(body, observed_at))
            assert isinstance(snapshot, Subscription)
            states[snapshot.subscription, observed_at].add(content_digest(snapshot))
    contradicted = [len(state) - 1 for state in states.values() if len(state) > 1]
    assert len(contradicted) > 30
    # Two invoices were drafted and paid in one second: of each, one body contradicts the other.
    assert outcomes(told("runs").verified)["conflicts"] == sum(contradicted) + 2


@pytest.mark.parametrize("name", BOOKS)
def test_order_and_repetition_change_no_ledger(name: str, told: Told, tmp_path: Path) -> None:
    """Everything backwards, and everything twice: the same digest, and not one entry more."""
    first = told(name).verified
    backwards = _delivered(tmp_path / "backwards", everything(name)[::-1]).verified
    twice = _delivered(tmp_path / "twice", everything(name) * 2).verified
    assert first.ledger_digest == backwards.ledger_digest == twice.ledger_digest
    assert first.entries == backwards.entries == twice.entries
    assert twice.duplicates == first.duplicates + len(everything(name))


@pytest.mark.parametrize("name", BOOKS)
def test_a_file_of_it_adds_up(name: str, tmp_path: Path) -> None:
    """One file, imported as a user would, as an export of one instant: ImportCounts adds up to the bodies in it."""
    path = tmp_path / f"{name}.jsonl"
    path.write_bytes(b"\n".join(body.body for body in everything(name)) + b"\n")
    with new_book(tmp_path / "book") as book:
        counts = book.append(str(path), observed_at=EXPORTED_AT)
        assert book.verify().ok
    parts = [getattr(counts, outcome) for outcome in counts.OUTCOMES]
    assert counts.entries == sum(parts) == len(everything(name))
    assert counts.quarantined == sum(QUARANTINED[name].values())


def test_the_listing_of_outcomes_is_as_reviewed(told: Told) -> None:
    """How many entries of which kind had which outcome. `make golden` writes it anew; read the difference."""
    listing = "".join(f"{line}\n" for name in BOOKS for line in _listing(name, told(name)))
    if os.environ.get("MRR_GOLDEN") == "write":
        LISTING.write_text(listing, "utf-8")
    assert listing == LISTING.read_text("utf-8")


def _listing(name: str, delivered: Delivered) -> Iterator[str]:
    yield f"# {name}: {delivered.verified.offered} offered, {delivered.verified.duplicates} the same bytes again"
    found = Counter((outcome, kind, reason or "") for _, outcome, kind, reason in delivered.rows)
    for (outcome, kind, reason), count in sorted(found.items()):
        yield f"{count:5} {outcome:12} {kind} {'' if reason == kind else reason}".rstrip()
