/* What a compiled rule says: where its columns come from, which columns of others it needs, and the
 * fingerprints of its meaning. */
#include <stdlib.h>

#include "base/buffer.h"
#include "base/error.h"
#include "compile/rule_parts.h"
#include "sql/sql_rewrite.h"

static enum rg_status no_memory(struct rg_error *err)
{
    return error_no_memory(err, COMPILE_LAYER);
}

/* What belongs to a rule's identity beside its SELECT. */
static struct str rule_salt(const struct rule *rule, struct arena *arena)
{
    struct buffer salt = {0};
    char contract[65] = "";
    if (rule->dataset)
        dataset_fingerprint(rule->dataset, contract);
    const struct str parts[] = {rule->audit.ptr ? STR("audit") : rule->emits_dataset,
                                rule->resolution,
                                rule->confidence_column,
                                rule->layer,
                                rule->fixpoint,
                                rule->proof,
                                str_of(contract)};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        buffer_printf(&salt, "%zu:", parts[i].len);
        if (parts[i].ptr)
            buffer_str(&salt, parts[i]);
    }
    for (size_t i = 0; i < rule->n_emits_kinds; i++) {
        buffer_printf(&salt, "%zu:", rule->emits_kinds[i].len);
        buffer_str(&salt, rule->emits_kinds[i]);
    }
    buffer_printf(&salt, "%.17g,%d,%d,%d", rule->confidence, rule->unique, rule->unique_in_kind,
                  rule->witness);
    struct str copy = salt.failed ? (struct str){NULL, 0} : arena_str(arena, buffer_view(&salt));
    buffer_fini(&salt);
    return copy;
}

int rule_required_order(const void *a, const void *b)
{
    const struct rule_required *x = a, *y = b;
    int order = str_cmp(x->relation, y->relation);
    return order ? order : str_cmp(x->column, y->column);
}

static void add_origins(struct rule *rule, const struct sql_origins *origins)
{
    for (size_t i = 0; i < origins->n; i++)
        rule->required[rule->n_required++] =
            (struct rule_required){origins->origins[i].relation, origins->origins[i].column};
}

/* Whatever a column's value or the set of rows comes from. */
static enum rg_status find_required(struct rule *rule, struct arena *arena, struct rg_error *err)
{
    const struct sql_lineage *lineage = &rule->lineage;
    size_t most = lineage->control.n, kept = 0;
    for (uint32_t i = 0; i < lineage->n_outputs; i++)
        most += lineage->value[i].n;
    rule->required = ARENA_ARRAY(arena, most + 1, struct rule_required);
    if (!rule->required)
        return no_memory(err);
    add_origins(rule, &lineage->control);
    for (uint32_t i = 0; i < lineage->n_outputs; i++)
        add_origins(rule, &lineage->value[i]);
    qsort(rule->required, rule->n_required, sizeof *rule->required, rule_required_order);
    for (size_t i = 0; i < rule->n_required; i++)
        if (!kept || rule_required_order(&rule->required[i], &rule->required[kept - 1]) != 0)
            rule->required[kept++] = rule->required[i];
    rule->n_required = kept;
    return RG_OK;
}

static enum rg_status find_lineage(struct rule_set *set, struct rule *rule, struct rg_error *err)
{
    enum rg_status status = rule_qualify(set, rule, &set->arena, &rule->qualified, err);
    if (!status)
        status = sql_lineage(rule->qualified, &set->arena, &rule->lineage, err);
    return status ? status : find_required(rule, &set->arena, err);
}

static enum rg_status find_fingerprints(struct rule *rule, const struct sql_catalog *catalog,
                                        struct arena *arena, struct rg_error *err)
{
    struct str salt = rule_salt(rule, arena);
    if (!salt.ptr)
        return no_memory(err);
    struct sql_node *own = sql_clone(arena, rule->parsed.root);
    if (!own)
        return no_memory(err);
    enum rg_status status = sql_canonical(own, rule->sql, catalog, arena, &rule->canonical, err);
    if (!status)
        status = sql_fingerprint(rule->canonical, salt, arena, &rule->fingerprints, err);
    if (!status)
        memcpy(rule->fingerprint, rule->fingerprints.whole, sizeof rule->fingerprint);
    return status;
}

static enum rg_status analyse(struct rule_set *set, struct rule *rule, struct rg_error *err)
{
    const struct sql_catalog *catalog = rule->audit.ptr ? set->audit_catalog : set->catalog;
    struct rg_error why = {.status = RG_OK};
    if (rule->broken)
        return RG_OK;
    if (rule->opaque) {
        memcpy(rule->fingerprint, rule->sha256, sizeof rule->fingerprint);
        return RG_OK;
    }
    enum rg_status status = find_lineage(set, rule, &why);
    if (!status)
        status = find_fingerprints(rule, catalog, &set->arena, &why);
    return status ? rule_fail_with(err, rule, &why) : RG_OK;
}

enum rg_status rule_set_analyse(struct rule_set *set, struct rg_error *err)
{
    enum rg_status status = RG_OK;
    for (size_t i = 0; i < set->n_rules && !status; i++)
        status = rule_set_problem(set, &set->rules[i], analyse(set, &set->rules[i], err), err);
    for (size_t i = 0; i < set->n_audits && !status; i++)
        status = rule_set_problem(set, &set->audits[i], analyse(set, &set->audits[i], err), err);
    return status;
}
