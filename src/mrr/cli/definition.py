"""The lines under every figure: what it means, by which policy, as of when, and on how much of the journal it rests."""

from rich.text import Text

from mrr.answers import Definition
from mrr.cli import figures, ink


def definition(meant: Definition, *notes: str) -> Text:
    """A quiet paragraph; `notes` stand before it. Never an unlabelled figure."""
    policy = f"policy {meant.policy} {meant.policy_hash[:8]}"
    as_of = f"as of {figures.local(meant.as_of, meant.timezone)}"
    known = f"known at entry {meant.known_at_seq:,}"
    pending = figures.plural(meant.pending_items, "item pending", "items pending") if meant.pending_items else ""
    stale = f"stale rates: {', '.join(meant.stale_rates)}" if meant.stale_rates else ""
    state = [f"{meant.currency}, {policy}", as_of, known, meant.status, pending, stale]
    lines = [*notes, _sentence(meant.variant), " · ".join(part for part in state if part)]
    return Text("\n".join(lines), ink.QUIET)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."
