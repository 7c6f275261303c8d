/* Whole sets of rules: selectors, lineage across rules, differences and whom they affect, lints,
 * tests as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/error.h"
#include "compile/rule_case.h"
#include "compile/rule_diff.h"
#include "compile/rule_lineage.h"
#include "compile/rule_lint.h"
#include "compile/rule_script.h"
#include "compile/rule_select.h"

static const char datasets[] =
    "-- layer: fact\n-- key: file_id\n"
    "CREATE TABLE file (file_id BIGINT NOT NULL, path VARCHAR NOT NULL, language VARCHAR);\n"
    "-- layer: fact\n-- key: file_id, node\n"
    "CREATE TABLE syntax (file_id BIGINT NOT NULL, node INTEGER NOT NULL, token VARCHAR);\n"
    "-- layer: product\n-- key: node_id\n-- sort: path, node_id\n-- owner: file_id\n"
    "CREATE TABLE nodes (node_id BIGINT NOT NULL, kind VARCHAR NOT NULL,\n"
    "  name VARCHAR, file_id BIGINT, path VARCHAR);\n"
    "-- layer: product\n-- key: kind, src, dst, label\n-- sort: path, src\n"
    "-- owner: file_id\n"
    "CREATE TABLE edges (kind VARCHAR NOT NULL, src BIGINT NOT NULL,\n"
    "  dst BIGINT NOT NULL, path VARCHAR, label VARCHAR,\n"
    "  resolution VARCHAR, confidence DOUBLE DEFAULT 1.0, ambiguity_group BIGINT, rule VARCHAR NOT "
    "NULL);\n";

struct text {
    const char *name, *text;
};

/* Two intermediates, nodes and edges over them, and an audit. */
static const struct text house[] = {
    {"word",
     "-- emits: word\n-- layer: words\n-- tags: base, small\n-- why: tokens\n"
     "SELECT s.file_id, s.node, s.token, s.node + 1 AS next FROM syntax AS s WHERE s.token IS "
     "NOT NULL"},
    {"node_method",
     "-- emits: nodes METHOD\n-- layer: words\n-- why: words are methods\n"
     "SELECT stable_hash64(w.file_id, w.node) AS node_id, w.token AS name, w.file_id "
     "FROM word AS w"},
    {"pair",
     "-- emits: pair\n-- layer: pairs\n-- why: neighbours\n"
     "SELECT a.file_id, a.node, b.node AS other FROM word AS a JOIN word AS b ON b.file_id = "
     "a.file_id AND b.node = a.next"},
    {"edge_call",
     "-- emits: edges CALL\n-- resolution: bound\n-- layer: pairs\n-- why: next to each "
     "other\nSELECT stable_hash64(p.file_id, p.node) AS src, stable_hash64(p.file_id, "
     "p.other) AS dst, p.file_id FROM pair AS p"},
    {"audit_name",
     "-- audit: a node without a name\nSELECT n.node_id FROM nodes AS n WHERE n.name IS "
     "NULL"},
};
#define HOUSE (sizeof house / sizeof *house)

static void build(struct rule_set *set, const struct text *texts, size_t n)
{
    struct rule_text rules[16];
    struct rg_error err = {0};
    for (size_t i = 0; i < n; i++)
        rules[i] = (struct rule_text){str_of(texts[i].name), str_of("f.sql"), str_of(texts[i].text),
                                      false};
    enum rg_status status = rule_set_parse(str_of(datasets), rules, n, set, &err);
    if (!status)
        status = rule_set_resolve(set, NULL, &err);
    if (!status)
        status = rule_set_analyse(set, &err);
    if (status)
        print_message("%s:%u:%u %s\n", err.rule, err.line, err.column, err.message);
    assert_int_equal(status, RG_OK);
}

/* --- What needs an index --------------------------------------------------------------------- */

