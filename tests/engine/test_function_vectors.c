/* The vectors of the functions table on the engine: every call gives what it says, in the type that
 * the table says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/buffer.h"
#include "compile/functions.h"
#include "engine/store_fixture.h"

/* The engine's functions have no names for arguments: the compiler puts those in their places. */
static bool names_arguments(const struct function_vector *vector)
{
    return strstr(vector->call, ":=") && strcmp(vector->function, "struct_pack") != 0;
}

static struct str cell(struct arena *arena, const char *sql)
{
    struct rg_error err = {0};
    struct text_table table;
    if (store_table(store, str_of(sql), 2, arena, &table, &err) != RG_OK)
        fail_msg("%s: %s", sql, err.message);
    assert_int_equal(table.rows, 1);
    return table.cells[0];
}

static void test_values(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct buffer sql = {0};
    size_t failed = 0;
    for (size_t i = 0; i < function_vectors_count; i++) {
        if (names_arguments(&function_vectors[i]))
            continue;
        buffer_clear(&sql);
        function_vector_query(&function_vectors[i], &sql);
        if (!str_is(cell(&arena, sql.data), "true")) {
            print_error("%s is not %s\n", function_vectors[i].call, function_vectors[i].expected);
            failed++;
        }
    }
    buffer_fini(&sql);
    arena_fini(&arena);
    assert_int_equal(failed, 0);
}

/* The overload whose number of arguments is the call's is not told from the text here: a type that
 * one of them has is enough. */
static bool has_type(const char *name, struct str type)
{
    for (size_t i = 0; i < functions_table_count; i++) {
        const struct sql_function *f = &functions_table[i];
        if (strcmp(f->name, name) == 0 &&
            (f->result_rule != SQL_RESULT_FIXED || str_is(type, f->result)))
            return true;
    }
    return false;
}

static void test_types(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct buffer sql = {0};
    for (size_t i = 0; i < function_vectors_count; i++) {
        const struct function_vector *v = &function_vectors[i];
        size_t len = strlen(v->function);
        bool plain = strncmp(v->call, v->function, len) == 0 && v->call[len] == '(' &&
                     v->call[strlen(v->call) - 1] == ')' && !strchr(v->call, '>');
        if (v->rows || !plain || names_arguments(v))
            continue;
        buffer_clear(&sql);
        buffer_printf(&sql, "SELECT typeof(%s)", v->call);
        struct str type = cell(&arena, sql.data);
        if (!has_type(v->function, type))
            fail_msg("%s is a " STR_FMT, v->call, STR_ARG(type));
    }
    buffer_fini(&sql);
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_types),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
