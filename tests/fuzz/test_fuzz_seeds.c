/* Replays the fuzz target's seeds, and mutilations of them, in every test run. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>

#include "../../fuzz/fuzz_extract.c"
#include "base/file.h"

struct seed {
    char *data;
    size_t size;
};

static struct seed seed_read(const char *name)
{
    struct rg_error error = {0};
    struct seed seed;
    char *path = path_join(RG_SOURCE_DIR "/fuzz/corpus/extract", name);
    if (file_read(path, 1 << 20, true, &seed.data, &seed.size, &error) != RG_OK)
        fail_msg("%s", error.message);
    free(path);
    return seed;
}

static size_t for_each_seed(void (*visit)(const char *name, struct seed *seed))
{
    DIR *folder = opendir(RG_SOURCE_DIR "/fuzz/corpus/extract");
    assert_non_null(folder);
    size_t count = 0;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        struct seed seed = seed_read(entry->d_name);
        visit(entry->d_name, &seed);
        free(seed.data);
        count++;
    }
    closedir(folder);
    return count;
}

static void run(const char *data, size_t size)
{
    assert_int_equal(LLVMFuzzerTestOneInput((const uint8_t *)data, size), 0);
}

static void replay(const char *name, struct seed *seed)
{
    print_message("%s\n", name);
    run(seed->data, seed->size);
}

static void test_seeds(void **unused)
{
    (void)unused;
    assert_true(for_each_seed(replay) >= 20);
}

/* As if the file were cut off while it was written. */
static void cut(const char *name, struct seed *seed)
{
    (void)name;
    size_t step = seed->size / 16 + 1;
    for (size_t size = 0; size < seed->size; size += step)
        run(seed->data, size);
}

static void test_seeds_cut_off(void **unused)
{
    (void)unused;
    for_each_seed(cut);
}

/* A few bytes in each seed become others; the same ones in every run. */
static void mutilate(const char *name, struct seed *seed)
{
    (void)name;
    static const char bytes[] = "()[]{}:;,.'\"\\\n\t @=*#x0\xff\xc3\r";
    uint64_t random = seed->size;
    for (int round = 0; round < 8; round++) {
        for (int i = 0; i < 4 && seed->size; i++) {
            random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
            seed->data[(random >> 33) % seed->size] = bytes[(random >> 20) % (sizeof bytes - 1)];
        }
        run(seed->data, seed->size);
    }
}

static void test_seeds_mutilated(void **unused)
{
    (void)unused;
    for_each_seed(mutilate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_seeds),
        cmocka_unit_test(test_seeds_cut_off),
        cmocka_unit_test(test_seeds_mutilated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