static const char datasets_of_an_index[] =
    "-- layer: fact\n-- key: file_id\nCREATE TABLE file (file_id BIGINT NOT NULL);\n"
    "-- layer: fact\n-- key: file_id\n-- needs: index\n"
    "CREATE TABLE seen (file_id BIGINT NOT NULL);\n"
    "-- layer: product\n-- key: node_id\n-- sort: node_id\n-- owner: file_id\n"
    "CREATE TABLE nodes (node_id BIGINT NOT NULL, kind VARCHAR NOT NULL, file_id BIGINT);\n"
    "-- layer: product\n-- key: node_id\n-- sort: node_id\n-- owner: file_id\n-- needs: index\n"
    "CREATE TABLE doubt (node_id BIGINT NOT NULL, file_id BIGINT);\n";

/* What reads it goes, and what reads only that; what others make too stays. */
static const struct text house_of_an_index[] = {
    {"a_call", "-- emits: nodes CALL\nSELECT f.file_id AS node_id, f.file_id FROM file AS f"},
    {"b_call", "-- emits: nodes CALL\nSELECT s.file_id AS node_id, s.file_id FROM seen AS s"},
    {"c_symbol", "-- emits: nodes SYMBOL\nSELECT s.file_id AS node_id, s.file_id FROM seen AS s"},
    {"d_of_symbol", "-- emits: of_symbol\nSELECT n.file_id FROM nodes_symbol AS n"},
    {"e_of_both", "-- emits: of_both\nSELECT o.file_id FROM of_symbol AS o JOIN file AS f ON "
                  "f.file_id = o.file_id"},
    {"e_opaque", "-- emits: opaque\nSELECT o.file_id FROM file AS f ASOF JOIN of_symbol AS o ON "
                 "f.file_id >= o.file_id"},
    {"f_local", "-- emits: of_call\nWITH seen AS (SELECT 1::BIGINT AS x) SELECT n.file_id FROM "
                "nodes_call AS n, seen"},
    {"g_doubt", "-- emits: doubt\nSELECT f.file_id AS node_id, f.file_id FROM file AS f"},
};

static void test_without_index(void **state)
{
    (void)state;
    enum { N = sizeof house_of_an_index / sizeof *house_of_an_index };
    struct rule_text rules[N];
    struct rule_set set;
    struct rg_error err = {0};
    for (size_t i = 0; i < N; i++)
        rules[i] = (struct rule_text){str_of(house_of_an_index[i].name), str_of("f.sql"),
                                      str_of(house_of_an_index[i].text), i == 1};
    assert_int_equal(rule_set_parse(str_of(datasets_of_an_index), rules, N, &set, &err), RG_OK);
    assert_int_equal(rule_set_without_index(&set, &err), RG_OK);
    assert_int_equal(rule_set_resolve(&set, NULL, &err), RG_OK);
    assert_int_equal(set.n_rules, 2);
    assert_true(str_is(set.rules[0].name, "a_call") && str_is(set.rules[1].name, "f_local"));
    static const char *const aside[] = {"c_symbol", "d_of_symbol", "e_of_both", "e_opaque"};
    assert_int_equal(set.n_aside, 4); /* b_call is built in, g_doubt emits what is not made */
    for (size_t i = 0; i < 4; i++)
        assert_true(str_is(set.aside[i], aside[i]));
    assert_null(contracts_find(&set.contracts, str_of("doubt")));
    rule_set_fini(&set);
}

/* --- Selectors ------------------------------------------------------------------------------ */

static bool is_pair(void *context, const struct rule *rule)
{
    (void)context;
    return str_is(rule->name, "pair");
}

static void check_selected(const struct rule_set *set, const char *selector, const char *expected)
{
    struct arena arena = {0};
    struct rule_selection selection;
    struct rg_error err = {0};
    struct rule_select_options options = {
        .selectors = &selector, .n_selectors = selector ? 1 : 0, .changed = is_pair};
    struct buffer found = {0};
    enum rg_status status = rule_select(set, &options, &arena, &selection, &err);
    if (status) {
        buffer_printf(&found, "%s; %s", err.message, err.hint);
    } else {
        for (size_t i = 0; i < set->n_rules; i++)
            if (selection.rules[i])
                buffer_printf(&found, "%s" STR_FMT, found.len ? " " : "",
                              STR_ARG(set->rules[i].name));
        for (size_t i = 0; i < set->n_audits; i++)
            if (selection.audits[i])
                buffer_printf(&found, "%s" STR_FMT, found.len ? " " : "",
                              STR_ARG(set->audits[i].name));
    }
    assert_string_equal(found.data ? found.data : "", expected);
    buffer_fini(&found);
    arena_fini(&arena);
}

