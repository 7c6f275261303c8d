/* Rules over facts made by hand, through the gate into files: who wins, what is rejected, shards,
 * tiers. */
#include "fixture.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* Nodes 0..n-1 of each file, the first one a FILE. */
#define NODE_RULES                                                                                 \
    {"node_file", "-- emits: nodes FILE\n-- unique: yes\nSELECT node_id, file_id, start_byte, "    \
                  "end_byte FROM syntax WHERE node = 0"},                                          \
        {"node_call",                                                                              \
         "-- emits: nodes CALL\n-- unique: yes\n-- layer: syntax\nSELECT node_id, "                \
         "file_id, parent_id, start_byte, end_byte, token AS name FROM syntax WHERE node > 0"},    \
    {                                                                                              \
        "edge_ast",                                                                                \
            "-- emits: edges AST\n-- unique: yes\n-- layer: syntax\nSELECT parent_id AS src, "     \
            "node_id AS dst, file_id, start_byte, end_byte FROM syntax WHERE node > 0"             \
    }

static void test_plain_flow(void **state)
{
    (void)state;
    struct fixture f;
    struct fixture_rule rules[] = {NODE_RULES};
    fixture_open(&f, 2, false, 4);
    fixture_run(&f, rules, COUNT(rules));
    fixture_expect(&f,
                   "SELECT kind, count(*), count(path), min(language) FROM '%s/nodes/*.parquet' "
                   "GROUP BY kind ORDER BY kind",
                   "CALL,6,6,python|FILE,2,2,python");
    fixture_expect(
        &f,
        "SELECT kind, src, dst, path, start_byte, label, origin, resolution, confidence, "
        "ambiguity_group, rule FROM '%s/edges/*.parquet' ORDER BY dst LIMIT 1",
        "AST,0,1,a.py,0,NULL,syntax,NULL,1.0,NULL,edge_ast");
    fixture_expect(&f, "SELECT count(*) FROM '%s/props/*.parquet'", "0");
    fixture_expect(&f, "SELECT count(*) FROM '%s/edges_errors/*.parquet'", "0");
    fixture_expect(
        &f,
        "SELECT DISTINCT decode(value) FROM parquet_kv_metadata('%s/edges/*.parquet') WHERE "
        "decode(key) = 'relgraph.dataset'",
        "edges");
    /* The result says what was written. */
    uint64_t calls = 0;
    for (size_t i = 0; i < f.result.n_counts; i++)
        if (str_is(f.result.counts[i].dataset, "nodes") && str_is(f.result.counts[i].kind, "CALL"))
            calls = f.result.counts[i].rows;
    assert_int_equal(calls, 6);
    for (size_t i = 0; i < f.result.n_shards; i++) {
        const struct run_shard *shard = &f.result.shards[i];
        char path[256], sha[65];
        snprintf(path, sizeof path, "%s/" STR_FMT, f.folder, STR_ARG(shard->path));
        assert_int_equal(file_sha256(path, sha, NULL), RG_OK);
        assert_string_equal(sha, shard->sha256);
        assert_int_equal(shard->bytes, file_size(path));
        if (str_is(shard->dataset, "edges"))
            assert_int_equal(shard->rows, 6);
    }
    for (size_t i = 0; i < f.result.n_rules; i++)
        if (str_is(f.result.rules[i].rule->name, "edge_ast"))
            assert_int_equal(f.result.rules[i].rows, 6);
    /* Nothing of the run stays in the store. */
    fixture_expect(&f,
                   "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'work' OR "
                   "table_type = 'VIEW'",
                   "0");
    fixture_close(&f);
}

/* A rule that reads other rules' relations, through an intermediate with one reader and one with
 * two. */
