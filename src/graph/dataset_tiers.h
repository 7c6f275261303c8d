/* Tiers of single datasets, as a request names them. */
#ifndef GRAPH_DATASET_TIERS_H
#define GRAPH_DATASET_TIERS_H

#include "compile/rules.h"

/* Checks names and tiers and fills the tiers of datasets of `options`; what they point to lives in
 * the set's arena. Errors: USAGE, MEMORY. */
RG_MUST_CHECK enum rg_status dataset_tiers_take(struct rule_set *set,
                                                const struct rg_dataset_tier *given, size_t n_given,
                                                struct rule_compile_options *options,
                                                struct rg_error *err);

#endif
