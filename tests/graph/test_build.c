/* Whole builds of a small repository: what is published, that it is reproducible, and how it is
 * read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>

#include "engine/store.h"
#include "graph/shop_fixture.h"

static char graph[128];

static int make_graph(void **state)
{
    make_folders(state);
    snprintf(graph, sizeof graph, "%s/graph", place.path);
    struct rg_build_request request = request_for(shop.path, graph);
    assert_built(&request);
    return 0;
}

static char *read_text(const char *path)
{
    char *text;
    size_t size;
    assert_int_equal(file_read(path, 1 << 24, false, &text, &size, NULL), RG_OK);
    return text;
}

/* --- Building ------------------------------------------------------------------------------- */

static uint64_t rows_of(const struct rg_build_result *result, const char *dataset, const char *kind)
{
    for (size_t i = 0; i < result->n_counts; i++)
        if (strcmp(result->counts[i].dataset, dataset) == 0 &&
            strcmp(result->counts[i].kind, kind) == 0)
            return result->counts[i].rows;
    return 0;
}

static void test_result(void **state)
{
    (void)state;
    struct rg_session *session = session_with(NULL, NULL);
    struct rg_build_result *result;
    struct folder checkout;
    folder_open(&checkout);
    add_shop(&checkout);
    struct rg_build_request request = request_for(checkout.path, in_place("result"));
    assert_int_equal(rg_build(session, &request, &result, NULL), RG_OK);
    rg_session_close(session); /* the result lives on without it */
    folder_close(&checkout);
    assert_int_equal(result->files, 4);
    assert_int_equal(result->files_parsed, 3);
    assert_int_equal(result->files_partial, 1);
    assert_int_equal(result->lines, 18);
    assert_string_equal(result->module_prefix, "shop");
    assert_string_equal(result->module_prefix_source, "found");
    assert_true(path_is_folder(result->build_path));
    assert_non_null(strstr(result->build_path, result->build_id));
    /* Four modules, a class, its body, and the functions of it, of the modules and the broken one.
     */
    assert_int_equal(rows_of(result, "nodes", "TYPE_DECL"), 1);
    assert_true(rows_of(result, "nodes", "METHOD") >= 9);
    assert_true(rows_of(result, "edges", "CALL") >= 3);
    assert_true(result->n_reasons > 0);
    assert_true(result->output_bytes > 0 && result->peak_memory_bytes > 0 && result->seconds > 0);
    const char *const stages[] = {"scan", "extract", "rules", "write", "audit", "publish"};
    size_t found = 0;
    for (size_t i = 0; i < result->n_stages && found < 6; i++)
        found += strcmp(result->stages[i].name, stages[found]) == 0;
    assert_int_equal(found, 6);
    for (size_t i = 1; i < result->n_counts; i++)
        assert_true(strcmp(result->counts[i - 1].dataset, result->counts[i].dataset) <= 0);
    rg_build_result_free(result);
}

/* The graph of another checkout, built by another session, has the same manifest. */
static void test_manifest_is_reproducible(void **state)
{
    (void)state;
    char *first = read_text(in_place("graph/current/manifest.json"));
    char *second = read_text(in_place("result/current/manifest.json"));
    assert_string_equal(first, second);
    assert_null(strstr(first, shop.path));
    assert_null(strstr(first, "2026"));
    free(first);
    free(second);
}

static void test_rebuild_replaces(void **state)
{
    (void)state;
    struct folder changing;
    folder_open(&changing);
    folder_add_text(&changing, "a.py", "def first(): pass\n");
    struct rg_build_request request = request_for(changing.path, in_place("changing"));
    assert_built(&request);
    folder_add_text(&changing, "a.py", "def second(): pass\n");
    assert_built(&request);
    assert_query(in_place("changing"), "SELECT name FROM methods", "second\n");
    size_t n = 0;
    DIR *builds = opendir(in_place("changing/builds"));
    for (struct dirent *entry; (entry = readdir(builds)) != NULL;)
        n += entry->d_name[0] != '.';
    closedir(builds);
    assert_int_equal(n, 1);
    folder_close(&changing);
}

static void test_facts_only(void **state)
{
    (void)state;
    struct rg_session *session = session_with(NULL, NULL);
    struct rg_build_result *result;
    struct rg_build_request request = request_for(shop.path, NULL);
    request.facts_only = request.facts_in_memory = true;
    assert_int_equal(rg_build(session, &request, &result, NULL), RG_OK);
    assert_int_equal(rows_of(result, "file", ""), 4);
    uint64_t syntax = rows_of(result, "syntax", "");
    assert_true(syntax > 50);
    assert_string_equal(result->build_id, "");
    rg_build_result_free(result);
    request.facts_in_memory = false;
    request.output = in_place("facts");
    assert_int_equal(rg_build(session, &request, &result, NULL), RG_OK);
    assert_int_equal(rows_of(result, "syntax", ""), syntax);
    rg_build_result_free(result);
    assert_false(path_exists(in_place("facts/current")));
    assert_int_equal(rmdir(in_place("facts/state")), 0); /* empty again */
    rg_session_close(session);
}