static void test_relations(void **state)
{
    (void)state;
    struct fixture f;
    struct fixture_rule rules[] = {
        NODE_RULES,
        {"once", "-- emits: once\nSELECT node_id, file_id FROM nodes_call -- the end"},
        {"twice", "-- emits: twice\nSELECT node_id, file_id FROM once WHERE node_id % 2 = 1"},
        {"edge_ref", "-- emits: edges REF\n-- unique: yes\nSELECT a.node_id AS src, a.node_id AS "
                     "dst, a.file_id "
                     "FROM twice AS a JOIN twice AS b USING (node_id)"},
        {"edge_capture",
         "-- emits: edges CAPTURE\nSELECT src, dst, twice.file_id FROM edges_ref "
         "JOIN twice ON node_id = src WHERE resolution IS NULL AND rule = 'edge_ref'"},
        {"unread", "-- emits: unread\nSELECT 1 // 0 AS x FROM syntax"},
    };
    fixture_open(&f, 2, false, 4);
    fixture_run(&f, rules, COUNT(rules));
    fixture_expect(
        &f, "SELECT kind, src FROM '%s/edges/*.parquet' WHERE kind <> 'AST' ORDER BY ALL",
        "CAPTURE,1|CAPTURE,3|CAPTURE,1000001|CAPTURE,1000003|REF,1|REF,3|REF,1000001|REF,1000003");
    fixture_close(&f);
}

/* CALL chooses one target a source: the best rank wins, several left are an ambiguity. */
static void test_who_wins(void **state)
{
    (void)state;
    struct fixture f;
    struct fixture_rule rules[] = {
        NODE_RULES,
        {"call_bound", "-- emits: edges CALL\n-- resolution: bound\nSELECT * FROM (VALUES (1, 2, "
                       "11), (3, 2, 11)) "
                       "t(src, dst, file_id)"},
        {"call_guess", "-- emits: edges CALL\n-- resolution: candidate\nSELECT * FROM (VALUES (1, "
                       "3, 11), (2, 1, 11), "
                       "(2, 3, 11), (2, 3, 11), (3, 2, 11)) t(src, dst, file_id)"},
        {"call_own",
         "-- emits: edges CALL\nSELECT 3 AS src, 1 AS dst, 11 AS file_id, 'exact' AS resolution, "
         "0.9::DOUBLE AS confidence"},
    };
    fixture_open(&f, 2, false, 4);
    fixture_run(&f, rules, COUNT(rules));
    for (size_t i = 0; i < f.result.n_rules; i++)
        if (str_is(f.result.rules[i].rule->name, "call_guess"))
            assert_int_equal(f.result.rules[i].rows, 5);
    fixture_expect(&f,
                   "SELECT src, dst, resolution, confidence, ambiguity_group IS NOT NULL, rule "
                   "FROM '%s/edges/*.parquet' WHERE kind = 'CALL' ORDER BY src, dst",
                   "1,2,bound,1.0,false,call_bound|2,1,candidate,0.5,true,call_guess|"
                   "2,3,candidate,0.5,true,call_guess|3,1,exact,0.9,false,call_own");
    fixture_expect(
        &f,
        "SELECT count(DISTINCT ambiguity_group), max(ambiguity_group = stable_hash64('CALL', 2)) "
        "FROM '%s/edges/*.parquet'",
        "1,true");
    fixture_expect(&f, "SELECT src, dst, rule FROM '%s/edge_evidence/*.parquet' ORDER BY ALL",
                   "1,2,call_bound|1,3,call_guess|2,1,call_guess|2,3,call_guess|2,3,call_guess|"
                   "3,1,call_own|3,2,call_bound|3,2,call_guess");
    fixture_close(&f);
}

/* The same edge from several rules is one, the best; of kinds with several true targets all stay.
 */
