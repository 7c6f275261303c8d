/* Appending: rows arrive as they were written, on any number of threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buffer.h"
#include "base/pool.h"
#include "engine/store.h"

static const char *const colours[] = {"red", "green", "it's", NULL};
static char *many[401];

static const struct column_spec columns[] = {
    {"id", COLUMN_INT64, "BIGINT", true},     {"n", COLUMN_INT32, "INTEGER", false},
    {"big", COLUMN_INT64, "BIGINT", false},   {"flag", COLUMN_BOOL, "BOOLEAN", true},
    {"x", COLUMN_DOUBLE, "DOUBLE", true},     {"text", COLUMN_TEXT, "VARCHAR", false},
    {"colour", COLUMN_ENUM, "colour", false}, {"kind", COLUMN_ENUM, "kind", false},
};
static const struct table_spec tables[] = {
    {"things", columns, 8, "", 0, 0},
    {"others", columns, 2, "", 0, 0},
};

static struct rg_session *session;
static struct store *store;
static uint64_t memory_limit; /* 0: the profile's */

static int setup(void **state)
{
    (void)state;
    struct rg_error err = {0};
    for (int i = 0; i < 400; i++) {
        many[i] = malloc(24);
        snprintf(many[i], 24, "kind_%d", i);
    }
    struct vocabulary types[] = {
        {"colour", colours, 3}, {"kind", (const char *const *)many, 400}, {0}};
    struct rg_session_options options = {
        .struct_size = sizeof options, .threads = 2, .memory_limit_bytes = memory_limit};
    if (rg_session_open(&options, &session, &err) != RG_OK ||
        store_open(session, &(struct store_options){0}, &store, &err) != RG_OK ||
        store_create_tables(store, types, tables, 2, &err) != RG_OK)
        fail_msg("%s", err.message);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    store_close(store);
    rg_session_close(session);
    for (int i = 0; i < 400; i++)
        free(many[i]);
    return 0;
}

static int64_t number(const char *sql)
{
    struct rg_error err = {0};
    int64_t value;
    if (store_int64(store, str_of(sql), &value, &err) != RG_OK)
        fail_msg("%s: %s", sql, err.message);
    return value;
}

/* A row whose every column follows from its number; NULLs in some. */
static void thing_append(struct batch *batch, int64_t i)
{
    char text[64];
    int length = i % 3 ? snprintf(text, sizeof text, "%lld", (long long)i)
                       : snprintf(text, sizeof text, "a longer text, number %lld", (long long)i);
    uint32_t row = batch_row(batch);
    batch_int64(batch, 0, row, i);
    batch_int32_null(batch, 1, row, i % 5 ? (int32_t)i : NULL_INT32);
    batch_int64_null(batch, 2, row, i < 4000 ? -i : NULL_INT64);
    batch_bool(batch, 3, row, i % 2 == 0);
    batch_double(batch, 4, row, (double)i / 2);
    batch_text(batch, 5, row, i % 7 ? (struct str){text, (size_t)length} : (struct str){0});
    batch_enum_null(batch, 6, row, i % 4 == 3 ? NULL_ENUM : (uint16_t)(i % 4));
    batch_enum_null(batch, 7, row, i % 11 ? (uint16_t)(i % 400) : NULL_ENUM);
}

static const char *const wrong_rows =
    "SELECT count(*) FROM things WHERE "
    "n IS DISTINCT FROM CASE WHEN id % 5 <> 0 THEN id END OR "
    "big IS DISTINCT FROM CASE WHEN id < 4000 THEN -id END OR "
    "flag <> (id % 2 = 0) OR x <> id / 2.0 OR "
    "text IS DISTINCT FROM CASE WHEN id % 7 <> 0 THEN CASE WHEN id % 3 <> 0 THEN id::VARCHAR "
    "ELSE 'a longer text, number ' || id END END OR "
    "colour::VARCHAR IS DISTINCT FROM (['red', 'green', 'it''s', NULL])[id % 4 + 1] OR "
    "kind::VARCHAR IS DISTINCT FROM CASE WHEN id % 11 <> 0 THEN 'kind_' || (id % 400) END";

struct work {
    struct appender_set *sets[4];
};

static enum rg_status append_thousand(void *context, unsigned worker, size_t task,
                                      struct rg_error *err)
{
    struct work *work = context;
    (void)err;
    for (int64_t i = 0; i < 1000; i++)
        thing_append(appender_set_batch(work->sets[worker], 0), (int64_t)task * 1000 + i);
    return RG_OK;
}

static void append_on(unsigned threads, size_t thousands)
{
    struct work work = {0};
    struct rg_error err = {0};
    uint64_t total = 0;
    for (unsigned i = 0; i < threads; i++)
        assert_int_equal(appender_set_open(store, tables, 2, &work.sets[i], &err), RG_OK);
    struct pool_job job = {threads, thousands, &work, append_thousand};
    assert_int_equal(pool_run(&job, &err), RG_OK);
    for (unsigned i = 0; i < threads; i++) {
        uint64_t rows[2] = {9, 9};
        if (appender_set_finish(work.sets[i], rows, &err) != RG_OK)
            fail_msg("%s", err.message);
        total += rows[0];
        assert_int_equal(rows[1], 0);
        appender_set_close(work.sets[i]);
    }
    assert_int_equal(total, thousands * 1000);
    assert_int_equal(number("SELECT count(*) FROM things"), thousands * 1000);
    assert_int_equal(number("SELECT count(DISTINCT id) FROM things"), thousands * 1000);
    assert_int_equal(number(wrong_rows), 0);
}

