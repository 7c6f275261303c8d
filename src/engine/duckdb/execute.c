/* One way to run a statement. Results are materialised by the engine, or streamed; the thread that
 * asks works along, and the watch interrupts. */
#include "engine/duckdb/execute.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "engine/duckdb/engine_error.h"

enum rg_status runner_error(const struct runner *runner, enum watch_reason reason, const char *text,
                            struct str sql, struct rg_error *err)
{
    switch (reason) {
    case WATCH_CANCELLED:
        return error_set(err, RG_ERR_CANCELLED, "engine", "cancelled");
    case WATCH_TIMEOUT:
        error_set(err, RG_ERR_LIMIT, "engine", "the time limit is reached");
        error_hint(err, "ask for less, or raise the time limit");
        return RG_ERR_LIMIT;
    default:
        break;
    }
    enum rg_status status = engine_error(err, text, sql, runner->wrong_text);
    /* A cancellation may be seen by the engine before the watch has noted it. */
    if (status != RG_ERR_CANCELLED || watch_cancelled(runner->watch))
        return status;
    /* Nobody of ours interrupted: one of the engine's threads failed, and another was heard first.
     */
    return error_set(err, RG_ERR_ENGINE, "engine", ENGINE_GAVE_UP);
}

/* The engine wants a NUL behind a text and stops at the first one. */
static enum rg_status text_copy(const struct runner *runner, struct str sql, char **out_text,
                                struct rg_error *err)
{
    *out_text = NULL;
    if (sql.len && memchr(sql.ptr, 0, sql.len))
        return error_set(err, runner->wrong_text, "engine", "the text holds a NUL byte");
    char *text = malloc(sql.len + 1);
    if (!text)
        return error_no_memory(err, "engine");
    if (sql.len)
        memcpy(text, sql.ptr, sql.len);
    text[sql.len] = 0;
    *out_text = text;
    return RG_OK;
}

/* Splits a text into statements; out_count may be 0 (nothing but comments). */
static enum rg_status statements_extract(const struct runner *runner, struct str sql,
                                         duckdb_extracted_statements *out_statements,
                                         idx_t *out_count, struct rg_error *err)
{
    char *text;
    *out_statements = NULL;
    *out_count = 0;
    enum rg_status status = text_copy(runner, sql, &text, err);
    if (status != RG_OK)
        return status;
    idx_t count = duckdb_extract_statements(runner->connection, text, out_statements);
    const char *failure = count ? NULL : duckdb_extract_statements_error(*out_statements);
    if (failure && *failure) {
        status = engine_error(err, failure, sql, runner->wrong_text);
        duckdb_destroy_extracted(out_statements);
    } else {
        *out_count = count;
    }
    free(text);
    return status;
}

static enum rg_status statement_prepare(const struct runner *runner,
                                        duckdb_extracted_statements statements, idx_t index,
                                        struct str sql, duckdb_prepared_statement *out_prepared,
                                        struct rg_error *err)
{
    struct watch_guard guard;
    watch_enter(runner->watch, &guard, runner->connection, runner->deadline);
    duckdb_state state =
        duckdb_prepare_extracted_statement(runner->connection, statements, index, out_prepared);
    enum watch_reason reason = watch_leave(runner->watch, &guard);
    if (state == DuckDBSuccess)
        return RG_OK;
    enum rg_status status =
        runner_error(runner, reason, duckdb_prepare_error(*out_prepared), sql, err);
    duckdb_destroy_prepare(out_prepared);
    return status;
}

enum rg_status runner_execute(const struct runner *runner, duckdb_prepared_statement prepared,
                              bool streaming, struct str sql, duckdb_result *out_result,
                              struct rg_error *err)
{
    struct watch_guard guard;
    memset(out_result, 0, sizeof *out_result);
    watch_enter(runner->watch, &guard, runner->connection, runner->deadline);
    duckdb_state state = streaming ? duckdb_execute_prepared_streaming(prepared, out_result)
                                   : duckdb_execute_prepared(prepared, out_result);
    enum watch_reason reason = watch_leave(runner->watch, &guard);
    if (state == DuckDBSuccess)
        return RG_OK;
    return runner_error(runner, reason, duckdb_result_error(out_result), sql, err);
}

/* Rows that a statement changed, copied, or made a table of; 0 of any other. Those of a new table
 * are not told by duckdb_rows_changed, but the result is their count. */
static uint64_t rows_of(duckdb_prepared_statement prepared, duckdb_result *result)
{
    uint64_t rows = duckdb_rows_changed(result);
    if (duckdb_prepared_statement_type(prepared) != DUCKDB_STATEMENT_TYPE_CREATE ||
        duckdb_column_count(result) != 1 || duckdb_column_type(result, 0) != DUCKDB_TYPE_BIGINT)
        return rows;
    duckdb_data_chunk chunk = duckdb_fetch_chunk(*result);
    if (chunk && duckdb_data_chunk_get_size(chunk) == 1)
        rows =
            (uint64_t) * (int64_t *)duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0));
    duckdb_destroy_data_chunk(&chunk);
    return rows;
}

