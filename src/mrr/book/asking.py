"""Verbs that ask: reports, metrics, cohorts, movements, customers, explanations."""

from collections.abc import Sequence

from mrr import customers, explain, movements, rollforward
from mrr.answers import Customers, Definition, Measured, Movements, Rollforward, Triangle, governed
from mrr.book.desk import Desk
from mrr.dates import first_day, last_day
from mrr.errors import WrongUse
from mrr.keeper import verb
from mrr.metrics import asking, catalogue, cohorts
from mrr.period import Grain


class Asking(Desk):
    """What comes out of a book."""

    @verb
    def rollforward(
        self,
        *,
        interval: Grain = "month",
        first: str | None = None,
        last: str | None = None,
        as_of: str | None = None,
        by: str | None = None,
        where: Sequence[tuple[str, str]] = (),
    ) -> Rollforward:
        """How opening MRR became closing MRR, period by period."""
        asked = self._asked(interval, first, last, as_of, by, where)
        rows = rollforward.rollforward(self.prepared(), self.policy, asked)
        return Rollforward(self._definition("mrr.ending", asked.as_of), rows)

    def metrics(self) -> list[catalogue.Metric]:
        """Every metric with its governed definition; they are the same for every book."""
        return catalogue.catalogue()

    @verb
    def metric(
        self,
        *,
        name: str,
        interval: Grain = "month",
        first: str | None = None,
        last: str | None = None,
        as_of: str | None = None,
        by: str | None = None,
        where: Sequence[tuple[str, str]] = (),
    ) -> Measured:
        """A metric by period, in total or by group. Raises WrongUse for one that there is not, or not in this form."""
        metric, asked = catalogue.named(name), self._asked(interval, first, last, as_of, by, where)
        rows = asking.ask(self.prepared(), self.policy, asked, metric)
        return Measured(governed(self._definition(name, asked.as_of), metric, self.policy), rows)

    @verb
    def cohort(
        self,
        *,
        of: str = "logo",
        interval: Grain = "month",
        first: str | None = None,
        last: str | None = None,
        as_of: str | None = None,
        by: str | None = None,
        where: Sequence[tuple[str, str]] = (),
    ) -> Triangle:
        """What became of those who joined together, `of` logo or revenue; cohorts by period, or by an attribute."""
        metric, asked = catalogue.named(f"cohort.{of}"), self._asked(interval, first, last, as_of, by, where)
        rows = cohorts.cohorts(self.prepared(), self.policy, asked, metric)
        return Triangle(governed(self._definition(metric.name, asked.as_of), metric, self.policy), rows)

    @verb
    def movements(
        self,
        *,
        first: str | None = None,
        last: str | None = None,
        as_of: str | None = None,
        customer: str | None = None,
        kind: str | None = None,
    ) -> Movements:
        """All movements, or those of some days, one customer, one class."""
        moment = self._moment(as_of)
        wanted = movements.Wanted(moment, first_day(first), last_day(last), customer, kind)
        rows = movements.movements(self.prepared(), wanted)
        return Movements(self._definition("mrr.movements", moment), rows)

    @verb
    def customers(
        self, *, as_of: str | None = None, customer: str | None = None, state: str | None = None
    ) -> Customers:
        """Every customer with its state and MRR, the largest first."""
        moment = self._moment(as_of)
        rows = customers.customers(self.prepared(), moment, customer, state)
        return Customers(self._definition("mrr.ending", moment), rows)

    @verb
    def explain(self, *, movement_id: str, as_of: str | None = None) -> explain.Explanation:
        """One movement, down to the entries behind it. A prefix of its id will do where it is unique."""
        moment, warehouse = self._moment(as_of), self.prepared()
        matches = warehouse.rows(
            "SELECT movement_id FROM ledger.movement WHERE starts_with(movement_id, ?)", [movement_id]
        )
        exact = matches[0][0] if len(matches) == 1 else movement_id
        found = movements.movements(warehouse, movements.Wanted(moment, movement_id=exact))
        if not found:
            raise WrongUse(f"no movement {movement_id!r}", remedy="`mrr movements --json` lists their ids.")
        return explain.explain(warehouse, self.policy, found[0], moment)

    @verb
    def names(self) -> dict[str, str]:
        """What the catalogue calls its products, by id; a product without a name is left out."""
        rows = self.ledger().rows("""SELECT product_id, name FROM product WHERE name IS NOT NULL
            QUALIFY row_number() OVER (PARTITION BY product_id ORDER BY effective_at DESC, digest) = 1""")
        return {product.partition("/")[2]: name for product, name in rows}

    @verb
    def definition(self, *, as_of: str | None = None) -> Definition:
        """What the figures of this book mean, and on what they rest."""
        self.ledger()
        return self._definition("mrr.ending", self._moment(as_of))
