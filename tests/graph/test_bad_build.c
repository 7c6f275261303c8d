/* Builds that must fail, or are made to: each ends with a clear message, and the graph that was
 * there before is still there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

#include "graph/shop_fixture.h"
#include "graph/graph_folder.h"
#include "graph/manifest.h"

/* Fails with the status, says so, and leaves no graph. */
static void assert_refused(const char *repository, const char *output, enum rg_status expected,
                           const char *said)
{
    struct rg_error err = {0};
    struct rg_build_request request = request_for(repository, output);
    assert_int_equal(build_once(&request, &err), expected);
    assert_int_equal(err.status, expected);
    assert_non_null(strstr(err.message, said));
}

/* --- What is asked for ---------------------------------------------------------------------- */

static void test_repository(void **state)
{
    (void)state;
    char output[300];
    struct rg_error err = {0};
    snprintf(output, sizeof output, "%s", in_place("unmade"));
    assert_refused("/nonexistent/repository", output, RG_ERR_NOT_FOUND, "no folder");
    assert_refused("/etc/passwd", output, RG_ERR_USAGE, "not a folder");
    assert_refused(NULL, output, RG_ERR_USAGE, "no repository");
    assert_refused("", output, RG_ERR_USAGE, "no repository");
    assert_refused(shop.path, NULL, RG_ERR_USAGE, "no output");
    assert_false(path_exists(output));
    struct rg_build_request request = request_for(shop.path, output);
    request.module_prefix = "not/dotted";
    assert_int_equal(build_once(&request, &err), RG_ERR_USAGE);
    assert_non_null(strstr(err.message, "not/dotted"));
    request.struct_size = 0;
    assert_int_equal(build_once(&request, &err), RG_ERR_USAGE);
}

static void test_no_supported_file(void **state)
{
    (void)state;
    struct folder empty;
    folder_open(&empty);
    assert_refused(empty.path, in_place("none"), RG_ERR_NOT_FOUND,
                   "no file of a supported language");
    folder_add_text(&empty, "README.md", "# Nothing here\n");
    folder_add_text(&empty, "src/main.rs", "fn main() {}\n");
    assert_refused(empty.path, in_place("none"), RG_ERR_NOT_FOUND,
                   "no file of a supported language");
    assert_false(path_exists(in_place("none/current")));
    struct rg_error err = {0};
    char *lines = query_lines(in_place("none"), "SELECT 1", &err);
    assert_null(lines);
    assert_int_equal(err.status, RG_ERR_NOT_FOUND);
    /* One empty file is a repository, if a small one. */
    folder_add_text(&empty, "empty.py", "");
    struct rg_build_request request = request_for(empty.path, in_place("none"));
    assert_built(&request);
    assert_query(in_place("none"), "SELECT path FROM nodes WHERE kind = 'FILE'", "empty.py\n");
    folder_close(&empty);
}

static void test_output(void **state)
{
    (void)state;
    folder_add_text(&place, "taken", "a file of mine\n");
    assert_refused(shop.path, in_place("taken"), RG_ERR_USAGE, "is a file");
    assert_refused(shop.path, in_place("taken/graph"), RG_ERR_IO, "is a file");
    folder_add_text(&place, "mine/letter.txt", "dear diary\n");
    assert_refused(shop.path, in_place("mine"), RG_ERR_USAGE, "letter.txt");
    assert_refused(shop.path, "/proc/relgraph", RG_ERR_IO, "/proc/relgraph");
}

/* The graph inside the repository is no part of it. */
static void test_output_inside_repository(void **state)
{
    (void)state;
    struct folder repository;
    char output[128];
    folder_open(&repository);
    add_shop(&repository);
    snprintf(output, sizeof output, "%s/graph", repository.path);
    struct rg_build_request request = request_for(repository.path, output);
    assert_built(&request);
    assert_built(&request);
    assert_query(output, "SELECT count(*) FROM files", "4\n");
    folder_close(&repository);
}

/* --- Interruptions -------------------------------------------------------------------------- */

static const char *const stages[] = {"scan", "extract", "rules", "write", "audit", "publish"};
enum { STAGES = sizeof stages / sizeof *stages, BEHIND_THE_FLIP = 5 };

struct interruption {
    struct rg_session *session;
    const char *stage; /* at whose begin to act, or with a step of its progress */
    int step;          /* -1: at the begin */
    bool kill;
    bool seen;
};

static void interrupt(void *user, const struct rg_event *event)
{
    struct interruption *i = user;
    if (!event->name || strcmp(event->name, i->stage) != 0)
        return;
    if (i->step < 0 ? event->kind != RG_EVENT_STAGE
                    : event->kind != RG_EVENT_PROGRESS || (int)event->done != i->step)
        return;
    i->seen = true;
    if (i->kill)
        raise(SIGKILL);
    rg_session_cancel(i->session);
}

