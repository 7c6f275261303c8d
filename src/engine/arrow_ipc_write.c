/* The order of messages. A message is a continuation mark, the size of its metadata, the metadata,
 * and a body; both sizes are padded so that bodies and their buffers begin at multiples of 64,
 * which lets a reader map the file and use it where it lies. */
#include "engine/arrow_ipc_write.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/limits.h"
#include "engine/arrow_ipc_inside.h"
#include "kernels/stable_hash.h"

/* What was written of a dictionary. */
struct dictionary {
    size_t node;             /* that has it */
    struct ipc_texts *texts; /* of ours; else NULL */
    bool written;
    int64_t rows; /* written so far */
    XXH128_hash_t hash;
};

struct blocks {
    struct ipc_block *items;
    size_t count, capacity;
};

struct arrow_ipc_writer {
    struct arrow_ipc_options options;
    struct arena arena;
    struct ipc_shape shape;
    struct dictionary *dictionaries; /* by id */
    struct ipc_texts **texts;        /* by node, borrowed */
    struct ipc_body body, values;    /* of a batch, of a dictionary */
    struct flatbuffer fb;
    struct blocks dictionary_blocks, batch_blocks; /* of a file */
    uint64_t position;
};

/* --- Bytes ----------------------------------------------------------------------------------- */

static enum rg_status put(struct arrow_ipc_writer *writer, const void *bytes, size_t count,
                          struct rg_error *err)
{
    if (!count)
        return RG_OK;
    int error_number = writer->options.put(writer->options.user, bytes, count);
    if (error_number)
        return error_errno(err, ARROW_LAYER, error_number, "cannot write", "the Arrow data");
    writer->position += count;
    return RG_OK;
}

static enum rg_status put_zeros(struct arrow_ipc_writer *writer, size_t count, struct rg_error *err)
{
    static const char zeros[IPC_ALIGN];
    RG_ASSERT(count < IPC_ALIGN);
    return put(writer, zeros, count, err);
}

static enum rg_status put_body(struct arrow_ipc_writer *writer, const struct ipc_body *body,
                               struct rg_error *err)
{
    enum rg_status status = RG_OK;
    for (size_t i = 0; i < body->n_buffers && !status; i++) {
        size_t length = (size_t)body->buffers[i].length;
        status = put(writer, body->data[i], length, err);
        if (!status)
            status = put_zeros(writer, -length & (IPC_ALIGN - 1), err);
    }
    return status;
}

static bool blocks_add(struct blocks *blocks, struct ipc_block block)
{
    if (blocks->count == blocks->capacity) {
        size_t capacity = blocks->capacity ? blocks->capacity * 2 : 64;
        struct ipc_block *grown = realloc(blocks->items, capacity * sizeof *grown);
        if (!grown)
            return false;
        blocks->items = grown;
        blocks->capacity = capacity;
    }
    blocks->items[blocks->count++] = block;
    return true;
}

/* `body` and `blocks` are NULL for the schema, which no footer names. */
static enum rg_status put_message(struct arrow_ipc_writer *writer, struct str metadata,
                                  const struct ipc_body *body, struct blocks *blocks,
                                  struct rg_error *err)
{
    if (!metadata.len)
        return error_no_memory(err, ARROW_LAYER);
    uint64_t start = writer->position;
    size_t padding = -(size_t)(start + 8 + metadata.len) & (IPC_ALIGN - 1);
    uint32_t head[] = {0xFFFFFFFFu, (uint32_t)(metadata.len + padding)};
    enum rg_status status = put(writer, head, sizeof head, err);
    if (!status)
        status = put(writer, metadata.ptr, metadata.len, err);
    if (!status)
        status = put_zeros(writer, padding, err);
    int32_t metadata_length = (int32_t)(writer->position - start);
    if (!status && body)
        status = put_body(writer, body, err);
    if (!status && body && writer->options.as_file &&
        !blocks_add(blocks, (struct ipc_block){(int64_t)start, metadata_length, 0, body->size}))
        status = error_no_memory(err, ARROW_LAYER);
    return status;
}

