/* --tier TIER, --tier DATASET=TIER. */
#include "cli/tier_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/error_report.h"

static const struct {
    const char *name;
    enum rg_tier tier;
} tiers[] = {{"fast", RG_TIER_FAST}, {"stable", RG_TIER_STABLE}, {"canonical", RG_TIER_CANONICAL}};

static bool tier_find(const char *name, enum rg_tier *out_tier)
{
    for (size_t i = 0; i < sizeof tiers / sizeof *tiers; i++)
        if (strcmp(tiers[i].name, name) == 0) {
            *out_tier = tiers[i].tier;
            return true;
        }
    return false;
}

static bool tell(const struct arguments *arguments, const char *value)
{
    char message[512];
    snprintf(message, sizeof message, "--tier cannot be \"%s\"", value);
    (void)report_usage(message, "one of fast, stable, canonical", arguments->json);
    return false;
}

static bool add_dataset(struct tier_choice *choice, size_t *used, const char *name, size_t length,
                        enum rg_tier tier)
{
    if (length + 1 > sizeof choice->names - *used)
        return false;
    char *copy = choice->names + *used;
    memcpy(copy, name, length);
    copy[length] = '\0';
    *used += length + 1;
    choice->datasets[choice->n_datasets++] = (struct rg_dataset_tier){copy, tier};
    return true;
}

bool tiers_read(const struct arguments *arguments, struct tier_choice *out_choice)
{
    size_t used = 0;
    *out_choice = (struct tier_choice){.tier = RG_TIER_STABLE};
    for (size_t i = 0; i < arguments->tiers.count; i++) {
        const char *value = arguments->tiers.items[i], *equal = strrchr(value, '=');
        enum rg_tier tier;
        if (!tier_find(equal ? equal + 1 : value, &tier))
            return tell(arguments, value);
        if (!equal)
            out_choice->tier = tier;
        else if (!add_dataset(out_choice, &used, value, (size_t)(equal - value), tier))
            return tell(arguments, value);
    }
    return true;
}