static void test_selectors(void **state)
{
    (void)state;
    struct rule_set set;
    build(&set, house, HOUSE);
    check_selected(&set, NULL, "edge_call node_method pair word audit_name");
    check_selected(&set, "pair", "pair");
    check_selected(&set, "edges_call", "edge_call");
    check_selected(&set, "+edge_call", "edge_call pair word");
    check_selected(&set, "word+", "edge_call node_method pair word audit_name");
    check_selected(&set, "pair+", "edge_call pair");
    check_selected(&set, "+pair+", "edge_call pair word");
    check_selected(&set, "+audit_name", "node_method word audit_name");
    check_selected(&set, "tag:small", "word");
    check_selected(&set, "layer:pairs", "edge_call pair");
    check_selected(&set, "emits:edges", "edge_call");
    check_selected(&set, "emits:nodes_method", "node_method");
    check_selected(&set, "changed+", "edge_call pair");
    check_selected(&set, "wrod", "no rule is selected by \"wrod\"; did you mean `word`?");
    check_selected(&set, "tag:smal", "no rule is selected by \"tag:smal\"; did you mean `small`?");
    check_selected(&set, "+", "no rule is selected by \"+\"; ");
    rule_set_fini(&set);
}

/* --- Lineage -------------------------------------------------------------------------------- */

static void put_origins(struct buffer *out, const char *label, const struct sql_origins *origins)
{
    buffer_text(out, label);
    for (size_t i = 0; i < origins->n; i++)
        buffer_printf(out, " " STR_FMT "." STR_FMT, STR_ARG(origins->origins[i].relation),
                      STR_ARG(origins->origins[i].column));
}

static void check_lineage(const struct rule_set *set, bool down, const char *column,
                          const char *expected)
{
    struct arena arena = {0};
    struct rule_lineage lineage;
    struct rg_error err = {0};
    struct buffer found = {0};
    enum rg_status status =
        (down ? rule_lineage_down : rule_lineage_up)(set, str_of(column), &arena, &lineage, &err);
    if (status) {
        buffer_printf(&found, "%s; %s", err.message, err.hint);
    } else {
        put_origins(&found, "value:", &lineage.value);
        put_origins(&found, " control:", &lineage.control);
        for (size_t i = 0; i < lineage.n_steps; i++)
            if (!lineage.steps[i].by_control)
                buffer_printf(&found, " %s" STR_FMT, i ? "" : "through ",
                              STR_ARG(lineage.steps[i].rule->name));
    }
    assert_string_equal(found.data ? found.data : "", expected);
    buffer_fini(&found);
    arena_fini(&arena);
}

static void test_lineage(void **state)
{
    (void)state;
    struct rule_set set;
    build(&set, house, HOUSE);
    check_lineage(&set, true, "edges.dst",
                  "value: syntax.file_id syntax.node control: syntax.token through edge_call pair "
                  "pair word word");
    check_lineage(&set, true, "nodes_method.name",
                  "value: syntax.token control: through node_method word");
    check_lineage(&set, true, "nodes.path", "value: file.path control:");
    check_lineage(&set, true, "syntax.node", "value: control:");
    check_lineage(&set, false, "syntax.token",
                  "value: nodes.name control: edges.dst edges.file_id edges.src nodes.file_id "
                  "nodes.node_id through word node_method");
    check_lineage(&set, false, "word.next", "value: control: edges.dst edges.file_id edges.src");
    check_lineage(&set, true, "edges.dest", "`edges` has no column `dest`; did you mean `dst`?");
    check_lineage(&set, true, "edgs.dst",
                  "`edgs` is neither a dataset, nor a relation, nor a rule; did you mean `edges`?");
    check_lineage(&set, true, "edges", "`edges` is no column; table.column, such as edges.dst");
    rule_set_fini(&set);
}