/* --- Dictionaries ---------------------------------------------------------------------------- */

static enum rg_status put_dictionary(struct arrow_ipc_writer *writer, size_t id, bool is_delta,
                                     struct rg_error *err)
{
    return put_message(writer,
                       ipc_dictionary_message(&writer->fb, &writer->values, (int64_t)id, is_delta),
                       &writer->values, &writer->dictionary_blocks, err);
}

/* Of the rows gathered: what they look like in a file, but for the padding. */
static XXH128_hash_t hash_body(const struct ipc_body *body)
{
    XXH3_state_t state;
    XXH3_128bits_reset(&state);
    for (size_t i = 0; i < body->n_nodes; i++)
        XXH3_128bits_update(&state, &body->nodes[i], sizeof body->nodes[i]);
    for (size_t i = 0; i < body->n_buffers; i++) {
        XXH3_128bits_update(&state, &body->buffers[i].length, sizeof body->buffers[i].length);
        if (body->buffers[i].length)
            XXH3_128bits_update(&state, body->data[i], (size_t)body->buffers[i].length);
    }
    return XXH3_128bits_digest(&state);
}

static enum rg_status gather_values(struct arrow_ipc_writer *writer, const struct dictionary *of,
                                    const struct ArrowArray *values, int64_t first, int64_t rows,
                                    struct rg_error *err)
{
    size_t node = writer->shape.nodes[of->node].dictionary;
    struct ipc_gather gather = {
        .shape = &writer->shape,
        .from = node,
        .to = writer->shape.nodes[node].end,
        .piece = {values, first, rows},
        .with_root = true,
        .texts = writer->texts,
    };
    return ipc_body_gather(&writer->values, &gather, err);
}

static const char *dictionary_name(const struct arrow_ipc_writer *writer,
                                   const struct dictionary *dictionary)
{
    const char *name = writer->shape.nodes[dictionary->node].schema->name;
    return name ? name : "";
}

/* Writes what a batch's dictionary has that was not written yet. */
static enum rg_status foreign_dictionary(struct arrow_ipc_writer *writer, size_t id,
                                         const struct ArrowArray *values, struct rg_error *err)
{
    struct dictionary *dictionary = &writer->dictionaries[id];
    size_t node = writer->shape.nodes[dictionary->node].dictionary;
    bool flat = writer->shape.nodes[node].end == node + 1 && !writer->shape.nodes[node].dictionary;
    bool extends = false;
    enum rg_status status = RG_OK;
    if (dictionary->written && values->length >= dictionary->rows) {
        status = gather_values(writer, dictionary, values, 0, dictionary->rows, err);
        extends = !status && XXH128_isEqual(hash_body(&writer->values), dictionary->hash);
        if (status || (extends && values->length == dictionary->rows))
            return status;
    }
    if (dictionary->written && !(extends && flat) && writer->options.as_file) {
        error_set(err, RG_ERR_USAGE, ARROW_LAYER,
                  "the dictionary of column %s changes, but a file holds one a column",
                  dictionary_name(writer, dictionary));
        error_hint(err, "write a stream, or cast the column to text");
        return RG_ERR_USAGE;
    }
    status = gather_values(writer, dictionary, values, 0, values->length, err);
    if (status)
        return status;
    XXH128_hash_t hash = hash_body(&writer->values);
    bool is_delta = extends && flat;
    if (is_delta)
        status = gather_values(writer, dictionary, values, dictionary->rows,
                               values->length - dictionary->rows, err);
    if (!status)
        status = put_dictionary(writer, id, is_delta, err);
    dictionary->written = true;
    dictionary->rows = values->length;
    dictionary->hash = hash;
    return status;
}

