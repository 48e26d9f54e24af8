"""Group commit: batches that wait for one another share a commit, each with an answer of its own."""

import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from time import sleep

import pytest
from sqlalchemy import Engine, event

from mrr.journal import Journal
from mrr.journal.group import GroupCommit

from .offers import record, records

THREADS = 8


def test_threads_that_wait_for_the_lock_share_one_commit(journal: Journal, path: Path) -> None:
    commits: list[object] = []

    def count(connection: object) -> None:
        commits.append(connection)

    event.listen(Engine, "commit", count)
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with ThreadPoolExecutor(THREADS) as pool:
        asked = [pool.submit(journal.append, "stripe", records(n, n + 1), 0) for n in range(1, THREADS + 1)]
        sleep(0.5)
        blocker.execute("ROLLBACK")
        receipts = [each.result(30) for each in asked]
    blocker.close()
    event.remove(Engine, "commit", count)
    # The first batch leads alone, for nobody else had come yet; the others wait for it and then share one.
    assert len(commits) <= THREADS / 2
    assert sum(receipt.offered for receipt in receipts) == 2 * THREADS
    assert sum(receipt.appended for receipt in receipts) == journal.head().seq == THREADS + 1
    assert journal.receipts_summary().duplicates == THREADS - 1
    assert journal.verify().ok


def test_every_thread_finds_its_own_entries(journal: Journal) -> None:
    def append_twenty(thread: int) -> None:
        for number in range(thread * 1000, thread * 1000 + 20):
            receipt = journal.append("stripe", [record(number)], recorded_at=0)
            assert journal.entry(receipt.seqs[0]).key == f"evt_{number}"

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(append_twenty, range(THREADS)))
    assert journal.head().seq == THREADS * 20
    assert journal.verify().ok


class _Gate:
    """A writer that stops in its first group until it is let go."""

    def __init__(self) -> None:
        self.entered, self.open = Event(), Event()
        self.groups: list[list[int]] = []

    def write(self, batches: Sequence[int]) -> list[int]:
        self.groups.append(list(batches))
        self.entered.set()
        assert self.open.wait(30)
        if 13 in batches:
            raise ValueError("unlucky")
        return [batch * 10 for batch in batches]


def _behind_a_gate(gate: _Gate, batches: Sequence[int]) -> list[object]:
    group: GroupCommit[int, int] = GroupCommit(gate.write)
    with ThreadPoolExecutor(THREADS) as pool:
        first = pool.submit(group.submit, 1)
        assert gate.entered.wait(30)
        others = [pool.submit(group.submit, batch) for batch in batches]
        while len(group._waiting) < len(batches):
            sleep(0.01)
        gate.open.set()
        results: list[object] = [first.result(30), *(each.exception(30) or each.result() for each in others)]
    assert group.submit(7) == 70
    return results


def test_all_that_wait_go_in_one_group() -> None:
    gate = _Gate()
    assert _behind_a_gate(gate, [2, 3, 4]) == [10, 20, 30, 40]
    assert [sorted(group) for group in gate.groups] == [[1], [2, 3, 4], [7]]


def test_a_group_that_fails_tells_all_its_members_and_the_next_goes_on() -> None:
    answers = _behind_a_gate(_Gate(), [2, 13])
    assert answers[0] == 10
    assert [str(answer) for answer in answers[1:]] == ["unlucky", "unlucky"]


def test_a_single_failure_is_raised_to_its_caller() -> None:
    gate = _Gate()
    gate.open.set()
    with pytest.raises(ValueError, match="unlucky"):
        GroupCommit(gate.write).submit(13)
