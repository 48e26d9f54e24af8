"""How a book is watched: what ships, and the book's own `watch.toml` over it; a mistake is told with its place."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from mrr.errors import BookError, WrongUse
from mrr.period import Grain
from mrr.watch.finding import Urgency

FILE = "watch.toml"
# Tables of the same file that other watchers read, and check themselves.
OF_OTHERS = ("signals", "anomalies", "objectives")

Span = Annotated[str, Meta(pattern=r"^\d{1,4}[smhdw]$", description="a time such as 30m, 2h, 7d")]
Amount = Annotated[str, Meta(pattern=r"^-?\d+(\.\d+)?%?$", description="an amount, or a share of MRR such as 10%")]
Clock = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="a time of day such as 08:00")]
Told = Literal["alerts", "daily", "weekly", "monthly"]
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the file: a misspelt key must not pass for one left out."""


class _Rule(_Part, frozen=True, tag_field="watches", kw_only=True):
    urgency: Urgency
    enabled: bool = True


class MovementRule(_Rule, frozen=True, tag="movement", kw_only=True):
    """A single movement of a class that is at least so large, either way, within a time."""

    of_class: Literal["new", "expansion", "contraction", "churn", "reactivation", "fx"] = msgspec.field(name="class")
    at_least: Amount
    within: Span = "2d"


class MetricRule(_Rule, frozen=True, tag="metric", kw_only=True):
    """A metric in total over its last whole period: below or above a bound."""

    metric: str
    interval: Grain = "month"
    below: Amount | None = None
    above: Amount | None = None


class OutcomeRule(_Rule, frozen=True, tag="outcome", kw_only=True):
    """So many entries of one source, recorded within a time, with an outcome."""

    outcome: Literal["quarantined", "conflict", "key_reused", "duplicate", "irrelevant"]
    at_least: Annotated[int, Meta(ge=1)]
    within: Span = "1d"


Rule = MovementRule | MetricRule | OutcomeRule


class Alerting(_Part, frozen=True, kw_only=True):
    """How findings become alerts: see rules.toml."""

    hold: Span
    clear_after: Span
    again_within: Span
    resolved_holds: Span


class Route(_Part, frozen=True, kw_only=True):
    """Where alerts and digests go: addresses of Apprise, or names of environment variables that hold them."""

    urls: Sequence[str]
    urgency: Sequence[Urgency] = ("page", "ticket")
    tells: Sequence[Told] = ("alerts",)


class Maintenance(_Part, frozen=True, kw_only=True):
    """A window in which alerts whose cause or rule matches (`source:*`) are kept, but not told."""

    starts_at: datetime
    ends_at: datetime
    matching: str = "*"
    reason: str = ""


class Digests(_Part, frozen=True, kw_only=True):
    """From when on, on the clock of the book, the digest of the day before goes out."""

    at: Clock


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything in force. `link` is where the served book is, for the links of messages."""

    rules: Mapping[str, Rule]
    alerting: Alerting
    digests: Digests
    routes: Mapping[str, Route] = {}
    maintenance: Sequence[Maintenance] = ()
    link: str = ""


def settings(folder: Path) -> Settings:
    """What holds for a book. Raises WrongUse that names the key, BookError for a file that cannot be read."""
    path = folder / FILE
    shipped = tomllib.loads(resources.files("mrr.watch").joinpath("rules.toml").read_text("utf-8"))
    own = _read(path)
    unknown = sorted(own.keys() - {*Settings.__struct_fields__, *OF_OTHERS})
    if unknown:
        raise WrongUse(f"{path}: no table {unknown[0]!r}", remedy=f"There are {', '.join(Settings.__struct_fields__)}.")
    merged = {name: _over(shipped.get(name), own.get(name)) for name in Settings.__struct_fields__}
    try:
        found = msgspec.convert({name: told for name, told in merged.items() if told is not None}, Settings)
    except msgspec.ValidationError as error:
        raise WrongUse(f"{path}: {error}", remedy="docs/on-call.md shows every key.") from None
    return _checked(found, path)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BookError(f"{path}: {error}", remedy="Mend the file.") from error


def _over(shipped: Any, own: Any) -> Any:
    """Tables are laid over each other key by key; anything else is replaced."""
    if not isinstance(shipped, dict) or not isinstance(own, dict):
        return shipped if own is None else own
    return {key: _over(shipped.get(key), own.get(key)) for key in {**shipped, **own}}


def _checked(found: Settings, path: Path) -> Settings:
    """What types alone do not say."""
    for name, rule in found.rules.items():
        if isinstance(rule, MetricRule) and rule.below is None and rule.above is None:
            raise WrongUse(f"{path}: rules.{name} has no bound", remedy="Give it `below` or `above`.")
    for name, route in found.routes.items():
        if not route.urls:
            raise WrongUse(f"{path}: routes.{name} leads nowhere", remedy="Give it `urls`.")
    windows = [msgspec.structs.replace(one, starts_at=naive(one.starts_at), ends_at=naive(one.ends_at))
               for one in found.maintenance]  # fmt: skip
    for number, window in enumerate(windows, start=1):
        if window.ends_at <= window.starts_at:
            raise WrongUse(f"{path}: maintenance window {number} ends before it starts", remedy="Mend its dates.")
    return msgspec.structs.replace(found, maintenance=windows)


def naive(moment: datetime) -> datetime:
    """An instant as the house keeps it: UTC, without saying so."""
    offset = moment.utcoffset()
    return moment if offset is None else moment.replace(tzinfo=None) - offset


def span(text: str) -> timedelta:
    """A time such as 30m. Raises WrongUse for what is none."""
    if not re.fullmatch(r"\d{1,4}[smhdw]", text):
        raise WrongUse(f"{text!r} is no time", remedy="Write a number and s, m, h, d or w, such as 30m.")
    return timedelta(**{_UNITS[text[-1]]: int(text[:-1])})


def micros(amount: str, whole_micros: int) -> int:
    """An amount of a rule in micros; a share is one of `whole_micros`. Rounded down towards 0."""
    try:
        if amount.endswith("%"):
            return int(Decimal(amount[:-1]) * whole_micros / 100)
        return int(Decimal(amount) * 1_000_000)
    except InvalidOperation as error:
        raise WrongUse(f"{amount!r} is no amount") from error
