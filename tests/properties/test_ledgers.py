"""Any ledger beside the book's own is the one that a build of its entries alone gives."""

import random
from collections.abc import Sequence
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from mrr.derivation import ledgers, posting, rollup
from mrr.derivation.engine import engine
from mrr.derivation.ledgers import Ledger
from mrr.journal import Entry
from mrr.period import parse_instant
from mrr.policy import Policy
from mrr.reports import rollforward
from mrr.reports.frame import Asked
from mrr.warehouse import Warehouse
from tests.oracle.stories import stories
from tests.properties import telling
from tests.properties.telling import Story
from tests.properties.test_delivery import CATALOGUE, WAITING, renumbered
from tests.properties.test_oracle import LOOSE

INSTANT = parse_instant("2025-03-15T09:00:00Z")


def _entries(story: Story, chance: random.Random) -> list[Entry]:
    """Everything a story tells, in any order, some of it twice."""
    facts = [telling.entry(900 + n, "native", body) for n, body in enumerate([WAITING, *CATALOGUE])]
    told = [*telling.entries(story), *facts]
    told += chance.sample(told, len(told) // 3)
    chance.shuffle(told)
    return renumbered(told)


def _book(policy: Policy, entries: Sequence[Entry]) -> Warehouse:
    """The ledger of all entries, with the mark that says so."""
    book = telling.whole(policy, entries)
    book.execute(
        "CREATE TABLE watermark (journal_id VARCHAR, seq BIGINT, chain VARCHAR, engine VARCHAR, policy VARCHAR)"
    )
    book.execute("INSERT INTO watermark VALUES ('', ?, '', ?, ?)", [len(entries), engine(), policy.ledger_hash])
    return book


def _told(ledger: Warehouse, policy: Policy) -> tuple[Any, ...]:
    """All that distinguishes two ledgers: digest, roll-up, a report at an instant that may cut a window."""
    report = rollforward.rollforward(ledger, policy, Asked("month", INSTANT, by="plan"))
    sums = [ledger.rows(f"SELECT * FROM ({rollup.sums(table)}) ORDER BY ALL") for table in rollup.SUMS]
    return posting.ledger_digest(ledger), sums, report


def _alone(policy: Policy, entries: Sequence[Entry]) -> tuple[Any, ...]:
    """What a build of some entries alone tells."""
    alone = telling.whole(policy, entries)
    told = _told(alone, policy)
    alone.close()
    return told


@settings(max_examples=6, **LOOSE)
@given(stories(), st.randoms(use_true_random=False))
def test_what_was_known_is_what_the_prefix_gives(story: Story, chance: random.Random) -> None:
    """Laid over the book's ledger and built whole alike."""
    policy, entries = telling.policy_of(story), _entries(story, chance)
    book = _book(policy, entries)
    for seq in {chance.randrange(1, len(entries)), len(entries)}:
        with ledgers.opened(book, Ledger(policy, seq, seq)) as then:
            assert _told(then, policy) == _alone(policy, entries[:seq])
    assert _told(book, policy) == _alone(policy, entries)
    book.close()


@settings(max_examples=6, **LOOSE)
@given(stories(), stories(), st.randoms(use_true_random=False))
def test_another_policy_gives_its_own_ledger(story: Story, other: Story, chance: random.Random) -> None:
    """The policy of another story, over a prefix."""
    policy, entries = telling.policy_of(story), _entries(story, chance)
    wanted = policy.differing(
        {key: value for key, value in telling.policy_of(other).values.items() if key != "currency"}
    )
    seq = chance.randrange(1, len(entries))
    book = _book(policy, entries)
    with ledgers.opened(book, Ledger(wanted, seq, seq)) as what_if:
        assert _told(what_if, wanted) == _alone(wanted, entries[:seq])
    book.close()


@settings(max_examples=6, **LOOSE)
@given(stories(), st.randoms(use_true_random=False))
def test_some_entries_and_customers(story: Story, chance: random.Random) -> None:
    """A prefix, single entries behind it, edits of their own prefix; all customers, then each alone."""
    policy, entries = telling.policy_of(story), _entries(story, chance)
    seq = chance.randrange(len(entries))
    first = {e.key: e.seq for e in reversed(entries)}
    later = sorted(n for n in first.values() if n > seq)
    also = frozenset(chance.sample(later, len(later) // 2))
    book = _book(policy, entries)
    wanted = Ledger(policy, seq, len(entries), also)
    alone = telling.whole(policy, [e for e in entries if e.seq <= seq or e.seq in also])
    with ledgers.opened(book, wanted) as chosen:
        assert _told(chosen, policy) == _told(alone, policy)
    digests = alone.rows("SELECT customer_id, digest FROM ledger.customer_digest ORDER BY 1")
    for customer, digest in digests:
        with ledgers.opened(book, wanted, [customer]) as one:
            assert one.rows("SELECT customer_id, digest FROM ledger.customer_digest") == [(customer, digest)]
    alone.close()
    book.close()


@settings(max_examples=5, **LOOSE)
@given(stories())
def test_sources_are_chosen(story: Story) -> None:
    """Half of the facts are of another account; without it they are not there, the rates are."""
    policy, entries = telling.policy_of(story), telling.entries(story)
    mixed = [
        msgspec.structs.replace(e, source="native:eu") if e.source == "native" and e.seq % 2 else e for e in entries
    ]
    left = [e for e in mixed if e.source in ("native:eu", "rates")]
    book = _book(policy, mixed)
    with ledgers.opened(book, Ledger(policy, len(mixed), len(mixed), sources=("native:eu",))) as chosen:
        assert _told(chosen, policy) == _alone(policy, left)
    book.close()
