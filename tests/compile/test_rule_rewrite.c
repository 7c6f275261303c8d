/* What the compiler makes of rules before they run: exact texts of what it prints, and of what a
 * tier forbids. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "compile/rules.h"

static const char datasets[] =
    "-- layer: fact\n"
    "CREATE TABLE t (file_id BIGINT NOT NULL, a INTEGER NOT NULL, b INTEGER, x DOUBLE, s "
    "VARCHAR);\n"
    "-- layer: product\n-- key: node_id\n-- sort: file_id, node_id\n-- owner: file_id\n"
    "CREATE TABLE nodes (node_id BIGINT NOT NULL, kind VARCHAR NOT NULL, name VARCHAR, file_id "
    "BIGINT);\n"
    "-- layer: product\n-- key: node_id, key\n-- sort: file_id, node_id\n-- owner: file_id\n"
    "CREATE TABLE props (node_id BIGINT NOT NULL, key VARCHAR NOT NULL, value VARCHAR, file_id "
    "BIGINT);\n";

struct text {
    const char *name, *text;
};

static enum rg_status compile(struct rule_set *set, const struct text *texts, size_t n,
                              struct rule_compile_options options, struct rg_error *err)
{
    struct rule_text rules[8];
    for (size_t i = 0; i < n; i++)
        rules[i] = (struct rule_text){str_of(texts[i].name), str_of("f.sql"), str_of(texts[i].text),
                                      false};
    enum rg_status status = rule_set_parse(str_of(datasets), rules, n, set, err);
    if (!status)
        status = rule_set_resolve(set, NULL, err);
    if (!status)
        status = rule_set_analyse(set, err);
    return status ? status : rule_set_compile(set, &options, err);
}

/* The compiled text on one line, blanks once. */
static void check_compiled(const struct rule_set *set, const char *name, const char *expected)
{
    const struct rule *rule = &set->rules[rule_set_find(set, str_of(name))];
    char found[2048];
    size_t used = 0;
    for (size_t i = 0; i < rule->compiled.len && used + 1 < sizeof found; i++) {
        char c = rule->compiled.ptr[i];
        bool blank = c == ' ' || c == '\n';
        if (!blank || (used && found[used - 1] != ' '))
            found[used++] = blank ? ' ' : c;
    }
    found[used] = '\0';
    if (strcmp(found, expected) != 0)
        print_message("%s: %s\n", name, found);
    assert_string_equal(found, expected);
}

/* --- Columns and fusing --------------------------------------------------------------------- */

static const struct text chain[] = {
    {"wide", "-- emits: wide\nSELECT *, a + 0 AS same, x AS unread FROM t WHERE NOT (a <= 3)"},
    {"counted", "-- emits: counted\nSELECT w.file_id, w.same, count(*) AS n, max(w.x) AS unread\n"
                "FROM wide AS w GROUP BY ALL"},
    {"node_a", "-- emits: nodes METHOD\nSELECT c.same AS node_id, c.file_id FROM counted AS c "
               "WHERE c.n > 1"},
};

static void test_pruned(void **state)
{
    struct rule_set set;
    (void)state;
    assert_int_equal(compile(&set, chain, 3, (struct rule_compile_options){.fuse = false}, NULL),
                     RG_OK);
    check_compiled(&set, "wide",
                   "SELECT t.file_id AS file_id, t.a + 0 AS same FROM t AS t WHERE t.a > 3");
    check_compiled(
        &set, "counted",
        "SELECT w.file_id AS file_id, w.same AS same, count(*) AS n FROM wide AS w GROUP BY ALL");
    check_compiled(
        &set, "node_a",
        "SELECT c.same AS node_id, c.file_id AS file_id FROM counted AS c WHERE c.n > 1");
    const struct rule *wide = &set.rules[rule_set_find(&set, STR("wide"))];
    assert_int_equal(wide->n_scans, 2);
    rule_set_fini(&set);
}

/* The plain one becomes part of its reader; an aggregate stays what it is. */
static void test_fused(void **state)
{
    struct rule_set set;
    (void)state;
    assert_int_equal(compile(&set, chain, 3, (struct rule_compile_options){.fuse = true}, NULL),
                     RG_OK);
    const struct rule *wide = &set.rules[rule_set_find(&set, STR("wide"))];
    const struct rule *counted = &set.rules[rule_set_find(&set, STR("counted"))];
    assert_ptr_equal(wide->fused_into, counted);
    assert_null(counted->fused_into);
    assert_int_equal(counted->n_scans, 2);
    assert_true(str_is(counted->scans[0].relation, "t"));
    rule_set_fini(&set);
}

