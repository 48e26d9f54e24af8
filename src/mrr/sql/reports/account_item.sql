-- What a customer pays for, or paid for. Grain: item that ever counted, as it was last. Inputs: seen_value.
SELECT
    subscription_id, item_id, arg_max(product_id, starts_at) AS product_id, arg_max(quantity, starts_at) AS quantity,
    arg_max(unit, starts_at) AS unit, arg_max(units, starts_at) AS units, arg_max(currency, starts_at) AS currency,
    arg_max(local_micros, starts_at) AS local_micros, arg_max(reporting_micros, starts_at) AS reporting_micros,
    min(starts_at) AS began_at, nullif(max(ends_at), open_end()) AS ended_at
FROM seen_value
WHERE shelf = shelf($customer) AND customer_id = $customer
GROUP BY subscription_id, item_id
ORDER BY max(ends_at) < open_end(), arg_max(reporting_micros, starts_at) DESC, subscription_id, item_id
