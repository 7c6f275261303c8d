/* Files, digests, errors, events and the thread pool. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/events.h"
#include "base/file.h"
#include "base/pool.h"

static char folder[] = "/tmp/relgraph-base-XXXXXX";

static char *at(const char *name)
{
    static char path[4][512];
    static int next;
    next = (next + 1) % 4;
    snprintf(path[next], sizeof path[next], "%s/%s", folder, name);
    return path[next];
}

static int group_setup(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int group_teardown(void **state)
{
    (void)state;
    return tree_remove(folder, NULL) == RG_OK ? 0 : -1;
}

/* --- Errors ---------------------------------------------------------------------------------- */

static void errors_carry_their_details(void **state)
{
    (void)state;
    struct rg_error err = {0};
    assert_int_equal(error_set(&err, RG_ERR_RULE, "compile", "no column %s", "x"), RG_ERR_RULE);
    error_hint(&err, "did you mean %s?", "y");
    error_place(&err, "calls.sql", 3, 7);
    error_rule(&err, "calls");
    assert_string_equal(err.message, "no column x");
    assert_string_equal(err.hint, "did you mean y?");
    assert_string_equal(err.file, "calls.sql");
    assert_int_equal(err.line * 100 + err.column, 307);
    assert_int_equal(error_set(&err, RG_ERR_IO, "run", "while running: %s", err.message),
                     RG_ERR_IO);
    assert_string_equal(err.message,
                        "while running: no column x"); /* context around the old text */
    assert_string_equal(err.hint, "");
    assert_int_equal(err.line, 0);
}

static void errors_without_a_taker(void **state)
{
    (void)state;
    assert_int_equal(error_set(NULL, RG_ERR_IO, "x", "nobody listens"), RG_ERR_IO);
    error_hint(NULL, "x");
    error_place(NULL, "x", 1, 1);
    error_rule(NULL, "x");
    assert_int_equal(error_errno(NULL, "x", ENOSPC, "cannot write", "f"), RG_ERR_DISK_FULL);
}

