/* Equivalence by execution: a random query and what the rewrites make of it give the same rows on
 * the engine. RG_SEED=n tries the query of that seed alone and shows every text; RG_QUERIES=n says
 * how many. */
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
#include "sql/sql_rewrite.h"

#define QUERIES 1000

/* --- One query ----------------------------------------------------------------------------------
 */

struct trial {
    uint64_t seed;
    struct str original;
    int64_t digest;
    bool loud;
    struct buffer texts; /* those that were run, each behind a NUL: a text is run once */
};

/* What is printed is read as the same tree: a rewrite leaves the tree as the parser would make it.
 */
static void check_round_trip(struct trial *trial, const struct sql_node *root, struct str printed,
                             const char *what)
{
    struct arena arena = {0};
    struct sql_text text;
    struct rg_error err = {0};
    if (sql_parse(printed, SQL_DUCKDB, SQL_PARSE_QUERY, &arena, &text, &err) != RG_OK ||
        !sql_equal(text.root, root))
        fail_msg("seed %llu, %s: is read otherwise: %s\n" STR_FMT, (unsigned long long)trial->seed,
                 what, err.message, STR_ARG(printed));
    arena_fini(&arena);
}

/* Runs what the tree is now. A step on the way is run alone where one seed is asked for. */
static void check(struct trial *trial, const struct sql_node *root, bool last, const char *what)
{
    struct buffer text = {0};
    struct rg_error err = {0};
    int64_t digest = 0;
    if (!last && !trial->loud)
        return;
    if (sql_print(root, &(struct sql_print_options){0}, &text, &err) != RG_OK)
        fail_msg("seed %llu, %s: %s\n" STR_FMT, (unsigned long long)trial->seed, what, err.message,
                 STR_ARG(trial->original));
    struct str printed = buffer_view(&text);
    if (trial->loud)
        print_message("%s: " STR_FMT "\n", what, STR_ARG(printed));
    if (!memmem(trial->texts.data ? trial->texts.data : "", trial->texts.len, printed.ptr,
                printed.len + 1)) {
        if (digest_of(printed, &digest, &err) != RG_OK)
            fail_msg("seed %llu, %s: %s\n" STR_FMT "\n" STR_FMT, (unsigned long long)trial->seed,
                     what, err.message, STR_ARG(trial->original), STR_ARG(printed));
        if (digest != trial->digest)
            fail_msg("seed %llu, %s: other rows\n" STR_FMT "\n" STR_FMT,
                     (unsigned long long)trial->seed, what, STR_ARG(trial->original),
                     STR_ARG(printed));
        buffer_append(&trial->texts, printed.ptr, printed.len + 1);
        check_round_trip(trial, root, printed, what);
    }
    buffer_fini(&text);
}

static void must(struct trial *trial, enum rg_status status, const struct rg_error *err,
                 const char *what)
{
    if (status != RG_OK)
        fail_msg("seed %llu, %s: %s (%u:%u)\n" STR_FMT, (unsigned long long)trial->seed, what,
                 err->message, err->line, err->column, STR_ARG(trial->original));
}

static struct sql_node *parsed(struct trial *trial, struct arena *arena)
{
    struct sql_text text;
    struct rg_error err = {0};
    must(trial, sql_parse(trial->original, SQL_DUCKDB, SQL_PARSE_QUERY, arena, &text, &err), &err,
         "parse");
    return text.root;
}

/* As read: types are not known. */
static void try_untyped(struct trial *trial, struct arena *arena)
{
    struct sql_rewrite_options options = {.dialect = SQL_DUCKDB};
    struct rg_error err = {0};
    struct sql_node *root = parsed(trial, arena);
    check(trial, root, false, "printed");
    must(trial, sql_simplify(&root, &options, arena, &err), &err, "simplify");
    check(trial, root, false, "simplified, untyped");
    must(trial, sql_to_cnf(&root, &options, arena, &err), &err, "cnf");
    check(trial, root, false, "cnf, untyped");
    sql_normalize_identifiers(root, arena);
    check(trial, root, true, "normalized");
}

/* As the compiler does it: bound, qualified, simplified, pruned. */
static void try_typed(struct trial *trial, struct arena *arena)
{
    struct sql_rewrite_options options = {.dialect = SQL_DUCKDB, .typed = true};
    struct sql_catalog catalog = {.relation = find_relation,
                                  .functions = functions_table,
                                  .n_functions = functions_table_count};
    struct rg_error err = {0};
    struct sql_node *root = parsed(trial, arena);
    must(trial, sql_bind(root, trial->original, &catalog, arena, &err), &err, "bind");
    must(trial, sql_qualify(root, trial->original, &catalog, arena, &err), &err, "qualify");
    check(trial, root, false, "qualified");
    must(trial, sql_simplify(&root, &options, arena, &err), &err, "simplify");
    check(trial, root, false, "simplified");
    must(trial, sql_bind(root, trial->original, &catalog, arena, &err), &err, "bind again");
    must(trial, sql_prune(root, trial->original, &catalog, arena, &err), &err, "prune");
    check(trial, root, true, "pruned");
    must(trial, sql_to_cnf(&root, &options, arena, &err), &err, "cnf");
    check(trial, root, false, "cnf");
    must(trial, sql_bind(root, trial->original, &catalog, arena, &err), &err, "bind cnf");
    uint32_t key = 0;
    must(trial, sql_order_totally(root, &key, 1, arena, &err), &err, "order");
    check(trial, root, true, "ordered");
}

