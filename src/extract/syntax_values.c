/* What values go where: assignments, parameters, results, elements, members, literals, public
 * names; and written types and base classes. */
#include "extract/syntax_tree.h"

#include <stdio.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "kernels/stable_hash.h"

static const struct str NO_TEXT = {NULL, 0};

static int32_t node_or_null(int32_t node)
{
    return node == NO_NODE ? NULL_INT32 : node;
}

static int32_t stripped_slot(const struct syntax_file *file, int32_t node, enum slot slot)
{
    int32_t child = child_in_slot(file, node, slot);
    return child == NO_NODE ? NO_NODE : strip_structural(file, child);
}

/* --- Assignments ------------------------------------------------------------------------------ */

/* A container that is being unpacked. */
struct unpack {
    int32_t last;  /* its last node */
    int32_t index; /* of the element at hand */
    bool star;     /* it takes what the others leave */
};

enum { UNPACK_DEPTH = 32, PATH_BYTES = UNPACK_DEPTH * 12 };

/* "0.1", "*2"; no text at the top and below UNPACK_DEPTH. */
static struct str write_path(const struct unpack *stack, size_t depth, char path[PATH_BYTES])
{
    if (depth == 0 || depth > UNPACK_DEPTH)
        return NO_TEXT;
    size_t len = 0;
    for (size_t i = 0; i < depth; i++) {
        int n = snprintf(path + len, PATH_BYTES - len, "%s%s%d", i ? "." : "",
                         stack[i].star ? "*" : "", (int)stack[i].index);
        len += (size_t)n;
    }
    return (struct str){path, len};
}

static void emit_assign(struct emitter *emitter, int32_t index, int32_t target, int32_t value,
                        enum assign_kind kind, struct str path)
{
    struct syntax_file *file = emitter->file;
    struct str operator_name = NO_TEXT;
    if (kind == ASSIGN_KIND_AUGMENTED)
        operator_name = file->table->texts[file->nodes[index].text];
    EMIT(emitter, assign, ASSIGN, .file_id = file->file_id, .node = index, .target = target,
         .value = value, .kind = (uint16_t)kind, .operator= operator_name, .path = path);
}

/* One row for every target that is no container, in binding order. */
static void emit_targets(struct emitter *emitter, int32_t index, int32_t root, int32_t value,
                         enum assign_kind kind)
{
    const struct syntax_node *nodes = emitter->file->nodes;
    struct unpack stack[UNPACK_DEPTH];
    char path[PATH_BYTES];
    size_t depth = 0, hidden = 0; // hidden: nesting beyond the stack; such targets have no path.
    int32_t hidden_last = NO_NODE;
    for (int32_t at = root; at <= nodes[root].last;) {
        const struct syntax_node *node = &nodes[at];
        while (depth && at > stack[depth - 1].last)
            depth--;
        if (at > hidden_last)
            hidden = 0;
        bool is_starred = nodes[node->parent].role == ROLE_SPREAD && at != root;
        if (node->flags & FLAG_EXTRA) {
            at = node->last + 1;
            continue;
        }
        if (depth && node->role != ROLE_STRUCTURAL && !is_starred) {
            stack[depth - 1].index++;
            stack[depth - 1].star = node->role == ROLE_SPREAD;
        }
        if (node->role == ROLE_CONTAINER && (node->flags & FLAG_PATTERN)) {
            if (depth < UNPACK_DEPTH) {
                stack[depth++] = (struct unpack){node->last, -1, false};
            } else if (!hidden) {
                hidden = 1;
                hidden_last = node->last;
            }
            at++;
        } else if (node->role == ROLE_SPREAD ||
                   (node->role == ROLE_STRUCTURAL && node->last > at)) {
            at++;
        } else {
            emit_assign(emitter, index, at, value, kind,
                        hidden ? NO_TEXT : write_path(stack, depth, path));
            at = node->last + 1;
        }
    }
}

