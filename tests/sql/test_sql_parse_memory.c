/* Parsing and printing with each allocation failing in turn: RG_ERR_MEMORY, nothing left behind,
 * nothing appended. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "failing_malloc.h"

#include "base/buffer.h"
#include "sql/sql_print.h"

/* Long enough for several blocks of the arena and a growing stack of elements. */
static void long_query(struct buffer *out)
{
    buffer_text(
        out, "-- head\nSELECT E'a\\n' AS \"quote\"\"d\", CAST(a AS varchar) FROM t WHERE x IN (1");
    for (int i = 0; i < 500; i++)
        buffer_printf(out, ", %d /* c */", i);
    buffer_text(out, ") -- end");
}

static void test_parse(void **state)
{
    (void)state;
    struct buffer text = {0};
    long_query(&text);
    enum rg_status status = RG_ERR_MEMORY;
    long n = 0;
    for (; status != RG_OK; n++) {
        struct arena arena = {0};
        struct sql_text parsed;
        struct rg_error err = {0};
        fails_after = n;
        status = sql_parse(buffer_view(&text), SQL_DUCKDB, SQL_PARSE_QUERY, &arena, &parsed, &err);
        fails_after = -1;
        assert_true(status == RG_OK || status == RG_ERR_MEMORY);
        assert_int_equal(status == RG_OK, parsed.root != NULL);
        arena_fini(&arena);
    }
    assert_true(n > 4);
    buffer_fini(&text);
}

static void test_print(void **state)
{
    (void)state;
    struct buffer text = {0};
    long_query(&text);
    struct arena arena = {0};
    struct sql_text parsed;
    assert_int_equal(
        sql_parse(buffer_view(&text), SQL_DUCKDB, SQL_PARSE_QUERY, &arena, &parsed, NULL), RG_OK);
    struct sql_print_options options = {.pretty = true, .comments = &parsed};
    enum rg_status status = RG_ERR_MEMORY;
    long n = 0;
    for (; status != RG_OK; n++) {
        struct buffer out = {0};
        fails_after = n;
        status = sql_print(parsed.root, &options, &out, NULL);
        fails_after = -1;
        assert_true(status == RG_OK || status == RG_ERR_MEMORY);
        assert_int_equal(status == RG_OK, out.len > 0);
        buffer_fini(&out);
    }
    assert_true(n > 4);
    arena_fini(&arena);
    buffer_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_parse), cmocka_unit_test(test_print)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
