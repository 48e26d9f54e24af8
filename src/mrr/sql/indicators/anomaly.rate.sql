-- Anomaly rate: the share of the days watched on which a series of movements was out of the ordinary.
-- indicator: anomaly.rate
-- unit: millionths
-- formula: days on which an alert of the rules `anomaly.*` begins, of the last 28 ÷ 28; unknown where nobody watches
-- caveats: Detectors raise few false alarms, not none: one day in a hundred is no news.
-- owner: revenue operations
-- drift_risk: a detector that is tuned anew
-- cause: anomaly
SELECT label, amount, customers FROM sli_told WHERE indicator = 'anomaly.rate'
