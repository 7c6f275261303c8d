/* Manifests, run records and the schema again and again, with their first, second, … allocation
 * failing, those of the JSON library included: each time it is told, nothing leaks, and no half
 * text is given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <limits.h>
#include <stdlib.h>

#include "compile/rules.h"
#include "graph/build_fixture.h"
#include "graph/manifest.h"
#include "run/run.h"
#include "graph/run_record.h"
#include "failing_malloc.h"

static struct folder place;
static struct rg_session *session;
static struct rule_set rules;
static char build_folder[128];
static struct manifest_shard shards[2];

static int setup(void **state)
{
    (void)state;
    json_set_alloc_funcs(__wrap_malloc, free);
    folder_open(&place);
    snprintf(build_folder, sizeof build_folder, "%s/build", place.path);
    assert_int_equal(rg_session_open(NULL, &session, NULL), RG_OK);
    assert_int_equal(rule_set_load(NULL, 0, &rules, NULL), RG_OK);
    folder_add_text(&place, "build/nodes/part-0.parquet", "nodes");
    folder_add_text(&place, "build/diagnostics/files.parquet", "files");
    shards[0] = (struct manifest_shard){.dataset = STR("nodes"),
                                        .path = STR("nodes/part-0.parquet"),
                                        .rows = 3,
                                        .bytes = 5,
                                        .sha256 = "aa"};
    shards[1] = (struct manifest_shard){.dataset = STR("files"),
                                        .path = STR("diagnostics/files.parquet"),
                                        .rows = 1,
                                        .bytes = 5,
                                        .sha256 = "bb"};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rule_set_fini(&rules);
    rg_session_close(session);
    folder_close(&place);
    return 0;
}

/* Runs an operation until no allocation fails any more: each of the first `dense` ones, and some of
 * those behind them. */
static void exhaust(enum rg_status (*operation)(struct rg_error *err), long dense)
{
    for (long n = 0;; n += n < dense ? 1 : n / 2) {
        struct rg_error err = {0};
        fails_after = n;
        enum rg_status status = operation(&err);
        bool done = fails_after >= 0;
        fails_after = -1;
        if (done) {
            assert_string_equal(err.message, "");
            assert_int_equal(status, RG_OK);
            assert_true(n > 0);
            return;
        }
        /* While reading, jansson now and then takes its own lack of memory for bad syntax. */
        bool told =
            status == RG_ERR_MEMORY || status == RG_ERR_CORRUPT || status == RG_ERR_NOT_FOUND;
        if (!told && status != RG_OK)
            fail_msg("allocation %ld: %s, %s", n, rg_status_name(status), err.message);
        assert_true(n < 20000);
    }
}

static const struct rg_count counts[] = {
    {"nodes", "METHOD", 2}, {"nodes", "CALL", 1}, {"props", "", 7}};
static const struct rg_stage stages[] = {{"scan", 0.5, 1}};
static const struct rg_build_result result = {
    .build_id = "20261122T181500-3fa9c1d2",
    .module_prefix = "shop",
    .module_prefix_source = "found",
    .counts = counts,
    .n_counts = 3,
    .stages = stages,
    .n_stages = 1,
};

static struct rg_build_request request;
static char *whole; /* the manifest's text when nothing fails */

static enum rg_status manifest_of_all(char **out_text, struct rg_error *err)
{
    const struct run_result run = {.n_datasets = 0};
    struct manifest_input input = {
        .request = &request,
        .run = &run,
        .result = &result,
        .settings_sha256 = "",
        .shards = shards,
        .n_shards = 2,
        .rules = &rules,
        .inputs_sha256 = "cc",
    };
    enum rg_status status = manifest_text(&input, out_text, err);
    assert_true((status == RG_OK) == (*out_text != NULL));
    return status;
}

