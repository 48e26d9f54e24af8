"""Tables at 80 columns and wider, with and without colour: nothing is cut, everything shown adds up."""

import re
from datetime import date, datetime
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from mrr.cli.chart import HEIGHT, chart
from mrr.cli.rolling import Look, rolled
from mrr.figures import MINUS
from mrr.reports.rollforward import Row
from tests.cli.conftest import AS_OF, Mrr

MONTHS = ("--from", "2023-07", "--to", "2023-12", "--as-of", AS_OF)


def number(text: str) -> int:
    """A figure of a table, read back."""
    return int(text.replace(",", "").replace(".", "").replace(MINUS, "-"))


@pytest.mark.parametrize("width", [80, 100, 120])
@pytest.mark.parametrize("words", [
    ["rollforward", *MONTHS], ["rollforward", *MONTHS, "--cents", "--chart"], ["rollforward", *MONTHS, "--by", "plan"],
    ["rollforward", "--interval", "quarter", "--by", "currency", "--as-of", AS_OF], ["movements", *MONTHS],
    ["customers", "--as-of", AS_OF], ["policy", "show"], ["policy", "show", "gap"], ["verify"],
])  # fmt: skip
def test_nothing_is_wider_than_the_screen_nor_cut(
    mrr: Mrr, acme: Path, monkeypatch: pytest.MonkeyPatch, width: int, words: list[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    said = mrr(*words, "--book", acme)
    assert said.code == 0
    assert said.out.strip()
    assert max(cell_len(line) for line in said.out.splitlines()) <= width
    assert "…" not in said.out
    assert "\x1b" not in said.out


def test_every_row_shown_adds_up(mrr: Mrr, acme: Path) -> None:
    said = mrr("rollforward", "--book", acme, *MONTHS)
    rows = [line.split() for line in said.out.splitlines() if line.startswith("2023-")]
    assert len(rows) == 6
    closing = number(rows[0][1])
    for row in rows:
        opening, *changes, shown, _ = (number(text) for text in row[1:])
        assert opening == closing
        assert opening + sum(changes) == shown
        closing = shown


def test_what_it_means_stands_under_every_table(mrr: Mrr, acme: Path) -> None:
    hash_ = mrr("policy", "hash", "--book", acme).out[:8]
    for words in (["rollforward", *MONTHS], ["movements", *MONTHS], ["customers", "--as-of", AS_OF]):
        told = " ".join(mrr(*words, "--book", acme).out.split())
        assert "Ending MRR: the sum of" in told
        assert f"policy standard {hash_} · as of 2024-01-01 00:00 UTC · known at entry" in told
        assert "provisional" in told


def test_a_period_that_is_not_over_has_a_star(mrr: Mrr, acme: Path) -> None:
    said = mrr("rollforward", "--book", acme, "--from", "2023-11", "--as-of", "2023-12-15")
    assert re.search(r"^2023-11 ", said.out, re.MULTILINE)
    assert re.search(r"^2023-12\* ", said.out, re.MULTILINE)
    assert "* not over yet: up to 2023-12-15 00:00 UTC" in said.out


def test_products_go_by_their_names_and_the_largest_comes_first(mrr: Mrr, acme: Path) -> None:
    asked = ("rollforward", "--book", acme, "--from", "2023-12", "--as-of", AS_OF, "--by", "plan")
    ids = {row["group"]: row["closing_micros"] for row in mrr(*asked, "--json").json["rows"]}
    said = mrr(*asked).out
    assert not any(name in said for name in ids)
    assert "Team" in said or "Business" in said


def test_colour_means_gain_or_loss(acme: Path) -> None:
    rows = [Row(date(2025, 1, 1), None, 100_000_000, new_micros=5_000_000, churn_micros=-7_000_000)]
    look = Look("month", 0, datetime(2025, 2, 1), "UTC", {})
    console = Console(width=120, force_terminal=True, color_system="truecolor", highlight=False)
    with console.capture() as captured:
        console.print(rolled(rows, look, console))
    assert re.search(r"\x1b\[38;2;74;143;219m\s*5\b", captured.get())
    assert re.search(rf"\x1b\[38;2;217;112;47m\s*{MINUS}7\b", captured.get())


def test_an_empty_book(mrr: Mrr, tmp_path: Path) -> None:
    mrr("init", tmp_path / "b")
    assert "no movements yet" in mrr("rollforward", "--book", tmp_path / "b", "--chart").out
    assert "No movement fits." in mrr("movements", "--book", tmp_path / "b").out
    assert "No customer fits." in mrr("customers", "--book", tmp_path / "b").out
    assert "Nothing is in quarantine." in mrr("quarantine", "--book", tmp_path / "b").out
    assert mrr("rollforward", "--book", tmp_path / "b", "--json").json["rows"] == []


def drawn(amounts: list[int], width: int) -> list[str]:
    """The lines of a chart of monthly amounts in major units from January 2024 on."""
    rows = [Row(date(2024 + n // 12, n % 12 + 1, 1), None, closing_micros=a * 10**6) for n, a in enumerate(amounts)]
    return chart(rows, Look("month", 0, datetime(2040, 1, 1), "UTC", {}), "USD", width).plain.splitlines()


def test_chart_is_to_scale() -> None:
    lines = drawn([100, 50, 0], 30)
    assert lines[0] == "Closing MRR by month, USD"
    assert len(lines) == HEIGHT + 2
    columns = [[line[place : place + 1] for line in lines[1:-1]] for place in (0, 6, 12)]
    assert [column.count("█") for column in columns] == [8, 4, 0]
    assert lines[1].endswith(" 100")
    assert lines[-2].endswith(" 0")
    assert lines[-1] == "2024-01"


@pytest.mark.parametrize(("months", "width"), [(36, 80), (1, 80), (36, 120), (200, 80), (60, 40)])
def test_chart_fits_the_screen(months: int, width: int) -> None:
    lines = drawn([1000 + month for month in range(months)], width)
    assert max(map(len, lines)) <= width
    assert "2024-01" in lines[-1] or months > width - 10


def test_receipt(mrr: Mrr, acme: Path) -> None:
    movement = next(
        row for row in mrr("movements", "--book", acme, "--class", "contraction", "--as-of", AS_OF, "--json").lines
    )
    told = " ".join(mrr("explain", "--book", acme, movement["movement_id"][:8], "--as-of", AS_OF).out.split())
    day = date.fromisoformat(movement["on"])
    assert f"On {day.day} {day:%B %Y}" in told
    assert "MRR fell by" in told
    steps = ["1 Events", "2 Facts", "3 Arithmetic", "4 Policy", "5 Ledger"]
    places = [told.index(step) for step in steps]
    assert places == sorted(places)
    for part in ("customer.subscription.updated evt_", "before", "after", "netting day", "ledger digest", "mrr verify"):
        assert part in told


def test_receipt_of_a_change_of_rate(mrr: Mrr, acme: Path) -> None:
    movement = mrr("movements", "--book", acme, "--class", "fx", "--as-of", AS_OF, "--json").lines[-1]
    told = " ".join(mrr("explain", "--book", acme, movement["movement_id"], "--as-of", AS_OF).out.split())
    assert ": fx — item" in told
    assert "fx.rate month_end" in told
    assert re.search(r"\([\d,.]+\s(EUR|GBP|JPY|KWD)\)", told)
