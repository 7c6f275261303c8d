/* Names, second half: storage and bindings. The rules are those of CPython 3.11's Python/symtable.c
 * (analyze_name, analyze_cells, update_symbols, drop_class_free); where it copies sets of names
 * from scope to scope, we keep one environment, changed and restored while the scopes are visited
 * in pre-order, so that the work is linear in symbols and binding rows. */
#include "base/error.h"
#include "base/limits.h"
#include "extract/names_tables.h"
#include "kernels/stable_hash.h"

static bool is_type_scope(const struct names *names, int32_t scope)
{
    return names->scopes[scope].kind == SCOPE_KIND_TYPE;
}

/* --- one symbol -------------------------------------------------------------------------- */

/* Type scopes directly in a class (PEP 695) see the names of the class; others see none. */
static uint32_t class_symbol_seen(const struct names *names, int32_t scope, uint32_t name)
{
    const struct names_tables *t = names->tables;
    while (scope != NAMES_NONE && is_type_scope(names, scope))
        scope = t->scopes[scope].outer;
    if (scope == NAMES_NONE || names->scopes[scope].kind != SCOPE_KIND_CLASS)
        return SYMBOL_NONE;
    uint32_t seen = names_find(names, scope, name);
    if (seen == SYMBOL_NONE)
        return SYMBOL_NONE;
    uint8_t place = t->symbols[seen].place;
    return place == PLACE_LOCAL || place == PLACE_GLOBAL ? seen : SYMBOL_NONE;
}

/* analyze_name. What CPython rejects gets the answer that keeps most: a parameter stays a
 * parameter, and a nonlocal without a binding around it is as if not written. */
static void place_symbol(struct names *names, int32_t scope, struct symbol *symbol)
{
    struct names_tables *t = names->tables;
    unsigned flags = symbol->flags;
    int32_t visible = t->names[symbol->name].visible;
    if (flags & SYMBOL_PARAMETER) {
        symbol->place = PLACE_LOCAL;
    } else if (flags & (SYMBOL_GLOBAL | SYMBOL_ELSEWHERE)) {
        symbol->place = PLACE_GLOBAL;
    } else if (flags & (SYMBOL_NONLOCAL | SYMBOL_WALRUS) && visible != VISIBLE_NONE) {
        symbol->place = PLACE_FREE;
        symbol->owner = visible;
    } else if (flags & SYMBOL_WALRUS) {
        symbol->place = PLACE_GLOBAL; /* for a module, or for a function that declares it global */
    } else if (flags & SYMBOL_BOUND) {
        symbol->place = PLACE_LOCAL;
    } else {
        uint32_t seen = is_type_scope(names, scope) ? class_symbol_seen(names, scope, symbol->name)
                                                    : SYMBOL_NONE;
        symbol->owner = seen != SYMBOL_NONE ? (int32_t)seen : visible;
        symbol->place = symbol->owner == NAMES_NONE                   ? PLACE_OUTSIDE
                        : seen == SYMBOL_NONE && (flags & SYMBOL_USE) ? PLACE_FREE
                                                                      : PLACE_LOOKUP;
    }
}

/* update_symbols: the scopes between a free name and its owner hand it through. A class that has
 * the name itself is passed by. A scope where it is free already has been here before. */
static void hand_through(struct names *names, int32_t scope, uint32_t free_symbol)
{
    struct names_tables *t = names->tables;
    uint32_t name = t->symbols[free_symbol].name;
    int32_t owner = t->symbols[free_symbol].owner;
    t->symbols[owner].place = PLACE_CELL;
    int32_t last = t->symbols[owner].scope;
    for (int32_t at = t->scopes[scope].outer; at != last; at = t->scopes[at].outer) {
        RG_ASSERT(at != NAMES_NONE);
        uint32_t symbol = names_find(names, at, name);
        if (symbol == SYMBOL_NONE) {
            if (t->pass_through_rows == LIMIT_PASS_THROUGH_ROWS) {
                names->pass_through_cut = true;
                return;
            }
            symbol = names_symbol(names, at, name);
            if (symbol == SYMBOL_NONE)
                return;
        }
        struct symbol *between = &t->symbols[symbol];
        if (between->place == PLACE_FREE || between->flags & SYMBOL_FREE_CLASS)
            return;
        if (between->place == PLACE_UNKNOWN ||
            (between->place == PLACE_LOOKUP && between->owner == owner)) {
            between->place = PLACE_FREE;
            between->owner = owner;
            between->flags |= SYMBOL_PASS_THROUGH;
            t->pass_through_rows++;
        } else {
            RG_ASSERT(names->scopes[at].kind == SCOPE_KIND_CLASS || is_type_scope(names, at));
            between->flags |= SYMBOL_FREE_CLASS;
        }
    }
}

