/* What a scan finds, leaves out, refuses and records. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <sys/wait.h>

#include "base/limits.h"
#include "collide.h"
#include "extract/language.h"
#include "extract/scan.h"
#include "folder_fixture.h"
#include "kernels/stable_hash.h"

struct heard {
    char text[4096];
};

static void hear(void *user, const struct rg_event *event)
{
    struct heard *heard = user;
    if (event->text && strlen(heard->text) + strlen(event->text) + 2 < sizeof heard->text)
        strcat(strcat(heard->text, event->text), "\n");
}

struct fixture {
    struct folder folder;
    struct events events;
    struct heard heard;
    struct scan scan;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    folder_open(&f->folder);
    events_init(&f->events, hear, &f->heard);
    f->scan.root_fd = -1;
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    scan_fini(&f->scan);
    events_fini(&f->events);
    folder_close(&f->folder);
    free(f);
    return 0;
}

static void scan_it(struct fixture *f, const char *below)
{
    struct rg_error error = {0};
    char *root = path_join(f->folder.path, below);
    scan_fini(&f->scan);
    enum rg_status status = scan_repository(&f->events, root, &f->scan, &error);
    if (status != RG_OK)
        print_message("%s\n", error.message);
    assert_int_equal(status, RG_OK);
    free(root);
    for (size_t i = 0; i < f->scan.n_files; i++)
        assert_int_equal(f->scan.files[i].ordinal, i);
}

/* "path path! …", in the order of the scan; what is not SCAN_SOURCE has its reason behind it. */
static void assert_found(struct fixture *f, const char *expected)
{
    char text[4096] = "";
    size_t length = 0;
    for (size_t i = 0; i < f->scan.n_files; i++) {
        const struct scan_file *file = &f->scan.files[i];
        length += (size_t)snprintf(text + length, sizeof text - length, "%s" STR_FMT "%s%s",
                                   i ? " " : "", STR_ARG(file->path), file->reason ? "=" : "",
                                   file->reason ? file->reason : "");
        assert_true((file->status == SCAN_SOURCE) == (file->reason == NULL));
    }
    assert_string_equal(text, expected);
}

