/* What the files of the binder share: sql_bind.c goes through queries, sql_bind_from.c through
 * FROM, sql_bind_names.c finds columns, sql_bind_groups.c checks what is grouped,
 * sql_typecheck*.c go through expressions, sql_not_null.c proves. */
#ifndef SQL_SQL_BIND_INSIDE_H
#define SQL_SQL_BIND_INSIDE_H

#include "base/error.h"
#include "base/suggest.h"
#include "sql/sql_scope.h"

#define SQL_LAYER "sql"

/* --- Names: compared without case, as DuckDB does ------------------------------------------- */

uint64_t sql_name_hash(struct str name);
bool sql_name_equal(struct str a, struct str b);

/* From names to places in an array; built when first asked, for long arrays only. */
struct sql_names {
    uint32_t *slots; /* place + 1; 0: free */
    uint32_t capacity, n;
};
#define NAME_NONE UINT32_MAX
/* The place of a name among n strings, each `stride` bytes behind the last, or NAME_NONE.
 * *out_again: it occurs once more. False when memory is out. */
struct name_list {
    const void *first;
    size_t stride;
    uint32_t n;
};
bool sql_names_find(struct arena *arena, struct sql_names **names, struct name_list list,
                    struct str name, uint32_t *out_place, bool *out_again);

/* --- The binder's state --------------------------------------------------------------------- */

/* A CTE that can be named here; the innermost first. */
struct cte_entry {
    struct cte_entry *outer;
    struct cte_entry *below; /* in its slot of the table */
    const struct sql_node *with;
    struct str name;
    uint64_t hash;
    struct sql_node *cte;
    const struct sql_column *columns;
    uint32_t n_columns;
    bool open;
    bool repeats;
    bool recursing; /* its own recursive branch is being bound */
    bool used;
};

/* The parameters of a lambda around; the innermost first. */
struct lambda_frame {
    const struct lambda_frame *outer;
    const struct sql_node *params;
    const struct sql_type **types;
};

/* A SELECT's scope and what only the binder and the qualifier need of it. */
struct bound_scope {
    struct sql_scope scope;         /* first: a sql_scope of a SELECT is one of these */
    uint32_t capacity;              /* of scope.sources */
    struct str *source_names;       /* of scope.sources; ptr NULL: none */
    struct sql_names *source_index; /* of these */
    struct sql_node *items;         /* LIST of the SELECT list, NULL in other scopes */
    uint32_t n_bound;               /* items bound so far: their aliases can be named */
    uint32_t *first_output;         /* of each item */
    struct str *item_names;         /* alias, or the name of a plain column; ptr NULL: none */
    struct sql_names *item_index;
    struct output_from *from;   /* of each output */
    struct sql_source *joining; /* the item of FROM that is being bound */
    struct sql_names *output_index;
    const struct sql_node *group_by; /* the keys in use */
    struct sql_node **item_of;       /* of each output, while it is qualified: its ITEM, or NULL */
};

/* Where an output comes from: an expression, or a column that a star brought. */
struct output_from {
    struct sql_node *expression;
    struct sql_source *source;
    uint32_t column;
    const struct sql_merged *merged;
};

/* A call of a function that takes no NULL, to be checked when its SELECT is bound. */
struct never {
    struct never *next;
    struct sql_node *call;
    bool filtered;
};

struct binder {
    struct str text;
    const struct sql_catalog *catalog;
    struct arena *arena;
    struct rg_error *err;
    struct cte_entry *ctes;
    struct cte_entry **cte_slots; /* the same by hash */
    uint32_t cte_capacity, n_ctes;
    const struct lambda_frame *lambdas;
    struct never *nevers;
    bool open_columns; /* the catalog's, or in the arguments of a table function nobody knows */
    unsigned rebinds;  /* left: see bind_recursive */
};

