/* Names, first half: what the walk reports goes into tables of symbols. names_resolve.c decides. */
#include "extract/names.h"

#include "base/error.h"
#include "base/limits.h"
#include "extract/names_tables.h"

enum { FIRST_CAPACITY = 64, FIRST_SLOTS = 256 };

bool names_reserve(struct names *names, void *array, size_t used, size_t *capacity, size_t size)
{
    void **pointer = array;
    if (used < *capacity)
        return true;
    size_t grown = *capacity ? *capacity * 2 : FIRST_CAPACITY;
    void *memory = arena_grow(names->arena, *pointer, used, grown, size);
    if (!memory) {
        names->failed = true;
        return false;
    }
    *pointer = memory;
    *capacity = grown;
    return true;
}

/* --- map --------------------------------------------------------------------------------- */

static uint32_t map_start(const struct names_map *map, uint64_t key)
{
    key ^= key >> 29;
    key *= UINT64_C(0x9E3779B97F4A7C15);
    return (uint32_t)(key >> 32) & (map->capacity - 1);
}

static struct map_entry *map_find(const struct names_map *map, uint64_t key)
{
    uint32_t i = map_start(map, key);
    while (map->entries[i].value && map->entries[i].key != key)
        i = (i + 1) & (map->capacity - 1);
    return &map->entries[i];
}

static uint32_t map_get(const struct names_map *map, uint64_t key)
{
    return map->count ? map_find(map, key)->value - 1 : SYMBOL_NONE;
}

/* Adds a key that is not there yet. */
static bool map_add(struct names *names, struct names_map *map, uint64_t key, uint32_t value)
{
    if ((map->count + 1) * 2 > map->capacity) {
        struct names_map grown = {.capacity = map->capacity ? map->capacity * 2 : FIRST_SLOTS,
                                  .count = map->count};
        grown.entries = ARENA_ARRAY(names->arena, grown.capacity, struct map_entry);
        if (!grown.entries) {
            names->failed = true;
            return false;
        }
        for (uint32_t i = 0; i < map->capacity; i++)
            if (map->entries[i].value)
                *map_find(&grown, map->entries[i].key) = map->entries[i];
        *map = grown;
    }
    *map_find(map, key) = (struct map_entry){key, value + 1};
    map->count++;
    return true;
}

/* --- texts ------------------------------------------------------------------------------- */

/* Eight bytes a step: names are short and there are millions of them. */
static uint32_t name_hash(struct str text)
{
    const uint64_t prime = UINT64_C(0x9E3779B97F4A7C15);
    uint64_t hash = text.len * prime, word;
    const char *at = text.ptr;
    size_t left = text.len;
    for (; left >= sizeof word; left -= sizeof word, at += sizeof word) {
        memcpy(&word, at, sizeof word);
        hash = (hash ^ word) * prime;
        hash ^= hash >> 32;
    }
    if (left) {
        word = 0;
        memcpy(&word, at, left);
        hash = (hash ^ word) * prime;
        hash ^= hash >> 32;
    }
    return (uint32_t)(hash ^ (hash >> 16));
}

static bool grow_name_slots(struct names *names)
{
    struct names_tables *t = names->tables;
    uint32_t count = t->name_slots_count ? t->name_slots_count * 2 : FIRST_SLOTS;
    uint32_t *slots = ARENA_ARRAY(names->arena, count, uint32_t);
    if (!slots) {
        names->failed = true;
        return false;
    }
    for (size_t i = 0; i < t->n_names; i++) {
        uint32_t at = t->names[i].hash & (count - 1);
        while (slots[at])
            at = (at + 1) & (count - 1);
        slots[at] = (uint32_t)i + 1;
    }
    t->name_slots = slots;
    t->name_slots_count = count;
    return true;
}

uint32_t names_intern(struct names *names, struct str text)
{
    struct names_tables *t = names->tables;
    uint32_t hash = name_hash(text);
    if ((t->n_names + 1) * 2 > t->name_slots_count && !grow_name_slots(names))
        return SYMBOL_NONE;
    uint32_t at = hash & (t->name_slots_count - 1);
    for (; t->name_slots[at]; at = (at + 1) & (t->name_slots_count - 1)) {
        const struct name *name = &t->names[t->name_slots[at] - 1];
        if (name->hash == hash && str_eq(name->text, text))
            return t->name_slots[at] - 1;
    }
    if (!names_reserve(names, &t->names, t->n_names, &t->names_max, sizeof *t->names))
        return SYMBOL_NONE;
    t->names[t->n_names] = (struct name){text, hash, NAMES_NONE, VISIBLE_NONE};
    t->name_slots[at] = (uint32_t)t->n_names + 1;
    return (uint32_t)t->n_names++;
}