/* A rule loses an output that nobody reads before another rule becomes part of it: what is left is
 * looked at once more by its own places. */
static void test_pruned_and_fused(void **state)
{
    static const struct text texts[] = {
        {"wide", "-- emits: wide\nSELECT t.file_id, t.a, t.x FROM t AS t WHERE t.a > 3"},
        {"kept", "-- emits: kept\nSELECT w.x AS unread, w.a AS first, w.file_id FROM wide AS w"},
        {"node_a", "-- emits: nodes METHOD\nSELECT k.first AS node_id, k.file_id FROM kept AS k"},
        {"node_b", "-- emits: nodes CALL\nSELECT k.first + 1 AS node_id, k.file_id FROM kept AS k"},
    };
    struct rule_set set;
    (void)state;
    assert_int_equal(compile(&set, texts, 4, (struct rule_compile_options){.fuse = true}, NULL),
                     RG_OK);
    assert_non_null(set.rules[rule_set_find(&set, STR("wide"))].fused_into);
    check_compiled(&set, "kept",
                   "SELECT t_0.a AS first, t_0.file_id AS file_id FROM t AS t_0 WHERE t_0.a > 3");
    rule_set_fini(&set);
}

static void check_apart(const char *inner)
{
    char text[512];
    struct rule_set set;
    struct rg_error err = {0};
    const struct text texts[] = {
        {"inner", text},
        {"node_a",
         "-- emits: nodes METHOD\nSELECT i.a AS node_id, i.file_id FROM inner_rows AS i"}};
    snprintf(text, sizeof text, "-- emits: inner_rows\n%s", inner);
    if (compile(&set, texts, 2, (struct rule_compile_options){.fuse = true}, &err) != RG_OK)
        fail_msg("%s: %s", inner, err.message);
    if (set.rules[rule_set_find(&set, STR("inner"))].fused_into)
        fail_msg("fused: %s", inner);
    rule_set_fini(&set);
}

static void test_never_fused_across(void **state)
{
    (void)state;
    check_apart("SELECT file_id, max(a) AS a FROM t GROUP BY file_id");
    check_apart("SELECT file_id, row_number() OVER (ORDER BY file_id, a) AS a FROM t");
    check_apart("SELECT file_id, a FROM t ORDER BY a, file_id LIMIT 3");
    check_apart("SELECT file_id, a FROM (SELECT file_id, a FROM t LIMIT 3)");
}

/* Computing it twice would cost more than keeping it. */
static void test_read_twice(void **state)
{
    struct rule_set set;
    const struct text texts[] = {
        {"one", "-- emits: one\nSELECT file_id, a, b FROM t"},
        {"node_a",
         "-- emits: nodes METHOD\nSELECT x.a AS node_id, y.file_id FROM one AS x JOIN one "
         "AS y ON x.a = y.b"}};
    (void)state;
    assert_int_equal(compile(&set, texts, 2, (struct rule_compile_options){.fuse = true}, NULL),
                     RG_OK);
    assert_null(set.rules[rule_set_find(&set, STR("one"))].fused_into);
    rule_set_fini(&set);
}

/* --- Tiers ---------------------------------------------------------------------------------- */

#define NODE "-- emits: nodes METHOD\nSELECT a AS node_id, file_id, "

static void test_forbidden(void **state)
{
    static const struct {
        const char *text, *told;
    } cases[] = {
        {"-- emits: nodes METHOD\nSELECT\n    CAST(sum(x) AS BIGINT) AS node_id,\n    "
         "file_id\nFROM "
         "t GROUP BY file_id",
         "3:10: sum of floats rounds in the order the rows come, which tier canonical forbids; "
         "cast "
         "the argument to DECIMAL"},
        {NODE "arg_max(s, b) AS name FROM t GROUP BY a, file_id",
         "2:31: arg_max takes any of the rows that share the key, which tier canonical forbids; "
         "make the key unique, or order by a row: arg_max(a, (b, a))"},
        {NODE "last_value(s) OVER (ORDER BY b) AS name FROM t",
         "2:31: last_value depends on the order of rows with equal keys, which tier canonical "
         "forbids; add to ORDER BY what makes its keys unique, or use rank()"},
        {NODE "CAST(random() AS VARCHAR) AS name FROM t",
         "2:36: random gives another value for each row and run; stable_hash64 of the row's key "
         "gives numbers that stay"},
    };
    unsigned wrong = 0;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct text text = {"a_rule", cases[i].text};
        struct rule_set set;
        struct rg_error err = {0};
        char told[2048];
        enum rg_status status =
            compile(&set, &text, 1, (struct rule_compile_options){.tier = RG_TIER_CANONICAL}, &err);
        snprintf(told, sizeof told, "%u:%u: %s; %s", err.line, err.column, err.message, err.hint);
        if (strcmp(told, cases[i].told) != 0)
            print_message("%zu: %s\n", i, told);
        wrong += strcmp(told, cases[i].told) != 0 || status != RG_ERR_RULE;
        rule_set_fini(&set);
    }
    assert_int_equal(wrong, 0);
}