/* The module's symbol behind a name that another scope declares global. */
static void stand_for_global(struct names *names, uint32_t symbol)
{
    struct names_tables *t = names->tables;
    uint32_t global = names_find(names, 0, t->symbols[symbol].name);
    RG_ASSERT(global != SYMBOL_NONE && t->symbols[global].place == PLACE_GLOBAL);
    if (t->symbols[symbol].flags & SYMBOL_BOUND)
        t->symbols[global].flags |= SYMBOL_ASSIGNED;
    t->symbols[symbol].owner = (int32_t)global;
}

/* --- scopes in pre-order ----------------------------------------------------------------- */

static void make_visible(struct names *names, uint32_t name, int32_t symbol)
{
    struct names_tables *t = names->tables;
    if (!names_reserve(names, &t->undo, t->n_undo, &t->undo_max, sizeof *t->undo))
        return;
    t->undo[t->n_undo++] = (struct undo){name, t->names[name].visible};
    t->names[name].visible = symbol;
}

/* analyze_block, before the children. All places are decided in the environment around the scope;
 * only then it is changed for the scopes inside. */
static void enter_scope(struct names *names, int32_t scope)
{
    struct names_tables *t = names->tables;
    struct scope_entry *entry = &t->scopes[scope];
    enum scope_kind kind = names->scopes[scope].kind;
    bool module = entry->outer == NAMES_NONE;
    entry->undo_mark = (uint32_t)t->n_undo;
    int32_t first = entry->first_symbol;
    for (int32_t i = first; i != NAMES_NONE; i = t->symbols[i].next)
        place_symbol(names, scope, &t->symbols[i]);
    for (int32_t i = first; i != NAMES_NONE && !names->failed; i = t->symbols[i].next) {
        uint8_t place = t->symbols[i].place;
        if (place == PLACE_FREE)
            hand_through(names, scope, (uint32_t)i);
        if (place == PLACE_GLOBAL && !module)
            stand_for_global(names, (uint32_t)i);
        if (module || kind == SCOPE_KIND_CLASS)
            continue;
        if (place == PLACE_LOCAL || place == PLACE_CELL)
            make_visible(names, t->symbols[i].name, i);
        else if (place == PLACE_GLOBAL)
            make_visible(names, t->symbols[i].name, VISIBLE_NONE);
    }
    if (kind == SCOPE_KIND_CLASS) {
        uint32_t hidden = names_hidden_symbol(names, scope, t->name_class);
        if (hidden == SYMBOL_NONE)
            return;
        t->symbols[hidden].place = PLACE_LOOKUP; /* a cell as soon as a function inside needs it */
        entry->class_symbol = (int32_t)hidden;
        make_visible(names, t->name_class, (int32_t)hidden);
    }
}

static void leave_scope(struct names *names, int32_t scope)
{
    struct names_tables *t = names->tables;
    while (t->n_undo > t->scopes[scope].undo_mark) {
        const struct undo *undo = &t->undo[--t->n_undo];
        t->names[undo->name].visible = undo->visible;
    }
}

static void decide_places(struct names *names)
{
    struct names_tables *t = names->tables;
    int32_t scope = 0;
    enter_scope(names, scope);
    while (!names->failed) {
        int32_t next = t->scopes[scope].first_child;
        while (next == NAMES_NONE) {
            leave_scope(names, scope);
            if (t->scopes[scope].outer == NAMES_NONE)
                return;
            next = t->scopes[scope].next_sibling;
            if (next == NAMES_NONE)
                scope = t->scopes[scope].outer;
        }
        scope = next;
        enter_scope(names, scope);
    }
}

/* --- rows -------------------------------------------------------------------------------- */

static enum storage storage_of(const struct names *names, const struct symbol *symbol)
{
    switch (symbol->place) {
    case PLACE_FREE:
        return STORAGE_FREE;
    case PLACE_GLOBAL:
        return STORAGE_GLOBAL;
    case PLACE_CELL:
        return names->tables->scopes[symbol->scope].class_symbol ==
                       (int32_t)(symbol - names->tables->symbols)
                   ? STORAGE_IMPLICIT
                   : STORAGE_CELL;
    default:
        return symbol->flags & SYMBOL_PARAMETER ? STORAGE_PARAMETER
               : symbol->flags & SYMBOL_IMPORT  ? STORAGE_IMPORTED
                                                : STORAGE_LOCAL;
    }
}

