/* A table's widths come from its first rows, so that any number of rows streams through bounded
 * memory: longer cells that come later stick out, or are cut on a terminal. */
#include "cli/query_output.h"

#include <stdlib.h>
#include <string.h>

enum {
    WINDOW_ROWS = 1000,     /* that decide the widths */
    WINDOW_BYTES = 4 << 20, /* or as many as fit here */
    WIDTH_MAX = 120,        /* of a column's padding where nothing is cut */
    WIDTH_MIN = 20,         /* a text that is cut keeps */
    GAP = 2                 /* between columns */
};

static size_t n_columns(const struct query_output *output)
{
    return output->type->n_children;
}

/* --- Tables ---------------------------------------------------------------------------------- */

static const char *cell_at(const struct query_output *output, size_t cell, size_t *out_count)
{
    size_t start = cell ? output->cell_ends[cell - 1] : 0;
    *out_count = output->cell_ends[cell] - start;
    return *out_count ? output->cells.data + start : "";
}

/* Narrows the widest texts until `shown` columns fit; numbers stay whole. */
static bool widths_fit(const struct query_output *output, size_t shown, size_t *widths)
{
    for (;;) {
        size_t total = 0, widest = SIZE_MAX;
        for (size_t i = 0; i < shown; i++) {
            total += widths[i] + (i ? GAP : 0);
            if (!arrow_is_number(&output->type->children[i]) && widths[i] > WIDTH_MIN &&
                (widest == SIZE_MAX || widths[i] > widths[widest]))
                widest = i;
        }
        if (total <= output->terminal_width)
            return true;
        if (widest == SIZE_MAX)
            return false;
        widths[widest]--;
    }
}

/* Columns that do not fit even when narrow are left out, from the right. */
static void widths_choose(struct query_output *output, const size_t *natural)
{
    size_t n = n_columns(output);
    for (output->n_shown = n; output->n_shown > 0; output->n_shown--) {
        memcpy(output->widths, natural, n * sizeof *natural);
        if (widths_fit(output, output->n_shown, output->widths) || output->n_shown == 1)
            return;
    }
}

static void widths_find(struct query_output *output, size_t *natural)
{
    size_t n = n_columns(output);
    size_t most = output->terminal_width ? output->terminal_width : WIDTH_MAX;
    for (size_t i = 0; i < n; i++) {
        const char *name = output->type->children[i].name;
        text_clear(&output->scratch);
        text_shown(&output->scratch, name);
        size_t width =
            output->scratch.len ? text_width(output->scratch.data, output->scratch.len) : 0;
        for (size_t cell = i; cell < output->n_cells; cell += n) {
            size_t count;
            const char *bytes = cell_at(output, cell, &count);
            size_t have = text_width(bytes, count);
            width = have > width ? have : width;
        }
        natural[i] = width < most ? width : most;
    }
    output->n_shown = n;
    if (output->terminal_width)
        widths_choose(output, natural);
    else
        memcpy(output->widths, natural, n * sizeof *natural);
}

static void table_cell(struct query_output *output, size_t column, const char *bytes, size_t count)
{
    struct text *out = &output->sink->text;
    const struct arrow_type *type = &output->type->children[column];
    bool right = arrow_is_number(type);
    bool last = column + 1 == output->n_shown;
    size_t width = output->widths[column], have = text_width(bytes, count);
    if (have > width && !output->terminal_width)
        text_append(out, bytes, count); /* whole, even if the next column moves */
    else if (last && !right && have <= width)
        text_append(out, bytes, count); /* nothing behind it to align */
    else
        text_cell(out, bytes, count, width, right);
    text_cstr(out, last ? "\n" : "  ");
}

static void table_header(struct query_output *output)
{
    size_t n = output->n_shown;
    for (size_t i = 0; i < n; i++) {
        const char *name = output->type->children[i].name;
        text_clear(&output->scratch);
        text_shown(&output->scratch, name);
        table_cell(output, i, output->scratch.data ? output->scratch.data : "",
                   output->scratch.len);
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < output->widths[i]; j++)
            text_cstr(&output->sink->text, "─");
        text_cstr(&output->sink->text, i + 1 < n ? "  " : "\n");
    }
}

static bool table_flush(struct query_output *output)
{
    size_t n = n_columns(output);
    if (!output->widths) {
        /* Both the widths as they are and as they would be: twice n. */
        output->widths = calloc(2 * n + 1, sizeof *output->widths);
        if (!output->widths) {
            output->no_memory = true;
            return false;
        }
        widths_find(output, output->widths + n);
        table_header(output);
    }
    for (size_t cell = 0; n && cell < output->n_cells; cell++) {
        size_t count;
        const char *bytes = cell_at(output, cell, &count);
        if (cell % n < output->n_shown)
            table_cell(output, cell % n, bytes, count);
        if (!sink_flush(output->sink))
            return false;
    }
    output->n_cells = 0;
    text_clear(&output->cells);
    return true;
}

