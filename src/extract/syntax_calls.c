/* Calls with their arguments, and the operands of operators. */
#include "extract/syntax_tree.h"

static void emit_call(struct emitter *emitter, int32_t index, enum call_kind kind, int32_t callee,
                      int32_t receiver, struct str name)
{
    struct syntax_file *file = emitter->file;
    const struct syntax_node *node = &file->nodes[index];
    const struct syntax_node *object = receiver == NO_NODE ? NULL : &file->nodes[receiver];
    EMIT(emitter, call, CALL, .file_id = file->file_id, .node = index, .node_id = (int64_t)node->id,
         .function = function_of(file, index), .scope = scope_node(file, index),
         .kind = (uint16_t)kind, .callee_node = callee == NO_NODE ? NULL_INT32 : callee,
         .receiver_node = object ? receiver : NULL_INT32,
         .receiver_id = object ? (int64_t)object->id : NULL_INT64,
         .receiver_start = object ? (int32_t)object->start : NULL_INT32,
         .receiver_end = object ? (int32_t)object->end : NULL_INT32, .callee_name = name,
         .start_byte = (int32_t)node->start, .end_byte = (int32_t)node->end);
}

static void emit_argument(struct emitter *emitter, int32_t call, int32_t place, struct str name,
                          enum argument_kind kind, int32_t index)
{
    struct syntax_file *file = emitter->file;
    const struct syntax_node *node = &file->nodes[index];
    EMIT(emitter, argument, ARGUMENT, .file_id = file->file_id, .call = call, .index = place,
         .name = name, .kind = (uint16_t)kind, .node = index,
         .call_id = (int64_t)file->nodes[call].id, .node_id = (int64_t)node->id,
         .start_byte = (int32_t)node->start, .end_byte = (int32_t)node->end);
}

static enum argument_kind kind_of_argument(const struct syntax_node *node)
{
    if (node->role != ROLE_SPREAD)
        return ARGUMENT_KIND_POSITIONAL;
    return (node->flags & FLAG_DOUBLE_STAR) ? ARGUMENT_KIND_DOUBLE_STAR : ARGUMENT_KIND_STAR;
}

/* Everything below the argument slot of a call: through the list, keyword by keyword. */
static void emit_call_arguments(struct emitter *emitter, int32_t call)
{
    struct syntax_file *file = emitter->file;
    const struct syntax_node *nodes = file->nodes;
    int32_t place = 0;
    for (int32_t at = call + 1; at <= nodes[call].last;) {
        const struct syntax_node *node = &nodes[at];
        if (node->slot == SLOT_CALLEE || (node->flags & FLAG_EXTRA)) {
            at = node->last + 1;
        } else if (node->form == FORM_KEYWORD_ARGUMENT) {
            int32_t name = child_in_slot(file, at, SLOT_NAME);
            int32_t value = name == NO_NODE ? NO_NODE : nodes[name].last + 1;
            while (value != NO_NODE && value <= node->last && (nodes[value].flags & FLAG_EXTRA))
                value = nodes[value].last + 1;
            if (value != NO_NODE && value <= node->last)
                emit_argument(emitter, call, ++place, node_text(file, name), ARGUMENT_KIND_KEYWORD,
                              strip_structural(file, value));
            at = node->last + 1;
        } else if (node->role == ROLE_STRUCTURAL) {
            at++;
        } else {
            emit_argument(emitter, call, ++place, (struct str){NULL, 0}, kind_of_argument(node),
                          at);
            at = node->last + 1;
        }
    }
}

/* Operands in their order of writing, but for the conditional, whose condition is written second.
 * They have no rows of their own: the syntax rows, which come later, say it. */
static void number_operands(struct syntax_file *file, int32_t index)
{
    struct syntax_node *nodes = file->nodes;
    bool is_comprehension = nodes[index].role == ROLE_COMPREHENSION;
    int32_t place = 0, at = index + 1;
    for (int32_t c; (c = next_product_child(nodes, index, &at)) != NO_NODE;) {
        uint8_t slot = nodes[c].slot;
        if (slot == SLOT_ANNOTATION || (nodes[c].flags & FLAG_IMPLICIT) ||
            (is_comprehension && slot != SLOT_ELEMENT))
            continue;
        int32_t shown = ++place;
        if (slot == SLOT_CONDITION)
            shown = 1;
        else if (slot == SLOT_THEN)
            shown = 2;
        if (nodes[c].role == ROLE_SPREAD)
            shown = (nodes[c].flags & FLAG_DOUBLE_STAR) ? OPERAND_DOUBLE_STAR : OPERAND_STAR;
        nodes[c].operand = shown;
    }
}

static void emit_decorator(struct emitter *emitter, int32_t index, int32_t callee, int32_t receiver)
{
    struct syntax_file *file = emitter->file;
    emit_call(emitter, index, CALL_KIND_DECORATOR, callee, receiver, callee_name(file, index));
    const struct syntax_node *wrapper = &file->nodes[file->nodes[index].parent];
    if (wrapper->form == FORM_WRAPPER && wrapper->value != NULL_INT32)
        emit_argument(emitter, index, 1, (struct str){NULL, 0}, ARGUMENT_KIND_POSITIONAL,
                      wrapper->value);
}

static void emit_explicit(struct emitter *emitter, int32_t index)
{
    struct syntax_file *file = emitter->file;
    int32_t callee = callee_of(file, index), receiver = NO_NODE;
    if (callee != NO_NODE && file->nodes[callee].role == ROLE_MEMBER)
        receiver = child_in_slot(file, callee, SLOT_OBJECT);
    if (receiver != NO_NODE)
        receiver = strip_structural(file, receiver);
    if (file->nodes[index].form == FORM_DECORATOR) {
        emit_decorator(emitter, index, callee, receiver);
        return;
    }
    emit_call(emitter, index, CALL_KIND_EXPLICIT, callee, receiver, callee_name(file, index));
    emit_call_arguments(emitter, index);
}

/* A loop asks its iterable for an iterator. */
static void emit_iteration(struct emitter *emitter, int32_t index)
{
    struct syntax_file *file = emitter->file;
    int32_t iterable = child_in_slot(file, index, SLOT_ITERABLE);
    if (iterable != NO_NODE)
        emit_call(emitter, index, CALL_KIND_ITERATION, NO_NODE, strip_structural(file, iterable),
                  file->table->texts[file->nodes[index].text]);
}

/* A context manager is entered: the row is that of the expression that gives it. */
static void emit_contexts(struct emitter *emitter, int32_t with)
{
    struct syntax_file *file = emitter->file;
    const struct syntax_node *nodes = file->nodes;
    int32_t at = with + 1;
    for (int32_t c; (c = next_product_child(nodes, with, &at)) != NO_NODE;) {
        if (nodes[c].slot == SLOT_BODY)
            return;
        if (nodes[c].slot == SLOT_ITEM)
            emit_call(emitter, c, CALL_KIND_CONTEXT, NO_NODE, c,
                      file->table->texts[nodes[with].text]);
    }
}

void emit_calls(struct emitter *emitter, int32_t index)
{
    const struct syntax_node *node = &emitter->file->nodes[index];
    if (node->role == ROLE_CALL) {
        emit_explicit(emitter, index);
    } else if (is_operator_role(node->role)) {
        number_operands(emitter->file, index);
    } else if (node->role == ROLE_FOREACH) {
        emit_iteration(emitter, index);
    } else if (node->role == ROLE_WITH) {
        emit_contexts(emitter, index);
    }
}
