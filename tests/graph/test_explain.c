/* Explaining through execution: a small repository is built, and what is told of the run, of rules
 * and of an edge of every kind is compared with what is known to be so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>

#include "base/ledger.h"
#include "engine/store.h"
#include "graph/build_fixture.h"

static struct folder repository, output, outer;

static void build_in(const struct rg_session_options *options)
{
    struct rg_build_request request = request_for(repository.path, output.path);
    struct rg_session *session = NULL;
    struct rg_build_result *result = NULL;
    struct rg_error err = {0};
    assert_int_equal(rg_session_open(options, &session, &err), RG_OK);
    if (rg_build(session, &request, &result, &err) != RG_OK)
        fail_msg("%s: %s", err.rule, err.message);
    rg_build_result_free(result);
    rg_session_close(session);
}

/* The graph's folder has a name that the engine's readers would take for a pattern, and one of its
 * datasets is of Arrow files. */
static int open_graph(void **state)
{
    (void)state;
    folder_open(&repository);
    folder_open(&outer);
    assert_true(snprintf(output.path, sizeof output.path, "%s/odd [1]*", outer.path) <
                (int)sizeof output.path);
    add_shop(&repository);
    folder_add_text(&repository, "kinds.py",
                    "from shop.till import total\n"
                    "from shop.prices import Price\n"
                    "\n"
                    "\n"
                    "class Cheap(Price):\n"
                    "    def taxed(self):\n"
                    "        return 1\n"
                    "\n"
                    "\n"
                    "def outer(items):\n"
                    "    price = Price(1)\n"
                    "    def inner():\n"
                    "        return items\n"
                    "    if items:\n"
                    "        return total(inner())\n"
                    "    else:\n"
                    "        return price.taxed()\n");
    /* A long line, and a character that lies across the place where it is cut. */
    struct buffer wide = {0};
    buffer_text(&wide, "def narrow():\n    return 1\n\n\ndef wide():\n    x");
    for (int i = 0; i < 4; i++) {
        buffer_text(&wide, " = narrow(\"");
        for (int k = 0; k < 150; k++)
            buffer_text(&wide, i % 2 ? "é" : "x");
        buffer_text(&wide, i < 3 ? "\")" : "\").total()\n");
        if (i < 3)
            buffer_text(&wide, "; y");
    }
    folder_add_text(&repository, "a_wide.py", wide.data);
    buffer_fini(&wide);
    const struct rg_setting arrow = {"write.writer.edges", "arrow", RG_SETTING_SET};
    struct rg_session_options options = {
        .struct_size = sizeof options, .threads = 2, .settings = &arrow, .n_settings = 1};
    build_in(&options);
    return 0;
}

static int close_graph(void **state)
{
    (void)state;
    folder_close(&repository);
    folder_close(&outer);
    return 0;
}

