-- What each item is worth a month while it counts, exactly (`num / den` major units). Grain: span × item, half-open.
-- Inputs: span, item_version, bill, net, billing_boundary, contract_end, policy; none on basis invoice. Plain items are unit × quantity; the rest was reckoned by bill.py.
SELECT
    s.owner_id AS customer_id, s.subscription_id, i.item_id, i.version_id, s.starts_at,
    -- Under `paid_through` an item stays to the end of the billing period that contains the end (A6): as it was last seen
    -- alive, whatever the snapshot that ended it lists.
    CASE WHEN s.counted THEN s.ends_at
        ELSE least(s.ends_at, greatest(coalesce(e.boundary_at, g.outlives_to), coalesce(g.outlives_to, e.boundary_at)))
    END AS ends_at,
    i.product_id, i.price_id, i.currency, i.offer, i.unit, i.units, i.quantity,
    CAST(coalesce(i.unit_num, 0) AS HUGEINT) * i.months_den AS each_num,
    CASE WHEN b.bill IS NULL THEN CAST(i.unit_num AS HUGEINT) * i.quantity * i.months_den ELSE n.num END AS num,
    CASE WHEN b.bill IS NULL THEN CAST(i.unit_den AS HUGEINT) * i.months_num ELSE n.den END AS den,
    CASE WHEN b.bill IS NULL THEN i.pending ELSE b.pending OR n.num IS NULL END AS pending
FROM span AS s
JOIN item_version AS i ON i.version_id = CASE WHEN s.counted THEN s.version_id ELSE s.alive_version_id END
CROSS JOIN policy AS p
LEFT JOIN bill AS b
    ON b.version_id = i.version_id
    AND CASE WHEN s.counted THEN b.starts_at = s.starts_at ELSE b.starts_at < s.lapsed_at AND b.ends_at >= s.lapsed_at END
LEFT JOIN net AS n ON n.bill = b.bill AND n.item_id = i.item_id
LEFT JOIN billing_boundary AS e
    ON p.churn_at = 'paid_through' AND NOT s.counted AND s.state = 'ended' AND s.lapsed_from = 'active'
    AND e.version_id = i.version_id AND e.item_id = i.item_id AND e.aims_at = s.lapsed_at
LEFT JOIN contract_end AS g ON NOT s.counted AND g.subscription_id = s.subscription_id AND g.lapsed_at = s.lapsed_at
WHERE p.basis = 'subscription'
    AND (s.counted OR e.boundary_at > s.starts_at OR g.outlives_to > s.starts_at)
