/* The JSON lane of properties: the same values as the typed lane, as valid JSON; made only where it
 * is asked for; and whoever asks for it gets the other files byte for byte as before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "graph/build_fixture.h"

/* What JSON has to escape, or has not at all; and a value that is none. */
static const char odd_rule[] =
    "-- emits: props\n-- layer: syntax\n-- why: odd values\n"
    "SELECT m.node_id, 'odd \"key\\' AS key, 'q\"b\\s/' || chr(10) || chr(1) || 'ü😀' AS "
    "value_str,\n"
    "  NULL::BIGINT AS value_int, NULL::DOUBLE AS value_float, NULL::BOOLEAN AS value_bool,\n"
    "  m.file_id FROM nodes_method AS m\n"
    "UNION ALL SELECT m.node_id, 'nan', NULL, NULL, 'nan'::DOUBLE, NULL, m.file_id\n"
    "  FROM nodes_method AS m\n"
    "UNION ALL SELECT m.node_id, 'above', NULL, NULL, 'inf'::DOUBLE, NULL, m.file_id\n"
    "  FROM nodes_method AS m\n"
    "UNION ALL SELECT m.node_id, 'below', NULL, NULL, '-inf'::DOUBLE, NULL, m.file_id\n"
    "  FROM nodes_method AS m\n"
    "UNION ALL SELECT m.node_id, 'third', NULL, NULL, -1e-7, NULL, m.file_id\n"
    "  FROM nodes_method AS m\n"
    "UNION ALL SELECT m.node_id, 'large', NULL, 9223372036854775807, NULL, NULL, m.file_id\n"
    "  FROM nodes_method AS m\n"
    "UNION ALL SELECT m.node_id, 'not', NULL, NULL, NULL, false, m.file_id\n"
    "  FROM nodes_method AS m\n"
    "UNION ALL SELECT m.node_id, 'void', NULL, NULL, NULL, NULL, m.file_id\n"
    "  FROM nodes_method AS m\n";

static struct folder place;
static char repository[300], rules[300], plain[300], json[300], arrow[300];

static void build_with(const char *output, const struct rg_setting *settings, size_t n)
{
    const char *const folders[] = {rules};
    struct rg_session_options options = {
        .struct_size = sizeof options, .threads = 2, .settings = settings, .n_settings = n};
    struct rg_session *session = NULL;
    struct rg_build_result *result = NULL;
    struct rg_error err = {0};
    struct rg_build_request request = request_for(repository, output);
    request.tier = RG_TIER_CANONICAL;
    request.rule_folders = folders;
    request.n_rule_folders = 1;
    if (rg_session_open(&options, &session, &err) != RG_OK ||
        rg_build(session, &request, &result, &err) != RG_OK)
        fail_msg("%s: %s", err.rule, err.message);
    rg_build_result_free(result);
    rg_session_close(session);
}

static int setup(void **state)
{
    static const struct rg_setting asked[] = {
        {"write.props_json", "on", RG_SETTING_SET},
        {"write.writer.props_json", "arrow", RG_SETTING_SET},
        {"write.writer.props", "arrow", RG_SETTING_SET},
        {"write.writer.nodes", "arrow", RG_SETTING_SET},
        {"write.writer.edges", "arrow", RG_SETTING_SET},
        {"write.writer.edge_evidence", "arrow", RG_SETTING_SET},
        {"write.writer.unresolved", "arrow", RG_SETTING_SET},
    };
    struct folder shop;
    (void)state;
    folder_open(&place);
    folder_open(&shop);
    add_shop(&shop);
    snprintf(repository, sizeof repository, "%s", shop.path);
    snprintf(rules, sizeof rules, "%s/rules", place.path);
    snprintf(plain, sizeof plain, "%s/plain", place.path);
    snprintf(json, sizeof json, "%s/json", place.path);
    snprintf(arrow, sizeof arrow, "%s/arrow", place.path);
    folder_add_text(&place, "rules/odd_props.sql", odd_rule);
    build_with(plain, NULL, 0);
    build_with(json, asked, 1);
    build_with(arrow, asked, sizeof asked / sizeof *asked);
    folder_close(&shop);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    folder_close(&place);
    return 0;
}

static json_t *outputs_of(const char *graph)
{
    char path[400];
    snprintf(path, sizeof path, "%s/current/manifest.json", graph);
    json_t *root = json_load_file(path, 0, NULL);
    assert_non_null(root);
    json_t *outputs = json_incref(json_object_get(root, "outputs"));
    json_decref(root);
    return outputs;
}

static void test_typed_lane_untouched(void **state)
{
    (void)state;
    json_t *without = outputs_of(plain), *with = outputs_of(json);
    const char *name;
    json_t *dataset;
    size_t n = 0;
    json_object_foreach(without, name, dataset)
    {
        json_t *other = json_object_get(with, name);
        assert_true(
            json_equal(json_object_get(dataset, "shards"), json_object_get(other, "shards")));
        json_t *plan = json_object_get(dataset, "plan_sha256"); /* rejected rows have none */
        assert_true(!plan || json_equal(plan, json_object_get(other, "plan_sha256")));
        n++;
    }
    assert_true(n >= 10); /* five of the product, their rejected rows */
    assert_null(json_object_get(without, "props_json"));
    json_t *lane = json_object_get(with, "props_json");
    assert_string_equal(json_string_value(json_object_get(lane, "tier")), "canonical");
    assert_true(json_integer_value(json_object_get(lane, "rows")) > 0);
    json_decref(without);
    json_decref(with);
}

