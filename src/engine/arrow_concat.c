/* Concatenation by layout. A type is a node; the pieces of a node (a slice of one array each)
 * follow from the pieces of its parent, so one pass over the nodes in pre-order does all. */
#include "engine/arrow_concat.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define NODES_MAX 4096 /* columns and their parts; a wider result is passed on unjoined */
#define DEPTH_MAX 64   /* releasing an array calls itself for its children */

enum layout {
    LAYOUT_NULL,
    LAYOUT_BITS,
    LAYOUT_FIXED,  /* width bytes a value */
    LAYOUT_TEXT32, /* 32-bit offsets, bytes */
    LAYOUT_TEXT64,
    LAYOUT_LIST32, /* 32-bit offsets, a child */
    LAYOUT_LIST64,
    LAYOUT_FIXED_LIST, /* width values of the child a value */
    LAYOUT_STRUCT,
    LAYOUT_UNION /* sparse: a type number a value, children as in a struct */
};

struct arrow_node {
    enum layout layout;
    int64_t width;
    size_t parent; /* of the root: itself */
    int64_t child; /* which child of the parent; DICTIONARY for its dictionary */
    int64_t n_children;
    unsigned depth;
};

#define DICTIONARY (-1)

/* Rows [first, first + rows) of an array, counted from the array's own offset. */
struct piece {
    const struct ArrowArray *array;
    int64_t first, rows;
};

/* What an array of ours owns. */
struct owned {
    const void *buffers[3];
    struct ArrowArray **children;
    int64_t n_children;
};

/* --- Shapes --------------------------------------------------------------------------------- */

static const struct {
    const char *prefix;
    enum layout layout;
    int64_t width;
} formats[] = {
    {"n", LAYOUT_NULL, 0},    {"b", LAYOUT_BITS, 0},     {"c", LAYOUT_FIXED, 1},
    {"C", LAYOUT_FIXED, 1},   {"s", LAYOUT_FIXED, 2},    {"S", LAYOUT_FIXED, 2},
    {"i", LAYOUT_FIXED, 4},   {"I", LAYOUT_FIXED, 4},    {"l", LAYOUT_FIXED, 8},
    {"L", LAYOUT_FIXED, 8},   {"e", LAYOUT_FIXED, 2},    {"f", LAYOUT_FIXED, 4},
    {"g", LAYOUT_FIXED, 8},   {"u", LAYOUT_TEXT32, 0},   {"z", LAYOUT_TEXT32, 0},
    {"U", LAYOUT_TEXT64, 0},  {"Z", LAYOUT_TEXT64, 0},   {"tdD", LAYOUT_FIXED, 4},
    {"tdm", LAYOUT_FIXED, 8}, {"tts", LAYOUT_FIXED, 4},  {"ttm", LAYOUT_FIXED, 4},
    {"ttu", LAYOUT_FIXED, 8}, {"ttn", LAYOUT_FIXED, 8},  {"tiM", LAYOUT_FIXED, 4},
    {"tiD", LAYOUT_FIXED, 8}, {"tin", LAYOUT_FIXED, 16}, {"+l", LAYOUT_LIST32, 0},
    {"+m", LAYOUT_LIST32, 0}, {"+L", LAYOUT_LIST64, 0},  {"+s", LAYOUT_STRUCT, 0},
};

static bool format_read(const char *format, struct arrow_node *node)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (!strcmp(formats[i].prefix, format)) {
            node->layout = formats[i].layout;
            node->width = formats[i].width;
            return true;
        }
    }
    node->layout = LAYOUT_FIXED;
    if (!strncmp(format, "ts", 2) || !strncmp(format, "tD", 2)) {
        node->width = 8;
    } else if (!strncmp(format, "w:", 2)) {
        node->width = strtol(format + 2, NULL, 10);
    } else if (!strncmp(format, "d:", 2)) {
        const char *scale = strchr(format, ',');
        const char *bits = scale ? strchr(scale + 1, ',') : NULL;
        node->width = bits ? strtol(bits + 1, NULL, 10) / 8 : 16;
    } else if (!strncmp(format, "+w:", 3)) {
        node->layout = LAYOUT_FIXED_LIST;
        node->width = strtol(format + 3, NULL, 10);
    } else if (!strncmp(format, "+us:", 4)) {
        node->layout = LAYOUT_UNION;
        node->width = 1;
    } else {
        return false;
    }
    return node->width > 0;
}

/* Schemas still to be looked at: a node's children are pushed when the node is taken. */
struct pending_schema {
    const struct ArrowSchema *schema;
    size_t parent;
    int64_t child;
    unsigned depth;
};

