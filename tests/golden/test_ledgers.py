"""For each recorded scenario the ledger that a person worked out from its steps, held against the real one."""

import json
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import duckdb
import pytest
import yaml

from mrr.facts import fact_digest
from mrr.keeper import WAREHOUSE
from mrr.money import shown
from mrr.providers.stripe import decode
from mrr.reports.movements import Line, Movement
from tests.providers.stripe.bodies import when

from .recorded import bodies, deliver, new_book, offered, outcomes, runs

FILES = sorted((Path(__file__).parent / "ledgers").glob("*.yaml"))
GOLDEN = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in FILES}
Golden = Mapping[str, Any]


class Told(NamedTuple):
    """A run in a book of its own: what became of its bodies, its movements, and what is pending (item ids)."""

    adds_up: bool
    outcomes: dict[str, int]
    movements: list[Movement]
    pending_items: int
    pending: list[str]


def known_defect(golden: Golden, key: str) -> list[pytest.MarkDecorator]:
    """A golden that the rules demand and the code does not meet yet says so itself; it fails once it is met."""
    return [pytest.mark.xfail(reason=golden[key], strict=True)] if key in golden else []


def telling_of(scenario: str, number: int) -> Golden:
    """A telling by its place."""
    telling: Golden = GOLDEN[scenario]["tellings"][number]
    return telling


TELLINGS = [(name, number) for name, golden in GOLDEN.items() for number in range(len(golden["tellings"]))]
LEDGERS = [(*place, number) for place in TELLINGS for number in range(len(telling_of(*place)["ledgers"]))]


def _tellings(key: str) -> list[Any]:
    return [
        pytest.param(*place, id="-".join(map(str, place)), marks=known_defect(telling_of(*place), key))
        for place in TELLINGS
    ]


def _ledgers() -> list[Any]:
    return [
        pytest.param(
            *place,
            id="-".join(map(str, place)),
            marks=known_defect(telling_of(*place[:2])["ledgers"][place[2]], "defect"),
        )
        for place in LEDGERS
    ]


def test_every_recorded_scenario_has_a_golden_ledger() -> None:
    """25 scenarios, each told by runs that are its own and of the API version that the file names."""
    assert {golden["scenario"] for golden in GOLDEN.values()} == {run["scenario"] for run in runs()}
    assert len(GOLDEN) == 25
    for name, golden in GOLDEN.items():
        assert golden["scenario"] == name
        for telling in golden["tellings"]:
            run = runs()[telling["run"]]
            assert (run["scenario"], run["api_versions"]) == (name, [telling["api"]])


@pytest.mark.parametrize(("scenario", "number"), TELLINGS)
def test_the_steps_are_those_that_were_recorded(scenario: str, number: int) -> None:
    """Method, path and status of each step told are the recorded ones; no subscription and no error is left out."""
    telling = telling_of(scenario, number)
    steps = runs()[telling["run"]]["steps"]
    told = {number: call for number, call, _ in telling["steps"]}
    assert told == {number: _call(steps[number], telling["ids"]) for number in told}
    matter = {n for n, step in enumerate(steps) if _speaks_of_subscriptions(step) or step["status"] >= 400}
    assert matter <= told.keys()


def _call(step: Mapping[str, Any], ids: Mapping[str, str]) -> str:
    return _short(f"{step['method']} {urlsplit(step['uri']).path} {step['status']}", ids)


def _speaks_of_subscriptions(step: Mapping[str, Any]) -> bool:
    return any(json.loads(body).get("object") == "subscription" for body in bodies(step))


def _short(text: str, ids: Mapping[str, str]) -> str:
    for short, long in ids.items():
        text = text.replace(long, short)
    return text


@pytest.mark.parametrize(("scenario", "number"), _tellings("defect_of_outcomes"))
def test_every_body_has_the_outcome_that_was_counted_by_hand(scenario: str, number: int) -> None:
    """Decoded, irrelevant, quarantined, a duplicate or a conflict; the counts add up to what was offered."""
    told = _told(scenario, number, 0)
    assert told.adds_up
    assert told.outcomes == telling_of(scenario, number)["outcomes"]


@pytest.mark.parametrize(("scenario", "number", "ledger"), _ledgers())
def test_the_ledger_is_the_one_worked_out_by_hand(scenario: str, number: int, ledger: int) -> None:
    """Movement by movement, line by line; what cannot be reckoned is pending."""
    told, telling = _told(scenario, number, ledger), telling_of(scenario, number)
    golden = telling["ledgers"][ledger]
    assert _shown(told.movements, telling["ids"]) == _expected(telling, golden)
    assert [_short(item, telling["ids"]) for item in told.pending] == golden.get("pending", [])
    assert told.pending_items == len(told.pending)


@cache
def _told(scenario: str, number: int, ledger: int) -> Told:
    telling = telling_of(scenario, number)
    golden = telling["ledgers"][ledger]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "book"
        with new_book(path, golden.get("policy")) as book:
            deliver(book, offered(runs()[telling["run"]]["steps"], telling.get("observed", {})))
            verified = book.verify()
            as_of = golden["as_of"].isoformat()
            movements, pending_items = book.movements(as_of=as_of).rows, book.definition(as_of=as_of).pending_items
        return Told(verified.ok, outcomes(verified), movements, pending_items, _pending(path))


def _pending(folder: Path) -> list[str]:
    with duckdb.connect(str(folder / WAREHOUSE), read_only=True) as warehouse:
        items = warehouse.execute("SELECT DISTINCT item_id FROM ledger.pending ORDER BY item_id").fetchall()
    return [item for (item,) in items]


def _expected(telling: Golden, golden: Golden) -> list[Any]:
    """The movements; where states contradict one another, those of the state with the lowest digest (RULINGS A1)."""
    if "contested" not in golden:
        return [_row(row) for row in golden["movements"]]
    steps = runs()[telling["run"]]["steps"]
    standing = min(golden["contested"], key=lambda number: _digest(steps[number]))
    return [_row(row) for row in golden["contested"][standing]]


def _digest(step: Mapping[str, Any]) -> bytes:
    (body,) = bodies(step)
    facts = decode(body, when(step["recorded_at"]))
    assert isinstance(facts, list)
    return fact_digest(facts[0])


def _row(row: list[Any]) -> list[Any]:
    on, customer, class_, amount, after, lines, _working = row
    return [str(on), customer, class_, amount, after, lines]


def _shown(movements: list[Movement], ids: Mapping[str, str]) -> list[Any]:
    short = {long: name for name, long in ids.items()}
    return [
        [
            str(movement.on),
            short[movement.customer_id],
            movement.class_,
            shown(movement.amount_micros),
            shown(movement.mrr_after_micros),
            {short[line.item_id]: _causes(line) for line in movement.lines},
        ]
        for movement in movements
    ]


def _causes(line: Line) -> dict[str, str]:
    return {cause: shown(amount) for cause, amount in line.causes.items()}
