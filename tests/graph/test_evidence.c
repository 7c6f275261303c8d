/* Whatever becomes of a run, each table of diagnostics is left behind in its bundle, readable, with
 * the columns that its version promises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glob.h>

#include "base/ledger.h"
#include "engine/store.h"
#include "graph/build_fixture.h"

/* Rows whose destination is NULL break the contract of edges. */
static const char broken_rule[] =
    "-- emits: edges CALL\n-- resolution: fallback\n-- why: to be rejected\n"
    "SELECT node_id AS src, NULL::BIGINT AS dst, file_id, start_byte, end_byte FROM syntax\n";
/* It fails when it is run. */
static const char failing_rule[] =
    "-- emits: props\n-- why: no text is such a number\n"
    "SELECT node_id, 'k' AS key, CAST(token AS BIGINT) AS value_int, file_id FROM syntax\n"
    "WHERE token = 'rounded'\n";

static const struct ending {
    const char *name, *rule;
    bool strict;
    const char *cancel_in; /* a stage; NULL: nobody cancels */
    enum rg_status status;
    const char *last; /* outcome of the last of the stages */
} endings[] = {
    {"good", NULL, false, NULL, RG_OK, "done"},
    {"rejected", broken_rule, false, NULL, RG_OK, "done"},
    {"strict", broken_rule, true, NULL, RG_ERR_CONTRACT, "failed"},
    {"failing", failing_rule, true, NULL, RG_ERR_RULE, "failed"},
    {"unknown", "-- emits: props\n-- why: no\nSELECT nothing FROM syntax\n", false, NULL,
     RG_ERR_RULE, "failed"},
    {"cancelled early", NULL, false, "extract", RG_ERR_CANCELLED, "failed"},
    {"cancelled late", NULL, false, "write", RG_ERR_CANCELLED, "failed"},
};

struct watch {
    struct rg_session *session;
    const char *stage;
};

static void cancel_there(void *user, const struct rg_event *event)
{
    const struct watch *watch = user;
    if (watch->stage && event->kind == RG_EVENT_STAGE && strcmp(event->name, watch->stage) == 0)
        rg_session_cancel(watch->session);
}

static void build(const struct ending *ending, const char *repository, const char *output)
{
    struct folder rules;
    struct watch watch = {.stage = ending->cancel_in};
    struct rg_build_request request = request_for(repository, output);
    struct rg_build_result *result = NULL;
    struct rg_error err = {0};
    folder_open(&rules);
    const char *folder = rules.path;
    if (ending->rule) {
        folder_add_text(&rules, "of_the_test.sql", ending->rule);
        request.rule_folders = &folder;
        request.n_rule_folders = 1;
    }
    request.strict = ending->strict;
    watch.session = session_with(cancel_there, &watch);
    enum rg_status status = rg_build(watch.session, &request, &result, &err);
    if (status != ending->status)
        fail_msg("%s: %s, %s", ending->name, rg_status_name(status), err.message);
    rg_build_result_free(result);
    rg_session_close(watch.session);
    folder_close(&rules);
}

/* One value of a query over a table's file. */
static struct str value(struct store *store, struct arena *arena, const char *select,
                        const char *path, const char *more)
{
    struct text_table table;
    struct rg_error err = {0};
    struct buffer sql = {0};
    buffer_text(&sql, select);
    buffer_sql_text(&sql, str_of(path));
    buffer_text(&sql, more);
    if (store_table(store, buffer_view(&sql), 1, arena, &table, &err) != RG_OK)
        fail_msg("%s: %s", sql.data, err.message);
    buffer_fini(&sql);
    assert_int_equal(table.rows, 1);
    return table.cells[0];
}

static void check_tables(struct store *store, const struct ending *ending, const char *output)
{
    struct arena arena = {0};
    for (int t = 0; t < LEDGER_TABLES; t++) {
        const struct ledger_table *known = &ledger_tables[t];
        struct buffer pattern = {0}, names = {0};
        glob_t found;
        buffer_printf(&pattern, "%s/runs/*/diagnostics/%s.parquet", output, known->name);
        if (glob(pattern.data, 0, NULL, &found) != 0 || found.gl_pathc != 1)
            fail_msg("%s: no table %s", ending->name, known->name);
        for (size_t c = 0; c < known->n_columns; c++)
            buffer_printf(&names, "%s%s", c ? "," : "", known->columns[c].name);
        struct str columns =
            value(store, &arena,
                  "SELECT string_agg(column_name, ',') FROM (DESCRIBE SELECT * FROM read_parquet(",
                  found.gl_pathv[0], "))");
        assert_true(str_eq(columns, buffer_view(&names)));
        if (t == LEDGER_STAGES)
            assert_true(str_is(value(store, &arena, "SELECT last(outcome) FROM read_parquet(",
                                     found.gl_pathv[0], ")"),
                               ending->last));
        globfree(&found);
        buffer_fini(&names);
        buffer_fini(&pattern);
    }
    arena_fini(&arena);
}

static void test_every_ending(void **state)
{
    (void)state;
    struct folder place, shop;
    struct rg_session *session = session_with(NULL, NULL);
    struct store *store;
    folder_open(&place);
    folder_open(&shop);
    add_shop(&shop);
    struct store_options options = {.allowed_directory = place.path};
    assert_int_equal(store_open(session, &options, &store, NULL), RG_OK);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        char *output = path_join(place.path, endings[i].name);
        build(&endings[i], shop.path, output);
        check_tables(store, &endings[i], output);
        free(output);
    }
    store_close(store);
    rg_session_close(session);
    folder_close(&shop);
    folder_close(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_ending)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
