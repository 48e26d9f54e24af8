"""What watches and what is done about it: watch, alerts, ack, resolve, silence, impact, postmortem, digest."""

import csv
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import RenderableType
from rich.text import Text

from mrr.book import Book
from mrr.book.watching import Watched
from mrr.cli import ink, say
from mrr.cli.options import AsJson, AsOf, Author, BookDir, author, filters, opened
from mrr.errors import BookError, MrrError
from mrr.figures import exact, plural
from mrr.watch.alerts import Alert
from mrr.watch.digest import Which
from mrr.watch.impact import PLAYBOOK, Impact, playbook
from mrr.watch.postmortem import happened
from mrr.watch.remedies import Remedy
from mrr.watch.settings import span

Number = Annotated[int, typer.Argument(metavar="ALERT", help="The number of an alert, as `mrr alerts` shows it.")]
Since = Annotated[str | None, typer.Option("--from", metavar="T", help="From this day or instant on; else a day ago.")]
Until = Annotated[str | None, typer.Option("--to", metavar="T", help="Until this day or instant; else now.")]
Plans = Annotated[list[str] | None, typer.Option("--plan", metavar="ID", help="Who has this plan.")]
Where = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        metavar="KEY=VALUE",
        help="Who had this attribute then, such as country, or a feature that the source tells as one.",
    ),
]
Codes = Annotated[list[str] | None, typer.Option("--code", metavar="CODE", help="Whose payment failed so.")]
Named = Annotated[list[str] | None, typer.Option("--customer", metavar="ID", help="These customers.")]
Listed = Annotated[
    Path | None, typer.Option("--customers", metavar="FILE", help="The customers in a file, an id a line.")
]
MOMENT = "%Y-%m-%d %H:%MZ"


