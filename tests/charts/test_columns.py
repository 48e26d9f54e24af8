"""Charts that share their columns with a table, or with another chart."""

from datetime import date, datetime
from typing import Any

import vl_convert

from mrr import charts
from mrr.answers import Definition, Movements, Rollforward
from mrr.reports.movements import Movement
from mrr.reports.rollforward import Row

MEANT = Definition("mrr.ending", "standard", "h", "e", "USD", "UTC", datetime(2025, 3, 15), 9, 0, "d")
HISTORY = Rollforward(
    MEANT,
    [
        Row(date(2025, 1, 1), None, new_micros=50_000_000, closing_micros=50_000_000),
        Row(date(2025, 2, 1), None, 50_000_000, churn_micros=-20_000_000, closing_micros=30_000_000),
        Row(date(2025, 3, 1), None, 30_000_000, new_micros=5_000_000, closing_micros=35_000_000),
    ],
)


def drawn(spec: charts.Spec) -> str:
    """The chart as SVG: what the renderer refuses fails the test."""
    told: str = vl_convert.vegalite_to_svg(charts.complete(spec))
    return told


def test_a_chart_over_a_table_is_as_wide_as_its_columns() -> None:
    spec = charts.over_columns(charts.movements(HISTORY, "month"))
    assert (spec["width"], spec["padding"]["left"]) == (3 * charts.COLUMN, 100)
    assert f'width="{100 + 3 * charts.COLUMN + 52}"' in drawn(spec)
    assert charts.over_columns(charts.movements(HISTORY, "month"), column=charts.WIDE)["width"] == 3 * charts.WIDE
    band = spec["layer"][0]
    assert [row["period"] for row in band["data"]["values"]] == ["2025-01-01", "2025-02-01", "2025-03-01"]


def test_charts_above_one_another_leave_the_same_room_for_amounts() -> None:
    line = charts.stacked(charts.embedded(charts.ending_mrr(HISTORY, "month")), labelled=False)
    bars = charts.stacked(charts.embedded(charts.movements(HISTORY, "month")))
    assert [extents(line), extents(bars)] == [{(52, 52)}, {(52, 52)}]
    assert all(layer["encoding"]["x"]["axis"] is None for layer in line["layer"] if "field" in layer["encoding"]["x"])
    assert ">Jan<" in drawn({**bars, "width": 300, "autosize": "pad"})


def extents(spec: charts.Spec) -> set[Any]:
    """Between which sizes the room for amounts may lie."""
    axes = [layer["encoding"].get("y", {}).get("axis") for layer in spec["layer"]]
    return {(axis["minExtent"], axis["maxExtent"]) for axis in axes if axis}


def test_a_customer_s_life_is_a_step_at_each_movement_up_to_now() -> None:
    life = [
        Movement("m1", date(2025, 1, 10), "acme", "native", "new", 100_000_000, 100_000_000, []),
        Movement("m2", date(2025, 2, 10), "acme", "native", "churn", -100_000_000, 0, []),
    ]
    text = drawn(charts.steps(Movements(MEANT, life), "acme"))
    for told in ("MRR of acme", "Churn", "Change, USD: −100.00", "10 February 2025"):
        assert told in text, told
