"""A made-up fleet of subscriptions, written straight into the tables of facts: any size, the same every time."""

from mrr.warehouse import Warehouse, sql

# Every tenth subscription pays in euros, every eighth begins with a trial, every twelfth has a discount, every fortieth
# pauses for a while, every fifth ends, a third of those come back; one in four has a second item.
# The facts of the fleet are numbered below those of any entry: posted facts must never meet their numbers.
_BEFORE = 2**50
_SUBSCRIPTIONS = """
CREATE OR REPLACE TEMP TABLE fleet AS
SELECT
    n, 'bench/cus_' || lpad(CAST(n AS VARCHAR), 9, '0') AS customer_id,
    'bench/sub_' || lpad(CAST(n AS VARCHAR), 9, '0') AS subscription_id,
    TIMESTAMP '2022-01-01' + to_seconds(CAST(hash(n, 'begin') % (365 * 86400) AS BIGINT)) AS begins_at,
    CASE WHEN hash(n, 'currency') % 10 = 0 THEN 'EUR' ELSE 'USD' END AS currency,
    hash(n, 'trial') % 8 = 0 AS has_trial, hash(n, 'discount') % 12 = 0 AS has_discount,
    hash(n, 'pause') % 40 = 0 AS has_pause, hash(n, 'end') % 5 = 0 AS has_end, hash(n, 'end') % 15 = 0 AS has_return,
    hash(n, 'items') % 4 = 0 AS has_second
FROM range({customers}) AS r(n)
"""
_FACTS = """
INSERT INTO subscription_fact BY NAME
SELECT
    f.n * 64 + v.v - {before} AS fact_id, 0 AS seq, md5(concat(f.n, '/', v.v)) AS digest,
    f.subscription_id, f.customer_id,
    f.begins_at + to_days(CAST(v.v * 37 AS INTEGER)) AS effective_at,
    f.begins_at + to_days(CAST(v.v * 37 AS INTEGER)) AS observed_at,
    'exact' AS precision, 0 AS ordinal, TRUE AS stands,
    CASE
        WHEN f.has_end AND NOT f.has_return AND v.v = {versions} - 1 THEN 'canceled'
        WHEN f.has_return AND v.v = 5 THEN 'canceled'
        WHEN f.has_trial AND v.v = 0 THEN 'trialing'
        ELSE 'active'
    END AS status,
    f.currency, FALSE AS truncated, f.begins_at AS started_at,
    f.begins_at + to_days(CAST(v.v * 37 AS INTEGER)) AS period_starts_at,
    f.begins_at + to_days(CAST(v.v * 37 + 31 AS INTEGER)) AS period_ends_at,
    CASE WHEN f.has_trial AND v.v = 0 THEN f.begins_at + INTERVAL 14 DAY END AS trial_ends_at,
    f.has_pause AND v.v = 3 AS paused, FALSE AS cancel_at_period_end, md5(concat(f.n, '/', v.v)) AS content,
    shelf(f.subscription_id) AS shelf, shelf(f.customer_id) AS customer_shelf
FROM fleet AS f, range({versions}) AS v(v)
ORDER BY shelf(f.subscription_id), v.v
"""
_ITEMS = """
INSERT INTO subscription_item BY NAME
SELECT
    s.fact_id, s.subscription_id, 'bench/si_' || lpad(CAST(f.n AS VARCHAR), 9, '0') || '_' || k.k AS item_id,
    'bench/prod_' || (hash(f.n, k.k) + ((s.fact_id + {before}) % 64) // 4) % 8 AS product_id,
    'bench/price_' || (hash(f.n, k.k) + ((s.fact_id + {before}) % 64) // 4) % 8 || '_' || f.currency AS price_id,
    s.currency, 10 + 10 * ((hash(f.n, k.k) + ((s.fact_id + {before}) % 64) // 4) % 8) AS unit_num,
    1 AS unit_den, 1 AS package, TRUE AS package_up,
    CASE WHEN hash(f.n, 'year') % 6 = 0 THEN 'year' ELSE 'month' END AS interval,
    1 AS interval_count, TRUE AS recurring, 'licensed' AS usage_type,
    1 + (hash(f.n, k.k, 'q') + ((s.fact_id + {before}) % 64) // 2) % 5 AS quantity, s.shelf
FROM subscription_fact AS s
JOIN fleet AS f ON f.subscription_id = s.subscription_id
JOIN range(2) AS k(k) ON k.k = 0 OR f.has_second
ORDER BY s.shelf, s.fact_id, k.k
"""
_DISCOUNTS = """
INSERT INTO subscription_discount BY NAME
SELECT
    s.fact_id, s.subscription_id, 0 AS position, 'bench/di_' || f.n AS discount_id, 'bench/coupon' AS coupon_id,
    9 AS keep_num, 10 AS keep_den, 'repeating' AS duration,
    f.begins_at AS starts_at, f.begins_at + INTERVAL 3 MONTH AS ends_at,
    'subscription' AS scope, CAST([] AS VARCHAR[]) AS items, CAST([] AS VARCHAR[]) AS products, s.shelf
FROM subscription_fact AS s
JOIN fleet AS f ON f.subscription_id = s.subscription_id
WHERE f.has_discount AND s.effective_at < f.begins_at + INTERVAL 3 MONTH
"""
_RATES = """
INSERT INTO rate BY NAME
SELECT 10000000000 + row_number() OVER () AS fact_id, 0 AS seq, 'bench' AS source,
    CAST(d.day AS DATE) AS day, 'EUR' AS currency, 'USD' AS base,
    1050 + hash(d.day) % 100 AS num, 1000 AS den
FROM range(TIMESTAMP '2021-12-01', TIMESTAMP '2024-12-31', INTERVAL 1 DAY) AS d(day)
"""


def write(warehouse: Warehouse, customers: int, versions: int = 8, before: int = _BEFORE) -> None:
    """Fill an empty warehouse with the facts of so many customers, 1.25 × `versions` item versions each.

    Facts are numbered from -`before`.
    """
    warehouse.execute(sql("facts"))
    for statement in (_SUBSCRIPTIONS, _FACTS, _ITEMS, _DISCOUNTS, _RATES):
        warehouse.execute(statement.format(customers=customers, versions=versions, before=before))
    warehouse.execute("DROP TABLE fleet")
