"""A simulated company by its own bills: what Stripe's invoices of it come to, against its subscriptions."""

from mrr.policy import standard
from mrr.simulate import company
from tests.properties import telling
from tests.properties.test_simulator import entries


def _levels(changes: dict[str, str], at: str) -> dict[tuple[str, str], int]:
    warehouse = telling.whole(standard().differing(changes), entries(company(7, customers=60, months=14), 7))
    found = warehouse.rows(
        f"""SELECT subscription_id, item_id, local_micros FROM ledger.level
        WHERE starts_at < TIMESTAMP '{at}' AND ends_at >= TIMESTAMP '{at}'"""
    )
    pending = warehouse.one("SELECT count(*) FROM ledger.pending")
    warehouse.close()
    assert pending == (0,)
    return {(subscription, item): micros for subscription, item, micros in found}


def test_most_items_are_worth_what_they_are_billed() -> None:
    """Nine in ten to the cent; the rest are changes not billed yet, and discounts that bills take at other times."""
    by_terms = _levels({"discount.once": "deduct"}, "2024-02-15")
    by_bills = _levels({"basis": "invoice"}, "2024-02-15")
    alike = [key for key in by_terms if abs(by_terms[key] - by_bills.get(key, 0)) <= 10_000]
    assert len(by_terms) > 20
    assert len(alike) >= 0.9 * len(by_terms)
    assert len(by_bills.keys() - by_terms.keys()) <= 2