/* --- private names ----------------------------------------------------------------------- */

/* Python language reference 6.2.1; _Py_Mangle in CPython. */
static bool is_private(struct str name)
{
    return name.len > 2 && name.ptr[0] == '_' && name.ptr[1] == '_' &&
           !(name.ptr[name.len - 1] == '_' && name.ptr[name.len - 2] == '_') &&
           !memchr(name.ptr, '.', name.len);
}

static uint32_t intern_mangled(struct names *names, int32_t class_scope, struct str text)
{
    struct names_tables *t = names->tables;
    struct str class_name = names->scopes[class_scope].name;
    while (class_name.len && class_name.ptr[0] == '_')
        class_name.ptr++, class_name.len--;
    uint32_t plain = names_intern(names, text);
    if (class_name.len == 0 || plain == SYMBOL_NONE)
        return plain;
    if (class_name.len > LIMIT_MANGLED_CLASS_BYTES)
        class_name.len = LIMIT_MANGLED_CLASS_BYTES;
    uint64_t key = (uint64_t)class_scope << 32 | plain;
    uint32_t mangled = map_get(&t->mangled, key);
    if (mangled != SYMBOL_NONE)
        return mangled;
    char *copy = arena_alloc(names->arena, 1 + class_name.len + text.len);
    if (!copy) {
        names->failed = true;
        return SYMBOL_NONE;
    }
    copy[0] = '_';
    memcpy(copy + 1, class_name.ptr, class_name.len);
    memcpy(copy + 1 + class_name.len, text.ptr, text.len);
    mangled = names_intern(names, (struct str){copy, 1 + class_name.len + text.len});
    if (mangled == SYMBOL_NONE || !map_add(names, &t->mangled, key, mangled))
        return SYMBOL_NONE;
    return mangled;
}

uint32_t names_intern_in(struct names *names, int32_t scope, struct str text)
{
    int32_t class_scope = names->tables->scopes[scope].private_of;
    if (class_scope != NAMES_NONE && is_private(text))
        return intern_mangled(names, class_scope, text);
    return names_intern(names, text);
}

struct str names_mangle(struct names *names, int32_t scope, struct str name)
{
    if (names->failed || !is_private(name) || names->tables->scopes[scope].private_of == NAMES_NONE)
        return name;
    uint32_t mangled = names_intern_in(names, scope, name);
    return mangled == SYMBOL_NONE ? name : names->tables->names[mangled].text;
}

/* --- symbols ----------------------------------------------------------------------------- */

static uint64_t symbol_key(int32_t scope, uint32_t name)
{
    return (uint64_t)(uint32_t)scope << 32 | name;
}

uint32_t names_find(const struct names *names, int32_t scope, uint32_t name)
{
    const struct names_tables *t = names->tables;
    int32_t last = t->names[name].last_symbol;
    if (last == NAMES_NONE)
        return SYMBOL_NONE;
    if (t->symbols[last].scope == scope)
        return (uint32_t)last;
    return map_get(&t->symbol_of, symbol_key(scope, name));
}

uint32_t names_hidden_symbol(struct names *names, int32_t scope, uint32_t name)
{
    struct names_tables *t = names->tables;
    if (!names_reserve(names, &t->symbols, t->n_symbols, &t->symbols_max, sizeof *t->symbols))
        return SYMBOL_NONE;
    int32_t symbol = (int32_t)t->n_symbols++;
    t->symbols[symbol] = (struct symbol){.scope = scope,
                                         .name = name,
                                         .next = NAMES_NONE,
                                         .owner = NAMES_NONE,
                                         .binding = NULL_INT32};
    struct scope_entry *entry = &t->scopes[scope];
    if (entry->first_symbol == NAMES_NONE)
        entry->first_symbol = symbol;
    else
        t->symbols[entry->last_symbol].next = symbol;
    entry->last_symbol = symbol;
    return (uint32_t)symbol;
}

