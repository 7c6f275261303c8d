/* Queries of strangers: what they may do works, and everything we could think of that they may not
 * do is refused. A table of break-out attempts, each a lesson. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/file.h"
#include "engine/sandbox.h"
#include "engine/store.h"

struct fixture {
    struct rg_session *session;
    char folder[64]; /* holds build/ and secret.txt */
    char build[96];  /* holds nodes/part-0.parquet */
    char setup[512]; /* views and macros over it */
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct store *store;
    struct rg_error err = {0};
    char sql[512], path[160];
    struct rg_session_options options = {
        .struct_size = sizeof options, .threads = 2, .memory_limit_bytes = 256 << 20};
    assert_int_equal(rg_session_open(&options, &f->session, &err), RG_OK);
    snprintf(f->folder, sizeof f->folder, "/tmp/relgraph-sandbox-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    snprintf(f->build, sizeof f->build, "%s/build", f->folder);
    snprintf(path, sizeof path, "%s/nodes", f->build);
    assert_int_equal(folder_make(path, &err), RG_OK);
    snprintf(path, sizeof path, "%s/secret.txt", f->folder);
    assert_int_equal(file_write(path, STR("the secret"), &err), RG_OK);
    struct store_options where = {.allowed_directory = f->folder};
    assert_int_equal(store_open(f->session, &where, &store, &err), RG_OK);
    snprintf(sql, sizeof sql,
             "COPY (SELECT range AS node_id, 'METHOD' AS kind, 'name_' || range AS name FROM "
             "range(5000)) TO '%s/nodes/part-0.parquet' (FORMAT parquet)",
             f->build);
    if (store_exec(store, str_of(sql), &err) != RG_OK)
        fail_msg("%s", err.message);
    store_close(store);
    snprintf(f->setup, sizeof f->setup,
             "CREATE VIEW nodes AS SELECT * FROM read_parquet('%s/nodes/*.parquet'); "
             "CREATE MACRO named(n) AS TABLE SELECT * FROM nodes WHERE name = n; "
             "CREATE MACRO twice(x) AS x * 2;",
             f->build);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    rg_session_close(f->session);
    assert_int_equal(tree_remove(f->folder, NULL), RG_OK);
    free(f);
    return 0;
}

struct outcome {
    enum rg_status status; /* of opening */
    int code;              /* of reading */
    uint64_t rows;
    struct rg_error err;
    char message[256]; /* of reading */
};

/* Runs a query and reads all of it. */
static struct outcome ask(struct fixture *f, struct sandbox_request request)
{
    struct outcome outcome = {0};
    struct ArrowArrayStream stream;
    struct ArrowArray array;
    request.build_folder = f->build;
    request.setup = str_of(f->setup);
    outcome.status = sandbox_query(f->session, &request, &stream, &outcome.err);
    if (outcome.status != RG_OK) {
        assert_null(stream.release);
        return outcome;
    }
    while ((outcome.code = stream.get_next(&stream, &array)) == 0 && array.release) {
        outcome.rows += (uint64_t)array.length;
        array.release(&array);
    }
    if (outcome.code)
        snprintf(outcome.message, sizeof outcome.message, "%s", stream.get_last_error(&stream));
    stream.release(&stream);
    return outcome;
}

static uint64_t rows_of(struct fixture *f, const char *sql)
{
    struct outcome outcome =
        ask(f, (struct sandbox_request){.sql = str_of(sql), .timeout_ms = 20000});
    if (outcome.status != RG_OK || outcome.code)
        fail_msg("%s: %s%s", sql, outcome.err.message, outcome.message);
    return outcome.rows;
}

