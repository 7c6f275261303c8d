/* The machinery around the extractor, with an extractor of its own: what a file's lines say is what
 * gets appended. So every fact, every collision and every failure is made by hand. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdatomic.h>
#include <sched.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/error.h"
#include "extract/extract.h"
#include "extract/source.h"
#include "extract/syntax.h"
#include "folder_fixture.h"
#include "kernels/stable_hash.h"

/* --- The extractor of this test
 * ---------------------------------------------------------------------------- */

struct syntax_worker {
    double seconds;
};

static atomic_int at_work, at_work_most, workers_alive;
static atomic_bool waiting;

enum rg_status syntax_worker_new(double parse_seconds_max, struct syntax_worker **out_worker,
                                 struct rg_error *err)
{
    assert_true(parse_seconds_max > 0);
    *out_worker = calloc(1, sizeof **out_worker);
    atomic_fetch_add(&workers_alive, 1);
    return *out_worker ? RG_OK : error_no_memory(err, "test");
}

void syntax_worker_free(struct syntax_worker *worker)
{
    if (worker)
        atomic_fetch_sub(&workers_alive, 1);
    free(worker);
}

double syntax_worker_parse_seconds(const struct syntax_worker *worker)
{
    return worker->seconds;
}

static void add_node(struct fact_sink *sink, int64_t file_id, int32_t node, const char *rest)
{
    long long id, parent = 0, function = 0;
    char role[16] = "";
    assert_true(sscanf(rest, "%lld %lld %lld %15s", &id, &parent, &function, role) >= 1);
    id_lists_add(sink->ids, id);
    fact_syntax(
        sink->batches[FACT_SYNTAX],
        &(struct syntax_row){.file_id = file_id,
                             .node = node,
                             .parent = node ? 0 : NULL_INT32,
                             .last = node,
                             .field = NULL_ENUM,
                             .role = strcmp(role, "parameter") == 0 ? ROLE_PARAMETER : ROLE_OTHER,
                             .node_id = id,
                             .parent_id = parent ? parent : NULL_INT64,
                             .function_id = function ? function : NULL_INT64,
                             .token = {NULL, 0}});
}

static void add_row(struct fact_sink *sink, int64_t file_id, const char *line)
{
    long long a = 0, b = 0, c = 0;
    char name[80];
    if (sscanf(line, "scope %lld %lld %lld", &a, &b, &c) == 3)
        fact_scope(sink->batches[FACT_SCOPE], &(struct scope_row){.file_id = file_id,
                                                                  .scope = (int32_t)a,
                                                                  .parent_scope = NULL_INT32,
                                                                  .name = STR("f"),
                                                                  .qualified_name = STR("f"),
                                                                  .node_id = b,
                                                                  .method_id = c});
    else if (sscanf(line, "binding %lld %lld %79s %lld", &a, &b, name, &c) == 4) {
        id_lists_add(sink->ids, c); /* a parameter's is its node's: then the engine decides */
        fact_binding(sink->batches[FACT_BINDING], &(struct binding_row){.file_id = file_id,
                                                                        .binding = (int32_t)a,
                                                                        .scope = (int32_t)b,
                                                                        .name = str_of(name),
                                                                        .visible_from = NULL_INT32,
                                                                        .target = NULL_INT32,
                                                                        .node_id = c});
    } else if (sscanf(line, "free %lld %lld %79s %lld", &a, &b, name, &c) == 4)
        fact_binding(sink->batches[FACT_BINDING], &(struct binding_row){.file_id = file_id,
                                                                        .binding = (int32_t)a,
                                                                        .scope = 0,
                                                                        .name = str_of(name),
                                                                        .visible_from = NULL_INT32,
                                                                        .target = (int32_t)b,
                                                                        .node_id = c});
    else if (sscanf(line, "reference %lld %lld %lld", &a, &b, &c) == 3)
        fact_reference(sink->batches[FACT_REFERENCE], &(struct reference_row){.file_id = file_id,
                                                                              .node_id = a,
                                                                              .name = STR("n"),
                                                                              .binding = (int32_t)b,
                                                                              .target_id = c});
    else
        fail_msg("no such line: %s", line);
}

