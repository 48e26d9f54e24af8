"""Verbs that detect: what is wrong with what the book was told, and what moves out of the ordinary."""

from pathlib import Path

from mrr.book.desk import Desk
from mrr.errors import BookError
from mrr.keeper import verb
from mrr.period import instant, micros_of
from mrr.reconcile import history
from mrr.watch import anomaly
from mrr.watch import signals as failures
from mrr.watch.bounds import Bounds, bounds
from mrr.watch.finding import Finding

WATCH = "watch.toml"


class Detecting(Desk):
    """What a person should look at, before somebody else asks. Findings are told, nothing is kept of them."""

    def signals(self, *, as_of: str | None = None) -> list[Finding]:
        """The failure signals F1–F6 over the hours before an instant, else now."""
        return self.signalled(at=micros_of(self._moment(as_of)))

    @verb
    def signalled(self, *, at: int) -> list[Finding]:
        """What `signals` answers, for an instant in µs."""
        warehouse, as_of = self.prepared(), instant(at)
        query = "SELECT seq FROM outcome WHERE source = ? AND recorded_at < ? ORDER BY seq"
        seqs = [seq for (seq,) in warehouse.rows(query, [history.SOURCE, as_of])]
        runs = [history.read(entry.body) for entry in self.journal.entries(seqs)]
        watched = failures.Watched(warehouse, self.policy, self.journal, self._posted(warehouse), runs)
        return failures.signals(watched, as_of, self.watch_bounds().signals)

    def anomalies(self, *, as_of: str | None = None) -> list[Finding]:
        """What stood out on the last local day that is over at an instant, else now."""
        return self.unusual(at=micros_of(self._moment(as_of)))

    @verb
    def unusual(self, *, at: int) -> list[Finding]:
        """What `anomalies` answers, for an instant in µs."""
        warehouse, as_of, watched = self.prepared(), instant(at), self.watch_bounds()

        def signals() -> list[Finding]:
            return self.signalled(at=at)

        return anomaly.anomalies(warehouse, self.policy, as_of, watched.anomalies, signals)

    def watch_bounds(self) -> Bounds:
        """The bounds of signals and anomalies, with what watch.toml sets anew. Raises WrongUse that names the key."""
        return bounds(_text(self.folder / WATCH), str(self.folder / WATCH))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8") if path.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise BookError(f"{path}: {error}", remedy="Mend the file.") from error
