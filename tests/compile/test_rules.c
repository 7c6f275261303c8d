/* Rules: headers, reads, relations and contracts, with an oracle that knows `expression::TYPE AS
 * name`. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "compile/rule_parts.h"

static const char datasets[] =
    "-- layer: fact\n-- key: file_id\n"
    "CREATE TABLE file (file_id BIGINT NOT NULL, path VARCHAR NOT NULL);\n"
    "-- layer: fact\nCREATE TABLE syntax (file_id BIGINT NOT NULL, node INTEGER);\n"
    "-- layer: product\n-- key: node_id\n-- sort: path, node_id\n-- owner: file_id\n"
    "CREATE TABLE nodes (node_id BIGINT NOT NULL, kind VARCHAR NOT NULL,\n"
    "  name VARCHAR, file_id BIGINT, path VARCHAR);\n"
    "-- layer: product\n-- key: kind, src, dst, label\n-- sort: path, src\n"
    "-- owner: file_id\n"
    "CREATE TABLE edges (kind VARCHAR NOT NULL, src BIGINT NOT NULL,\n"
    "  dst BIGINT NOT NULL, path VARCHAR, label VARCHAR,\n"
    "  resolution VARCHAR, confidence DOUBLE DEFAULT 1.0, rule VARCHAR NOT NULL);\n";

#define EDGE "SELECT 1::BIGINT AS src, 2::BIGINT AS dst, 3::BIGINT AS file_id "

struct text {
    const char *name, *text;
};

static enum rg_status compile(struct rule_set *set, const struct text *texts, size_t n,
                              struct rg_error *err)
{
    struct rule_text rules[8];
    for (size_t i = 0; i < n; i++)
        rules[i] = (struct rule_text){str_of(texts[i].name), str_of("f.sql"), str_of(texts[i].text),
                                      false};
    enum rg_status status = rule_set_parse(str_of(datasets), rules, n, set, err);
    return status ? status : rule_set_resolve(set, NULL, err);
}

static void test_good_rule(void **state)
{
    (void)state;
    struct text texts[] = {
        {"call_bound", "-- emits: edges CALL\n-- resolution: bound\n-- confidence: 0.75\n"
                       "-- tags: a, b\n-- unique: yes\n-- a remark\n-- why: a name: bound\n\n"
                       "-- more\nWITH s AS (SELECT * FROM syntax)\n" EDGE
                       "FROM s JOIN nodes_method USING (file_id) ; "
                       "-- end\n"},
        {"node_method", "-- emits: nodes METHOD\nSELECT 1::BIGINT AS node_id, 2::BIGINT AS file_id "
                        "FROM syntax, file"},
    };
    struct rule_set set;
    struct rg_error err = {0};
    enum rg_status status = compile(&set, texts, 2, &err);
    if (status)
        print_message("%s %u:%u %s\n", err.rule, err.line, err.column, err.message);
    assert_int_equal(status, RG_OK);
    const struct rule *rule = &set.rules[0];
    assert_true(str_is(rule->name, "call_bound"));
    assert_true(str_is(rule->resolution, "bound"));
    assert_true(rule->confidence == 0.75);
    assert_true(rule->unique);
    assert_int_equal(rule->n_tags, 2);
    assert_true(str_is(rule->tags[1], "b"));
    assert_true(str_is(rule->why, "a name: bound"));
    assert_int_equal(rule->sql_line, 10);
    assert_true(str_starts(rule->sql, STR("WITH s")));
    assert_int_equal(rule->sql.ptr[rule->sql.len - 1], ')');
    assert_int_equal(rule->n_reads, 2);
    assert_true(str_is(rule->reads[0], "nodes_method"));
    assert_true(str_is(rule->reads[1], "syntax"));
    /* The relation that is read comes first. */
    assert_int_equal(set.n_relations, 2);
    assert_true(str_is(set.relations[0].name, "nodes_method"));
    assert_int_equal(set.relations[0].n_readers, 1);
    assert_true(str_is(set.relations[1].name, "edges_call"));
    /* What a rule returns is known. */
    assert_int_equal(rule->n_columns, 3);
    assert_true(str_is(rule->columns[1].name, "dst"));
    assert_true(str_is(rule->columns[1].type, "BIGINT"));
    rule_set_fini(&set);
}

#define HEAD "-- emits: edges CALL\n"

