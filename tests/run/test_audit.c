/* Audits: each made to fail by a rule that breaks what it watches. */
#include "fixture.h"

#include "run/place_table.h"

#define FILES                                                                                      \
    {                                                                                              \
        "node_file", "-- emits: nodes FILE\n-- unique: yes\nSELECT node_id, file_id, start_byte, " \
                     "end_byte FROM syntax WHERE node = 0"                                         \
    }
#define CALLS                                                                                      \
    {                                                                                              \
        "node_call", "-- emits: nodes CALL\n-- unique: yes\nSELECT node_id, file_id, parent_id, "  \
                     "start_byte, end_byte FROM syntax WHERE node > 0"                             \
    }
#define TREE                                                                                       \
    {                                                                                              \
        "edge_ast",                                                                                \
            "-- emits: edges AST\n-- unique: yes\nSELECT parent_id AS src, node_id AS dst, "       \
            "file_id, start_byte, end_byte FROM syntax WHERE node > 0"                             \
    }

/* Runs and expects a failed audit whose name and message are as given. */
static void expect_failure_from(const struct fixture_rule *rules, size_t n, const char *audit,
                                const char *message, uint64_t check_nodes_max, unsigned check_parts)
{
    struct fixture f;
    fixture_open(&f, 2, false, 4);
    enum rg_status status = fixture_run_with(
        &f, rules, n,
        (struct run_request){
            .tier = RG_TIER_FAST, .check_nodes_max = check_nodes_max, .check_parts = check_parts});
    if (status != RG_ERR_AUDIT || strcmp(f.err.rule, audit) != 0 || !strstr(f.err.message, message))
        print_message("%s, not %s: %s\n", f.err.rule, audit, f.err.message);
    assert_int_equal(status, RG_ERR_AUDIT);
    assert_string_equal(f.err.rule, audit);
    assert_non_null(strstr(f.err.message, message));
    fixture_close(&f);
}

/* With the proofs of the check of the graph, and without them. */
static void expect_failure(const struct fixture_rule *rules, size_t n, const char *audit,
                           const char *message)
{
    expect_failure_from(rules, n, audit, message, 0, 0);
    expect_failure_from(rules, n, audit, message, 1, 0);
}

static void test_node_id(void **state)
{
    (void)state;
    struct fixture_rule rules[] = {
        FILES,
        CALLS,
        TREE,
        {"again", "-- emits: nodes LOCAL\n-- unique: yes\nSELECT 1 AS node_id, NULL AS file_id"},
    };
    expect_failure(rules, 4, "audit_node_id", "(1 rows):\n  node_id=1, times=2");
}

/* A shard that is checked in parts proves nothing that is not so. */
static void test_in_parts(void **state)
{
    (void)state;
    struct fixture_rule rules[] = {
        FILES,
        CALLS,
        TREE,
        {"again", "-- emits: nodes LOCAL\n-- unique: yes\nSELECT 1 AS node_id, NULL AS file_id"},
    };
    expect_failure_from(rules, 4, "audit_node_id", "(1 rows):\n  node_id=1, times=2", 0, 2);
    rules[3].text = "-- emits: edges CONTAINS\n-- unique: yes\nSELECT 0 AS src, 1 AS dst, 11 AS "
                    "file_id FROM range(2)";
    expect_failure_from(rules, 4, "again", "share a key (1 rows)", 0, 2);
}

static void test_edge_end(void **state)
{
    (void)state;
    struct fixture_rule rules[] = {
        FILES,
        CALLS,
        TREE,
        {"lost", "-- emits: edges REF\n-- unique: yes\nSELECT node_id AS src, 12345 AS dst, "
                 "file_id FROM syntax"},
    };
    expect_failure(rules, 4, "audit_edge_end", "(8 rows):");
    rules[3].text = "-- emits: edges REF\n-- unique: yes\nSELECT -node_id - 1 AS src, 1 AS dst, "
                    "file_id FROM syntax";
    expect_failure(rules, 4, "audit_edge_end", "dst=1, path=");
}

static void test_spans(void **state)
{
    (void)state;
    struct fixture_rule rules[] = {
        FILES,
        CALLS,
        TREE,
        {"wide", "-- emits: nodes LOCAL\n-- unique: yes\nSELECT 77 AS node_id, 1 AS parent_id, 11 "
                 "AS file_id, 5 AS "
                 "start_byte, 100001 AS end_byte"},
    };
    expect_failure(rules, 4, "audit_node_span", "end_byte=100001, size_bytes=100000");
    rules[3].text = "-- emits: nodes LOCAL\n-- unique: yes\nSELECT 77 AS node_id, 11 AS file_id, 6 "
                    "AS start_byte, "
                    "5 AS end_byte";
    expect_failure(rules, 4, "audit_node_span", "start_byte=6");
    rules[3].text = "-- emits: nodes LOCAL\n-- unique: yes\nSELECT 77 AS node_id, 12 AS file_id";
    expect_failure(rules, 4, "audit_node_span", "node_id=77");
    rules[3].text = "-- emits: edges CDG\n-- unique: yes\nSELECT 1 AS src, 2 AS dst, 11 AS "
                    "file_id, 6 AS start_byte, "
                    "5 AS end_byte";
    expect_failure(rules, 4, "audit_edge_span", "ends_before_start=true");
    rules[3].text = "-- emits: edges CDG\n-- unique: yes\nSELECT 1 AS src, 2 AS dst, 11 AS "
                    "file_id, 6 AS start_byte, "
                    "100001 AS end_byte";
    expect_failure(rules, 4, "audit_edge_span", "end_byte=100001");
}

