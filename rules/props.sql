-- emits: props
-- layer: syntax
-- unique: yes
-- why: what is worth knowing of a node and is no column of its own
--
-- One rule, because nodes and keys then differ for certain.
-- What is usual has no row: a variable without `storage` is a local one, a parameter without `kind` is
-- positional, a call without `dispatch` has no known target. The type of a literal is its syntax_kind, the
-- index of a parameter its ordinal.
WITH decorated AS (
    SELECT d.object_id, d.file_id, string_agg(d.name, ', ' ORDER BY d.node, d.name) AS names
    FROM decorator AS d
    WHERE d.name IS NOT NULL
    GROUP BY d.object_id, d.file_id
),
base AS (
    SELECT b.type_id, b.file_id, string_agg(DISTINCT b.name, ', ' ORDER BY b.name) AS names
    FROM base_target AS b
    WHERE b.name IS NOT NULL
    GROUP BY b.type_id, b.file_id
),
imported AS (
    SELECT
        i.file_id,
        i.node_id,
        min(repeat('.', i.level) || coalesce(i.module, '')) AS module,
        regexp_replace(
            array_to_string(
                list_sort(list(
                    lpad(CAST(i.name_node AS VARCHAR), 10, '0') || ' ' || coalesce(i.name, i.module)
                        || CASE WHEN i.alias <> coalesce(i.name, i.module) THEN ' as ' || i.alias ELSE '' END
                    ) FILTER (WHERE NOT i.is_star)),
                ', '),
            '(^|, )[0-9]{10} ', '\1', 'g') AS names,
        max(i.level) AS level,
        bool_or(i.is_star) AS is_star,
        bool_or(i.name IS NOT NULL OR i.is_star) AS is_from
    FROM import AS i
    GROUP BY i.file_id, i.node_id
),
formal AS (
    SELECT p.node_id, p.file_id, p.kind, p.default_node, p.node
    FROM parameter AS p
    WHERE p.kind <> 'positional' OR p.default_node IS NOT NULL OR p.annotation_node IS NOT NULL
),
target AS (
    SELECT
        e.src AS node_id,
        min(e.file_id) AS file_id,
        CASE WHEN bool_or(e.resolution IN ('inherited', 'inferred')) THEN 'DYNAMIC' ELSE 'STATIC' END AS dispatch
    FROM edges_call AS e
    GROUP BY e.src
)
SELECT n.node_id, 'status' AS key, CAST(f.status AS VARCHAR) AS value_str,
       CAST(NULL AS BIGINT) AS value_int, CAST(NULL AS BOOLEAN) AS value_bool, f.file_id
FROM file AS f
JOIN nodes_file AS n ON n.file_id = f.file_id
UNION ALL
SELECT n.node_id, 'reason', f.reason, NULL, NULL, f.file_id
FROM file AS f
JOIN nodes_file AS n ON n.file_id = f.file_id
WHERE f.reason IS NOT NULL
UNION ALL
SELECT n.node_id, 'sha256', f.sha256, NULL, NULL, f.file_id
FROM file AS f
JOIN nodes_file AS n ON n.file_id = f.file_id
WHERE f.sha256 IS NOT NULL
UNION ALL
SELECT n.node_id, 'encoding', f.encoding, NULL, NULL, f.file_id
FROM file AS f
JOIN nodes_file AS n ON n.file_id = f.file_id
WHERE f.encoding IS NOT NULL
UNION ALL
SELECT n.node_id, 'size_bytes', NULL, f.size_bytes, NULL, f.file_id
FROM file AS f
JOIN nodes_file AS n ON n.file_id = f.file_id
UNION ALL
SELECT n.node_id, 'line_count', NULL, f.line_count, NULL, f.file_id
FROM file AS f
JOIN nodes_file AS n ON n.file_id = f.file_id
UNION ALL
SELECT m.namespace_id, 'is_package', NULL, NULL, true, m.file_id
FROM module AS m
WHERE m.is_package AND m.namespace_id IS NOT NULL
UNION ALL
SELECT s.method_id, 'is_async', NULL, NULL, true, s.file_id
FROM scope AS s
JOIN attribute AS a ON a.file_id = s.file_id AND a.node = s.scope
WHERE s.kind = 'function' AND a.key = 'async'
UNION ALL
SELECT s.method_id, 'returns', t.text, NULL, NULL, s.file_id
FROM scope AS s
JOIN type_annotation AS t ON t.file_id = s.file_id AND t.of_node = s.scope
WHERE s.kind = 'function'
UNION ALL
SELECT d.object_id, 'decorators', d.names, NULL, NULL, d.file_id
FROM decorated AS d
UNION ALL
SELECT b.type_id, 'inherits_from', b.names, NULL, NULL, b.file_id
FROM base AS b
UNION ALL
SELECT f.node_id, 'kind', CAST(f.kind AS VARCHAR), NULL, NULL, f.file_id
FROM formal AS f
WHERE f.kind <> 'positional'
UNION ALL
SELECT f.node_id, 'has_default', NULL, NULL, true, f.file_id
FROM formal AS f
WHERE f.default_node IS NOT NULL
UNION ALL
SELECT f.node_id, 'type', t.text, NULL, NULL, f.file_id
FROM formal AS f
JOIN type_annotation AS t ON t.file_id = f.file_id AND t.of_node = f.node
UNION ALL
SELECT b.node_id, 'storage', CAST(b.storage AS VARCHAR), NULL, NULL, b.file_id
FROM binding AS b
WHERE b.target IS NULL AND b.storage NOT IN ('local', 'parameter')
UNION ALL
SELECT s.node_id, 'module', s.module, NULL, NULL, s.file_id
FROM imported AS s
WHERE s.is_from
UNION ALL
SELECT s.node_id, 'names', s.names, NULL, NULL, s.file_id
FROM imported AS s
WHERE s.names IS NOT NULL
UNION ALL
SELECT s.node_id, 'level', NULL, s.level, NULL, s.file_id
FROM imported AS s
WHERE s.level > 0
UNION ALL
SELECT s.node_id, 'is_star', NULL, NULL, true, s.file_id
FROM imported AS s
WHERE s.is_star
UNION ALL
SELECT t.node_id, 'dispatch', t.dispatch, NULL, NULL, t.file_id
FROM target AS t