/* What is wrong with a rule, and exactly how it is told: place, message, hint. */
static const struct {
    const char *text, *told;
} bad_cases[] = {
    {"SELECT 1", "1:1: the header says not what the rule emits; a rule starts with a line like `-- "
                 "emits: edges CALL`, an audit with `-- audit: what is wrong`"},
    {"", "1:1: the header says not what the rule emits; a rule starts with a line like `-- emits: "
         "edges CALL`, an audit with `-- audit: what is wrong`"},
    {"\n\n", "1:1: the header says not what the rule emits; a rule starts with a line like `-- "
             "emits: edges CALL`, an audit with `-- audit: what is wrong`"},
    {"-- emit: edges CALL\n" EDGE, "1:4: unknown header key `emit`; did you mean `emits`?"},
    {HEAD "-- emits: edges REF\n" EDGE, "2:4: `emits` is given twice"},
    {HEAD "-- why:\n" EDGE, "2:4: `why` has no value"},
    {"-- emits: edges\n" EDGE,
     "1:11: the header does not name the kinds of `edges` that the rule makes; like `-- emits: "
     "edges CALL`; where the SELECT has a column `kind`, all that it gives: `-- emits: edges CALL, "
     "REF`"},
    {"-- emits: nodes\nSELECT 1 AS node_id, 'METHOD' AS kind, NULL AS file_id",
     "1:11: the header does not name the kinds of `nodes` that the rule makes; like `-- emits: "
     "nodes METHOD`; where the SELECT has a column `kind`, all that it gives: `-- emits: nodes "
     "METHOD, TYPE_DECL`"},
    {"-- emits: edges CALL,\n" EDGE, "1:22: a kind is missing at a comma"},
    {"-- emits: edges CAL\n" EDGE, "1:17: unknown kind `CAL` of edges; did you mean `CALL`?"},
    {"-- emits: edges CALL, CALL\n" EDGE, "1:23: kind `CALL` is named twice"},
    {"-- emits: edge\n" EDGE, "1:11: unknown dataset `edge`; did you mean `edges`?"},
    {"-- emits: things CALL\n" EDGE,
     "1:11: unknown dataset `things`; an intermediate has a lower-case name and no kind"},
    {"-- emits: syntax\n" EDGE,
     "1:11: `syntax` is a table of facts: extractors fill it, not rules"},
    {HEAD "-- resolution: bounded\n" EDGE,
     "2:16: unknown resolution `bounded`; did you mean `bound`?"},
    {HEAD "-- language: pyton\n" EDGE, "2:14: unknown language `pyton`; did you mean `python`?"},
    {HEAD "-- language: klingon\n" EDGE, "2:14: unknown language `klingon`; known: python"},
    {HEAD "-- confidence: 1.5\n" EDGE,
     "2:16: `confidence` is a number from 0 to 1 or the name of a column"},
    {HEAD "-- unique: perhaps\n" EDGE, "2:12: `unique` is yes, no or kind"},
    {HEAD "-- witness: perhaps\n" EDGE, "2:13: `witness` is yes or no"},
    {"-- emits: seen\n-- witness: yes\n" EDGE,
     "2:4: `witness` is for rules that emit edges, which are compared by source"},
    {HEAD "-- fixpoint: No\n" EDGE, "2:14: `No` is no name for a fixpoint"},
    {HEAD EDGE ";\n SELECT 2", "3:2: more than one statement: a rule is one SELECT"},
    {HEAD "\n", "3:1: no SELECT behind the header"},
    {HEAD "SELECT (1", "2:1: a bracket is not closed"},
    {HEAD "SELECT 1)", "2:9: a bracket closes that none opened"},
    {HEAD "SELECT 'x", "2:8: a quote or comment that does not end"},
    {HEAD "SELECT 1 AS src FORM syntax",
     "2:17: expected the end of the query, found \"FORM\"; did you mean FROM?"},
    {HEAD "DELETE FROM syntax", "2:1: DELETE is outside the subset"},
    {HEAD EDGE "\nFROM syntaxx", "3:6: reads `syntaxx`, which is neither a table of facts nor what "
                                 "a rule emits; did you mean `syntax`?"},
    {HEAD EDGE "\nFROM nods", "3:6: reads `nods`, which is neither a table of facts nor what a "
                              "rule emits; did you mean `nodes`? A rule reads one kind of it: "
                              "`nodes_…`"},
    {HEAD EDGE "\nFROM syntax JOIN 'a.csv' ON true",
     "3:18: a file as a table is outside the subset"},
    {HEAD EDGE "FROM\n  edges",
     "3:3: only audits read all of `edges`; read one kind of it: `edges_…`"},
    {HEAD EDGE "FROM edges_ref", "2:70: reads `edges_ref`, but no rule emits edges REF"},
    {HEAD EDGE "FROM edges_call",
     "1:1: a cycle: edges_call reads edges_call; recursion inside one rule is WITH RECURSIVE; "
     "rules that recur through each other share a header `fixpoint`"},
    {HEAD EDGE ", s.nod AS label FROM syntax AS s",
     "2:67: unknown column `nod` of `s`; did you mean `node`?"},
    {HEAD EDGE "FROM syntax AS s WHERE lenght('x') > s.node",
     "2:88: unknown function `lenght`; did you mean `length`?"},
    {HEAD EDGE "FROM syntax AS s WHERE hash(s.node) > 3",
     "2:88: `hash` may not be called; it may change with the engine's version: stable_hash64(…) "
     "gives the same everywhere"},
    {HEAD EDGE "FROM syntax AS s WHERE current_date > DATE '2024-01-01'",
     "2:88: current_date gives another value for each run; write the moment that is meant as a "
     "constant"},
    {HEAD EDGE "FROM syntax AS s WHERE s.node LIKE 3 + true",
     "2:100: + cannot take INTEGER and BOOLEAN"},
    {HEAD "SELECT 1::BIGINT AS src", "2:1: does not return `dst`, which `edges` needs"},
    {HEAD "SELECT 1::BIGINT AS src, 1::BIGINT AS dst",
     "2:1: does not return `file_id`, the file that owns a row; for what belongs to no file: NULL "
     "AS file_id"},
    {HEAD EDGE ", 1::VARCHAR AS lable",
     "2:67: returns `lable`, which `edges` has not; did you mean `label`?"},
    {HEAD EDGE ", 1::VARCHAR AS path", "2:67: returns `path`, which is filled from file_id"},
    {HEAD EDGE ", 1::VARCHAR AS kind",
     "2:67: returns `kind`, but its header names one kind: leave the column out"},
    {HEAD EDGE ", 1::VARCHAR AS confidence",
     "2:67: returns `confidence` as VARCHAR, not DOUBLE; cast it: CAST(… AS DOUBLE)"},
    {HEAD EDGE ", 1::BIGINT AS src", "2:67: returns `src` twice"},
    {HEAD "SELECT 'x' AS src, 2::BIGINT AS dst, 3::BIGINT AS file_id",
     "2:8: returns `src` as VARCHAR, not BIGINT; cast it: CAST(… AS BIGINT)"},
    {HEAD "SELECT 1::BIGINT AS src, CAST(random() AS BIGINT) AS dst, 3::BIGINT AS file_id",
     "2:31: random gives another value for each row and run; stable_hash64 of the row's key gives "
     "numbers that stay"},
    {HEAD "SELECT 1::BIGINT AS src, stable_hash128(txt := 'a') AS label, 3::BIGINT AS file_id",
     "2:41: `stable_hash128` has no parameter `txt`; did you mean `text`?"},
    {"-- emits: edges CALL, REF\n" EDGE, "2:1: does not return `kind`, which `edges` needs"},
    {"-- emits: edges CALL, REF\n" EDGE ", 'CAL' AS kind FROM syntax",
     "2:67: gives the kind `CAL`, which its header does not name; did you mean `CALL`?"},
    {"-- emits: edges CALL, REF\n" EDGE ", 'REF' AS kind UNION ALL\n" EDGE
     ", CASE WHEN s.node > 1 THEN 'CALL' WHEN s.node > 2 THEN 'AST' END AS kind FROM syntax AS s",
     "3:121: gives the kind `AST`, which its header does not name; name it there: `-- emits: "
     "edges …, AST`"},
    {HEAD EDGE
     ", CASE WHEN s.node > 1 THEN 'bound' ELSE 'exakt' END AS resolution FROM syntax AS s",
     "2:106: gives the resolution `exakt`, which is unknown; did you mean `exact`?"},
    {HEAD "-- confidence: score\n" EDGE, "3:1: does not return its confidence, `score`"},
    {HEAD "-- fixpoint: f\n" EDGE,
     "3:1: a fixpoint makes intermediates, not `edges`, whose gate chooses among rows; emit an "
     "intermediate, and `edges` from a rule that reads it"},
    {HEAD "-- params: depth\n" EDGE,
     "2:4: rules take no parameters: write the values into the SELECT"},
    {"-- emits: fixpoint_new_r\nSELECT 1 AS a",
     "1:11: names that begin with `fixpoint_` are the compiler's own"},
    {"-- emits: r\n-- fixpoint: f\nWITH fixpoint_new_r AS (SELECT 1 AS a) SELECT f.a FROM "
     "fixpoint_new_r AS f UNION SELECT r.a FROM r",
     "3:6: in a fixpoint no CTE has a name that begins with `fixpoint_`"},
    {"-- emits: r\n-- fixpoint: f\nSELECT r.a FROM r",
     "3:1: nothing starts `r`: every part of its rules reads the fixpoint f"},
    {"-- emits: r\n-- fixpoint: f\nSELECT 1 AS a UNION SELECT max(r.a) FROM r",
     "3:42: reads `r` of its own fixpoint in an aggregation; a fixpoint only ever adds rows: what "
     "takes some away comes in a rule behind it"},
    {"-- emits: r\n-- fixpoint: f\nSELECT 1 AS a UNION SELECT r.a + 1000000000000 FROM r",
     "3:8: returns `a` as BIGINT, but `r` starts with INTEGER; cast one of them: CAST(… AS "
     "INTEGER)"},
    {"-- emits: r\n-- fixpoint: f\nSELECT s.node AS a FROM syntax AS s UNION\n"
     "SELECT s.node FROM syntax AS s ANTI JOIN r ON r.a = s.node",
     "4:42: reads `r` of its own fixpoint on the right of an ANTI JOIN; a fixpoint only ever adds "
     "rows: what takes some away comes in a rule behind it"},
    {"-- emits: r\n-- fixpoint: f\nSELECT s.node AS a FROM syntax AS s UNION\n"
     "SELECT s.node FROM syntax AS s WHERE s.node NOT IN (SELECT r.a FROM r)",
     "4:69: reads `r` of its own fixpoint under NOT; a fixpoint only ever adds rows: what takes "
     "some away comes in a rule behind it"},
};

