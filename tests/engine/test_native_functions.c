/* stable_hash64 and stable_hash128 as SQL sees them: values, types, NULLs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "engine/store.h"
#include "kernels/stable_hash.h"

static struct rg_session *session;
static struct store *store;

static int setup(void **state)
{
    struct rg_error err = {0};
    (void)state;
    if (rg_session_open(NULL, &session, &err) != RG_OK ||
        store_open(session, &(struct store_options){0}, &store, &err) != RG_OK)
        fail_msg("%s", err.message);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    store_close(store);
    rg_session_close(session);
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

static void test_published_values(void **state)
{
    (void)state;
    assert_int_equal(number("SELECT stable_hash64('ABC')"), INT64_C(4105715581806190027));
    assert_int_equal(number("SELECT stable_hash64('ABC', 'DEF')"), INT64_C(3233247871021311208));
    assert_int_equal(
        number("SELECT (stable_hash64('DEF', 'ABC') = stable_hash64('ABC', 'DEF'))::INT"), 0);
}

/* Every integer type is a BIGINT to the hash, constants and columns are the same. */
static void test_types(void **state)
{
    (void)state;
    int64_t expected = (int64_t)stable_hash_int(STABLE_HASH_SEED, 7);
    static const char *const types[] = {"TINYINT",  "SMALLINT",  "INTEGER", "BIGINT",
                                        "UTINYINT", "USMALLINT", "UINTEGER"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        char sql[128];
        snprintf(sql, sizeof sql, "SELECT stable_hash64(7::%s)", types[i]);
        assert_int_equal(number(sql), expected);
        snprintf(sql, sizeof sql, "SELECT stable_hash64(range::%s) FROM range(8) WHERE range = 7",
                 types[i]);
        assert_int_equal(number(sql), expected);
    }
    assert_int_equal(number("SELECT stable_hash64(-1::TINYINT) - stable_hash64(-1::BIGINT)"), 0);
    assert_int_equal(number("SELECT count(*) FROM range(10000) WHERE stable_hash64('a constant', "
                            "range, 'text ' || range) <> stable_hash64('a constant', "
                            "range::INTEGER, concat('text ', range))"),
                     0);
    assert_int_equal(number("SELECT count(DISTINCT stable_hash64(range)) FROM range(100000)"),
                     100000);
}

static void test_digest(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct text_table table;
    assert_int_equal(
        store_table(store, STR("SELECT stable_hash128('message digest')"), 1, &arena, &table, NULL),
        RG_OK);
    assert_true(str_is(table.cells[0], "f96b697d7cb7938d525a2f31aaf161d0")); /* RFC 1321 */
    assert_int_equal(number("SELECT count(*) FROM range(5000) WHERE stable_hash128('x' || range) "
                            "<> md5('x' || range)"),
                     0);
    arena_fini(&arena);
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "SELECT stable_hash64()",
        "SELECT stable_hash64(NULL)",
        "SELECT stable_hash64('a', NULL)",
        "SELECT stable_hash64(CASE WHEN range < 5000 THEN range END) FROM range(9000)",
        "SELECT stable_hash64(1.5)",
        "SELECT stable_hash64(1::HUGEINT)",
        "SELECT stable_hash64(true)",
        "SELECT stable_hash64([1])",
        "SELECT stable_hash64('a'::BLOB)",
        "SELECT stable_hash128(NULL)",
        "SELECT stable_hash128('a', 'b')",
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct rg_error err = {0};
        if (store_exec(store, str_of(refused[i]), &err) != RG_ERR_RULE)
            fail_msg("%s: %s", refused[i], err.message);
    }
    struct rg_error err = {0};
    assert_int_equal(store_exec(store, STR("SELECT stable_hash64(1.5)"), &err), RG_ERR_RULE);
    assert_non_null(strstr(err.message, "stable_hash64"));
}

/* Where a CASE keeps NULLs away they are no error, and an empty input has nothing to complain of.
 */
static void test_guarded(void **state)
{
    (void)state;
    assert_int_equal(number("SELECT count(*) FROM (SELECT CASE WHEN n IS NOT NULL THEN "
                            "stable_hash64(n) END AS h FROM (SELECT CASE WHEN range % 3 > 0 THEN "
                            "range END AS n FROM range(9000))) WHERE h IS NULL"),
                     3000);
    assert_int_equal(
        number("SELECT count(*) FROM (SELECT stable_hash64(range) AS h FROM range(0))"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_values), cmocka_unit_test(test_types),
        cmocka_unit_test(test_digest),           cmocka_unit_test(test_refused),
        cmocka_unit_test(test_guarded),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
