-- When a subscription can be billed for, as far as it tells itself: begun, not ended, asked to end (under `request`) or
-- continued. Grain: subscription × stretch, half-open. Inputs: phase, contract_end, policy. `tail_to`: its levels may
-- outlive the stretch up to there; `paid_through`: up to the end of what is billed (A6). Before its first fact it can be.
-- Only where: SELECT 1 FROM policy WHERE basis = 'invoice'.
WITH marked AS (
    SELECT
        p.*, p.state IN ('ended', 'requested', 'continued', 'incomplete') AS is_out,
        lag(p.state IN ('ended', 'requested', 'continued', 'incomplete')) OVER life AS was_out, row_number() OVER life = 1 AS is_first
    FROM phase AS p
    WINDOW life AS (PARTITION BY p.subscription_id ORDER BY p.starts_at, p.version_no)
),
turned AS (
    SELECT
        m.subscription_id, CASE WHEN is_first AND NOT is_out THEN TIMESTAMP '1969-12-01' ELSE starts_at END AS starts_at, is_out,
        coalesce(lead(starts_at) OVER life, open_end()) AS ends_at, lead(state) OVER life AS next_state,
        lead(lapsed_from) OVER life AS next_lapsed_from,
        coalesce(lead(starts_at, 2) OVER life, open_end()) AS again_at
    FROM marked AS m
    WHERE is_out IS DISTINCT FROM was_out
    WINDOW life AS (PARTITION BY subscription_id ORDER BY starts_at, version_no)
)
SELECT
    t.subscription_id, t.starts_at, t.ends_at, least(greatest(t.ends_at, coalesce(c.outlives_to, t.ends_at)), t.again_at) AS tail_to,
    p.churn_at = 'paid_through' AND coalesce(t.next_state = 'ended' AND t.next_lapsed_from = 'active', FALSE) AS paid_through,
    t.again_at
FROM turned AS t
CROSS JOIN policy AS p
LEFT JOIN contract_end AS c ON c.subscription_id = t.subscription_id AND c.lapsed_at = t.ends_at
WHERE NOT t.is_out
