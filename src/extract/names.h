/* Names of one file: scopes, bindings, definitions, references, resolved by the language's rules.
 * The walk (syntax.c) reports what it meets, in any order within a scope; names_resolve then
 * decides each name's storage and each reference's binding. No engine, no tree-sitter: tested by
 * itself. */
#ifndef EXTRACT_NAMES_H
#define EXTRACT_NAMES_H

#include "base/arena.h"
#include "base/str.h"
#include "fact_tables.h"

enum { NAMES_NONE = -1 };

/* What the language's scoping needs beside scopes and bindings (roles.md: "options"). */
enum names_rules {
    NAMES_PYTHON =
        0 /* class scopes not seen from inside, global/nonlocal, comprehensions, walrus, mangling */
};

struct names_scope {
    int32_t node;   /* that opens it */
    int32_t parent; /* index of the enclosing scope, NAMES_NONE for the module */
    enum scope_kind kind;
    struct str name;   /* "<module>", "<lambda>", "<listcomp>", … */
    int64_t node_id;   /* product node that owns its names */
    int64_t method_id; /* METHOD that runs its code */
    bool transparent;
    /* filled by names_resolve */
    struct str qualified_name;
};

struct names_definition {
    int32_t scope;   /* index: where it is written; where it binds follows from the rules */
    struct str name; /* as written; mangled by names_resolve */
    int32_t node, name_node, value_node; /* nodes; NULL_INT32 where there is none */
    int64_t node_id; /* product id of node (used for parameters: their binding is that node) */
    enum definition_kind kind;
    bool conditional;
    bool walrus;          /* binds in the nearest enclosing scope that is no comprehension */
    bool annotation_only; /* `x: int` without a value: makes x local, binds nothing */
    int32_t binding; /* filled: of the variable itself, not of a free or declared name for it */
};

struct names_reference {
    int32_t scope;
    struct str name;
    int32_t node;
    int64_t node_id;
    enum access access;
    uint32_t start_byte, end_byte;
    bool ignored_by_scoping; /* its use makes no binding free (annotations that are never evaluated)
                              */
    /* filled */
    int32_t binding; /* of the variable itself; NULL_INT32: no scope of the file binds it */
    enum resolution resolution;
};

/* A row for each (scope, name) that Python's symtable lists as local, cell, free, parameter,
 * imported or explicitly global; the module has such a row for every name that any scope declares
 * global. A captured parameter or import is a cell: definitions and `imported` tell what else it
 * is. Implicit: the cell of
 * __class__ in a class whose functions need it (a name of the class may be called so beside it). */
struct names_binding {
    int32_t scope;
    struct str name;
    enum namespace namespace;
    enum storage storage;
    bool declared, pass_through, imported;
    int32_t visible_from;
    int32_t target; /* index of a binding or NULL_INT32 */
    int64_t node_id;
    bool is_node; /* node_id is that of a syntax node: a parameter's */
};

struct names {
    struct arena *arena;
    enum names_rules rules;
    struct names_scope *scopes;
    size_t n_scopes;
    struct names_definition *definitions;
    size_t n_definitions;
    struct names_reference *references;
    size_t n_references;
    struct names_binding *bindings;
    size_t n_bindings; /* filled by names_resolve, by scope then name's first appearance */
    bool has_star_import;
    bool pass_through_cut;       /* LIMIT_PASS_THROUGH_ROWS was reached: such rows are missing */
    bool failed;                 /* memory was out: everything later is a no-op */
    struct names_tables *tables; /* private */
};

/* Names live as long as the arena; name texts must too. */
void names_init(struct names *names, struct arena *arena, enum names_rules rules);
/* Index of the new scope. Enclosing scopes must be opened first, the module before all. */
int32_t names_scope(struct names *names, const struct names_scope *scope);
void names_define(struct names *names, const struct names_definition *definition);
/* Reads are uses; writes and deletes bind the name in the scope, as a definition does. */
void names_refer(struct names *names, const struct names_reference *reference);
enum names_declaration { NAMES_GLOBAL, NAMES_NONLOCAL };
void names_declare(struct names *names, int32_t scope, struct str name, enum names_declaration what,
                   int32_t node);
void names_star_import(struct names *names, int32_t scope);

/* Decides everything. Resolution of a reference: bound (one binding), ambiguous, builtin (no scope
 * binds it and it is one of the language's builtins), global (declared global or read at module
 * level by fallback; not bound in the module), star (unbound, but a star import may bind it),
 * unbound. */
RG_MUST_CHECK enum rg_status names_resolve(struct names *names, struct rg_error *err);

/* Fills the node ids of bindings from those of scopes and parameter definitions. names_resolve has
 * done it; again where ids became known (or changed) only afterwards. */
void names_identify(struct names *names);

/* The mangled form of a private name inside a class scope (Python: __x becomes _C__x), else the
 * name. */
struct str names_mangle(struct names *names, int32_t scope, struct str name);
/* True where it is a builtin of the language (CPython 3.11's builtins module). */
bool names_is_builtin(struct str name);

#endif