static void test_tree(void **state)
{
    (void)state;
    struct fixture_rule rules[] = {
        FILES,
        CALLS,
        {"edge_ast", "-- emits: edges AST\n-- unique: yes\nSELECT parent_id AS src, node_id AS "
                     "dst, file_id FROM "
                     "syntax WHERE node > 1"},
        {"other", "-- emits: edges CDG\n-- unique: yes\nSELECT 1 AS src, 2 AS dst, 11 AS file_id"},
    };
    expect_failure(rules, 4, "audit_tree_edge", "(2 rows):\n  node_id=1, kind=CALL");
    rules[2].text = "-- emits: edges AST\n-- unique: yes\nSELECT parent_id AS src, node_id AS dst, "
                    "file_id FROM syntax "
                    "WHERE node > 0 UNION ALL SELECT 2, 3, 11";
    expect_failure(rules, 4, "audit_tree_edge", "kind=several parents");
    rules[2] = (struct fixture_rule)TREE;
    rules[1].text =
        "-- emits: nodes CALL\n-- unique: yes\nSELECT node_id, file_id, parent_id, start_byte, "
        "end_byte + node AS end_byte FROM syntax WHERE node > 0";
    expect_failure(rules, 4, "audit_tree_span", "end_byte=101, parent_kind=FILE");
}

/* Nodes of one span may hang from each other, but not in a circle. */
static void test_circle(void **state)
{
    (void)state;
    struct fixture_rule rules[] = {
        FILES,
        {"node_call", "-- emits: nodes CALL\n-- unique: yes\nSELECT node_id, file_id, CASE node "
                      "WHEN 1 THEN node_id + 1 "
                      "WHEN 2 THEN node_id - 1 ELSE parent_id END AS parent_id, start_byte, "
                      "end_byte FROM syntax "
                      "WHERE node > 0"},
        {"edge_ast", "-- emits: edges AST\n-- unique: yes\nSELECT parent_id AS src, node_id AS "
                     "dst, file_id FROM "
                     "nodes_call"},
    };
    expect_failure(rules, 3, "audit_tree_cycle", "(4 rows):");
}

static void test_claims(void **state)
{
    (void)state;
    struct fixture_rule rules[] = {
        FILES,
        CALLS,
        TREE,
        {"sure", "-- emits: edges CDG\n-- unique: yes\nSELECT 1 AS src, 2 AS dst, 11 AS file_id "
                 "FROM range(2)"},
    };
    expect_failure(rules, 4, "sure",
                   "rows of edges CDG share a key (1 rows):\n  src=1, dst=2, label=NULL, times=2");
    /* A kind that chooses one target must not have two a source. */
    rules[3].text = "-- emits: edges REF\n-- unique: yes\nSELECT 1 AS src, n AS dst, 11 AS file_id "
                    "FROM range(2) t(n)";
    expect_failure(rules, 4, "sure", "src=1, times=2");
    rules[3].text = "-- emits: props\n-- unique: yes\nSELECT 1 AS node_id, 'k' AS key, 11 AS "
                    "file_id FROM range(2)";
    expect_failure(rules, 4, "sure", "node_id=1, key=k, times=2");
    /* Different labels are different edges; different targets of the same source too. */
    struct fixture f;
    rules[3].text = "-- emits: edges CDG\n-- unique: yes\nSELECT 1 AS src, 2 AS dst, 11 AS "
                    "file_id, CAST(n AS VARCHAR) "
                    "AS label FROM range(3) t(n)";
    fixture_open(&f, 2, false, 4);
    fixture_run(&f, rules, 4);
    fixture_close(&f);
}