static void emit_assignment(struct emitter *emitter, int32_t index)
{
    struct syntax_file *file = emitter->file;
    const struct syntax_node *node = &file->nodes[index];
    int32_t target = child_in_slot(file, index, SLOT_TARGET), value = NULL_INT32;
    enum assign_kind kind = (enum assign_kind)node->variant;
    if (target == NO_NODE)
        return;
    if (kind == ASSIGN_KIND_LOOP) {
        value = node_or_null(stripped_slot(file, index, SLOT_ITERABLE));
    } else if (kind == ASSIGN_KIND_AUGMENTED) {
        value = node_or_null(stripped_slot(file, index, SLOT_VALUE));
    } else {
        value = node->value;
        if (value == NULL_INT32)
            kind = ASSIGN_KIND_ANNOTATION;
    }
    emit_targets(emitter, index, target, value, kind);
    int32_t type = child_in_slot(file, index, SLOT_ANNOTATION);
    if (type != NO_NODE)
        EMIT(emitter, type_annotation, TYPE_ANNOTATION, .file_id = file->file_id,
             .of_node = strip_structural(file, target), .node = type,
             .text = node_text(file, type));
}

/* `with a as b`, `except E as e`: the construct is the with or the handler above. */
static void emit_as(struct emitter *emitter, int32_t index)
{
    struct syntax_file *file = emitter->file;
    int32_t target = child_in_slot(file, index, SLOT_TARGET);
    int32_t above = file->nodes[index].above;
    if (target == NO_NODE || above == NO_NODE)
        return;
    bool is_handler = file->nodes[above].role == ROLE_HANDLER;
    int32_t value = first_real_child(file, index);
    emit_targets(emitter, above, target,
                 is_handler || value == NO_NODE ? NULL_INT32 : strip_structural(file, value),
                 is_handler ? ASSIGN_KIND_HANDLER : ASSIGN_KIND_WITH);
}

/* A name that the pattern of a case binds. Its value is the subject where the pattern is that name.
 */
static void emit_capture(struct emitter *emitter, int32_t index)
{
    struct syntax_file *file = emitter->file;
    const struct syntax_node *nodes = file->nodes;
    int32_t clause = nodes[index].value, value = NULL_INT32;
    if (clause == NULL_INT32)
        return;
    int32_t pattern = child_in_slot(file, clause, SLOT_PATTERN);
    int32_t second = next_sibling(nodes, pattern);
    bool is_whole = second == NO_NODE || nodes[second].slot != SLOT_PATTERN;
    if (is_whole && nodes[index].above == clause && nodes[clause].above != NO_NODE) {
        int32_t match = nodes[nodes[clause].above].above;
        if (match != NO_NODE)
            value = node_or_null(stripped_slot(file, match, SLOT_SUBJECT));
    }
    emit_assign(emitter, clause, index, value, ASSIGN_KIND_CAPTURE, NO_TEXT);
}

/* --- Functions -------------------------------------------------------------------------------- */

static enum parameter_kind parameter_kind(const struct syntax_file *file, int32_t parameter)
{
    const struct syntax_node *nodes = file->nodes;
    uint32_t flags = nodes[parameter].flags;
    int32_t name = child_in_slot(file, parameter, SLOT_NAME);
    if (name != NO_NODE)
        flags |= nodes[name].flags;
    if (flags & FLAG_DOUBLE_STAR)
        return PARAMETER_KIND_DOUBLE_STAR;
    return (flags & FLAG_STAR) ? PARAMETER_KIND_STAR : PARAMETER_KIND_POSITIONAL;
}

/* The parameters of a function so far, as they would be written. */
struct signature {
    struct buffer text;
    enum parameter_kind last;
    bool any;
};

