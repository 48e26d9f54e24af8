"""Commands that measure: sli and slo, and annotate for what people do to the service."""

from collections.abc import Sequence
from typing import Annotated, Literal

import typer
from rich.text import Text

from mrr import figures
from mrr.cli import ink, say
from mrr.cli.options import AsJson, AsOf, Author, BookDir, author, opened
from mrr.watch.annotations import Annotation
from mrr.watch.budgets import Standing, amount_of, lasting, share_of
from mrr.watch.indicators import defined as named
from mrr.watch.sli import Sli

Window = Annotated[str, typer.Option("--window", metavar="TIME", help="Events of so long: 1h, 7d, 28d.")]
Name = Annotated[str | None, typer.Argument(metavar="NAME", help="Only this indicator, with its definition.")]
Kind = Annotated[Literal["deploy", "flag", "price", "incident", "note"], typer.Argument(help="What was done.")]
Said = Annotated[str | None, typer.Argument(metavar="TEXT", help="In a sentence; without, all are listed.")]
HappenedAt = Annotated[str | None, typer.Option("--at", metavar="T", help="When it was done; else now.")]
Since = Annotated[str | None, typer.Option("--from", metavar="T", help="What was done since; else ever.")]
STATES = {"met": ("✓ met", ink.GOOD), "unknown": ("– no events", ink.QUIET), "ticket": ("▲ ticket", ink.BAD)}
STATES |= {"page": ("▲ page", ink.BAD)}


def sli(
    context: typer.Context,
    name: Name = None,
    window: Window = "28d",
    as_of: AsOf = None,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Measure how well money and data come in.

    Of events it shows how many went well, weighed by the MRR that they carry too; of what stands now, how much. Under
    it stands what went wrong, by its label.
    """
    with opened(context, book) as ledger:
        if name is not None:
            named(name)
        found = ledger.slis(window=window, as_of=as_of)
    found.rows = [one for one in found.rows if name in (None, one.indicator)]
    if as_json:
        say.answer(found)
        return
    heads = ("indicator", f"good of {window}", "all", "share", "by MRR", "p50", "p99", "now", "most of it")
    say.show(ink.table(heads, [_measured(one) for one in found.rows], words=(0, 8), loose=(8,)))
    if name is not None:
        (one,) = found.rows
        rows = (("means", one.formula), ("beware", one.caveats), ("owner", one.owner))
        say.show(ink.pairs((word, Text(told)) for word, told in rows))


def _measured(one: Sli) -> Sequence[ink.Cell]:
    counts = ("", "") if one.total is None else (f"{one.good:,}", f"{one.total:,}")
    shares = (share_of(one.met_ratio), share_of(one.carried_ratio))
    times = tuple("" if us is None else took(us) for us in (one.p50_us, one.p99_us))
    worst = [f"{bad.bad:,} {bad.label or 'unknown'}" for bad in one.bad[:3]]
    worst += [f"{amount_of(part.amount, one.unit)} {part.label}" for part in one.parts[:3]]
    now = "" if one.amount is None else amount_of(one.amount, one.unit)
    return (one.indicator, *counts, *(_dash(one, told) for told in shares), *times, now, ", ".join(worst))


def _dash(one: Sli, told: str) -> str:
    return told if one.total is not None else ""


def took(us: int) -> str:
    """A time that events took."""
    return f"{us // 1000:,}ms" if us < 10_000_000 else lasting(us // 1_000_000)


def slo(context: typer.Context, as_of: AsOf = None, book: BookDir = None, as_json: AsJson = False) -> None:
    """Show what is promised, and what is left of each budget.

    A burn of 1.0 spends a budget just in its window. A quarter of a budget in an hour makes a page, in an eighth of
    its window a ticket. Exits with 1 where a page is due. docs/slo.md tells how to set targets.
    """
    with opened(context, book) as ledger:
        found = ledger.slos(as_of=as_of)
    if as_json:
        say.answer(found)
    else:
        heads = ("objective", "owner", "target", "window", "now", "budget left", "burn", "")
        say.show(ink.table(heads, [_stands(one) for one in found], words=(0, 1, 7)))
    if any(one.state == "page" for one in found):
        raise typer.Exit(1)


def _stands(one: Standing) -> Sequence[ink.Cell]:
    told, style = STATES[one.state]
    now = (
        share_of(one.met_ratio) if one.most is None else "–" if one.amount is None else amount_of(one.amount, one.unit)
    )
    left = share_of(one.left_ratio) if one.most is None else f"of {amount_of(one.most, one.unit)}"
    burn = " ".join(figures.written(figures.rounded(figures.micros_of(each.rate_ratio), 1), 1) for each in one.burns)
    return (one.objective, one.owner, one.target, one.window, now, left, burn, Text(told, style))


def annotate(
    context: typer.Context,
    kind: Kind = "note",
    text: Said = None,
    at: HappenedAt = None,
    since: Since = None,
    by: Author = None,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Note a deploy, a changed flag or price, an incident.

    It shows beside what figures do at that time. Without TEXT all that was noted is listed, the oldest first.
    """
    with opened(context, book) as ledger:
        if text is not None:
            told = [ledger.annotate(kind=kind, text=text, author=author(by), at=at)]
        else:
            told = ledger.annotations(since=since)
    if as_json:
        say.answer_lines(told)
        return
    say.show(ink.table(("when", "what", "", "by"), [_done(one) for one in told], words=(0, 1, 2, 3), loose=(2,)))


def _done(one: Annotation) -> Sequence[ink.Cell]:
    return (f"{one.happened_at:%Y-%m-%d %H:%M} UTC", one.kind, one.text, one.author)


EXAMPLES = (
    (
        "sli",
        sli,
        ("mrr sli --book acme", "mrr sli payment.success --window 7d", "mrr sli --json | jq '.rows[].met_ratio'"),
    ),
    ("slo", slo, ("mrr slo --book acme", "mrr slo --json")),
    (
        "annotate",
        annotate,
        (
            "mrr annotate deploy 'billing 4.2 is out' --book acme",
            "mrr annotate flag 'new checkout for 10 %' --at 2026-11-20",
        ),
    ),
)
