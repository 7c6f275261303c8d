/* The pass that gives every node its scope and its id, and reports to names.c what binds and what
 * refers. Nodes come in pre-order: what encloses a node is known when it is reached, and a
 * construct may mark nodes inside it ahead. */
#include "extract/syntax_tree.h"

#include "kernels/stable_hash.h"

/* --- Scopes ----------------------------------------------------------------------------------- */

/* Index of a new scope, or that of the module when memory is out. */
static int32_t open_scope(struct syntax_file *file, const struct names_scope *scope, int32_t around,
                          int32_t outside)
{
    struct syntax_scope *own = list_add(file, &file->worker->scopes, sizeof *own);
    file->scopes = file->worker->scopes.items;
    int32_t index = own ? names_scope(&file->names, scope) : NAMES_NONE;
    if (!own || index < 0 || file->names.failed) {
        file->no_memory = true;
        return 0;
    }
    RG_ASSERT((size_t)index + 1 == file->worker->scopes.count);
    bool is_method = scope->kind != SCOPE_KIND_COMPREHENSION && scope->kind != SCOPE_KIND_TYPE;
    *own = (struct syntax_scope){
        .node = scope->node,
        .around = around,
        .outside = outside,
        .method = is_method ? index : file->scopes[around].method,
        .method_id = scope->method_id,
    };
    return index;
}

/* A scope for the type parameters of a definition; `around` where it has none. */
static int32_t open_type_scope(struct syntax_file *file, int32_t node, struct str name)
{
    int32_t around = file->nodes[node].scope;
    int32_t parameters = child_of_form(file, node, FORM_TYPE_SCOPE);
    if (parameters == NO_NODE)
        return around;
    file->nodes[parameters].scope = around;
    syntax_id(file, parameters);
    struct names_scope scope = {
        .node = parameters,
        .parent = around,
        .kind = SCOPE_KIND_TYPE,
        .name = name,
        .node_id = (int64_t)file->nodes[parameters].id,
        .method_id = file->scopes[around].method_id,
    };
    int32_t index = open_scope(file, &scope, around, around);
    file->nodes[parameters].inner = index;
    return index;
}

static void open_definition(struct syntax_file *file, int32_t index, enum scope_kind kind)
{
    struct syntax_node *node = &file->nodes[index];
    struct str name = STR("<lambda>");
    const char *method_name = kind == SCOPE_KIND_CLASS ? "<body>" : "<lambda>";
    int32_t outside = node->scope;
    if (kind != SCOPE_KIND_LAMBDA) {
        int32_t name_node = child_in_slot(file, index, SLOT_NAME);
        name = name_node == NO_NODE ? STR("") : node_text(file, name_node);
        outside = open_type_scope(file, index, name);
    }
    struct names_scope scope = {
        .node = index,
        .parent = outside,
        .kind = kind,
        .name = name,
        .node_id = (int64_t)node->id,
        .method_id = (int64_t)node->id,
    };
    if (kind != SCOPE_KIND_FUNCTION)
        scope.method_id =
            stable_hash_product(scope.node_id, "METHOD", method_name, strlen(method_name));
    if (kind == SCOPE_KIND_LAMBDA)
        scope.node_id = scope.method_id;
    node->inner = open_scope(file, &scope, node->scope, outside);
}

static void open_comprehension(struct syntax_file *file, int32_t index)
{
    struct syntax_node *node = &file->nodes[index];
    struct names_scope scope = {
        .node = index,
        .parent = node->scope,
        .kind = SCOPE_KIND_COMPREHENSION,
        .name = rule_name(file, node),
        .node_id = (int64_t)node->id,
        .method_id = file->scopes[node->scope].method_id,
    };
    node->inner = open_scope(file, &scope, node->scope, node->scope);
    int32_t clause = child_of_form(file, index, FORM_CLAUSE);
    if (clause != NO_NODE)
        file->nodes[clause].flags |= FLAG_FIRST;
}

static void open_module(struct syntax_file *file)
{
    struct syntax_node *root = &file->nodes[0];
    struct names_scope scope = {
        .node = 0,
        .parent = NAMES_NONE,
        .kind = SCOPE_KIND_MODULE,
        .name = STR("<module>"),
        .node_id = (int64_t)root->id,
        .method_id = (int64_t)root->id,
    };
    root->inner = root->scope = open_scope(file, &scope, 0, 0);
}

