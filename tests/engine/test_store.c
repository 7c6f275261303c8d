/* Stores: opening, statements, errors in our terms, small results, descriptions, cancelling. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/ledger.h"
#include "engine/store.h"

struct fixture {
    struct rg_session *session;
    struct store *store;
    char folder[64];
};

static void open_session(struct fixture *f)
{
    struct rg_error err;
    struct rg_session_options options = {.struct_size = sizeof options, .threads = 2};
    assert_int_equal(rg_session_open(&options, &f->session, &err), RG_OK);
    snprintf(f->folder, sizeof f->folder, "/tmp/relgraph-store-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct rg_error err = {0};
    open_session(f);
    struct store_options options = {.allowed_directory = f->folder, .keep_order = true};
    if (store_open(f->session, &options, &f->store, &err) != RG_OK)
        fail_msg("%s", err.message);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    store_close(f->store);
    rg_session_close(f->session);
    assert_int_equal(tree_remove(f->folder, NULL), RG_OK);
    free(f);
    return 0;
}

static void run(struct store *store, const char *sql)
{
    struct rg_error err = {0};
    if (store_exec(store, str_of(sql), &err) != RG_OK)
        fail_msg("%s: %s", sql, err.message);
}

static int64_t number(struct store *store, const char *sql)
{
    struct rg_error err = {0};
    int64_t value;
    if (store_int64(store, str_of(sql), &value, &err) != RG_OK)
        fail_msg("%s: %s", sql, err.message);
    return value;
}

static void test_statements(void **state)
{
    struct fixture *f = *state;
    struct rg_error err = {0};
    uint64_t rows = 99;
    run(f->store, "CREATE TABLE t (i INTEGER); INSERT INTO t VALUES (1), (2); -- the end");
    assert_int_equal(number(f->store, "SELECT count(*) FROM t"), 2);
    assert_int_equal(
        store_exec_count(f->store, STR("INSERT INTO t SELECT range FROM range(5)"), &rows, &err),
        RG_OK);
    assert_int_equal(rows, 5);
    assert_int_equal(store_exec_count(f->store, STR("DELETE FROM t WHERE i = 4"), &rows, &err),
                     RG_OK);
    assert_int_equal(rows, 1);
    assert_int_equal(store_execf(f->store, &err, "CREATE TABLE %s AS SELECT %d AS n", "u", 7),
                     RG_OK);
    assert_int_equal(number(f->store, "SELECT n FROM u"), 7);
    assert_int_equal(store_exec_count(f->store,
                                      STR("CREATE OR REPLACE TABLE u AS SELECT * FROM range(2500)"),
                                      &rows, &err),
                     RG_OK);
    assert_int_equal(rows, 2500);
    assert_int_equal(
        store_exec_count(f->store, STR("CREATE VIEW v AS SELECT * FROM u"), &rows, &err), RG_OK);
    assert_int_equal(rows, 0);
    run(f->store, "");
    run(f->store, "-- nothing\n");
}

static void test_copy_counts_rows(void **state)
{
    struct fixture *f = *state;
    struct rg_error err = {0};
    uint64_t rows;
    char sql[256];
    snprintf(sql, sizeof sql, "COPY (SELECT * FROM range(1234)) TO '%s/x.parquet' (FORMAT parquet)",
             f->folder);
    assert_int_equal(store_exec_count(f->store, str_of(sql), &rows, &err), RG_OK);
    assert_int_equal(rows, 1234);
    snprintf(sql, sizeof sql, "SELECT count(*) FROM '%s/x.parquet'", f->folder);
    assert_int_equal(number(f->store, sql), 1234);
}

/* The engine's complaint arrives with a place in the text as given and what to do. */
static void test_error_place(void **state)
{
    struct fixture *f = *state;
    struct rg_error err = {0};
    run(f->store, "CREATE TABLE syntax (start_byte INTEGER)");
    assert_int_equal(
        store_exec(f->store, STR("SELECT 1;\nSELECT 'é',\n  start_bite FROM syntax"), &err),
        RG_ERR_RULE);
    assert_int_equal(err.line, 3);
    assert_int_equal(err.column, 3);
    assert_non_null(strstr(err.message, "start_bite"));
    assert_non_null(strstr(err.hint, "start_byte"));
    assert_null(strstr(err.message, "{"));
    assert_int_equal(store_exec(f->store, STR("SELEC 1"), &err), RG_ERR_RULE);
    assert_int_equal(err.line, 1);
    assert_int_equal(err.column, 1);
    assert_int_equal(
        store_exec(f->store, STR("SELECT 'é', CAST('x' || i AS INTEGER) FROM range(3) r(i)"), &err),
        RG_ERR_RULE);
    assert_int_equal(err.column, 13);
    assert_int_equal(store_exec(f->store, (struct str){"SELECT\0 1", 9}, &err), RG_ERR_RULE);
    assert_int_equal(store_exec(f->store, STR("SELECT 1 FROM nowhere"), NULL), RG_ERR_RULE);
}