static void test_errors(void **state)
{
    (void)state;
    unsigned wrong = 0;
    for (size_t i = 0; i < sizeof bad_cases / sizeof *bad_cases; i++) {
        struct text text = {"a_rule", bad_cases[i].text};
        struct rule_set set;
        struct rg_error err = {0};
        char told[2048];
        enum rg_status status = compile(&set, &text, 1, &err);
        assert_int_equal(status, RG_ERR_RULE);
        assert_string_equal(err.rule, "a_rule");
        assert_string_equal(err.file, "f.sql");
        snprintf(told, sizeof told, "%u:%u: %s%s%s", err.line, err.column, err.message,
                 err.hint[0] ? "; " : "", err.hint);
        if (strcmp(told, bad_cases[i].told) != 0)
            print_message("%zu: %s\n", i, told);
        wrong += strcmp(told, bad_cases[i].told) != 0;
        rule_set_fini(&set);
    }
    assert_int_equal(wrong, 0);
}

/* The engine gets arguments by place. */
static void test_named_arguments(void **state)
{
    (void)state;
    struct text text = {"place",
                        "-- emits: place\nSELECT col_to_byte(column := s.node, line := 'ab', "
                        "encoding := 'utf-16') AS byte FROM syntax AS s"};
    struct rule_set set;
    struct rg_error err = {0};
    if (compile(&set, &text, 1, &err) != RG_OK)
        fail_msg("%u:%u %s", err.line, err.column, err.message);
    assert_int_equal(rule_set_compile(&set, &(struct rule_compile_options){.fuse = false}, &err),
                     RG_OK);
    char *compiled = arena_cstr(&set.arena, set.rules[0].compiled);
    assert_non_null(strstr(compiled, "col_to_byte('ab', s.node, 'utf-16')"));
    rule_set_fini(&set);
}

