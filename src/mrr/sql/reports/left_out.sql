-- Those of them that the policy counts, and that have an item it counts: no reason why they are not on the list.
-- Grain: subscription. Inputs: unlisted_kept, phase and item_version of their customers, derived anew up to $as_of.
SELECT DISTINCT u.subscription_id
FROM unlisted_kept AS u
JOIN phase AS p ON p.subscription_id = u.subscription_id AND p.starts_at < $as_of AND p.ends_at >= $as_of
JOIN item_version AS i ON i.version_id = p.version_id
WHERE p.counted
ORDER BY u.subscription_id
