/* The inside of syntax: a file's tree as an array in pre-order, and the passes over it.
 *
 *   syntax_walk     tree-sitter's tree, once: nodes, roles, slots, token hashes
 *   syntax_bind     scopes, access, what binds and what refers
 *   syntax_ids      node ids, product parents, ordinals
 *   syntax_emit     rows
 *
 * A node's children are found without pointers: the first follows it, the next sibling follows the
 * last descendant. */
#ifndef EXTRACT_SYNTAX_TREE_H
#define EXTRACT_SYNTAX_TREE_H

#include "base/intmap.h"
#include "extract/names.h"
#include "extract/roles.h"
#include "extract/syntax.h"

enum { NO_NODE = -1, KIND_OF_ERROR = UINT16_MAX };

/* Ordered for size: a file of 16 MB has millions of them. */
struct syntax_node {
    int32_t parent, last; /* last: last descendant, itself where it has none */
    uint32_t start, end;  /* bytes */
    uint32_t start_line, end_line;
    uint16_t symbol; /* KIND_OF_ERROR for ERROR and MISSING */
    uint16_t field;
    uint8_t role, slot, access, form;
    uint32_t flags; /* enum role_flag */
    uint64_t id;    /* until syntax_ids: hash of the tokens of a statement */
    int32_t above;  /* nearest node above that is not structural */
    uint32_t ordinal;
    uint32_t children; /* product nodes below it so far */
    int32_t scope;     /* index of the scope it is evaluated in */
    int32_t inner;     /* scope of what is inside: its own, or the same */
    int32_t value;     /* what an assignment gives to it; the case of a pattern */
    int32_t operand;   /* as syntax.operand */
    uint16_t text; /* operator's name, or a name that the query file sets; in the table's texts */
    uint16_t depth;
    uint8_t variant;
};

/* Of syntax.operand: values that are unpacked have no place. */
enum { OPERAND_STAR = -1, OPERAND_DOUBLE_STAR = -2 };

/* What belongs to a scope beside its names; the same index. */
struct syntax_scope {
    int32_t node;
    int32_t around;  /* scope in which the construct stands */
    int32_t outside; /* scope in which its annotations are evaluated */
    int32_t method;  /* scope whose METHOD runs the code: itself but for comprehensions, types */
    int64_t method_id;
    uint32_t children; /* of METHOD <body>, which is no syntax node */
    struct str signature;
};

struct syntax_attribute {
    int32_t node;
    uint16_t key, value; /* texts */
};

struct syntax_error {
    int32_t node;
    const char *missing; /* NULL for ERROR */
};

struct syntax_import {
    int32_t node, name_node, scope;
    struct str module, name, alias;
    int32_t level;
    bool is_star;
    int32_t definition; /* index in names, NAMES_NONE for star */
};

/* Children of one kind and field that the parent of this epoch has so far. */
struct sibling_count {
    uint32_t epoch, count;
};

/* A growing array of the worker: kept from file to file. */
struct list {
    void *items;
    size_t count, capacity;
};

struct syntax_worker {
    TSParser *parser;
    struct role_table **tables; /* by language, compiled when first used */
    struct syntax_node *nodes;
    size_t nodes_capacity;
    struct list scopes, attributes, errors, imports, frames;
    struct intmap counts, ids, exported;
    struct arena arena;             /* of the file */
    struct sibling_count *siblings; /* by symbol * (fields + 1) + field */
    size_t siblings_capacity;
    uint32_t sibling_epoch; /* a number of its own for every parent */
    double parse_seconds, parse_seconds_max;
};

/* One file on its way. */
struct syntax_file {
    struct syntax_worker *worker;
    const struct role_table *table;
    const struct source *source;
    int64_t file_id;
    struct syntax_node *nodes;
    int32_t n_nodes;
    struct syntax_scope *scopes; /* of worker->scopes */
    struct names names;
    bool future_annotations; /* annotations are never evaluated */
    bool no_memory;
    struct rg_error *err;
};

/* Room for one more item, zeroed; NULL and file->no_memory when memory is out. */
void *list_add(struct syntax_file *file, struct list *list, size_t size);

/* A visible child of the tree that was walked fits a node; first child and next sibling or NO_NODE.
 */
static inline int32_t first_child(const struct syntax_node *nodes, int32_t node)
{
    return nodes[node].last > node ? node + 1 : NO_NODE;
}

