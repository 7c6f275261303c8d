/* Finds the bytes of a slice of rows: most are written from where they lie; bitmaps that do not
 * begin or end at a byte and offsets that do not begin at 0 are made anew, and so are values some
 * of which are NULL: what lies there is chance, and equal rows shall have equal bytes. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "engine/arrow_ipc_inside.h"

enum { BUFFERS_MAX = 3 }; /* of one node */

static int64_t piece_start(const struct ipc_piece *piece)
{
    return piece->array->offset + piece->first;
}

static bool bit_get(const uint8_t *bits, int64_t at)
{
    return bits[at / 8] >> (at % 8) & 1;
}

/* Bits [first, first + count) from bit 0 on, those behind them 0; NULL when memory is out. */
static const uint8_t *bits_from(struct arena *arena, const uint8_t *bits, int64_t first,
                                int64_t count)
{
    if (first % 8 == 0 && count % 8 == 0)
        return bits + first / 8;
    size_t bytes = (size_t)(count + 7) / 8;
    uint8_t *out = arena_alloc(arena, bytes ? bytes : 1);
    if (!out)
        return NULL;
    unsigned shift = (unsigned)(first % 8);
    const uint8_t *from = bits + first / 8;
    for (size_t i = 0; i < bytes; i++) {
        unsigned both = from[i];
        /* The last byte of the source is looked at only where one of its bits is wanted. */
        if ((int64_t)i * 8 + 8 - shift < count)
            both |= (unsigned)from[i + 1] << 8;
        out[i] = (uint8_t)(both >> shift);
    }
    if (count % 8)
        out[bytes - 1] &= (uint8_t)((1u << count % 8) - 1);
    return out;
}

static int64_t nulls_count(const uint8_t *bits, int64_t first, int64_t count)
{
    int64_t set = 0, i = 0;
    for (; i < count && (first + i) % 8; i++)
        set += bit_get(bits, first + i);
    for (; i + 8 <= count; i += 8)
        set += __builtin_popcount(bits[(first + i) / 8]);
    for (; i < count; i++)
        set += bit_get(bits, first + i);
    return count - set;
}

/* --- Adding to a body ------------------------------------------------------------------------ */

static void add_node(struct ipc_body *body, int64_t length, int64_t nulls)
{
    body->nodes[body->n_nodes++] = (struct ipc_field_node){length, nulls};
}

static void add_buffer(struct ipc_body *body, const void *data, int64_t bytes)
{
    body->data[body->n_buffers] = data;
    body->buffers[body->n_buffers++] = (struct ipc_buffer){body->size, bytes};
    body->size += (bytes + IPC_ALIGN - 1) / IPC_ALIGN * IPC_ALIGN;
}

/* Where all are valid the bitmap is left out, which a length of 0 says. */
static enum rg_status add_validity(struct ipc_body *body, const struct ipc_piece *piece,
                                   struct rg_error *err)
{
    const struct ArrowArray *array = piece->array;
    const uint8_t *bits = piece->rows && array->n_buffers > 0 ? array->buffers[0] : NULL;
    int64_t nulls = 0;
    if (bits && array->null_count != 0)
        nulls = nulls_count(bits, piece_start(piece), piece->rows);
    add_node(body, piece->rows, nulls);
    if (nulls) {
        bits = bits_from(&body->arena, bits, piece_start(piece), piece->rows);
        if (!bits)
            return error_no_memory(err, ARROW_LAYER);
    }
    add_buffer(body, bits, nulls ? (piece->rows + 7) / 8 : 0);
    return RG_OK;
}

/* The validity that was added last, from bit 0 on; NULL: no row is NULL. */
static const uint8_t *last_validity(const struct ipc_body *body)
{
    return body->nodes[body->n_nodes - 1].null_count ? body->data[body->n_buffers - 1] : NULL;
}

static enum rg_status add_bits(struct ipc_body *body, const struct ipc_piece *piece,
                               struct rg_error *err)
{
    const uint8_t *bits = NULL, *valid = last_validity(body);
    size_t bytes = (size_t)(piece->rows + 7) / 8;
    if (piece->rows) {
        bits = bits_from(&body->arena, piece->array->buffers[1], piece_start(piece), piece->rows);
        if (!bits)
            return error_no_memory(err, ARROW_LAYER);
    }
    if (valid) {
        uint8_t *made = arena_alloc(&body->arena, bytes);
        if (!made)
            return error_no_memory(err, ARROW_LAYER);
        for (size_t i = 0; i < bytes; i++)
            made[i] = bits[i] & valid[i];
        bits = made;
    }
    add_buffer(body, bits, (int64_t)bytes);
    return RG_OK;
}

static void add_places(struct ipc_body *body, const struct ipc_piece *piece, int buffer,
                       int64_t width)
{
    const char *data = piece->rows ? piece->array->buffers[buffer] : NULL;
    add_buffer(body, data ? data + piece_start(piece) * width : NULL, piece->rows * width);
}