static void test_random_queries(void **state)
{
    const char *only = getenv("RG_SEED"), *count = getenv("RG_QUERIES");
    uint64_t first = only ? strtoull(only, NULL, 10) : 0;
    uint64_t n = only ? 1 : count ? strtoull(count, NULL, 10) : QUERIES;
    struct arena columns = {0}, arena = {0};
    unsigned failing = 0;
    (void)state;
    fill_relations(&columns);
    for (uint64_t seed = first; seed < first + n; seed++) {
        struct buffer sql = {0};
        struct rg_error err = {0};
        random_query(seed, &sql);
        struct trial trial = {.seed = seed, .original = buffer_view(&sql), .loud = only != NULL};
        if (digest_of(trial.original, &trial.digest, &err) != RG_OK) {
            failing++; /* an overflow, a subquery of several rows: nothing to compare with */
            if (only)
                print_message("%s\n", err.message);
        } else {
            buffer_append(&trial.texts, sql.data, sql.len + 1);
            if (only || seed % 4 == 0)
                try_untyped(&trial, &arena);
            try_typed(&trial, &arena);
        }
        arena_clear(&arena);
        buffer_fini(&trial.texts);
        buffer_fini(&sql);
    }
    arena_fini(&arena);
    arena_fini(&columns);
    print_message("# %llu queries, %u of them fail as they are\n", (unsigned long long)n, failing);
    if (!only)
        assert_true(failing * 20 <= n);
}

/* A reader with a CTE, and the same with the CTE's query fused into it. */
static bool try_fused(struct trial *trial, struct str inner_text, struct str reader_text,
                      struct arena *arena)
{
    struct sql_catalog catalog = {.relation = find_relation,
                                  .functions = functions_table,
                                  .n_functions = functions_table_count};
    struct sql_text inner, reader;
    struct rg_error err = {0};
    bool done;
    must(trial, sql_parse(inner_text, SQL_DUCKDB, SQL_PARSE_QUERY, arena, &inner, &err), &err,
         "parse inner");
    must(trial, sql_bind(inner.root, inner_text, &catalog, arena, &err), &err, "bind inner");
    const struct sql_scope *scope = sql_query_scope(inner.root);
    relations[RANDOM_TABLES] = (struct sql_relation){
        .name = STR("cte0"), .columns = scope->outputs, .n_columns = scope->n_outputs};
    must(trial, sql_parse(reader_text, SQL_DUCKDB, SQL_PARSE_QUERY, arena, &reader, &err), &err,
         "parse reader");
    must(trial, sql_bind(reader.root, reader_text, &catalog, arena, &err), &err, "bind reader");
    must(trial, sql_fuse(reader.root, STR("cte0"), inner.root, &catalog, arena, &done, &err), &err,
         "fuse");
    relations[RANDOM_TABLES] = (struct sql_relation){0};
    check(trial, reader.root, true, "fused");
    return done;
}

static void test_fused_queries(void **state)
{
    const char *only = getenv("RG_SEED");
    uint64_t first = only ? strtoull(only, NULL, 10) : 0, n = only ? 1 : QUERIES / 4;
    struct arena columns = {0}, arena = {0};
    unsigned fused = 0, merged = 0;
    (void)state;
    fill_relations(&columns);
    for (uint64_t seed = first; seed < first + n; seed++) {
        struct buffer inner = {0}, reader = {0}, sql = {0};
        struct rg_error err = {0};
        random_pair_of_queries(seed, &inner, &reader);
        buffer_printf(&sql, "WITH cte0 AS (%s) %s", inner.data, reader.data);
        struct trial trial = {.seed = seed, .original = buffer_view(&sql), .loud = only != NULL};
        if (strstr(reader.data, "cte0") &&
            digest_of(trial.original, &trial.digest, &err) == RG_OK) {
            bool done = try_fused(&trial, buffer_view(&inner), buffer_view(&reader), &arena);
            fused += done;
            merged += done && strstr(trial.texts.data, "_0") != NULL;
        }
        arena_clear(&arena);
        buffer_fini(&trial.texts);
        buffer_fini(&inner);
        buffer_fini(&reader);
        buffer_fini(&sql);
    }
    arena_fini(&arena);
    arena_fini(&columns);
    print_message("# %u readers fused, %u of them merged\n", fused, merged);
    if (!only)
        assert_true(fused > n / 2 && merged > n / 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_queries),
        cmocka_unit_test(test_fused_queries),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
