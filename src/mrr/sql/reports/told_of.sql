-- Which keys of a policy can change an amount at all, by what the facts of the book tell of. Grain: key of a policy.
-- Inputs: subscription_fact, subscription_item, price, coupon, discounts, usage, invoice, policy. A key that is not here is about
-- something that never came: under any of its values every customer is worth the same.
WITH offer AS (
    SELECT interval, recurring, usage_type FROM subscription_item
    UNION
    SELECT interval, recurring, usage_type FROM price
),
state AS (
    SELECT DISTINCT
        status, paused, status = 'canceled' OR canceled_at IS NOT NULL OR cancel_at IS NOT NULL OR cancel_at_period_end AS goes
    FROM subscription_fact
),
discount AS (
    SELECT duration FROM subscription_discount
    UNION
    SELECT duration FROM customer_discount
    UNION
    SELECT duration FROM discount_given
    UNION
    SELECT duration FROM coupon
)
SELECT 'normalise.' || interval AS key FROM offer WHERE interval IN ('week', 'day')
UNION
SELECT 'one_time' FROM offer WHERE interval IS NULL OR NOT recurring
UNION
SELECT 'usage' FROM offer WHERE usage_type = 'metered'
UNION
SELECT 'status.' || status FROM state WHERE status IN ('trialing', 'past_due', 'unpaid')
UNION
SELECT 'status.paused' FROM state WHERE paused OR status = 'paused'
UNION
SELECT unnest(['churn_at', 'gap', 'renewal.grace']) FROM state WHERE goes
UNION
SELECT 'discount.' || duration FROM discount WHERE duration IS NOT NULL
UNION
SELECT unnest(['basis', 'starts_at', 'refund', 'dispute', 'credit_note', 'proration', 'invoice.carry', 'one_time']) FROM invoice
UNION
SELECT 'fx.rate' FROM subscription_fact AS s JOIN policy AS p ON s.currency <> p.report_currency
UNION
SELECT 'rounding'
