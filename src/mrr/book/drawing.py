"""What can be drawn of a book: each chart by its name, as a Vega-Lite spec."""

from collections.abc import Mapping
from typing import Any

from mrr.book.asking import Asking
from mrr.errors import WrongUse
from mrr.period import Grain

# Drawn from a roll-forward in total.
TOTALS = ("movements", "rollforward")


def spec(book: Asking, name: str, words: Mapping[str, Any]) -> dict[str, Any]:
    """A chart of what these words ask for: `mrr`, `movements`, `rollforward` (its last period), or any metric.

    Raises WrongUse for a name or word that does not fit, and where there is nothing to draw.
    """
    # The libraries that draw are slow to load; whoever draws nothing does not wait for them.
    from mrr import charts

    if name not in ("mrr", *TOTALS):
        return _metric(book, name, words)
    by, grain = words.get("by"), _grain(words)
    if name in TOTALS and by is not None:
        raise WrongUse(f"--by does not go with {name}", remedy="Use --where KEY=VALUE, or draw mrr --by KEY.")
    history = _drawable(book.rollforward(**words))
    if by is not None:
        return charts.mrr_by_group(history, grain, by=by, names=_names(book, by))
    draw = {"mrr": charts.ending_mrr, "movements": charts.movements, "rollforward": charts.rollforward}[name]
    return draw(history, grain)


def _metric(book: Asking, name: str, words: Mapping[str, Any]) -> dict[str, Any]:
    from mrr import charts

    known = {metric.name: metric for metric in book.metrics()}
    if name not in known:
        remedy = f"Choose one of mrr, {', '.join(TOTALS)}, or a metric: `mrr metrics` lists them."
        raise WrongUse(f"no chart is called {name!r}", remedy=remedy)
    by, (kind, _, of) = words.get("by"), name.partition(".")
    if kind == "cohort":
        return charts.cohorts(_drawable(book.cohort(of=of, **words)), _grain(words) if by is None else None)
    names = _names(book, by or known[name].by)
    return charts.metric(_drawable(book.metric(name=name, **words)), _grain(words), names)


def _grain(words: Mapping[str, Any]) -> Grain:
    grain: Grain = words.get("interval", "month")
    return grain


def _names(book: Asking, by: str | None) -> Mapping[str, str]:
    """The names of the groups, where they are products of the catalogue."""
    return book.names() if by in ("plan", "product") else {}


def _drawable(answer: Any) -> Any:
    if not answer.rows:
        raise WrongUse("there is nothing to draw", remedy="Import events, or choose other days.")
    return answer
