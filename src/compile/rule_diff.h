/* What differs between two versions of a set of rules, and whom it affects. */
#ifndef COMPILE_RULE_DIFF_H
#define COMPILE_RULE_DIFF_H

#include "compile/rules.h"

enum rule_change {
    RULE_UNCHANGED,
    RULE_DOCUMENTATION, /* the text alone: comments, names of aliases, how it is laid out, why */
    RULE_CHANGED,
    RULE_ADDED,
    RULE_REMOVED
};

struct rule_difference {
    enum rule_change change;
    const struct rule *before, *after; /* NULL where there is none */
    bool header_changed; /* what it emits, its resolution, confidence, layer, fixpoint, claims */
    bool rows_changed;   /* which rows there are */
    bool opaque;         /* one of them is not understood: everything may have changed */
    struct sql_column_change *columns; /* of a changed rule, those that are not the same */
    size_t n_columns;
};

/* A rule that did not change itself, but reads what did. */
struct rule_affected {
    const struct rule *rule; /* of the version after */
    struct str *columns;     /* whose values follow from what changed */
    size_t n_columns;
    bool rows; /* which rows there are may be others */
};

struct rule_set_diff {
    struct rule_difference *rules; /* by name; unchanged ones too */
    size_t n_rules;
    struct rule_affected *affected; /* in the order of the relations */
    size_t n_affected;
};

/* Of two analysed sets. Lives in the arena and lends from both sets. */
RG_MUST_CHECK enum rg_status rule_set_compare(const struct rule_set *before,
                                              const struct rule_set *after, struct arena *arena,
                                              struct rule_set_diff *out_diff, struct rg_error *err);

#endif