enum rg_status syntax_extract(struct syntax_worker *worker, const struct scan_file *file,
                              const struct source *source, struct fact_sink *sink,
                              atomic_bool *cancelled, struct syntax_outcome *out_outcome,
                              struct rg_error *err)
{
    int others = atomic_fetch_add(&at_work, 1), most = atomic_load(&at_work_most);
    while (others + 1 > most && !atomic_compare_exchange_weak(&at_work_most, &most, others + 1))
        ;
    enum rg_status status = RG_OK;
    worker->seconds += 0.5;
    char *text = strdup(source->bytes), *rest = NULL;
    int32_t node = 0;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        if (line[0] == '#' || line[0] == '\xef') {
            continue;
        } else if (strncmp(line, "node ", 5) == 0) {
            add_node(sink, file->file_id, node++, line + 5);
        } else if (strcmp(line, "partial") == 0) {
            out_outcome->status = FILE_STATUS_PARTIAL;
        } else if (strcmp(line, "too_deep") == 0) {
            out_outcome->status = FILE_STATUS_SKIPPED;
            out_outcome->reason = "too_deep";
        } else if (strcmp(line, "fail") == 0) {
            status = error_set(err, RG_ERR_MEMORY, "test", "made to fail");
        } else if (strcmp(line, "wait") == 0) {
            atomic_store(&waiting, true);
            while (!atomic_load(cancelled))
                sched_yield();
            status = error_set(err, RG_ERR_CANCELLED, "test", "cancelled");
        } else if (strcmp(line, "rest") == 0) {
            usleep(20000);
        } else {
            add_row(sink, file->file_id, line);
            out_outcome->rows++;
        }
    }
    out_outcome->rows += (uint64_t)node;
    free(text);
    atomic_fetch_sub(&at_work, 1);
    return status;
}

/* --- Fixture
 * --------------------------------------------------------------------------------------------------
 */

struct fixture {
    struct folder folder;
    struct rg_session *session;
    struct store *store;
    struct scan scan;
    struct extract_result result;
    int progress_events;
    uint64_t last_done, last_bytes;
    char messages[512];
};

static void hear(void *user, const struct rg_event *event)
{
    struct fixture *f = user;
    if (event->kind == RG_EVENT_PROGRESS && strcmp(event->name, "extract") == 0) {
        f->progress_events++;
        f->last_done = event->done;
        f->last_bytes = event->bytes;
    } else if (event->text && strlen(f->messages) + strlen(event->text) < sizeof f->messages - 1) {
        strcat(f->messages, event->text);
    }
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct rg_error error = {0};
    struct rg_session_options options = {
        .struct_size = sizeof options, .threads = 4, .on_event = hear, .user = f};
    struct store_options in_memory = {0};
    folder_open(&f->folder);
    f->scan.root_fd = -1;
    if (rg_session_open(&options, &f->session, &error) != RG_OK ||
        store_open(f->session, &in_memory, &f->store, &error) != RG_OK ||
        extract_create_tables(f->store, NULL, &error) != RG_OK)
        fail_msg("%s", error.message);
    f->session->settings.extract_threads = 4;
    atomic_store(&at_work_most, 0);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    scan_fini(&f->scan);
    store_close(f->store);
    rg_session_close(f->session);
    folder_close(&f->folder);
    assert_int_equal(atomic_load(&workers_alive), 0);
    free(f);
    return 0;
}

static enum rg_status extract(struct fixture *f, struct rg_error *error)
{
    assert_int_equal(scan_repository(&f->session->events, f->folder.path, &f->scan, error), RG_OK);
    return extract_run(&(struct extract_request){f->session, &f->scan, f->store, 0, NULL, NULL},
                       &f->result, error);
}

static void extract_well(struct fixture *f)
{
    struct rg_error error = {0};
    if (extract(f, &error) != RG_OK)
        fail_msg("%s", error.message);
}

