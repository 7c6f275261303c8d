/* The parser against the engine's: precedences are the same, and what is printed of a rule is, for
 * the engine, the same statement. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <dirent.h>
#include <duckdb.h>

#include "base/buffer.h"
#include "base/file.h"
#include "sql/precedence_pairs.h"
#include "sql/sql_print.h"

static duckdb_database database;
static duckdb_connection connection;

static int setup(void **state)
{
    (void)state;
    return duckdb_open(NULL, &database) != DuckDBSuccess ||
           duckdb_connect(database, &connection) != DuckDBSuccess;
}

static int teardown(void **state)
{
    (void)state;
    duckdb_disconnect(&connection);
    duckdb_close(&database);
    return 0;
}

/* The engine's tree of a query, without places; to be freed. NULL: no statement for it. */
static char *engine_tree(struct str query)
{
    struct buffer sql = {0};
    buffer_text(&sql, "SELECT CASE WHEN t NOT LIKE '%\"error\":true%' THEN regexp_replace(t, "
                      "'\"query_location\":[0-9]+', '', 'g') END FROM (SELECT json_serialize_sql(");
    buffer_sql_text(&sql, query);
    buffer_text(&sql, ")::VARCHAR AS t)");
    duckdb_result result;
    if (duckdb_query(connection, sql.data, &result) != DuckDBSuccess)
        fail_msg("%s", duckdb_result_error(&result));
    char *value = duckdb_value_varchar(&result, 0, 0);
    char *copy = value ? strdup(value) : NULL;
    duckdb_free(value);
    duckdb_destroy_result(&result);
    buffer_fini(&sql);
    return copy;
}

static void test_precedences(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof precedence_pairs / sizeof *precedence_pairs; i++) {
        char *trees[2];
        for (int side = 0; side < 2; side++) {
            struct buffer query = {0};
            buffer_printf(&query, "SELECT %s", precedence_pairs[i][side]);
            trees[side] = engine_tree(buffer_view(&query));
            buffer_fini(&query);
        }
        assert_non_null(trees[0]);
        assert_non_null(trees[1]);
        if (strcmp(trees[0], trees[1]) != 0)
            fail_msg("%s is not %s", precedence_pairs[i][0], precedence_pairs[i][1]);
        free(trees[0]);
        free(trees[1]);
    }
}

/* Prints a text and asks the engine about both. Whether the engine takes them for the same. */
static bool check_file(const char *path, bool *out_known)
{
    char *data;
    size_t size;
    assert_int_equal(file_read(path, 1 << 20, false, &data, &size, NULL), RG_OK);
    struct arena arena = {0};
    struct sql_text parsed;
    struct rg_error err = {0};
    struct str text = {data, size};
    assert_int_equal(sql_parse(text, SQL_DUCKDB, SQL_PARSE_QUERY, &arena, &parsed, &err), RG_OK);
    char *before = engine_tree(text);
    bool same = true;
    *out_known = before != NULL;
    for (int pretty = 0; pretty < 2 && before; pretty++) {
        struct sql_print_options options = {.pretty = pretty, .comments = &parsed};
        struct buffer out = {0};
        assert_int_equal(sql_print(parsed.root, &options, &out, &err), RG_OK);
        char *after = engine_tree(buffer_view(&out));
        if (!after)
            fail_msg("no statement for the engine: %s", out.data);
        same = same && strcmp(before, after) == 0;
        free(after);
        buffer_fini(&out);
    }
    free(before);
    arena_fini(&arena);
    free(data);
    return same;
}

/* All files of a folder: known to the engine at least `known_min`, and each then the same. */
static void check_folder(const char *path, size_t known_min, bool all_same)
{
    DIR *folder = opendir(path);
    assert_non_null(folder);
    size_t n_known = 0;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        const char *ending = strrchr(entry->d_name, '.');
        if (!ending || strcmp(ending, ".sql") != 0 || strcmp(entry->d_name, "datasets.sql") == 0)
            continue;
        char *file = path_join(path, entry->d_name);
        bool known, same = check_file(file, &known);
        if (!same || !known)
            print_message("%s: %s\n", entry->d_name, known ? "another tree" : "not known");
        if (all_same && !same)
            fail_msg("%s", entry->d_name);
        n_known += known;
        free(file);
    }
    closedir(folder);
    if (n_known < known_min)
        fail_msg("only %zu are known to the engine", n_known);
}

static void test_rules(void **state)
{
    (void)state;
    check_folder(RG_SOURCE_DIR "/rules", 60, true);
}

/* Forms with words come out as the calls that they mean: there the trees differ. */
static void test_shapes(void **state)
{
    (void)state;
    check_folder(RG_SOURCE_DIR "/tests/sql/shapes", 38, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_precedences),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_shapes),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