enum arrow_result arrow_shape_init(struct arrow_shape *shape, const struct ArrowSchema *schema)
{
    enum arrow_result result = ARROW_DONE;
    struct pending_schema *stack = malloc(NODES_MAX * sizeof *stack);
    *shape = (struct arrow_shape){.nodes = calloc(NODES_MAX, sizeof *shape->nodes)};
    if (!stack || !shape->nodes) {
        free(stack);
        return ARROW_NO_MEMORY;
    }
    size_t waiting = 0;
    stack[waiting++] = (struct pending_schema){schema, 0, 0, 0};
    while (waiting && result == ARROW_DONE) {
        struct pending_schema at = stack[--waiting];
        size_t number = shape->n_nodes;
        int64_t parts = at.schema->n_children + (at.schema->dictionary ? 1 : 0);
        struct arrow_node node = {.parent = at.parent, .child = at.child, .depth = at.depth};
        node.n_children = at.schema->n_children;
        if (number == NODES_MAX || (uint64_t)parts > NODES_MAX - waiting || at.depth > DEPTH_MAX ||
            !format_read(at.schema->format, &node)) {
            result = ARROW_UNSUPPORTED;
            break;
        }
        shape->nodes[shape->n_nodes++] = node;
        if (at.schema->dictionary)
            stack[waiting++] =
                (struct pending_schema){at.schema->dictionary, number, DICTIONARY, at.depth + 1};
        for (int64_t i = 0; i < at.schema->n_children; i++)
            stack[waiting++] =
                (struct pending_schema){at.schema->children[i], number, i, at.depth + 1};
    }
    free(stack);
    return result;
}

void arrow_shape_fini(struct arrow_shape *shape)
{
    free(shape->nodes);
    *shape = (struct arrow_shape){0};
}

/* --- Arrays of ours ----------------------------------------------------------------------------
 */

static void array_release(struct ArrowArray *array)
{
    struct owned *owned = array->private_data;
    for (int64_t i = 0; i < owned->n_children; i++) {
        struct ArrowArray *child = owned->children[i];
        if (child && child->release)
            child->release(child);
        free(child);
    }
    if (array->dictionary) {
        if (array->dictionary->release)
            array->dictionary->release(array->dictionary);
        free(array->dictionary);
    }
    for (int i = 0; i < 3; i++)
        free((void *)(uintptr_t)owned->buffers[i]);
    free(owned->children);
    free(owned);
    array->release = NULL;
}

static bool array_make(struct ArrowArray *array, const struct arrow_node *node, int64_t rows)
{
    struct owned *owned = calloc(1, sizeof *owned);
    size_t children = (size_t)node->n_children;
    if (!owned)
        return false;
    owned->children = calloc(children ? children : 1, sizeof(struct ArrowArray *));
    if (!owned->children) {
        free(owned);
        return false;
    }
    owned->n_children = node->n_children;
    *array = (struct ArrowArray){.length = rows,
                                 .n_children = node->n_children,
                                 .children = owned->children,
                                 .release = array_release,
                                 .private_data = owned,
                                 .buffers = owned->buffers};
    return true;
}

/* Zeroed and never empty, so that a buffer of no bytes is no NULL. */
static void *buffer_make(struct ArrowArray *array, int number, size_t bytes)
{
    struct owned *owned = array->private_data;
    size_t room = (bytes + 64) / 64 * 64;
    void *buffer = aligned_alloc(64, room);
    if (buffer)
        memset(buffer, 0, room);
    owned->buffers[number] = buffer;
    return buffer;
}

/* --- Copying -------------------------------------------------------------------------------- */

static bool bit_get(const uint8_t *bits, int64_t at)
{
    return bits[at / 8] >> (at % 8) & 1;
}

/* Ors bits into zeroed room. */
static void bits_copy(uint8_t *to, int64_t to_first, const uint8_t *from, int64_t from_first,
                      int64_t count)
{
    int64_t i = 0;
    if (to_first % 8 == 0 && from_first % 8 == 0) {
        memcpy(to + to_first / 8, from + from_first / 8, (size_t)(count / 8));
        i = count / 8 * 8;
    }
    for (; i < count; i++) {
        if (bit_get(from, from_first + i))
            to[(to_first + i) / 8] |= (uint8_t)(1u << ((to_first + i) % 8));
    }
}

static int64_t piece_start(const struct piece *piece)
{
    return piece->array->offset + piece->first;
}