static void test_required(void **state)
{
    (void)state;
    struct rule_set set;
    struct buffer found = {0};
    build(&set, house, HOUSE);
    const struct rule *pair = &set.rules[rule_set_find(&set, STR("pair"))];
    for (size_t i = 0; i < pair->n_required; i++)
        buffer_printf(&found, STR_FMT "." STR_FMT " ", STR_ARG(pair->required[i].relation),
                      STR_ARG(pair->required[i].column));
    assert_string_equal(found.data, "word.file_id word.next word.node ");
    buffer_fini(&found);
    rule_set_fini(&set);
}

/* --- Differences ---------------------------------------------------------------------------- */

/* The house with one rule in another version. */
static void check_diff(const char *name, const char *text, const char *expected)
{
    static const char *const changes[] = {"unchanged", "documentation", "changed", "added",
                                          "removed"};
    static const char *const columns[] = {"same", "changed", "added", "removed"};
    struct text other[HOUSE + 1];
    struct rule_set before, after;
    struct rule_set_diff diff;
    struct arena arena = {0};
    struct buffer found = {0};
    size_t n = 0;
    bool known = false;
    for (size_t i = 0; i < HOUSE; i++) {
        bool same = strcmp(house[i].name, name) == 0;
        known = known || same;
        if (!same || text)
            other[n++] = (struct text){house[i].name, same ? text : house[i].text};
    }
    if (!known)
        other[n++] = (struct text){name, text};
    build(&before, house, HOUSE);
    build(&after, other, n);
    assert_int_equal(rule_set_compare(&before, &after, &arena, &diff, NULL), RG_OK);
    for (size_t i = 0; i < diff.n_rules; i++) {
        const struct rule_difference *d = &diff.rules[i];
        const struct rule *rule = d->after ? d->after : d->before;
        if (d->change == RULE_UNCHANGED)
            continue;
        buffer_printf(&found, STR_FMT " %s%s%s", STR_ARG(rule->name), changes[d->change],
                      d->header_changed ? " header" : "", d->rows_changed ? " rows" : "");
        for (size_t c = 0; c < d->n_columns; c++)
            buffer_printf(&found, " " STR_FMT " %s", STR_ARG(d->columns[c].name),
                          columns[d->columns[c].change]);
        buffer_text(&found, ";");
    }
    for (size_t i = 0; i < diff.n_affected; i++) {
        buffer_printf(&found, " " STR_FMT ":%s", STR_ARG(diff.affected[i].rule->name),
                      diff.affected[i].rows ? " rows" : "");
        for (size_t c = 0; c < diff.affected[i].n_columns; c++)
            buffer_printf(&found, " " STR_FMT, STR_ARG(diff.affected[i].columns[c]));
    }
    assert_string_equal(found.data ? found.data : "", expected);
    buffer_fini(&found);
    arena_fini(&arena);
    rule_set_fini(&before);
    rule_set_fini(&after);
}

#define WORD "-- emits: word\n-- layer: words\n-- tags: base, small\n-- why: tokens\n"

static void test_diff(void **state)
{
    (void)state;
    check_diff("word", house[0].text, "");
    check_diff("word",
               WORD
               "-- A remark.\nSELECT t.file_id, t.node, t.token, 1 + t.node AS next\nFROM syntax t "
               "WHERE t.token IS NOT NULL",
               "word documentation;");
    check_diff("word",
               WORD "SELECT s.file_id, s.node, s.token, s.node + 2 AS next FROM syntax AS s WHERE "
                    "s.token IS NOT NULL",
               "word changed next changed; pair: rows edge_call: rows");
    check_diff("word",
               WORD
               "SELECT s.file_id, s.node, upper(s.token) AS token, s.node + 1 AS next FROM syntax "
               "AS s WHERE s.token IS NOT NULL",
               "word changed token changed; node_method: name");
    check_diff("word",
               WORD "SELECT s.file_id, s.node, s.token, s.node + 1 AS next FROM syntax AS s",
               "word changed rows; node_method: rows pair: rows edge_call: rows");
    check_diff("word",
               WORD "SELECT s.file_id, s.node, s.token, s.node + 1 AS next, s.node AS extra FROM "
                    "syntax AS s WHERE s.token IS NOT NULL",
               "word changed extra added;");
    check_diff("edge_call", NULL, "edge_call removed rows;");
    check_diff("edge_ref",
               "-- emits: edges REF\nSELECT p.node AS src, p.node AS dst, p.file_id FROM pair AS p",
               "edge_ref added rows;");
    check_diff("edge_call",
               "-- emits: edges CALL\n-- resolution: exact\n-- layer: pairs\n-- why: next to each "
               "other\nSELECT stable_hash64(p.file_id, p.node) AS src, stable_hash64(p.file_id, "
               "p.other) AS dst, p.file_id FROM pair AS p",
               "edge_call changed header;");
}

