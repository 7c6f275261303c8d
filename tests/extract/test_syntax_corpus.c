/* The corpus of a language: tests/corpus/LANGUAGE/NAME.txt holds cases of source and expected
 * facts.
 *
 *   === what it shows
 *   tables: assign definition
 *   ---
 *   source
 *   ---
 *   every row of these tables, nodes by the start of their text and line
 *
 * RG_CORPUS_WRITE=1 writes the facts of today into the files: read the difference before it is
 * kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>

#include "extract/fact_capture.h"

static struct capture capture;
static struct syntax_worker *worker;

struct corpus_case {
    struct str name, tables, source, expected;
};

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    struct buffer buffer = {0};
    char chunk[4096];
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, file)) > 0;)
        buffer_append(&buffer, chunk, n);
    fclose(file);
    return buffer_take(&buffer);
}

/* The text up to the next line that starts with the mark, which is left in *rest. */
static struct str until_line(struct str *rest, const char *mark)
{
    struct str part = {rest->ptr, 0};
    size_t length = strlen(mark);
    while (rest->len) {
        if (rest->len >= length && memcmp(rest->ptr, mark, length) == 0)
            break;
        const char *end = memchr(rest->ptr, '\n', rest->len);
        size_t line = end ? (size_t)(end - rest->ptr) + 1 : rest->len;
        rest->ptr += line;
        rest->len -= line;
        part.len += line;
    }
    return part;
}

static struct str take_line(struct str *rest)
{
    struct str line = str_split(rest, '\n');
    if (!rest->ptr)
        *rest = STR("");
    return line;
}

static bool next_case(struct str *rest, struct corpus_case *out)
{
    until_line(rest, "=== ");
    if (rest->len == 0)
        return false;
    struct str name = take_line(rest), tables = take_line(rest);
    assert_true(str_starts(tables, STR("tables:")));
    out->name = (struct str){name.ptr + 4, name.len - 4};
    out->tables = str_trim((struct str){tables.ptr + 7, tables.len - 7});
    assert_true(str_is(take_line(rest), "---"));
    out->source = until_line(rest, "---");
    take_line(rest);
    out->expected = until_line(rest, "=== ");
    return true;
}

static bool table_is_named(struct str tables, struct str table)
{
    while (tables.len) {
        if (str_eq(str_split(&tables, ' '), table))
            return true;
    }
    return false;
}

/* The facts of the tables that a case names, a blank line behind them. */
static void facts_of(const struct corpus_case *c, struct buffer *out)
{
    struct syntax_outcome outcome;
    capture_to.readable = true;
    char *facts = capture_facts(&capture, worker, c->source.ptr, c->source.len, &outcome);
    assert_non_null(facts);
    struct str rest = str_of(facts);
    while (rest.len) {
        struct str line = take_line(&rest), words = line;
        if (table_is_named(c->tables, str_split(&words, ' '))) {
            buffer_str(out, line);
            buffer_char(out, '\n');
        }
    }
    free(facts);
}

static void check_file(const char *path, unsigned *cases)
{
    char *text = read_file(path);
    struct str rest = str_of(text);
    struct buffer written = {0};
    struct corpus_case c;
    bool write = getenv("RG_CORPUS_WRITE") != NULL;
    unsigned wrong = 0;
    while (next_case(&rest, &c)) {
        struct buffer facts = {0};
        facts_of(&c, &facts);
        ++*cases;
        if (!str_eq(str_trim(c.expected), str_trim(buffer_view(&facts))) && !write) {
            print_message("# %s: " STR_FMT "\n# expected\n" STR_FMT "# got\n" STR_FMT, path,
                          STR_ARG(c.name), STR_ARG(c.expected), STR_ARG(buffer_view(&facts)));
            wrong++;
        }
        buffer_printf(&written, "=== " STR_FMT "\ntables: " STR_FMT "\n---\n" STR_FMT "---\n",
                      STR_ARG(c.name), STR_ARG(c.tables), STR_ARG(c.source));
        buffer_str(&written, str_trim(buffer_view(&facts)));
        buffer_text(&written, "\n\n");
        buffer_fini(&facts);
    }
    if (write) {
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fwrite(written.data, 1, written.len, file);
        fclose(file);
    }
    buffer_fini(&written);
    free(text);
    assert_int_equal(wrong, 0);
}

static void test_python_corpus(void **state)
{
    (void)state;
    const char *folder = RG_SOURCE_DIR "/tests/corpus/python";
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    unsigned cases = 0;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (!strstr(entry->d_name, ".txt"))
            continue;
        char path[1024];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        check_file(path, &cases);
    }
    closedir(dir);
    assert_true(cases >= 40);
}

static int setup(void **state)
{
    (void)state;
    capture_init(&capture);
    return syntax_worker_new(60, &worker, NULL) == RG_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    syntax_worker_free(worker);
    capture_fini(&capture);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_python_corpus)};
    return cmocka_run_group_tests_name("syntax_corpus", tests, setup, teardown);
}