static void test_allowed(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(rows_of(f, "SELECT * FROM nodes"), 5000);
    assert_int_equal(rows_of(f, "FROM nodes LIMIT 7;"), 7);
    assert_int_equal(rows_of(f, "SELECT twice(node_id) FROM named('name_3')"), 1);
    assert_int_equal(
        rows_of(f, "WITH RECURSIVE c AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM c WHERE "
                   "i < 10) SELECT * FROM c"),
        10);
    assert_int_equal(rows_of(f, "VALUES (1), (2)"), 2);
    assert_int_equal(rows_of(f, "SELECT 'materialized' AS materialized, (SELECT 1)"), 1);
    assert_int_equal(rows_of(f, "DESCRIBE nodes"), 3);
    assert_int_equal(rows_of(f, "SELECT table_name FROM information_schema.tables"), 1);
    assert_int_equal(
        rows_of(f, "SELECT kind, list(name ORDER BY name) FROM nodes, range(2) GROUP BY ALL"), 1);
    assert_int_equal(rows_of(f, "SELECT DISTINCT stable_hash64(node_id) FROM nodes"), 5000);
    assert_int_equal(rows_of(f, "PIVOT nodes ON kind IN ('METHOD') USING count(*) GROUP BY name"),
                     5000);
}

static void test_params(void **state)
{
    struct fixture *f = *state;
    struct rg_param params[] = {{.type = RG_PARAM_TEXT, .text = "name_3"},
                                {.type = RG_PARAM_INT, .integer = 3}};
    struct sandbox_request request = {
        .sql = STR("SELECT * FROM nodes WHERE name = $1 AND node_id = $2"),
        .params = params,
        .n_params = 2};
    assert_int_equal(ask(f, request).rows, 1);
    params[0].text = "' OR true --";
    assert_int_equal(ask(f, request).rows, 0);
    request.n_params = 1;
    assert_int_equal(ask(f, request).status, RG_ERR_USAGE);
    struct rg_param others[] = {{.type = RG_PARAM_NULL},
                                {.type = RG_PARAM_FLOAT, .real = 0.5},
                                {.type = RG_PARAM_BOOL, .boolean = true}};
    request = (struct sandbox_request){.sql = STR("SELECT 1 WHERE $1 IS NULL AND $2 = 0.5 AND $3"),
                                       .params = others,
                                       .n_params = 3};
    assert_int_equal(ask(f, request).rows, 1);
}

