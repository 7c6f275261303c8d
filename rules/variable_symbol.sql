-- emits: variable_symbol
-- layer: names
-- why: the symbols that a variable may stand for, imports followed from file to file to the definition
WITH RECURSIVE defined AS (
    SELECT DISTINCT d.symbol_id FROM symbol_definition AS d WHERE d.variable_id IS NOT NULL
),
reach AS (
    SELECT t.variable_id, t.to_variable FROM import_target AS t WHERE t.to_variable IS NOT NULL
    UNION
    SELECT r.variable_id, t.to_variable
    FROM reach AS r
    JOIN import_target AS t ON t.variable_id = r.to_variable
    WHERE t.to_variable IS NOT NULL
),
to_module AS (
    SELECT t.variable_id, m.namespace_id AS symbol_id
    FROM import_target AS t
    JOIN module AS m ON m.module_id = t.to_module
    WHERE m.namespace_id IS NOT NULL
)
SELECT d.symbol_id AS variable_id, d.symbol_id, false AS is_imported FROM defined AS d
UNION
SELECT r.variable_id, d.symbol_id, true FROM reach AS r JOIN defined AS d ON d.symbol_id = r.to_variable
UNION
SELECT m.variable_id, m.symbol_id, true FROM to_module AS m
UNION
SELECT r.variable_id, m.symbol_id, true FROM reach AS r JOIN to_module AS m ON m.variable_id = r.to_variable