static void test_out_of_memory(void **state)
{
    struct rg_session *session;
    struct store *store;
    struct rg_error err = {0};
    (void)state;
    struct rg_session_options options = {
        .struct_size = sizeof options, .threads = 1, .memory_limit_bytes = 64 << 20};
    assert_int_equal(rg_session_open(&options, &session, &err), RG_OK);
    assert_int_equal(store_open(session, &(struct store_options){0}, &store, &err), RG_OK);
    assert_int_equal(
        store_exec(store,
                   STR("CREATE TABLE t AS SELECT range AS a, 'some text ' || range AS b "
                       "FROM range(20000000) ORDER BY b"),
                   &err),
        RG_ERR_MEMORY);
    assert_true(*err.hint);
    assert_int_equal(number(store, "SELECT 1"), 1); /* the store lives on */
    store_close(store);
    rg_session_close(session);
}

static void test_text_table(void **state)
{
    struct fixture *f = *state;
    struct arena arena = {0};
    struct text_table table;
    struct rg_error err = {0};
    assert_int_equal(
        store_table(f->store,
                    STR("SELECT 'a' AS name, 1.5 AS x, NULL AS n, [1, 2] AS l UNION ALL "
                        "SELECT 'a long text of more than twelve bytes', 2, 3, NULL "
                        "ORDER BY x; -- done"),
                    10, &arena, &table, &err),
        RG_OK);
    assert_int_equal(table.rows, 2);
    assert_int_equal(table.columns, 4);
    assert_true(str_is(table.names[0], "name"));
    assert_true(str_is(table.names[3], "l"));
    assert_true(str_is(table.cells[0], "a"));
    assert_true(str_is(table.cells[1], "1.5"));
    assert_null(table.cells[2].ptr);
    assert_true(str_is(table.cells[3], "[1, 2]"));
    assert_true(str_is(table.cells[4], "a long text of more than twelve bytes"));
    assert_int_equal(
        store_table(f->store, STR("SELECT * FROM range(11)"), 10, &arena, &table, &err),
        RG_ERR_LIMIT);
    assert_int_equal(table.rows, 0);
    assert_int_equal(store_table(f->store, STR("SELECT range FROM range(5000) ORDER BY range DESC"),
                                 5000, &arena, &table, &err),
                     RG_OK);
    assert_true(str_is(table.cells[0], "4999"));
    assert_true(str_is(table.cells[4999], "0"));
    /* What is copied without a cast. */
    assert_int_equal(
        store_table(
            f->store,
            STR("SELECT (-9223372036854775808)::BIGINT, (-2147483648)::INTEGER, NULL::BIGINT, "
                "'' UNION ALL SELECT 9223372036854775807, 2147483647, 0, NULL ORDER BY 1"),
            2, &arena, &table, &err),
        RG_OK);
    assert_true(str_is(table.cells[0], "-9223372036854775808"));
    assert_true(str_is(table.cells[1], "-2147483648"));
    assert_null(table.cells[2].ptr);
    assert_true(table.cells[3].ptr && table.cells[3].len == 0);
    assert_true(str_is(table.cells[4], "9223372036854775807"));
    assert_true(str_is(table.cells[5], "2147483647"));
    assert_true(str_is(table.cells[6], "0"));
    assert_null(table.cells[7].ptr);
    int64_t value = 3;
    assert_int_equal(store_int64(f->store, STR("SELECT 'x'"), &value, &err), RG_ERR_INTERNAL);
    assert_int_equal(value, 0);
    arena_fini(&arena);
}

