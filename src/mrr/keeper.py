"""Who keeps a book: its files, the lease on its warehouse, and the ledger brought to the journal's head."""

import threading
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, NamedTuple, ParamSpec, Self, TypeVar, cast, get_type_hints

import duckdb
import msgspec

from mrr import owner
from mrr.derivation import ledgers, posting
from mrr.derivation.ledgers import Ledger
from mrr.derivation.posting import Progress
from mrr.errors import BookError, WrongUse
from mrr.governance import Governance
from mrr.journal import Journal
from mrr.journal.trouble import JournalDamaged
from mrr.ledger_words import named, spelled
from mrr.policy import Policy, load, standard
from mrr.readers import Alone, Answers, Readers, Reading, State
from mrr.warehouse import Warehouse, is_damage, remove

P = ParamSpec("P")
T = TypeVar("T")
B = TypeVar("B", bound="Keeper")

# The words for the book's own ledger, at the journal's head.
NOW = "now"
SETTINGS, JOURNAL, WAREHOUSE, POLICY = "mrr.toml", "journal.sqlite", "warehouse.duckdb", "policy.toml"
# So long a served book answers as of one moment, unless the ledger goes on before.
SAME_MOMENT = timedelta(seconds=2)


def verb(method: Callable[Concatenate[B, P], T]) -> Callable[Concatenate[B, P], T]:
    """A question to the ledger: answered here if this process owns the warehouse, else by the one that does."""
    name = method.__name__

    @wraps(method)
    def asked(book: B, *args: P.args, **words: P.kwargs) -> T:
        if args:
            raise TypeError(f"{name} takes its words by name")
        return book.ask(
            name, {**words, **book.looked_at}, lambda: method(book, *args, **words), get_type_hints(method)["return"]
        )

    asked.is_verb = True  # type: ignore[attr-defined]
    return cast("Callable[Concatenate[B, P], T]", asked)


def report(method: Callable[Concatenate[B, P], T]) -> Callable[Concatenate[B, P], T]:
    """A verb that only tells what the ledger holds: a served book answers it beside postings, from the last of them."""
    asked = verb(method)
    asked.is_report = True  # type: ignore[attr-defined]
    return asked


class Sight(NamedTuple):
    """The ledger that a verb looks at: its tables, its policy, how far its journal goes, and the words that name it."""

    warehouse: Warehouse
    policy: Policy
    seq: int
    words: str