static bool copy_validity(struct ArrowArray *out, const struct piece *pieces, size_t n_pieces)
{
    bool any = false;
    for (size_t i = 0; i < n_pieces; i++)
        any |= pieces[i].array->buffers[0] && pieces[i].array->null_count != 0;
    if (!any)
        return true;
    uint8_t *bits = buffer_make(out, 0, (size_t)(out->length + 7) / 8);
    if (!bits)
        return false;
    int64_t at = 0;
    for (size_t i = 0; i < n_pieces; i++) {
        const uint8_t *from = pieces[i].array->buffers[0];
        for (int64_t r = 0; !from && r < pieces[i].rows; r++)
            bits[(at + r) / 8] |= (uint8_t)(1u << ((at + r) % 8));
        if (from)
            bits_copy(bits, at, from, piece_start(&pieces[i]), pieces[i].rows);
        at += pieces[i].rows;
    }
    for (int64_t r = 0; r < out->length; r++)
        out->null_count += !bit_get(bits, r);
    return true;
}

static enum arrow_result copy_bits(struct ArrowArray *out, const struct piece *pieces,
                                   size_t n_pieces)
{
    uint8_t *bits = buffer_make(out, 1, (size_t)(out->length + 7) / 8);
    int64_t at = 0;
    if (!bits)
        return ARROW_NO_MEMORY;
    for (size_t i = 0; i < n_pieces; at += pieces[i++].rows)
        bits_copy(bits, at, pieces[i].array->buffers[1], piece_start(&pieces[i]), pieces[i].rows);
    return ARROW_DONE;
}

static enum arrow_result copy_fixed(struct ArrowArray *out, int number, size_t width,
                                    const struct piece *pieces, size_t n_pieces)
{
    char *to = buffer_make(out, number, (size_t)out->length * width);
    if (!to)
        return ARROW_NO_MEMORY;
    for (size_t i = 0; i < n_pieces; i++) {
        size_t bytes = (size_t)pieces[i].rows * width;
        const char *from = pieces[i].array->buffers[number];
        if (bytes)
            memcpy(to, from + (size_t)piece_start(&pieces[i]) * width, bytes);
        to += bytes;
    }
    return ARROW_DONE;
}

static int64_t offset_at(const struct ArrowArray *array, bool wide, int64_t at)
{
    return wide ? ((const int64_t *)array->buffers[1])[at]
                : ((const int32_t *)array->buffers[1])[at];
}

/* The values of a piece in what its offsets point to. An empty array may have no offsets at all. */
static void offsets_range(const struct piece *piece, bool wide, int64_t *out_first,
                          int64_t *out_count)
{
    *out_first = *out_count = 0;
    if (!piece->rows)
        return;
    *out_first = offset_at(piece->array, wide, piece_start(piece));
    *out_count = offset_at(piece->array, wide, piece_start(piece) + piece->rows) - *out_first;
}

static enum arrow_result copy_offsets(struct ArrowArray *out, bool wide, const struct piece *pieces,
                                      size_t n_pieces, int64_t *out_total)
{
    size_t width = wide ? sizeof(int64_t) : sizeof(int32_t);
    void *to = buffer_make(out, 1, (size_t)(out->length + 1) * width);
    int64_t total = 0, at = 0;
    if (!to)
        return ARROW_NO_MEMORY;
    for (size_t i = 0; i < n_pieces; i++) {
        int64_t first, count;
        offsets_range(&pieces[i], wide, &first, &count);
        if (!wide && total + count > INT32_MAX)
            return ARROW_TOO_LARGE;
        for (int64_t r = 0; r < pieces[i].rows; r++, at++) {
            int64_t value =
                offset_at(pieces[i].array, wide, piece_start(&pieces[i]) + r) - first + total;
            if (wide)
                ((int64_t *)to)[at] = value;
            else
                ((int32_t *)to)[at] = (int32_t)value;
        }
        total += count;
    }
    if (wide)
        ((int64_t *)to)[at] = total;
    else
        ((int32_t *)to)[at] = (int32_t)total;
    *out_total = total;
    return ARROW_DONE;
}

static enum arrow_result copy_text(struct ArrowArray *out, bool wide, const struct piece *pieces,
                                   size_t n_pieces)
{
    int64_t total = 0;
    enum arrow_result result = copy_offsets(out, wide, pieces, n_pieces, &total);
    if (result != ARROW_DONE)
        return result;
    char *to = buffer_make(out, 2, (size_t)total);
    if (!to)
        return ARROW_NO_MEMORY;
    for (size_t i = 0; i < n_pieces; i++) {
        int64_t first, count;
        offsets_range(&pieces[i], wide, &first, &count);
        if (count)
            memcpy(to, (const char *)pieces[i].array->buffers[2] + first, (size_t)count);
        to += count;
    }
    return ARROW_DONE;
}

