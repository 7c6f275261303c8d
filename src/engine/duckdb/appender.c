/* Appending: a batch's columns are the vectors of an engine chunk, so a row is written once before
 * the engine copies it into its row groups. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "engine/duckdb/engine_error.h"
#include "engine/duckdb/engine_newer.h"
#include "engine/duckdb/store_inside.h"

/* batch.h writes text cells itself, without a call into the engine for each. */
_Static_assert(sizeof(struct batch_text_cell) == sizeof(duckdb_string_t), "text cell size");
_Static_assert(offsetof(struct batch_text_cell, head) ==
                   offsetof(duckdb_string_t, value.pointer.prefix),
               "text cell prefix");
_Static_assert(offsetof(struct batch_text_cell, rest) ==
                   offsetof(duckdb_string_t, value.pointer.ptr),
               "text cell pointer");
_Static_assert(offsetof(struct batch_text_cell, head) ==
                   offsetof(duckdb_string_t, value.inlined.inlined),
               "inlined text");

struct appender {
    struct batch batch;
    duckdb_appender handle;
    duckdb_data_chunk chunk;
};

struct appender_set {
    struct store *store;
    struct runner runner;
    struct rg_error error; /* of the first batch that failed */
    size_t n_appenders;
    struct appender appenders[];
};

static enum rg_status appender_error(struct appender *appender, struct rg_error *err)
{
    engine_error(err, duckdb_appender_error(appender->handle), (struct str){0}, RG_ERR_ENGINE);
    if (err) {
        char message[sizeof err->message];
        memcpy(message, err->message, sizeof message);
        snprintf(err->message, sizeof err->message, "table %s: %.900s", appender->batch.table->name,
                 message);
        return err->status;
    }
    return RG_ERR_ENGINE;
}

/* The columns of the batch after the chunk was made or emptied. */
static void batch_point(struct appender *appender)
{
    struct batch *batch = &appender->batch;
    for (unsigned i = 0; i < batch->table->n_columns; i++) {
        batch->columns[i].data =
            duckdb_vector_get_data(duckdb_data_chunk_get_vector(appender->chunk, i));
        batch->columns[i].validity = NULL;
    }
    batch->rows = 0;
    arena_clear(&batch->texts);
}

void batch_need_validity(struct batch *batch, unsigned column)
{
    duckdb_vector vector = duckdb_data_chunk_get_vector(batch->appender->chunk, column);
    duckdb_vector_ensure_validity_writable(vector);
    batch->columns[column].validity = duckdb_vector_get_validity(vector);
}

void batch_send(struct batch *batch)
{
    struct appender *appender = batch->appender;
    if (batch->status == RG_OK && batch->rows) {
        duckdb_data_chunk_set_size(appender->chunk, batch->rows);
        if (duckdb_append_data_chunk(appender->handle, appender->chunk) == DuckDBSuccess)
            batch->rows_total += batch->rows;
        else
            batch->status = appender_error(appender, batch->error);
    }
    duckdb_data_chunk_reset(appender->chunk);
    batch_point(appender);
}

/* How the engine stores a column of ours. */
static duckdb_type column_engine_type(enum column_type type)
{
    switch (type) {
    case COLUMN_INT64:
        return DUCKDB_TYPE_BIGINT;
    case COLUMN_INT32:
        return DUCKDB_TYPE_INTEGER;
    case COLUMN_BOOL:
        return DUCKDB_TYPE_BOOLEAN;
    case COLUMN_DOUBLE:
        return DUCKDB_TYPE_DOUBLE;
    case COLUMN_TEXT:
        return DUCKDB_TYPE_VARCHAR;
    case COLUMN_ENUM:
        return DUCKDB_TYPE_ENUM;
    }
    return DUCKDB_TYPE_INVALID;
}

static enum rg_status column_check(struct batch *batch, unsigned index, duckdb_logical_type type,
                                   struct rg_error *err)
{
    const struct column_spec *column = &batch->table->columns[index];
    if (duckdb_get_type_id(type) != column_engine_type(column->type))
        return error_set(err, RG_ERR_INTERNAL, "engine",
                         "column %s.%s has another type in the store", batch->table->name,
                         column->name);
    if (column->type != COLUMN_ENUM)
        return RG_OK;
    switch (duckdb_enum_internal_type(type)) {
    case DUCKDB_TYPE_UTINYINT:
        batch->columns[index].enum_bytes = 1;
        return RG_OK;
    case DUCKDB_TYPE_USMALLINT:
        batch->columns[index].enum_bytes = 2;
        return RG_OK;
    default:
        return error_set(err, RG_ERR_LIMIT, "engine",
                         "the vocabulary %s has more than 65,535 values", column->type_name);
    }
}

