"""How objectives stand: what is left of their budgets, how fast they burn, and the findings that this makes."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Literal

import msgspec
from msgspec.structs import asdict, replace

from mrr import figures
from mrr.metrics.asking import decimal
from mrr.watch.finding import Finding, Urgency
from mrr.watch.indicators import Bad, Indicator, Level, Stretch, Tally, defined
from mrr.watch.objectives import QUARTER, Burn, Objective, bound, burns, hours

State = Literal["met", "unknown", "ticket", "page"]


class Burnt(msgspec.Struct, frozen=True):
    """How fast a budget burns: `spent_ratio` of it went in `within_s`; `rate_ratio` 1 spends it just in its window."""

    within_s: int
    rate_ratio: str
    spent_ratio: str
    urgency: Urgency
    alarms: bool


class Standing(msgspec.Struct, frozen=True):
    """How an objective stands. Ratios are decimals with six places; one without events has none, and is unknown.

    `good` and `total` count events of the window, the `_micros` the MRR that they carry; `met_ratio` is the share that
    went well, weighed as the objective says, `left_ratio` what is left of the budget (below 0: overspent). Of a level
    `amount` is what stands and `most` the bound, both in the unit of the indicator.
    """

    objective: str
    indicator: str
    title: str
    owner: str
    target: str
    window: str
    weigh: str
    unit: str
    state: State
    good: int = 0
    total: int = 0
    good_micros: int = 0
    total_micros: int = 0
    met_ratio: str | None = None
    left_ratio: str | None = None
    burns: list[Burnt] = []
    p50_us: int | None = None
    p95_us: int | None = None
    p99_us: int | None = None
    amount: int | None = None
    most: int | None = None
    parts: list[Level] = []


def of_events(name: str, objective: Objective, tallies: Mapping[Stretch, Tally]) -> Standing:
    """How an objective of events stands, by what they came to over `objectives.stretches`."""
    whole, empty = tallies[objective.over(objective.lasts)], _empty(name, objective)
    bad, total = _weight(objective, whole)
    if total == 0:
        return replace(empty, good=whole.good, total=whole.total)
    burnt = [_burnt(objective, burn, tallies) for burn in burns(objective)]
    left = 1 - Fraction(bad, total) / objective.budget
    return replace(
        empty,
        state=_state(objective, burnt, left, whole.bad),
        met_ratio=decimal(Fraction(total - bad, total)),
        left_ratio=decimal(left),
        burns=burnt,
        **asdict(whole),
    )


def _empty(name: str, objective: Objective) -> Standing:
    """An objective of which nothing is known yet."""
    meant = defined(objective.indicator)
    return Standing(
        objective=name,
        indicator=meant.name,
        title=meant.title.partition(":")[0],
        owner=meant.owner,
        target=objective.target or f"at most {objective.at_most}",
        window=objective.window if meant.is_share else "now",
        weigh=objective.weigh,
        unit=meant.unit,
        state="unknown",
    )


def _weight(objective: Objective, tally: Tally) -> tuple[int, int]:
    """The bad part and the whole, in events or in micros."""
    return (tally.bad_micros, tally.total_micros) if objective.weigh == "mrr" else (tally.bad, tally.total)


def _burnt(objective: Objective, burn: Burn, tallies: Mapping[Stretch, Tally]) -> Burnt:
    """How a budget burns; where nothing has come for a while nobody knows that it is over."""
    _, budgeted = _weight(objective, tallies[objective.over(objective.lasts)])
    long, short = tallies[objective.over(burn.within)], tallies[objective.over(burn.still)]
    windows = hours(objective.lasts) / hours(burn.within)
    spent = Fraction(_weight(objective, long)[0]) / (objective.budget * budgeted)
    bad, total = _weight(objective, short)
    still = total == 0 or Fraction(bad, total) >= objective.budget * QUARTER * windows
    alarms = spent >= QUARTER and still and long.bad >= objective.at_least
    rate = decimal(spent * windows)
    return Burnt(burn.within // timedelta(seconds=1), rate, decimal(spent), burn.urgency, alarms)


def _state(objective: Objective, burnt: Sequence[Burnt], left: Fraction, bad: int) -> State:
    if any(one.alarms and one.urgency == "page" for one in burnt):
        return "page"
    overspent = left < 0 and bad >= objective.at_least
    return "ticket" if overspent or any(one.alarms for one in burnt) else "met"


def of_levels(name: str, objective: Objective, levels: Sequence[Level], whole_micros: int) -> Standing:
    """How an objective of what stands now does. Amounts of money add up; of other parts the worst one speaks."""
    parts = [one for one in levels if one.indicator == objective.indicator]
    empty, most = _empty(name, objective), bound(objective, whole_micros)
    if not parts and empty.unit != "micros":
        return replace(empty, most=most)
    amounts = [one.amount for one in parts]
    amount = sum(amounts) if empty.unit == "micros" else max(amounts)
    state: State = objective.urgency if amount > most else "met"
    return replace(empty, state=state, amount=amount, most=most, parts=parts)


# ----- findings


def blamed(one: Standing, objective: Objective) -> Stretch:
    """The time whose bad events are to blame: that of the burn that alarms, else the whole window."""
    burning = next((timedelta(seconds=each.within_s) for each in one.burns if each.alarms), objective.lasts)
    return objective.over(burning)


def finding(one: Standing, blame: Sequence[Bad], at: datetime) -> Finding | None:
    """What is wrong with an objective, if anything is; `blame` are its bad events (see `blamed`), the most first."""
    if one.state in ("met", "unknown"):
        return None
    meant = defined(one.indicator)
    return _of_level(one, meant, at) if one.most is not None else _of_budget(one, meant, blame, at)


def _of_budget(one: Standing, meant: Indicator, blame: Sequence[Bad], at: datetime) -> Finding:
    worst = blame[0] if blame else None
    label = worst.label if worst is not None and 2 * worst.bad > sum(each.bad for each in blame) else ""
    burnt = next((each for each in one.burns if each.alarms), None)
    spent = f"{share_of(burnt.spent_ratio)} of its budget went in {lasting(burnt.within_s)}" if burnt else "overspent"
    begins_at = min((each.first_at for each in blame), default=at)
    figures_told = {"now": share_of(one.met_ratio), "target": one.target, "window": one.window}
    figures_told |= {"budget left": share_of(one.left_ratio), "failed": f"{one.total - one.good:,} of {one.total:,}"}
    figures_told |= {f"failed as {each.label or 'unknown'}": f"{each.bad:,}" for each in blame[:5]}
    return Finding(
        rule=f"slo.{one.objective}",
        cause=f"{meant.cause}:{label or one.objective}",
        urgency="page" if one.state == "page" else "ticket",
        summary=f"{one.title}: {share_of(one.met_ratio)} in {one.window}, wanted {one.target}; {spent}",
        begins_at=begins_at,
        figures=figures_told,
        customers=sorted({name for each in blame for name in each.customers})[:100],
        entries=sorted({seq for each in blame for seq in each.entries})[:100],
    )


def _of_level(one: Standing, meant: Indicator, at: datetime) -> Finding:
    assert one.amount is not None
    assert one.most is not None
    worst = max(one.parts, key=lambda part: part.amount)
    shown = {part.label: amount_of(part.amount, one.unit) for part in one.parts}
    return Finding(
        rule=f"slo.{one.objective}",
        cause=f"{meant.cause}:{worst.label}",
        urgency="page" if one.state == "page" else "ticket",
        summary=f"{one.title}: {amount_of(one.amount, one.unit)} ({worst.label} most), wanted {one.target}",
        begins_at=at,
        figures={"now": amount_of(one.amount, one.unit), "at most": amount_of(one.most, one.unit), **shown},
        customers=sorted({name for part in one.parts for name in part.customers})[:100],
    )


def share_of(ratio: str | None) -> str:
    """A ratio as a percentage."""
    return "–" if ratio is None else figures.percent(figures.micros_of(ratio))


def amount_of(amount: int, unit: str) -> str:
    """An amount of a level, in the words that its unit has."""
    if unit == "micros":
        return figures.written(figures.rounded(amount, 2), 2)
    return lasting(amount) if unit == "seconds" else figures.percent(amount)


def lasting(seconds: int) -> str:
    """A time in its largest unit."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= size:
            return f"{figures.written(10 * seconds // size, 1)}{unit}".replace(".0", "")
    return f"{seconds}s"
