"""Tables of all else: customers, rates, invoice lines, payments, costs and usage. A row is a fact or part of one."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from mrr.errors import DecodeError
from mrr.facts import Cost, Customer, Fact, Invoice, InvoiceLine, Payment, Rate, Usage
from mrr.period import instant, local_day
from mrr.providers.tabular.cells import Line

Lines = Sequence[Line]

INVOICE_STATUS = {word: word for word in ("draft", "open", "paid", "void", "uncollectible")} | {
    "sent": "open",
    "unpaid": "open",
    "overdue": "open",
    "voided": "void",
    "cancelled": "void",
    "canceled": "void",
}
OUTCOMES = {word: word for word in ("succeeded", "failed", "pending", "canceled", "won", "lost")} | {
    "success": "succeeded",
    "successful": "succeeded",
    "paid": "succeeded",
    "completed": "succeeded",
    "ok": "succeeded",
    "declined": "failed",
    "failure": "failed",
    "cancelled": "canceled",
}
KINDS = {word: word for word in ("attempt", "refund", "dispute")} | {"payment": "attempt", "chargeback": "dispute"}
_LARGEST_RATE = 10**18


def one(lines: Lines) -> Line:
    """The only row of a fact. Raises DecodeError where two rows say different things of one subject."""
    if len(lines) > 1:
        names = ", ".join(sorted(lines[0].reading.columns))
        raise DecodeError(
            "", f"{len(lines)} rows of one {lines[0].reading.table} entry differ; mapped are only {names}"
        )
    return lines[0]


def day(line: Line) -> str:
    """The local day of a row, in ISO."""
    return local_day(instant(line.must_start("on")), line.reading.timezone).isoformat()


def customer_key(line: Line) -> str:
    """A customer at a time."""
    return line.customer() + (f"@{line.raw('on')}" if line.raw("on") else "")


def customer(lines: Lines, observed_at: int) -> Iterator[Fact]:
    """The attributes of a customer; an empty cell says nothing."""
    line = one(lines)
    found = {key: line.cell(column) for key, column in line.reading.attributes.items()}
    told = {key: _attribute(text) for key, text in found.items() if text is not None}
    yield Customer(
        effective_at=line.starts_at("on"), observed_at=observed_at, customer=line.customer(), attributes=told
    )


def _attribute(text: str) -> str:
    return text.lower() if text.lower() in ("true", "false") else text


def rate_key(line: Line) -> str:
    """A pair of currencies on a day."""
    return f"{day(line)}/{line.currency()}/{line.currency('base')}"


def rate(lines: Lines, observed_at: int) -> Iterator[Fact]:
    """One rate."""
    line = one(lines)
    value = line.number("value")
    above, below = value.as_integer_ratio()
    if not 0 < above < _LARGEST_RATE or below >= _LARGEST_RATE:
        line.refuse("value", f"expected a positive rate within 18 places, got {line.raw('value')!r}")
    yield Rate(
        effective_at=None,
        observed_at=observed_at,
        day=day(line),
        currency=line.currency(),
        base=line.currency("base"),
        numerator=above,
        denominator=below,
    )


def invoice_key(line: Line) -> str:
    """The invoice of a line."""
    return line.name("invoice")


def invoice(lines: Lines, observed_at: int) -> Iterator[Fact]:
    """An invoice with all of its lines; what the lines say of the invoice itself must agree."""
    first = lines[0]
    for field in ("customer", "on", "status", "currency"):
        if len({line.raw(field) for line in lines}) > 1:
            first.refuse(field, f"the lines of invoice {first.raw('invoice')!r} differ")
    parts = tuple(_invoice_line(line, place) for place, line in enumerate(lines, start=1))
    if len({part.line for part in parts}) < len(parts):
        first.refuse("line", f"two lines of invoice {first.raw('invoice')!r} have one id")
    status = first.word("status", INVOICE_STATUS, "open")
    total = sum((part.amount - part.discount_amount + part.tax_amount for part in parts), Decimal(0))
    dated = first.must_start("on")
    yield Invoice(
        effective_at=dated,
        observed_at=observed_at,
        document=first.name("invoice"),
        invoice=first.name("invoice"),
        customer=first.customer(),
        status=status,
        currency=first.currency(),
        total=total,
        paid=total if status == "paid" else Decimal(0),
        finalised_at=None if status == "draft" else dated,
        lines=parts,
    )


def _invoice_line(line: Line, place: int) -> InvoiceLine:
    currency, subscription = line.currency(), line.maybe_name("subscription")
    starts_at, ends_at = line.starts_at("starts_on"), line.ends_at()
    if starts_at is not None and ends_at is not None and ends_at < starts_at:
        line.refuse("ends_on", f"{line.raw('ends_on')} lies before the start, {line.raw('starts_on')}")
    return InvoiceLine(
        line=line.maybe_name("line") or str(place),
        amount=line.amount("amount", currency, signed=True),
        currency=currency,
        kind="item" if subscription is None else "subscription",
        subscription=subscription,
        item=line.maybe_name("item"),
        price=line.maybe_name("price"),
        product=line.maybe_name("product"),
        quantity=line.count("quantity"),
        proration=bool(line.flag("proration")),
        recurring=line.flag("recurring"),
        discount_amount=_maybe_amount(line, "discount", currency),
        tax_amount=_maybe_amount(line, "tax", currency),
        starts_at=starts_at,
        ends_at=ends_at,
    )


def _maybe_amount(line: Line, field: str, currency: str) -> Decimal:
    return Decimal(0) if line.raw(field) is None else line.amount(field, currency, signed=True)


def payment_key(line: Line) -> str:
    """The payment."""
    return line.name("payment")


def payment(lines: Lines, observed_at: int) -> Iterator[Fact]:
    """One payment, refund or dispute; the amount of a refund may be written with a minus."""
    line = one(lines)
    currency = line.currency()
    yield Payment(
        effective_at=line.must_start("on"),
        observed_at=observed_at,
        payment=line.name("payment"),
        kind=line.word("kind", KINDS, "attempt"),  # type: ignore[arg-type]
        outcome=line.word("status", OUTCOMES, "succeeded"),  # type: ignore[arg-type]
        customer=line.customer() if line.raw("customer") else None,
        invoice=line.maybe_name("invoice"),
        of_payment=line.maybe_name("of_payment"),
        amount=abs(line.amount("amount", currency, signed=True)),
        currency=currency,
        failure_code=line.raw("failure_code"),
        retry=line.count("retry"),
    )


def cost_key(line: Line) -> str:
    """A cost by its id, else service, day and customer."""
    if line.raw("cost") is not None:
        return line.name("cost")
    return " ".join([line.name("service"), day(line), *([line.customer()] if line.raw("customer") else [])])


def cost(lines: Lines, observed_at: int) -> Iterator[Fact]:
    """One cost; a credit is negative."""
    line = one(lines)
    currency = line.currency()
    yield Cost(
        effective_at=line.must_start("on"),
        observed_at=observed_at,
        cost=cost_key(line),
        service=line.text("service"),
        amount=line.amount("amount", currency, signed=True),
        currency=currency,
        customer=line.customer() if line.raw("customer") else None,
    )


def usage_key(line: Line) -> str:
    """Usage by its id, else customer, meter and instant."""
    if line.raw("usage") is not None:
        return line.name("usage")
    return f"{line.customer()} {line.raw('meter') or 'usage'} {line.must_start('on')}"


def usage(lines: Lines, observed_at: int) -> Iterator[Fact]:
    """One quantity of one meter."""
    line = one(lines)
    yield Usage(
        effective_at=line.must_start("on"),
        observed_at=observed_at,
        usage=usage_key(line),
        customer=line.customer(),
        meter=line.raw("meter") or "usage",
        quantity=line.number("quantity"),
        subscription=line.maybe_name("subscription"),
        item=line.maybe_name("item"),
    )
