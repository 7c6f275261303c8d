/* What a SELECT returns and reads. The engine binds it for the columns; the tables come from its
 * parse tree as JSON, because the engine's own list looks through views and forgets unused CTEs. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "base/error.h"
#include "engine/duckdb/engine_error.h"
#include "engine/duckdb/store_inside.h"

/* Names that WITH gives, innermost first. */
struct cte_scope {
    const struct cte_scope *outer;
    const char *name;
};

/* A part of the tree still to be looked at, and the names that hold there. */
struct walk_item {
    json_t *json;
    const struct cte_scope *scope;
};

struct walk {
    struct arena *arena;
    struct arena scratch; /* stack and scopes */
    struct walk_item *stack;
    size_t depth, capacity;
    struct description *found;
    size_t tables_capacity;
    struct str sql;
    struct rg_error *err;
    enum rg_status status;
};

/* Table functions that read nothing. Every other one, table macros included, reads what no
 * declaration names: files, the catalog, a query in a string. */
static const char *const pure_table_functions[] = {"range", "generate_series", "unnest"};

static bool name_in(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!strcasecmp(name, names[i]))
            return true;
    }
    return false;
}

static void walk_fail(struct walk *walk, enum rg_status status)
{
    if (walk->status == RG_OK)
        walk->status = status;
}

static void walk_push(struct walk *walk, json_t *json, const struct cte_scope *scope)
{
    if (!json_is_object(json) && !json_is_array(json))
        return;
    if (walk->depth == walk->capacity) {
        size_t capacity = walk->capacity ? walk->capacity * 2 : 64;
        struct walk_item *grown =
            arena_grow(&walk->scratch, walk->stack, walk->depth, capacity, sizeof *grown);
        if (!grown) {
            walk_fail(walk, error_no_memory(walk->err, "engine"));
            return;
        }
        walk->stack = grown;
        walk->capacity = capacity;
    }
    walk->stack[walk->depth++] = (struct walk_item){json, scope};
}

static const struct cte_scope *scope_add(struct walk *walk, const struct cte_scope *outer,
                                         const char *name)
{
    struct cte_scope *scope = ARENA_NEW(&walk->scratch, struct cte_scope);
    if (!scope) {
        walk_fail(walk, error_no_memory(walk->err, "engine"));
        return outer;
    }
    *scope = (struct cte_scope){outer, name};
    return scope;
}

