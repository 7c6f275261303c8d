/* The one walk over tree-sitter's tree: an array of nodes in pre-order, each with its role and
 * slot. The only file beside syntax.c that touches the tree; everything later works on the array.
 */
#include "extract/syntax_tree.h"

#include <stdlib.h>

#include "base/limits.h"
#include "kernels/stable_hash.h"

/* What is open between the root and the cursor. */
struct frame {
    int32_t node;
    int32_t context; /* statement whose tokens are hashed */
    int32_t place;   /* of the next named child without a field */
};

struct walk {
    struct syntax_file *file;
    const struct role_table *table;
    struct syntax_node *nodes;
    struct frame *frames;
    size_t depth; /* frames in use */
    const uint32_t *line_starts;
    uint32_t n_lines;
    uint32_t line_of_start, line_of_end; /* index of the line that was last found */
    bool has_error;
};

/* Line of a byte; neighbours in the walk are near each other in the text. */
static uint32_t line_near(const struct walk *walk, uint32_t *line, uint32_t byte)
{
    const uint32_t *starts = walk->line_starts;
    uint32_t at = *line;
    while (at + 1 < walk->n_lines && starts[at + 1] <= byte)
        at++;
    while (at > 0 && starts[at] > byte)
        at--;
    *line = at;
    return at + 1;
}

static bool frames_reserve(struct walk *walk)
{
    struct list *list = &walk->file->worker->frames;
    if (walk->depth < list->capacity)
        return true;
    size_t wanted = list->capacity ? list->capacity * 2 : 256;
    struct frame *grown = realloc(list->items, wanted * sizeof *grown);
    if (!grown)
        return false;
    list->items = walk->frames = grown;
    list->capacity = wanted;
    return true;
}

/* The next free node, zeroed; NULL when memory is out. */
static struct syntax_node *add_node(struct walk *walk)
{
    struct syntax_worker *worker = walk->file->worker;
    size_t count = (size_t)walk->file->n_nodes;
    if (count == worker->nodes_capacity) {
        size_t wanted = count ? count * 2 : 4096;
        struct syntax_node *grown = realloc(worker->nodes, wanted * sizeof *grown);
        if (!grown)
            return NULL;
        worker->nodes = walk->nodes = walk->file->nodes = grown;
        worker->nodes_capacity = wanted;
    }
    struct syntax_node *node = &walk->nodes[walk->file->n_nodes++];
    memset(node, 0, sizeof *node);
    return node;
}

/* --- Rules ------------------------------------------------------------------------------------ */

static void add_attributes(struct walk *walk, int32_t node, const struct role_rule *rule)
{
    for (unsigned i = 0; i < rule->n_attributes; i++) {
        const struct role_attribute *said = &walk->table->attributes[rule->attributes + i];
        struct syntax_attribute *row =
            list_add(walk->file, &walk->file->worker->attributes, sizeof *row);
        if (!row)
            return;
        *row = (struct syntax_attribute){node, said->key, said->value};
    }
}

/* The name of an operator that is made of several tokens: a < b < c. */
static uint16_t operator_many(const struct role_table *table, uint16_t symbol)
{
    for (uint16_t r = table->base[symbol]; r; r = table->rules[r].next)
        if (table->rules[r].operator_many)
            return table->rules[r].operator_many;
    return 0;
}

static void apply(struct walk *walk, int32_t index, const struct role_rule *rule)
{
    struct syntax_node *node = &walk->nodes[index];
    if (rule->role != ROLE_UNSET)
        node->role = rule->role;
    if (rule->slot != ROLE_UNSET)
        node->slot = rule->slot;
    if (rule->access != ROLE_UNSET)
        node->access = rule->access;
    if (rule->variant != ROLE_UNSET)
        node->variant = rule->variant;
    if (rule->form)
        node->form = rule->form;
    node->flags |= rule->flags;
    if (rule->operator_name) {
        uint16_t many = 0;
        if (rule->on_parent && (node->flags & FLAG_OPERATOR_SEEN))
            many = operator_many(walk->table, node->symbol);
        node->text = many ? many : rule->operator_name;
        if (rule->on_parent)
            node->flags |= FLAG_OPERATOR_SEEN;
    }
    if (rule->n_attributes)
        add_attributes(walk, index, rule);
}

