/* Walks the JSON form of the engine's parse tree with an explicit stack. */
#include "engine/duckdb/parse_tree.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/json_build.h"
#include "base/limits.h"
#include "engine/duckdb/engine_error.h"
#include "engine/duckdb/store_inside.h"

/* Names that WITH gives, innermost first. */
struct cte_scope {
    const struct cte_scope *outer;
    const char *name;
};

/* How deep a part of the tree lies. */
struct walk_depth {
    unsigned expressions, subqueries;
};

/* A part of the tree still to be looked at, and the names that hold there. */
struct walk_item {
    json_t *json;
    const struct cte_scope *scope;
    struct walk_depth depth;
};

struct walk {
    struct arena *arena;
    struct arena scratch; /* stack and scopes */
    struct walk_item *stack;
    size_t waiting, capacity;
    struct tree_tables *found;
    size_t tables_capacity;
    const struct tree_policy *policy;
    struct str sql;
    struct walk_depth depth; /* of what is being looked at */
    struct rg_error *err;
    enum rg_status status;
};

/* Table functions that read nothing. Every other one reads what no declaration names (files, the
 * catalog, a query in a string, raw memory) or changes settings. */
static const char *const pure_table_functions[] = {"range", "generate_series", "unnest"};

/* Scalar functions that tell of the machine, wait, write, run text, or trust bytes that are not
 * theirs. */
static const char *const banned_functions[] = {
    "current_setting", "getenv",  "getvariable", "write_log", "sleep_ms", "pg_sleep",
    "setseed",         "nextval", "currval",     "combine",   "finalize", "json_serialize_plan",
    "current_query",
};
#define BANNED_PREFIX "__internal"

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
    if (walk->waiting == walk->capacity) {
        size_t capacity = walk->capacity ? walk->capacity * 2 : 64;
        struct walk_item *grown =
            arena_grow(&walk->scratch, walk->stack, walk->waiting, capacity, sizeof *grown);
        if (!grown) {
            walk_fail(walk, error_no_memory(walk->err, "engine"));
            return;
        }
        walk->stack = grown;
        walk->capacity = capacity;
    }
    walk->stack[walk->waiting++] = (struct walk_item){json, scope, walk->depth};
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

/* An error at the place of a table or function. */
static void walk_refuse(struct walk *walk, json_t *object, const char *what, const char *name)
{
    if (walk->status != RG_OK)
        return;
    walk->status = error_set(walk->err, walk->policy->refused, "engine",
                             "%s %s may not be used here", what, name);
    error_hint(walk->err, "%s", walk->policy->hint);
    json_t *location = json_object_get(object, "query_location");
    if (json_is_number(location) && json_number_value(location) < (double)walk->sql.len) {
        uint32_t line, column;
        text_place(walk->sql, (size_t)json_number_value(location), &line, &column);
        error_place(walk->err, NULL, line, column);
    }
}

static void table_add(struct walk *walk, struct str name)
{
    struct tree_tables *found = walk->found;
    for (size_t i = 0; i < found->count; i++) {
        if (str_eq(found->names[i], name))
            return;
    }
    if (found->count == walk->tables_capacity) {
        size_t capacity = walk->tables_capacity ? walk->tables_capacity * 2 : 8;
        struct str *grown =
            arena_grow(walk->arena, found->names, found->count, capacity, sizeof *grown);
        if (!grown) {
            walk_fail(walk, error_no_memory(walk->err, "engine"));
            return;
        }
        found->names = grown;
        walk->tables_capacity = capacity;
    }
    found->names[found->count++] = name;
}

static bool schema_is_open(const struct tree_policy *policy, const char *schema)
{
    if (!*schema || strcasecmp(schema, "main") == 0)
        return true;
    for (const char *const *open = policy->schemas; open && *open; open++)
        if (strcasecmp(*open, schema) == 0)
            return true;
    return false;
}

/* Unqualified names may be CTEs; the engine folds case, and so do we, so that one table has one
 * name. */
static void walk_table(struct walk *walk, json_t *object, const struct cte_scope *scope)
{
    const char *catalog = json_member(object, "catalog_name");
    const char *schema = json_member(object, "schema_name");
    const char *table = json_member(object, "table_name");
    if (!*catalog && !*schema) {
        for (const struct cte_scope *s = scope; s; s = s->outer) {
            if (!strcasecmp(s->name, table))
                return;
        }
    }
    if (walk->policy->datasets_only && (*catalog || !schema_is_open(walk->policy, schema))) {
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
        scope = scope_add(walk, scope, json_member(entry, "key"));
    }
    return scope;
}

static void walk_table_function(struct walk *walk, json_t *object)
{
    const char *name = json_member(json_object_get(object, "function"), "function_name");
    if (name_in(name, pure_table_functions,
                sizeof pure_table_functions / sizeof *pure_table_functions))
        return;
    walk->found->other_function = true;
    for (size_t i = 0; i < walk->policy->n_table_macros; i++) {
        struct str macro = walk->policy->table_macros[i];
        if (strlen(name) == macro.len && !strncasecmp(name, macro.ptr, macro.len))
            return;
    }
    walk_refuse(walk, object, "the table function", name);
}

static void walk_function(struct walk *walk, json_t *object)
{
    const char *name = json_member(object, "function_name");
    if (name_in(name, banned_functions, sizeof banned_functions / sizeof *banned_functions) ||
        !strncasecmp(name, BANNED_PREFIX, strlen(BANNED_PREFIX)))
        walk_refuse(walk, object, "the function", name);
}

