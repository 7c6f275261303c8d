/* Appending: a batch's columns are the vectors of an engine chunk, so a row is written once before
 * the engine copies it into its row groups. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "engine/duckdb/engine_error.h"
#include "engine/duckdb/engine_newer.h"
#include "engine/duckdb/store_inside.h"

/* The engine stores row groups of 122,880 rows. An appender left to itself flushes after 204,800:
 * each flush then leaves a part of a group, which costs memory until it is written again at the
 * checkpoint. Flushing whole groups took a sixth less time and half the memory, in a file. */
#define FLUSH_ROWS (60 * BATCH_ROWS)
/* What the appenders of a thread may hold back together is outside the engine's memory limit: this
 * part of it, and no more than the maximum. */
#define BUFFER_SHARE 16
#define BUFFER_MIN   ((uint64_t)8 << 20)
#define BUFFER_MAX   ((uint64_t)128 << 20)

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
    struct appender_set *set;
    duckdb_appender handle;
    duckdb_data_chunk chunk;
    uint64_t row_bytes; /* about */
    uint64_t unflushed; /* rows */
};

struct appender_set {
    /* Where the values of columns go that are left out. */
    struct batch_text_cell nowhere[BATCH_ROWS];
    uint64_t nowhere_validity[BATCH_ROWS / 64];
    struct store *store;
    struct runner runner;
    struct rg_error error;     /* of the first batch that failed */
    uint64_t bytes, bytes_max; /* held back by all appenders */
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

/* How many columns of a set come before one. */
static idx_t count_before(uint64_t set, unsigned column)
{
    return (idx_t)__builtin_popcountll(set & ((UINT64_C(1) << column) - 1));
}

/* Where the values of a column go that is stored: what is packed are the fields of the last vector.
 */
static duckdb_vector column_vector(const struct appender *appender, unsigned column)
{
    const struct table_spec *table = appender->batch.table;
    uint64_t packed = table_packed(table), plain = ~packed & ~table->left_out;
    if (!(packed >> column & 1))
        return duckdb_data_chunk_get_vector(appender->chunk, count_before(plain, column));
    duckdb_vector fields = duckdb_data_chunk_get_vector(
        appender->chunk, duckdb_data_chunk_get_column_count(appender->chunk) - 1);
    return duckdb_struct_vector_get_child(fields, count_before(packed, column));
}

/* The columns of the batch after the chunk was made or emptied. */
static void batch_point(struct appender *appender)
{
    struct batch *batch = &appender->batch;
    for (unsigned i = 0; i < batch->table->n_columns; i++) {
        struct batch_column *column = &batch->columns[i];
        bool left_out = batch->table->left_out >> i & 1;
        column->data =
            left_out ? appender->set->nowhere : duckdb_vector_get_data(column_vector(appender, i));
        column->validity = left_out ? appender->set->nowhere_validity : NULL;
    }
    batch->rows = 0;
    arena_clear(&batch->texts);
}

void batch_need_validity(struct batch *batch, unsigned column)
{
    duckdb_vector vector = column_vector(batch->appender, column);
    duckdb_vector_ensure_validity_writable(vector);
    batch->columns[column].validity = duckdb_vector_get_validity(vector);
}

static void appender_flush(struct appender *appender)
{
    struct batch *batch = &appender->batch;
    appender->set->bytes -= appender->unflushed * appender->row_bytes;
    appender->unflushed = 0;
    if (duckdb_appender_flush(appender->handle) != DuckDBSuccess && batch->status == RG_OK)
        batch->status = appender_error(appender, batch->error);
}

static struct appender *appender_largest(struct appender_set *set)
{
    struct appender *largest = &set->appenders[0];
    for (size_t i = 1; i < set->n_appenders; i++) {
        struct appender *other = &set->appenders[i];
        if (other->unflushed * other->row_bytes > largest->unflushed * largest->row_bytes)
            largest = other;
    }
    return largest;
}

static void appender_send(struct appender *appender)
{
    struct batch *batch = &appender->batch;
    struct appender_set *set = appender->set;
    duckdb_data_chunk_set_size(appender->chunk, batch->rows);
    if (duckdb_append_data_chunk(appender->handle, appender->chunk) != DuckDBSuccess) {
        batch->status = appender_error(appender, batch->error);
        return;
    }
    batch->rows_total += batch->rows;
    appender->unflushed += batch->rows;
    set->bytes += batch->rows * appender->row_bytes;
    if (appender->unflushed >= FLUSH_ROWS)
        appender_flush(appender);
    else if (set->bytes > set->bytes_max)
        appender_flush(appender_largest(set));
}

void batch_send(struct batch *batch)
{
    struct appender *appender = batch->appender;
    if (batch->status == RG_OK && batch->rows)
        appender_send(appender);
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

/* Bytes of a value while it is held back; of a text, of a short one. */
static uint64_t column_bytes(enum column_type type)
{
    switch (type) {
    case COLUMN_BOOL:
        return 1;
    case COLUMN_ENUM:
        return 2;
    case COLUMN_INT32:
        return 4;
    case COLUMN_INT64:
    case COLUMN_DOUBLE:
        return 8;
    case COLUMN_TEXT:
        return 24;
    }
    return 8;
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

/* Compares every stored column with the engine's types of the table; the last one has the fields.
 */
static enum rg_status columns_check(struct appender *appender, const duckdb_logical_type *types,
                                    unsigned n_types, struct rg_error *err)
{
    const struct table_spec *table = appender->batch.table;
    uint64_t packed = table_packed(table), plain = ~packed & ~table->left_out;
    enum rg_status status = RG_OK;
    for (unsigned i = 0; i < table->n_columns && status == RG_OK; i++) {
        appender->batch.columns[i].enum_bytes = 1; /* where it is left out */
        if (packed >> i & 1) {
            duckdb_logical_type field =
                duckdb_struct_type_child_type(types[n_types - 1], count_before(packed, i));
            status = column_check(&appender->batch, i, field, err);
            duckdb_destroy_logical_type(&field);
        } else if (plain >> i & 1) {
            status = column_check(&appender->batch, i, types[count_before(plain, i)], err);
        }
    }
    return status;
}

static enum rg_status appender_create(struct appender *appender, struct rg_error *err)
{
    struct buffer name = {0};
    table_print_stored(&name, appender->batch.table);
    char *text = buffer_take(&name);
    if (!text)
        return error_no_memory(err, "engine");
    duckdb_state state =
        duckdb_appender_create(appender->set->runner.connection, NULL, text, &appender->handle);
    free(text);
    return state == DuckDBSuccess ? RG_OK : appender_error(appender, err);
}

static enum rg_status appender_open(struct appender_set *set, struct appender *appender,
                                    const struct table_spec *table, struct rg_error *err)
{
    unsigned n = table->n_columns, stored = 0;
    uint64_t packed = table_packed(table);
    RG_ASSERT(n > 0 && n <= 64);
    struct batch *batch = &appender->batch;
    *batch = (struct batch){.table = table, .appender = appender, .error = &set->error};
    appender->set = set;
    for (unsigned i = 0; i < n; i++) {
        if (table->left_out >> i & 1)
            continue;
        appender->row_bytes += column_bytes(table->columns[i].type);
        stored += !(packed >> i & 1);
    }
    stored += packed != 0;
    duckdb_logical_type *types = calloc(n, sizeof *types);
    batch->columns = calloc(n, sizeof *batch->columns);
    enum rg_status status =
        types && batch->columns ? appender_create(appender, err) : error_no_memory(err, "engine");
    if (status != RG_OK)
        goto out;
    if (duckdb_appender_column_count(appender->handle) != stored) {
        status = error_set(err, RG_ERR_INTERNAL, "engine",
                           "table %s has another shape in the store", table->name);
        goto out;
    }
    for (unsigned i = 0; i < stored; i++)
        types[i] = duckdb_appender_column_type(appender->handle, i);
    status = columns_check(appender, types, stored, err);
    if (status != RG_OK)
        goto out;
    appender->chunk = duckdb_create_data_chunk(types, stored);
    if (!appender->chunk) {
        status = error_no_memory(err, "engine");
        goto out;
    }
    batch_point(appender);
out:
    for (unsigned i = 0; types && i < stored; i++)
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
    const struct settings *settings = &store->session->settings;
    uint64_t share = settings->memory_limit_bytes / BUFFER_SHARE / (settings->extract_threads + 1);
    set->bytes_max = share < BUFFER_MIN ? BUFFER_MIN : share > BUFFER_MAX ? BUFFER_MAX : share;
    enum rg_status status = store_acquire(store, &set->runner, err);
    while (status == RG_OK && set->n_appenders < n_tables) {
        size_t at = set->n_appenders++;
        if (!table_is_left_out(&tables[at]))
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
    return set->appenders[table].handle ? &set->appenders[table].batch : NULL;
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
        if (batch->status == RG_OK && appender->handle &&
            duckdb_appender_close(appender->handle) != DuckDBSuccess)
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
