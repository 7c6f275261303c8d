/* Scripts are run, not only printed: on the same facts they give the rows that a build writes, who
 * wins included. */
#include "compile/rule_script.h"
#include "fixture.h"

static const struct fixture_rule rules[] = {
    {"leaf",
     "-- emits: leaf\nSELECT s.file_id, s.node_id, s.parent_id, s.node FROM syntax AS s WHERE "
     "s.node % 2 = 1"},
    {"node_call", "-- emits: nodes CALL\nSELECT l.node_id, 'n' || l.node AS name, l.file_id, 0 AS "
                  "start_byte, 9 AS end_byte FROM leaf AS l"},
    {"node_all", "-- emits: nodes METHOD\n-- unique: yes\nSELECT s.node_id, s.file_id, 0 AS "
                 "start_byte, 90 AS end_byte FROM syntax AS s WHERE s.node % 2 = 0"},
    /* Two rules for a kind that chooses one target: the better ranked ones, and ambiguities. */
    {"call_sure",
     "-- emits: edges CALL\n-- resolution: bound\n-- layer: names\nSELECT l.node_id AS "
     "src, l.parent_id AS dst, l.file_id FROM leaf AS l WHERE l.node % 3 = 0 AND "
     "l.parent_id IS NOT NULL"},
    {"call_guess",
     "-- emits: edges CALL\n-- resolution: fallback\nSELECT l.node_id AS src, s.node_id "
     "AS dst, l.file_id, 'guess' AS label FROM leaf AS l JOIN syntax AS s ON s.file_id = "
     "l.file_id AND s.node < 4 AND s.node % 2 = 0"},
    /* One relation that recurs through itself: a recursive query. */
    {"above_start", "-- emits: above\n-- fixpoint: above\nSELECT s.node_id AS low, s.parent_id AS "
                    "high FROM syntax AS s WHERE s.parent_id IS NOT NULL"},
    {"above_step", "-- emits: above\n-- fixpoint: above\nSELECT a.low, s.parent_id AS high FROM "
                   "above AS a JOIN syntax AS s ON s.node_id = a.high WHERE s.parent_id IS NOT "
                   "NULL"},
    {"edge_contains",
     "-- emits: edges CONTAINS\nSELECT a.high AS src, a.low AS dst, s.file_id FROM "
     "above AS a JOIN syntax AS s ON s.node_id = a.low"},
    {"edge_ast", "-- emits: edges AST\nSELECT s.parent_id AS src, s.node_id AS dst, s.file_id FROM "
                 "syntax AS s WHERE s.parent_id IS NOT NULL"},
};

/* Rows of a table made by scripts and of the files, as far as they differ. */
static void expect_equal(struct fixture *fixture, const char *table, const char *columns)
{
    char sql[2048];
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM ((SELECT %s FROM %s EXCEPT ALL SELECT %s FROM "
             "read_parquet('%%s/%s/*.parquet')) UNION ALL (SELECT %s FROM "
             "read_parquet('%%s/%s/*.parquet') EXCEPT ALL SELECT %s FROM %s))",
             columns, table, columns, table, columns, table, columns, table);
    fixture_expect(fixture, sql, "0");
    snprintf(sql, sizeof sql, "SELECT count(*) > 20 FROM %s", table);
    fixture_expect(fixture, sql, "true");
}

static void test_same_rows(void **state)
{
    (void)state;
    struct fixture fixture;
    struct arena arena = {0};
    struct rule_script *scripts;
    size_t n = 0;
    fixture_open(&fixture, 1, true, 40);
    fixture.no_audits = true;
    fixture_run(&fixture, rules, sizeof rules / sizeof *rules);
    assert_int_equal(rule_set_scripts(&fixture.rules, SQL_DUCKDB, NULL, &arena, &scripts, &n, NULL),
                     RG_OK);
    for (size_t i = 0; i < n; i++) {
        assert_non_null(scripts[i].sql.ptr);
        enum rg_status status = store_exec(fixture.store, scripts[i].sql, &fixture.err);
        if (status)
            print_message(STR_FMT ": %s\n" STR_FMT "\n", STR_ARG(scripts[i].name),
                          fixture.err.message, STR_ARG(scripts[i].sql));
        assert_int_equal(status, RG_OK);
    }
    expect_equal(&fixture, "nodes", "node_id, kind, language, name, file_id, path, start_byte");
    expect_equal(
        &fixture, "edges",
        "kind, src, dst, path, label, origin, resolution, confidence, ambiguity_group, rule");
    fixture_expect(&fixture, "SELECT count(DISTINCT ambiguity_group) > 5 FROM edges", "true");
    fixture_expect(&fixture,
                   "SELECT count(*) FILTER (WHERE kind = 'CONTAINS') > "
                   "count(*) FILTER (WHERE kind = 'AST') FROM edges",
                   "true");
    arena_fini(&arena);
    fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_same_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
