/* Bundles and their replay: that a run's statements give its files again, here and in a copy, and
 * that nothing that was changed or made up goes through. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "graph/build_fixture.h"
#include "graph/bundle.h"
#include "graph/graph_folder.h"

static struct folder place;
static char repository[300], graph[300];

static int make_graph(void **state)
{
    (void)state;
    folder_open(&place);
    snprintf(repository, sizeof repository, "%s/shop", place.path);
    /* A name that patterns, endings and searches for "/state/" are misled by. */
    snprintf(graph, sizeof graph, "%s/state/odd [1]*.arrow/graph", place.path);
    struct folder shop;
    folder_open(&shop);
    add_shop(&shop);
    char command[200];
    snprintf(command, sizeof command, "mv '%s' shop", shop.path);
    folder_shell(&place, command);
    struct rg_build_request request = request_for(repository, graph);
    assert_built(&request);
    return 0;
}

static int remove_graph(void **state)
{
    (void)state;
    folder_close(&place);
    return 0;
}

/* --- Replaying ---------------------------------------------------------------------------------
 */

static enum rg_status replay_in(const char *bundle, const char *scratch, bool *out_matches,
                                struct buffer *out_said, struct rg_error *err)
{
    struct rg_session *session = session_with(NULL, NULL);
    struct rg_replay_request request = {
        .struct_size = sizeof request, .bundle = bundle, .scratch = scratch};
    struct rg_replay_result *result = NULL;
    *err = (struct rg_error){0};
    enum rg_status status = rg_replay(session, &request, &result, err);
    *out_matches = result && result->matches;
    for (size_t i = 0; result && i < result->n_outputs; i++)
        if (out_said && result->outputs[i].difference[0])
            buffer_printf(out_said, "%s: %s\n", result->outputs[i].path,
                          result->outputs[i].difference);
    for (size_t i = 0; result && i < result->n_notes; i++)
        if (out_said)
            buffer_printf(out_said, "note: %s\n", result->notes[i]);
    if (result) {
        assert_true(result->n_outputs >= 5);
        assert_true(result->n_steps > result->n_outputs);
    }
    rg_replay_result_free(result);
    rg_session_close(session);
    return status;
}

static void assert_reproduced(const char *bundle)
{
    bool matches;
    struct rg_error err;
    struct buffer said = {0};
    enum rg_status status = replay_in(bundle, NULL, &matches, &said, &err);
    assert_string_equal(err.message, "");
    assert_int_equal(status, RG_OK);
    assert_string_equal(said.data ? said.data : "", "");
    assert_true(matches);
    buffer_fini(&said);
}

static void assert_refused(const char *bundle, enum rg_status expected, const char *message)
{
    bool matches;
    struct rg_error err;
    enum rg_status status = replay_in(bundle, NULL, &matches, NULL, &err);
    if (status != expected || !strstr(err.message, message))
        fail_msg("%s: %s, not: %s", rg_status_name(status), err.message, message);
}

/* A copy of the graph, to be spoilt; the path of its current run's bundle. */
static const char *copy_of_graph(const char *name)
{
    static char bundle[600];
    char command[900], id[BUILD_ID_BYTES];
    snprintf(command, sizeof command, "rm -rf '%s' && cp -a '%s' '%s'", name, graph, name);
    folder_shell(&place, command);
    graph_current_id(graph, id);
    snprintf(bundle, sizeof bundle, "%s/%s/runs/%s", place.path, name, id);
    return bundle;
}

static void test_tiers(void **state)
{
    (void)state;
    static const enum rg_tier tiers[] = {RG_TIER_FAST, RG_TIER_CANONICAL};
    char output[320];
    assert_reproduced(graph); /* stable */
    for (size_t i = 0; i < 2; i++) {
        snprintf(output, sizeof output, "%s/tier-%zu", place.path, i);
        struct rg_build_request request = request_for(repository, output);
        request.tier = tiers[i];
        assert_built(&request);
        assert_reproduced(output);
        assert_query(output, "SELECT DISTINCT name FROM nodes WHERE name = 'rounded'", "rounded\n");
    }
}