static void test_one_row(void **state)
{
    (void)state;
    struct rg_error err = {0};
    struct appender_set *set;
    assert_int_equal(appender_set_open(store, tables, 2, &set, &err), RG_OK);
    thing_append(appender_set_batch(set, 0), 6);
    assert_int_equal(appender_set_finish(set, NULL, &err), RG_OK);
    appender_set_close(set);
    assert_int_equal(number("SELECT count(*) FROM things"), 1);
    assert_int_equal(number(wrong_rows), 0);
}

static void test_one_thread(void **state)
{
    (void)state;
    append_on(1, 50);
}

static void test_three_threads(void **state)
{
    (void)state;
    append_on(3, 700);
}

/* The first batch is full of NULLs; the next ones must not inherit them. */
static void test_validity_is_forgotten(void **state)
{
    (void)state;
    struct rg_error err = {0};
    struct appender_set *set;
    assert_int_equal(appender_set_open(store, tables, 2, &set, &err), RG_OK);
    struct batch *batch = appender_set_batch(set, 1);
    for (int64_t i = 0; i < 3 * BATCH_ROWS; i++) {
        uint32_t row = batch_row(batch);
        batch_int64(batch, 0, row, i);
        batch_int32_null(batch, 1, row, i < BATCH_ROWS ? NULL_INT32 : 1);
    }
    assert_int_equal(appender_set_finish(set, NULL, &err), RG_OK);
    appender_set_close(set);
    assert_int_equal(number("SELECT count(*) FROM others WHERE n IS NULL"), BATCH_ROWS);
    assert_int_equal(number("SELECT count(*) FROM others WHERE (n IS NULL) <> (id < 2048)"), 0);
}

static void test_dropped(void **state)
{
    (void)state;
    struct rg_error err = {0};
    struct appender_set *set;
    assert_int_equal(appender_set_open(store, tables, 2, &set, &err), RG_OK);
    for (int64_t i = 0; i < 10000; i++)
        thing_append(appender_set_batch(set, 0), i);
    appender_set_close(set);
    appender_set_close(NULL);
    assert_int_equal(number("SELECT count(*) FROM things"), 0);
}

/* With little memory several tables together hold back too much: the largest is flushed early. */
static void test_held_back(void **state)
{
    teardown(state);
    memory_limit = 64 << 20;
    setup(state);
    struct rg_error err = {0};
    struct appender_set *set;
    uint64_t rows[2];
    assert_int_equal(appender_set_open(store, tables, 2, &set, &err), RG_OK);
    for (int64_t i = 0; i < 200000; i++) {
        struct batch *others = appender_set_batch(set, 1);
        thing_append(appender_set_batch(set, 0), i);
        uint32_t row = batch_row(others);
        batch_int64(others, 0, row, i);
        batch_int32(others, 1, row, 1);
    }
    if (appender_set_finish(set, rows, &err) != RG_OK)
        fail_msg("%s", err.message);
    appender_set_close(set);
    memory_limit = 0;
    assert_int_equal(rows[0], 200000);
    assert_int_equal(rows[1], 200000);
    assert_int_equal(number("SELECT count(DISTINCT id) FROM things"), 200000);
    assert_int_equal(number("SELECT count(DISTINCT id) FROM others"), 200000);
    assert_int_equal(number(wrong_rows), 0);
}

/* A broken promise (NULL where none may be) is reported, and the set can be closed. */
static void test_not_null(void **state)
{
    (void)state;
    struct rg_error err = {0};
    struct appender_set *set;
    assert_int_equal(appender_set_open(store, tables, 2, &set, &err), RG_OK);
    struct batch *batch = appender_set_batch(set, 1);
    uint32_t row = batch_row(batch);
    batch_int64(batch, 0, row, 1);
    batch_null(batch, 0, row);
    batch_int32(batch, 1, row, 1);
    assert_int_not_equal(appender_set_finish(set, NULL, &err), RG_OK);
    assert_non_null(strstr(err.message, "others"));
    appender_set_close(set);
    assert_int_equal(number("SELECT count(*) FROM others"), 0);
}