static enum rg_status add_fixed(struct ipc_body *body, const struct ipc_piece *piece, int64_t width,
                                struct rg_error *err)
{
    const uint8_t *valid = last_validity(body);
    if (!valid) {
        add_places(body, piece, 1, width);
        return RG_OK;
    }
    size_t each = (size_t)width;
    const char *from = (const char *)piece->array->buffers[1] + piece_start(piece) * width;
    char *made = arena_array(&body->arena, (size_t)piece->rows, each);
    if (!made)
        return error_no_memory(err, ARROW_LAYER);
    for (int64_t i = 0; i < piece->rows; i++)
        if (bit_get(valid, i))
            memcpy(made + i * width, from + i * width, each);
    add_buffer(body, made, piece->rows * width);
    return RG_OK;
}

static int64_t offset_at(const struct ipc_piece *piece, bool wide, int64_t row)
{
    const void *offsets = piece->array->buffers[1];
    int64_t at = piece_start(piece) + row;
    return wide ? ((const int64_t *)offsets)[at] : ((const int32_t *)offsets)[at];
}

/* Offsets from 0 on, one more than rows; what they point to is [*out_first, + *out_count). */
static enum rg_status add_offsets(struct ipc_body *body, const struct ipc_piece *piece, bool wide,
                                  int64_t *out_first, int64_t *out_count, struct rg_error *err)
{
    static const int64_t zero = 0;
    int64_t width = wide ? 8 : 4;
    *out_first = *out_count = 0;
    if (!piece->rows) { /* an empty array may have no offsets at all */
        add_buffer(body, &zero, width);
        return RG_OK;
    }
    int64_t first = offset_at(piece, wide, 0);
    *out_first = first;
    *out_count = offset_at(piece, wide, piece->rows) - first;
    if (first == 0) {
        add_buffer(body, (const char *)piece->array->buffers[1] + piece_start(piece) * width,
                   (piece->rows + 1) * width);
        return RG_OK;
    }
    void *made = arena_array(&body->arena, (size_t)piece->rows + 1, (size_t)width);
    if (!made)
        return error_no_memory(err, ARROW_LAYER);
    for (int64_t i = 0; i <= piece->rows; i++) {
        int64_t offset = offset_at(piece, wide, i) - first;
        if (wide)
            ((int64_t *)made)[i] = offset;
        else
            ((int32_t *)made)[i] = (int32_t)offset;
    }
    add_buffer(body, made, (piece->rows + 1) * width);
    return RG_OK;
}

/* Codes in place of texts; where the text is NULL the code means nothing. */
static enum rg_status add_codes(struct ipc_body *body, const struct ipc_piece *piece, bool wide,
                                struct ipc_texts *texts, struct rg_error *err)
{
    size_t rows = (size_t)piece->rows;
    const uint8_t *bits = rows ? piece->array->buffers[0] : NULL;
    const char *bytes = rows ? piece->array->buffers[2] : NULL;
    int32_t *codes = arena_array(&body->arena, rows ? rows : 1, sizeof *codes);
    if (!codes)
        return error_no_memory(err, ARROW_LAYER);
    for (int64_t i = 0; i < piece->rows; i++) {
        if (bits && !bit_get(bits, piece_start(piece) + i))
            continue;
        int64_t from = offset_at(piece, wide, i);
        size_t length = (size_t)(offset_at(piece, wide, i + 1) - from);
        enum rg_status status =
            ipc_texts_code(texts, (struct str){length ? bytes + from : "", length}, &codes[i], err);
        if (status)
            return status;
    }
    add_buffer(body, codes, piece->rows * (int64_t)sizeof *codes);
    return RG_OK;
}

static enum rg_status add_text(struct ipc_body *body, const struct ipc_piece *piece, bool wide,
                               struct rg_error *err)
{
    int64_t first, count;
    enum rg_status status = add_offsets(body, piece, wide, &first, &count, err);
    const char *bytes = count && piece->array ? piece->array->buffers[2] : NULL;
    add_buffer(body, bytes ? bytes + first : NULL, count);
    return status;
}

/* Since format V5 a union has no validity of its own. Places of a dense one point into whole
 * children, so these are written whole. */
static void add_union(struct ipc_body *body, const struct ipc_piece *piece, bool dense)
{
    add_node(body, piece->rows, 0);
    add_places(body, piece, 0, 1);
    if (dense)
        add_places(body, piece, 1, 4);
}

/* --- Nodes ----------------------------------------------------------------------------------- */

/* The rows of a child that belong to rows of its parent. Of no array at all, the children have
 * none either. */
