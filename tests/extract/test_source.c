/* Lines, encodings, and what is not read. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/limits.h"
#include "extract/language.h"
#include "extract/source.h"
#include "folder_fixture.h"

static struct source read_bytes(const char *bytes, size_t size)
{
    struct source source;
    assert_int_equal(source_from_bytes(&languages[0], bytes, size, &source, NULL), RG_OK);
    return source;
}

static struct source read_text(const char *text)
{
    return read_bytes(text, strlen(text));
}

static void assert_token(const struct source *source, uint32_t start, uint32_t end,
                         const char *expected)
{
    struct arena arena = {0};
    struct str token = source_token(source, start, end, &arena);
    assert_int_equal(token.len, strlen(expected));
    assert_memory_equal(token.ptr, expected, token.len);
    arena_fini(&arena);
}

static void test_lines(void **state)
{
    (void)state;
    struct source source = read_text("a\nbc\r\n\rd\fe\x0b\n\n");
    static const uint32_t starts[] = {0, 2, 6, 7, 12};
    assert_int_equal(source.n_lines, 5);
    assert_memory_equal(source.line_starts, starts, sizeof starts);
    static const struct {
        uint32_t byte, line;
    } cases[] = {{0, 1}, {1, 1}, {2, 2}, {5, 2}, {6, 3}, {7, 4}, {11, 4}, {12, 5}, {13, 5}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(source_line(&source, cases[i].byte), cases[i].line);
    source_fini(&source);
    source = read_text("");
    assert_int_equal(source.n_lines, 0);
    assert_int_equal(source_line(&source, 0), 1);
    assert_null(source.skip_reason);
    source_fini(&source);
    source = read_text("no end");
    assert_int_equal(source.n_lines, 1);
    source_fini(&source);
    source = read_text("a\r\nb\n");
    assert_int_equal(source.n_lines, 2);
    assert_ptr_equal(source.parse_bytes, source.bytes);
    source_fini(&source);
}

static void test_lone_returns_end_lines_for_the_parser(void **state)
{
    (void)state;
    struct source source = read_text("a = 1\rb = 2\r\nc = 3\r");
    assert_int_equal(source.n_lines, 3);
    assert_string_equal(source.bytes, "a = 1\rb = 2\r\nc = 3\r");
    assert_string_equal(source.parse_bytes, "a = 1\nb = 2\r\nc = 3\n");
    source_fini(&source);
}

/* Each line of `many` copies costs the same: a file of the old Macintosh is not searched for \n
 * again and again. */
static void test_lines_are_linear(void **state)
{
    (void)state;
    char *text = malloc(LIMIT_FILE_BYTES);
    memset(text, '\r', LIMIT_FILE_BYTES);
    double began = clock_thread_seconds();
    struct source source = read_bytes(text, LIMIT_FILE_BYTES);
    assert_int_equal(source.n_lines, LIMIT_FILE_BYTES);
    assert_true(clock_thread_seconds() - began < 20);
    source_fini(&source);
    free(text);
}

