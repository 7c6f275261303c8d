/* A graph whose datasets are Arrow files answers as one of Parquet files does: built, audited,
 * queried, put into graph.duckdb; and what a query may not do stays forbidden. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "graph/build_fixture.h"

static const struct rg_setting arrow_everywhere[] = {
    {"write.writer.nodes", "arrow", RG_SETTING_SET},
    {"write.writer.edges", "arrow", RG_SETTING_SET},
    {"write.writer.props", "arrow", RG_SETTING_SET},
    {"write.writer.edge_evidence", "arrow", RG_SETTING_SET},
    {"write.writer.unresolved", "arrow", RG_SETTING_SET},
};

struct graphs {
    struct folder repository, parquet, arrow;
};

static void build_with(const char *repository, const char *output,
                       const struct rg_setting *settings, size_t n)
{
    struct rg_session_options options = {
        .struct_size = sizeof options, .threads = 2, .settings = settings, .n_settings = n};
    struct rg_session *session = NULL;
    struct rg_build_result *result = NULL;
    struct rg_error err = {0};
    assert_int_equal(rg_session_open(&options, &session, &err), RG_OK);
    struct rg_build_request request = request_for(repository, output);
    request.with_duckdb = true;
    if (rg_build(session, &request, &result, &err) != RG_OK)
        fail_msg("%s: %s", err.rule, err.message);
    rg_build_result_free(result);
    rg_session_close(session);
}

static int setup(void **state)
{
    static struct graphs graphs;
    folder_open(&graphs.repository);
    folder_open(&graphs.parquet);
    folder_open(&graphs.arrow);
    add_shop(&graphs.repository);
    build_with(graphs.repository.path, graphs.parquet.path, NULL, 0);
    build_with(graphs.repository.path, graphs.arrow.path, arrow_everywhere,
               sizeof arrow_everywhere / sizeof *arrow_everywhere);
    *state = &graphs;
    return 0;
}

static int teardown(void **state)
{
    struct graphs *graphs = *state;
    folder_close(&graphs->repository);
    folder_close(&graphs->parquet);
    folder_close(&graphs->arrow);
    return 0;
}

static void test_same_answers(void **state)
{
    const struct graphs *graphs = *state;
    static const char *const queries[] = {
        "SELECT CAST(COLUMNS(*) AS VARCHAR) FROM nodes",
        "SELECT to_json(n) FROM nodes AS n",
        "SELECT to_json(e) FROM edges AS e",
        "SELECT to_json(p) FROM props AS p",
        "SELECT to_json(u) FROM unresolved AS u",
        "SELECT to_json(e) FROM edge_evidence AS e",
        "SELECT caller || path || line FROM callers('rounded')",
        "SELECT count(*) FROM nodes",
        "SELECT count(*) FROM nodes WHERE kind = 'CALL' AND qualified_name IS NULL",
        "SELECT name FROM definition('Price.taxed')",
        "SELECT e.kind FROM edges AS e JOIN nodes AS n ON n.node_id = e.dst ORDER BY ALL",
    };
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        struct rg_error err = {0};
        char *parquet = query_lines(graphs->parquet.path, queries[i], &err);
        if (!parquet)
            fail_msg("%s: %s", queries[i], err.message);
        char *arrow = query_lines(graphs->arrow.path, queries[i], &err);
        if (!arrow)
            fail_msg("%s: %s", queries[i], err.message);
        assert_true(*parquet != '\0' || i >= 4);
        assert_string_equal(arrow, parquet);
        free(parquet);
        free(arrow);
    }
}

static void test_manifest(void **state)
{
    const struct graphs *graphs = *state;
    char path[512];
    snprintf(path, sizeof path, "%s/current/manifest.json", graphs->arrow.path);
    json_error_t where;
    json_t *root = json_load_file(path, 0, &where);
    assert_non_null(root);
    json_t *nodes = json_object_get(json_object_get(root, "outputs"), "nodes");
    assert_string_equal(json_string_value(json_object_get(nodes, "writer")), "arrow");
    assert_int_equal(strlen(json_string_value(json_object_get(nodes, "plan_sha256"))), 64);
    assert_int_equal(strlen(json_string_value(json_object_get(nodes, "schema_sha256"))), 64);
    json_t *file = json_array_get(json_object_get(nodes, "shards"), 0);
    assert_string_equal(json_string_value(json_object_get(file, "path")), "nodes/part-0.arrow");
    json_t *line = json_object_get(json_object_get(file, "columns"), "start_line");
    assert_int_equal(json_integer_value(json_object_get(line, "min")), 1);
    assert_int_equal(json_integer_value(json_object_get(line, "max")), 10);
    assert_int_equal(json_integer_value(json_object_get(line, "nulls")), 0);
    json_t *language = json_object_get(json_object_get(file, "columns"), "language");
    assert_string_equal(json_string_value(json_object_get(language, "max")), "python");
    json_decref(root);
}

/* The function behind the views reads files: it is not for the text of a user. */
static void test_walls(void **state)
{
    const struct graphs *graphs = *state;
    static const char *const queries[] = {
        "SELECT * FROM relgraph_arrow(['/etc/passwd'])",
        "SELECT * FROM relgraph_arrow(['nodes/part-0.arrow'])",
        "SELECT (SELECT count(*) FROM relgraph_arrow(['x'])) FROM nodes",
    };
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        struct rg_error err = {0};
        assert_null(query_lines(graphs->arrow.path, queries[i], &err));
        assert_int_equal(err.status, RG_ERR_FORBIDDEN);
        assert_non_null(strstr(err.message, "relgraph_arrow"));
    }
}

/* What was changed behind our back is an error, not other rows. */
static void test_damaged(void **state)
{
    const struct graphs *graphs = *state;
    char path[512];
    struct rg_error err = {0};
    snprintf(path, sizeof path, "%s/current/edges/part-0.arrow", graphs->arrow.path);
    char *bytes;
    size_t size;
    assert_int_equal(file_read(path, 1 << 24, false, &bytes, &size, NULL), RG_OK);
    memset(bytes + size - 200, 'x', 100);
    assert_int_equal(file_write(path, (struct str){bytes, size}, NULL), RG_OK);
    assert_null(query_lines(graphs->arrow.path, "SELECT kind FROM edges", &err));
    assert_int_equal(err.status, RG_ERR_CORRUPT);
    assert_non_null(strstr(err.message, "part-0.arrow"));
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_answers),
        cmocka_unit_test(test_manifest),
        cmocka_unit_test(test_walls),
        cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
