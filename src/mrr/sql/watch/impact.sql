-- Whom trouble concerned, and what it is about in money: what each customer was worth when it began and is worth now, what
-- was lost since, whether a payment failed and was made good. Grain: customer. Without a filter it is whoever had a failed
-- payment, a checkout that came to nothing, or a loss in the window. Inputs: value, movement, attribute_period, payment,
-- checkout, identity, impact_filter (kind, key, value).
WITH attempt AS (
    SELECT coalesce(i.canonical_id, p.customer_id) AS customer_id, p.effective_at, p.outcome, p.failure_code
    FROM payment AS p
    ANTI JOIN set_aside AS s ON s.seq = p.seq
    LEFT JOIN identity AS i ON i.customer_id = p.customer_id
    WHERE p.kind = 'attempt' AND p.customer_id IS NOT NULL AND p.effective_at >= $since AND p.effective_at < $at
),
failed AS (
    SELECT
        customer_id, count(*) AS failures, max(effective_at) AS failed_at,
        list(DISTINCT failure_code ORDER BY failure_code) AS codes
    FROM attempt
    WHERE outcome = 'failed' AND effective_at < $until
        AND (failure_code IN (SELECT value FROM temp.impact_filter WHERE kind = 'code')
            OR NOT EXISTS (SELECT 1 FROM temp.impact_filter WHERE kind = 'code'))
    GROUP BY customer_id
),
recovered AS (
    SELECT DISTINCT f.customer_id
    FROM failed AS f
    JOIN attempt AS a ON a.customer_id = f.customer_id AND a.outcome = 'succeeded' AND a.effective_at > f.failed_at
),
left_behind AS (
    SELECT DISTINCT coalesce(i.canonical_id, c.customer_id) AS customer_id
    FROM checkout AS c
    ANTI JOIN set_aside AS s ON s.seq = c.seq
    LEFT JOIN identity AS i ON i.customer_id = c.customer_id
    WHERE c.outcome = 'expired' AND c.customer_id IS NOT NULL AND c.effective_at >= $since AND c.effective_at < $until
),
lost AS (
    SELECT
        customer_id, CAST(sum(amount_micros) AS BIGINT) AS lost_micros, min(opens_at) < $until AS in_window
    FROM ledger.movement
    WHERE class IN ('contraction', 'churn') AND amount_micros < 0 AND opens_at >= $since AND opens_at < $at
    GROUP BY customer_id
),
held AS (
    SELECT
        customer_id, list(DISTINCT product_id ORDER BY product_id) FILTER (product_id IS NOT NULL) AS plans,
        CAST(coalesce(sum(reporting_micros) FILTER (starts_at <= $since AND ends_at > $since), 0) AS BIGINT) AS before_micros,
        CAST(coalesce(sum(reporting_micros) FILTER (starts_at < $at AND ends_at >= $at), 0) AS BIGINT) AS mrr_micros
    FROM ledger.value
    WHERE starts_at < $at AND ends_at > $since
    GROUP BY customer_id
),
trait AS (
    SELECT customer_id, map_from_entries(list(row(key, value) ORDER BY key)) AS attributes
    FROM ledger.attribute_period
    WHERE starts_at < $until AND ends_at >= $until
    GROUP BY customer_id
),
known AS (
    SELECT customer_id FROM held UNION SELECT customer_id FROM lost UNION SELECT customer_id FROM failed
    UNION SELECT customer_id FROM left_behind
),
meant AS (
    SELECT k.customer_id
    FROM known AS k
    WHERE NOT EXISTS (
        SELECT 1 FROM (SELECT DISTINCT kind, key FROM temp.impact_filter) AS asked
        WHERE NOT EXISTS (
            SELECT 1 FROM temp.impact_filter AS f
            WHERE f.kind = asked.kind AND f.key = asked.key AND (
                (f.kind = 'customer' AND f.value IN (k.customer_id, regexp_replace(k.customer_id, '^[^/]*/', '')))
                OR (f.kind = 'plan' AND EXISTS (
                    SELECT 1 FROM ledger.value AS v
                    WHERE v.customer_id = k.customer_id AND v.starts_at < $until AND v.ends_at > $since
                        AND f.value IN (v.product_id, regexp_replace(v.product_id, '^[^/]*/', ''))))
                OR (f.kind = 'attribute' AND EXISTS (
                    SELECT 1 FROM ledger.attribute_period AS a
                    WHERE a.customer_id = k.customer_id AND a.key = f.key AND a.value = f.value
                        AND a.starts_at < $until AND a.ends_at > $since))
                OR (f.kind = 'code' AND EXISTS (SELECT 1 FROM failed AS p WHERE p.customer_id = k.customer_id))
            )
        )
    )
)
SELECT
    m.customer_id, coalesce(h.plans, []) AS plans, coalesce(h.before_micros, 0) AS before_micros,
    coalesce(h.mrr_micros, 0) AS mrr_micros, coalesce(l.lost_micros, 0) AS lost_micros,
    coalesce(f.failures, 0) AS failures, coalesce(f.codes, []) AS codes, r.customer_id IS NOT NULL AS recovered,
    b.customer_id IS NOT NULL AS left_behind, joined.since_on, t.attributes
FROM meant AS m
LEFT JOIN held AS h ON h.customer_id = m.customer_id
LEFT JOIN lost AS l ON l.customer_id = m.customer_id
LEFT JOIN failed AS f ON f.customer_id = m.customer_id
LEFT JOIN recovered AS r ON r.customer_id = m.customer_id
LEFT JOIN left_behind AS b ON b.customer_id = m.customer_id
LEFT JOIN trait AS t ON t.customer_id = m.customer_id
LEFT JOIN (
    SELECT customer_id, min(on_day) AS since_on FROM ledger.movement GROUP BY customer_id
) AS joined ON joined.customer_id = m.customer_id
WHERE EXISTS (SELECT 1 FROM temp.impact_filter) OR f.customer_id IS NOT NULL OR b.customer_id IS NOT NULL
    OR coalesce(l.in_window, FALSE)
ORDER BY coalesce(h.mrr_micros, 0) - coalesce(l.lost_micros, 0) DESC, m.customer_id
