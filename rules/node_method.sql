-- emits: nodes METHOD
-- layer: syntax
-- unique: yes
-- why: whatever has code of its own is a METHOD: functions, lambdas, the module, and the body of a class
--
-- The parameters of a signature are sorted by a number in front of each: a sorted list costs a third of
-- an ordered string_agg over a quarter of a million small groups.
WITH written AS (
    SELECT
        p.file_id,
        p.function,
        p.index,
        CASE p.kind WHEN 'star' THEN '*' WHEN 'double_star' THEN '**' ELSE '' END
            || p.name
            || CASE WHEN p.default_node IS NOT NULL THEN '=...' ELSE '' END AS text,
        p.kind,
        lag(p.kind) OVER (PARTITION BY p.file_id, p.function ORDER BY p.index) AS before,
        lead(p.kind) OVER (PARTITION BY p.file_id, p.function ORDER BY p.index) AS behind
    FROM parameter AS p
),
parameters AS (
    SELECT
        w.file_id,
        w.function,
        regexp_replace(
            array_to_string(
                list_sort(list(
                    lpad(CAST(w.index AS VARCHAR), 5, '0') || ' '
                        || CASE WHEN w.kind = 'keyword_only' AND (w.before IS NULL OR w.before NOT IN ('keyword_only', 'star'))
                                THEN '*, ' ELSE '' END
                        || w.text
                        || CASE WHEN w.kind = 'positional_only' AND (w.behind IS NULL OR w.behind <> 'positional_only')
                                THEN ', /' ELSE '' END)),
                ', '),
            '(^|, )[0-9]{5} ', '\1', 'g') AS text
    FROM written AS w
    GROUP BY w.file_id, w.function
)
SELECT
    s.method_id AS node_id,
    CASE s.kind WHEN 'class' THEN '<body>' ELSE s.name END AS name,
    CASE s.kind
        WHEN 'module' THEN m.name || '.<module>'
        WHEN 'class' THEN m.name || '.' || s.qualified_name || '.<body>'
        ELSE m.name || '.' || s.qualified_name
    END AS qualified_name,
    CASE WHEN s.kind IN ('function', 'lambda') THEN '(' || coalesce(p.text, '') || ')' END AS signature,
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
LEFT JOIN parameters AS p ON p.file_id = s.file_id AND p.function = s.scope
WHERE s.kind IN ('module', 'class', 'function', 'lambda')
  AND s.role IN ('module', 'class', 'function', 'lambda')
