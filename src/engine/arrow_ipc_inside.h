/* What the files of the Arrow IPC encoder share: arrow_ipc_types.c understands a schema,
 * arrow_ipc_message.c writes metadata, arrow_ipc_body.c finds the bytes of rows,
 * arrow_ipc_dictionary.c numbers texts, arrow_ipc_write.c puts messages in order. The numbers are
 * those of Schema.fbs, Message.fbs and File.fbs of the Arrow columnar format 1.5, which are
 * published with it. */
#ifndef ENGINE_ARROW_IPC_INSIDE_H
#define ENGINE_ARROW_IPC_INSIDE_H

#include "base/arena.h"
#include "engine/flatbuffer.h"
#include "relgraph/relgraph.h"

#define ARROW_LAYER "arrow"

enum {
    IPC_ALIGN = 64,     /* of bodies and of each buffer in them */
    IPC_VERSION = 4,    /* V5 */
    IPC_UNION_MAX = 128 /* members: their numbers are signed bytes */
};
#define IPC_MAGIC      "ARROW1"
#define IPC_MAGIC_SIZE 6u

/* --- Types ---------------------------------------------------------------------------------- */

enum ipc_type_id {
    IPC_NULL = 1,
    IPC_INT,
    IPC_FLOAT,
    IPC_BINARY,
    IPC_UTF8,
    IPC_BOOL,
    IPC_DECIMAL,
    IPC_DATE,
    IPC_TIME,
    IPC_TIMESTAMP,
    IPC_INTERVAL,
    IPC_LIST,
    IPC_STRUCT,
    IPC_UNION,
    IPC_FIXED_BINARY,
    IPC_FIXED_LIST,
    IPC_MAP,
    IPC_DURATION,
    IPC_LARGE_BINARY,
    IPC_LARGE_UTF8,
    IPC_LARGE_LIST
};

enum ipc_layout {
    IPC_LAYOUT_NONE,
    IPC_LAYOUT_BITS,
    IPC_LAYOUT_FIXED,      /* width bytes a value */
    IPC_LAYOUT_TEXT,       /* offsets, bytes */
    IPC_LAYOUT_LIST,       /* offsets, a child */
    IPC_LAYOUT_FIXED_LIST, /* width values of the child a value */
    IPC_LAYOUT_STRUCT,
    IPC_LAYOUT_UNION, /* sparse: a number a value, children as in a struct */
    IPC_LAYOUT_DENSE  /* dense: a number and a place in that child a value */
};

/* A schema's types in pre-order; the root, whose children are the columns, is number 0. */
struct ipc_node {
    const struct ArrowSchema *schema; /* borrowed */
    enum ipc_type_id type;
    enum ipc_layout layout;
    bool wide;          /* offsets of 64 bits */
    bool is_signed;     /* IPC_INT */
    bool encode;        /* texts that we turn into a dictionary */
    int64_t width;      /* bytes, or values of a fixed list */
    int16_t unit;       /* of dates, times, intervals; precision of a float; mode of a union */
    int32_t digits;     /* of a decimal */
    int32_t scale;      /* of a decimal */
    struct str zone;    /* of a timestamp; ptr NULL: none */
    size_t parent, end; /* its descendants are the nodes behind it, below end */
    int64_t child;      /* which one of the parent; -1: the parent's dictionary */
    size_t dictionary;  /* node of its values; 0: it is no dictionary */
    int64_t dictionary_id;
};

struct ipc_shape {
    struct ipc_node *nodes;
    size_t n_nodes, n_dictionaries;
};

/* Of a schema whose format is "+s"; columns named in `encode` that are texts get dictionaries. The
 * schema must outlive the shape; its memory is the arena's. */
RG_MUST_CHECK enum rg_status ipc_shape_init(struct ipc_shape *shape,
                                            const struct ArrowSchema *schema,
                                            const char *const *encode, size_t n_encode,
                                            struct arena *arena, struct rg_error *err);

