/* A disk that is full when one certain file is written: for each writer of a build the error says
 * so, the graph that was there stays, and nothing of the build is left. Writes are made to fail by
 * the name of the file, here in the program that the engine and the C library's callers call. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dlfcn.h>
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <stdatomic.h>

#include "engine/session.h"
#include "engine/store.h"
#include "graph/shop_fixture.h"

/* --- Writes that fail ------------------------------------------------------------------------ */

#define VISIBLE __attribute__((visibility("default")))

static const char *victim; /* a part of the path; NULL: nothing fails */
static atomic_uint hits;

static bool is_full(int fd)
{
    char link[64], path[600];
    if (!victim)
        return false;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0)
        return false;
    path[length] = '\0';
    if (!strstr(path, victim))
        return false;
    atomic_fetch_add(&hits, 1);
    errno = ENOSPC;
    return true;
}

VISIBLE ssize_t write(int fd, const void *bytes, size_t count)
{
    return is_full(fd) ? -1 : syscall(SYS_write, fd, bytes, count);
}

VISIBLE ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at)
{
    return is_full(fd) ? -1 : syscall(SYS_pwrite64, fd, bytes, count, at);
}

typedef size_t write_items(const void *, size_t, size_t, FILE *);

VISIBLE size_t fwrite(const void *items, size_t size, size_t n, FILE *file)
{
    static _Atomic(write_items *) real;
    if (is_full(fileno(file)))
        return 0;
    if (!atomic_load(&real)) {
        void *found = dlsym(RTLD_NEXT, "fwrite");
        write_items *function;
        memcpy(&function, &found, sizeof function);
        atomic_store(&real, function);
    }
    return atomic_load(&real)(items, size, n, file);
}

/* --- Builds ---------------------------------------------------------------------------------- */

static enum rg_status build(const char *output, bool arrow, struct rg_error *err)
{
    struct rg_setting settings[] = {{"write.writer.nodes", "arrow", RG_SETTING_SET}};
    struct rg_session_options options = {.struct_size = sizeof options,
                                         .threads = 2,
                                         .settings = settings,
                                         .n_settings = arrow ? 1 : 0};
    struct rg_build_request request = request_for(shop.path, output);
    struct rg_session *session = NULL;
    struct rg_build_result *result = NULL;
    request.with_duckdb = true;
    assert_int_equal(rg_session_open(&options, &session, NULL), RG_OK);
    enum rg_status status = rg_build(session, &request, &result, err);
    rg_build_result_free(result);
    rg_session_close(session);
    return status;
}

/* What a command says inside the folder of the graph, malloc'ed. */
static char *says(const char *graph, const char *command)
{
    char *line, *text = NULL;
    size_t size = 0;
    assert_true(asprintf(&line, "cd '%s' && %s", graph, command) > 0);
    FILE *pipe = popen(line, "r");
    assert_non_null(pipe);
    assert_true(getdelim(&text, &size, '\0', pipe) > 0);
    assert_int_equal(pclose(pipe), 0);
    free(line);
    return text;
}

/* Every file but those of runs, with its size and where links lead. */
static char *files_of(const char *graph)
{
    return says(graph, "find . -path ./runs -prune -o -name .lock -o -printf '%p %s %l\\n' | sort");
}

/* Bundles of runs; of one that could not be written nothing may be left. */
static int runs_of(const char *graph)
{
    char *all = says(graph, "ls -A runs");
    int n = 0;
    if (strstr(all, "staging"))
        print_message("%s", all);
    assert_null(strstr(all, "staging"));
    for (const char *c = all; *c; c++)
        n += *c == '\n';
    free(all);
    return n;
}