/* The copy knows nothing of where it was made; the scratch folder is gone afterwards. */
static void test_elsewhere(void **state)
{
    (void)state;
    const char *bundle = copy_of_graph("elsewhere");
    folder_shell(&place, "mv state hidden && mv shop away");
    assert_reproduced(bundle);
    folder_shell(&place,
                 "mv hidden state && mv away shop && test $(ls elsewhere/state | wc -l) = 1");
    /* Where the graph may not be written to, the scratch folder is somebody else's. */
    bool matches;
    struct rg_error err;
    char scratch[320];
    folder_shell(&place, "mkdir scratch");
    snprintf(scratch, sizeof scratch, "%s/scratch", place.path);
    assert_int_equal(replay_in(bundle, scratch, &matches, NULL, &err), RG_OK);
    assert_true(matches);
    folder_shell(&place, "test $(ls scratch | wc -l) = 0");
}

static void test_no_bundle(void **state)
{
    (void)state;
    char none[320];
    snprintf(none, sizeof none, "%s/none", place.path);
    assert_refused(none, RG_ERR_NOT_FOUND, "there is no folder");
    assert_refused(repository, RG_ERR_NOT_FOUND, "is no run bundle");
    assert_refused("", RG_ERR_USAGE, "no bundle is named");
}

/* Rules that recur, rows that are rejected, and tables in between are steps as any others. */
static void test_rules_of_a_user(void **state)
{
    (void)state;
    char output[320], rules[320];
    const char *folders[] = {rules};
    snprintf(output, sizeof output, "%s/recurring", place.path);
    snprintf(rules, sizeof rules, "%s/recursion", place.path);
    folder_add_text(&place, "recursion/above_first.sql",
                    "-- emits: above\n-- fixpoint: above\n-- why: the parent\n"
                    "SELECT s.node_id AS node, s.parent_id AS over, s.file_id FROM syntax AS s\n"
                    "WHERE s.parent_id IS NOT NULL AND s.node_id IS NOT NULL\n");
    folder_add_text(&place, "recursion/above_more.sql",
                    "-- emits: above\n-- fixpoint: above\n-- why: the parent of the parent\n"
                    "SELECT a.node, s.parent_id AS over, a.file_id\n"
                    "FROM above AS a JOIN syntax AS s ON s.node_id = a.over\n"
                    "WHERE s.parent_id IS NOT NULL\n");
    /* Half of its rows have no key, which the contract forbids. */
    folder_add_text(&place, "recursion/props_height.sql",
                    "-- emits: props\n-- why: how deep a node lies\n"
                    "SELECT node AS node_id, CASE WHEN count(*) > 3 THEN 'height' END AS key,\n"
                    "       count(*) AS value_int, file_id\n"
                    "FROM above GROUP BY node, file_id\n");
    struct rg_build_request request = request_for(repository, output);
    request.rule_folders = folders;
    request.n_rule_folders = 1;
    assert_built(&request);
    assert_query(output, "SELECT DISTINCT key FROM props WHERE key = 'height'", "height\n");
    assert_query(output, "SELECT DISTINCT code FROM props_errors WHERE rule = 'props_height'",
                 "null: key\n");
    folder_shell(&place, "grep -q '\"insert\"' recurring/runs/*/steps.json && "
                         "grep -q '\"reject\"' recurring/runs/*/steps.json");
    assert_reproduced(output);
}

/* --- What was changed ----------------------------------------------------------------------------
 */