static void test_hermetic(void **state)
{
    struct fixture *f = *state;
    static const char *const refused[] = {
        "SELECT * FROM read_text('/etc/passwd')",
        "COPY (SELECT 1) TO '/tmp/relgraph-must-not-exist.csv'",
        "ATTACH '/tmp/relgraph-must-not-exist.db' AS other",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET memory_limit = '100GB'",
        "SET allowed_configs = ['memory_limit']",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "SET allowed_directories = ['/']",
        "SET temp_directory = '/tmp'",
        "CREATE PERSISTENT SECRET s (TYPE http)",
        "SELECT * FROM 'https://example.com/x.parquet'",
        "SELECT * FROM read_csv('s3://bucket/x.csv')",
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct rg_error err = {0};
        if (store_exec(f->store, str_of(refused[i]), &err) == RG_OK)
            fail_msg("was allowed: %s", refused[i]);
    }
    assert_false(path_exists("/tmp/relgraph-must-not-exist.csv"));
    assert_false(path_exists("/tmp/relgraph-must-not-exist.db"));
}

static bool reads(const struct description *d, const char *names)
{
    char text[256] = "";
    for (size_t i = 0; i < d->n_tables; i++) {
        strncat(text, i ? " " : "", 2);
        strncat(text, d->tables[i].ptr, d->tables[i].len);
    }
    if (strcmp(text, names) != 0)
        print_message("reads %s\n", text);
    return !strcmp(text, names);
}

/* A store that is being filled reaches no file either, and is as locked as any other when it is
 * full; the engine's threads come with that. */
static void test_filling(void **state)
{
    struct fixture *f = *state;
    struct rg_error err = {0};
    struct store *store;
    struct store_options options = {.allowed_directory = f->folder, .filling = true};
    assert_int_equal(store_open(f->session, &options, &store, &err), RG_OK);
    int64_t threads = number(store, "SELECT CAST(current_setting('threads') AS BIGINT)");
    assert_int_equal(number(store, "SELECT CAST(current_setting('external_threads') AS BIGINT)"),
                     threads);
    assert_int_not_equal(
        store_exec(store, STR("CREATE TABLE p AS FROM read_text('/etc/hostname')"), &err), RG_OK);
    assert_int_not_equal(store_exec(store, STR("SET enable_external_access = true"), &err), RG_OK);
    assert_int_equal(store_exec(store, STR("CREATE TABLE t AS FROM range(300000)"), &err), RG_OK);
    assert_int_equal(store_filled(store, &err), RG_OK);
    assert_int_equal(number(store, "SELECT CAST(current_setting('external_threads') AS BIGINT)"),
                     1);
    assert_int_equal(number(store, "SELECT count(*) FROM t"), 300000);
    assert_int_not_equal(store_exec(store, STR("SET memory_limit = '100GB'"), &err), RG_OK);
    assert_non_null(strstr(err.message, "locked"));
    store_close(store);
}