/* The rows of a query, columns with a blank between, rows with " | ". */
static void assert_rows(struct fixture *f, const char *sql, const char *expected)
{
    struct rg_error error = {0};
    struct arena arena = {0};
    struct text_table table;
    if (store_table(f->store, str_of(sql), 1000, &arena, &table, &error) != RG_OK)
        fail_msg("%s", error.message);
    struct buffer text = {0};
    for (size_t i = 0; i < table.rows * table.columns; i++) {
        buffer_text(&text, i == 0 ? "" : i % table.columns ? " " : " | ");
        buffer_str(&text, table.cells[i].ptr ? table.cells[i] : STR("-"));
    }
    buffer_char(&text, '\0');
    assert_string_equal(text.data, expected);
    buffer_fini(&text);
    arena_fini(&arena);
}

static int64_t number(struct fixture *f, const char *sql)
{
    int64_t value = -1;
    assert_int_equal(store_int64(f->store, str_of(sql), &value, NULL), RG_OK);
    return value;
}

/* --- Files
 * ------------------------------------------------------------------------------------------------------
 */

static void test_every_file_has_a_row(void **state)
{
    struct fixture *f = *state;
    folder_add_text(&f->folder, "a.py", "node 1\nnode 2\n");
    folder_add_text(&f->folder, "b.py", "node 3\npartial\n");
    folder_add_text(&f->folder, "c.py", "too_deep\n");
    folder_add(&f->folder, "d.py", "x\0y", 3);
    folder_add_text(&f->folder, "e.py", "");
    folder_add_text(&f->folder, "\xff.py", "node 4\n");
    folder_shell(&f->folder, "ln -s a.py l.py && truncate -s 20M m.py");
    extract_well(f);
    assert_rows(
        f,
        "SELECT ordinal, path, language, size_bytes, line_count, encoding, status, reason "
        "FROM file ORDER BY ordinal",
        "0 %FF.py python 7 1 utf-8 parsed - | 1 a.py python 14 2 utf-8 parsed - | "
        "2 b.py python 15 2 utf-8 partial - | 3 c.py python 9 1 utf-8 skipped too_deep | "
        "4 d.py python 3 0 - skipped binary | 5 e.py python 0 0 utf-8 parsed - | "
        "6 l.py python 0 0 - skipped symlink | 7 m.py python 20971520 0 - skipped too_large");
    assert_rows(f, "SELECT count(*), count(sha256), min(length(sha256)) FROM file", "8 6 64");
    assert_int_equal(f->result.files_parsed, 3);
    assert_int_equal(f->result.files_partial, 1);
    assert_int_equal(f->result.files_skipped, 4);
    assert_int_equal(f->result.files_unreadable, 0);
    assert_int_equal(f->result.lines, 5);
    assert_int_equal(f->result.source_bytes, 7 + 14 + 15);
    assert_int_equal(f->result.rows, 8 + 4);
    assert_int_equal(f->result.ids_resalted, 0);
    assert_true(f->result.seconds_parse > 2.4 && f->result.seconds_parse < 2.6); /* 5 files */
}

/* A file of just the bound is parsed, one byte more is not read at all. */
static void test_long_files_are_skipped(void **state)
{
    struct fixture *f = *state;
    f->session->settings.file_bytes_max = 14;
    folder_add_text(&f->folder, "a.py", "node 1\nnode 2\n");
    folder_add_text(&f->folder, "b.py", "node 1\nnode 22\n");
    extract_well(f);
    assert_rows(f,
                "SELECT path, size_bytes, sha256 IS NULL, status, reason FROM file ORDER BY path",
                "a.py 14 false parsed - | b.py 15 true skipped file_bytes_max");
    assert_int_equal(f->result.files_parsed, 1);
    assert_int_equal(f->result.files_skipped, 1);
}

static void test_encodings_are_recorded(void **state)
{
    struct fixture *f = *state;
    folder_add_text(&f->folder, "a.py", "# \xe9\n");
    folder_add_text(&f->folder, "b.py", "# coding: latin-1 \xe9\n");
    folder_add_text(&f->folder, "c.py", "\xef\xbb\xbf");
    folder_add_text(&f->folder, "d.py", "# coding: klingon\n");
    extract_well(f);
    assert_rows(
        f, "SELECT path, encoding, status, reason FROM file ORDER BY ordinal",
        "a.py utf-8 parsed invalid_utf8 | b.py latin-1 parsed - | c.py utf-8-sig parsed - | "
        "d.py unknown parsed unknown_encoding");
}

