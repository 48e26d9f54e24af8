"""What can be taken out of a book as a table, and how each is asked for."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import pyarrow as pa

from mrr import export
from mrr.answers import Definition
from mrr.book.asking import Asking
from mrr.errors import WrongUse

Words = Mapping[str, Any]


class Frame(Protocol):
    """Whatever has a definition and becomes an Arrow table can be exported."""

    @property
    def definition(self) -> Definition:
        """What its figures mean."""

    def arrow(self, *, micros: bool = False) -> pa.Table:
        """The answer as a table that carries its definition."""


class Export(NamedTuple):
    """How to ask for something, and which words it takes."""

    ask: Callable[[Asking, Words], Frame]
    takes: Sequence[str]


def frame(book: Asking, what: str, words: Words) -> Frame:
    """What is asked for by these words. Raises WrongUse for a name or a word that does not fit."""
    asked = EXPORTS[what] if what in EXPORTS else _metric(book, what)
    for name in words:
        if name not in asked.takes:
            fitting = ", ".join(f"--{_OPTION.get(one, one)}" for one in asked.takes)
            raise WrongUse(f"--{_OPTION.get(name, name)} does not go with {what}", remedy=f"It takes {fitting}.")
    return asked.ask(book, words)


def _subscribers(book: Asking, words: Words) -> Frame:
    history = book.rollforward(**words)
    moment = _moment(history.definition)
    return export.subscribers_by_month(history, book.movements(as_of=moment), book.customers(as_of=moment))


def _summary(book: Asking, words: Words) -> Frame:
    history = book.rollforward(**words)
    same = {**words, "as_of": _moment(history.definition)}
    rates = {name: book.metric(name=name, **same) for name in export.RATES}
    return export.summary(history, book.movements(**same), rates)


def _changes(book: Asking, words: Words) -> Frame:
    moves = book.movements(**words)
    return export.changes(moves, book.customers(as_of=_moment(moves.definition)))


def _moment(meant: Definition) -> str:
    """The instant of an answer, so that what is asked beside it is of the same one."""
    return f"{meant.as_of.isoformat()}Z"


_DAYS = ("first", "last", "as_of")
EXPORTS: Mapping[str, Export] = {
    "rollforward": Export(lambda book, words: book.rollforward(**words), (*_DAYS, "interval", "by", "where")),
    "movements": Export(lambda book, words: book.movements(**words), (*_DAYS, "customer", "kind")),
    "lines": Export(lambda book, words: book.movements(**words).lines(), (*_DAYS, "customer", "kind")),
    "customers": Export(lambda book, words: book.customers(**words), ("as_of", "customer", "state")),
    "subscribers-by-month": Export(_subscribers, _DAYS),
    "summary": Export(_summary, _DAYS),
    "changes": Export(_changes, (*_DAYS, "customer", "kind")),
}
_OPTION = {"kind": "class", "as_of": "as-of"}


def _metric(book: Asking, name: str) -> Export:
    """How to ask for a metric, or for a cohort triangle."""
    if name not in {metric.name for metric in book.metrics()}:
        remedy = f"Choose one of {', '.join(EXPORTS)}, or a metric: `mrr metrics` lists them."
        raise WrongUse(f"nothing to export is called {name!r}", remedy=remedy)
    kind, _, of = name.partition(".")
    takes = (*_DAYS, "interval", "by", "where")
    if kind == "cohort":
        return Export(lambda book, words: book.cohort(of=of, **words), takes)
    return Export(lambda book, words: book.metric(name=name, **words), takes)
