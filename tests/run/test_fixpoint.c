/* Fixpoints: the same rows as WITH RECURSIVE finds, a bound on rounds, and rules that only add. */
#include "fixture.h"

#include "base/limits.h"

/* Parents of `syntax` as pairs of node ids, in one file and across: a tree with three children
 * each. */
#define PARENT                                                                                     \
    "SELECT s.node_id AS src, s.parent_id AS dst FROM syntax AS s WHERE s.parent_id IS NOT NULL"

/* Emits what an intermediate holds as edges of a kind that chooses nothing. */
#define EDGES(kind, relation)                                                                      \
    "-- emits: edges " kind "\n-- unique: yes\n"                                                   \
    "SELECT r.src, r.dst, CAST(11 AS BIGINT) AS file_id FROM " relation " AS r"

static const struct fixture_rule recursive = {
    "plain",
    "-- emits: plain\nWITH RECURSIVE p AS (" PARENT "), r AS (SELECT src, dst FROM p UNION "
    "SELECT r.src, p.dst FROM r JOIN p ON p.src = r.dst) SELECT src, dst FROM r"};

static void expect_same(struct fixture *fixture, const char *rows)
{
    char sql[1024];
    fixture_expect(fixture,
                   "SELECT count(*) FROM (SELECT src, dst FROM read_parquet('%s/edges/*.parquet') "
                   "WHERE kind = 'CONTAINS')",
                   rows);
    snprintf(
        sql, sizeof sql,
        "SELECT count(*) FROM ((SELECT src, dst FROM read_parquet('%%s/edges/*.parquet') WHERE "
        "kind = 'CONTAINS' EXCEPT ALL SELECT src, dst FROM read_parquet('%%s/edges/*.parquet') "
        "WHERE kind = 'CDG') UNION ALL (SELECT src, dst FROM "
        "read_parquet('%%s/edges/*.parquet') WHERE kind = 'CDG' EXCEPT ALL SELECT src, dst FROM "
        "read_parquet('%%s/edges/*.parquet') WHERE kind = 'CONTAINS'))");
    fixture_expect(fixture, sql, "0");
}

/* Runs the rules of a fixpoint `reach`, which the relation given ends in, beside the recursive
 * query.
 */
static void check_reach(const struct fixture_rule *rules, size_t n, const char *rows)
{
    struct fixture fixture;
    struct fixture_rule all[16];
    for (size_t i = 0; i < n; i++)
        all[i] = rules[i];
    all[n++] = recursive;
    all[n++] = (struct fixture_rule){"emit_fixpoint", EDGES("CONTAINS", "reach")};
    all[n++] = (struct fixture_rule){"emit_plain", EDGES("CDG", "plain")};
    fixture_open(&fixture, 2, true, 300);
    fixture.no_audits = true;
    fixture_run(&fixture, all, n);
    expect_same(&fixture, rows);
    /* And once more in the same store: nothing of the first run is left. */
    fixture_run(&fixture, all, n);
    expect_same(&fixture, rows);
    fixture_close(&fixture);
}

#define HEAD "-- emits: reach\n-- fixpoint: reach\n"
/* The depths of 300 nodes with three children each (3 + 2*9 + 3*27 + 4*81 + 5*179), in two files.
 */
#define ROWS "2642"

static void test_one_rule(void **state)
{
    (void)state;
    const struct fixture_rule rules[] = {
        {"reach",
         HEAD PARENT " UNION SELECT r.src, s.parent_id FROM reach AS r JOIN syntax AS s ON "
                     "s.node_id = r.dst WHERE s.parent_id IS NOT NULL"}};
    check_reach(rules, 1, ROWS);
}

static void test_two_rules(void **state)
{
    (void)state;
    const struct fixture_rule rules[] = {
        {"reach_start", HEAD PARENT},
        /* Its columns come in another order, and the table is named by itself. */
        {"reach_step", HEAD "SELECT s.parent_id AS dst, reach.src FROM reach JOIN syntax AS s ON "
                            "s.node_id = reach.dst WHERE s.parent_id IS NOT NULL"}};
    check_reach(rules, 2, ROWS);
}

static void test_nonlinear(void **state)
{
    (void)state;
    const struct fixture_rule rules[] = {
        {"reach_start", HEAD PARENT},
        {"reach_step",
         HEAD "SELECT a.src, b.dst FROM reach AS a JOIN reach AS b ON b.src = a.dst"}};
    check_reach(rules, 2, ROWS);
}

static void test_through_with(void **state)
{
    (void)state;
    const struct fixture_rule rules[] = {
        {"reach", HEAD "WITH p AS (" PARENT "), known AS (SELECT src, dst FROM reach) "
                       "SELECT src, dst FROM p UNION ALL "
                       "SELECT a.src, b.dst FROM known AS a JOIN known AS b ON b.src = a.dst"}};
    check_reach(rules, 1, ROWS);
}

static void test_mutual(void **state)
{
    (void)state;
    /* Ways of odd and of even length; together they are all ways. */
    const struct fixture_rule rules[] = {
        {"odd_start", "-- emits: odd\n-- fixpoint: parity\n" PARENT},
        {"odd_step",
         "-- emits: odd\n-- fixpoint: parity\nSELECT e.src, s.parent_id AS dst FROM even AS e JOIN "
         "syntax AS s ON s.node_id = e.dst WHERE s.parent_id IS NOT NULL"},
        {"even_step",
         "-- emits: even\n-- fixpoint: parity\nSELECT o.src, s.parent_id AS dst FROM odd AS o JOIN "
         "syntax AS s ON s.node_id = o.dst WHERE s.parent_id IS NOT NULL"},
        {"reach", "-- emits: reach\nSELECT src, dst FROM odd UNION SELECT src, dst FROM even"}};
    check_reach(rules, 4, ROWS);
}

