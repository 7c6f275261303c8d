/* What the tests of rewrites share: a small catalog, and texts in and out. */
#ifndef TESTS_SQL_REWRITE_FIXTURE_H
#define TESTS_SQL_REWRITE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "compile/functions.h"
#include "sql/sql_print.h"
#include "sql/sql_rewrite.h"

/* t: i and k integers, n one that is not NULL, u unsigned, x DOUBLE, m DECIMAL, s VARCHAR, b
 * BOOLEAN, d DATE, w TIMESTAMP. r: i, s. */
static const struct {
    const char *table, *name, *type;
    bool not_null;
} fixture_columns[] = {
    {"t", "i", "INTEGER", false}, {"t", "k", "INTEGER", false},
    {"t", "n", "INTEGER", true},  {"t", "u", "UINTEGER", false},
    {"t", "x", "DOUBLE", false},  {"t", "m", "DECIMAL(9, 2)", false},
    {"t", "s", "VARCHAR", false}, {"t", "b", "BOOLEAN", false},
    {"t", "d", "DATE", false},    {"t", "w", "TIMESTAMP", false},
    {"r", "i", "INTEGER", true},  {"r", "s", "VARCHAR", false},
};
#define FIXTURE_COLUMNS (sizeof fixture_columns / sizeof *fixture_columns)

struct fixture {
    struct arena arena;
    struct sql_relation relations[2];
    struct sql_column columns[2][FIXTURE_COLUMNS];
    struct sql_catalog catalog;
    struct rg_error err;
    struct buffer text; /* of the last print */
};

static const struct sql_relation *fixture_relation(void *context, struct str name)
{
    struct fixture *fixture = context;
    for (size_t i = 0; i < 2; i++)
        if (str_eq(fixture->relations[i].name, name))
            return &fixture->relations[i];
    return NULL;
}

static inline void fixture_init(struct fixture *fixture)
{
    *fixture = (struct fixture){0};
    fixture->relations[0].name = STR("t");
    fixture->relations[1].name = STR("r");
    for (size_t i = 0; i < FIXTURE_COLUMNS; i++) {
        int table = fixture_columns[i].table[0] == 'r';
        struct sql_relation *relation = &fixture->relations[table];
        fixture->columns[table][relation->n_columns++] = (struct sql_column){
            .name = str_of(fixture_columns[i].name),
            .type = sql_type_parse(&fixture->arena, str_of(fixture_columns[i].type)),
            .not_null = fixture_columns[i].not_null};
        relation->columns = fixture->columns[table];
    }
    fixture->catalog = (struct sql_catalog){.context = fixture,
                                            .relation = fixture_relation,
                                            .functions = functions_table,
                                            .n_functions = functions_table_count};
}

static inline void fixture_fini(struct fixture *fixture)
{
    buffer_fini(&fixture->text);
    arena_fini(&fixture->arena);
}

static inline struct sql_node *fixture_parse(struct fixture *fixture, const char *sql)
{
    struct sql_text text;
    if (sql_parse(str_of(sql), SQL_DUCKDB, SQL_PARSE_EITHER, &fixture->arena, &text,
                  &fixture->err) != RG_OK)
        fail_msg("%s: %s", sql, fixture->err.message);
    return text.root;
}

static inline struct sql_node *fixture_bind(struct fixture *fixture, const char *sql)
{
    struct sql_node *root = fixture_parse(fixture, sql);
    if (sql_bind(root, str_of(sql), &fixture->catalog, &fixture->arena, &fixture->err) != RG_OK)
        fail_msg("%s: %s", sql, fixture->err.message);
    return root;
}

static inline const char *fixture_print(struct fixture *fixture, const struct sql_node *root)
{
    buffer_clear(&fixture->text);
    if (sql_print(root, &(struct sql_print_options){0}, &fixture->text, &fixture->err) != RG_OK)
        fail_msg("%s", fixture->err.message);
    return fixture->text.data;
}

#endif
