"""F3, proration errors and mispriced lines: what a price and a period come to, beside what was billed."""

from collections import defaultdict
from datetime import datetime, timedelta

from mrr.figures import exact, plural
from mrr.policy import Policy
from mrr.proration import RULES
from mrr.reconcile import prorations
from mrr.reconcile.outcome import Weighed
from mrr.warehouse import Warehouse
from mrr.watch.bounds import SignalBounds
from mrr.watch.finding import Finding
from mrr.watch.shares import NAMED, Share, urgency

SHARES = (Share("F3.priced", "priced", "items and lines are not told at their price", waits=False),)


def prorated(warehouse: Warehouse, policy: Policy, as_of: datetime, bounds: SignalBounds) -> list[Finding]:
    """Prorations of late whose amount is not what price and period come to, under the rule that fits the source best.

    One finding a source, with both figures of each line; those of which price or period are not known are left to
    `mrr reconcile prorations`. The warehouse is prepared.
    """
    first = as_of - timedelta(days=bounds.proration_days)
    found: dict[str, Weighed] = {}
    for source in _sources(warehouse, first):
        for weighed in prorations.by_rule(warehouse, policy, RULES.values(), as_of, first=first, source=source):
            found[source] = min(weighed, found.get(source, weighed), key=_off)
            if not _off(weighed):
                break
    told = ((source, weighed) for source, weighed in found.items() if _off(weighed))
    return [_finding(source, weighed, first, policy, bounds) for source, weighed in told]


def _sources(warehouse: Warehouse, first: datetime) -> list[str]:
    rows = warehouse.rows(
        """SELECT DISTINCT split_part(i.document_id, '/', 1) AS source
        FROM invoice AS i JOIN invoice_line AS l ON l.fact_id = i.fact_id
        WHERE l.proration AND i.effective_at >= ? ORDER BY source""",
        [first],
    )
    return [str(source) for (source,) in rows]


def _off(weighed: Weighed) -> int:
    """How many lines came to another amount."""
    return sum(row.cause == "amount" for row in weighed.rows)


def _finding(source: str, weighed: Weighed, first: datetime, policy: Policy, bounds: SignalBounds) -> Finding:
    wrong = [row for row in weighed.rows if row.cause == "amount"]
    by_customer: dict[str, int] = defaultdict(int)
    for row in wrong:
        by_customer[f"{row.source}/{row.customer_id}"] += row.difference_micros
    lines = {f"{row.subject}": row.detail for row in wrong[:NAMED]}
    off = f"{exact(sum(map(abs, by_customer.values())))} {policy['currency']}"
    return Finding(
        rule="F3.prorated",
        cause=f"source:{source}",
        urgency=urgency("F3.prorated", bounds),
        summary=f"{plural(len(wrong), 'proration')} of {weighed.compared:,} ({source}) came out wrong, by {off}",
        begins_at=first,
        figures={"off by": off, **lines},
        customers=sorted(by_customer)[:NAMED],
        entries=sorted({int(row.detail.rpartition("entry ")[2]) for row in wrong})[:NAMED],
    )