static void test_changed_files(void **state)
{
    (void)state;
    char command[1200];
    static const struct {
        const char *change; /* in the bundle's folder */
        enum rg_status status;
        const char *message;
    } cases[] = {
        {"sed -i s/SELECT/SELEKT/ steps.json", RG_ERR_CORRUPT, "steps.json is not as the run"},
        {"echo >> manifest.json", RG_ERR_CORRUPT, "manifest.json has"},
        {"rm contracts/datasets.sql", RG_ERR_CORRUPT, "contracts/datasets.sql is missing"},
        {"sed -i 's/\"built\"/\"build\"/' bundle.json", RG_ERR_CORRUPT, "its seal does not fit"},
        {"sed -i 's/\"format\": 1/\"format\": 2/' bundle.json", RG_ERR_CORRUPT, "has format 2"},
        {"echo '[]' > bundle.json", RG_ERR_CORRUPT, "bundle.json is not what"},
        {"rm ../../state/*.duckdb", RG_ERR_NOT_FOUND, "were not kept"},
        {"for f in ../../state/*.duckdb; do echo x >> \"$f\"; done", RG_ERR_CHANGED,
         "the facts are not as"},
        {"printf other-facts | dd of=$(echo ../../state/*.duckdb) bs=1 seek=50000 conv=notrunc",
         RG_ERR_CHANGED, "the facts are not as"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *bundle = copy_of_graph("changed");
        snprintf(command, sizeof command, "cd '%s' && %s", bundle, cases[i].change);
        folder_shell(&place, command);
        assert_refused(bundle, cases[i].status, cases[i].message);
    }
}

/* --- What somebody made up
 * ------------------------------------------------------------------------ */

static json_t *read_json(const char *folder, const char *name)
{
    char path[700];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    json_t *json = json_load_file(path, 0, NULL);
    assert_non_null(json);
    return json;
}

static void write_json(const char *folder, const char *name, json_t *json)
{
    char path[700];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(json_dump_file(json, path, JSON_INDENT(1) | JSON_SORT_KEYS), 0);
    json_decref(json);
}

/* Seals a bundle anew around a file that was changed, as who forges one would. */
static void seal_again(const char *bundle, const char *name)
{
    char path[700], hash[65];
    snprintf(path, sizeof path, "%s/%s", bundle, name);
    json_t *index = read_json(bundle, "bundle.json");
    assert_int_equal(file_sha256(path, hash, NULL), RG_OK);
    json_t *entry = json_object_get(json_object_get(index, "files"), name);
    json_object_set_new(entry, "sha256", json_string(hash));
    json_object_set_new(entry, "bytes", json_integer((json_int_t)file_size(path)));
    assert_true(bundle_seal(index, hash));
    json_object_set_new(index, "seal", json_string(hash));
    write_json(bundle, "bundle.json", index);
}

/* Changes a member of the first step of a kind; a SELECT gets a text of its own. */
static void forge(const char *bundle, const char *kind, const char *member, const char *value)
{
    json_t *root = read_json(bundle, "steps.json"), *step;
    size_t index;
    json_array_foreach(json_object_get(root, "steps"), index, step)
    {
        if (strcmp(json_string_value(json_object_get(step, "kind")), kind) != 0)
            continue;
        if (strcmp(member, "select") == 0) {
            json_t *texts = json_object_get(root, "texts");
            json_object_set_new(step, "select", json_integer((json_int_t)json_array_size(texts)));
            json_array_append_new(texts, json_string(value));
        } else {
            json_object_set_new(step, member, json_string(value));
        }
        break;
    }
    write_json(bundle, "steps.json", root);
    seal_again(bundle, "steps.json");
}

static void test_forged_steps(void **state)
{
    (void)state;
    static const struct {
        const char *kind, *member, *value;
        enum rg_status status;
        const char *message;
    } cases[] = {
        {"table", "select", "SELECT * FROM read_text('/etc/passwd')", RG_ERR_FORBIDDEN,
         "the table function read_text"},
        {"table", "select", "SELECT * FROM '/etc/passwd'", RG_ERR_FORBIDDEN, "reads what no step"},
        {"table", "select", "SELECT getenv('HOME')", RG_ERR_FORBIDDEN, "the function getenv"},
        {"table", "select", "SELECT 1; DROP TABLE file", RG_ERR_FORBIDDEN, "exactly one SELECT"},
        {"table", "select", "COPY file TO '/tmp/x.csv'", RG_ERR_FORBIDDEN, "exactly one SELECT"},
        {"table", "select", "SET threads = 1", RG_ERR_FORBIDDEN, "exactly one SELECT"},
        {"table", "select", "INSTALL httpfs", RG_ERR_FORBIDDEN, "exactly one SELECT"},
        {"table", "select", "ATTACH '/tmp/x'", RG_ERR_FORBIDDEN, "exactly one SELECT"},
        {"table", "select", "SELECT * FROM facts.main.file", RG_ERR_FORBIDDEN,
         "the qualified table"},
        {"table", "select", "SELECT * FROM information_schema.tables", RG_ERR_FORBIDDEN,
         "the qualified table"},
        {"table", "select", "SELECT * FROM work.rule_later", RG_ERR_FORBIDDEN,
         "reads what no step"},
        {"view", "select", "SELECT * FROM duckdb_settings()", RG_ERR_FORBIDDEN,
         "the table function duckdb_settings"},
        {"type", "select", "SELECT 'a') ; DROP SCHEMA work CASCADE; --", RG_ERR_PARSE, ""},
        {"table", "name", "work.x AS SELECT 1; DROP SCHEMA work CASCADE; --", RG_ERR_FORBIDDEN,
         "names something"},
        {"table", "name", "facts.main.file", RG_ERR_FORBIDDEN, "names something"},
        {"file", "name", "../../../../escaped.parquet", RG_ERR_FORBIDDEN, "has no place"},
        {"file", "name", "nodes/../../escaped.parquet", RG_ERR_FORBIDDEN, "has no place"},
        {"file", "name", "/tmp/escaped.parquet", RG_ERR_FORBIDDEN, "has no place"},
        {"file", "dataset", "..", RG_ERR_FORBIDDEN, "has no place"},
        {"file", "schema", "'}); DROP SCHEMA work CASCADE; --", RG_ERR_FORBIDDEN, "fingerprint"},
        {"file", "order", "'}); DROP SCHEMA nowhere; --", RG_OK, NULL}, /* quoted: other bytes */
        {"table", "kind", "pragma", RG_ERR_CORRUPT, "is none"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *bundle = copy_of_graph("forged [1].arrow");
        forge(bundle, cases[i].kind, cases[i].member, cases[i].value);
        if (cases[i].message)
            assert_refused(bundle, cases[i].status, cases[i].message);
        else
            assert_reproduced(bundle);
    }
}

/* A step that a run might have, but not this one: it runs, and what comes out is another thing. */
static void test_another_plan(void **state)
{
    (void)state;
    struct buffer said = {0};
    bool matches;
    struct rg_error err;
    const char *bundle = copy_of_graph("another");
    json_t *root = read_json(bundle, "steps.json"), *step, *texts = json_object_get(root, "texts");
    size_t index;
    json_array_foreach(json_object_get(root, "steps"), index, step)
    {
        const char *name = json_string_value(json_object_get(step, "name"));
        if (strcmp(name, "nodes/part-0.parquet") != 0)
            continue;
        size_t number = (size_t)json_integer_value(json_object_get(step, "select"));
        const char *text = json_string_value(json_array_get(texts, number));
        json_array_set_new(texts, number, json_sprintf("SELECT * FROM (%s) LIMIT 3", text));
    }
    write_json(bundle, "steps.json", root);
    seal_again(bundle, "steps.json");
    assert_int_equal(replay_in(bundle, NULL, &matches, &said, &err), RG_OK);
    assert_false(matches);
    assert_non_null(strstr(said.data, "nodes/part-0.parquet: 3 rows, the run wrote"));
    assert_null(strstr(said.data, "edges/"));
    buffer_fini(&said);
}

/* The bytes are not promised between versions of the engine; the rows are. */
static void test_another_engine(void **state)
{
    (void)state;
    struct buffer said = {0};
    bool matches;
    struct rg_error err;
    char hash[65];
    const char *bundle = copy_of_graph("engine");
    json_t *index = read_json(bundle, "bundle.json");
    json_object_set_new(json_object_get(index, "components"), "duckdb", json_string("v1.4.0"));
    assert_true(bundle_seal(index, hash));
    json_object_set_new(index, "seal", json_string(hash));
    write_json(bundle, "bundle.json", index);
    assert_int_equal(replay_in(bundle, NULL, &matches, &said, &err), RG_OK);
    assert_true(matches);
    assert_non_null(strstr(said.data, "note: duckdb was v1.4.0, here it is"));
    buffer_fini(&said);
}

/* --- Runs ----------------------------------------------------------------------------------------
 */

static json_t *list_runs(const char *output)
{
    char *text = NULL;
    struct rg_error err = {0};
    assert_int_equal(rg_runs(output, &text, &err), RG_OK);
    json_t *root = json_loads(text, 0, NULL);
    assert_non_null(root);
    rg_text_free(text);
    return root;
}

static const char *member(const json_t *root, size_t run, const char *key)
{
    const json_t *one = json_array_get(json_object_get(root, "runs"), run);
    const char *text = json_string_value(json_object_get(one, key));
    return text ? text : "";
}

/* A run that fails in a rule leaves what it ran until then, and what went wrong. */
static void test_failed_run(void **state)
{
    (void)state;
    char output[320], rules[320], bundle[600], path[700];
    const char *folders[] = {rules};
    struct rg_error err = {0};
    snprintf(output, sizeof output, "%s/failing", place.path);
    snprintf(rules, sizeof rules, "%s/rules", place.path);
    folder_add_text(&place, "rules/props_bad.sql",
                    "-- emits: props\n-- why: it divides by nothing\n"
                    "SELECT node_id, 'k' AS key, CAST(token AS BIGINT) AS value_int, file_id\n"
                    "FROM syntax WHERE token = 'rounded'\n");
    struct rg_build_request request = request_for(repository, output);
    request.rule_folders = folders;
    request.n_rule_folders = 1;
    request.strict = true;
    assert_int_not_equal(build_once(&request, &err), RG_OK);
    json_t *runs = list_runs(output);
    assert_string_equal(member(runs, 0, "result"), "failed");
    const json_t *error =
        json_object_get(json_array_get(json_object_get(runs, "runs"), 0), "error");
    assert_string_equal(json_string_value(json_object_get(error, "message")), err.message);
    assert_string_equal(json_string_value(json_object_get(error, "rule")), "props_bad");
    snprintf(bundle, sizeof bundle, "%s/runs/%s", output, member(runs, 0, "run"));
    json_decref(runs);
    snprintf(path, sizeof path, "%s/rules/props_bad.sql", bundle);
    assert_true(path_exists(path));
    snprintf(path, sizeof path, "%s/sql/rules/props_bad.sql", bundle);
    assert_true(path_exists(path));
    assert_refused(bundle, RG_ERR_NOT_FOUND, "was not finished (failed)");
    folder_shell(&place, "test ! -e failing/current && test -z \"$(ls -A failing/builds)\"");
}

/* So many bundles stay, and the current build's is one of them. */
static void test_pruning(void **state)
{
    (void)state;
    enum { KEPT = 3 };
    char output[320], rules[320], first[64];
    const char *folders[] = {rules};
    struct rg_setting kept = {"run.bundles_kept", "3", RG_SETTING_SET};
    struct rg_session_options options = {
        .struct_size = sizeof options, .threads = 2, .settings = &kept, .n_settings = 1};
    struct rg_session *session = NULL;
    struct rg_build_result *result = NULL;
    struct rg_error err = {0};
    copy_of_graph("pruned");
    snprintf(output, sizeof output, "%s/pruned", place.path);
    snprintf(rules, sizeof rules, "%s/broken", place.path);
    folder_add_text(&place, "broken/no.sql", "-- emits: nothing here\nSELECT\n");
    struct rg_build_request request = request_for(repository, output);
    json_t *runs = list_runs(output);
    snprintf(first, sizeof first, "%s", member(runs, 0, "run"));
    json_decref(runs);
    request.rule_folders = folders;
    request.n_rule_folders = 1;
    assert_int_equal(rg_session_open(&options, &session, &err), RG_OK);
    for (int i = 0; i < KEPT + 2; i++)
        assert_int_not_equal(rg_build(session, &request, &result, &err), RG_OK);
    rg_session_close(session);
    runs = list_runs(output);
    assert_int_equal(json_array_size(json_object_get(runs, "runs")), KEPT);
    bool found = false;
    for (size_t i = 0; i < KEPT; i++)
        found = found || strcmp(member(runs, i, "run"), first) == 0;
    assert_true(found);
    json_decref(runs);
}

/* The facts of a run go with its build; those of the next one serve where the sources are the same.
 */
static void test_facts_of_another_run(void **state)
{
    (void)state;
    char output[320], bundle[600];
    struct buffer said = {0};
    bool matches;
    struct rg_error err;
    copy_of_graph("twice");
    snprintf(output, sizeof output, "%s/twice", place.path);
    struct rg_build_request request = request_for(repository, output);
    json_t *runs = list_runs(output);
    snprintf(bundle, sizeof bundle, "%s/runs/%s", output, member(runs, 0, "run"));
    json_decref(runs);
    assert_built(&request);
    assert_int_equal(replay_in(bundle, NULL, &matches, &said, &err), RG_OK);
    assert_true(matches);
    assert_non_null(strstr(said.data, "note: the facts of this run were not kept; those of"));
    buffer_fini(&said);
    folder_add_text(&place, "shop/more.py", "def more():\n    return 2\n");
    assert_built(&request);
    assert_refused(bundle, RG_ERR_NOT_FOUND, "were not kept");
    folder_shell(&place, "rm shop/more.py");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tiers),
        cmocka_unit_test(test_rules_of_a_user),
        cmocka_unit_test(test_elsewhere),
        cmocka_unit_test(test_no_bundle),
        cmocka_unit_test(test_changed_files),
        cmocka_unit_test(test_forged_steps),
        cmocka_unit_test(test_another_plan),
        cmocka_unit_test(test_another_engine),
        cmocka_unit_test(test_failed_run),
        cmocka_unit_test(test_pruning),
        cmocka_unit_test(test_facts_of_another_run),
    };
    return cmocka_run_group_tests(tests, make_graph, remove_graph);
}
