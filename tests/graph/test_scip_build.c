/* Builds with SCIP indexes: which file a document speaks of, what is recorded, and what fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/limits.h"
#include "build_fixture.h"
#include "extract/scip_writer.h"

static struct folder repository, scratch;

static int setup(void **state)
{
    (void)state;
    folder_open(&repository);
    folder_open(&scratch);
    folder_add_text(&repository, "shop/a.py", "x = 1\n");
    folder_add_text(&repository, "shop/b.py", "from shop.a import x\n");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    folder_close(&repository);
    folder_close(&scratch);
    return 0;
}

static void put_document(struct buffer *index, const char *path, int32_t line, const char *symbol)
{
    struct buffer document = {0};
    put_text(&document, DOCUMENT_PATH, path);
    put_occurrence(&document, line, 0, 1, symbol, 1);
    put_part(index, INDEX_DOCUMENT, &document);
}

/* Writes the index and takes it; lent until the next call. */
static const char *save(struct buffer *index, const char *name)
{
    static char path[128];
    assert_false(index->failed);
    folder_add(&scratch, name, index->data, index->len);
    buffer_fini(index);
    *index = (struct buffer){0};
    snprintf(path, sizeof path, "%s/%s", scratch.path, name);
    return path;
}

/* Builds with that index; the graph's path is lent until the next call. */
static const char *built(const char *root, const char *index, size_t n)
{
    static char graph[128];
    snprintf(graph, sizeof graph, "%s/graph", scratch.path);
    struct rg_build_request request = request_for(root, graph);
    request.scip_files = &index;
    request.n_scip_files = n;
    assert_built(&request);
    return graph;
}

static void assert_recorded(const char *graph)
{
    struct rg_error err = {0};
    char path[160], hash[65], *manifest;
    size_t size;
    snprintf(path, sizeof path, "%s/index.scip", scratch.path);
    assert_int_equal(file_sha256(path, hash, &err), RG_OK);
    snprintf(path, sizeof path, "%s/current/manifest.json", graph);
    assert_int_equal(file_read(path, 1 << 20, true, &manifest, &size, &err), RG_OK);
    static const char *const said[] = {"\"name\": \"index.scip\"", "\"tool\": \"scip-python\"",
                                       "\"documents\": 7",         "\"documents_read\": 1",
                                       "\"occurrences\": 1",       "\"placed\": 1"};
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        if (!strstr(manifest, said[i]))
            fail_msg("%s is not in %s", said[i], manifest);
    assert_non_null(strstr(manifest, hash));
    assert_null(strstr(manifest, scratch.path));
    free(manifest);
}

#define DOCUMENTS                                                                                  \
    "SELECT path || ' ' || status || ' ' || coalesce(file_path, '-') || ' ' || placed FROM "       \
    "scip_documents"

static void test_documents_and_files(void **state)
{
    (void)state;
    struct buffer index = {0};
    put_metadata(&index, "scip-python", "");
    put_document(&index, "shop/a.py", 0, "s m p v x.");
    put_document(&index, "shop/gone.py", 0, "s m p v x.");
    put_document(&index, "shop/a.py", 0, "s m p v x.");
    put_document(&index, "../shop/a.py", 0, "s m p v x.");
    put_document(&index, "/shop/a.py", 0, "s m p v x.");
    put_document(&index, "shop//a.py", 0, "s m p v x.");
    put_document(&index, "shop/b.py", 7, "local 1");
    const char *graph = built(repository.path, save(&index, "index.scip"), 1);
    assert_recorded(graph);
    assert_query(graph, DOCUMENTS " ORDER BY ALL",
                 "../shop/a.py bad_path - 0\n/shop/a.py bad_path - 0\n"
                 "shop//a.py bad_path - 0\nshop/a.py duplicate shop/a.py 0\n"
                 "shop/a.py read shop/a.py 1\nshop/b.py stale shop/b.py 0\n"
                 "shop/gone.py missing - 0\n");
    assert_query(graph, "SELECT what || ' ' || path FROM scip_problems ORDER BY ALL",
                 "bad_path ../shop/a.py\nbad_path /shop/a.py\nbad_path shop//a.py\n"
                 "duplicate shop/a.py\nmissing shop/gone.py\nstale shop/b.py\n");
}

