/* The rule compiler when memory is out: each allocation of loading, resolving, analysing, selecting
 * and linting a set fails in turn, and every time it is an error and nothing is lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "compile/rule_case.h"
#include "compile/rule_diff.h"
#include "compile/rule_lineage.h"
#include "compile/rule_lint.h"
#include "compile/rule_script.h"
#include "compile/rule_select.h"
#include "failing_malloc.h"

static const char datasets[] =
    "-- layer: fact\n-- key: file_id\n"
    "CREATE TABLE file (file_id BIGINT NOT NULL, path VARCHAR NOT NULL, language VARCHAR);\n"
    "-- layer: fact\n-- key: file_id, node\n"
    "CREATE TABLE syntax (file_id BIGINT NOT NULL, node INTEGER NOT NULL, token VARCHAR);\n"
    "-- layer: product\n-- key: node_id\n-- sort: path, node_id\n-- owner: file_id\n"
    "CREATE TABLE nodes (node_id BIGINT NOT NULL, kind VARCHAR NOT NULL,\n"
    "  name VARCHAR, file_id BIGINT, path VARCHAR);\n";

static const struct rule_text texts[] = {
    {STR("word"), STR("word.sql"),
     STR("-- emits: word\nWITH w AS (SELECT s.file_id, s.node, s.token FROM syntax AS s) SELECT "
         "w.file_id, w.node, upper(w.token) AS token FROM w WHERE w.token IS NOT NULL"),
     false},
    {STR("chain"), STR("chain.sql"),
     STR("-- emits: chain\n-- fixpoint: chain\nSELECT w.node AS a, w.node AS b FROM word AS w "
         "UNION "
         "SELECT c.a, w.node FROM chain AS c JOIN word AS w ON w.node = c.b + 1"),
     false},
    {STR("node_method"), STR("node_method.sql"),
     STR("-- emits: nodes METHOD\n-- why: x\nSELECT stable_hash64(w.file_id, w.node) AS node_id, "
         "w.token AS name, w.file_id FROM word AS w WHERE EXISTS (SELECT 1 FROM chain AS c WHERE "
         "c.a "
         "= w.node)"),
     false},
};

static enum rg_status use(struct rule_set *set, struct arena *arena)
{
    static const char *const selectors[] = {"+node_method"};
    struct rule_select_options options = {.selectors = selectors, .n_selectors = 1};
    struct rule_selection selection;
    struct rule_findings findings;
    struct rule_lineage lineage;
    struct rule_script *scripts;
    struct rule_set_diff diff;
    struct rule_cases cases;
    size_t n;
    enum rg_status status =
        rule_set_parse(str_of(datasets), texts, sizeof texts / sizeof *texts, set, NULL);
    if (!status)
        status = rule_set_resolve(set, NULL, NULL);
    if (!status)
        status = rule_set_analyse(set, NULL);
    if (!status)
        status = rule_set_compile(set, &(struct rule_compile_options){.fuse = true}, NULL);
    if (!status)
        status = rule_select(set, &options, arena, &selection, NULL);
    if (!status)
        status = rule_lineage_down(set, STR("nodes.name"), arena, &lineage, NULL);
    if (!status)
        status = rule_set_lint(set, arena, &findings, NULL);
    if (!status)
        status = rule_set_compare(set, set, arena, &diff, NULL);
    if (!status)
        status = rule_cases_parse(set, &set->rules[0], STR("t.test"),
                                  STR("given word\nnode\n1\nexpect\na\n1\n"), arena, &cases, NULL);
    if (!status)
        status = rule_set_scripts(set, SQL_SPARK, NULL, arena, &scripts, &n, NULL);
    return status;
}

static void test_each_allocation(void **state)
{
    (void)state;
    enum rg_status status = RG_ERR_MEMORY;
    long tried = 0;
    for (; status && tried < 100000; tried++) {
        struct rule_set set = {.n_rules = 0};
        struct arena arena = {0};
        fails_after = tried;
        status = use(&set, &arena);
        fails_after = -1;
        if (status)
            assert_int_equal(status, RG_ERR_MEMORY);
        arena_fini(&arena);
        rule_set_fini(&set);
    }
    assert_int_equal(status, RG_OK);
    assert_true(tried > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_each_allocation)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
