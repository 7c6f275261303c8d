/* Findings that rest on different sources are compared: what both found stays, and where they have
 * nothing in common, all of it does. */
#include "fixture.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* Nodes 0 to 7, for edges to end in. */
#define NODES                                                                                      \
    {                                                                                              \
        "node_call", "-- emits: nodes CALL\nSELECT s.node_id, s.file_id, s.token AS name "         \
                     "FROM syntax AS s"                                                            \
    }

/* One target is chosen: of our candidates the one that the index knows too; else everybody's best.
 */
static void test_one_target(void **state)
{
    (void)state;
    struct fixture f;
    struct fixture_rule rules[] = {
        NODES,
        {"own", "-- emits: edges CALL\n-- resolution: bound\nSELECT * FROM (VALUES (1, 2, 11), "
                "(3, 2, 11), (5, 6, 11)) t(src, dst, file_id)"},
        {"own_guess", "-- emits: edges CALL\n-- resolution: candidate\nSELECT * FROM (VALUES "
                      "(2, 1, 11), (2, 3, 11), (3, 4, 11)) t(src, dst, file_id)"},
        {"seen", "-- emits: edges CALL\n-- resolution: exact\n-- witness: yes\n-- layer: scip\n"
                 "SELECT * FROM (VALUES (1, 2, 11), (2, 3, 11), (3, 1, 11), (6, 5, 11), "
                 "(7, 1, 11), (7, 2, 11)) t(src, dst, file_id)"},
        {"reader", "-- emits: props\nSELECT e.src AS node_id, CAST(e.dst AS VARCHAR) AS key, "
                   "e.confidence AS value_float, e.file_id FROM edges_call AS e"},
    };
    fixture_open(&f, 2, false, 4);
    f.no_audits = true;
    fixture_run(&f, rules, COUNT(rules));
    fixture_expect(&f,
                   "SELECT src, dst, rule, confidence, ambiguity_group IS NOT NULL FROM "
                   "'%s/edges/*.parquet' ORDER BY src, dst",
                   "1,2,seen,1.0,false|2,3,seen,1.0,false|3,1,seen,0.5,true|3,2,own,0.5,true|"
                   "5,6,own,1.0,false|6,5,seen,1.0,false|7,1,seen,0.5,true|7,2,seen,0.5,true");
    fixture_expect(&f,
                   "SELECT max(ambiguity_group) = stable_hash64('CALL', 3) FROM "
                   "'%s/edges/*.parquet' WHERE src = 3",
                   "true");
    fixture_expect(&f, "SELECT count(*) FROM '%s/edge_evidence/*.parquet'", "12");
    fixture_expect(&f, "SELECT count(*), sum(value_float) FROM '%s/props/*.parquet'", "8,6.0");
    fixture_close(&f);
}

/* Kinds that have several true targets are compared place by place. */
static void test_several_targets(void **state)
{
    (void)state;
    struct fixture f;
    struct fixture_rule rules[] = {
        NODES,
        {"own", "-- emits: edges REFERENCES_SYMBOL\n-- resolution: imported\nSELECT * FROM (VALUES "
                "(1, 2, 0, 1), (1, 4, 0, 1), (1, 3, 5, 6), (2, 3, 7, 8), (2, 4, 7, 8)) "
                "t(src, dst, start_byte, end_byte), (SELECT 11 AS file_id)"},
        {"seen", "-- emits: edges REFERENCES_SYMBOL\n-- resolution: exact\n-- witness: yes\n"
                 "SELECT * FROM (VALUES (1, 2, 0, 1), (1, 7, 0, 1), (1, 6, 5, 6)) "
                 "t(src, dst, start_byte, end_byte), (SELECT 11 AS file_id)"},
    };
    fixture_open(&f, 2, false, 4);
    f.no_audits = true;
    fixture_run(&f, rules, COUNT(rules));
    fixture_expect(&f,
                   "SELECT src, dst, rule, confidence, ambiguity_group IS NOT NULL FROM "
                   "'%s/edges/*.parquet' ORDER BY src, dst",
                   "1,2,seen,1.0,false|1,3,own,0.5,true|1,6,seen,0.5,true|1,7,seen,1.0,false|"
                   "2,3,own,0.95,false|2,4,own,0.95,false");
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_target),
        cmocka_unit_test(test_several_targets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
