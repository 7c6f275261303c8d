/* Inside of names: symbols, their tables, and what names.c collects for names_resolve.c. A symbol
 * is a name in a scope, whether it has a binding there or is only looked up. */
#ifndef EXTRACT_NAMES_TABLES_H
#define EXTRACT_NAMES_TABLES_H

#include "extract/names.h"

/* What the text says of a symbol. */
enum symbol_flags {
    SYMBOL_USE = 1 << 0,
    SYMBOL_LOCAL = 1 << 1,
    SYMBOL_PARAMETER = 1 << 2,
    SYMBOL_IMPORT = 1 << 3,
    SYMBOL_GLOBAL = 1 << 4,     /* global statement */
    SYMBOL_NONLOCAL = 1 << 5,   /* nonlocal statement */
    SYMBOL_WALRUS = 1 << 6,     /* bound from within a comprehension, for the scope around it */
    SYMBOL_FREE_CLASS = 1 << 7, /* of a class: inner scopes take the name from outside the class */
    SYMBOL_ELSEWHERE = 1 << 8,  /* of the module: some scope declares it global */
    SYMBOL_ASSIGNED = 1 << 10,  /* and binds it */
    SYMBOL_PASS_THROUGH = 1 << 9, /* free only because an inner scope needs it */
    SYMBOL_BOUND = SYMBOL_LOCAL | SYMBOL_PARAMETER | SYMBOL_IMPORT
};

/* What names_resolve decides of it. */
enum symbol_place {
    PLACE_UNKNOWN,
    PLACE_OUTSIDE, /* looked up in the module, then among the builtins; no binding here */
    PLACE_LOOKUP,  /* found in `owner`, but without a binding here */
    PLACE_LOCAL,
    PLACE_CELL,
    PLACE_FREE,   /* stands for `owner` */
    PLACE_GLOBAL, /* explicitly; stands for `owner` but where it is the module's own */
};

struct symbol {
    int32_t scope;
    uint32_t name;
    int32_t next;    /* symbol of the scope or NAMES_NONE */
    int32_t owner;   /* symbol that holds the variable, NAMES_NONE: itself, or none at all */
    int32_t binding; /* its row or NULL_INT32 */
    uint16_t flags;
    uint8_t place;
    uint8_t resolution; /* of its references, where it has no owner */
};

/* An interned text. `visible` is the environment of the scope that is being decided: the symbol
 * that binds the name in an enclosing function. */
struct name {
    struct str text;
    uint32_t hash;
    int32_t last_symbol; /* a guess that saves most look-ups */
    int32_t visible;
};

enum { VISIBLE_NONE = -1 };

struct scope_entry {
    int32_t self;       /* itself, or the scope that has its names where it is transparent */
    int32_t outer;      /* `self` of the enclosing scope or NAMES_NONE */
    int32_t private_of; /* class whose name mangles private names, or NAMES_NONE */
    int32_t first_child, last_child, next_sibling;
    int32_t first_symbol, last_symbol;
    int32_t class_symbol; /* implicit __class__ of a class, once it is decided */
    uint32_t undo_mark;
};

/* What `visible` was before a scope changed it. */
struct undo {
    uint32_t name;
    int32_t visible;
};

struct map_entry {
    uint64_t key;
    uint32_t value; /* plus one; 0 marks a free slot */
};

/* 64-bit keys to numbers, in the arena. */
struct names_map {
    struct map_entry *entries;
    uint32_t capacity, count; /* capacity is a power of two */
};

struct names_tables {
    struct scope_entry *scopes;   /* beside names->scopes */
    uint32_t *definition_symbols; /* beside names->definitions: the symbol that is bound */
    uint32_t *reference_symbols;  /* beside names->references */
    size_t scopes_max, definitions_max, references_max;
    struct symbol *symbols;
    size_t n_symbols, symbols_max;
    struct name *names;
    size_t n_names, names_max;
    uint32_t *name_slots; /* number plus one, by hash */
    uint32_t name_slots_count;
    struct names_map symbol_of; /* (scope, name) */
    struct names_map mangled;   /* (class, name) to the mangled name */
    struct undo *undo;
    size_t n_undo, undo_max;
    uint32_t name_class, name_super; /* __class__ and super */
    uint32_t pass_through_rows;
};

#define SYMBOL_NONE UINT32_MAX

/* Number of a text; SYMBOL_NONE (and names->failed) when memory is out. */
uint32_t names_intern(struct names *names, struct str text);
/* As names_intern, after mangling for the scope. */
uint32_t names_intern_in(struct names *names, int32_t scope, struct str text);
/* The symbol or SYMBOL_NONE. */
uint32_t names_find(const struct names *names, int32_t scope, uint32_t name);
/* The symbol, made where it is missing; SYMBOL_NONE (and names->failed) when memory is out. */
uint32_t names_symbol(struct names *names, int32_t scope, uint32_t name);
/* A symbol that no look-up finds, at the end of its scope's list. */
uint32_t names_hidden_symbol(struct names *names, int32_t scope, uint32_t name);
/* Makes room for one more element of an array in the arena; false (and names->failed) without
 * memory. */
bool names_reserve(struct names *names, void *array, size_t used, size_t *capacity, size_t size);
/* True for what every module has without binding it: __file__ and its like. */
bool names_is_module_name(struct str name);

#endif
