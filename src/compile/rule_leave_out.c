/* What a build does not make: datasets that nobody asked for, and what rests on an index that is
 * not there. The rules go before the set is resolved, as if they were not written, so that nothing
 * that stays is run in another way for their sake. */
#include "compile/rule_parts.h"

#include <ctype.h>

#include "base/error.h"

/* --- Datasets --------------------------------------------------------------------------------- */

enum rg_status rule_set_leave_out(struct rule_set *set, struct str dataset, struct rg_error *err)
{
    struct contracts *contracts = &set->contracts;
    struct str *left_out = arena_grow(&set->arena, contracts->left_out, contracts->n_left_out,
                                      contracts->n_left_out + 1, sizeof *left_out);
    size_t kept = 0;
    RG_ASSERT(!set->catalog);
    if (!left_out)
        return error_no_memory(err, COMPILE_LAYER);
    contracts->left_out = left_out;
    left_out[contracts->n_left_out++] = dataset;
    for (size_t i = 0; i < set->n_rules; i++)
        if (!str_eq(set->rules[i].emits_dataset, dataset))
            set->rules[kept++] = set->rules[i];
    set->n_rules = kept;
    kept = 0;
    for (size_t i = 0; i < contracts->n_datasets; i++)
        if (!str_eq(contracts->datasets[i].name, dataset))
            contracts->datasets[kept++] = contracts->datasets[i];
    contracts->n_datasets = kept;
    for (size_t i = 0; i < set->n_rules; i++) /* they have moved */
        if (set->rules[i].dataset)
            set->rules[i].dataset = contracts_find(contracts, set->rules[i].emits_dataset);
    return RG_OK;
}

/* --- What needs an index ---------------------------------------------------------------------- */

/* The rules of a set, what each reads, and which of them go. */
struct leaving {
    struct rule_set *set;
    struct rule_read **reads;
    size_t *n_reads;
    bool *goes;
};

/* Whether the rule emits the relation of this name: a dataset, or a kind of one. */
static bool emits(const struct rule *rule, struct str name)
{
    struct str dataset = rule->emits_dataset;
    if (!rule->n_emits_kinds)
        return str_eq(dataset, name);
    if (name.len <= dataset.len + 1 || !str_starts(name, dataset) || name.ptr[dataset.len] != '_')
        return false;
    struct str rest = {name.ptr + dataset.len + 1, name.len - dataset.len - 1};
    for (size_t i = 0; i < rule->n_emits_kinds; i++) {
        struct str kind = rule->emits_kinds[i];
        size_t at = 0;
        while (kind.len == rest.len && at < rest.len &&
               tolower((unsigned char)kind.ptr[at]) == rest.ptr[at])
            at++;
        if (at == rest.len)
            return true;
    }
    return false;
}

/* A table that only an index fills, or a relation whose rules all go. */
static bool is_gone(const struct leaving *leaving, struct str name)
{
    const struct rule_set *set = leaving->set;
    const struct dataset *dataset = contracts_find(&set->contracts, name);
    bool lost = false;
    if (dataset && dataset->needs_index)
        return true;
    for (size_t i = 0; i < set->n_rules && !lost; i++)
        lost = leaving->goes[i] && emits(&set->rules[i], name);
    for (size_t i = 0; i < set->n_rules && lost; i++)
        lost = leaving->goes[i] || !emits(&set->rules[i], name);
    return lost;
}

/* Words of an opaque rule that may be such tables and relations. */
static bool may_be_gone(void *context, struct str name)
{
    const struct rule_set *set = context;
    const struct dataset *dataset = contracts_find(&set->contracts, name);
    bool emitted = dataset && dataset->needs_index;
    for (size_t i = 0; i < set->n_rules && !emitted; i++)
        emitted = emits(&set->rules[i], name);
    return emitted;
}

static bool reads_gone(const struct leaving *leaving, size_t rule)
{
    for (size_t i = 0; i < leaving->n_reads[rule]; i++)
        if (is_gone(leaving, leaving->reads[rule][i].name))
            return true;
    return false;
}

static enum rg_status find_leaving(struct leaving *leaving, struct arena *arena,
                                   struct rg_error *err)
{
    struct rule_set *set = leaving->set;
    for (size_t i = 0; i < set->n_rules; i++) {
        enum rg_status status = rule_list_reads(&set->rules[i], may_be_gone, set, arena,
                                                &leaving->reads[i], &leaving->n_reads[i], err);
        if (status)
            return status;
    }
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < set->n_rules; i++)
            if (!leaving->goes[i] && reads_gone(leaving, i))
                more = leaving->goes[i] = true;
    }
    return RG_OK;
}

static enum rg_status drop_leaving(const struct leaving *leaving, struct rg_error *err)
{
    struct rule_set *set = leaving->set;
    size_t kept = 0;
    set->aside = ARENA_ARRAY(&set->arena, set->n_rules + 1, struct str);
    if (!set->aside)
        return error_no_memory(err, COMPILE_LAYER);
    for (size_t i = 0; i < set->n_rules; i++) {
        if (!leaving->goes[i])
            set->rules[kept++] = set->rules[i];
        else if (!set->rules[i].built_in)
            set->aside[set->n_aside++] = set->rules[i].name;
    }
    set->n_rules = kept;
    for (size_t i = set->contracts.n_datasets; i-- > 0;) {
        const struct dataset *dataset = &set->contracts.datasets[i];
        if (!dataset->needs_index || dataset->layer != DATASET_PRODUCT)
            continue;
        enum rg_status status = rule_set_leave_out(set, dataset->name, err);
        if (status)
            return status;
    }
    return RG_OK;
}

enum rg_status rule_set_without_index(struct rule_set *set, struct rg_error *err)
{
    struct arena arena = {0};
    struct leaving leaving = {
        .set = set,
        .reads = ARENA_ARRAY(&arena, set->n_rules + 1, struct rule_read *),
        .n_reads = ARENA_ARRAY(&arena, set->n_rules + 1, size_t),
        .goes = ARENA_ARRAY(&arena, set->n_rules + 1, bool),
    };
    bool room = leaving.reads && leaving.n_reads && leaving.goes;
    enum rg_status status =
        room ? find_leaving(&leaving, &arena, err) : error_no_memory(err, COMPILE_LAYER);
    if (!status)
        status = drop_leaving(&leaving, err);
    arena_fini(&arena);
    return status;
}
