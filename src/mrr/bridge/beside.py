"""One customer in both ledgers, side by side: what moved on one side only, each explained down to its entries."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime

import msgspec

from mrr.derivation import ledgers
from mrr.derivation.ledgers import Ledger
from mrr.policy import Policy
from mrr.reports import explain, movements
from mrr.reports.explain import Explanation
from mrr.reports.movements import Movement
from mrr.warehouse import Warehouse


class Beside(msgspec.Struct):
    """What moved for a customer in either ledger and not, or not so, in the other; each with its explanation."""

    customer_id: str
    left: list[Explanation]
    right: list[Explanation]


def beside(book: Warehouse, left: Ledger, right: Ledger, customers: list[str], as_of: datetime) -> list[Beside]:
    """Each of some customers (canonical ids) in both ledgers, up to an instant."""
    with ExitStack() as stack:
        views = [(stack.enter_context(ledgers.opened(book, one, customers)), one.policy) for one in (left, right)]
        return list(_told(views, customers, as_of))


def _told(views: list[tuple[Warehouse, Policy]], customers: list[str], as_of: datetime) -> Iterator[Beside]:
    wanted = movements.Wanted(as_of)
    moved = [movements.movements(ledger, wanted) for ledger, _ in views]
    for customer in customers:
        own = [[row for row in rows if f"{row.source}/{row.customer_id}" == customer] for rows in moved]
        sides = []
        for number, (ledger, policy) in enumerate(views):
            apart = [row for row in own[number] if row not in own[1 - number]]
            sides.append([_explained(ledger, policy, row, as_of) for row in apart])
        yield Beside(customer.partition("/")[2], *sides)


def _explained(ledger: Warehouse, policy: Policy, row: Movement, as_of: datetime) -> Explanation:
    return explain.explain(ledger, policy, row, as_of)