static void test_condition(void **state)
{
    (void)state;
    /* A row may recur in a subquery too, as long as more rows mean more. */
    const struct fixture_rule rules[] = {
        {"below_root",
         "-- emits: below_root\n-- fixpoint: below\nSELECT s.node_id FROM syntax AS s WHERE "
         "s.parent_id IS NULL OR s.parent_id IN (SELECT b.node_id FROM below_root AS b)"},
        {"emit",
         "-- emits: edges CONTAINS\n-- unique: yes\nSELECT b.node_id AS src, b.node_id AS dst, "
         "CAST(11 AS BIGINT) AS file_id FROM below_root AS b"}};
    struct fixture fixture;
    struct rg_error *err = &fixture.err;
    fixture_open(&fixture, 1, true, 40);
    fixture.no_audits = true;
    /* Nothing starts it: the one SELECT reads itself. */
    assert_int_equal(
        fixture_run_with(&fixture, rules, 2, (struct run_request){.tier = RG_TIER_FAST}),
        RG_ERR_RULE);
    assert_string_equal(err->message, "nothing starts `below_root`: every part of its rules reads "
                                      "the fixpoint below");
    const struct fixture_rule good[] = {
        {"root",
         "-- emits: below_root\n-- fixpoint: below\nSELECT s.node_id FROM syntax AS s WHERE "
         "s.parent_id IS NULL"},
        rules[0],
        rules[1]};
    fixture_run(&fixture, good, 3);
    fixture_expect(&fixture, "SELECT count(*) FROM read_parquet('%s/edges/*.parquet')", "80");
    fixture_close(&fixture);
}

static void test_nulls(void **state)
{
    (void)state;
    /* Rows with NULL are equal rows: the fixpoint ends. */
    const struct fixture_rule rules[] = {
        {"walk",
         "-- emits: walk\n-- fixpoint: walk\nSELECT s.node_id AS src, s.parent_id AS dst FROM "
         "syntax AS s UNION SELECT w.dst, NULL FROM walk AS w"},
        {"emit",
         "-- emits: edges CONTAINS\n-- unique: yes\nSELECT DISTINCT coalesce(w.src, -1) AS src, "
         "coalesce(w.dst, -2) AS dst, CAST(11 AS BIGINT) AS file_id FROM walk AS w"}};
    struct fixture fixture;
    fixture_open(&fixture, 1, true, 4);
    fixture.no_audits = true;
    fixture_run(&fixture, rules, 2);
    /* (0,NULL) (1,0) (2,0) (3,0) and so on in both files; then (NULL,NULL), (0,NULL). */
    fixture_expect(&fixture,
                   "SELECT count(*), count(*) FILTER (WHERE src = -1) FROM "
                   "read_parquet('%s/edges/*.parquet')",
                   "9,1");
    fixture_close(&fixture);
}

static void test_bound(void **state)
{
    (void)state;
    const struct fixture_rule rules[] = {
        {"start",
         "-- emits: number\n-- fixpoint: counting\nSELECT CAST(0 AS BIGINT) AS src, CAST(0 "
         "AS BIGINT) AS dst"},
        {"successor",
         "-- emits: number\n-- fixpoint: counting\nSELECT CAST(n.src + 1 AS BIGINT) AS "
         "src, n.dst FROM number AS n"},
        {"still", "-- emits: number\n-- fixpoint: counting\nSELECT n.src, n.dst FROM number AS n"},
        {"emit", EDGES("CONTAINS", "number")}};
    struct fixture fixture;
    fixture_open(&fixture, 1, true, 4);
    fixture.no_audits = true;
    struct run_request request = {.tier = RG_TIER_FAST, .fixpoint_rounds_max = 12};
    assert_int_equal(fixture_run_with(&fixture, rules, 4, request), RG_ERR_LIMIT);
    assert_string_equal(fixture.err.message,
                        "the fixpoint counting still grows after 13 rounds: successor (1 new row)");
    assert_string_equal(fixture.err.rule, "successor");
    assert_string_equal(fixture.err.hint,
                        "a rule that makes values which were not there, as x + 1 does, never ends: "
                        "bound them in its WHERE");
    assert_true(LIMIT_FIXPOINT_ROUNDS > 1000);
    fixture_close(&fixture);
}

static void test_unread(void **state)
{
    (void)state;
    /* Nobody behind it reads the fixpoint: it is not run, so that it need not end. */
    const struct fixture_rule rules[] = {
        {"start", "-- emits: number\n-- fixpoint: counting\nSELECT CAST(0 AS BIGINT) AS src UNION "
                  "SELECT CAST(n.src + 1 AS BIGINT) FROM number AS n"},
        {"emit", "-- emits: nodes FILE\nSELECT f.file_id AS node_id, f.file_id FROM file AS f"}};
    struct fixture fixture;
    fixture_open(&fixture, 1, true, 4);
    fixture.no_audits = true;
    fixture_run(&fixture, rules, 2);
    fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_rule),  cmocka_unit_test(test_two_rules),
        cmocka_unit_test(test_nonlinear), cmocka_unit_test(test_through_with),
        cmocka_unit_test(test_mutual),    cmocka_unit_test(test_condition),
        cmocka_unit_test(test_nulls),     cmocka_unit_test(test_bound),
        cmocka_unit_test(test_unread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
