"""Reads what a story tells of money: invoices, credit notes, payments; nothing is decided here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from tests.oracle.story import instant, required_instant

STAGES = ("draft", "open", "uncollectible", "paid", "void", "deleted")


@dataclass(frozen=True)
class Line:
    """A line of an invoice as it is written; `net` is after discounts, all without tax, in major units."""

    line: str
    subscription: str | None
    item: str | None
    price: str | None
    product: str | None
    currency: str
    quantity: int
    proration: bool
    recurring: bool | None
    gross: Fraction
    net: Fraction
    period: tuple[datetime, datetime] | None


@dataclass(frozen=True)
class Paper:
    """A snapshot of an invoice or a credit note (then `document` is its own id and `invoice` what it corrects)."""

    document: str
    invoice: str
    customer: str | None
    subscription: str | None
    at: datetime
    status: str
    currency: str
    total: Fraction
    paid: Fraction
    final_at: datetime | None
    lines: tuple[Line, ...]
    payments: frozenset[str]
    is_credit: bool


@dataclass(frozen=True)
class Payment:
    """An attempt, a refund or a dispute at one instant."""

    payment: str
    kind: str
    outcome: str
    invoice: str | None
    of_payment: str | None
    at: datetime
    amount: Fraction
    currency: str


def _money(value: Any) -> Fraction:
    return Fraction(str(value or 0))


def _line(raw: dict[str, Any], paper: dict[str, Any]) -> Line:
    period = raw.get("period")
    gross, off = _money(raw["amount"]), _money(raw.get("discount_amount"))
    quantity = raw.get("quantity")
    return Line(
        str(raw["line"]),
        raw.get("subscription") or paper.get("subscription"),
        raw.get("item"),
        raw.get("price"),
        raw.get("product"),
        str(raw.get("currency") or paper["currency"]),
        max(1 if quantity is None else int(quantity), 1),
        bool(raw.get("proration")),
        raw.get("recurring"),
        gross,
        gross - off,
        None if period is None else (required_instant(period[0]), required_instant(period[1])),
    )


def paper(raw: dict[str, Any]) -> Paper:
    """An invoice or a credit note of a story."""
    is_credit = raw["fact"] == "credit_note"
    return Paper(
        document=str(raw["credit_note"] if is_credit else raw["invoice"]),
        invoice=str(raw.get("invoice")),
        customer=raw.get("customer"),
        subscription=raw.get("subscription"),
        at=required_instant(raw["effective_at"]),
        status=str(raw["status"]),
        currency=str(raw["currency"]),
        total=_money(raw.get("total")),
        paid=_money(raw.get("paid")),
        final_at=instant(raw.get("finalised_at")),
        lines=tuple(_line(line, raw) for line in raw.get("lines") or ()),
        payments=frozenset(raw.get("payments") or ()),
        is_credit=is_credit,
    )


def payment(raw: dict[str, Any]) -> Payment:
    """A payment of a story."""
    return Payment(
        str(raw["payment"]),
        str(raw["kind"]),
        str(raw["outcome"]),
        raw.get("invoice"),
        raw.get("of_payment"),
        required_instant(raw["effective_at"]),
        _money(raw["amount"]),
        str(raw["currency"]),
    )


def last(papers: list[Paper]) -> Paper:
    """What stands of the snapshots of one document: the latest, of one instant that of the later stage."""
    return max(papers, key=lambda one: (one.at, STAGES.index(one.status) if one.status in STAGES else 0))
