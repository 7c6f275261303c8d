-- emits: props_json
-- layer: syntax
-- unique: yes
-- why: the same properties as one JSON object a node, for clients that take rows rather than columns
--
-- It reads what the typed lane has, and nothing reads it. JSON has no NaN and no infinities: they are texts.
SELECT
    m.node_id,
    '{' || string_agg(m.member, ',' ORDER BY m.key, m.member) || '}' AS properties,
    min(m.file_id) AS file_id
FROM (
    SELECT
        p.node_id,
        p.key,
        p.file_id,
        json_text(p.key) || ':' || CASE
            WHEN p.value_str IS NOT NULL THEN json_text(p.value_str)
            WHEN p.value_int IS NOT NULL THEN CAST(p.value_int AS VARCHAR)
            WHEN p.value_bool IS NOT NULL THEN CASE WHEN p.value_bool THEN 'true' ELSE 'false' END
            WHEN isfinite(p.value_float) THEN CAST(p.value_float AS VARCHAR)
            WHEN isnan(p.value_float) THEN '"NaN"'
            WHEN p.value_float > 0 THEN '"Infinity"'
            WHEN p.value_float < 0 THEN '"-Infinity"'
            ELSE 'null'
        END AS member
    FROM props AS p
) AS m
GROUP BY m.node_id
