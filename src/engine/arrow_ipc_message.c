/* The tables of Schema.fbs, Message.fbs and File.fbs; slots are the order of their fields there. */
#include <string.h>

#include "base/limits.h"
#include "engine/arrow_ipc_inside.h"

enum { HEADER_SCHEMA = 1, HEADER_DICTIONARY = 2, HEADER_BATCH = 3 };

/* --- Types ----------------------------------------------------------------------------------- */

static flatbuffer_ref int_table(struct flatbuffer *fb, int64_t bytes, bool is_signed)
{
    flatbuffer_table_begin(fb);
    flatbuffer_i32(fb, 0, (int32_t)(bytes * 8), 0);
    flatbuffer_u8(fb, 1, is_signed, 0);
    return flatbuffer_table_end(fb);
}

/* The numbers by which a union tells its children apart, from "+us:1,2,5". */
static flatbuffer_ref union_ids(struct flatbuffer *fb, const struct ipc_node *node)
{
    int32_t ids[IPC_UNION_MAX];
    size_t n = 0;
    struct str rest = str_of(node->schema->format + 4);
    while (rest.ptr && rest.len && n < sizeof ids / sizeof *ids) {
        struct str one = str_split(&rest, ',');
        int32_t id = 0;
        for (size_t i = 0; i < one.len && id < 1000; i++)
            id = id * 10 + (one.ptr[i] - '0');
        ids[n++] = id;
    }
    return flatbuffer_ints(fb, ids, n);
}

static flatbuffer_ref type_table(struct flatbuffer *fb, const struct ipc_node *node)
{
    flatbuffer_ref part = 0;
    if (node->type == IPC_TIMESTAMP && node->zone.ptr)
        part = flatbuffer_string(fb, node->zone);
    if (node->type == IPC_UNION)
        part = union_ids(fb, node);
    if (node->type == IPC_INT)
        return int_table(fb, node->width, node->is_signed);
    flatbuffer_table_begin(fb);
    switch (node->type) {
    case IPC_FLOAT:
        flatbuffer_i16(fb, 0, node->unit, 0);
        break;
    case IPC_DECIMAL:
        flatbuffer_i32(fb, 0, node->digits, 0);
        flatbuffer_i32(fb, 1, node->scale, 0);
        flatbuffer_i32(fb, 2, (int32_t)node->width * 8, 128);
        break;
    case IPC_DATE:
    case IPC_DURATION:
        flatbuffer_i16(fb, 0, node->unit, 1);
        break;
    case IPC_TIME:
        flatbuffer_i16(fb, 0, node->unit, 1);
        flatbuffer_i32(fb, 1, (int32_t)node->width * 8, 32);
        break;
    case IPC_TIMESTAMP:
    case IPC_UNION:
        flatbuffer_i16(fb, 0, node->unit, 0);
        flatbuffer_ref_to(fb, 1, part);
        break;
    case IPC_INTERVAL:
        flatbuffer_i16(fb, 0, node->unit, 0);
        break;
    case IPC_FIXED_BINARY:
    case IPC_FIXED_LIST:
        flatbuffer_i32(fb, 0, (int32_t)node->width, 0);
        break;
    case IPC_MAP:
        flatbuffer_u8(fb, 0, (node->schema->flags & ARROW_FLAG_MAP_KEYS_SORTED) != 0, 0);
        break;
    default:
        break;
    }
    return flatbuffer_table_end(fb);
}

/* --- Fields ---------------------------------------------------------------------------------- */

static flatbuffer_ref pair_table(struct flatbuffer *fb, struct str key, struct str value)
{
    flatbuffer_ref key_ref = flatbuffer_string(fb, key);
    flatbuffer_ref value_ref = flatbuffer_string(fb, value);
    flatbuffer_table_begin(fb);
    flatbuffer_ref_to(fb, 0, key_ref);
    flatbuffer_ref_to(fb, 1, value_ref);
    return flatbuffer_table_end(fb);
}

static struct str metadata_text(const char **at)
{
    int32_t length;
    memcpy(&length, *at, sizeof length);
    struct str text = {*at + sizeof length, length > 0 ? (size_t)length : 0};
    *at = text.ptr + text.len;
    return text;
}

