/* What a bound, qualified query says: lineage, required columns, fingerprints, differences. */
#ifndef SQL_SQL_ANALYSIS_H
#define SQL_SQL_ANALYSIS_H

#include "sql/sql_scope.h"

struct sql_origin {
    struct str relation, column; /* column "*" where the table is open */
};

struct sql_origins {
    struct sql_origin *origins; /* sorted, without duplicates */
    size_t n;
};

/* Value: this output is computed from those columns. Control: rows appear, vanish or are repeated
 * because of those (WHERE, JOIN … ON, GROUP BY, HAVING, QUALIFY, DISTINCT, set operations, ORDER
 * with LIMIT). Both down to columns of relations of the catalog, through CTEs, subqueries and
 * recursion. */
struct sql_lineage {
    const struct sql_column *outputs; /* names; of the root's scope */
    struct sql_origins *value;        /* one an output */
    uint32_t n_outputs;
    struct sql_origins control;
};
RG_MUST_CHECK enum rg_status sql_lineage(const struct sql_node *root, struct arena *arena,
                                         struct sql_lineage *out_lineage, struct rg_error *err);

/* The canonical form: identifiers normalised, names qualified, internal aliases renamed by place,
 * commutative operands sorted, CTEs in order of use, simplified. Two texts of one meaning should
 * give one form; two of different meaning never do. Made of the parsed tree itself: whoever needs
 * that as it was gives a clone. */
RG_MUST_CHECK enum rg_status sql_canonical(struct sql_node *tree, struct str text,
                                           const struct sql_catalog *catalog, struct arena *arena,
                                           struct sql_node **out_root, struct rg_error *err);
/* SHA-256, 64 hex digits each, over length-prefixed records of a canonical tree and the versions of
 * the functions it calls. */
struct sql_fingerprints {
    char whole[65];
    char rows[65];       /* which rows there are: the control part, and their order at the root */
    char (*columns)[65]; /* of each output how it is computed, down to the relations; neither its
                            name nor the control part */
    struct str *names;   /* of the outputs */
    uint32_t n_columns;
};
/* Of a tree as sql_canonical gave it, whose annotations are used. `salt`: what else belongs to the
 * identity of the whole (contract, kind, tier); may be empty. */
RG_MUST_CHECK enum rg_status sql_fingerprint(const struct sql_node *canonical, struct str salt,
                                             struct arena *arena,
                                             struct sql_fingerprints *out_fingerprints,
                                             struct rg_error *err);

enum sql_change { SQL_SAME, SQL_CHANGED, SQL_ADDED, SQL_REMOVED };
struct sql_column_change {
    struct str name;
    enum sql_change change;
};
struct sql_diff {
    bool same;                         /* nothing changed */
    bool rows_changed;                 /* the row set, or the order of the rows */
    bool order_changed;                /* of the columns */
    struct sql_column_change *columns; /* in the order of the new one, removed ones last */
    size_t n_columns;
};
/* Both canonical. */
RG_MUST_CHECK enum rg_status sql_diff(const struct sql_node *before, const struct sql_node *after,
                                      struct arena *arena, struct sql_diff *out_diff,
                                      struct rg_error *err);

#endif
