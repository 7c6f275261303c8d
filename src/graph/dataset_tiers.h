/* What rules are compiled for: the tiers that a request and the settings name, and the settings of
 * the compiler. */
#ifndef GRAPH_DATASET_TIERS_H
#define GRAPH_DATASET_TIERS_H

#include "compile/rules.h"
#include "engine/session.h"

struct tier_request {
    enum rg_tier tier;
    const struct rg_dataset_tier *datasets;
    size_t n_datasets;
};

/* What the options point to lives in the set's arena. The setting run.tier holds for every dataset,
 * whatever is asked for; run.tier.DATASET goes before the request. Errors: USAGE, MEMORY. */
RG_MUST_CHECK enum rg_status compile_options_take(const struct rg_session *session,
                                                  const struct tier_request *request,
                                                  struct rule_set *set,
                                                  struct rule_compile_options *out_options,
                                                  struct rg_error *err);
/* The setting run.tier overrides what a request says. */
static inline bool tier_is_forced(const struct rg_session *session)
{
    return session->settings.tier != TIER_REQUESTED;
}

#endif
