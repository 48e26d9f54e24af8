"""A movement explained as a receipt: the sentence for finance on top, then event, fact, arithmetic, policy, ledger."""

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mrr import figures
from mrr.answers import Definition
from mrr.cli import ink
from mrr.figures import exact
from mrr.reports.edited import Edited
from mrr.reports.explain import Evidence, Explanation, Worth
from mrr.reports.movements import Line, Movement


def sentence(movement: Movement, currency: str, name: str | None = None) -> str:
    """`On 15 March 2025 acme's MRR rose by 100.00 USD to 200.00 USD: expansion — item A: plan +100.00`."""
    who = name or movement.customer_id
    owner = f"{who}'" if who.endswith("s") else f"{who}'s"
    size, after = exact(abs(movement.amount_micros)), exact(movement.mrr_after_micros)
    verb = "rose" if movement.amount_micros > 0 else "fell"
    moved = (
        f"{verb} by {size} {currency} to {after} {currency}" if movement.amount_micros else f"stayed {after} {currency}"
    )
    lines = "; ".join(_told(line) for line in movement.lines)
    return f"On {figures.day(movement.on)} {owner} MRR {moved}: {movement.class_}" + (f" — {lines}" if lines else "")


def _told(line: Line) -> str:
    return f"item {line.item_id}: {causes(line)}"


def causes(line: Line) -> str:
    """`plan +100.00, quantity +20.00`."""
    why = {True: " (involuntary)", False: " (voluntary)", None: ""}[line.involuntary]
    return ", ".join(f"{cause} {exact(amount, plus=True)}" for cause, amount in line.causes.items()) + why


def receipt(found: Explanation, meant: Definition, name: str | None = None) -> RenderableType:
    """All of it, one step under the other."""
    movement = found.movement
    head = Text(sentence(movement, meant.currency, name) + ".", ink.STRONG)
    edits = [("Edits", "what people said of it", _edits(found.edits, meant.timezone))] if found.edits else []
    steps = (
        ("Events", "what we were told", _events(found.evidence, meant.timezone)),
        *edits,
        ("Facts", "what they mean", _facts(found.evidence, meant.timezone)),
        ("Arithmetic", "how it adds up", _arithmetic(found, meant.currency)),
        ("Policy", f"what was decided: {meant.policy} {meant.policy_hash[:8]}", _policy(found)),
        ("Ledger", "where it stands", _ledger(movement, meant)),
    )
    parts: list[RenderableType] = [head]
    for number, (title, what, body) in enumerate(steps, start=1):
        parts += [Text(), Text.assemble((f"{number} {title}", ink.STRONG), (f"  {what}", ink.QUIET))]
        parts.append(Padding(body, (0, 0, 0, 2)))
    return Group(*parts)


def _events(evidence: list[Evidence], timezone: str) -> RenderableType:
    if not evidence:
        return Text("none: a rate of exchange changed, or a date that was known before came", ink.QUIET)
    told = []
    for entry in {entry.seq: entry for entry in evidence}.values():
        head = f"entry {entry.seq:,}  "
        recorded = f"{'':{len(head)}}recorded {figures.local(entry.recorded_at, timezone)}"
        told.append(Text.assemble((head, ink.QUIET), f"{entry.kind}  {entry.key}", (f"\n{recorded}", ink.QUIET)))
    return Group(*told)


def _edits(edits: list[Edited], timezone: str) -> RenderableType:
    told = []
    for edit in edits:
        said = f"{edit.author}, {figures.local(edit.said_at, timezone)}: {edit.reason}"
        head = f"edit {edit.seq:,}  "
        told.append(Text.assemble((head, ink.QUIET), edit.what, (f"\n{'':{len(head)}}{said}", ink.QUIET)))
    return Group(*told)


def _facts(evidence: list[Evidence], timezone: str) -> RenderableType:
    rows = []
    for fact in evidence:
        status = fact.status + (", start assumed" if fact.assumed else "")
        subscription = fact.subscription_id.partition("/")[2]
        rows.append((figures.local(fact.effective_at, timezone), subscription, status, f"entry {fact.seq:,}"))
    return _bare(rows) if rows else Text("–", ink.QUIET)


def _bare(rows: list[tuple[str, str, str, str]]) -> Table:
    made = Table.grid(padding=(0, 2, 0, 0))
    for row in rows:
        made.add_row(*row[:3], Text(row[3], ink.QUIET))
    return made


def _arithmetic(found: Explanation, currency: str) -> Table:
    made = Table.grid(padding=(0, 2, 0, 0))
    for justify in ("left", "left", "left", "right"):
        made.add_column(justify=justify, overflow="fold")
    made.columns[3].no_wrap = True
    last = None
    for worth in found.worth:
        made.add_row("" if worth.item_id == last else worth.item_id, worth.side, *_worth(worth, currency))
        last = worth.item_id
    amount = found.movement.amount_micros
    change = Text(f"{exact(amount, plus=True)} {currency}", ink.signed(amount, "").style)
    made.add_row(Text("change", ink.STRONG), "", "", change)
    made.add_row("MRR after", "", "", f"{exact(found.movement.mrr_after_micros)} {currency}")
    return made


def _worth(worth: Worth, currency: str) -> tuple[Text, str]:
    text = worth.arithmetic.replace(" ; ", " ")
    if worth.currency != currency:
        text += f"  ({exact(worth.local_micros)}\N{NO-BREAK SPACE}{worth.currency})"
    return Text(text, ink.QUIET), f"{exact(worth.reporting_micros)} {currency}"


def _policy(found: Explanation) -> Table:
    return ink.pairs((key, Text(setting(value), ink.QUIET)) for key, value in found.keys.items())


def setting(value: object) -> str:
    """A value of a policy on one line."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {part}" for key, part in value.items()) or "none"
    if isinstance(value, list):
        return "; ".join(setting(part) for part in value) or "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _ledger(movement: Movement, meant: Definition) -> Table:
    rows = {
        "movement": movement.movement_id,
        "engine": meant.engine[:16],
        "policy hash": meant.policy_hash[:16],
        "journal": f"known at entry {meant.known_at_seq:,}",
        "ledger digest": meant.ledger_digest[:16],
        "check it": "mrr verify",
    }
    return ink.pairs((label, Text(value, ink.QUIET)) for label, value in rows.items())
