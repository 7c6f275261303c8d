/* The printer: what it prints parses to the same tree, on one line and pretty; formatting twice
 * changes nothing; comments stay; names are quoted where they must be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <dirent.h>

#include "base/buffer.h"
#include "base/file.h"
#include "sql/random_tree.h"
#include "sql/sql_print.h"

static struct sql_text parse(struct str text, enum sql_parse_what what, struct arena *arena)
{
    struct sql_text parsed;
    struct rg_error err = {0};
    if (sql_parse(text, SQL_DUCKDB, what, arena, &parsed, &err))
        fail_msg("%u:%u %s: " STR_FMT, (unsigned)err.line, (unsigned)err.column, err.message,
                 STR_ARG(text));
    return parsed;
}

static struct buffer print(const struct sql_node *node, struct sql_print_options options)
{
    struct buffer out = {0};
    struct rg_error err = {0};
    if (sql_print(node, &options, &out, &err))
        fail_msg("%s", err.message);
    return out;
}

/* Parse, print, parse: one tree. Print again: one text. Comments: the same, in the same order. */
static void check_round_trip(struct str text, bool pretty)
{
    struct arena arena = {0};
    struct sql_text first = parse(text, SQL_PARSE_EITHER, &arena);
    struct buffer once =
        print(first.root, (struct sql_print_options){.pretty = pretty, .comments = &first});
    struct sql_text second = parse(buffer_view(&once), SQL_PARSE_EITHER, &arena);
    if (!sql_equal(first.root, second.root))
        fail_msg("another tree: " STR_FMT "\n%s", STR_ARG(text), once.data);
    struct buffer twice =
        print(second.root, (struct sql_print_options){.pretty = pretty, .comments = &second});
    assert_string_equal(once.data, twice.data);
    if (pretty) {
        assert_int_equal(first.n_comments, second.n_comments);
        for (size_t i = 0; i < first.n_comments; i++) {
            struct sql_span a = first.comments[i].span, b = second.comments[i].span;
            assert_int_equal(a.end - a.start, b.end - b.start);
            assert_memory_equal(text.ptr + a.start, once.data + b.start, a.end - a.start);
        }
    } else {
        assert_int_equal(second.n_comments, 0);
    }
    buffer_fini(&once);
    buffer_fini(&twice);
    arena_fini(&arena);
}

static size_t check_folder(const char *path, const char *but)
{
    DIR *folder = opendir(path);
    assert_non_null(folder);
    size_t count = 0;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        const char *ending = strrchr(entry->d_name, '.');
        if (!ending || strcmp(ending, ".sql") != 0 || strcmp(entry->d_name, but) == 0)
            continue;
        char *file = path_join(path, entry->d_name), *data;
        size_t size;
        assert_int_equal(file_read(file, 1 << 20, false, &data, &size, NULL), RG_OK);
        print_message("%s\n", entry->d_name);
        check_round_trip((struct str){data, size}, false);
        check_round_trip((struct str){data, size}, true);
        free(data);
        free(file);
        count++;
    }
    closedir(folder);
    return count;
}

static void test_shapes(void **state)
{
    (void)state;
    assert_true(check_folder(RG_SOURCE_DIR "/tests/sql/shapes", "") >= 40);
}

static void test_rules(void **state)
{
    (void)state;
    assert_true(check_folder(RG_SOURCE_DIR "/rules", "datasets.sql") >= 60);
}

static void test_random_trees(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3000; seed++) {
        struct arena arena = {0};
        struct random_tree random = {seed * 0x9E3779B97F4A7C15u, &arena};
        bool query = seed % 2 != 0;
        unsigned depth = (unsigned)(seed % 5) + 1;
        struct sql_node *tree =
            query ? random_query(&random, depth) : random_expression(&random, depth);
        for (int pretty = 0; pretty < 2; pretty++) {
            struct buffer out = print(tree, (struct sql_print_options){.pretty = pretty});
            struct sql_text parsed =
                parse(buffer_view(&out), query ? SQL_PARSE_QUERY : SQL_PARSE_EXPRESSION, &arena);
            if (!sql_equal(tree, parsed.root))
                fail_msg("seed %u: %s", (unsigned)seed, out.data);
            buffer_fini(&out);
        }
        arena_fini(&arena);
    }
}

/* --- Exact texts --- */

static void assert_printed(const char *text, struct sql_print_options options, const char *expected)
{
    struct arena arena = {0};
    struct sql_text parsed = parse(str_of(text), SQL_PARSE_EITHER, &arena);
    if (options.pretty)
        options.comments = &parsed;
    struct buffer out = print(parsed.root, options);
    assert_string_equal(out.data, expected);
    buffer_fini(&out);
    arena_fini(&arena);
}

