/* A store with a few facts made by hand, and rules given as texts: what the tests of run stand on.
 */
#ifndef TESTS_RUN_FIXTURE_H
#define TESTS_RUN_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/file.h"
#include "run/run.h"

struct fixture {
    struct rg_session *session;
    struct store *store;
    struct rule_set rules;
    struct run_result result;
    struct rg_error err;
    char folder[64];
    bool no_audits; /* of the product; set before fixture_run */
};

struct fixture_rule {
    const char *name, *text;
};

/* Two files of 100 bytes, `a.py` and `b.py`. Each has a table `syntax` row per number of `rows`. */
static inline void fixture_open_with(struct fixture *fixture,
                                     const struct rg_session_options *options, bool keep_order,
                                     int rows)
{
    *fixture = (struct fixture){0};
    snprintf(fixture->folder, sizeof fixture->folder, "/tmp/relgraph-run-XXXXXX");
    assert_non_null(mkdtemp(fixture->folder));
    assert_int_equal(rg_session_open(options, &fixture->session, &fixture->err), RG_OK);
    struct store_options store = {.allowed_directory = fixture->folder, .keep_order = keep_order};
    assert_int_equal(store_open(fixture->session, &store, &fixture->store, &fixture->err), RG_OK);
    enum rg_status status = store_execf(
        fixture->store, &fixture->err,
        "CREATE TABLE file AS SELECT * FROM (VALUES "
        "(CAST(11 AS BIGINT), 'a.py', 0, 'python', CAST(100000 AS BIGINT)), "
        "(CAST(-7 AS BIGINT), 'b.py', 1, 'python', CAST(100000 AS BIGINT))) "
        "t(file_id, path, ordinal, language, size_bytes);"
        "CREATE TABLE syntax AS SELECT f.file_id, CAST(n AS INTEGER) AS node, "
        "CAST(1000000 * f.ordinal + n AS BIGINT) AS node_id, "
        "CASE WHEN n > 0 THEN CAST(1000000 * f.ordinal + (n - 1) // 3 AS BIGINT) END AS parent_id, "
        "CAST('x' AS VARCHAR) AS token, "
        "CAST(0 AS INTEGER) AS start_byte, CAST(100 AS INTEGER) AS end_byte "
        "FROM range(%d) t(n), file AS f",
        rows);
    assert_int_equal(status, RG_OK);
}

static inline void fixture_open(struct fixture *fixture, unsigned threads, bool keep_order,
                                int rows)
{
    struct rg_session_options options = {.struct_size = sizeof options, .threads = threads};
    fixture_open_with(fixture, &options, keep_order, rows);
}

static inline const char *fixture_datasets(void)
{
    static char *text;
    static size_t size;
    if (!text)
        assert_int_equal(
            file_read(RG_SOURCE_DIR "/rules/datasets.sql", 1 << 20, false, &text, &size, NULL),
            RG_OK);
    return text;
}

static inline void fixture_reset(struct fixture *fixture)
{
    run_result_fini(&fixture->result);
    rule_set_fini(&fixture->rules);
}

static inline enum rg_status fixture_run_with(struct fixture *fixture,
                                              const struct fixture_rule *texts, size_t n,
                                              struct run_request request)
{
    struct rule_text rules[32];
    size_t count = 0;
    char *audit_texts[8] = {0};
    static const char *const audits[] = {"audit_node_id",   "audit_edge_end",  "audit_node_span",
                                         "audit_edge_span", "audit_tree_edge", "audit_tree_span",
                                         "audit_tree_cycle"};
    fixture_reset(fixture);
    for (size_t i = 0; i < n; i++)
        rules[count++] = (struct rule_text){str_of(texts[i].name), str_of("test.sql"),
                                            str_of(texts[i].text), false};
    for (size_t i = 0; !fixture->no_audits && i < sizeof audits / sizeof *audits; i++) {
        char path[256];
        size_t size;
        snprintf(path, sizeof path, RG_SOURCE_DIR "/rules/%s.sql", audits[i]);
        assert_int_equal(file_read(path, 1 << 20, false, &audit_texts[i], &size, NULL), RG_OK);
        rules[count++] = (struct rule_text){
            str_of(audits[i]), str_of("audit.sql"), {audit_texts[i], size}, true};
    }
    fixture->err = (struct rg_error){.status = RG_OK};
    enum rg_status status =
        rule_set_parse(str_of(fixture_datasets()), rules, count, &fixture->rules, &fixture->err);
    request.session = fixture->session;
    request.store = fixture->store;
    request.rules = &fixture->rules;
    if (!request.output_folder)
        request.output_folder = fixture->folder;
    if (!status)
        status = run_rules(&request, &fixture->result, &fixture->err);
    for (size_t i = 0; i < sizeof audit_texts / sizeof *audit_texts; i++)
        free(audit_texts[i]);
    return status;
}

/* Runs the rules; a failure prints what it was. */
static inline void fixture_run(struct fixture *fixture, const struct fixture_rule *texts, size_t n)
{
    enum rg_status status =
        fixture_run_with(fixture, texts, n, (struct run_request){.tier = RG_TIER_FAST});
    if (status)
        print_message("%s:%u:%u %s: %s\n", fixture->err.file, fixture->err.line,
                      fixture->err.column, fixture->err.rule, fixture->err.message);
    assert_int_equal(status, RG_OK);
}

/* The rows of a SELECT over the written files, `%s` in it standing for the folder: a,b|c,d|… */
static inline void fixture_expect(struct fixture *fixture, const char *format, const char *expected)
{
    struct arena arena = {0};
    struct buffer sql = {0}, found = {0};
    struct text_table table;
    for (const char *c = format; *c; c++) {
        if (c[0] == '%' && c[1] == 's') {
            buffer_text(&sql, fixture->folder);
            c++;
        } else {
            buffer_char(&sql, *c);
        }
    }
    struct rg_error err = {0};
    enum rg_status status =
        store_table(fixture->store, buffer_view(&sql), 100, &arena, &table, &err);
    if (status)
        print_message("%s\n", err.message);
    assert_int_equal(status, RG_OK);
    for (size_t i = 0; i < table.rows * table.columns; i++) {
        if (i)
            buffer_char(&found, i % table.columns ? ',' : '|');
        buffer_str(&found, table.cells[i].ptr ? table.cells[i] : STR("NULL"));
    }
    assert_string_equal(found.data ? found.data : "", expected);
    buffer_fini(&found);
    buffer_fini(&sql);
    arena_fini(&arena);
}

static inline void fixture_close(struct fixture *fixture)
{
    fixture_reset(fixture);
    store_close(fixture->store);
    rg_session_close(fixture->session);
    assert_int_equal(tree_remove(fixture->folder, NULL), RG_OK);
}

#endif