static struct ipc_piece child_piece(const struct ipc_node *parent, const struct ipc_node *node,
                                    const struct ipc_piece *of)
{
    if (!of->array)
        return (struct ipc_piece){NULL, 0, 0};
    const struct ArrowArray *array = of->array->children[node->child];
    struct ipc_piece piece = {array, piece_start(of), of->rows};
    switch (parent->layout) {
    case IPC_LAYOUT_LIST:
        piece.first = of->rows ? offset_at(of, parent->wide, 0) : 0;
        piece.rows = of->rows ? offset_at(of, parent->wide, of->rows) - piece.first : 0;
        break;
    case IPC_LAYOUT_FIXED_LIST:
        piece.first *= parent->width;
        piece.rows *= parent->width;
        break;
    case IPC_LAYOUT_DENSE:
        piece.first = 0;
        piece.rows = array->length;
        break;
    default:
        break;
    }
    return piece;
}

static enum rg_status add_one(struct ipc_body *body, const struct ipc_node *node,
                              const struct ipc_piece *piece, struct ipc_texts *texts,
                              struct rg_error *err)
{
    int64_t first, count;
    if (node->layout == IPC_LAYOUT_NONE) {
        add_node(body, piece->rows, piece->rows);
        return RG_OK;
    }
    if (node->layout == IPC_LAYOUT_UNION || node->layout == IPC_LAYOUT_DENSE) {
        add_union(body, piece, node->layout == IPC_LAYOUT_DENSE);
        return RG_OK;
    }
    enum rg_status status = add_validity(body, piece, err);
    if (status)
        return status;
    switch (node->layout) {
    case IPC_LAYOUT_BITS:
        return add_bits(body, piece, err);
    case IPC_LAYOUT_FIXED:
        return add_fixed(body, piece, node->width, err);
    case IPC_LAYOUT_TEXT:
        return texts ? add_codes(body, piece, node->wide, texts, err)
                     : add_text(body, piece, node->wide, err);
    case IPC_LAYOUT_LIST:
        return add_offsets(body, piece, node->wide, &first, &count, err);
    default: /* structs and fixed lists have nothing but validity */
        return RG_OK;
    }
}

static enum rg_status body_reserve(struct ipc_body *body, size_t nodes, size_t shape_nodes,
                                   struct rg_error *err)
{
    arena_clear(&body->arena);
    body->n_nodes = body->n_buffers = 0;
    body->size = 0;
    body->nodes = ARENA_ARRAY(&body->arena, nodes, struct ipc_field_node);
    body->buffers = ARENA_ARRAY(&body->arena, nodes * BUFFERS_MAX, struct ipc_buffer);
    body->data = ARENA_ARRAY(&body->arena, nodes * BUFFERS_MAX, const void *);
    body->pieces = ARENA_ARRAY(&body->arena, shape_nodes, struct ipc_piece);
    return body->nodes && body->buffers && body->data && body->pieces
               ? RG_OK
               : error_no_memory(err, ARROW_LAYER);
}

enum rg_status ipc_body_gather(struct ipc_body *body, const struct ipc_gather *gather,
                               struct rg_error *err)
{
    const struct ipc_shape *shape = gather->shape;
    enum rg_status status = body_reserve(body, gather->to - gather->from, shape->n_nodes, err);
    if (status)
        return status;
    body->rows = gather->piece.rows;
    body->pieces[gather->from] = gather->piece;
    size_t next = gather->from;
    while (next < gather->to && !status) {
        size_t i = next;
        const struct ipc_node *node = &shape->nodes[i];
        next = ipc_next(shape, i);
        if (i != gather->from)
            body->pieces[i] =
                child_piece(&shape->nodes[node->parent], node, &body->pieces[node->parent]);
        if (i != gather->from || gather->with_root)
            status =
                add_one(body, node, &body->pieces[i], node->encode ? gather->texts[i] : NULL, err);
    }
    return status;
}

void ipc_body_fini(struct ipc_body *body)
{
    arena_fini(&body->arena);
    *body = (struct ipc_body){.rows = 0};
}

/* --- The texts of a dictionary --------------------------------------------------------------- */

enum rg_status ipc_texts_body(const struct ipc_texts *texts, int64_t first, bool wide,
                              struct ipc_body *body, struct rg_error *err)
{
    struct ipc_texts_view view = ipc_texts_view(texts);
    int64_t rows = view.count - first, width = wide ? 8 : 4;
    enum rg_status status = body_reserve(body, 1, 1, err);
    if (status)
        return status;
    void *offsets = arena_array(&body->arena, (size_t)rows + 1, (size_t)width);
    if (!offsets)
        return error_no_memory(err, ARROW_LAYER);
    int64_t from = first ? (int64_t)view.ends[first - 1] : 0;
    for (int64_t i = 0; i < rows; i++) {
        int64_t end = (int64_t)view.ends[first + i] - from;
        if (wide)
            ((int64_t *)offsets)[i + 1] = end;
        else
            ((int32_t *)offsets)[i + 1] = (int32_t)end;
    }
    body->rows = rows;
    add_node(body, rows, 0);
    add_buffer(body, NULL, 0);
    add_buffer(body, offsets, (rows + 1) * width);
    add_buffer(body, rows ? view.bytes + from : NULL,
               rows ? (int64_t)view.ends[view.count - 1] - from : 0);
    return RG_OK;
}
