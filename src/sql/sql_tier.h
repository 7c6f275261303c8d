/* What makes a query answer differently from run to run, so that no tier of determinism can be
 * promised: tier fast promises the same rows, stable and canonical also their order, and an order
 * can only be given to rows that are the same. */
#ifndef SQL_SQL_TIER_H
#define SQL_SQL_TIER_H

#include "sql/sql_scope.h"

enum sql_finding_kind {
    SQL_FINDING_VOLATILE,  /* random(): another value for each row */
    SQL_FINDING_PER_QUERY, /* now(): another value for each run */
    SQL_FINDING_ROUNDING,  /* a sum of floats: rounds as the rows come */
    SQL_FINDING_AGGREGATE, /* list, first, string_agg: takes the rows as they come */
    SQL_FINDING_CHOICE,    /* arg_max: of several rows with the greatest key, any */
    SQL_FINDING_WINDOW,    /* row_number, lag, ROWS frames: rows of equal keys come as they like */
    SQL_FINDING_LIMIT,     /* which rows are the first n */
    SQL_FINDING_DISTINCT_ON, /* which row of each group is the first */
    SQL_FINDING_COUNT
};

struct sql_finding {
    enum sql_finding_kind kind;
    struct sql_span span;
    struct str what;       /* the function as written, or the clause */
    const char *reason;    /* why, a clause of a sentence: "takes rows in the order they come" */
    const char *hint;      /* what to write instead */
    bool fixable;          /* sql_tier_fix can add an ORDER BY */
    struct sql_node *node; /* the CALL; for LIMIT and DISTINCT ON the QUERY */
    const struct sql_node *select; /* of a window: the SELECT whose rows it orders */
};

struct sql_findings {
    struct sql_finding *findings; /* in the order of the text */
    size_t n;
};

/* Of a bound tree, best a qualified one (then an ORDER BY is known to name an output). Ordering by
 * all that is read of a row counts as total: rows that are equal in it may change places. */
RG_MUST_CHECK enum rg_status sql_tier_findings(struct sql_node *root, struct arena *arena,
                                               struct sql_findings *out, struct rg_error *err);
/* Adds what is missing to the ORDER BY of a finding that is fixable; the meaning becomes one of
 * those that the text had. The tree is to be bound again. */
RG_MUST_CHECK enum rg_status sql_tier_fix(const struct sql_finding *finding, struct arena *arena,
                                          struct rg_error *err);

#endif
