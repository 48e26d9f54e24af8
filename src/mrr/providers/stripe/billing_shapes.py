"""The shapes of Stripe's invoices, payments and checkouts: the fields that are read, in every API version."""

from typing import Any, Literal

import msgspec

from mrr.providers.stripe.shapes import Count, Id, Instant, Reference, Shape

Linked = str | Reference | None


class Period(Shape):
    """The service period of a line."""

    start: Instant
    end: Instant


class DiscountAmount(Shape):
    """What one discount takes off a line, in minor units."""

    amount: int


class TaxAmount(Shape):
    """A tax on a line: `inclusive` up to 2025-02-24.acacia, `tax_behavior` from 2024-12-18.acacia on."""

    amount: int
    inclusive: bool = False
    tax_behavior: Literal["inclusive", "exclusive"] | None = None


class SoldPrice(Shape):
    """The price or plan that a line names; prices that are not recurring say so by `recurring` null."""

    id: Id
    product: Linked = None
    recurring: dict[str, Any] | None = None
    type: str | None = None


class SoldPlan(Shape):
    """A plan is always recurring."""

    id: Id
    product: Linked = None


class ItemDetails(Shape):
    """What a line comes from, `parent.*_details` (from 2024-12-18.acacia on)."""

    subscription: Linked = None
    subscription_item: Linked = None
    invoice_item: Linked = None
    proration: bool | None = None


class LineParent(Shape):
    """`type` names the detail that counts; the other one is null in real bodies."""

    type: str | None = None
    subscription_item_details: ItemDetails | None = None
    invoice_item_details: ItemDetails | None = None


class PriceDetails(Shape):
    """The price and product of a line from 2025-03-31.basil on, without the interval."""

    price: Linked = None
    product: Linked = None


class Pricing(Shape):
    """`pricing` of a line."""

    price_details: PriceDetails | None = None


class InvoiceLine(Shape):
    """A line of an invoice in any of the three shapes."""

    id: Id
    amount: int
    currency: str | None = None
    type: str | None = None
    subscription: Linked = None
    subscription_item: Linked = None
    invoice_item: Linked = None
    price: str | SoldPrice | None = None
    plan: SoldPlan | None = None
    parent: LineParent | None = None
    pricing: Pricing | None = None
    proration: bool | None = None
    quantity: Count | None = None
    period: Period | None = None
    amount_excluding_tax: int | None = None
    discount_amounts: list[DiscountAmount] | None = None
    tax_amounts: list[TaxAmount] | None = None
    taxes: list[TaxAmount] | None = None


class InvoiceLines(Shape):
    """The list of lines; the first ten in a webhook, then `has_more`."""

    elements: list[InvoiceLine] = msgspec.field(name="data")
    has_more: bool = False


class StatusTransitions(Shape):
    """When an invoice was finalised."""

    finalized_at: Instant | None = None


class PaidBy(Shape):
    """What an invoice payment allocates: a payment intent or a charge."""

    payment_intent: Linked = None
    charge: Linked = None


class InvoicePayment(Shape):
    """An element of `payments` of an invoice."""

    payment: PaidBy | None = None


class InvoicePayments(Shape):
    """`payments` of an invoice, where expanded."""

    elements: list[InvoicePayment] = msgspec.field(name="data")


class SubscriptionDetails(Shape):
    """The subscription of an invoice from 2025-03-31.basil on."""

    subscription: Linked = None


class InvoiceParent(Shape):
    """`parent` of an invoice."""

    subscription_details: SubscriptionDetails | None = None


class Invoice(Shape):
    """An invoice; amounts in minor units of `currency`. A deleted one may be id and `deleted` alone.

    One that Stripe only previews has no id.
    """

    id: str | None = None
    currency: str | None = None
    status: str | None = None
    paid: bool | None = None
    customer: Linked = None
    subscription: Linked = None
    parent: InvoiceParent | None = None
    total: int = 0
    amount_paid: int = 0
    billing_reason: str | None = None
    status_transitions: StatusTransitions | None = None
    lines: InvoiceLines | None = None
    charge: Linked = None
    payment_intent: Linked = None
    payments: InvoicePayments | None = None
    deleted: bool = False


