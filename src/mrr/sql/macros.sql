-- The arithmetic that every model shares. Each has one meaning here and one on Spark.

-- The micros of n / d major units (both >= 0), rounded once to `step` micros (DESIGN §6), one macro a mode: `settle` is
-- that of the policy (derivation/terms.py), so that the models are planned with the one rounding they need.
CREATE OR REPLACE TEMP MACRO settle_floor(n, d, step) AS CAST((1000000 * n) // (d * step) * step AS BIGINT);
CREATE OR REPLACE TEMP MACRO settle_half_away(n, d, step) AS
    CAST((2000000 * n + d * step) // (2 * d * step) * step AS BIGINT);
CREATE OR REPLACE TEMP MACRO settle_half_even(n, d, step) AS CAST(((1000000 * n) // (d * step) + CASE
    WHEN 2 * ((1000000 * n) % (d * step)) > d * step THEN 1
    WHEN 2 * ((1000000 * n) % (d * step)) = d * step THEN ((1000000 * n) // (d * step)) % 2
    ELSE 0 END) * step AS BIGINT);

-- On which shelf something with this id lies (facts.sql). The engine's hash covers the version of DuckDB, and with it this.
CREATE OR REPLACE TEMP MACRO shelf(id) AS CAST(hash(id) >> 34 AS BIGINT);

-- In which 16,384th of all shelves one lies: each has a digest (block_digest.sql).
CREATE OR REPLACE TEMP MACRO block_of(place) AS place >> 16;

-- What has no end yet ends here.
CREATE OR REPLACE TEMP MACRO open_end() AS TIMESTAMP '9999-12-31 00:00:00';

CREATE OR REPLACE TEMP MACRO month_no(t) AS CAST(12 * year(t) + month(t) - 1 AS BIGINT);

-- The instant in month `no` (see month_no) on day `anchor`, clamped to the month, at the time of day of t.
CREATE OR REPLACE TEMP MACRO in_month(no, anchor, t) AS
    CAST(make_date(no // 12, no % 12 + 1, least(anchor, day(last_day(make_date(no // 12, no % 12 + 1, 1))))) AS TIMESTAMP)
    + (t - date_trunc('day', t));

-- How many whole units of b lie in a, rounded down also below zero.
CREATE OR REPLACE TEMP MACRO floor_div(a, b) AS (a - ((a % b) + b) % b) // b;