static void test_duckdb_file(void **state)
{
    (void)state;
    char path[400];
    struct rg_build_request request = request_for(shop.path, in_place("duckdb"));
    request.with_duckdb = true;
    request.facts_in_memory = true; /* beside: a graph without a store on disk */
    assert_built(&request);
    snprintf(path, sizeof path, "%s/current/graph.duckdb", request.output);
    struct rg_session *session = session_with(NULL, NULL);
    struct store_options options = {.path = path, .read_only = true};
    struct store *store;
    struct arena arena = {0};
    struct text_table table;
    assert_int_equal(store_open(session, &options, &store, NULL), RG_OK);
    assert_int_equal(
        store_table(store, STR("SELECT caller FROM callers('Price')"), 9, &arena, &table, NULL),
        RG_OK);
    assert_int_equal(table.rows, 1);
    assert_true(str_is(table.cells[0], "shop.till.total"));
    store_close(store);
    arena_fini(&arena);
    rg_session_close(session);
    assert_false(path_exists(in_place("duckdb/current/graph.duckdb.wal")));
}

static void test_rule_folder(void **state)
{
    (void)state;
    struct folder rules;
    struct rg_error err = {0};
    folder_open(&rules);
    folder_add_text(&rules, "mine.sql",
                    "-- emits: nodes METHOD\n-- why: a test\nSELECT nonsense FROM syntax\n");
    const char *folders[] = {rules.path};
    struct rg_build_request request = request_for(shop.path, in_place("duckdb"));
    request.rule_folders = folders;
    request.n_rule_folders = 1;
    assert_int_equal(build_once(&request, &err), RG_ERR_RULE);
    assert_string_equal(err.rule, "mine");
    assert_query(in_place("duckdb"), "SELECT name FROM classes", "Price\n");
    folder_close(&rules);
}

/* --- Reading -------------------------------------------------------------------------------- */

static void test_queries(void **state)
{
    (void)state;
    assert_query(graph, "SELECT caller FROM callers('rounded')",
                 "shop.prices.Price.taxed\nshop.till.total\n");
    assert_query(graph, "SELECT callee FROM callees('taxed')", "shop.prices.rounded\n");
    assert_query(graph, "SELECT qualified_name FROM path('total', 'rounded') ORDER BY step",
                 "shop.till.total\nshop.prices.rounded\n");
    assert_query(graph, "SELECT qualified_name FROM definition('rounded') WHERE kind = 'METHOD'",
                 "shop.prices.rounded\n");
    assert_query(graph, "SELECT DISTINCT path FROM references('Price') ORDER BY path", "till.py\n");
    assert_query(graph, "SELECT path || ' ' || status FROM files ORDER BY path",
                 "__init__.py parsed\nbroken.py partial\nprices.py parsed\ntill.py parsed\n");
    assert_query(graph, "SELECT DISTINCT path FROM syntax_errors", "broken.py\n");
    assert_query(graph, "SELECT DISTINCT imported FROM imports WHERE importer = 'till.py'",
                 "prices.py\n");
    assert_query(graph,
                 "SELECT count(*) - (SELECT count(*) FROM (SELECT DISTINCT kind, src, dst, label "
                 "FROM evidence)) FROM edges",
                 "0\n");
}

static void test_schema(void **state)
{
    (void)state;
    char *text;
    assert_int_equal(rg_schema_json(&text, NULL), RG_OK);
    const char *const words[] = {"\"nodes\"",         "\"callers\"",       "\"METHOD\"",
                                 "\"INHERITS_FROM\"", "\"syntax_errors\"", "\"node_id\""};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_non_null(strstr(text, words[i]));
    assert_null(strstr(text, "\"cfg_point\""));
    rg_text_free(text);
}

static void test_components(void **state)
{
    (void)state;
    struct rg_component rows[16];
    size_t n = rg_components(rows, 16);
    assert_true(n >= 4 && n <= 16);
    assert_int_equal(rg_components(rows, 1), n);
    assert_string_equal(rows[0].name, "relgraph");
}

static enum rg_status read_source(int64_t node_id, const char *repository, struct rg_source *source,
                                  struct rg_error *err)
{
    struct rg_session *session = session_with(NULL, NULL);
    struct rg_source_request request = {.struct_size = sizeof request,
                                        .graph = graph,
                                        .repository = repository,
                                        .node_id = node_id};
    enum rg_status status = rg_source_read(session, &request, source, err);
    rg_session_close(session);
    return status;
}

static int64_t id_of(const char *sql)
{
    struct rg_error err = {0};
    char *lines = query_lines(graph, sql, &err);
    assert_string_equal(err.message, "");
    assert_true(*lines);
    int64_t id = strtoll(lines, NULL, 10);
    free(lines);
    return id;
}

