"""The money side of a life: invoices, payments, retries, refunds, disputes, checkouts; it decides nothing about MRR."""

from collections.abc import Iterator
from random import Random

from mrr.simulate.clock import DAY, HOUR, day_of
from mrr.simulate.codes import Codes
from mrr.simulate.invoice import Invoice, InvoiceLine, changes, minor, remaining_share, take_off
from mrr.simulate.life import Life
from mrr.simulate.money_shapes import charge_body, dispute_body, intent_body, invoice_body, session_body
from mrr.simulate.state import Body, Face, Item, Subscription

_FIRST_CODE = 10_000_000
_FAILURES = (
    ("card_declined", "insufficient_funds", "Your card has insufficient funds."),
    ("card_declined", "generic_decline", "Your card was declined."),
    ("card_declined", "do_not_honor", "Your card was declined."),
    ("expired_card", "expired_card", "Your card has expired."),
    (
        "processing_error",
        "processing_error",
        "An error occurred while processing your card. Try again in a little bit.",
    ),
    (
        "authentication_required",
        "authentication_required",
        "Your card was declined. This transaction requires authentication.",
    ),
)
_RETRY = 2 * DAY
_ABANDONED, _REFUNDED, _DISPUTED, _AT_ONCE = 10, 12, 3, 40  # of 100, 1000, 1000, 100


