/* What the analyses claim, tried on the engine over random queries: the canonical form gives the
 * same rows, and a column that lineage does not name may hold anything. RG_SEED=n tries one query.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "compile/functions.h"
#include "sql/random_engine.h"
#include "sql/sql_analysis.h"
#include "sql/sql_print.h"

#define QUERIES 120
/* Pairs of an output and a column that it does not depend on, tried for each query. */
#define TRIALS 4

static struct sql_catalog catalog(void)
{
    return (struct sql_catalog){.relation = find_relation,
                                .functions = functions_table,
                                .n_functions = functions_table_count};
}

static bool range_of_seeds(uint64_t *first, uint64_t *n)
{
    const char *only = getenv("RG_SEED");
    *first = only ? strtoull(only, NULL, 10) : 0;
    *n = only ? 1 : QUERIES;
    return only != NULL;
}

static void must(enum rg_status status, const struct rg_error *err, uint64_t seed, const char *sql)
{
    if (status != RG_OK)
        fail_msg("seed %llu: %s\n%s", (unsigned long long)seed, err->message, sql);
}

/* --- Canonical forms ------------------------------------------------------------------------- */

static void try_canonical(uint64_t seed, const struct buffer *sql, int64_t digest, bool loud,
                          struct arena *arena)
{
    const struct sql_catalog tables = catalog();
    struct rg_error err = {0};
    struct sql_text text;
    struct sql_node *tree, *again;
    struct sql_fingerprints one, other;
    struct buffer printed = {0};
    int64_t found = 0;
    must(sql_parse(buffer_view(sql), SQL_DUCKDB, SQL_PARSE_QUERY, arena, &text, &err), &err, seed,
         sql->data);
    must(sql_canonical(text.root, text.text, &tables, arena, &tree, &err), &err, seed, sql->data);
    must(sql_print(tree, &(struct sql_print_options){0}, &printed, &err), &err, seed, sql->data);
    if (loud)
        printf("%s\n\n%s\n", sql->data, printed.data); /* print_message cuts */
    must(digest_of(buffer_view(&printed), &found, &err), &err, seed, printed.data);
    if (found != digest)
        fail_msg("seed %llu: the canonical form gives other rows\n%s\n%s", (unsigned long long)seed,
                 sql->data, printed.data);
    /* It is a fixed point. */
    must(sql_parse(buffer_view(&printed), SQL_DUCKDB, SQL_PARSE_QUERY, arena, &text, &err), &err,
         seed, printed.data);
    must(sql_canonical(text.root, text.text, &tables, arena, &again, &err), &err, seed,
         printed.data);
    must(sql_fingerprint(tree, STR(""), arena, &one, &err), &err, seed, sql->data);
    must(sql_fingerprint(again, STR(""), arena, &other, &err), &err, seed, sql->data);
    if (strcmp(one.whole, other.whole) != 0)
        fail_msg("seed %llu: no fixed point\n%s\n%s", (unsigned long long)seed, sql->data,
                 printed.data);
    buffer_fini(&printed);
}

static void test_canonical(void **state)
{
    uint64_t first, n;
    bool loud = range_of_seeds(&first, &n);
    struct arena columns = {0}, arena = {0};
    (void)state;
    fill_relations(&columns);
    for (uint64_t seed = first; seed < first + n; seed++) {
        struct buffer sql = {0};
        struct rg_error err = {0};
        int64_t digest = 0;
        random_query(seed, &sql);
        if (digest_of(buffer_view(&sql), &digest, &err) == RG_OK)
            try_canonical(seed, &sql, digest, loud, &arena);
        buffer_fini(&sql);
        arena_clear(&arena);
    }
    arena_fini(&arena);
    arena_fini(&columns);
}

/* --- Lineage --------------------------------------------------------------------------------- */

/* For every column a copy of its table in which the column holds something else: t0_without_a. */
static void make_copies(void)
{
    struct rg_error err = {0};
    for (size_t t = 0; t < RANDOM_TABLES; t++) {
        const struct random_table *table = &random_tables[t];
        for (size_t c = 0; c < RANDOM_COLUMNS && table->columns[c].name; c++) {
            struct buffer sql = {0};
            const char *name = table->columns[c].name;
            buffer_printf(&sql,
                          "CREATE TABLE %s_without_%s AS SELECT * REPLACE (coalesce(lead(%s) OVER "
                          "(ORDER BY rowid DESC), first_value(%s) OVER (ORDER BY rowid), %s) AS "
                          "%s) FROM %s",
                          table->name, name, name, name, name, name, table->name);
            if (engine_run(sql.data, &err) != RG_OK)
                fail_msg("%s", err.message);
            buffer_fini(&sql);
        }
    }
}

