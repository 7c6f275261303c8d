/* The ledger: what is appended is read back, by any number of threads, and what is lost is counted.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/ledger.h"
#include "base/limits.h"

static void test_rows_are_kept(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_new();
    assert_non_null(ledger);
    char name[] = "edge_ast";
    struct ledger_rule_event event = ledger_rule_event_of(str_of(name), STR("edges"));
    event.mode = "table";
    event.tier = "stable";
    event.rows_out = 7;
    event.seconds = 0.25;
    ledger_rule_event(ledger, &event);
    name[0] = 'X'; /* texts are copied */
    assert_int_equal(1, ledger_rows(ledger, LEDGER_RULE_EVENTS));
    assert_int_equal(0, ledger_rows(ledger, LEDGER_LINEAGE));
    const struct ledger_table *table = &ledger_tables[LEDGER_RULE_EVENTS];
    const struct ledger_value *row = ledger_row(ledger, LEDGER_RULE_EVENTS, 0);
    for (size_t i = 0; i < table->n_columns; i++) {
        struct str column = str_of(table->columns[i].name);
        if (str_is(column, "rule"))
            assert_true(str_is(row[i].text, "edge_ast"));
        else if (str_is(column, "rows_out"))
            assert_int_equal(7, row[i].integer);
        else if (str_is(column, "seconds"))
            assert_true(row[i].real == 0.25);
        else if (str_is(column, "rows_in") || str_is(column, "spilled_bytes") ||
                 str_is(column, "error"))
            assert_true(row[i].is_null); /* unknown, not 0 */
    }
    ledger_feature(ledger, STR("top_n"), false, "set", STR("top-k filters"));
    row = ledger_row(ledger, LEDGER_FEATURE_STATE, 0);
    assert_false(row[1].is_null);
    assert_int_equal(0, row[1].integer);
    ledger_begin(ledger);
    assert_int_equal(0, ledger_rows(ledger, LEDGER_RULE_EVENTS));
    assert_int_equal(0, ledger_rows(ledger, LEDGER_FEATURE_STATE));
    ledger_free(ledger);
}

static void test_nobody_listens(void **state)
{
    (void)state;
    ledger_begin(NULL);
    ledger_fallback(NULL, "retry_memory", STR("r"), STR("d"), STR("x"), "y");
    assert_int_equal(0, ledger_rows(NULL, LEDGER_FALLBACKS));
    ledger_free(NULL);
}

enum { THREADS = 4, ROWS = 2000 };

static void *append_many(void *context)
{
    for (int i = 0; i < ROWS; i++)
        ledger_extract_error(context, &(struct ledger_extract_error){.path = STR("a/b.py"),
                                                                     .file_id = -i,
                                                                     .code = "too_long",
                                                                     .size_bytes = i,
                                                                     .seconds = 1});
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_new();
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(0, pthread_create(&threads[i], NULL, append_many, ledger));
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    size_t n = ledger_rows(ledger, LEDGER_EXTRACT_ERRORS);
    int64_t sum = 0;
    assert_int_equal(THREADS * ROWS, n);
    for (size_t i = 0; i < n; i++) {
        const struct ledger_value *row = ledger_row(ledger, LEDGER_EXTRACT_ERRORS, i);
        assert_true(str_is(row[0].text, "a/b.py"));
        assert_int_equal(row[1].integer, -row[4].integer);
        sum += row[4].integer;
    }
    assert_int_equal((int64_t)THREADS * ROWS * (ROWS - 1) / 2, sum);
    assert_int_equal(0, ledger_lost(ledger));
    ledger_free(ledger);
}

static void test_what_is_lost_is_counted(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_new();
    size_t size = LIMIT_LEDGER_BYTES + 1;
    char *text = calloc(1, size);
    assert_non_null(text);
    ledger_explain(ledger, &(struct ledger_explain){.text = {text, size}});
    assert_int_equal(1, ledger_lost(ledger));
    assert_int_equal(0, ledger_rows(ledger, LEDGER_EXPLAINS));
    ledger_explain(ledger,
                   &(struct ledger_explain){.text = STR("short")}); /* still takes what fits */
    assert_int_equal(1, ledger_rows(ledger, LEDGER_EXPLAINS));
    free(text);
    ledger_free(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_are_kept),
        cmocka_unit_test(test_nobody_listens),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_what_is_lost_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
