/* Rules are compared by their canonical trees; what follows from a change is found along lineage.
 */
#include "compile/rule_diff.h"

#include "base/error.h"
#include "compile/rule_parts.h"

/* What is other than before in a rule of the version after. */
struct rule_taint {
    bool *columns;
    bool rows, changed_itself;
};

struct rule_differ {
    const struct rule_set *before, *after;
    struct arena *arena;
    struct rule_set_diff *out;
    struct rule_taint *taints; /* one a rule of `after` */
    bool *gone;                /* relations of `after` that a removed rule fed */
};

/* --- One rule ------------------------------------------------------------------------------- */

static bool same_header(const struct rule *a, const struct rule *b)
{
    bool same =
        str_eq(a->emits_dataset, b->emits_dataset) && str_eq(a->resolution, b->resolution) &&
        str_eq(a->layer, b->layer) && str_eq(a->confidence_column, b->confidence_column) &&
        str_eq(a->fixpoint, b->fixpoint) && str_eq(a->proof, b->proof) &&
        a->confidence == b->confidence && a->unique == b->unique && a->witness == b->witness &&
        a->unique_in_kind == b->unique_in_kind && a->n_emits_kinds == b->n_emits_kinds;
    for (size_t i = 0; same && i < a->n_emits_kinds; i++)
        same = str_eq(a->emits_kinds[i], b->emits_kinds[i]);
    return same;
}

static enum rg_status compare_trees(const struct rule_differ *differ,
                                    struct rule_difference *difference, struct rg_error *err)
{
    struct sql_diff diff;
    enum rg_status status = sql_diff(difference->before->canonical, difference->after->canonical,
                                     differ->arena, &diff, err);
    if (status)
        return status;
    difference->rows_changed = diff.rows_changed;
    difference->columns = ARENA_ARRAY(differ->arena, diff.n_columns + 1, struct sql_column_change);
    if (!difference->columns)
        return error_no_memory(err, COMPILE_LAYER);
    for (size_t i = 0; i < diff.n_columns; i++)
        if (diff.columns[i].change != SQL_SAME)
            difference->columns[difference->n_columns++] = diff.columns[i];
    bool any = difference->rows_changed || difference->n_columns || difference->header_changed;
    difference->change = any ? RULE_CHANGED : RULE_DOCUMENTATION;
    return RG_OK;
}

static enum rg_status compare(const struct rule_differ *differ, const struct rule *before,
                              const struct rule *after, struct rg_error *err)
{
    struct rule_difference *difference = &differ->out->rules[differ->out->n_rules++];
    *difference = (struct rule_difference){.before = before, .after = after};
    if (!before || !after) {
        difference->change = before ? RULE_REMOVED : RULE_ADDED;
        difference->rows_changed = true;
        return RG_OK;
    }
    if (memcmp(before->sha256, after->sha256, 64) == 0)
        return RG_OK;
    difference->header_changed = !same_header(before, after);
    if (!before->canonical || !after->canonical) {
        difference->change = RULE_CHANGED;
        difference->opaque = difference->rows_changed = true;
        return RG_OK;
    }
    return compare_trees(differ, difference, err);
}

/* Both sets' rules by name: a merge of two sorted lists. */
static enum rg_status compare_lists(const struct rule_differ *differ, const struct rule *a,
                                    size_t n_a, const struct rule *b, size_t n_b,
                                    struct rg_error *err)
{
    size_t i = 0, j = 0;
    enum rg_status status = RG_OK;
    while ((i < n_a || j < n_b) && !status) {
        int order = i == n_a ? 1 : j == n_b ? -1 : str_cmp(a[i].name, b[j].name);
        const struct rule *before = order <= 0 ? &a[i++] : NULL;
        const struct rule *after = order >= 0 ? &b[j++] : NULL;
        status = compare(differ, before, after, err);
    }
    return status;
}

/* --- Whom it affects ------------------------------------------------------------------------ */

static void taint_column(struct rule_taint *taint, const struct rule *rule, struct str name)
{
    for (size_t i = 0; i < rule->n_columns; i++)
        if (str_eq(rule->columns[i].name, name))
            taint->columns[i] = true;
}

