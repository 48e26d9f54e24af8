"""What serves a book and says who may use it: serve, access."""

import json
import sys
from typing import Annotated

import typer
from rich.text import Text

from mrr.access import SCOPES
from mrr.book.clock import now_micros
from mrr.cli import ink, say
from mrr.cli.options import AsJson, BookDir, opened
from mrr.period import instant

Scopes = Annotated[
    list[str] | None,
    typer.Option("--scope", metavar="SCOPE", help=f"{', '.join(SCOPES)}; again for more."),
]
Name = Annotated[str, typer.Argument(metavar="NAME", help="Who it is for.")]
KeyId = Annotated[str, typer.Argument(metavar="ID", help="The id of a token, as `mrr access list` shows it.")]
DAY_US = 86_400_000_000


def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option("--host", help="Where to listen; 0.0.0.0 for every address.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="0 takes a free one.", min=0, max=65_535)] = 8787,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Serve the book: deliveries in, pages and the HTTP API out.

    The first time it makes a token that may do everything, and shows it this once. With --json a line each.
    """
    # What serving needs takes half a second to load; no other command needs it.
    from mrr.serve import serve as served

    with opened(context, book) as ledger:
        if not ledger.access.has_admin():
            secret = ledger.access.token("first admin", ["admin"], now_micros())
            _say("token of the first admin, shown this once:", "token", secret, as_json=as_json)
        begins = f"serving {ledger.folder} at"
        served(ledger, host, port, lambda url: _say(begins, "url", url, as_json=as_json))


def _say(words: str, name: str, value: str, *, as_json: bool) -> None:
    """Tell it now: whoever starts a service waits for this line."""
    print(json.dumps({name: value}) if as_json else f"{words} {value}", flush=True)


def token(
    context: typer.Context,
    name: Name,
    scope: Scopes = None,
    days: Annotated[int | None, typer.Option("--days", help="Until when it holds; else until it is revoked.")] = None,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Make a token for a program. It is shown this once; only its digest is kept."""
    with opened(context, book) as ledger:
        now = now_micros()
        expires = None if days is None else now + days * DAY_US
        secret = ledger.access.token(name, scope or ["read"], now, expires)
        ledger.trail.add("command line", "access token", {"name": name, "scopes": " ".join(scope or ["read"])}, now)
    if as_json:
        say.answer({"token": secret})
    else:
        say.plain(secret + "\n")


def user(
    context: typer.Context, name: Name, scope: Scopes = None, book: BookDir = None, as_json: AsJson = False
) -> None:
    """Make a user who logs in by password, or give one a new password. The password is read from standard input."""
    password = (
        typer.prompt("Password", hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.readline().strip()
    )
    with opened(context, book) as ledger:
        now = now_micros()
        ledger.access.user(name, password, scope or ["read", "export"], now)
        ledger.trail.add("command line", "access user", {"name": name}, now)
    if as_json:
        say.answer({"user": name})
    else:
        say.plain(f"{name} can log in.\n")


def revoke(context: typer.Context, key_id: KeyId, book: BookDir = None, as_json: AsJson = False) -> None:
    """End a token, or let a user in no more."""
    with opened(context, book) as ledger:
        now = now_micros()
        names = {one.name for one in ledger.access.holders() if one.kind == "user"}
        if key_id in names:
            ledger.access.disable(key_id, now)
        else:
            ledger.access.revoke(key_id, now)
        ledger.trail.add("command line", "access revoke", {"key": key_id}, now)
    if as_json:
        say.answer({"revoked": key_id})
    else:
        say.plain(f"{key_id} is let in no more.\n")


def holders(context: typer.Context, book: BookDir = None, as_json: AsJson = False) -> None:
    """List users and tokens with their scopes."""
    with opened(context, book) as ledger:
        found = ledger.access.holders()
    if as_json:
        say.answer(found)
        return
    rows = [
        (one.name, one.kind, " ".join(one.scopes), one.key_id or "", "ended" if one.ended_at else "") for one in found
    ]
    say.show(ink.table(["name", "kind", "scopes", "id", ""], rows, words=(0, 1, 2, 3, 4)))


def trail(
    context: typer.Context,
    after: Annotated[int, typer.Option("--after", help="Only what stands behind this number.")] = 0,
    book: BookDir = None,
    as_json: AsJson = False,
) -> None:
    """Show who saw and did what; exits with 1 where the trail was tampered with.

    With --json one object a line.
    """
    with opened(context, book) as ledger:
        steps, broken = list(ledger.trail.steps(after)), ledger.trail.broken_at()
    if as_json:
        say.answer_lines(steps)
    else:
        rows = [(str(s.audit_seq), f"{instant(s.recorded_at):%Y-%m-%d %H:%M:%S}Z", s.actor, s.action) for s in steps]
        say.show(ink.table(["no", "when", "who", "what"], rows, words=(1, 2, 3)), _sound(broken))
    if broken is not None:
        raise typer.Exit(1)


def _sound(broken: int | None) -> Text:
    if broken is None:
        return Text("every step follows from the one before it", ink.QUIET)
    return Text(f"step {broken} does not follow from the one before it", ink.BAD)


def access(context: typer.Context) -> None:
    """Say who may use a served book, and see what they did."""
    if context.invoked_subcommand is None:
        say.plain(context.get_help() + "\n")