/* Tier fast takes what a rule says; another dataset's tier does not matter, a reader's does. */
static void test_whose_tier(void **state)
{
    const struct text texts[] = {
        {"inner", "-- emits: inner_rows\nSELECT file_id, sum(x) AS total FROM t GROUP BY file_id"},
        {"props_a", "-- emits: props\nSELECT 1::BIGINT AS node_id, 'k' AS key, i.total::VARCHAR AS "
                    "value, i.file_id FROM inner_rows AS i"}};
    const struct rule_dataset_tier nodes = {STR("nodes"), RG_TIER_CANONICAL};
    const struct rule_dataset_tier props = {STR("props"), RG_TIER_STABLE};
    struct rule_set set;
    struct rg_error err = {0};
    (void)state;
    assert_int_equal(
        compile(&set, texts, 2, (struct rule_compile_options){.tier = RG_TIER_FAST}, &err), RG_OK);
    rule_set_fini(&set);
    assert_int_equal(compile(&set, texts, 2,
                             (struct rule_compile_options){.tier = RG_TIER_FAST,
                                                           .dataset_tiers = &nodes,
                                                           .n_dataset_tiers = 1},
                             &err),
                     RG_OK);
    rule_set_fini(&set);
    assert_int_equal(compile(&set, texts, 2,
                             (struct rule_compile_options){.tier = RG_TIER_FAST,
                                                           .dataset_tiers = &props,
                                                           .n_dataset_tiers = 1},
                             &err),
                     RG_ERR_RULE);
    assert_string_equal(err.rule, "inner");
    assert_string_equal(
        err.message, "sum of floats rounds in the order the rows come, which tier stable forbids");
    rule_set_fini(&set);
}

/* What has an order that can be made total gets it, at every tier: the rows do not depend on it. */
static void test_ordered(void **state)
{
    const struct text texts[] = {
        {"props_a",
         "-- emits: props\nSELECT a AS node_id, 'k' AS key, string_agg(s, ',') AS value, "
         "file_id FROM t GROUP BY ALL"},
        {"node_a",
         "-- emits: nodes METHOD\nSELECT a AS node_id, file_id FROM t ORDER BY b LIMIT 5"},
        {"node_b", "-- emits: nodes CALL\nSELECT a AS node_id, file_id, CAST(row_number() OVER "
                   "(PARTITION BY b) AS VARCHAR) AS name FROM t"},
    };
    static const enum rg_tier tiers[] = {RG_TIER_FAST, RG_TIER_STABLE, RG_TIER_CANONICAL};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct rule_set set;
        assert_int_equal(
            compile(&set, texts, 3, (struct rule_compile_options){.tier = tiers[i]}, NULL), RG_OK);
        check_compiled(&set, "props_a",
                       "SELECT t.a AS node_id, 'k' AS key, string_agg(t.s, ',' ORDER BY t.s NULLS "
                       "LAST) AS value, t.file_id AS file_id FROM t AS t GROUP BY ALL");
        check_compiled(&set, "node_a",
                       "SELECT t.a AS node_id, t.file_id AS file_id FROM t AS t ORDER BY t.b, 1 "
                       "NULLS LAST, 2 NULLS LAST LIMIT 5");
        check_compiled(
            &set, "node_b",
            "SELECT t.a AS node_id, t.file_id AS file_id, CAST(row_number() OVER ("
            "PARTITION BY t.b ORDER BY t.a NULLS LAST, t.file_id NULLS LAST) AS VARCHAR) "
            "AS name FROM t AS t");
        rule_set_fini(&set);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pruned),           cmocka_unit_test(test_fused),
        cmocka_unit_test(test_pruned_and_fused), cmocka_unit_test(test_never_fused_across),
        cmocka_unit_test(test_read_twice),       cmocka_unit_test(test_forbidden),
        cmocka_unit_test(test_whose_tier),       cmocka_unit_test(test_ordered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