/* Of the C data interface: a count, then keys and values with a length before each. */
static flatbuffer_ref metadata_table(struct flatbuffer *fb, const char *metadata)
{
    enum { PAIRS_MAX = 64 };
    flatbuffer_ref pairs[PAIRS_MAX];
    int32_t count = 0;
    if (metadata)
        memcpy(&count, metadata, sizeof count);
    if (count <= 0)
        return 0;
    if (count > PAIRS_MAX) {
        fb->failed = true;
        return 0;
    }
    const char *at = metadata + sizeof count;
    for (int32_t i = 0; i < count; i++) {
        struct str key = metadata_text(&at), value = metadata_text(&at);
        pairs[i] = pair_table(fb, key, value);
    }
    return flatbuffer_refs(fb, pairs, (size_t)count);
}

static flatbuffer_ref encoding_table(struct flatbuffer *fb, const struct ipc_node *node)
{
    flatbuffer_ref index =
        node->encode ? int_table(fb, 4, true) : int_table(fb, node->width, node->is_signed);
    flatbuffer_table_begin(fb);
    flatbuffer_i64(fb, 0, node->dictionary_id, 0);
    flatbuffer_ref_to(fb, 1, index);
    flatbuffer_u8(fb, 2, (node->schema->flags & ARROW_FLAG_DICTIONARY_ORDERED) != 0, 0);
    return flatbuffer_table_end(fb);
}

/* The fields of a node's children, which are made already. */
static flatbuffer_ref children_refs(struct flatbuffer *fb, const struct ipc_shape *shape,
                                    size_t number, const flatbuffer_ref *fields)
{
    flatbuffer_ref refs[LIMIT_ARROW_NODES];
    size_t n = 0;
    const struct ipc_node *node = &shape->nodes[number];
    for (size_t i = number + 1; i < node->end; i = shape->nodes[i].end)
        if (shape->nodes[i].child >= 0)
            refs[n++] = fields[i];
    return flatbuffer_refs(fb, refs, n);
}

/* A dictionary's field has the name of the column, and the type of its values. */
static flatbuffer_ref field_table(struct flatbuffer *fb, const struct ipc_shape *shape,
                                  size_t number, const flatbuffer_ref *fields)
{
    const struct ipc_node *node = &shape->nodes[number];
    const struct ArrowSchema *schema = node->schema;
    size_t value = node->dictionary ? node->dictionary : number;
    flatbuffer_ref name = flatbuffer_string(fb, str_of(schema->name ? schema->name : ""));
    flatbuffer_ref type = type_table(fb, &shape->nodes[value]);
    flatbuffer_ref encoding = node->dictionary || node->encode ? encoding_table(fb, node) : 0;
    flatbuffer_ref children = children_refs(fb, shape, value, fields);
    flatbuffer_ref metadata = metadata_table(fb, schema->metadata);
    flatbuffer_table_begin(fb);
    flatbuffer_ref_to(fb, 0, name);
    flatbuffer_u8(fb, 1, (schema->flags & ARROW_FLAG_NULLABLE) != 0, 0);
    flatbuffer_u8(fb, 2, (uint8_t)shape->nodes[value].type, 0);
    flatbuffer_ref_to(fb, 3, type);
    flatbuffer_ref_to(fb, 4, encoding);
    flatbuffer_ref_to(fb, 5, children);
    flatbuffer_ref_to(fb, 6, metadata);
    return flatbuffer_table_end(fb);
}

static flatbuffer_ref pairs_refs(struct flatbuffer *fb, const struct ipc_pair *pairs,
                                 size_t n_pairs)
{
    enum { PAIRS_MAX = 16 };
    flatbuffer_ref refs[PAIRS_MAX];
    if (!n_pairs)
        return 0;
    if (n_pairs > PAIRS_MAX) {
        fb->failed = true;
        return 0;
    }
    for (size_t i = 0; i < n_pairs; i++)
        refs[i] = pair_table(fb, str_of(pairs[i].key), str_of(pairs[i].value));
    return flatbuffer_refs(fb, refs, n_pairs);
}

