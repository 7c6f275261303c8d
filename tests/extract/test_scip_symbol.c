/* Symbol strings of SCIP: the grammar's every branch, what breaks it, and random symbols there and
 * back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "extract/scip_symbol.h"

/* A symbol as a line: parts in [], descriptors as kind=name. */
static void show(const struct scip_symbol *symbol, struct buffer *out)
{
    static const char *const kinds[SCIP_DESCRIPTOR_COUNT] = {
        "namespace", "type", "term",  "method", "type_parameter",
        "parameter", "meta", "macro", "local"};
    if (!symbol->is_local)
        buffer_printf(out, "[" STR_FMT "][" STR_FMT "][" STR_FMT "][" STR_FMT "]",
                      STR_ARG(symbol->scheme), STR_ARG(symbol->manager), STR_ARG(symbol->package),
                      STR_ARG(symbol->version));
    for (size_t i = 0; i < symbol->n_descriptors; i++) {
        const struct scip_name *d = &symbol->descriptors[i];
        buffer_printf(out, " %s=" STR_FMT, kinds[d->kind], STR_ARG(d->name));
        if (d->disambiguator.len)
            buffer_printf(out, "(" STR_FMT ")", STR_ARG(d->disambiguator));
    }
}

static void test_symbols(void **state)
{
    (void)state;
    static const struct {
        const char *text, *shown;
    } cases[] = {
        {"scip-python python django 3.2 `django.db`/Model#save().(force)",
         "[scip-python][python][django][3.2] namespace=django.db type=Model method=save "
         "parameter=force"},
        {"s m p v a/b#c.d(+1).e:f![T](p)",
         "[s][m][p][v] namespace=a type=b term=c method=d(+1) meta=e macro=f type_parameter=T "
         "parameter=p"},
        {"s . . . a.", "[s][][][] term=a"},
        {"a  b c  d e f x#", "[a b][c d][e][f] type=x"},
        {"s m p v `a``b c`#", "[s][m][p][v] type=a`b c"},
        {"s m p v `größe`.", "[s][m][p][v] term=größe"},
        {"s m p v `plain`.", "[s][m][p][v] term=plain"},
        {"s m p v `(`().", "[s][m][p][v] method=("},
        {"s m p v _+-$9.", "[s][m][p][v] term=_+-$9"},
        {"s m  p v d/ x.", "[s][m p][v][d/] term=x"},
        {"local 0", " local=0"},
        {"local a-b_$+1", " local=a-b_$+1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena = {0};
        struct buffer shown = {0};
        struct scip_symbol symbol;
        const char *problem = scip_symbol_parse(str_of(cases[i].text), &arena, &symbol);
        if (problem)
            fail_msg("%s: %s", cases[i].text, problem);
        show(&symbol, &shown);
        assert_string_equal(shown.data, cases[i].shown);
        assert_int_equal(symbol.descriptors[symbol.n_descriptors - 1].end, strlen(cases[i].text));
        buffer_fini(&shown);
        arena_fini(&arena);
    }
}

static void test_owner_is_the_text_before(void **state)
{
    (void)state;
    static const char text[] = "s m p v `a.b`/C#d().";
    struct arena arena = {0};
    struct scip_symbol symbol;
    assert_null(scip_symbol_parse(str_of(text), &arena, &symbol));
    assert_int_equal(symbol.n_descriptors, 3);
    assert_string_equal(text + symbol.descriptors[2].start, "d().");
    assert_string_equal(text + symbol.descriptors[1].start, "C#d().");
    arena_fini(&arena);
}

static void test_what_is_no_symbol(void **state)
{
    (void)state;
    static const struct {
        const char *text, *problem;
    } cases[] = {
        {"", "there is no scheme, manager, package and version"},
        {"s", "there is no scheme, manager, package and version"},
        {"s m p v", "there is no scheme, manager, package and version"},
        {" m p v x#", "the scheme is empty"},
        {"locals m p v x#", "a scheme must not start with 'local'"},
        {"s m p v ", "there is no descriptor"},
        {"s m p v x", "a descriptor has no suffix"},
        {"s m p v x#y", "a descriptor has no suffix"},
        {"s m p v #", "a descriptor has no name"},
        {"s m p v ``#", "a descriptor has no name"},
        {"s m p v `x", "a name in backticks does not end"},
        {"s m p v `x``", "a name in backticks does not end"},
        {"s m p v x(", "a method does not end in ()."},
        {"s m p v x()", "a method does not end in ()."},
        {"s m p v x(a b).", "a method does not end in ()."},
        {"s m p v (x", "a parameter does not end in )"},
        {"s m p v [x", "a type parameter does not end in ]"},
        {"s m p v ()", "a descriptor has no name"},
        {"local ", "the id of a local symbol is not a simple name"},
        {"local 0(cargs)", "the id of a local symbol is not a simple name"},
        {"local ä", "the id of a local symbol is not a simple name"},
        {"local", "there is no scheme, manager, package and version"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena = {0};
        struct scip_symbol symbol;
        const char *problem = scip_symbol_parse(str_of(cases[i].text), &arena, &symbol);
        if (!problem || strcmp(problem, cases[i].problem) != 0)
            fail_msg("'%s': %s", cases[i].text, problem ? problem : "is taken");
        assert_int_equal(symbol.n_descriptors, 0);
        arena_fini(&arena);
    }
}

static void test_what_has_no_text(void **state)
{
    (void)state;
    struct scip_name type = {
        .kind = SCIP_DESCRIPTOR_TYPE, .name = STR("T"), .disambiguator = STR("")};
    struct scip_name bad = type, local = type;
    const struct scip_symbol good = {STR("s"), STR("m"), STR("p"), STR("v"), &type, 1, false};
    struct buffer out = {0};
    struct scip_symbol one = good;
    one.scheme = STR("localhost");
    assert_string_equal(scip_symbol_print(&one, &out), "a scheme must not start with 'local'");
    one = good, one.scheme = STR("");
    assert_string_equal(scip_symbol_print(&one, &out), "the scheme is empty");
    one = good, one.package = STR(".");
    assert_string_equal(scip_symbol_print(&one, &out), "a dot stands for an empty part");
    one = good, one.package = STR(" p");
    assert_string_equal(scip_symbol_print(&one, &out), "a part begins in a blank");
    one = good, one.version = STR("\xff");
    assert_string_equal(scip_symbol_print(&one, &out), "a part is not UTF-8");
    one = good, one.n_descriptors = 0;
    assert_string_equal(scip_symbol_print(&one, &out), "there is no descriptor");
    one = good, one.descriptors = &bad, bad.name = STR("");
    assert_string_equal(scip_symbol_print(&one, &out), "a descriptor has no name");
    bad.name = STR("T"), bad.disambiguator = STR("+1");
    assert_string_equal(scip_symbol_print(&one, &out),
                        "a disambiguator is a simple name, of a method");
    bad = type, bad.kind = SCIP_DESCRIPTOR_LOCAL;
    assert_string_equal(scip_symbol_print(&one, &out), "a local symbol has an id alone");
    local.kind = SCIP_DESCRIPTOR_LOCAL, local.name = STR("a b");
    one = (struct scip_symbol){.descriptors = &local, .n_descriptors = 1, .is_local = true};
    assert_string_equal(scip_symbol_print(&one, &out),
                        "the id of a local symbol is not a simple name");
    assert_int_equal(out.len, 0);
    assert_null(scip_symbol_print(&good, &out));
    assert_string_equal(out.data, "s m p v T#");
    buffer_fini(&out);
}

/* --- Random symbols there and back ---------------------------------------------------------- */

static uint64_t random_state = 7;

static size_t random_below(size_t n)
{
    random_state = random_state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (size_t)(random_state >> 33) % n;
}

/* Pieces that are easy to take for something else. */
static struct str random_text(struct arena *arena, bool plain)
{
    static const char *const pieces[] = {"a",  "Z9", "_", "+",   "-", "$", " ", "  ", "`",
                                         "``", ".",  "/", "().", "[", ")", "é", "🚀",  "local"};
    char *text = arena_alloc(arena, 64);
    size_t n = 1 + random_below(4), limit = plain ? 6 : sizeof pieces / sizeof *pieces;
    for (size_t i = 0; i < n; i++)
        strcat(text, pieces[random_below(limit)]);
    return str_of(text);
}

static bool same_symbol(const struct scip_symbol *a, const struct scip_symbol *b)
{
    bool same = a->is_local == b->is_local && a->n_descriptors == b->n_descriptors &&
                str_eq(a->scheme, b->scheme) && str_eq(a->manager, b->manager) &&
                str_eq(a->package, b->package) && str_eq(a->version, b->version);
    for (size_t i = 0; same && i < a->n_descriptors; i++)
        same = a->descriptors[i].kind == b->descriptors[i].kind &&
               str_eq(a->descriptors[i].name, b->descriptors[i].name) &&
               str_eq(a->descriptors[i].disambiguator, b->descriptors[i].disambiguator);
    return same;
}

static void test_there_and_back(void **state)
{
    (void)state;
    size_t printed = 0;
    for (int round = 0; round < 20000; round++) {
        struct arena arena = {0};
        struct buffer text = {0};
        struct scip_name names[4];
        struct scip_symbol symbol = {.descriptors = names}, back;
        symbol.is_local = random_below(8) == 0;
        symbol.n_descriptors = symbol.is_local ? 1 : 1 + random_below(4);
        if (!symbol.is_local) {
            symbol.scheme = random_text(&arena, false);
            symbol.manager = random_below(3) ? random_text(&arena, false) : STR("");
            symbol.package = random_text(&arena, false);
            symbol.version = random_text(&arena, false);
        }
        for (size_t i = 0; i < symbol.n_descriptors; i++) {
            names[i] = (struct scip_name){
                .kind = symbol.is_local ? SCIP_DESCRIPTOR_LOCAL
                                        : (enum scip_descriptor)random_below(SCIP_DESCRIPTOR_LOCAL),
                .name = random_text(&arena, symbol.is_local),
                .disambiguator = STR("")};
            if (names[i].kind == SCIP_DESCRIPTOR_METHOD && random_below(2))
                names[i].disambiguator = random_text(&arena, true);
        }
        if (!scip_symbol_print(&symbol, &text)) {
            printed++;
            const char *problem = scip_symbol_parse(buffer_view(&text), &arena, &back);
            if (problem || !same_symbol(&symbol, &back))
                fail_msg("'%s': %s", text.data, problem ? problem : "comes back as another");
        }
        buffer_fini(&text);
        arena_fini(&arena);
    }
    assert_true(printed > 5000);
}

/* Beside any other symbol a text is what it is alone: each pair of these, where one begins as the
 * other does and ends, or goes on, in the middle of something. */
static void test_beside_another(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "s m p v a#",
        "s m p v a#b.",
        "s m p v a#b().",
        "s m p v a#b(+1).",
        "s m p v a#b().(c)",
        "s m p v a#b().(d)",
        "s m p v ab#",
        "s m p v `a`#",
        "s m p v `a``b`#c.",
        "s m p v `a``b`#d.",
        "s m p v `a``bc`#d.",
        "s m p v `a`b#",
        "s m p v  a#",
        "s m p v  a b#",
        "s m p v w a#",
        "s m  p v a#",
        "s m p w a#",
        "s m p v ",
        "s m p v a",
        "s m p v a#b",
        "s m p v a#b(",
        "s m p v a#b().(",
        "s m p v a#[T]",
        "s m p v a#[T]b.",
        "local 1",
        "s m p v a/b/c/d/e/",
        "s m p v a/b/c/d/e/f.",
        "s m p v a/b/c/d/x#y.",
    };
    enum { N = sizeof texts / sizeof *texts };
    size_t shared = 0;
    for (size_t i = 0; i < N * N; i++) {
        struct arena arena = {0};
        struct str text = str_of(texts[i / N]), like_text = str_of(texts[i % N]);
        struct scip_symbol alone, like, beside;
        const char *problem = scip_symbol_parse(text, &arena, &alone);
        if (!scip_symbol_parse(like_text, &arena, &like) && !like.is_local) {
            const char *same = scip_symbol_parse_like(text, like_text, &like, &arena, &beside);
            assert_string_equal(same ? same : "", problem ? problem : "");
            if (!same_symbol(&alone, &beside))
                fail_msg("'%s' is another symbol beside '%s'", text.ptr, like_text.ptr);
            for (size_t d = 0; d < alone.n_descriptors; d++) {
                assert_int_equal(beside.descriptors[d].start, alone.descriptors[d].start);
                assert_int_equal(beside.descriptors[d].end, alone.descriptors[d].end);
            }
            shared += !problem && beside.descriptors == like.descriptors;
        }
        arena_fini(&arena);
    }
    assert_true(shared > N); /* each with itself, and with what goes on where it ends */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_symbols),           cmocka_unit_test(test_owner_is_the_text_before),
        cmocka_unit_test(test_what_is_no_symbol), cmocka_unit_test(test_what_has_no_text),
        cmocka_unit_test(test_there_and_back),    cmocka_unit_test(test_beside_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