/* Adds a parameter, and the mark that stands before it where its kind needs one. */
static void signature_add(struct signature *signature, struct str name, enum parameter_kind kind,
                          bool has_default)
{
    bool starred = signature->any && (signature->last == PARAMETER_KIND_STAR ||
                                      signature->last == PARAMETER_KIND_KEYWORD_ONLY);
    buffer_text(&signature->text, signature->any ? ", " : "");
    if (signature->any && signature->last == PARAMETER_KIND_POSITIONAL_ONLY &&
        kind != PARAMETER_KIND_POSITIONAL_ONLY)
        buffer_text(&signature->text, "/, ");
    if (kind == PARAMETER_KIND_KEYWORD_ONLY && !starred)
        buffer_text(&signature->text, "*, ");
    if (kind == PARAMETER_KIND_STAR)
        buffer_char(&signature->text, '*');
    if (kind == PARAMETER_KIND_DOUBLE_STAR)
        buffer_text(&signature->text, "**");
    buffer_str(&signature->text, name);
    buffer_text(&signature->text, has_default ? "=..." : "");
    signature->last = kind;
    signature->any = true;
}

static void signature_end(struct syntax_file *file, struct signature *signature, int32_t function)
{
    if (signature->any && signature->last == PARAMETER_KIND_POSITIONAL_ONLY)
        buffer_text(&signature->text, ", /");
    buffer_char(&signature->text, ')');
    struct str text = {NULL, 0};
    if (!signature->text.failed)
        text = arena_str(&file->worker->arena, buffer_view(&signature->text));
    file->no_memory = file->no_memory || !text.ptr;
    file->scopes[file->nodes[function].inner].signature = text;
    buffer_fini(&signature->text);
}

static void emit_parameter(struct emitter *emitter, int32_t function, int32_t parameter,
                           int32_t place, enum parameter_kind kind, struct signature *signature)
{
    struct syntax_file *file = emitter->file;
    int32_t name = parameter_name(file, parameter);
    int32_t value = stripped_slot(file, parameter, SLOT_DEFAULT);
    int32_t type = child_in_slot(file, parameter, SLOT_ANNOTATION);
    struct str text = name == NO_NODE ? node_text(file, parameter) : node_text(file, name);
    text = names_mangle(&file->names, file->nodes[parameter].scope, text);
    signature_add(signature, text, kind, value != NO_NODE);
    EMIT(emitter, parameter, PARAMETER, .file_id = file->file_id, .node = parameter,
         .node_id = (int64_t)file->nodes[parameter].id, .function = function, .index = place,
         .name = text, .kind = (uint16_t)kind, .default_node = node_or_null(value),
         .annotation_node = node_or_null(type));
    if (value != NO_NODE)
        emit_assign(emitter, parameter, parameter, value, ASSIGN_KIND_DEFAULT, NO_TEXT);
    if (type != NO_NODE)
        EMIT(emitter, type_annotation, TYPE_ANNOTATION, .file_id = file->file_id,
             .of_node = parameter, .node = type, .text = node_text(file, type));
}

static void emit_parameters(struct emitter *emitter, int32_t function)
{
    struct syntax_file *file = emitter->file;
    const struct syntax_node *nodes = file->nodes;
    int32_t list = child_in_slot(file, function, SLOT_PARAMETER);
    int32_t mark = list == NO_NODE ? NO_NODE : child_of_form(file, list, FORM_POSITIONAL_MARK);
    struct signature signature = {.any = false};
    bool keyword_only = false;
    int32_t place = 0;
    buffer_char(&signature.text, '(');
    for (int32_t c = list == NO_NODE ? NO_NODE : first_child(nodes, list); c != NO_NODE;
         c = next_sibling(nodes, c)) {
        if (nodes[c].form == FORM_KEYWORD_MARK)
            keyword_only = true;
        if (nodes[c].role != ROLE_PARAMETER)
            continue;
        enum parameter_kind kind = parameter_kind(file, c);
        if (kind == PARAMETER_KIND_POSITIONAL && c < mark)
            kind = PARAMETER_KIND_POSITIONAL_ONLY;
        else if (kind == PARAMETER_KIND_POSITIONAL && keyword_only)
            kind = PARAMETER_KIND_KEYWORD_ONLY;
        else if (kind == PARAMETER_KIND_STAR)
            keyword_only = true;
        emit_parameter(emitter, function, c, ++place, kind, &signature);
    }
    signature_end(file, &signature, function);
}