enum rg_status runner_exec(const struct runner *runner, struct str sql, uint64_t *out_rows,
                           struct rg_error *err)
{
    duckdb_extracted_statements statements;
    idx_t count;
    uint64_t rows = 0;
    enum rg_status status = statements_extract(runner, sql, &statements, &count, err);
    for (idx_t i = 0; status == RG_OK && i < count; i++) {
        duckdb_prepared_statement prepared = NULL;
        duckdb_result result;
        status = statement_prepare(runner, statements, i, sql, &prepared, err);
        if (status != RG_OK)
            break;
        status = runner_execute(runner, prepared, false, sql, &result, err);
        if (status == RG_OK)
            rows = rows_of(prepared, &result);
        duckdb_destroy_result(&result);
        duckdb_destroy_prepare(&prepared);
    }
    duckdb_destroy_extracted(&statements);
    if (out_rows)
        *out_rows = status == RG_OK ? rows : 0;
    return status;
}

static const struct {
    duckdb_statement_type type;
    const char *what;
} statement_names[] = {
    {DUCKDB_STATEMENT_TYPE_SELECT, "SELECT"}, {DUCKDB_STATEMENT_TYPE_INSERT, "INSERT"},
    {DUCKDB_STATEMENT_TYPE_UPDATE, "UPDATE"}, {DUCKDB_STATEMENT_TYPE_EXPLAIN, "EXPLAIN"},
    {DUCKDB_STATEMENT_TYPE_DELETE, "DELETE"}, {DUCKDB_STATEMENT_TYPE_CREATE, "CREATE"},
    {DUCKDB_STATEMENT_TYPE_ALTER, "ALTER"},   {DUCKDB_STATEMENT_TYPE_COPY, "COPY"},
    {DUCKDB_STATEMENT_TYPE_EXPORT, "EXPORT"}, {DUCKDB_STATEMENT_TYPE_PRAGMA, "PRAGMA"},
    {DUCKDB_STATEMENT_TYPE_CALL, "CALL"},     {DUCKDB_STATEMENT_TYPE_SET, "SET"},
    {DUCKDB_STATEMENT_TYPE_LOAD, "LOAD"},     {DUCKDB_STATEMENT_TYPE_DROP, "DROP"},
    {DUCKDB_STATEMENT_TYPE_ATTACH, "ATTACH"}, {DUCKDB_STATEMENT_TYPE_DETACH, "DETACH"},
    {DUCKDB_STATEMENT_TYPE_VACUUM, "VACUUM"},
};

static const char *statement_name(duckdb_statement_type type)
{
    for (size_t i = 0; i < sizeof statement_names / sizeof *statement_names; i++) {
        if (statement_names[i].type == type)
            return statement_names[i].what;
    }
    return "a statement of another kind";
}

static enum rg_status prepare_one(const struct runner *runner, struct str sql,
                                  duckdb_statement_type wanted,
                                  duckdb_prepared_statement *out_prepared, struct rg_error *err)
{
    duckdb_extracted_statements statements;
    idx_t count;
    *out_prepared = NULL;
    enum rg_status status = statements_extract(runner, sql, &statements, &count, err);
    if (status != RG_OK)
        return status;
    if (count == 0)
        status = error_set(err, runner->wrong_text, "engine", "there is no statement");
    else if (count > 1)
        status = error_set(err, runner->wrong_text, "engine",
                           "%llu statements where exactly one %s is expected",
                           (unsigned long long)count, statement_name(wanted));
    else
        status = statement_prepare(runner, statements, 0, sql, out_prepared, err);
    if (status == RG_OK) {
        duckdb_statement_type type = duckdb_prepared_statement_type(*out_prepared);
        if (type != wanted) {
            duckdb_destroy_prepare(out_prepared);
            status =
                error_set(err, runner->wrong_text, "engine", "%s where exactly one %s is expected",
                          statement_name(type), statement_name(wanted));
        }
    }
    duckdb_destroy_extracted(&statements);
    return status;
}

enum rg_status runner_prepare_select(const struct runner *runner, struct str sql,
                                     duckdb_prepared_statement *out_prepared, struct rg_error *err)
{
    return prepare_one(runner, sql, DUCKDB_STATEMENT_TYPE_SELECT, out_prepared, err);
}

enum rg_status runner_prepare_explain(const struct runner *runner, struct str sql,
                                      duckdb_prepared_statement *out_prepared, struct rg_error *err)
{
    return prepare_one(runner, sql, DUCKDB_STATEMENT_TYPE_EXPLAIN, out_prepared, err);
}
