/* Our functions as SQL sees them: values, types, NULLs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "kernels/stable_hash.h"
#include "engine/store_fixture.h"

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

/* The kernel's own test knows the cases; here is what SQL sees of them, over whole chunks. */
static void test_positions(void **state)
{
    (void)state;
    static const char *const equal[] = {
        "col_to_byte('a\xF0\x9F\x98\x80z', 3, 'utf-16') = 5",
        "col_to_byte('a\xF0\x9F\x98\x80z', 2, 'utf-16') IS NULL",
        "col_to_byte('ab', 3, 'utf-8') IS NULL",
        "col_to_byte('ab', 1, 'latin-1') IS NULL",
        "col_to_byte(NULL, 1, 'utf-8') IS NULL",
        "col_to_byte('ab', NULL, 'utf-8') IS NULL",
        "col_to_byte('ab', 1, NULL) IS NULL",
        "byte_to_col('a\xF0\x9F\x98\x80z', 5, '3') = 2",
        "byte_to_col('a\xF0\x9F\x98\x80z', 4, '3') IS NULL",
        "position_error('ab', 2, 'utf-8') IS NULL",
        "position_error('ab', 3, 'utf-8') = 'beyond'",
        "position_error('\xC3\xA9', 1, 'utf-8') = 'inside'",
        "position_error('ab', 1, 'latin-1') = 'encoding'",
        "position_error(NULL, 1, 'latin-1') IS NULL",
        "position_encoding_norm('UTF16CodeUnitOffsetFromLineStart') = 'utf-16'",
        "position_encoding_norm('0') IS NULL",
        "position_encoding_norm(NULL) IS NULL",
        /* An encoding that changes from row to row, NULLs in between, more than one chunk. */
        "(SELECT count(*) FROM (SELECT range AS n, CASE range % 4 WHEN 0 THEN 'utf-8' WHEN 1 THEN "
        "'utf-16' WHEN 2 THEN 'UTF32CodeUnitOffsetFromLineStart' END AS e FROM range(20000)) "
        "WHERE col_to_byte('\xC3\xA9' || n, 2, e) IS DISTINCT FROM CASE n % 4 WHEN 0 THEN 2 "
        "WHEN 1 THEN 3 WHEN 2 THEN 3 END) = 0",
        "(SELECT count(*) FROM range(20000) WHERE byte_to_col(repeat('\xF0\x9F\x98\x80', "
        "range::INTEGER % 7) || range, range % 7 * 4 + 1, 'utf-16') <> range % 7 * 2 + 1) = 0",
    };
    for (size_t i = 0; i < sizeof equal / sizeof *equal; i++) {
        char sql[512];
        snprintf(sql, sizeof sql, "SELECT (%s)::INT", equal[i]);
        if (number(sql) != 1)
            fail_msg("%s", equal[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_values), cmocka_unit_test(test_types),
        cmocka_unit_test(test_digest),           cmocka_unit_test(test_refused),
        cmocka_unit_test(test_guarded),          cmocka_unit_test(test_positions),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