static void test_writers(void **state)
{
    (void)state;
    static const struct {
        const char *what, *path;
        bool arrow, leaves_run; /* the bundle of a run that failed is kept */
    } writers[] = {
        {"facts", "/state/facts-", false, true},
        {"Parquet shard", "/nodes/part-0.parquet", false, true},
        {"Arrow shard", "/nodes/part-0.arrow", true, true},
        {"rejected rows", "/nodes_errors/", false, true},
        {"diagnostics of a build", "/diagnostics/syntax_errors", false, true},
        {"diagnostics of a run", "/diagnostics/rule_events", false, false},
        {"manifest", "/manifest.json", false, true},
        {"graph.duckdb", "/graph.duckdb", false, true},
        {"steps of the bundle", "/steps.json", false, false},
        {"bundle", "/bundle.json", false, false},
    };
    char graph[300];
    struct rg_error err = {0};
    snprintf(graph, sizeof graph, "%s/graph", place.path);
    if (build(graph, false, &err) != RG_OK)
        fail_msg("%s", err.message);
    for (size_t i = 0; i < sizeof writers / sizeof *writers; i++) {
        char *before = files_of(graph);
        int runs = runs_of(graph);
        err = (struct rg_error){0};
        atomic_store(&hits, 0);
        victim = writers[i].path;
        enum rg_status status = build(graph, writers[i].arrow, &err);
        victim = NULL;
        print_message("# %s: %s: %s (%s)\n", writers[i].what, rg_status_name(status), err.message,
                      err.hint);
        char *after = files_of(graph);
        assert_string_equal(before, after);
        assert_int_equal(runs_of(graph), runs + writers[i].leaves_run);
        assert_true(atomic_load(&hits) > 0);
        assert_int_equal(status, RG_ERR_DISK_FULL);
        assert_true(*err.message && *err.hint);
        free(after);
        free(before);
    }
    assert_query(graph, "SELECT count(*) FROM nodes WHERE kind = 'METHOD' AND name = 'total'",
                 "1\n");
}

/* --- What is spilled ------------------------------------------------------------------------- */

static enum rg_status sort_much(const char *folder, const char *limit, struct rg_error *err)
{
    struct rg_setting settings[] = {{"engine.temp_limit", limit, RG_SETTING_SET},
                                    {"engine.memory_limit", "100MiB", RG_SETTING_SET}};
    struct rg_session_options options = {
        .struct_size = sizeof options, .threads = 1, .settings = settings, .n_settings = 2};
    struct rg_session *session = NULL;
    struct store *store = NULL;
    assert_int_equal(rg_session_open(&options, &session, NULL), RG_OK);
    assert_int_equal(
        store_open(session, &(struct store_options){.temp_directory = folder}, &store, NULL),
        RG_OK);
    enum rg_status status = store_exec(store,
                                       STR("CREATE TABLE t AS SELECT hash(range) AS a, range AS b "
                                           "FROM range(8000000) ORDER BY a"),
                                       err);
    store_close(store);
    rg_session_close(session);
    return status;
}

static void test_spilling(void **state)
{
    (void)state;
    char folder[300];
    struct rg_error err = {0};
    snprintf(folder, sizeof folder, "%s/spill", place.path);
    assert_int_equal(folder_make(folder, NULL), RG_OK);
    enum rg_status status = sort_much(folder, "10MB", &err);
    print_message("# engine.temp_limit: %s: %s (%s)\n", rg_status_name(status), err.message,
                  err.hint);
    assert_int_equal(status, RG_ERR_DISK_FULL);
    assert_non_null(strstr(err.hint, "engine.temp_limit"));
    assert_null(strchr(err.message, '\n'));
    victim = "duckdb_temp_storage";
    atomic_store(&hits, 0);
    err = (struct rg_error){0};
    status = sort_much(folder, "0", &err);
    victim = NULL;
    print_message("# spilling: %s: %s (%s)\n", rg_status_name(status), err.message, err.hint);
    assert_true(atomic_load(&hits) > 0);
    assert_int_equal(status, RG_ERR_DISK_FULL);
    assert_int_equal(rmdir(folder), 0); /* nothing is left in it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_writers),
                                       cmocka_unit_test(test_spilling)};
    return cmocka_run_group_tests(tests, make_folders, drop_folders);
}
