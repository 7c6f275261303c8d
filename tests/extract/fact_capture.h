/* Facts of a text in memory: batches of plain arrays whose rows are written down as text when they
 * are sent, `table column=value …` a line, NULLs left out. */
#ifndef TESTS_FACT_CAPTURE_H
#define TESTS_FACT_CAPTURE_H

#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "extract/syntax.h"

enum { CAPTURE_NODES = 1 << 16 };

static struct {
    struct buffer text;
    const struct vocabulary *kinds, *fields;
    bool discard;       /* rows are dropped */
    bool readable;      /* nodes as their text, without ids, positions and what is false */
    const char *source; /* for readable */
    struct {
        int32_t start, end, line;
    } nodes[CAPTURE_NODES];
    int32_t n_nodes;
} capture_to;

static inline const char *capture_enum(const struct column_spec *column, uint16_t value)
{
    if (strcmp(column->type_name, "syntax_kind") == 0)
        return capture_to.kinds->values[value];
    if (strcmp(column->type_name, "syntax_field") == 0)
        return capture_to.fields->values[value];
    for (const struct vocabulary *v = fact_vocabularies; v->name; v++)
        if (strcmp(v->name, column->type_name) == 0)
            return v->values[value];
    return "?";
}

/* Columns that hold the number of a node, in the tables that have them. */
static inline bool capture_is_node(const char *table, const char *column)
{
    static const char *const columns[] = {"node",         "scope",
                                          "parent_scope", "name_node",
                                          "value_node",   "function",
                                          "default_node", "annotation_node",
                                          "callee_node",  "receiver_node",
                                          "call",         "container",
                                          "key",          "object_node",
                                          "index_node",   "of_node",
                                          "type_node",    NULL};
    bool is_assign = strcmp(table, "assign") == 0;
    if (is_assign && (strcmp(column, "target") == 0 || strcmp(column, "value") == 0))
        return true;
    for (size_t i = 0; columns[i]; i++)
        if (strcmp(columns[i], column) == 0)
            return strcmp(table, "syntax") != 0;
    return false;
}

/* The first line of a node's text, cut, and its line; the module by its name. */
static inline void capture_node(struct buffer *out, int32_t node)
{
    if (node == 0 || node >= capture_to.n_nodes) {
        buffer_text(out, node == 0 ? "<module>" : "?");
        return;
    }
    const char *text = capture_to.source + capture_to.nodes[node].start;
    int length = capture_to.nodes[node].end - capture_to.nodes[node].start, shown = 0;
    while (shown < length && shown < 32 && text[shown] != '\n')
        shown++;
    buffer_printf(out, "`%.*s%s`:%d", shown, text, shown < length ? "…" : "",
                  (int)capture_to.nodes[node].line);
}

static inline bool capture_is_hidden(const struct column_spec *spec)
{
    static const char *const hidden[] = {
        "start_byte",   "end_byte", "receiver_start", "receiver_end", "binding",
        "visible_from", NULL};
    for (size_t i = 0; hidden[i]; i++)
        if (strcmp(hidden[i], spec->name) == 0)
            return true;
    return spec->type == COLUMN_INT64;
}

static inline void capture_cell(struct buffer *out, const struct batch *batch, unsigned column,
                                uint32_t row)
{
    const struct column_spec *spec = &batch->table->columns[column];
    const struct batch_column *c = &batch->columns[column];
    if (!(c->validity[row / 64] >> (row % 64) & 1))
        return;
    /* What is usual says nothing. */
    bool usual = (spec->type == COLUMN_BOOL && !((bool *)c->data)[row]) ||
                 (strcmp(spec->name, "operand") == 0 && !((int32_t *)c->data)[row]);
    if (capture_to.readable && (capture_is_hidden(spec) || usual))
        return;
    buffer_printf(out, " %s=", spec->name);
    switch (spec->type) {
    case COLUMN_INT64:
        buffer_printf(out, "%lld", (long long)((int64_t *)c->data)[row]);
        break;
    case COLUMN_INT32:
        if (capture_to.readable && capture_is_node(batch->table->name, spec->name))
            capture_node(out, ((int32_t *)c->data)[row]);
        else
            buffer_printf(out, "%d", (int)((int32_t *)c->data)[row]);
        break;
    case COLUMN_BOOL:
        buffer_text(out, ((bool *)c->data)[row] ? "true" : "false");
        break;
    case COLUMN_ENUM:
        buffer_text(out, capture_enum(spec, ((uint16_t *)c->data)[row]));
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

/* Remembers where the nodes are; the rows of syntax come before those that name nodes. */
static inline void capture_spans(const struct batch *batch)
{
    if (batch->table != &fact_tables[FACT_SYNTAX])
        return;
    int32_t *columns[4] = {NULL}; // Of syntax, which has them all.
    static const char *const names[] = {"node", "start_byte", "end_byte", "start_line"};
    for (unsigned c = 0; c < batch->table->n_columns; c++)
        for (size_t i = 0; i < 4; i++)
            if (strcmp(batch->table->columns[c].name, names[i]) == 0)
                columns[i] = batch->columns[c].data;
    for (uint32_t row = 0; row < batch->rows; row++) {
        int32_t node = columns[0][row];
        if (node >= CAPTURE_NODES)
            continue;
        capture_to.nodes[node].start = columns[1][row];
        capture_to.nodes[node].end = columns[2][row];
        capture_to.nodes[node].line = columns[3][row];
        capture_to.n_nodes = node + 1;
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
    capture_spans(batch);
    for (uint32_t row = 0; row < batch->rows && !capture_to.discard; row++) {
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
            column->data =
                arena_alloc(&capture->arena, BATCH_ROWS * sizeof(struct batch_text_cell));
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
    capture_to.source = text;
    capture_to.n_nodes = 0;
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
