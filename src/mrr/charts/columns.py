"""Charts that share their columns with what stands below them: a table, or another chart."""

from collections.abc import Iterator, Sequence
from typing import Any

import mrr.charts.parts as parts
import mrr.charts.theme as theme

# The columns of a roll-forward on a page, in pixels: its labels, each period, each where amounts are long.
LABEL, COLUMN, WIDE = 100, 83, 100
TALL, ABOVE, BELOW = 190, 190, 150
# What the amounts beside charts need at the most; charts above one another leave the same.
_GUTTER = 52
_BAR = 0.66


def over_columns(spec: theme.Spec, *, column: int = COLUMN) -> theme.Spec:
    """A chart of periods whose bars stand over the columns of their table, which says what they are.

    Its signal `lit` is the first day of the period that a page points at.
    """
    starts = sorted({row["period"] for rows in _values(spec) for row in rows if "period" in row})
    whole = {name: value for name, value in spec.items() if name not in ("title", "layer")}
    layers = [_columned(layer) for layer in parts.embedded(spec)["layer"]]
    band = {
        "data": {"values": [{"period": start} for start in starts]},
        "mark": {"type": "rect", "color": theme.role("line")},
        "encoding": {
            "x": {"field": "period", "type": "ordinal", "axis": None, "scale": {"padding": 0}},
            "opacity": {"condition": {"test": "datum.period === lit", "value": 0.6}, "value": 0},
        },
    }
    return {
        **whole,
        "params": [{"name": "lit", "value": ""}],
        "layer": [band, *layers],
        "width": column * len(starts),
        "height": TALL,
        "autosize": {"type": "none"},
        "padding": {"left": LABEL, "right": _GUTTER, "top": 8, "bottom": 8},
    }


def _values(spec: theme.Spec) -> Iterator[list[dict[str, Any]]]:
    """The rows of a chart, within its layers or beside them."""
    yield from spec.get("datasets", {}).values()
    yield from (layer["data"]["values"] for layer in spec["layer"] if "values" in layer.get("data", {}))


def _columned(layer: dict[str, Any]) -> dict[str, Any]:
    """A layer without labels below it, its bars as wide as a column allows."""
    mark, told = layer["mark"], layer["encoding"]
    if mark["type"] == "bar":
        mark = {**mark, "width": {"band": _BAR}}
    if "x" in told:
        told = {**told, "x": {**told["x"], "axis": None, "scale": {"padding": 0}}}
    return {**layer, "mark": mark, "encoding": told}


def stacked(spec: theme.Spec, *, labelled: bool = True) -> theme.Spec:
    """A chart of periods for a page that shows others above or below it: the same period stands at the same place."""
    height = BELOW if labelled else ABOVE
    return {**spec, "height": height, "layer": list(_aligned(spec["layer"], labelled=labelled))}


def _aligned(layers: Sequence[dict[str, Any]], *, labelled: bool) -> Iterator[dict[str, Any]]:
    for layer in layers:
        told = dict(layer["encoding"])
        if isinstance(told.get("x"), dict) and "field" in told["x"]:
            # A point stands in the middle of where a bar would.
            scale = told["x"].get("scale", {})
            told["x"] = {**told["x"], "scale": scale if "paddingInner" in scale else {**scale, "padding": 0.5}}
            told["x"] |= {} if labelled else {"axis": None}
        if isinstance(told.get("y", {}).get("axis"), dict):
            told["y"] = {**told["y"], "axis": {**told["y"]["axis"], "minExtent": _GUTTER, "maxExtent": _GUTTER}}
        yield {**layer, "encoding": told}