/* The facts alone, in memory: what becomes of the indexes, of one document each, is in the result.
 */
static void assert_documents(const char *root, const char *const *indexes, size_t n, bool is_read)
{
    struct rg_session *session = session_with(NULL, NULL);
    struct rg_build_result *result = NULL;
    struct rg_error err = {0};
    struct rg_build_request request = request_for(root, NULL);
    request.facts_only = request.facts_in_memory = true;
    request.scip_files = indexes;
    request.n_scip_files = n;
    assert_int_equal(rg_build(session, &request, &result, &err), RG_OK);
    assert_int_equal(result->n_scip_indexes, n);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(result->scip_indexes[i].documents, 1);
        assert_int_equal(result->scip_indexes[i].documents_read, is_read);
        assert_int_equal(result->scip_indexes[i].placed, is_read);
    }
    rg_build_result_free(result);
    rg_session_close(session);
}

static void assert_read(const char *root, const char *const *indexes, size_t n)
{
    assert_documents(root, indexes, n, true);
}

/* An indexer ran above the repository, below it, or on another machine. */
static void test_roots(void **state)
{
    (void)state;
    char package[80], uri[96];
    snprintf(package, sizeof package, "%s/shop", repository.path);
    const char *const roots[] = {repository.path, "/another/machine", "/another/machine"};
    static const char *const paths[] = {"shop/a.py", "shop/a.py", "a.py"};
    for (size_t i = 0; i < 3; i++) {
        struct buffer index = {0};
        snprintf(uri, sizeof uri, "file://%s/", roots[i]);
        put_metadata(&index, NULL, uri);
        put_document(&index, paths[i], 0, "s m p v x.");
        const char *path = save(&index, "index.scip");
        assert_read(package, &path, 1);
    }
    struct buffer index = {0};
    snprintf(uri, sizeof uri, "file://localhost%s/%%73hop", repository.path); /* an s */
    put_metadata(&index, NULL, uri);
    put_document(&index, "a.py", 0, "s m p v x.");
    const char *path = save(&index, "index.scip");
    assert_read(repository.path, &path, 1);
}

static enum rg_status build_fails(const char *path, struct rg_error *err)
{
    char graph[128];
    snprintf(graph, sizeof graph, "%s/failed", scratch.path);
    struct rg_build_request request = request_for(repository.path, graph);
    request.scip_files = &path;
    request.n_scip_files = 1;
    request.facts_only = true;
    return build_once(&request, err);
}

static void test_what_is_no_index(void **state)
{
    (void)state;
    struct buffer index = {0};
    struct rg_error err = {0};
    put_metadata(&index, NULL, "");
    put_document(&index, "shop/a.py", 0, "s m p v x.");
    index.len -= 1;
    assert_int_equal(build_fails(save(&index, "cut.scip"), &err), RG_ERR_CORRUPT);
    assert_non_null(strstr(err.message, "cut.scip is no whole SCIP index: a part is longer"));
    assert_non_null(strstr(err.file, "cut.scip"));
    static const struct {
        const char *name, *text;
    } others[] = {{"json.scip", "{\"documents\": []}"}, {"empty.scip", ""}, {"zero.scip", "\n"}};
    for (size_t i = 0; i < 3; i++) {
        buffer_append(&index, others[i].text, strlen(others[i].text));
        if (!index.data)
            buffer_text(&index, "");
        assert_int_equal(build_fails(save(&index, others[i].name), &err), RG_ERR_CORRUPT);
    }
    assert_int_equal(build_fails(scratch.path, &err), RG_ERR_USAGE);
    assert_int_equal(build_fails("/nowhere/index.scip", &err), RG_ERR_NOT_FOUND);
    assert_non_null(strstr(err.hint, "indexer"));
    struct rg_build_request request = request_for(repository.path, scratch.path);
    request.n_scip_files = 1;
    assert_int_equal(build_once(&request, &err), RG_ERR_USAGE);
}

/* Unknown fields are of a later version of the format. */
static void test_two_indexes(void **state)
{
    (void)state;
    char first[128];
    struct buffer index = {0};
    put_number(&index, 9, 5);
    put_text(&index, 10, "later");
    put_document(&index, "shop/a.py", 0, "s m p v x.");
    strcpy(first, save(&index, "one.scip"));
    put_document(&index, "shop/a.py", 0, "t m p v x.");
    const char *paths[] = {first, save(&index, "two.scip")};
    assert_read(repository.path, paths, 2);
}

