"""The bounds of signals and anomalies: the preset signals.toml, with what a book's watch.toml sets anew."""

import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Annotated, Any

import msgspec

from mrr.errors import WrongUse

Positive = Annotated[int, msgspec.Meta(ge=1)]
SECTIONS = ("signals", "anomalies")


class SignalBounds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a failure signal speaks; signals.toml says what each means."""

    odds: Positive
    window_hours: Positive
    grace_hours: Positive
    history_days: Positive
    least: Positive
    known: Positive
    late_minutes: Positive
    twin_minutes: Positive
    silence_percent: Annotated[int, msgspec.Meta(ge=100)]
    rate_off_percent: Positive
    proration_days: Positive
    page: tuple[str, ...]
    quiet: tuple[str, ...]


class AnomalyBounds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a daily series is told to be out of the ordinary; signals.toml says what each means."""

    odds: Positive
    history_days: Annotated[int, msgspec.Meta(ge=28)]
    known_days: Annotated[int, msgspec.Meta(ge=14)]
    least: Positive
    amount_percent: Annotated[int, msgspec.Meta(ge=100)]
    by: tuple[str, ...]
    page_odds: Positive


class Bounds(msgspec.Struct, frozen=True):
    """All of them."""

    signals: SignalBounds
    anomalies: AnomalyBounds


def bounds(text: str = "", place: str = "watch.toml") -> Bounds:
    """The preset with what the sections of a TOML text set anew; its other sections belong to others.

    Raises WrongUse that names place, section and key.
    """
    preset = tomllib.loads(resources.files("mrr.watch").joinpath("signals.toml").read_text("utf-8"))
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WrongUse(f"{place}: {error}", remedy="Mend the file.") from error
    merged = {name: {**preset[name], **_section(told, name, place)} for name in SECTIONS}
    try:
        return msgspec.convert(merged, Bounds)
    except msgspec.ValidationError as error:
        said, _, path = str(error).partition(" - at `$.")
        where = f"{path.rstrip('`')}: " if path else ""
        remedy = "`mrr/watch/signals.toml` has every key with what it means."
        raise WrongUse(f"{place}: {where}{said}", remedy=remedy) from error


def _section(told: Mapping[str, Any], name: str, place: str) -> Mapping[str, Any]:
    section = told.get(name, {})
    if not isinstance(section, dict):
        raise WrongUse(f"{place}: {name} is no section", remedy=f"Write [{name}] above its keys.")
    return section