static inline int32_t next_sibling(const struct syntax_node *nodes, int32_t node)
{
    int32_t next = nodes[node].last + 1;
    return nodes[node].parent >= 0 && next <= nodes[nodes[node].parent].last ? next : NO_NODE;
}

/* First child with that slot, NO_NODE where there is none. For nodes with few children. */
int32_t child_in_slot(const struct syntax_file *file, int32_t node, enum slot slot);
int32_t child_of_form(const struct syntax_file *file, int32_t node, enum role_form form);
/* First child that is no comment. */
int32_t first_real_child(const struct syntax_file *file, int32_t node);
/* The node that stands for it in the product: through parentheses and their like. */
int32_t strip_structural(const struct syntax_file *file, int32_t node);
/* Its text as valid UTF-8. */
struct str node_text(struct syntax_file *file, int32_t node);
/* The identifier that names a parameter, NO_NODE for the ones that have no single name. */
int32_t parameter_name(const struct syntax_file *file, int32_t parameter);

/* Why a walk ended. */
enum walk_end { WALK_DONE, WALK_TOO_DEEP, WALK_NO_MEMORY };
enum walk_end syntax_walk(struct syntax_file *file, TSTree *tree);
/* Scopes, access, and what names need; then resolves them. */
RG_MUST_CHECK enum rg_status syntax_bind(struct syntax_file *file);
/* Room for the counters of ids; before the first syntax_id of a file. */
bool syntax_ids_begin(struct syntax_file *file);
/* Gives a node its id; its parent has one, and its scope is known. */
void syntax_id(struct syntax_file *file, int32_t node);
/* Numbers the children of a node that are told apart by their place. */
void syntax_number_children(struct syntax_file *file, int32_t node);

/* Rows on their way out. */
struct emitter {
    struct syntax_file *file;
    struct fact_sink *sink;
    uint64_t rows;
};

/* Appends a row of a fact table, where somebody takes them. */
#define EMIT(emitter, table, TABLE, ...)                                                           \
    do {                                                                                           \
        struct batch *batch_ = (emitter)->sink->batches[FACT_##TABLE];                             \
        if (batch_) {                                                                              \
            fact_##table(batch_, &(const struct table##_row){__VA_ARGS__});                        \
            (emitter)->rows++;                                                                     \
        }                                                                                          \
    } while (0)

/* Appends the rows of the file and returns how many. */
uint64_t syntax_emit(struct syntax_file *file, struct fact_sink *sink);
/* Calls and their arguments of one node; numbers the operands below it. */
void emit_calls(struct emitter *emitter, int32_t node);
/* Assignments, parameters, results, elements, members, literals, types of one node. */
void emit_values(struct emitter *emitter, int32_t node);

/* Children in the product: structural nodes are looked through. Start with index + 1; the node or
 * NO_NODE; *at moves on. */
static inline int32_t next_product_child(const struct syntax_node *nodes, int32_t parent,
                                         int32_t *at)
{
    int32_t end = nodes[parent].last;
    while (*at <= end) {
        int32_t found = *at;
        if (nodes[found].role == ROLE_STRUCTURAL) {
            ++*at;
            continue;
        }
        *at = nodes[found].last + 1;
        if (!(nodes[found].flags & FLAG_EXTRA))
            return found;
    }
    return NO_NODE;
}

/* The node of the function whose code a node belongs to. */
static inline int32_t function_of(const struct syntax_file *file, int32_t node)
{
    return file->scopes[file->scopes[file->nodes[node].scope].method].node;
}

static inline int32_t scope_node(const struct syntax_file *file, int32_t node)
{
    return file->scopes[file->nodes[node].scope].node;
}

static inline bool is_operator_role(uint8_t role)
{
    return role == ROLE_OPERATOR || role == ROLE_MEMBER || role == ROLE_SUBSCRIPT ||
           role == ROLE_CONTAINER || role == ROLE_PAIR || role == ROLE_SPREAD ||
           role == ROLE_INTERPOLATION || role == ROLE_YIELD || role == ROLE_AWAIT ||
           role == ROLE_COMPREHENSION;
}

/* The name that the query file gives a kind, such as <listcomp>; ptr NULL where it gives none. */
struct str rule_name(const struct syntax_file *file, const struct syntax_node *node);
/* What a call calls, NO_NODE where there is nothing. */
int32_t callee_of(const struct syntax_file *file, int32_t call);
/* The name that a call calls; ptr NULL where it has none. */
struct str callee_name(struct syntax_file *file, int32_t call);

#endif
