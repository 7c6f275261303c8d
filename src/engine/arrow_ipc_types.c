/* Arrow's format strings (C data interface) as the types of Schema.fbs. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "engine/arrow_ipc_inside.h"

/* Units: seconds, milli-, micro-, nanoseconds; of dates days, milliseconds. */
static const struct format {
    const char *name;
    enum ipc_type_id type;
    enum ipc_layout layout;
    int64_t width;
    int16_t unit;
    bool is_signed, wide;
} formats[] = {
    {"n", IPC_NULL, IPC_LAYOUT_NONE, 0, 0, false, false},
    {"b", IPC_BOOL, IPC_LAYOUT_BITS, 0, 0, false, false},
    {"c", IPC_INT, IPC_LAYOUT_FIXED, 1, 0, true, false},
    {"C", IPC_INT, IPC_LAYOUT_FIXED, 1, 0, false, false},
    {"s", IPC_INT, IPC_LAYOUT_FIXED, 2, 0, true, false},
    {"S", IPC_INT, IPC_LAYOUT_FIXED, 2, 0, false, false},
    {"i", IPC_INT, IPC_LAYOUT_FIXED, 4, 0, true, false},
    {"I", IPC_INT, IPC_LAYOUT_FIXED, 4, 0, false, false},
    {"l", IPC_INT, IPC_LAYOUT_FIXED, 8, 0, true, false},
    {"L", IPC_INT, IPC_LAYOUT_FIXED, 8, 0, false, false},
    {"e", IPC_FLOAT, IPC_LAYOUT_FIXED, 2, 0, false, false},
    {"f", IPC_FLOAT, IPC_LAYOUT_FIXED, 4, 1, false, false},
    {"g", IPC_FLOAT, IPC_LAYOUT_FIXED, 8, 2, false, false},
    {"u", IPC_UTF8, IPC_LAYOUT_TEXT, 0, 0, false, false},
    {"U", IPC_LARGE_UTF8, IPC_LAYOUT_TEXT, 0, 0, false, true},
    {"z", IPC_BINARY, IPC_LAYOUT_TEXT, 0, 0, false, false},
    {"Z", IPC_LARGE_BINARY, IPC_LAYOUT_TEXT, 0, 0, false, true},
    {"tdD", IPC_DATE, IPC_LAYOUT_FIXED, 4, 0, false, false},
    {"tdm", IPC_DATE, IPC_LAYOUT_FIXED, 8, 1, false, false},
    {"tts", IPC_TIME, IPC_LAYOUT_FIXED, 4, 0, false, false},
    {"ttm", IPC_TIME, IPC_LAYOUT_FIXED, 4, 1, false, false},
    {"ttu", IPC_TIME, IPC_LAYOUT_FIXED, 8, 2, false, false},
    {"ttn", IPC_TIME, IPC_LAYOUT_FIXED, 8, 3, false, false},
    {"tDs", IPC_DURATION, IPC_LAYOUT_FIXED, 8, 0, false, false},
    {"tDm", IPC_DURATION, IPC_LAYOUT_FIXED, 8, 1, false, false},
    {"tDu", IPC_DURATION, IPC_LAYOUT_FIXED, 8, 2, false, false},
    {"tDn", IPC_DURATION, IPC_LAYOUT_FIXED, 8, 3, false, false},
    {"tiM", IPC_INTERVAL, IPC_LAYOUT_FIXED, 4, 0, false, false},
    {"tiD", IPC_INTERVAL, IPC_LAYOUT_FIXED, 8, 1, false, false},
    {"tin", IPC_INTERVAL, IPC_LAYOUT_FIXED, 16, 2, false, false},
    {"+l", IPC_LIST, IPC_LAYOUT_LIST, 0, 0, false, false},
    {"+L", IPC_LARGE_LIST, IPC_LAYOUT_LIST, 0, 0, false, true},
    {"+m", IPC_MAP, IPC_LAYOUT_LIST, 0, 0, false, false},
    {"+s", IPC_STRUCT, IPC_LAYOUT_STRUCT, 0, 0, false, false},
};