static bool literal_fits(const struct walk *walk, int32_t index, uint16_t literal)
{
    const struct syntax_node *node = &walk->nodes[index];
    struct str text = walk->table->texts[literal];
    return node->end - node->start == text.len &&
           memcmp(walk->file->source->bytes + node->start, text.ptr, text.len) == 0;
}

/* Applies the rules of one list to a node or, where they say so, to its parent. */
static void apply_list(struct walk *walk, uint16_t rule_number, int32_t index, int32_t place)
{
    while (rule_number) {
        const struct role_rule *rule = &walk->table->rules[rule_number];
        rule_number = rule->next;
        if (rule->child && rule->child != walk->nodes[index].symbol)
            continue;
        if (rule->place != PLACE_ANY && rule->place != place)
            continue;
        if (rule->literal && !literal_fits(walk, index, rule->literal))
            continue;
        apply(walk, rule->on_parent ? walk->nodes[index].parent : index, rule);
    }
}

/* The name of a parameter with a star is no reference: the pattern for `*a` serves assignments too.
 */
static bool names_a_parameter(const struct syntax_node *node, const struct syntax_node *parent)
{
    if (node->role != ROLE_IDENTIFIER || !(parent->flags & (FLAG_STAR | FLAG_DOUBLE_STAR)))
        return false;
    return parent->role == ROLE_PARAMETER ||
           (parent->role == ROLE_STRUCTURAL && parent->slot == SLOT_NAME);
}

static void classify(struct walk *walk, int32_t index, struct frame *top)
{
    const struct role_table *table = walk->table;
    struct syntax_node *node = &walk->nodes[index];
    node->role = ROLE_OTHER;
    node->access = ROLE_UNSET;
    if (node->symbol == KIND_OF_ERROR) {
        node->role = ROLE_ERROR;
    } else {
        for (uint16_t r = table->base[node->symbol]; r;) {
            const struct role_rule *rule = &table->rules[r];
            if (!rule->literal || literal_fits(walk, index, rule->literal))
                apply(walk, index, rule);
            r = rule->next;
        }
    }
    if (!top) {
        node->role = ROLE_MODULE; // Also where the whole file is one ERROR.
        return;
    }
    const struct syntax_node *parent = &walk->nodes[top->node];
    int32_t place = -2; // No place: it has a field, or may stand anywhere.
    if (!node->field && !(node->flags & FLAG_EXTRA))
        place = top->place++;
    if (parent->symbol == KIND_OF_ERROR || (node->flags & FLAG_EXTRA))
        return;
    uint8_t base_slot = node->slot;
    node->slot = SLOT_NONE;
    apply_list(walk, table->any[parent->symbol], index, place);
    size_t edge = (size_t)parent->symbol * (table->n_fields + 1) + node->field;
    apply_list(walk, table->edges[edge], index, place);
    if (node->slot == SLOT_NONE && base_slot != SLOT_NONE) {
        node->slot = base_slot;
    } else if (node->slot == SLOT_NONE && parent->role == ROLE_STRUCTURAL) {
        node->slot = parent->slot;
        node->flags |= FLAG_SLOT_INHERITED;
    }
    if (names_a_parameter(node, parent)) {
        node->role = ROLE_STRUCTURAL;
        node->slot = SLOT_NAME;
    }
}

/* --- Nodes and tokens ------------------------------------------------------------------------- */

static bool note_error(struct walk *walk, int32_t node, const char *missing)
{
    struct syntax_error *row = list_add(walk->file, &walk->file->worker->errors, sizeof *row);
    if (row)
        *row = (struct syntax_error){node, missing};
    return row != NULL;
}

static void hash_text(struct walk *walk, int32_t context, uint32_t start, uint32_t end)
{
    uint64_t *hash = &walk->nodes[context].id;
    *hash = stable_hash_text(*hash, walk->file->source->bytes + start, end - start);
}

