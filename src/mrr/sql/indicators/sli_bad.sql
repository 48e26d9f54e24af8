-- The bad events of a stretch by label, the most first. Grain: label. Inputs: sli_event, sli_look.
SELECT
    coalesce(e.label, '') AS label, count(*) AS bad, CAST(sum(e.carried_micros) AS BIGINT) AS bad_micros,
    min(e.happened_at) AS first_at, list_slice(list_sort(list_distinct(list(e.customer_id))), 1, 100) AS customers,
    list_slice(list_sort(list_distinct(list(e.seq))), 1, 100) AS entries
FROM sli_event AS e, sli_look AS w
WHERE e.indicator = $indicator AND NOT coalesce(e.good, e.took_us <= $within_us) AND e.happened_at < w.until_at
    AND e.happened_at >= $starts_at AND NOT coalesce(list_contains(CAST($excluding AS VARCHAR[]), e.label), FALSE)
GROUP BY ALL
ORDER BY bad DESC, label