/* docs/graph.md, Names. The cell of __class__ is no member of its class. */
static int64_t variable_id(const struct names *names, const struct names_binding *row)
{
    const struct names_scope *scope = &names->scopes[row->scope];
    bool member = scope->kind == SCOPE_KIND_CLASS && row->storage != STORAGE_IMPLICIT;
    return stable_hash_product(scope->node_id, member ? "MEMBER" : "LOCAL", row->name.ptr,
                               row->name.len);
}

void names_identify(struct names *names)
{
    for (size_t i = 0; i < names->n_bindings; i++)
        if (names->bindings[i].target == NULL_INT32)
            names->bindings[i].node_id = variable_id(names, &names->bindings[i]);
    /* A parameter is a node of its own; the first one where a name is given twice. */
    for (size_t i = names->n_definitions; i-- > 0;) {
        const struct names_definition *definition = &names->definitions[i];
        if (definition->kind == DEFINITION_KIND_PARAMETER && definition->binding != NULL_INT32) {
            names->bindings[definition->binding].node_id = definition->node_id;
            names->bindings[definition->binding].is_node = true;
        }
    }
    for (size_t i = 0; i < names->n_bindings; i++)
        if (names->bindings[i].target != NULL_INT32)
            names->bindings[i].node_id = names->bindings[names->bindings[i].target].node_id;
}

static bool has_binding(const struct symbol *symbol)
{
    return symbol->place >= PLACE_LOCAL;
}

static void number_bindings(struct names *names)
{
    struct names_tables *t = names->tables;
    int32_t count = 0;
    for (size_t scope = 0; scope < names->n_scopes; scope++)
        for (int32_t i = t->scopes[scope].first_symbol; i != NAMES_NONE; i = t->symbols[i].next)
            if (has_binding(&t->symbols[i]))
                t->symbols[i].binding = count++;
    names->n_bindings = (size_t)count;
}

static void fill_bindings(struct names *names)
{
    struct names_tables *t = names->tables;
    for (size_t i = 0; i < t->n_symbols; i++) {
        const struct symbol *symbol = &t->symbols[i];
        if (symbol->binding == NULL_INT32)
            continue;
        struct names_binding *row = &names->bindings[symbol->binding];
        row->scope = symbol->scope;
        row->name = t->names[symbol->name].text;
        row->namespace = NAMESPACE_VALUE;
        row->storage = storage_of(names, symbol);
        row->declared = (symbol->flags & (SYMBOL_GLOBAL | SYMBOL_NONLOCAL)) != 0;
        row->pass_through = (symbol->flags & SYMBOL_PASS_THROUGH) != 0;
        row->imported = (symbol->flags & SYMBOL_IMPORT) != 0;
        row->visible_from = NULL_INT32;
        row->target = symbol->owner == NAMES_NONE ? NULL_INT32 : t->symbols[symbol->owner].binding;
    }
}

/* A name that no enclosing function binds belongs to the module, where it has it. */
static void find_outside(struct names *names)
{
    struct names_tables *t = names->tables;
    for (size_t i = 0; i < t->n_symbols; i++) {
        struct symbol *symbol = &t->symbols[i];
        if (symbol->place != PLACE_OUTSIDE || symbol->scope == 0)
            continue;
        uint32_t global = names_find(names, 0, symbol->name);
        if (global != SYMBOL_NONE && has_binding(&t->symbols[global]))
            symbol->owner = (int32_t)global;
    }
}

static enum resolution resolution_unbound(const struct names *names, struct str name)
{
    if (names_is_builtin(name))
        return RESOLUTION_BUILTIN;
    if (names_is_module_name(name))
        return RESOLUTION_GLOBAL;
    return names->has_star_import ? RESOLUTION_STAR : RESOLUTION_UNBOUND;
}

/* Bound means that the file binds it: a `global` statement alone does not. */
static enum resolution resolution_of(const struct names *names, const struct symbol *variable)
{
    struct str name = names->tables->names[variable->name].text;
    if (!has_binding(variable))
        return resolution_unbound(names, name);
    bool only_declared =
        variable->place == PLACE_GLOBAL && !(variable->flags & (SYMBOL_BOUND | SYMBOL_ASSIGNED));
    if (!only_declared)
        return RESOLUTION_BOUND;
    return names_is_builtin(name) ? RESOLUTION_BUILTIN : RESOLUTION_GLOBAL;
}

