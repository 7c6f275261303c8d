/* What holds of every tree: one tree, spans inside spans, ids that are unique and that survive
 * edits elsewhere; and shapes of source that are hostile. The facts themselves are in the corpus.
 */
#include <time.h>

#include "extract/syntax_rows.h"

/* Children of one product node are numbered from 1 without gaps. */
static void check_ordinals(const struct tree *tree)
{
    for (long i = 1; i < tree->count; i++) {
        const struct row *row = &tree->rows[i];
        if (strcmp(row->role, "structural") == 0 || row->ordinal == 1)
            continue;
        bool found = false;
        for (long j = 1; j < tree->count && !found; j++)
            found = tree->rows[j].parent_id == row->parent_id &&
                    tree->rows[j].ordinal == row->ordinal - 1 &&
                    strcmp(tree->rows[j].role, "structural") != 0;
        if (!found)
            fail_msg("%s at byte %ld has ordinal %ld and no sibling before", row->kind, row->start,
                     row->ordinal);
    }
}

static const char *const SAMPLES[] = {
    "",
    "# only a comment",
    "\n\n   \n",
    "x",
    "x = 1\nx = 1\nx = 1\nif y:\n    x = 1\nelse:\n    x = 1\n",
    "@a\n@a\n@b(1)\nclass C(B, metaclass=M):\n    # c\n    @p\n    def m(self): pass\n    def "
    "m(self): pass\n",
    "f = lambda x: lambda x: x\ng = [lambda x: x, lambda x: x]\n",
    "def f(a, *, b: int = 1, **c):\n    return [x for x in a for y in x if y], {**c}\n",
    "def f(:\n  x = (\nclass\n",
    "x = (1 +\n\nclass C:\n  def f(self\n    pass\n",
    "match x:\n  case [1, *r] | {'a': b, **c}: pass\n  case P(x=1, y=z) as w if w: pass\n",
    "type X[T: int, *U] = int\ntype(m).a = 1\nprint >> x, y\nexec 'a' in b\n",
    "\xEF\xBB\xBFx = '\xC3\xA9'\r\ny = 2\r\n",
    "if a:\n    pass # c\n# d\nelif b: pass\n  # e\nelse:\n    # f\n    pass\n",
    "a = b = c, d = [*e, f]\n(a), [b] = c\nfor x, in y: pass\n",
    "class A:\n    class B:\n        class C:\n            def f(self): return __class__\n",
    "def \xC3\xA9t\xC3\xA9(): return \"\\N{DASH}\" f'{a!r:{b}}' # \xE2\x82\xAC\n",
};

static void test_every_tree_is_one_tree(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof SAMPLES / sizeof *SAMPLES; i++) {
        struct tree tree = tree_of(SAMPLES[i], strlen(SAMPLES[i]));
        assert_true(tree.count >= 1);
        check_tree(&tree);
        check_ordinals(&tree);
        free(tree.rows);
    }
}

/* Every text that begins a sample, and every sample without one of its bytes: never a crash. */
static void test_broken_texts_are_survived(void **state)
{
    (void)state;
    char text[512];
    for (size_t i = 0; i < sizeof SAMPLES / sizeof *SAMPLES; i++) {
        size_t size = strlen(SAMPLES[i]);
        assert_true(size < sizeof text);
        for (size_t cut = 0; cut < size; cut++) {
            struct tree tree = tree_of(SAMPLES[i], cut);
            check_tree(&tree);
            free(tree.rows);
            memcpy(text, SAMPLES[i], cut);
            memcpy(text + cut, SAMPLES[i] + cut + 1, size - cut - 1);
            tree = tree_of(text, size - 1);
            check_tree(&tree);
            free(tree.rows);
        }
    }
}

static void test_syntax_errors_make_a_file_partial(void **state)
{
    (void)state;
    struct tree tree = tree_of("def f(:\n  pass\n", 15);
    assert_int_equal(tree.outcome.status, FILE_STATUS_PARTIAL);
    free(tree.rows);
    tree = tree_of("def f():\n  pass\n", 16);
    assert_int_equal(tree.outcome.status, FILE_STATUS_PARSED);
    free(tree.rows);
    // The grammar takes this for an error, Python does not.
    const char *text = "class C:\n    def f(self):\n        (bar.\nbaz)\n        return 1\n";
    tree = tree_of(text, strlen(text));
    assert_int_equal(tree.outcome.status, FILE_STATUS_PARSED);
    free(tree.rows);
}

