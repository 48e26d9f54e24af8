"""On duty: a served book watches itself, a turn of the watchers a minute, for as long as it is served."""

import asyncio
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mrr.live import Live

EVERY_S = 60
log = logging.getLogger("mrr.duty")


async def duty(live: "Live") -> None:
    """Watch until cancelled. A turn that fails is told to the log, and the next one comes all the same.

    What a single watcher fails at is an alert (`watch.broken`); here only what none of them can tell is caught, such as
    a watch.toml that cannot be read or a full disk.
    """
    while True:
        # A turn costs as much as some reports; a service that is just starting has better things to do.
        await asyncio.sleep(EVERY_S)
        try:
            turn = await asyncio.to_thread(live.book.watch)
            for line in turn.unsent:
                log.error("not told: %s", line)
        except Exception:
            log.exception("nobody watches the book %s", live.book.folder)
