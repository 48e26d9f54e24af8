"""Specs of charts: their figures are the book's, their words say what is shown and on what it rests."""

import json
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from mrr import Book, charts
from mrr.charts.theme import FONTS, ROLES
from mrr.figures import rounded, written
from mrr.money import MICROS
from tests.export.company import AS_OF, CUT

Spec = dict[str, Any]


def figures(spec: Spec, *needed: str) -> list[Spec]:
    """The rows that a spec carries and that have these fields, each once."""
    rows = [row for rows in spec["datasets"].values() for row in rows if set(needed) <= row.keys()]
    return list({json.dumps(row, sort_keys=True): row for row in rows}.values())


def rows_of(spec: Spec, layer: Spec) -> list[Spec]:
    """The rows that a layer draws."""
    rows: list[Spec] = spec["datasets"][layer["data"]["name"]]
    return rows


def texts(spec: Any) -> Iterator[str]:
    """Every text in a spec, wherever."""
    if isinstance(spec, str):
        yield spec
    for inner in spec.values() if isinstance(spec, dict) else spec if isinstance(spec, list) else ():
        yield from texts(inner)


def marks(spec: Spec, kind: str) -> list[Spec]:
    """The layers drawn with a mark."""
    return [layer for layer in spec["layer"] if layer["mark"]["type"] == kind]


@pytest.fixture(params=[AS_OF, CUT])
def moment(request: pytest.FixtureRequest) -> str:
    """The end of a month, and a day within it."""
    return str(request.param)


def drawn(book: Book, moment: str) -> dict[str, Spec]:
    """One chart of each kind."""
    history = book.rollforward(as_of=moment)
    return {
        "mrr": charts.ending_mrr(history, "month"),
        "movements": charts.movements(history, "month"),
        "rollforward": charts.rollforward(history, "month"),
        "groups": charts.mrr_by_group(
            book.rollforward(as_of=moment, by="plan"), "month", by="plan", names=book.names()
        ),
        "ratio": charts.metric(book.metric(name="nrr", as_of=moment), "month", {}),
        "lines": charts.metric(book.metric(name="arpa", by="segment", as_of=moment), "month", {}),
        "cohorts": charts.cohorts(book.cohort(interval="quarter", as_of=moment), "quarter"),
    }


def test_ending_mrr(book: Book, moment: str) -> None:
    history = book.rollforward(as_of=moment)
    spec = charts.ending_mrr(history, "month")
    shown = {row["period"]: row["value"] for row in figures(spec, "period", "value")}
    assert shown == {f"{row.period_starts_on}": row.closing_micros / MICROS for row in history.rows}
    closing = history.rows[-1].closing_micros
    assert f"${written(rounded(closing, 0))}" in texts(spec)


def test_what_is_not_over_is_dashed_and_hollow(book: Book) -> None:
    cut, whole = (charts.ending_mrr(book.rollforward(as_of=moment), "month") for moment in (CUT, AS_OF))
    dashed = [layer for layer in marks(cut, "line") if "strokeDash" in layer["mark"]]
    assert [row["period"] for row in rows_of(cut, dashed[0])] == ["2023-11-01", "2023-12-01"]
    assert not [layer for layer in marks(whole, "line") if "strokeDash" in layer["mark"]]
    fills = [[layer["mark"].get("fill") for layer in marks(spec, "point")][-1] for spec in (cut, whole)]
    assert fills == ["var(--surface)", "var(--ink)"]
    assert "as of 20 December 2023" in texts(cut)


def test_movements(book: Book, moment: str) -> None:
    history = book.rollforward(as_of=moment)
    spec = charts.movements(history, "month")
    for row in history.rows:
        own = [bar for bar in figures(spec, "class", "amount") if bar["period"] == f"{row.period_starts_on}"]
        shown = {bar["class"].lower(): bar["amount"] for bar in own}
        assert shown == {name: getattr(row, f"{name}_micros") / MICROS for name in shown}
        assert shown.keys() == {"new", "expansion", "reactivation", "contraction", "churn", "fx"}
        (net,) = [point["net"] for point in figures(spec, "net") if point["period"] == f"{row.period_starts_on}"]
        assert net == (row.closing_micros - row.opening_micros) / MICROS
    (bars,) = marks(spec, "bar")
    assert bars["encoding"]["color"]["scale"]["domain"][:2] == ["New", "Expansion"]
    stands_back = {bar["period"] for bar in figures(spec, "class") if bar["open"]}
    assert stands_back == ({"2023-12-01"} if moment == CUT else set())


def test_a_class_that_never_moved_is_left_out(book: Book) -> None:
    history = book.rollforward(as_of=AS_OF, last="2023-01")
    assert history.rows[0].churn_micros == 0 < history.rows[0].new_micros
    (bars,) = marks(charts.movements(history, "month"), "bar")
    domain = bars["encoding"]["color"]["scale"]["domain"]
    assert "New" in domain
    assert "Churn" not in domain


