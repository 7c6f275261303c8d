/* Rows: one pass over the nodes for what hangs on nodes, then the names, as names.c resolved them.
 */
#include "extract/source_rows.h"
#include "extract/syntax_tree.h"

#include <stdlib.h>

#include "base/limits.h"
#include "kernels/stable_hash.h"

/* --- What every part asks of the tree --------------------------------------------------------- */

void *list_add(struct syntax_file *file, struct list *list, size_t size)
{
    if (list->count == list->capacity) {
        size_t wanted = list->capacity ? list->capacity * 2 : 64;
        void *grown = realloc(list->items, wanted * size);
        if (!grown) {
            file->no_memory = true;
            return NULL;
        }
        list->items = grown;
        list->capacity = wanted;
    }
    return memset((char *)list->items + list->count++ * size, 0, size);
}

int32_t child_in_slot(const struct syntax_file *file, int32_t node, enum slot slot)
{
    const struct syntax_node *nodes = file->nodes;
    for (int32_t c = node + 1; c <= nodes[node].last; c = nodes[c].last + 1)
        if (nodes[c].slot == slot)
            return c;
    return NO_NODE;
}

int32_t child_of_form(const struct syntax_file *file, int32_t node, enum role_form form)
{
    const struct syntax_node *nodes = file->nodes;
    for (int32_t c = node + 1; c <= nodes[node].last; c = nodes[c].last + 1)
        if (nodes[c].form == form)
            return c;
    return NO_NODE;
}

int32_t first_real_child(const struct syntax_file *file, int32_t node)
{
    const struct syntax_node *nodes = file->nodes;
    for (int32_t c = node + 1; c <= nodes[node].last; c = nodes[c].last + 1)
        if (!(nodes[c].flags & FLAG_EXTRA))
            return c;
    return NO_NODE;
}

int32_t strip_structural(const struct syntax_file *file, int32_t node)
{
    while (file->nodes[node].role == ROLE_STRUCTURAL) {
        int32_t child = first_real_child(file, node);
        if (child == NO_NODE)
            break;
        node = child;
    }
    return node;
}

struct str node_text(struct syntax_file *file, int32_t index)
{
    const struct syntax_node *node = &file->nodes[index];
    if (file->source->is_utf8)
        return (struct str){file->source->bytes + node->start, node->end - node->start};
    struct str text = source_token(file->source, node->start, node->end, &file->worker->arena);
    if (!text.ptr) {
        file->no_memory = true;
        text = STR("");
    }
    return text;
}

int32_t parameter_name(const struct syntax_file *file, int32_t parameter)
{
    const struct syntax_node *nodes = file->nodes;
    int32_t at = parameter;
    while (nodes[at].last > at) {
        int32_t name = child_in_slot(file, at, SLOT_NAME);
        if (name == NO_NODE)
            return NO_NODE;
        at = name;
    }
    return at;
}

/* --- Syntax ----------------------------------------------------------------------------------- */

int32_t callee_of(const struct syntax_file *file, int32_t call)
{
    // A call that was mended names its callee, which stands outside.
    if (file->nodes[call].value != NULL_INT32)
        return file->nodes[call].value;
    int32_t callee = child_in_slot(file, call, SLOT_CALLEE);
    return callee == NO_NODE ? NO_NODE : strip_structural(file, callee);
}

struct str callee_name(struct syntax_file *file, int32_t call)
{
    int32_t callee = callee_of(file, call);
    if (callee == NO_NODE)
        return (struct str){NULL, 0};
    const struct syntax_node *node = &file->nodes[callee];
    if (node->role == ROLE_IDENTIFIER)
        return node_text(file, callee);
    if (node->role != ROLE_MEMBER)
        return (struct str){NULL, 0};
    int32_t name = child_in_slot(file, callee, SLOT_NAME);
    if (name == NO_NODE)
        return (struct str){NULL, 0};
    return names_mangle(&file->names, node->scope, node_text(file, name));
}