static void test_describe_tables(void **state)
{
    struct fixture *f = *state;
    struct arena arena = {0};
    static const struct {
        const char *sql, *tables;
    } cases[] = {
        {"SELECT 1 AS x", ""},
        {"SELECT * FROM t AS a JOIN \"a b\" AS \"q x\" ON true, v", "a b t v"},
        {"SELECT * FROM T, Main.T AS u", "t"},
        {"WITH c AS (SELECT * FROM t) SELECT * FROM c", "t"},
        {"WITH t AS (SELECT * FROM t) SELECT * FROM t", "t"},
        {"WITH t AS (SELECT 1 AS i) SELECT * FROM t", ""},
        {"WITH a AS (SELECT 1 AS i), b AS (FROM a), c AS (FROM v) FROM b", "v"},
        {"WITH RECURSIVE c AS (SELECT i FROM t UNION ALL SELECT c.i + 1 FROM c, v WHERE c.i < 3) "
         "FROM c",
         "t v"},
        {"SELECT * FROM (WITH v AS (FROM t) FROM v), v AS w", "t v"},
        {"SELECT (SELECT max(i) FROM t x), EXISTS(FROM v) FROM range(3)", "t v"},
        {"(FROM t ORDER BY (SELECT max(i) FROM v)) UNION ALL (FROM \"a b\") LIMIT 1", "a b t v"},
        {"SELECT i FROM t WHERE i IN (SELECT i FROM v) QUALIFY row_number() OVER (ORDER BY i) = 1",
         "t v"},
        {"FROM t, unnest([1, 2]) u(x)", "t"},
        {"FROM t; -- a comment", "t"},
    };
    run(f->store, "CREATE TABLE t (i INTEGER); CREATE TABLE \"a b\" (i INTEGER); "
                  "CREATE VIEW v AS SELECT i FROM t");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct description d;
        struct rg_error err = {0};
        if (store_describe(f->store, str_of(cases[i].sql), &arena, &d, &err) != RG_OK)
            fail_msg("%s: %s", cases[i].sql, err.message);
        if (!reads(&d, cases[i].tables))
            fail_msg("%s", cases[i].sql);
    }
    arena_fini(&arena);
}

static void test_describe_refuses(void **state)
{
    struct fixture *f = *state;
    struct arena arena = {0};
    static const char *const refused[] = {
        "SELECT 1; SELECT 2",
        "",
        "-- only a comment",
        "CREATE TABLE x (i INTEGER)",
        "DROP TABLE t",
        "COPY t TO 'x'",
        "INSERT INTO t VALUES (1)",
        "EXPLAIN SELECT 1",
        "DESCRIBE t",
        "SUMMARIZE t",
        "FROM read_csv('/etc/passwd')",
        "FROM read_parquet('x.parquet')",
        "FROM glob('*')",
        "FROM 'x.parquet'",
        "FROM query('SELECT 1')",
        "FROM query_table('t')",
        "FROM m(1)",
        "FROM duckdb_tables()",
        "FROM information_schema.tables",
        "FROM memory.main.t",
        "SELECT * FROM (DESCRIBE t)",
        "SELECT (SELECT content FROM read_text('/etc/passwd'))",
        "PIVOT t ON i",
        "PRAGMA table_info('t')",
        "CALL pragma_version()",
        "FROM nowhere",
        "SELECT nothing FROM t",
        "WITH c AS (FROM glob('*')) SELECT 1",
    };
    run(f->store, "CREATE TABLE t (i INTEGER); CREATE MACRO m(x) AS TABLE SELECT * FROM t");
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct description d;
        struct rg_error err = {0};
        enum rg_status status = store_describe(f->store, str_of(refused[i]), &arena, &d, &err);
        if (status != RG_ERR_RULE && status != RG_ERR_FORBIDDEN)
            fail_msg("%s: %s %s", refused[i], rg_status_name(status), err.message);
        assert_int_equal(d.n_columns, 0);
        assert_true(*err.message);
    }
    struct description d;
    struct rg_error err = {0};
    assert_int_equal(
        store_describe(f->store, STR("SELECT *\nFROM t,\n  glob('*')"), &arena, &d, &err),
        RG_ERR_RULE);
    assert_int_equal(err.line, 3);
    assert_int_equal(err.column, 3);
    assert_non_null(strstr(err.message, "glob"));
    arena_fini(&arena);
}