/* What the gate fills in from a header. */
static void taint_header(struct rule_taint *taint, const struct rule *rule)
{
    static const char *const names[] = {"resolution", "confidence"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        taint_column(taint, rule, str_of(names[i]));
}

static void start_taints(struct rule_differ *differ)
{
    for (size_t i = 0; i < differ->out->n_rules; i++) {
        const struct rule_difference *difference = &differ->out->rules[i];
        if (difference->change < RULE_CHANGED)
            continue;
        if (difference->change == RULE_REMOVED && !difference->before->audit.ptr)
            for (size_t r = 0; r < differ->after->n_relations; r++)
                if (str_eq(differ->after->relations[r].dataset, difference->before->emits_dataset))
                    differ->gone[r] = true;
        long index = difference->after ? rule_set_find(differ->after, difference->after->name) : -1;
        if (index < 0)
            continue;
        struct rule_taint *taint = &differ->taints[index];
        taint->changed_itself = true;
        taint->rows = difference->rows_changed || difference->opaque;
        for (size_t c = 0; c < difference->n_columns; c++)
            taint_column(taint, difference->after, difference->columns[c].name);
        if (difference->header_changed)
            taint_header(taint, difference->after);
    }
}

static bool column_tainted(const struct rule_differ *differ, const struct relation *relation,
                           struct str column)
{
    for (size_t i = 0; i < relation->n_rules; i++) {
        const struct rule *rule = &differ->after->rules[relation->rules[i]];
        const struct rule_taint *taint = &differ->taints[relation->rules[i]];
        for (size_t c = 0; c < rule->n_columns; c++)
            if (taint->columns[c] && (str_eq(rule->columns[c].name, column) || str_is(column, "*")))
                return true;
    }
    return false;
}

static bool rows_tainted(const struct rule_differ *differ, const struct relation *relation)
{
    if (differ->gone[relation - differ->after->relations])
        return true;
    for (size_t i = 0; i < relation->n_rules; i++)
        if (differ->taints[relation->rules[i]].rows)
            return true;
    return false;
}

static bool origins_tainted(const struct rule_differ *differ, const struct sql_origins *origins)
{
    for (size_t i = 0; i < origins->n; i++) {
        const struct relation *relation =
            rule_set_relation(differ->after, origins->origins[i].relation);
        if (relation && column_tainted(differ, relation, origins->origins[i].column))
            return true;
    }
    return false;
}

/* Whether anything new was found of a rule: what it reads may come behind it in a fixpoint. */
static bool spread(const struct rule_differ *differ, const struct rule *rule,
                   struct rule_taint *taint)
{
    bool more = false, rows = origins_tainted(differ, &rule->lineage.control);
    for (size_t i = 0; i < rule->n_reads && !rows; i++) {
        const struct relation *relation = rule_set_relation(differ->after, rule->reads[i]);
        rows = relation && rows_tainted(differ, relation);
        rows = rows || (relation && rule->opaque && column_tainted(differ, relation, STR("*")));
    }
    if (rows && !taint->rows)
        more = taint->rows = true;
    for (size_t c = 0; c < rule->lineage.n_outputs; c++)
        if (!taint->columns[c] && origins_tainted(differ, &rule->lineage.value[c]))
            more = taint->columns[c] = true;
    return more;
}

static enum rg_status tell_affected(const struct rule_differ *differ, const struct rule *rule,
                                    const struct rule_taint *taint, struct rg_error *err)
{
    struct rule_affected affected = {.rule = rule, .rows = taint->rows};
    affected.columns = ARENA_ARRAY(differ->arena, rule->n_columns + 1, struct str);
    if (!affected.columns)
        return error_no_memory(err, COMPILE_LAYER);
    for (size_t c = 0; c < rule->n_columns; c++)
        if (taint->columns[c])
            affected.columns[affected.n_columns++] = rule->columns[c].name;
    if (affected.rows || affected.n_columns)
        differ->out->affected[differ->out->n_affected++] = affected;
    return RG_OK;
}

static enum rg_status find_affected(struct rule_differ *differ, struct rg_error *err)
{
    const struct rule_set *set = differ->after;
    enum rg_status status = RG_OK;
    start_taints(differ);
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < set->n_rules; i++)
            more = spread(differ, &set->rules[i], &differ->taints[i]) || more;
    }
    bool *told = ARENA_ARRAY(differ->arena, set->n_rules + 1, bool);
    if (!told)
        return error_no_memory(err, COMPILE_LAYER);
    for (size_t i = 0; i < set->n_relations; i++)
        for (size_t r = 0; r < set->relations[i].n_rules && !status; r++) {
            uint32_t index = set->relations[i].rules[r];
            if (told[index] || differ->taints[index].changed_itself)
                continue;
            told[index] = true;
            status = tell_affected(differ, &set->rules[index], &differ->taints[index], err);
        }
    return status;
}

enum rg_status rule_set_compare(const struct rule_set *before, const struct rule_set *after,
                                struct arena *arena, struct rule_set_diff *out_diff,
                                struct rg_error *err)
{
    size_t most = before->n_rules + before->n_audits + after->n_rules + after->n_audits;
    struct rule_differ differ = {
        .before = before,
        .after = after,
        .arena = arena,
        .out = out_diff,
        .taints = ARENA_ARRAY(arena, after->n_rules + 1, struct rule_taint),
        .gone = ARENA_ARRAY(arena, after->n_relations + 1, bool),
    };
    *out_diff = (struct rule_set_diff){
        .rules = ARENA_ARRAY(arena, most + 1, struct rule_difference),
        .affected = ARENA_ARRAY(arena, after->n_rules + 1, struct rule_affected),
    };
    bool good = differ.taints && differ.gone && out_diff->rules && out_diff->affected;
    for (size_t i = 0; i < after->n_rules && good; i++) {
        differ.taints[i].columns = ARENA_ARRAY(arena, after->rules[i].n_columns + 1, bool);
        good = differ.taints[i].columns != NULL;
    }
    if (!good)
        return error_no_memory(err, COMPILE_LAYER);
    enum rg_status status =
        compare_lists(&differ, before->rules, before->n_rules, after->rules, after->n_rules, err);
    if (!status)
        status = compare_lists(&differ, before->audits, before->n_audits, after->audits,
                               after->n_audits, err);
    return status ? status : find_affected(&differ, err);
}