static enum rg_status own_dictionary(struct arrow_ipc_writer *writer, size_t id,
                                     struct rg_error *err)
{
    struct dictionary *dictionary = &writer->dictionaries[id];
    int64_t count = ipc_texts_view(dictionary->texts).count;
    if (dictionary->written && count == dictionary->rows)
        return RG_OK;
    enum rg_status status =
        ipc_texts_body(dictionary->texts, dictionary->rows,
                       writer->shape.nodes[dictionary->node].wide, &writer->values, err);
    if (!status)
        status = put_dictionary(writer, id, dictionary->written, err);
    dictionary->written = true;
    dictionary->rows = count;
    return status;
}

/* The array of a node, found from the batch down. Of lists and structs alike a child is a child:
 * which rows of it are wanted does not matter to its dictionary. */
static const struct ArrowArray *array_of(const struct ipc_shape *shape, size_t node,
                                         const struct ArrowArray *batch)
{
    size_t path[LIMIT_ARROW_DEPTH + 1], depth = 0;
    for (size_t at = node; at != 0; at = shape->nodes[at].parent)
        path[depth++] = at;
    while (depth > 0) {
        const struct ipc_node *at = &shape->nodes[path[--depth]];
        batch = at->child < 0 ? batch->dictionary : batch->children[at->child];
    }
    return batch;
}

/* Those inside others come first: higher ids are deeper or further right. */
static enum rg_status put_dictionaries(struct arrow_ipc_writer *writer,
                                       const struct ArrowArray *batch, struct rg_error *err)
{
    enum rg_status status = RG_OK;
    for (size_t id = writer->shape.n_dictionaries; id-- > 0 && !status;) {
        const struct dictionary *dictionary = &writer->dictionaries[id];
        if (dictionary->texts)
            continue;
        const struct ArrowArray *array = array_of(&writer->shape, dictionary->node, batch);
        status = foreign_dictionary(writer, id, array->dictionary, err);
    }
    return status;
}

/* A dictionary that no batch came with is empty, but there. */
static enum rg_status put_last_dictionaries(struct arrow_ipc_writer *writer, struct rg_error *err)
{
    enum rg_status status = RG_OK;
    for (size_t id = writer->shape.n_dictionaries; id-- > 0 && !status;) {
        struct dictionary *dictionary = &writer->dictionaries[id];
        if (dictionary->texts) {
            status = own_dictionary(writer, id, err);
        } else if (!dictionary->written) {
            status = gather_values(writer, dictionary, NULL, 0, 0, err);
            if (!status)
                status = put_dictionary(writer, id, false, err);
        }
    }
    return status;
}

/* --- The writer ------------------------------------------------------------------------------ */

static enum rg_status dictionaries_init(struct arrow_ipc_writer *writer, struct rg_error *err)
{
    const struct ipc_shape *shape = &writer->shape;
    size_t n = shape->n_dictionaries;
    writer->dictionaries = ARENA_ARRAY(&writer->arena, n ? n : 1, struct dictionary);
    writer->texts = ARENA_ARRAY(&writer->arena, shape->n_nodes, struct ipc_texts *);
    if (!writer->dictionaries || !writer->texts)
        return error_no_memory(err, ARROW_LAYER);
    enum rg_status status = RG_OK;
    for (size_t i = 0; i < shape->n_nodes && !status; i++) {
        const struct ipc_node *node = &shape->nodes[i];
        if (!node->dictionary && !node->encode)
            continue;
        struct dictionary *dictionary = &writer->dictionaries[node->dictionary_id];
        dictionary->node = i;
        if (node->encode)
            status = ipc_texts_new(&dictionary->texts, err);
        writer->texts[i] = dictionary->texts;
    }
    return status;
}

static enum rg_status put_head(struct arrow_ipc_writer *writer, struct rg_error *err)
{
    enum rg_status status = RG_OK;
    if (writer->options.as_file)
        status = put(writer, IPC_MAGIC "\0\0", 8, err);
    if (!status)
        status =
            put_message(writer,
                        ipc_schema_message(&writer->fb, &writer->shape, writer->options.metadata,
                                           writer->options.n_metadata),
                        NULL, NULL, err);
    return status;
}

