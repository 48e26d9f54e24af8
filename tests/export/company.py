"""A small simulated company in a book, for tests of what is taken out of it."""

from pathlib import Path

import msgspec

from mrr import Book
from mrr.policy import standard
from mrr.simulate import company, delivered, write_rates

# All of 2023 has happened; the second instant cuts December short.
AS_OF, CUT = "2024-01-01", "2023-12-20"


def made(folder: Path) -> Path:
    """The book of forty customers over a year, one of whom has a name that a spreadsheet would take for a formula."""
    firm = company(3, 40, 12)
    write_rates(firm.rates(), folder / "rates.csv")
    with Book.create(folder / "acme", policy=standard()) as book:
        book.append(str(folder / "rates.csv"), source="rates")
        book.append_bodies(delivered(firm.events(), 3), source="stripe")
        (first, *_) = book.customers(as_of=AS_OF)
        formula = {"id": first.customer_id, "object": "customer", "name": "=1+1"}
        told = book.append_bodies([msgspec.json.encode(formula)], source="stripe", observed_at="2023-12-01")
        assert told.decoded == 1
    return folder / "acme"
