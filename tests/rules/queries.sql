#query calls
SELECT c.path || ':' || c.start_line || ' ' || coalesce(c.name, '?') || ' -> ' || m.qualified_name
       || CASE m.kind WHEN 'TYPE_DECL' THEN ' (class)' ELSE '' END || ':' || m.start_line || ' ' || e.resolution AS line
FROM edges e JOIN nodes c ON c.node_id = e.src JOIN nodes m ON m.node_id = e.dst
WHERE e.kind = 'CALL' ORDER BY line
#query bases
SELECT c.qualified_name || ' -> ' || b.qualified_name || ':' || b.start_line || ' ' || e.label || ' ' || e.resolution AS line
FROM edges e JOIN nodes c ON c.node_id = e.src JOIN nodes b ON b.node_id = e.dst
WHERE e.kind = 'INHERITS_FROM' ORDER BY line
#query overrides
SELECT c.qualified_name || ' -> ' || b.qualified_name || ' ' || e.resolution AS line
FROM edges e JOIN nodes c ON c.node_id = e.src JOIN nodes b ON b.node_id = e.dst
WHERE e.kind = 'OVERRIDES' ORDER BY line
#query imports
SELECT i.path || ':' || i.start_line || ' ' || e.label || ' -> ' || m.kind || ' ' || m.qualified_name AS line
FROM edges e JOIN nodes i ON i.node_id = e.src JOIN nodes m ON m.node_id = e.dst
WHERE e.kind = 'IMPORTS' ORDER BY line
#query unresolved
SELECT u.path || ':' || n.start_line || ' ' || u.what || ' ' || coalesce(u.name, '?') || ' ' || u.reason AS line
FROM unresolved u JOIN nodes n ON n.node_id = u.node_id ORDER BY line
#query modules
SELECT n.path || ' ' || n.name AS line FROM nodes n WHERE n.kind = 'NAMESPACE_BLOCK' ORDER BY line
#query objects
SELECT c.path || ':' || c.start_line || ' ' || coalesce(c.name, '?') || ' gives ' || t.qualified_name || ' ' || e.resolution AS line
FROM edges e JOIN nodes c ON c.node_id = e.src JOIN nodes t ON t.node_id = e.dst
WHERE e.kind = 'EVAL_TYPE' ORDER BY line
#query refs
SELECT i.path || ':' || i.start_line || ' ' || i.name || ' -> ' || v.kind || ' ' || v.name || ':' || v.start_line AS line
FROM edges e JOIN nodes i ON i.node_id = e.src JOIN nodes v ON v.node_id = e.dst
WHERE e.kind = 'REF' ORDER BY line
#query signatures
SELECT n.qualified_name || n.signature AS line FROM nodes n WHERE n.kind = 'METHOD' AND n.signature IS NOT NULL ORDER BY line
#query captures
SELECT m.name || ' -> ' || v.kind || ' ' || v.name || ':' || v.start_line AS line
FROM edges e JOIN nodes m ON m.node_id = e.src JOIN nodes v ON v.node_id = e.dst
WHERE e.kind = 'CAPTURE' ORDER BY line
#query control
SELECT s.path || ':' || s.start_line || ' ' || s.name || ' ' || e.kind || ' ' || d.kind || ':' || d.start_line AS line
FROM edges e JOIN nodes s ON s.node_id = e.src JOIN nodes d ON d.node_id = e.dst
WHERE e.kind IN ('CONDITION', 'TRUE_BODY', 'FALSE_BODY', 'LOOP_BODY', 'TRY_BODY', 'CATCH_BODY', 'FINALLY_BODY', 'SWITCH_BODY')
ORDER BY line
#query receivers
SELECT s.path || ':' || s.start_line || ' ' || s.name || ' on ' || d.kind || ' ' || d.name AS line
FROM edges e JOIN nodes s ON s.node_id = e.src JOIN nodes d ON d.node_id = e.dst
WHERE e.kind = 'RECEIVER' ORDER BY line
#query arguments
SELECT s.path || ':' || s.start_line || ' ' || s.name || ' (' || e.label || ') ' || d.kind || ' ' || coalesce(d.name, '?') AS line
FROM edges e JOIN nodes s ON s.node_id = e.src JOIN nodes d ON d.node_id = e.dst
WHERE e.kind = 'ARGUMENT' AND s.start_line > 20 ORDER BY line
#query tree
SELECT p.kind || ' ' || coalesce(p.name, '-') || ' > ' || c.kind || ' ' || coalesce(c.name, '-') || ':' || c.start_line AS line
FROM edges e JOIN nodes p ON p.node_id = e.src JOIN nodes c ON c.node_id = e.dst
WHERE e.kind = 'AST' ORDER BY c.path, c.start_byte, c.end_byte DESC, line
#query properties
SELECT n.kind || ' ' || coalesce(n.name, '-') || ':' || n.start_line || ' ' || p.key || ' = '
       || coalesce(p.value_str, CAST(p.value_int AS VARCHAR), CAST(p.value_bool AS VARCHAR)) AS line
FROM props p JOIN nodes n ON n.node_id = p.node_id
WHERE p.key NOT IN ('sha256', 'size_bytes', 'encoding', 'line_count') ORDER BY line
#query members
SELECT m.qualified_name || ' contains ' || count(*) || ' nodes' AS line
FROM edges e JOIN nodes m ON m.node_id = e.src WHERE e.kind = 'CONTAINS' GROUP BY m.qualified_name ORDER BY line
#query files
SELECT n.kind || ' ' || coalesce(n.qualified_name, n.name) || ' in ' || f.name AS line
FROM edges e JOIN nodes n ON n.node_id = e.src JOIN nodes f ON f.node_id = e.dst
WHERE e.kind = 'SOURCE_FILE' ORDER BY line
#query symbols
SELECT path || ' ' || what || ' ' || symbol || CASE WHEN count(*) > 1 THEN ' *' || count(*) ELSE '' END AS line
FROM symbols GROUP BY path, what, symbol ORDER BY line
#query occurrences
SELECT o.path || ':' || o.start_byte || '-' || o.end_byte || ' ' || o.role || ' ' || s.name || ' -> ' || o.symbol
       || ' ' || coalesce(o.resolution, '?')
       || CASE WHEN o.enclosing_end IS NULL THEN '' ELSE ' in ' || o.enclosing_start || '-' || o.enclosing_end END AS line
FROM occurrences o JOIN symbols s ON s.symbol_id = o.symbol_id ORDER BY o.path, o.start_byte, o.end_byte, line