static void test_walk_sorts_and_leaves_out(void **state)
{
    struct fixture *f = *state;
    static const char *const names[] = {
        "b.py",
        "a/z.py",
        "a.py",
        "a-b.py",
        "readme.txt",
        "node_modules/x.py",
        "a/__pycache__/y.py",
        ".venv/lib/v.py",
        "build/lib/c.py",
        "dist/__init__.py",
        "dist/kept.py",
        "env/pyvenv.cfg",
        "env/lib/e.py",
        "cache/CACHEDIR.TAG",
        "cache/c.py",
        ".hidden/h.py",
        ".git/config.py",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        folder_add_text(&f->folder, names[i], "pass\n");
    scan_it(f, "");
    assert_found(f, ".hidden/h.py a-b.py a.py a/z.py b.py dist/__init__.py dist/kept.py");
    assert_false(f->scan.is_git);
    assert_int_equal(f->scan.n_left_out, 5); /* __pycache__ is not worth a word */
    assert_int_equal(f->scan.source_bytes, 7 * 5);
    assert_int_equal(f->scan.files[2].file_id,
                     (int64_t)stable_hash_text(STABLE_HASH_SEED, "a.py", 4));
    assert_string_equal(f->scan.files[0].language->name, "python");
}

static void test_root_is_never_left_out(void **state)
{
    struct fixture *f = *state;
    folder_add_text(&f->folder, "build/x.py", "pass\n");
    scan_it(f, "build");
    assert_found(f, "x.py");
}

static void test_git_decides(void **state)
{
    struct fixture *f = *state;
    folder_add_text(&f->folder, ".gitignore", "*.gen.py\n/out/\n/mixed/\n!no.py\n");
    folder_add_text(&f->folder, "tracked.gen.py", "pass\n");
    folder_add_text(&f->folder, "ignored.gen.py", "pass\n");
    folder_add_text(&f->folder, "untracked.py", "pass\n");
    folder_add_text(&f->folder, "out/o.py", "pass\n");
    folder_add_text(&f->folder, "mixed/tracked.py", "pass\n");
    folder_add_text(&f->folder, "mixed/not.py", "pass\n");
    folder_add_text(&f->folder, "build/b.py", "pass\n");
    folder_add_text(&f->folder, "sub/.gitignore", "deep.py\n");
    folder_add_text(&f->folder, "sub/deep.py", "pass\n");
    folder_add_text(&f->folder, "sub/kept.py", "pass\n");
    folder_shell(&f->folder, "git init -q . && git add -f tracked.gen.py mixed/tracked.py && "
                             "echo excluded.py >>.git/info/exclude && echo pass >excluded.py");
    scan_it(f, "");
    assert_true(f->scan.is_git);
    assert_found(f, "build/b.py mixed/tracked.py sub/kept.py tracked.gen.py untracked.py");
    scan_it(f, "sub"); /* a folder of a work tree */
    assert_true(f->scan.is_git);
    assert_found(f, "kept.py");
    scan_it(f, "out"); /* asked for by name although git ignores it */
    assert_false(f->scan.is_git);
    assert_found(f, "o.py");
    scan_it(f, "mixed");
    assert_found(f, "tracked.py");
}

static void test_git_runs_nothing_and_reads_no_settings(void **state)
{
    struct fixture *f = *state;
    folder_add_text(&f->folder, "a.py", "pass\n");
    folder_add_text(&f->folder, "b.py", "pass\n");
    folder_add_text(&f->folder, "everything", "*\n");
    folder_shell(
        &f->folder,
        "git init -q . && git add a.py && "
        "printf '[core]\\n excludesFile = '$PWD'/everything\\n worktree = /etc\\n fsmonitor = "
        "touch "
        "'$PWD'/ran\\n hooksPath = '$PWD'\\n[filter \"x\"]\\n clean = touch '$PWD'/ran\\n' "
        ">.git/config && "
        "echo '*.py filter=x' >.gitattributes && mkdir -p home/git && echo '*' >home/git/ignore");
    char *home = path_join(f->folder.path, "home");
    setenv("XDG_CONFIG_HOME", home, 1);
    if (geteuid() == 0)
        folder_shell(&f->folder, "chown -R 65534 .");
    scan_it(f, "");
    unsetenv("XDG_CONFIG_HOME");
    free(home);
    assert_true(f->scan.is_git);
    assert_found(f, "a.py b.py");
    folder_shell(&f->folder, "test ! -e ran");
    assert_string_equal(f->heard.text, "");
}

static void test_git_worktree_and_submodule(void **state)
{
    struct fixture *f = *state;
    folder_add_text(&f->folder, "one/a.py", "pass\n");
    folder_shell(&f->folder,
                 "cd one && git init -q . && git add . && git commit -qm 1 && "
                 "git worktree add -q ../two && cd ../two && echo '/sub/' >.gitignore && "
                 "git -c protocol.file.allow=always submodule -q add -f \"$PWD/../one\" sub");
    scan_it(f, "two");
    assert_true(f->scan.is_git);
    assert_found(f, "a.py sub/a.py");
}

static void test_broken_git_is_a_plain_folder(void **state)
{
    struct fixture *f = *state;
    folder_add_text(&f->folder, "a.py", "pass\n");
    folder_add_text(&f->folder, "node_modules/x.py", "pass\n");
    folder_shell(&f->folder, "git init -q . && echo rubbish >.git/index");
    scan_it(f, "");
    assert_false(f->scan.is_git);
    assert_found(f, "a.py");
    assert_non_null(strstr(f->heard.text, "cannot read git's index"));
    folder_shell(&f->folder, "rm -rf .git && echo 'gitdir: /nowhere' >.git");
    scan_it(f, "");
    assert_found(f, "a.py");
}

static void test_ignore_rules_that_are_a_pipe(void **state)
{
    struct fixture *f = *state;
    folder_add_text(&f->folder, "a.py", "pass\n");
    folder_add_text(&f->folder, "sub/b.py", "pass\n");
    folder_shell(&f->folder, "git init -q . && mkfifo sub/.gitignore");
    scan_it(f, "");
    assert_found(f, "a.py sub/b.py");
}

/* It says to ignore everything, but nobody writes rules of that length. */
static void test_ignore_rules_without_end(void **state)
{
    struct fixture *f = *state;
    folder_add_text(&f->folder, "a.py", "pass\n");
    folder_shell(&f->folder, "git init -q . && yes '*.py' | head -n 300000 >.gitignore");
    scan_it(f, "");
    assert_found(f, "a.py");
    folder_shell(&f->folder, "echo '*.py' >.gitignore");
    scan_it(f, "");
    assert_found(f, "");
}

static void test_what_is_no_plain_file(void **state)
{
    struct fixture *f = *state;
    folder_add_text(&f->folder, "real.py", "pass\n");
    folder_add_text(&f->folder, "outside/x.py", "pass\n");
    folder_shell(
        &f->folder,
        "mkdir repo && mkfifo repo/pipe.py && ln -s ../real.py repo/link.py && "
        "ln -s ../outside repo/folder && ln -s . repo/loop && ln -s nowhere repo/broken.py && "
        "truncate -s 100M repo/long.py && mkdir repo/folder.py && echo pass >repo/folder.py/in.py");
    scan_it(f, "repo");
    assert_found(
        f,
        "broken.py=symlink folder.py/in.py link.py=symlink long.py=too_large pipe.py=not_regular");
    assert_int_equal(f->scan.source_bytes, 5);
}

static void test_shebang(void **state)
{
    struct fixture *f = *state;
    folder_add_text(&f->folder, "tool", "#!/usr/bin/env python3\nprint()\n");
    folder_add_text(&f->folder, "versioned", "#! /usr/bin/python3.11 -E\r\n");
    folder_add_text(&f->folder, "shell", "#!/bin/sh\n");
    folder_add_text(&f->folder, "empty", "");
    folder_add_text(&f->folder, "not-executable", "#!/usr/bin/python3\n");
    folder_shell(&f->folder, "chmod +x tool versioned shell empty && mkfifo pipe && chmod +x pipe");
    scan_it(f, "");
    assert_found(f, "tool versioned");
}

static void test_names_that_are_not_utf8(void **state)
{
    struct fixture *f = *state;
    folder_add_text(&f->folder, "caf\xe9/\xff.py", "pass\n");
    folder_add_text(&f->folder, "caf%E9.py", "pass\n");
    folder_add_text(&f->folder, "100%.py", "pass\n");
    folder_add_text(&f->folder, "\xc3\xa9.py", "pass\n");
    folder_add_text(&f->folder, "new\nline.py", "pass\n");
    scan_it(f, "");
    assert_found(f, "100%.py caf%25E9.py caf%E9/%FF.py new\nline.py \xc3\xa9.py");
    assert_string_equal(f->scan.files[2].raw_path.ptr, "caf\xe9/\xff.py");
}

static void test_too_deep_is_recorded(void **state)
{
    struct fixture *f = *state;
    folder_add_text(&f->folder, "a.py", "pass\n");
    folder_shell(&f->folder, "d=; for i in $(seq 1 300); do d=$d/d; done; mkdir -p .$d && "
                             "echo pass >.$d/deep.py");
    scan_it(f, "");
    assert_int_equal(f->scan.n_files, 2);
    assert_string_equal(f->scan.files[1].reason, "too_deep");
    assert_int_equal(f->scan.files[1].status, SCAN_UNREADABLE);
    assert_int_equal(f->scan.files[1].path.len, 2 * (LIMIT_PATH_DEPTH + 1)); /* "d/" each */
    folder_shell(&f->folder, "rm -rf d");
}

/* Root reads everything, so a child without rights does the scan. */
static void test_unreadable_folder(void **state)
{
    struct fixture *f = *state;
    folder_add_text(&f->folder, "a.py", "pass\n");
    folder_add_text(&f->folder, "locked/b.py", "pass\n");
    folder_shell(&f->folder, "chmod 755 . && chmod 0 locked");
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct scan scan;
        bool good = (geteuid() != 0 || setuid(65534) == 0) &&
                    scan_repository(&f->events, f->folder.path, &scan, NULL) == RG_OK &&
                    scan.n_files == 2 && str_is(scan.files[1].path, "locked/") &&
                    scan.files[1].status == SCAN_UNREADABLE && !scan.files[1].language &&
                    strcmp(scan.files[1].reason, "no_permission") == 0;
        _exit(good ? 0 : 1);
    }
    int code;
    assert_int_equal(waitpid(child, &code, 0), child);
    assert_int_equal(code, 0);
    folder_shell(&f->folder, "chmod 755 locked");
}

