"""Facts as rows of their tables: the one place that knows both a fact's fields and a table's columns."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import msgspec

from mrr import balance, facts
from mrr.facts import Fact, Offer, content_digest, fact_digest
from mrr.money import MICROS
from mrr.providers import apart

Row = tuple[Any, ...]
_json = msgspec.json.Encoder(decimal_format="string")


class Filed(NamedTuple):
    """Under what a fact is filed: its own id, the entry's seq and source, its digest and that of its content."""

    fact_id: int
    seq: int
    source: str
    digest: str
    content: str

    def full(self, name: str | None) -> str | None:
        """The id of something in this source; an id that names its source already stays as it is."""
        if name is None:
            return None
        return name if "/" in name and apart(name)[0] else f"{self.source}/{name}"


def rows(fact: Fact, fact_id: int, seq: int, source: str, content: str | None = None) -> Iterator[tuple[str, Row]]:
    """The rows of a fact, each with the name of its table; `content` is its content digest where that is at hand."""
    digests = fact_digest(fact).hex(), content_digest(fact) if content is None else content
    return _WRITERS[type(fact)](fact, Filed(fact_id, seq, source, *digests))


def _subscription(fact: facts.Subscription, filed: Filed) -> Iterator[tuple[str, Row]]:
    subscription, customer = filed.full(fact.subscription), filed.full(fact.customer)
    yield (
        "subscription_fact",
        (
            *(filed.fact_id, filed.seq, filed.digest, subscription, customer),
            *(fact.effective_at, fact.observed_at, fact.precision, 0, True),
            *(fact.status, fact.currency, fact.truncated, fact.started_at, *_period(fact), fact.trial_ends_at),
            *(fact.paused, fact.resumes_at, fact.cancel_at_period_end, fact.cancel_at, fact.canceled_at),
            *(fact.ended_at, fact.involuntary, fact.change, filed.content, fact.prior),
        ),
    )
    for item in fact.items:
        head = (filed.fact_id, subscription, item.item)
        tail = (item.quantity, item.period_starts_at, item.period_ends_at)
        yield "subscription_item", (*head, *_offer(item.offer, filed), *tail)
    for position, discount in enumerate(fact.discounts):
        yield "subscription_discount", (filed.fact_id, subscription, position, *_discount(discount, filed))
    if fact.test:
        yield "attribute", (filed.fact_id, filed.seq, filed.digest, customer, "test", "true", None)


def _period(fact: facts.Subscription) -> tuple[int | None, int | None]:
    """A subscription's own period, else the one that ends last among its items."""
    if fact.period_ends_at is not None:
        return fact.period_starts_at, fact.period_ends_at
    known = [(item.period_ends_at, item.period_starts_at) for item in fact.items if item.period_ends_at is not None]
    if not known:
        return fact.period_starts_at, None
    ends_at, starts_at = max(known, key=lambda period: (period[0], period[1] or 0))
    return starts_at, ends_at


def _offer(offer: Offer, filed: Filed) -> Row:
    amount = (None, None) if offer.unit_amount is None else offer.unit_amount.as_integer_ratio()
    tiers = _json.encode(offer.tiers).decode() if offer.tiers else None
    return (
        *(filed.full(offer.product), filed.full(offer.price), offer.currency, *amount, tiers, offer.tiers_mode),
        *(offer.package, offer.package_up, offer.interval, offer.interval_count, offer.recurring, offer.usage_type),
    )


def _discount(discount: facts.Discount, filed: Filed) -> Row:
    return (
        *(filed.full(discount.discount), filed.full(discount.coupon)),
        *(*_off(discount), discount.currency, discount.duration, discount.starts_at, discount.ends_at, discount.scope),
        *(list(discount.items), [filed.full(product) for product in discount.products]),
    )


