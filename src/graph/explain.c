/* rg_explain: finds the run that is asked about, opens its diagnostics in an engine of their own,
 * and has the question answered as JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/options_read.h"
#include "base/suggest.h"
#include "graph/explain_work.h"

/* --- The run -------------------------------------------------------------------------------- */

static enum rg_status say_no_run(struct explain_work *work, const char *name,
                                 const struct str *runs, size_t n, struct rg_error *err)
{
    error_set(err, RG_ERR_NOT_FOUND, EXPLAIN_LAYER, "%s holds no run %s", work->request->graph,
              name);
    if (n)
        error_hint(err, "its last run is " STR_FMT, STR_ARG(runs[0]));
    else
        error_hint(err, "build the graph again");
    return RG_ERR_NOT_FOUND;
}

/* The run that is named, else that of the current build, else the last one, which then failed. */
static enum rg_status choose_run(struct explain_work *work, struct rg_error *err)
{
    const char *wanted = work->request->run;
    struct str *runs = NULL;
    size_t n = 0;
    enum rg_status status = graph_runs(work->root, &work->arena, &runs, &n, err);
    if (status != RG_OK)
        return status;
    graph_current_id(work->root, work->run);
    if (wanted && strcmp(wanted, "last") != 0) {
        for (size_t i = 0; i < n; i++)
            if (str_is(runs[i], wanted)) {
                snprintf(work->run, sizeof work->run, "%s", wanted);
                return RG_OK;
            }
        return say_no_run(work, wanted, runs, n, err);
    }
    if (!wanted && *work->run)
        return RG_OK;
    if (!n) {
        error_set(err, RG_ERR_NOT_FOUND, EXPLAIN_LAYER, "%s holds no run", work->request->graph);
        error_hint(err, "build a graph there first; a copy of a single build has no runs");
        return RG_ERR_NOT_FOUND;
    }
    snprintf(work->run, sizeof work->run, STR_FMT, STR_ARG(runs[0]));
    return RG_OK;
}

static void print_table_path(const struct explain_work *work, const char *table, struct buffer *out)
{
    struct buffer path = {0};
    buffer_printf(&path, "%s/diagnostics/%s.parquet", work->run_folder, table);
    out->failed = out->failed || path.failed;
    buffer_sql_path(out, buffer_view(&path));
    buffer_fini(&path);
}

/* Tables of another version may lack a column, or mean another thing by it. */
static enum rg_status check_version(struct explain_work *work, struct rg_error *err)
{
    struct buffer sql = {0};
    int64_t version = 0;
    buffer_text(&sql, "SELECT coalesce(max(CAST(CAST(value AS VARCHAR) AS BIGINT)), 0) "
                      "FROM parquet_kv_metadata(");
    print_table_path(work, ledger_tables[0].name, &sql);
    buffer_text(&sql, ") WHERE CAST(key AS VARCHAR) = 'relgraph.schema_version'");
    enum rg_status status = sql.failed ? error_no_memory(err, EXPLAIN_LAYER)
                                       : store_int64(work->store, buffer_view(&sql), &version, err);
    buffer_fini(&sql);
    if (status == RG_OK && version != LEDGER_SCHEMA_VERSION) {
        status = error_set(err, RG_ERR_CORRUPT, EXPLAIN_LAYER,
                           "the diagnostics of run %s have version %lld, relgraph reads %d",
                           work->run, (long long)version, LEDGER_SCHEMA_VERSION);
        error_hint(err, "build the graph again");
    }
    return status;
}

