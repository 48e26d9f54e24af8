-- What an item is worth a month by its invoices (`num / den` major units). Grain: item × stretch, half-open, in which the
-- same lines count. Inputs: invoice_life, invoice_credit, standing, policy. The whole bill that began last speaks, with the
-- parts of its period; what was taken back or given up lowers a line, in micros. A row with a `cause` says why there is none.
-- Only where: invoice_life.
WITH turn AS (
    SELECT customer_id, subscription_id, item_id, lives_from AS turns_at FROM invoice_life
    UNION SELECT customer_id, subscription_id, item_id, lives_to FROM invoice_life
    UNION SELECT customer_id, subscription_id, item_id, cut_at FROM invoice_life
    UNION
    SELECT l.customer_id, l.subscription_id, l.item_id, c.starts_at
    FROM invoice_life AS l
    JOIN invoice_credit AS c ON c.document_id = l.document_id AND c.starts_at > l.lives_from AND c.starts_at < l.lives_to
),
stretch AS (
    SELECT t.*, lead(turns_at) OVER (PARTITION BY customer_id, subscription_id, item_id ORDER BY turns_at) AS ends_at FROM turn AS t
),
covering AS (
    SELECT
        s.turns_at, s.ends_at AS until_at, l.*,
        max(CASE WHEN NOT l.is_part AND l.kind = 'service' THEN l.starts_at END)
            OVER (PARTITION BY s.customer_id, s.subscription_id, s.item_id, s.turns_at) AS whole_from
    FROM stretch AS s
    JOIN invoice_life AS l
        ON l.customer_id = s.customer_id AND l.subscription_id = s.subscription_id AND l.item_id = s.item_id
        AND l.lives_from <= s.turns_at AND l.cut_at > s.turns_at
),
kept AS (
    SELECT
        c.* EXCLUDE (ends_at), dense_rank() OVER (PARTITION BY customer_id, subscription_id, item_id, turns_at
            ORDER BY gross_micros >= 0 DESC, starts_at DESC, currency) = 1 AS is_head
    FROM covering AS c
    WHERE whole_from IS NULL OR kind <> 'service' OR CASE WHEN is_part THEN term_starts_at ELSE starts_at END >= whole_from
),
-- What was taken back of each line by then, in micros. Refunds and disputes tell of the same money as credit notes.
taken AS (
    SELECT
        document_id, line_id, turns_at, max_by(cause, (since, cause)) AS cause,
        CAST(greatest(sum(micros) FILTER (WHERE cause <> 'credit_note'), sum(micros) FILTER (WHERE cause = 'credit_note')) AS HUGEINT)
            AS micros
    FROM (
        SELECT
            k.document_id, k.line_id, k.turns_at, c.cause, c.starts_at AS since,
            (2 * CAST(abs(k.net_micros) AS HUGEINT) * c.num + c.den) // (2 * c.den) AS micros
        FROM kept AS k
        JOIN invoice_credit AS c ON c.document_id = k.document_id AND c.starts_at <= k.turns_at
    )
    GROUP BY document_id, line_id, turns_at
),
-- All lines of a stretch over one denominator, in the currency of the bill that began last.
scaled AS (
    SELECT
        k.*, list_reduce(list_distinct(list(months_num) OVER here), lambda a, b: lcm(a, b)) AS scale,
        first_value(currency) OVER (PARTITION BY k.customer_id, k.subscription_id, k.item_id, k.turns_at
            ORDER BY k.is_head DESC, k.document_id, k.line_id) AS head_currency,
        CASE WHEN lives_to <= k.turns_at THEN 'unpaid' ELSE t.cause END AS cause,
        CASE WHEN lives_to > k.turns_at THEN sign(net_micros) * greatest(abs(net_micros) - coalesce(t.micros, 0), 0) ELSE 0 END
            AS left_micros
    FROM kept AS k
    LEFT JOIN taken AS t ON t.document_id = k.document_id AND t.line_id = k.line_id AND t.turns_at = k.turns_at
    WINDOW here AS (PARTITION BY k.customer_id, k.subscription_id, k.item_id, k.turns_at)
),
summed AS (
    SELECT
        customer_id, subscription_id, item_id, turns_at AS starts_at, until_at AS ends_at, any_value(currency) AS currency,
        min_by(product_id, (document_id, line_id)) FILTER (WHERE is_head) AS product_id,
        min_by(price_id, (document_id, line_id)) FILTER (WHERE is_head) AS price_id,
        min_by(unit, (document_id, line_id)) FILTER (WHERE is_head) AS unit,
        min_by(units, (document_id, line_id)) FILTER (WHERE is_head) AS units,
        CAST(sum(quantity) FILTER (WHERE is_head) AS BIGINT) AS quantity, min(fact_id) FILTER (WHERE is_head) AS fact_id,
        CASE WHEN count(*) FILTER (WHERE is_head) = 1 AND NOT bool_or(tiered) FILTER (WHERE is_head)
            THEN sum(gross_micros) FILTER (WHERE is_head) END AS price_micros,
        CAST(sum(gross_micros * CAST(months_den AS HUGEINT) * (scale // months_num)) AS HUGEINT) AS gross,
        CAST(sum(left_micros * months_den * (scale // months_num)) AS HUGEINT) AS net,
        CAST(any_value(scale) AS HUGEINT) * 1000000 AS den, bool_or(gross_micros < 0) AS has_credit,
        max(cause) AS cause, bool_and(kind = 'service') AS is_service
    FROM scaled
    WHERE currency = head_currency
    GROUP BY customer_id, subscription_id, item_id, turns_at, until_at
),
-- Nothing goes below 0. What a credit line cancels is gone; a trial's bill over 0 is no level while trials do not count.
valued AS (
    SELECT
        s.*, greatest(s.net, 0) AS num, CASE WHEN s.gross % s.quantity = 0 THEN 1 ELSE s.quantity END AS wide
    FROM summed AS s
    CROSS JOIN policy AS p
    LEFT JOIN standing AS t
        ON s.gross = 0 AND NOT p.trialing AND t.subscription_id = s.subscription_id AND t.state = 'trialing'
        AND t.starts_at <= s.starts_at AND t.ends_at > s.starts_at
    WHERE NOT (s.gross <= 0 AND s.has_credit) AND t.subscription_id IS NULL
),
exact AS (
    SELECT
        v.*, CAST(greatest(gross, 0) * wide // quantity AS HUGEINT) AS each_wide, num * wide AS num_wide, den * wide AS den_wide,
        gcd(gcd(CAST(greatest(gross, 0) * wide // quantity AS HUGEINT), CAST(num * wide AS HUGEINT)), CAST(den * wide AS HUGEINT)) AS common
    FROM valued AS v
)
SELECT
    customer_id, subscription_id, item_id, fact_id * 2 AS version_id, starts_at, ends_at, product_id, price_id, currency,
    concat_ws('|', product_id, price_id, currency, price_micros // gcd(price_micros, quantity), quantity // gcd(price_micros, quantity),
        unit, units) AS offer,
    unit, CAST(units AS BIGINT) AS units, quantity, each_wide // common AS each_num, num_wide // common AS num,
    den_wide // common AS den, CASE WHEN net <= 0 THEN cause END AS cause
FROM exact
