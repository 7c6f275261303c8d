/* Out of memory: tried once more with less at a time, which is told; with the first error where
 * that fails too. Rows are those of a run that had enough. */
#include "fixture.h"

#include "base/ledger.h"

#define NODES                                                                                      \
    "-- emits: nodes CALL\n-- layer: syntax\nSELECT node_id, file_id, parent_id, start_byte, "     \
    "end_byte, token AS name FROM "

#define SORTED                                                                                     \
    "SELECT a.node_id, a.file_id, a.parent_id, a.start_byte, a.end_byte, a.token, row_number() "   \
    "OVER (PARTITION BY a.node_id % 1000 ORDER BY b.node_id * 7919 % 1000003, b.node_id, "         \
    "a.node_id) AS place FROM syntax AS a CROSS JOIN syntax AS b"

/* Sorting 1.5 million rows in parts on many threads takes each of them memory of its own. */
static const struct fixture_rule sorting = {"node_call", NODES "(" SORTED ") AS t WHERE place = 1"};

/* One text of 60 MB has no parts. */
static const struct fixture_rule joining = {
    "node_call",
    NODES "syntax WHERE length((SELECT string_agg(repeat(a.token, 40), '' ORDER BY a.node_id) FROM "
          "syntax AS a CROSS JOIN syntax AS b)) > node_id"};

/* As the first, but part of the query that writes the file. */
static const struct fixture_rule writing = {
    "node_call",
    "-- emits: nodes CALL\n-- layer: syntax\n-- unique: yes\nSELECT node_id, file_id, "
    "parent_id, start_byte, end_byte, token AS name FROM (" SORTED ") AS t WHERE place = 1"};

static const struct fixture_rule auditing[] = {
    {"node_call", "-- emits: nodes CALL\n-- unique: yes\nSELECT node_id, file_id, parent_id, "
                  "start_byte, end_byte, token AS name FROM syntax"},
    {"audit_sorted", "-- audit: a row is where none may be\nSELECT node_id FROM (" SORTED
                     ") AS t WHERE place = -1"}};

/* Keys that are claimed to be alone; 372,100 of them, with long texts, are more than fit at once.
 */
#define KEYS(key)                                                                                  \
    "-- emits: props\n-- unique: yes\nSELECT a.node_id, " key " AS key, 'x' AS value_str, "        \
    "a.file_id FROM syntax AS a CROSS JOIN syntax AS b"
static const struct fixture_rule claiming = {"claimed", KEYS("repeat('k', 300) || b.node_id")};
static const struct fixture_rule claiming_wrongly = {
    "claimed", KEYS("repeat('k', 300) || CASE WHEN a.node_id = 600 AND b.node_id = 601 THEN 602 "
                    "ELSE b.node_id END")};

struct told {
    unsigned warnings;
    char text[256];
};

static void on_event(void *user, const struct rg_event *event)
{
    struct told *told = user;
    if (event->kind != RG_EVENT_WARNING)
        return;
    told->warnings++;
    snprintf(told->text, sizeof told->text, "%s", event->text);
}

static void open_small(struct fixture *f, struct told *told, const struct rg_setting *settings,
                       size_t n_settings)
{
    *told = (struct told){0};
    fixture_open_with(f,
                      &(struct rg_session_options){.struct_size = sizeof(struct rg_session_options),
                                                   .threads = 16,
                                                   .memory_limit_bytes = 64 << 20,
                                                   .on_event = on_event,
                                                   .user = told,
                                                   .settings = settings,
                                                   .n_settings = n_settings},
                      false, 610);
    f->no_audits = true;
}

static void assert_retried(const struct fixture *f, const struct told *told, const char *who)
{
    char text[256];
    snprintf(text, sizeof text, "%s ran out of memory and is tried again, alone and on one thread",
             who);
    assert_int_equal(told->warnings, 1);
    assert_string_equal(told->text, text);
    assert_int_equal(ledger_rows(f->session->ledger, LEDGER_FALLBACKS), 1);
    const struct ledger_value *row = ledger_row(f->session->ledger, LEDGER_FALLBACKS, 0);
    assert_true(str_is(row[0].text, "retry_memory"));
}

