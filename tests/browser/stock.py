"""A book with a company's years in it, for looking at pages: simulated, so that it holds what is seen in life."""

import argparse
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from mrr.access import Access
from mrr.book import Book
from mrr.book.clock import now_micros
from mrr.policy import standard
from mrr.simulate import company, delivered, write_rates

SEED = 7


def stocked(folder: Path, customers: int, months: int) -> dict[str, str]:
    """Make the book; the company's last month is the one before this. A token for each scope."""
    today = datetime.now(UTC).date()
    month = 12 * today.year + today.month - 1 - months
    firm = company(SEED, customers, months, date(month // 12, month % 12 + 1, 1))
    with Book.create(folder, policy=standard()) as book:
        write_rates(firm.rates(), folder / "rates.csv")
        book.append(str(folder / "rates.csv"), source="rates")
        book.append_bodies(delivered(firm.events(), SEED, 0.02, 0.01), source="stripe")
        book.annotate(kind="deploy", text="billing 2.8: new invoices", author="ci")
        assert book.watch().opened
        access = Access(book.journal)
        return {scope: access.token(f"t-{scope}", [scope], now_micros()) for scope in ("read", "export", "admin")}


def words(folder: Path) -> Mapping[str, str]:
    """Somebody and something of the book to look at."""
    with Book(folder) as book:
        moved = [row for row in book.movements().rows if row.class_ == "new"][-1]
        largest = book.directory(limit=1).rows[0].customer_id
        alert = book.alerts()[0].alert_id
    day = moved.on.replace(day=1)
    told = {"customer": largest, "movement": moved.movement_id, "month": f"{day:%Y-%m}", "day": f"{day}"}
    return {**told, "alert": f"{alert}"}


def main() -> None:
    """Make a book by hand, to look at pages while they are written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--customers", type=int, default=200)
    parser.add_argument("--months", type=int, default=24)
    told = parser.parse_args()
    print(stocked(told.folder, told.customers, told.months)["admin"])


if __name__ == "__main__":
    main()
