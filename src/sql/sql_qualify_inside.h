/* What the files of the qualifier share. */
#ifndef SQL_SQL_QUALIFY_INSIDE_H
#define SQL_SQL_QUALIFY_INSIDE_H

#include "sql/sql_bind_inside.h"
#include "sql/sql_print.h"

/* The tables of one side of a join. */
struct leaves {
    struct sql_source **sources;
    uint32_t n, capacity;
};

struct qualifier {
    struct binder b; /* text, catalog, arena, err: for what binding has in store */
    enum sql_clause clause;
    bool whole;                  /* in ORDER BY: an item, not a part of one */
    const struct leaves *leaves; /* in ON: what it sees; else NULL, all */
    uint64_t nodes_left;         /* that written-out aliases may have */
    uint32_t next_name;          /* of tables without one: _0, _1, … */
};

/* `renames`: a LIST of names for the first columns, or NULL. */
RG_MUST_CHECK enum rg_status qualify_query(struct qualifier *q, struct sql_node *query,
                                           const struct sql_node *renames);
RG_MUST_CHECK enum rg_status qualify_expression(struct qualifier *q, struct sql_node **slot);
RG_MUST_CHECK enum rg_status qualify_from(struct qualifier *q, struct sql_node *from);
/* The query can be given other names for its columns. */
bool qualify_takes_names(const struct sql_node *query);

/* NULL when memory is out. */
struct sql_node *qualify_ident(struct qualifier *q, struct sql_span span, struct str name);
struct sql_node *qualify_column(struct qualifier *q, struct sql_span span,
                                const struct sql_source *source, uint32_t column);
/* COALESCE of the members that are among the leaves (NULL: of all). */
struct sql_node *qualify_merged(struct qualifier *q, struct sql_span span,
                                const struct sql_merged *merged, const struct leaves *leaves);
RG_MUST_CHECK enum rg_status qualify_no_memory(struct qualifier *q);

#endif
