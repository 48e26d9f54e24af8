-- Per movement: its class fits the states around it (invariant 4).
SELECT movement_id, customer_id, class, state_before, state_after
FROM ledger.movement
WHERE NOT CASE class
    WHEN 'fx' THEN state_after = 'active'
    WHEN 'none' THEN state_before = 'active' AND state_after = 'active'
    WHEN 'new' THEN state_before IN ('never', 'lapsed') AND state_after = 'active'
    WHEN 'reactivation' THEN state_before = 'lapsed' AND state_after = 'active'
    WHEN 'contraction' THEN state_before = 'active' AND state_after IN ('active', 'held')
    WHEN 'expansion' THEN state_before IN ('active', 'held', 'lapsed') AND state_after = 'active'
    WHEN 'churn' THEN (state_before IN ('active', 'held') AND state_after = 'lapsed')
        OR (state_before = 'lapsed' AND state_after = 'active')
    ELSE FALSE END
