/* Replays the seeds of the fuzz target for lines of `relgraph sql --batch`, and mutilations of
 * them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>

#include "../../fuzz/fuzz_sql_line.c"
#include "base/file.h"

#define SEEDS RG_SOURCE_DIR "/fuzz/corpus/sql_line"

static void run(const char *data, size_t size)
{
    assert_int_equal(LLVMFuzzerTestOneInput((const uint8_t *)data, size), 0);
}

static void replay(char *data, size_t size)
{
    run(data, size);
    for (size_t cut = 0; cut < size; cut += size / 16 + 1)
        run(data, cut);
    /* A few bytes become others; the same ones in every run. */
    static const char bytes[] = "()[]{}:;,.'\"\\\n\t @=*<x0\xff\xc3-/";
    uint64_t random = size;
    for (int round = 0; round < 40; round++) {
        for (int i = 0; i < 2 && size; i++) {
            random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
            data[(random >> 33) % size] = bytes[(random >> 20) % (sizeof bytes - 1)];
        }
        run(data, size);
    }
}

static void test_seeds(void **unused)
{
    (void)unused;
    DIR *folder = opendir(SEEDS);
    assert_non_null(folder);
    size_t count = 0;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        struct rg_error error = {0};
        char *data, *path = path_join(SEEDS, entry->d_name);
        size_t size;
        if (entry->d_name[0] != '.') {
            if (file_read(path, 1 << 20, true, &data, &size, &error) != RG_OK)
                fail_msg("%s", error.message);
            replay(data, size);
            free(data);
            count++;
        }
        free(path);
    }
    closedir(folder);
    assert_true(count >= 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_seeds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
