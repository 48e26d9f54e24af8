"""Exports of customers from other systems (CRM, entitlements): columns recognised, words of status understood aloud."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple

from mrr.derivation import ingest
from mrr.errors import DecodeError, ImportFileError, WrongUse
from mrr.money import MICROS
from mrr.providers.tabular import Sheet, Usual, load, read
from mrr.providers.tabular.cells import Line
from mrr.providers.tabular.mapping import EXACT, FALSE, NULL, TRUE, Reading
from mrr.providers.tabular.recognise import AMOUNTS, HEADERS
from mrr.providers.tabular.sheets import texts

State = Literal["active", "trial", "paused", "ended"]

# The strongest first: a customer with several rows has the strongest state among them.
STATES: tuple[State, ...] = ("active", "trial", "paused", "ended")
WORDS: Mapping[str, State] = {
    **dict.fromkeys(("active", "customer", "won", "closed_won", "live", "paying", "subscribed", "current"), "active"),
    **dict.fromkeys(("past_due", "enabled", "entitled", "granted", "provisioned", "true", "yes", "1"), "active"),
    **dict.fromkeys(("trial", "trialing", "in_trial", "evaluation", "pilot"), "trial"),
    **dict.fromkeys(("paused", "on_hold", "hold", "suspended", "frozen", "dormant"), "paused"),
    **dict.fromkeys(("churned", "cancelled", "canceled", "inactive", "lost", "closed_lost", "expired"), "ended"),
    **dict.fromkeys(("former", "terminated", "closed", "disabled", "revoked", "lapsed", "prospect", "lead"), "ended"),
    **dict.fromkeys(("deprovisioned", "none", "false", "no", "0"), "ended"),
}
_HEADERS: Mapping[str, tuple[str, ...]] = {
    "customer": (*HEADERS["customer"], "billing_id", "billing_customer_id", "external_id", "id"),
    "status": (
        *HEADERS["status"],
        "customer_status",
        "account_status",
        "lifecycle_stage",
        "stage",
        "enabled",
        "active",
    ),
    "product": tuple(HEADERS["product"]),
    "quantity": tuple(HEADERS["quantity"]),
    "currency": tuple(HEADERS["currency"]),
    "amount": tuple(name for name, per in AMOUNTS.items() if per in ("month", "year")),
}
FIELDS = tuple(_HEADERS)


class Account(NamedTuple):
    """What another system says of a customer; None where it does not say. The amount is of a month."""

    state: State
    amount_micros: int | None
    currency: str
    quantity: int | None
    plans: frozenset[str]


class Accounts(NamedTuple):
    """All customers of an export by their id there, and in sentences how it was read."""

    by_id: dict[str, Account]
    notes: list[str]


def of_file(path: str, usual: Usual, columns: Mapping[str, str], words: Mapping[str, str]) -> Accounts:
    """Read an export. `columns` and `words` go before what is recognised.

    Raises ImportFileError that names row and column, WrongUse for a header or a word of status that is not understood.
    """
    known = {**WORDS, **{_plain(word): _state(word, state) for word, state in words.items()}}
    with _opened(path) as sheet:
        named = _columns(sheet.header, columns, path)
        yearly = AMOUNTS.get(_plain(named.get("amount", ""))) == "year"
        line_of = _reader(named, usual)
        rows: dict[str, list[Account]] = {}
        met: dict[str, State] = {}
        strange: dict[str, int] = {}
        for number, cells in sheet.rows:
            line = line_of(cells)
            try:
                word = line.text("status")
                if (state := known.get(_plain(word))) is None:
                    strange.setdefault(word, number)
                    continue
                met[word] = state
                rows.setdefault(line.text("customer"), []).append(_account(line, state, named, yearly))
            except DecodeError as error:
                remedy = "Mend the row; nothing was compared."
                raise ImportFileError(f"{path}: row {number}, {error}", remedy=remedy) from error
    if strange:
        _refuse(path, named["status"], strange)
    return Accounts({name: _joined(told) for name, told in rows.items()}, _aloud(named, met))


@contextmanager
def _opened(path: str) -> Iterator[Sheet]:
    ingest.exists(path)
    try:
        with Path(path).open("rb") as file:
            yield read(file, load("", ""))
    except OSError as error:
        raise ImportFileError(f"{path}: {error.strerror}", remedy="Name a file that can be read.") from error


def _columns(header: Any, given: Mapping[str, str], path: str) -> dict[str, str]:
    """The column of each field that there is."""
    for field, column in given.items():
        if field not in FIELDS:
            raise WrongUse(f"{field!r} is no field of an export", remedy=f"It has {', '.join(FIELDS)}.")
        if column not in header:
            raise WrongUse(f"{path} has no column {column!r}", remedy=f"It has {', '.join(header)}.")
    plain = {_plain(name): name for name in reversed(header)}
    found = {field: plain[name] for field, names in _HEADERS.items() for name in reversed(names) if name in plain}
    named = {**found, **given}
    for needed in ("customer", "status"):
        if needed not in named:
            remedy = f"Name it: --column {needed}=COLUMN. There are {', '.join(header)}."
            raise WrongUse(f"{path}: no column tells the {needed}", remedy=remedy)
    return named


def _reader(named: Mapping[str, str], usual: Usual) -> Any:
    reading = Reading(
        table="customers",
        columns=dict(named),
        constants={} if "currency" in named else {"currency": usual.currency},
        attributes={},
        customers_of=None,
        dates=(),
        timezone=usual.timezone,
        ends="exclusive",
        decimal=None,
        unit="major",
        null=NULL,
        true=TRUE,
        false=FALSE,
    )
    exact = {column for field, column in named.items() if field in EXACT}
    return lambda cells: Line(reading, texts(cells, exact))


def _account(line: Line, state: State, named: Mapping[str, str], yearly: bool) -> Account:
    amount = None
    if line.raw("amount") is not None:
        whole = line.amount("amount", line.currency())
        amount = round(whole * MICROS / (12 if yearly else 1))
    plan = line.raw("product")
    plans = frozenset([plan.lower()]) if plan else frozenset[str]()
    return Account(state, amount, line.currency(), line.count("quantity"), plans)


def _joined(rows: list[Account]) -> Account:
    """The rows of one customer as one: amounts and units of those in the strongest state add up."""
    state = min((row.state for row in rows), key=STATES.index)
    same = [row for row in rows if row.state == state]
    amounts = [row.amount_micros for row in same if row.amount_micros is not None]
    counts = [row.quantity for row in same if row.quantity is not None]
    plans = frozenset[str]().union(*(row.plans for row in same))
    return Account(state, sum(amounts) if amounts else None, same[0].currency, sum(counts) if counts else None, plans)


def _state(word: str, state: str) -> State:
    for known in STATES:
        if known == state:
            return known
    raise WrongUse(f"{word}={state}: {state!r} is no state", remedy=f"Use one of {', '.join(STATES)}.")


def _refuse(path: str, column: str, strange: Mapping[str, int]) -> None:
    told = ", ".join(f"{word!r} (row {row})" for word, row in list(strange.items())[:10])
    word = next(iter(strange))
    remedy = f"Say what each means: --status {word!r}=active, or {', '.join(STATES[1:])}."
    raise WrongUse(f"{path}, column {column}: words that are not understood: {told}", remedy=remedy)


def _aloud(named: Mapping[str, str], met: Mapping[str, State]) -> list[str]:
    columns = ", ".join(f"{field} = {column!r}" for field, column in named.items())
    words = ", ".join(f"{word!r} = {state}" for word, state in sorted(met.items()))
    return [f"Read as: {columns}.", f"Understood as: {words}."]


def _plain(text: str) -> str:
    return text.strip().lower().replace(" ", "_").replace("-", "_")
