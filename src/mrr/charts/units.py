"""Units of what is drawn: how an axis, a tooltip and a label write them."""

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

import altair as alt

import mrr.charts.parts as parts
from mrr.answers import Definition
from mrr.figures import MINUS, written

# Narrow and not to be broken, as before every `%`.
_SPACE = "\u202f"


class Unit(NamedTuple):
    """How values are written. `from_zero`: whether their axis begins at zero."""

    name: str
    axis: alt.Axis
    tooltip: str
    label: Callable[[Fraction], str]
    from_zero: bool


def unit_of(meant: Definition) -> Unit:
    """The unit of a metric by its definition. A quick ratio is told as a multiple, every other ratio in per cent."""
    if meant.unit.startswith("micros"):
        sign = parts.SYMBOLS.get(meant.currency, "")
        return Unit(
            meant.currency, parts.money_axis(meant.currency), ",.2f", lambda value: _signed(value, 0, sign), True
        )
    if meant.unit == "ratio" and not meant.metric.startswith("quick_ratio"):
        axis = _axis(f"format(datum.value * 100, '~f') + '{_SPACE}%'")
        return Unit("%", axis, ".2%", lambda value: f"{_signed(value * 100, 1)}{_SPACE}%", False)
    if meant.unit == "count":
        return Unit("Number", _axis("format(datum.value, '~s')"), ",d", lambda value: _signed(value, 0), True)
    name = "Months" if meant.unit == "months" else "Times"
    return Unit(name, _axis("format(datum.value, '~f')"), ".2f", lambda value: _signed(value, 1), True)


def _axis(text: str) -> alt.Axis:
    return alt.Axis(orient="right", labelExpr=f"replace({text}, '-', '{MINUS}')", tickCount=4, labelPadding=10)


def _signed(value: Fraction, places: int, sign: str = "") -> str:
    """A value rounded to some places, ties away from 0, with a currency's sign behind its own."""
    size = (abs(value) * 10**places * 2 + 1) // 2
    text = sign + written(int(size), places)
    return MINUS + text if value < 0 and size else text
