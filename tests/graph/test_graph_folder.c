/* Output folders: what is refused, who holds the lock, and that a kill or a cancellation at any
 * step of publishing leaves the graph before it, and nothing for the next build to stumble over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/events.h"
#include "base/file.h"
#include "graph/graph_folder.h"

enum { STEPS = 6 }; /* progress events of a publication before its last */

static char base_folder[] = "/tmp/relgraph-folder-XXXXXX";

static int make_base(void **state)
{
    (void)state;
    return mkdtemp(base_folder) ? 0 : -1;
}

static int remove_base(void **state)
{
    (void)state;
    return tree_remove(base_folder, NULL) == RG_OK ? 0 : -1;
}

/* A path below the test's folder; static, two at a time. */
static const char *at(const char *name)
{
    static char paths[2][512];
    static int turn;
    turn = !turn;
    snprintf(paths[turn], sizeof paths[turn], "%s/%s", base_folder, name);
    return paths[turn];
}

static void write_text(const char *path, const char *text)
{
    assert_int_equal(file_write(path, str_of(text), NULL), RG_OK);
}

static size_t entries_in(const char *folder)
{
    size_t n = 0;
    DIR *open = opendir(folder);
    assert_non_null(open);
    for (struct dirent *entry; (entry = readdir(open)) != NULL;)
        n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(open);
    return n;
}

/* --- Publishing ----------------------------------------------------------------------------- */

struct interruption {
    struct events events;
    int at; /* progress event at which to act; -1: never */
    bool kill;
};

static void interrupt(void *user, const struct rg_event *event)
{
    struct interruption *interruption = user;
    if (event->kind != RG_EVENT_PROGRESS || (int)event->done != interruption->at)
        return;
    if (interruption->kill)
        raise(SIGKILL);
    atomic_store(&interruption->events.cancelled, true);
}

/* Stages a build that holds `text` and publishes it. */
static enum rg_status publish_text(const char *output, const char *text, int interrupt_at,
                                   bool kill)
{
    struct interruption interruption = {.at = interrupt_at, .kill = kill};
    struct graph_folder folder;
    struct build_paths paths;
    char path[600];
    events_init(&interruption.events, interrupt, &interruption);
    assert_int_equal(graph_folder_open(output, &folder, NULL), RG_OK);
    assert_int_equal(build_paths_new(&folder, &paths, NULL), RG_OK);
    snprintf(path, sizeof path, "%s/nodes", paths.staging);
    assert_int_equal(folder_make(path, NULL), RG_OK);
    snprintf(path, sizeof path, "%s/nodes/part-0", paths.staging);
    write_text(path, text);
    write_text(paths.facts, "facts");
    assert_int_equal(folder_make(paths.bundle, NULL), RG_OK);
    enum rg_status status = build_publish(&folder, &paths, 1, &interruption.events, NULL);
    if (status != RG_OK) {
        build_discard(&paths);
        assert_int_equal(tree_remove(paths.bundle, NULL), RG_OK);
    }
    build_paths_fini(&paths);
    graph_folder_close(&folder);
    events_fini(&interruption.events);
    return status;
}

/* The text of the current build, or "" where there is none. */
static void current_text(const char *output, char *out_text, size_t size)
{
    char *build = NULL, *text = NULL, path[600];
    size_t length = 0;
    out_text[0] = '\0';
    if (graph_current(output, &build, NULL) != RG_OK)
        return;
    snprintf(path, sizeof path, "%s/nodes/part-0", build);
    assert_int_equal(file_read(path, 1000, true, &text, &length, NULL), RG_OK);
    snprintf(out_text, size, "%s", text);
    free(text);
    free(build);
}

static void assert_tidy(const char *output)
{
    char path[600];
    const char *const folders[] = {"builds", "runs", "state"};
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", output, folders[i]);
        assert_int_equal(entries_in(path), 1);
    }
    assert_int_equal(entries_in(output), 5); /* and the lock and the link */
}

