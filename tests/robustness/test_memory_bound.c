/* The promise of memory_tight: resident memory of a build below the engine's limit and 400 MB. A
 * build runs as a process of its own, and both its own word and the kernel's are looked at. With
 * arguments, REPOSITORY [FACTS_BYTES]: that one, whose facts must have so many bytes at least. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <glob.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <jansson.h>

#include "base/buffer.h"
#include "extract/folder_fixture.h"

#define MB          UINT64_C(1000000)
#define LIMIT       "256MB"
#define PROMISED    ((256 + 400) * MB)
#define TIGHT_BYTES (512 * 1024) /* extract.file_bytes_max of memory_tight */

static const char django[] = "/usr/lib/python3/dist-packages/django";
static struct folder place;

static void run_build(const char *repository, const char *output, const char *told)
{
    int fd = open(told, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    /* The sanitizer keeps what is freed, to see whether it is used; here that would be measured. */
    const char *options = "quarantine_size_mb=1:thread_local_quarantine_size_kb=64";
    if (fd >= 0 && dup2(fd, STDOUT_FILENO) >= 0 && setenv("ASAN_OPTIONS", options, 1) == 0)
        execl(RG_BINARY_DIR "/relgraph", "relgraph", "build", repository, "--output", output,
              "--profile", "memory_tight", "--memory", LIMIT, "--json", "--quiet", (char *)NULL);
    _exit(127);
}

static uint64_t number_of(const json_t *result, const char *name)
{
    const json_t *value = json_object_get(result, name);
    assert_true(json_is_integer(value));
    return (uint64_t)json_integer_value(value);
}

/* Builds, holds the memory against the promise, and returns what the build told. */
static json_t *build_within(const char *repository, const char *output)
{
    char told[sizeof place.path + 16];
    struct rusage usage;
    int how = 0;
    snprintf(told, sizeof told, "%s/told.json", place.path);
    pid_t child = fork();
    if (child == 0)
        run_build(repository, output, told);
    assert_true(child > 0);
    assert_int_equal(wait4(child, &how, 0, &usage), child);
    assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0); /* the audits are part of it */
    json_t *result = json_load_file(told, 0, NULL);
    assert_non_null(result);
    uint64_t peak = (uint64_t)usage.ru_maxrss * 1024;
    uint64_t said = number_of(result, "peak_memory_bytes");
    print_message("# %llu MB of source: peak %llu MB, of %llu; by its own word %llu MB\n",
                  (unsigned long long)(number_of(result, "source_bytes") / MB),
                  (unsigned long long)(peak / MB), (unsigned long long)(PROMISED / MB),
                  (unsigned long long)(said / MB));
    assert_true(peak <= PROMISED);
    assert_true(said <= peak && said >= peak / 10 * 9);
    return result;
}

/* --- A repository of the size of Django ------------------------------------------------------ */

static void make_class(struct buffer *text, int file, int number)
{
    buffer_printf(text, "\n\nclass Part%d_%d(Base%d):\n    size = %d\n", file, number, number % 7,
                  number);
    for (int i = 0; i < 8; i++)
        buffer_printf(text,
                      "\n    def step%d(self, items, limit=None):\n"
                      "        total = self.size + len(items)\n"
                      "        for item in items:\n"
                      "            if item.name not in self.seen[%d] or limit is None:\n"
                      "                total += helper_%d(item, key='step %d')\n"
                      "        return {'total': total, 'first': items[0], 'last': items[-1]}\n",
                      i, i, number, i);
}

static const char *repository_like_django(void)
{
    if (path_is_folder(django))
        return django;
    static char path[sizeof place.path + 16];
    snprintf(path, sizeof path, "%s/made", place.path);
    assert_int_equal(folder_make(path, NULL), RG_OK);
    for (int file = 0; file < 900; file++) {
        char name[32];
        struct buffer text = {0};
        for (int i = 0; i < 3; i++)
            make_class(&text, file, i);
        snprintf(name, sizeof name, "made/m%d.py", file);
        assert_false(text.failed);
        folder_add(&place, name, text.data, text.len);
        buffer_fini(&text);
    }
    return path;
}

static void test_like_django(void **state)
{
    (void)state;
    char output[sizeof place.path + 16];
    snprintf(output, sizeof output, "%s/graph", place.path);
    json_t *result = build_within(repository_like_django(), output);
    assert_true(number_of(result, "lines") > 100000);
    json_decref(result);
}

/* --- Long files ------------------------------------------------------------------------------ */

/* One line with a node for each byte: hardly anything takes more memory to parse. */
static void add_line(const char *name, size_t bytes)
{
    struct buffer text = {0};
    while (text.len + 1 < bytes)
        buffer_text(&text, "a;");
    while (text.len < bytes)
        buffer_char(&text, '\n');
    assert_int_equal(text.len, bytes);
    folder_add(&place, name, text.data, text.len);
    buffer_fini(&text);
}

static void test_long_files(void **state)
{
    (void)state;
    char repository[sizeof place.path + 16], output[sizeof place.path + 16];
    snprintf(repository, sizeof repository, "%s/long", place.path);
    snprintf(output, sizeof output, "%s/graph", place.path);
    assert_int_equal(folder_make(repository, NULL), RG_OK);
    add_line("long/a_whole.py", TIGHT_BYTES);
    add_line("long/b_whole.py", TIGHT_BYTES);
    add_line("long/c_one_more.py", TIGHT_BYTES + 1);
    add_line("long/d_hopeless.py", 17500000);
    json_t *result = build_within(repository, output);
    assert_int_equal(number_of(result, "files_parsed"), 2);
    assert_int_equal(number_of(result, "files_skipped"), 2);
    json_decref(result);
}

/* --- A repository of the caller's ------------------------------------------------------------- */

static const char *repository;
static uint64_t facts_bytes_min;

static void test_given(void **state)
{
    (void)state;
    char output[sizeof place.path + 16], pattern[sizeof output + 32];
    glob_t facts;
    snprintf(output, sizeof output, "%s/graph", place.path);
    json_decref(build_within(repository, output));
    snprintf(pattern, sizeof pattern, "%s/state/facts-*.duckdb", output);
    assert_int_equal(glob(pattern, 0, NULL, &facts), 0);
    uint64_t bytes = file_size(facts.gl_pathv[0]);
    globfree(&facts);
    print_message("# facts: %llu MB\n", (unsigned long long)(bytes / MB));
    assert_true(bytes >= facts_bytes_min);
}

static int open_place(void **state)
{
    (void)state;
    folder_open(&place);
    return 0;
}

static int close_place(void **state)
{
    (void)state;
    folder_close(&place);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_like_django),
                                       cmocka_unit_test(test_long_files)};
    const struct CMUnitTest given[] = {cmocka_unit_test(test_given)};
    if (argc == 1)
        return cmocka_run_group_tests(tests, open_place, close_place);
    repository = argv[1];
    facts_bytes_min = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
    return cmocka_run_group_tests(given, open_place, close_place);
}
