/* The table of functions holds together: order, words, spellings, vectors, documentation. With
 * RG_UPDATE_DOCS=1 in the environment docs/functions.md is written anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/buffer.h"
#include "base/file.h"
#include "compile/functions.h"

static void test_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < functions_table_count; i++) {
        const char *name = functions_table[i].name;
        for (const char *c = name; *c; c++)
            assert_true(islower((unsigned char)*c) || isdigit((unsigned char)*c) || *c == '_');
        if (i && strcmp(functions_table[i - 1].name, name) > 0)
            fail_msg("%s stands behind %s", name, functions_table[i - 1].name);
    }
    assert_true(functions_table_count >= 120);
}

static void test_find(void **state)
{
    (void)state;
    for (size_t i = 0; i < functions_table_count; i++) {
        const struct sql_function *found = functions_find(str_of(functions_table[i].name));
        assert_non_null(found);
        assert_string_equal(found->name, functions_table[i].name);
        assert_true(found <= &functions_table[i]);
        assert_true(found == functions_table || strcmp(found[-1].name, found->name) != 0);
    }
    assert_non_null(functions_find(STR("Stable_Hash64")));
    assert_null(functions_find(STR("hash")));
    assert_null(functions_find(STR("")));
    assert_null(functions_find(STR("zzz")));
    assert_null(functions_find(STR("concat_w")));
}

static bool is_word(const char *type)
{
    static const char *const words[] = {
        "ANY",    "NUMBER",  "WHOLE",  "HASHABLE", "LIST",      "MAP",      "STRUCT",
        "MOMENT", "SAME",    "KEY",    "LAMBDA",   "ELEMENT",   "VARCHAR",  "INTEGER",
        "BIGINT", "BOOLEAN", "DOUBLE", "DATE",     "TIMESTAMP", "INTERVAL",
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i], type) == 0)
            return true;
    }
    return false;
}

static void test_parameters(void **state)
{
    (void)state;
    for (size_t i = 0; i < functions_table_count; i++) {
        const struct sql_function *f = &functions_table[i];
        unsigned named = 0;
        while (named < SQL_PARAMETERS_MAX && f->parameters[named].name) {
            if (!is_word(f->parameters[named].type))
                fail_msg("%s: %s", f->name, f->parameters[named].type);
            named++;
        }
        if (f->n_min > f->n_max || (f->n_max != 255 && named != f->n_max) ||
            (f->n_max == 255 && named == 0))
            fail_msg("%s has %u parameters", f->name, named);
        if ((f->result_rule == SQL_RESULT_FIXED) != (f->result != NULL))
            fail_msg("%s: result", f->name);
        if (f->class == SQL_AGGREGATE && f->null_rule == SQL_NULL_IF_ANY)
            fail_msg("%s: an aggregate leaves NULLs out", f->name);
        assert_true(f->version > 0);
        assert_true(f->what[0] && f->topic[0]);
    }
}

/* What is refused is no function of the table, and is in order of its names too. */
static void test_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < functions_refused_count; i++) {
        assert_null(functions_find(str_of(functions_refused[i].name)));
        assert_true(functions_refused[i].hint[0]);
        assert_true(i == 0 || strcmp(functions_refused[i - 1].name, functions_refused[i].name) < 0);
    }
}

/* Every $n of a template is an argument. */
static void test_templates(void **state)
{
    (void)state;
    for (size_t i = 0; i < functions_table_count; i++) {
        const struct sql_function *f = &functions_table[i];
        for (int d = 0; d < SQL_DIALECT_COUNT; d++) {
            const char *spelling = f->spelling[d];
            if (!spelling || spelling[0] == '!' || spelling[0] == '@')
                continue;
            for (const char *c = strchr(spelling, '$'); c; c = strchr(c + 1, '$')) {
                if (c[1] == '$')
                    c++;
                else if (isdigit((unsigned char)c[1]) && c[1] - '0' > f->n_max)
                    fail_msg("%s: %s", f->name, spelling);
                else if (!isdigit((unsigned char)c[1]) && !strchr("*[]?|<'", c[1]))
                    fail_msg("%s: %s", f->name, spelling);
            }
        }
    }
}

static void test_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < functions_table_count; i++) {
        size_t n = 0;
        for (size_t v = 0; v < function_vectors_count; v++)
            n += strcmp(function_vectors[v].function, functions_table[i].name) == 0;
        if (n == 0)
            fail_msg("%s has no vector", functions_table[i].name);
    }
    for (size_t v = 0; v < function_vectors_count; v++) {
        if (!functions_find(str_of(function_vectors[v].function)))
            fail_msg("%s is no function", function_vectors[v].function);
    }
}

static void test_vector_query(void **state)
{
    (void)state;
    struct buffer sql = {0};
    struct function_vector vector = {"lower", "lower('A')", NULL, "'a'"};
    function_vector_query(&vector, &sql);
    assert_string_equal(sql.data, "SELECT (lower('A')) IS NOT DISTINCT FROM ('a') AS holds");
    buffer_clear(&sql);
    vector = (struct function_vector){"sum", "sum(a)", "(1, ',('), (2, NULL)", "3"};
    function_vector_query(&vector, &sql);
    assert_string_equal(sql.data,
                        "SELECT r.v IS NOT DISTINCT FROM (3) AS holds FROM (SELECT sum(a) "
                        "AS v FROM (VALUES (1, ',('), (2, NULL)) AS t(a, b)) AS r");
    buffer_fini(&sql);
}

#define BEGIN "<!-- functions: begin -->\n"
#define END   "<!-- functions: end -->\n"

static void test_documentation(void **state)
{
    (void)state;
    const char *path = RG_SOURCE_DIR "/docs/functions.md";
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    static char text[1 << 20];
    size_t size = fread(text, 1, sizeof text - 1, file);
    text[size] = '\0';
    fclose(file);
    char *begin = strstr(text, BEGIN), *end = strstr(text, END);
    assert_true(begin && end && begin < end);
    struct buffer page = {0};
    buffer_append(&page, text, (size_t)(begin - text) + strlen(BEGIN));
    functions_document(&page);
    buffer_text(&page, "\n");
    buffer_text(&page, end);
    assert_false(page.failed);
    if (strcmp(page.data, text) != 0 && getenv("RG_UPDATE_DOCS")) {
        file = fopen(path, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(page.data, 1, page.len, file), page.len);
        assert_int_equal(fclose(file), 0);
    } else if (strcmp(page.data, text) != 0) {
        fail_msg("%s is not what the table says; run this test with RG_UPDATE_DOCS=1", path);
    }
    buffer_fini(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),        cmocka_unit_test(test_find),
        cmocka_unit_test(test_parameters),   cmocka_unit_test(test_refused),
        cmocka_unit_test(test_templates),    cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_vector_query), cmocka_unit_test(test_documentation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