/* %s is the folder above the build. */
static const char *const attempts[] = {
    /* files outside */
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_text('%s/secret.txt')",
    "SELECT * FROM read_text('%s/build/../secret.txt')",
    "SELECT * FROM read_text('%s/build/nodes/../../secret.txt')",
    "SELECT * FROM read_blob('file://%s/secret.txt')",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM '%s/secret.txt'",
    "SELECT * FROM \"%s/secret.txt\"",
    "FROM '%s/build/../secret.csv'",
    "SELECT * FROM sniff_csv('%s/secret.txt')",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM glob('%s/*')",
    "SELECT * FROM read_json_auto('/etc/hostname')",
    "SELECT * FROM parquet_metadata('%s/x.parquet')",
    "SELECT (SELECT content FROM read_text('%s/secret.txt'))",
    "WITH x AS MATERIALIZED (FROM read_text('%s/secret.txt')) FROM nodes",
    "SELECT * FROM nodes WHERE EXISTS (FROM read_text('%s/secret.txt'))",
    "SELECT * FROM nodes ORDER BY (SELECT content FROM read_text('%s/secret.txt'))",
    "PIVOT (FROM read_text('%s/secret.txt')) ON filename IN ('x') USING count(*)",
    "DESCRIBE FROM read_text('%s/secret.txt')",
    "SUMMARIZE FROM read_csv('%s/secret.txt')",
    /* texts as queries */
    "SELECT * FROM query('SELECT * FROM read_text(''%s/secret.txt'')')",
    "SELECT * FROM query_table('%s/secret.txt')",
    "SELECT * FROM query_table(['nodes'])",
    "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))",
    "SELECT json_serialize_plan('SELECT * FROM read_text(''%s/secret.txt'')')",
    "PRAGMA json_execute_serialized_sql('{}')",
    /* writing */
    "COPY nodes TO '%s/stolen.csv'",
    "COPY (SELECT 1) TO '%s/build/stolen.csv'",
    "COPY (SELECT 1) TO '/tmp/relgraph-stolen.csv'",
    "EXPORT DATABASE '%s/stolen'",
    "IMPORT DATABASE '%s'",
    "CREATE TABLE t AS SELECT 1",
    "CREATE VIEW v AS SELECT 1",
    "CREATE MACRO named(n) AS TABLE SELECT 1",
    "INSERT INTO nodes VALUES (1, 'a', 'b')",
    "UPDATE nodes SET name = 'x'",
    "DELETE FROM nodes",
    "DROP VIEW nodes",
    "CREATE PERSISTENT SECRET s (TYPE http, BEARER_TOKEN 'x')",
    "SELECT * FROM enable_logging(storage => 'file', storage_config => {'path': '%s/log'})",
    "CALL enable_logging()",
    "SELECT write_log('x')",
    /* other databases, other code */
    "ATTACH '%s/other.db' AS other",
    "ATTACH ':memory:' AS other",
    "DETACH memory",
    "USE memory",
    "INSTALL httpfs",
    "LOAD httpfs",
    "LOAD '%s/evil.duckdb_extension'",
    "FORCE INSTALL httpfs FROM community",
    "SELECT * FROM 'https://example.com/x.parquet'",
    "SELECT * FROM read_parquet('s3://bucket/x.parquet')",
    "SELECT * FROM arrow_scan(1, 2, 3)",
    "SELECT * FROM arrow_scan_dumb(1, 2, 3)",
    "SELECT * FROM seq_scan()",
    "SELECT * FROM read_duckdb('%s/x.db')",
    "SELECT finalize('x'::BLOB)",
    /* settings and what they tell */
    "SET enable_external_access = true",
    "SET GLOBAL lock_configuration = false",
    "RESET ALL",
    "SET threads = 100",
    "SET allowed_directories = ['/']",
    "SET VARIABLE x = 1",
    "PRAGMA enable_profiling",
    "PRAGMA database_list",
    "SELECT getenv('HOME')",
    "SELECT current_setting('secret_directory')",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM duckdb_extensions()",
    "SELECT * FROM pragma_database_size()",
    "SELECT * FROM duckdb_temporary_files()",
    "CALL pragma_version()",
    "CHECKPOINT",
    "VACUUM",
    /* more than one statement, and other kinds in disguise */
    "SELECT 1; SELECT 2",
    "SELECT 1; COPY nodes TO '%s/stolen.csv'",
    "SELECT 1 /* ; */ ; -- \nDROP VIEW nodes",
    "SELECT 1;;SELECT 2;",
    "/* SELECT 1 */ COPY nodes TO '%s/stolen.csv'",
    "-- SELECT\nSET threads = 1",
    "EXPLAIN SELECT 1",
    "EXPLAIN ANALYZE COPY nodes TO '%s/stolen.csv'",
    "EXPLAIN FROM enable_logging(storage => 'file', storage_config => {'path': '%s/log'})",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
    "BEGIN",
    "COMMIT",
    "",
    "-- nothing",
    ";",
    "SELEC 1",
    "SELECT * FROM nowhere",
    "SELECT nothing FROM nodes",
    "SELECT sleep_ms(100000)",
    "SELECT pg_sleep(100)",
};

static void test_break_out(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
        struct buffer sql = {0};
        struct str rest = str_of(attempts[i]);
        for (const char *at; (at = rest.len ? memmem(rest.ptr, rest.len, "%s", 2) : NULL);) {
            buffer_append(&sql, rest.ptr, (size_t)(at - rest.ptr));
            buffer_text(&sql, f->folder);
            rest.len -= (size_t)(at - rest.ptr) + 2;
            rest.ptr = at + 2;
        }
        buffer_str(&sql, rest);
        struct outcome outcome =
            ask(f, (struct sandbox_request){.sql = buffer_view(&sql), .timeout_ms = 5000});
        if (outcome.status == RG_OK && !outcome.code)
            fail_msg("was allowed, %d rows: %s", (int)outcome.rows, sql.data);
        if (outcome.status != RG_ERR_FORBIDDEN && outcome.status != RG_ERR_PARSE)
            fail_msg("%s: %s, %s", sql.data ? sql.data : "", rg_status_name(outcome.status),
                     outcome.err.message);
        assert_true(*outcome.err.message);
        assert_null(strstr(outcome.err.message, "the secret"));
        buffer_fini(&sql);
    }
    /* Nothing was written, neither outside nor in the build. */
    char path[160];
    static const char *const traces[] = {"stolen.csv", "stolen", "build/stolen.csv", "log",
                                         "other.db"};
    for (size_t i = 0; i < sizeof traces / sizeof *traces; i++) {
        snprintf(path, sizeof path, "%s/%s", f->folder, traces[i]);
        assert_false(path_exists(path));
    }
    assert_false(path_exists("/tmp/relgraph-stolen.csv"));
    assert_int_equal(rows_of(f, "FROM nodes"), 5000);
}