/* In which scope a node is evaluated. */
static int32_t scope_of(const struct syntax_file *file, const struct syntax_node *node)
{
    const struct syntax_node *parent = &file->nodes[node->parent];
    const struct syntax_scope *scope = &file->scopes[parent->inner];
    if (node->flags & FLAG_OUTSIDE)
        return scope->outside;
    if (node->flags & FLAG_AROUND)
        return scope->around;
    if ((node->flags & FLAG_FIRST_AROUND) && (parent->flags & FLAG_FIRST))
        return scope->around;
    return parent->inner;
}

/* --- What flows down -------------------------------------------------------------------------- */

/* Code below such a node may not run, or not only once. */
static bool makes_conditional(const struct syntax_node *node)
{
    switch ((enum role)node->role) {
    case ROLE_IF:
    case ROLE_LOOP:
    case ROLE_TRY:
    case ROLE_HANDLER:
    case ROLE_FINALLY:
    case ROLE_SWITCH:
    case ROLE_CASE:
    case ROLE_WITH:
        return true;
    case ROLE_FOREACH:
        return node->form != FORM_CLAUSE;
    default:
        return false;
    }
}

static bool opens_scope(const struct syntax_node *node)
{
    return node->role == ROLE_CLASS || node->role == ROLE_FUNCTION || node->role == ROLE_LAMBDA ||
           node->role == ROLE_COMPREHENSION;
}

static void inherit(struct syntax_node *node, const struct syntax_node *parent)
{
    if ((node->flags & FLAG_SLOT_INHERITED) && parent->role != ROLE_STRUCTURAL)
        node->slot = SLOT_NONE;
    if (!opens_scope(parent) && ((parent->flags & FLAG_CONDITIONAL) || makes_conditional(parent)))
        node->flags |= FLAG_CONDITIONAL;
    bool is_pattern = (parent->flags & FLAG_PATTERN) != 0;
    if (node->access == ROLE_UNSET) {
        if (parent->access == ACCESS_TYPE || is_pattern)
            node->access = parent->access;
        else
            node->access = ACCESS_READ;
    }
    // Inside the pattern of a case every node knows its case.
    bool starts = node->slot == SLOT_PATTERN && parent->role == ROLE_CASE;
    if (starts || (is_pattern && (parent->flags & FLAG_CAPTURE))) {
        node->flags |= FLAG_CAPTURE;
        node->value = starts ? node->parent : parent->value;
    }
}

static void place_in_product(struct syntax_file *file, struct syntax_node *node)
{
    struct syntax_node *parent = &file->nodes[node->parent];
    node->above = parent->role == ROLE_STRUCTURAL ? parent->above : node->parent;
    struct syntax_node *above = &file->nodes[node->above];
    uint32_t *children = &above->children;
    // A class has two product nodes: the bases hang from the one, the code from the other.
    if (above->role == ROLE_CLASS && node->slot != SLOT_BASE && node->slot != SLOT_METACLASS)
        children = &file->scopes[above->inner].children;
    node->ordinal = *children + 1;
    if (node->role != ROLE_STRUCTURAL)
        ++*children;
}

/* --- Names ------------------------------------------------------------------------------------ */

static void define(struct syntax_file *file, const struct names_definition *definition)
{
    if (definition->name.len)
        names_define(&file->names, definition);
}

/* The definition of a node under a name, with what is the same for all kinds. */
static struct names_definition definition_of(struct syntax_file *file, int32_t index,
                                             int32_t name_node, enum definition_kind kind)
{
    const struct syntax_node *node = &file->nodes[index];
    return (struct names_definition){
        .scope = node->scope,
        .name = name_node == NO_NODE ? STR("") : node_text(file, name_node),
        .node = index,
        .name_node = name_node == NO_NODE ? NULL_INT32 : name_node,
        .value_node = NULL_INT32,
        .node_id = (int64_t)node->id,
        .kind = kind,
        .conditional = (node->flags & FLAG_CONDITIONAL) != 0,
    };
}

