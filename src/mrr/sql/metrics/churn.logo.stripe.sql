-- Subscriber churn, thirty days: customers lost in thirty days, as Stripe publishes it.
-- metric: churn.logo.stripe
-- variant: thirty days, opening plus new
-- unit: ratio
-- stretch: thirty_days
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: − customers[churn] ÷ (customers(opening) + customers[new] + customers[reactivation]), all over the 30 days
--   before the closing day
-- parts: customers lost ÷ opening plus new
-- missing: no customer to lose
-- source: Stripe support, "Calculating subscriber churn rate in Billing": churned in 30 days ÷ (active 30 days ago +
--   new in 30 days)
-- caveats: Who joins and leaves within the thirty days is above and below the line. Independent of
--   report.churn_rate.denominator.
-- owner: customer success
-- drift_risk: the policy's churn_at
-- moved_by: +customers.churned
-- reads: rolled
SELECT
    period_starts_on, trait, customers_churned AS numerator,
    customers_opening + customers_new + customers_reactivated AS denominator
FROM rolled