/* --- Ids ---------------------------------------------------------------------------------------
 */

static const char BASE[] = "import os\n"
                           "import sys\n"
                           "\n"
                           "LIMIT = 10\n"
                           "\n"
                           "@decorated\n"
                           "def first(a, b=1):\n"
                           "    # says hello\n"
                           "    x = a + b\n"
                           "    x = a + b\n"
                           "    return [y for y in x if y > LIMIT]\n"
                           "\n"
                           "class C(Base):\n"
                           "    '''doc'''\n"
                           "    field = 1\n"
                           "\n"
                           "    def m(self, p):\n"
                           "        if p:\n"
                           "            return self.n(lambda q: q + p)\n"
                           "        return None\n"
                           "\n"
                           "    @property\n"
                           "    def n(self):\n"
                           "        return self.m(1)\n"
                           "\n"
                           "def last():\n"
                           "    x = 1\n"
                           "    return C().m(x)\n";

struct edit {
    const char *what, *old_text, *new_text;
    const char *owner; /* text at the start of the function whose ids may change; NULL for none */
};

static const struct edit EDITS[] = {
    {"an import is added", "import sys\n", "import sys\nimport re\n", NULL},
    {"an import is added in front", "import os\n", "import abc\nimport os\n", NULL},
    {"a constant changes", "LIMIT = 10", "LIMIT = 11", NULL},
    {"a comment is added", "class C(Base)", "# about C\nclass C(Base)", NULL},
    {"a body is edited", "    x = a + b\n    x = a + b\n", "    x = b - a\n    z = x\n",
     "def first"},
    {"a statement is added", "        if p:\n", "        print(p)\n        if p:\n", "def m"},
    {"a condition changes", "        if p:\n", "        if p is None:\n", "def m"},
    {"a function is decorated", "def last", "@cached\ndef last", NULL},
    {"a method is decorated", "    def m(", "    @staticmethod\n    def m(", NULL},
    {"a decorator goes", "    @property\n", "", NULL},
    {"a method is inserted", "    @property\n",
     "    def k(self):\n        return 2\n\n    @property\n", NULL},
    {"a method goes",
     "    def m(self, p):\n        if p:\n            return self.n(lambda q: q + p)\n        "
     "return "
     "None\n\n",
     "", NULL},
    {"a function is inserted", "class C(Base)", "def middle():\n    x = 1\n\nclass C(Base)", NULL},
    {"a parameter is added", "def first(a, b=1)", "def first(a, c, b=1)", "def first"},
    {"blank lines come and go", "\n\nLIMIT = 10\n\n", "\nLIMIT = 10\n\n\n\n", NULL},
    {"a docstring is edited", "'''doc'''", "'''documentation'''", NULL},
};

/* Every node of the old tree outside the edited bytes, and outside the function that owns them, is
 * in the new tree at its place with its id. A node around the edit keeps its id where it is a
 * definition. */
static void check_edit(const struct tree *old_tree, const struct edit *edit)
{
    const char *at = strstr(BASE, edit->old_text);
    assert_non_null(at);
    long begin = at - BASE, removed = (long)strlen(edit->old_text);
    long added = (long)strlen(edit->new_text);
    char text[2048];
    snprintf(text, sizeof text, "%.*s%s%s", (int)begin, BASE, edit->new_text, at + removed);
    struct tree tree = tree_of(text, strlen(text));
    check_tree(&tree);
    const char *owner = edit->owner ? strstr(BASE, edit->owner) : NULL;
    const struct row *function = NULL;
    for (long i = 0; owner && i < old_tree->count; i++)
        if (old_tree->rows[i].start == owner - BASE && !function &&
            strcmp(old_tree->rows[i].role, "function") == 0)
            function = &old_tree->rows[i];
    for (long i = 0; i < old_tree->count; i++) {
        const struct row *row = &old_tree->rows[i];
        if (function && row->node > function->node && row->node <= function->last)
            continue;
        bool around = row->start < begin + removed && row->end > begin;
        bool keeps = strcmp(row->role, "function") == 0 || strcmp(row->role, "class") == 0 ||
                     strcmp(row->role, "module") == 0;
        if (around && (!keeps || row->start >= begin))
            continue;
        bool found = false;
        for (long j = 0; j < tree.count && !found; j++)
            found = tree.rows[j].id == row->id && strcmp(tree.rows[j].kind, row->kind) == 0 &&
                    (around || tree.rows[j].start == (row->start >= begin + removed
                                                          ? row->start + added - removed
                                                          : row->start));
        if (!found)
            fail_msg("%s: %s at byte %ld lost its id", edit->what, row->kind, row->start);
    }
    free(tree.rows);
}

