-- Reconciliation drift: how far the book was from what others say, at the last comparison of each kind.
-- indicator: reconciliation.drift
-- unit: millionths
-- formula: the customers' absolute differences ÷ the book's side, of the last run of each kind of `mrr reconcile`
-- caveats: As old as the last run; a comparison that nobody runs does not drift.
-- owner: finance
-- drift_risk: comparisons that are run with other bounds or rules than before
-- cause: drift
SELECT label, amount, customers FROM sli_told WHERE indicator = 'reconciliation.drift'
