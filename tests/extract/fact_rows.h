/* For tests: fact rows in memory, without an engine. Defines the engine's side of a batch
 * (batch.h), so a program that includes this uses no store. */
#ifndef TESTS_FACT_ROWS_H
#define TESTS_FACT_ROWS_H

#include <stdlib.h>

#include "extract/syntax.h"

struct fact_rows_table {
    struct batch batch; /* first: batch_send gets this */
    char **columns;     /* values of all rows sent so far, as in the batch */
    size_t rows, capacity;
};

struct fact_rows {
    struct fact_rows_table tables[FACT_COUNT];
    struct fact_sink sink;
    struct arena arena;
};

static size_t fact_value_size(enum column_type type)
{
    switch (type) {
    case COLUMN_INT64:
        return sizeof(int64_t);
    case COLUMN_INT32:
        return sizeof(int32_t);
    case COLUMN_BOOL:
        return sizeof(bool);
    case COLUMN_DOUBLE:
        return sizeof(double);
    case COLUMN_TEXT:
        return sizeof(struct batch_text_cell);
    default:
        return sizeof(uint16_t);
    }
}

void batch_send(struct batch *batch)
{
    struct fact_rows_table *table = (struct fact_rows_table *)batch;
    while (table->rows + batch->rows > table->capacity || !table->capacity)
        table->capacity = table->capacity ? table->capacity * 2 : BATCH_ROWS;
    for (unsigned c = 0; c < batch->table->n_columns; c++) {
        size_t size = fact_value_size(batch->table->columns[c].type);
        table->columns[c] = realloc(table->columns[c], table->capacity * size);
        if (!table->columns[c])
            abort();
        memcpy(table->columns[c] + table->rows * size, batch->columns[c].data, batch->rows * size);
    }
    table->rows += batch->rows;
    batch->rows = 0;
}

/* NULL is what the row held: NULL_INT32, NULL_INT64, a text without a pointer. */
void batch_need_validity(struct batch *batch, unsigned column)
{
    (void)batch;
    (void)column;
}

static void fact_rows_init(struct fact_rows *rows)
{
    *rows = (struct fact_rows){0};
    for (size_t t = 0; t < FACT_COUNT; t++) {
        const struct table_spec *spec = &fact_tables[t];
        struct batch *batch = &rows->tables[t].batch;
        batch->table = spec;
        batch->columns = ARENA_ARRAY(&rows->arena, spec->n_columns, struct batch_column);
        rows->tables[t].columns = ARENA_ARRAY(&rows->arena, spec->n_columns, char *);
        if (!batch->columns || !rows->tables[t].columns)
            abort();
        for (unsigned c = 0; c < spec->n_columns; c++) {
            batch->columns[c].data =
                arena_array(&rows->arena, BATCH_ROWS, fact_value_size(spec->columns[c].type));
            batch->columns[c].enum_bytes = 2;
            if (!batch->columns[c].data)
                abort();
        }
        rows->sink.batches[t] = batch;
    }
}

/* Forgets the rows, keeps the memory. */
static void fact_rows_clear(struct fact_rows *rows)
{
    for (size_t t = 0; t < FACT_COUNT; t++) {
        rows->tables[t].rows = 0;
        rows->tables[t].batch.rows = 0;
        arena_clear(&rows->tables[t].batch.texts);
    }
}

static void fact_rows_fini(struct fact_rows *rows)
{
    for (size_t t = 0; t < FACT_COUNT; t++) {
        for (unsigned c = 0; c < fact_tables[t].n_columns; c++)
            free(rows->tables[t].columns[c]);
        arena_fini(&rows->tables[t].batch.texts);
    }
    arena_fini(&rows->arena);
}

/* Call after extracting: what is still in the batches becomes rows. */
static void fact_rows_flush(struct fact_rows *rows)
{
    for (size_t t = 0; t < FACT_COUNT; t++)
        batch_send(&rows->tables[t].batch);
}

static size_t fact_rows_count(const struct fact_rows *rows, enum fact_table table)
{
    return rows->tables[table].rows;
}

/* All values of a column, by its name in datasets.sql. */
static void *fact_column(const struct fact_rows *rows, enum fact_table table, const char *name)
{
    for (unsigned c = 0; c < fact_tables[table].n_columns; c++)
        if (strcmp(fact_tables[table].columns[c].name, name) == 0)
            return rows->tables[table].columns[c];
    abort();
}

#endif
