/* Binding: which column every name means. sql_bind annotates a tree; what a rewrite changed is
 * bound again. */
#ifndef SQL_SQL_SCOPE_H
#define SQL_SQL_SCOPE_H

#include "relgraph/relgraph.h"
#include "sql/sql_functions.h"
#include "sql/sql_parse.h"

struct sql_column {
    struct str name;
    const struct sql_type *type;
    bool not_null; /* proven */
};

/* A table that exists outside of the query. */
struct sql_relation {
    struct str name; /* as it is to be printed; with schema where one is given */
    const struct sql_column *columns;
    uint32_t n_columns;
};

/* What exists outside of the query. All may be NULL. */
struct sql_catalog {
    void *context;
    /* The relation of that name (parts joined with '.', lower-case where unquoted); NULL: unknown.
     */
    const struct sql_relation *(*relation)(void *context, struct str name);
    /* Names near an unknown one, for "did you mean": calls `offer` for each relation that exists.
     */
    void (*relation_names)(void *context, void (*offer)(void *to, struct str name), void *to);
    const struct sql_function *functions; /* sorted by name; overloads side by side */
    size_t n_functions;
    const struct sql_refused *refused; /* what exists and may not be called, sorted by name */
    size_t n_refused;
    /* An enum type of that name exists. */
    bool (*enum_type)(void *context, struct str name);
    bool open_tables;    /* unknown tables are allowed: their columns are what the query names */
    bool open_columns;   /* unknown columns are allowed: they stay as they are */
    bool open_functions; /* unknown functions are allowed: type SQL_T_UNKNOWN */
    bool untyped;        /* types are not checked (the columns of a schema without types) */
};

enum sql_source_kind {
    SQL_SOURCE_RELATION, /* relation; NULL where open_tables let it pass */
    SQL_SOURCE_CTE,      /* cte; query */
    SQL_SOURCE_QUERY,    /* a derived table: query */
    SQL_SOURCE_CALL      /* a table function */
};

/* What one item of FROM brings into scope. */
struct sql_source {
    enum sql_source_kind kind;
    struct sql_scope *scope; /* of the SELECT in whose FROM it stands */
    struct str name;         /* alias, else the table's own name; ptr NULL: none */
    struct sql_node *node;   /* TABLE, DERIVED or TABLE_CALL */
    const struct sql_relation *relation;
    struct sql_node *cte;   /* CTE */
    struct sql_node *query; /* QUERY whose outputs the columns are, in the same order (where it is
                               open, followed by what is named beyond them) */
    const struct sql_column *columns;
    uint32_t n_columns;
    bool open;     /* more columns than are known: a table that nobody declared */
    bool nullable; /* on the outer side of a join */
    bool hidden;   /* the right side of a SEMI or ANTI JOIN: only its ON may name it */
    bool lateral;  /* it names columns of what stands before it in FROM */
    bool repeats;  /* two of its query's columns have one name: it cannot be named */
    bool *proven;  /* of each column: where it is NULL, WHERE or ON drops the row; or NULL */
    bool present;  /* the same of the whole row, where it is nullable */
    struct sql_names *names; /* the binder's index of its columns */
};

struct sql_member_of {
    struct sql_source *source;
    uint32_t column;
};

/* Columns that USING or NATURAL made one. A bare name means the first of them that is not NULL; its
 * COLUMN has the first as source. */
struct sql_merged {
    struct str name;
    struct sql_member_of *members;
    uint32_t n_members;
    const struct sql_type *type;
    bool outer; /* a FULL or RIGHT JOIN among them: the first may be NULL where another is not */
};

/* Of a QUERY, SELECT, SET_OPERATION or VALUES; a QUERY has that of its body, where that is a
 * SELECT. */
struct sql_scope {
    struct sql_scope *parent; /* enclosing query, where columns of outer queries are found */
    struct sql_node *node;
    struct sql_source **sources; /* in the order of FROM */
    uint32_t n_sources;
    struct sql_column *outputs;
    uint32_t n_outputs;
    bool correlated; /* names a column of an outer query */
    bool aggregates; /* GROUP BY, or an aggregate in it */
    bool open;       /* more outputs than are known: a star over an open table */
    struct sql_merged *merged;
    uint32_t n_merged;
};

/* Annotates the tree: scope, source, column, function, type. Does not change it, except that a path
 * into a struct (s.field) becomes MEMBER nodes. RG_ERR_BIND with the place and a hint ("did you
 * mean …?") for unknown or ambiguous names, wrong numbers or types of arguments, set operations of
 * different width, aggregates where none may be. `text` is for the places of errors.
 *
 * What a COLUMN means afterwards: with a source, its column of FROM; with a scope, output `column`
 * of that SELECT or set operation (an alias of the SELECT list, named elsewhere in it); with
 * neither, a parameter of a lambda around it, or with open_columns a name that means nothing. */
RG_MUST_CHECK enum rg_status sql_bind(struct sql_node *root, struct str text,
                                      const struct sql_catalog *catalog, struct arena *arena,
                                      struct rg_error *err);

/* Rewrites a bound tree so that nothing is left to guess: stars expanded, USING and NATURAL spelled
 * as ON and coalesce, every column qualified, every table and output column with an alias,
 * ordinals and references to aliases of the SELECT list replaced; bound again. */
RG_MUST_CHECK enum rg_status sql_qualify(struct sql_node *root, struct str text,
                                         const struct sql_catalog *catalog, struct arena *arena,
                                         struct rg_error *err);

/* True where no row makes the bound expression NULL. `filtered`: of the rows that WHERE and inner
 * joins let pass, as the SELECT list, HAVING, QUALIFY and ORDER BY see them. */
bool sql_not_null(const struct sql_node *expression, bool filtered);
/* The same meaning: equal trees whose columns are the same ones. */
bool sql_same_meaning(const struct sql_node *a, const struct sql_node *b);

/* One row of a CTE, derived table, or the query itself: its output columns. */
const struct sql_scope *sql_query_scope(const struct sql_node *query);
/* Where an output column of a QUERY is computed: one expression for a SELECT, one per branch of a
 * set operation (the first `capacity` of them into `out`; returns how many there are). Of a
 * qualified tree: a column that a star brings has none, nor one that a side of BY NAME lacks. */
uint32_t sql_output_expressions(const struct sql_node *query, uint32_t column,
                                struct sql_node **out, uint32_t capacity);

#endif
