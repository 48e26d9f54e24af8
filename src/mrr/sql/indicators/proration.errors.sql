-- Proration accuracy: the share of proration lines that do not agree to the cent with what price and period come to.
-- indicator: proration.errors
-- unit: millionths
-- formula: lines that differ ÷ lines, of the invoices of the last 28 days, recomputed as `mrr reconcile prorations` does, by
--   whichever of its rules agrees with most of them
-- caveats: A line whose price or period is not known counts as wrong.
-- owner: billing
-- drift_risk: a biller that rounds in another way than by any of the rules
-- cause: proration
SELECT label, amount, customers FROM sli_told WHERE indicator = 'proration.errors'
