-- emits: props
-- layer: scip
-- why: what an index tells of its symbols: their package, what they are, their documentation
WITH told AS ( -- the words of origin come in the order of their letters, best first
    SELECT s.symbol_id, s.scheme, s.manager, s.package, s.version, s.kind, s.documentation,
           CAST(s.descriptor AS VARCHAR) AS descriptor
    FROM scip_symbol AS s
    QUALIFY rank() OVER (
        PARTITION BY s.symbol_id
        ORDER BY CAST(s.origin AS VARCHAR), s.index, s.document) = 1
),
pair AS (
    SELECT t.symbol_id, 'scheme' AS key, t.scheme AS value FROM told AS t
    UNION ALL
    SELECT t.symbol_id, 'package_manager', t.manager FROM told AS t
    UNION ALL
    SELECT t.symbol_id, 'package', t.package FROM told AS t
    UNION ALL
    SELECT t.symbol_id, 'package_version', t.version FROM told AS t
    UNION ALL
    SELECT t.symbol_id, 'descriptor', t.descriptor FROM told AS t
    UNION ALL
    SELECT t.symbol_id, 'symbol_kind', t.kind FROM told AS t
    UNION ALL
    SELECT t.symbol_id, 'documentation', t.documentation FROM told AS t
)
SELECT p.symbol_id AS node_id, p.key, p.value AS value_str, n.file_id
FROM pair AS p
JOIN nodes_symbol AS n ON n.node_id = p.symbol_id
WHERE p.value <> ''
