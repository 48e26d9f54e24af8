"""What a filter bar offers: days by name, and a select for each thing that figures can be filtered by."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from mrr.answers import Definition
from mrr.book import Book
from mrr.period import local_day
from mrr.web.view import View, months_before

# These have a select of their own; all others share one.
OWN = ("plan", "currency", "segment")


class Preset(NamedTuple):
    """Days by a name, and the URL that shows them."""

    name: str
    url: str
    current: bool


class Choice(NamedTuple):
    """A value by which to filter, what it is called, and whether it is chosen."""

    word: str
    name: str
    chosen: bool


class Filter(NamedTuple):
    """Something that figures can be filtered by, with its values."""

    key: str
    name: str
    choices: list[Choice]

    @property
    def is_set(self) -> bool:
        """Whether one of its values is chosen."""
        return any(choice.chosen for choice in self.choices)


def presets(view: View, meant: Definition, path: str = "/movements") -> list[Preset]:
    """The stretches of days that are asked for most."""
    today = local_day(meant.as_of, meant.timezone)
    named = {
        "12 mo": (f"{months_before(today, 12)}", ""),
        "24 mo": (f"{months_before(today, 24)}", ""),
        "This year": (f"{today.year}", ""),
        "Last year": (f"{today.year - 1}", f"{today.year - 1}"),
        "Quarter": (f"{_quarter(today)}", ""),
    }
    shown = view.first or (f"{months_before(today, 12)}" if view.interval == "month" else "")
    return [
        Preset(name, view.link(path, first=first, last=last), (shown, view.last) == (first, last))
        for name, (first, last) in named.items()
    ]


def _quarter(today: date) -> date:
    """The first day of the last quarter that is over, or of this one once it is in its second month."""
    begins = date(today.year, today.month - (today.month - 1) % 3, 1)
    return begins if today.month > begins.month else months_before(begins - timedelta(days=1), 3)


def offered(book: Book, view: View) -> list[Filter]:
    """The filters of a bar: plan, currency, segment, and whatever else there is as one."""
    choices, names = book.choices(), book.names()
    chosen = set(view.where)
    own = [_filter(key, values, names, chosen) for key, values in choices.items() if key in OWN]
    own.sort(key=lambda one: OWN.index(one.key))
    rest = [_filter(key, values, names, chosen) for key, values in choices.items() if key not in OWN]
    return [*own, *(one for one in rest if one.choices)]


def _filter(key: str, values: list[str], names: dict[str, str], chosen: set[str]) -> Filter:
    called = {value: names.get(value, value) if key == "plan" else value for value in values}
    ordered = sorted(called.items(), key=lambda item: item[1].lower())
    return Filter(key, key.replace("_", " ").capitalize(), list(_choices(key, ordered, chosen)))


def _choices(key: str, ordered: list[tuple[str, str]], chosen: set[str]) -> Iterator[Choice]:
    for value, name in ordered:
        word = f"{key}={value}"
        yield Choice(word, name, word in chosen)
