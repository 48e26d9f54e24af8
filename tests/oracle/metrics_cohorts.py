"""Cohort triangles: who joined together, and how many still pay, or what they are worth, period after period."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from tests.oracle.causes import Side
from tests.oracle.clock import local_day
from tests.oracle.metrics_calendar import Calendar, Period
from tests.oracle.metrics_frame import Frame
from tests.oracle.metrics_money import Figure
from tests.oracle.metrics_people import Person, worth
from tests.oracle.phase import TICK

# A cohort is the first day of a period, or the value of an attribute (None: without it); k counts periods from 0.
Triangle = dict[tuple[date | str | None, int], Figure]


@dataclass(frozen=True)
class Joined:
    """One member: the day of its first MRR, what it joined with, and its cohort."""

    person: Person
    on: date
    micros: int
    cohort: date | str | None


def _inside(frame: Frame, person: Person, side: Side) -> int:
    """What a customer is worth inside the filters, whatever its group."""
    return sum(worth(lines.values()) for lines in frame.lines(person, side).values())


def _members(frame: Frame) -> list[Joined]:
    """Who ever had MRR inside the filters, at the first movement that ends with some, on the days asked for."""
    found: list[Joined] = []
    for person in frame.firm.people:
        for posted in person.posted:
            micros = _inside(frame, person, posted.netted.right)
            if micros > 0:
                on = next((row.on for row in posted.rows), local_day(posted.netted.looks[0].at, person.world.zone))
                found.append(Joined(person, on, micros, _cohort(frame, person, on)))
                break
    asked = frame.asked
    return [one for one in found if (asked.first or one.on) <= one.on <= (asked.last or one.on)]


def _cohort(frame: Frame, person: Person, on: date) -> date | str | None:
    calendar, by = frame.calendar, frame.asked.by
    if by is None:
        return calendar.start_of(on)
    ends = min(calendar.midnight(on + timedelta(days=1)), calendar.as_of)
    return frame.attributes(person, person.world.attributes(person.name, ends - TICK)).get(by)


def _calendar(frame: Frame) -> Calendar:
    """All periods up to as_of: the days asked for choose members, not columns."""
    calendar = frame.calendar
    return Calendar(replace(frame.asked, first=None, last=None), calendar.zone, calendar.as_of)


def _cells(frame: Frame) -> dict[tuple[date | str | None, int], list[tuple[Joined, Period]]]:
    """The members of each cohort for whom the k-th period after their joining is over, with that period."""
    found: dict[tuple[date | str | None, int], list[tuple[Joined, Period]]] = {}
    for member in _members(frame):
        whole = [period for period in _calendar(frame).periods_from(member.on) if period.complete]
        for k, period in enumerate(whole):
            found.setdefault((member.cohort, k), []).append((member, period))
    return found


def logo(frame: Frame) -> Triangle:
    """How many still pay, of all members."""
    found: Triangle = {}
    for key, members in _cells(frame).items():
        paying = sum(_inside(frame, one.person, one.person.before(period.ends_at)) > 0 for one, period in members)
        found[key] = Figure(paying, len(members))
    return found


def revenue(frame: Frame) -> Triangle:
    """What they are worth, of what they joined with."""
    found: Triangle = {}
    for key, members in _cells(frame).items():
        now = sum(_inside(frame, one.person, one.person.before(period.ends_at)) for one, period in members)
        found[key] = Figure(now, sum(one.micros for one, _ in members))
    return found


TRIANGLES = {"cohort.logo": logo, "cohort.revenue": revenue}