static void errors_are_cut_not_overrun(void **state)
{
    (void)state;
    struct rg_error err;
    char longest[3000];
    memset(longest, 'm', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    memset(&err, 0xFF, sizeof err);
    assert_int_equal(error_set(&err, RG_ERR_IO, longest, "%s", longest), RG_ERR_IO);
    assert_true(strlen(err.message) < sizeof err.message);
    assert_true(strlen(err.layer) < sizeof err.layer);
    memcpy(longest + sizeof longest - 9, "end.py", 7);
    error_place(&err, longest, 1, 1);
    size_t length = strlen(err.file);
    assert_true(length < sizeof err.file);
    assert_string_equal(err.file + length - 6, "end.py"); /* cut at the front */
}

static void errno_becomes_a_status(void **state)
{
    (void)state;
    struct rg_error err = {0};
    assert_int_equal(error_errno(&err, "file", ENOENT, "cannot open", "/nowhere"), RG_ERR_IO);
    assert_non_null(strstr(err.message, "cannot open /nowhere: No such file"));
    assert_int_equal(error_errno(&err, "file", ENOSPC, "cannot write", "f"), RG_ERR_DISK_FULL);
    assert_true(err.hint[0] != '\0');
    assert_int_equal(error_errno(&err, "file", EDQUOT, "cannot write", "f"), RG_ERR_DISK_FULL);
    assert_int_equal(error_errno(&err, "file", ENOMEM, "cannot read", "f"), RG_ERR_MEMORY);
}

static void every_status_has_a_name(void **state)
{
    (void)state;
    for (int s = RG_OK; s <= RG_ERR_INTERNAL; s++) {
        assert_string_not_equal(rg_status_name((enum rg_status)s), "unknown");
        for (int t = RG_OK; t < s; t++)
            assert_string_not_equal(rg_status_name((enum rg_status)s),
                                    rg_status_name((enum rg_status)t));
    }
    assert_string_equal(rg_status_name((enum rg_status)999), "unknown");
}

/* --- Files ----------------------------------------------------------------------------------- */

static void files_round_trip(void **state)
{
    (void)state;
    struct rg_error err = {0};
    char *data = NULL;
    size_t size = 0;
    char hex[65];
    assert_int_equal(file_write(at("a"), (struct str){"x\0y\n", 4}, &err), RG_OK);
    assert_int_equal(file_read(at("a"), 100, true, &data, &size, &err), RG_OK);
    assert_int_equal(size, 4);
    assert_memory_equal(data, "x\0y\n", 5); /* with a NUL behind */
    free(data);
    assert_int_equal(file_size(at("a")), 4);
    assert_int_equal(file_write(at("a"), STR("abc"), &err), RG_OK); /* over the old one */
    assert_int_equal(file_sha256(at("a"), hex, &err), RG_OK);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_false(path_exists(at("a.tmp")));
    assert_int_equal(folder_sync(folder, &err), RG_OK);
}

static void reading_is_careful(void **state)
{
    (void)state;
    struct rg_error err = {0};
    char *data = (char *)1;
    size_t size = 1;
    assert_int_equal(file_write(at("big"), STR("0123456789"), &err), RG_OK);
    assert_int_equal(file_read(at("big"), 9, true, &data, &size, &err), RG_ERR_LIMIT);
    assert_null(data); /* empty on failure */
    assert_int_equal(size, 0);
    assert_int_equal(file_read(at("big"), 10, true, &data, &size, &err), RG_OK);
    free(data);
    assert_int_equal(symlink("big", at("link")), 0);
    assert_int_not_equal(file_read(at("link"), 100, true, &data, &size, &err), RG_OK);
    assert_int_equal(file_read(at("link"), 100, false, &data, &size, &err), RG_OK);
    free(data);
    assert_int_equal(mkfifo(at("pipe"), 0600), 0);
    assert_int_equal(file_read(at("pipe"), 100, true, &data, &size, &err), RG_ERR_IO); /* no hang */
    char sha256[65];
    assert_int_equal(file_sha256(at("pipe"), sha256, &err), RG_ERR_IO); /* neither here */
    assert_int_equal(file_read(folder, 100, true, &data, &size, &err), RG_ERR_IO);
    assert_int_equal(file_read(at("none"), 100, true, &data, &size, &err), RG_ERR_IO);
    assert_non_null(strstr(err.message, "none"));
    /* A file whose size is told as 0 is read to its end. */
    assert_int_equal(file_read("/proc/self/status", 1 << 20, true, &data, &size, &err), RG_OK);
    assert_true(size > 100);
    free(data);
}

static void opening_stays_beneath(void **state)
{
    (void)state;
    struct rg_error err = {0};
    assert_int_equal(folder_make(at("in/deep"), &err), RG_OK);
    assert_int_equal(file_write(at("in/deep/f"), STR("f"), &err), RG_OK);
    assert_int_equal(file_write(at("out"), STR("o"), &err), RG_OK);
    assert_int_equal(symlink("../..", at("in/deep/up")), 0);
    int root = open(at("in"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int fd = file_open_beneath(root, "deep/f", false);
    assert_true(fd >= 0);
    close(fd);
    fd = file_open_beneath(root, "deep", true);
    assert_true(fd >= 0);
    close(fd);
    static const char *const escapes[] = {"../out",      "deep/../../out", "deep/up/out",
                                          "/etc/passwd", "deep//f",        ".",
                                          "deep/up",     "deep/none"};
    for (size_t i = 0; i < sizeof escapes / sizeof escapes[0]; i++)
        assert_int_equal(file_open_beneath(root, escapes[i], false), -1);
    close(root);
}

/* Longer than any path that a call of the kernel takes. */
static void opening_takes_long_paths(void **state)
{
    (void)state;
    enum { DEPTH = 20, NAME = 250 };
    int folders[DEPTH + 1];
    char name[NAME + 1], path[DEPTH * (NAME + 1) + 2];
    size_t n = 0;
    struct rg_error err = {0};
    memset(name, 'd', NAME);
    name[NAME] = '\0';
    assert_int_equal(folder_make(at("long"), &err), RG_OK);
    folders[0] = open(at("long"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (size_t i = 0; i < DEPTH; i++) {
        assert_int_equal(mkdirat(folders[i], name, 0700), 0);
        folders[i + 1] = openat(folders[i], name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        n += (size_t)snprintf(path + n, sizeof path - n, "%s%s", i ? "/" : "", name);
    }
    int fd = file_open_beneath(folders[0], path, true);
    assert_true(fd >= 0);
    close(fd);
    for (size_t i = DEPTH; i-- > 0;) { /* by a path they could not be removed */
        close(folders[i + 1]);
        assert_int_equal(unlinkat(folders[i], name, AT_REMOVEDIR), 0);
    }
    close(folders[0]);
}

static void folders_are_made_and_removed(void **state)
{
    (void)state;
    struct rg_error err = {0};
    assert_int_equal(folder_make(at("p/q/r"), &err), RG_OK);
    assert_int_equal(folder_make(at("p/q/r"), &err), RG_OK); /* again is fine */
    assert_true(path_is_folder(at("p/q/r")));
    assert_int_equal(file_write(at("p/q/f"), STR("x"), &err), RG_OK);
    assert_int_equal(folder_make(at("p/q/f/g"), &err), RG_ERR_IO);
    assert_non_null(strstr(err.message, "is a file"));
    /* Removing a tree does not reach through its symlinks. */
    assert_int_equal(folder_make(at("precious"), &err), RG_OK);
    assert_int_equal(file_write(at("precious/f"), STR("x"), &err), RG_OK);
    assert_int_equal(symlink("../precious", at("p/link")), 0);
    assert_int_equal(tree_remove(at("p"), &err), RG_OK);
    assert_false(path_exists(at("p")));
    assert_true(path_exists(at("precious/f")));
    assert_int_equal(tree_remove(at("p"), &err), RG_OK); /* nothing there is no error */
    assert_int_equal(tree_remove(at("precious/f"), &err), RG_OK);
    assert_false(path_exists(at("precious/f")));
}

static void a_full_disk_is_told(void **state)
{
    (void)state;
    struct rg_error err = {0};
    /* /dev/full answers every write with ENOSPC; as file_write's temporary file it must be found
     * first. */
    assert_int_equal(symlink("/dev/full", at("target.tmp")), 0);
    assert_int_equal(file_write(at("target"), STR("x"), &err), RG_ERR_DISK_FULL);
    assert_false(path_exists(at("target")));
    assert_false(path_exists(at("target.tmp"))); /* cleaned up */
}

static void paths(void **state)
{
    (void)state;
    char *path = path_join("a", "b");
    assert_string_equal(path, "a/b");
    free(path);
    path = path_join("a/", "b");
    assert_string_equal(path, "a/b");
    free(path);
    assert_null(path_real(at("none")));
}

/* --- Digests --------------------------------------------------------------------------------- */

static void digests_match_published_vectors(void **state)
{
    (void)state;
    char hex[65];
    /* FIPS 180-4 examples, RFC 1321 appendix A.5. */
    digest_sha256("", 0, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    digest_sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, hex);
    assert_string_equal(hex, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    digest_md5("", 0, hex);
    assert_string_equal(hex, "d41d8cd98f00b204e9800998ecf8427e");
    digest_md5("message digest", 14, hex);
    assert_string_equal(hex, "f96b697d7cb7938d525a2f31aaf161d0");
    struct md5 *md5 = md5_new();
    assert_non_null(md5);
    for (int i = 0; i < 2; i++) { /* each time anew */
        md5_hex(md5, "message digest", 14, hex);
        assert_string_equal(hex, "f96b697d7cb7938d525a2f31aaf161d0");
        md5_hex(md5, "", 0, hex);
        assert_string_equal(hex, "d41d8cd98f00b204e9800998ecf8427e");
    }
    md5_free(md5);
    struct digest *digest = digest_new();
    assert_non_null(digest);
    for (int i = 0; i < 1000000; i += 1000) { /* a million times 'a', in pieces */
        char piece[1000];
        memset(piece, 'a', sizeof piece);
        digest_update(digest, piece, sizeof piece);
    }
    digest_finish(digest, hex);
    assert_string_equal(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    digest_free(digest_new());
    digest_free(NULL);
}

/* --- Pool ------------------------------------------------------------------------------------ */

enum { TASKS = 2000 };

struct work {
    atomic_uint seen[TASKS];
    atomic_uint by_worker[8];
    size_t fails_at;
};

static enum rg_status work_run(void *context, unsigned worker, size_t task, struct rg_error *err)
{
    struct work *work = context;
    atomic_fetch_add(&work->seen[task], 1);
    atomic_fetch_add(&work->by_worker[worker], 1);
    if (task >= work->fails_at)
        return error_set(err, RG_ERR_IO, "test", "task failed");
    return RG_OK;
}

static void pool_runs_every_task_once(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads <= 8; threads *= 2) {
        struct work *work = calloc(1, sizeof *work);
        assert_non_null(work);
        work->fails_at = TASKS;
        struct pool_job job = {
            .threads = threads, .tasks = TASKS, .context = work, .run = work_run};
        assert_int_equal(pool_run(&job, NULL), RG_OK);
        unsigned total = 0;
        for (size_t i = 0; i < TASKS; i++)
            assert_int_equal(work->seen[i], 1);
        for (unsigned i = 0; i < 8; i++) {
            assert_true(i < threads || work->by_worker[i] == 0); /* numbers stay below `threads` */
            total += work->by_worker[i];
        }
        assert_int_equal(total, TASKS);
        free(work);
    }
    struct pool_job nothing = {.threads = 4, .tasks = 0, .run = work_run};
    assert_int_equal(pool_run(&nothing, NULL), RG_OK);
    assert_true(pool_processors() >= 1);
}

static void pool_stops_at_a_failure(void **state)
{
    (void)state;
    struct work *work = calloc(1, sizeof *work);
    struct rg_error err = {0};
    assert_non_null(work);
    work->fails_at = 50;
    struct pool_job job = {.threads = 4, .tasks = TASKS, .context = work, .run = work_run};
    assert_int_equal(pool_run(&job, &err), RG_ERR_IO);
    assert_string_equal(err.message, "task failed");
    unsigned done = 0;
    for (size_t i = 0; i < TASKS; i++)
        done += work->seen[i];
    assert_true(done >= 51 && done < 51 + 4 * 2); /* nobody takes another task */
    free(work);
}

/* --- Events ---------------------------------------------------------------------------------- */

struct heard {
    unsigned stages, progress, warnings;
    char text[64];
};

static void on_event(void *user, const struct rg_event *event)
{
    struct heard *heard = user;
    heard->stages += event->kind == RG_EVENT_STAGE;
    heard->progress += event->kind == RG_EVENT_PROGRESS;
    heard->warnings += event->kind == RG_EVENT_WARNING;
    if (event->text)
        snprintf(heard->text, sizeof heard->text, "%s", event->text);
}

static void events_reach_the_listener(void **state)
{
    (void)state;
    struct events events;
    struct heard heard = {0};
    struct rg_error err = {0};
    events_init(&events, on_event, &heard);
    events_begin(&events);
    events_stage(&events, "scan");
    events_progress(&events, "scan", 1, 2, 3, 4);
    events_message(&events, RG_EVENT_WARNING, "scan", "%d files", 3);
    assert_int_equal(heard.stages + heard.progress + heard.warnings, 3);
    assert_string_equal(heard.text, "3 files");
    assert_int_equal(events_check(&events, &err), RG_OK);
    atomic_store(&events.cancelled, true);
    assert_int_equal(events_check(&events, &err), RG_ERR_CANCELLED);
    events_fini(&events);
    events_init(&events, NULL, NULL); /* nobody listens */
    events_stage(&events, "scan");
    events_fini(&events);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_carry_their_details),
        cmocka_unit_test(errors_without_a_taker),
        cmocka_unit_test(errors_are_cut_not_overrun),
        cmocka_unit_test(errno_becomes_a_status),
        cmocka_unit_test(every_status_has_a_name),
        cmocka_unit_test(files_round_trip),
        cmocka_unit_test(reading_is_careful),
        cmocka_unit_test(opening_stays_beneath),
        cmocka_unit_test(opening_takes_long_paths),
        cmocka_unit_test(folders_are_made_and_removed),
        cmocka_unit_test(a_full_disk_is_told),
        cmocka_unit_test(paths),
        cmocka_unit_test(digests_match_published_vectors),
        cmocka_unit_test(pool_runs_every_task_once),
        cmocka_unit_test(pool_stops_at_a_failure),
        cmocka_unit_test(events_reach_the_listener),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
