"""What the journal counts of the stories about delivery: a ledger alone cannot tell a duplicate from a conflict."""

from pathlib import Path

import msgspec
import pytest

from mrr import scenario
from mrr.book import Book
from mrr.policy import standard

STORIES = Path(__file__).parent / "scenarios"
# Per story what the import must count, of all that it is offered.
COUNTS = {
    "event-id-reused": {"entries": 2, "decoded": 1, "key_reused": 1, "duplicates": 0, "conflicts": 0},
    "redelivered-with-other-pending-webhooks": {"entries": 4, "decoded": 2, "duplicates": 2, "conflicts": 0},
    "same-second-events": {"entries": 6, "decoded": 6, "duplicates": 0, "conflicts": 0},
    "test-mode-is-out": {"entries": 5, "decoded": 5, "irrelevant": 0},
}


@pytest.mark.parametrize("name", COUNTS)
def test_counts(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Duplicates are counted and not stored twice, a reused key is flagged, an ordered second is no conflict."""
    events = [msgspec.json.encode(event) for event in scenario.load(STORIES / f"{name}.yaml")["events"]]
    with Book.create(tmp_path_factory.mktemp("delivery") / "book", policy=standard()) as book:
        counts = msgspec.structs.asdict(book.append_bodies(events, source="stripe"))
    assert {key: counts[key] for key in COUNTS[name]} == COUNTS[name]
