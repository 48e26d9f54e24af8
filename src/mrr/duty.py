"""On duty: a served book watches itself, a turn of the watchers a minute or less often, for as long as it is served."""

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from mrr.book import clock

if TYPE_CHECKING:
    from mrr.live import Live

# A turn of the watchers so often; but after one that took long they rest so many times as long, up to some minutes.
EVERY_S, RESTS, LONGEST_S = 60, 60, 300
log = logging.getLogger("mrr.duty")


async def duty(live: "Live") -> None:
    """Watch until cancelled. A turn that fails is told to the log, and the next one comes all the same.

    What a single watcher fails at is an alert (`watch.broken`); here only what none of them can tell is caught, such as
    a watch.toml that cannot be read or a full disk.
    """
    took = 0.0
    while True:
        # A turn costs as much as some reports; a service that is just starting has better things to do.
        await asyncio.sleep(pause(took))
        began = time.monotonic()
        try:
            turn = await asyncio.to_thread(live.book.watch)
            live.watched_at = clock.now()
            for line in turn.unsent:
                log.error("not told: %s", line)
        except Exception:
            log.exception("nobody watches the book %s", live.book.folder)
        took = time.monotonic() - began


def pause(took: float) -> float:
    """Seconds until the next turn, after one that took so many: watching takes a small share of all time."""
    return min(max(EVERY_S, RESTS * took), LONGEST_S)
