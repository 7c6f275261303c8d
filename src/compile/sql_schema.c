/* The tables of a request: {"table": {"column": "TYPE"}} to relations. */
#include "compile/sql_schema.h"

#include <stdlib.h>

#include "base/error.h"
#include "compile/functions.h"
#include "sql/sql_types.h"

static const char layer[] = "sql";

enum { SCHEMA_PARTS_MAX = 4 }; /* catalog.schema.table, and one to spare */

struct reader {
    struct arena *arena;
    struct sql_schema *schema;
    size_t capacity;
    bool typed; /* a column has a type */
    struct rg_error *err;
};

static struct str lower_case(struct arena *arena, struct str name)
{
    struct str copy = arena_str(arena, name);
    for (size_t i = 0; copy.ptr && i < copy.len; i++) {
        char *at = (char *)(uintptr_t)copy.ptr + i; /* our own copy */
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at + ('a' - 'A'));
    }
    return copy;
}

/* "STRUCT<a INT>" is the spelling of other systems for STRUCT(a INT). */
static const struct sql_type *type_of_text(struct arena *arena, const char *text)
{
    char *copy = arena_cstr(arena, str_of(text));
    for (char *at = copy; at && *at; at++)
        *at = *at == '<' ? '(' : *at == '>' ? ')' : *at;
    const struct sql_type *type = copy ? sql_type_parse(arena, str_of(copy)) : NULL;
    return type ? type : sql_type_of(SQL_T_UNKNOWN);
}

static enum rg_status read_columns(struct reader *reader, json_t *json, const char *table,
                                   struct sql_relation *relation)
{
    struct sql_column *columns =
        ARENA_ARRAY(reader->arena, json_object_size(json) + 1, struct sql_column);
    if (!columns)
        return error_no_memory(reader->err, layer);
    const char *key;
    uint32_t n = 0;
    json_t *member;
    json_object_foreach(json, key, member)
    {
        if (!json_is_string(member) && !json_is_null(member))
            return error_set(reader->err, RG_ERR_USAGE, layer,
                             "the schema's column \"%s\" of \"%s\" needs a type, as text", key,
                             table);
        if (!*key) /* no engine has such a column */
            return error_set(reader->err, RG_ERR_USAGE, layer,
                             "the schema's table \"%s\" has a column without a name", table);
        bool typed = json_is_string(member) && json_string_length(member) > 0;
        reader->typed = reader->typed || typed;
        columns[n].name = arena_str(reader->arena, str_of(key));
        columns[n].type = typed ? type_of_text(reader->arena, json_string_value(member))
                                : sql_type_of(SQL_T_UNKNOWN);
        if (!columns[n++].name.ptr)
            return error_no_memory(reader->err, layer);
    }
    relation->columns = columns;
    relation->n_columns = n;
    return RG_OK;
}

static bool holds_objects(json_t *json)
{
    const char *key;
    json_t *member;
    json_object_foreach(json, key, member)
    {
        if (json_is_object(member))
            return true;
    }
    return false;
}

static enum rg_status add_relation(struct reader *reader, json_t *json, const char *name)
{
    struct sql_schema *schema = reader->schema;
    if (schema->n_relations == reader->capacity) {
        size_t capacity = reader->capacity ? 2 * reader->capacity : 16;
        schema->relations = arena_grow(reader->arena, schema->relations, schema->n_relations,
                                       capacity, sizeof *schema->relations);
        if (!schema->relations)
            return error_no_memory(reader->err, layer);
        reader->capacity = capacity;
    }
    struct sql_relation *relation = &schema->relations[schema->n_relations];
    *relation = (struct sql_relation){.name = arena_str(reader->arena, str_of(name))};
    if (!relation->name.ptr)
        return error_no_memory(reader->err, layer);
    enum rg_status status = read_columns(reader, json, name, relation);
    if (!status)
        schema->n_relations++;
    return status;
}

static enum rg_status read_tables(struct reader *reader, json_t *json, const char *prefix,
                                  int parts)
{
    enum rg_status status = RG_OK;
    const char *key;
    json_t *member;
    if (parts > SCHEMA_PARTS_MAX)
        return error_set(reader->err, RG_ERR_USAGE, layer, "the schema is nested too deeply");
    json_object_foreach(json, key, member)
    {
        if (!json_is_object(member))
            return error_set(reader->err, RG_ERR_USAGE, layer,
                             "the schema's \"%s\" needs an object of columns and types", key);
        if (!*key)
            return error_set(reader->err, RG_ERR_USAGE, layer,
                             "the schema has a table without a name");
        const char *name = prefix ? arena_printf(reader->arena, "%s.%s", prefix, key) : key;
        if (!name)
            return error_no_memory(reader->err, layer);
        status = holds_objects(member) ? read_tables(reader, member, name, parts + 1)
                                       : add_relation(reader, member, name);
        if (status)
            break;
    }
    return status;
}

/* --- The catalog ---------------------------------------------------------------------------- */

static int compare_relations(const void *a, const void *b)
{
    const struct sql_relation *one = a, *other = b;
    return str_cmp(one->name, other->name);
}

static const struct sql_relation *find_relation(void *context, struct str name)
{
    const struct sql_schema *schema = context;
    for (size_t low = 0, high = schema->n_relations; low < high;) {
        size_t middle = low + (high - low) / 2;
        int order = str_cmp(schema->relations[middle].name, name);
        if (order == 0)
            return &schema->relations[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static void offer_relations(void *context, void (*offer)(void *to, struct str name), void *to)
{
    const struct sql_schema *schema = context;
    for (size_t i = 0; i < schema->n_relations; i++)
        offer(to, schema->relations[i].name);
}

/* Names are compared in lower case: that of a relation is what it is sorted and printed by. */
static enum rg_status sort_relations(struct reader *reader)
{
    struct sql_schema *schema = reader->schema;
    for (size_t i = 0; i < schema->n_relations; i++) {
        schema->relations[i].name = lower_case(reader->arena, schema->relations[i].name);
        if (!schema->relations[i].name.ptr)
            return error_no_memory(reader->err, layer);
    }
    if (schema->n_relations)
        qsort(schema->relations, schema->n_relations, sizeof *schema->relations, compare_relations);
    return RG_OK;
}

enum rg_status sql_schema_read(json_t *json, bool strict, struct arena *arena,
                               struct sql_schema *out_schema, struct rg_error *err)
{
    struct reader reader = {.arena = arena, .schema = out_schema, .err = err};
    *out_schema = (struct sql_schema){0};
    if (json && !json_is_object(json))
        return error_set(err, RG_ERR_USAGE, layer, "the schema must be an object of tables");
    enum rg_status status = json ? read_tables(&reader, json, NULL, 1) : RG_OK;
    if (!status)
        status = sort_relations(&reader);
    if (status) {
        *out_schema = (struct sql_schema){0};
        return status;
    }
    out_schema->catalog = (struct sql_catalog){
        .context = out_schema,
        .relation = find_relation,
        .relation_names = offer_relations,
        .functions = functions_table,
        .n_functions = functions_table_count,
        .refused = functions_refused,
        .n_refused = functions_refused_count,
        .open_tables = !strict,
        .open_functions = !strict,
        .untyped = !strict || !reader.typed,
    };
    return RG_OK;
}