/* The engine itself, without our check of functions, keeps to the folder: the second wall stands
 * alone. */
static void test_files_of_the_build(void **state)
{
    struct fixture *f = *state;
    char sql[256];
    snprintf(sql, sizeof sql, "SELECT * FROM '%s/nodes/part-0.parquet'", f->build);
    assert_int_equal(rows_of(f, sql), 5000);
    snprintf(sql, sizeof sql, "SELECT * FROM '%s/../secret.txt'", f->build);
    assert_int_not_equal(ask(f, (struct sandbox_request){.sql = str_of(sql)}).status, RG_OK);
}

/* A link in the build could lead out: such a folder is none of ours. */
static void test_links(void **state)
{
    struct fixture *f = *state;
    char link[160], target[160];
    snprintf(link, sizeof link, "%s/nodes/part-1.parquet", f->build);
    snprintf(target, sizeof target, "%s/secret.txt", f->folder);
    assert_int_equal(symlink(target, link), 0);
    struct outcome outcome = ask(f, (struct sandbox_request){.sql = STR("FROM nodes")});
    assert_int_equal(outcome.status, RG_ERR_CORRUPT);
    assert_non_null(strstr(outcome.err.message, "part-1.parquet"));
    assert_int_equal(unlink(link), 0);
    assert_int_equal(mkfifo(link, 0600), 0);
    assert_int_equal(ask(f, (struct sandbox_request){.sql = STR("FROM nodes")}).status,
                     RG_ERR_CORRUPT);
    assert_int_equal(unlink(link), 0);
    assert_int_equal(rows_of(f, "FROM nodes"), 5000);
}

static void test_no_build(void **state)
{
    struct fixture *f = *state;
    snprintf(f->build, sizeof f->build, "%s/nowhere", f->folder);
    assert_int_equal(ask(f, (struct sandbox_request){.sql = STR("SELECT 1")}).status,
                     RG_ERR_NOT_FOUND);
}

static void test_damaged_build(void **state)
{
    struct fixture *f = *state;
    char path[160];
    struct rg_error err;
    snprintf(path, sizeof path, "%s/nodes/part-0.parquet", f->build);
    assert_int_equal(file_write(path, STR("PAR1 no longer"), &err), RG_OK);
    struct outcome outcome = ask(f, (struct sandbox_request){.sql = STR("FROM nodes")});
    assert_int_equal(outcome.status, RG_ERR_CORRUPT);
}

static void test_row_limit(void **state)
{
    struct fixture *f = *state;
    struct sandbox_request request = {.sql = STR("FROM nodes"), .rows_max = 100};
    struct outcome outcome = ask(f, request);
    assert_int_equal(outcome.rows, 100);
    assert_int_equal(outcome.code, EOVERFLOW);
    assert_non_null(strstr(outcome.message, "100"));
    request.rows_max = 5000; /* exactly as many as there are is no error */
    outcome = ask(f, request);
    assert_int_equal(outcome.rows, 5000);
    assert_int_equal(outcome.code, 0);
    request.rows_max = 4999;
    outcome = ask(f, request);
    assert_int_equal(outcome.rows, 4999);
    assert_int_equal(outcome.code, EOVERFLOW);
    request.sql = STR("SELECT * FROM range(1000000)");
    request.rows_max = 70000; /* within the third batch */
    outcome = ask(f, request);
    assert_int_equal(outcome.rows, 70000);
    assert_int_equal(outcome.code, EOVERFLOW);
}

