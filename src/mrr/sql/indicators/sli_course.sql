-- What the events of an indicator came to, slot by slot. Grain: slot in which anything happened. Inputs: sli_event, sli_look.
-- Slots begin at round times of UTC; the first and the last may be cut. Events with a label that is excluded do not count.
SELECT
    time_bucket(to_microseconds($slot_us), e.happened_at) AS begins_at,
    count(*) FILTER (WHERE coalesce(e.good, e.took_us <= $within_us)) AS good, count(*) AS total,
    quantile_disc(e.took_us, 0.5) AS p50_us, quantile_disc(e.took_us, 0.99) AS p99_us
FROM sli_event AS e, sli_look AS w
WHERE e.indicator = $indicator AND e.happened_at >= w.since_at AND e.happened_at < w.until_at
    AND NOT coalesce(list_contains(CAST($excluding AS VARCHAR[]), e.label), FALSE)
GROUP BY ALL
ORDER BY begins_at
