"""A small book, and what another tool says of it: claims written as tables."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mrr.book import Book
from mrr.policy import Policy, standard
from mrr.scenario import tell
from tests.cases.steps import facts_of

Story = Sequence[Mapping[str, Any]]
MONTHLY = {"at": "2024-03-01", "every": "month"}

# Ten customers on 15 May 2024: five plain, one yearly, one with a coupon, one leaving, one past due, one in test mode.
PLAIN: Mapping[str, Story] = {f"p{n}": [{**MONTHLY, "each": f"{n}0"}] for n in range(1, 6)}
STORIES: Mapping[str, Story] = {
    **PLAIN,
    "yearly": [{"at": "2024-03-01", "every": "year", "each": "1200"}],
    "coupon": [
        {
            **MONTHLY,
            "each": "80",
            "discounts": [{"id": "d1", "percent": "25", "duration": "repeating", "ends_at": "2024-09-01"}],
        }
    ],
    "leaving": [
        {**MONTHLY, "each": "60"},
        {"at": "2024-05-10", "canceled_at": "2024-05-10", "cancel_at_period_end": True},
    ],
    "past_due": [{**MONTHLY, "each": "70"}, {"at": "2024-04-01", "status": "past_due"}],
    "tester": [{**MONTHLY, "each": "500"}],
}
OURS = {"p1": 10, "p2": 20, "p3": 30, "p4": 40, "p5": 50, "yearly": 100, "coupon": 60, "leaving": 60, "past_due": 70}


@contextmanager
def told(
    folder: Path, stories: Mapping[str, Story] = STORIES, policy: Policy | None = None, facts: Sequence[Any] = ()
) -> Iterator[Book]:
    """An open book that was told the stories; `tester` is in test mode, everybody has an address."""
    with Book.create(folder / "acme", policy=policy or standard()) as book:
        people = [
            {"fact": "customer", "customer": name, "attributes": {"email": f"{name}@example.com"}} for name in stories
        ]
        people.append({"fact": "customer", "customer": "tester", "attributes": {"test": "true"}})
        subscriptions = [fact for name, story in stories.items() for fact in facts_of(name, tuple(story))]
        tell(book, {"facts": [*people, *subscriptions, *facts]})
        yield book


def table(folder: Path, header: str, rows: Mapping[str, object] | Sequence[str], name: str = "claim.csv") -> str:
    """A file of a claim: rows as they are, or a customer and its figure each."""
    lines = [f"{who},{figure}" for who, figure in rows.items()] if isinstance(rows, Mapping) else rows
    path = folder / name
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return str(path)