def test_the_way_from_opening_to_closing(book: Book, moment: str) -> None:
    history = book.rollforward(as_of=moment)
    row = history.rows[-1]
    rows = figures(charts.rollforward(history, "month"), "label", "amount")
    cents = [int(one["amount"].translate(str.maketrans("−", "-", "$,.+"))) for one in rows]
    opening, *steps, net, closing = cents
    assert opening == rounded(row.opening_micros, 2)
    assert closing == rounded(row.closing_micros, 2)
    assert opening + sum(steps) == closing == opening + net, "what is shown adds up to the cent"
    bars = [one for one in rows if "b" in one]
    assert bars[0]["a"] == bars[-1]["a"] == 0
    assert all(before["b"] == after["a"] for before, after in pairwise(bars[:-1]))
    assert bars[-1]["b"] == pytest.approx((row.closing_micros - row.opening_micros) / MICROS)
    assert rows[-1]["label"] == ("Closing 31 December 2023" if moment == AS_OF else "As of 20 December 2023")


def test_groups_add_up_to_the_total(book: Book, moment: str) -> None:
    spec = drawn(book, moment)["groups"]
    shown: dict[str, float] = defaultdict(float)
    for row in figures(spec, "group", "mrr"):
        shown[row["period"]] += row["mrr"]
    closing = {f"{row.period_starts_on}": row.closing_micros / MICROS for row in book.rollforward(as_of=moment).rows}
    assert shown == pytest.approx(closing)


def test_small_groups_are_drawn_as_one(book: Book) -> None:
    history = book.rollforward(as_of=AS_OF, by="plan")
    history.rows = [
        msgspec.structs.replace(row, group=f"{number}{row.group}") for row in history.rows for number in range(3)
    ]
    spec = charts.mrr_by_group(history, "month", by="plan", names={})
    (area,) = marks(spec, "area")
    domain = area["encoding"]["color"]["scale"]["domain"]
    groups = {row.group for row in history.rows}
    assert len(groups) > 7 == len(domain)
    assert domain[-1] == f"{len(groups) - 6} others"


def test_a_ratio_is_told_in_per_cent(book: Book) -> None:
    answer = book.metric(name="nrr", as_of=AS_OF)
    spec = charts.metric(answer, "month", {})
    shown = {row["period"]: row["value"] for row in figures(spec, "period", "value")}
    told = {f"{row.period_starts_on}": None if row.ratio is None else float(row.ratio) for row in answer}
    assert shown == told
    last = told["2023-12-01"]
    assert last is not None
    assert f"{last * 100:.1f}\u202f%" in texts(spec)
    assert spec["title"]["text"] == answer.definition.title.partition(":")[0]


def test_a_line_for_each_group(book: Book) -> None:
    answer = book.metric(name="arpa", by="segment", as_of=AS_OF)
    spec = charts.metric(answer, "month", {"smb": "Small"})
    shown = {(row["group"], row["period"]): row["value"] for row in figures(spec, "group")}
    told = {
        ((row.group or "none").replace("smb", "Small"), f"{row.period_starts_on}"): row.value_micros for row in answer
    }
    assert shown == {key: None if micros is None else micros / MICROS for key, micros in told.items()}


@pytest.mark.parametrize(("of", "most"), [("logo", 100), ("revenue", 10_000)])
def test_cohorts(book: Book, of: str, most: int) -> None:
    answer = book.cohort(of=of, interval="quarter", as_of=AS_OF)
    rows = figures(charts.cohorts(answer, "quarter"), "since", "share")
    shown = {(row["cohort"], row["since"]): row["share"] for row in rows}
    told = {
        (f"{cell.cohort[:4]}-Q{(int(cell.cohort[5:7]) + 2) // 3}", cell.periods_since): cell.numerator
        / cell.denominator
        for cell in answer
        if cell.cohort
    }
    assert {key: share / 100 for key, share in shown.items()} == pytest.approx(told)
    assert len(told) > 5
    assert max(shown.values()) <= most
    assert all(abs(int(row["shown"]) - row["share"]) <= 0.5 for row in rows)


def test_every_chart_says_on_what_it_rests(book: Book, moment: str) -> None:
    for name, spec in drawn(book, moment).items():
        (line,) = [layer["mark"]["text"] for layer in spec["layer"] if layer.get("name") == "definition"]
        assert f"policy standard {book.policy.hash[:8]}" in line, name
        assert f"as of {moment} 00:00 UTC" in line
        assert "provisional" in line
        assert spec["title"]["text"]
        assert spec["description"].startswith(spec["title"]["text"])


def test_colours_are_roles_until_a_theme_is_chosen(book: Book) -> None:
    for spec in drawn(book, AS_OF).values():
        told = json.dumps(spec)
        assert "#" not in told
        assert "config" not in spec
        light, dark = (json.dumps(charts.complete(spec, theme)) for theme in ("light", "dark"))
        assert "var(--" not in light + dark
        assert ROLES["ink"][0] in light
        assert ROLES["ink"][0] not in dark
    assert charts.complete(spec)["config"]["font"] == FONTS


def test_axes_name_their_periods(book: Book) -> None:
    expected = {
        "month": "['Jan','2023']",
        "quarter": "['Q1','2023']",
        "year": "'2023'",
        "week": "'2023'",
        "day": "'2023'",
    }
    for grain, name in expected.items():
        history = book.rollforward(interval=grain, as_of=AS_OF)  # type: ignore[arg-type]
        spec = charts.ending_mrr(history, grain)  # type: ignore[arg-type]
        axis = spec["layer"][0]["encoding"]["x"]["axis"]
        assert name in axis["labelExpr"]
        assert len(axis["values"]) <= 22, "labels that have room"
        assert set(axis["values"]) <= {f"{row.period_starts_on}" for row in history.rows}
