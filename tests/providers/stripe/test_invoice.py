"""Invoices in the three shapes of their lines, and credit notes; expected values are read off the bodies by hand."""

from decimal import Decimal
from typing import Any

import pytest

from mrr.facts import Invoice, InvoiceLine
from mrr.providers.stamp import Irrelevant
from mrr.providers.stripe import decode

from .bodies import AT, START, event, facts, step

SEEN: dict[str, Any] = {"effective_at": AT, "observed_at": AT, "precision": "by"}
PRODUCT = "prod_EYTX7RYhRjcwKD"


def seconds(epoch: int) -> int:
    """µs of epoch seconds."""
    return epoch * 1_000_000


def swapped(subscription: str, item: str, credit: str, charge: str, at: int, month: int, year: int) -> Any:
    """The two lines of a swap from monthly to annual: unused time back, a year charged."""
    same: dict[str, Any] = {
        "currency": "USD",
        "subscription": subscription,
        "item": item,
        "product": PRODUCT,
        "quantity": 1,
        "recurring": True,
        "starts_at": seconds(at),
    }
    back = InvoiceLine(
        line=credit, amount=Decimal(-25), price="small-monthly", proration=True, ends_at=seconds(month), **same
    )
    return back, {"line": charge, "amount": Decimal(250), "price": "small-annual", "ends_at": seconds(year), **same}


def invoice(run: int, number: int) -> Invoice:
    """The latest invoice of a recorded subscription."""
    (said,) = facts(step(run, number)["latest_invoice"])
    assert isinstance(said, Invoice)
    return said


def test_old_lines() -> None:
    """2024-06-20: `proration`, `price` and `subscription_item` on the line, charge and intent on the invoice."""
    back, year = swapped(
        "sub_1PmHggKXBGcbgpbZ4kBNhw61",
        "si_QdYoloLU56AdAy",
        "il_1PmHgjKXBGcbgpbZonbIhIxc",
        "il_1PmHgjKXBGcbgpbZ79xZOLP6",
        1723305521,
        1725983918,
        1754841521,
    )
    assert invoice(103, 3) == Invoice(
        **SEEN,
        document="in_1PmHgjKXBGcbgpbZhZ6lznoI",
        customer="cus_QdYoBX228VkFFC",
        subscription="sub_1PmHggKXBGcbgpbZ4kBNhw61",
        status="paid",
        currency="USD",
        total=Decimal(225),
        paid=Decimal(225),
        reason="subscription_update",
        finalised_at=seconds(1723305521),
        lines=(back, InvoiceLine(kind="subscription", **year)),
        payments=("pi_3PmHgjKXBGcbgpbZ07EV035P", "ch_3PmHgjKXBGcbgpbZ0RXR0zns"),
    )


def test_lines_in_both_styles() -> None:
    """2024-12-18.acacia says everything twice, and it counts once."""
    said = invoice(104, 2)
    back, year = swapped(
        "sub_1R6zwYKXBGcbgpbZyQbkip6i",
        "si_S1201MJPUi3UOo",
        "il_1R6zwcKXBGcbgpbZB0YvT6uB",
        "il_1R6zwcKXBGcbgpbZAX2v3Fo9",
        1743018538,
        1745696934,
        1774554538,
    )
    assert said.lines == (back, InvoiceLine(kind="subscription", **year))
    assert said.payments == ("pi_3R6zwdKXBGcbgpbZ0mhgOth0", "ch_3R6zwdKXBGcbgpbZ0aSyQpMm")


def test_new_lines() -> None:
    """Basil on: `parent` and `pricing`; with flexible billing the year's charge is a proration, too."""
    said = invoice(12, 8)
    back, year = swapped(
        "sub_1SRzpzKXBGcbgpbZdGbiyyMi",
        "si_TOnQinO102U9En",
        "il_1SRzq3KXBGcbgpbZgQJgPXPX",
        "il_1SRzq4KXBGcbgpbZnrLSvH2d",
        1762799355,
        1765391351,
        1794335351,
    )
    assert said.lines == (back, InvoiceLine(proration=True, **year))
    assert said.subscription == "sub_1SRzpzKXBGcbgpbZdGbiyyMi"
    assert said.payments == ("pi_3SRzq4KXBGcbgpbZ0MrJyXgp",)


