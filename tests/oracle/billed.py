"""What the items of a customer are worth at an instant by their invoices (basis invoice)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction

from tests.oracle.bill import Term
from tests.oracle.papers import Paper, Payment, last
from tests.oracle.policy import Policy
from tests.oracle.services import MICRO, Service, standing
from tests.oracle.story import Offer

NEVER = datetime.max.replace(tzinfo=None)
Tail = Callable[[str, datetime], tuple[str, datetime] | None]


@dataclass(frozen=True)
class BilledOffer(Offer):
    """An offer as bills tell it: `scheme` names its price, `unit_amount` is what the whole stretch comes to a unit."""

    unit_amount: Fraction = field(compare=False)
    scheme: str = ""


@dataclass(frozen=True)
class Worth:
    """An item at an instant: its term, its exact level, and why it has none, if it is gone."""

    term: Term
    level: Fraction
    gone: str | None


@dataclass(frozen=True)
class Over:
    """A subscription that is over at an instant: since when, and up to where its levels may outlive that."""

    since: datetime
    paid_through: bool
    grace_to: datetime


class Books:
    """The services of a story, asked for what counts at an instant."""

    def __init__(self, policy: Policy, services: list[Service], papers: list[Paper], payments: list[Payment]) -> None:
        """`papers` are all snapshots, of credit notes too."""
        self.policy = policy
        self.services = services
        self.papers = papers
        self.payments = payments
        self.carry = timedelta(days=int(policy["invoice.carry"]))
        self.credits = {service.paper.document: self._credits(service.paper) for service in services}

    # What was taken back.

    def _credits(self, paper: Paper) -> list[tuple[str, datetime, Fraction]]:
        """Cause, since when, and which share of a document was taken back, as far as the policy cares."""
        found = [
            (p.kind, since, p.amount / self._paid_by(p, paper)) for p, since in self._returned(paper) if paper.total > 0
        ]
        notes: dict[str, list[Paper]] = {}
        for note in self.papers:
            if note.is_credit and note.invoice == paper.document and note.currency == paper.currency:
                notes.setdefault(note.document, []).append(note)
        for told in notes.values():
            end = last(told)
            if end.status == "issued" and end.total < 0 < paper.total:
                found.append(("credit_note", min(n.final_at or n.at for n in told), -end.total / paper.total))
        early = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
        rules = {cause: self.policy[cause] for cause in ("refund", "dispute", "credit_note")}
        kept = [one for one in found if rules[one[0]] != "ignore"]
        return [(c, since if rules[c] == "reduce_from_date" else early, share) for c, since, share in kept]

    def _paid_by(self, back: Payment, paper: Paper) -> Fraction:
        """The totals of all invoices of a customer that were paid by what goes back: it is shared among them."""
        mine = [one for one in standing([one for one in self.papers if not one.is_credit]) if one.total > 0]
        mine = [one for one in mine if (one.customer, one.currency) == (paper.customer, paper.currency)]
        return sum((one.total for one in mine if back in [p for p, _ in self._returned(one)]), Fraction(0))

    def _returned(self, paper: Paper) -> list[tuple[Payment, datetime]]:
        names = {name for p in self.papers if p.document == paper.document for name in p.payments}
        names |= {p.payment for p in self.payments if p.kind == "attempt" and p.invoice == paper.document}
        names |= {p.payment for p in self.payments if p.kind == "attempt" and p.of_payment in names}
        back = [
            p for p in self.payments if p.kind != "attempt" and p.of_payment in names and p.currency == paper.currency
        ]
        found = []
        for name in {p.payment for p in back}:
            told = [p for p in back if p.payment == name]
            end, word = max(told, key=lambda p: p.at), "succeeded" if told[0].kind == "refund" else "lost"
            if end.outcome == word:
                found.append((end, min(p.at for p in told if p.outcome == word)))
        return found

    def _left(self, service: Service, at: datetime) -> tuple[Fraction, str | None]:
        """What is left of a service's bill at an instant, in micros of it, and what lowered it last."""
        off = self.written_off(service)
        taken = [(c, since, share) for c, since, share in self.credits[service.paper.document] if since <= at]
        money = [share for cause, _, share in taken if cause != "credit_note"]
        notes = [share for cause, _, share in taken if cause == "credit_note"]
        size = abs(service.net)
        lost = max(sum((_micros(size * s) for s in part), Fraction(0)) for part in (money, notes))
        cause = max(((since, cause) for cause, since, _ in taken), default=(None, None))[1]
        if off is not None and at >= off:
            return Fraction(0), "unpaid"
        return (-1 if service.net < 0 else 1) * max(size - lost, Fraction(0)), cause

    def written_off(self, service: Service) -> datetime | None:
        """Since when an invoice was given up, if it still is."""
        told = sorted(
            (p for p in self.papers if p.document == service.paper.document and not p.is_credit), key=lambda p: p.at
        )
        if last(told).status != "uncollectible":
            return None
        others = [p.at for p in told if p.status != "uncollectible"]
        return min(p.at for p in told if p.status == "uncollectible" and (not others or p.at >= max(others)))

    # How long a service counts.

    def follows(self, service: Service) -> tuple[datetime | None, datetime]:
        """The start of the next service of the item, and to where this one is carried."""
        if service.once:
            return None, service.ends
        mine = [s for s in self.services if _item(s) == _item(service) and not s.once]
        starts = [s.starts for s in mine if s.starts >= service.ends]
        next_at = min(starts, default=None)
        if any(s.starts <= service.ends < s.ends for s in mine):
            return next_at, service.ends
        carried = service.ends + self.carry
        return next_at, carried if next_at is None else min(next_at, carried)

    def _alive(self, service: Service, at: datetime, over: Over | None) -> bool:
        next_at, carried = self.follows(service)
        if at < service.starts:
            return False
        if over is None:
            return at < carried
        if service.starts >= over.since:
            return False
        if over.paid_through:
            return at < min(carried, max(over.since, service.ends))
        if not service.once and carried >= over.since:
            return at < (over.grace_to if next_at is None else min(over.grace_to, next_at))
        return False

    # Levels.

    def worth(self, customer: str, subscription: str, at: datetime, over: Over | None, trial: bool) -> dict[str, Worth]:
        """Every billed item of a subscription at an instant; `trial`: its bills over nothing do not count."""
        mine = [s for s in self.services if (s.customer, s.subscription) == (customer, subscription)]
        found: dict[str, Worth] = {}
        for item in sorted({s.item for s in mine}):
            alive = [s for s in mine if s.item == item and self._alive(s, at, over)]
            one = self._sum(alive, at) if alive else None
            if one is not None and not (trial and one.term.offer.unit_amount == 0 and one.level == 0):
                found[item] = one
        return found

    def _sum(self, alive: list[Service], at: datetime) -> Worth | None:
        whole = [s.starts for s in alive if not s.is_part and not s.once]
        since = max(whole, default=None)
        kept = [s for s in alive if since is None or s.once or (s.term_starts if s.is_part else s.starts) >= since]
        head = self._head(kept)
        kept = [s for s in kept if s.line.currency == head[0].line.currency]
        gross = sum((s.gross / s.months for s in kept), Fraction(0))
        left = [(s, *self._left(s, at)) for s in kept]
        net = sum((amount / s.months for s, amount, _ in left), Fraction(0))
        if gross <= 0 and any(s.gross < 0 for s in kept):
            return None
        causes = [cause for _, _, cause in left if cause is not None]
        term = self._term(head, max(gross, Fraction(0)))
        return Worth(term, max(net, Fraction(0)), max(causes) if net <= 0 and causes else None)

    def _head(self, kept: list[Service]) -> list[Service]:
        """The services that began last among those that bill something."""
        best = max((s.gross >= 0, s.starts) for s in kept)
        head = [s for s in kept if (s.gross >= 0, s.starts) == best]
        return sorted((s for s in head if s.line.currency == min(h.line.currency for h in head)), key=lambda s: s.key)

    def _term(self, head: list[Service], gross: Fraction) -> Term:
        first, quantity = head[0], sum(s.line.quantity for s in head)
        scheme = str(first.gross / first.line.quantity) if len(head) == 1 else ""
        a_month = self.policy.bills_a_month(first.unit, first.units)
        offer = BilledOffer(str(first.line.product), str(first.line.price), gross / a_month / quantity, (), "",
                            first.unit, first.units, first.line.currency, scheme)  # fmt: skip
        return Term(offer, quantity)

    def instants(self) -> set[datetime]:
        """Every instant at which something can change."""
        found = {at for s in self.services for at in (s.starts, s.ends, s.ends + self.carry)}
        found |= (
            {p.at for p in self.papers}
            | {p.final_at for p in self.papers if p.final_at}
            | {p.at for p in self.payments}
        )
        return found


def _item(service: Service) -> tuple[str, str, str]:
    return service.customer, service.subscription, service.item


def _micros(amount: Fraction) -> Fraction:
    """To whole micros, halves up; amounts are not negative."""
    return (amount / MICRO + Fraction(1, 2)) // 1 * MICRO
