-- emits: name_symbol
-- layer: names
-- why: one symbol for each name of a scope, and one for each module
WITH named AS (
    SELECT
        d.symbol_id,
        d.file_id,
        d.scope,
        d.name,
        bool_or(d.what = 'class') AS is_class,
        bool_or(d.what = 'function') AS is_function,
        bool_or(d.what = 'parameter') AS is_parameter,
        min(d.start_byte) AS start_byte,
        min(d.end_byte) AS end_byte,
        min(CASE WHEN d.what IN ('class', 'function') THEN d.node END) AS object_node,
        min(d.variable_id) AS variable_id
    FROM symbol_definition AS d
    GROUP BY d.symbol_id, d.file_id, d.scope, d.name
),
described AS (
    SELECT
        n.symbol_id,
        n.file_id,
        -- as it is written: __x of the class C is bound as _C__x
        CASE
            WHEN s.kind = 'class' AND starts_with(n.name, '_' || ltrim(s.name, '_') || '__')
            THEN substr(n.name, length(ltrim(s.name, '_')) + 2)
            ELSE n.name
        END AS name,
        n.start_byte,
        n.end_byte,
        n.is_class,
        n.is_function,
        n.is_parameter,
        p.prefix,
        CASE WHEN n.is_parameter THEN p.has_local_parameters ELSE p.is_local END AS is_local,
        s.kind = 'class' AS is_member,
        coalesce(o.node_id, n.variable_id) AS node_id,
        CASE WHEN s.kind = 'module' THEN t.namespace_id ELSE w.symbol_id END AS owner_id
    FROM named AS n
    JOIN symbol_scope AS p ON p.file_id = n.file_id AND p.scope = n.scope
    JOIN scope AS s ON s.file_id = n.file_id AND s.scope = n.scope
    JOIN file_root AS t ON t.file_id = n.file_id
    LEFT JOIN scope AS o ON o.file_id = n.file_id AND o.scope = n.object_node
    LEFT JOIN symbol_definition AS w
        ON w.file_id = n.file_id AND w.node = n.scope AND w.what IN ('class', 'function')
),
spelled AS (
    SELECT
        d.*,
        CASE
            WHEN regexp_matches(d.name, '^[A-Za-z0-9_+$-]+$') THEN d.name
            ELSE '`' || replace(d.name, '`', '``') || '`'
        END AS escaped
    FROM described AS d
)
SELECT
    d.symbol_id,
    CASE
        WHEN d.is_local THEN 'local ' || CAST(rank() OVER (
            PARTITION BY d.file_id, d.is_local ORDER BY d.start_byte, d.symbol_id) - 1 AS VARCHAR)
        ELSE d.prefix || CASE
            WHEN d.is_parameter THEN '(' || d.escaped || ')'
            WHEN d.is_class THEN d.escaped || '#'
            WHEN d.is_function THEN d.escaped || '().'
            ELSE d.escaped || '.'
        END
    END AS symbol,
    CASE
        WHEN d.is_parameter THEN 'parameter'
        WHEN d.is_class THEN 'class'
        WHEN d.is_function AND d.is_member THEN 'method'
        WHEN d.is_function THEN 'function'
        WHEN d.is_member THEN 'attribute'
        ELSE 'variable'
    END AS what,
    d.name,
    d.owner_id,
    d.node_id,
    d.file_id,
    d.start_byte,
    d.end_byte
FROM spelled AS d
UNION ALL
SELECT
    t.namespace_id,
    p.prefix || '__init__:',
    'module',
    m.name,
    NULL,
    t.namespace_id,
    m.file_id,
    0,
    0
FROM module AS m
JOIN file_root AS t ON t.file_id = m.file_id
JOIN symbol_scope AS p ON p.file_id = m.file_id AND p.scope = 0
