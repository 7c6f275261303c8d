-- emits: edges INHERITS_FROM
-- layer: types
-- why: a base class found in the file, or by following imports
--
-- Where a base may be one of several classes, each is a candidate of one group. The label is the
-- place among the bases.
SELECT
    b.type_id AS src,
    b.object_id AS dst,
    CAST(b.index + 1 AS VARCHAR) AS label,
    CASE WHEN b.choices > 1 THEN 'candidate' WHEN b.is_imported THEN 'imported' ELSE 'bound' END AS resolution,
    CASE WHEN b.choices > 1 THEN 1.0 / b.choices END AS confidence,
    CASE WHEN b.choices > 1 THEN stable_hash64(b.expression_id, 'INHERITS_FROM') END AS ambiguity_group,
    b.file_id,
    b.start_byte,
    b.end_byte
FROM base_target AS b
WHERE b.object_id IS NOT NULL
