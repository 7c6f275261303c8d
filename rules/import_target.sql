-- emits: import_target
-- layer: modules
-- language: python
-- why: what one imported name stands for: a variable of the module it is taken from, else that module's submodule
--
-- `import a.b` binds `a`, and the name that is bound is the first of the path; in `import a.b as a` it
-- stands behind the path and means the whole. A package that imports a submodule of its own by name
-- means the submodule, not the variable that this very import binds.
WITH found AS (
    SELECT
        i.file_id,
        i.node,
        i.binding,
        i.name,
        i.level,
        w.module_id AS whole_id,
        p.module_id AS part_id,
        t.module_id AS top_id,
        i.alias = split_part(i.module, '.', 1) AND (strpos(i.module, '.') = 0 OR d.node IS NOT NULL) AS binds_top
    FROM import AS i
    LEFT JOIN module_lookup AS w ON w.file_id = i.file_id AND w.level = i.level AND w.path = coalesce(i.module, '')
    LEFT JOIN module_lookup AS p ON p.file_id = i.file_id AND p.level = i.level
        AND p.path = CASE WHEN i.name IS NOT NULL THEN concat_ws('.', i.module, i.name) END
    LEFT JOIN module_lookup AS t ON t.file_id = i.file_id AND t.level = i.level
        AND t.path = split_part(i.module, '.', 1)
    LEFT JOIN definition AS d ON d.file_id = i.file_id AND d.node = i.node AND d.binding = i.binding
        AND d.name_node = i.name_node + 1
    WHERE NOT i.is_star
)
SELECT DISTINCT
    f.file_id,
    f.node,
    b.node_id AS variable_id,
    CASE
        WHEN f.name IS NULL AND f.binds_top AND f.top_id IS NOT NULL THEN 'module'
        WHEN f.name IS NULL AND NOT f.binds_top AND f.whole_id IS NOT NULL THEN 'module'
        WHEN f.name IS NULL AND f.top_id IS NOT NULL THEN 'missing'
        WHEN f.name IS NULL THEN 'external'
        WHEN n.variable_id IS NOT NULL THEN 'variable'
        WHEN f.part_id IS NOT NULL THEN 'module'
        WHEN f.whole_id IS NOT NULL OR f.top_id IS NOT NULL OR f.level > 0 THEN 'missing'
        ELSE 'external'
    END AS what,
    CASE
        WHEN f.name IS NULL AND f.binds_top THEN f.top_id
        WHEN f.name IS NULL THEN f.whole_id
        WHEN n.variable_id IS NULL THEN f.part_id
    END AS to_module,
    n.variable_id AS to_variable
FROM found AS f
JOIN binding AS b ON b.file_id = f.file_id AND b.binding = f.binding
LEFT JOIN module_name AS n ON n.module_id = f.whole_id AND n.name = f.name AND n.variable_id <> b.node_id