static void test_paths_of_one_hash(void **state)
{
    struct fixture *f = *state;
    char a[65], b[65], name[80];
    collide_pair(STABLE_HASH_SEED, 1, a, b);
    assert_string_not_equal(a, b);
    snprintf(name, sizeof name, "%s.py", a);
    folder_add_text(&f->folder, name, "pass\n");
    uint64_t hash = stable_hash_text(STABLE_HASH_SEED, name, strlen(name));
    snprintf(name, sizeof name, "%s.py", b);
    folder_add_text(&f->folder, name, "pass\n");
    assert_true(hash == stable_hash_text(STABLE_HASH_SEED, name, strlen(name)));
    scan_it(f, "");
    assert_int_equal(f->scan.n_files, 2);
    assert_int_equal(f->scan.n_collisions, 1);
    assert_int_equal(f->scan.files[0].file_id, (int64_t)hash);
    assert_int_equal(f->scan.files[1].file_id, (int64_t)stable_hash_int(hash, 1));
    assert_non_null(strstr(f->heard.text, "another id"));
}

static void test_root_that_is_none(void **state)
{
    struct fixture *f = *state;
    struct rg_error error = {0};
    folder_add_text(&f->folder, "file.py", "pass\n");
    char *path = path_join(f->folder.path, "file.py");
    assert_int_equal(scan_repository(&f->events, path, &f->scan, &error), RG_ERR_USAGE);
    assert_non_null(strstr(error.message, "is not a folder"));
    scan_fini(&f->scan);
    assert_int_equal(scan_repository(&f->events, "/nowhere/at/all", &f->scan, &error),
                     RG_ERR_NOT_FOUND);
    assert_non_null(strstr(error.message, "/nowhere/at/all"));
    free(path);
}