static void test_source(void **state)
{
    (void)state;
    struct rg_source source;
    struct rg_error err = {0};
    int64_t id = id_of("SELECT node_id FROM definition('rounded') WHERE kind = 'METHOD'");
    assert_int_equal(read_source(id, NULL, &source, &err), RG_OK);
    assert_string_equal(source.text, "def rounded(amount):\n    return int(amount)");
    assert_string_equal(source.path, "prices.py");
    assert_int_equal(source.start_line, 9);
    assert_int_equal(source.end_line, 10);
    rg_source_fini(&source);
    assert_int_equal(read_source(12345, NULL, &source, &err), RG_ERR_NOT_FOUND);
    assert_null(source.text);
}

static void test_source_of_another_checkout(void **state)
{
    (void)state;
    struct folder other;
    struct rg_source source;
    struct rg_error err = {0};
    int64_t id = id_of("SELECT node_id FROM definition('rounded') WHERE kind = 'METHOD'");
    folder_open(&other);
    add_shop(&other);
    assert_int_equal(read_source(id, other.path, &source, &err), RG_OK);
    rg_source_fini(&source);
    /* Of the same size, then of another one. */
    folder_shell(&other, "sed -i s/rounded/floored/ prices.py");
    assert_int_equal(read_source(id, other.path, &source, &err), RG_ERR_CHANGED);
    folder_shell(&other, "echo >> prices.py");
    assert_int_equal(read_source(id, other.path, &source, &err), RG_ERR_CHANGED);
    folder_shell(&other, "rm prices.py");
    assert_int_equal(read_source(id, other.path, &source, &err), RG_ERR_CHANGED);
    /* A link, even to the very file. */
    folder_shell(&other, "cp till.py keep; ln -s keep prices.py");
    assert_int_equal(read_source(id, other.path, &source, &err), RG_ERR_FORBIDDEN);
    assert_int_equal(read_source(id, "/nonexistent", &source, &err), RG_ERR_IO);
    folder_close(&other);
}

/* --- Damage --------------------------------------------------------------------------------- */

static void assert_corrupt(const char *damage, const char *said)
{
    struct rg_error err = {0};
    char copy[300];
    snprintf(copy, sizeof copy, "%s/damaged", place.path);
    folder_shell(&place, "rm -rf damaged && cp -a graph damaged");
    folder_shell(&place, damage);
    char *lines = query_lines(copy, "SELECT 1", &err);
    assert_null(lines);
    assert_int_equal(err.status, RG_ERR_CORRUPT);
    assert_non_null(strstr(err.message, said));
    assert_string_not_equal(err.hint, "");
}

static void test_damage(void **state)
{
    (void)state;
    assert_corrupt("rm damaged/current/manifest.json", "no manifest");
    assert_corrupt("echo '{' > damaged/current/manifest.json", "not JSON");
    assert_corrupt("echo '{}' > damaged/current/manifest.json", "not the manifest");
    assert_corrupt("echo '{\"format\": 1, \"outputs\": {}}' > damaged/current/manifest.json",
                   "no dataset nodes");
    assert_corrupt("sed -i 's/\"format\": 1/\"format\": 99/' damaged/current/manifest.json",
                   "format 99");
    assert_corrupt("sed -i 's|\"nodes/|\"../nodes/|' damaged/current/manifest.json", "is none");
    assert_corrupt("rm damaged/current/edges/*", "missing");
    assert_corrupt("truncate -s 10 damaged/current/props/*", "bytes");
    assert_corrupt("rm -rf damaged/builds", "missing");
}

/* A copied graph reads its own files, wherever it lies; names with glob signs and quotes included.
 */
static void test_moved_graph(void **state)
{
    (void)state;
    folder_shell(&place, "rm -rf \"it's [a] 100% *?\" && cp -a graph \"it's [a] 100% *?\"");
    assert_query(in_place("it's [a] 100% *?"), "SELECT name FROM classes", "Price\n");
    folder_shell(&place, "rm -rf year=2026 && mkdir year=2026 && cp -a graph/current/. year=2026/");
    assert_query(in_place("year=2026"), "SELECT name FROM classes", "Price\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_result),
        cmocka_unit_test(test_manifest_is_reproducible),
        cmocka_unit_test(test_rebuild_replaces),
        cmocka_unit_test(test_facts_only),
        cmocka_unit_test(test_duckdb_file),
        cmocka_unit_test(test_rule_folder),
        cmocka_unit_test(test_queries),
        cmocka_unit_test(test_schema),
        cmocka_unit_test(test_components),
        cmocka_unit_test(test_source),
        cmocka_unit_test(test_source_of_another_checkout),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_moved_graph),
    };
    return cmocka_run_group_tests(tests, make_graph, drop_folders);
}
