/* From names of datasets to those of contracts. */
#include "graph/dataset_tiers.h"

#include "base/error.h"
#include "base/suggest.h"

static const char layer[] = "graph";

static enum rg_status take_one(const struct contracts *contracts,
                               const struct rg_dataset_tier *given,
                               struct rule_dataset_tier *out_tier, struct rg_error *err)
{
    const char *name = given->dataset ? given->dataset : "";
    const struct dataset *dataset = contracts_find(contracts, str_of(name));
    if (!tier_name(given->tier))
        return error_set(err, RG_ERR_USAGE, layer, "there is no tier number %d", (int)given->tier);
    if (dataset && dataset->layer == DATASET_PRODUCT) {
        *out_tier = (struct rule_dataset_tier){dataset->name, given->tier};
        return RG_OK;
    }
    struct suggestion near = {.name = str_of(name)};
    for (size_t i = 0; i < contracts->n_datasets; i++)
        if (contracts->datasets[i].layer == DATASET_PRODUCT)
            suggest_offer(&near, contracts->datasets[i].name);
    error_set(err, RG_ERR_USAGE, layer, "no dataset \"%s\" can have the tier %s", name,
              tier_name(given->tier));
    if (near.best.ptr)
        error_hint(err, "did you mean " STR_FMT "?", STR_ARG(near.best));
    else
        error_hint(err, "those of the product can: nodes, edges, props, …; see `relgraph schema`");
    return RG_ERR_USAGE;
}

enum rg_status dataset_tiers_take(struct rule_set *set, const struct rg_dataset_tier *given,
                                  size_t n_given, struct rule_compile_options *options,
                                  struct rg_error *err)
{
    struct rule_dataset_tier *tiers =
        ARENA_ARRAY(&set->arena, n_given + 1, struct rule_dataset_tier);
    if (!tiers)
        return error_no_memory(err, layer);
    if (n_given && !given)
        return error_set(err, RG_ERR_USAGE, layer, "the list of tiers of datasets is missing");
    for (size_t i = 0; i < n_given; i++) {
        enum rg_status status = take_one(&set->contracts, &given[i], &tiers[i], err);
        if (status)
            return status;
    }
    options->dataset_tiers = tiers;
    options->n_dataset_tiers = n_given;
    return RG_OK;
}