/* --- Lints ---------------------------------------------------------------------------------- */

static void check_lints(const struct text *texts, size_t n, const char *expected)
{
    struct rule_set set;
    struct rule_findings findings;
    struct arena arena = {0};
    struct buffer found = {0};
    build(&set, texts, n);
    assert_int_equal(rule_set_lint(&set, &arena, &findings, NULL), RG_OK);
    for (size_t i = 0; i < findings.n; i++) {
        const struct rg_error *place = &findings.findings[i].place;
        if (findings.findings[i].severity == RULE_WARNING)
            buffer_printf(&found, "%s:%u:%u %s: %s\n", place->rule, place->line, place->column,
                          findings.findings[i].lint, place->message);
    }
    assert_string_equal(found.data ? found.data : "", expected);
    buffer_fini(&found);
    arena_fini(&arena);
    rule_set_fini(&set);
}

static void test_lints(void **state)
{
    (void)state;
    check_lints(house, HOUSE, "");
    const struct text bad[] = {
        {"a_header", "-- emits: nodes METHOD\n-- resolution: bound\n-- why: x\nSELECT 1::BIGINT AS "
                     "node_id, 2::BIGINT AS file_id"},
        {"b_header",
         "-- emits: edges CALL\n-- resolution: bound\n-- why: x\nSELECT 1::BIGINT AS src, "
         "2::BIGINT AS dst, 3::BIGINT AS file_id, 'exact' AS resolution"},
        {"c_unread", "-- emits: c_unread\n-- why: x\nSELECT s.node FROM syntax AS s"},
        {"d_why", "-- emits: edges REF\nSELECT 1::BIGINT AS src, 2::BIGINT AS dst, 3::BIGINT AS "
                  "file_id"},
        {"e_column", "-- emits: e_column\n-- why: x\nSELECT s.node, s.token FROM syntax AS s"},
        {"f_parts",
         "-- emits: edges AST\n-- why: x\nWITH unused AS (SELECT 1 AS one), used AS "
         "(SELECT e.node, 7 AS seven FROM e_column AS e)\nSELECT u.node AS src, u.node AS "
         "dst, 3::BIGINT AS file_id FROM used AS u"},
        {"g_random", "-- emits: edges CFG\n-- why: x\nSELECT 1::BIGINT AS src, 2::BIGINT AS dst, "
                     "3::BIGINT AS file_id, string_agg(s.token, ',') AS label FROM syntax AS s"},
        {"h_fixpoint", "-- emits: h_fixpoint\n-- fixpoint: alone\n-- why: x\nSELECT s.node FROM "
                       "syntax AS s"},
        {"i_reader",
         "-- emits: edges CDG\n-- why: x\nSELECT h.node AS src, h.node AS dst, 1::BIGINT "
         "AS file_id FROM h_fixpoint AS h"},
    };
    check_lints(
        bad, sizeof bad / sizeof *bad,
        "a_header:2:16 header_without_effect: `resolution` has no effect: what the rule emits has "
        "none\n"
        "b_header:2:16 header_without_effect: `resolution` has no effect: the SELECT returns it "
        "row by "
        "row\n"
        "c_unread:3:1 unread: no rule reads `c_unread`: it is not run\n"
        "d_why:2:1 missing_why: no header `why` says what the rule rests on\n"
        "e_column:3:16 unread: no rule reads the column `token` of `e_column`\n"
        "f_parts:3:6 unused_cte: `unused` is not used\n"
        "f_parts:3:59 unused_column: the column `seven` is not used\n"
        "g_random:3:66 determinism: string_agg takes the rows in the order they come\n"
        "h_fixpoint:2:14 header_without_effect: `fixpoint` has no effect: no rule of the group "
        "recurs\n");
}