static void test_publish_replaces(void **state)
{
    (void)state;
    char text[64];
    const char *output = at("replaces/deep/graph");
    assert_int_equal(publish_text(output, "one", -1, false), RG_OK);
    current_text(output, text, sizeof text);
    assert_string_equal(text, "one");
    assert_int_equal(publish_text(output, "two", -1, false), RG_OK);
    current_text(output, text, sizeof text);
    assert_string_equal(text, "two");
    assert_tidy(output);
}

static void test_kill_at_each_step(void **state)
{
    (void)state;
    char text[64];
    const char *output = at("killed");
    for (int step = 0; step < STEPS; step++) {
        assert_int_equal(publish_text(output, "before", -1, false), RG_OK);
        pid_t child = fork();
        if (child == 0) {
            publish_text(output, "after", step, true);
            _exit(0);
        }
        int how;
        assert_int_equal(waitpid(child, &how, 0), child);
        assert_true(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL);
        current_text(output, text, sizeof text);
        assert_string_equal(text, step < STEPS - 1 ? "before" : "after");
        assert_int_equal(publish_text(output, "next", -1, false), RG_OK);
        current_text(output, text, sizeof text);
        assert_string_equal(text, "next");
        assert_tidy(output);
    }
}

static void test_kill_of_the_first_build(void **state)
{
    (void)state;
    char text[64];
    for (int step = 0; step < STEPS - 1; step++) {
        const char *output = at("first");
        pid_t child = fork();
        if (child == 0) {
            publish_text(output, "after", step, true);
            _exit(0);
        }
        assert_int_equal(waitpid(child, NULL, 0), child);
        current_text(output, text, sizeof text);
        assert_string_equal(text, "");
        assert_int_equal(publish_text(output, "next", -1, false), RG_OK);
        assert_tidy(output);
        assert_int_equal(tree_remove(output, NULL), RG_OK);
    }
}

static void test_cancel_at_each_step(void **state)
{
    (void)state;
    char text[64];
    const char *output = at("cancelled");
    assert_int_equal(publish_text(output, "before", -1, false), RG_OK);
    for (int step = 0; step < STEPS - 1; step++) {
        assert_int_equal(publish_text(output, "after", step, false), RG_ERR_CANCELLED);
        current_text(output, text, sizeof text);
        assert_string_equal(text, "before");
        assert_tidy(output);
    }
    /* Behind the flip it is too late to cancel. */
    assert_int_equal(publish_text(output, "after", STEPS - 1, false), RG_OK);
    current_text(output, text, sizeof text);
    assert_string_equal(text, "after");
}

/* --- Opening -------------------------------------------------------------------------------- */

static void test_output_is_a_file(void **state)
{
    (void)state;
    struct graph_folder folder;
    struct rg_error err = {0};
    write_text(at("file"), "mine");
    assert_int_equal(graph_folder_open(at("file"), &folder, &err), RG_ERR_USAGE);
    assert_non_null(strstr(err.message, "is a file"));
    assert_string_not_equal(err.hint, "");
    assert_int_equal(graph_folder_open(at("file/graph"), &folder, &err), RG_ERR_IO);
    assert_non_null(strstr(err.message, "is a file"));
}

static void test_foreign_folder_is_refused(void **state)
{
    (void)state;
    struct graph_folder folder;
    struct rg_error err = {0};
    assert_int_equal(folder_make(at("foreign/builds/mine"), NULL), RG_OK);
    write_text(at("foreign/thesis.tex"), "years of work");
    assert_int_equal(graph_folder_open(at("foreign"), &folder, &err), RG_ERR_USAGE);
    assert_non_null(strstr(err.message, "thesis.tex"));
    assert_false(path_exists(at("foreign/.lock")));
}

