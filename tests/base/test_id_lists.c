/* The search for ids that come twice, against a naive twin. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/id_lists.h"

enum { LISTS = 3 };

static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state ^ *state >> 29;
}

/* An odd number times a counter: no two are equal. */
static int64_t spread(uint64_t number)
{
    return (int64_t)(number * UINT64_C(0x9E3779B97F4A7C15));
}

static bool any_twice(struct id_lists lists[LISTS], unsigned threads)
{
    const struct id_lists *all[LISTS] = {&lists[0], &lists[1], &lists[2]};
    struct id_search search = {.lists = all, .n = LISTS, .threads = threads};
    bool twice, missing;
    assert_int_equal(id_lists_search(&search, &twice, &missing, NULL), RG_OK);
    assert_false(missing);
    return twice;
}

static void lists_fini(struct id_lists lists[LISTS])
{
    for (int i = 0; i < LISTS; i++)
        id_lists_fini(&lists[i]);
}

static void test_nothing(void **state)
{
    (void)state;
    struct id_lists lists[LISTS] = {{.count = 0}};
    assert_false(any_twice(lists, 1));
}

/* Ids of all parts, several blocks each; then one of them once more, in any list. */
static void test_one_among_many(void **state)
{
    (void)state;
    enum { IDS = 300000 };
    for (unsigned threads = 1; threads <= 3; threads++) {
        for (int again = 0; again < LISTS; again++) {
            struct id_lists lists[LISTS] = {{.count = 0}};
            uint64_t seed = threads;
            for (int64_t i = 0; i < IDS; i++)
                id_lists_add(&lists[i % LISTS], spread((uint64_t)i + 1));
            assert_int_equal(lists[0].count, IDS / LISTS);
            assert_false(any_twice(lists, threads));
            uint64_t one = next_random(&seed) % IDS + 1;
            id_lists_add(&lists[again], spread(one));
            assert_true(any_twice(lists, threads));
            lists_fini(lists);
        }
    }
}

/* 0 marks a free place in the table, so it is counted apart. */
static void test_zero(void **state)
{
    (void)state;
    struct id_lists lists[LISTS] = {{.count = 0}};
    id_lists_add(&lists[0], 0);
    id_lists_add(&lists[1], 1);
    assert_false(any_twice(lists, 2));
    id_lists_add(&lists[2], 0);
    assert_true(any_twice(lists, 2));
    lists_fini(lists);
}

/* Ids that share all but their last bits: the table's runs are long, the answer is the same. */
static void test_neighbours(void **state)
{
    (void)state;
    struct id_lists lists[LISTS] = {{.count = 0}};
    for (int64_t i = -1000; i < 1000; i++)
        id_lists_add(&lists[0], i);
    assert_false(any_twice(lists, 1));
    id_lists_add(&lists[1], -1000);
    assert_true(any_twice(lists, 1));
    lists_fini(lists);
}

static void test_wanted(void **state)
{
    (void)state;
    struct id_lists lists[LISTS] = {{.count = 0}}, wanted[LISTS] = {{.count = 0}};
    const struct id_lists *all[LISTS] = {&lists[0], &lists[1], &lists[2]};
    const struct id_lists *asked[LISTS] = {&wanted[0], &wanted[1], &wanted[2]};
    struct id_search search = {.lists = all, .wanted = asked, .n = LISTS, .threads = 2};
    bool twice, missing;
    for (uint64_t i = 0; i < 10000; i++) {
        id_lists_add(&lists[i % LISTS], spread(i)); /* 0 among them */
        id_lists_add(&wanted[i % 2], spread(i));
        id_lists_add(&wanted[2], spread(i));
    }
    assert_int_equal(id_lists_search(&search, &twice, &missing, NULL), RG_OK);
    assert_false(twice || missing);
    id_lists_add(&wanted[1], spread(10000));
    assert_int_equal(id_lists_search(&search, &twice, &missing, NULL), RG_OK);
    assert_true(missing && !twice);
    lists_fini(lists);
    lists_fini(wanted);
}

/* Beyond the bound, without a place for them. */
static void test_bound(void **state)
{
    (void)state;
    struct id_lists list = {.held_max = 1}, nowhere = {.held_max = 1, .spill_folder = "/nowhere"};
    for (uint64_t i = 0; i < 1000000 && !(list.failed && nowhere.failed); i++) {
        id_lists_add(&list, spread(i));
        id_lists_add(&nowhere, spread(i));
    }
    assert_true(list.failed && nowhere.failed);
    assert_true(list.count >= 1);
    id_lists_fini(&list);
    id_lists_fini(&nowhere);
}

/* Most of the ids go to files; one of them comes again, and one that is in none is asked for. */
static void test_spilled(void **state)
{
    (void)state;
    enum { IDS = 600000 };
    for (int again = 0; again < 2; again++) {
        struct id_lists lists[LISTS] = {{.count = 0}}, wanted[LISTS] = {{.count = 0}};
        const struct id_lists *all[LISTS] = {&lists[0], &lists[1], &lists[2]};
        const struct id_lists *asked[LISTS] = {&wanted[0], &wanted[1], &wanted[2]};
        struct id_search search = {.lists = all, .wanted = asked, .n = LISTS, .threads = 2};
        bool twice, missing;
        for (int i = 0; i < LISTS; i++) {
            lists[i].held_max = wanted[i].held_max = 1;
            lists[i].spill_folder = wanted[i].spill_folder = "/tmp";
        }
        for (uint64_t i = 0; i < IDS; i++) {
            id_lists_add(&lists[i % LISTS], spread(i));
            id_lists_add(&wanted[0], spread(i));
        }
        assert_non_null(lists[1].spill);
        assert_true(lists[1].held <= (1 << 17) && lists[1].count == IDS / LISTS);
        if (again) /* the first ids are in the files by now */
            id_lists_add(&lists[2], spread(7));
        assert_int_equal(id_lists_search(&search, &twice, &missing, NULL), RG_OK);
        assert_true(twice == (again == 1) && !missing);
        id_lists_add(&wanted[1], spread(IDS));
        assert_int_equal(id_lists_search(&search, &twice, &missing, NULL), RG_OK);
        assert_true(again || missing);
        lists_fini(lists);
        lists_fini(wanted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing), cmocka_unit_test(test_one_among_many),
        cmocka_unit_test(test_zero),    cmocka_unit_test(test_neighbours),
        cmocka_unit_test(test_wanted),  cmocka_unit_test(test_bound),
        cmocka_unit_test(test_spilled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
