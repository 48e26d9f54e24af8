"""The models in their order, over a whole book or over the customers that new facts touch."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

from mrr import bill, faults
from mrr.derivation import edits, metered, rollup, terms
from mrr.errors import AuditFailed
from mrr.policy import Policy
from mrr.warehouse import Row, Warehouse, sql

Progress = Callable[[str, int, int], None]


def net(warehouse: Warehouse) -> None:
    """What each distinct bill comes to a month, item by item: the step that SQL leaves to exact fractions."""
    texts = [text for (text,) in warehouse.rows("SELECT DISTINCT bill FROM bill WHERE NOT pending")]
    warehouse.temp("net", "bill VARCHAR, item_id VARCHAR, num HUGEINT, den HUGEINT", _nets(texts))


def step(warehouse: Warehouse) -> None:
    """What each item comes to after the offer step and after the quantity step, for each distinct pair of bills."""
    pairs = warehouse.rows("SELECT DISTINCT bill_before, bill_after FROM step_asked")
    columns = "bill_before VARCHAR, bill_after VARCHAR, item_id VARCHAR"
    columns += ", offer_num HUGEINT, offer_den HUGEINT, both_num HUGEINT, both_den HUGEINT"
    warehouse.temp("step", columns, _steps(pairs))


SCOPE: tuple[str, ...] = ("scope_name", "scope_subscription", "scope_billed")
# Read aloud: what the catalogue stands for; when a subscription is in which state; what its bill comes to; what each
# item is worth when; gaps bridged; values in the reporting currency; windows, lines, states and movements.
CATALOGUE: tuple[str, ...] = ("price_known", "coupon_known", "discount_known")
RATES: tuple[str, ...] = ("rate_quote", "rate_period")
MODELS: tuple[str | Callable[[Warehouse], None], ...] = (
    "attribute_period",
    "excluded",
    "version",
    "clock",
    "phase",
    "contract_end",
    "billable",
    "standing",
    "item_unlisted",
    "item_version",
    "discount_listed",
    "discount_cover",
    "item_steady",
    "billing_boundary",
    "discount_term",
    "span",
    "bill",
    net,
    "piece",
    "invoice_standing",
    "invoice_credit",
    "invoice_sold",
    "service",
    "invoice_life",
    "invoice_level",
    "charge",
    "usage_told",
    metered.usage_mean,
    "usage_level",
    "started",
    "level_uncarried",
    "hold_uncarried",
    "carry",
    "level",
    "hold",
    "level_dated",
    "value",
    "instant",
    "minute_window",
    "change",
    "line_valued",
    "step_asked",
    step,
    "line_stepped",
    "customer_window",
    "line",
    "movement",
    "pending",
    "customer_digest",
)
# What a warehouse keeps of them: everything that a question may need without deriving it again.
STORED: tuple[str, ...] = (
    "attribute_period",
    "excluded",
    "level",
    "value",
    "change",
    "customer_window",
    "line",
)
STORED += ("movement", "pending", "customer_digest")
AUDITS = ("closing_is_sum_of_items", "movements_add_up", "causes_add_up", "states_change_as_allowed")
_THERE = "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'ledger' AND database_name = current_database()"
_SHELF = "shelf(customer_id) AS shelf"
_OF_SCOPE = "s.shelf = t.shelf AND s.customer_id = t.customer_id"
# A whole book is derived in slices of about so many snapshots, so that memory is bounded whatever its size.
SLICE = 400_000


def prepare(warehouse: Warehouse, policy: Policy) -> None:
    """The tables that shape every derivation: the policy, what edits set aside, and the identities."""
    terms.write(warehouse, policy)
    lay_out(warehouse)


def lay_out(warehouse: Warehouse) -> None:
    """Of these tables those that follow from the facts: anew where other facts count under the same policy."""
    edits.fold(warehouse)
    identities(warehouse)
    run(warehouse, (*CATALOGUE, *RATES))


def run(warehouse: Warehouse, models: Iterable[str]) -> None:
    """Run models one after the other, each into its temporary table."""
    for model in models:
        warehouse.model(model)


def identities(warehouse: Warehouse) -> None:
    """Who is whom after all merges that count."""
    merged = edits.merged(warehouse)
    rows = [(name, merged.canonical(name)) for name in merged.into]
    warehouse.temp("identity", "customer_id VARCHAR, canonical_id VARCHAR", rows)


def scope(warehouse: Warehouse, customers: Iterable[str]) -> None:
    """Some customers (canonical ids), with every subscription that was ever theirs."""
    warehouse.changed()
    names = [(name,) for name in customers]
    warehouse.temp("scope_customer", "customer_id VARCHAR, shelf BIGINT", names, "shelf(customer_id)")
    run(warehouse, SCOPE)


def derive(
    warehouse: Warehouse,
    horizon: datetime = terms.CALENDAR_ENDS_AT,
    progress: Progress | None = None,
    *,
    lean: bool = False,
) -> None:
    """Run the models over the scope, up to the horizon, into temporary tables; lean: drop each after its last use."""
    warehouse.temp("horizon", "turns_at TIMESTAMP", [(min(horizon, terms.CALENDAR_ENDS_AT),)])
    for number, model in enumerate(MODELS):
        if progress is not None:
            progress(_name(model), number, len(MODELS))
        if isinstance(model, str):
            warehouse.model(model)
        else:
            model(warehouse)
        for read in _last_read()[number] if lean else ():
            warehouse.drop(read)


def _name(model: str | Callable[[Warehouse], None]) -> str:
    return model if isinstance(model, str) else model.__name__


@cache
def _last_read() -> Mapping[int, Sequence[str]]:
    """By the number of a model: the tables that nothing reads after it."""
    last: dict[str, int] = {}
    for number, model in enumerate(MODELS):
        read = (
            set(re.findall(r"\w+", sql(f"models/{model}")))
            if isinstance(model, str)
            else {"bill", "step_asked", "usage_told"}
        )
        last |= {name: number for name in map(_name, MODELS[: number + 1]) if name in read or name not in last}
    found: dict[int, list[str]] = {number: [] for number in range(len(MODELS))}
    for name, number in last.items():
        if name not in STORED:
            found[number].append(name)
    return found


def whole(warehouse: Warehouse, progress: Progress | None = None) -> None:
    """Derive, audit and publish everybody, slice by slice."""
    warehouse.changed()
    for table in filter(warehouse.has, (*STORED, *rollup.TABLES)):
        warehouse.execute(f"DELETE FROM ledger.{table}")
    for number, parts in _slices(warehouse):

        def shown(model: str, done: int, of: int, so_far: int = number * len(MODELS), parts: int = parts) -> None:
            if progress is not None:
                progress(model, so_far + done, of * parts)

        derive(warehouse, progress=shown, lean=True)
        shown("audit", len(MODELS), len(MODELS))
        audit(warehouse, "temp")
        shown("publish", len(MODELS), len(MODELS))
        publish(warehouse, anew=True)
        shown("roll up", len(MODELS), len(MODELS))
        rollup.add(warehouse)
    warehouse.drop("everybody")
    rollup.tidy(warehouse)


def some(warehouse: Warehouse, customers: Iterable[str], progress: Progress | None = None) -> None:
    """Derive, audit and publish some customers (canonical ids)."""
    scope(warehouse, customers)
    rollup.recall(warehouse)
    derive(warehouse, progress=progress)
    audit(warehouse, "temp")
    publish(warehouse)
    rollup.add(warehouse, recalled=True)
    rollup.tidy(warehouse)


def slices(warehouse: Warehouse) -> int:
    """In how many slices a whole book is derived."""
    (snapshots,) = warehouse.one("SELECT count(*) FROM subscription_fact")
    return -(-int(snapshots) // SLICE) or 1


def _slices(warehouse: Warehouse) -> Iterator[tuple[int, int]]:
    """Put everybody in scope, one slice of the customers after the other: its number, and how many there are."""
    parts = slices(warehouse)
    everybody = sql("models/scope_everybody")
    warehouse.create("everybody", f"SELECT *, (shelf >> 18) * {parts} >> 12 AS part FROM ({everybody})")
    for number in range(parts):
        warehouse.create("scope_customer", f"SELECT * EXCLUDE (part) FROM everybody WHERE part = {number}")
        run(warehouse, SCOPE)
        yield number, parts


def publish(warehouse: Warehouse, *, anew: bool = False) -> None:
    """Put what was derived for the scope in the place of what the warehouse held of it; anew: it held nothing of it."""
    there = {name for (name,) in warehouse.rows(_THERE)} if anew else set(STORED)
    for table in STORED:
        if not anew:
            warehouse.execute(f"DELETE FROM ledger.{table} AS t USING scope_customer AS s WHERE {_OF_SCOPE}")
        if table in there:
            if warehouse.made[table]:
                warehouse.execute(f"INSERT INTO ledger.{table} BY NAME SELECT *, {_SHELF} FROM temp.{table}")
        else:
            warehouse.execute(f"CREATE TABLE ledger.{table} AS SELECT *, {_SHELF} FROM temp.{table}")
    rollup.digest(warehouse)
    faults.point("mid facts")


def audit(warehouse: Warehouse, schema: str = "ledger") -> None:
    """Every audit must return no rows, of the stored ledger or of what was just derived (`temp`).

    Raises AuditFailed with the first rows that one returned.
    """
    for name in AUDITS:
        query = sql(f"audits/{name}").replace("ledger.", f"{schema}.")
        rows = warehouse.dicts(f"SELECT * FROM ({query}) LIMIT 3")
        if rows:
            raise AuditFailed(
                f"audit {name} found {rows}", remedy="This is a defect of mrr: keep the book and report it."
            )


def _nets(texts: Sequence[str]) -> Iterable[Row]:
    for text in texts:
        whole = bill.decode(text)
        amounts = bill.net(whole)
        for item in whole.items:
            yield text, item.item, *_over(amounts[item.item] / item.months, item.unit_den * item.months_num)


def _steps(pairs: Sequence[Row]) -> Iterable[Row]:
    for before, after in pairs:
        for item, (offered, both) in bill.steps(bill.decode(before), bill.decode(after)).items():
            yield before, after, item, *_over(offered, 1), *_over(both, 1)


def _over(amount: Fraction, denominator: int) -> tuple[Any, Any]:
    """Numerator and denominator; over `denominator` where that can be, so that equal amounts look equal."""
    if denominator % amount.denominator == 0:
        return Decimal(amount.numerator * (denominator // amount.denominator)), Decimal(denominator)
    if max(amount.numerator, amount.denominator) >= 10**38:
        return None, None
    return Decimal(amount.numerator), Decimal(amount.denominator)