static void leave(struct walk *walk, int32_t index)
{
    struct syntax_node *node = &walk->nodes[index];
    node->last = walk->file->n_nodes - 1;
    uint32_t last_byte = node->end > node->start ? node->end - 1 : node->start;
    node->end_line = line_near(walk, &walk->line_of_end, last_byte);
}

/* A node for a token, as a child of the open node; NO_NODE when memory is out. */
static int32_t add_token_node(struct walk *walk, TSNode ts, uint16_t symbol)
{
    struct syntax_node *node = add_node(walk);
    if (!node)
        return NO_NODE;
    node->parent = walk->frames[walk->depth - 1].node;
    node->symbol = symbol;
    node->access = ROLE_UNSET;
    node->start = ts_node_start_byte(ts);
    node->end = ts_node_end_byte(ts);
    node->start_line = line_near(walk, &walk->line_of_start, node->start);
    node->depth = (uint16_t)walk->depth;
    node->above = NO_NODE;
    node->value = NULL_INT32;
    return walk->file->n_nodes - 1;
}

/* What the query file says of a token: something of the node around it, or that it is a node
 * itself. */
static bool apply_token_rules(struct walk *walk, TSNode ts, uint16_t rule_number)
{
    int32_t parent = walk->frames[walk->depth - 1].node;
    while (rule_number) {
        const struct role_rule *rule = &walk->table->rules[rule_number];
        rule_number = rule->next;
        if (rule->on_parent) {
            apply(walk, parent, rule);
            continue;
        }
        int32_t index = add_token_node(walk, ts, walk->table->name_symbol);
        if (index == NO_NODE)
            return false;
        walk->nodes[index].role = ROLE_OTHER;
        apply(walk, index, rule);
        leave(walk, index);
    }
    return true;
}

/* An anonymous token counts for the statement's hash. */
static bool enter_token(struct walk *walk, TSNode ts)
{
    struct frame *top = &walk->frames[walk->depth - 1];
    TSSymbol symbol = ts_node_symbol(ts);
    const struct role_table *table = walk->table;
    uint16_t parent_symbol = walk->nodes[top->node].symbol;
    if (parent_symbol != KIND_OF_ERROR && symbol < table->n_symbols) {
        size_t row = table->token_rows[parent_symbol];
        uint16_t rule = row ? table->tokens[row * table->n_symbols + symbol] : 0;
        if (rule && !apply_token_rules(walk, ts, rule))
            return false;
    }
    uint64_t *hash = &walk->nodes[top->context].id;
    *hash = stable_hash_int(*hash, (int64_t)table->name_hashes[symbol]);
    if (!walk->has_error || !ts_node_is_missing(ts))
        return true;
    // A token that is not there gets a node, so that the error has a place.
    int32_t index = add_token_node(walk, ts, KIND_OF_ERROR);
    if (index == NO_NODE)
        return false;
    struct syntax_node *node = &walk->nodes[index];
    node->role = ROLE_ERROR;
    node->flags = FLAG_STATEMENT;
    node->id = table->name_hashes[symbol];
    leave(walk, index);
    return note_error(walk, index, ts_language_symbol_name(table->grammar, symbol));
}

