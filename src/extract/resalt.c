/* Re-salting: one look for ids that occur twice, which as a rule finds none; the rest is for the
 * day on which it does. Everything a node's id is part of must follow: the ids of nodes derived
 * from it (docs/graph.md), the variables it owns, and every column that refers to any of them. */
#include "extract/resalt.h"

#include "base/buffer.h"
#include "base/error.h"
#include "fact_tables.h"

enum { ROUNDS_MAX = 64 }; /* a new id may meet another one: each round has fewer */

static const char find_nodes[] =
    "SELECT count(*) FROM (SELECT node_id FROM syntax GROUP BY node_id HAVING count(*) > 1)";

/* old → new within a file. The first file in path order keeps the id. */
static const char map_nodes[] =
    "CREATE TABLE resalt_map AS "
    "SELECT file_id, node_id AS old, stable_hash64(node_id, n) AS new FROM ("
    "  SELECT s.file_id, s.node_id,"
    "    row_number() OVER (PARTITION BY s.node_id ORDER BY f.ordinal, s.node) - 1 AS n"
    "  FROM syntax s JOIN file f ON f.file_id = s.file_id"
    "  WHERE s.node_id IN (SELECT node_id FROM syntax GROUP BY node_id HAVING count(*) > 1))"
    "WHERE n > 0";

/* Nodes that stand beside a syntax node, and the variables of the scopes among all of them. */
static const char map_derived[] =
    "INSERT INTO resalt_map "
    "SELECT file_id, stable_hash64(old, kind, name), stable_hash64(new, kind, name) FROM "
    "resalt_map,"
    " (VALUES ('FILE', ''), ('NAMESPACE_BLOCK', ''), ('METHOD', '<body>'), ('METHOD', '<lambda>'))"
    " derived(kind, name);"
    "INSERT INTO resalt_map "
    "SELECT b.file_id, b.node_id, stable_hash64(m.new, k.kind, b.name) FROM binding b"
    " JOIN scope s ON s.file_id = b.file_id AND s.scope = b.scope"
    " JOIN resalt_map m ON m.file_id = s.file_id AND m.old = s.node_id,"
    " (VALUES ('LOCAL'), ('MEMBER')) k(kind) "
    "WHERE b.target IS NULL AND b.node_id = stable_hash64(m.old, k.kind, b.name)";

/* A variable's id is its own, or that of the parameter it is. */
#define SHARED_VARIABLES                                                                           \
    "SELECT node_id FROM binding WHERE target IS NULL GROUP BY node_id HAVING count(*) > 1"        \
    " UNION SELECT b.node_id FROM binding b JOIN syntax s ON s.node_id = b.node_id"                \
    " WHERE b.target IS NULL AND (s.file_id <> b.file_id OR s.role <> 'parameter')"

static const char find_variables[] = "SELECT count(*) FROM (" SHARED_VARIABLES ")";

/* A syntax node keeps its id before any variable does; then the first variable in path order. */
static const char map_variables[] =
    "CREATE TABLE resalt_variable AS "
    "WITH shared AS (" SHARED_VARIABLES "),"
    " owner AS (SELECT b.file_id, f.ordinal, b.binding, b.node_id,"
    "   EXISTS (SELECT 1 FROM syntax s WHERE s.node_id = b.node_id AND s.file_id = b.file_id"
    "     AND s.role = 'parameter') AS is_node,"
    "   EXISTS (SELECT 1 FROM syntax s WHERE s.node_id = b.node_id) AS taken"
    "  FROM binding b JOIN file f ON f.file_id = b.file_id"
    "  WHERE b.target IS NULL AND b.node_id IN (SELECT node_id FROM shared)),"
    " numbered AS (SELECT *, row_number() OVER (PARTITION BY node_id, is_node"
    "   ORDER BY ordinal, binding) - (CASE WHEN taken THEN 0 ELSE 1 END) AS n FROM owner)"
    "SELECT file_id, binding, node_id AS old, stable_hash64(node_id, n) AS new"
    " FROM numbered WHERE n > 0 AND NOT is_node";

/* Of every name that means the variable, with the ones that only pass it through. */
static const char map_names[] =
    "CREATE TABLE resalt_name AS SELECT v.file_id, b.binding, v.old, v.new"
    " FROM resalt_variable v JOIN binding b ON b.file_id = v.file_id"
    " AND (b.binding = v.binding OR b.target = v.binding)";

static enum rg_status exec(struct store *store, const char *sql, struct rg_error *err)
{
    return store_exec(store, str_of(sql), err);
}

