"""Who keeps a book: its files, the lease on its warehouse, and the ledger brought to the journal's head."""

import threading
import tomllib
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Self, TypeVar, cast, get_type_hints

import duckdb
import msgspec

from mrr import owner, posting
from mrr.errors import BookError, WrongUse
from mrr.journal import Journal
from mrr.policy import Policy, load, standard
from mrr.posting import Progress
from mrr.warehouse import Warehouse, is_damage, remove

P = ParamSpec("P")
T = TypeVar("T")
B = TypeVar("B", bound="Keeper")

SETTINGS, JOURNAL, WAREHOUSE, POLICY = "mrr.toml", "journal.sqlite", "warehouse.duckdb", "policy.toml"


def verb(method: Callable[Concatenate[B, P], T]) -> Callable[Concatenate[B, P], T]:
    """A question to the ledger: answered here if this process owns the warehouse, else by the one that does."""
    name = method.__name__

    @wraps(method)
    def asked(book: B, *args: P.args, **words: P.kwargs) -> T:
        if args:
            raise TypeError(f"{name} takes its words by name")
        return book.ask(name, dict(words), lambda: method(book, *args, **words), get_type_hints(method)["return"])

    asked.is_verb = True  # type: ignore[attr-defined]
    return cast("Callable[Concatenate[B, P], T]", asked)


class Keeper:
    """An open book without its verbs. One process at a time owns the warehouse; the others ask it.

    Raises BookError where the book cannot be opened. Threads may share one.
    """

    def __init__(self, folder: Path, *, progress: Progress | None = None) -> None:
        self.folder = folder
        self.settings = _settings(folder)
        self.policy = _policy(folder)
        self.progress = progress
        self.journal = Journal.open(folder / JOURNAL)
        self._warehouse: Warehouse | None = None
        self._lease: owner.Lease | None = None
        self._turn = threading.RLock()

    def close(self) -> None:
        """Let others own the warehouse, once what they asked is answered."""
        if self._lease is not None:
            self._lease.close()
            self._lease = None
        if self._warehouse is not None:
            self._warehouse.close()
            self._warehouse = None
        self.journal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(self, name: str, words: dict[str, Any], here: Callable[[], T], kind: Any) -> T:
        """Answer a verb here, where this process owns the warehouse, or have its owner answer."""

        def attempt() -> tuple[T] | None:
            if self._own():
                with self._turn:
                    return (self._here(here),)
            answer = owner.ask(self.folder, name, words)
            return None if answer is None else (msgspec.json.decode(answer, type=kind),)

        (result,) = owner.wait(attempt)
        answered: T = result
        return answered

    def _here(self, answer: Callable[[], T]) -> T:
        try:
            return answer()
        except duckdb.Error as error:
            if not is_damage(error):
                raise
            # Damage shows only where a file is read. Nothing is lost with it: the journal has everything.
            self.rebuild()
            return answer()

    def _own(self) -> bool:
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
        return getattr(self, name)(**words)

    def ledger(self) -> Warehouse:
        """The warehouse at the journal's head; rebuilt if it is of another journal, engine or policy."""
        if self._warehouse is None:
            self._warehouse = self._opened()
        warehouse = self._warehouse
        if not posting.belongs(posting.watermark(warehouse), self.journal, self.policy):
            warehouse = self.rebuild()
        posting.post(warehouse, self.journal, self.policy, self.progress)
        return warehouse

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
        if self._warehouse is not None:
            self._warehouse.close()
            self._warehouse = None
        try:
            posting.rebuild(self.folder / WAREHOUSE, self.journal, self.policy, self.progress)
        except (OSError, duckdb.OperationalError, duckdb.FatalException) as error:
            remedy = "Free some space, if that is the reason; the journal has everything."
            raise BookError(f"the ledger cannot be written: {error}", remedy=remedy) from error
        self._warehouse = self._opened()
        return self._warehouse

    def prepared(self) -> Warehouse:
        """The warehouse at the journal's head, with the policy's tables at hand, for reports."""
        warehouse = self.ledger()
        posting.ready(warehouse, self.policy)
        return warehouse


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


def _policy(folder: Path) -> Policy:
    path = folder / POLICY
    return load(path) if path.exists() else standard()