static void test_describe_columns(void **state)
{
    struct fixture *f = *state;
    struct arena arena = {0};
    struct description d;
    struct rg_error err = {0};
    static const char *const types[] = {"BIGINT", "colour",  "INTEGER",   "VARCHAR",
                                        "DOUBLE", "BOOLEAN", "INTEGER[]", "DECIMAL(2,1)"};
    static const char *const names[] = {"id", "c", "i", "i", "d", "b", "l", "e"};
    run(f->store,
        "CREATE TYPE colour AS ENUM ('red', 'it''s'); CREATE TABLE t (id BIGINT, c colour)");
    assert_int_equal(
        store_describe(f->store,
                       STR("SELECT id, c, 1 AS i, 'x' AS i, 1e0 AS d, true AS b, [1] AS l, "
                           "1.5 AS e FROM t"),
                       &arena, &d, &err),
        RG_OK);
    assert_int_equal(d.n_columns, 8);
    for (size_t i = 0; i < 8; i++) {
        assert_string_equal(d.columns[i].type.ptr, types[i]);
        assert_string_equal(d.columns[i].name.ptr, names[i]);
    }
    arena_fini(&arena);
}

static void *cancel_soon(void *session)
{
    usleep(100000);
    rg_session_cancel(session);
    return NULL;
}

/* More rows than the engine takes at once, in their order; NULLs; a text that is not UTF-8. */
static void test_ledger(void **state)
{
    struct fixture *f = *state;
    struct ledger *ledger = f->session->ledger;
    struct rg_error err = {0};
    char sql[256];
    enum { ROWS = 5000 };
    ledger_begin(ledger);
    for (int64_t i = 0; i < ROWS; i++)
        ledger_extract_error(ledger, &(struct ledger_extract_error){.path = STR("caf\xe9.py"),
                                                                    .file_id = i - 7,
                                                                    .code = "too_long",
                                                                    .size_bytes = LEDGER_UNKNOWN,
                                                                    .seconds = 0.5});
    ledger_feature(ledger, STR("late"), false, "set", (struct str){0});
    ledger_feature(ledger, STR("early"), true, "set", (struct str){0});
    assert_int_equal(store_show_ledger(f->store, &err), RG_OK);
    snprintf(sql, sizeof sql,
             "CREATE TABLE told AS SELECT row_number() OVER () - 8 AS place, * FROM "
             "relgraph_ledger(%d)",
             LEDGER_EXTRACT_ERRORS);
    run(f->store, sql);
    assert_int_equal(number(f->store,
                            "SELECT count(*) FROM told WHERE file_id = place AND "
                            "path = 'caf\xEF\xBF\xBD.py' AND code = 'too_long' AND message "
                            "IS NULL AND size_bytes IS NULL AND seconds = 0.5"),
                     ROWS);
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM relgraph_ledger(%d) WHERE is_on = (feature = 'early') AND what "
             "IS NULL",
             LEDGER_FEATURE_STATE);
    assert_int_equal(number(f->store, sql), 2);
    snprintf(sql, sizeof sql, "FROM relgraph_ledger(%d)", LEDGER_TABLES);
    assert_int_not_equal(store_exec(f->store, str_of(sql), &err), RG_OK);
    assert_non_null(strstr(err.message, "no table of this number"));
}

static void test_cancel(void **state)
{
    struct fixture *f = *state;
    struct rg_error err = {0};
    pthread_t thread;
    double began = clock_seconds();
    assert_int_equal(pthread_create(&thread, NULL, cancel_soon, f->session), 0);
    assert_int_equal(store_exec(f->store,
                                STR("SELECT count(*) FROM range(3000000) a, range(3000000) b "
                                    "WHERE a.range * b.range = 7"),
                                &err),
                     RG_ERR_CANCELLED);
    pthread_join(thread, NULL);
    assert_true(clock_seconds() - began < 5);
    /* It stays in force. */
    assert_int_equal(store_exec(f->store, STR("SELECT 1"), &err), RG_ERR_CANCELLED);
}

