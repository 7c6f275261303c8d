-- emits: edges ARGUMENT
-- resolution: exact
-- layer: syntax
-- unique: yes
-- why: a call, or an operator, and what it is given: by place, by name, or unpacked
SELECT
    a.call_id AS src,
    a.node_id AS dst,
    CASE a.kind
        WHEN 'positional' THEN CAST(a.index AS VARCHAR)
        WHEN 'keyword' THEN a.name || '='
        WHEN 'star' THEN '*'
        ELSE '**'
    END AS label,
    a.file_id,
    a.start_byte,
    a.end_byte
FROM argument AS a
UNION ALL
SELECT
    s.parent_id,
    s.node_id,
    CASE s.operand WHEN -1 THEN '*' WHEN -2 THEN '**' ELSE CAST(s.operand AS VARCHAR) END,
    s.file_id,
    s.start_byte,
    s.end_byte
FROM syntax AS s
WHERE s.operand <> 0 AND s.parent_id IS NOT NULL
