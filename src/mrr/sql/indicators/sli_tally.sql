-- What the events of stretches come to. Grain: stretch asked for. Inputs: sli_event, sli_stretch, sli_look. Where
-- the event does not say whether it was good, the time that it took does. Events with a label that is excluded do not count.
-- Percentiles are times that were seen.
SELECT
    s.no, count(e.seq) FILTER (WHERE coalesce(e.good, e.took_us <= s.within_us)) AS good, count(e.seq) AS total,
    coalesce(CAST(sum(e.carried_micros) FILTER (WHERE coalesce(e.good, e.took_us <= s.within_us)) AS BIGINT), 0) AS good_micros,
    coalesce(CAST(sum(e.carried_micros) AS BIGINT), 0) AS total_micros,
    quantile_disc(e.took_us, 0.5) AS p50_us, quantile_disc(e.took_us, 0.95) AS p95_us, quantile_disc(e.took_us, 0.99) AS p99_us
FROM sli_stretch AS s
CROSS JOIN sli_look AS w
LEFT JOIN sli_event AS e ON e.indicator = s.indicator AND e.happened_at >= s.starts_at AND e.happened_at < w.until_at
    AND NOT coalesce(list_contains(s.excluding, e.label), FALSE)
GROUP BY s.no
