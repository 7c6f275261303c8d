-- emits: open_base
-- layer: types
-- why: bases whose names we cannot see
--
-- What is looked up behind one may be found there instead. `object` and the markers of typing and
-- abc add no methods.
SELECT b.type_id, min(b.index) AS index
FROM base_target AS b
WHERE b.object_id IS NULL
  AND NOT (b.what = 'builtin' AND b.name = 'object')
  AND NOT (b.what = 'external' AND b.name IN ('Generic', 'Protocol', 'ABC'))
GROUP BY b.type_id