static bool holds(const struct sql_origins *origins, const char *table, const char *column)
{
    for (size_t i = 0; i < origins->n; i++)
        if (str_is(origins->origins[i].relation, table) &&
            str_is(origins->origins[i].column, column))
            return true;
    return false;
}

struct rename {
    const char *from;
    struct str to;
};

static bool rename_table(void *context, struct sql_node *node)
{
    const struct rename *rename = context;
    if (node->kind == SQL_TABLE && node->source && node->source->relation &&
        str_is(node->source->relation->name, rename->from))
        node->child[SQL_TABLE_NAME]->text = rename->to;
    return true;
}

/* One output of the query, its rows as a number. */
static enum rg_status digest_column(const struct sql_node *root, struct str column, int64_t *out,
                                    struct buffer *sql, struct rg_error *err)
{
    buffer_clear(sql);
    buffer_text(sql, "SELECT ");
    buffer_sql_name(sql, column);
    buffer_text(sql, " FROM (");
    enum rg_status status = sql_print(root, &(struct sql_print_options){0}, sql, err);
    buffer_text(sql, ")");
    return status ? status : digest_of(buffer_view(sql), out, err);
}

/* The output's values with the column as it is, and with other contents. */
static void try_column(uint64_t seed, struct sql_node *root, struct str output, size_t table,
                       const char *column, struct arena *arena)
{
    struct rg_error err = {0};
    struct buffer sql = {0};
    int64_t before, after;
    const char *name = random_tables[table].name;
    char *copy = arena_printf(arena, "%s_without_%s", name, column);
    struct rename there = {name, str_of(copy)}, back = {name, str_of(name)};
    must(digest_column(root, output, &before, &sql, &err), &err, seed, sql.data);
    sql_walk(root, rename_table, NULL, &there);
    /* Other contents may make a cast or a sum fail where the value is not used. */
    if (digest_column(root, output, &after, &sql, &err) == RG_OK && before != after)
        fail_msg("seed %llu: " STR_FMT " depends on %s.%s\n%s", (unsigned long long)seed,
                 STR_ARG(output), name, column, sql.data);
    sql_walk(root, rename_table, NULL, &back);
    buffer_fini(&sql);
}

static unsigned try_lineage(uint64_t seed, const struct buffer *sql, struct arena *arena)
{
    const struct sql_catalog tables = catalog();
    struct rg_error err = {0};
    struct sql_text text;
    struct sql_lineage lineage;
    unsigned tried = 0;
    must(sql_parse(buffer_view(sql), SQL_DUCKDB, SQL_PARSE_QUERY, arena, &text, &err), &err, seed,
         sql->data);
    must(sql_bind(text.root, text.text, &tables, arena, &err), &err, seed, sql->data);
    must(sql_qualify(text.root, text.text, &tables, arena, &err), &err, seed, sql->data);
    must(sql_lineage(text.root, arena, &lineage, &err), &err, seed, sql->data);
    for (uint64_t round = seed; tried < TRIALS && round < seed + 40; round++) {
        size_t t = round % RANDOM_TABLES, c = round * 5 % RANDOM_COLUMNS;
        uint32_t output = (uint32_t)(round * 3 % lineage.n_outputs);
        const char *table = random_tables[t].name, *column = random_tables[t].columns[c].name;
        if (!column || holds(&lineage.value[output], table, column) ||
            holds(&lineage.control, table, column))
            continue;
        try_column(seed, text.root, lineage.outputs[output].name, t, column, arena);
        tried++;
    }
    return tried;
}

static void test_lineage(void **state)
{
    uint64_t first, n;
    bool only = range_of_seeds(&first, &n);
    struct arena columns = {0}, arena = {0};
    unsigned tried = 0;
    (void)state;
    fill_relations(&columns);
    make_copies();
    for (uint64_t seed = first; seed < first + n; seed++) {
        struct buffer sql = {0};
        struct rg_error err = {0};
        int64_t digest = 0;
        random_query(seed, &sql);
        if (digest_of(buffer_view(&sql), &digest, &err) == RG_OK)
            tried += try_lineage(seed, &sql, &arena);
        buffer_fini(&sql);
        arena_clear(&arena);
    }
    arena_fini(&arena);
    arena_fini(&columns);
    print_message("# %u outputs with a column of other contents\n", tried);
    assert_true(only || tried > 2 * n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_canonical),
        cmocka_unit_test(test_lineage),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