static void test_dedupe(void **state)
{
    (void)state;
    struct fixture f;
    struct fixture_rule rules[] = {
        NODE_RULES,
        {"base_far", "-- emits: edges INHERITS_FROM\n-- resolution: imported\nSELECT * FROM "
                     "(VALUES (1, 2, 11), "
                     "(1, 3, 11)) t(src, dst, file_id)"},
        {"base_near", "-- emits: edges INHERITS_FROM\n-- resolution: bound\n-- confidence: 0.7\n"
                      "SELECT 1 AS src, 2 AS dst, 11 AS file_id"},
        {"twice", "-- emits: edges IMPORTS\nSELECT 1 AS src, 2 AS dst, 11 AS file_id, n AS "
                  "start_byte, n AS end_byte "
                  "FROM range(3) t(n)"},
        {"prop_a",
         "-- emits: props\nSELECT 1 AS node_id, 'k' AS key, 'a' AS value_str, 11 AS file_id"},
        {"prop_b", "-- emits: props\nSELECT 1 AS node_id, 'k' AS key, 'b' AS value_str, 11 AS "
                   "file_id UNION ALL "
                   "SELECT 1, 'm', NULL, 11"},
    };
    fixture_open(&f, 2, false, 4);
    fixture_run(&f, rules, COUNT(rules));
    fixture_expect(
        &f,
        "SELECT kind, dst, resolution, confidence, rule, start_byte FROM '%s/edges/*.parquet' "
        "WHERE kind <> 'AST' ORDER BY ALL",
        "IMPORTS,2,NULL,1.0,twice,0|INHERITS_FROM,2,bound,0.7,base_near,NULL|"
        "INHERITS_FROM,3,imported,0.95,base_far,NULL");
    fixture_expect(&f, "SELECT key, value_str FROM '%s/props/*.parquet' ORDER BY key",
                   "k,a|m,NULL");
    fixture_close(&f);
}

/* What breaks the contract is kept apart, wherever the rule would have gone; strict fails. */
static void test_rejected(void **state)
{
    (void)state;
    struct fixture f;
    struct fixture_rule streamed[] = {
        NODE_RULES,
        {"bad", "-- emits: edges RECEIVER\n-- unique: yes\nSELECT CASE WHEN node <> 2 THEN node_id "
                "END AS src, "
                "node_id AS dst, file_id FROM syntax"},
        {"wide",
         "-- emits: edges CDG\n-- unique: yes\nSELECT node_id AS src, node_id AS dst, file_id, "
         "CASE WHEN node = 1 THEN 5000000000 ELSE 7::BIGINT END AS start_byte FROM syntax"},
        {"kinds", "-- emits: nodes LOCAL, MEMBER\n-- unique: yes\nSELECT CASE node WHEN 0 THEN "
                  "'LOCAL' ELSE upper('file') END "
                  "AS kind, 100 + node_id AS node_id, NULL AS file_id FROM syntax WHERE node < 2 "
                  "AND file_id = 11"},
    };
    fixture_open(&f, 2, false, 4);
    fixture_run(&f, streamed, COUNT(streamed));
    fixture_expect(
        &f,
        "SELECT rule, code, count(*) FROM '%s/edges_errors/*.parquet' GROUP BY ALL ORDER BY ALL",
        "bad,null: src,2|wide,type: start_byte,2");
    fixture_expect(&f, "SELECT rule, code FROM '%s/nodes_errors/*.parquet'", "kinds,unknown: kind");
    fixture_expect(&f,
                   "SELECT kind, count(*) FROM '%s/edges/*.parquet' WHERE kind <> 'AST' GROUP BY "
                   "ALL ORDER BY ALL",
                   "CDG,6|RECEIVER,6");
    fixture_expect(&f, "SELECT max(\"row\" LIKE '%dst%') FROM '%s/edges_errors/*.parquet'", "true");
    assert_int_equal(f.result.rows_rejected, 5);
    enum rg_status status =
        fixture_run_with(&f, streamed, COUNT(streamed), (struct run_request){.strict = true});
    assert_int_equal(status, RG_ERR_CONTRACT);
    assert_non_null(strstr(f.err.message, "break the contract"));

    struct fixture_rule kept[] = {
        NODE_RULES,
        {"bad",
         "-- emits: edges CALL\nSELECT node_id AS src, node_id AS dst, file_id, lower('SURE') AS "
         "resolution "
         "FROM syntax WHERE node = 3"},
    };
    fixture_run(&f, kept, COUNT(kept));
    fixture_expect(&f, "SELECT rule, code, count(*) FROM '%s/edges_errors/*.parquet' GROUP BY ALL",
                   "bad,unknown: resolution,2");
    fixture_close(&f);
}

