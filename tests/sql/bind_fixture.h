/* A catalog from a text, for tests: one relation a line, `name(column TYPE, column TYPE!)` where !
 * says NOT NULL, and the functions of the real table. */
#ifndef TESTS_SQL_BIND_FIXTURE_H
#define TESTS_SQL_BIND_FIXTURE_H

#include "base/buffer.h"
#include "compile/functions.h"
#include "sql/sql_print.h"
#include "sql/sql_scope.h"

struct bind_fixture {
    struct arena arena;
    struct sql_relation *relations;
    uint32_t n_relations;
    struct sql_catalog catalog;
    struct sql_text text;
    struct rg_error err;
};

static inline const struct sql_relation *fixture_relation(void *context, struct str name)
{
    const struct bind_fixture *fixture = context;
    for (uint32_t i = 0; i < fixture->n_relations; i++)
        if (str_eq(fixture->relations[i].name, name))
            return &fixture->relations[i];
    return NULL;
}

static inline void fixture_names(void *context, void (*offer)(void *to, struct str name), void *to)
{
    const struct bind_fixture *fixture = context;
    for (uint32_t i = 0; i < fixture->n_relations; i++)
        offer(to, fixture->relations[i].name);
}

static inline bool fixture_enum(void *context, struct str name)
{
    (void)context;
    return str_is(name, "color") || str_is(name, "shape");
}

static inline const struct sql_type *fixture_type(struct arena *arena, struct str text)
{
    return fixture_enum(NULL, text) ? sql_type_enum(arena, text) : sql_type_parse(arena, text);
}

/* The end of the type that a column's text begins with: a comma outside of brackets, or the end. */
static inline size_t fixture_type_end(struct str text)
{
    size_t depth = 0, i = 0;
    for (; i < text.len; i++) {
        if (strchr("([", text.ptr[i]))
            depth++;
        else if (strchr(")]", text.ptr[i]) && depth--)
            continue;
        else if (text.ptr[i] == ',' && !depth)
            break;
    }
    return i;
}

static inline void fixture_columns(struct bind_fixture *fixture, struct sql_relation *relation,
                                   struct str rest)
{
    struct sql_column *columns = ARENA_ARRAY(&fixture->arena, 64, struct sql_column);
    while (rest.len) {
        size_t end = fixture_type_end(rest);
        struct str column = str_trim((struct str){rest.ptr, end});
        rest.ptr += end < rest.len ? end + 1 : end;
        rest.len -= end < rest.len ? end + 1 : end;
        struct str name = str_split(&column, ' ');
        struct sql_column *fresh = &columns[relation->n_columns++];
        fresh->name = name;
        fresh->not_null = column.len && column.ptr[column.len - 1] == '!';
        column.len -= fresh->not_null;
        fresh->type = fixture_type(&fixture->arena, column);
    }
    relation->columns = columns;
}

static inline void fixture_init(struct bind_fixture *fixture, const char *schema)
{
    *fixture = (struct bind_fixture){.n_relations = 0};
    struct str rest = str_of(schema);
    fixture->relations = ARENA_ARRAY(&fixture->arena, 64, struct sql_relation);
    while (rest.len) {
        struct str line = str_trim(str_split(&rest, '\n'));
        const char *open = line.len ? memchr(line.ptr, '(', line.len) : NULL;
        if (!open)
            continue;
        struct sql_relation *relation = &fixture->relations[fixture->n_relations++];
        relation->name = (struct str){line.ptr, (size_t)(open - line.ptr)};
        fixture_columns(fixture, relation,
                        (struct str){open + 1, (size_t)(line.ptr + line.len - open) - 2});
    }
    fixture->catalog = (struct sql_catalog){
        .context = fixture,
        .relation = fixture_relation,
        .relation_names = fixture_names,
        .functions = functions_table,
        .n_functions = functions_table_count,
        .enum_type = fixture_enum,
    };
}

static inline enum rg_status fixture_bind(struct bind_fixture *fixture, const char *sql)
{
    enum rg_status status = sql_parse(str_of(sql), SQL_DUCKDB, SQL_PARSE_EITHER, &fixture->arena,
                                      &fixture->text, &fixture->err);
    return status ? status
                  : sql_bind(fixture->text.root, fixture->text.text, &fixture->catalog,
                             &fixture->arena, &fixture->err);
}

/* "a INTEGER!, b VARCHAR": the outputs of a bound query. */
static inline void fixture_print_outputs(const struct sql_scope *scope, struct buffer *out)
{
    for (uint32_t i = 0; i < scope->n_outputs; i++) {
        buffer_text(out, i ? ", " : "");
        buffer_str(out, scope->outputs[i].name.ptr ? scope->outputs[i].name : STR("?"));
        buffer_char(out, ' ');
        sql_type_print(scope->outputs[i].type, out);
        buffer_text(out, scope->outputs[i].not_null ? "!" : "");
    }
    buffer_text(out, scope->open ? ", *" : "");
}

static inline void fixture_fini(struct bind_fixture *fixture)
{
    arena_fini(&fixture->arena);
}

#endif