struct str rule_name(const struct syntax_file *file, const struct syntax_node *node)
{
    const struct role_table *table = file->table;
    for (uint16_t r = table->base[node->symbol]; r; r = table->rules[r].next)
        if (table->rules[r].name)
            return table->texts[table->rules[r].name];
    return (struct str){NULL, 0};
}

static struct str token_of(struct syntax_file *file, int32_t index)
{
    const struct syntax_node *node = &file->nodes[index];
    if (is_operator_role(node->role))
        return node->text ? file->table->texts[node->text] : (struct str){NULL, 0};
    if (node->role == ROLE_CALL)
        return callee_name(file, index);
    bool is_leaf = node->last == index;
    bool is_long = node->end - node->start > LIMIT_TOKEN_BYTES;
    bool is_identifier = node->symbol != KIND_OF_ERROR && file->table->is_name[node->symbol];
    if ((is_long && !is_identifier) || (!is_leaf && node->role != ROLE_TYPE))
        return (struct str){NULL, 0};
    // Of what is no node of the product only names are worth a token.
    bool is_name = node->role != ROLE_STRUCTURAL || node->slot == SLOT_NAME || is_identifier;
    if (node->role == ROLE_COMMENT || node->role == ROLE_ERROR || !is_name)
        return (struct str){NULL, 0};
    return node_text(file, index);
}

/* The id of the product node above. */
static int64_t parent_id(const struct syntax_file *file, const struct syntax_node *node)
{
    if (node->above == NO_NODE)
        return stable_hash_product((int64_t)node->id, "NAMESPACE_BLOCK", "", 0);
    const struct syntax_node *above = &file->nodes[node->above];
    bool beside =
        above->role == ROLE_LAMBDA ||
        (above->role == ROLE_CLASS && node->slot != SLOT_BASE && node->slot != SLOT_METACLASS);
    return beside ? file->scopes[above->inner].method_id : (int64_t)above->id;
}

static uint16_t kind_of(const struct syntax_file *file, const struct syntax_node *node)
{
    const struct role_table *table = file->table;
    return node->symbol == KIND_OF_ERROR ? table->kind_of_error : table->kinds[node->symbol];
}

/* METHOD that a node is evaluated in. */
static int64_t function_id(const struct syntax_file *file, int32_t index)
{
    return index ? file->scopes[file->nodes[index].scope].method_id : NULL_INT64;
}

static int32_t ordinal_of(const struct syntax_node *node)
{
    return node->parent == NO_NODE ? 1 : (int32_t)node->ordinal;
}

/* A body says of what, so that no rule has to look at the node above. */
static uint8_t slot_of(const struct syntax_file *file, const struct syntax_node *node)
{
    if (node->slot != SLOT_BODY || node->above == NO_NODE)
        return node->slot;
    switch (file->nodes[node->above].role) {
    case ROLE_TRY:
        return SLOT_TRY_BODY;
    case ROLE_LOOP:
    case ROLE_FOREACH:
        return SLOT_LOOP_BODY;
    case ROLE_SWITCH:
        return SLOT_SWITCH_BODY;
    case ROLE_CASE:
        return SLOT_CASE_BODY;
    default:
        return SLOT_BODY;
    }
}

static void emit_syntax(struct emitter *emitter, int32_t index)
{
    struct syntax_file *file = emitter->file;
    const struct syntax_node *node = &file->nodes[index];
    const struct role_table *table = file->table;
    if (emitter->sink->ids)
        id_lists_add(emitter->sink->ids, (int64_t)node->id);
    if (!emitter->sink->batches[FACT_SYNTAX])
        return;
    EMIT(emitter, syntax, SYNTAX, .file_id = file->file_id, .node = index,
         .parent = node->parent == NO_NODE ? NULL_INT32 : node->parent, .last = node->last,
         .depth = node->depth, .kind = kind_of(file, node), .field = table->fields[node->field],
         .role = node->role, .slot = slot_of(file, node), .node_id = (int64_t)node->id,
         .parent_id = parent_id(file, node), .function_id = function_id(file, index),
         .ordinal = ordinal_of(node), .operand = node->operand, .start_byte = (int32_t)node->start,
         .end_byte = (int32_t)node->end, .start_line = (int32_t)node->start_line,
         .end_line = (int32_t)node->end_line, .token = token_of(file, index));
}