/* Columns and tables that are left out take values and keep none. */
static void test_left_out(void **state)
{
    (void)state;
    struct rg_error err = {0};
    struct appender_set *set;
    struct table_spec some[] = {{"kept", columns, 8, "", 1 << 1 | 1 << 5 | 1 << 7, 0},
                                {"gone", columns, 2, "", 3, 0}};
    assert_int_equal(store_create_tables(store, NULL, some, 2, &err), RG_OK);
    assert_int_equal(appender_set_open(store, some, 2, &set, &err), RG_OK);
    assert_null(appender_set_batch(set, 1));
    for (int64_t i = 0; i < 5000; i++)
        thing_append(appender_set_batch(set, 0), i);
    assert_int_equal(appender_set_finish(set, NULL, &err), RG_OK);
    appender_set_close(set);
    assert_int_equal(number("SELECT count(*) FROM duckdb_columns() WHERE table_name = 'kept'"), 5);
    assert_int_equal(number("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'gone'"), 0);
    assert_int_equal(number("SELECT count(DISTINCT id) FROM kept"), 5000);
    assert_int_equal(
        number("SELECT count(*) FROM kept WHERE "
               "big IS DISTINCT FROM CASE WHEN id < 4000 THEN -id END OR "
               "flag <> (id % 2 = 0) OR x <> id / 2.0 OR colour::VARCHAR IS DISTINCT FROM "
               "(['red', 'green', 'it''s', NULL])[id % 4 + 1]"),
        0);
}

/* A packed table reads as any other, NULLs and long texts in it, and can be changed; what is left
 * out of it is gone. */
static void test_packed(void **state)
{
    (void)state;
    struct rg_error err = {0};
    struct appender_set *set;
    struct table_spec some[] = {{"packed_all", columns, 8, "", 0, 0xfe},
                                {"packed_some", columns, 8, "", 1 << 1 | 1 << 4, 0xf6}};
    assert_int_equal(store_create_tables(store, NULL, some, 2, &err), RG_OK);
    assert_int_equal(appender_set_open(store, some, 2, &set, &err), RG_OK);
    for (int64_t i = 0; i < 5000; i++) {
        thing_append(appender_set_batch(set, 0), i);
        thing_append(appender_set_batch(set, 1), i);
        thing_append(appender_set_batch(set, 0), i + 5000);
    }
    assert_int_equal(appender_set_finish(set, NULL, &err), RG_OK);
    appender_set_close(set);
    assert_int_equal(appender_set_open(store, tables, 1, &set, &err), RG_OK);
    for (int64_t i = 0; i < 10000; i++)
        thing_append(appender_set_batch(set, 0), i);
    assert_int_equal(appender_set_finish(set, NULL, &err), RG_OK);
    appender_set_close(set);
    assert_int_equal(number("SELECT count(*) FROM packed_all"), 10000);
    assert_int_equal(number("SELECT count(*) FROM (FROM packed_all EXCEPT ALL FROM things)"), 0);
    assert_int_equal(
        number("SELECT count(*) FROM (FROM packed_some EXCEPT ALL"
               " SELECT id, big, flag, text, colour, kind FROM things WHERE id < 5000)"),
        0);
    /* Ids stay columns, so that joins are planned with what is known of them. */
    assert_int_equal(number("SELECT count(*) FROM duckdb_columns()"
                            " WHERE table_name = 'packed_all_packed' AND column_name = 'id'"),
                     1);
    struct buffer sql = {0};
    table_print_update(&sql, &some[0], STR("big"), STR("77"));
    buffer_text(&sql, " WHERE ");
    table_print_column(&sql, &some[0], STR("n"));
    buffer_text(&sql, " IS NOT NULL AND ");
    table_print_column(&sql, &some[0], STR("id"));
    buffer_text(&sql, " < 100");
    assert_int_equal(store_exec(store, buffer_view(&sql), &err), RG_OK);
    buffer_fini(&sql);
    assert_true(number("SELECT count(*) FROM packed_all WHERE big = 77") > 0);
    assert_int_equal(number("SELECT count(*) FROM packed_all p JOIN things t USING (id) WHERE"
                            " p.big IS DISTINCT FROM CASE WHEN t.n IS NOT NULL AND t.id < 100"
                            " THEN 77 ELSE t.big END OR p.text IS DISTINCT FROM t.text"),
                     0);
}

static void test_wrong_table(void **state)
{
    (void)state;
    struct rg_error err = {0};
    struct appender_set *set;
    struct table_spec nowhere = {"nowhere", columns, 2, "", 0, 0},
                      shape = {"others", columns, 3, "", 0, 0},
                      type = {"others", columns + 1, 2, "", 0, 0};
    assert_int_not_equal(appender_set_open(store, &nowhere, 1, &set, &err), RG_OK);
    assert_null(set);
    assert_int_equal(appender_set_open(store, &shape, 1, &set, &err), RG_ERR_INTERNAL);
    assert_int_equal(appender_set_open(store, &type, 1, &set, &err), RG_ERR_INTERNAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_one_row, setup, teardown),
        cmocka_unit_test_setup_teardown(test_one_thread, setup, teardown),
        cmocka_unit_test_setup_teardown(test_three_threads, setup, teardown),
        cmocka_unit_test_setup_teardown(test_validity_is_forgotten, setup, teardown),
        cmocka_unit_test_setup_teardown(test_dropped, setup, teardown),
        cmocka_unit_test_setup_teardown(test_held_back, setup, teardown),
        cmocka_unit_test_setup_teardown(test_not_null, setup, teardown),
        cmocka_unit_test_setup_teardown(test_left_out, setup, teardown),
        cmocka_unit_test_setup_teardown(test_packed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_wrong_table, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