uint32_t names_symbol(struct names *names, int32_t scope, uint32_t name)
{
    struct names_tables *t = names->tables;
    uint32_t symbol = names_find(names, scope, name);
    if (symbol == SYMBOL_NONE) {
        symbol = names_hidden_symbol(names, scope, name);
        if (symbol == SYMBOL_NONE ||
            !map_add(names, &t->symbol_of, symbol_key(scope, name), symbol))
            return SYMBOL_NONE;
    }
    t->names[name].last_symbol = (int32_t)symbol;
    return symbol;
}

/* The symbol of a name as written in a scope, with one more flag. */
static uint32_t note(struct names *names, int32_t scope, struct str text, unsigned flags)
{
    uint32_t name = names_intern_in(names, scope, text);
    if (name == SYMBOL_NONE)
        return SYMBOL_NONE;
    uint32_t symbol = names_symbol(names, names->tables->scopes[scope].self, name);
    if (symbol != SYMBOL_NONE)
        names->tables->symbols[symbol].flags |= (uint16_t)flags;
    return symbol;
}

/* --- what the walk calls ----------------------------------------------------------------- */

void names_init(struct names *names, struct arena *arena, enum names_rules rules)
{
    *names = (struct names){.arena = arena, .rules = rules};
    names->tables = ARENA_NEW(arena, struct names_tables);
    if (!names->tables) {
        names->failed = true;
        return;
    }
    names->tables->name_class = names_intern(names, STR("__class__"));
    names->tables->name_super = names_intern(names, STR("super"));
}

int32_t names_scope(struct names *names, const struct names_scope *scope)
{
    struct names_tables *t = names->tables;
    if (names->failed)
        return 0;
    RG_ASSERT(scope->parent < (int32_t)names->n_scopes);
    size_t capacity = t->scopes_max;
    if (!names_reserve(names, &names->scopes, names->n_scopes, &capacity, sizeof *names->scopes) ||
        !names_reserve(names, &t->scopes, names->n_scopes, &t->scopes_max, sizeof *t->scopes))
        return 0;
    int32_t self = (int32_t)names->n_scopes++;
    const struct scope_entry *parent =
        scope->parent == NAMES_NONE ? NULL : &t->scopes[scope->parent];
    struct scope_entry entry = {
        .self = scope->transparent && parent ? parent->self : self,
        .outer = parent ? parent->self : NAMES_NONE,
        .private_of = scope->kind == SCOPE_KIND_CLASS ? self
                      : parent                        ? parent->private_of
                                                      : NAMES_NONE,
        .first_child = NAMES_NONE,
        .last_child = NAMES_NONE,
        .next_sibling = NAMES_NONE,
        .first_symbol = NAMES_NONE,
        .last_symbol = NAMES_NONE,
        .class_symbol = NAMES_NONE,
    };
    RG_ASSERT(names->scopes && t->scopes);
    names->scopes[self] = *scope;
    t->scopes[self] = entry;
    if (entry.self == self && parent) {
        struct scope_entry *outer = &t->scopes[entry.outer];
        if (outer->first_child == NAMES_NONE)
            outer->first_child = self;
        else
            t->scopes[outer->last_child].next_sibling = self;
        outer->last_child = self;
    }
    return self;
}

/* PEP 572: a walrus inside comprehensions binds in the scope around them. In a class body that is
 * an error, and the name stays with the comprehension. */
static uint32_t note_walrus(struct names *names, int32_t scope, struct str text)
{
    struct names_tables *t = names->tables;
    int32_t target = t->scopes[scope].self;
    while (names->scopes[target].kind == SCOPE_KIND_COMPREHENSION &&
           t->scopes[target].outer != NAMES_NONE)
        target = t->scopes[target].outer;
    if (target == t->scopes[scope].self || names->scopes[target].kind == SCOPE_KIND_CLASS)
        return note(names, scope, text, SYMBOL_LOCAL);
    if (note(names, scope, text, SYMBOL_LOCAL | SYMBOL_WALRUS) == SYMBOL_NONE)
        return SYMBOL_NONE;
    bool module = t->scopes[target].outer == NAMES_NONE;
    return note(names, target, text, module ? SYMBOL_ELSEWHERE | SYMBOL_ASSIGNED : SYMBOL_LOCAL);
}

/* Around a syntax error a parameter may stand outside any function: there it is a name like others.
 */
