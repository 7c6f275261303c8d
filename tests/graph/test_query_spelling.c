/* references(…) is a reserved word: where it is respelled, and where it must not be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "graph/query.h"

static void assert_spelled(const char *sql, const char *expected)
{
    char text[256];
    snprintf(text, sizeof text, "%s", sql);
    query_spell_references(text, strlen(text));
    assert_string_equal(text, expected);
}

static void test_calls_are_respelled(void **state)
{
    (void)state;
    assert_spelled("FROM references('x')", "FROM where_used('x')");
    assert_spelled("SELECT*FROM REFERENCES\n ('it''s') r, References('y')",
                   "SELECT*FROM where_used\n ('it''s') r, where_used('y')");
    assert_spelled("SELECT 1 - 2 / 3, $1 FROM references($2)",
                   "SELECT 1 - 2 / 3, $1 FROM where_used($2)");
}

static void test_others_are_left(void **state)
{
    (void)state;
    const char *const same[] = {
        "SELECT 'references(' || \"references(\"",
        "SELECT 1 -- references('x')",
        "SELECT /* references('x') */ 1",
        "SELECT $$references('x')$$, $a$ $$ references( $a$",
        "SELECT references FROM t",
        "SELECT my_references('x'), references_to('y')",
        "SELECT 'it''s references('",
        "SELECT ' references(x",
        "SELECT /* references(",
        "$references(",
        "",
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        assert_spelled(same[i], same[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calls_are_respelled),
        cmocka_unit_test(test_others_are_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
