"""kill -9 inside an append: what was acknowledged is there, nothing is half there, and the next append goes on."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mrr.faults import POINTS, point
from mrr.journal import Journal, ReceiptsSummary

from .offers import everything, records

_APPENDER = """
import os, sys
from mrr.journal import Journal
from tests.journal.offers import records
with Journal.open(sys.argv[1]) as journal:
    print(journal.append("stripe", records(1, 700), recorded_at=0).last_seq, flush=True)
    os.environ["MRR_FAULT"] = sys.argv[2]
    print(journal.append("stripe", records(701, 900), recorded_at=0).last_seq, flush=True)
"""


@pytest.mark.parametrize(("fault", "survivors"), [("before append commit", 700), ("after append", 900)])
def test_nothing_acknowledged_is_lost(journal: Journal, path: Path, fault: str, survivors: int) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", _APPENDER, str(path), fault], capture_output=True, text=True, timeout=60
    )
    assert killed.returncode == -signal.SIGKILL
    assert killed.stdout.split() == ["700"]
    assert [entry.seq for entry in everything(journal)] == list(range(1, survivors + 1))
    assert journal.receipts_summary() == ReceiptsSummary(survivors, survivors, 0)
    assert journal.verify().ok
    # The client never heard of its last batch, so it sends it again.
    again = journal.append("stripe", records(701, 900), recorded_at=0)
    assert (again.offered, again.appended) == (200, 900 - survivors)
    assert journal.head().seq == 900
    assert journal.verify().ok


def test_a_kill_while_the_dictionary_is_new_leaves_no_dictionary(journal: Journal, path: Path) -> None:
    environment = {**os.environ, "MRR_FAULT": "before append commit"}
    killed = subprocess.run(
        [sys.executable, "-c", _APPENDER, str(path), ""], env=environment, capture_output=True, timeout=60
    )
    assert killed.returncode == -signal.SIGKILL
    assert journal.head().seq == 0
    assert journal.append("stripe", records(1, 900), recorded_at=0).appended == 900
    assert len(everything(journal)) == 900


def test_points_are_quiet_unless_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MRR_FAULT", "after append")
    for name in POINTS:
        if name != "after append":
            point(name)
    with pytest.raises(AssertionError):
        point("no such point")
