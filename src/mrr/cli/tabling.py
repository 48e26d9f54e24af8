"""A table as it was read, and the rehearsal of an import, in words for someone who sees them for the first time."""

from collections.abc import Iterator
from pathlib import PurePath

from rich.console import RenderableType
from rich.text import Text

from mrr import figures
from mrr.answers import TableRead, TableRehearsal
from mrr.cli import ink
from mrr.derivation.rehearsal import Rehearsal

Rehearsed = TableRehearsal | Rehearsal
_FACTS = {
    "subscription_fact": "subscription snapshot",
    "attribute": "customer with attributes",
    "rate": "rate",
    "invoice": "invoice",
    "payment": "payment",
    "cost": "cost",
    "usage": "usage",
}
_MANY = {"customer with attributes": "customers with attributes", "usage": "usages"}


def read(table: TableRead) -> Text:
    """What a table was taken for, in a few quiet lines."""
    rows = figures.plural(table.rows, "row")
    rows += f", {table.dropped:,} of them dropped by the mapping" if table.dropped else ""
    told = Text.assemble((f"{table.name}: ", ink.STRONG), f"{rows}, read as {table.table}.")
    for sentence in table.assumed:
        told.append(f"\n  {sentence}", ink.QUIET)
    return told


def recognised(file: str, sources: list[str]) -> Text:
    """Whose a file of events was taken for, in a quiet line."""
    place = "standard input" if file == "-" else PurePath(file).name
    return Text.assemble((f"{place}: ", ink.STRONG), f"read as {', '.join(sources)}, by the look of its first entry.")


def rehearsal(found: Rehearsed, currency: str) -> Iterator[RenderableType]:
    """What an import would do: how the table is read, what becomes of its rows, and how the ledger changes."""
    if isinstance(found, TableRehearsal):
        yield read(found.read)
        yield ink.pairs(_read_as(found.read))
        if found.read.troubles:
            yield _troubles(found)
        change = found.change
    else:
        change = found
    yield ink.pairs(_becomes(change))
    yield from _ledger(change, currency)
    yield Text("This was a rehearsal: nothing was imported.", ink.STRONG)


def is_refused(found: Rehearsed) -> bool:
    """Whether the import itself would be refused."""
    return isinstance(found, TableRehearsal) and found.refused


def _read_as(table: TableRead) -> Iterator[tuple[str, Text]]:
    for field, column in table.columns.items():
        yield field, Text.assemble(("column ", ink.QUIET), column)
    for field, value in table.constants.items():
        yield field, Text.assemble(("always ", ink.QUIET), value)
    for key, column in table.attributes.items():
        yield f"attribute {key}", Text.assemble(("column ", ink.QUIET), column)


def _troubles(found: TableRehearsal) -> Text:
    table = found.read
    rows = figures.plural(table.unreadable, "place that cannot be read", "places that cannot be read")
    then = "the import would be refused" if found.refused else "they would be quarantined"
    told = Text(f"{rows}; {then}:", ink.BAD)
    for trouble in table.troubles:
        told.append(f"\n  {trouble}", ink.PLAIN)
    if table.unreadable > len(table.troubles):
        told.append(f"\n  and {table.unreadable - len(table.troubles):,} more", ink.QUIET)
    return told


def _becomes(change: Rehearsal) -> Iterator[tuple[str, str]]:
    entries = [f"{count:,} {outcome.replace('_', ' ')}" for outcome, count in change.outcomes.items()]
    if change.duplicates:
        entries.append(f"{change.duplicates:,} known already")
    facts = [
        figures.plural(count, _FACTS.get(table, table), _MANY.get(_FACTS.get(table, table)))
        for table, count in change.facts.items()
    ]
    yield "entries", f"{change.offered:,}: {', '.join(entries)}" if entries else "none"
    yield "facts", ", ".join(facts) or "none"


def _ledger(change: Rehearsal, currency: str) -> Iterator[RenderableType]:
    if not change.changes:
        yield Text("The ledger would stay as it is.")
        return
    rows: list[tuple[ink.Cell, ...]] = [
        (
            one.class_,
            figures.written(one.added, plus=True) if one.added else "",
            figures.written(-one.removed) if one.removed else "",
            ink.signed(one.amount_micros, figures.exact(one.amount_micros, plus=True)),
        )
        for one in change.changes
    ]
    total = change.mrr_after_micros - change.mrr_before_micros
    rows.append((Text("MRR", ink.STRONG), "", "", ink.signed(total, figures.exact(total, plus=True))))
    yield ink.table(("class", "movements", "taken away", currency), rows)
    before, after = figures.exact(change.mrr_before_micros), figures.exact(change.mrr_after_micros)
    yield Text(f"MRR as of now would go from {before} to {after} {currency}.")
