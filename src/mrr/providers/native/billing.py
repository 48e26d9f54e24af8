"""What was billed, paid, sent to the bank, used and spent: from invoices to exchange rates."""

from collections.abc import Callable

import mrr.providers.native.reading as reading
import mrr.providers.native.shapes as shapes
import mrr.providers.rates as rates
from mrr import facts
from mrr.balance import BalanceLine, Payout
from mrr.errors import DecodeError


def invoice(told: shapes.Invoice, seen: reading.Seen) -> facts.Fact:
    """An invoice with its lines."""
    currency = reading.currency(told.currency)
    return reading.dated(
        facts.Invoice,
        told,
        seen,
        document=told.invoice,
        customer=told.customer,
        subscription=told.subscription,
        status=told.status,
        currency=currency,
        total=reading.money(told.total, "total"),
        paid=reading.money(told.paid, "paid"),
        reason=told.reason,
        finalised_at=reading.instant(told.finalised_at, "finalised_at"),
        lines=reading.each(told.lines, "lines", _of_document(currency)),
        truncated=told.has_more or False,
        payments=tuple(told.payments or ()),
    )


def credit_note(told: shapes.CreditNote, seen: reading.Seen) -> facts.Fact:
    """A credit note: a document like an invoice, with negative amounts, so that the documents of a customer add up."""
    currency, total = reading.currency(told.currency), reading.money(told.total, "total")
    if total > 0:
        raise DecodeError("total", f"expected a negative amount, because a credit note takes back; got {told.total!r}")
    return reading.dated(
        facts.Invoice,
        told,
        seen,
        document=told.credit_note,
        invoice=told.invoice,
        customer=told.customer,
        status=told.status,
        currency=currency,
        total=total,
        reason=told.reason,
        credit_note=True,
        finalised_at=reading.instant(told.finalised_at, "finalised_at"),
        lines=reading.each(told.lines, "lines", _of_document(currency)),
        truncated=told.has_more or False,
    )


def _of_document(currency: str) -> Callable[[shapes.InvoiceLine], facts.InvoiceLine]:
    """What reads the lines of a document in this currency."""

    def line(told: shapes.InvoiceLine) -> facts.InvoiceLine:
        starts_at, ends_at = reading.period(told.period)
        return facts.InvoiceLine(
            line=told.line,
            amount=reading.money(told.amount, "amount"),
            currency=currency if told.currency is None else reading.currency(told.currency),
            kind=told.kind or "item",
            subscription=told.subscription,
            item=told.item,
            price=told.price,
            product=told.product,
            quantity=told.quantity,
            proration=told.proration or False,
            recurring=told.recurring,
            discount_amount=reading.money(told.discount_amount, "discount_amount"),
            tax_amount=reading.money(told.tax_amount, "tax_amount"),
            starts_at=starts_at,
            ends_at=ends_at,
        )

    return line


def payment(told: shapes.Payment, seen: reading.Seen) -> facts.Fact:
    """An attempt to be paid, a refund or a dispute; the amount is what moves, never negative."""
    if told.outcome in ("won", "lost") and told.kind != "dispute":
        raise DecodeError("outcome", f"only a dispute is {told.outcome}")
    return reading.dated(
        facts.Payment,
        told,
        seen,
        payment=told.payment,
        kind=told.kind,
        outcome=told.outcome,
        customer=told.customer,
        invoice=told.invoice,
        of_payment=told.of_payment,
        amount=reading.amount(told.amount, "amount", reading.MONEY_PLACES),
        currency=reading.currency(told.currency),
        failure_code=told.failure_code,
        retry=told.retry,
    )


def payout(told: shapes.Payout, seen: reading.Seen) -> facts.Fact:
    """What was sent to the bank; negative where the bank was debited."""
    return reading.dated(
        Payout,
        told,
        seen,
        payout=told.payout,
        outcome=told.outcome,
        amount=reading.money(told.amount, "amount"),
        currency=reading.currency(told.currency),
        sent_at=reading.instant(told.sent_at, "sent_at"),
        failure_code=told.failure_code,
    )


def balance_line(told: shapes.BalanceLine, seen: reading.Seen) -> facts.Fact:
    """A line of a provider's balance."""
    return reading.dated(
        BalanceLine,
        told,
        seen,
        line=told.line,
        kind=told.kind,
        amount=reading.money(told.amount, "amount"),
        currency=reading.currency(told.currency),
        fee=reading.money(told.fee, "fee"),
        of=told.of,
        available_at=reading.instant(told.available_at, "available_at"),
        payout=told.payout,
    )


def checkout(told: shapes.Checkout, seen: reading.Seen) -> facts.Fact:
    """A checkout; where it has an amount, it has a currency."""
    if told.amount is not None and told.currency is None:
        raise DecodeError("currency", "missing: which currency is the amount in?")
    return reading.dated(
        facts.Checkout,
        told,
        seen,
        checkout=told.checkout,
        outcome=told.outcome,
        customer=told.customer,
        subscription=told.subscription,
        amount=None if told.amount is None else reading.amount(told.amount, "amount", reading.MONEY_PLACES),
        currency=None if told.currency is None else reading.currency(told.currency),
    )


def usage(told: shapes.Usage, seen: reading.Seen) -> facts.Fact:
    """A quantity of a meter."""
    return reading.dated(
        facts.Usage,
        told,
        seen,
        usage=told.usage,
        customer=told.customer,
        meter=told.meter,
        quantity=reading.amount(told.quantity, "quantity"),
        subscription=told.subscription,
        item=told.item,
    )


def cost(told: shapes.Cost, seen: reading.Seen) -> facts.Fact:
    """What a service cost on a day; a credit is negative."""
    return reading.dated(
        facts.Cost,
        told,
        seen,
        cost=told.cost,
        service=told.service,
        amount=reading.money(told.amount, "amount"),
        currency=reading.currency(told.currency),
        customer=told.customer,
    )


def rate(told: shapes.Rate, seen: reading.Seen) -> facts.Fact:
    """One unit of a currency in another on a day."""
    value = reading.number(told.value, "value")
    base, currency = reading.currency(told.base, "base"), reading.currency(told.currency)
    return rates.rate(rates.Quote(told.day, base, {}), currency, str(value), seen.observed_at)
