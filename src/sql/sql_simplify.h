/* Between the parts of the simplifier: its state, the contexts an expression can stand in, and the
 * rules. A rule looks at one node whose children are simplified already and gives the node that is
 * to stand in its place: the same one where it has nothing to say. What it moves must not lose its
 * annotations, what it makes has none. docs/rewrites.md says why each keeps the meaning. */
#ifndef SQL_SQL_SIMPLIFY_H
#define SQL_SQL_SIMPLIFY_H

#include "sql/sql_constant.h"
#include "sql/sql_rewrite.h"

/* What is asked of an expression where it stands. */
enum sql_context {
    SQL_CONTEXT_BOOLEAN = 1 << 0, /* it is read as a truth value, whatever its type */
    SQL_CONTEXT_FILTER = 1 << 1,  /* only whether it is TRUE: NULL counts as FALSE */
    SQL_CONTEXT_WHENS = 1 << 2,   /* the branches of a CASE without operand */
    SQL_CONTEXT_KEY = 1 << 3,     /* GROUP BY, ORDER BY: a bare number would be a place */
    SQL_CONTEXT_ON = 1 << 4       /* of a join: what makes it an equi-join is left alone */
};

struct simplifier {
    struct arena *arena;
    const struct sql_rewrite_options *options;
    bool failed; /* memory is out */
    bool changed;
};

typedef struct sql_node *simplify_rule(struct simplifier *s, struct sql_node *node,
                                       unsigned context);

simplify_rule simplify_not;
simplify_rule simplify_junction; /* AND, OR */
simplify_rule simplify_is;
simplify_rule simplify_comparison;
simplify_rule simplify_distinct_from;
simplify_rule simplify_between;
simplify_rule simplify_in;
simplify_rule simplify_moved_comparison; /* x + 1 = 3 */
simplify_rule simplify_coalesced;        /* COALESCE(x, 1) = 2 */
simplify_rule simplify_truncated;        /* date_trunc('year', x) = DATE … */
simplify_rule simplify_truncated_in;     /* date_trunc('year', x) IN (DATE …, …) */
simplify_rule simplify_arithmetic;
simplify_rule simplify_sign;
simplify_rule simplify_concat_operator;
simplify_rule simplify_moment; /* DATE … + INTERVAL … */
simplify_rule simplify_case;
simplify_rule simplify_cast;
simplify_rule simplify_call;
simplify_rule simplify_date_call; /* date_trunc and the like of a constant */
simplify_rule simplify_select;
simplify_rule simplify_join;

/* Parts of a junction (AND, OR): ranges of one operand merged, an operand known to be a constant
 * replaced. They take children out of the array and return how many are left. */
uint32_t simplify_ranges(struct simplifier *s, enum sql_kind junction, struct sql_node **children,
                         uint32_t n, unsigned context);
void simplify_equalities(struct simplifier *s, struct sql_node **children, uint32_t n,
                         unsigned context);

/* --- Building; each sets `failed` and returns NULL when memory is out ------------------------ */

struct sql_node *simplify_constant(struct simplifier *s, struct sql_constant value,
                                   struct sql_span span);
struct sql_node *simplify_truth(struct simplifier *s, bool value, struct sql_span span);
struct sql_node *simplify_pair(struct simplifier *s, enum sql_kind kind, enum sql_op op,
                               struct sql_node *left, struct sql_node *right);
struct sql_node *simplify_is_null(struct simplifier *s, struct sql_node *operand, bool negated);
struct sql_node *simplify_negated(struct simplifier *s, struct sql_node *operand);
/* A deep copy that keeps the annotations: for an operand that is to stand twice. */
struct sql_node *simplify_copy(struct simplifier *s, const struct sql_node *node);
/* Marks a change and gives the new node, or the old one when the new could not be made. */
struct sql_node *simplify_replaced(struct simplifier *s, struct sql_node *old,
                                   struct sql_node *new);

/* --- Asking ---------------------------------------------------------------------------------- */

/* Reading it twice, or not at all, is no difference: nothing volatile in it, and small. */
bool simplify_is_repeatable(const struct simplifier *s, const struct sql_node *node);
bool simplify_is_pure(const struct simplifier *s, const struct sql_node *node);
/* Its type is BOOLEAN. */
bool simplify_is_boolean(const struct sql_node *node);
/* It is TRUE or FALSE, never NULL. */
bool simplify_is_two_valued(const struct simplifier *s, const struct sql_node *node);
bool simplify_is_never_null(const struct simplifier *s, const struct sql_node *node);
/* A constant read as a truth value; -1: NULL; -2: not known. */
int simplify_truth_of(const struct sql_node *node);
/* Comparing the expression with constants of this kind follows the constants' own order (or, where
 * `equality`, their identity). Where types are not known, a column that is compared with an exact
 * number is taken for exact, one compared with a date for a date. */
bool simplify_compares(const struct simplifier *s, const struct sql_node *node,
                       const struct sql_constant *constant, bool equality);
/* Numbers without rounding: integers and decimals. */
bool simplify_is_exact(const struct simplifier *s, const struct sql_node *node);
bool simplify_is_call(const struct sql_node *node, const char *name);
/* Arguments without names, DISTINCT, FILTER, ORDER BY or OVER; 0 where there are such. */
uint32_t simplify_plain_args(const struct sql_node *call);
bool simplify_is_comparison(const struct sql_node *node); /* = <> < <= > >= */
enum sql_op simplify_turned(enum sql_op op);              /* a < b, as b > a */
enum sql_op simplify_inverse(enum sql_op op);             /* a < b, as NOT a >= b */

#endif
