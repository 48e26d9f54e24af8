"""Objectives: what is promised of the indicators, as TOML; a mistake in it is told with its key."""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from mrr.errors import BookError, WrongUse
from mrr.watch.finding import Urgency
from mrr.watch.indicators import MICROSECOND, MILLION, Stretch, defined
from mrr.watch.settings import FILE, Span, span

Percent = Annotated[str, Meta(pattern=r"^\d{1,3}(\.\d{1,4})?%$", description="a share such as 99.9%")]
Most = Annotated[str, Meta(pattern=r"^(\d{1,3}(\.\d{1,4})?%|\d{1,4}[smhdw])$", description="a share or a time")]

HOUR, FIVE_MINUTES, QUARTER = timedelta(hours=1), timedelta(minutes=5), Fraction(1, 4)
EIGHTH, NINETY_SIXTH = 8, 96


class Objective(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is promised of an indicator: of events a `target` over a rolling `window`, of what stands now `at_most`.

    `weigh` counts events, or the MRR that they carry. `within`: a shorter time than this is a good one. Events that
    failed as one of `excluding` count neither as good nor as bad. Fewer than `at_least` bad events alarm nobody. A
    level in micros may be `at_most` a share of the present MRR.
    """

    indicator: str
    urgency: Urgency
    target: Percent | None = None
    window: Span = "28d"
    weigh: Literal["count", "mrr"] = "count"
    within: Span | None = None
    excluding: tuple[str, ...] = ()
    at_least: Annotated[int, Meta(ge=1)] = 5
    at_most: Most | None = None
    enabled: bool = True

    @property
    def budget(self) -> Fraction:
        """The share of all that may go wrong."""
        return 1 - share(self.target or "100%")

    @property
    def lasts(self) -> timedelta:
        """The window."""
        return span(self.window)

    def over(self, lasts: timedelta) -> Stretch:
        """The events of some time, as this objective counts them."""
        within = None if self.within is None else span(self.within)
        return Stretch(self.indicator, lasts, within, self.excluding)


class Burn(msgspec.Struct, frozen=True):
    """When a budget burns too fast: a quarter of it went `within` a time, and it `still` burns so in a shorter one."""

    urgency: Urgency
    within: timedelta
    still: timedelta


def burns(objective: Objective) -> list[Burn]:
    """The burns that alarm: a quarter of the budget in an hour pages, in an eighth of the window makes a ticket."""
    lasts = objective.lasts
    slow = Burn("ticket", lasts / EIGHTH, lasts / NINETY_SIXTH)
    return [Burn("page", HOUR, FIVE_MINUTES), slow] if objective.urgency == "page" else [slow]


def stretches(objective: Objective) -> Iterator[Stretch]:
    """All times over which an objective of events must be counted: its window, and those of its burns."""
    yield objective.over(objective.lasts)
    for burn in burns(objective):
        yield from (objective.over(burn.within), objective.over(burn.still))


def hours(lasts: timedelta) -> Fraction:
    """A time in hours."""
    return Fraction(lasts // MICROSECOND, HOUR // MICROSECOND)


def share(percent: str) -> Fraction:
    """A percentage as an exact share."""
    return Fraction(Decimal(percent.removesuffix("%"))) / 100


def bound(objective: Objective, whole_micros: int) -> int:
    """What a level may come to, in the unit of its indicator; `whole_micros` is the present MRR."""
    assert objective.at_most is not None
    unit = defined(objective.indicator).unit
    if unit == "seconds":
        return span(objective.at_most) // timedelta(seconds=1)
    return int(share(objective.at_most) * (whole_micros if unit == "micros" else MILLION))


def objectives(folder: Path) -> dict[str, Objective]:
    """What is promised in a book, by name. Raises WrongUse that names the key, BookError for an unreadable file."""
    path = folder / FILE
    told = _own(path)
    shipped = tomllib.loads(resources.files("mrr.watch").joinpath("objectives.toml").read_text("utf-8"))["objectives"]
    merged = {name: {**shipped.get(name, {}), **told.get(name, {})} for name in {**shipped, **told}}
    found = {name: _read(name, one, path) for name, one in merged.items()}
    return {name: one for name, one in found.items() if one.enabled}


def _own(path: Path) -> Mapping[str, Any]:
    try:
        told = tomllib.loads(path.read_text("utf-8")).get("objectives", {})
    except FileNotFoundError:
        return {}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BookError(f"{path}: {error}", remedy="Mend the file.") from error
    if not isinstance(told, dict) or not all(isinstance(one, dict) for one in told.values()):
        raise WrongUse(f"{path}: objectives are tables", remedy="Write [objectives.NAME].")
    return told


def _read(name: str, told: Mapping[str, Any], path: Path) -> Objective:
    place = f"{path}: objectives.{name}"
    try:
        found = msgspec.convert(told, Objective)
    except msgspec.ValidationError as error:
        raise WrongUse(f"{place}: {error}", remedy="docs/slo.md shows every key.") from None
    try:
        _check(found)
    except WrongUse as error:
        raise WrongUse(f"{place}: {error}", remedy=error.remedy) from None
    return found


def _check(one: Objective) -> None:
    """What types alone do not say."""
    indicator = defined(one.indicator)
    if indicator.is_share:
        _check_share(one)
    elif one.at_most is None or one.target is not None or one.excluding:
        raise WrongUse(f"{one.indicator} has no share", remedy="Give it `at_most`, and no `target` or `excluding`.")
    elif one.at_most.endswith("%") == (indicator.unit == "seconds"):
        raise WrongUse(f"{one.at_most} is no bound for {indicator.unit}", remedy="Shares are 5%, times 2h.")


def _check_share(one: Objective) -> None:
    if one.target is None or one.at_most is not None:
        raise WrongUse(f"{one.indicator} is a share", remedy="Give it a `target`, and no `at_most`.")
    if not 0 < one.budget < 1:
        raise WrongUse(f"a target of {one.target} leaves no budget, or all", remedy="Write a share below 100%.")
    if one.indicator.startswith("queue.") != (one.within is not None):
        raise WrongUse("`within` is for the time that events take", remedy="Give it to indicators of a queue alone.")
    if one.urgency == "page" and QUARTER * one.budget * hours(one.lasts) > 1:
        remedy = "Shorten the window, raise the target, or let it make tickets."
        raise WrongUse("if all goes wrong for an hour, less than a quarter of the budget is gone", remedy=remedy)
