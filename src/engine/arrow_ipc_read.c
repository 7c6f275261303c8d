/* From the footer to the bytes of a column. */
#include "engine/arrow_ipc_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "engine/arrow_ipc_inside.h"
#include "engine/flatbuffer_read.h"

enum { BUFFERS_MAX = 3, TAIL_BYTES = 4 + IPC_MAGIC_SIZE, HEADER_DICTIONARY = 2, HEADER_BATCH = 3 };

/* A message of the footer and, after it was looked at, where the buffers of its columns lie. */
struct batch {
    int64_t rows;
    uint64_t body; /* place in the file */
    uint64_t body_size;
    struct ipc_field_node *nodes;
    struct ipc_buffer *buffers;
    size_t n_nodes, n_buffers;
};

struct dictionary {
    int64_t id;
    struct batch batch;
};

struct arrow_file {
    struct arena arena;
    char *path;
    int fd;
    uint64_t size;
    struct arrow_column *columns;
    size_t *first_buffer; /* of each column in a batch */
    size_t n_columns, n_buffers;
    struct batch *batches;
    size_t n_batches;
    struct dictionary *dictionaries;
    size_t n_dictionaries;
    uint64_t rows;
};

RG_PRINTF(3, 4)
static enum rg_status corrupt(const struct arrow_file *file, struct rg_error *err,
                              const char *format, ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    error_set(err, RG_ERR_CORRUPT, ARROW_LAYER, "%s: %s", file->path, text);
    error_place(err, file->path, 0, 0);
    error_hint(err, "the file was damaged or changed after it was written: build the graph again");
    return RG_ERR_CORRUPT;
}