static bool timestamp_read(const char *format, struct ipc_node *node)
{
    static const char units[] = "smun";
    const char *unit = format[2] ? strchr(units, format[2]) : NULL;
    if (strncmp(format, "ts", 2) != 0 || !unit || format[3] != ':')
        return false;
    node->type = IPC_TIMESTAMP;
    node->layout = IPC_LAYOUT_FIXED;
    node->width = 8;
    node->unit = (int16_t)(unit - units);
    node->zone = format[4] ? str_of(format + 4) : (struct str){NULL, 0};
    return true;
}

/* "d:precision,scale[,bits]" */
static bool decimal_read(const char *format, struct ipc_node *node)
{
    char *end;
    if (strncmp(format, "d:", 2) != 0)
        return false;
    long digits = strtol(format + 2, &end, 10);
    long scale = *end == ',' ? strtol(end + 1, &end, 10) : 0;
    long bits = *end == ',' ? strtol(end + 1, &end, 10) : 128;
    if (*end || digits < 1 || digits > 76 || scale < -76 || scale > 76 ||
        (bits != 32 && bits != 64 && bits != 128 && bits != 256))
        return false;
    node->type = IPC_DECIMAL;
    node->layout = IPC_LAYOUT_FIXED;
    node->width = bits / 8;
    node->digits = (int32_t)digits;
    node->scale = (int32_t)scale;
    return true;
}

/* "w:bytes" and "+w:values" */
static bool sized_read(const char *format, struct ipc_node *node)
{
    bool list = strncmp(format, "+w:", 3) == 0;
    char *end;
    if (!list && strncmp(format, "w:", 2) != 0)
        return false;
    const char *digits = format + (list ? 3 : 2);
    long long width = strtoll(digits, &end, 10);
    if (end == digits || *end || width < 0 || width > INT32_MAX)
        return false;
    node->type = list ? IPC_FIXED_LIST : IPC_FIXED_BINARY;
    node->layout = list ? IPC_LAYOUT_FIXED_LIST : IPC_LAYOUT_FIXED;
    node->width = width;
    return true;
}

static bool union_read(const char *format, struct ipc_node *node)
{
    bool dense = strncmp(format, "+ud:", 4) == 0;
    if (!dense && strncmp(format, "+us:", 4) != 0)
        return false;
    node->type = IPC_UNION;
    node->layout = dense ? IPC_LAYOUT_DENSE : IPC_LAYOUT_UNION;
    node->unit = dense;
    return true;
}

static bool format_read(const char *name, struct ipc_node *node)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        const struct format *format = &formats[i];
        if (strcmp(format->name, name) != 0)
            continue;
        node->type = format->type;
        node->layout = format->layout;
        node->width = format->width;
        node->unit = format->unit;
        node->is_signed = format->is_signed;
        node->wide = format->wide;
        return true;
    }
    return timestamp_read(name, node) || decimal_read(name, node) || sized_read(name, node) ||
           union_read(name, node);
}

/* How many children a layout has; -1: any number. */
static int64_t children_of(const struct ipc_node *node)
{
    switch (node->layout) {
    case IPC_LAYOUT_STRUCT:
    case IPC_LAYOUT_UNION:
    case IPC_LAYOUT_DENSE:
        return -1;
    case IPC_LAYOUT_LIST:
    case IPC_LAYOUT_FIXED_LIST:
        return 1;
    default:
        return 0;
    }
}

static const char *name_of(const struct ArrowSchema *schema)
{
    return schema->name ? schema->name : "";
}

