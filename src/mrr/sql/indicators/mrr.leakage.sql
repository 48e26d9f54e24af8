-- MRR that leaks: what counts as MRR and is not invoiced, and who signed up and does not count.
-- indicator: mrr.leakage
-- unit: micros
-- formula: `uninvoiced`: the MRR now of subscriptions without an invoice line for now, though their item has not changed for two
--   days and their last invoiced period ended two days ago or longer; of sources that tell invoices alone. `signed_up`: customers
--   whose checkout was completed between 28 days and a day ago and who have no level, ever, nor a trial; their amount is not known, so 0
-- caveats: Invoices that are drawn up late, or that arrive late, show as uninvoiced until then.
-- owner: finance
-- drift_risk: a source whose invoices name no subscription
-- cause: leakage
WITH counted AS (
    SELECT v.customer_id, v.subscription_id, CAST(sum(v.reporting_micros) AS BIGINT) AS micros, max(v.starts_at) AS changed_at
    FROM ledger.value AS v, sli_look AS w
    WHERE v.starts_at < w.until_at AND v.ends_at >= w.until_at
    GROUP BY v.customer_id, v.subscription_id
    HAVING sum(v.reporting_micros) > 0
),
billed AS (
    SELECT coalesce(l.subscription_id, d.subscription_id) AS subscription_id, max(l.ends_at) AS until_at
    FROM invoice AS d
    JOIN invoice_line AS l ON l.fact_id = d.fact_id
    WHERE d.status NOT IN ('void', 'deleted') AND NOT d.credit_note
    GROUP BY 1
),
uninvoiced AS (
    SELECT c.customer_id, c.micros
    FROM counted AS c
    CROSS JOIN sli_look AS w
    LEFT JOIN billed AS b ON b.subscription_id = c.subscription_id
    WHERE c.changed_at < w.until_at - INTERVAL 2 DAY AND coalesce(b.until_at, c.changed_at) < w.until_at - INTERVAL 2 DAY
        AND split_part(c.subscription_id, '/', 1) IN (SELECT split_part(o.subscription_id, '/', 1) FROM billed AS o)
),
signed_up AS (
    SELECT DISTINCT coalesce(i.canonical_id, c.customer_id) AS customer_id
    FROM checkout AS c
    CROSS JOIN sli_look AS w
    LEFT JOIN identity AS i ON i.customer_id = c.customer_id
    WHERE c.outcome = 'completed' AND c.customer_id IS NOT NULL
        AND c.effective_at BETWEEN w.until_at - INTERVAL 28 DAY AND w.until_at - INTERVAL 1 DAY
)
SELECT 'uninvoiced' AS label, CAST(sum(micros) AS BIGINT) AS amount, list_sort(list_distinct(list(customer_id))) AS customers
FROM uninvoiced
HAVING count(*) > 0
UNION ALL
SELECT 'signed_up', 0, list_sort(list(s.customer_id))
FROM signed_up AS s
ANTI JOIN ledger.level AS l ON l.customer_id = s.customer_id
ANTI JOIN ledger.excluded AS x ON x.customer_id = s.customer_id
ANTI JOIN (SELECT customer_id FROM subscription_fact WHERE status = 'trialing') AS t ON t.customer_id = s.customer_id
HAVING count(*) > 0