static void emit_function(struct emitter *emitter, int32_t index)
{
    struct syntax_file *file = emitter->file;
    emit_parameters(emitter, index);
    int32_t type = child_in_slot(file, index, SLOT_ANNOTATION);
    if (type != NO_NODE)
        EMIT(emitter, type_annotation, TYPE_ANNOTATION, .file_id = file->file_id, .of_node = index,
             .node = type, .text = node_text(file, type));
}

static void emit_result(struct emitter *emitter, int32_t function, int32_t index, int32_t value,
                        enum result_kind kind)
{
    EMIT(emitter, result, RESULT, .file_id = emitter->file->file_id, .function = function,
         .node = index, .value_node = node_or_null(value), .kind = (uint16_t)kind);
}

static void emit_bases(struct emitter *emitter, int32_t index)
{
    struct syntax_file *file = emitter->file;
    const struct syntax_node *nodes = file->nodes;
    int32_t list = child_in_slot(file, index, SLOT_BASE), place = 0;
    if (list == NO_NODE)
        return;
    for (int32_t c = first_child(nodes, list); c != NO_NODE; c = next_sibling(nodes, c)) {
        if (nodes[c].flags & FLAG_EXTRA)
            continue;
        int32_t base = strip_structural(file, c);
        enum base_kind kind = nodes[c].role == ROLE_SPREAD ? BASE_KIND_STAR : BASE_KIND_BASE;
        if (nodes[c].form == FORM_KEYWORD_ARGUMENT) {
            kind = nodes[c].slot == SLOT_METACLASS ? BASE_KIND_METACLASS : BASE_KIND_KEYWORD;
            int32_t name = child_in_slot(file, c, SLOT_NAME);
            int32_t value = name == NO_NODE ? NO_NODE : next_sibling(nodes, name);
            if (value == NO_NODE)
                continue;
            base = strip_structural(file, value);
        }
        EMIT(emitter, base_type, BASE_TYPE, .file_id = file->file_id, .type_node = index,
             .index = place++, .node = base, .kind = (uint16_t)kind);
    }
}

/* --- Containers, members, literals ------------------------------------------------------------ */

static void emit_elements(struct emitter *emitter, int32_t index)
{
    struct syntax_file *file = emitter->file;
    const struct syntax_node *nodes = file->nodes;
    if (nodes[index].access != ACCESS_READ && nodes[index].access != ACCESS_TYPE)
        return;
    int32_t place = 0, at = index + 1;
    for (int32_t c; (c = next_product_child(nodes, index, &at)) != NO_NODE;) {
        int32_t key = NO_NODE, element = c;
        if (nodes[c].role == ROLE_PAIR) {
            key = stripped_slot(file, c, SLOT_KEY);
            int32_t value = stripped_slot(file, c, SLOT_VALUE);
            element = value == NO_NODE ? c : value;
        }
        EMIT(emitter, element, ELEMENT, .file_id = file->file_id, .container = index,
             .index = place++, .key = node_or_null(key), .node = element,
             .spread = nodes[c].role == ROLE_SPREAD);
    }
}

static void emit_member(struct emitter *emitter, int32_t index)
{
    struct syntax_file *file = emitter->file;
    int32_t object = stripped_slot(file, index, SLOT_OBJECT);
    int32_t name = child_in_slot(file, index, SLOT_NAME);
    if (object == NO_NODE || name == NO_NODE)
        return;
    EMIT(emitter, member, MEMBER, .file_id = file->file_id, .node = index, .object_node = object,
         .name_node = name,
         .name = names_mangle(&file->names, file->nodes[index].scope, node_text(file, name)),
         .access = file->nodes[index].access, .scope = scope_node(file, index));
}