/* With many rows the claims are proven another way: by targets, or by sources, that come once. */
static void test_claims_of_many(void **state)
{
    (void)state;
    struct fixture_rule rules[] = {
        FILES,
        CALLS,
        TREE,
        {"sure", "-- emits: edges CONTAINS\n-- unique: yes\nSELECT 1 AS src, node_id AS dst, "
                 "file_id FROM syntax"},
    };
    static const struct {
        const char *text, *message; /* NULL: holds */
    } cases[] = {
        {"-- emits: edges CONTAINS\n-- unique: yes\nSELECT 1 AS src, node_id AS dst, file_id FROM "
         "syntax",
         NULL},
        {"-- emits: edges CONTAINS\n-- unique: yes\nSELECT node_id AS src, 1 AS dst, file_id FROM "
         "syntax",
         NULL},
        {"-- emits: edges CONTAINS\n-- unique: yes\nSELECT node_id // 2 * 2 % 60000 AS src, "
         "node_id % 60000 AS dst, "
         "11 AS file_id FROM syntax WHERE file_id = 11",
         NULL},
        {"-- emits: edges CONTAINS\n-- unique: yes\nSELECT node_id % 59999 AS src, node_id % 59999 "
         "AS dst, 11 AS "
         "file_id FROM syntax WHERE file_id = 11",
         "share a key (1 rows):\n  src=0, dst=0, label=NULL, times=2"},
        {"-- emits: edges REF\n-- unique: yes\nSELECT node_id % 59999 AS src, node_id AS dst, 11 "
         "AS file_id FROM "
         "syntax WHERE file_id = 11",
         "share a key (1 rows):\n  src=0, times=2"},
        /* Few targets come twice, from different sources; one pair of them from the same. */
        {"-- emits: edges CONTAINS\n-- unique: yes\nSELECT n % 3 AS src, n % 59990 AS dst, 11 AS "
         "file_id FROM range(60000) "
         "t(n)",
         NULL},
        {"-- emits: edges CONTAINS\n-- unique: yes\nSELECT n % 2 AS src, n % 59990 AS dst, 11 AS "
         "file_id FROM range(60000) "
         "t(n)",
         "share a key (10 rows):"},
        /* Many of both come twice, in no pair twice. */
        {"-- emits: edges CONTAINS\n-- unique: yes\nSELECT n % 300 AS src, n // 300 AS dst, 11 AS "
         "file_id FROM "
         "range(60000) t(n)",
         NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fixture f;
        rules[3].text = cases[i].text;
        fixture_open(&f, 2, false, 60000);
        if (i % 2) { /* too little memory: in parts, and the ids are left to the engine */
            f.session->settings.check_bytes = 1 << 20;
            f.session->settings.ids_held_max = 1000;
        }
        if (cases[i].message) {
            assert_int_equal(
                fixture_run_with(&f, rules, 4, (struct run_request){.tier = RG_TIER_FAST}),
                RG_ERR_AUDIT);
            assert_non_null(strstr(f.err.message, cases[i].message));
        } else {
            fixture_run(&f, rules, 4);
        }
        fixture_close(&f);
    }
}

/* The table of nodes against what it is told, clustered ids and 0 among them; then once more with
 * the memory it has, for fewer, and with new memory, for more. */
static void test_place_table(void **state)
{
    (void)state;
    struct place_table table = {.capacity = 0};
    for (int round = 0; round < 3; round++) {
        static const int64_t counts[] = {10000, 500, 40000};
        int64_t n = counts[round];
        assert_true(place_table_clear(&table, (size_t)n * 2));
        assert_true(place_table_bytes((size_t)n * 2) <=
                    table.room * sizeof(struct place) + table.capacity * sizeof(uint32_t));
        for (int64_t id = 0; id < n; id++)
            assert_non_null(place_add(&table, id));
        for (int64_t i = 0; i < n; i++)
            assert_non_null(place_add(&table, INT64_MIN + i * 65536));
        for (int64_t id = 0; id < n; id++) {
            assert_int_equal(place_find(&table, id), id);
            assert_int_equal(place_find(&table, INT64_MIN + id * 65536), n + id);
            assert_null(place_add(&table, id));
        }
        assert_int_equal(table.count, 2 * n);
        assert_int_equal(place_find(&table, n), PLACE_NONE);
        assert_int_equal(place_find(&table, INT64_MAX), PLACE_NONE);
    }
    place_table_fini(&table);
}

/* A rule of a user may bring an audit. */
static void test_own_audit(void **state)
{
    (void)state;
    struct fixture_rule rules[] = {
        FILES,
        CALLS,
        TREE,
        {"audit_mine",
         "-- audit: no node may be called x\n-- proof: (SELECT count(*) = 8 FROM nodes)\n"
         "SELECT node_id FROM nodes WHERE node_id = 3"},
    };
    struct fixture f;
    fixture_open(&f, 2, false, 4);
    fixture_run(&f, rules, 4); /* the proof holds */
    fixture_close(&f);
    rules[3].text = "-- audit: no node may be three\nSELECT node_id FROM nodes WHERE node_id = 3";
    expect_failure(rules, 4, "audit_mine", "no node may be three (1 rows):\n  node_id=3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_node_id),     cmocka_unit_test(test_edge_end),
        cmocka_unit_test(test_spans),       cmocka_unit_test(test_tree),
        cmocka_unit_test(test_circle),      cmocka_unit_test(test_claims),
        cmocka_unit_test(test_own_audit),   cmocka_unit_test(test_claims_of_many),
        cmocka_unit_test(test_place_table), cmocka_unit_test(test_in_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
