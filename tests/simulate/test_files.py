"""The files of a company: the same bytes each time, readable line by line."""

import csv
import gzip
from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec

from mrr.simulate import company, write


def test_three_files_of_the_same_bytes(tmp_path: Path) -> None:
    first = write(company(4, 20, 6), tmp_path / "one" / "deep", compress=True)
    second = write(company(4, 20, 6), tmp_path / "two", compress=True)
    assert [path.name for path in first] == ["events.jsonl.gz", "rates.csv", "truth.jsonl"]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_events_are_one_a_line(tmp_path: Path) -> None:
    firm = company(4, 20, 6)
    plain, *_ = write(firm, tmp_path)
    packed, *_ = write(firm, tmp_path, compress=True)
    assert gzip.decompress(packed.read_bytes()) == plain.read_bytes()
    lines = plain.read_bytes().splitlines()
    assert [msgspec.json.decode(line) for line in lines] == list(firm.events())


def test_rates_are_a_table_that_reaches_from_before_the_start_to_the_end(tmp_path: Path) -> None:
    _, path, _ = write(company(4, 20, 6), tmp_path)
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert list(rows[0]) == ["day", "currency", "value"]
    assert {row["currency"] for row in rows} == {"EUR", "GBP", "JPY", "KWD"}
    days = {date.fromisoformat(row["day"]) for row in rows}
    assert min(days) < date(2022, 11, 5)
    assert max(days) == date(2023, 6, 30)
    assert all(day.weekday() < 5 for day in days)
    assert all(Decimal(row["value"]) > 0 and "E" not in row["value"] for row in rows)


def test_the_truth_is_one_fact_a_line(tmp_path: Path) -> None:
    firm = company(4, 20, 6)
    _, _, path = write(firm, tmp_path)
    facts = [msgspec.json.decode(line) for line in path.read_bytes().splitlines()]
    told = firm.truth()
    assert facts[0] == {"kind": "as_of", "as_of": "2023-07-01T00:00:00Z"}
    movements = [fact for fact in facts if fact.pop("kind") == "movement"]
    assert movements == told.movements
    assert len(facts) == 1 + len(movements) + len(told.levels) + len(told.closings) + len(told.lifecycles)
