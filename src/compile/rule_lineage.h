/* Lineage across rules: from a column of the product down to columns of facts, and from any column
 * up to what is made of it. */
#ifndef COMPILE_RULE_LINEAGE_H
#define COMPILE_RULE_LINEAGE_H

#include "compile/rules.h"

/* One column that a rule computes on the way. */
struct rule_lineage_step {
    const struct rule *rule;
    struct str table, column;          /* that it computes: of its relation, or product dataset */
    const struct sql_origins *value;   /* computed from; of relations that it reads; may be NULL */
    const struct sql_origins *control; /* because of which there is a row; may be NULL */
    bool by_control;                   /* reached through a control edge alone */
};

struct rule_lineage {
    struct str table, column; /* what was asked for */
    bool is_end;              /* a fact's column: nothing is below; of the product: nothing above */
    struct rule_lineage_step *steps; /* nearest first */
    size_t n_steps;
    struct sql_origins value;   /* ends reached through values alone, sorted */
    struct sql_origins control; /* ends that only decide which rows there are, sorted */
};

/* `name` is table.column, the table being a dataset, a relation or a rule. Down: to facts, ends are
 * their columns; up: to the product, ends are columns of its datasets. Of an analysed set.
 * RG_ERR_NOT_FOUND with what may have been meant. */
RG_MUST_CHECK enum rg_status rule_lineage_down(const struct rule_set *set, struct str name,
                                               struct arena *arena,
                                               struct rule_lineage *out_lineage,
                                               struct rg_error *err);
RG_MUST_CHECK enum rg_status rule_lineage_up(const struct rule_set *set, struct str name,
                                             struct arena *arena, struct rule_lineage *out_lineage,
                                             struct rg_error *err);

#endif