static void test_rule_that_fails(void **state)
{
    (void)state;
    struct fixture f;
    struct fixture_rule rules[] = {
        NODE_RULES,
        {"breaks",
         "-- emits: edges CDG\n-- unique: yes\nSELECT node_id AS src, node_id AS dst, file_id, "
         "error('no luck') AS label FROM syntax"},
    };
    fixture_open(&f, 2, false, 4);
    assert_int_not_equal(
        fixture_run_with(&f, rules, COUNT(rules), (struct run_request){.tier = RG_TIER_FAST}),
        RG_OK);
    assert_string_equal(f.err.rule, "breaks");
    assert_non_null(strstr(f.err.message, "no luck"));
    struct fixture_rule misspelt[] = {
        {"typo",
         "-- emits: edges CDG\n\nSELECT node_id AS src, node_idd AS dst,\n file_id FROM syntax"},
    };
    assert_int_equal(fixture_run_with(&f, misspelt, 1, (struct run_request){0}), RG_ERR_RULE);
    assert_string_equal(f.err.rule, "typo");
    assert_int_equal(f.err.line, 3);
    assert_int_equal(f.err.column, 24);
    fixture_close(&f);
}

/* Rows go to the shard of their file's top bits, without a file to the first. */
static void test_shards(void **state)
{
    (void)state;
    struct fixture f;
    struct fixture_rule rules[] = {
        NODE_RULES,
        {"outside", "-- emits: nodes TYPE\n-- unique: yes\nSELECT 77 AS node_id, NULL AS file_id"},
        {"grouped", "-- emits: edges CDG\n-- unique: yes\nSELECT node_id AS src, node_id AS dst, "
                    "max(file_id) AS file_id "
                    "FROM syntax GROUP BY node_id"},
    };
    fixture_open(&f, 2, false, 4);
    assert_int_equal(fixture_run_with(&f, rules, COUNT(rules),
                                      (struct run_request){.tier = RG_TIER_FAST, .shard_bits = 2}),
                     RG_OK);
    fixture_expect(
        &f,
        "SELECT parse_filename(filename), path, count(*) FROM read_parquet('%s/nodes/*.parquet', "
        "filename = true) GROUP BY ALL ORDER BY ALL",
        "part-0.parquet,a.py,4|part-0.parquet,NULL,1|part-3.parquet,b.py,4");
    fixture_expect(
        &f,
        "SELECT parse_filename(filename), kind, count(*) FROM read_parquet('%s/edges/*.parquet', "
        "filename = true) GROUP BY ALL ORDER BY ALL",
        "part-0.parquet,AST,3|part-0.parquet,CDG,4|part-3.parquet,AST,3|part-3.parquet,CDG,4");
    fixture_expect(
        &f, "SELECT count(DISTINCT file_name) FROM parquet_file_metadata('%s/edges/*.parquet')",
        "4");
    fixture_close(&f);
}

/* One kind of a rule of several is read; an intermediate has two rules; a view is fused where
 * shards are many. */