static void emit_subscript(struct emitter *emitter, int32_t index)
{
    struct syntax_file *file = emitter->file;
    const struct syntax_node *nodes = file->nodes;
    int32_t object = stripped_slot(file, index, SLOT_OBJECT), key = NULL_INT32, n_keys = 0;
    if (object == NO_NODE)
        return;
    for (int32_t c = first_child(nodes, index); c != NO_NODE; c = next_sibling(nodes, c)) {
        if (nodes[c].slot == SLOT_INDEX)
            key = n_keys++ == 0 ? strip_structural(file, c) : NULL_INT32;
    }
    EMIT(emitter, subscript, SUBSCRIPT, .file_id = file->file_id, .node = index,
         .object_node = object, .index_node = key, .access = nodes[index].access);
}

static enum literal_type literal_type(const struct syntax_node *node, struct str text)
{
    enum literal_type type = (enum literal_type)node->variant;
    if (text.len && (type == LITERAL_TYPE_INTEGER || type == LITERAL_TYPE_FLOAT)) {
        char last = text.ptr[text.len - 1];
        if (last == 'j' || last == 'J')
            type = LITERAL_TYPE_COMPLEX;
    } else if (type == LITERAL_TYPE_STRING) {
        for (size_t i = 0; i < text.len && text.ptr[i] != '"' && text.ptr[i] != '\''; i++)
            if (text.ptr[i] == 'b' || text.ptr[i] == 'B')
                type = LITERAL_TYPE_BYTES;
    }
    return type;
}

static void emit_literal(struct emitter *emitter, int32_t index)
{
    struct syntax_file *file = emitter->file;
    const struct syntax_node *node = &file->nodes[index];
    struct str raw = {file->source->bytes + node->start, node->end - node->start};
    EMIT(emitter, literal, LITERAL, .file_id = file->file_id, .node = index,
         .type = (uint16_t)literal_type(node, raw),
         .text = raw.len <= LIMIT_TOKEN_BYTES ? node_text(file, index) : NO_TEXT);
}

/* --- Public names ----------------------------------------------------------------------------- */

/* The inside of a plain string; ptr NULL for one with escapes. */
static struct str string_content(struct str text)
{
    while (text.len && text.ptr[0] != '"' && text.ptr[0] != '\'')
        text.ptr++, text.len--;
    size_t quote =
        text.len >= 6 && text.ptr[1] == text.ptr[0] && text.ptr[2] == text.ptr[0] ? 3 : 1;
    if (text.len < 2 * quote || memchr(text.ptr, '\\', text.len))
        return NO_TEXT;
    return (struct str){text.ptr + quote, text.len - 2 * quote};
}

static void emit_export(struct emitter *emitter, int32_t literal)
{
    struct syntax_file *file = emitter->file;
    struct str name = string_content(node_text(file, literal));
    if (!name.ptr || name.len == 0)
        return;
    size_t before = file->worker->exported.count;
    uint64_t hash = stable_hash_text(STABLE_HASH_SEED, name.ptr, name.len);
    if (!intmap_slot(&file->worker->exported, hash, 0))
        file->no_memory = true;
    if (file->worker->exported.count > before)
        EMIT(emitter, export, EXPORT, .file_id = file->file_id, .name = name, .node = literal);
}

/* The strings of lists and tuples below a node, and sums of them. */
static void emit_exports_below(struct emitter *emitter, int32_t root)
{
    const struct syntax_node *nodes = emitter->file->nodes;
    for (int32_t at = root; at <= nodes[root].last;) {
        uint8_t role = nodes[at].role;
        if (role == ROLE_LITERAL && nodes[at].variant == LITERAL_TYPE_STRING)
            emit_export(emitter, at);
        bool enter = role == ROLE_CONTAINER || role == ROLE_STRUCTURAL || role == ROLE_SPREAD ||
                     (role == ROLE_OPERATOR && nodes[at].form == FORM_NONE);
        at = enter ? at + 1 : nodes[at].last + 1;
    }
}

