"""Invoices, charges, payment intents, disputes and checkouts as bodies of each era."""

from typing import Any

from mrr.simulate.invoice import Invoice, InvoiceLine
from mrr.simulate.money_templates import (
    CARD,
    CHARGE,
    DISPUTE,
    INTENT,
    INVOICE_BASIL,
    INVOICE_PLAN,
    INVOICE_PRICE,
    SESSION,
)
from mrr.simulate.shapes import Shape
from mrr.simulate.state import Body, Customer, Subscription

_INVOICES = {"plan": INVOICE_PLAN, "price": INVOICE_PRICE, "basil": INVOICE_BASIL}


def invoice_body(shape: Shape, invoice: Invoice, customer: Customer) -> Body:
    """An invoice with its lines."""
    one = invoice.subscription
    body = {**_INVOICES[shape.name], **_billed(invoice, customer), **_state(invoice)}
    body["lines"] = _list([_line(shape, invoice, line) for line in invoice.lines], f"/v1/invoices/{invoice.id}/lines")
    if shape.name == "basil":
        details = {"metadata": one.metadata, "subscription": one.id}
        body["parent"] = {"quote_details": None, "subscription_details": details, "type": "subscription_details"}
    else:
        body["subscription"] = one.id
        body["charge"] = invoice.charge
        body["paid"] = invoice.status == "paid"
        body["payment_intent"] = invoice.intent if invoice.due and invoice.status != "draft" else None
        body["discount"] = shape.discount(invoice.discounts[0]) if invoice.discounts else None
    if shape.name != "plan":
        body |= _discounted(invoice)
    return body


def _billed(invoice: Invoice, customer: Customer) -> Body:
    return {
        "id": invoice.id,
        "amount_due": invoice.due,
        "billing_reason": invoice.reason,
        "created": invoice.created,
        "currency": invoice.subscription.currency.lower(),
        "customer": customer.id,
        "customer_address": customer.address,
        "customer_email": customer.email,
        "customer_name": customer.name,
        "number": None if invoice.status == "draft" else invoice.number,
        "period_end": invoice.period[1],
        "period_start": invoice.period[0],
        "starting_balance": invoice.balance,
        "subtotal": invoice.subtotal,
        "total": invoice.total,
    }


def _state(invoice: Invoice) -> Body:
    paid = invoice.status == "paid"
    url = None if invoice.status == "draft" else f"https://invoice.stripe.com/i/acct_1KXbZ/live_{invoice.id[3:]}?s=ap"
    return {
        "amount_paid": invoice.due if paid else 0,
        "amount_remaining": 0 if paid else invoice.due,
        "attempt_count": invoice.attempts,
        "attempted": invoice.attempts > 0,
        "auto_advance": not paid,
        "ending_balance": None if invoice.status == "draft" else invoice.balance_after,
        "hosted_invoice_url": url,
        "invoice_pdf": None if url is None else url.replace("?s=ap", "/pdf?s=ap"),
        "next_payment_attempt": invoice.next_attempt_at,
        "status": invoice.status,
        "status_transitions": {
            "finalized_at": invoice.finalized_at,
            "marked_uncollectible_at": None,
            "paid_at": invoice.paid_at,
            "voided_at": None,
        },
        "webhooks_delivered_at": invoice.created,
    }


def _discounted(invoice: Invoice) -> Body:
    taken: dict[str, int] = {}
    for line in invoice.lines:
        for discount, amount in line.off:
            taken[discount] = taken.get(discount, 0) + amount
    return {
        "discounts": [discount.id for discount in invoice.discounts],
        "effective_at": invoice.finalized_at,
        "subtotal_excluding_tax": invoice.subtotal,
        "total_discount_amounts": [{"amount": amount, "discount": discount} for discount, amount in taken.items()],
        "total_excluding_tax": invoice.total,
    }


def _list(rows: list[Body], url: str) -> Body:
    return {"object": "list", "data": rows, "has_more": False, "total_count": len(rows), "url": url}


def _line(shape: Shape, invoice: Invoice, line: InvoiceLine) -> Body:
    body: Body = {
        "id": line.id,
        "object": "line_item",
        "amount": line.amount,
        "currency": line.price.currency.lower(),
        "description": line.text,
        "discountable": not line.proration,
        "livemode": True,
        "metadata": {},
        "period": {"end": line.period[1], "start": line.period[0]},
        "quantity": line.quantity,
    }
    if shape.name != "plan":
        body["discount_amounts"] = [{"amount": amount, "discount": discount} for discount, amount in line.off]
        body["discounts"] = []
    return body | (_basil_line(invoice, line) if shape.name == "basil" else _older_line(shape, invoice, line))


def _older_line(shape: Shape, invoice: Invoice, line: InvoiceLine) -> Body:
    body: Body = {
        "plan": shape.plan(line.price),
        "proration": line.proration,
        "subscription": invoice.subscription.id,
        "subscription_item": line.item,
        "tax_amounts": [],
        "tax_rates": [],
        "type": "invoiceitem" if line.proration else "subscription",
    }
    if line.invoice_item is not None:
        body["invoice_item"] = line.invoice_item
    if shape.name == "price":
        body["price"] = shape.price(line.price)
        body["proration_details"] = {"credited_items": None}
        body["amount_excluding_tax"] = line.amount
    return body


