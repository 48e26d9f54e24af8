"""The facade: a book is one company's directory, and each verb stands here once, in the room of its kind."""

from functools import cached_property
from pathlib import Path
from typing import Self

from mrr.access import Access, Trail
from mrr.book.asking import Asking
from mrr.book.bridging import Bridging
from mrr.book.checking import Checking
from mrr.book.closing import Closing
from mrr.book.comparing import Comparing
from mrr.book.detecting import Detecting
from mrr.book.drilling import Drilling
from mrr.book.editing import Editing
from mrr.book.following import Following
from mrr.book.governing import Governing
from mrr.book.measuring import Measuring
from mrr.book.reconciling import Reconciling
from mrr.book.searching import Searching
from mrr.book.showing import Showing
from mrr.book.taking import Taking
from mrr.book.watching import Watching
from mrr.errors import BookError, WrongUse
from mrr.journal import Journal
from mrr.keeper import JOURNAL, NOW, POLICY, SETTINGS
from mrr.policy import Policy, policy_text
from mrr.providers import native

__all__ = ["NOW", "Book"]


class Book(
    Watching,
    Taking,
    Editing,
    Asking,
    Checking,
    Reconciling,
    Governing,
    Closing,
    Comparing,
    Bridging,
    Following,
    Measuring,
    Searching,
    Showing,
    Detecting,
    Drilling,
):
    """An open book. Verbs take plain words by name, and answer with plain structures; amounts are micros.

    Raises BookError where the book cannot be opened, WrongUse for words that make no sense. Use it as a context
    manager, or close it. Threads may share one.
    """

    @classmethod
    def create(cls, folder: Path, *, policy: Policy) -> Self:
        """Make a book in an empty or new directory. Raises WrongUse if there is one already."""
        if (folder / SETTINGS).exists():
            raise WrongUse(f"{folder} is a book already", remedy="Choose another directory.")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            Journal.create(folder / JOURNAL, created_at=0).close()
            (folder / POLICY).write_text(policy_text(policy), encoding="utf-8")
            (folder / SETTINGS).write_text(f'# A book of mrr.\nname = "{folder.resolve().name}"\nformat = 1\n', "utf-8")
        except OSError as error:
            raise BookError(f"{folder}: {error.strerror}", remedy="Choose a directory that can be written.") from error
        return cls(folder)

    @cached_property
    def access(self) -> Access:
        """Who may see and do what, where the book is served."""
        return Access(self.journal)

    @cached_property
    def trail(self) -> Trail:
        """What they saw and did."""
        return Trail(self.journal)

    @staticmethod
    def schema() -> str:
        """The JSON Schema of native events, the same for every book."""
        return native.schema()