/* The answer as JSON; NULL and err on failure. */
static json_t *ask(enum rg_explain_what what, const char *const *operands, size_t n,
                   const char *run, struct rg_error *err)
{
    struct rg_session *session = session_with(NULL, NULL);
    struct rg_explain_request request = {.struct_size = sizeof request,
                                         .graph = output.path,
                                         .what = what,
                                         .operands = operands,
                                         .n_operands = n,
                                         .run = run};
    char *text = NULL;
    json_error_t where;
    enum rg_status status = rg_explain(session, &request, &text, err);
    assert_true((status == RG_OK) == (text != NULL));
    json_t *root = text ? json_loads(text, 0, &where) : NULL;
    assert_true(!text || root);
    rg_text_free(text);
    rg_session_close(session);
    return root;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static long long number_of(const json_t *object, const char *key)
{
    assert_non_null(json_object_get(object, key));
    return json_integer_value(json_object_get(object, key));
}

/* --- Edges --- */

/* Some row below has a span that touches the bytes given. */
static bool touches(const json_t *rows, const char *path, long long start, long long end, int depth)
{
    size_t i, k, m;
    json_t *row, *part, *maker;
    json_array_foreach(rows, i, row)
    {
        json_array_foreach(row, k, part)
        {
            const json_t *span = json_object_get(part, "span");
            if (span && strcmp(text_of(span, "path"), path) == 0 &&
                number_of(span, "start_byte") <= end && number_of(span, "end_byte") >= start)
                return true;
            json_array_foreach(json_object_get(part, "made_by"), m, maker)
            {
                if (depth < 20 &&
                    touches(json_object_get(maker, "rows"), path, start, end, depth + 1))
                    return true;
            }
        }
    }
    return false;
}

static void check_edge(const char *kind, const char *src, const char *dst, long long start,
                       long long end, const char *path)
{
    const char *const operands[] = {kind, src, dst};
    struct rg_error err = {0};
    json_t *root = ask(RG_EXPLAIN_EDGE, operands, 3, NULL, &err);
    size_t i, right = 0;
    json_t *finding;
    if (!root)
        print_message("%s: %s\n", kind, err.message);
    assert_non_null(root);
    assert_null(json_object_get(root, "facts_note"));
    assert_null(json_object_get(root, "source_note"));
    json_array_foreach(json_object_get(root, "findings"), i, finding)
    {
        const json_t *span = json_object_get(finding, "span");
        assert_string_not_equal(text_of(finding, "why"), "");
        if (!span || number_of(span, "start_byte") != start || number_of(span, "end_byte") != end)
            continue;
        right++;
        assert_string_equal(text_of(span, "path"), path);
        assert_true(number_of(span, "start_line") >= 1);
        const json_t *rows = json_object_get(finding, "rows");
        bool shown = json_array_size(rows) > 0;
        if (!shown || !touches(rows, path, start, end, 0))
            print_message("%s: %s of %s %s\n", kind, shown ? "no row touches the span" : "no rows",
                          text_of(finding, "rule"), text_of(finding, "note"));
        assert_true(shown && touches(rows, path, start, end, 0));
    }
    assert_true(right > 0);
    json_decref(root);
}

static void test_every_kind_of_edge(void **state)
{
    (void)state;
    struct rg_error err = {0};
    char *lines =
        query_lines(output.path,
                    "SELECT kind || ' ' || src || ' ' || dst || ' ' || start_byte || ' ' "
                    "|| end_byte || ' ' || path FROM edges WHERE path IS NOT NULL QUALIFY "
                    "row_number() OVER (PARTITION BY kind ORDER BY path DESC, start_byte, "
                    "src, dst) = 1 ORDER BY 1",
                    &err);
    size_t n = 0;
    for (char *line = strtok(lines, "\n"); line; line = strtok(NULL, "\n"), n++) {
        char kind[64], src[32], dst[32], path[64];
        long long start, end;
        assert_int_equal(
            sscanf(line, "%63s %31s %31s %lld %lld %63s", kind, src, dst, &start, &end, path), 6);
        check_edge(kind, src, dst, start, end, path);
    }
    assert_true(n >= 15);
    free(lines);
}

/* Names lead to edges, too; the words of the source are shown. */
static void test_names(void **state)
{
    (void)state;
    struct rg_error err = {0};
    json_t *root = ask(RG_EXPLAIN_EDGE, (const char *const[]){"CALL", "total", "shop.till.total"},
                       3, NULL, &err);
    assert_string_equal(err.message, "");
    json_t *finding = json_array_get(json_object_get(root, "findings"), 0);
    assert_string_equal(text_of(finding, "rule"), "edge_call_imported");
    const json_t *span = json_object_get(finding, "span");
    assert_string_equal(text_of(span, "path"), "kinds.py");
    assert_int_equal(number_of(span, "start_line"), 15);
    assert_non_null(strstr(text_of(span, "text"), "return total(inner())"));
    json_decref(root);
    /* Several fit: they are listed. */
    assert_null(
        ask(RG_EXPLAIN_EDGE, (const char *const[]){"OVERRIDES", "taxed", "taxes"}, 3, NULL, &err));
    assert_int_equal(err.status, RG_ERR_NOT_FOUND);
    assert_non_null(strstr(err.message, "taxes"));
    assert_null(ask(RG_EXPLAIN_EDGE, (const char *const[]){"CAL", "total", "x"}, 3, NULL, &err));
    assert_non_null(strstr(err.hint, "CALL"));
    assert_null(
        ask(RG_EXPLAIN_EDGE, (const char *const[]){"AST", "outer", "outer"}, 3, NULL, &err));
    assert_int_equal(err.status, RG_ERR_NOT_FOUND);
}

/* Of a line that is long a part is shown, cut between characters, with the place in it. */
static void test_long_lines(void **state)
{
    (void)state;
    struct rg_error err = {0};
    char *lines =
        query_lines(output.path,
                    "SELECT e.src FROM edges AS e JOIN nodes AS n ON n.node_id = e.src "
                    "WHERE e.kind = 'CALL' AND n.path = 'a_wide.py' ORDER BY n.start_byte",
                    &err);
    size_t n = 0;
    for (char *line = strtok(lines, "\n"); line; line = strtok(NULL, "\n"), n++) {
        const char *const operands[] = {"CALL", line, "shop.a_wide.narrow"};
        json_t *root = ask(RG_EXPLAIN_EDGE, operands, 3, NULL, &err);
        assert_string_equal(err.message, "");
        const json_t *span =
            json_object_get(json_array_get(json_object_get(root, "findings"), 0), "span");
        const char *text = text_of(span, "text");
        assert_non_null(strstr(text, "narrow(\""));
        assert_in_range(strlen(text), 100, 220);
        assert_true((strncmp(text, "…", strlen("…")) == 0) == (n > 0));
        assert_string_equal(text + strlen(text) - strlen("…"), "…");
        json_decref(root);
    }
    assert_int_equal(n, 4);
    free(lines);
    assert_null(
        ask(RG_EXPLAIN_EDGE, (const char *const[]){"CALL", "narrow", "narrow"}, 3, NULL, &err));
    assert_int_equal(err.status, RG_ERR_USAGE);
    assert_memory_equal(err.message, "4 edges fit:\n  CALL narrow at a_wide.py:6", 40);
}

static void test_no_facts(void **state)
{
    (void)state;
    struct rg_error err = {0};
    folder_shell(&output, "mv state elsewhere");
    json_t *root = ask(RG_EXPLAIN_EDGE, (const char *const[]){"CALL", "total", "shop.till.total"},
                       3, NULL, &err);
    assert_string_equal(err.message, "");
    assert_non_null(strstr(text_of(root, "facts_note"), "not kept"));
    json_t *finding = json_array_get(json_object_get(root, "findings"), 0);
    assert_string_not_equal(text_of(finding, "why"), "");
    assert_null(json_object_get(finding, "rows"));
    json_decref(root);
    folder_shell(&output, "mv elsewhere state");
}

/* --- Runs and rules --- */

static void test_run(void **state)
{
    (void)state;
    static const char *const stages[] = {"scan",  "extract",  "rules",     "write",
                                         "audit", "describe", "keep facts"};
    struct rg_error err = {0};
    json_t *root = ask(RG_EXPLAIN_RUN, NULL, 0, NULL, &err);
    assert_non_null(root);
    size_t i, own = 0;
    json_t *row;
    for (i = 0; i < 7; i++)
        assert_string_equal(text_of(json_array_get(json_object_get(root, "stages"), i), "stage"),
                            stages[i]);
    json_array_foreach(json_object_get(root, "rules"), i, row)
    {
        /* What ran as part of another query has no time of its own. */
        bool apart = strcmp(text_of(row, "mode"), "table") == 0;
        assert_true(apart == (json_object_get(row, "seconds") != NULL));
        own += apart;
    }
    assert_true(own > 20);
    /* What a rule reads is known, facts whose tables are packed among it: callee reads one call and
     * one reference a call, at least. */
    const char *name = "callee";
    json_t *rule = ask(RG_EXPLAIN_RULE, &name, 1, NULL, &err);
    const json_t *event = json_array_get(json_object_get(rule, "events"), 0);
    assert_true(number_of(event, "rows_in") >= 2 * number_of(event, "rows_out"));
    json_decref(rule);
    assert_int_equal(json_array_size(json_object_get(root, "failed")), 0);
    /* broken.py holds a syntax error. */
    row = json_array_get(json_object_get(root, "extract_errors"), 0);
    assert_string_equal(text_of(row, "code"), "partial");
    assert_int_equal(number_of(row, "files"), 1);
    json_decref(root);
    assert_null(ask(RG_EXPLAIN_RUN, NULL, 0, "20200101T000000-00000000", &err));
    assert_int_equal(err.status, RG_ERR_NOT_FOUND);
}

static void test_rule(void **state)
{
    (void)state;
    struct rg_error err = {0};
    const char *name = "edge_call_imported";
    json_t *root = ask(RG_EXPLAIN_RULE, &name, 1, NULL, &err);
    assert_non_null(root);
    assert_string_equal(text_of(root, "emits"), "edges CALL");
    assert_non_null(strstr(text_of(root, "sql"), "callee_value"));
    json_t *event = json_array_get(json_object_get(root, "events"), 0);
    assert_string_equal(text_of(event, "outcome"), "done");
    assert_true(number_of(event, "rows_out") >= 2);
    assert_int_equal(strlen(text_of(event, "fingerprint")), 64);
    assert_string_equal(text_of(json_array_get(json_object_get(root, "reads"), 0), "relation"),
                        "callee_value");
    json_decref(root);
    name = "edge_call_imprted";
    assert_null(ask(RG_EXPLAIN_RULE, &name, 1, NULL, &err));
    assert_non_null(strstr(err.hint, "edge_call_imported"));
}

static char *draw(const char *format)
{
    struct rg_session *session = session_with(NULL, NULL);
    struct rg_explain_request request = {.struct_size = sizeof request,
                                         .graph = output.path,
                                         .what = RG_EXPLAIN_RULES,
                                         .format = format};
    struct rg_error err = {0};
    char *text = NULL;
    assert_int_equal(rg_explain(session, &request, &text, &err), RG_OK);
    rg_session_close(session);
    return text;
}

static size_t count(const char *text, const char *word)
{
    size_t n = 0;
    for (const char *at = strstr(text, word); at; at = strstr(at + 1, word))
        n++;
    return n;
}

static void test_pictures(void **state)
{
    (void)state;
    struct rg_error err = {0};
    json_t *root = ask(RG_EXPLAIN_RULES, NULL, 0, NULL, &err);
    size_t rules = json_array_size(json_object_get(root, "rules"));
    size_t edges = json_array_size(json_object_get(root, "edges"));
    char *dot = draw("dot"), *svg = draw("svg");
    assert_true(rules > 40 && edges > 40);
    assert_int_equal(count(dot, " -> "), edges);
    assert_non_null(strstr(dot, "\"callee_value\" -> \"edge_call_imported\""));
    assert_int_equal(count(svg, "<path "), edges);
    assert_int_equal(count(svg, "<g><title>"), rules);
    assert_int_equal(count(svg, "<g"), count(svg, "</g>"));
    rg_text_free(dot);
    rg_text_free(svg);
    json_decref(root);
}

/* --- Runs that fail, and runs that are watched closely --- */

static void test_failed_run(void **state)
{
    (void)state;
    struct folder rules;
    folder_open(&rules);
    folder_add_text(&rules, "edge_broken.sql",
                    "-- emits: edges CALL\n-- resolution: fallback\n-- why: to be rejected\n"
                    "SELECT node_id AS src, NULL::BIGINT AS dst, file_id, start_byte, end_byte "
                    "FROM syntax\n");
    const char *folder = rules.path;
    struct rg_build_request request = request_for(repository.path, output.path);
    struct rg_error err = {0};
    request.rule_folders = &folder;
    request.n_rule_folders = 1;
    request.strict = true;
    assert_int_equal(build_once(&request, &err), RG_ERR_CONTRACT);
    json_t *root = ask(RG_EXPLAIN_RUN, NULL, 0, "last", &err);
    assert_non_null(root);
    const json_t *stages = json_object_get(root, "stages");
    const json_t *last = json_array_get(stages, json_array_size(stages) - 1);
    assert_string_equal(text_of(last, "outcome"), "failed");
    assert_string_equal(text_of(last, "status"), "contract");
    assert_string_equal(text_of(last, "rule"), "edge_broken");
    assert_non_null(strstr(text_of(last, "error"), "break the contract"));
    assert_string_equal(text_of(json_array_get(json_object_get(root, "failed"), 0), "rule"),
                        "edge_broken");
    /* It failed, but it had read. */
    const json_t *unread = json_array_get(json_object_get(root, "extract_errors"), 0);
    assert_string_equal(text_of(unread, "code"), "partial");
    assert_string_equal(text_of(unread, "message"), "holds a syntax error");
    json_decref(root);
    /* The graph before it is still the one that is explained where none is named. */
    root = ask(RG_EXPLAIN_RUN, NULL, 0, NULL, &err);
    assert_string_not_equal(text_of(root, "last_run"), "");
    assert_int_equal(json_array_size(json_object_get(root, "failed")), 0);
    json_decref(root);
    folder_close(&rules);
}

static void test_watched_run(void **state)
{
    (void)state;
    struct rg_session_options options = {
        .struct_size = sizeof options, .threads = 2, .profile = RG_PROFILE_DEV_DEBUG};
    struct rg_error err = {0};
    const char *name = "callee_value";
    build_in(&options);
    json_t *root = ask(RG_EXPLAIN_RULE, &name, 1, NULL, &err);
    const json_t *operators = json_object_get(root, "operators");
    json_t *event = json_array_get(json_object_get(root, "events"), 0);
    size_t i, scans = 0;
    json_t *row;
    assert_true(json_array_size(operators) > 5);
    assert_null(json_object_get(json_array_get(operators, 0), "parent"));
    json_array_foreach(operators, i, row)
    {
        scans += strstr(text_of(row, "name"), "SCAN") != NULL;
        if (i)
            assert_true(number_of(row, "parent") < number_of(row, "operator"));
    }
    assert_true(scans > 0);
    assert_true(number_of(event, "peak_memory_bytes") > 0);
    assert_int_equal(number_of(event, "spilled_bytes"), 0);
    json_decref(root);
    /* Its facts hold what was between; an edge is explained all the same. */
    root = ask(RG_EXPLAIN_EDGE, (const char *const[]){"CALL", "total", "shop.till.total"}, 3, NULL,
               &err);
    assert_string_equal(err.message, "");
    json_t *finding = json_array_get(json_object_get(root, "findings"), 0);
    assert_true(json_array_size(json_object_get(finding, "rows")) > 0);
    json_decref(root);
}

/* A clock that saw nothing pass: no share of nothing, and no failure. */
static void test_operators_without_time(void **state)
{
    (void)state;
    struct rg_error err = {0};
    struct rg_session *session = session_with(NULL, NULL);
    struct store *store = NULL;
    json_t *root = ask(RG_EXPLAIN_RUN, NULL, 0, NULL, &err);
    char command[300], *sql;
    snprintf(command, sizeof command, "cp 'runs/%s/diagnostics/operator_metrics.parquet' ../old",
             text_of(root, "run"));
    folder_shell(&output, command);
    assert_true(asprintf(&sql,
                         "COPY (SELECT * REPLACE (0.0 AS seconds) FROM read_parquet('%s/old')) "
                         "TO '%s/new' (FORMAT parquet)",
                         outer.path, outer.path) > 0);
    const struct store_options options = {.allowed_directory = outer.path};
    assert_int_equal(store_open(session, &options, &store, &err), RG_OK);
    assert_int_equal(store_exec(store, str_of(sql), &err), RG_OK);
    store_close(store);
    rg_session_close(session);
    free(sql);
    snprintf(command, sizeof command, "cp ../new 'runs/%s/diagnostics/operator_metrics.parquet'",
             text_of(root, "run"));
    folder_shell(&output, command);
    json_decref(root);
    root = ask(RG_EXPLAIN_RUN, NULL, 0, NULL, &err);
    assert_string_equal(err.message, "");
    const json_t *operators = json_object_get(root, "operators");
    assert_true(json_array_size(operators) > 5);
    assert_null(json_object_get(json_array_get(operators, 0), "share"));
    json_decref(root);
}

/* --- The page --- */

static void test_page_names_every_column(void **state)
{
    (void)state;
    char *page = NULL;
    size_t size = 0;
    assert_int_equal(
        file_read(RG_SOURCE_DIR "/docs/diagnostics.md", 1 << 20, false, &page, &size, NULL), RG_OK);
    for (size_t t = 0; t < LEDGER_TABLES; t++) {
        const struct ledger_table *table = &ledger_tables[t];
        char heading[64];
        snprintf(heading, sizeof heading, "\n### %s\n", table->name);
        const char *from = strstr(page, heading);
        if (!from)
            print_message("docs/diagnostics.md has no section %s\n", table->name);
        assert_non_null(from);
        const char *to = strstr(from + 5, "\n### ");
        for (size_t i = 0; i < table->n_columns; i++) {
            char row[512];
            static const char *const types[] = {"VARCHAR", "BIGINT", "DOUBLE", "BOOLEAN"};
            const struct ledger_column *column = &table->columns[i];
            snprintf(row, sizeof row, "\n| %s | %s | %s |\n", column->name, types[column->type],
                     column->what ? column->what : "");
            const char *at = strstr(from, row);
            if (!at || (to && at > to))
                print_message("docs/diagnostics.md lacks%s", row);
            assert_true(at && (!to || at < to));
        }
    }
    free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind_of_edge),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_long_lines),
        cmocka_unit_test(test_no_facts),
        cmocka_unit_test(test_run),
        cmocka_unit_test(test_rule),
        cmocka_unit_test(test_pictures),
        cmocka_unit_test(test_failed_run),
        cmocka_unit_test(test_watched_run),
        cmocka_unit_test(test_operators_without_time),
        cmocka_unit_test(test_page_names_every_column),
    };
    return cmocka_run_group_tests(tests, open_graph, close_graph);
}