def _off(part: facts.Discount | facts.Coupon) -> tuple[int | None, int | None, int | None]:
    """What is kept of an amount, as a ratio, or the micros taken off."""
    if part.percent is not None:
        kept = max(1 - Fraction(part.percent) / 100, Fraction(0))
        return kept.numerator, kept.denominator, None
    return None, None, None if part.amount is None else _micros(part.amount)


def _micros(amount: Decimal) -> int:
    """Micros of an amount of at most six decimals; what is finer is cut off (only amounts taken off and paid)."""
    return int(amount * MICROS)


def _price(fact: facts.Price, filed: Filed) -> Iterator[tuple[str, Row]]:
    product, _, *terms = _offer(fact.offer, filed)
    yield "price", (*_head(filed), filed.full(fact.price), fact.effective_at, product, *terms)


def _product(fact: facts.Product, filed: Filed) -> Iterator[tuple[str, Row]]:
    yield "product", (*_head(filed), filed.full(fact.product), fact.effective_at, fact.name)


def _coupon(fact: facts.Coupon, filed: Filed) -> Iterator[tuple[str, Row]]:
    products = [filed.full(product) for product in fact.products]
    terms = (*_off(fact), fact.currency, fact.duration, fact.months, products)
    yield "coupon", (*_head(filed), filed.full(fact.coupon), fact.effective_at, *terms)


def _discount_given(fact: facts.DiscountGiven, filed: Filed) -> Iterator[tuple[str, Row]]:
    yield "discount_given", (*_head(filed), fact.effective_at, *_discount(fact.discount, filed))


def _customer_discount(fact: facts.CustomerDiscount, filed: Filed) -> Iterator[tuple[str, Row]]:
    customer = filed.full(fact.customer)
    if not fact.discounts:
        yield "customer_discount", (*_head(filed), customer, fact.effective_at, 0, *_NO_DISCOUNT)
    for position, discount in enumerate(fact.discounts):
        since = fact.effective_at
        if fact.precision == "by" and discount.starts_at is not None and since is not None:
            since = min(since, discount.starts_at)
        yield "customer_discount", (*_head(filed), customer, since, position, *_discount(discount, filed))


_NO_DISCOUNT: Row = (*(None,) * 9, None, [], [])


def _customer(fact: facts.Customer, filed: Filed) -> Iterator[tuple[str, Row]]:
    customer = filed.full(fact.customer)
    for key, value in sorted(fact.attributes.items()):
        yield "attribute", (*_head(filed), customer, key, value, fact.effective_at)


def _merge(fact: facts.Merge, filed: Filed) -> Iterator[tuple[str, Row]]:
    yield "merge", (filed.fact_id, filed.seq, filed.full(fact.customer), filed.full(fact.into))


def _continues(fact: facts.Continues, filed: Filed) -> Iterator[tuple[str, Row]]:
    ids = filed.full(fact.old), filed.full(fact.new)
    yield "continuation", (filed.fact_id, filed.seq, *ids, fact.effective_at)


def _edit(fact: facts.Edit, filed: Filed) -> Iterator[tuple[str, Row]]:
    said = (fact.observed_at, fact.author, fact.reason, _json.encode(fact.changes).decode())
    yield "edit", (filed.fact_id, filed.seq, fact.verb, fact.entry, fact.of, fact.to, fact.at, *said)


def _restated(fact: facts.Restated, filed: Filed) -> Iterator[tuple[str, Row]]:
    yield from rows(fact.told, filed.fact_id, filed.seq, fact.source)


def _rate(fact: facts.Rate, filed: Filed) -> Iterator[tuple[str, Row]]:
    pair = (date.fromisoformat(fact.day), fact.currency, fact.base, fact.numerator, fact.denominator)
    yield "rate", (filed.fact_id, filed.seq, filed.source, *pair)