static void test_a_file_that_vanishes(void **state)
{
    struct fixture *f = *state;
    struct rg_error error = {0};
    folder_add_text(&f->folder, "a.py", "node 1\n");
    folder_add_text(&f->folder, "b.py", "node 2\n");
    folder_add_text(&f->folder, "c.py", "node 3\n");
    assert_int_equal(scan_repository(&f->session->events, f->folder.path, &f->scan, &error), RG_OK);
    folder_shell(&f->folder, "rm b.py && rm c.py && ln -s a.py c.py");
    assert_int_equal(
        extract_run(&(struct extract_request){f->session, &f->scan, f->store, 0, NULL, NULL},
                    &f->result, &error),
        RG_OK);
    assert_rows(f, "SELECT path, status, reason, sha256 IS NULL FROM file ORDER BY ordinal",
                "a.py parsed - false | b.py unreadable vanished true | "
                "c.py unreadable changed_while_read true");
    assert_int_equal(f->result.files_unreadable, 2);
}

static void test_no_files(void **state)
{
    struct fixture *f = *state;
    folder_add_text(&f->folder, "readme", "");
    extract_well(f);
    assert_int_equal(number(f, "SELECT count(*) FROM file"), 0);
    assert_int_equal(f->result.rows, 0);
}

static void add_many(struct fixture *f, int count)
{
    for (int i = 0; i < count; i++) {
        char name[32], text[64];
        snprintf(name, sizeof name, "d%d/f%d.py", i % 7, i);
        snprintf(text, sizeof text, "node %d\nnode %d\n", 2 * i + 1, 2 * i + 2);
        folder_add_text(&f->folder, name, text);
    }
}

static void test_many_files_on_many_threads(void **state)
{
    struct fixture *f = *state;
    add_many(f, 300);
    extract_well(f);
    int64_t rows = number(f, "SELECT count(*) FROM syntax");
    int64_t sum = number(f, "SELECT sum(node_id)::BIGINT FROM syntax");
    assert_int_equal(rows, 600);
    assert_int_equal(sum, 600 * 601 / 2);
    assert_int_equal(f->last_done, 300);
    assert_int_equal(f->last_bytes, f->scan.source_bytes);
}

static void test_progress_is_rare(void **state)
{
    struct fixture *f = *state;
    add_many(f, 300);
    double began = clock_seconds();
    extract_well(f);
    double seconds = clock_seconds() - began;
    assert_true(f->progress_events >= 1);
    assert_true(f->progress_events <= (int)(seconds * 20) + 2);
}

static void test_bytes_in_work_are_bounded(void **state)
{
    struct fixture *f = *state;
    char text[1000];
    memset(text, '\n', sizeof text);
    memcpy(text, "rest", 4);
    for (int i = 0; i < 12; i++) {
        char name[16];
        snprintf(name, sizeof name, "f%d.py", i);
        folder_add(&f->folder, name, text, sizeof text);
    }
    f->session->settings.bytes_in_flight = 2500; /* two at a time */
    extract_well(f);
    assert_in_range(atomic_load(&at_work_most), 1, 2);
    assert_int_equal(f->result.files_parsed, 12);
}

static void test_a_file_beyond_the_bound_goes_alone(void **state)
{
    struct fixture *f = *state;
    folder_add_text(&f->folder, "a.py", "rest\nnode 1\n");
    folder_add_text(&f->folder, "b.py", "rest\nnode 2\n");
    f->session->settings.bytes_in_flight = 1;
    extract_well(f);
    assert_int_equal(atomic_load(&at_work_most), 1);
    assert_int_equal(f->result.files_parsed, 2);
}

static void test_a_failure_ends_all(void **state)
{
    struct fixture *f = *state;
    struct rg_error error = {0};
    add_many(f, 50);
    folder_add_text(&f->folder, "d3/bad.py", "fail\n");
    assert_int_equal(extract(f, &error), RG_ERR_MEMORY);
    assert_string_equal(error.message, "made to fail");
    assert_string_equal(error.file, "d3/bad.py");
    assert_int_equal(f->result.files_parsed, 0);
}

