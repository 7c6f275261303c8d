/* Every allocation fails in turn: each failure is told, nothing leaks, nothing crashes. tree-sitter
 * and its scanners are left alone: they abort, as the public header says. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <tree_sitter/api.h>

#include "base/error.h"
#include "extract/roles.h"
#include "extract/scan.h"
#include "extract/source.h"
#include "extract/syntax.h"
#include "folder_fixture.h"

/* Allocations until the one that fails; below 0: none does. */
static long fails_after = -1;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *tree_sitter_python_external_scanner_create(void);

/* The scanner's functions lie together: it is one object file. */
static bool is_scanner(const void *caller)
{
    enum { AROUND = 1 << 16 };
    uintptr_t at = (uintptr_t)caller, there = (uintptr_t)tree_sitter_python_external_scanner_create;
    return at > there - AROUND && at < there + AROUND;
}

static bool fails(const void *caller)
{
    return fails_after >= 0 && !is_scanner(caller) && fails_after-- == 0;
}

void *__wrap_malloc(size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __real_realloc(old, size);
}

/* Runs `try` with the 1st, 2nd, … allocation failing until none is left to fail. */
static void fail_each(enum rg_status (*try)(void *context, struct rg_error *error), void *context)
{
    for (long n = 0;; n++) {
        struct rg_error error = {0};
        fails_after = n;
        enum rg_status status = try(context, &error);
        bool reached = fails_after < 0;
        fails_after = -1;
        if (!reached) {
            assert_int_equal(status, RG_OK);
            assert_true(n > 0);
            return;
        }
        if (status != RG_OK) {
            if (status != RG_ERR_MEMORY)
                print_message("allocation %ld: %s\n", n, error.message);
            assert_int_equal(status, RG_ERR_MEMORY);
            assert_int_equal(error.status, RG_ERR_MEMORY);
        }
    }
}

/* --- Scan
 * -------------------------------------------------------------------------------------------------
 */

struct scan_case {
    struct folder folder;
    struct events events;
    size_t n_files;
};

static enum rg_status try_scan(void *context, struct rg_error *error)
{
    struct scan_case *c = context;
    struct scan scan;
    enum rg_status status = scan_repository(&c->events, c->folder.path, &scan, error);
    /* A file must not be lost, or found, for want of memory. */
    if (status == RG_OK)
        assert_int_equal(scan.n_files, c->n_files);
    scan_fini(&scan);
    return status;
}

static void test_scan(void **state)
{
    (void)state;
    struct scan_case c = {.n_files = 5};
    folder_open(&c.folder);
    events_init(&c.events, NULL, NULL);
    folder_add_text(&c.folder, "a.py", "pass\n");
    folder_add_text(&c.folder, "b/c/d.py", "pass\n");
    folder_add_text(&c.folder, "b/\xff.py", "pass\n");
    folder_add_text(&c.folder, "ignored/e.py", "pass\n");
    folder_add_text(&c.folder, "script", "#!/usr/bin/python3\n");
    folder_shell(&c.folder, "chmod +x script");
    fail_each(try_scan, &c);
    folder_shell(&c.folder, "git init -q . && git add a.py && echo ignored >.gitignore");
    c.n_files = 4;
    fail_each(try_scan, &c);
    folder_shell(&c.folder, "mkdir w && mv .git w/store && echo 'gitdir: w/store' >.git");
    c.n_files = 4;
    fail_each(try_scan, &c);
    events_fini(&c.events);
    folder_close(&c.folder);
}

/* --- Source
 * ------------------------------------------------------------------------------------------------
 */

static enum rg_status try_source(void *context, struct rg_error *error)
{
    const char *text = context;
    struct source source;
    struct arena arena = {0};
    enum rg_status status = source_from_bytes(&languages[0], text, strlen(text), &source, error);
    if (status == RG_OK && !source.skip_reason &&
        !source_token(&source, 0, source.size, &arena).ptr)
        status = error_no_memory(error, "test");
    arena_fini(&arena);
    source_fini(&source);
    return status;
}

static char latin1[] = "# coding: latin-1\rs = '\xe9'\r\n";
static char sjis[] = "# coding: sjis\ns = '\x95\x5c\x81'\n";
static char no_utf8[] =
    "n\xff = 1\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n";
static char unknown[] = "# coding: klingon\n\xe9\n";
static char plain[] =
    "class A(B):\n    x: int = 1\n    def f(self, *a, k=[i for i in x if i]):\n"
    "        global g\n        return lambda: (self.x, g, a[0], f\"{k}\", k := 2)\n"
    "from .m import a as b, c\nimport d.e\ntry:\n    a += 1\nexcept E as e:\n    del e\n"
    "match a:\n    case {'k': [v, *w]}: pass\n__all__ = ['a', 'b']\nx = = 1\n";

static void test_source(void **state)
{
    (void)state;
    fail_each(try_source, latin1);
    fail_each(try_source, sjis);
    fail_each(try_source, no_utf8);
    fail_each(try_source, unknown);
    fail_each(try_source, plain);
}

/* --- Syntax
 * -------------------------------------------------------------------------------------------------
 */

static enum rg_status try_syntax(void *context, struct rg_error *error)
{
    const struct source *source = context;
    struct syntax_worker *worker;
    struct syntax_outcome outcome;
    struct fact_sink sink = {.ids = NULL};
    struct scan_file file = {.path = STR("a.py"), .file_id = 1, .language = &languages[0]};
    enum rg_status status = syntax_worker_new(60, &worker, error);
    if (status != RG_OK)
        return status;
    status = syntax_extract(worker, &file, source, &sink, NULL, &outcome, error);
    if (status == RG_OK)
        assert_int_equal(outcome.status, FILE_STATUS_PARTIAL);
    syntax_worker_free(worker);
    return status;
}

static void test_syntax(void **state)
{
    (void)state;
    struct source source;
    assert_int_equal(source_from_bytes(&languages[0], plain, strlen(plain), &source, NULL), RG_OK);
    fail_each(try_syntax, &source);
    source_fini(&source);
}

int main(void)
{
    ts_set_allocator(__real_malloc, __real_calloc, __real_realloc, free);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scan),
        cmocka_unit_test(test_source),
        cmocka_unit_test(test_syntax),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