static void test_file(void **state)
{
    struct fixture *f = *state;
    struct rg_error err = {0};
    struct store *store;
    char path[128], log[160];
    snprintf(path, sizeof path, "%s/facts.duckdb", f->folder);
    snprintf(log, sizeof log, "%s.wal", path);
    /* What an earlier run left is not read. */
    assert_int_equal(file_write(path, STR("not a database"), &err), RG_OK);
    assert_int_equal(file_write(log, STR("not a log"), &err), RG_OK);
    struct store_options options = {.path = path, .allowed_directory = f->folder};
    if (store_open(f->session, &options, &store, &err) != RG_OK)
        fail_msg("%s", err.message);
    run(store, "CREATE TABLE t AS SELECT range AS i FROM range(1000); CREATE VIEW v AS FROM t; "
               "CREATE MACRO m(x) AS TABLE SELECT * FROM t WHERE i = x; CHECKPOINT");
    assert_int_equal(number(store, "SELECT count(*) FROM v"), 1000);
    store_close(store);
    assert_false(path_exists(log));
    options.read_only = true;
    assert_int_equal(store_open(f->session, &options, &store, &err), RG_OK);
    assert_int_equal(number(store, "SELECT count(*) FROM v"), 1000);
    assert_int_equal(number(store, "SELECT count(*) FROM m(3)"), 1);
    assert_int_not_equal(store_exec(store, STR("CREATE TABLE u (i INTEGER)"), &err), RG_OK);
    store_close(store);
    options.path = "/nonexistent/x.duckdb";
    assert_int_not_equal(store_open(f->session, &options, &store, &err), RG_OK);
    assert_null(store);
}

/* /dev/full is a disk without room. */
static void test_disk_full(void **state)
{
    struct fixture *f = *state;
    struct rg_error err = {0};
    struct store *store;
    struct store_options options = {.allowed_directory = "/dev",
                                    .temp_directory = "/nonexistent/folder"};
    assert_int_equal(store_open(f->session, &options, &store, &err), RG_OK);
    assert_int_equal(
        store_exec(store,
                   STR("COPY (SELECT range, 'text' FROM range(2000000)) TO '/dev/full' "
                       "(FORMAT csv, USE_TMP_FILE false)"),
                   &err),
        RG_ERR_DISK_FULL);
    assert_true(*err.hint);
    store_close(store);
}

/* A sort that does not fit in memory spills into the folder it was given, and leaves nothing there.
 */
static void test_spill(void **state)
{
    struct fixture *f = *state;
    struct rg_error err = {0};
    struct rg_session *session;
    struct store *store;
    struct rg_session_options options = {
        .struct_size = sizeof options, .threads = 1, .memory_limit_bytes = 100 << 20};
    assert_int_equal(rg_session_open(&options, &session, &err), RG_OK);
    /* The folder for spilling need not be one that statements may use. */
    struct store_options where = {.allowed_directory = "/nonexistent", .temp_directory = f->folder};
    assert_int_equal(store_open(session, &where, &store, &err), RG_OK);
    if (store_exec(store,
                   STR("CREATE TABLE t AS SELECT hash(range) AS a, range AS b FROM "
                       "range(8000000) ORDER BY a"),
                   &err) != RG_OK)
        fail_msg("%s", err.message);
    assert_int_equal(number(store, "SELECT count(DISTINCT b) FROM t"), 8000000);
    store_close(store);
    rg_session_close(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_statements, setup, teardown),
        cmocka_unit_test_setup_teardown(test_copy_counts_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(test_error_place, setup, teardown),
        cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test_setup_teardown(test_text_table, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hermetic, setup, teardown),
        cmocka_unit_test_setup_teardown(test_filling, setup, teardown),
        cmocka_unit_test_setup_teardown(test_describe_tables, setup, teardown),
        cmocka_unit_test_setup_teardown(test_describe_refuses, setup, teardown),
        cmocka_unit_test_setup_teardown(test_describe_columns, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ledger, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cancel, setup, teardown),
        cmocka_unit_test_setup_teardown(test_file, setup, teardown),
        cmocka_unit_test_setup_teardown(test_disk_full, setup, teardown),
        cmocka_unit_test_setup_teardown(test_spill, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
