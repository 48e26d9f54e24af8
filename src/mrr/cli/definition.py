"""The lines under every figure: what it means, by which policy, as of when, and on how much of the journal it rests."""

from rich.text import Text

from mrr import figures
from mrr.answers import Definition
from mrr.book import NOW
from mrr.cli import ink


def definition(meant: Definition, *notes: str) -> Text:
    """A quiet paragraph; `notes` stand before it. Never an unlabelled figure."""
    policy = f"policy {meant.policy} {meant.policy_hash[:8]}"
    as_of = f"as of {figures.local(meant.as_of, meant.timezone)}"
    known = f"known at entry {meant.known_at_seq:,}"
    pending = figures.plural(meant.pending_items, "item pending", "items pending") if meant.pending_items else ""
    stale = f"stale rates: {', '.join(meant.stale_rates)}" if meant.stale_rates else ""
    before = ", ".join(meant.policies_before)
    other = f"ledger {meant.ledger}" if meant.ledger != NOW else ""
    state = [f"{meant.currency}, {policy}", before, other, as_of, known, meant.status, pending, stale]
    lines = [*notes, *_meaning(meant), " · ".join(part for part in state if part)]
    return Text("\n".join(lines), ink.QUIET)


def _meaning(meant: Definition) -> list[str]:
    """The variant, and of a metric its formula, where that comes from, and what to beware of."""
    if not meant.formula:
        return [_sentence(meant.variant)]
    said = f"{meant.formula} {meant.variant} {meant.drift_risk}"
    keys = [f"{key} = {_plain(value)}" for key, value in meant.report_keys.items() if key in said]
    shaped = f" Here {', '.join(keys)}." if keys else ""
    source = f"Source: {meant.source}. Owner: {meant.owner}."
    return [f"{meant.metric} ({meant.variant}) = {meant.formula}.{shaped}", source, f"Beware: {meant.caveats}"]


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."
