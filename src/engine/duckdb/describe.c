/* What a SELECT returns and reads: the engine binds it for the columns, its parse tree names the
 * tables (parse_tree.h). */
#include "base/buffer.h"
#include "base/error.h"
#include "engine/duckdb/parse_tree.h"
#include "engine/duckdb/store_inside.h"

/* Every vocabulary with its type as DESCRIBE prints it. */
#define VOCABULARIES_SQL                                                                           \
    "SELECT type_name, 'ENUM(' || array_to_string(list_transform(labels, "                         \
    "lambda label: '''' || replace(label, '''', '''''') || ''''), ', ') || ')' "                   \
    "FROM duckdb_types() WHERE logical_type = 'ENUM' AND NOT internal AND labels IS NOT NULL "     \
    "ORDER BY type_name"

/* The name of the vocabulary that an ENUM(…) stands for; the engine forgets it. */
static enum rg_status enums_name(const struct runner *runner, struct arena *arena,
                                 struct description *found, struct rg_error *err)
{
    struct text_table types;
    enum rg_status status = runner_table(runner, STR(VOCABULARIES_SQL), 65536, arena, &types, err);
    for (size_t c = 0; status == RG_OK && c < found->n_columns; c++) {
        for (size_t r = 0; r < types.rows; r++) {
            if (str_eq(types.cells[2 * r + 1], found->columns[c].type)) {
                found->columns[c].type = types.cells[2 * r];
                break;
            }
        }
    }
    return status;
}

static enum rg_status columns_describe(const struct runner *runner, struct str sql,
                                       duckdb_prepared_statement prepared, struct arena *arena,
                                       struct description *found, struct rg_error *err)
{
    struct buffer text = {0};
    struct text_table types;
    buffer_text(&text, "SELECT column_type FROM (DESCRIBE FROM query(");
    buffer_sql_text(&text, sql);
    buffer_text(&text, "))");
    enum rg_status status =
        text.failed ? error_no_memory(err, "engine")
                    : runner_table(runner, buffer_view(&text), 65536, arena, &types, err);
    buffer_fini(&text);
    if (status != RG_OK)
        return status;
    found->n_columns = duckdb_prepared_statement_column_count(prepared);
    if (found->n_columns != types.rows)
        return error_set(err, RG_ERR_INTERNAL, "engine", "the engine describes %zu of %zu columns",
                         types.rows, found->n_columns);
    found->columns = ARENA_ARRAY(arena, found->n_columns, struct described_column);
    if (!found->columns)
        return error_no_memory(err, "engine");
    bool has_enum = false;
    for (size_t i = 0; i < found->n_columns; i++) {
        const char *name = duckdb_prepared_statement_column_name(prepared, i);
        found->columns[i].name = arena_str(arena, str_of(name ? name : ""));
        found->columns[i].type = types.cells[i];
        duckdb_free((void *)(uintptr_t)name);
        if (!found->columns[i].name.ptr)
            return error_no_memory(err, "engine");
        has_enum |= str_starts(types.cells[i], STR("ENUM("));
    }
    return has_enum ? enums_name(runner, arena, found, err) : RG_OK;
}

enum rg_status store_describe(struct store *store, struct str sql, struct arena *arena,
                              struct description *out_description, struct rg_error *err)
{
    struct runner runner;
    struct tree_tables tables = {0};
    duckdb_prepared_statement prepared = NULL;
    const struct tree_policy policy = {
        .refused = RG_ERR_RULE,
        .wrong_text = RG_ERR_RULE,
        .hint = "a rule reads declared datasets and intermediates only",
        .datasets_only = true,
    };
    *out_description = (struct description){0};
    enum rg_status status = store_acquire(store, &runner, err);
    /* Before it is bound: what may not be read is not even looked at. */
    if (status == RG_OK)
        status = parse_tree_check(&runner, sql, &policy, arena, &tables, err);
    if (status == RG_OK)
        status = runner_prepare_select(&runner, sql, &prepared, err);
    out_description->tables = tables.names;
    out_description->n_tables = tables.count;
    if (status == RG_OK)
        status = columns_describe(&runner, sql, prepared, arena, out_description, err);
    duckdb_destroy_prepare(&prepared);
    store_release(store, &runner);
    if (status != RG_OK)
        *out_description = (struct description){0};
    return status;
}

enum rg_status store_check_select(struct store *store, struct str sql, const char *const *schemas,
                                  struct arena *arena, struct str **out_tables,
                                  size_t *out_n_tables, struct rg_error *err)
{
    struct runner runner;
    struct tree_tables tables = {0};
    const struct tree_policy policy = {
        .refused = RG_ERR_FORBIDDEN,
        .wrong_text = RG_ERR_PARSE,
        .hint = "a step reads facts and what the steps before it made",
        .datasets_only = true,
        .schemas = schemas,
    };
    enum rg_status status = store_acquire(store, &runner, err);
    if (status == RG_OK)
        status = parse_tree_check(&runner, sql, &policy, arena, &tables, err);
    store_release(store, &runner);
    *out_tables = status == RG_OK ? tables.names : NULL;
    *out_n_tables = status == RG_OK ? tables.count : 0;
    return status;
}