/* More than one document may have is not taken into memory. */
static void test_large_document(void **state)
{
    (void)state;
    char large[128];
    const char *const paths[] = {large};
    struct buffer index = {0};
    put_varint(&index, INDEX_DOCUMENT << 3 | 2);
    put_varint(&index, LIMIT_SCIP_PART_BYTES + 1);
    size_t size = index.len + LIMIT_SCIP_PART_BYTES + 1;
    strcpy(large, save(&index, "large.scip"));
    assert_int_equal(truncate(large, (off_t)size), 0); /* zeros that take no room */
    assert_documents(repository.path, paths, 1, false);
}

/* --- Files that are not parsed, or change --------------------------------------------------- */

static void write_another(void *user, const struct rg_event *event)
{
    if (event->kind == RG_EVENT_STAGE && strcmp(event->name, "scip") == 0)
        folder_add_text(&repository, user, "x = 2\n");
}

static void test_files_that_are_another(void **state)
{
    (void)state;
    char graph[128], path[] = "shop/a.py";
    struct buffer index = {0};
    struct rg_error err = {0};
    struct rg_build_result *result = NULL;
    folder_add(&repository, "shop/binary.py", "x = 1\0\n", 7);
    put_document(&index, path, 0, "s m p v x.");
    put_document(&index, "shop/binary.py", 0, "s m p v x.");
    const char *indexes = save(&index, "index.scip");
    snprintf(graph, sizeof graph, "%s/graph", scratch.path);
    struct rg_session *session = session_with(write_another, path);
    struct rg_build_request request = request_for(repository.path, graph);
    request.scip_files = &indexes;
    request.n_scip_files = 1;
    assert_int_equal(rg_build(session, &request, &result, &err), RG_OK);
    rg_build_result_free(result);
    rg_session_close(session);
    assert_query(graph, DOCUMENTS " ORDER BY ALL",
                 "shop/a.py changed shop/a.py 0\nshop/binary.py not_extracted shop/binary.py 0\n");
}

/* --- Files of languages that are not parsed --------------------------------------------------- */

/* What is of a language that we parse was left out by the scan, and stays so. */
static void test_files_that_an_index_names(void **state)
{
    (void)state;
    char target[96];
    struct buffer index = {0}, cut = {0};
    folder_add_text(&repository, "web/till.ts", "let x = 1\nx\n");
    folder_add_text(&repository, "web/50%.ts", "x\n");
    folder_add(&repository, "web/binary.ts", "x\0\n", 3);
    folder_add_text(&repository, "node_modules/left.py", "x\n");
    snprintf(target, sizeof target, "%s/web/link.ts", repository.path);
    assert_int_equal(symlink("till.ts", target), 0);
    put_text(&cut, DOCUMENT_PATH, "web/till.ts");
    put_text(&cut, DOCUMENT_LANGUAGE, "TypeScript");
    put_occurrence(&cut, 0, 4, 5, "s m p v x.", 1);
    put_occurrence(&cut, 1, 0, 1, "s m p v x.", 0);
    put_occurrence(&cut, 7, 0, 1, "s m p v x.", 0);
    put_part(&index, INDEX_DOCUMENT, &cut);
    put_document(&index, "web/50%.ts", 0, "s m p v x.");
    put_document(&index, "web/till.ts", 0, "s m p v x.");
    put_document(&index, "web/binary.ts", 0, "s m p v x.");
    put_document(&index, "web/link.ts", 0, "s m p v x.");
    put_document(&index, "web", 0, "s m p v x.");
    put_document(&index, "node_modules/left.py", 0, "s m p v x.");
    const char *graph = built(repository.path, save(&index, "index.scip"), 1);
    assert_query(graph, DOCUMENTS " ORDER BY ALL",
                 "node_modules/left.py missing - 0\nweb missing - 0\n"
                 "web/50%.ts read web/50%.ts 1\nweb/binary.ts not_extracted - 0\n"
                 "web/link.ts missing - 0\nweb/till.ts duplicate web/till.ts 0\n"
                 "web/till.ts read web/till.ts 2\n");
    assert_query(graph,
                 "SELECT path || ' ' || status || ' ' || coalesce(language, '-') || ' ' || "
                 "line_count || ' ' || size_bytes FROM files",
                 "shop/a.py parsed python 1 6\nshop/b.py parsed python 1 21\n"
                 "web/till.ts indexed typescript 2 12\nweb/50%.ts indexed - 1 2\n");
    assert_query(graph, "SELECT path || ' ' || reason FROM span_errors",
                 "web/till.ts line_beyond_file\n");
}