static enum rg_status build_interrupted(const char *output, struct interruption *i,
                                        struct rg_error *err)
{
    struct rg_build_request request = request_for(shop.path, output);
    struct rg_build_result *result = NULL;
    i->session = session_with(interrupt, i);
    enum rg_status status = rg_build(i->session, &request, &result, err);
    rg_build_result_free(result);
    rg_session_close(i->session);
    return status;
}

/* The graph is the one with that function in it. */
static void assert_whole(const char *output, const char *function)
{
    char sql[128], expected[64];
    snprintf(sql, sizeof sql, "SELECT name FROM methods WHERE name = '%s'", function);
    snprintf(expected, sizeof expected, "%s\n", function);
    assert_query(output, sql, expected);
}

/* The path of the current build, all of whose files are there; malloc'ed. */
static char *whole_build(const char *output)
{
    char *build;
    struct manifest manifest;
    assert_int_equal(graph_current(output, &build, NULL), RG_OK);
    assert_int_equal(manifest_open(build, &manifest, NULL), RG_OK);
    manifest_fini(&manifest);
    return build;
}

static void assert_current(const char *output, const char *build)
{
    char *now = whole_build(output);
    assert_string_equal(now, build);
    free(now);
}

static void build_small(const char *output)
{
    struct folder small;
    folder_open(&small);
    folder_add_text(&small, "small.py", "def small(): pass\n");
    struct rg_build_request request = request_for(small.path, output);
    assert_built(&request);
    folder_close(&small);
}

/* A graph with the function `small`: built once, and copied. */
static void copy_small(const char *output)
{
    char command[700];
    if (!path_exists(in_place("small")))
        build_small(in_place("small"));
    snprintf(command, sizeof command, "cp -a small '%s'", output);
    folder_shell(&place, command);
}

static void test_cancel_in_each_stage(void **state)
{
    (void)state;
    char output[300];
    snprintf(output, sizeof output, "%s", in_place("cancelled"));
    copy_small(output);
    char *before = whole_build(output);
    for (size_t s = 0; s < STAGES; s++) {
        struct interruption i = {.stage = stages[s], .step = -1};
        struct rg_error err = {0};
        enum rg_status status = build_interrupted(output, &i, &err);
        if (status != RG_ERR_CANCELLED || !i.seen)
            print_message("stage %s: %s %s\n", stages[s], rg_status_name(status), err.message);
        assert_true(i.seen);
        assert_int_equal(status, RG_ERR_CANCELLED);
        assert_current(output, before);
    }
    free(before);
    assert_whole(output, "small");
    folder_shell(&place, "test $(ls -A cancelled/builds | wc -l) = 1 && "
                         "test $(ls cancelled/state | wc -l) = 1");
}

static void kill_build(const char *output, const char *stage, int step)
{
    pid_t child = fork();
    if (child == 0) {
        struct interruption i = {.stage = stage, .step = step, .kill = true};
        _exit(build_interrupted(output, &i, NULL) == RG_OK ? 0 : 1);
    }
    int how = 0;
    assert_int_equal(waitpid(child, &how, 0), child);
    if (!WIFSIGNALED(how))
        print_message("not killed at %s %d\n", stage, step);
    assert_true(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL);
}

static void test_kill_in_each_stage(void **state)
{
    (void)state;
    char output[300];
    snprintf(output, sizeof output, "%s", in_place("killed"));
    copy_small(output);
    char *before = whole_build(output);
    for (size_t s = 0; s < STAGES; s++) {
        kill_build(output, stages[s], -1);
        assert_current(output, before);
    }
    assert_whole(output, "small");
    kill_build(output, "publish", BEHIND_THE_FLIP); /* the steps before: test_graph_folder.c */
    free(before);
    free(whole_build(output));
    assert_whole(output, "total");
    build_small(output);
    assert_whole(output, "small");
    folder_shell(&place,
                 "test $(ls -A killed/builds | wc -l) = 1 && "
                 "test $(ls killed/state | wc -l) = 1 && "
                 "test -f killed/runs/$(basename $(readlink killed/current))/bundle.json && "
                 "! ls -A killed/runs | grep -q staging");
}

/* A second build while the first one is in the middle of its work. */
struct second {
    const char *output;
    enum rg_status status;
    struct rg_error err;
};

static void build_second(void *user, const struct rg_event *event)
{
    struct second *second = user;
    if (event->kind != RG_EVENT_STAGE || strcmp(event->name, "extract") != 0)
        return;
    struct rg_build_request request = request_for(shop.path, second->output);
    second->status = build_once(&request, &second->err);
}