static void bind_identifier(struct syntax_file *file, int32_t index)
{
    struct syntax_node *node = &file->nodes[index];
    const struct syntax_node *parent = &file->nodes[node->parent];
    bool binds = node->access == ACCESS_WRITE || node->access == ACCESS_READWRITE;
    struct str name = node_text(file, index);
    if (name.len == 0)
        return; // MISSING
    int32_t scope = node->scope;
    if ((node->flags & FLAG_BINDS) && node->variant == DEFINITION_KIND_TYPE)
        scope = file->nodes[node->value].scope; // An alias is bound around its own scope.
    if (binds) {
        enum definition_kind kind = (node->flags & FLAG_BINDS) ? (enum definition_kind)node->variant
                                                               : DEFINITION_KIND_LOCAL;
        struct names_definition definition = definition_of(file, index, index, kind);
        definition.scope = scope;
        if (kind == DEFINITION_KIND_LOCAL && node->value != NULL_INT32 &&
            !(node->flags & FLAG_CAPTURE))
            definition.value_node = node->value;
        definition.walrus = parent->form == FORM_ASSIGN && parent->variant == ASSIGN_KIND_WALRUS;
        definition.annotation_only = (node->flags & FLAG_DECLARED) != 0;
        define(file, &definition);
    }
    struct names_reference reference = {
        .scope = scope,
        .name = name,
        .node = index,
        .node_id = (int64_t)node->id,
        .access = (enum access)node->access,
        .start_byte = node->start,
        .end_byte = node->end,
        .ignored_by_scoping = (node->access == ACCESS_TYPE && file->future_annotations) ||
                              node->access == ACCESS_UNEVALUATED,
    };
    names_refer(&file->names, &reference);
}

static void bind_definition(struct syntax_file *file, int32_t index, enum definition_kind kind)
{
    int32_t name_node = child_in_slot(file, index, SLOT_NAME);
    struct names_definition definition = definition_of(file, index, name_node, kind);
    define(file, &definition);
}

static void bind_parameter(struct syntax_file *file, int32_t index)
{
    int32_t name_node = parameter_name(file, index);
    struct names_definition definition =
        definition_of(file, index, name_node, DEFINITION_KIND_PARAMETER);
    definition.conditional = false;
    define(file, &definition);
}

/* A name in a pattern: one name is bound, a dotted one is a value that is compared with. */
static void mark_capture(struct syntax_file *file, int32_t index, bool may_bind)
{
    struct syntax_node *nodes = file->nodes;
    int32_t first = first_real_child(file, index);
    if (first == NO_NODE)
        return;
    int32_t second = next_sibling(nodes, first);
    nodes[first].role = ROLE_IDENTIFIER;
    nodes[first].access = may_bind && second == NO_NODE ? ACCESS_WRITE : ACCESS_READ;
    nodes[first].value = nodes[index].value;
    nodes[first].flags |= nodes[index].flags & FLAG_CAPTURE;
    for (int32_t c = second; c != NO_NODE; c = next_sibling(nodes, c))
        if (!(nodes[c].flags & FLAG_EXTRA))
            nodes[c].role = ROLE_FIELD;
}

/* Type parameters: the first name of each. */
static void mark_type_parameters(struct syntax_file *file, int32_t list)
{
    struct syntax_node *nodes = file->nodes;
    for (int32_t c = first_child(nodes, list); c != NO_NODE; c = next_sibling(nodes, c)) {
        int32_t at = c;
        while (at != NO_NODE && nodes[at].role != ROLE_IDENTIFIER)
            at = first_real_child(file, at);
        if (at == NO_NODE)
            continue;
        nodes[at].access = ACCESS_WRITE;
        nodes[at].flags |= FLAG_BINDS;
        nodes[at].variant = DEFINITION_KIND_TYPE_PARAMETER;
    }
}

/* `type(x).y = z` is an assignment to an attribute of a call, whatever the grammar takes it for:
 * the parenthesis at the start of the target becomes the call, the token its callee. */
static void mend_type_call(struct syntax_file *file, int32_t index)
{
    struct syntax_node *nodes = file->nodes;
    int32_t token = child_of_form(file, index, FORM_TYPE_TOKEN);
    int32_t left = child_in_slot(file, index, SLOT_NAME);
    int32_t right = child_in_slot(file, index, SLOT_VALUE);
    int32_t call = left;
    while (call != NO_NODE && nodes[call].end > nodes[call].start &&
           (nodes[call].role != ROLE_STRUCTURAL && nodes[call].role != ROLE_CONTAINER))
        call = first_real_child(file, call);
    if (token == NO_NODE || right == NO_NODE || call == NO_NODE ||
        first_real_child(file, right) == NO_NODE)
        return;
    nodes[index].role = ROLE_OPERATOR;
    nodes[index].form = FORM_ASSIGN;
    nodes[index].variant = ASSIGN_KIND_PLAIN;
    nodes[index].value = strip_structural(file, first_real_child(file, right));
    nodes[left].role = ROLE_STRUCTURAL;
    nodes[left].slot = SLOT_TARGET;
    nodes[left].access = ACCESS_WRITE;
    nodes[left].flags |= FLAG_PATTERN;
    nodes[right].role = ROLE_STRUCTURAL;
    nodes[right].access = ACCESS_READ;
    nodes[token].role = ROLE_IDENTIFIER;
    nodes[token].slot = SLOT_CALLEE;
    nodes[token].flags |= FLAG_IMPLICIT;
    nodes[call].role = ROLE_CALL;
    nodes[call].flags &= ~(uint32_t)FLAG_PATTERN;
    nodes[call].value = token;
    for (int32_t c = first_child(nodes, call); c != NO_NODE; c = next_sibling(nodes, c))
        nodes[c].slot = SLOT_ARGUMENT;
}