def _invoice(fact: facts.Invoice, filed: Filed) -> Iterator[tuple[str, Row]]:
    ids = [filed.full(name) for name in (fact.document, fact.invoice, fact.customer, fact.subscription)]
    amounts = (_micros(fact.total), _micros(fact.paid))
    state = (fact.reason, fact.credit_note, fact.finalised_at, fact.truncated)
    yield "invoice", (*_head(filed), *ids, fact.effective_at, fact.status, fact.currency, *amounts, *state)
    for line in fact.lines:
        amounts = (_micros(line.discount_amount), _micros(line.tax_amount))
        terms = (line.quantity, line.proration, line.recurring, *amounts, line.starts_at, line.ends_at)
        offer = (filed.full(line.subscription), line.item, filed.full(line.price), filed.full(line.product))
        head = (filed.fact_id, line.line, _micros(line.amount), line.currency, line.kind)
        yield "invoice_line", (*head, *offer, *terms)
    for payment in fact.payments:
        yield "invoice_payment", (filed.fact_id, filed.full(fact.document), filed.full(payment))


def _payment(fact: facts.Payment, filed: Filed) -> Iterator[tuple[str, Row]]:
    ids = [filed.full(name) for name in (fact.customer, fact.invoice, fact.of_payment)]
    money = (_micros(fact.amount), fact.currency, fact.failure_code, fact.retry, fact.card_expires)
    head = (*_head(filed), filed.full(fact.payment), fact.kind, fact.outcome)
    yield "payment", (*head, *ids, fact.effective_at, *money)


def _payout(fact: balance.Payout, filed: Filed) -> Iterator[tuple[str, Row]]:
    money = (_micros(fact.amount), fact.currency, fact.sent_at, fact.failure_code)
    yield "payout", (*_head(filed), filed.full(fact.payout), fact.outcome, fact.effective_at, *money)


def _balance_line(fact: balance.BalanceLine, filed: Filed) -> Iterator[tuple[str, Row]]:
    ids = (filed.full(fact.line), fact.kind, filed.full(fact.of), filed.full(fact.payout))
    money = (_micros(fact.amount), _micros(fact.fee), fact.currency, fact.available_at)
    yield "balance_line", (*_head(filed), *ids, fact.effective_at, *money)


def _checkout(fact: facts.Checkout, filed: Filed) -> Iterator[tuple[str, Row]]:
    ids = (filed.full(fact.customer), filed.full(fact.subscription))
    money = (None if fact.amount is None else _micros(fact.amount), fact.currency)
    head = (*_head(filed), filed.full(fact.checkout), fact.outcome)
    yield "checkout", (*head, *ids, fact.effective_at, *money)


def _usage(fact: facts.Usage, filed: Filed) -> Iterator[tuple[str, Row]]:
    ids = (filed.full(fact.usage), filed.full(fact.customer), filed.full(fact.subscription), fact.item)
    yield "usage", (*_head(filed), *ids, fact.meter, fact.effective_at, *fact.quantity.as_integer_ratio())


def _cost(fact: facts.Cost, filed: Filed) -> Iterator[tuple[str, Row]]:
    ids = (filed.full(fact.cost), fact.service, filed.full(fact.customer))
    yield "cost", (*_head(filed), *ids, fact.effective_at, _micros(fact.amount), fact.currency)


def _head(filed: Filed) -> tuple[int, int, str]:
    return filed.fact_id, filed.seq, filed.digest


_WRITERS: dict[type[Fact], Callable[[Any, Filed], Iterator[tuple[str, Row]]]] = {
    facts.Subscription: _subscription,
    facts.Price: _price,
    facts.Product: _product,
    facts.Coupon: _coupon,
    facts.DiscountGiven: _discount_given,
    facts.CustomerDiscount: _customer_discount,
    facts.Customer: _customer,
    facts.Merge: _merge,
    facts.Continues: _continues,
    facts.Edit: _edit,
    facts.Restated: _restated,
    facts.Rate: _rate,
    facts.Invoice: _invoice,
    facts.Payment: _payment,
    balance.Payout: _payout,
    balance.BalanceLine: _balance_line,
    facts.Checkout: _checkout,
    facts.Usage: _usage,
    facts.Cost: _cost,
}