static void test_repository_of_another_language(void **state)
{
    (void)state;
    struct folder other;
    struct buffer index = {0}, document = {0}, occurrence = {0}, diagnostic = {0};
    struct rg_error err = {0};
    folder_open(&other);
    folder_add_text(&other, "till.go", "// x\nvar x\nx\ny\n");
    put_text(&document, DOCUMENT_PATH, "till.go");
    put_occurrence(&document, 0, 0, 0, "s m p v till/", 1);
    put_occurrence(&document, 1, 4, 5, "s m p v till/x.", 1);
    put_occurrence(&document, 2, 0, 1, "s m p v till/x.", 0);
    put_occurrence(&document, 3, 0, 1, "s m p v till/x.", 0); /* under another name */
    put_number(&diagnostic, 1, 2);
    put_text(&diagnostic, 3, "never used");
    put_numbers(&occurrence, OCCURRENCE_RANGE, (int32_t[]){1, 4, 5}, 3);
    put_part(&occurrence, OCCURRENCE_DIAGNOSTIC, &diagnostic);
    put_part(&document, DOCUMENT_OCCURRENCE, &occurrence);
    put_part(&index, INDEX_DOCUMENT, &document);
    const char *graph = built(other.path, save(&index, "index.scip"), 1);
    assert_query(graph,
                 "SELECT kind || ' ' || coalesce(name, '-') || ' ' || coalesce(start_line, 0) || "
                 "' ' || coalesce(start_byte, 0) FROM nodes ORDER BY ALL",
                 "DIAGNOSTIC - 2 9\nFILE till.go 1 0\nSYMBOL till 1 0\nSYMBOL x 2 9\n");
    assert_query(
        graph,
        "SELECT e.kind || ' ' || s.kind || ' ' || coalesce(d.name, '-') || ' ' || "
        "e.resolution || ' ' || e.start_byte FROM edges AS e JOIN nodes AS s ON s.node_id = "
        "e.src JOIN nodes AS d ON d.node_id = e.dst ORDER BY ALL",
        "DEFINES_SYMBOL FILE till exact 0\nDEFINES_SYMBOL FILE x fallback 9\n"
        "HAS_DIAGNOSTIC FILE - exact 9\nREFERENCES_SYMBOL FILE x fallback 11\n");
    assert_query(graph,
                 "SELECT count(*) FROM edge_evidence WHERE kind = 'REFERENCES_SYMBOL' UNION ALL "
                 "SELECT count(*) FROM disagreement",
                 "2\n0\n");
    put_document(&index, "gone.go", 0, "s m p v x.");
    const char *path = save(&index, "index.scip");
    struct rg_build_request request = request_for(other.path, graph);
    request.scip_files = &path;
    request.n_scip_files = 1;
    assert_int_equal(build_once(&request, &err), RG_ERR_NOT_FOUND);
    folder_close(&other);
}

/* --- Threads -------------------------------------------------------------------------------- */

enum { MANY_DOCUMENTS = 40, MANY_OCCURRENCES = 400 };

/* Some 2 MB: more than the reader holds at one time. */
static const char *save_many(void)
{
    struct buffer index = {0}, text = {0};
    char path[32], symbol[160];
    for (int i = 0; i < MANY_OCCURRENCES; i++)
        buffer_text(&text, "x y\n");
    put_metadata(&index, "scip-test", "");
    for (int d = 0; d < MANY_DOCUMENTS; d++) {
        struct buffer document = {0};
        snprintf(path, sizeof path, "web/%d.go", d);
        folder_add_text(&repository, path, text.data);
        put_text(&document, DOCUMENT_PATH, path);
        for (int i = 0; i < MANY_OCCURRENCES; i++) {
            snprintf(symbol, sizeof symbol, "s m p v %0100d/%s.", d % 7 + i % 50,
                     i % 2 ? "x" : "y");
            put_occurrence(&document, i, i % 2 ? 0 : 2, i % 2 ? 1 : 3, symbol, i < 50 && d < 7);
        }
        put_part(&index, INDEX_DOCUMENT, &document);
    }
    buffer_fini(&text);
    return save(&index, "index.scip");
}