/* CPython's own answers (tokenize.detect_encoding and its C tokenizer). */
static void test_coding_comments(void **state)
{
    (void)state;
    static const struct {
        const char *text, *encoding;
    } cases[] = {
        {"pass\n", "utf-8"},
        {"# coding: latin-1\n", "latin-1"},
        {"# -*- coding: iso-8859-1 -*-\n", "latin-1"},
        {"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\n", "cp1252"},
        {"\n# coding=KOI8_R\n", "koi8-r"},
        {" \t\f# coding:\t latin1\n", "latin-1"},
        {"\r# coding: cp1251\r", "cp1251"},
        {"\r\n# coding: cp1251\r\n", "cp1251"},
        {"\n\n# coding: latin-1\n", "utf-8"},       /* the third line */
        {"pass\n# coding: latin-1\n", "utf-8"},     /* behind code */
        {"x = 1 # coding: latin-1\n", "utf-8"},     /* behind code in its line */
        {"'''\n# coding: latin-1\n'''\n", "utf-8"}, /* inside a string */
        {"# coding latin-1\n", "utf-8"},
        {"# coding : latin-1\n", "utf-8"},
        {"# coding: coding: \n", "unknown"}, /* the name is the second word */
        {"# encoding: utf8\n", "utf-8"},
        {"# coding: UTF_8\n", "utf-8"},
        {"# coding: utf-8-unix\n", "utf-8"},
        {"\xEF\xBB\xBFpass\n", "utf-8-sig"},
        {"\xEF\xBB\xBF# coding: utf-8\n", "utf-8-sig"},
        {"# coding: sjis\n", "shift-jis"},
        {"# coding: no-such-thing\n", "unknown"},
        {"# coding: utf-16\n", "unknown"}, /* it cannot be, or we had not read this */
        {"# coding: utf-7\n", "unknown"},
        {"# coding: wchar_t\n", "unknown"},
        {"# coding", "utf-8"},
        {"# coding:", "utf-8"},
        {"# coding:x", "unknown"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct source source = read_text(cases[i].text);
        if (strcmp(source.encoding, cases[i].encoding) != 0)
            print_message("of: %s\n", cases[i].text);
        assert_string_equal(source.encoding, cases[i].encoding);
        assert_true((source.note != NULL) == (strcmp(source.encoding, "unknown") == 0));
        source_fini(&source);
    }
}

static void test_utf8(void **state)
{
    (void)state;
    struct source source = read_text("\xEF\xBB\xBF"
                                     "\xC3\xA9 = '\xE2\x82\xAC'\n");
    assert_true(source.is_utf8);
    assert_int_equal(source.text_start, 3);
    assert_ptr_equal(source.parse_bytes, source.bytes);
    assert_token(&source, 3, 5, "\xC3\xA9");
    assert_token(&source, 8, 13, "'\xE2\x82\xAC'");
    assert_token(&source, 9, 10, "\xEF\xBF\xBD"); /* half a character */
    source_fini(&source);
    source = read_text("\xEF\xBB\xBF# coding: latin-1\n");
    assert_string_equal(source.note, "encoding_conflict");
    assert_true(source.is_utf8);
    source_fini(&source);
}

static void test_latin1(void **state)
{
    (void)state;
    struct source source = read_text("# coding: latin-1\ncl\xE9 = 'caf\xE9'\n");
    assert_false(source.is_utf8);
    assert_null(source.note);
    assert_string_equal(source.parse_bytes, "# coding: latin-1\nclZ = 'cafZ'\n");
    assert_token(&source, 18, 21, "cl\xC3\xA9");
    assert_token(&source, 24, 30, "'caf\xC3\xA9'");
    assert_token(&source, 18, 20, "cl");
    source_fini(&source);
}

static void test_multibyte(void **state)
{
    (void)state;
    /* U+8868 is 0x95 0x5C in Shift-JIS: its second byte is a backslash, which would hide the quote.
     */
    struct source source = read_text("# coding: sjis\ns = '\x95\x5C'\n");
    assert_null(source.note);
    assert_string_equal(source.parse_bytes, "# coding: sjis\ns = 'ZZ'\n");
    assert_token(&source, 19, 23, "'\xE8\xA1\xA8'");
    source_fini(&source);
    source = read_text("# coding: euc-jp\ns = '\xA4\xA2\xA4'\n");
    assert_string_equal(source.note, "undecodable");
    assert_token(&source, 21, 26, "'\xE3\x81\x82\xEF\xBF\xBD'");
    source_fini(&source);
}

static void test_not_what_it_says(void **state)
{
    (void)state;
    struct source source = read_text("n\xE9 = '\xC3\xA9'\n");
    assert_string_equal(source.note, "invalid_utf8");
    assert_false(source.is_utf8);
    assert_string_equal(source.parse_bytes, "nZ = '\xC3\xA9'\n");
    assert_token(&source, 0, 2, "n\xEF\xBF\xBD");
    assert_token(&source, 5, 9, "'\xC3\xA9'");
    source_fini(&source);
    source = read_text("# coding: utf-8\n\xE9\n");
    assert_string_equal(source.note, "undecodable");
    source_fini(&source);
    source = read_text("# coding: ascii\ns = '\xE9'\n");
    assert_string_equal(source.note, "undecodable");
    assert_token(&source, 20, 23, "'\xEF\xBF\xBD'");
    source_fini(&source);
    source = read_text("# coding: klingon\ns = '\xE9'\n");
    assert_string_equal(source.note, "unknown_encoding");
    assert_string_equal(source.parse_bytes, "# coding: klingon\ns = 'Z'\n");
    assert_token(&source, 22, 25, "'\xEF\xBF\xBD'");
    source_fini(&source);
}

static void test_what_is_no_text(void **state)
{
    (void)state;
    static const char nul[] = "a = 1\n\0b\n";
    struct source source = read_bytes(nul, sizeof nul - 1);
    assert_string_equal(source.skip_reason, "binary");
    assert_false(source.unreadable);
    char expected[65];
    digest_sha256(nul, sizeof nul - 1, expected);
    source_hash(&source);
    assert_string_equal(source.sha256, expected);
    source_fini(&source);
    source = read_bytes("\xFF\xFE"
                        "a\0",
                        4);
    assert_string_equal(source.skip_reason, "unsupported_encoding");
    source_fini(&source);
    source = read_bytes("\0\0\xFE\xFF\0\0\0a", 8);
    assert_string_equal(source.skip_reason, "unsupported_encoding");
    source_fini(&source);
}

/* --- Files
 * ---------------------------------------------------------------------------------------------- */

struct fixture {
    struct folder folder;
    struct scan scan;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    folder_open(&f->folder);
    f->scan.root_fd = open(f->folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    *state = f;
    return f->scan.root_fd < 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    scan_fini(&f->scan);
    folder_close(&f->folder);
    free(f);
    return 0;
}

static struct source read_path(struct fixture *f, const char *path)
{
    struct scan_file file = {.raw_path = str_of(path), .language = &languages[0]};
    struct source source;
    assert_int_equal(source_read(&f->scan, &file, &source, NULL), RG_OK);
    return source;
}

static void assert_skipped(struct fixture *f, const char *path, const char *reason, bool unreadable)
{
    struct source source = read_path(f, path);
    assert_non_null(source.skip_reason);
    assert_string_equal(source.skip_reason, reason);
    assert_int_equal(source.unreadable, unreadable);
    source_fini(&source);
}

static void test_read(void **state)
{
    struct fixture *f = *state;
    folder_add_text(&f->folder, "a/b.py", "pass\n");
    folder_add_text(&f->folder, "outside.py", "secret\n");
    folder_shell(&f->folder, "ln -s ../outside.py a/link.py && ln -s a folder && mkfifo pipe.py && "
                             "truncate -s 100M long.py");
    struct source source = read_path(f, "a/b.py");
    assert_null(source.skip_reason);
    assert_string_equal(source.bytes, "pass\n");
    source_fini(&source);
    assert_skipped(f, "gone.py", "vanished", true);
    assert_skipped(f, "a", "not_regular", false);
    assert_skipped(f, "pipe.py", "not_regular", false);
    assert_skipped(f, "a/link.py", "changed_while_read", true);
    assert_skipped(f, "folder/b.py", "changed_while_read", true);
    assert_skipped(f, "a/../outside.py", "io_error", true);
    assert_skipped(f, "long.py", "too_large", false);
}

/* fstat told one size, the file has another by the time it is read. */
static void test_changes_while_read(void **state)
{
    struct fixture *f = *state;
    folder_add_text(&f->folder, "a.py", "0123456789");
    static const uint64_t told[] = {0, 5, 9, 11, 4096};
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        struct source source;
        int fd = file_open_beneath(f->scan.root_fd, "a.py", false);
        assert_int_equal(source_read_open(&languages[0], fd, told[i], &source, NULL), RG_OK);
        assert_string_equal(source.skip_reason, "changed_while_read");
        assert_true(source.unreadable);
        source_fini(&source);
    }
    struct source source;
    int fd = file_open_beneath(f->scan.root_fd, "a.py", false);
    assert_int_equal(source_read_open(&languages[0], fd, 10, &source, NULL), RG_OK);
    assert_null(source.skip_reason);
    source_fini(&source);
}

static void test_no_permission(void **state)
{
    struct fixture *f = *state;
    folder_add_text(&f->folder, "a.py", "pass\n");
    folder_shell(&f->folder, "chmod 755 . && chmod 0 a.py");
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) { /* root reads everything */
        if (geteuid() == 0 && setuid(65534) != 0)
            _exit(2);
        struct scan_file file = {.raw_path = STR("a.py"), .language = &languages[0]};
        struct source source;
        bool good = source_read(&f->scan, &file, &source, NULL) == RG_OK && source.unreadable &&
                    strcmp(source.skip_reason, "no_permission") == 0;
        _exit(good ? 0 : 1);
    }
    int code;
    assert_int_equal(waitpid(child, &code, 0), child);
    assert_int_equal(code, 0);
}

int main(void)
{
#define FILE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_lone_returns_end_lines_for_the_parser),
        cmocka_unit_test(test_lines_are_linear),
        cmocka_unit_test(test_coding_comments),
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_latin1),
        cmocka_unit_test(test_multibyte),
        cmocka_unit_test(test_not_what_it_says),
        cmocka_unit_test(test_what_is_no_text),
        FILE_TEST(test_read),
        FILE_TEST(test_changes_while_read),
        FILE_TEST(test_no_permission),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