def _basil_line(invoice: Invoice, line: InvoiceLine) -> Body:
    details: Body = {
        "invoice_item": line.invoice_item,
        "proration": line.proration,
        "proration_details": {"credited_items": None},
        "subscription": invoice.subscription.id,
        "subscription_item": line.item,
    }
    return {
        "invoice": invoice.id,
        "parent": {
            "invoice_item_details": None,
            "subscription_item_details": details,
            "type": "subscription_item_details",
        },
        "pretax_credit_amounts": [],
        "pricing": {
            "price_details": {"price": line.price.id, "product": line.price.product.id},
            "type": "price_details",
            "unit_amount_decimal": None if line.proration else line.price.unit or None,
        },
        "taxes": [],
    }


def charge_body(shape: Shape, invoice: Invoice, customer: Customer, at: int) -> Body:
    """The invoice's latest charge, with what was refunded of it."""
    failed, identity = invoice.failure is not None, str(invoice.charge)
    code, decline, message = invoice.failure or (None, None, None)
    body = {
        **CHARGE,
        "id": identity,
        "amount": invoice.due,
        "amount_captured": 0 if failed else invoice.due,
        "amount_refunded": invoice.refunded,
        "balance_transaction": None if failed else f"txn_{identity[3:]}",
        "billing_details": {"address": customer.address, "email": customer.email, "name": customer.name, "phone": None},
        "captured": not failed,
        "created": at,
        "currency": invoice.subscription.currency.lower(),
        "customer": customer.id,
        "description": _DESCRIPTIONS[invoice.reason],
        "failure_code": code,
        "failure_message": message,
        "invoice": invoice.id,
        "outcome": _outcome(decline, message),
        "paid": not failed,
        "payment_intent": invoice.intent,
        "payment_method": customer.payment_method,
        "payment_method_details": {"card": CARD, "type": "card"},
        "receipt_url": None if failed else f"https://pay.stripe.com/receipts/invoices/{identity[3:]}?s=ap",
        "refunded": 0 < invoice.due == invoice.refunded,
        "status": "failed" if failed else "succeeded",
    }
    if shape.name == "basil":
        del body["invoice"]
    if shape.name == "plan":
        body["refunds"] = _list([], f"/v1/charges/{identity}/refunds")
    else:
        del body["refunds"]
    return body


def _outcome(decline: str | None, message: str | None) -> Body:
    return {
        "network_status": "approved_by_network" if decline is None else "declined_by_network",
        "reason": decline,
        "risk_level": "normal",
        "risk_score": 33,
        "seller_message": message or "Payment complete.",
        "type": "authorized" if decline is None else "issuer_declined",
    }


_DESCRIPTIONS = {
    "subscription_create": "Subscription creation",
    "subscription_cycle": "Subscription update",
    "subscription_update": "Subscription update",
}


def intent_body(shape: Shape, invoice: Invoice, customer: Customer, at: int) -> Body:
    """The payment intent behind the invoice."""
    failed = invoice.failure is not None
    body: dict[str, Any] = {
        **INTENT,
        "id": invoice.intent,
        "amount": invoice.due,
        "amount_received": 0 if failed else invoice.due,
        "client_secret": None,
        "created": invoice.finalized_at,
        "currency": invoice.subscription.currency.lower(),
        "customer": customer.id,
        "description": _DESCRIPTIONS[invoice.reason],
        "invoice": invoice.id,
        "last_payment_error": _payment_error(invoice) if failed else None,
        "latest_charge": invoice.charge,
        "payment_method": None if failed else customer.payment_method,
        "status": "requires_payment_method" if failed else "succeeded",
    }
    if shape.name == "basil":
        del body["invoice"]
    if shape.name == "plan":
        del body["latest_charge"]
        charges = [charge_body(shape, invoice, customer, at)]
        body["charges"] = _list(charges, f"/v1/charges?payment_intent={invoice.intent}")
    return body


def _payment_error(invoice: Invoice) -> Body:
    code, decline, message = invoice.failure or ("", "", "")
    return {"charge": invoice.charge, "code": code, "decline_code": decline, "message": message, "type": "card_error"}


def dispute_body(invoice: Invoice, identity: str, at: int) -> Body:
    """A dispute of the invoice's charge."""
    return {
        **DISPUTE,
        "id": identity,
        "amount": invoice.due,
        "charge": invoice.charge,
        "created": at,
        "currency": invoice.subscription.currency.lower(),
        "evidence_details": {**DISPUTE["evidence_details"], "due_by": at + 9 * 86_400},
        "payment_intent": invoice.intent,
    }


def session_body(
    identity: str, customer: Customer, created: int, one: Subscription | None, invoice: Invoice | None
) -> Body:
    """A checkout: completed with its subscription and first invoice, or expired without."""
    details = {"address": customer.address, "email": customer.email, "name": customer.name, "phone": None}
    return {
        **SESSION,
        "id": identity,
        "amount_subtotal": 0 if invoice is None else invoice.subtotal,
        "amount_total": 0 if invoice is None else invoice.due,
        "created": created,
        "currency": customer.currency.lower(),
        "customer": customer.id,
        "customer_details": {**details, "tax_exempt": "none", "tax_ids": []},
        "expires_at": created + 86_400,
        "invoice": None if invoice is None else invoice.id,
        "payment_status": "unpaid"
        if one is None
        else "paid"
        if invoice is not None and invoice.due
        else "no_payment_required",
        "status": "expired" if one is None else "complete",
        "subscription": None if one is None else one.id,
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
    }