class Keeper:
    """An open book without its verbs. One process at a time owns the warehouse; the others ask it.

    Raises BookError where the book cannot be opened. Threads may share one.
    """

    def __init__(self, folder: Path, *, progress: Progress | None = None) -> None:
        self.folder = folder
        self.settings = _settings(folder)
        self.progress = progress
        self.journal = Journal.open(folder / JOURNAL)
        self.governed = Governance()
        try:
            self.policy = self._governing() or working_copy(folder)
        except JournalDamaged:
            # Every verb will say so; a book must open all the same, so that `verify` can say where.
            self.policy = standard()
        self._warehouse: Warehouse | None = None
        self._lease: owner.Lease | None = None
        self._turn = threading.RLock()
        self._thread = threading.local()
        self._beside: tuple[Ledger, int, Warehouse, ExitStack] | None = None
        self._served = False
        self._readers: Readers | None = None
        self._state: State | None = None
        self._answers = Answers()

    def now(self) -> datetime:
        """The present. Raises NotImplementedError here: the clock is read elsewhere (book/desk.py)."""
        raise NotImplementedError

    def serve(self) -> None:
        """From now on answer reports beside postings, and as of the last one."""
        self._served = True

    def close(self) -> None:
        """Let others own the warehouse, once what they asked is answered."""
        if self._lease is not None:
            self._lease.close()
            self._lease = None
        self._close_warehouse()
        self.journal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(self, name: str, words: dict[str, Any], here: Callable[[], T], kind: Any) -> T:
        """Answer a verb here, where this process owns the warehouse, or have its owner answer."""

        def attempt() -> tuple[T] | None:
            if self._own():
                return (self._told(name, words, here),)
            answer = owner.ask(self.folder, name, words)
            return None if answer is None else (msgspec.json.decode(answer, type=kind),)

        (result,) = owner.wait(attempt)
        answered: T = result
        return answered

    def _told(self, name: str, words: dict[str, Any], here: Callable[[], T]) -> T:
        """The answer to a verb: of a report beside others where the ledger as it was posted will do, else in turn."""
        if self._reading is not None:
            return here()
        if getattr(getattr(type(self), name), "is_report", False) and not words.get("on") and not self._alone:
            with suppress(Alone):
                return self._beside_others(name, words, here)
        with self._turn:
            before, self._thread.alone = self._alone, True
            try:
                return self._here(here)
            finally:
                self._thread.alone = before

    def _beside_others(self, name: str, words: dict[str, Any], here: Callable[[], T]) -> T:
        readers, state = self._readers, self._state
        if readers is None or state is None:
            raise Alone
        if self.now() - state.moment > SAME_MOMENT:
            self._state = state = state._replace(moment=self.now())
        policy, moment = self.policy, state.moment

        def made() -> T:
            with readers.reading(policy, moment) as self._thread.reading:
                try:
                    return here()
                except duckdb.Error as error:
                    if is_damage(error):
                        raise Alone from error
                    raise
                finally:
                    self._thread.reading = None

        told: T = self._answers.told(state, (name, repr(sorted(words.items()))), made)
        return told

    @property
    def _reading(self) -> Reading | None:
        """What this thread answers from, while it answers beside others."""
        found: Reading | None = getattr(self._thread, "reading", None)
        return found

    @property
    def _alone(self) -> bool:
        """Whether this thread answers in turn."""
        return bool(getattr(self._thread, "alone", False))

    def _governing(self) -> Policy | None:
        """The official version of the policy, after all that was decided so far; None where there never was one."""
        self.governed.catch_up(self.journal)
        return self.governed.official.policy() if self.governed.official is not None else None

    def _here(self, answer: Callable[[], T]) -> T:
        self.policy = self._governing() or self.policy
        try:
            return answer()
        except duckdb.Error as error:
            if not is_damage(error):
                raise
            # Damage shows only where a file is read. Nothing is lost with it: the journal has everything.
            self.rebuild()
            return answer()

    def _own(self) -> bool:
        if self._lease is not None:
            return True
        with self._turn:
            if self._lease is None:
                self._lease = owner.lease(self.folder)
                if self._lease is not None:
                    self._lease.serve(self._serve)
            return self._lease is not None

    def _serve(self, name: str, words: dict[str, Any]) -> Any:
        method = getattr(type(self), name, None)
        if not getattr(method, "is_verb", False):
            raise WrongUse(f"{name!r} is no verb of a book")
        if self._served:
            # Whoever asks from elsewhere may have appended something just now, and looks for it.
            with self._turn:
                self._here(self.ledger)
        with self.on(words.pop("on", NOW)):
            return getattr(self, name)(**words)

    def ledger(self) -> Warehouse:
        """The warehouse at the journal's head; rebuilt if it is of another journal, engine or policy.

        Beside others it is the ledger as it was posted last.
        """
        if self._reading is not None:
            return self._reading.warehouse
        if self._warehouse is None:
            # Whoever opens it may also remove it, where it is damaged or of a newer DuckDB.
            if not self._own():
                raise BookError("another process has the ledger", remedy="Ask it by a verb of the book.")
            self._warehouse = self._opened()
        warehouse = self._warehouse
        if not posting.belongs(posting.watermark(warehouse), self.journal, self.policy):
            warehouse = self.rebuild()
        try:
            self._post(warehouse)
        except posting.Anew:
            warehouse = self.rebuild()
        if self._served:
            self._open_to_readers(warehouse)
        return warehouse

    def _post(self, warehouse: Warehouse) -> None:
        most = posting.MOST_SLICES
        posting.post(warehouse, self.journal, self.policy, self.progress, served=self._served, most=most)

    def _open_to_readers(self, warehouse: Warehouse) -> None:
        """Let reports be answered from what was posted just now."""
        if self._readers is None:
            self._readers = Readers(warehouse)
            threading.Thread(target=self._readers.warm, args=(self.policy, self.now()), daemon=True).start()
        seq = self._posted(warehouse)
        if self._state is None or (self._state.seq, self._state.policy) != (seq, self.policy.hash):
            self._state = State(seq, self.now(), self.policy.hash)

    def _opened(self) -> Warehouse:
        path = self.folder / WAREHOUSE
        try:
            return Warehouse(path)
        except BookError:
            # Nothing is lost with it: what cannot be rebuilt lives in the journal.
            remove(path)
            return Warehouse(path)

    def rebuild(self) -> Warehouse:
        """Build the ledger anew and put it in the place of the old one. Raises BookError where it cannot be written."""
        if self._reading is not None:
            raise Alone
        self._close_warehouse()
        try:
            posting.rebuild(self.folder / WAREHOUSE, self.journal, self.policy, self.progress)
        except (OSError, duckdb.OperationalError, duckdb.FatalException) as error:
            remedy = "Free some space, if that is the reason; the journal has everything."
            raise BookError(f"the ledger cannot be written: {error}", remedy=remedy) from error
        self._warehouse = self._opened()
        return self._warehouse

    def prepared(self) -> Warehouse:
        """The book's own warehouse at the journal's head, with the policy's tables at hand."""
        warehouse = self.ledger()
        posting.ready(warehouse, self.policy)
        return warehouse

    @contextmanager
    def on(self, words: str) -> Iterator[Self]:
        """Have the reports of this thread look at another ledger: `@2026-05-03`, a policy (see `ledger_words.named`).

        Raises WrongUse, when something is asked, for words that name none.
        """
        before, self._thread.words = self._words, spelled(words)
        try:
            yield self
        finally:
            self._thread.words = before

    @property
    def _words(self) -> str:
        return str(getattr(self._thread, "words", NOW))

    @property
    def looked_at(self) -> dict[str, str]:
        """What is said of the ledger to whoever answers."""
        return {} if self._words == NOW else {"on": self._words}

    def sight(self) -> Sight:
        """The ledger that this thread looks at, with the policy's tables at hand, for reports."""
        warehouse, words = self.prepared(), self._words
        if words == NOW:
            return Sight(warehouse, self.policy, self._posted(warehouse), words)
        wanted = named(words, self)
        return Sight(self._other(warehouse, wanted), wanted.policy, wanted.seq, words)

    def _other(self, warehouse: Warehouse, wanted: Ledger) -> Warehouse:
        """Another ledger beside the book's; it stays open until the book goes on or yet another is wanted."""
        if self._reading is not None:
            raise Alone
        posted = self._posted(warehouse)
        if self._beside is None or self._beside[:2] != (wanted, posted):
            self._close_beside()
            with ExitStack() as stack:
                beside = stack.enter_context(ledgers.opened(warehouse, wanted, progress=self.progress))
                self._beside = wanted, posted, beside, stack.pop_all()
        return self._beside[2]

    def _posted(self, warehouse: Warehouse) -> int:
        if self._reading is not None:
            return self._reading.seq
        mark = posting.watermark(warehouse)
        assert mark is not None
        return mark.seq

    def _close_beside(self) -> None:
        if self._beside is not None:
            self._beside[3].close()
            self._beside = None

    def _close_warehouse(self) -> None:
        self._close_beside()
        if self._readers is not None:
            self._readers.close()
            self._readers = None
        if self._warehouse is not None:
            self._warehouse.close()
            self._warehouse = None


def _settings(folder: Path) -> Mapping[str, Any]:
    try:
        settings = tomllib.loads((folder / SETTINGS).read_text(encoding="utf-8"))
    except FileNotFoundError:
        remedy = "`mrr init DIR` makes one; --book or MRR_BOOK names it."
        raise BookError(f"{folder} is no book", remedy=remedy) from None
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BookError(f"{folder / SETTINGS}: {error}", remedy="Mend the file.") from error
    if settings.get("format") != 1:
        raise BookError(f"{folder} is of a newer version of mrr", remedy="Upgrade mrr.")
    return settings


def working_copy(folder: Path) -> Policy:
    """What policy.toml says: the book's policy until a version is official, from then on only what to propose next."""
    path = folder / POLICY
    return load(path) if path.exists() else standard()