enum sql_clause {
    CLAUSE_NONE, /* LIMIT, VALUES: no columns of its own */
    CLAUSE_FROM,
    CLAUSE_ON,
    CLAUSE_ITEMS,
    CLAUSE_WHERE,
    CLAUSE_GROUP_BY,
    CLAUSE_HAVING,
    CLAUSE_QUALIFY,
    CLAUSE_ORDER_BY,
    CLAUSE_COUNT
};

/* Where an expression stands. */
struct place {
    struct sql_scope *scope; /* whose names it sees first; its parents' behind */
    enum sql_clause clause;
    uint32_t from, to;         /* the sources it sees, of scope */
    const char *no_aggregates; /* why none may be here, or NULL */
    const char *no_windows;
    const struct sql_node *windows; /* LIST of the WINDOW clause, or NULL */
    bool whole;                     /* an item of ORDER BY, not a part of one */
};

/* --- Errors --------------------------------------------------------------------------------- */

RG_PRINTF(3, 4)
enum rg_status bind_fail(struct binder *b, const struct sql_node *node, const char *format, ...);
enum rg_status bind_no_memory(struct binder *b);
/* "did you mean …?", where something near was offered. */
void bind_suggest(struct binder *b, const struct suggestion *suggestion);
/* Text of a type, in the arena; "?" when memory is out. */
const char *bind_type_text(struct binder *b, const struct sql_type *type);

/* --- Queries -------------------------------------------------------------------------------- */

/* From now on the entry can be named; what was called so before is hidden. */
RG_MUST_CHECK enum rg_status bind_push_cte(struct binder *b, struct cte_entry *entry);
/* Back to `until` as the innermost. */
void bind_pop_ctes(struct binder *b, const struct cte_entry *until);
struct cte_entry *bind_find_cte(const struct binder *b, struct str name);

/* `parent`: the scope around, whose columns the query may name; or NULL. */
RG_MUST_CHECK enum rg_status bind_query(struct binder *b, struct sql_scope *parent,
                                        struct sql_node *query);
RG_MUST_CHECK enum rg_status bind_from(struct binder *b, struct bound_scope *scope,
                                       struct sql_node *from);
/* Gives the first columns the names of an alias's list, in a copy. */
RG_MUST_CHECK enum rg_status bind_rename(struct binder *b, const struct sql_node *names,
                                         struct str of, const struct sql_column **columns,
                                         uint32_t n_columns, bool open);
/* A query's outputs as the columns of a table. */
RG_MUST_CHECK enum rg_status bind_query_columns(struct binder *b, const struct sql_scope *outputs,
                                                const struct sql_column **out_columns,
                                                bool *out_repeats);
/* What a star brings. */
struct star_column {
    struct str name;
    struct output_from from;
    bool replaced; /* `from.expression` is that of REPLACE */
};
struct star_columns {
    struct star_column *columns;
    uint32_t n, capacity;
    bool open;    /* an open table among them: there are more */
    bool repeats; /* a table among them has two columns of one name */
};
RG_MUST_CHECK enum rg_status bind_star(struct binder *b, const struct place *at,
                                       struct sql_node *star, struct star_columns *out_columns);
/* GROUP BY, and what it forbids in the rest of the SELECT. */
RG_MUST_CHECK enum rg_status bind_group_by(struct binder *b, struct bound_scope *scope,
                                           struct sql_node *group_by);
RG_MUST_CHECK enum rg_status bind_check_groups(struct binder *b, struct bound_scope *scope,
                                               struct sql_node *select,
                                               const struct sql_node *order_by);
/* The output that an ordinal of GROUP BY or ORDER BY names; NAME_NONE where `node` is none. */
RG_MUST_CHECK enum rg_status bind_ordinal(struct binder *b, const struct sql_scope *scope,
                                          const struct sql_node *node, const char *clause,
                                          uint32_t *out_output);
RG_MUST_CHECK enum rg_status bind_window(struct binder *b, const struct place *at,
                                         struct sql_node *window);
bool sql_column_not_null(const struct sql_source *source, uint32_t column, bool filtered);
RG_MUST_CHECK enum rg_status bind_prove_column(struct binder *b, struct sql_source *source,
                                               uint32_t column);