/* __all__ = …, __all__ += …, __all__.extend(…), __all__.append(…). */
static void emit_exports(struct emitter *emitter, int32_t index)
{
    struct syntax_file *file = emitter->file;
    const struct syntax_node *nodes = file->nodes;
    int32_t above = nodes[index].above;
    if (nodes[index].scope != 0 || above == NO_NODE)
        return;
    if (nodes[above].form == FORM_ASSIGN && nodes[index].slot == SLOT_TARGET) {
        int32_t value = nodes[above].variant == ASSIGN_KIND_AUGMENTED
                            ? child_in_slot(file, above, SLOT_VALUE)
                            : nodes[above].value;
        if (value >= 0)
            emit_exports_below(emitter, value);
    } else if (nodes[above].role == ROLE_MEMBER && nodes[above].slot == SLOT_CALLEE) {
        int32_t call = nodes[above].above;
        struct str name = call == NO_NODE ? STR("") : callee_name(file, call);
        int32_t arguments = call == NO_NODE ? NO_NODE : child_in_slot(file, call, SLOT_ARGUMENT);
        if (arguments != NO_NODE && (str_is(name, "extend") || str_is(name, "append")))
            emit_exports_below(emitter, arguments);
    }
}

/* --- Dispatch --------------------------------------------------------------------------------- */

static void emit_by_role(struct emitter *emitter, int32_t index)
{
    struct syntax_file *file = emitter->file;
    const struct syntax_node *node = &file->nodes[index];
    switch ((enum role)node->role) {
    case ROLE_FUNCTION:
        emit_function(emitter, index);
        break;
    case ROLE_LAMBDA: {
        int32_t body = stripped_slot(file, index, SLOT_BODY);
        emit_parameters(emitter, index);
        if (body != NO_NODE)
            emit_result(emitter, index, body, body, RESULT_KIND_EXPRESSION);
        break;
    }
    case ROLE_CLASS:
        emit_bases(emitter, index);
        break;
    case ROLE_RETURN:
        emit_result(emitter, function_of(file, index), index,
                    stripped_slot(file, index, SLOT_VALUE), RESULT_KIND_RETURN);
        break;
    case ROLE_YIELD:
        emit_result(emitter, function_of(file, index), index,
                    stripped_slot(file, index, SLOT_VALUE), RESULT_KIND_YIELD);
        break;
    case ROLE_THROW:
        emit_result(emitter, function_of(file, index), index,
                    stripped_slot(file, index, SLOT_VALUE), RESULT_KIND_THROW);
        break;
    case ROLE_CONTAINER:
        emit_elements(emitter, index);
        break;
    case ROLE_MEMBER:
        emit_member(emitter, index);
        break;
    case ROLE_SUBSCRIPT:
        emit_subscript(emitter, index);
        break;
    case ROLE_LITERAL:
        emit_literal(emitter, index);
        break;
    case ROLE_IDENTIFIER:
        if (node->flags & FLAG_EXPORT)
            emit_exports(emitter, index);
        if ((node->flags & FLAG_CAPTURE) && node->access == ACCESS_WRITE)
            emit_capture(emitter, index);
        break;
    default:
        break;
    }
}

void emit_values(struct emitter *emitter, int32_t index)
{
    const struct syntax_node *node = &emitter->file->nodes[index];
    emit_by_role(emitter, index);
    if (node->form == FORM_ASSIGN || node->form == FORM_CLAUSE)
        emit_assignment(emitter, index);
    else if (node->form == FORM_AS)
        emit_as(emitter, index);
    if (node->flags & FLAG_ASYNC)
        EMIT(emitter, attribute, ATTRIBUTE, .file_id = emitter->file->file_id, .node = index,
             .key = STR("async"), .value = STR("true"));
}
