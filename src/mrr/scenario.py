"""Scenario files: a story, the policy it is told under, and the exact ledger it implies, held against the real one."""

import tempfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec
import yaml

from mrr.book import Book
from mrr.errors import ImportFileError, MrrError
from mrr.money import shown
from mrr.period import Grain
from mrr.policy import standard
from mrr.providers import rates
from mrr.reports.movements import Movement
from mrr.reports.rollforward import CLASSES, Row

Story = Mapping[str, Any]


def load(path: Path) -> Story:
    """A scenario file. Raises ImportFileError where it is no YAML mapping with facts and as_of."""
    try:
        story = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ImportFileError(f"{path}: {error}", remedy="See docs/scenarios.md for the format.") from error
    if not isinstance(story, dict) or "as_of" not in story or not ("facts" in story or "events" in story):
        raise ImportFileError(f"{path}: a scenario has as_of, and facts or events", remedy="See docs/scenarios.md.")
    return story


def run(story: Story) -> list[str]:
    """Tell the story to a scratch book; every difference from what it expects, as a line. None means agreement."""
    with tempfile.TemporaryDirectory(prefix="mrr-") as folder:
        policy = standard().differing(story.get("policy") or {}, "scenario")
        with Book.create(Path(folder) / "book", policy=policy) as book:
            tell(book, story)
            return list(_differences(book, story))


def tell(book: Book, story: Story) -> None:
    """Append the rates, events and facts of a story, in the order of delivery."""
    quotes = [
        rates.encode(rates.Quote(str(day), book.policy["currency"], {str(currency): str(value)}))
        for day, currency, value in story.get("rates") or ()
    ]
    events = [msgspec.json.encode(event) for event in story.get("events") or ()]
    facts = [_body(fact) for fact in story.get("facts") or ()]
    for source, bodies in (("rates", quotes), ("stripe", events), ("native", facts)):
        counts = book.append_bodies(bodies, source=source)
        if counts.quarantined:
            reasons = "; ".join(f"{entry.key[:12]}: {entry.reason}" for entry in book.quarantine())
            raise MrrError(f"a fact of the story cannot be read: {reasons}", remedy="Mend the scenario file.")


def _body(fact: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode(fact, enc_hook=str)


def _differences(book: Book, story: Story) -> Iterator[str]:
    as_of = _instant(story["as_of"])
    found = book.movements(as_of=as_of)
    if story.get("movements") is not None:
        expected = [_expected(row) for row in story["movements"]]
        yield from _unequal([_told(movement) for movement in found], expected)
    if "closing" in story:
        closing = shown(sum(movement.amount_micros for movement in found))
        if closing != str(story["closing"]):
            yield f"closing: expected {story['closing']}, got {closing}"
    for asked in story.get("rollforward") or ():
        yield from _rollforward(book, as_of, asked)


def _told(movement: Movement) -> list[Any]:
    lines = {line.item_id: {cause: shown(amount) for cause, amount in line.causes.items()} for line in movement.lines}
    amounts = shown(movement.amount_micros), shown(movement.mrr_after_micros)
    return [str(movement.on), movement.customer_id, movement.class_, *amounts, lines]


def _expected(row: list[Any]) -> list[Any]:
    lines = {str(item): {cause: str(amount) for cause, amount in causes.items()} for item, causes in row[5].items()}
    return [str(row[0]), str(row[1]), str(row[2]), str(row[3]), str(row[4]), lines]


def _unequal(found: list[list[Any]], expected: list[list[Any]]) -> Iterator[str]:
    missing = [row for row in expected if row not in found]
    extra = [row for row in found if row not in expected]
    yield from (f"movement expected: {_line(row)}" for row in missing)
    yield from (f"movement got:      {_line(row)}" for row in extra)
    if found != expected and not missing and not extra:
        yield "movements: the same, in another order or number"


def _line(row: list[Any]) -> str:
    *head, lines = row
    return " ".join(str(part) for part in head) + f" {lines}"


def _rollforward(book: Book, as_of: str, asked: Mapping[str, Any]) -> Iterator[str]:
    grain: Grain = asked["period"]
    where = [(str(key), _text(value)) for key, value in (asked.get("filter") or {}).items()]
    rows = book.rollforward(interval=grain, as_of=as_of, where=where).rows
    found = {_label(row.period_starts_on, grain): _cells(row) for row in rows}
    expected = {str(period): {k: str(v) for k, v in cells.items()} for period, cells in asked["rows"].items()}
    for period in sorted(found.keys() | expected.keys()):
        if found.get(period) != expected.get(period):
            yield f"rollforward {dict(where)} {period}: expected {expected.get(period)}, got {found.get(period)}"


def _label(start: date, grain: Grain) -> str:
    if grain == "quarter":
        return f"{start.year}-Q{(start.month + 2) // 3}"
    return {"year": f"{start:%Y}", "month": f"{start:%Y-%m}"}.get(grain, f"{start}")


def _cells(row: Row) -> dict[str, str]:
    cells = {"opening": row.opening_micros}
    cells |= {kind: amount for kind in CLASSES if (amount := getattr(row, f"{kind}_micros"))}
    cells["closing"] = row.closing_micros
    return {name: shown(amount) for name, amount in cells.items()}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _instant(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
