"""Named points at which a test may kill this process for real, to show that nothing acknowledged is lost."""

import os
import signal

POINTS = ("before append commit", "after append", "mid facts", "before commit", "before rename", "after rename")


def point(name: str) -> None:
    """Die by SIGKILL here if the environment variable MRR_FAULT names this point; otherwise do nothing."""
    assert name in POINTS, name
    if os.environ.get("MRR_FAULT") == name:
        os.kill(os.getpid(), signal.SIGKILL)
