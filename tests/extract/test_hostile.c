/* Bad input through the real extractor: each is a row with a reason or facts, in linear time, never
 * a crash. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../fuzz/memory_sink.h"
#include "base/clock.h"
#include "base/limits.h"
#include "extract/source.h"

enum { PARSE_SECONDS_MAX = 60 };

struct run {
    struct syntax_outcome outcome;
    double seconds;
    uint64_t nodes, errors, calls;
};

static struct run extract_text(const struct buffer *text)
{
    assert_false(text->failed);
    struct run run = {0};
    struct rg_error error = {0};
    struct source source;
    struct syntax_worker *worker;
    struct memory_sink *sink = malloc(sizeof *sink);
    struct scan_file file = {.path = STR("hostile.py"), .file_id = 1, .language = &languages[0]};
    memory_sink_init(sink);
    assert_int_equal(syntax_worker_new(PARSE_SECONDS_MAX, &worker, &error), RG_OK);
    double began = clock_thread_seconds();
    assert_int_equal(source_from_bytes(&languages[0], text->data, text->len, &source, &error),
                     RG_OK);
    assert_null(source.skip_reason);
    sink->size = source.size;
    if (syntax_extract(worker, &file, &source, &sink->sink, NULL, &run.outcome, &error) != RG_OK)
        fail_msg("%s", error.message);
    assert_int_equal(memory_sink_finish(sink), run.outcome.rows);
    run.seconds = clock_thread_seconds() - began;
    run.nodes = sink->rows[FACT_SYNTAX];
    run.errors = sink->rows[FACT_SYNTAX_ERROR];
    run.calls = sink->rows[FACT_CALL];
    source_fini(&source);
    syntax_worker_free(worker);
    memory_sink_fini(sink);
    free(sink);
    return run;
}

/* A text made of one piece, n times, between two others that are repeated as well. */
struct shape {
    const char *name;
    const char *head, *piece, *tail; /* head and tail once; piece n times */
    const char *closing;             /* n times behind the tail, may be NULL */
    int n;                           /* what the issue asks for */
    bool may_be_too_deep;
};

static struct run extract_shape(const struct shape *shape, int n)
{
    struct buffer text = {0};
    buffer_text(&text, shape->head);
    for (int i = 0; i < n; i++)
        buffer_text(&text, shape->piece);
    buffer_text(&text, shape->tail);
    for (int i = 0; shape->closing && i < n; i++)
        buffer_text(&text, shape->closing);
    buffer_text(&text, "\n");
    struct run run = extract_text(&text);
    buffer_fini(&text);
    return run;
}

static const struct shape shapes[] = {
    {"statements", "", "a = b\n", "", NULL, 50000, false},
    {"statements in a block", "def f():\n", "    a = b(1)\n", "", NULL, 50000, false},
    {"names of one scope", "", "x, y = y, x\n", "", NULL, 20000, false},
    {"a sum", "x = 1", " + a", "", NULL, 20000, true},
    {"a chain of calls", "x = a", ".b(1)", "", NULL, 5000, true},
    {"an elif chain", "if a: pass\n", "elif a: pass\n", "else: pass\n", NULL, 20000, false},
    {"a comparison", "x = a", " < b", "", NULL, 20000, true},
    {"a list", "x = [", "1, ", "]", NULL, 50000, false},
    {"arguments", "f(", "a, ", ")", NULL, 50000, false},
    {"parameters", "def f(", "a=1, ", "): pass", NULL, 20000, false},
    {"a string of strings", "x = ", "'a' ", "", NULL, 50000, false},
    {"one target after the other", "", "x = ", "1", NULL, 20000, true},
    {"decorators", "", "@d\n", "def f(): pass", NULL, 20000, false},
    {"comments", "", "# c\n", "", NULL, 50000, false},
    {"empty lines", "", "\n", "", NULL, 200000, false},
};

