-- Payments that go through: the share of attempts to take money that succeeded.
-- indicator: payment.success
-- unit: share
-- formula: succeeded ÷ (succeeded + failed) of the attempts of the window, each payment once as it was last told, at the
--   instant of its first such outcome. What is pending or was called off counts on neither side. Failures are told by code
-- caveats: Each retry of a bill is an attempt of its own here; dunning.recovery counts bills.
-- owner: billing
-- drift_risk: a source that tells only of payments that succeeded makes it 100 %
-- cause: gateway
SELECT
    happened_at, CASE WHEN NOT good THEN coalesce(failure_code, 'unknown') END AS label, customer_id, good,
    CAST(NULL AS BIGINT) AS took_us, seq
FROM sli_attempt
