/* What a dataset is made by, as one hash: equal where its rules, and all that they read, mean the
 * same. */
#include <stdlib.h>

#include "base/digest.h"
#include "base/error.h"
#include "compile/rules.h"

static bool add_rule(bool *wanted, size_t rule)
{
    bool is_new = !wanted[rule];
    wanted[rule] = true;
    return is_new;
}

/* The rules behind what a rule reads. True where one is new. */
static bool add_reads(const struct rule_set *set, const struct rule *rule, bool *wanted)
{
    bool grown = false;
    for (size_t r = 0; r < rule->n_reads; r++) {
        const struct relation *relation = rule_set_relation(set, rule->reads[r]); /* or a fact */
        for (size_t k = 0; relation && k < relation->n_rules; k++)
            grown |= add_rule(wanted, relation->rules[k]);
    }
    return grown;
}

enum rg_status rule_set_plan_sha256(const struct rule_set *set, struct str dataset,
                                    char out_hex[65], struct rg_error *err)
{
    /* Findings for edges come from the rules for edges. */
    struct str source = str_is(dataset, DATASET_EVIDENCE) ? STR("edges") : dataset;
    bool *wanted = calloc(set->n_rules + 1, sizeof *wanted);
    struct digest *digest = digest_new();
    *out_hex = '\0';
    if (!wanted || !digest) {
        free(wanted);
        digest_free(digest);
        return error_no_memory(err, "compile");
    }
    for (size_t i = 0; i < set->n_rules; i++)
        wanted[i] = str_eq(set->rules[i].emits_dataset, source);
    for (bool grown = true; grown;) {
        grown = false;
        for (size_t i = 0; i < set->n_rules; i++)
            if (wanted[i])
                grown |= add_reads(set, &set->rules[i], wanted);
    }
    for (size_t i = 0; i < set->n_rules; i++) {
        const struct rule *rule = &set->rules[i];
        if (!wanted[i])
            continue;
        digest_update(digest, rule->name.ptr, rule->name.len);
        digest_update(digest, rule->fingerprint, sizeof rule->fingerprint); /* with its NUL */
    }
    digest_finish(digest, out_hex);
    free(wanted);
    return RG_OK;
}