/* Four times as much takes about four times as long, not sixteen times. Measured up to three times,
 * the best counts. */
static void test_linear(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        const struct shape *shape = &shapes[i];
        double quarter = 0, whole = 0;
        struct run run = {0};
        for (int round = 0; round < 3; round++) {
            quarter = extract_shape(shape, shape->n / 4).seconds;
            run = extract_shape(shape, shape->n);
            whole = run.seconds;
            if (whole < 8 * quarter)
                break;
        }
        print_message("%-28s %7d %6.3f s, a quarter %6.3f s, %s\n", shape->name, shape->n, whole,
                      quarter, run.outcome.reason ? run.outcome.reason : "parsed");
        assert_true(whole < 8 * quarter + 0.05);
        if (run.outcome.status == FILE_STATUS_SKIPPED) {
            assert_true(shape->may_be_too_deep);
            assert_string_equal(run.outcome.reason, "too_deep");
        } else {
            assert_int_equal(run.outcome.status, FILE_STATUS_PARSED);
            assert_int_equal(run.errors, 0);
        }
    }
}

/* 200,000 levels: beyond any stack, and beyond LIMIT_TREE_DEPTH. */
static const struct shape nests[] = {
    {"parentheses", "x = ", "(", "a", ")", 200000, true},
    {"brackets", "x = ", "[", "", "]", 50000, true},
    {"braces", "x = ", "{1: ", "a", "}", 50000, true},
    {"calls", "x = ", "f(", "", ")", 50000, true},
    {"nots", "x = ", "not ", "a", NULL, 50000, true},
    {"minuses", "x = ", "-", "a", NULL, 50000, true},
    {"lambdas", "x = ", "lambda: ", "a", NULL, 50000, true},
    {"conditions", "x = ", "a if b else ", "c", NULL, 200000, true},
    {"never closed", "x = ", "(", "", NULL, 200000, true},
    {"never closed brackets", "", "[", "", NULL, 50000, true},
    {"never opened", "", ")", "", NULL, 50000, true},
    {"comprehensions", "x = ", "[i for i in ", "a", "]", 20000, true},
    {"subscripts", "x = a", "[a", "", "]", 50000, true},
};

static void test_nested(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof nests / sizeof nests[0]; i++) {
        struct run run = extract_shape(&nests[i], nests[i].n);
        print_message("%-28s %7d %6.3f s %s\n", nests[i].name, nests[i].n, run.seconds,
                      run.outcome.reason ? run.outcome.reason : "parsed in part");
        assert_int_not_equal(run.outcome.status, FILE_STATUS_PARSED);
        if (run.outcome.status == FILE_STATUS_SKIPPED)
            assert_int_equal(run.nodes, 0);
        assert_true(run.seconds < 60);
        assert_int_equal(extract_shape(&nests[i], 5).outcome.status == FILE_STATUS_PARSED,
                         nests[i].closing || strcmp(nests[i].piece, "not ") == 0 ||
                             strcmp(nests[i].piece, "-") == 0 || nests[i].piece[0] == 'l' ||
                             nests[i].piece[0] == 'a');
    }
}

/* Blocks inside each other grow with the square of their depth, so there are fewer. */
static void test_nested_blocks(void **state)
{
    (void)state;
    struct buffer text = {0};
    for (int depth = 0; depth < 2000; depth++)
        buffer_printf(&text, "%*sif a:\n", depth, "");
    buffer_printf(&text, "%*spass\n", 2000, "");
    struct run run = extract_text(&text);
    assert_true(run.outcome.status == FILE_STATUS_PARSED ||
                run.outcome.status == FILE_STATUS_PARTIAL ||
                strcmp(run.outcome.reason, "too_deep") == 0);
    buffer_fini(&text);
}

