-- MRR at risk: what is paid now and may soon not be.
-- indicator: mrr.at_risk
-- unit: micros
-- formula: the MRR now of subscriptions by the first that holds of: `past_due` (its snapshot in force says past due or unpaid),
--   `payment_failed` (the customer's last attempt of the last 60 days failed), `cancels` (an end is scheduled), `card_expires`
--   (the card of the customer's last attempt of the last 60 days, else the attribute card_expires, YYYY-MM, is good until a
--   month that ends within 30 days or has ended)
-- caveats: Each subscription counts once, so that the parts add up; a lower reason shows only what no higher one has.
-- owner: billing
-- drift_risk: a source that does not tell payments or cards shows none
-- cause: risk
WITH counted AS (
    SELECT v.customer_id, v.subscription_id, CAST(sum(v.reporting_micros) AS BIGINT) AS micros
    FROM ledger.value AS v, sli_look AS w
    WHERE v.starts_at < w.until_at AND v.ends_at >= w.until_at
    GROUP BY v.customer_id, v.subscription_id
    HAVING sum(v.reporting_micros) > 0
),
in_force AS (
    SELECT f.subscription_id, f.status, f.cancel_at IS NOT NULL OR coalesce(f.cancel_at_period_end, FALSE) AS cancels
    FROM subscription_fact AS f, sli_look AS w
    WHERE f.stands AND f.effective_at < w.until_at
    QUALIFY row_number() OVER (PARTITION BY f.subscription_id ORDER BY f.effective_at DESC, f.ordinal DESC, f.fact_id DESC) = 1
),
last_tried AS (
    SELECT customer_id, arg_max(good, happened_at) AS good, arg_max(card_expires, happened_at) AS card_expires
    FROM sli_attempt
    WHERE customer_id IS NOT NULL
    GROUP BY customer_id
),
told_card AS (
    SELECT a.customer_id, a.value AS card_expires
    FROM ledger.attribute_period AS a, sli_look AS w
    WHERE a.key = 'card_expires' AND a.starts_at < w.until_at AND a.ends_at >= w.until_at
),
reasoned AS (
    SELECT
        c.*,
        CASE
            WHEN f.status IN ('past_due', 'unpaid') THEN 'past_due'
            WHEN NOT t.good THEN 'payment_failed'
            WHEN f.cancels THEN 'cancels'
            WHEN last_day(TRY_CAST(coalesce(t.card_expires, k.card_expires) || '-01' AS DATE)) < CAST(w.until_at AS DATE) + 30
                THEN 'card_expires'
        END AS label
    FROM counted AS c
    CROSS JOIN sli_look AS w
    LEFT JOIN in_force AS f ON f.subscription_id = c.subscription_id
    LEFT JOIN last_tried AS t ON t.customer_id = c.customer_id
    LEFT JOIN told_card AS k ON k.customer_id = c.customer_id
)
SELECT label, CAST(sum(micros) AS BIGINT) AS amount, list_sort(list_distinct(list(customer_id))) AS customers
FROM reasoned
WHERE label IS NOT NULL
GROUP BY label