/* The node behind a node and its children, where the rows of a dictionary's values, which travel
 * apart, are passed over. */
static inline size_t ipc_next(const struct ipc_shape *shape, size_t node)
{
    return shape->nodes[node].dictionary ? shape->nodes[node].end : node + 1;
}

/* --- Rows ----------------------------------------------------------------------------------- */

/* Rows [first, first + rows) of an array, counted from the array's own offset. */
struct ipc_piece {
    const struct ArrowArray *array;
    int64_t first, rows;
};

/* As structs of Message.fbs. */
struct ipc_field_node {
    int64_t length, null_count;
};
struct ipc_buffer {
    int64_t offset, length;
};
struct ipc_block {
    int64_t offset;
    int32_t metadata_length, padding;
    int64_t body_length;
};

/* The buffers of a record batch, most of them borrowed from its arrays. */
struct ipc_body {
    struct arena arena; /* what had to be made: shifted bits, offsets from 0 */
    struct ipc_field_node *nodes;
    size_t n_nodes;
    struct ipc_buffer *buffers;
    const void **data; /* of each buffer */
    size_t n_buffers;
    struct ipc_piece *pieces; /* of each node of the shape */
    int64_t rows, size;
};

/* Codes for the texts of a column that is turned into a dictionary. */
struct ipc_texts;

/* Gathers what the nodes [from, to) of a batch consist of, `piece` being the rows of `from`.
 * `texts` (NULL: none) are by node. Where `with_root` is false that of `from` itself is left out:
 * the columns of a struct. Errors: MEMORY, LIMIT where a dictionary grows too large. */
struct ipc_gather {
    const struct ipc_shape *shape;
    size_t from, to;
    struct ipc_piece piece;
    bool with_root;
    struct ipc_texts **texts;
};
RG_MUST_CHECK enum rg_status ipc_body_gather(struct ipc_body *body, const struct ipc_gather *gather,
                                             struct rg_error *err);
void ipc_body_fini(struct ipc_body *body);

/* --- Dictionaries of our own ----------------------------------------------------------------- */

RG_MUST_CHECK enum rg_status ipc_texts_new(struct ipc_texts **out_texts, struct rg_error *err);
void ipc_texts_free(struct ipc_texts *texts); /* accepts NULL */
RG_MUST_CHECK enum rg_status ipc_texts_code(struct ipc_texts *texts, struct str text,
                                            int32_t *out_code, struct rg_error *err);
/* The texts from `first` on as a body of one column, with offsets of 64 bits where it is wide; it
 * borrows from the texts. */
RG_MUST_CHECK enum rg_status ipc_texts_body(const struct ipc_texts *texts, int64_t first, bool wide,
                                            struct ipc_body *body, struct rg_error *err);
/* What it holds, until the next text is coded. */
struct ipc_texts_view {
    const char *bytes;
    const uint32_t *ends; /* of each text */
    int64_t count;
};
struct ipc_texts_view ipc_texts_view(const struct ipc_texts *texts);

/* --- Metadata -------------------------------------------------------------------------------- */

struct ipc_pair {
    const char *key, *value;
};

/* Messages as FlatBuffers; empty where memory is out. Texts live until fb changes. */
struct str ipc_schema_message(struct flatbuffer *fb, const struct ipc_shape *shape,
                              const struct ipc_pair *pairs, size_t n_pairs);
struct str ipc_batch_message(struct flatbuffer *fb, const struct ipc_body *body);
struct str ipc_dictionary_message(struct flatbuffer *fb, const struct ipc_body *body, int64_t id,
                                  bool is_delta);
struct ipc_footer {
    const struct ipc_shape *shape;
    const struct ipc_pair *pairs;
    size_t n_pairs;
    const struct ipc_block *dictionaries, *batches;
    size_t n_dictionaries, n_batches;
};
struct str ipc_footer_text(struct flatbuffer *fb, const struct ipc_footer *footer);

#endif
