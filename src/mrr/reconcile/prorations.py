"""Prorations on invoices, recomputed from price and period to the cent: those that differ, with both figures."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from mrr import bill
from mrr.bill import Bill, BillItem
from mrr.figures import exact
from mrr.money import DIGITS, MICROS
from mrr.policy import Policy
from mrr.proration import Rule, Span, prorated, shifted
from mrr.reconcile.outcome import Difference, Side, Weighed, differs
from mrr.reconcile.rates import Rates
from mrr.warehouse import Warehouse, sql


def compare(
    book: Warehouse, policy: Policy, rule: Rule, at: datetime, *, first: datetime | None, source: str | None
) -> Weighed:
    """Every proration line of the invoices since `first`, of one source or all. Ours is what it should come to."""
    return next(by_rule(book, policy, [rule], at, first=first, source=source))


def by_rule(
    book: Warehouse, policy: Policy, rules: Iterable[Rule], at: datetime, *, first: datetime | None, source: str | None
) -> Iterator[Weighed]:
    """What `compare` finds under one rule after the other; finding the lines is most of the work, and done once."""
    rates = Rates(book, policy, at)
    book.create("last_document", sql("reports/last_document"))
    lines = book.dicts(sql("reports/proration_line"), {"first": first, "source": source})
    return (_weighed(lines, rule, rates) for rule in rules)


def _weighed(lines: Sequence[dict[str, Any]], rule: Rule, rates: Rates) -> Weighed:
    ours = theirs = 0
    rows: list[Difference] = []
    for line in lines:
        figures = sorted(set(_recomputed(line, rule)), key=lambda micros: abs(micros - line["amount_micros"]))
        best = figures[0] if figures else line["amount_micros"]
        ours += rates.of(best, line["currency"])
        theirs += rates.of(line["amount_micros"], line["currency"])
        if best != line["amount_micros"] or not figures:
            rows.append(_difference(line, figures, rates))
    return Weighed(len(lines), ours, theirs, rows, rates.notes())


def _recomputed(line: dict[str, Any], rule: Rule) -> Iterator[int]:
    """What a line may come to, signed: by the price; and by what was billed for the period, less discounts."""
    sign = -1 if line["amount_micros"] < 0 else 1
    part = Span(line["starts_at"], line["ends_at"])
    digits = DIGITS[line["currency"]]
    for whole in _wholes(line):
        price = _price(line)
        if price is not None:
            yield sign * prorated(price, part, whole, digits, rule)
        if line["billed_micros"] is not None and line["billed_quantity"]:
            each = Fraction(abs(line["billed_micros"]), MICROS * line["billed_quantity"])
            yield sign * prorated(each * (line["quantity"] or 1), part, whole, digits, rule)


def _wholes(line: dict[str, Any]) -> list[Span]:
    """The period that a snapshot tells; else the one that ends with the line, and the one that begins with it."""
    if line["whole_starts_at"] is not None:
        return [Span(line["whole_starts_at"], line["ends_at"])]
    if line["unit"] is None:
        return []
    before = shifted(line["ends_at"], line["unit"], -line["units"])
    after = shifted(line["starts_at"], line["unit"], line["units"])
    return [Span(before, line["ends_at"]), Span(line["starts_at"], after)]


def _price(line: dict[str, Any]) -> Fraction | None:
    """What the whole period costs at the line's quantity."""
    if line["unit_num"] is None and line["tiers"] is None:
        return None
    item = BillItem(
        item="line",
        quantity=1 if line["quantity"] is None else line["quantity"],
        unit_num=line["unit_num"] or 0,
        unit_den=line["unit_den"] or 1,
        months_num=1,
        months_den=1,
        tiers=line["tiers"],
        tiers_mode=line["tiers_mode"],
        package=line["package"],
        package_up=line["package_up"],
    )
    return bill.net(Bill((item,)))["line"]


def _difference(line: dict[str, Any], figures: list[int], rates: Rates) -> Difference:
    side = Side(line["customer_id"] or "", line["line_id"])
    billed, code = line["amount_micros"], line["currency"]
    place = f"{line['document_id'].rpartition('/')[2]}, entry {line['seq']}"
    if not figures:
        lacking = "period" if line["unit_num"] is not None or line["tiers"] is not None else "price"
        worth = rates.of(billed, code)
        detail = f"{exact(billed)} {code} billed; its {lacking} is not known; {place}"
        return differs(side, f"no {lacking}", (worth, worth), detail, f"import the {lacking} it was billed by")
    detail = f"{exact(figures[0])} {code} recomputed, {exact(billed)} {code} billed; {place}"
    return differs(side, "amount", (rates.of(figures[0], code), rates.of(billed, code)), detail, "ask the biller")
