"""What each line of an invoice bills, over which period, and what it would cost for a whole one."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from tests.oracle.papers import Line, Paper, last
from tests.oracle.policy import Policy, minor_digits
from tests.oracle.story import Item, Snapshot

MICRO = Fraction(1, 1_000_000)


@dataclass(frozen=True)
class Service:
    """A line as a service of one item; `months` is the length of what its amounts pay for."""

    customer: str
    subscription: str
    item: str
    line: Line
    paper: Paper
    starts: datetime
    ends: datetime
    is_part: bool
    once: bool
    unit: str
    units: int
    months: Fraction
    gross: Fraction
    net: Fraction
    term_starts: datetime

    @property
    def key(self) -> tuple[str, str]:
        """Document and line."""
        return self.paper.document, self.line.line


def months_later(at: datetime, months: int) -> datetime:
    """The same day so many months later (or earlier), clamped to the month."""
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    return at.replace(year=year, month=month + 1, day=min(at.day, monthrange(year, month + 1)[1]))


def _is_last_day(at: datetime) -> bool:
    return at.day == monthrange(at.year, at.month)[1]


def whole_months(starts: datetime, ends: datetime) -> int:
    """How many whole months a period is, 0 if it is no whole number of them."""
    count = (ends.year - starts.year) * 12 + ends.month - starts.month
    fits = starts.day == ends.day or _is_last_day(ends if ends.day < starts.day else starts)
    return count if count > 0 and fits else 0


class Reader:
    """Reads the lines of the papers that stand, under a policy."""

    def __init__(self, policy: Policy, snapshots: Iterable[Snapshot], owner: dict[str, str]) -> None:
        """`owner`: the customer of each subscription."""
        self.policy = policy
        self.owner = owner
        self.sold: dict[str, list[Item]] = {}
        for snapshot in snapshots:
            self.sold.setdefault(snapshot.subscription, []).extend(snapshot.items)

    def services(self, papers: list[Paper]) -> list[Service]:
        """The services of all documents that count."""
        read = [self._read(paper, line) for paper in standing(papers) for line in paper.lines]
        rows = [one for one in read if one is not None]
        whole = [one for one in rows if not one.is_part and not one.once]
        return [one for row in rows if (one := self._full(row, whole) if row.is_part else row) is not None]

    def lines(self, papers: list[Paper]) -> list[tuple[Paper, Line, Item | None]]:
        """Every recurring line of the documents that count, with the terms that it sells by, if they are known."""
        lines = [(paper, line, self._terms(line)) for paper in standing(papers) for line in paper.lines]
        return [one for one in lines if one[1].recurring is not False and (one[1].recurring or recurs(one[2]))]

    def metered(self, papers: list[Paper]) -> list[tuple[Paper, Line, Item]]:
        """Every line of the documents that count that sells by metered terms, with these."""
        lines = [(paper, line, self._terms(line)) for paper in standing(papers) for line in paper.lines]
        return [(paper, line, terms) for paper, line, terms in lines if terms is not None and terms.metered]

    def _terms(self, line: Line) -> Item | None:
        known = self.sold.get(line.subscription or "", [])
        fits = [i for i in known if (i.offer.price == line.price if line.price else i.item_id == line.item)]
        return min(fits, key=_rank, default=None)

    def _read(self, paper: Paper, line: Line) -> Service | None:
        terms = self._terms(line)
        if terms is not None and terms.metered:
            return None
        customer = paper.customer or self.owner[str(paper.subscription)]
        item = line.item or (terms.item_id if terms else None) or line.price or line.product or "billed"
        if not (recurs(terms) if line.recurring is None else line.recurring):
            return self._once(paper, line, customer)
        if line.period is None or line.period[1] <= line.period[0]:
            return None
        starts, ends = line.period
        interval, count = (terms.offer.interval, terms.offer.interval_count) if terms else (None, 1)
        unit, units, months = self.length(starts, ends, interval)
        part = line.proration
        if interval in ("month", "year") and not whole_months(starts, ends):
            part = part or months_later(ends, -count * (12 if interval == "year" else 1)) < starts
        if part and interval is not None:
            unit, units, months = interval, count, 1 / self.policy.bills_a_month(interval, count)
        return Service(customer, line.subscription or customer, item, line, paper, starts, ends, part, False,
                       unit if not part or interval else "", units, months, line.gross, line.net, starts)  # fmt: skip

    def length(self, starts: datetime, ends: datetime, interval: str | None) -> tuple[str, int, Fraction]:
        """Unit, count and months of a service period, for a price of such an interval."""
        whole, days = whole_months(starts, ends), max((ends.date() - starts.date()).days, 1)
        if whole and interval in (None, "month", "year"):
            return ("year", whole // 12, Fraction(whole)) if whole % 12 == 0 else ("month", whole, Fraction(whole))
        if interval == "week" or (interval is None and days % 7 == 0):
            return "week", max(days // 7, 1), Fraction(days, 7) / self.policy.bills_a_month("week", 1)
        return "day", days, days / self.policy.bills_a_month("day", 1)

    def _once(self, paper: Paper, line: Line, customer: str) -> Service | None:
        months = self.policy["one_time"]
        if months == "exclude":
            return None
        starts = line.period[0] if line.period else (paper.final_at or paper.at)
        return Service(customer, line.subscription or customer, f"{paper.document}/{line.line}", line, paper, starts,
                       months_later(starts, months), False, True, "month", months, Fraction(months), line.gross,
                       line.net, starts)  # fmt: skip

    # Parts of periods.

    def _full(self, part: Service, whole: list[Service]) -> Service | None:
        """The part as its whole period; None where that is not known."""
        beside = [w for w in whole if (w.customer, w.subscription) == (part.customer, part.subscription)]
        beside.sort(key=lambda w: w.key)
        around = [w for w in beside if w.starts <= part.starts and w.ends >= part.ends]
        around = [w for w in around if self._same_interval(part, w)]
        host = max(around, key=lambda w: (w.item == part.item, w.ends == part.ends, w.starts), default=None)
        if host is None and not part.unit:
            return None
        starts = host.starts if host else self._before(part.ends, part.unit, part.units)
        ends = host.ends if host else part.ends
        months = part.months if part.unit or host is None else host.months
        unit, units = (part.unit, part.units) if part.unit or host is None else (host.unit, host.units)
        gross, net = part.gross, part.net
        if self.policy["proration"] == "full_period":
            gross, net = self._whole_price(part, (ends - starts) / timedelta(microseconds=1), beside)
        return Service(part.customer, part.subscription, part.item, part.line, part.paper, part.starts, part.ends,
                       True, False, unit, units, months, gross, net, starts)  # fmt: skip

    def _same_interval(self, part: Service, whole: Service) -> bool:
        mine, other = self._terms(part.line), self._terms(whole.line)
        if mine is None or other is None or mine.offer.interval is None or other.offer.interval is None:
            return True
        return (mine.offer.interval, mine.offer.interval_count) == (other.offer.interval, other.offer.interval_count)

    def _before(self, ends: datetime, unit: str, units: int) -> datetime:
        if unit in ("day", "week"):
            return ends - timedelta(days=units * (7 if unit == "week" else 1))
        return months_later(ends, -units * (12 if unit == "year" else 1))

    def _whole_price(self, part: Service, full: float, beside: list[Service]) -> tuple[Fraction, Fraction]:
        share = Fraction(int((part.ends - part.starts) / timedelta(microseconds=1)), int(full))
        sign, size = (-1 if part.net < 0 else 1), abs(part.net)
        day = Fraction(86_400_000_000, int(full))
        minor = Fraction(1, 10 ** minor_digits(part.line.currency))

        def agrees(price: Fraction) -> bool:
            return abs(size - price * share) <= minor + price * day

        alike = [w for w in beside if w.item == part.item and _sold(w.line) == _sold(part.line)]
        earlier = [w for w in alike if w.starts <= part.starts]
        same = max(earlier, key=lambda w: w.starts) if earlier else min(alike, key=lambda w: w.starts, default=None)
        if same is not None and agrees(same.net):
            return sign * same.gross, sign * same.net
        if same is not None and agrees(same.gross):
            return sign * same.gross, sign * same.gross
        terms = self._terms(part.line)
        if terms is not None and not terms.offer.tiers:
            price = terms.offer.unit_amount * part.line.quantity
            if price % MICRO == 0 and agrees(price):
                return sign * price, sign * price
        return self._micros(part.gross / share, sign), self._micros(part.net / share, sign)

    def _micros(self, amount: Fraction, sign: int) -> Fraction:
        """To whole micros, halves away from 0."""
        return sign * ((abs(amount) / MICRO + Fraction(1, 2)) // 1) * MICRO


def bills_for(papers: list[Paper], owners: dict[str, str], subscription: str, at: datetime) -> list[datetime]:
    """Since when each document is final that stands and bills a subscription for a period around an instant."""
    found = []
    for paper in standing([one for one in papers if not one.is_credit]):
        whose = paper.customer or owners[str(paper.subscription)]
        periods = [line.period for line in paper.lines if (line.subscription or whose) == subscription]
        if any(period is not None and period[0] <= at < period[1] for period in periods):
            told = [one for one in papers if one.document == paper.document and one.status != "draft"]
            found.append(min(one.final_at or one.at for one in told))
    return found


def _sold(line: Line) -> tuple[object, ...]:
    return line.price, line.product, line.quantity, line.currency


def recurs(terms: Item | None) -> bool:
    """What a line sells recurs unless its terms say that it is paid once."""
    return terms is None or terms.offer.interval is not None


def standing(papers: list[Paper]) -> list[Paper]:
    """Of each document that counts what stands of it."""
    by_document: dict[str, list[Paper]] = {}
    for paper in papers:
        by_document.setdefault(paper.document, []).append(paper)
    return [end for of in by_document.values() if (end := last(of)).status in ("open", "paid", "uncollectible")]


def _rank(item: Item) -> tuple[object, ...]:
    """Of several terms under one name the first in this order is read."""
    offer, amount = item.offer, item.offer.unit_amount
    interval = (offer.interval is None, str(offer.interval), offer.interval_count)
    return *interval, bool(offer.tiers), amount.numerator, amount.denominator, item.item_id