static void test_cycle_names_members(void **state)
{
    (void)state;
    struct text texts[] = {
        {"a", "-- emits: edges CALL\n" EDGE "FROM edges_ref"},
        {"b", "-- emits: edges REF\n" EDGE "FROM middle"},
        {"c", "-- emits: middle\n" EDGE "FROM syntax AS s LEFT JOIN edges_call USING (src)"},
        {"d", "-- emits: edges AST\n" EDGE "FROM edges_call"},
    };
    struct rule_set set;
    struct rg_error err = {0};
    assert_int_equal(compile(&set, texts, 4, &err), RG_ERR_RULE);
    assert_non_null(
        strstr(err.message, "edges_call reads edges_ref reads middle reads edges_call"));
    assert_null(strstr(err.message, "edges_ast"));
    rule_set_fini(&set);
}

static bool any_relation(void *context, struct str name)
{
    (void)context, (void)name;
    return true;
}

static void check_reads(const char *sql, const char *expected)
{
    struct arena arena = {0};
    struct rule rule = {.name = STR("r"), .file = STR("f"), .sql = str_of(sql), .sql_line = 1};
    struct rule_read *reads;
    size_t n;
    char found[512] = "";
    assert_int_equal(rule_parse_tree(&rule, &arena, NULL), RG_OK);
    assert_false(rule.opaque);
    assert_int_equal(rule_list_reads(&rule, any_relation, NULL, &arena, &reads, &n, NULL), RG_OK);
    for (size_t i = 0; i < n; i++) {
        size_t used = strlen(found);
        snprintf(found + used, sizeof found - used, "%s" STR_FMT, i ? " " : "",
                 STR_ARG(reads[i].name));
    }
    assert_string_equal(found, expected);
    arena_fini(&arena);
}

