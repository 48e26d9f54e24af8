"""The tables of dbt Labs' mrr-playbook, row by row: `python -m tests.cases.playbook FOLDER`.

FOLDER holds that project's subscription_periods.csv and the tables that its own SQL makes of it; they have no licence
and are not part of this repository. Its rules: a customer's MRR in a month is what its periods that hold on the month's
first day come to; ends are exclusive; each month is compared with the month before; a customer has a row from its first
month to the month after its last one. All of its periods begin and end on the first of a month.
"""

import csv
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

from mrr.book import Book
from mrr.money import MICROS
from mrr.period import next_period
from mrr.policy import Policy, standard

MAPPING = """
name = "mrr-playbook"
table = "periods"
ends = "exclusive"
timezone = "UTC"
dates = ["%Y-%m-%d"]

[columns]
customer = "customer_id"
subscription = "subscription_id"
starts_on = "start_date"
ends_on = "end_date"
amount = "monthly_amount"

[constants]
currency = "USD"
per = "month"
"""
VARIANTS = {
    "spine from 2017": ("expected_mrr_spine_from_2017.csv", date(2017, 1, 1)),
    "as published, spine from 2018": ("expected_mrr_as_published_spine_2018.csv", date(2018, 1, 1)),
}
# The playbook's words for our classes. Where lines change and nothing else, it has no word.
CATEGORIES = {
    "new": "new",
    "expansion": "upgrade",
    "contraction": "downgrade",
    "churn": "churn",
    "reactivation": "reactivation",
    "none": "",
}
SAME_PRICE = "a subscription is replaced at the same price: a movement `none` here, no change there"

Row = dict[str, str]
Moved = Mapping[tuple[str, date], str]


def policy() -> Policy:
    """The playbook's rules: months are compared, and who comes back is reactivated after however long."""
    return standard().differing({"netting": "month", "reactivation": "any_gap", "zero": "lapse"})


def imported(folder: Path, place: Path) -> Book:
    """A book at `place` with the periods of a folder."""
    (place / "mapping.toml").write_text(MAPPING, "utf-8")
    book = Book.create(place / "book", policy=policy())
    book.append_table(str(folder / "subscription_periods.csv"), mapping=str(place / "mapping.toml"))
    return book


def table(book: Book, first: date) -> tuple[list[Row], int]:
    """The playbook's table from our ledger, for months from `first` on; and how many movements `none` it hides."""
    moved = {(row.customer_id, row.on.replace(day=1)): row.class_ for row in book.movements().rows}
    months = _months(min(on for _, on in moved), max(on for _, on in moved))
    levels = {month: _levels(book, month) for month in months}
    rows = [row for customer in {name for name, _ in moved} for row in _customer(customer, levels, moved, first)]
    hidden = sum(kind == "none" and on >= first for (_, on), kind in moved.items())
    return sorted(rows, key=_place), hidden


def _months(first: date, last: date) -> list[date]:
    months = [first]
    while months[-1] < last:
        months.append(next_period(months[-1], "month"))
    return months


def _levels(book: Book, month: date) -> dict[str, int]:
    """MRR of each customer on the first day of a month."""
    found = book.customers(as_of=month.replace(day=2).isoformat(), state="active").rows
    return {row.customer_id: row.mrr_micros for row in found}


def _customer(customer: str, levels: Mapping[date, dict[str, int]], moved: Moved, first: date) -> Iterable[Row]:
    active = [month for month, level in levels.items() if month >= first and level.get(customer)]
    if not active:
        return
    before = 0
    for month in _months(active[0], next_period(active[-1], "month")):
        mrr = levels[month].get(customer, 0) if month in levels else 0
        kind = moved.get((customer, month), "none")
        # A spine that begins in mid-life knows no month before it.
        yield _row(month, customer, before, mrr, "new" if month == active[0] else CATEGORIES[kind])
        before = mrr


def _row(month: date, customer: str, before: int, mrr: int, category: str) -> Row:
    return {
        "date_month": month.isoformat(),
        "customer_id": customer,
        "mrr": _amount(mrr),
        "is_active": "true" if mrr else "false",
        "previous_month_mrr": _amount(before),
        "mrr_change": _amount(mrr - before),
        "change_category": category,
        "renewal_amount": _amount(min(before, mrr)),
    }


def _amount(micros: int) -> str:
    """Whole units with the one decimal that the playbook prints."""
    whole, rest = divmod(abs(micros), MICROS)
    sign = "-" if micros < 0 else ""
    return f"{sign}{whole}.{rest:06d}".rstrip("0").ljust(len(f"{sign}{whole}.0"), "0")


def _place(row: Row) -> tuple[str, int, str]:
    name = row["customer_id"]
    return row["date_month"], len(name), name


def differences(ours: Sequence[Row], theirs: Sequence[Row]) -> list[str]:
    """Every cell that differs, and every row that only one side has."""
    left, right = ({_place(row): row for row in rows} for rows in (ours, theirs))
    told = [f"{place}: only here" for place in left.keys() - right.keys()]
    told += [f"{place}: only there" for place in right.keys() - left.keys()]
    for place in sorted(left.keys() & right.keys()):
        mine, other = left[place], right[place]
        unequal = [name for name in other if mine[name] != other[name]]
        told += [f"{place} {name}: {mine[name]} here, {other[name]} there" for name in unequal]
    return told


def main(folder: Path) -> int:
    """Compare both variants and say what was compared. Returns 1 if a cell differs."""
    found = 0
    with tempfile.TemporaryDirectory() as place, imported(folder, Path(place)) as book:
        for variant, (name, first) in VARIANTS.items():
            with (folder / name).open(newline="", encoding="utf-8") as file:
                theirs = list(csv.DictReader(file))
            ours, hidden = table(book, first)
            told = differences(ours, theirs)
            kinds = Counter(row["change_category"] or "no change" for row in theirs)
            cells = sum(map(len, theirs))
            print(f"{variant}: {len(theirs)} rows, {cells} cells compared, {len(told)} differ")
            print("  " + ", ".join(f"{count} {kind}" for kind, count in kinds.most_common()))
            print(f"  deliberate difference: {SAME_PRICE}: {hidden}")
            print("".join(f"  {line}\n" for line in told), end="")
            found += len(told)
    return min(found, 1)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
