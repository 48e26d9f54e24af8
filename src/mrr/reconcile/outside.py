"""The book against a CRM or an entitlement system: who is active in one and not in the other, and what differs."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from mrr.errors import WrongUse
from mrr.figures import exact
from mrr.policy import Policy
from mrr.reconcile.accounts import Account, Accounts
from mrr.reconcile.outcome import Difference, Side, Weighed, differs
from mrr.reconcile.rates import Rates
from mrr.warehouse import Warehouse, sql

Ours = dict[str, Any]
# Other systems round to cents: what is nearer than this is the same.
HALF_A_CENT = 5_000


def compare(book: Warehouse, policy: Policy, told: Accounts, at: datetime, source: str | None) -> Weighed:
    """Every customer on either side at an instant. Their amounts are those that the export tells, else ours."""
    rates = Rates(book, policy, at)
    ours = {row["customer_id"]: row for row in book.dicts(sql("reports/account_at"), {"at": at}) if _of(row, source)}
    theirs = _named(told, ours, book)
    rows = [row for name in ours.keys() | theirs.keys() for row in _held(name, ours.get(name), theirs.get(name), rates)]
    mine = sum(row["mrr_micros"] for row in ours.values())
    notes = [*told.notes, *rates.notes()]
    return Weighed(len(theirs), mine, mine + sum(row.difference_micros for row in rows), rows, notes)


def _of(row: Ours, source: str | None) -> bool:
    return source is None or row["customer_id"].startswith(f"{source}/")


def _named(told: Accounts, ours: dict[str, Ours], book: Warehouse) -> dict[str, Account]:
    """Their accounts by our canonical ids; an id that names no source is looked for in all of them."""
    merged: dict[str, str] = dict(book.rows("SELECT customer_id, canonical_id FROM identity"))
    full: dict[str, set[str]] = {}
    for name in [*ours, *merged]:
        for known in (name, name.partition("/")[2]):
            full.setdefault(known, set()).add(merged.get(name, name))
    found = {}
    for name, account in told.by_id.items():
        names = full.get(name, {name})
        if len(names) > 1:
            remedy = f"Say --source, or write the ids as {' or '.join(sorted(names))}."
            raise WrongUse(f"{name} may be several customers", remedy=remedy)
        found[min(names)] = account
    return found


def _held(name: str, ours: Ours | None, theirs: Account | None, rates: Rates) -> Iterator[Difference]:
    """What differs of one customer: its state alone, or else everything else that both sides tell."""
    worth, side = (ours["mrr_micros"] if ours else 0), Side(name)
    our_state = ours["state"] if ours else "unknown"
    if theirs is None:
        if our_state == "active":
            detail = "counts in the book, is not in the export"
            yield differs(side, "missing there", (worth, 0), detail, "add it there, or find out who pays")
        return
    said = None if theirs.amount_micros is None else rates.of(theirs.amount_micros, theirs.currency)
    if (our_state == "active") != (theirs.state == "active"):
        if our_state in ("lapsed", "never", "unknown") and theirs.state == "ended":
            return
        if our_state != "active" and theirs.state != "active":
            return
        yield _apart(side, ours, theirs, said)
    elif ours is not None and our_state == "active":
        yield from _both(side, ours, theirs, said)


def _apart(side: Side, ours: Ours | None, theirs: Account, said: int | None) -> Difference:
    our_state = ours["state"] if ours else "unknown"
    cause = f"{our_state} here, {theirs.state} there"
    if our_state == "active":
        assert ours is not None
        return differs(side, cause, (ours["mrr_micros"], 0), f"pays {exact(ours['mrr_micros'])} a month", _STOP)
    last = ours["last_micros"] if ours else 0
    detail = f"was last worth {exact(last)} a month" if last else "was never worth anything here"
    return differs(side, cause, (0, last if said is None else said), detail, _START)


_STOP = "stop billing, or set it active there"
_START = "bill it, or take the access away"


def _both(side: Side, ours: Ours, theirs: Account, said: int | None) -> Iterator[Difference]:
    worth = ours["mrr_micros"]
    if said is not None and abs(said - worth) > HALF_A_CENT:
        detail = f"{exact(worth)} a month here, {exact(said)} there"
        yield differs(side, "amount", (worth, said), detail, "mend the one that is wrong")
    if theirs.quantity is not None and theirs.quantity != ours["quantity"]:
        detail = f"{ours['quantity']} units here, {theirs.quantity} there"
        yield differs(side, "quantity", (worth, worth), detail, "mend the one that is wrong")
    if theirs.plans and not theirs.plans & set(ours["plans"]):
        detail = f"{', '.join(sorted(ours['plans']))} here, {', '.join(sorted(theirs.plans))} there"
        yield differs(side, "plan", (worth, worth), detail, "mend the one that is wrong")