static void test_second_try(void **state)
{
    (void)state;
    struct fixture f;
    struct told told;
    const char *rows = "SELECT count(*), sum(node_id) FROM '%s/nodes/*.parquet'";
    fixture_open(&f, 2, false, 610);
    f.no_audits = true;
    fixture_run(&f, &sorting, 1);
    fixture_expect(&f, rows, "610,185745");
    fixture_close(&f);
    open_small(&f, &told, NULL, 0);
    fixture_run(&f, &sorting, 1);
    fixture_expect(&f, rows, "610,185745");
    assert_retried(&f, &told, "node_call");
    fixture_close(&f);
}

/* A file whose rows are sorted as they are written, by either writer. */
static void test_second_write(void **state)
{
    (void)state;
    struct fixture f;
    struct told told;
    struct rg_setting arrow = {"write.writer.nodes", "arrow", RG_SETTING_SET};
    for (size_t n = 0; n < 2; n++) {
        open_small(&f, &told, &arrow, n);
        fixture_run(&f, &writing, 1);
        assert_retried(&f, &told, n ? "nodes/part-0.arrow" : "nodes/part-0.parquet");
        fixture_expect(&f,
                       n ? "SELECT count(*), sum(node_id) FROM "
                           "relgraph_arrow(['%s/nodes/part-0.arrow'])"
                         : "SELECT count(*), sum(node_id) FROM '%s/nodes/*.parquet'",
                       "610,185745");
        fixture_close(&f);
    }
}

/* An audit says no less for having been asked twice. */
static void test_second_audit(void **state)
{
    (void)state;
    struct fixture f;
    struct told told;
    open_small(&f, &told, NULL, 0);
    fixture_run(&f, auditing, 2);
    assert_retried(&f, &told, "audit_sorted");
    fixture_close(&f);
}

/* The keys are gone through in parts, each whole in one of them. */
static void test_second_audit_of_keys(void **state)
{
    (void)state;
    struct fixture f;
    struct told told;
    open_small(&f, &told, NULL, 0);
    fixture_run(&f, &claiming, 1);
    assert_retried(&f, &told, "the audit of keys");
    assert_int_equal(
        fixture_run_with(&f, &claiming_wrongly, 1, (struct run_request){.tier = RG_TIER_FAST}),
        RG_ERR_AUDIT);
    assert_non_null(strstr(f.err.message, "share a key (1 rows)"));
    fixture_close(&f);
}

/* Where nobody wants a second try, the first one's error is the run's. */
static void test_no_second_try(void **state)
{
    (void)state;
    struct fixture f;
    struct told told;
    struct rg_setting off = {"run.memory_retry", "off", RG_SETTING_SET};
    open_small(&f, &told, &off, 1);
    assert_int_equal(fixture_run_with(&f, &sorting, 1, (struct run_request){.tier = RG_TIER_FAST}),
                     RG_ERR_MEMORY);
    assert_int_equal(told.warnings, 0);
    fixture_close(&f);
}

static void test_second_failure(void **state)
{
    (void)state;
    struct fixture f;
    struct told told;
    open_small(&f, &told, NULL, 0);
    assert_int_equal(fixture_run_with(&f, &joining, 1, (struct run_request){.tier = RG_TIER_FAST}),
                     RG_ERR_MEMORY);
    assert_string_equal(f.err.rule, "node_call");
    assert_non_null(strstr(f.err.message, "allocate"));
    assert_non_null(strstr(f.err.hint, "raise the memory limit"));
    assert_int_equal(told.warnings, 1);
    assert_int_equal(ledger_rows(f.session->ledger, LEDGER_FALLBACKS), 1);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_second_try),    cmocka_unit_test(test_second_write),
        cmocka_unit_test(test_second_audit),  cmocka_unit_test(test_second_audit_of_keys),
        cmocka_unit_test(test_no_second_try), cmocka_unit_test(test_second_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