static void test_one_line(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"select   a,b from t where((a=1)and(b=2))or c",
         "SELECT a, b FROM t WHERE a = 1 AND b = 2 OR c"},
        {"((a))+((b*(c)))", "a + b * c"},
        {"(a+b)*c", "(a + b) * c"},
        {"a-(b-c)", "a - (b - c)"},
        {"(a-b)-c", "a - b - c"},
        {"(a = b) = c", "(a = b) = c"},
        {"not (not a)", "NOT NOT a"},
        {"not (a and b)", "NOT (a AND b)"},
        {"- - a", "- -a"},
        {"-(-1)", "- -1"},
        {"(a -> 'x') = b", "(a -> 'x') = b"},
        {"f((x -> y), x -> x + 1, (x) -> 1)", "f((x -> y), x -> x + 1, (x) -> 1)"},
        {"a::int", "CAST(a AS INT)"},
        {"x in ((select 1))", "x IN (SELECT 1)"},
        {"a is not distinct from b", "a IS NOT DISTINCT FROM b"},
        {"case when a then b end", "CASE WHEN a THEN b END"},
        {"last_value(x) ignore nulls over w", "last_value(x IGNORE NULLS) OVER w"},
        {"date '2024-01-01'", "CAST('2024-01-01' AS DATE)"},
        {"interval (n) days", "INTERVAL (n) DAY"},
        {"SELECT 1 -- gone\n", "SELECT 1"},
        {"SELECT (*), a | (*), f(*), (t.*) = 1", "SELECT *, a | (*), f(*), (t.*) = 1"},
        /* in brackets they would be a list of one */
        {"SELECT a IN f(x).o, a IN :p.o[1] || b", "SELECT a IN f(x).o, a IN :p.o[1] || b"},
        {"SELECT a IN {'o': f(x).o}.o", "SELECT a IN {'o': (f(x)).o}.o"},
        {"(select 1) union (select 2)", "(SELECT 1) UNION (SELECT 2)"},
        {"select * from a join b join c using (x) on y",
         "SELECT * FROM a JOIN (b JOIN c USING (x)) ON y"},
        {"array(select 1)", "array(SELECT 1)"},
        {"(a).b.c", "(a).b.c"},
        {"a[1:2][3]", "a[1:2][3]"},
        {"a[:-:2]", "a[:-:2]"},
        {"a[(:x):]", "a[(:x):]"},
        {"row(1)", "ROW(1)"},
        {"{'a b': 1, c: 2}", "{'a b': 1, c: 2}"},
        {"sum(x) over (rows 1 preceding)", "sum(x) OVER (ROWS 1 PRECEDING)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_printed(cases[i][0], (struct sql_print_options){0}, cases[i][1]);
}

static void test_names(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"SELECT a, \"b\", \"Two Words\", \"quote\"\"d\"",
         "SELECT a, \"b\", \"Two Words\", \"quote\"\"d\""},
        {"SELECT end, t.end, x AS end FROM Left AS T",
         "SELECT \"end\", t.end, x AS end FROM \"left\" AS T"},
        {"SELECT x AS \"from\", t.\"select\"", "SELECT x AS \"from\", t.\"select\""},
        {"SELECT größe, name, value, date", "SELECT \"größe\", name, value, date"},
        {"SELECT left(a, 1), \"cast\"(a), \"my f\"(b)",
         "SELECT left(a, 1), \"cast\"(a), \"my f\"(b)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_printed(cases[i][0], (struct sql_print_options){0}, cases[i][1]);
    assert_printed("SELECT a, t.B FROM t", (struct sql_print_options){.quote_all = true},
                   "SELECT \"a\", \"t\".\"b\" FROM \"t\"");
    assert_true(sql_must_quote(STR("select"), SQL_DUCKDB));
    assert_true(sql_must_quote(STR("1st"), SQL_DUCKDB));
    assert_true(sql_must_quote(STR(""), SQL_DUCKDB));
    assert_false(sql_must_quote(STR("user"), SQL_DUCKDB));
    assert_true(sql_must_quote(STR("user"), SQL_POSTGRES));
}

static void test_pretty(void **state)
{
    (void)state;
    struct sql_print_options pretty = {.pretty = true};
    assert_printed("select a from t", pretty, "SELECT a FROM t");
    assert_printed(
        "select aaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbb, cccccccccccccccccccccc from "
        "tttttttttttttt as t join uuuuuuuuu as u on u.id = t.id and u.x > 1 where a = 1",
        pretty,
        "SELECT aaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbb, cccccccccccccccccccccc\n"
        "FROM tttttttttttttt AS t\n"
        "JOIN uuuuuuuuu AS u ON u.id = t.id AND u.x > 1\n"
        "WHERE a = 1");
    assert_printed(
        "-- head\n\n-- of it\nwith a as (select 1 -- one\n) -- behind\nselect x, -- the x\n"
        "/* y */ y from a -- end",
        pretty,
        "-- head\n\n"
        "-- of it\n"
        "WITH a AS (SELECT 1) -- one\n"
        "-- behind\n"
        "SELECT\n"
        "    x, -- the x\n"
        "    /* y */\n"
        "    y\n"
        "FROM a -- end");
}

/* What cannot be said is refused, and nothing is appended. */
static void test_refused(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct sql_text parsed =
        parse(STR("SELECT aaaaaaaaaaaaaaaaaaaaaaaaaa"), SQL_PARSE_QUERY, &arena);
    struct buffer out = {.bytes_max = 20};
    struct rg_error err = {0};
    buffer_text(&out, "before");
    assert_int_equal(sql_print(parsed.root, &(struct sql_print_options){0}, &out, &err),
                     RG_ERR_MEMORY);
    assert_int_equal(out.len, 6);
    buffer_fini(&out);
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),   cmocka_unit_test(test_rules),
        cmocka_unit_test(test_one_line), cmocka_unit_test(test_names),
        cmocka_unit_test(test_pretty),   cmocka_unit_test(test_random_trees),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
