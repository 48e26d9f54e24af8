"""Verbs of drills: what came of each on a copy of the book is kept, and told."""

import mrr.book.clock as clock
from mrr.book.desk import Desk
from mrr.watch import drilled
from mrr.watch.drilled import Drilled, Kept


class Drilling(Desk):
    """Which failures were tried on this book, and whether they were noticed and mended."""

    def keep_drill(self, *, found: Drilled) -> Kept:
        """Keep what came of a drill that is over."""
        return drilled.keep(self.journal, found, clock.now())

    def drills(self, *, drill: str | None = None) -> list[Kept]:
        """Every drill that was kept, or those of one failure (`F4`), the latest first."""
        return [one for one in drilled.kept(self.journal) if drill in (None, one.drill)]