static enum rg_status open_tables(struct explain_work *work, struct rg_error *err)
{
    struct buffer sql = {0};
    for (size_t i = 0; i < LEDGER_TABLES; i++) {
        char *path = arena_printf(&work->arena, "%s/diagnostics/%s.parquet", work->run_folder,
                                  ledger_tables[i].name);
        if (path && !path_exists(path)) {
            error_set(err, RG_ERR_CORRUPT, EXPLAIN_LAYER, "run %s left no table %s", work->run,
                      ledger_tables[i].name);
            error_hint(err, "build the graph again");
            buffer_fini(&sql);
            return RG_ERR_CORRUPT;
        }
        sql.failed = sql.failed || !path;
        buffer_printf(&sql, "CREATE VIEW %s AS SELECT * FROM read_parquet(", ledger_tables[i].name);
        print_table_path(work, ledger_tables[i].name, &sql);
        buffer_text(&sql, ", hive_partitioning = false);\n");
    }
    /* Which rule makes what readers name: edges_call, callee. */
    buffer_text(&sql, "CREATE VIEW emitted AS SELECT rule, unnest(CASE WHEN contains(emits, ' ') "
                      "THEN list_transform(string_split(substr(emits, instr(emits, ' ') + 1), ', "
                      "'), lambda k: split_part(emits, ' ', 1) || '_' || lower(k)) ELSE [emits] "
                      "END) AS relation FROM rules WHERE NOT is_audit;\n");
    struct store_options options = {.allowed_directory = work->root};
    enum rg_status status = sql.failed ? error_no_memory(err, EXPLAIN_LAYER)
                                       : store_open(work->session, &options, &work->store, err);
    if (status == RG_OK)
        status = check_version(work, err);
    if (status == RG_OK)
        status = store_exec(work->store, buffer_view(&sql), err);
    buffer_fini(&sql);
    return status;
}

static enum rg_status open_run(struct explain_work *work, struct rg_error *err)
{
    work->root = path_real(work->request->graph);
    if (!work->root) {
        error_set(err, RG_ERR_NOT_FOUND, EXPLAIN_LAYER, "there is no folder %s",
                  work->request->graph);
        error_hint(err, "build one first: relgraph build REPOSITORY --output %s",
                   work->request->graph);
        return RG_ERR_NOT_FOUND;
    }
    enum rg_status status = choose_run(work, err);
    if (status != RG_OK)
        return status;
    work->run_folder = arena_printf(&work->arena, "%s/runs/%s", work->root, work->run);
    if (!work->run_folder)
        return error_no_memory(err, EXPLAIN_LAYER);
    if (!path_is_folder(work->run_folder)) {
        error_set(err, RG_ERR_NOT_FOUND, EXPLAIN_LAYER, "the bundle of run %s is gone", work->run);
        error_hint(err, "build the graph again");
        return RG_ERR_NOT_FOUND;
    }
    return open_tables(work, err);
}

/* --- Rows as JSON --------------------------------------------------------------------------- */

static json_t *value_json(char type, struct str cell)
{
    json_error_t where;
    switch (type) {
    case 'i':
        return json_integer(strtoll(cell.ptr, NULL, 10));
    case 'r':
        return json_real(strtod(cell.ptr, NULL));
    case 'b':
        return json_boolean(str_is(cell, "true"));
    case 'j':
        return json_loadb(cell.ptr, cell.len, JSON_DECODE_ANY, &where);
    default:
        return json_text(cell);
    }
}

enum rg_status explain_rows(struct explain_work *work, struct store *store, struct str sql,
                            const char *types, json_t **out_rows, struct rg_error *err)
{
    enum { ROWS_MAX = 1 << 20 };
    struct text_table table = {.rows = 0};
    struct arena_mark mark = arena_mark(&work->arena);
    *out_rows = NULL;
    enum rg_status status = store_table(store, sql, ROWS_MAX, &work->arena, &table, err);
    if (status != RG_OK)
        return status;
    RG_ASSERT(strlen(types) == table.columns);
    json_t *rows = json_array();
    for (size_t r = 0; r < table.rows; r++) {
        json_t *row = json_object();
        for (size_t c = 0; c < table.columns; c++) {
            struct str cell = table.cells[r * table.columns + c];
            if (cell.ptr)
                json_put(&row, table.names[c], value_json(types[c], cell));
        }
        json_add(&rows, row);
    }
    arena_rewind(&work->arena, mark);
    *out_rows = rows;
    return rows ? RG_OK : error_no_memory(err, EXPLAIN_LAYER);
}

