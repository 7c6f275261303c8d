/* Small results as text. Texts and integers are copied as they come; where a result has a column of
 * another type, the engine is asked once more, for all of it cast to VARCHAR: planning a statement
 * costs more than most of these results. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "engine/duckdb/store_inside.h"

static bool is_plain(duckdb_type type)
{
    return type == DUCKDB_TYPE_VARCHAR || type == DUCKDB_TYPE_BIGINT || type == DUCKDB_TYPE_INTEGER;
}

static bool all_plain(duckdb_prepared_statement prepared)
{
    idx_t columns = duckdb_prepared_statement_column_count(prepared);
    for (idx_t i = 0; i < columns; i++)
        if (!is_plain(duckdb_prepared_statement_column_type(prepared, i)))
            return false;
    return true;
}

static enum rg_status names_copy(duckdb_prepared_statement prepared, struct arena *arena,
                                 struct text_table *table, struct rg_error *err)
{
    table->columns = duckdb_prepared_statement_column_count(prepared);
    table->names = ARENA_ARRAY(arena, table->columns, struct str);
    if (!table->names)
        return error_no_memory(err, "engine");
    for (size_t i = 0; i < table->columns; i++) {
        const char *name = duckdb_prepared_statement_column_name(prepared, i);
        table->names[i] = arena_str(arena, str_of(name ? name : ""));
        duckdb_free((void *)(uintptr_t)name);
        if (!table->names[i].ptr)
            return error_no_memory(err, "engine");
    }
    return RG_OK;
}

/* query() takes the SELECT as a literal, so that comments and semicolons at its end do no harm. */
static enum rg_status prepare_cast(const struct runner *runner, struct str sql,
                                   duckdb_prepared_statement *prepared, struct rg_error *err)
{
    struct buffer text = {0};
    duckdb_destroy_prepare(prepared);
    buffer_text(&text, "SELECT CAST(COLUMNS(*) AS VARCHAR) FROM query(");
    buffer_sql_text(&text, sql);
    buffer_text(&text, ")");
    enum rg_status status = text.failed
                                ? error_no_memory(err, "engine")
                                : runner_prepare_select(runner, buffer_view(&text), prepared, err);
    buffer_fini(&text);
    return status;
}

/* The text of a value that is not NULL; without memory, its ptr is NULL. */
static struct str value_text(duckdb_type type, void *values, idx_t row, struct arena *arena)
{
    char digits[24];
    if (type == DUCKDB_TYPE_VARCHAR) {
        duckdb_string_t *text = (duckdb_string_t *)values + row;
        return arena_str(arena,
                         (struct str){duckdb_string_t_data(text), duckdb_string_t_length(*text)});
    }
    RG_ASSERT(is_plain(type));
    int64_t value =
        type == DUCKDB_TYPE_BIGINT ? ((int64_t *)values)[row] : ((int32_t *)values)[row];
    snprintf(digits, sizeof digits, "%" PRId64, value);
    return arena_str(arena, str_of(digits));
}

static enum rg_status chunk_copy(duckdb_result *result, duckdb_data_chunk chunk, size_t columns,
                                 size_t first_row, struct arena *arena, struct str *cells,
                                 struct rg_error *err)
{
    idx_t rows = duckdb_data_chunk_get_size(chunk);
    RG_ASSERT(cells || rows == 0);
    for (size_t c = 0; c < columns; c++) {
        duckdb_type type = duckdb_column_type(result, c);
        duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, c);
        void *values = duckdb_vector_get_data(vector);
        uint64_t *validity = duckdb_vector_get_validity(vector);
        for (idx_t r = 0; r < rows; r++) {
            struct str *cell = &cells[(first_row + r) * columns + c];
            *cell = (struct str){0};
            if (validity && !duckdb_validity_row_is_valid(validity, r))
                continue;
            *cell = value_text(type, values, r, arena);
            if (!cell->ptr)
                return error_no_memory(err, "engine");
        }
    }
    return RG_OK;
}

