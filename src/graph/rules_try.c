/* rules test and rules new: running what stands beside rules, and making some to start from. */
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/file.h"
#include "graph/rules_work.h"
#include "run/rule_test.h"

/* --- Test ----------------------------------------------------------------------------------- */

static json_t *cells_json(const struct rule_test_row *row, size_t n)
{
    json_t *cells = json_array();
    for (size_t i = 0; i < n; i++)
        json_add(&cells, row->cells[i].ptr ? json_text(row->cells[i]) : json_null());
    return cells;
}

static json_t *rows_json(const struct rule_test_result *result, size_t n_columns, bool missing)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < result->n_rows; i++)
        if (result->rows[i].missing == missing)
            json_add(&rows, cells_json(&result->rows[i], n_columns));
    return rows;
}

static json_t *result_json(const struct rule_test_result *result)
{
    const struct rule *rule = result->file->rule;
    const struct rule_rows *expected = &result->test->expected;
    json_t *columns = rules_texts_json(expected->columns, expected->n_columns);
    size_t n_columns = expected->n_columns;
    if (!n_columns) { /* nothing was expected: all columns were compared */
        n_columns = rule->n_columns;
        for (size_t i = 0; i < n_columns; i++)
            json_add(&columns, json_text(rule->columns[i].name));
    }
    json_t *json = json_pack("{s:o, s:o, s:o, s:I, s:b, s:f, s:o, s:o, s:o}", "rule",
                             json_text(rule->name), "name", json_text(result->test->name), "file",
                             json_text(result->file->file), "line", (json_int_t)result->test->line,
                             "passed", (int)result->passed, "seconds", result->seconds, "columns",
                             columns, "missing", rows_json(result, n_columns, true), "unexpected",
                             rows_json(result, n_columns, false));
    if (result->error.status)
        json_put(&json, STR("error"), json_text(str_of(result->error.message)));
    return json;
}

static bool is_chosen(const struct rules_work *work, const struct rule *rule)
{
    return rule->audit.ptr ? work->selection.audits[rule - work->set.audits]
                           : work->selection.rules[rule - work->set.rules];
}

enum rg_status rules_test(struct rules_work *work, struct rg_error *err)
{
    struct rule_cases *files = NULL;
    struct rule_test_result *results = NULL;
    size_t n_files = 0, kept = 0, n_results = 0, failed = 0;
    enum rg_status status =
        rule_cases_load(&work->set, work->request->rule_folders, work->request->n_rule_folders,
                        &work->arena, &files, &n_files, err);
    for (size_t i = 0; i < n_files; i++)
        if (is_chosen(work, files[i].rule))
            files[kept++] = files[i];
    if (!status)
        status = rule_tests_run(work->session, &work->set, files, kept, &work->arena, &results,
                                &n_results, err);
    json_t *tests = json_array();
    for (size_t i = 0; i < n_results && !status; i++) {
        failed += !results[i].passed;
        json_add(&tests, result_json(&results[i]));
    }
    work->result = json_pack("{s:I, s:I, s:o}", "passed", (json_int_t)(n_results - failed),
                             "failed", (json_int_t)failed, "tests", tests);
    return status;
}

/* --- New ------------------------------------------------------------------------------------ */

static const char rule_template[] =
    "-- emits: props\n"
    "-- layer: mine\n"
    "-- tags: mine\n"
    "-- why: say in a sentence what the rule rests on\n"
    "--\n"
    "-- One row a function whose name starts with `test`. Replace it by what you are after:\n"
    "-- `relgraph schema` shows what can be read and what a row of `props` is.\n"
    "SELECT\n"
    "    m.node_id,\n"
    "    '%s' AS key,\n"
    "    true AS value_bool,\n"
    "    m.file_id\n"
    "FROM nodes_method AS m\n"
    "WHERE starts_with(m.name, 'test')\n";

static const char test_template[] =
    "-- Given rows and expected rows; columns that are left out are NULL.\n"
    "test: a function whose name starts with test\n"
    "\n"
    "given nodes_method\n"
    "node_id | name      | file_id\n"
    "1       | test_cart | 7\n"
    "2       | checkout  | 7\n"
    "\n"
    "expect\n"
    "node_id | key | value_bool | file_id\n"
    "1       | %s | true | 7\n";

static enum rg_status write_new(const char *folder, const char *name, const char *suffix,
                                const char *template, json_t **files, struct rg_error *err)
{
    struct buffer file = {0}, text = {0};
    buffer_printf(&file, "%s%s", name, suffix);
    for (const char *c = template; *c; c++) {
        if (c[0] == '%' && c[1] == 's') {
            buffer_text(&text, name);
            c++;
        } else {
            buffer_char(&text, *c);
        }
    }
    char *path = file.failed || text.failed ? NULL : path_join(folder, file.data);
    enum rg_status status = path ? RG_OK : error_no_memory(err, RULES_LAYER);
    if (!status && path_exists(path))
        status = error_set(err, RG_ERR_IO, RULES_LAYER, "%s exists", path);
    if (!status)
        status = file_write(path, buffer_view(&text), err);
    if (!status)
        json_add(files, json_text(str_of(path)));
    free(path);
    buffer_fini(&text);
    buffer_fini(&file);
    return status;
}

/* The name is that of a rule, and free. */
static enum rg_status check_name(const struct rules_work *work, const char *name,
                                 struct rg_error *err)
{
    bool good = name[0] && !(name[0] >= '0' && name[0] <= '9') && strlen(name) < 64;
    for (const char *c = name; *c && good; c++)
        good = (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || *c == '_';
    if (!good)
        return error_set(err, RG_ERR_USAGE, RULES_LAYER,
                         "`%s` is no name for a rule: lower-case letters, digits and _, at most 63",
                         name);
    if (rule_set_find(&work->set, str_of(name)) >= 0)
        return error_set(err, RG_ERR_USAGE, RULES_LAYER, "there is a rule %s already", name);
    return RG_OK;
}

enum rg_status rules_new(struct rules_work *work, struct rg_error *err)
{
    const char *name = work->request->operands[0];
    const char *folder = work->request->output ? work->request->output : ".";
    json_t *files = json_array();
    enum rg_status status = check_name(work, name, err);
    if (!status)
        status = folder_make(folder, err);
    if (!status)
        status = write_new(folder, name, ".sql", rule_template, &files, err);
    if (!status)
        status = write_new(folder, name, ".test", test_template, &files, err);
    work->result = json_pack("{s:o}", "files", files);
    return status;
}