static void *cancel_when_waiting(void *argument)
{
    while (!atomic_load(&waiting))
        usleep(1000);
    rg_session_cancel(argument);
    return NULL;
}

static void test_cancelling(void **state)
{
    struct fixture *f = *state;
    struct rg_error error = {0};
    pthread_t thread;
    add_many(f, 50);
    folder_add_text(&f->folder, "a.py", "wait\n");
    assert_int_equal(pthread_create(&thread, NULL, cancel_when_waiting, f->session), 0);
    assert_int_equal(extract(f, &error), RG_ERR_CANCELLED);
    pthread_join(thread, NULL);
}

/* --- Ids that collide
 * -------------------------------------------------------------------------------------------- */

static long long salted(int64_t id, int64_t n)
{
    return (long long)stable_hash_int(stable_hash_int(STABLE_HASH_SEED, id), n);
}

static long long variable(int64_t owner, const char *kind, const char *name)
{
    return (long long)stable_hash_product(owner, kind, name, strlen(name));
}

static void test_nodes_of_one_id(void **state)
{
    struct fixture *f = *state;
    folder_add_text(&f->folder, "a.py", "node 10\nnode 11 10 10\nreference 11 -1 11\n");
    folder_add_text(&f->folder, "b.py", "node 20\nnode 11 20 20\nreference 11 -1 11\n");
    folder_add_text(&f->folder, "c.py", "node 11\nnode 31 11 11\nreference 31 -1 11\n");
    extract_well(f);
    char expected[400];
    snprintf(expected, sizeof expected,
             "a.py 10 - - | a.py 11 10 10 | b.py 20 - - | b.py %lld 20 20 | c.py %lld - - | "
             "c.py 31 %lld %lld",
             salted(11, 1), salted(11, 2), salted(11, 2), salted(11, 2));
    assert_rows(
        f,
        "SELECT path, node_id, parent_id, function_id FROM syntax JOIN file USING (file_id) "
        "ORDER BY path, node",
        expected);
    snprintf(expected, sizeof expected, "a.py 11 11 | b.py %lld %lld | c.py 31 %lld", salted(11, 1),
             salted(11, 1), salted(11, 2));
    assert_rows(
        f, "SELECT path, node_id, target_id FROM reference JOIN file USING (file_id) ORDER BY path",
        expected);
    assert_int_equal(f->result.ids_resalted, 2);
    assert_non_null(strstr(f->messages, "2 nodes got another id"));
}

/* Where a function's id changes, the ids of what it owns change with it. */
static void test_what_is_derived_follows(void **state)
{
    struct fixture *f = *state;
    static const char *const names[] = {"a.py", "b.py"};
    long long body = variable(7, "METHOD", "<body>"), x = variable(7, "MEMBER", "x");
    long long lambda = variable(7, "METHOD", "<lambda>"), y = variable(lambda, "LOCAL", "y");
    for (int i = 0; i < 2; i++) {
        char text[700];
        snprintf(
            text, sizeof text,
            "node 7\nnode %d %lld %lld\nscope 0 7 %lld\nscope 1 %lld %lld\nbinding 0 0 x %lld\n"
            "binding 1 1 y %lld\nfree 2 1 y %lld\nreference %d 0 %lld\n",
            101 + i, body, lambda, body, lambda, lambda, x, y, y, 101 + i, x);
        folder_add_text(&f->folder, names[i], text);
    }
    extract_well(f);
    long long new7 = salted(7, 1), new_body = variable(new7, "METHOD", "<body>");
    long long new_lambda = variable(new7, "METHOD", "<lambda>");
    char expected[400];
    snprintf(expected, sizeof expected, "%lld - - | 102 %lld %lld", new7, new_body, new_lambda);
    assert_rows(f,
                "SELECT node_id, parent_id, function_id FROM syntax JOIN file USING (file_id) "
                "WHERE path = 'b.py' ORDER BY node",
                expected);
    snprintf(expected, sizeof expected, "%lld %lld | %lld %lld", new7, new_body, new_lambda,
             new_lambda);
    assert_rows(f,
                "SELECT node_id, method_id FROM scope JOIN file USING (file_id) "
                "WHERE path = 'b.py' ORDER BY scope",
                expected);
    snprintf(expected, sizeof expected, "%lld | %lld | %lld", variable(new7, "MEMBER", "x"),
             variable(new_lambda, "LOCAL", "y"), variable(new_lambda, "LOCAL", "y"));
    assert_rows(f,
                "SELECT node_id FROM binding JOIN file USING (file_id) "
                "WHERE path = 'b.py' ORDER BY binding",
                expected);
    snprintf(expected, sizeof expected, "102 %lld", variable(new7, "MEMBER", "x"));
    assert_rows(
        f, "SELECT node_id, target_id FROM reference JOIN file USING (file_id) WHERE path = 'b.py'",
        expected);
    assert_rows(
        f,
        "SELECT count(*) FROM syntax JOIN file USING (file_id) WHERE path = 'a.py' AND node_id = 7",
        "1");
    assert_int_equal(f->result.ids_resalted, 1);
}

