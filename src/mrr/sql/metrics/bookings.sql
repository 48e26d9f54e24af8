-- Bookings: the recurring business won in the period, for a year.
-- metric: bookings
-- variant: annualised recurring
-- unit: micros
-- stretch: period
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: 12 × (new + expansion + reactivation)
-- source: DESIGN §10; annualised gross new MRR
-- caveats: Not contract values over their terms, and no one-time fees: what the ledger knows is a monthly price.
-- owner: sales
-- drift_risk: as mrr.gross_new
-- moved_by: +mrr.gross_new
-- reads: rolled
SELECT
    period_starts_on, trait, 12 * (new_micros + expansion_micros + reactivation_micros) AS numerator, 1 AS denominator
FROM rolled