static char *facts_of(const char *index, unsigned threads)
{
    char graph[128];
    struct rg_session_options options = {.struct_size = sizeof options, .threads = threads};
    struct rg_session *session = NULL;
    struct rg_build_result *result = NULL;
    struct rg_error err = {0};
    char hash[65];
    snprintf(graph, sizeof graph, "%s/graph", scratch.path);
    struct rg_build_request request = request_for(repository.path, graph);
    request.scip_files = &index;
    request.n_scip_files = 1;
    assert_int_equal(rg_session_open(&options, &session, &err), RG_OK);
    assert_int_equal(rg_build(session, &request, &result, &err), RG_OK);
    assert_int_equal(file_sha256(index, hash, &err), RG_OK);
    assert_string_equal(result->scip_indexes[0].sha256, hash);
    assert_int_equal(result->scip_indexes[0].placed, MANY_DOCUMENTS * MANY_OCCURRENCES);
    rg_build_result_free(result);
    rg_session_close(session);
    char *lines = query_lines(
        graph,
        "SELECT count(*) || ' ' || bit_xor(hash(n)) FROM nodes AS n UNION ALL "
        "SELECT count(*) || ' ' || bit_xor(hash(e)) FROM edges AS e UNION ALL "
        "SELECT count(*) || ' ' || sum(start_byte) || ' ' || bit_xor(hash(v)) FROM edge_evidence "
        "AS v UNION ALL SELECT count(*) || ' ' || bit_xor(hash(d)) FROM scip_documents AS d UNION "
        "ALL SELECT string_agg(path, ' ') FROM files",
        &err);
    assert_non_null(lines);
    return lines;
}

/* Which thread gets which part decides nothing. */
static void test_threads(void **state)
{
    (void)state;
    const char *index = save_many();
    char *one = facts_of(index, 1), *two = facts_of(index, 2), *four = facts_of(index, 4);
    assert_string_equal(one, two);
    assert_string_equal(one, four);
    free(one);
    free(two);
    free(four);
}

/* --- Hashes ---------------------------------------------------------------------------------- */

static char *inputs_of(const char *graph)
{
    struct rg_error err = {0};
    char path[160], *manifest, *inputs;
    size_t size;
    snprintf(path, sizeof path, "%s/current/manifest.json", graph);
    assert_int_equal(file_read(path, 1 << 20, true, &manifest, &size, &err), RG_OK);
    inputs = strstr(manifest, "\"inputs\"");
    assert_non_null(inputs);
    inputs = strstr(inputs, "\"sha256\"");
    assert_non_null(inputs);
    inputs = strndup(inputs, 80);
    free(manifest);
    return inputs;
}

/* What an index says is an input as the source is. */
static void test_inputs_hash(void **state)
{
    (void)state;
    char *inputs[2];
    static const char *const symbols[] = {"s m p v x.", "s m p v y/x."};
    for (size_t i = 0; i < 2; i++) {
        struct buffer index = {0};
        put_document(&index, "shop/a.py", 0, symbols[i]);
        inputs[i] = inputs_of(built(repository.path, save(&index, "index.scip"), 1));
    }
    assert_string_not_equal(inputs[0], inputs[1]);
    free(inputs[0]);
    free(inputs[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_documents_and_files, setup, teardown),
        cmocka_unit_test_setup_teardown(test_roots, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_no_index, setup, teardown),
        cmocka_unit_test_setup_teardown(test_two_indexes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_large_document, setup, teardown),
        cmocka_unit_test_setup_teardown(test_files_that_are_another, setup, teardown),
        cmocka_unit_test_setup_teardown(test_files_that_an_index_names, setup, teardown),
        cmocka_unit_test_setup_teardown(test_repository_of_another_language, setup, teardown),
        cmocka_unit_test_setup_teardown(test_threads, setup, teardown),
        cmocka_unit_test_setup_teardown(test_inputs_hash, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
