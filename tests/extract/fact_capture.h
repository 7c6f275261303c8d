/* Facts of a text in memory: batches of plain arrays whose rows are written down as text when they are sent,
 * `table column=value …` a line, NULLs left out. */
#ifndef TESTS_FACT_CAPTURE_H
#define TESTS_FACT_CAPTURE_H

#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "extract/syntax.h"

static struct {
    struct buffer text;
    const struct vocabulary *kinds, *fields;
} capture_to;

static inline void capture_enum(struct buffer *out, const struct column_spec *column, uint16_t value)
{
    const char *const *values = NULL;
    if (strcmp(column->type_name, "syntax_kind") == 0)
        values = capture_to.kinds->values;
    else if (strcmp(column->type_name, "syntax_field") == 0)
        values = capture_to.fields->values;
    for (const struct vocabulary *v = fact_vocabularies; !values && v->name; v++)
        if (strcmp(v->name, column->type_name) == 0)
            values = v->values;
    buffer_text(out, values[value]);
}

static inline void capture_cell(struct buffer *out, const struct batch *batch, unsigned column,
                                uint32_t row)
{
    const struct column_spec *spec = &batch->table->columns[column];
    const struct batch_column *c = &batch->columns[column];
    if (!(c->validity[row / 64] >> (row % 64) & 1))
        return;
    buffer_printf(out, " %s=", spec->name);
    switch (spec->type) {
    case COLUMN_INT64:
        buffer_printf(out, "%lld", (long long)((int64_t *)c->data)[row]);
        break;
    case COLUMN_INT32:
        buffer_printf(out, "%d", (int)((int32_t *)c->data)[row]);
        break;
    case COLUMN_BOOL:
        buffer_text(out, ((bool *)c->data)[row] ? "true" : "false");
        break;
    case COLUMN_ENUM:
        capture_enum(out, spec, ((uint16_t *)c->data)[row]);
        break;
    case COLUMN_TEXT: {
        const struct batch_text_cell *cell = (struct batch_text_cell *)c->data + row;
        const char *text = cell->length <= 12 ? (const char *)cell + 4 : cell->rest.pointer;
        buffer_append(out, text, cell->length);
        break;
    }
    default:
        break;
    }
}

/* Stand in for the engine's. */
__attribute__((weak)) void batch_need_validity(struct batch *batch, unsigned column);
__attribute__((weak)) void batch_need_validity(struct batch *batch, unsigned column)
{
    (void)batch, (void)column;
}
__attribute__((weak)) void batch_send(struct batch *batch);
__attribute__((weak)) void batch_send(struct batch *batch)
{
    for (uint32_t row = 0; row < batch->rows; row++) {
        buffer_text(&capture_to.text, batch->table->name);
        for (unsigned c = 0; c < batch->table->n_columns; c++)
            if (strcmp(batch->table->columns[c].name, "file_id") != 0)
                capture_cell(&capture_to.text, batch, c, row);
        buffer_char(&capture_to.text, '\n');
    }
    for (unsigned c = 0; c < batch->table->n_columns; c++)
        memset(batch->columns[c].validity, 0xFF, BATCH_ROWS / 8);
    batch->rows_total += batch->rows;
    batch->rows = 0;
    arena_clear(&batch->texts);
}

struct capture {
    struct fact_sink sink;
    struct arena arena;
    struct vocabulary kinds, fields;
};

static inline void capture_init(struct capture *capture)
{
    *capture = (struct capture){0};
    if (language_kinds(&capture->arena, &capture->kinds, NULL) != RG_OK ||
        language_fields(&capture->arena, &capture->fields, NULL) != RG_OK)
        abort();
    for (size_t t = 0; t < FACT_COUNT; t++) {
        struct batch *batch = ARENA_NEW(&capture->arena, struct batch);
        batch->table = &fact_tables[t];
        batch->columns = ARENA_ARRAY(&capture->arena, batch->table->n_columns, struct batch_column);
        for (unsigned c = 0; c < batch->table->n_columns; c++) {
            struct batch_column *column = &batch->columns[c];
            column->data = arena_alloc(&capture->arena, BATCH_ROWS * sizeof(struct batch_text_cell));
            column->validity = arena_alloc(&capture->arena, BATCH_ROWS / 8);
            memset(column->validity, 0xFF, BATCH_ROWS / 8);
            column->enum_bytes = 2;
        }
        capture->sink.batches[t] = batch;
    }
}

static inline void capture_fini(struct capture *capture)
{
    for (size_t t = 0; t < FACT_COUNT; t++)
        arena_fini(&capture->sink.batches[t]->texts);
    arena_fini(&capture->arena);
}

/* The facts of a source text; the caller frees. NULL where extraction failed or skipped it. */
static inline char *capture_facts(struct capture *capture, struct syntax_worker *worker,
                                  const char *text, size_t size, struct syntax_outcome *outcome)
{
    struct source source;
    struct scan_file file = {.path = STR("t.py"), .file_id = 1, .language = &languages[0]};
    if (source_from_bytes(file.language, text, size, &source, NULL) != RG_OK)
        return NULL;
    capture_to.text = (struct buffer){0};
    capture_to.kinds = &capture->kinds;
    capture_to.fields = &capture->fields;
    struct rg_error err = {0};
    enum rg_status status =
        syntax_extract(worker, &file, &source, &capture->sink, NULL, outcome, &err);
    if (status != RG_OK)
        fprintf(stderr, "# %s\n", err.message);
    for (size_t t = 0; t < FACT_COUNT; t++)
        batch_send(capture->sink.batches[t]);
    source_fini(&source);
    return status == RG_OK ? buffer_take(&capture_to.text) : NULL;
}

#endif
