/* A column batch: rows of one fact table on their way into the engine. One thread at a time. The
 * columns are the engine's own vectors, so that a row is written once. */
#ifndef ENGINE_BATCH_H
#define ENGINE_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

enum column_type {
    COLUMN_INT64,
    COLUMN_INT32,
    COLUMN_BOOL,
    COLUMN_DOUBLE,
    COLUMN_TEXT,
    COLUMN_ENUM /* number in a vocabulary */
};

struct column_spec {
    const char *name;
    enum column_type type;
    const char *type_name; /* in datasets.sql: BIGINT, …, or the vocabulary's name */
    bool not_null;
};

struct table_spec {
    const char *name;
    const struct column_spec *columns;
    unsigned n_columns;
    const char *ids;   /* comma-separated columns that hold node ids */
    uint64_t left_out; /* bit i: column i is not stored; all of them: there is no such table */
    /* Bit i: column i is stored as a field of one STRUCT, behind a view that has the table's name.
     * The engine scans and filters fields as it does columns, and keeps no statistics of distinct
     * values for them, which were a third of what storing a row costs. */
    uint64_t packed;
};

/* What is packed of what is stored. */
static inline uint64_t table_packed(const struct table_spec *table)
{
    return table->packed & ~table->left_out;
}

static inline bool table_is_left_out(const struct table_spec *table)
{
    return table->n_columns && table->left_out == UINT64_MAX >> (64 - table->n_columns);
}

/* The values of an enum type; values is NULL for the ones that the grammars fill. */
struct vocabulary {
    const char *name;
    const char *const *values;
    unsigned count;
};

/* What a nullable column takes for NULL. A text is NULL where its ptr is. */
#define NULL_INT32 INT32_MIN
#define NULL_INT64 INT64_MIN
#define NULL_ENUM  UINT16_MAX

enum { BATCH_ROWS = 2048 };

struct batch_column {
    void *data;         /* int64_t[], int32_t[], bool[], double[], text cells, or numbers */
    uint64_t *validity; /* bit 1: not NULL; NULL until the first NULL of this batch */
    uint8_t enum_bytes; /* 1 or 2 */
};

/* The published 16-byte layout of a text cell: inline up to 12 bytes, else a prefix and a pointer.
 */
struct batch_text_cell {
    uint32_t length;
    char head[4];
    union {
        char tail[8];
        const char *pointer;
    } rest;
};

struct batch {
    struct batch_column *columns;
    uint32_t rows;
    uint64_t rows_total; /* appended since it was opened, for the check against the store */
    struct arena texts;  /* bytes of long texts of this batch */
    const struct table_spec *table;
    struct appender *appender;
    enum rg_status status;  /* sticky: the first failure */
    struct rg_error *error; /* of the appender; details of that failure */
};

/* Sends the rows to the engine and empties the batch. Failures stick in batch->status. */
void batch_send(struct batch *batch);
/* Makes the validity mask of a column. */
void batch_need_validity(struct batch *batch, unsigned column);

/* The number of a new row; sends the batch first where it is full. */
static inline uint32_t batch_row(struct batch *batch)
{
    if (batch->rows == BATCH_ROWS)
        batch_send(batch);
    return batch->rows++;
}

static inline void batch_null(struct batch *batch, unsigned column, uint32_t row)
{
    struct batch_column *c = &batch->columns[column];
    if (!c->validity)
        batch_need_validity(batch, column);
    if (c->validity)
        c->validity[row / 64] &= ~(UINT64_C(1) << (row % 64));
}

static inline void batch_int64(struct batch *batch, unsigned column, uint32_t row, int64_t value)
{
    ((int64_t *)batch->columns[column].data)[row] = value;
}

static inline void batch_int64_null(struct batch *batch, unsigned column, uint32_t row,
                                    int64_t value)
{
    batch_int64(batch, column, row, value);
    if (value == NULL_INT64)
        batch_null(batch, column, row);
}

static inline void batch_int32(struct batch *batch, unsigned column, uint32_t row, int32_t value)
{
    ((int32_t *)batch->columns[column].data)[row] = value;
}

static inline void batch_int32_null(struct batch *batch, unsigned column, uint32_t row,
                                    int32_t value)
{
    batch_int32(batch, column, row, value);
    if (value == NULL_INT32)
        batch_null(batch, column, row);
}

static inline void batch_bool(struct batch *batch, unsigned column, uint32_t row, bool value)
{
    ((bool *)batch->columns[column].data)[row] = value;
}

static inline void batch_double(struct batch *batch, unsigned column, uint32_t row, double value)
{
    ((double *)batch->columns[column].data)[row] = value;
}

static inline void batch_enum(struct batch *batch, unsigned column, uint32_t row, uint16_t value)
{
    struct batch_column *c = &batch->columns[column];
    if (c->enum_bytes == 1)
        ((uint8_t *)c->data)[row] = (uint8_t)value;
    else
        ((uint16_t *)c->data)[row] = value;
}

static inline void batch_enum_null(struct batch *batch, unsigned column, uint32_t row,
                                   uint16_t value)
{
    if (value == NULL_ENUM) {
        batch_enum(batch, column, row, 0);
        batch_null(batch, column, row);
    } else {
        batch_enum(batch, column, row, value);
    }
}

/* Copies the bytes, which must be valid UTF-8 (the engine would turn others into NULL silently). */
static inline void batch_text(struct batch *batch, unsigned column, uint32_t row, struct str text)
{
    struct batch_text_cell *cell = (struct batch_text_cell *)batch->columns[column].data + row;
    if (!text.ptr) {
        *cell = (struct batch_text_cell){0};
        batch_null(batch, column, row);
        return;
    }
    cell->length = (uint32_t)text.len;
    if (text.len <= 12) {
        char *inlined = (char *)cell + offsetof(struct batch_text_cell, head);
        memset(inlined, 0, 12);
        memcpy(inlined, text.ptr, text.len);
    } else {
        char *copy = arena_room(&batch->texts, text.len);
        if (!copy) {
            if (batch->status == RG_OK)
                batch->status = error_no_memory(batch->error, "engine");
            *cell = (struct batch_text_cell){0};
            return;
        }
        memcpy(copy, text.ptr, text.len);
        memcpy(cell->head, copy, 4);
        cell->rest.pointer = copy;
    }
}

#endif
