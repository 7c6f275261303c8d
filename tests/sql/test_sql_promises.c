/* What the binder promises of random queries holds when the engine runs them: types and names of
 * the outputs, no NULL where it says so; before and after they are qualified. RG_SEED=n tries the
 * query of that seed alone, RG_QUERIES=n says how many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "compile/functions.h"
#include "sql/random_engine.h"
#include "sql/sql_print.h"

#define QUERIES 400

struct counts {
    unsigned queries, failing, columns, not_null, nulls;
};

/* Constants that come out as NULL have lost their type in the engine: where a column is nothing but
 * NULL, types are not compared. */
static void check_types(const struct sql_scope *scope, const char *sql, uint64_t seed,
                        const bool *only_null)
{
    struct buffer text = {0};
    duckdb_result result;
    buffer_printf(&text, "DESCRIBE %s", sql);
    assert_int_equal(duckdb_query(connection, text.data, &result), DuckDBSuccess);
    assert_int_equal(duckdb_row_count(&result), scope->n_outputs);
    for (uint32_t i = 0; i < scope->n_outputs; i++) {
        char *name = duckdb_value_varchar(&result, 0, i);
        char *type = duckdb_value_varchar(&result, 1, i);
        buffer_clear(&text);
        if (scope->outputs[i].type->kind == SQL_T_NULL)
            buffer_text(&text, "INTEGER"); /* as it leaves a query */
        else
            sql_type_print(scope->outputs[i].type, &text);
        bool same_type = strcmp(text.data, type) == 0 || only_null[i];
        if (!same_type || !str_is(scope->outputs[i].name, name))
            fail_msg("seed %llu: " STR_FMT " %s, the engine has %s %s\n%s",
                     (unsigned long long)seed, STR_ARG(scope->outputs[i].name), text.data, name,
                     type, sql);
        duckdb_free(name);
        duckdb_free(type);
    }
    duckdb_destroy_result(&result);
    buffer_fini(&text);
}

/* False where the engine cannot run it: an overflow, a subquery of several rows. */
static bool check_nulls(const struct sql_scope *scope, const char *sql, uint64_t seed,
                        struct counts *counts, bool *out_only_null)
{
    duckdb_result result;
    bool runs = duckdb_query(connection, sql, &result) == DuckDBSuccess;
    for (uint32_t i = 0; runs && i < scope->n_outputs; i++) {
        bool found = false;
        out_only_null[i] = true;
        for (idx_t row = 0; row < duckdb_row_count(&result); row++) {
            bool null = duckdb_value_is_null(&result, i, row);
            found |= null;
            out_only_null[i] &= null;
        }
        if (found && scope->outputs[i].not_null)
            fail_msg("seed %llu: " STR_FMT " is NULL\n%s", (unsigned long long)seed,
                     STR_ARG(scope->outputs[i].name), sql);
        counts->columns++;
        counts->not_null += scope->outputs[i].not_null;
        counts->nulls += found;
    }
    duckdb_destroy_result(&result);
    return runs;
}

static void try_query(uint64_t seed, struct arena *arena, struct counts *counts)
{
    const struct sql_catalog catalog = {.relation = find_relation,
                                        .functions = functions_table,
                                        .n_functions = functions_table_count};
    const struct sql_print_options options = {.dialect = SQL_DUCKDB};
    struct buffer sql = {0}, qualified = {0};
    struct rg_error err = {0};
    struct sql_text text;
    bool only_null[16];
    random_query(seed, &sql);
    buffer_char(&sql, '\0');
    counts->queries++;
    if (sql_parse(str_of(sql.data), SQL_DUCKDB, SQL_PARSE_QUERY, arena, &text, &err) ||
        sql_bind(text.root, text.text, &catalog, arena, &err))
        fail_msg("seed %llu: %s\n%s", (unsigned long long)seed, err.message, sql.data);
    assert_true(sql_query_scope(text.root)->n_outputs <= sizeof only_null);
    if (!check_nulls(sql_query_scope(text.root), sql.data, seed, counts, only_null)) {
        counts->failing++;
    } else {
        check_types(sql_query_scope(text.root), sql.data, seed, only_null);
        if (sql_qualify(text.root, text.text, &catalog, arena, &err) ||
            sql_print(text.root, &options, &qualified, &err))
            fail_msg("seed %llu: %s\n%s", (unsigned long long)seed, err.message, sql.data);
        buffer_char(&qualified, '\0');
        assert_true(
            check_nulls(sql_query_scope(text.root), qualified.data, seed, counts, only_null));
        check_types(sql_query_scope(text.root), qualified.data, seed, only_null);
    }
    buffer_fini(&sql);
    buffer_fini(&qualified);
}

static void test_promises(void **state)
{
    const char *only = getenv("RG_SEED"), *count = getenv("RG_QUERIES");
    uint64_t first = only ? strtoull(only, NULL, 10) : 0;
    uint64_t n = only ? 1 : count ? strtoull(count, NULL, 10) : QUERIES;
    struct arena columns = {0}, arena = {0};
    struct counts counts = {0};
    (void)state;
    fill_relations(&columns);
    for (uint64_t seed = first; seed < first + n; seed++) {
        try_query(seed, &arena, &counts);
        arena_clear(&arena);
    }
    if (!only) { /* both answers occur, or nothing was tried */
        assert_true(counts.failing * 20 <= counts.queries);
        assert_true(counts.not_null * 20 > counts.columns && counts.nulls * 20 > counts.columns);
    }
    arena_fini(&arena);
    arena_fini(&columns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_promises, setup, teardown),
    };
    return cmocka_run_group_tests_name("sql_promises", tests, NULL, NULL);
}
