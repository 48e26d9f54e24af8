"""Writes a company to files: events.jsonl(.gz), rates.csv, truth.jsonl; the same bytes for the same seed."""

import csv
from collections.abc import Iterable
from gzip import GzipFile
from io import TextIOWrapper
from pathlib import Path

import msgspec

from mrr.simulate.company import Company
from mrr.simulate.delivery import delivered
from mrr.simulate.rates import Rate
from mrr.simulate.state import Body
from mrr.simulate.truth import Truth


def write(company: Company, directory: Path, *, compress: bool = False) -> list[Path]:
    """Write all three files into `directory`, which is made if need be; their paths."""
    directory.mkdir(parents=True, exist_ok=True)
    events = directory / ("events.jsonl.gz" if compress else "events.jsonl")
    rates, truth = directory / "rates.csv", directory / "truth.jsonl"
    write_bodies(delivered(company.events(), seed=0), events)
    write_rates(company.rates(), rates)
    write_truth(company.truth(), truth)
    return [events, rates, truth]


def write_bodies(bodies: Iterable[bytes], path: Path) -> int:
    """Write bodies one a line, compressed if `path` ends in .gz; how many there were."""
    count = 0
    with path.open("wb") as file:
        # No name and no time in the header, or the bytes would differ from run to run.
        target = GzipFile("", "wb", 6, file, mtime=0) if path.suffix == ".gz" else None
        out = target or file
        for body in bodies:
            out.write(body)
            out.write(b"\n")
            count += 1
        if target is not None:
            target.close()
    return count


def write_rates(rates: Iterable[Rate], path: Path) -> None:
    """Write rates as CSV with the header `day,currency,value`: US dollars for one unit."""
    with path.open("wb") as file, TextIOWrapper(file, encoding="utf-8", newline="") as text:
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(("day", "currency", "value"))
        rows.writerows((rate.day.isoformat(), rate.currency, rate.value) for rate in rates)


def write_truth(truth: Truth, path: Path) -> None:
    """Write the truth one fact a line, each with its `kind`: as_of, movement, level, closing, lifecycle."""
    encode = msgspec.json.Encoder().encode
    facts: list[Body] = [{"kind": "as_of", "as_of": truth.as_of}]
    facts += [{"kind": "movement", **row} for row in truth.movements]
    facts += [{"kind": "level", **row} for row in truth.levels]
    facts += [{"kind": "closing", **row} for row in truth.closings]
    facts += [{"kind": "lifecycle", "name": name, "times": times} for name, times in truth.lifecycles.items()]
    with path.open("wb") as file:
        for fact in facts:
            file.write(encode(fact) + b"\n")