def watch(
    context: typer.Context,
    every: Annotated[
        str | None, typer.Option("--every", metavar="SPAN", help="Again and again, such as 60s; else once.")
    ] = None,
    test: Annotated[
        str | None, typer.Option("--test", metavar="ROUTE", help="Only send a test message on this route.")
    ] = None,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Look whether anything is wrong, and tell who should know.

    Findings become alerts, alerts become messages on the routes of watch.toml (docs/on-call.md). A served book does
    this by itself, every minute. Exits with 1 where a message could not be delivered. With --json an object a turn.
    """
    pause = None if every is None else span(every).total_seconds()
    with opened(context, book) as ledger:
        if test is not None:
            _tested(ledger, test, as_json=as_json)
            return
        with say.stoppable("Every alert is kept; run the command again."):
            while True:
                turn = ledger.watch()
                say.answer_lines([turn]) if as_json else say.show(*_turned(turn))
                if pause is None:
                    break
                time.sleep(pause)
    if turn.unsent:
        raise typer.Exit(1)


def _tested(ledger: Book, route: str, *, as_json: bool) -> None:
    error = ledger.test_route(route=route)
    if error:
        raise MrrError(f"the route {route} does not work: {error}", remedy="Mend its addresses in watch.toml.")
    say.answer({"route": route, "sent": True}) if as_json else say.plain(f"A test went out on {route}.\n")


def _turned(turn: Watched) -> Iterator[RenderableType]:
    head = f"{turn.at:{MOMENT}}  {plural(len(turn.findings), 'finding')}"
    for word, numbers in (("opened", turn.opened), ("resolved", turn.resolved)):
        head += f", {word} {', '.join(map(str, numbers))}" if numbers else ""
    yield Text(head)
    if turn.findings:
        rows = [(one.urgency, one.rule, one.summary) for one in turn.findings]
        yield ink.table(["", "rule", "what"], rows, words=(0, 1, 2))
    lines = [Text(f"told: {line}", ink.QUIET) for line in turn.sent]
    lines += [Text(f"not told: {line}", ink.BAD) for line in turn.unsent]
    if lines:
        yield Text("\n").join(lines)


def alerts(
    context: typer.Context,
    alert: Annotated[
        int | None, typer.Argument(metavar="ALERT", help="One alert with all that is known of it.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Also those that are resolved.")] = False,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """List the alerts that stand, or show one.

    With --json one object a line.
    """
    with opened(context, book) as ledger:
        found = ledger.alerts(state=None if every else "standing") if alert is None else [ledger.alert(alert=alert)]
        offered = [] if alert is None else ledger.offered(alert=alert)
    if as_json:
        say.answer_lines(found)
    elif alert is not None:
        say.show(*_alert(found[0], offered))
    elif not found:
        say.show(Text("Nothing is wrong that the watchers know of.", ink.QUIET))
    else:
        rows = [(str(one.alert_id), one.urgency, one.state, f"{one.opened_at:{MOMENT}}", one.summary) for one in found]
        say.show(ink.table(["no", "", "state", "since", "what"], rows, words=(1, 2, 3, 4)))


def _alert(one: Alert, offered: Sequence[Remedy]) -> Iterator[RenderableType]:
    yield Text.assemble((f"{one.alert_id}  {one.summary}", ink.STRONG), f"\n{one.urgency}, {one.state}, {one.cause}")
    told = [(finding.rule, finding.summary, _figures(finding.figures)) for finding in one.findings]
    yield ink.table(["rule", "what", "figures"], told, words=(0, 1, 2))
    for name, values in (("customers", one.customers), ("plans", one.plans), ("entries", one.entries)):
        if values:
            shown = ", ".join(map(str, values[:10])) + (f" and {len(values) - 10} more" if len(values) > 10 else "")
            yield Text(f"{name}: {shown}")
    steps = [(f"{event.happened_at:{MOMENT}}", event.actor, happened(event.said, one)) for event in one.history]
    yield ink.table(["when", "who", "what"], steps, words=(0, 1, 2))
    if offered:
        rows = [(remedy.command, remedy.does) for remedy in offered]
        yield ink.table(["remedy", "what it does"], rows, words=(0, 1))
    yield Text("\n".join(f"runbook: docs/runbooks/{rule}.md" for rule in one.rules), ink.QUIET)


def _figures(figures: object) -> str:
    assert isinstance(figures, dict)
    return "; ".join(f"{name} {value}" for name, value in figures.items())


def ack(
    context: typer.Context,
    alert: Number,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="What you are about to do.")] = "",
    who: Author = None,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Take an alert on."""
    with opened(context, book) as ledger:
        found = ledger.acknowledge(alert=alert, author=author(who), reason=reason)
    say.answer(found) if as_json else say.plain(f"Alert {alert} is {found.acknowledged_by}'s.\n")


def resolve(
    context: typer.Context,
    alert: Number,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why it is over; it stays with the alert.")],
    who: Author = None,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Say that an alert is over.

    An alert that is seen no more resolves by itself. What is resolved by hand and still seen opens no other alert for
    three days (`resolved_holds` in watch.toml).
    """
    with opened(context, book) as ledger:
        found = ledger.resolve(alert=alert, author=author(who), reason=reason)
    say.answer(found) if as_json else say.plain(f"Alert {alert} is resolved.\n")


def silence(
    context: typer.Context,
    matching: Annotated[str, typer.Argument(metavar="PATTERN", help="A number, cause or rule: 12, source:*, F4.*.")],
    until: Annotated[str, typer.Option("--until", metavar="T", help="Until this day or instant.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept.")],
    who: Author = None,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Tell nobody of some alerts for a while.

    They are kept and shown all the same; what still stands afterwards is told then. Windows that are known
    beforehand belong into watch.toml.
    """
    with opened(context, book) as ledger:
        ends = ledger.silence(matching=matching, ends_at=until, author=author(who), reason=reason)
    say.answer({"matching": matching, "until": ends}) if as_json else say.plain(f"Silent until {ends:{MOMENT}}.\n")


def impact(
    context: typer.Context,
    since: Since = None,
    until: Until = None,
    plans: Plans = None,
    where: Where = None,
    codes: Codes = None,
    customers: Named = None,
    file: Listed = None,
    to_playbook: Annotated[
        Path | None, typer.Option("--playbook", metavar="FILE", help="Write who is at risk as CSV, for the CRM.")
    ] = None,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Show whom an incident concerns, and the MRR at risk or lost.

    Without a filter these are the customers who in that time had a failed payment, a checkout that came to nothing, or
    a loss. Filters of one kind widen, filters of different kinds narrow it.
    """
    about = _about(plans, where, codes, customers, file)
    with opened(context, book) as ledger:
        found = ledger.impact(since=since, until=until, **about)
    if to_playbook is not None:
        _write(to_playbook, found)
    if as_json:
        say.answer(found)
    else:
        say.show(*_cost(found))


def _about(
    plans: list[str] | None,
    where: list[str] | None,
    codes: list[str] | None,
    customers: list[str] | None,
    file: Path | None,
) -> dict[str, Any]:
    """Whom an incident is about, as the book takes it."""
    named = [*(customers or ()), *(_listed(file) if file is not None else ())]
    return {"plans": plans or (), "where": filters(where), "codes": codes or (), "customers": named}


def _listed(file: Path) -> list[str]:
    try:
        return [line.strip() for line in file.read_text("utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise BookError(f"{file}: {error}", remedy="Give a file with an id of a customer a line.") from error


def _write(file: Path, found: Impact) -> None:
    """The playbook; what a spreadsheet would take for a formula is text."""
    rows = [{key: _inert(value) for key, value in row.items()} for row in playbook(found)]
    try:
        with file.open("w", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, PLAYBOOK)
            writer.writeheader()
            writer.writerows(rows)
    except OSError as error:
        raise BookError(f"{file}: {error.strerror}", remedy="Choose a file that can be written.") from error
    say.note(f"{plural(len(rows), 'customer')} in {file}")


def _inert(value: str) -> str:
    number = value.removeprefix("-").replace(".", "", 1).isdigit()
    return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t")) and not number else value


def _cost(found: Impact) -> Iterator[RenderableType]:
    currency = found.definition.currency
    asked = f" ({', '.join(found.asked)})" if found.asked else ""
    head = f"{plural(found.customers, 'customer')} from {found.since:{MOMENT}} to {found.until:{MOMENT}}{asked}"
    told = Text.assemble((head, ink.STRONG))
    told.append(f"\nMRR before {exact(found.before_micros)} {currency}, at risk {exact(found.at_risk_micros)}, ")
    told.append(f"lost {exact(found.lost_micros)}")
    yield told
    if found.rows:
        rows = [
            (row.customer_id, row.why, exact(row.before_micros), exact(row.at_risk_micros), exact(row.lost_micros))
            for row in found.rows
        ]
        yield ink.table(["customer", "why", "before", "at risk", "lost"], rows, words=(0, 1))


def postmortem(
    context: typer.Context,
    alert: Annotated[
        int | None, typer.Argument(metavar="ALERT", help="Of this alert; else of a stretch of time.")
    ] = None,
    since: Since = None,
    until: Until = None,
    title: Annotated[str, typer.Option("--title", metavar="TEXT", help="What it was.")] = "",
    plans: Plans = None,
    where: Where = None,
    codes: Codes = None,
    customers: Named = None,
    file: Listed = None,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Draft a postmortem in Markdown.

    With what it cost by cohort, the timeline of alerts, decisions and deploys, the remedies, and a letter to the
    customers. Whom it concerned is said as to `mrr impact`. What needs judgement is left open.
    """
    about = _about(plans, where, codes, customers, file)
    with opened(context, book) as ledger:
        found = ledger.postmortem(alert=alert, since=since, until=until, title=title, **about)
    say.answer(found) if as_json else say.plain(found.text())


def digest(
    context: typer.Context,
    which: Annotated[
        Literal["daily", "weekly", "monthly"], typer.Argument(help="Of the last whole day, week or month.")
    ] = "daily",
    as_of: AsOf = None,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Print a digest: what moved, and the alerts.

    The routes of watch.toml that tell digests get them by themselves.
    """
    meant: Which = which
    with opened(context, book) as ledger:
        found = ledger.digest(which=meant, as_of=as_of)
    say.answer(found) if as_json else say.plain(found.text())


EXAMPLES: Sequence[tuple[str, Callable[..., None], Sequence[str]]] = (
    ("watch", watch, ("mrr watch --book acme", "mrr watch --book acme --every 60s", "mrr watch --test on-call")),
    ("alerts", alerts, ("mrr alerts --book acme", "mrr alerts 12 --book acme", "mrr alerts --all --json")),
    ("ack", ack, ("mrr ack 12 --book acme", "mrr ack 12 --reason 'replaying the archive' --author ada")),
    (
        "resolve",
        resolve,
        ("mrr resolve 12 --reason 'a planned price change' --book acme", "mrr resolve 12 --reason mended --author ada"),
    ),
    (
        "silence",
        silence,
        (
            "mrr silence 'source:*' --until 2026-11-23T06:00:00Z --reason migration --book acme",
            "mrr silence 12 --until 2026-11-24 --reason 'known, mended tomorrow'",
        ),
    ),
    (
        "impact",
        impact,
        (
            "mrr impact --book acme --from 2026-11-20T14:00:00Z --to 2026-11-20T16:00:00Z",
            "mrr impact --book acme --code card_declined --where country=DE --playbook at-risk.csv",
            "mrr impact --book acme --plan pro --json | jq .at_risk_micros",
        ),
    ),
    (
        "postmortem",
        postmortem,
        ("mrr postmortem 12 --book acme > postmortem.md", "mrr postmortem --from 2026-11-20 --title 'Gateway outage'"),
    ),
    ("digest", digest, ("mrr digest --book acme", "mrr digest weekly --book acme --json | jq .row")),
)