static void test_only_own_names_are_removed(void **state)
{
    (void)state;
    struct graph_folder folder;
    const char *const kept[] = {"own/builds/mine", "own/state/facts.duckdb",
                                "own/builds/.staging-x"};
    const char *const removed[] = {"own/builds/.staging-20261122T181500-3fa9c1d2",
                                   "own/builds/20261122T181500-3fa9c1d2",
                                   "own/state/facts-20261122T181500-3fa9c1d2.duckdb.wal",
                                   "own/.current-20261122T181500-3fa9c1d2"};
    for (int i = 0; i < 3; i++)
        assert_int_equal(folder_make(at(kept[i]), NULL), RG_OK);
    for (int i = 0; i < 4; i++)
        assert_int_equal(folder_make(at(removed[i]), NULL), RG_OK);
    assert_int_equal(graph_folder_open(at("own"), &folder, NULL), RG_OK);
    graph_folder_close(&folder);
    for (int i = 0; i < 3; i++)
        assert_true(path_exists(at(kept[i])));
    for (int i = 0; i < 4; i++)
        assert_false(path_exists(at(removed[i])));
}

static void test_second_build_is_refused(void **state)
{
    (void)state;
    struct graph_folder first, second;
    struct rg_error err = {0};
    char holder[64];
    assert_int_equal(graph_folder_open(at("busy"), &first, NULL), RG_OK);
    assert_int_equal(graph_folder_open(at("busy"), &second, &err), RG_ERR_BUSY);
    snprintf(holder, sizeof holder, "process %ld", (long)getpid());
    assert_non_null(strstr(err.message, holder));
    graph_folder_close(&second);
    graph_folder_close(&first);
    assert_int_equal(graph_folder_open(at("busy"), &second, NULL), RG_OK);
    graph_folder_close(&second);
}

static void test_current_must_be_a_link_inside(void **state)
{
    (void)state;
    struct graph_folder folder;
    struct rg_error err = {0};
    char *build;
    assert_int_equal(graph_current(at("nowhere"), &build, &err), RG_ERR_NOT_FOUND);
    assert_int_equal(folder_make(at("link"), NULL), RG_OK);
    assert_int_equal(graph_current(at("link"), &build, &err), RG_ERR_NOT_FOUND);
    assert_non_null(strstr(err.message, "holds no graph"));
    assert_int_equal(symlink("/etc", at("link/current")), 0);
    assert_int_equal(graph_current(at("link"), &build, &err), RG_ERR_CORRUPT);
    unlink(at("link/current"));
    assert_int_equal(symlink("builds/gone", at("link/current")), 0);
    assert_int_equal(graph_current(at("link"), &build, &err), RG_ERR_CORRUPT);
    assert_non_null(strstr(err.message, "missing"));
    unlink(at("link/current"));
    assert_int_equal(folder_make(at("link/current"), NULL), RG_OK);
    assert_int_equal(graph_folder_open(at("link"), &folder, &err), RG_ERR_USAGE);
}

/* The newest run is the last one by its name, however soon they follow each other. */
static void test_ids_are_in_order_of_time(void **state)
{
    (void)state;
    char before[BUILD_ID_BYTES] = "";
    struct graph_folder folder;
    assert_int_equal(graph_folder_open(at("ids"), &folder, NULL), RG_OK);
    for (int i = 0; i < 100; i++) {
        struct build_paths paths;
        assert_int_equal(build_paths_new(&folder, &paths, NULL), RG_OK);
        assert_true(is_build_id(str_of(paths.id)));
        if (strcmp(before, paths.id) >= 0)
            fail_msg("%s comes behind %s", paths.id, before);
        snprintf(before, sizeof before, "%s", paths.id);
        build_discard(&paths);
        assert_int_equal(tree_remove(paths.bundle, NULL), RG_OK);
        build_paths_fini(&paths);
    }
    graph_folder_close(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ids_are_in_order_of_time),
        cmocka_unit_test(test_publish_replaces),
        cmocka_unit_test(test_kill_at_each_step),
        cmocka_unit_test(test_kill_of_the_first_build),
        cmocka_unit_test(test_cancel_at_each_step),
        cmocka_unit_test(test_output_is_a_file),
        cmocka_unit_test(test_foreign_folder_is_refused),
        cmocka_unit_test(test_only_own_names_are_removed),
        cmocka_unit_test(test_second_build_is_refused),
        cmocka_unit_test(test_current_must_be_a_link_inside),
    };
    return cmocka_run_group_tests(tests, make_base, remove_base);
}
