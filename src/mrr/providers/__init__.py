"""All that knows a vendor's words: one module a provider, a plain dict of them, no plugin system."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from mrr.errors import WrongUse
from mrr.facts import Fact
from mrr.providers import edits, governance, native, rates, reconciliation, stripe, tabular
from mrr.providers.stamp import Irrelevant, Stamp

__all__ = ["PROVIDERS", "Irrelevant", "Provider", "Stamp", "apart", "of_source"]


class Provider(NamedTuple):
    """What every provider module offers.

    `split` gives the exact bytes of each body in a file. `stamp` never raises: what cannot be read is filed under its
    digest, kind `unreadable`. `decode` gives the facts of a body; DecodeError names the path of the unreadable field.
    `recognises` says whether a body is this provider's own; those without it read tables, and are asked for by name.
    `verify` checks a delivery's headers (in lower case) and bytes against secrets; those without it take no deliveries.
    `is_own`: the book itself writes its entries, and takes none of others.
    """

    split: Callable[[bytes], Iterator[bytes]]
    stamp: Callable[[bytes, int | None], Stamp]
    decode: Callable[[bytes, int], Sequence[Fact] | Irrelevant]
    recognises: Callable[[bytes], bool] | None = None
    verify: Callable[[Mapping[str, str], bytes, Sequence[str], int], None] | None = None
    is_own: bool = False


PROVIDERS: dict[str, Provider] = {
    "edits": Provider(edits.split, edits.stamp, edits.decode, is_own=True),
    "governance": Provider(governance.split, governance.stamp, governance.decode, is_own=True),
    "native": Provider(native.split, native.stamp, native.decode, native.recognises, native.verify),
    "rates": Provider(rates.split, rates.stamp, rates.decode),
    "reconciliation": Provider(reconciliation.split, reconciliation.stamp, reconciliation.decode, is_own=True),
    "stripe": Provider(stripe.split, stripe.stamp, stripe.decode, stripe.recognises, stripe.verify),
    "tabular": Provider(tabular.split, tabular.stamp, tabular.decode),
}


def of_source(source: str) -> Provider:
    """The provider of a journal source: `stripe`, or `stripe:eu` for a second account."""
    name = source.partition(":")[0]
    if name not in PROVIDERS:
        raise WrongUse(f"unknown provider {name!r}", remedy=f"Use one of {', '.join(sorted(PROVIDERS))}.")
    return PROVIDERS[name]


def apart(name: str) -> tuple[str, str]:
    """The source that an id names, and the id within it: `stripe/cus_1`; no source where none stands before the slash.

    A source begins with the name of a provider, so that `team/7` is an id of somebody's own.
    """
    source, slash, inside = name.partition("/")
    return (source, inside) if slash and source.partition(":")[0] in PROVIDERS else ("", name)