/* Marks the columns that cannot be NULL where the condition is true. */
RG_MUST_CHECK enum rg_status bind_prove(struct binder *b, const struct sql_scope *scope,
                                        const struct sql_node *condition);

/* --- Expressions ---------------------------------------------------------------------------- */

RG_MUST_CHECK enum rg_status bind_expression(struct binder *b, const struct place *at,
                                             struct sql_node *node);
RG_MUST_CHECK enum rg_status bind_expressions(struct binder *b, const struct place *at,
                                              struct sql_node *list);
/* The same, and it must be a truth value. */
RG_MUST_CHECK enum rg_status bind_condition(struct binder *b, const struct place *at,
                                            struct sql_node *node);
RG_MUST_CHECK enum rg_status bind_column(struct binder *b, const struct place *at,
                                         struct sql_node *node);
RG_MUST_CHECK enum rg_status bind_member(struct binder *b, struct sql_node *node);
/* One of its own, not of a subquery. */
bool bind_has_aggregate(const struct sql_node *expression);
/* `node` names the item by its alias: neither aggregates nor windows where none may be. */
RG_MUST_CHECK enum rg_status bind_check_alias(struct binder *b, const struct place *at,
                                              const struct sql_node *node,
                                              const struct sql_node *item);
RG_MUST_CHECK enum rg_status bind_call(struct binder *b, const struct place *at,
                                       struct sql_node *node);
/* The same in FROM. */
RG_MUST_CHECK enum rg_status bind_table_function(struct binder *b, const struct place *at,
                                                 struct sql_node *node);
RG_MUST_CHECK enum rg_status bind_remember_never(struct binder *b, const struct place *at,
                                                 struct sql_node *node);
/* Those remembered since `until`. */
RG_MUST_CHECK enum rg_status bind_check_nevers(struct binder *b, struct never *until);
RG_MUST_CHECK enum rg_status bind_operator(struct binder *b, struct sql_node *node);
RG_MUST_CHECK enum rg_status bind_type(struct binder *b, const struct sql_node *type_node,
                                       const struct sql_type **out_type);
/* The type that both become; a literal becomes the other's where it can. NULL: none. */
const struct sql_type *bind_common(struct binder *b, const struct sql_node *x,
                                   const struct sql_type *x_type, const struct sql_node *y,
                                   const struct sql_type *y_type);
/* x and y may be NULL where there is only a type. */
RG_MUST_CHECK enum rg_status bind_comparison(struct binder *b, const struct sql_node *node,
                                             const struct sql_node *x,
                                             const struct sql_type *x_type,
                                             const struct sql_node *y,
                                             const struct sql_type *y_type);
/* The common type of values of a CASE, a list, coalesce …: *type is what there was before. */
RG_MUST_CHECK enum rg_status bind_join_types(struct binder *b, const struct sql_node *node,
                                             const char *where, const struct sql_node **first,
                                             const struct sql_type **type);
/* A value of the expression may stand where `to` is asked for. */
bool bind_fits(const struct sql_node *node, const struct sql_type *to);
/* The place of the source of that name in its scope, or NAME_NONE. */
uint32_t bind_find_source(struct binder *b, struct sql_scope *scope, struct str name);
/* Finds a column by a bare name among sources; out_source NULL: there is none. */
RG_MUST_CHECK enum rg_status bind_find(struct binder *b, const struct sql_scope *scope,
                                       uint32_t from, uint32_t to, const struct sql_node *node,
                                       struct str name, struct sql_member_of *out_member,
                                       const struct sql_merged **out_merged);
/* The column of that name of one source, added where the source is open; NAME_NONE: none. */
RG_MUST_CHECK enum rg_status bind_find_in(struct binder *b, struct sql_source *source,
                                          const struct sql_node *node, struct str name, bool add,
                                          uint32_t *out_column);
const char *bind_source_name(const struct sql_source *source, struct arena *arena);

#endif
