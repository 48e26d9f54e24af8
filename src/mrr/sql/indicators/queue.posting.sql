-- From the journal to the ledger: how long a recorded entry waits until figures show it.
-- indicator: queue.posting
-- unit: share
-- formula: entries posted within the bound of their objective ÷ entries posted in the window by a service that kept record of
--   its postings. It takes posted_at, when the posting that has the entry was over, less recorded_at
-- caveats: Commands that post by themselves keep no record.
-- owner: platform
-- drift_risk: none known
-- cause: ledger
SELECT
    o.recorded_at AS happened_at, 'posting' AS label, CAST(NULL AS VARCHAR) AS customer_id, CAST(NULL AS BOOLEAN) AS good,
    greatest(date_diff('microsecond', o.recorded_at, p.posted_at), 0) AS took_us, o.seq
FROM outcome AS o
JOIN sli_posting AS p ON o.seq BETWEEN p.first_seq AND p.last_seq
CROSS JOIN sli_look AS w
WHERE o.recorded_at >= w.since_at
