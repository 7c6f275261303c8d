-- emits: import_target
-- layer: modules
-- language: python
-- why: what one imported name stands for: a variable of the module it is taken from, else that module's submodule. `import a.b` binds `a`. A package that imports its own submodule by name means the submodule
WITH found AS (
    SELECT
        i.file_id,
        i.node,
        i.binding,
        i.name,
        w.module_id AS whole_id,
        p.module_id AS part_id,
        t.module_id AS top_id,
        i.alias = split_part(i.module, '.', 1) AS binds_top
    FROM import AS i
    LEFT JOIN module_lookup AS w ON w.file_id = i.file_id AND w.level = i.level AND w.path = coalesce(i.module, '')
    LEFT JOIN module_lookup AS p ON p.file_id = i.file_id AND p.level = i.level
        AND p.path = concat_ws('.', i.module, i.name) AND i.name IS NOT NULL
    LEFT JOIN module_lookup AS t ON t.file_id = i.file_id AND t.level = i.level
        AND t.path = split_part(i.module, '.', 1) AND i.name IS NULL
    WHERE NOT i.is_star
)
SELECT DISTINCT
    f.file_id,
    f.node,
    b.node_id AS variable_id,
    CASE
        WHEN f.name IS NULL AND f.binds_top AND f.top_id IS NOT NULL THEN 'module'
        WHEN f.name IS NULL AND NOT f.binds_top AND f.whole_id IS NOT NULL THEN 'module'
        WHEN f.name IS NULL THEN 'external'
        WHEN n.variable_id IS NOT NULL THEN 'variable'
        WHEN f.part_id IS NOT NULL THEN 'module'
        WHEN f.whole_id IS NOT NULL THEN 'missing'
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