static enum rg_status number(struct store *store, const char *sql, int64_t *out_value,
                             struct rg_error *err)
{
    return store_int64(store, str_of(sql), out_value, err);
}

/* A column of ids after a map: old, new and file_id; `also`: a column that must be equal besides.
 */
static enum rg_status update_ids(struct store *store, const struct table_spec *table,
                                 struct str column, const char *map, const char *also,
                                 struct rg_error *err)
{
    struct buffer sql = {0};
    table_print_update(&sql, table, column, STR("m.new"));
    buffer_printf(&sql, " FROM %s m WHERE t.file_id = m.file_id AND ", map);
    table_print_column(&sql, table, column);
    buffer_text(&sql, " = m.old");
    if (also) {
        buffer_text(&sql, " AND ");
        table_print_column(&sql, table, str_of(also));
        buffer_printf(&sql, " = m.%s", also);
    }
    enum rg_status status =
        sql.failed ? error_no_memory(err, "extract") : store_exec(store, buffer_view(&sql), err);
    buffer_fini(&sql);
    return status;
}

/* The map, applied to every column that holds node ids. */
static enum rg_status apply_map(struct store *store, const struct table_spec *tables,
                                struct rg_error *err)
{
    enum rg_status status = RG_OK;
    for (size_t i = 0; status == RG_OK && i < FACT_COUNT; i++) {
        struct str ids = str_of(table_is_left_out(&tables[i]) ? "" : tables[i].ids);
        while (status == RG_OK && ids.ptr && ids.len)
            status = update_ids(store, &tables[i], str_trim(str_split(&ids, ',')), "resalt_map",
                                NULL, err);
    }
    return status;
}

static enum rg_status resalt_nodes(struct store *store, const struct table_spec *tables,
                                   uint64_t *count, struct rg_error *err)
{
    int64_t changed = 0, ambiguous = 0;
    enum rg_status status = exec(store, map_nodes, err);
    if (status == RG_OK)
        status = number(store, "SELECT count(*) FROM resalt_map", &changed, err);
    if (status == RG_OK)
        status = number(store,
                        "SELECT count(*) FROM (SELECT 1 FROM resalt_map GROUP BY file_id, old "
                        "HAVING count(*) > 1)",
                        &ambiguous, err);
    if (status == RG_OK && ambiguous)
        status = error_set(err, RG_ERR_INTERNAL, "extract", "two nodes of one file share an id");
    if (status == RG_OK)
        status = exec(store, map_derived, err);
    if (status == RG_OK)
        status = apply_map(store, tables, err);
    if (status == RG_OK)
        status = exec(store, "DROP TABLE resalt_map", err);
    *count += (uint64_t)changed;
    return status;
}

static enum rg_status resalt_variables(struct store *store, const struct table_spec *tables,
                                       uint64_t *count, struct rg_error *err)
{
    int64_t changed = 0;
    enum rg_status status = exec(store, map_variables, err);
    if (status == RG_OK)
        status = number(store, "SELECT count(*) FROM resalt_variable", &changed, err);
    if (status == RG_OK)
        status = exec(store, map_names, err);
    if (status == RG_OK)
        status = update_ids(store, &tables[FACT_REFERENCE], STR("target_id"), "resalt_name",
                            "binding", err);
    if (status == RG_OK)
        status =
            update_ids(store, &tables[FACT_BINDING], STR("node_id"), "resalt_name", "binding", err);
    if (status == RG_OK)
        status = exec(store, "DROP TABLE resalt_name; DROP TABLE resalt_variable", err);
    *count += (uint64_t)changed;
    return status;
}

enum rg_status resalt_ids(struct store *store, const struct table_spec *tables, uint64_t *out_count,
                          struct rg_error *err)
{
    *out_count = 0;
    for (int round = 0; round < ROUNDS_MAX; round++) {
        int64_t nodes = 0, variables = 0;
        enum rg_status status = number(store, find_nodes, &nodes, err);
        if (status == RG_OK && nodes)
            status = resalt_nodes(store, tables, out_count, err);
        if (status == RG_OK && !nodes)
            status = number(store, find_variables, &variables, err);
        if (status == RG_OK && variables)
            status = resalt_variables(store, tables, out_count, err);
        if (status != RG_OK || (!nodes && !variables))
            return status;
    }
    return error_set(err, RG_ERR_INTERNAL, "extract", "node ids still collide after %d rounds",
                     ROUNDS_MAX);
}
