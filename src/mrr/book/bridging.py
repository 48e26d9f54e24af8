"""Verbs that hold one ledger against another: the bridge between them, and one customer in both."""

from datetime import date, datetime

from msgspec.structs import replace

from mrr.book.desk import Desk
from mrr.bridge import Asked, Beside, Bridge, End, beside, bridge, seal_of
from mrr.dates import first_day, last_day
from mrr.errors import WrongUse
from mrr.keeper import verb
from mrr.ledger_words import closed, named, spelled
from mrr.period import next_period, period_start

MEANT = "what moved in one ledger and not so in the other, and which step makes the difference"


class Bridging(Desk):
    """How one ledger becomes another."""

    def bridge(
        self,
        *,
        left: str,
        right: str,
        first: str | None = None,
        last: str | None = None,
        as_of: str | None = None,
        customer: str | None = None,
    ) -> Bridge:
        """The bridge between two ledgers in words (`ledger_words.named`), shown by whole months.

        Raises WrongUse for words that name no ledger, and across reporting currencies.
        """
        asked = {"first": first, "last": last, "as_of": as_of, "customer": customer}
        return self.bridged(left=spelled(left), right=spelled(right), **asked)

    @verb
    def bridged(
        self,
        *,
        left: str,
        right: str,
        first: str | None = None,
        last: str | None = None,
        as_of: str | None = None,
        customer: str | None = None,
    ) -> Bridge:
        """The same, with files by their whole path."""
        ends = [self._end(words) for words in (left, right)]
        moment = self._moment(as_of)
        meant = replace(self._definition("mrr.bridge", moment), ledger=f"{left} → {right}", variant=MEANT)
        only = None if customer is None else self._meant(customer)
        asked = _asked(moment, first_day(first), last_day(last))
        return bridge(self.ledger(), ends[0], ends[1], asked._replace(customers=only), meant, self.progress)

    def beside(self, *, left: str, right: str, customer: str, as_of: str | None = None) -> list[Beside]:
        """What moved for a customer in one of two ledgers and not so in the other, each explained."""
        return self.shown_beside(left=spelled(left), right=spelled(right), customer=customer, as_of=as_of)

    @verb
    def shown_beside(self, *, left: str, right: str, customer: str, as_of: str | None = None) -> list[Beside]:
        """The same, with files by their whole path."""
        ends = [named(words, self) for words in (left, right)]
        return beside(self.ledger(), ends[0], ends[1], self._meant(customer), self._moment(as_of))

    def _end(self, words: str) -> End:
        one = closed(words, self)
        return End(words, named(words, self), seal_of(self.journal, one) if one is not None else None)

    def _meant(self, customer: str) -> list[str]:
        """The customers of this id, with or without its source, in any ledger: also who was merged into them."""
        found = self.ledger().rows(
            """WITH name AS (
                SELECT customer_id FROM subscription_fact UNION SELECT customer_id FROM attribute UNION
                SELECT customer_id FROM invoice UNION SELECT into_id FROM merge
            )
            SELECT customer_id FROM name
            WHERE $customer IN (customer_id, regexp_replace(customer_id, '^[^/]*/', '')) ORDER BY customer_id""",
            {"customer": customer},
        )
        if not found:
            raise WrongUse(f"there is no customer {customer!r}", remedy="`mrr customers` lists them.")
        return [name for (name,) in found]


def _asked(as_of: datetime, first: date | None, last: date | None) -> Asked:
    asked = Asked(as_of)
    if first is not None:
        asked = asked._replace(first=period_start(first, "month"))
    if last is not None:
        asked = asked._replace(until=next_period(period_start(last, "month"), "month"))
    return asked