/* Strict JSON, keys in order. */
static void check_object(const char *text)
{
    json_error_t where;
    json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, &where), *value;
    const char *key, *before = "";
    if (!object)
        fail_msg("%s: %s", text, where.text);
    assert_true(json_is_object(object) && json_object_size(object) > 0);
    json_object_foreach(object, key, value)
    {
        assert_true(strcmp(before, key) < 0);
        before = key;
    }
    json_decref(object);
}

static void check_odd(const char *text)
{
    json_t *object = json_loads(text, 0, NULL);
    assert_non_null(object);
#define TEXT(key) json_string_value(json_object_get(object, key))
    assert_string_equal(TEXT("odd \"key\\"), "q\"b\\s/\n\x01ü😀");
    assert_string_equal(TEXT("nan"), "NaN");
    assert_string_equal(TEXT("above"), "Infinity");
    assert_string_equal(TEXT("below"), "-Infinity");
#undef TEXT
    assert_true(json_real_value(json_object_get(object, "third")) == -1e-7);
    assert_true(json_integer_value(json_object_get(object, "large")) == INT64_MAX);
    assert_true(json_is_false(json_object_get(object, "not")));
    assert_true(json_is_null(json_object_get(object, "void")));
    json_decref(object);
}

static void test_values(void **state)
{
    (void)state;
    static const char *const graphs[] = {json, arrow};
    for (size_t i = 0; i < 2; i++) {
        struct rg_error err = {0};
        char *lines = query_lines(graphs[i], "SELECT properties FROM props_json", &err);
        if (!lines)
            fail_msg("%s", err.message);
        char *rest = lines;
        for (char *line; (line = strsep(&rest, "\n")) && *line;)
            check_object(line);
        free(lines);
        lines = query_lines(graphs[i],
                            "SELECT properties FROM node_properties WHERE kind = 'METHOD' "
                            "AND name = 'taxed'",
                            &err);
        assert_non_null(lines);
        check_odd(lines);
        free(lines);
        /* A member for every row of the typed lane, and no other. */
        assert_query(graphs[i],
                     "SELECT count(*) FROM (SELECT node_id, unnest(json_keys(properties)) AS key "
                     "FROM props_json) AS j FULL JOIN props AS p USING (node_id, key) "
                     "WHERE j.key IS NULL OR p.key IS NULL",
                     "0\n");
        assert_query(graphs[i],
                     "SELECT count(*) FROM props AS p JOIN props_json AS j USING (node_id) WHERE "
                     "p.value_str IS NOT NULL AND p.key NOT LIKE 'odd%' AND "
                     "json_extract_string(j.properties, p.key) IS DISTINCT FROM p.value_str",
                     "0\n");
    }
}

/* A node without properties has an empty object; a graph without the lane has not the view. */
static void test_view(void **state)
{
    (void)state;
    struct rg_error err = {0};
    assert_query(json, "SELECT DISTINCT properties FROM node_properties WHERE kind = 'IDENTIFIER'",
                 "{}\n");
    char *lines = query_lines(plain, "FROM node_properties", &err);
    assert_null(lines);
    free(lines);
    assert_non_null(strstr(err.message, "node_properties does not exist"));
}

/* The lane is replayed as the others, with either writer of all datasets. */
static void test_replay(void **state)
{
    (void)state;
    static const char *const graphs[] = {json, arrow};
    for (size_t i = 0; i < 2; i++) {
        struct rg_session *session = session_with(NULL, NULL);
        struct rg_replay_request request = {.struct_size = sizeof request, .bundle = graphs[i]};
        struct rg_replay_result *result = NULL;
        struct rg_error err = {0};
        enum rg_status status = rg_replay(session, &request, &result, &err);
        assert_string_equal(err.message, "");
        assert_int_equal(status, RG_OK);
        for (size_t o = 0; o < result->n_outputs; o++)
            if (result->outputs[o].difference[0])
                print_error("%s: %s\n", result->outputs[o].path, result->outputs[o].difference);
        assert_true(result->matches);
        bool found = false;
        for (size_t o = 0; o < result->n_outputs; o++)
            found = found || strstr(result->outputs[o].path, "props_json/part-0.");
        assert_true(found);
        rg_replay_result_free(result);
        rg_session_close(session);
    }
}

/* Who reads it in a build that does not make it is told how to get it. */
static void test_read_without(void **state)
{
    (void)state;
    struct folder output;
    struct rg_error err = {0};
    const char *folders[1];
    folder_open(&output);
    folder_add_text(&output, "rules/reader.sql",
                    "-- audit: nobody\nSELECT node_id FROM props_json WHERE properties = ''\n");
    char *folder = path_join(output.path, "rules"), *graph = path_join(output.path, "graph");
    folders[0] = folder;
    struct rg_build_request request = request_for(rules, graph);
    folder_add_text(&place, "rules/one.py", "x = 1\n");
    request.rule_folders = folders;
    request.n_rule_folders = 1;
    assert_int_equal(build_once(&request, &err), RG_ERR_RULE);
    assert_non_null(strstr(err.message, "is made only where a build asks for it"));
    assert_string_equal(err.hint, "--set write.props_json=on");
    free(folder);
    free(graph);
    folder_close(&output);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_typed_lane_untouched),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_view),
        cmocka_unit_test(test_replay),
        cmocka_unit_test(test_read_without),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
