/* --tier TIER and --tier DATASET=TIER. */
#ifndef CLI_TIER_OPTIONS_H
#define CLI_TIER_OPTIONS_H

#include "cli/options.h"
#include "relgraph/relgraph.h"

struct tier_choice {
    enum rg_tier tier;
    struct rg_dataset_tier datasets[REPEATS_MAX];
    size_t n_datasets;
    char names[4096]; /* of datasets */
};

/* What was asked for; the last --tier without a dataset counts. False after a wrong one was told
 * of: exit code 2. */
bool tiers_read(const struct arguments *arguments, struct tier_choice *out_choice);

#endif