static enum rg_status appender_open(struct appender_set *set, struct appender *appender,
                                    const struct table_spec *table, struct rg_error *err)
{
    unsigned n = table->n_columns;
    enum rg_status status = RG_OK;
    struct batch *batch = &appender->batch;
    *batch = (struct batch){.table = table, .appender = appender, .error = &set->error};
    duckdb_logical_type *types = calloc(n, sizeof *types);
    batch->columns = calloc(n, sizeof *batch->columns);
    if (!types || !batch->columns) {
        status = error_no_memory(err, "engine");
        goto out;
    }
    if (duckdb_appender_create(set->runner.connection, NULL, table->name, &appender->handle) !=
        DuckDBSuccess) {
        status = appender_error(appender, err);
        goto out;
    }
    if (duckdb_appender_column_count(appender->handle) != n) {
        status = error_set(err, RG_ERR_INTERNAL, "engine",
                           "table %s has another shape in the store", table->name);
        goto out;
    }
    for (unsigned i = 0; i < n && status == RG_OK; i++) {
        types[i] = duckdb_appender_column_type(appender->handle, i);
        status = column_check(batch, i, types[i], err);
    }
    if (status != RG_OK)
        goto out;
    appender->chunk = duckdb_create_data_chunk(types, n);
    if (!appender->chunk) {
        status = error_no_memory(err, "engine");
        goto out;
    }
    batch_point(appender);
out:
    for (unsigned i = 0; types && i < n; i++)
        duckdb_destroy_logical_type(&types[i]);
    free(types);
    return status;
}

enum rg_status appender_set_open(struct store *store, const struct table_spec *tables,
                                 size_t n_tables, struct appender_set **out_set,
                                 struct rg_error *err)
{
    RG_ASSERT(duckdb_vector_size() == BATCH_ROWS);
    *out_set = NULL;
    struct appender_set *set = calloc(1, sizeof *set + n_tables * sizeof set->appenders[0]);
    if (!set)
        return error_no_memory(err, "engine");
    set->store = store;
    enum rg_status status = store_acquire(store, &set->runner, err);
    while (status == RG_OK && set->n_appenders < n_tables) {
        size_t at = set->n_appenders++;
        status = appender_open(set, &set->appenders[at], &tables[at], err);
    }
    if (status != RG_OK) {
        appender_set_close(set);
        return status;
    }
    *out_set = set;
    return RG_OK;
}

struct batch *appender_set_batch(struct appender_set *set, size_t table)
{
    RG_ASSERT(table < set->n_appenders);
    return &set->appenders[table].batch;
}

enum rg_status appender_set_finish(struct appender_set *set, uint64_t *out_rows,
                                   struct rg_error *err)
{
    enum rg_status status = RG_OK;
    for (size_t i = 0; status == RG_OK && i < set->n_appenders; i++) {
        struct appender *appender = &set->appenders[i];
        struct batch *batch = &appender->batch;
        if (batch->status == RG_OK && batch->rows)
            batch_send(batch);
        if (batch->status == RG_OK && duckdb_appender_close(appender->handle) != DuckDBSuccess)
            batch->status = appender_error(appender, &set->error);
        status = batch->status;
        if (out_rows)
            out_rows[i] = batch->rows_total;
    }
    if (status != RG_OK && err)
        *err = set->error;
    return status;
}

/* Destroying an appender would flush it; what is not finished is to be dropped. */
void appender_set_close(struct appender_set *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->n_appenders; i++) {
        struct appender *appender = &set->appenders[i];
        if (appender->handle) {
            duckdb_appender_clear(appender->handle);
            duckdb_appender_destroy(&appender->handle);
        }
        duckdb_destroy_data_chunk(&appender->chunk);
        arena_fini(&appender->batch.texts);
        free(appender->batch.columns);
    }
    store_release(set->store, &set->runner);
    free(set);
}