static void test_long_lines(void **state)
{
    (void)state;
    struct buffer text = {0};
    buffer_text(&text, "x = '");
    for (int i = 0; i < (8 << 20); i++)
        buffer_char(&text, 'a');
    buffer_text(&text, "'\nf(x)\n");
    struct run run = extract_text(&text);
    assert_int_equal(run.outcome.status, FILE_STATUS_PARSED);
    assert_int_equal(run.calls, 1); /* operators have no rows of their own */
    buffer_fini(&text);
}

/* Nothing that is no Python makes the parser run away. */
static void test_rubbish(void **state)
{
    (void)state;
    uint64_t random = 42;
    static const char marks[] = "()[]{}:;,.=+-*/%@!'\"\\#\n\t \r abcdefif0123\xc3\xa9";
    struct buffer text = {0};
    for (int i = 0; i < 200000; i++) {
        random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
        buffer_char(&text, marks[(random >> 33) % (sizeof marks - 1)]);
    }
    struct run run = extract_text(&text);
    print_message("rubbish %6.3f s, %s\n", run.seconds,
                  run.outcome.reason ? run.outcome.reason : "parsed in part");
    assert_int_not_equal(run.outcome.status, FILE_STATUS_PARSED);
    assert_true(run.seconds < PARSE_SECONDS_MAX + 20);
    buffer_fini(&text);
}

static void test_cancelling(void **state)
{
    (void)state;
    atomic_bool cancelled = true;
    struct rg_error error = {0};
    struct source source;
    struct syntax_worker *worker;
    struct syntax_outcome outcome;
    struct fact_sink sink = {.ids = NULL};
    struct scan_file file = {.path = STR("a.py"), .file_id = 1, .language = &languages[0]};
    struct buffer text = {0};
    for (int i = 0; i < 100000; i++)
        buffer_text(&text, "a = b(c)\n");
    assert_int_equal(syntax_worker_new(PARSE_SECONDS_MAX, &worker, &error), RG_OK);
    assert_int_equal(source_from_bytes(&languages[0], text.data, text.len, &source, &error), RG_OK);
    assert_int_equal(syntax_extract(worker, &file, &source, &sink, &cancelled, &outcome, &error),
                     RG_ERR_CANCELLED);
    source_fini(&source);
    syntax_worker_free(worker);
    buffer_fini(&text);
}

/* A file whose parse takes too long is given up, and the worker goes on. */
static void test_parse_timeout(void **state)
{
    (void)state;
    struct rg_error error = {0};
    struct source source;
    struct syntax_worker *worker;
    struct syntax_outcome outcome;
    struct fact_sink sink = {.ids = NULL};
    struct scan_file file = {.path = STR("a.py"), .file_id = 1, .language = &languages[0]};
    struct buffer text = {0};
    for (int i = 0; i < 100000; i++)
        buffer_text(&text, "a = b(c)\n");
    assert_int_equal(syntax_worker_new(0.001, &worker, &error), RG_OK);
    assert_int_equal(source_from_bytes(&languages[0], text.data, text.len, &source, &error), RG_OK);
    assert_int_equal(syntax_extract(worker, &file, &source, &sink, NULL, &outcome, &error), RG_OK);
    assert_int_equal(outcome.status, FILE_STATUS_SKIPPED);
    assert_string_equal(outcome.reason, "parse_timeout");
    assert_int_equal(outcome.rows, 0);
    source_fini(&source);
    assert_int_equal(source_from_bytes(&languages[0], "a = 1\n", 6, &source, &error), RG_OK);
    assert_int_equal(syntax_extract(worker, &file, &source, &sink, NULL, &outcome, &error), RG_OK);
    assert_int_equal(outcome.status, FILE_STATUS_PARSED);
    source_fini(&source);
    syntax_worker_free(worker);
    buffer_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_linear),        cmocka_unit_test(test_nested),
        cmocka_unit_test(test_nested_blocks), cmocka_unit_test(test_long_lines),
        cmocka_unit_test(test_rubbish),       cmocka_unit_test(test_cancelling),
        cmocka_unit_test(test_parse_timeout),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