static enum arrow_result node_copy(const struct arrow_node *node, struct ArrowArray *out,
                                   const struct piece *pieces, size_t n_pieces)
{
    int64_t total;
    if (node->layout != LAYOUT_NULL && node->layout != LAYOUT_UNION &&
        !copy_validity(out, pieces, n_pieces))
        return ARROW_NO_MEMORY;
    switch (node->layout) {
    case LAYOUT_NULL:
        out->null_count = out->length;
        out->n_buffers = 0;
        return ARROW_DONE;
    case LAYOUT_STRUCT:
    case LAYOUT_FIXED_LIST:
        out->n_buffers = 1;
        return ARROW_DONE;
    case LAYOUT_UNION:
        out->n_buffers = 1;
        return copy_fixed(out, 0, 1, pieces, n_pieces);
    case LAYOUT_BITS:
        out->n_buffers = 2;
        return copy_bits(out, pieces, n_pieces);
    case LAYOUT_FIXED:
        out->n_buffers = 2;
        return copy_fixed(out, 1, (size_t)node->width, pieces, n_pieces);
    case LAYOUT_LIST32:
    case LAYOUT_LIST64:
        out->n_buffers = 2;
        return copy_offsets(out, node->layout == LAYOUT_LIST64, pieces, n_pieces, &total);
    case LAYOUT_TEXT32:
    case LAYOUT_TEXT64:
        out->n_buffers = 3;
        return copy_text(out, node->layout == LAYOUT_TEXT64, pieces, n_pieces);
    }
    return ARROW_UNSUPPORTED;
}

/* The piece of a child that belongs to a piece of its parent. */
static struct piece child_piece(const struct arrow_node *parent, const struct arrow_node *node,
                                const struct piece *of)
{
    struct piece piece = {of->array->children[node->child], piece_start(of), of->rows};
    if (parent->layout == LAYOUT_LIST32 || parent->layout == LAYOUT_LIST64) {
        offsets_range(of, parent->layout == LAYOUT_LIST64, &piece.first, &piece.rows);
    } else if (parent->layout == LAYOUT_FIXED_LIST) {
        piece.first *= parent->width;
        piece.rows *= parent->width;
    }
    return piece;
}

/* The dictionary is the same for all arrays of a stream: that of the first one serves. */
static size_t dictionary_piece(const struct piece *of, size_t n_pieces, struct piece *out)
{
    if (!n_pieces)
        return 0;
    *out = (struct piece){of->array->dictionary, 0, of->array->dictionary->length};
    return 1;
}

/* A node under construction. */
struct part {
    struct ArrowArray *array;
    struct piece *pieces;
    size_t n_pieces;
};

static enum arrow_result part_make(const struct arrow_shape *shape, size_t number,
                                   struct part *parts, struct piece *pieces)
{
    const struct arrow_node *node = &shape->nodes[number];
    struct part *part = &parts[number];
    int64_t rows = 0;
    part->pieces = pieces;
    if (number > 0) {
        const struct part *parent = &parts[node->parent];
        RG_ASSERT(parent->array); /* parents come first */
        part->array = calloc(1, sizeof *part->array);
        if (!part->array)
            return ARROW_NO_MEMORY;
        if (node->child == DICTIONARY) {
            part->n_pieces = dictionary_piece(parent->pieces, parent->n_pieces, pieces);
            parent->array->dictionary = part->array;
        } else {
            part->n_pieces = parent->n_pieces;
            for (size_t i = 0; i < parent->n_pieces; i++)
                pieces[i] = child_piece(&shape->nodes[node->parent], node, &parent->pieces[i]);
            parent->array->children[node->child] = part->array;
        }
    }
    for (size_t i = 0; i < part->n_pieces; i++)
        rows += pieces[i].rows;
    if (!array_make(part->array, node, rows))
        return ARROW_NO_MEMORY;
    return node_copy(node, part->array, pieces, part->n_pieces);
}

enum arrow_result arrow_concat(const struct arrow_shape *shape, const struct ArrowArray *arrays,
                               size_t n_arrays, int64_t rows, struct ArrowArray *out)
{
    enum arrow_result result = ARROW_DONE;
    *out = (struct ArrowArray){0};
    if (!shape->n_nodes)
        return ARROW_UNSUPPORTED;
    struct part *parts = calloc(shape->n_nodes, sizeof *parts);
    struct piece *pieces = calloc(shape->n_nodes * n_arrays + 1, sizeof *pieces);
    if (!parts || !pieces) {
        result = ARROW_NO_MEMORY;
        goto out;
    }
    parts[0].array = out;
    for (size_t i = 0; i < n_arrays && rows > 0; i++) {
        int64_t count = arrays[i].length < rows ? arrays[i].length : rows;
        pieces[parts[0].n_pieces++] = (struct piece){&arrays[i], 0, count};
        rows -= count;
    }
    for (size_t i = 0; i < shape->n_nodes && result == ARROW_DONE; i++)
        result = part_make(shape, i, parts, pieces + i * n_arrays);
    if (result != ARROW_DONE && out->release)
        out->release(out);
out:
    free(pieces);
    free(parts);
    return result;
}
