"""Tables of a provider's balance: payouts to the bank, and the lines that moved it."""

from collections.abc import Iterator
from decimal import Decimal

from mrr.balance import BalanceLine, Payout
from mrr.facts import Fact
from mrr.providers.tabular.cells import Line
from mrr.providers.tabular.telling import Lines, one

SENT = {word: word for word in ("paid", "pending", "failed", "canceled")} | {
    "in_transit": "pending",
    "cancelled": "canceled",
    "completed": "paid",
    "succeeded": "paid",
}
KINDS = {word: word for word in ("charge", "refund", "dispute", "fee", "payout", "other")} | {
    "payment": "charge",
    "chargeback": "dispute",
    "adjustment": "other",
}


def _id(line: Line, field: str) -> str | None:
    """An id; with its source where the table speaks of another source's customers: so it does of their money."""
    name, owner = line.maybe_name(field), line.reading.customers_of
    return f"{owner}/{name}" if name and owner else name


def payout_key(line: Line) -> str:
    """The payout."""
    return line.name("payout")


def payout(lines: Lines, observed_at: int) -> Iterator[Fact]:
    """One payout; without a status it is paid."""
    line = one(lines)
    sent_at, currency = line.must_start("on"), line.currency()
    yield Payout(
        effective_at=sent_at,
        observed_at=observed_at,
        payout=_id(line, "payout") or line.name("payout"),
        outcome=line.word("status", SENT, "paid"),  # type: ignore[arg-type]
        amount=line.amount("amount", currency, signed=True),
        currency=currency,
        sent_at=sent_at,
        failure_code=line.raw("failure_code"),
    )


def line_key(line: Line) -> str:
    """The line of the balance."""
    return line.name("line")


def line(lines: Lines, observed_at: int) -> Iterator[Fact]:
    """One line of the balance."""
    row = one(lines)
    currency = row.currency()
    yield BalanceLine(
        effective_at=row.must_start("on"),
        observed_at=observed_at,
        line=_id(row, "line") or row.name("line"),
        kind=row.word("kind", KINDS, "other"),  # type: ignore[arg-type]
        amount=row.amount("amount", currency, signed=True),
        currency=currency,
        fee=Decimal(0) if row.raw("fee") is None else row.amount("fee", currency, signed=True),
        of=_id(row, "of"),
        available_at=row.starts_at("available_on"),
        payout=_id(row, "payout"),
    )
