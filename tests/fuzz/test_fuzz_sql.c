/* Replays the seeds of fuzz_sql, beginnings of them, and mutilations, in every test run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>

#include "../../fuzz/fuzz_sql.c"
#include "base/file.h"

static void run(const char *data, size_t size)
{
    assert_int_equal(LLVMFuzzerTestOneInput((const uint8_t *)data, size), 0);
}

/* What once was wrong. */
static void test_found(void **state)
{
    (void)state;
    static const char *const found[] = {
        "~\n*",
        "X'00'",
        "X'",
        "SELECT x.i - g-- f\n.s",
        "E--\n>A>A",
        "SELECT\na--\nu",
        "f(g(x) IGNORE NULLS)",
        "CASE :name WHEN 1 THEN 2 END",
        "f(TRUE -> x)",
        "a[:-:x]",
        "a[(:x):]",
    };
    for (size_t i = 0; i < sizeof found / sizeof *found; i++)
        run(found[i], strlen(found[i]));
}

static void test_seeds(void **state)
{
    (void)state;
    DIR *folder = opendir(RG_SOURCE_DIR "/tests/sql/shapes");
    assert_non_null(folder);
    uint64_t random = 88172645463325252u;
    size_t count = 0;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        char *path = path_join(RG_SOURCE_DIR "/tests/sql/shapes", entry->d_name), *data;
        size_t size;
        assert_int_equal(file_read(path, 1 << 20, true, &data, &size, NULL), RG_OK);
        free(path);
        run(data, size);
        for (size_t length = 0; length < size; length += 7)
            run(data, length);
        for (int round = 0; round < 30; round++) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            size_t from = random % size, to = (random >> 20) % size;
            char kept = data[to];
            data[to] = data[from];
            run(data, size);
            data[to] = kept;
        }
        free(data);
        count++;
    }
    closedir(folder);
    assert_true(count >= 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_found), cmocka_unit_test(test_seeds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
