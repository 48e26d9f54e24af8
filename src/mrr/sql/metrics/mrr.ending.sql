-- Ending MRR: what all counted items are worth a month, at the end of the period.
-- metric: mrr.ending
-- variant: ending
-- unit: micros
-- stretch: period
-- grain: day, week, month, quarter, year
-- groups: any
-- formula: ending: the sum of all movements before the closing day, which is what all counted items are worth at E
-- source: DESIGN §10; the closing of the roll-forward
-- caveats: A level, not a flow: it says what would come in a month if nothing changed. Not what was invoiced or paid.
-- owner: finance
-- drift_risk: the policy: every ledger key moves it
-- moved_by: +mrr.net_new
-- reads: rolled
SELECT period_starts_on, trait, ending_micros AS numerator, 1 AS denominator
FROM rolled