static void test_reads(void **state)
{
    (void)state;
    check_reads("SELECT 1", "");
    check_reads("SELECT b, c FROM a", "a");
    check_reads("SELECT x FROM a, b AS c, \"d\" e WHERE f IN (SELECT g FROM h)", "a b d h");
    check_reads("SELECT extract(year FROM t), trim(BOTH ' ' FROM u) FROM a", "a");
    check_reads("SELECT x IS DISTINCT FROM y, z IS NOT DISTINCT FROM w FROM a", "a");
    check_reads(
        "SELECT * FROM (a JOIN (b CROSS JOIN c) ON p = q), (SELECT * FROM d) JOIN e USING (f, g)",
        "a b c d e");
    check_reads("WITH RECURSIVE w(a, b) AS MATERIALIZED (SELECT 1 UNION ALL SELECT * FROM w, t), "
                "v AS (SELECT * FROM w) SELECT * FROM v JOIN A ON (SELECT max(x) FROM b) = 1",
                "t a b");
    check_reads("SELECT * FROM unnest([1, 2]) AS u(v), range(3), LATERAL (SELECT 1 FROM a), b",
                "a b");
    check_reads("SELECT * FROM a x JOIN a y ON x.b IN [1, c] ORDER BY d, e", "a a");
    check_reads("SELECT 1 FROM a UNION ALL SELECT 2 FROM b -- FROM c\n /* FROM d */ GROUP BY e, f",
                "a b");
    check_reads("SELECT * FROM main.a", "main.a");
    check_reads("SELECT * FROM (VALUES (1), (2)) v, a", "a");
    /* A name that WITH defines is one behind it and inside it alone. */
    check_reads("SELECT * FROM (WITH w AS (SELECT * FROM a) SELECT * FROM w), w", "a w");
    check_reads("WITH w AS (SELECT * FROM w) SELECT * FROM w", "w");
    check_reads("WITH RECURSIVE v AS (SELECT * FROM w), w AS (SELECT * FROM a) SELECT * FROM v",
                "a");
}

static void test_folders(void **state)
{
    (void)state;
    char folder[] = "/tmp/relgraph-rules-XXXXXX", path[128], link[128];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/mine.sql", folder);
    snprintf(link, sizeof link, "%s/linked.sql", folder);
    struct str text = STR("-- emits: mine\nSELECT file_id FROM file\n");
    assert_int_equal(file_write(path, text, NULL), RG_OK);
    assert_int_equal(symlink("/etc/passwd", link), 0);
    const char *folders[] = {folder, folder};
    struct rule_set set;
    struct rg_error err = {0};
    assert_int_equal(rule_set_load(folders, 1, &set, &err), RG_OK);
    bool found = false;
    for (size_t i = 0; i < set.n_rules; i++) {
        assert_false(str_is(set.rules[i].name, "linked"));
        if (str_is(set.rules[i].name, "mine")) {
            found = true;
            assert_false(set.rules[i].built_in);
            assert_true(str_is(set.rules[i].file, path));
        }
    }
    assert_true(found);
    rule_set_fini(&set);
    assert_int_equal(rule_set_load(folders, 2, &set, &err), RG_ERR_RULE);
    assert_string_equal(err.rule, "mine");
    assert_non_null(strstr(err.message, "exists"));
    rule_set_fini(&set);
    snprintf(path, sizeof path, "%s/nothing", folder);
    folders[0] = path;
    assert_int_equal(rule_set_load(folders, 1, &set, &err), RG_ERR_IO);
    rule_set_fini(&set);
    assert_int_equal(tree_remove(folder, NULL), RG_OK);
}