static enum rg_status result_copy(duckdb_result *result, size_t rows_max, struct arena *arena,
                                  struct text_table *table, struct rg_error *err)
{
    duckdb_data_chunk chunk;
    size_t capacity = 0;
    while ((chunk = duckdb_fetch_chunk(*result))) {
        size_t rows = duckdb_data_chunk_get_size(chunk);
        enum rg_status status = RG_OK;
        if (table->rows + rows > rows_max) {
            status = error_set(err, RG_ERR_LIMIT, "engine", "the result has more than %zu rows",
                               rows_max);
        } else if (table->rows + rows > capacity) {
            capacity = (table->rows + rows) * 2;
            struct str *grown = arena_grow(arena, table->cells, table->rows * table->columns,
                                           capacity * table->columns, sizeof *grown);
            if (grown)
                table->cells = grown;
            else
                status = error_no_memory(err, "engine");
        }
        if (status == RG_OK)
            status =
                chunk_copy(result, chunk, table->columns, table->rows, arena, table->cells, err);
        duckdb_destroy_data_chunk(&chunk);
        if (status != RG_OK)
            return status;
        table->rows += rows;
    }
    return RG_OK;
}

enum rg_status runner_table(const struct runner *runner, struct str sql, size_t rows_max,
                            struct arena *arena, struct text_table *out_table, struct rg_error *err)
{
    duckdb_prepared_statement prepared = NULL;
    duckdb_result result = {0};
    *out_table = (struct text_table){0};
    enum rg_status status = runner_prepare_select(runner, sql, &prepared, err);
    if (status == RG_OK)
        status = names_copy(prepared, arena, out_table, err);
    if (status == RG_OK && !all_plain(prepared))
        status = prepare_cast(runner, sql, &prepared, err);
    if (status == RG_OK)
        status = runner_execute(runner, prepared, false, sql, &result, err);
    if (status == RG_OK)
        status = result_copy(&result, rows_max, arena, out_table, err);
    duckdb_destroy_result(&result);
    duckdb_destroy_prepare(&prepared);
    if (status != RG_OK)
        *out_table = (struct text_table){0};
    return status;
}

enum rg_status store_table(struct store *store, struct str sql, size_t rows_max,
                           struct arena *arena, struct text_table *out_table, struct rg_error *err)
{
    struct runner runner;
    *out_table = (struct text_table){0};
    enum rg_status status = store_acquire(store, &runner, err);
    if (status == RG_OK)
        status = runner_table(&runner, sql, rows_max, arena, out_table, err);
    store_release(store, &runner);
    return status;
}

static enum rg_status runner_explain(const struct runner *runner, struct str sql,
                                     struct arena *arena, struct str *out_text,
                                     struct rg_error *err)
{
    duckdb_prepared_statement prepared = NULL;
    duckdb_result result = {0};
    struct text_table table = {0};
    enum rg_status status = runner_prepare_explain(runner, sql, &prepared, err);
    if (status == RG_OK)
        status = names_copy(prepared, arena, &table, err);
    if (status == RG_OK)
        status = runner_execute(runner, prepared, false, sql, &result, err);
    if (status == RG_OK)
        status = result_copy(&result, 1, arena, &table, err);
    if (status == RG_OK && (table.rows != 1 || table.columns != 2 || !table.cells[1].ptr))
        status = error_set(err, RG_ERR_ENGINE, "engine", "the engine explains nothing");
    if (status == RG_OK)
        *out_text = table.cells[1];
    duckdb_destroy_result(&result);
    duckdb_destroy_prepare(&prepared);
    return status;
}

enum rg_status store_explain(struct store *store, struct str sql, bool analyze, struct arena *arena,
                             struct str *out_text, struct rg_error *err)
{
    struct runner runner;
    struct buffer text = {0};
    *out_text = (struct str){0};
    buffer_text(&text, analyze ? "EXPLAIN (ANALYZE, FORMAT JSON) " : "EXPLAIN ");
    buffer_str(&text, sql);
    enum rg_status status =
        text.failed ? error_no_memory(err, "engine") : store_acquire(store, &runner, err);
    if (status == RG_OK) {
        status = runner_explain(&runner, buffer_view(&text), arena, out_text, err);
        store_release(store, &runner);
    }
    buffer_fini(&text);
    return status;
}

enum rg_status store_int64(struct store *store, struct str sql, int64_t *out_value,
                           struct rg_error *err)
{
    struct arena arena = {0};
    struct text_table table;
    *out_value = 0;
    enum rg_status status = store_table(store, sql, 1, &arena, &table, err);
    if (status == RG_OK) {
        char *end = NULL;
        errno = 0;
        if (table.rows == 1 && table.columns == 1 && table.cells[0].ptr)
            *out_value = strtoll(table.cells[0].ptr, &end, 10);
        if (!end || *end || errno)
            status = error_set(err, RG_ERR_INTERNAL, "engine", "one integer was expected");
    }
    if (status != RG_OK)
        *out_value = 0;
    arena_fini(&arena);
    return status;
}
