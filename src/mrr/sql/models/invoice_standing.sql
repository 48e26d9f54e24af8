-- The invoices that count, each as it was last told: no drafts, and nothing void or deleted, which never counted.
-- Grain: invoice. Inputs: invoice, set_aside, scope_billed, subscription_fact, identity. Of snapshots of one instant the later stage
-- stands, then the lowest digest. Lines are those of the last complete list. `written_off_at`: given up since then.
-- Only where: scope_billed.
WITH document AS (
    SELECT i.document_id FROM invoice AS i SEMI JOIN scope_billed AS s ON s.id = i.customer_id
    UNION
    SELECT i.document_id FROM invoice AS i SEMI JOIN scope_billed AS s ON s.id = i.subscription_id
),
-- An invoice that names nobody is its subscription's customer's.
owned AS (
    SELECT i.document_id, arg_max(f.customer_id, (f.effective_at, f.digest)) AS customer_id
    FROM invoice AS i
    SEMI JOIN document AS d ON d.document_id = i.document_id
    JOIN subscription_fact AS f ON f.subscription_id = i.subscription_id AND f.stands
    WHERE i.customer_id IS NULL
    GROUP BY i.document_id
),
told AS (
    SELECT
        i.* EXCLUDE (customer_id), coalesce(i.customer_id, o.customer_id) AS customer_id,
        CASE i.status WHEN 'draft' THEN 0 WHEN 'open' THEN 1 WHEN 'uncollectible' THEN 2 WHEN 'paid' THEN 3 ELSE 4 END AS stage
    FROM invoice AS i
    SEMI JOIN document AS d ON d.document_id = i.document_id
    ANTI JOIN set_aside AS x ON x.seq = i.seq
    LEFT JOIN owned AS o ON o.document_id = i.document_id
    WHERE NOT i.credit_note
),
seen AS (
    SELECT
        t.*, row_number() OVER (PARTITION BY document_id ORDER BY effective_at DESC, stage DESC, digest, fact_id) AS choice,
        first_value(CASE WHEN NOT truncated THEN fact_id END IGNORE NULLS) OVER late AS complete_id,
        min(CASE WHEN stage > 0 THEN coalesce(finalised_at, effective_at) END) OVER (PARTITION BY document_id) AS final_at,
        min(CASE WHEN status = 'paid' AND paid_micros > 0 THEN effective_at END) OVER (PARTITION BY document_id) AS paid_at,
        max(CASE WHEN status <> 'uncollectible' THEN effective_at END) OVER (PARTITION BY document_id) AS collected_at
    FROM told AS t
    WINDOW late AS (PARTITION BY document_id ORDER BY effective_at DESC, stage DESC, digest, fact_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
),
given_up AS (
    SELECT document_id, min(effective_at) AS written_off_at
    FROM seen
    WHERE status = 'uncollectible' AND effective_at >= coalesce(collected_at, effective_at)
    GROUP BY document_id
)
SELECT
    s.document_id, coalesce(n.canonical_id, s.customer_id) AS customer_id, s.subscription_id, s.currency, s.total_micros,
    coalesce(s.complete_id, s.fact_id) AS fact_id, s.complete_id IS NULL AS is_cut, s.final_at, s.paid_at,
    CASE WHEN s.status = 'uncollectible' THEN g.written_off_at END AS written_off_at
FROM seen AS s
LEFT JOIN identity AS n ON n.customer_id = s.customer_id
LEFT JOIN given_up AS g ON g.document_id = s.document_id
WHERE s.choice = 1 AND s.status IN ('open', 'paid', 'uncollectible')