/* Whatever runs without end is stopped by the clock, whether it returns rows or not. */
static void test_timeout(void **state)
{
    struct fixture *f = *state;
    static const char *const endless[] = {
        "SELECT count(*) FROM nodes a, nodes b, nodes c, nodes d WHERE a.name || b.name = c.name "
        "|| d.name",
        "WITH RECURSIVE c AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM c) SELECT count(*) FROM c",
        "WITH RECURSIVE c AS (SELECT 1 AS i UNION ALL SELECT i FROM c) SELECT * FROM c",
        "SELECT a.name FROM nodes a, nodes b, nodes c, nodes d",
        "SELECT sum(hash(range)) FROM range(1000000000000)",
    };
    for (size_t i = 0; i < sizeof endless / sizeof *endless; i++) {
        double began = clock_seconds();
        struct outcome outcome =
            ask(f, (struct sandbox_request){.sql = str_of(endless[i]), .timeout_ms = 300});
        if (outcome.status != RG_ERR_LIMIT && outcome.code != ETIMEDOUT)
            fail_msg("%s: %s %s", endless[i], rg_status_name(outcome.status), outcome.err.message);
        assert_true(clock_seconds() - began < 10);
    }
}

static void test_memory(void **state)
{
    struct fixture *f = *state;
    static const char *const bombs[] = {
        "SELECT list(a.name || b.name) FROM nodes a, nodes b",
        "SELECT string_agg(a.name || b.name) FROM nodes a, nodes b",
        "SELECT a.name || b.name AS n FROM nodes a, nodes b ORDER BY n",
        "SELECT length(list_reduce(range(40), lambda a, b: a + b)::VARCHAR || repeat(repeat('x', "
        "1000000), 100000))",
        "SELECT len(range(10000000000))",
    };
    for (size_t i = 0; i < sizeof bombs / sizeof *bombs; i++) {
        struct outcome outcome =
            ask(f, (struct sandbox_request){.sql = str_of(bombs[i]), .timeout_ms = 20000});
        if (outcome.status == RG_OK && !outcome.code)
            fail_msg("was allowed: %s", bombs[i]);
    }
    assert_int_equal(rows_of(f, "FROM nodes"), 5000);
}

static void append_times(struct buffer *to, const char *text, size_t times)
{
    for (size_t i = 0; i < times; i++)
        buffer_text(to, text);
}

/* Nesting that exhausts the stack of a parser that recurses, or doubles the work with each level:
 * what is refused is refused at once, and what is not ends soon. */
static void test_nesting(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *head, *open, *middle, *close;
    } cases[] = {
        {"SELECT ", "(", "1", ")"},
        {"SELECT ", "(SELECT ", "1", ")"},
        {"SELECT 1 WHERE ", "EXISTS (SELECT 1 WHERE ", "true", ")"},
        {"SELECT * FROM ", "(SELECT * FROM ", "range(3)", ")"},
        {"SELECT ", "[", "1", "]"},
        {"SELECT ", "{'a': ", "1", "}"},
        {"SELECT ", "abs(", "1", ")"},
        {"SELECT ", "- ", "1", ""},
        {"SELECT ", "NOT ", "true", ""},
        {"SELECT ", "CASE WHEN true THEN ", "1", " END"},
        {"SELECT ", "1 + ", "1", ""},
        {"", "SELECT 1 UNION ALL ", "SELECT 1", ""},
        {"SELECT count(*) FROM nodes GROUP BY CUBE (", "node_id, ", "name", ")"},
    };
    static const size_t depths[] = {95, 900};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t d = 0; d < sizeof depths / sizeof *depths; d++) {
            struct buffer sql = {0};
            buffer_text(&sql, cases[i].head);
            append_times(&sql, cases[i].open, depths[d]);
            buffer_text(&sql, cases[i].middle);
            append_times(&sql, cases[i].close, strstr(cases[i].head, "CUBE") ? 1 : depths[d]);
            double began = clock_seconds();
            (void)ask(f, (struct sandbox_request){.sql = buffer_view(&sql), .timeout_ms = 3000});
            if (clock_seconds() - began > 20)
                fail_msg("%zu times %s takes too long", depths[d], cases[i].open);
            buffer_fini(&sql);
        }
    }
}