static void test_kinds_read_apart(void **state)
{
    (void)state;
    struct fixture f;
    struct fixture_rule rules[] = {
        NODE_RULES,
        {"several",
         "-- emits: nodes LOCAL, MEMBER\n-- unique: yes\nSELECT CASE node WHEN 1 THEN 'LOCAL' ELSE "
         "'MEMBER' "
         "END AS kind, 100 + node_id AS node_id, NULL AS file_id FROM syntax WHERE node < 3"},
        {"left_part", "-- emits: part\nSELECT node_id, file_id FROM nodes_local"},
        {"right_part",
         "-- emits: part\nSELECT file_id, node_id FROM nodes_member WHERE kind = 'MEMBER'"},
        {"fused", "-- emits: fused\nSELECT node_id, 11 AS file_id FROM part"},
        {"edge_cdg", "-- emits: edges CDG\n-- unique: yes\nSELECT node_id AS src, node_id AS dst, "
                     "file_id FROM fused"},
    };
    for (unsigned bits = 0; bits < 3; bits++) {
        fixture_open(&f, 2, false, 4);
        assert_int_equal(
            fixture_run_with(&f, rules, COUNT(rules), (struct run_request){.shard_bits = bits}),
            RG_OK);
        fixture_expect(
            &f,
            "SELECT kind, count(*) FROM '%s/nodes/*.parquet' WHERE node_id BETWEEN 100 AND 999 "
            "GROUP BY kind ORDER BY kind",
            "LOCAL,1|MEMBER,2");
        fixture_expect(
            &f,
            "SELECT count(*), min(src), count(path) FROM '%s/edges/*.parquet' WHERE kind = 'CDG'",
            "6,100,6");
        fixture_close(&f);
    }
}

/* Confidence: of the header, of a column, of the table; what is no probability is rejected. */
static void test_confidence(void **state)
{
    (void)state;
    struct fixture f;
    struct fixture_rule rules[] = {
        NODE_RULES,
        {"a", "-- emits: edges CDG\n-- unique: yes\n-- confidence: score\nSELECT node_id AS src, "
              "node_id AS dst, "
              "file_id, CASE node WHEN 1 THEN 0.25 WHEN 2 THEN 1.5 END AS score, 'imported' AS "
              "resolution FROM syntax"},
        {"b", "-- emits: edges REF\n-- unique: yes\n-- resolution: fallback\nSELECT 1 AS src, 2 AS "
              "dst, 11 AS file_id"},
    };
    fixture_open(&f, 2, false, 4);
    fixture_run(&f, rules, COUNT(rules));
    fixture_expect(&f,
                   "SELECT DISTINCT kind, confidence FROM '%s/edges/*.parquet' WHERE kind <> 'AST' "
                   "ORDER BY ALL",
                   "CDG,0.25|CDG,0.95|REF,0.2");
    fixture_expect(&f, "SELECT code, count(*) FROM '%s/edges_errors/*.parquet' GROUP BY ALL",
                   "range: confidence,2");
    fixture_close(&f);
}

/* A folder's name may look like a pattern, or end a literal. */
static void test_odd_folder(void **state)
{
    (void)state;
    struct fixture f;
    struct fixture_rule rules[] = {NODE_RULES};
    char folder[128];
    fixture_open(&f, 2, false, 4);
    snprintf(folder, sizeof folder, "%s/a[b]*'?c", f.folder);
    assert_int_equal(folder_make(folder, NULL), RG_OK);
    enum rg_status status =
        fixture_run_with(&f, rules, COUNT(rules), (struct run_request){.output_folder = folder});
    if (status)
        print_message("%s\n", f.err.message);
    assert_int_equal(status, RG_OK);
    assert_true(f.result.n_counts > 3);
    fixture_close(&f);
}

static void test_shard_bits(void **state)
{
    (void)state;
    assert_int_equal(run_shard_bits(0), 0);
    assert_int_equal(run_shard_bits(2000), 0);
    unsigned before = 0;
    for (uint32_t n = 1; n < 4000000; n += 997) {
        unsigned bits = run_shard_bits(n);
        assert_true(bits >= before && bits <= 8);
        before = bits;
    }
    assert_true(before > 4);
}

