/* Tiers of rules: which one each must keep, and what it forbids. An intermediate keeps what its
 * strictest reader promises. */
#include "base/error.h"
#include "compile/rule_parts.h"
#include "sql/sql_tier.h"

const struct tier_spec tier_specs[] = {
    {RG_TIER_FAST, "fast", "the same rows, in any order"},
    {RG_TIER_STABLE, "stable", "the same rows in the same order"},
    {RG_TIER_CANONICAL, "canonical", "the same bytes in every file"},
};
const size_t tier_specs_count = sizeof tier_specs / sizeof *tier_specs;

/* Place in the table, which goes from loose to strict; the table's size where there is none. */
static size_t strictness(enum rg_tier tier)
{
    size_t i = 0;
    while (i < tier_specs_count && tier_specs[i].tier != tier)
        i++;
    return i;
}

const char *tier_name(enum rg_tier tier)
{
    size_t place = strictness(tier);
    return place < tier_specs_count ? tier_specs[place].name : NULL;
}

bool tier_find(struct str name, enum rg_tier *out_tier)
{
    for (size_t i = 0; i < tier_specs_count; i++) {
        if (str_is(name, tier_specs[i].name)) {
            *out_tier = tier_specs[i].tier;
            return true;
        }
    }
    return false;
}

enum rg_tier tier_of_dataset(const struct rule_compile_options *options, struct str dataset)
{
    enum rg_tier tier = options->tier;
    for (size_t i = 0; i < options->n_dataset_tiers; i++)
        if (str_eq(options->dataset_tiers[i].dataset, dataset))
            tier = options->dataset_tiers[i].tier;
    return tier;
}

static void raise(struct rule *rule, enum rg_tier tier)
{
    if (strictness(tier) > strictness(rule->tier))
        rule->tier = tier;
}

/* Whoever makes what the rule reads. */
static void raise_reads(struct rule_set *set, const struct rule *rule)
{
    for (size_t i = 0; i < rule->n_reads; i++) {
        const struct relation *relation = rule_set_find_relation(set, rule->reads[i]);
        for (size_t r = 0; relation && r < relation->n_rules; r++)
            raise(&set->rules[relation->rules[r]], rule->tier);
    }
}

/* Relations come behind what they read, so that from the last to the first all readers are known;
 * rules of a fixpoint read each other and keep one tier. */
void rule_set_tiers(struct rule_set *set, const struct rule_compile_options *options)
{
    for (size_t i = 0; i < set->n_rules; i++)
        set->rules[i].tier = set->rules[i].dataset
                                 ? tier_of_dataset(options, set->rules[i].emits_dataset)
                                 : RG_TIER_FAST;
    for (size_t i = 0; i < set->n_audits; i++)
        set->audits[i].tier = RG_TIER_FAST;
    for (size_t i = set->n_relations; i-- > 0;) {
        const struct relation *relation = &set->relations[i];
        const struct rule_group *group =
            relation->group >= 0 ? &set->groups[relation->group] : NULL;
        const uint32_t *rules = group ? group->rules : relation->rules;
        size_t n = group ? group->n_rules : relation->n_rules;
        for (size_t a = 0; group && a < n; a++)
            for (size_t b = 0; b < n; b++)
                raise(&set->rules[rules[a]], set->rules[rules[b]].tier);
        for (size_t r = 0; r < n; r++)
            raise_reads(set, &set->rules[rules[r]]);
    }
}

static enum rg_status refuse(const struct rule *rule, const struct sql_finding *finding,
                             struct rg_error *err)
{
    enum rg_status status =
        rule_fail_at(err, rule, finding->span, STR_FMT " %s, which tier %s forbids",
                     STR_ARG(finding->what), finding->reason, tier_name(rule->tier));
    error_hint(err, "%s", finding->hint);
    return status;
}

enum rg_status rule_keep_tier(const struct rule *rule, struct sql_node *root,
                              const struct sql_catalog *catalog, struct arena *arena,
                              struct rg_error *err)
{
    struct sql_findings findings;
    bool mended = false;
    enum rg_status status = sql_tier_findings(root, arena, &findings, err);
    for (size_t i = 0; i < findings.n && !status; i++) {
        if (findings.findings[i].fixable) {
            status = sql_tier_fix(&findings.findings[i], arena, err);
            mended = true;
        } else if (rule->tier != RG_TIER_FAST) {
            status = refuse(rule, &findings.findings[i], err);
        }
    }
    return !status && mended ? sql_bind(root, rule->sql, catalog, arena, err) : status;
}