static void open_alias_scope(struct syntax_file *file, int32_t index, int32_t name)
{
    struct syntax_node *node = &file->nodes[index];
    struct names_scope scope = {
        .node = index,
        .parent = node->scope,
        .kind = SCOPE_KIND_TYPE,
        .name = node_text(file, name),
        .node_id = (int64_t)node->id,
        .method_id = file->scopes[node->scope].method_id,
    };
    node->inner = open_scope(file, &scope, node->scope, node->scope);
}

/* type X[T] = …: the name is bound around, parameters and value have a scope of their own. */
static void bind_type_alias(struct syntax_file *file, int32_t index)
{
    struct syntax_node *nodes = file->nodes;
    int32_t at = child_in_slot(file, index, SLOT_NAME), parameters = NO_NODE;
    while (at != NO_NODE && nodes[at].role == ROLE_TYPE) {
        int32_t child = first_real_child(file, at);
        if (child != NO_NODE && parameters == NO_NODE)
            parameters = next_sibling(nodes, child);
        at = child;
    }
    if (at == NO_NODE || nodes[at].role != ROLE_IDENTIFIER) {
        mend_type_call(file, index);
        return;
    }
    nodes[at].access = ACCESS_WRITE;
    nodes[at].flags |= FLAG_BINDS;
    nodes[at].variant = DEFINITION_KIND_TYPE;
    nodes[at].value = index;
    if (parameters == NO_NODE)
        return;
    mark_type_parameters(file, parameters);
    open_alias_scope(file, index, at);
}

static void bind_declaration(struct syntax_file *file, int32_t index, enum names_declaration what)
{
    for (int32_t c = first_child(file->nodes, index); c != NO_NODE;
         c = next_sibling(file->nodes, c)) {
        struct str name = node_text(file, c);
        if (file->nodes[c].slot == SLOT_NAME && name.len)
            names_declare(&file->names, file->nodes[index].scope, name, what, c);
    }
}

/* Says of the targets of an assignment what they get. Chains (a = b = c) are done once, by their
 * head. */
static void mark_assignment(struct syntax_file *file, int32_t head)
{
    struct syntax_node *nodes = file->nodes;
    if (nodes[head].flags & FLAG_CHAINED)
        return;
    int32_t value = child_in_slot(file, head, SLOT_VALUE);
    while (value != NO_NODE && nodes[value].form == FORM_ASSIGN &&
           nodes[value].variant == ASSIGN_KIND_PLAIN) {
        nodes[value].flags |= FLAG_CHAINED;
        value = child_in_slot(file, value, SLOT_VALUE);
    }
    value = value == NO_NODE ? NULL_INT32 : strip_structural(file, value);
    for (int32_t at = head; at != NO_NODE && nodes[at].form == FORM_ASSIGN;
         at = child_in_slot(file, at, SLOT_VALUE)) {
        nodes[at].value = value;
        int32_t target = child_in_slot(file, at, SLOT_TARGET);
        target = target == NO_NODE ? NO_NODE : strip_structural(file, target);
        if (target == NO_NODE || nodes[target].role != ROLE_IDENTIFIER)
            continue;
        nodes[target].value = value;
        if (value == NULL_INT32)
            nodes[target].flags |= FLAG_DECLARED;
        // `(x): int` says nothing of x, unlike `x: int`.
        if (value == NULL_INT32 && nodes[target].parent != at)
            nodes[target].access = ACCESS_UNEVALUATED;
    }
}

