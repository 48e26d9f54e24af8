"""Asking a provider for its own list of subscriptions: a dict of those that can be asked, each by its own client."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from mrr.errors import WrongUse
from mrr.providers.stripe import listing, pulling
from mrr.providers.unanswered import Unanswered

__all__ = ["LIVE", "Live", "Unanswered", "of_source"]


class Live(NamedTuple):
    """How a provider is asked; `base` is another address than its own, `timeout` in seconds.

    `listed` gives the exact bytes of every subscription that has not ended, all pages of them or none. `found` gives
    the subscriptions with these ids, ended ones too; an id that the provider does not know is left out.
    Both raise Unanswered, and WrongUse where no key is at hand. `cut_short` says of the text of a file, an export of
    such a list, whether its last page says that there is more.
    """

    listed: Callable[[str | None, int], list[bytes]]
    found: Callable[[str | None, int, Sequence[str]], list[bytes]]
    cut_short: Callable[[bytes], bool]


LIVE: dict[str, Live] = {"stripe": Live(pulling.listed, pulling.found, listing.cut_short)}


def of_source(source: str) -> Live:
    """How the provider of a source is asked. Raises WrongUse for one that cannot be."""
    name = source.partition(":")[0]
    if name not in LIVE:
        remedy = f"Give an export of its list as a file; live lists are there for {', '.join(LIVE)}."
        raise WrongUse(f"{name} cannot be asked for its list", remedy=remedy)
    return LIVE[name]
