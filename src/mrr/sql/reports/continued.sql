-- Which subscription continues which. Grain: old subscription. Inputs: continuation, set_aside.
SELECT c.old_id, arg_min(c.new_id, c.turns_at)
FROM continuation AS c
ANTI JOIN set_aside AS x ON x.seq = c.seq
GROUP BY c.old_id