/* f"{x:=10}": x is shown in the format `=10`. */
static void mend_format(struct syntax_file *file, int32_t index)
{
    struct syntax_node *nodes = file->nodes;
    nodes[index].role = ROLE_STRUCTURAL;
    nodes[index].form = FORM_NONE;
    for (int32_t c = first_child(nodes, index); c != NO_NODE; c = next_sibling(nodes, c)) {
        nodes[c].access = ACCESS_READ;
        nodes[c].slot = SLOT_VALUE;
        if (c != index + 1 && nodes[c].last == c)
            nodes[c].role = ROLE_STRUCTURAL;
    }
}

static void bind_assignment(struct syntax_file *file, int32_t index)
{
    uint8_t variant = file->nodes[index].variant;
    if (file->nodes[index].flags & FLAG_IMPLICIT) {
        mend_format(file, index);
        return;
    }
    if (variant == ASSIGN_KIND_PLAIN || variant == ASSIGN_KIND_WALRUS)
        mark_assignment(file, index);
}

/* class C(metaclass=M): M is no base. */
static void mark_metaclass(struct syntax_file *file, int32_t index)
{
    struct syntax_node *nodes = file->nodes;
    int32_t name = child_in_slot(file, index, SLOT_NAME);
    if (nodes[index].slot != SLOT_BASE || name == NO_NODE ||
        !str_is(node_text(file, name), "metaclass"))
        return;
    nodes[index].slot = SLOT_METACLASS;
    for (int32_t c = next_sibling(nodes, name); c != NO_NODE; c = next_sibling(nodes, c))
        nodes[c].slot = SLOT_METACLASS;
}

/* --- Imports ---------------------------------------------------------------------------------- */

static void add_import(struct syntax_file *file, const struct syntax_import *import, int32_t bound)
{
    struct syntax_import *row = list_add(file, &file->worker->imports, sizeof *row);
    if (!row)
        return;
    *row = *import;
    row->definition = NAMES_NONE;
    if (import->is_star) {
        names_star_import(&file->names, import->scope);
    } else if (import->alias.len) {
        struct names_definition definition =
            definition_of(file, import->node, bound, DEFINITION_KIND_IMPORT);
        row->definition = (int32_t)file->names.n_definitions;
        names_define(&file->names, &definition);
    }
}

/* A dotted name without the blanks that may stand between its parts. */
static struct str dotted_text(struct syntax_file *file, int32_t index)
{
    struct str text = node_text(file, index);
    bool is_plain = true;
    for (size_t i = 0; i < text.len; i++)
        is_plain = is_plain && (unsigned char)text.ptr[i] > ' ' && text.ptr[i] != '\\';
    char *joined = is_plain ? NULL : arena_alloc(&file->worker->arena, text.len);
    if (!joined)
        return text;
    size_t len = 0;
    for (int32_t c = first_child(file->nodes, index); c != NO_NODE;
         c = next_sibling(file->nodes, c)) {
        struct str part = node_text(file, c);
        if (file->nodes[c].flags & FLAG_EXTRA)
            continue;
        if (len)
            joined[len++] = '.';
        memcpy(joined + len, part.ptr, part.len);
        len += part.len;
    }
    return (struct str){joined, len};
}

/* The module behind `from`: leading dots and a dotted name. */
static void read_module(struct syntax_file *file, int32_t node, struct syntax_import *import)
{
    struct syntax_node *nodes = file->nodes;
    int32_t prefix = child_of_form(file, node, FORM_IMPORT_PREFIX);
    if (prefix == NO_NODE) {
        import->module = dotted_text(file, node);
        return;
    }
    for (uint32_t b = nodes[prefix].start; b < nodes[prefix].end; b++)
        import->level += file->source->bytes[b] == '.';
    int32_t name = next_sibling(nodes, prefix);
    if (name != NO_NODE && nodes[name].end > nodes[name].start)
        import->module = dotted_text(file, name);
}

/* One name of an import: `a.b.c`, `a.b as c`, or behind `from`, `a` or `a as b`. */
static void bind_import_name(struct syntax_file *file, int32_t name, bool is_from,
                             struct syntax_import import)
{
    int32_t alias = child_of_form(file, name, FORM_IMPORT_ALIAS);
    int32_t original = alias == NO_NODE ? name : first_real_child(file, name);
    int32_t bound = alias == NO_NODE ? first_real_child(file, name) : alias;
    if (bound == NO_NODE || original == NO_NODE)
        return;
    import.name_node = name;
    import.alias = node_text(file, bound);
    if (is_from)
        import.name = node_text(file, original);
    else
        import.module = dotted_text(file, original);
    add_import(file, &import, bound);
}