static void test_ids_survive_edits_elsewhere(void **state)
{
    (void)state;
    struct tree tree = tree_of(BASE, strlen(BASE));
    check_tree(&tree);
    for (size_t i = 0; i < sizeof EDITS / sizeof *EDITS; i++)
        check_edit(&tree, &EDITS[i]);
    free(tree.rows);
}

/* What a worker did before leaves no trace. */
static void test_a_worker_forgets(void **state)
{
    (void)state;
    struct syntax_outcome outcome;
    capture_to.readable = false;
    char *first = capture_facts(&capture, worker, BASE, strlen(BASE), &outcome);
    assert_non_null(first);
    for (size_t i = 0; i < sizeof SAMPLES / sizeof *SAMPLES; i++)
        free(tree_of(SAMPLES[i], strlen(SAMPLES[i])).rows);
    capture_to.readable = false;
    char *second = capture_facts(&capture, worker, BASE, strlen(BASE), &outcome);
    assert_string_equal(first, second);
    free(first);
    free(second);
}

/* --- Hostile shapes -----------------------------------------------------------------------------
 */

/* Of this thread: other programs on the machine do not count. */
static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Extracts without keeping rows; the seconds it took. */
static double extract_quietly(const char *text, size_t size, struct syntax_outcome *outcome)
{
    struct source source;
    struct scan_file file = {.path = STR("t.py"), .file_id = 1, .language = &languages[0]};
    assert_int_equal(source_from_bytes(file.language, text, size, &source, NULL), RG_OK);
    capture_to.discard = true;
    double began = cpu_seconds();
    assert_int_equal(syntax_extract(worker, &file, &source, &capture.sink, NULL, outcome, NULL),
                     RG_OK);
    double seconds = cpu_seconds() - began;
    for (size_t t = 0; t < FACT_COUNT; t++)
        batch_send(capture.sink.batches[t]);
    capture_to.discard = false;
    source_fini(&source);
    return seconds;
}

static char *repeat(const char *head, const char *part, size_t times, const char *tail)
{
    struct buffer buffer = {0};
    buffer_text(&buffer, head);
    for (size_t i = 0; i < times; i++)
        buffer_text(&buffer, part);
    buffer_text(&buffer, tail);
    return buffer_take(&buffer);
}

/* Twice the size may take little more than twice as long, not four times (with a floor for small
 * times). */
static void check_linear(const char *head, const char *part, size_t times, const char *tail)
{
    struct syntax_outcome outcome;
    double seconds[2];
    for (int i = 0; i < 2; i++) {
        char *text = repeat(head, part, times << i, tail);
        double best = 1e9;
        for (int round = 0; round < 2; round++) {
            double took = extract_quietly(text, strlen(text), &outcome);
            best = took < best ? took : best;
        }
        seconds[i] = best;
        free(text);
        assert_true(
            outcome.status == FILE_STATUS_PARSED ||
            (outcome.status == FILE_STATUS_SKIPPED && strcmp(outcome.reason, "too_deep") == 0));
    }
    if (seconds[1] > 3.2 * seconds[0] + 0.1)
        fail_msg("%zu times '%s' took %.3f s, twice as many %.3f s", times, part, seconds[0],
                 seconds[1]);
}

static void test_large_shapes_take_linear_time(void **state)
{
    (void)state;
    check_linear("def f():\n", "    x = y\n", 25000, "");
    check_linear("x = 1", " + 1", 10000, "\n");
    check_linear("x", ".a()", 2500, "\n");
    check_linear("x = [", "1, ", 20000, "]\n");
    check_linear("", "# c\n", 20000, "");
    check_linear("", "@d\n", 5000, "def f(): pass\n");
    check_linear("x", " = x", 5000, "\n");
    check_linear("f(", "a=(b), ", 10000, ")\n");
    check_linear("match x:\n", "  case A(b=c): pass\n", 5000, "");
    check_linear("class C:\n", "    def m(self): pass\n", 5000, "");
    check_linear("del ", "(a), ", 10000, "b\n");
}