/* Common table expressions that each read the one before twice. */
static void test_doubling(void **state)
{
    struct fixture *f = *state;
    for (int inlined = 0; inlined < 2; inlined++) {
        struct buffer sql = {0};
        buffer_text(&sql, "WITH c0 AS (SELECT 1 AS x)");
        for (int i = 0; i < 25; i++)
            buffer_printf(&sql, ", c%d AS %s (SELECT a.x FROM c%d a, c%d b)", i + 1,
                          inlined ? "NOT/**/materialized/**/" : "", i, i);
        buffer_text(&sql, " SELECT * FROM c25");
        struct outcome outcome =
            ask(f, (struct sandbox_request){.sql = buffer_view(&sql), .timeout_ms = 5000});
        assert_int_equal(outcome.status, inlined ? RG_ERR_FORBIDDEN : RG_OK);
        buffer_fini(&sql);
    }
}

/* Errors name the place in the query. */
static void test_places(void **state)
{
    struct fixture *f = *state;
    struct outcome outcome =
        ask(f, (struct sandbox_request){.sql = STR("SELECT\n  nam FROM nodes")});
    assert_int_equal(outcome.status, RG_ERR_PARSE);
    assert_int_equal(outcome.err.line, 2);
    assert_int_equal(outcome.err.column, 3);
    assert_non_null(strstr(outcome.err.hint, "name"));
    outcome = ask(f, (struct sandbox_request){.sql = STR("SELECT *\nFROM nodes,\n glob('*')")});
    assert_int_equal(outcome.status, RG_ERR_FORBIDDEN);
    assert_int_equal(outcome.err.line, 3);
    outcome = ask(f, (struct sandbox_request){.sql = STR("SELECT * FORM nodes WHERE")});
    assert_int_equal(outcome.status, RG_ERR_PARSE);
    assert_int_equal(outcome.err.line, 1);
    outcome =
        ask(f, (struct sandbox_request){.sql = (struct str){"SELECT 1\0; DROP VIEW nodes", 26}});
    assert_int_equal(outcome.status, RG_ERR_PARSE);
}

/* The stream is on its own: the session may be closed, or cancelled, while it is read. */
static void test_life_of_a_stream(void **state)
{
    struct fixture *f = *state;
    struct ArrowArrayStream stream;
    struct ArrowArray array;
    struct rg_error err = {0};
    struct sandbox_request request = {
        .build_folder = f->build, .setup = str_of(f->setup), .sql = STR("FROM nodes a, nodes b")};
    assert_int_equal(sandbox_query(f->session, &request, &stream, &err), RG_OK);
    assert_int_equal(stream.get_next(&stream, &array), 0);
    rg_session_cancel(f->session);
    array.release(&array);
    int code;
    while ((code = stream.get_next(&stream, &array)) == 0 && array.release)
        array.release(&array);
    assert_int_equal(code, ECANCELED);
    stream.release(&stream);
    assert_int_equal(sandbox_query(f->session, &request, &stream, &err), RG_ERR_CANCELLED);
    rg_session_close(f->session);
    assert_int_equal(rg_session_open(NULL, &f->session, &err), RG_OK);
    request.sql = STR("FROM nodes");
    assert_int_equal(sandbox_query(f->session, &request, &stream, &err), RG_OK);
    rg_session_close(f->session);
    f->session = NULL;
    uint64_t rows = 0;
    while ((code = stream.get_next(&stream, &array)) == 0 && array.release) {
        rows += (uint64_t)array.length;
        array.release(&array);
    }
    assert_int_equal(rows, 5000);
    stream.release(&stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_allowed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_params, setup, teardown),
        cmocka_unit_test_setup_teardown(test_break_out, setup, teardown),
        cmocka_unit_test_setup_teardown(test_files_of_the_build, setup, teardown),
        cmocka_unit_test_setup_teardown(test_links, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_build, setup, teardown),
        cmocka_unit_test_setup_teardown(test_damaged_build, setup, teardown),
        cmocka_unit_test_setup_teardown(test_row_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(test_timeout, setup, teardown),
        cmocka_unit_test_setup_teardown(test_memory, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nesting, setup, teardown),
        cmocka_unit_test_setup_teardown(test_doubling, setup, teardown),
        cmocka_unit_test_setup_teardown(test_places, setup, teardown),
        cmocka_unit_test_setup_teardown(test_life_of_a_stream, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
