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
    /* A witness, of a kind that chooses one target and of one that does not. */
    {"call_seen",
     "-- emits: edges CALL\n-- resolution: exact\n-- witness: yes\nSELECT l.node_id AS src, "
     "l.node_id - l.node % 5 AS dst, l.file_id FROM leaf AS l WHERE l.node % 4 = 1"},
    {"uses_own",
     "-- emits: edges REFERENCES_SYMBOL\n-- resolution: bound\nSELECT s.node_id AS src, l.node_id "
     "AS dst, l.file_id, l.node AS start_byte, 9 AS end_byte FROM leaf AS l JOIN syntax AS s ON "
     "s.file_id = l.file_id AND s.node % 2 = 0 AND s.node < 9"},
    {"uses_seen",
     "-- emits: edges REFERENCES_SYMBOL\n-- resolution: exact\n-- witness: yes\nSELECT s.node_id "
     "AS src, l.node_id - l.node % 4 AS dst, l.file_id, l.node AS start_byte, 9 AS end_byte FROM "
     "leaf AS l JOIN syntax AS s ON s.file_id = l.file_id AND s.node % 4 = 0 AND s.node < 9"},
    /* One relation that recurs through itself: a recursive query. */
    {"above_start", "-- emits: above\n-- fixpoint: above\nSELECT s.node_id AS low, s.parent_id AS "
                    "high FROM syntax AS s WHERE s.parent_id IS NOT NULL"},
    {"above_step", "-- emits: above\n-- fixpoint: above\nSELECT a.low, s.parent_id AS high FROM "
                   "above AS a JOIN syntax AS s ON s.node_id = a.high WHERE s.parent_id IS NOT "
                   "NULL"},
    /* Two that recur through each other: a loop. */
    {"odd_start", "-- emits: odd\n-- fixpoint: steps\nSELECT s.node_id AS low, s.parent_id AS high "
                  "FROM syntax AS s"},
    {"even_step",
     "-- emits: even\n-- fixpoint: steps\nSELECT o.low, s.parent_id AS high FROM odd AS "
     "o JOIN syntax AS s ON s.node_id = o.high"},
    {"odd_step",
     "-- emits: odd\n-- fixpoint: steps\nSELECT e.low, s.parent_id AS high FROM even AS "
     "e JOIN syntax AS s ON s.node_id = e.high"},
    {"edge_ref",
     "-- emits: edges REF\nSELECT e.high AS src, e.low AS dst, s.file_id FROM even AS e "
     "JOIN syntax AS s ON s.node_id = e.low WHERE e.high IS NOT NULL"},
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

static void run_part(struct fixture *fixture, const struct rule_loop *loop,
                     enum rule_loop_part part, bool *any)
{
    size_t at = 0;
    for (int i = 0; i < (int)part; i++)
        at += loop->n[i];
    for (size_t i = at; i < at + loop->n[part]; i++) {
        int64_t rows = 0;
        enum rg_status status =
            part == LOOP_COUNT
                ? store_int64(fixture->store, loop->statements[i], &rows, &fixture->err)
                : store_exec(fixture->store, loop->statements[i], &fixture->err);
        if (status)
            print_message("%s\n" STR_FMT "\n", fixture->err.message, STR_ARG(loop->statements[i]));
        assert_int_equal(status, RG_OK);
        *any = *any || rows;
    }
}

/* What the driver in Python does. */
static void run_loop(struct fixture *fixture, const struct rule_loop *loop)
{
    bool any = false;
    unsigned rounds = 0;
    run_part(fixture, loop, LOOP_START, &any);
    do {
        any = false;
        run_part(fixture, loop, LOOP_ROUND, &any);
        run_part(fixture, loop, LOOP_COUNT, &any);
        assert_true(rounds++ < 100);
    } while (any);
    assert_true(rounds > 2);
    run_part(fixture, loop, LOOP_END, &any);
}

static void test_same_rows(void **state)
{
    (void)state;
    struct fixture fixture;
    struct arena arena = {0};
    struct rule_script *scripts;
    size_t n = 0, n_loops = 0;
    fixture_open(&fixture, 1, true, 40);
    fixture.no_audits = true;
    fixture_run(&fixture, rules, sizeof rules / sizeof *rules);
    assert_int_equal(rule_set_scripts(&fixture.rules, SQL_DUCKDB, NULL, &arena, &scripts, &n, NULL),
                     RG_OK);
    for (size_t i = 0; i < n; i++) {
        if (scripts[i].loop) {
            run_loop(&fixture, scripts[i].loop);
            n_loops++;
            continue;
        }
        assert_non_null(scripts[i].sql.ptr);
        enum rg_status status = store_exec(fixture.store, scripts[i].sql, &fixture.err);
        if (status)
            print_message(STR_FMT ": %s\n" STR_FMT "\n", STR_ARG(scripts[i].name),
                          fixture.err.message, STR_ARG(scripts[i].sql));
        assert_int_equal(status, RG_OK);
    }
    assert_int_equal(n_loops, 1);
    expect_equal(&fixture, "nodes", "node_id, kind, language, name, file_id, path, start_byte");
    expect_equal(
        &fixture, "edges",
        "kind, src, dst, path, label, origin, resolution, confidence, ambiguity_group, rule");
    fixture_expect(&fixture,
                   "SELECT kind FROM edges GROUP BY kind HAVING count(DISTINCT ambiguity_group) > "
                   "5 AND count(*) > count(ambiguity_group) AND count(ambiguity_group) > 5 "
                   "ORDER BY kind",
                   "CALL|REFERENCES_SYMBOL");
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
