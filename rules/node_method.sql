-- emits: nodes METHOD
-- layer: syntax
-- unique: yes
-- why: whatever has code of its own is a METHOD: functions, lambdas, the module, and the body of a class
SELECT
    s.method_id AS node_id,
    CASE s.kind WHEN 'class' THEN '<body>' ELSE s.name END AS name,
    CASE s.kind
        WHEN 'module' THEN m.name || '.<module>'
        WHEN 'class' THEN m.name || '.' || s.qualified_name || '.<body>'
        ELSE m.name || '.' || s.qualified_name
    END AS qualified_name,
    s.signature,
    s.syntax_kind,
    s.file_id,
    s.start_byte,
    s.end_byte,
    s.start_line,
    s.end_line,
    CASE WHEN s.kind IN ('class', 'lambda') THEN s.syntax_id ELSE s.parent_id END AS parent_id,
    CASE WHEN s.kind IN ('class', 'lambda') THEN 1 ELSE s.ordinal END AS ordinal,
    s.function_id
FROM scope AS s
LEFT JOIN module AS m ON m.file_id = s.file_id
WHERE s.kind IN ('module', 'class', 'function', 'lambda')
  AND s.role IN ('module', 'class', 'function', 'lambda')
