-- What each item is worth a month while it counts, exactly (`num / den` major units). Grain: span × item, half-open.
-- Inputs: span, item_version, bill, net, billing_boundary, contract_end, policy; none on basis invoice. Plain items are
-- unit × quantity; the rest was reckoned by bill.py.
WITH stretched AS (
    SELECT s.owner_id, s.starts_at, s.ends_at, b.bill, b.pending AS bill_pending, i.*
    FROM span AS s
    JOIN policy AS p ON p.basis = 'subscription'
    JOIN item_version AS i ON i.version_id = s.version_id
    LEFT JOIN bill AS b ON b.version_id = s.version_id AND b.starts_at = s.starts_at
    WHERE s.counted
    UNION ALL
    -- Under `paid_through` an item stays to the end of the billing period that contains the end (A6), under `renewal.grace`
    -- some days longer than its term: as it was last seen alive, whatever the snapshot that ended it lists.
    SELECT
        s.owner_id, s.starts_at,
        least(s.ends_at, greatest(coalesce(e.boundary_at, g.outlives_to), coalesce(g.outlives_to, e.boundary_at))),
        b.bill, b.pending, i.*
    FROM span AS s
    JOIN policy AS p ON p.basis = 'subscription'
    JOIN item_version AS i ON i.version_id = s.alive_version_id
    LEFT JOIN billing_boundary AS e
        ON p.churn_at = 'paid_through' AND s.lapsed_from = 'active'
        AND e.version_id = i.version_id AND e.item_id = i.item_id AND e.aims_at = s.lapsed_at
    LEFT JOIN contract_end AS g ON g.subscription_id = s.subscription_id AND g.lapsed_at = s.lapsed_at
    LEFT JOIN bill AS b ON b.version_id = i.version_id AND b.starts_at < s.lapsed_at AND b.ends_at >= s.lapsed_at
    WHERE s.state = 'ended' AND (e.boundary_at > s.starts_at OR g.outlives_to > s.starts_at)
)
SELECT
    s.owner_id AS customer_id, s.subscription_id, s.item_id, s.version_id, s.starts_at, s.ends_at,
    s.product_id, s.price_id, s.currency, s.offer, s.unit, s.units, s.quantity,
    CAST(coalesce(s.unit_num, 0) AS HUGEINT) * s.months_den AS each_num,
    CASE WHEN s.bill IS NULL THEN CAST(s.unit_num AS HUGEINT) * s.quantity * s.months_den ELSE n.num END AS num,
    CASE WHEN s.bill IS NULL THEN CAST(s.unit_den AS HUGEINT) * s.months_num ELSE n.den END AS den,
    CASE WHEN s.bill IS NULL THEN s.pending ELSE s.bill_pending OR n.num IS NULL END AS pending
FROM stretched AS s
LEFT JOIN net AS n ON n.bill = s.bill AND n.item_id = s.item_id
