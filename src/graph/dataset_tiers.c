/* From names of datasets and settings to what the compiler is told. */
#include "graph/dataset_tiers.h"

#include <string.h>

#include "base/error.h"
#include "base/suggest.h"

static const char layer[] = "graph";

/* Names of datasets in settings and requests; another one is a typing error. */
static const struct dataset *product_find(const struct contracts *contracts, struct str name,
                                          struct suggestion *near)
{
    const struct dataset *dataset = contracts_find(contracts, name);
    if (dataset && dataset->layer == DATASET_PRODUCT)
        return dataset;
    near->name = name;
    for (size_t i = 0; i < contracts->n_datasets; i++)
        if (contracts->datasets[i].layer == DATASET_PRODUCT)
            suggest_offer(near, contracts->datasets[i].name);
    return NULL;
}

static enum rg_status add_tier(const struct contracts *contracts,
                               const struct rg_dataset_tier *given, struct rule_dataset_tier *tiers,
                               size_t *n, struct rg_error *err)
{
    const char *name = given->dataset ? given->dataset : "";
    struct suggestion near = {0};
    const struct dataset *dataset = product_find(contracts, str_of(name), &near);
    if (!tier_name(given->tier))
        return error_set(err, RG_ERR_USAGE, layer, "there is no tier number %d", (int)given->tier);
    if (dataset) {
        tiers[(*n)++] = (struct rule_dataset_tier){dataset->name, given->tier};
        return RG_OK;
    }
    if (contracts_left_out(contracts, str_of(name))) /* known, though this build makes none */
        return RG_OK;
    error_set(err, RG_ERR_USAGE, layer, "no dataset \"%s\" can have the tier %s", name,
              tier_name(given->tier));
    if (near.best.ptr)
        error_hint(err, "did you mean " STR_FMT "?", STR_ARG(near.best));
    else
        error_hint(err, "those of the product can: nodes, edges, props, …; see `relgraph schema`");
    return RG_ERR_USAGE;
}

#define MEMBERS "run.tier."

/* Settings of single datasets: what stands later counts. */
static enum rg_status add_settings(const struct settings *settings,
                                   const struct contracts *contracts,
                                   struct rule_dataset_tier *tiers, size_t *n, struct rg_error *err)
{
    enum rg_status status = RG_OK;
    for (size_t i = 0; i < settings->n_rows && !status; i++) {
        const struct setting_value *row = &settings->rows[i];
        struct rg_dataset_tier given = {.dataset = row->key};
        if (strncmp(row->key, MEMBERS, strlen(MEMBERS)) != 0 ||
            !tier_find(str_of(row->value), &given.tier))
            continue;
        given.dataset += strlen(MEMBERS);
        status = add_tier(contracts, &given, tiers, n, err);
    }
    return status;
}

#define WRITERS "write.writer."

static enum rg_status check_writers(const struct settings *settings,
                                    const struct contracts *contracts, struct rg_error *err)
{
    for (size_t i = 0; i < settings->n_rows; i++) {
        const char *key = settings->rows[i].key;
        struct suggestion near = {0};
        if (strncmp(key, WRITERS, strlen(WRITERS)) != 0 ||
            product_find(contracts, str_of(key + strlen(WRITERS)), &near) ||
            contracts_left_out(contracts, str_of(key + strlen(WRITERS))))
            continue;
        error_set(err, RG_ERR_USAGE, layer, "%s: there is no dataset %s to write", key,
                  key + strlen(WRITERS));
        if (near.best.ptr)
            error_hint(err, "did you mean " WRITERS STR_FMT "?", STR_ARG(near.best));
        else
            error_hint(err, "those of the product are: nodes, edges, props, …; see "
                            "`relgraph schema`");
        return RG_ERR_USAGE;
    }
    return RG_OK;
}

enum rg_status compile_options_take(const struct rg_session *session,
                                    const struct tier_request *request, struct rule_set *set,
                                    struct rule_compile_options *out_options, struct rg_error *err)
{
    static const enum rg_tier forced[] = {[TIER_FAST] = RG_TIER_FAST,
                                          [TIER_STABLE] = RG_TIER_STABLE,
                                          [TIER_CANONICAL] = RG_TIER_CANONICAL};
    const struct settings *settings = &session->settings;
    struct rule_dataset_tier *tiers = ARENA_ARRAY(
        &set->arena, request->n_datasets + settings->n_rows + 1, struct rule_dataset_tier);
    enum rg_status status = tiers ? RG_OK : error_no_memory(err, layer);
    size_t n = 0;
    if (!status && !tier_name(request->tier))
        status =
            error_set(err, RG_ERR_USAGE, layer, "there is no tier number %d", (int)request->tier);
    if (!status && request->n_datasets && !request->datasets)
        status = error_set(err, RG_ERR_USAGE, layer, "the list of tiers of datasets is missing");
    for (size_t i = 0; i < request->n_datasets && !status; i++)
        status = add_tier(&set->contracts, &request->datasets[i], tiers, &n, err);
    if (!status)
        status = add_settings(settings, &set->contracts, tiers, &n, err);
    if (!status)
        status = check_writers(settings, &set->contracts, err);
    *out_options = (struct rule_compile_options){
        .tier = tier_is_forced(session) ? forced[settings->tier] : request->tier,
        .dataset_tiers = tiers,
        .n_dataset_tiers = tier_is_forced(session) ? 0 : n,
        .fuse = settings->fuse && !settings->keep_intermediates,
        .keep_columns = settings->keep_intermediates,
    };
    return status;
}
