/* Bulk results read in place: the vectors of each chunk, without a conversion between. */
#include "base/error.h"
#include "engine/duckdb/store_inside.h"

static enum rg_status columns_check(duckdb_prepared_statement prepared, struct rg_error *err)
{
    idx_t n = duckdb_prepared_statement_column_count(prepared);
    if (n > STORE_BLOCK_COLUMNS)
        return error_set(err, RG_ERR_INTERNAL, "engine", "more than %d columns in a block",
                         STORE_BLOCK_COLUMNS);
    for (idx_t i = 0; i < n; i++)
        if (duckdb_prepared_statement_column_type(prepared, i) != DUCKDB_TYPE_BIGINT)
            return error_set(err, RG_ERR_INTERNAL, "engine", "column %d of a block is no BIGINT",
                             (int)i);
    return RG_OK;
}

/* Gives the chunk's rows away; a NULL is a fault of the query. */
static enum rg_status chunk_give(duckdb_data_chunk chunk, store_block_fn *take, void *context,
                                 struct rg_error *err)
{
    struct store_block block = {.rows = duckdb_data_chunk_get_size(chunk)};
    idx_t n = duckdb_data_chunk_get_column_count(chunk);
    for (idx_t i = 0; i < n; i++) {
        duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, i);
        uint64_t *validity = duckdb_vector_get_validity(vector);
        for (idx_t r = 0; validity && r < block.rows; r++)
            if (!duckdb_validity_row_is_valid(validity, r))
                return error_set(err, RG_ERR_INTERNAL, "engine", "column %d of a block has a NULL",
                                 (int)i);
        block.columns[i] = duckdb_vector_get_data(vector);
    }
    return take(context, &block, err);
}

static enum rg_status result_give(const struct runner *runner, duckdb_result *result,
                                  store_block_fn *take, void *context, struct rg_error *err)
{
    for (;;) {
        struct watch_guard guard;
        watch_enter(runner->watch, &guard, runner->connection, runner->deadline);
        duckdb_data_chunk chunk = duckdb_fetch_chunk(*result);
        enum watch_reason reason = watch_leave(runner->watch, &guard);
        const char *text = chunk ? NULL : duckdb_result_error(result);
        if (reason != WATCH_NOTHING || (text && *text)) {
            duckdb_destroy_data_chunk(&chunk);
            return runner_error(runner, reason, text, (struct str){0}, err);
        }
        if (!chunk)
            return RG_OK;
        bool empty = duckdb_data_chunk_get_size(chunk) == 0;
        enum rg_status status = empty ? RG_OK : chunk_give(chunk, take, context, err);
        duckdb_destroy_data_chunk(&chunk);
        if (status || empty)
            return status;
    }
}

enum rg_status store_blocks(struct store *store, struct str sql, store_block_fn *take,
                            void *context, struct rg_error *err)
{
    struct runner runner;
    duckdb_prepared_statement prepared = NULL;
    duckdb_result result = {0};
    enum rg_status status = store_acquire(store, &runner, err);
    if (status == RG_OK)
        status = runner_prepare_select(&runner, sql, &prepared, err);
    if (status == RG_OK)
        status = columns_check(prepared, err);
    if (status == RG_OK)
        status = runner_execute(&runner, prepared, true, sql, &result, err);
    if (status == RG_OK)
        status = result_give(&runner, &result, take, context, err);
    duckdb_destroy_result(&result);
    duckdb_destroy_prepare(&prepared);
    store_release(store, &runner);
    return status;
}
