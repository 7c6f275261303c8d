/* A fact sink without an engine: rows stay in memory long enough to be looked at. It takes the
 * place of the engine's batch_send, so a program that includes it must not link the appenders.
 * Every row is checked for what the contracts promise of any input: texts are UTF-8, numbers are in
 * their vocabularies, spans lie in the file and in the span of the node above, ids differ. */
#ifndef FUZZ_MEMORY_SINK_H
#define FUZZ_MEMORY_SINK_H

#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/intmap.h"
#include "base/utf8.h"
#include "extract/language.h"
#include "extract/syntax.h"
#include "fact_tables.h"

/* A broken promise ends the program: under a fuzzer or in a test, that is the report. */
#define SINK_CHECK(condition)                                                                      \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: promise broken: %s\n", __FILE__, __LINE__, #condition);        \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* Columns of `syntax`; memory_sink_init checks that they are where this says. */
enum {
    SYNTAX_NODE = 1,
    SYNTAX_PARENT = 2,
    SYNTAX_LAST = 3,
    SYNTAX_NODE_ID = 9,
    SYNTAX_START_BYTE = 14,
    SYNTAX_END_BYTE = 15
};

struct memory_node {
    int32_t start, end, last, parent;
};

struct memory_sink {
    struct fact_sink sink;
    struct batch batches[FACT_COUNT];
    struct rg_error error;
    uint32_t size; /* of the source */
    unsigned n_kinds, n_fields;
    struct arena arena;
    uint64_t rows[FACT_COUNT];
    struct memory_node *nodes;
    size_t n_nodes, nodes_capacity;
    struct intmap ids;
};

/* The sink that a batch belongs to: batches know their place in it. */
static struct memory_sink *memory_sink_of(struct batch *batch)
{
    size_t table = (size_t)(batch->table - fact_tables);
    return (struct memory_sink *)(void *)((char *)(batch - table) -
                                          offsetof(struct memory_sink, batches));
}

static size_t memory_width(enum column_type type)
{
    switch (type) {
    case COLUMN_BOOL:
        return sizeof(bool);
    case COLUMN_INT32:
        return sizeof(int32_t);
    case COLUMN_ENUM:
        return sizeof(uint16_t);
    case COLUMN_TEXT:
        return sizeof(struct batch_text_cell);
    default:
        return sizeof(int64_t);
    }
}

static void *memory_need(void *memory)
{
    SINK_CHECK(memory);
    return memory;
}

static inline void memory_sink_init(struct memory_sink *sink)
{
    memset(sink, 0, sizeof *sink);
    struct vocabulary kinds, fields;
    SINK_CHECK(language_kinds(&sink->arena, &kinds, NULL) == RG_OK);
    SINK_CHECK(language_fields(&sink->arena, &fields, NULL) == RG_OK);
    sink->n_kinds = kinds.count;
    sink->n_fields = fields.count;
    const struct column_spec *syntax = fact_tables[FACT_SYNTAX].columns;
    SINK_CHECK(strcmp(syntax[SYNTAX_NODE].name, "node") == 0 &&
               strcmp(syntax[SYNTAX_PARENT].name, "parent") == 0);
    SINK_CHECK(strcmp(syntax[SYNTAX_LAST].name, "last") == 0 &&
               strcmp(syntax[SYNTAX_NODE_ID].name, "node_id") == 0);
    SINK_CHECK(strcmp(syntax[SYNTAX_START_BYTE].name, "start_byte") == 0);
    SINK_CHECK(strcmp(syntax[SYNTAX_END_BYTE].name, "end_byte") == 0);
    for (size_t t = 0; t < FACT_COUNT; t++) {
        struct batch *batch = &sink->batches[t];
        sink->sink.batches[t] = batch;
        batch->table = &fact_tables[t];
        batch->error = &sink->error;
        batch->columns = memory_need(calloc(batch->table->n_columns, sizeof *batch->columns));
        for (unsigned c = 0; c < batch->table->n_columns; c++) {
            batch->columns[c].data =
                memory_need(malloc(BATCH_ROWS * memory_width(batch->table->columns[c].type)));
            batch->columns[c].enum_bytes = 2;
        }
    }
}

static bool memory_is_null(const struct batch_column *column, uint32_t row)
{
    return column->validity && !(column->validity[row / 64] >> row % 64 & 1);
}

static unsigned memory_vocabulary(const struct memory_sink *sink, const char *name)
{
    if (strcmp(name, "syntax_kind") == 0)
        return sink->n_kinds;
    if (strcmp(name, "syntax_field") == 0)
        return sink->n_fields;
    for (size_t i = 0; fact_vocabularies[i].name; i++)
        if (strcmp(fact_vocabularies[i].name, name) == 0)
            return fact_vocabularies[i].count;
    return 0;
}