static flatbuffer_ref schema_table(struct flatbuffer *fb, const struct ipc_shape *shape,
                                   const struct ipc_pair *pairs, size_t n_pairs)
{
    flatbuffer_ref fields[LIMIT_ARROW_NODES] = {0};
    for (size_t i = shape->n_nodes; i-- > 1;)
        fields[i] = shape->nodes[i].child < 0 ? 0 : field_table(fb, shape, i, fields);
    flatbuffer_ref columns = children_refs(fb, shape, 0, fields);
    flatbuffer_ref metadata = pairs_refs(fb, pairs, n_pairs);
    flatbuffer_table_begin(fb);
    flatbuffer_ref_to(fb, 1, columns);
    flatbuffer_ref_to(fb, 2, metadata);
    return flatbuffer_table_end(fb);
}

/* --- Messages -------------------------------------------------------------------------------- */

static struct str message(struct flatbuffer *fb, uint8_t type, flatbuffer_ref header,
                          int64_t body_size)
{
    flatbuffer_table_begin(fb);
    flatbuffer_i64(fb, 3, body_size, 0);
    flatbuffer_ref_to(fb, 2, header);
    flatbuffer_i16(fb, 0, IPC_VERSION, 0);
    flatbuffer_u8(fb, 1, type, 0);
    return flatbuffer_finish(fb, flatbuffer_table_end(fb));
}

struct str ipc_schema_message(struct flatbuffer *fb, const struct ipc_shape *shape,
                              const struct ipc_pair *pairs, size_t n_pairs)
{
    flatbuffer_clear(fb);
    return message(fb, HEADER_SCHEMA, schema_table(fb, shape, pairs, n_pairs), 0);
}

static flatbuffer_ref batch_table(struct flatbuffer *fb, const struct ipc_body *body)
{
    flatbuffer_ref nodes = flatbuffer_structs(fb, body->nodes, sizeof *body->nodes, body->n_nodes);
    flatbuffer_ref buffers =
        flatbuffer_structs(fb, body->buffers, sizeof *body->buffers, body->n_buffers);
    flatbuffer_table_begin(fb);
    flatbuffer_i64(fb, 0, body->rows, 0);
    flatbuffer_ref_to(fb, 1, nodes);
    flatbuffer_ref_to(fb, 2, buffers);
    return flatbuffer_table_end(fb);
}

struct str ipc_batch_message(struct flatbuffer *fb, const struct ipc_body *body)
{
    flatbuffer_clear(fb);
    return message(fb, HEADER_BATCH, batch_table(fb, body), body->size);
}

struct str ipc_dictionary_message(struct flatbuffer *fb, const struct ipc_body *body, int64_t id,
                                  bool is_delta)
{
    flatbuffer_clear(fb);
    flatbuffer_ref batch = batch_table(fb, body);
    flatbuffer_table_begin(fb);
    flatbuffer_i64(fb, 0, id, 0);
    flatbuffer_ref_to(fb, 1, batch);
    flatbuffer_u8(fb, 2, is_delta, 0);
    return message(fb, HEADER_DICTIONARY, flatbuffer_table_end(fb), body->size);
}

struct str ipc_footer_text(struct flatbuffer *fb, const struct ipc_footer *footer)
{
    flatbuffer_clear(fb);
    flatbuffer_ref schema = schema_table(fb, footer->shape, footer->pairs, footer->n_pairs);
    flatbuffer_ref dictionaries = flatbuffer_structs(
        fb, footer->dictionaries, sizeof *footer->dictionaries, footer->n_dictionaries);
    flatbuffer_ref batches =
        flatbuffer_structs(fb, footer->batches, sizeof *footer->batches, footer->n_batches);
    flatbuffer_table_begin(fb);
    flatbuffer_ref_to(fb, 1, schema);
    flatbuffer_ref_to(fb, 2, dictionaries);
    flatbuffer_ref_to(fb, 3, batches);
    flatbuffer_i16(fb, 0, IPC_VERSION, 0);
    return flatbuffer_finish(fb, flatbuffer_table_end(fb));
}
