/* Views and macros: what people ask a code graph first. Operators are calls in the graph; here they
 * are left out. A name is matched by the last part, by the whole qualified name, or by its end at a
 * dot. */
#include "graph/views.h"

#include "base/buffer.h"
#include "graph/manifest.h"

#define COLUMNS(...) ((const struct view_column[]){__VA_ARGS__, {NULL, NULL}})

#define CALL_COLUMNS                                                                               \
    {"caller", "qualified name of the function that calls"},                                       \
        {"callee", "qualified name of what is called"}, {"path", "file of the call"},              \
        {"line", "line of the call"}, {"start_byte", NULL}, {"end_byte", NULL},                    \
        {"resolution", "what the finding rests on"},                                               \
        {"confidence", "1 where there is one target only"}, {"rule", "that found it"},             \
        {"caller_id", NULL}, {"callee_id", NULL},                                                  \
    {                                                                                              \
        "call_id", "the CALL node"                                                                 \
    }

#define REFERENCE_COLUMNS                                                                          \
    COLUMNS({"kind", "of the edge that leads to it"}, {"target_name", NULL}, {"path", NULL},       \
            {"line", NULL}, {"start_byte", NULL}, {"end_byte", NULL},                              \
            {"function", "qualified name of the function around"},                                 \
            {"node_id", "the node that refers"}, {"target_id", NULL})

#define DEFINITION_COLUMNS                                                                         \
    COLUMNS({"kind", NULL}, {"name", NULL}, {"qualified_name", NULL}, {"signature", NULL},         \
            {"path", NULL}, {"start_line", NULL}, {"end_line", NULL}, {"start_byte", NULL},        \
            {"end_byte", NULL}, {"node_id", NULL})