def test_a_one_time_item() -> None:
    """A T-shirt beside the subscription, 2020-08-27."""
    (said,) = facts(step(182, 5))
    assert isinstance(said, Invoice)
    shirt, month = said.lines
    assert (shirt.kind, shirt.recurring, shirt.amount, shirt.price, shirt.item) == (
        "item",
        False,
        Decimal(15),
        "price_1ILVZaKXBGcbgpbZQ26kgXWG",
        None,
    )
    assert (month.kind, month.recurring, month.amount, month.item) == (
        "subscription",
        True,
        Decimal(10),
        "si_JVgjRVu2k6ZkRS",
    )


def test_a_discounted_line() -> None:
    """The amount is before the discount, which stands beside it."""
    (line,) = invoice(15, 3).lines
    assert (line.amount, line.discount_amount, line.proration) == (Decimal(25), Decimal("2.5"), False)


def line_of(**fields: Any) -> InvoiceLine:
    """A line of an authored invoice in JPY."""
    line = {"id": "il_1", "amount": 1200, "currency": "jpy", "period": {"start": START, "end": START + 60}, **fields}
    body = {"id": "in_1", "object": "invoice", "status": "open", "currency": "jpy", "lines": {"data": [line]}}
    (said,) = facts(body)
    assert isinstance(said, Invoice)
    return said.lines[0]


@pytest.mark.parametrize(
    ("fields", "amount", "tax"),
    [
        ({"tax_amounts": [{"amount": 120, "inclusive": False}]}, 1200, 120),
        ({"tax_amounts": [{"amount": 200, "inclusive": True}], "amount_excluding_tax": 1000}, 1000, 200),
        ({"taxes": [{"amount": 200, "tax_behavior": "inclusive"}]}, 1000, 200),
        (
            {
                "taxes": [{"amount": 100, "tax_behavior": "exclusive"}, {"amount": 20, "tax_behavior": "exclusive"}],
                "tax_amounts": [{"amount": 120, "inclusive": False}],
            },
            1200,
            120,
        ),
    ],
)
def test_tax_is_never_in_the_amount(fields: dict[str, Any], amount: int, tax: int) -> None:
    """Inclusive taxes are taken out; both styles of one tax count once."""
    line = line_of(**fields)
    assert (line.amount, line.tax_amount) == (Decimal(amount), Decimal(tax))


def test_the_parent_type_decides() -> None:
    """Where both details are given, the one that `type` names; an invoice item of its own does not recur."""
    details = {"subscription": "sub_1", "invoice_item": "ii_1", "proration": True}
    parent = {
        "type": "invoice_item_details",
        "invoice_item_details": details,
        "subscription_item_details": {"subscription_item": "si_1", "proration": False},
    }
    line = line_of(parent=parent, pricing={"price_details": {"price": {"id": "price_1"}, "product": "prod_1"}})
    assert (line.kind, line.item, line.subscription, line.proration) == ("item", None, "sub_1", True)
    assert (line.price, line.product, line.recurring) == ("price_1", "prod_1", False)


def test_deleted_and_upcoming() -> None:
    """A deleted draft is told as deleted; a preview is none."""
    draft = {"id": "in_1", "object": "invoice", "status": "draft", "currency": "usd"}
    (deleted,) = facts(event("invoice.deleted", draft))
    (stub,) = facts({"id": "in_1", "object": "invoice", "deleted": True})
    assert (deleted.status, stub.status, stub.currency) == ("deleted", "deleted", "")  # type: ignore[attr-defined]
    for preview in (b'{"object":"invoice","currency":"usd"}', b'{"id":"upcoming_in_1","object":"invoice"}'):
        assert decode(preview, AT) == Irrelevant("upcoming invoice")


def test_a_credit_note() -> None:
    """A document of negative amounts that corrects an invoice."""
    assert facts(step(9, 8)) == [
        Invoice(
            **SEEN,
            document="cn_1SS02CKXBGcbgpbZGfvL08NT",
            invoice="in_1SS01XKXBGcbgpbZeYvAQcOJ",
            customer="cus_TOncsIOvbc3ZG1",
            status="issued",
            currency="USD",
            total=Decimal(-5),
            credit_note=True,
            finalised_at=seconds(1762800108),
            lines=(InvoiceLine(line="cnli_1SS02CKXBGcbgpbZX2YyTTin", amount=Decimal(-5), currency="USD", quantity=1),),
        )
    ]
