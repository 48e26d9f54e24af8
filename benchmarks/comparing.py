"""The same lines (customer, subscription, month, amount) by us, by PyPI's `saas-metrics`, and by mrr-playbook's rules.

Ours are facts in their tables, derived into a ledger with levels, movements, lines, causes and audits, and rolled
forward by month; the others read the lines as they are. `python -m benchmarks.comparing [LINES]` runs it alone.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.clock import Took, took
from mrr.dates import asked_at
from mrr.derivation import build
from mrr.money import MICROS
from mrr.policy import standard
from mrr.reports import rollforward
from mrr.reports.rollforward import Asked
from mrr.warehouse import Warehouse, sql

MONTHS = 36
# Every customer pays from some month of the first two years on and changes its price now and then; one in three is away
# for some months and comes back under a new subscription.
_LINES = f"""CREATE TABLE billed AS
SELECT
    'cus_' || lpad(CAST(c.n AS VARCHAR), 9, '0') AS customer_id,
    'sub_' || lpad(CAST(c.n AS VARCHAR), 9, '0') || CASE WHEN m.m > 28 THEN '_b' ELSE '_a' END AS subscription_id,
    CAST(DATE '2022-01-01' + to_months(CAST(m.m AS INTEGER)) AS DATE) AS starts_on,
    CAST(DATE '2022-01-01' + to_months(CAST(m.m + 1 AS INTEGER)) AS DATE) AS ends_on,
    10 + 10 * CAST(hash(c.n, m.m // 5) % 20 AS BIGINT) AS amount
FROM range({{customers}}) AS c(n), range({MONTHS}) AS m(m)
WHERE m.m >= hash(c.n, 'begin') % 24 AND NOT (hash(c.n, 'away') % 3 = 0 AND m.m BETWEEN 25 AND 28)
    AND NOT (hash(c.n, 'gone') % 4 = 0 AND m.m > 31)
"""
# A line is a snapshot of its subscription; where no line follows, the subscription has ended.
_FACTS = """INSERT INTO subscription_fact BY NAME
SELECT
    2 * row_number() OVER (ORDER BY l.subscription_id, l.starts_on) + k.ends AS fact_id, 0 AS seq,
    md5(l.subscription_id || l.starts_on || k.ends) AS digest, 'bench/' || l.subscription_id AS subscription_id,
    'bench/' || l.customer_id AS customer_id, CAST(CASE k.ends WHEN 0 THEN l.starts_on ELSE l.ends_on END AS TIMESTAMP)
        AS effective_at,
    effective_at AS observed_at, 'exact' AS precision, 0 AS ordinal, TRUE AS stands,
    CASE k.ends WHEN 0 THEN 'active' ELSE 'canceled' END AS status, 'USD' AS currency, FALSE AS truncated,
    CAST(l.starts_on AS TIMESTAMP) AS period_starts_at, CAST(l.ends_on AS TIMESTAMP) AS period_ends_at,
    CASE k.ends WHEN 1 THEN CAST(l.ends_on AS TIMESTAMP) END AS ended_at, FALSE AS paused,
    FALSE AS cancel_at_period_end, digest AS content, shelf('bench/' || l.subscription_id) AS shelf,
    shelf('bench/' || l.customer_id) AS customer_shelf
FROM (
    SELECT *, lead(starts_on) OVER (PARTITION BY subscription_id ORDER BY starts_on) IS NOT DISTINCT FROM ends_on
        AS goes_on
    FROM billed) AS l
JOIN (VALUES (0), (1)) AS k(ends) ON k.ends = 0 OR NOT l.goes_on
ORDER BY shelf
"""
_ITEMS = """INSERT INTO subscription_item BY NAME
SELECT
    f.fact_id, f.subscription_id, f.subscription_id AS item_id, 'bench/p' AS product_id,
    'bench/q' || CAST(l.amount AS VARCHAR) AS price_id, 'USD' AS currency, l.amount AS unit_num, 1 AS unit_den,
    1 AS package, TRUE AS package_up, 'month' AS interval, 1 AS interval_count, TRUE AS recurring,
    'licensed' AS usage_type, 1 AS quantity, f.shelf
FROM subscription_fact AS f
JOIN billed AS l ON 'bench/' || l.subscription_id = f.subscription_id
    AND (l.starts_on = CAST(f.period_starts_at AS DATE))
ORDER BY f.shelf
"""
# mrr-playbook's rules in our own words: a customer has a row from its first month to the month after its last one; its
# revenue in a month is what its lines that hold on the month's first day come to; each is compared with the one before.
_PLAYBOOK = f"""CREATE OR REPLACE TABLE playbook AS
WITH month AS (
    SELECT CAST(DATE '2022-01-01' + to_months(CAST(m AS INTEGER)) AS DATE) AS month_on
    FROM range({MONTHS + 1}) AS r(m)),
life AS (SELECT customer_id, min(starts_on) AS first_on, max(ends_on) AS last_on FROM billed GROUP BY customer_id),
spine AS (
    SELECT l.customer_id, l.first_on, m.month_on
    FROM life AS l JOIN month AS m ON m.month_on BETWEEN l.first_on AND l.last_on),
paid AS (
    SELECT s.customer_id, s.month_on, s.first_on, coalesce(sum(p.amount), 0) AS amount
    FROM spine AS s
    LEFT JOIN billed AS p ON p.customer_id = s.customer_id AND s.month_on >= p.starts_on AND s.month_on < p.ends_on
    GROUP BY ALL),
compared AS (
    SELECT *, lag(amount, 1, 0) OVER (PARTITION BY customer_id ORDER BY month_on) AS before FROM paid)
SELECT *, amount - before AS change, least(amount, before) AS renewed,
    CASE WHEN month_on = first_on THEN 'new' WHEN before = 0 AND amount > 0 THEN 'reactivation'
        WHEN before > 0 AND amount = 0 THEN 'churn' WHEN amount > before THEN 'upgrade'
        WHEN amount < before THEN 'downgrade' END AS category
FROM compared
"""


def measured(folder: Path, lines: int) -> dict[str, Any]:
    """Seconds of each, per line, and how their CPU time compares; the three must agree on what each month ends with."""
    warehouse = Warehouse(folder / "compared.duckdb")
    warehouse.execute(_LINES.format(customers=max(lines * 100 // 2252, 1)))
    (count,) = warehouse.one("SELECT count(*) FROM billed")
    assert count, "no lines"
    export = folder / "lines.csv"
    warehouse.execute(f"""COPY (SELECT customer_id, starts_on AS period, amount AS revenue FROM billed)
        TO '{export}' (HEADER)""")
    ours, ending = _ours(warehouse)
    playbook = took(lambda: warehouse.execute(_PLAYBOOK))
    rows = warehouse.rows("SELECT month_on, sum(amount) FROM playbook GROUP BY month_on ORDER BY month_on")
    _same(ending, dict(rows), "mrr-playbook's rules")
    taken = {"ours": ours, "playbook_sql": playbook}
    theirs = _saas_metrics(export)
    if theirs is not None:
        taken["saas_metrics"], ends = theirs
        _same(ending, {on.replace(day=1): amount for on, amount in ends.items()}, "saas-metrics")
    warehouse.close()
    figures: dict[str, Any] = {"lines": count}
    for name, one in taken.items():
        figures |= {f"{name}_s": one.wall, f"{name}_us_per_line": 1e6 * one.wall / count}
        figures[f"{name}_cpu_us_per_line"] = 1e6 * one.cpu / count
    return figures | {f"{name}_over_ours": one.cpu / ours.cpu for name, one in taken.items() if one is not ours}


def _ours(warehouse: Warehouse) -> tuple[Took, dict[Any, int]]:
    """From facts to a roll-forward by month, and what each month ends with."""
    warehouse.execute(sql("facts"))
    warehouse.execute(_FACTS)
    warehouse.execute(_ITEMS)
    policy, rows = standard(), []

    def work() -> None:
        build.prepare(warehouse, policy)
        build.whole(warehouse)
        rows.extend(rollforward.rollforward(warehouse, policy, Asked("month", asked_at("2025-01-01", "UTC"))))

    time = took(work)
    assert rows, "an empty roll-forward"
    return time, {row.period_starts_on: row.closing_micros // MICROS for row in rows}


def _saas_metrics(export: Path) -> tuple[Took, dict[Any, int]] | None:
    try:
        import saas_metrics  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        print("NOT COMPARED with saas-metrics: it is not installed here (`pip install saas-metrics`)", file=sys.stderr)
        return None
    found: list[Any] = []
    time = took(lambda: found.append(saas_metrics.analyze(str(export))))
    table = found[0].waterfall
    return time, {on.date(): int(amount) for on, amount in zip(table["period_end"], table["ending"], strict=True)}


def _same(ours: dict[Any, int], theirs: dict[Any, Any], whose: str) -> None:
    unequal = {on: (amount, theirs.get(on)) for on, amount in ours.items() if theirs.get(on) != amount}
    assert not unequal, f"{whose} and ours end months differently: {unequal}"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        told = measured(Path(place), int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
    print(json.dumps(told, indent=2))