static void emit_errors(struct emitter *emitter)
{
    struct syntax_file *file = emitter->file;
    const struct syntax_error *errors = file->worker->errors.items;
    for (size_t i = 0; i < file->worker->errors.count; i++) {
        struct str what = STR("ERROR");
        if (errors[i].missing)
            what = str_of(arena_printf(&file->worker->arena, "MISSING %s", errors[i].missing));
        if (!what.ptr) {
            file->no_memory = true;
            return;
        }
        EMIT(emitter, syntax_error, SYNTAX_ERROR, .file_id = file->file_id, .node = errors[i].node,
             .what = what, .function = function_of(file, errors[i].node));
    }
}

static void emit_attributes(struct emitter *emitter)
{
    struct syntax_file *file = emitter->file;
    const struct syntax_attribute *rows = file->worker->attributes.items;
    for (size_t i = 0; i < file->worker->attributes.count; i++)
        EMIT(emitter, attribute, ATTRIBUTE, .file_id = file->file_id, .node = rows[i].node,
             .key = file->table->texts[rows[i].key], .value = file->table->texts[rows[i].value]);
}

static void emit_lines(struct emitter *emitter)
{
    struct batch *lines = emitter->sink->batches[FACT_LINE];
    if (lines)
        emitter->rows += source_line_rows(emitter->file->source, emitter->file->file_id, lines);
}

/* --- Names ------------------------------------------------------------------------------------ */

static void emit_scopes(struct emitter *emitter)
{
    struct syntax_file *file = emitter->file;
    const struct names *names = &file->names;
    for (size_t i = 0; i < names->n_scopes; i++) {
        const struct names_scope *scope = &names->scopes[i];
        const struct syntax_node *node = &file->nodes[scope->node];
        EMIT(emitter, scope, SCOPE, .file_id = file->file_id, .scope = scope->node,
             .parent_scope =
                 scope->parent == NAMES_NONE ? NULL_INT32 : names->scopes[scope->parent].node,
             .kind = (uint16_t)scope->kind, .name = scope->name,
             .qualified_name = scope->qualified_name, .transparent = scope->transparent,
             .signature = file->scopes[i].signature, .node_id = scope->node_id,
             .method_id = scope->method_id, .syntax_id = (int64_t)node->id,
             .syntax_kind = kind_of(file, node), .role = node->role,
             .parent_id = parent_id(file, node), .function_id = function_id(file, scope->node),
             .ordinal = ordinal_of(node), .start_byte = (int32_t)node->start,
             .end_byte = (int32_t)node->end, .start_line = (int32_t)node->start_line,
             .end_line = (int32_t)node->end_line);
    }
}

/* Of each binding the node that first binds it: its name, or where it has none the construct;
 * NO_NODE for one that nothing in the text binds. NULL: memory is out. */
static int32_t *first_nodes(struct syntax_file *file)
{
    const struct names *names = &file->names;
    int32_t *first = ARENA_ARRAY(&file->worker->arena, names->n_bindings + 1, int32_t);
    if (!first) {
        file->no_memory = true;
        return NULL;
    }
    for (size_t i = 0; i < names->n_bindings; i++)
        first[i] = NO_NODE;
    for (size_t i = 0; i < names->n_definitions; i++) {
        const struct names_definition *definition = &names->definitions[i];
        if (definition->binding < 0)
            continue;
        int32_t node =
            definition->name_node == NULL_INT32 ? definition->node : definition->name_node;
        int32_t *slot = &first[definition->binding];
        if (*slot == NO_NODE || node < *slot)
            *slot = node;
    }
    return first;
}