static void test_deep_shapes_are_bounded(void **state)
{
    (void)state;
    static const struct {
        const char *head, *part, *tail;
    } shapes[] = {{"x = ", "(", ""},       {"x = ", "[", ""},     {"x = ", "-", "1\n"},
                  {"x = ", "not ", "1\n"}, {"x = 1", "+1", "\n"}, {"x = ", "lambda: ", "1\n"},
                  {"x", "[0]", "\n"},      {"x = ", "{1:", ""},   {"", "(", ") = 1\n"}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        char *text = repeat(shapes[i].head, shapes[i].part, 200000, shapes[i].tail);
        struct syntax_outcome outcome;
        extract_quietly(text, strlen(text), &outcome);
        if (outcome.status == FILE_STATUS_SKIPPED)
            assert_true(strcmp(outcome.reason, "too_deep") == 0 ||
                        strcmp(outcome.reason, "parse_timeout") == 0);
        free(text);
    }
    char *text = repeat("x = ", "-", 200000, "1\n");
    struct syntax_outcome outcome;
    extract_quietly(text, strlen(text), &outcome);
    assert_int_equal(outcome.status, FILE_STATUS_SKIPPED);
    assert_string_equal(outcome.reason, "too_deep");
    free(text);
    // After a file that was given up the worker goes on.
    struct tree tree = tree_of(BASE, strlen(BASE));
    check_tree(&tree);
    free(tree.rows);
}

static void test_a_sum_of_20000_terms_is_extracted(void **state)
{
    (void)state;
    char *text = repeat("x = 1", " + 1", 20000, "\n");
    struct syntax_outcome outcome;
    extract_quietly(text, strlen(text), &outcome);
    assert_int_equal(outcome.status, FILE_STATUS_PARSED);
    free(text);
}

static void test_cancelling_stops(void **state)
{
    (void)state;
    char *text = repeat("", "x = [1, 2, (3, 4)]\n", 20000, "");
    struct source source;
    struct scan_file file = {.path = STR("t.py"), .file_id = 1, .language = &languages[0]};
    struct fact_sink none = {.ids = NULL};
    struct syntax_outcome outcome;
    struct rg_error err = {0};
    atomic_bool cancelled = true;
    assert_int_equal(source_from_bytes(file.language, text, strlen(text), &source, NULL), RG_OK);
    assert_int_equal(syntax_extract(worker, &file, &source, &none, &cancelled, &outcome, &err),
                     RG_ERR_CANCELLED);
    assert_int_equal(err.status, RG_ERR_CANCELLED);
    source_fini(&source);
    free(text);
    struct tree tree = tree_of(BASE, strlen(BASE));
    check_tree(&tree);
    free(tree.rows);
}

static void test_text_of_other_encodings_is_decoded(void **state)
{
    (void)state;
    static const char text[] = "# coding: latin-1\n\xE9t\xE9 = 'a\xFF'\n";
    struct syntax_outcome outcome;
    capture_to.readable = false;
    char *facts = capture_facts(&capture, worker, text, sizeof text - 1, &outcome);
    assert_non_null(facts);
    assert_int_equal(outcome.status, FILE_STATUS_PARSED);
    assert_non_null(strstr(facts, "token=\xC3\xA9t\xC3\xA9\n"));
    assert_non_null(strstr(facts, "token='a\xC3\xBF'\n"));
    assert_non_null(strstr(facts, "start_byte=18 end_byte=21"));
    free(facts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_tree_is_one_tree),
        cmocka_unit_test(test_broken_texts_are_survived),
        cmocka_unit_test(test_syntax_errors_make_a_file_partial),
        cmocka_unit_test(test_ids_survive_edits_elsewhere),
        cmocka_unit_test(test_a_worker_forgets),
        cmocka_unit_test(test_large_shapes_take_linear_time),
        cmocka_unit_test(test_deep_shapes_are_bounded),
        cmocka_unit_test(test_a_sum_of_20000_terms_is_extracted),
        cmocka_unit_test(test_cancelling_stops),
        cmocka_unit_test(test_text_of_other_encodings_is_decoded),
    };
    return cmocka_run_group_tests_name("syntax", tests, rows_setup, rows_teardown);
}
