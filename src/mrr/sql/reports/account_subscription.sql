-- The subscriptions of a customer, each as the snapshot in force at an instant has it. Grain: subscription.
-- Inputs: account_snapshot.
SELECT
    subscription_id, arg_max(status, snapshot_no) AS status, arg_max(currency, snapshot_no) AS currency,
    coalesce(min(started_at), min(effective_at)) AS starts_at,
    CASE WHEN NOT arg_max(is_ended, snapshot_no) THEN arg_max(period_ends_at, snapshot_no) END AS renews_at,
    arg_max(schedules_end AND NOT is_ended, snapshot_no) AS will_end
FROM account_snapshot
WHERE customer_id = $customer AND effective_at < $as_of
GROUP BY subscription_id
ORDER BY arg_max(is_ended, snapshot_no), starts_at DESC, subscription_id