static void test_nothing_to_find(void **state)
{
    struct fixture *f = *state;
    folder_add_text(&f->folder, "readme.md", "#\n");
    scan_it(f, "");
    assert_int_equal(f->scan.n_files, 0);
}

static void test_cancelled(void **state)
{
    struct fixture *f = *state;
    struct rg_error error = {0};
    atomic_store(&f->events.cancelled, true);
    assert_int_equal(scan_repository(&f->events, f->folder.path, &f->scan, &error),
                     RG_ERR_CANCELLED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_walk_sorts_and_leaves_out),
        TEST(test_root_is_never_left_out),
        TEST(test_git_decides),
        TEST(test_git_runs_nothing_and_reads_no_settings),
        TEST(test_git_worktree_and_submodule),
        TEST(test_broken_git_is_a_plain_folder),
        TEST(test_ignore_rules_that_are_a_pipe),
        TEST(test_ignore_rules_without_end),
        TEST(test_what_is_no_plain_file),
        TEST(test_shebang),
        TEST(test_names_that_are_not_utf8),
        TEST(test_too_deep_is_recorded),
        TEST(test_unreadable_folder),
        TEST(test_paths_of_one_hash),
        TEST(test_root_that_is_none),
        TEST(test_nothing_to_find),
        TEST(test_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