static enum rg_status node_read(struct ipc_shape *shape, size_t number, struct rg_error *err)
{
    struct ipc_node *node = &shape->nodes[number];
    const struct ArrowSchema *schema = node->schema;
    const char *format = schema->format ? schema->format : "";
    if (!format_read(format, node)) {
        error_set(err, RG_ERR_USAGE, ARROW_LAYER,
                  "column %s has the Arrow type '%s', which cannot be written", name_of(schema),
                  format);
        error_hint(err, "cast it in the query: CAST(… AS VARCHAR)");
        return RG_ERR_USAGE;
    }
    int64_t children = children_of(node);
    if ((children >= 0 && schema->n_children != children) || schema->n_children < 0 ||
        (schema->dictionary && node->type != IPC_INT) ||
        (node->type == IPC_UNION && schema->n_children > IPC_UNION_MAX))
        return error_set(err, RG_ERR_USAGE, ARROW_LAYER,
                         "column %s of Arrow type '%s' has the wrong parts", name_of(schema),
                         format);
    if (schema->dictionary)
        node->dictionary_id = (int64_t)shape->n_dictionaries++;
    return RG_OK;
}

static bool is_named(const char *name, const char *const *names, size_t n_names)
{
    for (size_t i = 0; i < n_names; i++)
        if (!strcmp(names[i], name))
            return true;
    return false;
}

/* A node that is still to be looked at. */
struct waiting {
    const struct ArrowSchema *schema;
    size_t parent;
    int64_t child;
    unsigned depth;
};

/* Parents stand before their children: the end of a node is that of its last descendant. */
static void ends_find(struct ipc_shape *shape)
{
    for (size_t i = 0; i < shape->n_nodes; i++)
        shape->nodes[i].end = i + 1;
    for (size_t i = shape->n_nodes; i-- > 1;) {
        struct ipc_node *parent = &shape->nodes[shape->nodes[i].parent];
        if (parent->end < shape->nodes[i].end)
            parent->end = shape->nodes[i].end;
        if (shape->nodes[i].child < 0)
            parent->dictionary = i;
    }
}

enum rg_status ipc_shape_init(struct ipc_shape *shape, const struct ArrowSchema *schema,
                              const char *const *encode, size_t n_encode, struct arena *arena,
                              struct rg_error *err)
{
    enum rg_status status = RG_OK;
    *shape = (struct ipc_shape){.nodes = ARENA_ARRAY(arena, LIMIT_ARROW_NODES, struct ipc_node)};
    struct waiting *stack = ARENA_ARRAY(arena, LIMIT_ARROW_NODES, struct waiting);
    if (!shape->nodes || !stack)
        return error_no_memory(err, ARROW_LAYER);
    if (!schema->format || strcmp(schema->format, "+s") != 0)
        return error_set(err, RG_ERR_USAGE, ARROW_LAYER, "the schema is not one of columns");
    size_t waiting = 0;
    stack[waiting++] = (struct waiting){schema, 0, 0, 0};
    while (waiting && !status) {
        struct waiting at = stack[--waiting];
        size_t number = shape->n_nodes++;
        struct ipc_node *node = &shape->nodes[number];
        *node = (struct ipc_node){.schema = at.schema, .parent = at.parent, .child = at.child};
        status = node_read(shape, number, err);
        if (status)
            break;
        node->encode = number && at.parent == 0 && node->layout == IPC_LAYOUT_TEXT &&
                       is_named(name_of(at.schema), encode, n_encode);
        if (node->encode)
            node->dictionary_id = (int64_t)shape->n_dictionaries++;
        int64_t parts = at.schema->n_children + (at.schema->dictionary ? 1 : 0);
        if (at.depth >= LIMIT_ARROW_DEPTH ||
            parts > (int64_t)(LIMIT_ARROW_NODES - waiting - shape->n_nodes))
            return error_set(err, RG_ERR_LIMIT, ARROW_LAYER,
                             "the schema has more than %d types, or more than %d inside each other",
                             LIMIT_ARROW_NODES, LIMIT_ARROW_DEPTH);
        for (int64_t i = at.schema->n_children; i-- > 0;)
            stack[waiting++] = (struct waiting){at.schema->children[i], number, i, at.depth + 1};
        if (at.schema->dictionary)
            stack[waiting++] = (struct waiting){at.schema->dictionary, number, -1, at.depth + 1};
    }
    ends_find(shape);
    return status;
}