static const char *text_of(json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

/* An error at the place of a table reference. */
static void walk_refuse(struct walk *walk, json_t *object, const char *what, const char *name)
{
    if (walk->status != RG_OK)
        return;
    walk->status =
        error_set(walk->err, RG_ERR_RULE, "engine", "%s %s may not be used in a rule", what, name);
    error_hint(walk->err, "a rule reads declared datasets and intermediates only");
    json_t *location = json_object_get(object, "query_location");
    if (json_is_number(location) && json_number_value(location) < (double)walk->sql.len) {
        uint32_t line, column;
        text_place(walk->sql, (size_t)json_number_value(location), &line, &column);
        error_place(walk->err, NULL, line, column);
    }
}

static void table_add(struct walk *walk, struct str name)
{
    struct description *found = walk->found;
    for (size_t i = 0; i < found->n_tables; i++) {
        if (str_eq(found->tables[i], name))
            return;
    }
    if (found->n_tables == walk->tables_capacity) {
        size_t capacity = walk->tables_capacity ? walk->tables_capacity * 2 : 8;
        struct str *grown =
            arena_grow(walk->arena, found->tables, found->n_tables, capacity, sizeof *grown);
        if (!grown) {
            walk_fail(walk, error_no_memory(walk->err, "engine"));
            return;
        }
        found->tables = grown;
        walk->tables_capacity = capacity;
    }
    found->tables[found->n_tables++] = name;
}

/* Unqualified names may be CTEs; the engine folds case, and so do we, so that one table has one
 * name. */
static void walk_table(struct walk *walk, json_t *object, const struct cte_scope *scope)
{
    const char *catalog = text_of(object, "catalog_name");
    const char *schema = text_of(object, "schema_name");
    const char *table = text_of(object, "table_name");
    if (!*catalog && !*schema) {
        for (const struct cte_scope *s = scope; s; s = s->outer) {
            if (!strcasecmp(s->name, table))
                return;
        }
    }
    if (*catalog || (*schema && strcasecmp(schema, "main") != 0)) {
        walk_refuse(walk, object, "the qualified table", table);
        return;
    }
    char *name = arena_cstr(walk->arena, str_of(table));
    if (!name) {
        walk_fail(walk, error_no_memory(walk->err, "engine"));
        return;
    }
    for (char *c = name; *c; c++) {
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    }
    table_add(walk, str_of(name));
}

/* Each CTE sees those before it; the query sees all of them. */
static const struct cte_scope *walk_ctes(struct walk *walk, json_t *cte_map,
                                         const struct cte_scope *scope)
{
    size_t index;
    json_t *entry;
    json_array_foreach(json_object_get(cte_map, "map"), index, entry)
    {
        walk_push(walk, json_object_get(entry, "value"), scope);
        scope = scope_add(walk, scope, text_of(entry, "key"));
    }
    return scope;
}

static void walk_object(struct walk *walk, json_t *object, const struct cte_scope *scope)
{
    const char *type = text_of(object, "type");
    const char *key;
    json_t *value;
    if (!strcmp(type, "BASE_TABLE"))
        walk_table(walk, object, scope);
    if (!strcmp(type, "SHOW_REF"))
        walk_refuse(walk, object, "DESCRIBE, SHOW or SUMMARIZE of", "a table");
    if (!strcmp(type, "TABLE_FUNCTION")) {
        const char *name = text_of(json_object_get(object, "function"), "function_name");
        if (!name_in(name, pure_table_functions,
                     sizeof pure_table_functions / sizeof *pure_table_functions))
            walk_refuse(walk, object, "the table function", name);
    }
    scope = walk_ctes(walk, json_object_get(object, "cte_map"), scope);
    /* The step of a recursive CTE reads the CTE itself, its start does not. */
    const struct cte_scope *step = scope;
    if (!strcmp(type, "RECURSIVE_CTE_NODE"))
        step = scope_add(walk, scope, text_of(object, "cte_name"));
    json_object_foreach(object, key, value)
    {
        if (strcmp(key, "cte_map") != 0)
            walk_push(walk, value, strcmp(key, "right") ? scope : step);
    }
}

static int str_order(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static enum rg_status tables_find(struct str sql, const char *tree, struct arena *arena,
                                  struct description *found, struct rg_error *err)
{
    /* Locations that are not known are 2^64 - 1, too large for an integer of jansson. */
    json_error_t failure;
    json_t *root = json_loads(tree, JSON_DECODE_INT_AS_REAL, &failure);
    if (!root)
        return error_set(err, RG_ERR_RULE, "engine", "the statement is too deeply nested: %s",
                         failure.text);
    struct walk walk = {.arena = arena, .found = found, .sql = sql, .err = err};
    walk_push(&walk, root, NULL);
    while (walk.depth && walk.status == RG_OK) {
        struct walk_item item = walk.stack[--walk.depth];
        if (json_is_object(item.json)) {
            walk_object(&walk, item.json, item.scope);
        } else {
            size_t index;
            json_t *value;
            json_array_foreach(item.json, index, value) walk_push(&walk, value, item.scope);
        }
    }
    if (walk.status == RG_OK && found->n_tables)
        qsort(found->tables, found->n_tables, sizeof *found->tables, str_order);
    arena_fini(&walk.scratch);
    json_decref(root);
    return walk.status;
}

/* The parse tree of the text, or ptr NULL where the engine has none for it. */
static enum rg_status tree_get(const struct runner *runner, struct str sql, struct arena *arena,
                               struct str *out_tree, struct rg_error *err)
{
    struct buffer text = {0};
    struct text_table table;
    buffer_text(&text, "SELECT CASE WHEN tree LIKE '{\"error\":false%' THEN tree END FROM "
                       "(SELECT CAST(json_serialize_sql(");
    buffer_sql_text(&text, sql);
    buffer_text(&text, ") AS VARCHAR) AS tree)");
    enum rg_status status = text.failed
                                ? error_no_memory(err, "engine")
                                : runner_table(runner, buffer_view(&text), 1, arena, &table, err);
    buffer_fini(&text);
    *out_tree = status == RG_OK ? table.cells[0] : (struct str){0};
    return status;
}

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
    struct str tree = {0};
    duckdb_prepared_statement prepared = NULL;
    *out_description = (struct description){0};
    enum rg_status status = store_acquire(store, &runner, err);
    if (status == RG_OK)
        status = tree_get(&runner, sql, arena, &tree, err);
    /* Before it is bound: what may not be read is not even looked at. */
    if (status == RG_OK && tree.ptr)
        status = tables_find(sql, tree.ptr, arena, out_description, err);
    if (status == RG_OK)
        status = runner_prepare_select(&runner, sql, &prepared, err);
    if (status == RG_OK && !tree.ptr)
        status = error_set(err, RG_ERR_RULE, "engine", "this form of SELECT cannot be analysed");
    if (status == RG_OK)
        status = columns_describe(&runner, sql, prepared, arena, out_description, err);
    duckdb_destroy_prepare(&prepared);
    store_release(store, &runner);
    if (status != RG_OK)
        *out_description = (struct description){0};
    return status;
}