/* Makes the node at the cursor; *out_index is NO_NODE for one that has no row. False: memory. */
static bool enter_named(struct walk *walk, TSTreeCursor *cursor, TSNode ts, int32_t *out_index)
{
    struct frame *top = walk->depth ? &walk->frames[walk->depth - 1] : NULL;
    TSSymbol symbol = ts_node_symbol(ts);
    bool is_extra = top && ts_node_is_extra(ts);
    uint32_t start = ts_node_start_byte(ts), end = ts_node_end_byte(ts);
    *out_index = NO_NODE;
    uint16_t base = symbol < walk->table->n_symbols ? walk->table->base[symbol] : 0;
    if (top && base && walk->table->rules[base].form == FORM_SKIP) {
        if (!is_extra)
            hash_text(walk, top->context, start, end);
        return true;
    }
    struct syntax_node *node = add_node(walk);
    if (!node)
        return false;
    int32_t index = *out_index = walk->file->n_nodes - 1;
    node->parent = top ? top->node : NO_NODE;
    node->symbol = symbol < walk->table->n_symbols ? symbol : KIND_OF_ERROR;
    node->field = top ? ts_tree_cursor_current_field_id(cursor) : 0;
    node->start = start;
    node->end = end;
    node->start_line = line_near(walk, &walk->line_of_start, start);
    node->depth = (uint16_t)walk->depth;
    node->above = NO_NODE;
    node->value = NULL_INT32;
    node->flags = is_extra ? FLAG_EXTRA : 0;
    classify(walk, index, top);
    if (walk->file->no_memory)
        return false;
    if (!walk->has_error)
        return true;
    if (node->symbol == KIND_OF_ERROR)
        return note_error(walk, index, NULL);
    if (ts_node_is_missing(ts))
        return note_error(walk, index, ts_language_symbol_name(walk->table->grammar, symbol));
    return true;
}

/* The statement, decorator or comment whose hash the tokens of a node go to. */
static int32_t context_of(struct walk *walk, int32_t index)
{
    struct syntax_node *node = &walk->nodes[index];
    if (walk->depth == 0)
        return index;
    struct frame *top = &walk->frames[walk->depth - 1];
    uint8_t parent_role = walk->nodes[top->node].role;
    bool own = node->form == FORM_DECORATOR || (node->flags & FLAG_EXTRA);
    if (!own && parent_role != ROLE_BLOCK && parent_role != ROLE_MODULE)
        return top->context;
    node->flags |= FLAG_STATEMENT;
    node->id = STABLE_HASH_SEED;
    return index;
}

static enum walk_end walk_nodes(struct walk *walk, TSTreeCursor *cursor)
{
    for (;;) {
        TSNode ts = ts_tree_cursor_current_node(cursor);
        int32_t index = NO_NODE;
        if (walk->depth && !ts_node_is_named(ts)) {
            if (!enter_token(walk, ts))
                return WALK_NO_MEMORY;
        } else if (!enter_named(walk, cursor, ts, &index)) {
            return WALK_NO_MEMORY;
        }
        if (index != NO_NODE) {
            int32_t context = context_of(walk, index);
            bool is_token = walk->nodes[index].form == FORM_TOKEN;
            if (!is_token && ts_tree_cursor_goto_first_child(cursor)) {
                if (walk->depth >= LIMIT_TREE_DEPTH)
                    return WALK_TOO_DEEP;
                if (!frames_reserve(walk))
                    return WALK_NO_MEMORY;
                walk->frames[walk->depth++] = (struct frame){index, context, 0};
                continue;
            }
            hash_text(walk, context, walk->nodes[index].start, walk->nodes[index].end);
            leave(walk, index);
        }
        while (walk->depth && !ts_tree_cursor_goto_next_sibling(cursor)) {
            ts_tree_cursor_goto_parent(cursor);
            leave(walk, walk->frames[--walk->depth].node);
        }
        if (walk->depth == 0)
            return WALK_DONE;
    }
}

enum walk_end syntax_walk(struct syntax_file *file, TSTree *tree)
{
    static const uint32_t one_line[] = {0};
    const struct source *source = file->source;
    TSNode root = ts_tree_root_node(tree);
    struct walk walk = {
        .file = file,
        .table = file->table,
        .nodes = file->nodes,
        .frames = file->worker->frames.items,
        .line_starts = source->n_lines ? source->line_starts : one_line,
        .n_lines = source->n_lines ? source->n_lines : 1,
        .has_error = ts_node_has_error(root),
    };
    TSTreeCursor cursor = ts_tree_cursor_new(root);
    enum walk_end end = walk_nodes(&walk, &cursor);
    ts_tree_cursor_delete(&cursor);
    RG_ASSERT(end != WALK_DONE || file->n_nodes > 0);
    return end;
}
