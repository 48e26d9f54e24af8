"""What a page looks at: interval, days, grouping, filters, ledger; in a URL, as words for the book, as links."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from fastapi import Depends, Query

from mrr.answers import Definition
from mrr.book import NOW
from mrr.errors import WrongUse
from mrr.period import Grain, local_day
from mrr.web.wording import checked

# How many months a page shows unless it is told otherwise.
BACK: dict[Grain, int] = {"day": 1, "week": 3, "month": 12, "quarter": 36, "year": 120}


def filters(where: Sequence[str]) -> list[tuple[str, str]]:
    """`KEY=VALUE` words as pairs. Raises WrongUse for one that is none."""
    told = [word.partition("=") for word in where]
    if not all(equals and key for key, equals, _ in told):
        raise WrongUse("a filter is KEY=VALUE", remedy="As in where=currency=EUR.")
    return [(key, value) for key, _, value in told]


class View(NamedTuple):
    """A report as a URL says it; an empty text for whatever the page takes by itself."""

    interval: Grain = "month"
    first: str = ""
    last: str = ""
    by: str = ""
    where: tuple[str, ...] = ()
    ledger: str = NOW

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The filters, as the book takes them. Raises WrongUse for one that is no KEY=VALUE."""
        return filters(self.where)

    @property
    def words(self) -> dict[str, Any]:
        """What the book is asked by."""
        told = {"interval": self.interval, "first": self.first, "last": self.last, "by": self.by, "where": self.pairs}
        return {name: value for name, value in told.items() if value}

    def chosen(self, key: str) -> str:
        """The value of a filter, or none."""
        return next((value for name, value in self.pairs if name == key), "")

    def link(self, path: str, **changes: Any) -> str:
        """The URL of a page that looks at the same; `changes` are other parameters, `first` and `last` among them."""
        own = {name: changes.pop(name) for name in tuple(changes) if name in self._fields}
        seen = self._replace(**own)
        told = {"interval": seen.interval, "from": seen.first, "to": seen.last, "by": seen.by, "where": seen.where}
        told |= {"ledger": seen.ledger, **changes}
        usual = {"interval": "month", "ledger": NOW}
        kept = {name: value for name, value in told.items() if value and value != usual.get(name)}
        return f"{path}?{urlencode(kept, doseq=True)}" if kept else path

    def since(self, meant: Definition) -> "View":
        """The same, from a day on where none was named: as many months back as fit a page."""
        if self.first:
            return self
        return self._replace(first=str(months_before(local_day(meant.as_of, meant.timezone), BACK[self.interval])))


def view(
    interval: Grain = "month",
    first: Annotated[str, Query(alias="from")] = "",
    last: Annotated[str, Query(alias="to")] = "",
    by: str = "",
    where: Annotated[Sequence[str], Query()] = (),
    ledger: str = NOW,
) -> View:
    """The view of a request. Raises WrongUse for the ledger of a file: a page opens none."""
    words = tuple(word for word in where if not word.endswith("=") and word)
    return View(interval, first, last, by, words, checked(ledger) or NOW)


ViewIs = Annotated[View, Depends(view)]


def months_before(day: date, months: int) -> date:
    """The first day of the first of so many months that end with the month of a day."""
    number = 12 * day.year + day.month - months
    return date(number // 12, number % 12 + 1, 1)