static void fill_uses(struct names *names)
{
    struct names_tables *t = names->tables;
    /* Once a symbol, not once a reference: `resolution` of a symbol is kept where its flags were.
     */
    for (size_t i = 0; i < t->n_symbols; i++)
        if (t->symbols[i].owner == NAMES_NONE)
            t->symbols[i].resolution = (uint8_t)resolution_of(names, &t->symbols[i]);
    for (size_t i = 0; i < names->n_references; i++) {
        const struct symbol *symbol = &t->symbols[t->reference_symbols[i]];
        if (symbol->owner != NAMES_NONE)
            symbol = &t->symbols[symbol->owner];
        names->references[i].binding = symbol->binding;
        names->references[i].resolution = (enum resolution)symbol->resolution;
    }
    for (size_t i = 0; i < names->n_definitions; i++) {
        const struct symbol *symbol = &t->symbols[t->definition_symbols[i]];
        if (symbol->owner != NAMES_NONE)
            symbol = &t->symbols[symbol->owner];
        names->definitions[i].binding = symbol->binding;
    }
}

/* --- qualified names --------------------------------------------------------------------- */

/* True for a function or class whose name the scope around it declares global. */
static bool is_declared_global(struct names *names, int32_t around, struct str name)
{
    uint32_t number = names_intern_in(names, around, name);
    if (number == SYMBOL_NONE)
        return false;
    uint32_t symbol = names_find(names, around, number);
    return symbol != SYMBOL_NONE && names->tables->symbols[symbol].place == PLACE_GLOBAL;
}

static struct str join_name(struct names *names, struct str base, const char *between,
                            struct str name)
{
    if (base.len > LIMIT_QUALIFIED_NAME_BYTES) {
        base.len = LIMIT_QUALIFIED_NAME_BYTES;
        while (((unsigned char)base.ptr[base.len] & 0xC0) == 0x80)
            base.len--;
        between = "…";
    }
    size_t middle = strlen(between);
    char *text = arena_alloc(names->arena, base.len + middle + name.len + 1);
    if (!text) {
        names->failed = true;
        return name;
    }
    memcpy(text, base.ptr, base.len);
    memcpy(text + base.len, between, middle);
    memcpy(text + base.len + middle, name.ptr, name.len);
    return (struct str){text, base.len + middle + name.len};
}

/* compiler_set_qualname. Type scopes have a name but are not part of the names inside them. */
static void qualify_scope(struct names *names, int32_t scope)
{
    struct names_tables *t = names->tables;
    struct names_scope *row = &names->scopes[scope];
    int32_t around = t->scopes[scope].outer;
    while (around != NAMES_NONE && is_type_scope(names, around))
        around = t->scopes[around].outer;
    if (around == NAMES_NONE) {
        row->qualified_name = STR("");
        return;
    }
    if (t->scopes[scope].self != scope) {
        row->qualified_name = names->scopes[t->scopes[scope].self].qualified_name;
        return;
    }
    enum scope_kind kind = names->scopes[around].kind;
    bool named = row->kind == SCOPE_KIND_FUNCTION || row->kind == SCOPE_KIND_CLASS;
    if (t->scopes[around].outer == NAMES_NONE ||
        (named && is_declared_global(names, around, row->name)))
        row->qualified_name = row->name;
    else if (kind == SCOPE_KIND_FUNCTION || kind == SCOPE_KIND_LAMBDA)
        row->qualified_name =
            join_name(names, names->scopes[around].qualified_name, ".<locals>.", row->name);
    else
        row->qualified_name =
            join_name(names, names->scopes[around].qualified_name, ".", row->name);
}

enum rg_status names_resolve(struct names *names, struct rg_error *err)
{
    if (names->failed)
        return error_no_memory(err, "extract");
    if (names->n_scopes == 0)
        return RG_OK;
    decide_places(names);
    for (size_t i = 0; i < names->n_scopes && !names->failed; i++)
        qualify_scope(names, (int32_t)i);
    if (names->failed)
        return error_no_memory(err, "extract");
    find_outside(names);
    number_bindings(names);
    names->bindings = ARENA_ARRAY(names->arena, names->n_bindings, struct names_binding);
    if (!names->bindings) {
        names->n_bindings = 0;
        names->failed = true;
        return error_no_memory(err, "extract");
    }
    fill_bindings(names);
    fill_uses(names);
    names_identify(names);
    return RG_OK;
}