/* Tier stable: the same bytes on any number of threads; tier fast: the same rows. */
static void test_tiers(void **state)
{
    (void)state;
    struct fixture_rule rules[] = {
        NODE_RULES,
        {"near", "-- emits: edges CALL\n-- resolution: bound\nSELECT node_id AS src, parent_id AS "
                 "dst, file_id FROM "
                 "syntax WHERE node > 0 AND node % 5 = 0"},
        {"far", "-- emits: edges CALL\n-- resolution: bound\nSELECT node_id AS src, node_id AS "
                "dst, file_id, start_byte, "
                "end_byte FROM syntax WHERE node % 7 = 0"},
    };
    static const char *const datasets[] = {"nodes", "edges", "edge_evidence"};
    char sha[COUNT(datasets)][65];
    char *rows[COUNT(datasets)] = {0};
    for (unsigned round = 0; round < 4; round++) {
        struct fixture f;
        bool fast = round == 3;
        fixture_open(&f, 1u << round, !fast, 70000);
        assert_int_equal(
            fixture_run_with(&f, rules, COUNT(rules),
                             (struct run_request){.tier = fast ? RG_TIER_FAST : RG_TIER_STABLE}),
            RG_OK);
        for (size_t d = 0; d < COUNT(datasets); d++) {
            char path[256], found[65];
            snprintf(path, sizeof path, "%s/%s/part-0.parquet", f.folder, datasets[d]);
            assert_int_equal(file_sha256(path, found, NULL), RG_OK);
            struct arena arena = {0};
            struct text_table table;
            char sql[512];
            snprintf(sql, sizeof sql, "SELECT count(*), sum(hash(t)::HUGEINT) FROM '%s' t", path);
            assert_int_equal(store_table(f.store, str_of(sql), 1, &arena, &table, NULL), RG_OK);
            char *found_rows = strdup(table.cells[1].ptr);
            arena_fini(&arena);
            if (round == 0) {
                memcpy(sha[d], found, 65);
                rows[d] = found_rows;
                continue;
            }
            if (!fast)
                assert_string_equal(found, sha[d]);
            assert_string_equal(found_rows, rows[d]);
            free(found_rows);
        }
        fixture_close(&f);
    }
    for (size_t d = 0; d < COUNT(datasets); d++)
        free(rows[d]);
}

/* The order of tier stable is the contract's. */
static void test_stable_order(void **state)
{
    (void)state;
    struct fixture f;
    struct fixture_rule rules[] = {
        {"n", "-- emits: nodes LOCAL\n-- unique: yes\nSELECT * FROM (VALUES (1, -7, 5, 6), (2, 11, "
              "5, 6), (3, 11, 5, 9), "
              "(4, 11, 2, 3), (5, NULL, NULL, NULL), (0, 11, 5, 6)) t(node_id, file_id, "
              "start_byte, end_byte)"},
    };
    fixture_open(&f, 2, true, 1);
    f.no_audits = true;
    assert_int_equal(fixture_run_with(&f, rules, 1, (struct run_request){.tier = RG_TIER_STABLE}),
                     RG_OK);
    fixture_expect(&f, "SELECT node_id FROM '%s/nodes/*.parquet'", "4|3|0|2|1|5");
    fixture_close(&f);
}

static void test_cancel(void **state)
{
    (void)state;
    struct fixture f;
    struct fixture_rule rules[] = {NODE_RULES};
    fixture_open(&f, 2, false, 4);
    rg_session_cancel(f.session);
    assert_int_equal(fixture_run_with(&f, rules, COUNT(rules), (struct run_request){0}),
                     RG_ERR_CANCELLED);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_flow), cmocka_unit_test(test_relations),
        cmocka_unit_test(test_who_wins),   cmocka_unit_test(test_dedupe),
        cmocka_unit_test(test_rejected),   cmocka_unit_test(test_rule_that_fails),
        cmocka_unit_test(test_shards),     cmocka_unit_test(test_shard_bits),
        cmocka_unit_test(test_tiers),      cmocka_unit_test(test_stable_order),
        cmocka_unit_test(test_cancel),     cmocka_unit_test(test_kinds_read_apart),
        cmocka_unit_test(test_confidence), cmocka_unit_test(test_odd_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