static void emit_bindings(struct emitter *emitter)
{
    struct syntax_file *file = emitter->file;
    const struct names *names = &file->names;
    const int32_t *first = first_nodes(file);
    for (size_t i = 0; first && i < names->n_bindings; i++) {
        const struct names_binding *binding = &names->bindings[i];
        if (emitter->sink->ids && binding->target == NULL_INT32 && !binding->is_node)
            id_lists_add(emitter->sink->ids, binding->node_id);
        bool is_bound = first[i] != NO_NODE;
        const struct syntax_node *at =
            &file->nodes[is_bound ? first[i] : names->scopes[binding->scope].node];
        EMIT(emitter, binding, BINDING, .file_id = file->file_id, .binding = (int32_t)i,
             .scope = names->scopes[binding->scope].node, .name = binding->name,
             .namespace = (uint16_t)binding->namespace, .storage = (uint16_t)binding->storage,
             .declared = binding->declared, .pass_through = binding->pass_through,
             .imported = binding->imported, .visible_from = binding->visible_from,
             .target = binding->target, .node_id = binding->node_id,
             .start_byte = (int32_t)(is_bound ? at->start : at->end), .end_byte = (int32_t)at->end,
             .start_line = (int32_t)(is_bound ? at->start_line : at->end_line),
             .end_line = (int32_t)at->end_line);
    }
}

static void emit_definitions(struct emitter *emitter)
{
    const struct names *names = &emitter->file->names;
    for (size_t i = 0; i < names->n_definitions; i++) {
        const struct names_definition *definition = &names->definitions[i];
        if (definition->binding < 0)
            continue;
        EMIT(emitter, definition, DEFINITION, .file_id = emitter->file->file_id,
             .node = definition->node, .binding = definition->binding,
             .name_node = definition->name_node, .kind = (uint16_t)definition->kind,
             .value_node = definition->value_node, .conditional = definition->conditional);
    }
}

static void emit_references(struct emitter *emitter)
{
    const struct names *names = &emitter->file->names;
    for (size_t i = 0; i < names->n_references; i++) {
        const struct names_reference *reference = &names->references[i];
        bool is_bound = reference->binding >= 0;
        EMIT(emitter, reference, REFERENCE, .file_id = emitter->file->file_id,
             .node = reference->node, .node_id = reference->node_id,
             .scope = names->scopes[reference->scope].node, .name = reference->name,
             .access = (uint16_t)reference->access,
             .binding = is_bound ? reference->binding : NULL_INT32,
             .target_id = is_bound ? names->bindings[reference->binding].node_id : NULL_INT64,
             .resolution = (uint16_t)reference->resolution,
             .start_byte = (int32_t)reference->start_byte,
             .end_byte = (int32_t)reference->end_byte);
    }
}

static void emit_imports(struct emitter *emitter)
{
    struct syntax_file *file = emitter->file;
    const struct syntax_import *imports = file->worker->imports.items;
    for (size_t i = 0; i < file->worker->imports.count; i++) {
        const struct syntax_import *import = &imports[i];
        int32_t binding = NULL_INT32;
        if (import->definition != NAMES_NONE &&
            (size_t)import->definition < file->names.n_definitions)
            binding = file->names.definitions[import->definition].binding;
        EMIT(emitter, import, IMPORT, .file_id = file->file_id, .node = import->node,
             .node_id = (int64_t)file->nodes[import->node].id, .name_node = import->name_node,
             .scope = file->scopes[import->scope].node, .module = import->module,
             .name = import->name, .alias = import->alias, .level = import->level,
             .is_star = import->is_star, .binding = binding < 0 ? NULL_INT32 : binding);
    }
}

uint64_t syntax_emit(struct syntax_file *file, struct fact_sink *sink)
{
    struct emitter emitter = {.file = file, .sink = sink};
    emit_lines(&emitter);
    for (int32_t i = 0; i < file->n_nodes && !file->no_memory; i++) {
        emit_syntax(&emitter, i);
        emit_calls(&emitter, i);
        emit_values(&emitter, i);
    }
    emit_errors(&emitter);
    emit_attributes(&emitter);
    emit_scopes(&emitter);
    emit_bindings(&emitter);
    emit_definitions(&emitter);
    emit_references(&emitter);
    emit_imports(&emitter);
    return emitter.rows;
}
