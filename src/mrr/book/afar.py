"""Who asks from elsewhere: what they say may neither read files of this machine nor speak for the book itself."""

from collections.abc import Iterator
from contextlib import contextmanager

from mrr.errors import WrongUse
from mrr.ledger_words import FROM_AFAR
from mrr.providers import PROVIDERS, of_source


@contextmanager
def from_afar() -> Iterator[None]:
    """Until the block ends whatever is asked in this context, and in threads that take it over, names no file."""
    token = FROM_AFAR.set(True)
    try:
        yield
    finally:
        FROM_AFAR.reset(token)


def foreign(source: str) -> str:
    """A source whose bodies may come from elsewhere; an edit or a decision is made by its verb, under one's own name.

    Raises WrongUse for another one.
    """
    if source and of_source(source).is_own:
        names = ", ".join(name for name, provider in PROVIDERS.items() if not provider.is_own)
        raise WrongUse(f"entries of {source!r} are written by the book itself", remedy=f"Use one of {names}.")
    return source