/* --- Tests as text -------------------------------------------------------------------------- */

static void check_case(const struct rule_set *set, const char *text, const char *expected)
{
    struct arena arena = {0};
    struct rule_cases cases;
    struct rg_error err = {0};
    char told[2048];
    const struct rule *rule = &set->rules[rule_set_find(set, STR("node_method"))];
    enum rg_status status =
        rule_cases_parse(set, rule, STR("node_method.test"), str_of(text), &arena, &cases, &err);
    snprintf(told, sizeof told, "%u:%u: %s%s%s", err.line, err.column, err.message,
             err.hint[0] ? "; " : "", err.hint);
    assert_string_equal(status ? told : "", expected);
    arena_fini(&arena);
}

static void test_cases(void **state)
{
    (void)state;
    struct rule_set set;
    build(&set, house, HOUSE);
    check_case(&set, "given word\nfile_id | node\n1 | 2\nexpect\nname\n'a | b'\n", "");
    check_case(&set, "expect nothing", "");
    check_case(&set, "", "1:1: no test in this file");
    check_case(&set, "-- only a remark\n", "1:1: no test in this file");
    check_case(&set, "test: a\ngiven word\nnode\n1\n",
               "1:1: the test expects nothing: `expect` is "
               "missing");
    check_case(&set, "given wrod\n",
               "1:7: rule node_method does not read `wrod`; did you mean "
               "`word`?");
    check_case(&set, "given word\nnode | tokn\n",
               "2:8: `word` has no column `tokn`; did you mean `token`?");
    check_case(&set, "given word\nnode | token\n1\n", "3:1: 1 cells for 2 columns");
    check_case(&set, "given word\nnode\n1\ngiven word\n", "4:7: `word` is given twice");
    check_case(&set, "1 | 2\n",
               "1:1: a row that belongs to no table; a table starts with `given "
               "RELATION` or `expect`");
    check_case(&set, "expect\nnmae\n",
               "2:1: `node_method` has no column `nmae`; did you mean "
               "`name`?");
    check_case(&set, "expect nothing\nexpect nothing\n", "2:1: `expect` twice in one test");
    check_case(&set, "expect nothing\ngiven word\n",
               "2:1: `given` behind `expect`: a line `test: name` starts the next test");
    check_case(&set, "expect\nname\n'open\n", "3:1: a quoted cell ends with its quote");
    rule_set_fini(&set);
}

/* --- Scripts -------------------------------------------------------------------------------- */

static void test_scripts(void **state)
{
    (void)state;
    struct rule_set set;
    build(&set, house, HOUSE);
    assert_int_equal(
        rule_set_compile(&set, &(struct rule_compile_options){.keep_columns = true}, NULL), RG_OK);
    for (int dialect = 0; dialect < SQL_DIALECT_COUNT; dialect++) {
        struct arena arena = {0};
        struct rule_script *scripts;
        struct buffer names = {0};
        size_t n = 0;
        assert_int_equal(
            rule_set_scripts(&set, (enum sql_dialect)dialect, NULL, &arena, &scripts, &n, NULL),
            RG_OK);
        for (size_t i = 0; i < n; i++) {
            if (!scripts[i].sql.ptr)
                print_message("%s: %s\n", sql_dialect_info[dialect].name, scripts[i].error.message);
            assert_non_null(scripts[i].sql.ptr);
            buffer_printf(&names, STR_FMT " ", STR_ARG(scripts[i].name));
        }
        assert_string_equal(names.data, "word nodes_method pair edges_call nodes edges ");
        buffer_fini(&names);
        arena_fini(&arena);
    }
    rule_set_fini(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_index), cmocka_unit_test(test_selectors),
        cmocka_unit_test(test_lineage),       cmocka_unit_test(test_required),
        cmocka_unit_test(test_diff),          cmocka_unit_test(test_lints),
        cmocka_unit_test(test_cases),         cmocka_unit_test(test_scripts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