enum rg_status explain_find_rule(struct explain_work *work, const char *name, json_t **out_rule,
                                 struct rg_error *err)
{
    json_t *rules = NULL;
    struct suggestion near = {.name = str_of(name)};
    *out_rule = NULL;
    enum rg_status status =
        explain_rows(work, work->store,
                     STR("SELECT rule, file, emits, why, built_in, is_audit, is_opaque, \"text\", "
                         "\"sql\" FROM rules ORDER BY rule"),
                     "ttttbbbtt", &rules, err);
    for (size_t i = 0; i < json_array_size(rules); i++) {
        json_t *rule = json_array_get(rules, i);
        const char *its = json_string_value(json_object_get(rule, "rule"));
        if (its && !*out_rule && strcmp(its, name) == 0)
            *out_rule = json_incref(rule);
        else if (its)
            suggest_offer(&near, str_of(its));
    }
    if (status == RG_OK && !*out_rule) {
        status = error_set(err, RG_ERR_NOT_FOUND, EXPLAIN_LAYER, "run %s had no rule \"%s\"",
                           work->run, name);
        if (near.best.ptr)
            error_hint(err, "did you mean " STR_FMT "?", STR_ARG(near.best));
        else
            error_hint(err, "relgraph rules list shows their names");
    }
    json_decref(rules);
    return status;
}

static enum rg_status unknown_format(const char *format, struct rg_error *err)
{
    struct suggestion meant = {.name = str_of(format)};
    suggest_offer(&meant, STR("dot"));
    suggest_offer(&meant, STR("svg"));
    suggest_offer(&meant, STR("json"));
    error_set(err, RG_ERR_USAGE, EXPLAIN_LAYER, "there is no format \"%s\"", format);
    if (str_is(meant.best, "json"))
        error_hint(err, "did you mean --json?");
    else if (meant.best.ptr)
        error_hint(err, "did you mean " STR_FMT "?", STR_ARG(meant.best));
    else
        error_hint(err, "the graph of rules comes as dot, svg or JSON");
    return RG_ERR_USAGE;
}

/* --- The question --------------------------------------------------------------------------- */

static const struct {
    enum rg_status (*answer)(struct explain_work *work, struct rg_error *err);
    size_t n_operands;
    const char *operands;
} questions[] = {
    [RG_EXPLAIN_RUN] = {explain_run, 0, "nothing"},
    [RG_EXPLAIN_RULE] = {explain_rule, 1, "the name of a rule"},
    [RG_EXPLAIN_EDGE] = {explain_edge, 3, "a kind of edges, a source and a destination"},
    [RG_EXPLAIN_RULES] = {explain_rules, 0, "nothing"},
};

static enum rg_status check_request(const struct rg_explain_request *request, struct rg_error *err)
{
    if (!request->graph || !*request->graph)
        return error_set(err, RG_ERR_USAGE, EXPLAIN_LAYER, "no graph is named");
    if ((size_t)request->what >= sizeof questions / sizeof *questions)
        return error_set(err, RG_ERR_USAGE, EXPLAIN_LAYER, "there is no such thing to explain");
    if (request->n_operands != questions[request->what].n_operands)
        return error_set(err, RG_ERR_USAGE, EXPLAIN_LAYER, "what is to be explained needs %s",
                         questions[request->what].operands);
    if (request->n_operands && !request->operands)
        return error_set(err, RG_ERR_USAGE, EXPLAIN_LAYER, "the list of operands is missing");
    if (request->format && strcmp(request->format, "dot") != 0 &&
        strcmp(request->format, "svg") != 0)
        return unknown_format(request->format, err);
    if (request->format && request->what != RG_EXPLAIN_RULES) {
        error_set(err, RG_ERR_USAGE, EXPLAIN_LAYER, "only the graph of rules has formats");
        error_hint(err, "without a format the answer is JSON");
        return RG_ERR_USAGE;
    }
    return RG_OK;
}

enum rg_status rg_explain(struct rg_session *session, const struct rg_explain_request *given,
                          char **out_text, struct rg_error *err)
{
    struct rg_explain_request request;
    *out_text = NULL;
    enum rg_status status =
        options_read(&request, sizeof request, given, "rg_explain_request", err);
    if (status == RG_OK)
        status = check_request(&request, err);
    if (status != RG_OK)
        return status;
    struct explain_work work = {.session = session, .request = &request};
    status = open_run(&work, err);
    if (status == RG_OK)
        status = questions[request.what].answer(&work, err);
    if (status == RG_OK) {
        if (request.format)
            *out_text = buffer_take(&work.text);
        else
            *out_text = json_take_text(work.result, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
        work.result = request.format ? work.result : NULL;
        if (!*out_text)
            status = error_no_memory(err, EXPLAIN_LAYER);
    }
    json_decref(work.result);
    buffer_fini(&work.text);
    store_close(work.store);
    arena_fini(&work.arena);
    free(work.root);
    return status;
}
