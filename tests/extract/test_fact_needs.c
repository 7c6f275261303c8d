/* What is left out of the facts: what nobody asked for, and nothing that the house itself reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "extract/fact_needs.h"
#include "fact_tables.h"

static bool is_stored(const struct table_spec *table, const char *column)
{
    for (unsigned i = 0; i < table->n_columns; i++)
        if (strcmp(table->columns[i].name, column) == 0)
            return !(table->left_out >> i & 1);
    fail_msg("%s has no column %s", table->name, column);
    return false;
}

static void test_all(void **state)
{
    (void)state;
    struct table_spec tables[FACT_COUNT];
    fact_needs_tables(NULL, tables);
    for (size_t i = 0; i < FACT_COUNT; i++)
        assert_int_equal(tables[i].left_out, 0);
}

static void test_nothing(void **state)
{
    (void)state;
    struct table_spec tables[FACT_COUNT];
    struct fact_needs needs = {{0}};
    fact_needs_tables(&needs, tables);
    assert_true(table_is_left_out(&tables[FACT_LITERAL]));
    assert_true(table_is_left_out(&tables[FACT_CALL]));
    assert_int_equal(tables[FACT_FILE].left_out, 0);
    assert_int_equal(tables[FACT_SETTING].left_out, 0);
    assert_false(is_stored(&tables[FACT_SYNTAX], "token"));
    assert_true(is_stored(&tables[FACT_SYNTAX], "node_id"));
}

/* A column brings its table's key and ids along. */
static void test_some(void **state)
{
    (void)state;
    struct table_spec tables[FACT_COUNT];
    struct fact_needs needs = {{0}};
    fact_needs_add(&needs, STR("call"), STR("callee_name"));
    fact_needs_add(&needs, STR("literal"), STR("*"));
    fact_needs_add(&needs, STR("callee"), STR("name")); /* no fact */
    fact_needs_tables(&needs, tables);
    assert_true(is_stored(&tables[FACT_CALL], "callee_name"));
    assert_true(is_stored(&tables[FACT_CALL], "file_id"));
    assert_true(is_stored(&tables[FACT_CALL], "node_id"));
    assert_false(is_stored(&tables[FACT_CALL], "receiver_node"));
    assert_int_equal(tables[FACT_LITERAL].left_out, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_some),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