static enum rg_status write_and_read(struct rg_error *err)
{
    char path[160], *text;
    struct manifest manifest;
    snprintf(path, sizeof path, "%s/manifest.json", build_folder);
    enum rg_status status = manifest_of_all(&text, err);
    if (status != RG_OK)
        return status;
    assert_string_equal(text, whole);
    status = file_write(path, str_of(text), err);
    free(text);
    if (status != RG_OK)
        return status;
    status = manifest_open(build_folder, &manifest, err);
    if (status == RG_OK) {
        assert_int_equal(manifest.n_shards, 2);
        assert_true(str_is(manifest.shards[0].dataset, "files"));
        assert_int_equal(manifest.shards[1].rows, 3);
    }
    manifest_fini(&manifest);
    return status;
}

static void test_manifest(void **state)
{
    (void)state;
    assert_int_equal(manifest_of_all(&whole, NULL), RG_OK);
    exhaust(write_and_read, LONG_MAX);
    free(whole);
}

static enum rg_status describe_run(struct rg_error *err)
{
    struct run_result run = {0};
    struct run_record record = {.session = session,
                                .run_id = "20261122T181500-3fa9c1d2",
                                .outcome = "failed",
                                .failure =
                                    &(struct rg_error){.status = RG_ERR_RULE, .message = "no \xff"},
                                .result = &result,
                                .run = &run,
                                .repository = "/home/\xff%41"};
    char *text, *folder = NULL;
    enum rg_status status = run_record_text(&record, &text, err);
    assert_true((status == RG_OK) == (text != NULL));
    folder_add_text(&place, "runs/20261122T181500-3fa9c1d2/run.json", text ? text : "");
    free(text);
    char build[160];
    snprintf(build, sizeof build, "%s/builds/20261122T181500-3fa9c1d2", place.path);
    if (status == RG_OK)
        status = folder_make(build, err);
    if (status == RG_OK)
        status = run_record_repository(build, &folder, err);
    if (status == RG_OK)
        assert_string_equal(folder, "/home/\xff%41");
    free(folder);
    return status;
}

static void test_run_record(void **state)
{
    (void)state;
    exhaust(describe_run, LONG_MAX);
}

static enum rg_status schema(struct rg_error *err)
{
    char *text;
    enum rg_status status = rg_schema_json(&text, err);
    assert_true((status == RG_OK) == (text != NULL));
    if (status == RG_OK)
        assert_non_null(strstr(text, "\"callers\""));
    rg_text_free(text);
    return status;
}

static void test_schema(void **state)
{
    (void)state;
    exhaust(schema, LONG_MAX);
}

/* A query over a graph with a file that the caller opens. */
static enum rg_status query_with_table(struct rg_error *err)
{
    char graph[128], csv[128];
    snprintf(graph, sizeof graph, "%s/graph", place.path);
    snprintf(csv, sizeof csv, "%s/opened.csv", place.path);
    const struct rg_query_table tables[] = {{"opened", csv}};
    struct rg_query_request asked = {.struct_size = sizeof asked,
                                     .graph = graph,
                                     .sql = "SELECT n FROM opened",
                                     .tables = tables,
                                     .n_tables = 1};
    struct ArrowArrayStream stream;
    struct ArrowArray batch;
    enum rg_status status = rg_query(session, &asked, &stream, err);
    if (status != RG_OK)
        return status;
    if (stream.get_next(&stream, &batch) == 0) {
        assert_int_equal(((const int64_t *)batch.children[0]->buffers[1])[0], 7);
        batch.release(&batch);
    } else {
        status = RG_ERR_MEMORY;
    }
    stream.release(&stream);
    return status;
}

static void test_query_with_table(void **state)
{
    (void)state;
    struct folder shop;
    char graph[128];
    folder_open(&shop);
    add_shop(&shop);
    snprintf(graph, sizeof graph, "%s/graph", place.path);
    struct rg_build_request build = request_for(shop.path, graph);
    assert_built(&build);
    folder_close(&shop);
    folder_add_text(&place, "opened.csv", "n\n7\n");
    exhaust(query_with_table, 24);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_manifest),
        cmocka_unit_test(test_run_record),
        cmocka_unit_test(test_schema),
        cmocka_unit_test(test_query_with_table),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