enum rg_status arrow_ipc_writer_new(const struct arrow_ipc_options *options,
                                    const struct ArrowSchema *schema,
                                    struct arrow_ipc_writer **out_writer, struct rg_error *err)
{
    *out_writer = NULL;
    struct arrow_ipc_writer *writer = calloc(1, sizeof *writer);
    if (!writer)
        return error_no_memory(err, ARROW_LAYER);
    writer->options = *options;
    enum rg_status status = ipc_shape_init(&writer->shape, schema, options->dictionary_columns,
                                           options->n_dictionary_columns, &writer->arena, err);
    if (!status)
        status = dictionaries_init(writer, err);
    if (!status)
        status = put_head(writer, err);
    if (status)
        arrow_ipc_writer_free(writer);
    else
        *out_writer = writer;
    return status;
}

enum rg_status arrow_ipc_writer_batch(struct arrow_ipc_writer *writer,
                                      const struct ArrowArray *batch, int64_t rows,
                                      struct rg_error *err)
{
    RG_ASSERT(rows >= 0 && rows <= batch->length);
    if (batch->null_count > 0)
        return error_set(err, RG_ERR_USAGE, ARROW_LAYER, "a batch has rows that are NULL");
    enum rg_status status = put_dictionaries(writer, batch, err);
    if (status)
        return status;
    struct ipc_gather gather = {
        .shape = &writer->shape,
        .to = writer->shape.n_nodes,
        .piece = {batch, 0, rows},
        .texts = writer->texts,
    };
    status = ipc_body_gather(&writer->body, &gather, err);
    /* A stream's reader needs texts before their codes. */
    for (size_t id = 0; id < writer->shape.n_dictionaries && !status; id++)
        if (writer->dictionaries[id].texts && !writer->options.as_file)
            status = own_dictionary(writer, id, err);
    if (status)
        return status;
    return put_message(writer, ipc_batch_message(&writer->fb, &writer->body), &writer->body,
                       &writer->batch_blocks, err);
}

enum rg_status arrow_ipc_writer_finish(struct arrow_ipc_writer *writer, struct rg_error *err)
{
    static const uint32_t end[] = {0xFFFFFFFFu, 0};
    enum rg_status status = put_last_dictionaries(writer, err);
    if (!status)
        status = put(writer, end, sizeof end, err);
    if (status || !writer->options.as_file)
        return status;
    struct str footer = ipc_footer_text(&writer->fb, &(struct ipc_footer){
                                                         &writer->shape,
                                                         writer->options.metadata,
                                                         writer->options.n_metadata,
                                                         writer->dictionary_blocks.items,
                                                         writer->batch_blocks.items,
                                                         writer->dictionary_blocks.count,
                                                         writer->batch_blocks.count,
                                                     });
    if (!footer.len)
        return error_no_memory(err, ARROW_LAYER);
    int32_t size = (int32_t)footer.len;
    status = put(writer, footer.ptr, footer.len, err);
    if (!status)
        status = put(writer, &size, sizeof size, err);
    return status ? status : put(writer, IPC_MAGIC, IPC_MAGIC_SIZE, err);
}

uint64_t arrow_ipc_writer_bytes(const struct arrow_ipc_writer *writer)
{
    return writer->position;
}

void arrow_ipc_writer_free(struct arrow_ipc_writer *writer)
{
    if (!writer)
        return;
    for (size_t i = 0; writer->dictionaries && i < writer->shape.n_dictionaries; i++)
        ipc_texts_free(writer->dictionaries[i].texts);
    ipc_body_fini(&writer->body);
    ipc_body_fini(&writer->values);
    flatbuffer_fini(&writer->fb);
    free(writer->dictionary_blocks.items);
    free(writer->batch_blocks.items);
    arena_fini(&writer->arena);
    free(writer);
}