static bool table_row(struct query_output *output, const struct ArrowArray *batch, int64_t row)
{
    size_t n = n_columns(output);
    if (output->n_cells + n > output->cells_max) {
        size_t most = n * WINDOW_ROWS;
        output->cell_ends = calloc(most ? most : 1, sizeof *output->cell_ends);
        output->cells_max = most;
        if (!output->cell_ends) {
            output->no_memory = true;
            return false;
        }
    }
    for (size_t i = 0; i < n; i++) {
        const struct arrow_type *type = &output->type->children[i];
        text_clear(&output->scratch);
        arrow_plain(type, batch->children[i], batch->offset + row, &output->scratch);
        if (arrow_is_null(type, batch->children[i], batch->offset + row))
            text_cstr(&output->cells, "NULL");
        else if (output->scratch.len)
            text_printable(&output->cells, output->scratch.data, output->scratch.len);
        output->no_memory |= output->scratch.failed || output->cells.failed;
        output->cell_ends[output->n_cells++] = output->cells.len;
    }
    if (output->no_memory)
        return false;
    if (output->n_cells + n > output->cells_max || output->cells.len >= WINDOW_BYTES)
        return table_flush(output);
    return true;
}

/* --- CSV ------------------------------------------------------------------------------------- */

/* RFC 4180. An empty text is quoted, which tells it from NULL. */
static void csv_text(struct text *out, const char *bytes, size_t count)
{
    bool plain = count > 0;
    for (size_t i = 0; i < count && plain; i++)
        plain = bytes[i] != '"' && bytes[i] != ',' && bytes[i] != '\n' && bytes[i] != '\r';
    if (plain) {
        text_append(out, bytes, count);
        return;
    }
    text_char(out, '"', 1);
    for (size_t i = 0; i < count; i++)
        text_char(out, bytes[i], bytes[i] == '"' ? 2 : 1);
    text_char(out, '"', 1);
}

static void csv_header(struct query_output *output)
{
    struct text *out = &output->sink->text;
    for (size_t i = 0; i < n_columns(output); i++) {
        const char *name = output->type->children[i].name;
        text_cstr(out, i ? "," : "");
        csv_text(out, name, strlen(name));
    }
    text_char(out, '\n', 1);
}

static void csv_row(struct query_output *output, const struct ArrowArray *batch, int64_t row)
{
    struct text *out = &output->sink->text;
    for (size_t i = 0; i < n_columns(output); i++) {
        const struct arrow_type *type = &output->type->children[i];
        text_cstr(out, i ? "," : "");
        if (arrow_is_null(type, batch->children[i], batch->offset + row))
            continue;
        text_clear(&output->scratch);
        arrow_plain(type, batch->children[i], batch->offset + row, &output->scratch);
        csv_text(out, output->scratch.data ? output->scratch.data : "", output->scratch.len);
        output->no_memory |= output->scratch.failed;
    }
    text_char(out, '\n', 1);
}

/* --- All formats ----------------------------------------------------------------------------- */

void query_output_begin(struct query_output *output)
{
    if (output->format == FORMAT_CSV)
        csv_header(output);
    else if (output->format == FORMAT_JSON)
        text_char(&output->sink->text, '[', 1);
}

static bool put_row(struct query_output *output, const struct ArrowArray *batch, int64_t row)
{
    struct text *out = &output->sink->text;
    switch (output->format) {
    case FORMAT_TABLE:
        if (!table_row(output, batch, row))
            return false;
        break;
    case FORMAT_CSV:
        csv_row(output, batch, row);
        break;
    case FORMAT_JSON:
        text_cstr(out, output->rows ? ",\n" : "\n");
        arrow_json(output->type, batch, row, out);
        break;
    case FORMAT_JSONL:
        arrow_json(output->type, batch, row, out);
        text_char(out, '\n', 1);
        break;
    case FORMAT_ARROW: /* see query_arrow.h */
    case FORMAT_ARROW_FILE:
    case FORMAT_PARQUET:
        return false;
    }
    output->rows++;
    return sink_flush(output->sink) && !output->no_memory;
}

bool query_output_batch(struct query_output *output, const struct ArrowArray *batch, int64_t rows)
{
    for (int64_t row = 0; row < rows; row++)
        if (!put_row(output, batch, row))
            return false;
    return true;
}

void query_output_end(struct query_output *output)
{
    if (output->format == FORMAT_TABLE)
        table_flush(output);
    else if (output->format == FORMAT_JSON)
        text_cstr(&output->sink->text, output->rows ? "\n]\n" : "]\n");
    sink_flush(output->sink);
}

void query_output_fini(struct query_output *output)
{
    text_fini(&output->cells);
    text_fini(&output->scratch);
    free(output->cell_ends);
    free(output->widths);
    output->cell_ends = NULL;
    output->widths = NULL;
}