static enum rg_status read_bytes(const struct arrow_file *file, uint64_t at, void *to, size_t count,
                                 struct rg_error *err)
{
    char *next = to;
    while (count) {
        ssize_t n = pread(file->fd, next, count, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_errno(err, ARROW_LAYER, errno, "cannot read", file->path);
        if (n == 0)
            return corrupt(file, err, "it ends early");
        next += n;
        at += (uint64_t)n;
        count -= (size_t)n;
    }
    return RG_OK;
}

/* The arena gave no memory: there is none, or the file says too much about itself. */
static enum rg_status no_room(const struct arrow_file *file, struct rg_error *err)
{
    if (!file->arena.full)
        return error_no_memory(err, ARROW_LAYER);
    error_set(err, RG_ERR_LIMIT, ARROW_LAYER, "%s: its columns and batches take more than %zu MB",
              file->path, LIMIT_ARROW_FILE_BYTES >> 20);
    error_place(err, file->path, 0, 0);
    return RG_ERR_LIMIT;
}

/* Whether `count` bytes at a place lie before `end`. */
static bool is_inside(uint64_t at, uint64_t count, uint64_t end)
{
    return at <= end && count <= end - at;
}

/* --- Metadata --------------------------------------------------------------------------------- */

static enum rg_status column_type(const struct arrow_file *file, struct flatbuffer_view *view,
                                  flatbuffer_table field, struct arrow_column *column,
                                  struct rg_error *err)
{
    flatbuffer_table type = flatbuffer_get_table(view, field, 3);
    switch (flatbuffer_get(view, field, 2, 1, 0)) {
    case IPC_BOOL:
        column->value = ARROW_VALUE_BOOL;
        return RG_OK;
    case IPC_INT:
        column->value = ARROW_VALUE_INT;
        column->bits = (unsigned)flatbuffer_get(view, type, 0, 4, 0);
        column->is_signed = flatbuffer_get(view, type, 1, 1, 0) != 0;
        if (column->bits == 8 || column->bits == 16 || column->bits == 32 || column->bits == 64)
            return RG_OK;
        break;
    case IPC_FLOAT:
        column->value = ARROW_VALUE_FLOAT;
        column->bits = 16u << (flatbuffer_get(view, type, 0, 2, 0) & 3);
        if (column->bits == 32 || column->bits == 64)
            return RG_OK;
        break;
    case IPC_UTF8:
    case IPC_LARGE_UTF8:
        column->value = ARROW_VALUE_TEXT;
        column->wide = flatbuffer_get(view, field, 2, 1, 0) == IPC_LARGE_UTF8;
        return RG_OK;
    default:
        break;
    }
    return corrupt(file, err, "column " STR_FMT " has a type that relgraph does not write",
                   STR_ARG(column->name));
}

static enum rg_status column_read(struct arrow_file *file, struct flatbuffer_view *view,
                                  flatbuffer_table field, struct arrow_column *column,
                                  struct rg_error *err)
{
    struct str name = flatbuffer_get_string(view, field, 0);
    if (view->bad || !utf8_valid(name.ptr, name.len) || memchr(name.ptr, 0, name.len))
        return corrupt(file, err, "a column has no name");
    column->name = arena_str(&file->arena, name);
    if (!column->name.ptr)
        return no_room(file, err);
    enum rg_status status = column_type(file, view, field, column, err);
    flatbuffer_table encoding = flatbuffer_get_table(view, field, 4);
    if (status || !encoding)
        return status;
    flatbuffer_table index = flatbuffer_get_table(view, encoding, 1);
    column->has_codes = true;
    column->dictionary = flatbuffer_get(view, encoding, 0, 8, 0);
    column->code_bits = (unsigned)flatbuffer_get(view, index, 0, 4, 32);
    column->codes_signed = !index || flatbuffer_get(view, index, 1, 1, 0) != 0;
    if (column->value != ARROW_VALUE_TEXT ||
        (column->code_bits != 8 && column->code_bits != 16 && column->code_bits != 32))
        return corrupt(file, err,
                       "column " STR_FMT " has a dictionary that relgraph does not write",
                       STR_ARG(column->name));
    return RG_OK;
}

static enum rg_status columns_read(struct arrow_file *file, struct flatbuffer_view *view,
                                   flatbuffer_table schema, struct rg_error *err)
{
    const uint8_t *fields;
    size_t n = flatbuffer_get_vector(view, schema, 1, 4, &fields);
    if (view->bad || !n || n > LIMIT_ARROW_NODES || flatbuffer_get(view, schema, 0, 2, 0) != 0)
        return corrupt(file, err, "its schema is damaged");
    file->columns = ARENA_ARRAY(&file->arena, n, struct arrow_column);
    file->first_buffer = ARENA_ARRAY(&file->arena, n, size_t);
    if (!file->columns || !file->first_buffer)
        return no_room(file, err);
    file->n_columns = n;
    enum rg_status status = RG_OK;
    for (size_t i = 0; i < n && !status; i++) {
        struct arrow_column *column = &file->columns[i];
        status = column_read(file, view, flatbuffer_element(view, fields, i), column, err);
        file->first_buffer[i] = file->n_buffers;
        file->n_buffers += column->value == ARROW_VALUE_TEXT && !column->has_codes ? 3 : 2;
    }
    return status ? status : view->bad ? corrupt(file, err, "its schema is damaged") : RG_OK;
}

/* Nodes and buffers of a RecordBatch table, whose bytes end where the footer begins. */
static enum rg_status batch_table(struct arrow_file *file, struct flatbuffer_view *view,
                                  flatbuffer_table table, struct batch *batch, struct rg_error *err)
{
    const uint8_t *nodes, *buffers;
    batch->rows = flatbuffer_get(view, table, 0, 8, 0);
    batch->n_nodes = flatbuffer_get_vector(view, table, 1, sizeof *batch->nodes, &nodes);
    batch->n_buffers = flatbuffer_get_vector(view, table, 2, sizeof *batch->buffers, &buffers);
    bool compressed = flatbuffer_get_table(view, table, 3) != 0;
    if (view->bad || batch->rows < 0 || batch->rows > INT32_MAX || compressed)
        return corrupt(file, err, "a batch is damaged or compressed");
    batch->nodes = ARENA_ARRAY(&file->arena, batch->n_nodes + 1, struct ipc_field_node);
    batch->buffers = ARENA_ARRAY(&file->arena, batch->n_buffers + 1, struct ipc_buffer);
    if (!batch->nodes || !batch->buffers)
        return no_room(file, err);
    if (batch->n_nodes)
        memcpy(batch->nodes, nodes, batch->n_nodes * sizeof *batch->nodes);
    if (batch->n_buffers)
        memcpy(batch->buffers, buffers, batch->n_buffers * sizeof *batch->buffers);
    for (size_t i = 0; i < batch->n_nodes; i++)
        if (batch->nodes[i].length != batch->rows)
            return corrupt(file, err, "a column has another length than its batch");
    for (size_t i = 0; i < batch->n_buffers; i++) {
        const struct ipc_buffer *b = &batch->buffers[i];
        if (b->offset < 0 || b->length < 0 ||
            !is_inside((uint64_t)b->offset, (uint64_t)b->length, batch->body_size))
            return corrupt(file, err, "a buffer lies outside its batch");
    }
    return RG_OK;
}

/* The messages that a list of the footer names lie one behind the other: whatever the list says,
 * no more is read than the file has. */
struct message_list {
    const uint8_t *blocks;
    uint64_t from, end; /* where the next message may lie */
    bool of_dictionaries;
};

static enum rg_status block_read(const struct arrow_file *file, struct message_list *list, size_t i,
                                 struct ipc_block *block, struct batch *batch, struct rg_error *err)
{
    memcpy(block, list->blocks + i * sizeof *block, sizeof *block);
    if (block->offset < 0 || block->metadata_length < 8 || block->body_length < 0 ||
        (size_t)block->metadata_length > LIMIT_FLATBUFFER_BYTES ||
        !is_inside((uint64_t)block->offset, (uint64_t)block->metadata_length, list->end) ||
        !is_inside((uint64_t)block->offset + (uint64_t)block->metadata_length,
                   (uint64_t)block->body_length, list->end))
        return corrupt(file, err, "its footer names a batch outside the file");
    if ((uint64_t)block->offset < list->from)
        return corrupt(file, err, "its footer names batches that lie over each other");
    batch->body = (uint64_t)block->offset + (uint64_t)block->metadata_length;
    batch->body_size = (uint64_t)block->body_length;
    list->from = batch->body + batch->body_size;
    return RG_OK;
}

/* Reads the i-th message of a list; *out_id is of a dictionary. */
static enum rg_status message_read(struct arrow_file *file, struct message_list *list, size_t i,
                                   struct batch *batch, int64_t *out_id, struct rg_error *err)
{
    struct ipc_block block;
    enum rg_status status = block_read(file, list, i, &block, batch, err);
    if (status)
        return status;
    uint8_t *bytes = malloc((size_t)block.metadata_length);
    if (!bytes)
        return error_no_memory(err, ARROW_LAYER);
    status = read_bytes(file, (uint64_t)block.offset, bytes, (size_t)block.metadata_length, err);
    uint32_t head[2] = {0, 0};
    if (!status) {
        memcpy(head, bytes, sizeof head);
        if (head[0] != 0xFFFFFFFFu || head[1] > (uint32_t)block.metadata_length - 8)
            status = corrupt(file, err, "a batch does not begin where its footer says");
    }
    if (!status) {
        struct flatbuffer_view view = {bytes + 8, head[1], false};
        flatbuffer_table message = flatbuffer_root(&view);
        int64_t type = flatbuffer_get(&view, message, 1, 1, 0);
        flatbuffer_table table = flatbuffer_get_table(&view, message, 2);
        if (view.bad || type != (list->of_dictionaries ? HEADER_DICTIONARY : HEADER_BATCH)) {
            status = corrupt(file, err, "a batch is something else");
        } else if (list->of_dictionaries) {
            *out_id = flatbuffer_get(&view, table, 0, 8, 0);
            if (flatbuffer_get(&view, table, 2, 1, 0))
                status = corrupt(file, err, "a dictionary comes in parts");
            else
                table = flatbuffer_get_table(&view, table, 1);
        }
        if (!status)
            status = batch_table(file, &view, table, batch, err);
    }
    free(bytes);
    return status;
}

static enum rg_status dictionaries_read(struct arrow_file *file, struct flatbuffer_view *view,
                                        flatbuffer_table footer, uint64_t end, struct rg_error *err)
{
    struct message_list list = {.end = end, .of_dictionaries = true};
    size_t n = flatbuffer_get_vector(view, footer, 2, sizeof(struct ipc_block), &list.blocks);
    if (view->bad || n > LIMIT_ARROW_NODES)
        return corrupt(file, err, "its footer is damaged");
    file->dictionaries = ARENA_ARRAY(&file->arena, n + 1, struct dictionary);
    if (!file->dictionaries)
        return no_room(file, err);
    enum rg_status status = RG_OK;
    for (size_t i = 0; i < n && !status; i++) {
        struct dictionary *d = &file->dictionaries[i];
        status = message_read(file, &list, i, &d->batch, &d->id, err);
        if (!status && (d->batch.n_nodes != 1 || d->batch.n_buffers != 3))
            status = corrupt(file, err, "a dictionary is not one of texts");
        for (size_t k = 0; k < i && !status; k++)
            if (file->dictionaries[k].id == d->id)
                status = corrupt(file, err, "a dictionary comes twice");
        file->n_dictionaries = i + 1;
    }
    return status;
}

static enum rg_status batches_read(struct arrow_file *file, struct flatbuffer_view *view,
                                   flatbuffer_table footer, uint64_t end, struct rg_error *err)
{
    struct message_list list = {.end = end};
    size_t n = flatbuffer_get_vector(view, footer, 3, sizeof(struct ipc_block), &list.blocks);
    if (view->bad)
        return corrupt(file, err, "its footer is damaged");
    file->batches = ARENA_ARRAY(&file->arena, n + 1, struct batch);
    if (!file->batches)
        return no_room(file, err);
    enum rg_status status = RG_OK;
    int64_t no_id;
    for (size_t i = 0; i < n && !status; i++) {
        struct batch *batch = &file->batches[i];
        status = message_read(file, &list, i, batch, &no_id, err);
        if (!status && (batch->n_nodes != file->n_columns || batch->n_buffers != file->n_buffers))
            status = corrupt(file, err, "a batch has other columns than its schema");
        file->rows += (uint64_t)batch->rows;
        file->n_batches = i + 1;
    }
    return status;
}

static enum rg_status footer_read(struct arrow_file *file, struct rg_error *err)
{
    char magic[IPC_MAGIC_SIZE], tail[TAIL_BYTES];
    int32_t length;
    if (file->size < 8 + TAIL_BYTES)
        return corrupt(file, err, "it is too short for an Arrow file");
    enum rg_status status = read_bytes(file, 0, magic, sizeof magic, err);
    if (!status)
        status = read_bytes(file, file->size - TAIL_BYTES, tail, sizeof tail, err);
    if (status)
        return status;
    memcpy(&length, tail, sizeof length);
    if (memcmp(magic, IPC_MAGIC, sizeof magic) != 0 ||
        memcmp(tail + sizeof length, IPC_MAGIC, IPC_MAGIC_SIZE) != 0)
        return corrupt(file, err, "it is no Arrow file");
    if (length <= 0 || (uint64_t)length > file->size - 8 - TAIL_BYTES ||
        (size_t)length > LIMIT_FLATBUFFER_BYTES)
        return corrupt(file, err, "its footer is damaged");
    uint64_t end = file->size - TAIL_BYTES - (uint64_t)length;
    uint8_t *bytes = malloc((size_t)length);
    if (!bytes)
        return error_no_memory(err, ARROW_LAYER);
    status = read_bytes(file, end, bytes, (size_t)length, err);
    struct flatbuffer_view view = {bytes, (size_t)length, false};
    flatbuffer_table footer = status ? 0 : flatbuffer_root(&view);
    if (!status)
        status = columns_read(file, &view, flatbuffer_get_table(&view, footer, 1), err);
    if (!status)
        status = dictionaries_read(file, &view, footer, end, err);
    if (!status)
        status = batches_read(file, &view, footer, end, err);
    free(bytes);
    return status;
}

enum rg_status arrow_file_open(const char *path, struct arrow_file **out_file, struct rg_error *err)
{
    *out_file = NULL;
    struct stat info;
    struct arrow_file *file = calloc(1, sizeof *file);
    if (!file)
        return error_no_memory(err, ARROW_LAYER);
    enum rg_status status = RG_OK;
    file->arena.bytes_max = LIMIT_ARROW_FILE_BYTES;
    file->path = strdup(path);
    file->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (!file->path)
        status = error_no_memory(err, ARROW_LAYER);
    else if (file->fd < 0 || fstat(file->fd, &info) != 0)
        status = error_errno(err, ARROW_LAYER, errno, "cannot open", path);
    else if (!S_ISREG(info.st_mode))
        status = corrupt(file, err, "it is no file");
    else
        file->size = (uint64_t)info.st_size;
    if (!status)
        status = footer_read(file, err);
    if (status)
        arrow_file_close(file);
    else
        *out_file = file;
    return status;
}

void arrow_file_close(struct arrow_file *file)
{
    if (!file)
        return;
    if (file->fd >= 0)
        close(file->fd);
    arena_fini(&file->arena);
    free(file->path);
    free(file);
}

size_t arrow_file_columns(const struct arrow_file *file, const struct arrow_column **out_columns)
{
    *out_columns = file->columns;
    return file->n_columns;
}

size_t arrow_file_batches(const struct arrow_file *file)
{
    return file->n_batches;
}

int64_t arrow_file_batch_rows(const struct arrow_file *file, size_t batch)
{
    return file->batches[batch].rows;
}

uint64_t arrow_file_rows(const struct arrow_file *file)
{
    return file->rows;
}

/* --- Values ----------------------------------------------------------------------------------- */

/* What a slice needs at least, by the kinds of its buffers: validity, then values or offsets. */
struct need {
    int64_t validity, second; /* bytes */
    bool is_text;
};

/* Reads the buffers of one column into one piece of memory, each at a multiple of 8. */
static enum rg_status slice_load(const struct arrow_file *file, const struct batch *batch,
                                 size_t first_buffer, bool has_nulls, const struct need *need,
                                 struct arrow_slice *slice, struct rg_error *err)
{
    const struct ipc_buffer *buffers = &batch->buffers[first_buffer];
    int n = need->is_text ? BUFFERS_MAX : 2;
    size_t places[BUFFERS_MAX], total = 0;
    if ((has_nulls && buffers[0].length < need->validity) || buffers[1].length < need->second)
        return corrupt(file, err, "a buffer is shorter than its rows");
    for (int i = 0; i < n; i++) {
        places[i] = total;
        total += ((size_t)buffers[i].length + 7) / 8 * 8;
    }
    slice->memory = malloc(total ? total : 1);
    if (!slice->memory)
        return error_no_memory(err, ARROW_LAYER);
    enum rg_status status = RG_OK;
    for (int i = has_nulls ? 0 : 1; i < n && !status; i++)
        status = read_bytes(file, batch->body + (uint64_t)buffers[i].offset,
                            (char *)slice->memory + places[i], (size_t)buffers[i].length, err);
    const uint8_t *base = slice->memory;
    slice->rows = batch->rows;
    slice->validity = has_nulls ? base : NULL;
    slice->values = base + places[need->is_text ? 2 : 1];
    slice->offsets = need->is_text ? base + places[1] : NULL;
    return status;
}

static int64_t offset_at(const uint8_t *offsets, bool wide, int64_t row)
{
    int32_t narrow;
    int64_t value;
    if (wide) {
        memcpy(&value, offsets + row * 8, sizeof value);
        return value;
    }
    memcpy(&narrow, offsets + row * 4, sizeof narrow);
    return narrow;
}

struct str arrow_slice_text(const struct arrow_slice *slice, bool wide, int64_t row)
{
    int64_t from = offset_at(slice->offsets, wide, row);
    return (struct str){(const char *)slice->values + from,
                        (size_t)(offset_at(slice->offsets, wide, row + 1) - from)};
}

int64_t arrow_slice_code(const struct arrow_slice *slice, const struct arrow_column *column,
                         int64_t row)
{
    uint32_t four;
    uint16_t two;
    switch (column->code_bits) {
    case 8:
        return column->codes_signed ? (int8_t)slice->values[row] : slice->values[row];
    case 16:
        memcpy(&two, slice->values + row * 2, sizeof two);
        return column->codes_signed ? (int16_t)two : two;
    default:
        memcpy(&four, slice->values + row * 4, sizeof four);
        return column->codes_signed ? (int32_t)four : (int64_t)four;
    }
}

static enum rg_status texts_check(const struct arrow_file *file, const struct arrow_slice *slice,
                                  bool wide, int64_t bytes, struct rg_error *err)
{
    int64_t before = slice->rows ? offset_at(slice->offsets, wide, 0) : 0;
    bool good = before >= 0;
    for (int64_t i = 0; i < slice->rows && good; i++) {
        int64_t end = offset_at(slice->offsets, wide, i + 1);
        good = end >= before && end <= bytes;
        if (good && !arrow_slice_is_null(slice, i))
            good = utf8_valid((const char *)slice->values + before, (size_t)(end - before));
        before = end;
    }
    return good ? RG_OK : corrupt(file, err, "its texts are damaged");
}

static enum rg_status texts_read(const struct arrow_file *file, const struct batch *batch,
                                 size_t node, size_t first_buffer, bool wide,
                                 struct arrow_slice *slice, struct rg_error *err)
{
    bool has_nulls = batch->nodes[node].null_count != 0;
    struct need need = {(batch->rows + 7) / 8, batch->rows ? (batch->rows + 1) * (wide ? 8 : 4) : 0,
                        true};
    enum rg_status status = slice_load(file, batch, first_buffer, has_nulls, &need, slice, err);
    if (!status)
        status = texts_check(file, slice, wide, batch->buffers[first_buffer + 2].length, err);
    return status;
}

static enum rg_status codes_check(const struct arrow_file *file, const struct arrow_slice *slice,
                                  const struct arrow_column *column, int64_t n_texts,
                                  struct rg_error *err)
{
    for (int64_t i = 0; i < slice->rows; i++) {
        int64_t code = arrow_slice_code(slice, column, i);
        if ((code < 0 || code >= n_texts) && !arrow_slice_is_null(slice, i))
            return corrupt(file, err, "a code of column " STR_FMT " stands for nothing",
                           STR_ARG(column->name));
    }
    return RG_OK;
}

enum rg_status arrow_file_read(const struct arrow_file *file, size_t batch_number, size_t column,
                               int64_t n_texts, struct arrow_slice *out_slice, struct rg_error *err)
{
    RG_ASSERT(batch_number < file->n_batches && column < file->n_columns);
    const struct batch *batch = &file->batches[batch_number];
    const struct arrow_column *type = &file->columns[column];
    size_t buffer = file->first_buffer[column];
    enum rg_status status;
    *out_slice = (struct arrow_slice){.memory = NULL};
    if (type->value == ARROW_VALUE_TEXT && !type->has_codes) {
        status = texts_read(file, batch, column, buffer, type->wide, out_slice, err);
    } else {
        unsigned bits = type->has_codes                   ? type->code_bits
                        : type->value == ARROW_VALUE_BOOL ? 1
                                                          : type->bits;
        struct need need = {(batch->rows + 7) / 8, (batch->rows * bits + 7) / 8, false};
        status = slice_load(file, batch, buffer, batch->nodes[column].null_count != 0, &need,
                            out_slice, err);
        if (!status && type->has_codes)
            status = codes_check(file, out_slice, type, n_texts, err);
    }
    if (status)
        arrow_slice_fini(out_slice);
    return status;
}

enum rg_status arrow_file_dictionary(const struct arrow_file *file, size_t column,
                                     struct arrow_slice *out_slice, struct rg_error *err)
{
    const struct arrow_column *type = &file->columns[column];
    RG_ASSERT(type->has_codes);
    *out_slice = (struct arrow_slice){.memory = NULL};
    for (size_t i = 0; i < file->n_dictionaries; i++) {
        const struct dictionary *dictionary = &file->dictionaries[i];
        if (dictionary->id != type->dictionary)
            continue;
        enum rg_status status =
            texts_read(file, &dictionary->batch, 0, 0, type->wide, out_slice, err);
        if (status)
            arrow_slice_fini(out_slice);
        return status;
    }
    return corrupt(file, err, "the dictionary of column " STR_FMT " is missing",
                   STR_ARG(type->name));
}

void arrow_slice_fini(struct arrow_slice *slice)
{
    free(slice->memory);
    *slice = (struct arrow_slice){.memory = NULL};
}