const struct view_spec view_specs[] = {
    {
        .name = "is_named",
        .parameters = "node_name, full_name, wanted",
        .is_scalar = true,
        .what = "whether a node is meant by a name: filter, QuerySet.filter, or the whole path",
        .example = "SELECT path FROM nodes WHERE is_named(name, qualified_name, 'QuerySet.filter')",
        .sql = "node_name = wanted OR full_name = wanted OR ends_with(full_name, '.' || wanted)",
    },
    {
        .name = "is_called",
        .parameters = "node_name, full_name, wanted",
        .is_scalar = true,
        .what = "as is_named; the name of a class stands for its __init__ too",
        .example = "SELECT path FROM nodes WHERE is_called(name, qualified_name, 'QuerySet')",
        .sql = "is_named(node_name, full_name, wanted) OR (node_name = '__init__'\n"
               "  AND is_named(node_name, full_name, wanted || '.__init__'))",
    },
    {
        .name = "methods",
        .what = "functions and methods, without the code of modules, classes and lambdas",
        .columns =
            COLUMNS({"name", NULL}, {"qualified_name", NULL}, {"signature", NULL}, {"path", NULL},
                    {"start_line", NULL}, {"end_line", NULL}, {"node_id", NULL}),
        .sql = "SELECT name, qualified_name, signature, path, start_line, end_line, node_id\n"
               "FROM nodes WHERE kind = 'METHOD' AND NOT starts_with(name, '<')",
    },
    {
        .name = "classes",
        .what = "classes with their direct bases as far as they are in the repository",
        .columns = COLUMNS({"name", NULL}, {"qualified_name", NULL},
                           {"bases", "qualified names, in alphabetical order"}, {"path", NULL},
                           {"start_line", NULL}, {"end_line", NULL}, {"node_id", NULL}),
        .sql =
            "SELECT c.name, c.qualified_name, b.bases, c.path, c.start_line, c.end_line,\n"
            "       c.node_id\n"
            "FROM nodes AS c LEFT JOIN (\n"
            "  SELECT e.src, list(DISTINCT t.qualified_name ORDER BY t.qualified_name) AS bases\n"
            "  FROM edges AS e JOIN nodes AS t ON t.node_id = e.dst\n"
            "  WHERE e.kind = 'INHERITS_FROM' GROUP BY e.src) AS b ON b.src = c.node_id\n"
            "WHERE c.kind = 'TYPE_DECL'",
    },
    {
        .name = "imports",
        .what = "which file imports which, and what of it, where both are in the repository",
        .columns =
            COLUMNS({"importer", "file that imports"}, {"imported", "file that is imported"},
                    {"name", "qualified name of the module, class or function"}, {"line", NULL},
                    {"start_byte", NULL}, {"end_byte", NULL}, {"resolution", NULL}, {"rule", NULL},
                    {"importer_id", "the IMPORT node"}, {"imported_id", NULL}),
        .sql = "SELECT s.path AS importer, t.path AS imported, t.qualified_name AS name,\n"
               "       s.start_line AS line, e.start_byte, e.end_byte, e.resolution, e.rule,\n"
               "       e.src AS importer_id, e.dst AS imported_id\n"
               "FROM edges AS e JOIN nodes AS s ON s.node_id = e.src\n"
               "JOIN nodes AS t ON t.node_id = e.dst WHERE e.kind = 'IMPORTS'",
    },
    {
        .name = "calls",
        .what = "calls whose target is known, one row per call and target",
        .example = "SELECT callee, count(*) FROM calls GROUP BY callee ORDER BY 2 DESC LIMIT 10",
        .columns = COLUMNS(CALL_COLUMNS),
        .sql =
            "SELECT m.qualified_name AS caller, t.qualified_name AS callee, c.path,\n"
            "       c.start_line AS line, c.start_byte, c.end_byte, e.resolution, e.confidence,\n"
            "       e.rule, m.node_id AS caller_id, t.node_id AS callee_id, c.node_id AS call_id\n"
            "FROM edges AS e JOIN nodes AS c ON c.node_id = e.src\n"
            "JOIN nodes AS m ON m.node_id = c.function_id JOIN nodes AS t ON t.node_id = e.dst\n"
            "WHERE e.kind = 'CALL' AND c.kind = 'CALL'\n"
            "  AND NOT starts_with(coalesce(c.name, ''), '<operator>')",
    },
    {
        .name = "evidence",
        .what = "every finding for an edge, the ones that lost included",
        .columns =
            COLUMNS({"kind", NULL}, {"src", NULL}, {"dst", NULL}, {"path", NULL},
                    {"start_byte", NULL}, {"end_byte", NULL}, {"label", NULL}, {"origin", NULL},
                    {"resolution", NULL}, {"confidence", NULL}, {"rule", NULL}),
        .sql = "SELECT kind, src, dst, path, start_byte, end_byte, label, origin, resolution,\n"
               "       confidence, rule FROM edge_evidence\n"
               "UNION ALL\n"
               "SELECT kind, src, dst, path, start_byte, end_byte, label, origin, resolution,\n"
               "       confidence, rule FROM edges\n"
               "WHERE kind NOT IN (SELECT DISTINCT kind FROM edge_evidence)",
    },
    {
        .name = "node_properties",
        .dataset = "props_json",
        .what = "nodes with their properties as a JSON object; of graphs built with --json-props",
        .example = "SELECT name, properties->>'module' FROM node_properties WHERE kind = 'IMPORT'",
        .columns = COLUMNS({"kind", NULL}, {"name", NULL}, {"qualified_name", NULL}, {"path", NULL},
                           {"start_line", NULL}, {"properties", "{} where it has none"},
                           {"node_id", NULL}),
        .sql = "SELECT n.kind, n.name, n.qualified_name, n.path, n.start_line,\n"
               "       coalesce(p.properties, '{}') AS properties, n.node_id\n"
               "FROM nodes AS n LEFT JOIN props_json AS p ON p.node_id = n.node_id",
    },
    {
        .name = "definitions",
        .what =
            "what has a name: functions, classes, members, parameters, variables, with qualified "
            "names for all of them",
        .example = "SELECT * FROM definitions WHERE qualified_name LIKE '%.QuerySet.%' LIMIT 5",
        .columns = DEFINITION_COLUMNS,
        /* The owner's key is an expression, for a join on a condition beside it would compare all
           pairs. */
        .sql = "SELECT n.kind, n.name, coalesce(n.qualified_name,\n"
               "         replace(o.qualified_name, '.<module>', '') || '.' || n.name, n.name)\n"
               "         AS qualified_name,\n"
               "       n.signature, n.path, n.start_line, n.end_line, n.start_byte, n.end_byte,\n"
               "       n.node_id\n"
               "FROM nodes AS n\n"
               "LEFT JOIN nodes AS o\n"
               "  ON o.node_id = CASE WHEN n.qualified_name IS NULL THEN n.parent_id END\n"
               "WHERE n.kind IN ('METHOD', 'TYPE_DECL', 'MEMBER', 'LOCAL', 'METHOD_PARAMETER_IN',\n"
               "                 'NAMESPACE_BLOCK')",
    },
    {
        .name = "definition",
        .parameters = "target",
        .what = "where a name is defined: functions, classes, members, parameters, variables",
        .example = "SELECT * FROM definition('QuerySet.filter')",
        .columns = DEFINITION_COLUMNS,
        /* What an import binds is defined elsewhere. A function or class binds a variable of its
         * name too: the definition proper says more. */
        .sql =
            "WITH found AS (\n"
            "  SELECT d.* FROM definitions AS d\n"
            "  ANTI JOIN (SELECT node_id FROM props WHERE key = 'storage'\n"
            "             AND value_str = 'imported') AS i ON i.node_id = d.node_id\n"
            "  WHERE is_named(d.name, d.qualified_name, target))\n"
            "SELECT found.* FROM found WHERE kind NOT IN ('LOCAL', 'MEMBER') OR NOT EXISTS (\n"
            "  SELECT 1 FROM found AS proper WHERE proper.kind IN ('METHOD', 'TYPE_DECL')\n"
            "    AND proper.path = found.path AND proper.qualified_name = found.qualified_name)\n"
            "ORDER BY path, start_byte, kind, node_id",
    },
    {
        .name = "callers",
        .parameters = "target",
        .what = "who calls a function or constructs a class, one row per call",
        .example = "SELECT caller, path, line FROM callers('QuerySet.filter')",
        .columns = COLUMNS(CALL_COLUMNS),
        /* A class that inherits its constructor is named by the EVAL_TYPE edge of the call alone.
         */
        .sql = "SELECT calls.* FROM calls WHERE calls.callee_id IN (\n"
               "    SELECT named.node_id FROM nodes AS named\n"
               "    WHERE is_called(named.name, named.qualified_name, target))\n"
               "  OR calls.call_id IN (\n"
               "    SELECT made.src FROM edges AS made JOIN nodes AS named ON named.node_id = "
               "made.dst\n"
               "    WHERE made.kind = 'EVAL_TYPE'\n"
               "      AND is_named(named.name, named.qualified_name, target))\n"
               "ORDER BY calls.path, calls.start_byte, calls.end_byte, calls.callee",
    },
    {
        .name = "callees",
        .parameters = "target",
        .what = "what a function calls, one row per call",
        .example = "SELECT callee, line FROM callees('QuerySet.filter')",
        .columns = COLUMNS(CALL_COLUMNS),
        .sql = "SELECT calls.* FROM calls JOIN nodes AS named ON named.node_id = calls.caller_id\n"
               "WHERE is_called(named.name, named.qualified_name, target)\n"
               "ORDER BY calls.path, calls.start_byte, calls.end_byte, calls.callee",
    },
    {
        .name = "where_used",
        .parameters = "target",
        .what = "where a name is used: read, written, called, inherited from, imported",
        .example = "SELECT kind, path, line FROM where_used('QuerySet')",
        .columns = REFERENCE_COLUMNS,
        .sql = "SELECT DISTINCT e.kind, t.qualified_name AS target_name, s.path,\n"
               "       s.start_line AS line, s.start_byte, s.end_byte,\n"
               "       f.qualified_name AS function, s.node_id, t.node_id AS target_id\n"
               "FROM definitions AS t JOIN edges AS e ON e.dst = t.node_id\n"
               "JOIN nodes AS s ON s.node_id = e.src\n"
               "LEFT JOIN nodes AS f ON f.node_id = s.function_id\n"
               "WHERE is_named(t.name, t.qualified_name, target)\n"
               "  AND e.kind IN ('REF', 'CALL', 'INHERITS_FROM', 'IMPORTS', 'OVERRIDES')\n"
               "ORDER BY s.path, s.start_byte, s.end_byte, e.kind, s.node_id, t.node_id",
    },
    {
        .name = "references",
        .parameters = "target",
        .what =
            "the same as where_used; clients other than relgraph want the name in double quotes",
        .example = "SELECT kind, path, line FROM references('QuerySet')",
        .columns = REFERENCE_COLUMNS,
        .sql = "FROM where_used(target)",
    },
    {
        .name = "path",
        .parameters = "source, destination",
        .what =
            "a shortest chain of calls from one function to another; no row where there is none",
        .example =
            "SELECT step, qualified_name, call_path, call_line FROM path('get', 'execute_sql')",
        .columns = COLUMNS({"step", "0 is the source"}, {"qualified_name", NULL},
                           {"path", "file of the function"}, {"line", "line of the function"},
                           {"call_path", "where the step before calls it"}, {"call_line", NULL},
                           {"node_id", NULL}),
        /* Breadth first: USING KEY keeps one row per function, the first that reached it, so the
         * search ends after at most as many rounds as there are functions on the longest shortest
         * path. */
        .sql =
            "WITH RECURSIVE step AS MATERIALIZED (\n"
            "  SELECT caller_id AS src, callee_id AS dst,\n"
            "         min(struct_pack(path := calls.path, line := calls.line)) AS place\n"
            "  FROM calls WHERE caller_id <> callee_id GROUP BY ALL),\n"
            "goal AS MATERIALIZED (\n"
            "  SELECT node_id FROM nodes WHERE kind IN ('METHOD', 'TYPE_DECL')\n"
            "    AND is_called(name, qualified_name, destination)),\n"
            "reach(node_id, before, distance) USING KEY (node_id) AS (\n"
            "  SELECT node_id, NULL::BIGINT, 0 FROM nodes WHERE kind IN ('METHOD', 'TYPE_DECL')\n"
            "    AND is_called(name, qualified_name, source)\n"
            "  UNION\n"
            "  SELECT step.dst, min(step.src), max(reach.distance) + 1\n"
            "  FROM reach JOIN step ON step.src = reach.node_id\n"
            "  LEFT JOIN recurring.reach AS known ON known.node_id = step.dst\n"
            "  WHERE known.node_id IS NULL\n"
            "    AND NOT EXISTS (SELECT 1 FROM recurring.reach AS r JOIN goal USING (node_id))\n"
            "  GROUP BY step.dst),\n"
            "walk(node_id, before, distance) AS (\n"
            "  (SELECT node_id, before, distance FROM reach JOIN goal USING (node_id)\n"
            "   ORDER BY distance, node_id LIMIT 1)\n"
            "  UNION ALL\n"
            "  SELECT reach.node_id, reach.before, reach.distance\n"
            "  FROM walk JOIN reach ON reach.node_id = walk.before)\n"
            "SELECT walk.distance AS step, n.qualified_name, n.path, n.start_line AS line,\n"
            "       step.place.path AS call_path, step.place.line AS call_line, n.node_id\n"
            "FROM walk JOIN nodes AS n ON n.node_id = walk.node_id\n"
            "LEFT JOIN step ON step.src = walk.before AND step.dst = walk.node_id\n"
            "ORDER BY walk.distance",
    },
};
const size_t view_specs_count = sizeof view_specs / sizeof *view_specs;

static bool is_made(const char *dataset, const struct manifest_shard *shards, size_t n_shards)
{
    for (size_t i = 0; i < n_shards; i++)
        if (str_is(shards[i].dataset, dataset))
            return true;
    return false;
}

void views_sql(struct buffer *out, const struct manifest_shard *shards, size_t n_shards)
{
    for (size_t i = 0; i < view_specs_count; i++) {
        const struct view_spec *view = &view_specs[i];
        if (view->dataset && !is_made(view->dataset, shards, n_shards))
            continue;
        buffer_text(out, view->parameters ? "CREATE MACRO " : "CREATE VIEW ");
        buffer_sql_name(out, str_of(view->name));
        if (view->parameters)
            buffer_printf(out, "(%s)", view->parameters);
        buffer_text(out, view->parameters && !view->is_scalar ? " AS TABLE\n" : " AS\n");
        buffer_text(out, view->is_scalar ? "(" : "");
        buffer_text(out, view->sql);
        buffer_text(out, view->is_scalar ? ");\n" : ";\n");
    }
}