static void test_two_builds(void **state)
{
    (void)state;
    struct second second = {.output = in_place("two")};
    struct rg_session *session = session_with(build_second, &second);
    struct rg_build_result *result;
    struct rg_build_request request = request_for(shop.path, second.output);
    assert_int_equal(rg_build(session, &request, &result, NULL), RG_OK);
    rg_build_result_free(result);
    rg_session_close(session);
    assert_int_equal(second.status, RG_ERR_BUSY);
    assert_non_null(strstr(second.err.message, "another build"));
    assert_whole(in_place("two"), "total");
}

/* --- Full disks ----------------------------------------------------------------------------- */

/* Mounts of its own for this process; as an ordinary user in a name space of users, too. */
static bool own_mounts(void)
{
    char map[64];
    int flags = CLONE_NEWNS;
    snprintf(map, sizeof map, "0 %u 1", (unsigned)getuid());
    if (unshare(CLONE_NEWNS) != 0) {
        flags |= CLONE_NEWUSER;
        FILE *file = unshare(flags) == 0 ? fopen("/proc/self/uid_map", "w") : NULL;
        if (!file)
            return false;
        fputs(map, file);
        if (fclose(file) != 0)
            return false;
    }
    return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

/* On a disk that holds the graph before and so many KB more. Exits 0 when all is as it should be,
 * 77 where mounting is not allowed. */
static int full_disk_child(const char *folder, unsigned kilobytes)
{
    char options[64], graph[400];
    struct rg_error err = {0};
    struct statvfs disk;
    if (!own_mounts() || mount("tmpfs", folder, "tmpfs", 0, "size=64m") != 0)
        return 77;
    snprintf(graph, sizeof graph, "%s/graph", folder);
    copy_small(graph);
    char *before = whole_build(graph);
    if (statvfs(folder, &disk) != 0)
        return 77;
    unsigned long used = (disk.f_blocks - disk.f_bfree) * disk.f_frsize / 1024;
    snprintf(options, sizeof options, "size=%luk", used + kilobytes);
    if (mount("tmpfs", folder, "tmpfs", MS_REMOUNT, options) != 0)
        return 77;
    struct rg_build_request request = request_for(shop.path, graph);
    enum rg_status status = build_once(&request, &err);
    if (status != RG_ERR_DISK_FULL || !*err.message) {
        fprintf(stderr, "# %u KB left: %s: %s\n", kilobytes, rg_status_name(status), err.message);
        return 1;
    }
    assert_current(graph, before);
    free(before);
    return 0;
}

static void test_full_disk(void **state)
{
    (void)state;
    /* The facts, the product and the last files are what does not fit. */
    const unsigned sizes[] = {100, 3000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char folder[300];
        int how = 0;
        snprintf(folder, sizeof folder, "%s", in_place("disk"));
        assert_int_equal(folder_make(folder, NULL), RG_OK);
        pid_t child = fork();
        if (child == 0)
            _exit(full_disk_child(folder, sizes[i]));
        assert_int_equal(waitpid(child, &how, 0), child);
        if (WIFEXITED(how) && WEXITSTATUS(how) == 77)
            skip();
        assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
    }
}

/* The same where nothing may be mounted: files may not grow beyond a size. */
static int small_files_child(const char *output)
{
    struct rlimit limit = {.rlim_cur = 20000, .rlim_max = 20000};
    struct rg_error err = {0};
    signal(SIGXFSZ, SIG_IGN);
    copy_small(output);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        return 77;
    struct rg_build_request request = request_for(shop.path, output);
    enum rg_status status = build_once(&request, &err);
    if (status == RG_OK || !*err.message)
        return 1;
    assert_whole(output, "small");
    return 0;
}

static void test_small_files(void **state)
{
    (void)state;
    int how = 0;
    char output[300];
    snprintf(output, sizeof output, "%s", in_place("limited"));
    pid_t child = fork();
    if (child == 0)
        _exit(small_files_child(output));
    assert_int_equal(waitpid(child, &how, 0), child);
    if (WIFEXITED(how) && WEXITSTATUS(how) == 77)
        skip();
    assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_repository),
        cmocka_unit_test(test_no_supported_file),
        cmocka_unit_test(test_output),
        cmocka_unit_test(test_output_inside_repository),
        cmocka_unit_test(test_cancel_in_each_stage),
        cmocka_unit_test(test_kill_in_each_stage),
        cmocka_unit_test(test_two_builds),
        cmocka_unit_test(test_full_disk),
        cmocka_unit_test(test_small_files),
    };
    return cmocka_run_group_tests(tests, make_folders, drop_folders);
}