class Till:
    """Bills one customer's subscriptions; its chances are its own: a life without a till takes the same course."""

    def __init__(self, life: Life) -> None:
        self._life = life
        self._chance = Random(f"mrr till {life.setting.seed} {life.number}")
        self._codes = Codes(life.setting.seed, life.number, _FIRST_CODE)
        self._open: dict[str, Invoice] = {}
        self._pending: dict[str, list[InvoiceLine]] = {}
        self._numbers = 0
        self._balance = 0
        if self._chance.randrange(100) < _ABANDONED:
            life.plan(life.now + DAY + 60, self._abandoned)

    # What the life tells.

    def subscribed(self, one: Subscription) -> None:
        """A subscription began: its first invoice, free in a trial, unpaid if the subscription is incomplete."""
        share = 0 if one.face.status == "trialing" else 1
        invoice = self._invoice(one, "subscription_create", list(self._regular(one, one.face.period, share)))
        self._finalise(invoice)
        if one.face.status == "incomplete":
            self.failed(one)
        else:
            self._paid(invoice)
        if len(self._life.subscriptions) == 1 and one.face.status != "incomplete":
            session = self._codes.long("cs_live_a1", one.created)
            self._emit(
                "checkout.session.completed",
                session_body(session, self._life.customer, one.created - 240, one, invoice),
            )

    def renewed(self, one: Subscription, due: int, *, fails: bool) -> None:
        """A new period: a draft now, finalised and charged an hour later; nothing while collection is paused."""
        face = one.face
        if face.paused:
            self._pending.pop(one.id, None)
            return
        lines = [*self._pending.pop(one.id, []), *self._regular(one, face.period, 1), *self._usage(one, due)]
        invoice = self._invoice(one, "subscription_cycle", lines)
        if face.status == "active":
            self._life.plan(self._life.now + HOUR, _charge_renewal, self, invoice, fails)

    def charge_renewal(self, invoice: Invoice, fails: bool) -> None:
        """The draft becomes final; unless the payment is going to fail it is paid at once."""
        self._finalise(invoice)
        if not fails:
            self._paid(invoice)

    def prorated(self, one: Subscription, before: Face) -> None:
        """The subscription changed inside its period: prorations now or with the next bill; a new cycle is billed."""
        new_cycle = one.face.anchor != before.anchor
        lines = list(self._prorations(one, before, new_cycle))
        if new_cycle:
            self._bill_now(one, [*self._pending.pop(one.id, []), *lines, *self._regular(one, one.face.period, 1)])
        elif lines and self._chance.randrange(100) < _AT_ONCE:
            self._bill_now(one, lines)
        elif lines:
            self._pending.setdefault(one.id, []).extend(lines)

    def started(self, one: Subscription) -> None:
        """Paid periods begin now."""
        self._bill_now(one, list(self._regular(one, one.face.period, 1)))

    def failed(self, one: Subscription, *, last: bool = False) -> None:
        """An attempt to collect the open invoice failed."""
        invoice = self._open.get(one.id)
        if invoice is None or not invoice.due:
            return
        invoice.attempts += 1
        invoice.failure = self._chance.choice(_FAILURES)
        invoice.charge = self._codes.long("ch_3", self._life.now)
        invoice.next_attempt_at = None if last else self._life.now + _RETRY
        self._emit("charge.failed", self._charge(invoice))
        self._emit("payment_intent.payment_failed", self._intent(invoice))
        self._emit("invoice.payment_failed", self._body(invoice))

    def recovered(self, one: Subscription) -> None:
        """The open invoice was paid after all."""
        invoice = self._open.get(one.id)
        if invoice is not None:
            self._paid(invoice)

    # Invoices.

    def _bill_now(self, one: Subscription, lines: list[InvoiceLine]) -> None:
        invoice = self._invoice(one, "subscription_update", lines)
        self._finalise(invoice)
        self._paid(invoice)

    def _invoice(self, one: Subscription, reason: str, lines: list[InvoiceLine]) -> Invoice:
        life, codes, given = self._life, self._codes, self._life.customer.discount
        self._numbers += 1
        identity = one.face.latest_invoice if reason != "subscription_update" else codes.long("in_1", life.now)
        number = f"{life.customer.invoice_prefix}-{self._numbers:04d}"
        discounts = one.face.discounts or (() if given is None else (given,))
        take_off(lines, discounts)
        invoice = Invoice(
            identity or codes.long("in_1", life.now), number, one, life.now, reason, one.face.period, lines, discounts,
            self._balance, codes.long("pi_3", life.now),
        )  # fmt: skip
        self._emit("invoice.created", self._body(invoice))
        return invoice

    def _finalise(self, invoice: Invoice) -> None:
        invoice.balance = self._balance
        self._balance = invoice.balance_after
        invoice.status, invoice.finalized_at = "open", self._life.now
        self._open[invoice.subscription.id] = invoice
        self._emit("invoice.finalized", self._body(invoice))

    def _paid(self, invoice: Invoice) -> None:
        """Charged if anything is due, and paid."""
        self._open.pop(invoice.subscription.id, None)
        invoice.status, invoice.paid_at, invoice.failure = "paid", self._life.now, None
        invoice.next_attempt_at = None
        if invoice.due:
            invoice.attempts += 1
            invoice.charge = self._codes.long("ch_3", self._life.now)
            self._emit("charge.succeeded", self._charge(invoice))
            self._emit("payment_intent.succeeded", self._intent(invoice))
            self._regret(invoice)
        self._emit("invoice.paid", self._body(invoice))

    def _regret(self, invoice: Invoice) -> None:
        """Few payments are refunded or disputed later."""
        drawn, wait = self._chance.randrange(1000), self._chance.randrange(DAY, 25 * DAY)
        if drawn < _REFUNDED:
            self._life.plan(self._life.now + wait, _refund, self, invoice)
        elif drawn < _REFUNDED + _DISPUTED:
            self._life.plan(self._life.now + wait, _dispute, self, invoice)

    def refund(self, invoice: Invoice) -> None:
        """The whole charge, or half of it, is given back."""
        before = self._charge(invoice)
        invoice.refunded = invoice.due if self._chance.randrange(2) else invoice.due // 2
        after = self._charge(invoice)
        previous = {key: before[key] for key in ("amount_refunded", "refunded") if before[key] != after[key]}
        self._emit("charge.refunded", after, previous)

    def dispute(self, invoice: Invoice) -> None:
        """The customer's bank disputes the charge."""
        self._emit(
            "charge.dispute.created", dispute_body(invoice, self._codes.long("dp_1", self._life.now), self._life.now)
        )

    def _abandoned(self, life: Life) -> None:
        session = self._codes.long("cs_live_b1", life.now)
        self._emit("checkout.session.expired", session_body(session, life.customer, life.now - DAY, None, None))

    # Lines.

    def _regular(self, one: Subscription, period: tuple[int, int], share: int) -> Iterator[InvoiceLine]:
        for item in one.face.items:
            if not item.price.metered:
                amount = minor(item.price, item.quantity) * share
                yield self._line(item, amount, period, _text(item, share == 0))

    def _usage(self, one: Subscription, due: int) -> Iterator[InvoiceLine]:
        """Usage of the period that ended at `due`, billed in arrears."""
        for item in one.face.items:
            if item.price.metered:
                used = item._replace(quantity=self._chance.randrange(1_000, 90_000))
                starts_at = max(one.created, due - 30 * DAY)
                yield self._line(used, minor(item.price, used.quantity), (starts_at, due), _text(used))

    def _prorations(self, one: Subscription, before: Face, new_cycle: bool) -> Iterator[InvoiceLine]:
        """Credit for the unused time of what was, and, within the cycle, the price of the time that remains."""
        now, share = self._life.now, remaining_share(before, self._life.now)
        period, when = (now, before.period[1]), day_of(now).strftime("%d %b %Y")
        for was, new in changes(before, one.face):
            if was is not None and not was.price.metered:
                text = f"Unused time on {_text(was)} after {when}"
                yield self._line(was, -minor(was.price, was.quantity, share), period, text, proration=True)
            if new is not None and not new_cycle:
                text = f"Remaining time on {_text(new)} after {when}"
                yield self._line(new, minor(new.price, new.quantity, share), period, text, proration=True)

    def _line(
        self, item: Item, amount: int, period: tuple[int, int], text: str, *, proration: bool = False
    ) -> InvoiceLine:
        at = self._life.now
        credit = self._codes.long("ii_1", at) if proration else None
        identity = self._codes.long("il_1", at)
        return InvoiceLine(identity, item.id, item.price, item.quantity, amount, period, proration, text, credit)

    # Events.

    def _emit(self, kind: str, body: Body, previous: Body | None = None) -> None:
        self._life.emit(kind, body, previous, automatic=True, codes=self._codes)

    def _body(self, invoice: Invoice) -> Body:
        return invoice_body(self._life.shape(), invoice, self._life.customer)

    def _charge(self, invoice: Invoice) -> Body:
        at = self._life.now if invoice.paid_at is None else invoice.paid_at
        return charge_body(self._life.shape(), invoice, self._life.customer, at)

    def _intent(self, invoice: Invoice) -> Body:
        return intent_body(self._life.shape(), invoice, self._life.customer, self._life.now)


def _charge_renewal(life: Life, till: Till, invoice: Invoice, fails: bool) -> None:
    till.charge_renewal(invoice, fails)


def _refund(life: Life, till: Till, invoice: Invoice) -> None:
    till.refund(invoice)


def _dispute(life: Life, till: Till, invoice: Invoice) -> None:
    till.dispute(invoice)


def _text(item: Item, trial: bool = False) -> str:
    """What a line is for, such as: 4 seat × Team (every 1 month)."""
    price = item.price
    if trial:
        return f"Trial period for {price.product.name}"
    label = price.product.unit_label or ""
    return f"{item.quantity} {label} × {price.product.name} (every {price.count} {price.interval})"
