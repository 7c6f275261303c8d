/* stable_hash64 against published values of Spark SQL and of the xxHash specification's test data.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "kernels/stable_hash.h"

/* The documentation of pyspark.sql.functions.xxhash64 gives these two. */
static void test_spark_texts(void **state)
{
    (void)state;
    uint64_t one = stable_hash_text(STABLE_HASH_SEED, "ABC", 3);
    assert_int_equal((int64_t)one, INT64_C(4105715581806190027));
    assert_int_equal((int64_t)stable_hash_text(one, "DEF", 3), INT64_C(3233247871021311208));
}

/* Spark's own tests of its XXH64 over a long, seeds 0 and 2654435761. */
static void test_spark_longs(void **state)
{
    (void)state;
    int64_t value = (int64_t)UINT64_C(0xDD2F535E4B1FFF9E);
    assert_true(stable_hash_int(0, value) == UINT64_C(0xF74CB1451B32B8CF));
    assert_true(stable_hash_int(UINT64_C(2654435761), value) == UINT64_C(0x9C44B77FBCC302C5));
}

/* An integer is its eight bytes in little-endian order, on every machine. */
static void test_bytes(void **state)
{
    (void)state;
    const char bytes[8] = {(char)0xFE, (char)0xFF, (char)0xFF, (char)0xFF,
                           (char)0xFF, (char)0xFF, (char)0xFF, (char)0xFF};
    assert_true(stable_hash_int(42, -2) == stable_hash_text(42, bytes, 8));
    assert_true(stable_hash_text(42, "", 0) == stable_hash_text(42, NULL, 0));
}

static void test_product(void **state)
{
    (void)state;
    uint64_t hash = stable_hash_int(42, 17);
    hash = stable_hash_text(hash, "LOCAL", 5);
    hash = stable_hash_text(hash, "name", 4);
    assert_int_equal(stable_hash_product(17, "LOCAL", "name", 4), (int64_t)hash);
    assert_int_not_equal(stable_hash_product(17, "LOCAL", "name", 4),
                         stable_hash_product(17, "LOCALn", "ame", 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spark_texts),
        cmocka_unit_test(test_spark_longs),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_product),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