static unsigned definition_flags(const struct names *names,
                                 const struct names_definition *definition)
{
    int32_t scope = names->tables->scopes[definition->scope].self;
    enum scope_kind kind = names->scopes[scope].kind;
    bool in_function = kind == SCOPE_KIND_FUNCTION || kind == SCOPE_KIND_LAMBDA;
    if (definition->kind == DEFINITION_KIND_PARAMETER && in_function)
        return SYMBOL_PARAMETER;
    return definition->kind == DEFINITION_KIND_IMPORT ? SYMBOL_IMPORT : SYMBOL_LOCAL;
}

void names_define(struct names *names, const struct names_definition *definition)
{
    struct names_tables *t = names->tables;
    if (names->failed)
        return;
    RG_ASSERT(definition->scope >= 0 && definition->scope < (int32_t)names->n_scopes);
    size_t used = names->n_definitions, capacity = t->definitions_max;
    if (!names_reserve(names, &names->definitions, used, &capacity, sizeof *names->definitions) ||
        !names_reserve(names, &t->definition_symbols, used, &t->definitions_max,
                       sizeof *t->definition_symbols))
        return;
    uint32_t symbol;
    if (definition->walrus)
        symbol = note_walrus(names, definition->scope, definition->name);
    else
        symbol =
            note(names, definition->scope, definition->name, definition_flags(names, definition));
    if (symbol == SYMBOL_NONE)
        return;
    struct names_definition *row = &names->definitions[used];
    *row = *definition;
    row->name = t->names[t->symbols[symbol].name].text;
    row->binding = NULL_INT32;
    t->definition_symbols[used] = symbol;
    names->n_definitions++;
}

/* Symbols are what CPython's symtable enters: a read is a use, a write or a `del` makes the name
 * local, and `super` in a function also uses __class__. */
void names_refer(struct names *names, const struct names_reference *reference)
{
    struct names_tables *t = names->tables;
    if (names->failed)
        return;
    RG_ASSERT(reference->scope >= 0 && reference->scope < (int32_t)names->n_scopes);
    size_t used = names->n_references, capacity = t->references_max;
    if (!names_reserve(names, &names->references, used, &capacity, sizeof *names->references) ||
        !names_reserve(names, &t->reference_symbols, used, &t->references_max,
                       sizeof *t->reference_symbols))
        return;
    bool binds = reference->access == ACCESS_WRITE || reference->access == ACCESS_READWRITE ||
                 reference->access == ACCESS_DELETE;
    unsigned flags = reference->ignored_by_scoping ? 0 : binds ? SYMBOL_LOCAL : SYMBOL_USE;
    uint32_t symbol = note(names, reference->scope, reference->name, flags);
    if (symbol == SYMBOL_NONE)
        return;
    uint32_t name = t->symbols[symbol].name;
    if (name == t->name_super && flags == SYMBOL_USE) {
        enum scope_kind kind = names->scopes[t->scopes[reference->scope].self].kind;
        if (kind != SCOPE_KIND_MODULE && kind != SCOPE_KIND_CLASS &&
            note(names, reference->scope, STR("__class__"), SYMBOL_USE) == SYMBOL_NONE)
            return;
    }
    struct names_reference *row = &names->references[used];
    *row = *reference;
    row->name = t->names[name].text;
    row->binding = NULL_INT32;
    t->reference_symbols[used] = symbol;
    names->n_references++;
}

void names_declare(struct names *names, int32_t scope, struct str name, enum names_declaration what,
                   int32_t node)
{
    (void)node;
    if (names->failed)
        return;
    RG_ASSERT(scope >= 0 && scope < (int32_t)names->n_scopes);
    uint32_t symbol =
        note(names, scope, name, what == NAMES_GLOBAL ? SYMBOL_GLOBAL : SYMBOL_NONLOCAL);
    if (symbol == SYMBOL_NONE || what != NAMES_GLOBAL)
        return;
    /* As in CPython: the module's symbol becomes explicitly global, too. */
    uint32_t global = names_symbol(names, 0, names->tables->symbols[symbol].name);
    if (global != SYMBOL_NONE)
        names->tables->symbols[global].flags |= SYMBOL_ELSEWHERE;
}

void names_star_import(struct names *names, int32_t scope)
{
    (void)scope;
    names->has_star_import = true;
}