/* What makes the engine plan for longer than anyone waits, out of reach of an interrupt. */
static void walk_cost(struct walk *walk, json_t *object)
{
    if (json_object_get(object, "class") && ++walk->depth.expressions > LIMIT_QUERY_EXPRESSIONS)
        walk_refuse(walk, object, "so many expressions", "inside each other");
    if (json_object_get(object, "subquery_type") &&
        ++walk->depth.subqueries > LIMIT_QUERY_SUBQUERIES)
        walk_refuse(walk, object, "so many subqueries", "inside each other");
    if (json_array_size(json_object_get(object, "group_sets")) > LIMIT_QUERY_GROUP_SETS)
        walk_refuse(walk, object, "so many", "grouping sets");
}

static void walk_object(struct walk *walk, json_t *object, const struct cte_scope *scope)
{
    const char *type = json_member(object, "type");
    const char *key;
    json_t *value;
    if (!strcmp(type, "BASE_TABLE"))
        walk_table(walk, object, scope);
    else if (!strcmp(type, "SHOW_REF") && walk->policy->datasets_only)
        walk_refuse(walk, object, "DESCRIBE, SHOW or SUMMARIZE", "");
    else if (!strcmp(type, "TABLE_FUNCTION"))
        walk_table_function(walk, object);
    if (json_object_get(object, "function_name"))
        walk_function(walk, object);
    if (walk->policy->bounded)
        walk_cost(walk, object);
    scope = walk_ctes(walk, json_object_get(object, "cte_map"), scope);
    /* The step of a recursive CTE reads the CTE itself, its start does not. */
    const struct cte_scope *step = scope;
    if (!strcmp(type, "RECURSIVE_CTE_NODE"))
        step = scope_add(walk, scope, json_member(object, "cte_name"));
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

static enum rg_status tree_walk(struct str sql, json_t *root, const struct tree_policy *policy,
                                struct arena *arena, struct tree_tables *found,
                                struct rg_error *err)
{
    struct walk walk = {.arena = arena, .found = found, .policy = policy, .sql = sql, .err = err};
    walk_push(&walk, root, NULL);
    while (walk.waiting && walk.status == RG_OK) {
        struct walk_item item = walk.stack[--walk.waiting];
        walk.depth = item.depth;
        if (json_is_object(item.json)) {
            walk_object(&walk, item.json, item.scope);
        } else {
            size_t index;
            json_t *value;
            json_array_foreach(item.json, index, value) walk_push(&walk, value, item.scope);
        }
    }
    if (walk.status == RG_OK && found->count)
        qsort(found->names, found->count, sizeof *found->names, str_order);
    arena_fini(&walk.scratch);
    return walk.status;
}

/* The parse tree of the text as JSON. It is parsed, not bound: nothing it names is touched. */
static enum rg_status tree_get(const struct runner *runner, struct str sql, struct arena *arena,
                               struct str *out_tree, struct rg_error *err)
{
    struct buffer text = {0};
    struct text_table table;
    buffer_text(&text, "SELECT CAST(json_serialize_sql(");
    buffer_sql_text(&text, sql);
    buffer_text(&text, ") AS VARCHAR)");
    enum rg_status status = text.failed
                                ? error_no_memory(err, "engine")
                                : runner_table(runner, buffer_view(&text), 1, arena, &table, err);
    buffer_fini(&text);
    *out_tree = status == RG_OK ? table.cells[0] : (struct str){0};
    return status;
}

/* Exactly one statement, and the engine only makes trees of SELECTs. */
static enum rg_status tree_is_select(json_t *root, struct str sql, const struct tree_policy *policy,
                                     struct rg_error *err)
{
    const char *kind = json_member(root, "error_type");
    if (json_is_true(json_object_get(root, "error")) && strcasecmp(kind, "not implemented") != 0) {
        error_set(err, policy->wrong_text, "engine", "%s", json_member(root, "error_message"));
        const char *position = json_member(root, "position");
        if (*position) {
            uint32_t line, column;
            text_place(sql, (size_t)strtoull(position, NULL, 10), &line, &column);
            error_place(err, NULL, line, column);
        }
        return policy->wrong_text;
    }
    size_t count = json_array_size(json_object_get(root, "statements"));
    if (json_is_true(json_object_get(root, "error"))) {
        error_set(err, policy->refused, "engine",
                  "exactly one SELECT is expected; this is something else");
        error_hint(err,
                   "nothing can be changed; a PIVOT must name its values: ON kind IN ('A', 'B')");
        return policy->refused;
    }
    if (count != 1)
        return error_set(err, policy->refused, "engine",
                         "exactly one SELECT is expected; these are %zu statements", count);
    return RG_OK;
}

enum rg_status parse_tree_check(const struct runner *runner, struct str sql,
                                const struct tree_policy *policy, struct arena *arena,
                                struct tree_tables *out_tables, struct rg_error *err)
{
    struct str tree;
    json_t *root = NULL;
    *out_tables = (struct tree_tables){0};
    if (sql.len && memchr(sql.ptr, 0, sql.len))
        return error_set(err, policy->wrong_text, "engine", "the text holds a NUL byte");
    enum rg_status status = tree_get(runner, sql, arena, &tree, err);
    if (status == RG_OK) {
        /* Locations that are not known are 2^64 - 1, too large for an integer of jansson. */
        json_error_t failure;
        root = json_loadb(tree.ptr, tree.len, JSON_DECODE_INT_AS_REAL, &failure);
        if (!root)
            status = json_no_memory(&failure)
                         ? error_no_memory(err, "engine")
                         : error_set(err, policy->wrong_text, "engine",
                                     "the statement is too deeply nested: %s", failure.text);
    }
    if (status == RG_OK)
        status = tree_is_select(root, sql, policy, err);
    if (status == RG_OK)
        status = tree_walk(sql, root, policy, arena, out_tables, err);
    json_decref(root);
    return status;
}
