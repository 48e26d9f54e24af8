"""Invoices and credit notes with their lines, in the three shapes that Stripe has given lines."""

from collections.abc import Iterable

import mrr.providers.stripe.billing_shapes as shapes
from mrr import facts
from mrr.errors import DecodeError
from mrr.providers.stamp import Irrelevant
from mrr.providers.stripe.catalogue import Facts, stamped
from mrr.providers.stripe.reading import Told, amount, currency, id_of, micros

NOTHING = shapes.ItemDetails()


def invoice_facts(invoice: shapes.Invoice, told: Told) -> Facts:
    """The invoice with its lines; `deleted` is its status once it is deleted. Previews say nothing yet."""
    if not invoice.id or invoice.id.startswith("upcoming"):
        return Irrelevant("upcoming invoice")
    deleted = invoice.deleted or told.change == "deleted"
    status = "deleted" if deleted else invoice.status
    if status is None:
        raise DecodeError("status", "missing")
    code = currency(invoice.currency, "") if invoice.currency or not deleted else ""
    return [
        stamped(
            facts.Invoice,
            told,
            document=invoice.id,
            customer=id_of(invoice.customer),
            subscription=_subscription(invoice),
            status=status,
            currency=code,
            total=amount(invoice.total, code, "", "total") if code else facts.exact(0),
            paid=amount(invoice.amount_paid, code, "", "amount_paid") if code else facts.exact(0),
            reason=invoice.billing_reason,
            finalised_at=micros(invoice.status_transitions.finalized_at) if invoice.status_transitions else None,
            lines=_lines(invoice, code),
            truncated=invoice.lines.has_more if invoice.lines else False,
            payments=tuple(dict.fromkeys(_payments(invoice))),
        )
    ]


def _subscription(invoice: shapes.Invoice) -> str | None:
    details = invoice.parent.subscription_details if invoice.parent else None
    return id_of(invoice.subscription) or (id_of(details.subscription) if details else None)


def _payments(invoice: shapes.Invoice) -> Iterable[str]:
    """The payment intents and charges that pay it: single ones up to 2025-02-24.acacia, then a list."""
    allocated = [entry.payment for entry in invoice.payments.elements if entry.payment] if invoice.payments else []
    links = [invoice.payment_intent, invoice.charge]
    links += [link for paid_by in allocated for link in (paid_by.payment_intent, paid_by.charge)]
    return [name for name in map(id_of, links) if name]


def _lines(invoice: shapes.Invoice, code: str) -> tuple[facts.InvoiceLine, ...]:
    lines = invoice.lines.elements if invoice.lines else ()
    return tuple([_line(line, code, f"lines.data[{n}].") for n, line in enumerate(lines)])


def _line(line: shapes.InvoiceLine, of_invoice: str, at: str) -> facts.InvoiceLine:
    code = currency(line.currency, at) if line.currency else of_invoice
    details = _details(line.parent)
    price, product = _sold(line)
    discounts = sum(discount.amount for discount in line.discount_amounts or ())
    return facts.InvoiceLine(
        line=line.id,
        amount=amount(_untaxed(line), code, at, "amount"),
        currency=code,
        kind="subscription" if _is_renewal(line, details) else "item",
        subscription=id_of(line.subscription) or id_of(details.subscription),
        item=id_of(line.subscription_item) or id_of(details.subscription_item),
        price=price,
        product=product,
        quantity=line.quantity,
        proration=bool(details.proration if line.proration is None else line.proration),
        recurring=_recurring(line, details),
        discount_amount=amount(discounts, code, at, "discount_amounts"),
        tax_amount=amount(sum(tax.amount for tax in _taxes(line)), code, at, "taxes"),
        starts_at=micros(line.period.start) if line.period else None,
        ends_at=micros(line.period.end) if line.period else None,
    )


def _details(parent: shapes.LineParent | None) -> shapes.ItemDetails:
    if parent is None:
        return NOTHING
    of_subscription, of_item = parent.subscription_item_details, parent.invoice_item_details
    if parent.type == "invoice_item_details":
        return of_item or NOTHING
    return of_subscription or of_item or NOTHING


def _sold(line: shapes.InvoiceLine) -> tuple[str | None, str | None]:
    """The ids of price and product: from `price`, else `pricing`, else `plan`."""
    if isinstance(line.price, shapes.SoldPrice):
        return line.price.id, id_of(line.price.product)
    pricing = line.pricing.price_details if line.pricing else None
    if pricing is not None:
        return id_of(pricing.price), id_of(pricing.product)
    return (line.plan.id, id_of(line.plan.product)) if line.plan else (line.price, None)


def _is_renewal(line: shapes.InvoiceLine, details: shapes.ItemDetails) -> bool:
    # A proration is an invoice item in every shape, although its new parent is the subscription item.
    if line.invoice_item or details.invoice_item or line.type == "invoiceitem":
        return False
    return line.type == "subscription" or bool(details.subscription_item)


def _recurring(line: shapes.InvoiceLine, details: shapes.ItemDetails) -> bool | None:
    """Whether what is sold recurs; items of subscriptions always do, and other invoice items never."""
    if isinstance(line.price, shapes.SoldPrice):
        return line.price.recurring is not None
    if line.plan or line.subscription_item or details.subscription_item:
        return True
    return False if line.parent else None


def _taxes(line: shapes.InvoiceLine | shapes.CreditNoteLine) -> list[shapes.TaxAmount]:
    return (line.tax_amounts if line.taxes is None else line.taxes) or []


def _untaxed(line: shapes.InvoiceLine | shapes.CreditNoteLine) -> int:
    """The amount without inclusive taxes: Stripe's own figure where it gives one, else the amount less the taxes."""
    included = sum(tax.amount for tax in _taxes(line) if tax.inclusive or tax.tax_behavior == "inclusive")
    if included and line.amount_excluding_tax is not None:
        return line.amount_excluding_tax
    return line.amount - included


def credit_note_facts(note: shapes.CreditNote, told: Told) -> Facts:
    """The credit note as a document with negative amounts: documents of a customer add up."""
    code = currency(note.currency, "")
    lines = note.lines.elements if note.lines else ()
    return [
        stamped(
            facts.Invoice,
            told,
            document=note.id,
            invoice=id_of(note.invoice),
            customer=id_of(note.customer),
            status=note.status,
            currency=code,
            total=amount(-note.total, code, "", "total"),
            reason=note.reason,
            credit_note=True,
            finalised_at=micros(note.created),
            lines=tuple([_credit(line, code, f"lines.data[{n}].") for n, line in enumerate(lines)]),
            truncated=note.lines.has_more if note.lines else False,
        )
    ]


def _credit(line: shapes.CreditNoteLine, code: str, at: str) -> facts.InvoiceLine:
    return facts.InvoiceLine(
        line=line.id,
        amount=amount(-_untaxed(line), code, at, "amount"),
        currency=code,
        quantity=line.quantity,
        discount_amount=amount(-line.discount_amount, code, at, "discount_amount"),
        tax_amount=amount(-sum(tax.amount for tax in _taxes(line)), code, at, "taxes"),
    )