static void memory_check_column(struct memory_sink *sink, const struct batch *batch, unsigned c)
{
    const struct column_spec *spec = &batch->table->columns[c];
    const struct batch_column *column = &batch->columns[c];
    unsigned count = spec->type == COLUMN_ENUM ? memory_vocabulary(sink, spec->type_name) : 0;
    for (uint32_t row = 0; row < batch->rows; row++) {
        if (memory_is_null(column, row)) {
            SINK_CHECK(!spec->not_null);
        } else if (spec->type == COLUMN_ENUM) {
            SINK_CHECK(((const uint16_t *)column->data)[row] < count);
        } else if (spec->type == COLUMN_TEXT) {
            const struct batch_text_cell *cell = (const struct batch_text_cell *)column->data + row;
            const char *inside = (const char *)cell + offsetof(struct batch_text_cell, head);
            const char *text = cell->length <= 12 ? inside : cell->rest.pointer;
            SINK_CHECK(utf8_valid(text, cell->length));
        } else if (strcmp(spec->name, "end_byte") == 0) {
            int32_t end = ((const int32_t *)column->data)[row];
            int32_t start = ((const int32_t *)batch->columns[c - 1].data)[row];
            SINK_CHECK(0 <= start && start <= end && (uint32_t)end <= sink->size);
        }
    }
}

static int32_t memory_int(const struct batch *batch, unsigned column, uint32_t row)
{
    return ((const int32_t *)batch->columns[column].data)[row];
}

static void memory_check_node(struct memory_sink *sink, const struct batch *batch, uint32_t row)
{
    struct memory_node node = {
        memory_int(batch, SYNTAX_START_BYTE, row), memory_int(batch, SYNTAX_END_BYTE, row),
        memory_int(batch, SYNTAX_LAST, row), memory_int(batch, SYNTAX_PARENT, row)};
    SINK_CHECK((size_t)memory_int(batch, SYNTAX_NODE, row) == sink->n_nodes);
    SINK_CHECK(node.last >= (int32_t)sink->n_nodes);
    SINK_CHECK((node.parent == NULL_INT32) == (sink->n_nodes == 0));
    if (node.parent != NULL_INT32) {
        SINK_CHECK(node.parent >= 0 && (size_t)node.parent < sink->n_nodes);
        const struct memory_node *above = &sink->nodes[node.parent];
        SINK_CHECK(above->start <= node.start && node.end <= above->end &&
                   node.last <= above->last);
    }
    if (sink->n_nodes == sink->nodes_capacity) {
        sink->nodes_capacity = sink->nodes_capacity ? 2 * sink->nodes_capacity : 256;
        sink->nodes =
            memory_need(reallocarray(sink->nodes, sink->nodes_capacity, sizeof *sink->nodes));
    }
    sink->nodes[sink->n_nodes++] = node;
    uint64_t id = ((const uint64_t *)batch->columns[SYNTAX_NODE_ID].data)[row];
    SINK_CHECK(intmap_get(&sink->ids, id) == INTMAP_NONE);
    SINK_CHECK(intmap_put(&sink->ids, id, 0));
}

void batch_need_validity(struct batch *batch, unsigned column)
{
    batch->columns[column].validity = memory_need(malloc(BATCH_ROWS / 8));
    memset(batch->columns[column].validity, 0xff, BATCH_ROWS / 8);
}

void batch_send(struct batch *batch)
{
    struct memory_sink *sink = memory_sink_of(batch);
    size_t table = (size_t)(batch->table - fact_tables);
    for (unsigned c = 0; c < batch->table->n_columns; c++)
        memory_check_column(sink, batch, c);
    for (uint32_t row = 0; table == FACT_SYNTAX && row < batch->rows; row++)
        memory_check_node(sink, batch, row);
    for (unsigned c = 0; c < batch->table->n_columns; c++) {
        free(batch->columns[c].validity);
        batch->columns[c].validity = NULL;
    }
    sink->rows[table] += batch->rows;
    batch->rows_total += batch->rows;
    batch->rows = 0;
    arena_clear(&batch->texts);
}

/* Looks at what is left and forgets the file. */
static inline uint64_t memory_sink_finish(struct memory_sink *sink)
{
    uint64_t rows = 0;
    for (size_t t = 0; t < FACT_COUNT; t++) {
        batch_send(&sink->batches[t]);
        rows += sink->rows[t];
    }
    SINK_CHECK(sink->n_nodes == sink->rows[FACT_SYNTAX]);
    for (size_t i = 0; i < sink->n_nodes; i++)
        SINK_CHECK((size_t)sink->nodes[i].last < sink->n_nodes);
    return rows;
}

static inline void memory_sink_clear(struct memory_sink *sink)
{
    memset(sink->rows, 0, sizeof sink->rows);
    sink->n_nodes = 0;
    intmap_clear(&sink->ids);
}

static inline void memory_sink_fini(struct memory_sink *sink)
{
    for (size_t t = 0; t < FACT_COUNT; t++) {
        struct batch *batch = &sink->batches[t];
        for (unsigned c = 0; c < batch->table->n_columns; c++) {
            free(batch->columns[c].data);
            free(batch->columns[c].validity);
        }
        free(batch->columns);
        arena_fini(&batch->texts);
    }
    free(sink->nodes);
    intmap_fini(&sink->ids);
    arena_fini(&sink->arena);
}

#endif