static void bind_import(struct syntax_file *file, int32_t index)
{
    struct syntax_node *nodes = file->nodes;
    bool is_from = nodes[index].form == FORM_IMPORT_FROM || nodes[index].form == FORM_IMPORT_FUTURE;
    struct syntax_import import = {
        .node = index, .name_node = NULL_INT32, .scope = nodes[index].scope};
    if (nodes[index].form == FORM_IMPORT_FUTURE)
        import.module = STR("__future__");
    for (int32_t c = first_child(nodes, index); c != NO_NODE; c = next_sibling(nodes, c)) {
        if (nodes[c].form == FORM_IMPORT_MODULE) {
            read_module(file, c, &import);
        } else if (nodes[c].form == FORM_IMPORT_NAME) {
            if (nodes[index].form == FORM_IMPORT_FUTURE &&
                str_is(node_text(file, c), "annotations"))
                file->future_annotations = true;
            bind_import_name(file, c, is_from, import);
        } else if (nodes[c].form == FORM_IMPORT_STAR) {
            struct syntax_import star = import;
            star.name_node = c;
            star.is_star = true;
            add_import(file, &star, NO_NODE);
        }
    }
}

/* --- The pass --------------------------------------------------------------------------------- */

static void bind_form(struct syntax_file *file, int32_t index)
{
    struct syntax_node *node = &file->nodes[index];
    switch ((enum role_form)node->form) {
    case FORM_TYPE_SCOPE:
        mark_type_parameters(file, index);
        break;
    case FORM_ASSIGN:
        bind_assignment(file, index);
        break;
    case FORM_KEYWORD_ARGUMENT:
        mark_metaclass(file, index);
        break;
    case FORM_GLOBAL:
        bind_declaration(file, index, NAMES_GLOBAL);
        break;
    case FORM_NONLOCAL:
        bind_declaration(file, index, NAMES_NONLOCAL);
        break;
    case FORM_TYPE_ALIAS:
        bind_type_alias(file, index);
        break;
    default:
        break;
    }
}

static void bind_role(struct syntax_file *file, int32_t index)
{
    switch ((enum role)file->nodes[index].role) {
    case ROLE_IDENTIFIER:
        bind_identifier(file, index);
        break;
    case ROLE_CLASS:
        bind_definition(file, index, DEFINITION_KIND_CLASS);
        open_definition(file, index, SCOPE_KIND_CLASS);
        break;
    case ROLE_FUNCTION:
        bind_definition(file, index, DEFINITION_KIND_FUNCTION);
        open_definition(file, index, SCOPE_KIND_FUNCTION);
        break;
    case ROLE_LAMBDA:
        open_definition(file, index, SCOPE_KIND_LAMBDA);
        break;
    case ROLE_COMPREHENSION:
        open_comprehension(file, index);
        break;
    case ROLE_PARAMETER:
        bind_parameter(file, index);
        break;
    case ROLE_IMPORT:
        bind_import(file, index);
        break;
    default:
        break;
    }
}

static void bind_node(struct syntax_file *file, int32_t index)
{
    struct syntax_node *node = &file->nodes[index];
    bool reads_capture = node->form == FORM_CAPTURE && node->access != ROLE_UNSET;
    inherit(node, &file->nodes[node->parent]);
    node->scope = scope_of(file, node);
    if (node->form != FORM_TYPE_SCOPE)
        node->inner = node->scope;
    syntax_id(file, index);
    place_in_product(file, node);
    if (node->last > index)
        syntax_number_children(file, index);
    if (node->form == FORM_CAPTURE)
        mark_capture(file, index, !reads_capture);
    else if (node->form != FORM_NONE)
        bind_form(file, index);
    bind_role(file, index);
}

enum rg_status syntax_bind(struct syntax_file *file)
{
    names_init(&file->names, &file->worker->arena, NAMES_PYTHON);
    if (!syntax_ids_begin(file))
        return error_no_memory(file->err, "extract");
    struct syntax_node *root = &file->nodes[0];
    root->access = ACCESS_READ;
    syntax_id(file, 0);
    open_module(file);
    syntax_number_children(file, 0);
    for (int32_t i = 1; i < file->n_nodes && !file->no_memory; i++)
        bind_node(file, i);
    if (file->no_memory || file->names.failed)
        return error_no_memory(file->err, "extract");
    return names_resolve(&file->names, file->err);
}