class CreditNoteLine(Shape):
    """A line of a credit note; positive amounts in minor units."""

    id: Id
    amount: int
    type: str | None = None
    quantity: Count | None = None
    amount_excluding_tax: int | None = None
    discount_amount: int = 0
    tax_amounts: list[TaxAmount] | None = None
    taxes: list[TaxAmount] | None = None


class CreditNoteLines(Shape):
    """The list of lines of a credit note."""

    elements: list[CreditNoteLine] = msgspec.field(name="data")
    has_more: bool = False


class CreditNote(Shape):
    """A credit note: what it takes off an invoice."""

    id: Id
    currency: str
    invoice: Linked = None
    customer: Linked = None
    status: str = "issued"
    total: int = 0
    reason: str | None = None
    created: Instant | None = None
    lines: CreditNoteLines | None = None


class BalanceTransaction(Shape):
    """A line of the balance: what a charge, refund, fee or payout (its `source`) came to."""

    id: Id
    amount: int
    currency: str
    type: str
    created: Instant
    fee: int = 0
    available_on: Instant | None = None
    reporting_category: str | None = None
    source: Linked = None


class Payout(Shape):
    """Money on its way to the bank."""

    id: Id
    amount: int
    currency: str
    status: str
    created: Instant | None = None
    failure_code: str | None = None
    balance_transaction: str | BalanceTransaction | None = None


class Refund(Shape):
    """A refund of a charge."""

    id: Id
    amount: int
    currency: str
    status: str | None = None
    charge: Linked = None
    payment_intent: Linked = None
    customer: Linked = None
    failure_reason: str | None = None
    balance_transaction: str | BalanceTransaction | None = None


class Refunds(Shape):
    """The refunds of a charge, in the charge up to 2022-08-01 and where expanded."""

    elements: list[Refund] = msgspec.field(name="data", default_factory=list)


class Outcome(Shape):
    """Why a charge failed, in the network's words."""

    reason: str | None = None


class Card(Shape):
    """A card, until when it is good."""

    exp_month: int | None = None
    exp_year: int | None = None


class Tried(Shape):
    """What a charge was tried with."""

    card: Card | None = None


class Charge(Shape):
    """A charge: one attempt to collect."""

    id: Id
    amount: int
    currency: str
    status: Literal["succeeded", "pending", "failed"]
    captured: bool = True
    refunded: bool = False
    customer: Linked = None
    invoice: Linked = None
    payment_intent: Linked = None
    failure_code: str | None = None
    outcome: Outcome | None = None
    payment_method_details: Tried | None = None
    refunds: Refunds | None = None
    balance_transaction: str | BalanceTransaction | None = None


class PaymentError(Shape):
    """The last error of a payment intent."""

    code: str | None = None
    decline_code: str | None = None


class Charges(Shape):
    """The charges of a payment intent, up to 2022-08-01."""

    elements: list[Charge] = msgspec.field(name="data")


class PaymentIntent(Shape):
    """A payment intent: it may make several attempts, each of them a charge."""

    id: Id
    amount: int
    currency: str
    status: str
    customer: Linked = None
    invoice: Linked = None
    latest_charge: str | Charge | None = None
    charges: Charges | None = None
    last_payment_error: PaymentError | None = None


class Dispute(Shape):
    """A dispute of a charge."""

    id: Id
    amount: int
    currency: str
    status: str
    charge: Linked = None
    payment_intent: Linked = None
    reason: str | None = None


class CheckoutSession(Shape):
    """A checkout session; `status` since 2021."""

    id: Id
    status: Literal["open", "complete", "expired"] | None = None
    payment_status: str | None = None
    customer: Linked = None
    subscription: Linked = None
    amount_total: int | None = None
    currency: str | None = None