static void test_variables_of_one_id(void **state)
{
    struct fixture *f = *state;
    /* Within a.py, and with a node of b.py; the free one follows the variable it stands for. A
     * parameter has the id of its node, and that is no collision. */
    folder_add_text(
        &f->folder, "a.py",
        "node 1\nbinding 0 0 x 50\nbinding 1 0 y 50\nfree 2 1 y 50\nreference 1 2 50\n"
        "reference 1 0 50\nbinding 3 0 z 60\nbinding 4 0 p 70\nnode 70 1 1 parameter\n");
    folder_add_text(&f->folder, "b.py", "node 2\nnode 60\nbinding 0 0 q 70\n");
    extract_well(f);
    char expected[500];
    snprintf(expected, sizeof expected,
             "a.py 0 50 | a.py 1 %lld | a.py 2 %lld | a.py 3 %lld | a.py 4 70 | b.py 0 %lld",
             salted(50, 1), salted(50, 1), salted(60, 1), salted(70, 1));
    assert_rows(f,
                "SELECT path, binding, node_id FROM binding JOIN file USING (file_id) "
                "ORDER BY path, binding",
                expected);
    snprintf(expected, sizeof expected, "0 50 | 2 %lld", salted(50, 1));
    assert_rows(f, "SELECT binding, target_id FROM reference ORDER BY binding", expected);
    assert_rows(f, "SELECT count(*) FROM syntax WHERE node_id IN (1, 2, 60, 70)", "4");
    assert_int_equal(f->result.ids_resalted, 3);
}

/* The new id is taken as well. */
static void test_a_collision_of_the_new_id(void **state)
{
    struct fixture *f = *state;
    char text[64];
    folder_add_text(&f->folder, "a.py", "node 5\n");
    folder_add_text(&f->folder, "b.py", "node 5\n");
    snprintf(text, sizeof text, "node %lld\n", salted(5, 1));
    folder_add_text(&f->folder, "c.py", text);
    extract_well(f);
    assert_int_equal(number(f, "SELECT count(DISTINCT node_id) FROM syntax"), 3);
    assert_int_equal(f->result.ids_resalted, 2);
}

static void test_components(void **state)
{
    (void)state;
    struct rg_component rows[8];
    size_t count = extract_components(rows, 8);
    assert_int_equal(count, 2);
    assert_string_equal(rows[0].name, "tree-sitter");
    assert_string_equal(rows[1].name, "tree-sitter-python");
    assert_true(rows[0].version[0] >= '0' && rows[0].version[0] <= '9');
    assert_int_equal(extract_components(NULL, 0), 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_every_file_has_a_row),
        TEST(test_long_files_are_skipped),
        TEST(test_encodings_are_recorded),
        TEST(test_a_file_that_vanishes),
        TEST(test_no_files),
        TEST(test_many_files_on_many_threads),
        TEST(test_progress_is_rare),
        TEST(test_bytes_in_work_are_bounded),
        TEST(test_a_file_beyond_the_bound_goes_alone),
        TEST(test_a_failure_ends_all),
        TEST(test_cancelling),
        TEST(test_nodes_of_one_id),
        TEST(test_what_is_derived_follows),
        TEST(test_variables_of_one_id),
        TEST(test_a_collision_of_the_new_id),
        cmocka_unit_test(test_components),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