static void test_bounds(void **state)
{
    (void)state;
    struct rule_set set;
    struct rg_error err = {0};
    size_t size = (1u << 20) + 1;
    char *big = malloc(size);
    memset(big, ' ', size);
    struct rule_text text = {STR("big"), STR("big.sql"), {big, size}, false};
    assert_int_equal(rule_set_parse(str_of(datasets), &text, 1, &set, &err), RG_ERR_RULE);
    assert_non_null(strstr(err.message, "longer than"));
    rule_set_fini(&set);
    memset(big, '(', 1000);
    text.text = (struct str){big, 1000};
    struct rule rule = {.name = STR("r"), .file = STR("f"), .sql = text.text, .sql_line = 1};
    struct arena arena = {0};
    assert_int_equal(rule_parse_tree(&rule, &arena, &err), RG_ERR_RULE);
    assert_string_equal(err.message, "nested deeper than 300 levels");
    assert_string_equal(err.rule, "r");
    assert_int_equal(err.column, 300);
    arena_fini(&arena);
    free(big);
    struct rule_text *many = calloc(LIMIT_RULES + 1, sizeof *many);
    for (size_t i = 0; i <= LIMIT_RULES; i++)
        many[i] = (struct rule_text){STR("r"), STR("r.sql"), STR(HEAD EDGE), false};
    assert_int_equal(rule_set_parse(str_of(datasets), many, LIMIT_RULES + 1, &set, &err),
                     RG_ERR_LIMIT);
    rule_set_fini(&set);
    free(many);
    struct rule_text bad = {STR("Bad-Name"), STR("f.sql"), STR(HEAD EDGE), false};
    assert_int_equal(rule_set_parse(str_of(datasets), &bad, 1, &set, &err), RG_ERR_RULE);
    assert_non_null(strstr(err.message, "no name for a rule"));
    rule_set_fini(&set);
}

/* A set may take no more memory: whichever step comes to its end says so, not that memory is out.
 */
static void test_memory_limit(void **state)
{
    (void)state;
    static const struct rule_text text = {STR("big"), STR("big.sql"), STR(HEAD EDGE "FROM syntax"),
                                          false};
    unsigned at_rule = 0, told = 0;
    enum rg_status status = RG_ERR_LIMIT;
    for (size_t room = 0; status; room += 4096) {
        struct rule_set set;
        struct rg_error err = {0};
        assert_int_equal(rule_set_parse(str_of(datasets), &text, 1, &set, &err), RG_OK);
        assert_int_equal(set.arena.bytes_max, LIMIT_RULE_SET_BYTES);
        set.arena.bytes_max = set.arena.bytes;
        while (arena_alloc(&set.arena, 1)) {
        }
        set.arena.full = false;
        set.arena.bytes_max += room;
        status = rule_set_resolve(&set, NULL, &err);
        if (!status)
            status = rule_set_analyse(&set, &err);
        if (!status)
            status = rule_set_compile(&set, &(struct rule_compile_options){.fuse = true}, &err);
        if (status) {
            assert_int_equal(status, RG_ERR_LIMIT);
            assert_string_equal(err.message, "compiling 1 rule needs more than the 0 MiB of memory "
                                             "that a set of rules may take");
            assert_non_null(strstr(err.hint, "no setting raises it"));
            told++;
            at_rule += strcmp(err.rule, "big") == 0 && strcmp(err.file, "big.sql") == 0;
        }
        rule_set_fini(&set);
    }
    assert_true(told > 0 && at_rule > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_rule),       cmocka_unit_test(test_errors),
        cmocka_unit_test(test_named_arguments), cmocka_unit_test(test_cycle_names_members),
        cmocka_unit_test(test_reads),           cmocka_unit_test(test_folders),
        cmocka_unit_test(test_bounds),          cmocka_unit_test(test_memory_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
