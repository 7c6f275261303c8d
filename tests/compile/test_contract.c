/* Contracts: the real datasets.sql is understood, and what is wrong in one is said with its place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/limits.h"
#include "compile/contract.h"

static void test_real_file(void **state)
{
    (void)state;
    char *data;
    size_t size;
    struct arena arena = {0};
    struct contracts contracts;
    struct rg_error err;
    assert_int_equal(
        file_read(RG_SOURCE_DIR "/rules/datasets.sql", 1 << 20, false, &data, &size, &err), RG_OK);
    assert_int_equal(contracts_parse((struct str){data, size}, &arena, &contracts, &err), RG_OK);

    const struct dataset *edges = contracts_find(&contracts, STR("edges"));
    assert_non_null(edges);
    assert_int_equal(edges->layer, DATASET_PRODUCT);
    assert_true(edges->has_kind);
    assert_true(str_is(edges->owner, "file_id"));
    assert_int_equal(edges->n_key, 4);
    assert_true(str_is(edges->columns[edges->key[3]].name, "label"));
    int confidence = dataset_column_index(edges, STR("confidence"));
    assert_true(confidence >= 0);
    assert_true(str_is(edges->columns[confidence].default_value, "1.0"));
    assert_true(edges->columns[0].not_null);
    assert_true(str_is(edges->columns[0].what, "from the rule's header"));
    assert_true(str_is(edges->what, "An edge of the graph; the span is the evidence for it."));

    const struct dataset *nodes = contracts_find(&contracts, STR("nodes"));
    assert_int_equal(nodes->n_sort, 5);
    assert_true(nodes->sort[2].descending);
    assert_false(nodes->sort[1].descending);

    const struct dataset *props = contracts_find(&contracts, STR("props"));
    assert_false(props->has_kind);
    assert_int_equal(props->sort[0].column, DATASET_OWNER);
    assert_int_equal(contracts_find(&contracts, STR(DATASET_EVIDENCE))->dedupe, DEDUPE_ALL);

    const struct dataset *file = contracts_find(&contracts, STR("file"));
    assert_int_equal(file->layer, DATASET_FACT);
    assert_true(str_is(file->columns[file->n_columns - 1].name, "reason"));
    const struct enum_type *kinds = contracts_type(&contracts, STR("base_kind"));
    assert_int_equal(kinds->n_values, 4);
    assert_true(str_is(kinds->values[3], "star"));

    char one[65], two[65];
    dataset_fingerprint(edges, one);
    dataset_fingerprint(nodes, two);
    assert_string_not_equal(one, two);
    arena_fini(&arena);
    free(data);
}

struct bad_case {
    const char *text;
    uint32_t line, column;
    const char *message, *hint;
};

static void test_errors(void **state)
{
    (void)state;
    static const struct bad_case cases[] = {
        {"DROP TABLE x;", 1, 1, "CREATE", NULL},
        {"-- layer: fact\nCREATE TABLE a (\n  b BIGNIT\n);", 3, 5, "unknown type", "BIGINT"},
        {"-- layer: fact\nCREATE TABLE a (b BIGINT, b BIGINT);", 2, 27, "twice", NULL},
        {"-- layr: fact\nCREATE TABLE a (b BIGINT);", 1, 1, "unknown key", "layer"},
        {"CREATE TABLE a (b BIGINT);", 1, 14, "layer", NULL},
        {"-- layer: fact\n-- key: c\nCREATE TABLE a (cc BIGINT);", 2, 1, "no column", "cc"},
        {"-- layer: product\nCREATE TABLE a (b BIGINT);", 1, 1, "owner", NULL},
        {"-- layer: product\n-- key: b\n-- sort: b\n-- owner: b\n"
         "CREATE TABLE things (b BIGINT, c BIGINT, kind VARCHAR);",
         4, 1, "has a column `kind`, which is a word of nodes and edges", NULL},
        {"CREATE TYPE t AS ENUM ('a);", 1, 24, "does not end", NULL},
        {"CREATE TYPE t AS ENUM (); CREATE TYPE t AS ENUM ();", 1, 39, "twice", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena = {0};
        struct contracts contracts;
        struct rg_error err = {0};
        assert_int_equal(contracts_parse(str_of(cases[i].text), &arena, &contracts, &err),
                         RG_ERR_PARSE);
        assert_int_equal(contracts.n_datasets, 0);
        assert_int_equal(err.line, cases[i].line);
        assert_int_equal(err.column, cases[i].column);
        assert_non_null(strstr(err.message, cases[i].message));
        if (cases[i].hint)
            assert_non_null(strstr(err.hint, cases[i].hint));
        arena_fini(&arena);
    }
}

/* Keys belong to the block of comments that touches the table, not to one above it. */
static void test_keys_do_not_leak(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct contracts contracts;
    struct rg_error err = {0};
    struct str text =
        STR("-- layer: fact\nCREATE TABLE a (b BIGINT);\nCREATE TABLE c (d BIGINT);\n");
    assert_int_equal(contracts_parse(text, &arena, &contracts, &err), RG_ERR_PARSE);
    assert_int_equal(err.line, 3);
    arena_fini(&arena);
}

static void test_column_limit(void **state)
{
    (void)state;
    for (int n = LIMIT_DATASET_COLUMNS; n <= LIMIT_DATASET_COLUMNS + 1; n++) {
        struct buffer text = {0};
        struct arena arena = {0};
        struct contracts contracts;
        struct rg_error err = {0};
        buffer_text(&text, "-- layer: fact\nCREATE TABLE t (");
        for (int i = 0; i < n; i++)
            buffer_printf(&text, "%sc%d BIGINT", i ? ", " : "", i);
        buffer_text(&text, ");");
        enum rg_status status = contracts_parse(buffer_view(&text), &arena, &contracts, &err);
        assert_int_equal(status, n > LIMIT_DATASET_COLUMNS ? RG_ERR_PARSE : RG_OK);
        arena_fini(&arena);
        buffer_fini(&text);
    }
}

static void test_kinds(void **state)
{
    (void)state;
    assert_non_null(kind_find("nodes", STR("CALL")));
    assert_true(kind_find("edges", STR("CALL"))->chooses_one);
    assert_false(kind_find("edges", STR("INHERITS_FROM"))->chooses_one);
    assert_null(kind_find("nodes", STR("AST")));
    for (size_t i = 0; i < kind_specs_count; i++)
        assert_ptr_equal(kind_find(kind_specs[i].dataset, str_of(kind_specs[i].name)),
                         &kind_specs[i]);
    assert_true(resolution_rank(STR("exact")) < resolution_rank(STR("fallback")));
    assert_int_equal(resolution_rank(STR("perhaps")), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_real_file),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_keys_do_not_leak),
        cmocka_unit_test(test_column_limit),
        cmocka_unit_test(test_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
