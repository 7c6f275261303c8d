/* The graph of rules: which relation reads which, which recur together, and in what order they
 * come.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "compile/rule_parts.h"
#include "base/suggest.h"

static enum rg_status no_memory(struct rg_error *err)
{
    return error_no_memory(err, COMPILE_LAYER);
}

/* --- Relations ------------------------------------------------------------------------------ */

static struct str relation_name(struct arena *arena, struct str dataset, struct str kind)
{
    if (!kind.ptr)
        return dataset;
    char *name = arena_printf(arena, STR_FMT "_" STR_FMT, STR_ARG(dataset), STR_ARG(kind));
    for (char *c = name; c && *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return str_of(name);
}

struct relation *rule_set_find_relation(const struct rule_set *set, struct str name)
{
    for (size_t i = 0; i < set->n_relations; i++)
        if (str_eq(set->relations[i].name, name))
            return &set->relations[i];
    return NULL;
}

enum rg_status rule_push_index(struct arena *arena, uint32_t **list, size_t *n, uint32_t value,
                               struct rg_error *err)
{
    /* Capacity is the next power of two: it grows where the count reaches one. */
    if ((*n & (*n - 1)) == 0) {
        uint32_t *grown = arena_grow(arena, *list, *n, *n ? 2 * *n : 1, sizeof *grown);
        if (!grown)
            return no_memory(err);
        *list = grown;
    }
    (*list)[(*n)++] = value;
    return RG_OK;
}

static enum rg_status add_emitter(struct rule_set *set, uint32_t index, struct str kind,
                                  struct rg_error *err)
{
    const struct rule *rule = &set->rules[index];
    struct str name = relation_name(&set->arena, rule->emits_dataset, kind);
    if (!name.ptr)
        return no_memory(err);
    struct relation *relation = rule_set_find_relation(set, name);
    if (!relation) {
        relation = &set->relations[set->n_relations++];
        *relation = (struct relation){
            .name = name, .dataset = rule->emits_dataset, .kind = kind, .group = -1};
    } else if (!str_eq(relation->dataset, rule->emits_dataset)) {
        return rule_fail(err, rule, 1, 1, "the name `" STR_FMT "` is taken", STR_ARG(name));
    }
    return rule_push_index(&set->arena, &relation->rules, &relation->n_rules, index, err);
}

static int relation_by_name(const void *a, const void *b)
{
    return str_cmp(((const struct relation *)a)->name, ((const struct relation *)b)->name);
}

static enum rg_status make_relations(struct rule_set *set, struct rg_error *err)
{
    size_t most = 0;
    for (size_t i = 0; i < set->n_rules; i++)
        most += set->rules[i].n_emits_kinds ? set->rules[i].n_emits_kinds : 1;
    set->relations = ARENA_ARRAY(&set->arena, most + 1, struct relation);
    set->n_relations = 0;
    if (!set->relations)
        return no_memory(err);
    for (uint32_t i = 0; i < set->n_rules; i++) {
        const struct rule *rule = &set->rules[i];
        enum rg_status status = RG_OK;
        if (!rule->n_emits_kinds)
            status = add_emitter(set, i, (struct str){NULL, 0}, err);
        for (size_t k = 0; k < rule->n_emits_kinds && !status; k++)
            status = add_emitter(set, i, rule->emits_kinds[k], err);
        if (status)
            return status;
    }
    qsort(set->relations, set->n_relations, sizeof *set->relations, relation_by_name);
    return RG_OK;
}

/* --- Reads ------------------------------------------------------------------------------------ */

/* A relation of a known kind that no rule emits is another mistake than a misspelt name. */
static bool names_known_kind(const struct rule_set *set, struct str name, struct str *out_dataset,
                             const char **out_kind)
{
    for (size_t i = 0; i < kind_specs_count; i++) {
        struct arena scratch = {0};
        struct str dataset = str_of(kind_specs[i].dataset);
        struct str candidate = relation_name(&scratch, dataset, str_of(kind_specs[i].name));
        bool same = str_eq(candidate, name) && contracts_find(&set->contracts, dataset);
        arena_fini(&scratch);
        if (same) {
            *out_dataset = dataset;
            *out_kind = kind_specs[i].name;
            return true;
        }
    }
    return false;
}

static enum rg_status fail_read(const struct rule_set *set, const struct rule *rule,
                                const struct rule_read *read, struct rg_error *err)
{
    const struct dataset *dataset = contracts_find(&set->contracts, read->name);
    if (dataset && dataset->layer == DATASET_PRODUCT) {
        enum rg_status status = rule_fail_at(
            err, rule, read->span, "only audits read all of `" STR_FMT "`", STR_ARG(read->name));
        if (dataset->has_kind)
            error_hint(err, "read one kind of it: `" STR_FMT "_…`", STR_ARG(read->name));
        return status;
    }
    if (contracts_left_out(&set->contracts, read->name)) {
        enum rg_status status = rule_fail_at(err, rule, read->span,
                                             "reads `" STR_FMT "`, which is made only where a "
                                             "build asks for it",
                                             STR_ARG(read->name));
        error_hint(err, "--set write." STR_FMT "=on", STR_ARG(read->name));
        return status;
    }
    struct str of;
    const char *kind;
    if (names_known_kind(set, read->name, &of, &kind))
        return rule_fail_at(err, rule, read->span,
                            "reads `" STR_FMT "`, but no rule emits " STR_FMT " %s",
                            STR_ARG(read->name), STR_ARG(of), kind);
    struct suggestion near = {.name = read->name};
    for (size_t i = 0; i < set->contracts.n_datasets; i++)
        suggest_offer(&near, set->contracts.datasets[i].name);
    for (size_t i = 0; i < set->n_relations && !rule->audit.ptr; i++)
        suggest_offer(&near, set->relations[i].name);
    dataset = near.best.ptr ? contracts_find(&set->contracts, near.best) : NULL;
    enum rg_status status = rule_fail_at(err, rule, read->span,
                                         "reads `" STR_FMT "`, which is neither a table of facts "
                                         "nor what a rule emits",
                                         STR_ARG(read->name));
    if (dataset && dataset->has_kind && !rule->audit.ptr)
        error_hint(err, "did you mean `" STR_FMT "`? A rule reads one kind of it: `" STR_FMT "_…`",
                   STR_ARG(near.best), STR_ARG(near.best));
    else
        rule_hint_near(err, &near);
    return status;
}

static bool may_read(const struct rule_set *set, const struct rule *rule, struct str name)
{
    const struct dataset *dataset = contracts_find(&set->contracts, name);
    if (dataset && dataset->layer == DATASET_FACT)
        return true;
    return rule->audit.ptr ? dataset != NULL : rule_set_find_relation(set, name) != NULL;
}

/* What an opaque rule may be told to read. */
struct reader {
    const struct rule_set *set;
    const struct rule *rule;
};

static bool reader_may(void *context, struct str name)
{
    const struct reader *reader = context;
    return may_read(reader->set, reader->rule, name);
}

static int name_order(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* Fills rule->reads: sorted, without duplicates, of each whether it is named more than once. */
static enum rg_status store_reads(struct rule *rule, struct arena *arena,
                                  const struct rule_read *reads, size_t n, struct rg_error *err)
{
    struct str *names = ARENA_ARRAY(arena, n, struct str);
    bool *twice = ARENA_ARRAY(arena, n, bool);
    if (n && (!names || !twice))
        return no_memory(err);
    for (size_t i = 0; i < n; i++)
        names[i] = reads[i].name;
    if (n)
        qsort(names, n, sizeof *names, name_order);
    rule->reads = names;
    rule->reads_twice = twice;
    rule->n_reads = 0;
    for (size_t i = 0; i < n; i++) {
        if (rule->n_reads && str_eq(names[i], names[rule->n_reads - 1]))
            twice[rule->n_reads - 1] = true;
        else
            names[rule->n_reads++] = names[i];
    }
    return RG_OK;
}

static enum rg_status check_reads(struct rule_set *set, struct rule *rule, struct rg_error *err)
{
    struct reader reader = {set, rule};
    struct rule_read *reads;
    size_t n;
    enum rg_status status =
        rule_list_reads(rule, reader_may, &reader, &set->arena, &reads, &n, err);
    for (size_t i = 0; i < n && !status; i++)
        if (!may_read(set, rule, reads[i].name))
            status = fail_read(set, rule, &reads[i], err);
    return status ? status : store_reads(rule, &set->arena, reads, n, err);
}

/* Marks what a rule reads as needed; true where something was not yet. */
static bool spread_need(struct rule_set *set, const struct rule *rule)
{
    bool spread = false;
    for (size_t i = 0; i < rule->n_reads; i++) {
        const struct relation *relation = rule_set_find_relation(set, rule->reads[i]);
        for (size_t r = 0; relation && r < relation->n_rules; r++) {
            struct rule *maker = &set->rules[relation->rules[r]];
            spread = spread || !maker->needed;
            maker->needed = true;
        }
    }
    return spread;
}

/* Rules of the product, and those whose rows reach it through other rules. */
static void find_needed(struct rule_set *set)
{
    bool spread = true;
    for (size_t i = 0; i < set->n_rules; i++)
        set->rules[i].needed = set->rules[i].dataset != NULL;
    while (spread) {
        spread = false;
        for (size_t i = 0; i < set->n_rules; i++)
            if (set->rules[i].needed && spread_need(set, &set->rules[i]))
                spread = true;
    }
}

/* Who is not needed himself, an intermediate that only left out datasets want, counts for nobody.
 */
static enum rg_status find_readers(struct rule_set *set, struct rg_error *err)
{
    enum rg_status status = RG_OK;
    for (uint32_t i = 0; i < set->n_rules && !status; i++)
        status = rule_set_problem(set, &set->rules[i], check_reads(set, &set->rules[i], err), err);
    find_needed(set);
    for (uint32_t i = 0; i < set->n_rules && !status; i++) {
        const struct rule *rule = &set->rules[i];
        for (size_t j = 0; j < rule->n_reads && rule->needed && !status; j++) {
            struct relation *relation = rule_set_find_relation(set, rule->reads[j]);
            if (relation)
                status =
                    rule_push_index(&set->arena, &relation->readers, &relation->n_readers, i, err);
        }
    }
    for (size_t i = 0; i < set->n_audits && !status; i++)
        status =
            rule_set_problem(set, &set->audits[i], check_reads(set, &set->audits[i], err), err);
    return status;
}

/* --- Fixpoints ------------------------------------------------------------------------------ */

static struct sql_span no_span(void)
{
    return (struct sql_span){0, 0};
}

static enum rg_status check_member(const struct rule *rule, struct rg_error *err)
{
    if (rule->dataset) {
        enum rg_status status = rule_fail_at(err, rule, no_span(),
                                             "a fixpoint makes intermediates, not `" STR_FMT
                                             "`, whose gate chooses among rows",
                                             STR_ARG(rule->emits_dataset));
        error_hint(err, "emit an intermediate, and `" STR_FMT "` from a rule that reads it",
                   STR_ARG(rule->emits_dataset));
        return status;
    }
    if (rule->opaque) {
        enum rg_status status =
            rule_fail_at(err, rule, no_span(), "an opaque rule cannot be part of a fixpoint");
        error_hint(err, "%s", rule->opaque_why->message);
        return status;
    }
    return RG_OK;
}

static enum rg_status join_group(struct rule_set *set, uint32_t index, struct rg_error *err)
{
    const struct rule *rule = &set->rules[index];
    size_t g = 0;
    enum rg_status status = check_member(rule, err);
    if (status)
        return status;
    while (g < set->n_groups && !str_eq(set->groups[g].name, rule->fixpoint))
        g++;
    struct relation *relation = rule_set_find_relation(set, rule->emits_dataset);
    RG_ASSERT(relation);
    if (relation->group >= 0 && relation->group != (int)g)
        return rule_fail_at(err, rule, no_span(), "`" STR_FMT "` belongs to the fixpoint " STR_FMT,
                            STR_ARG(relation->name), STR_ARG(set->groups[relation->group].name));
    if (g == set->n_groups)
        set->groups[set->n_groups++] = (struct rule_group){.name = rule->fixpoint};
    relation->group = (int)g;
    return rule_push_index(&set->arena, &set->groups[g].rules, &set->groups[g].n_rules, index, err);
}

/* All rules of a relation are of its fixpoint, or none. */
static enum rg_status check_group(struct rule_set *set, const struct relation *relation,
                                  struct rg_error *err)
{
    for (size_t i = 0; i < relation->n_rules && relation->group >= 0; i++) {
        struct rule *rule = &set->rules[relation->rules[i]];
        const struct rule_group *group = &set->groups[relation->group];
        if (rule->fixpoint.ptr || rule->broken)
            continue;
        enum rg_status status = rule_fail_at(
            err, rule, no_span(), "emits `" STR_FMT "`, which the fixpoint " STR_FMT " makes",
            STR_ARG(relation->name), STR_ARG(group->name));
        error_hint(err, "add `-- fixpoint: " STR_FMT "` to its header", STR_ARG(group->name));
        status = rule_set_problem(set, rule, status, err);
        if (status)
            return status;
    }
    return RG_OK;
}

static enum rg_status make_groups(struct rule_set *set, struct rg_error *err)
{
    enum rg_status status = RG_OK;
    set->groups = ARENA_ARRAY(&set->arena, set->n_rules + 1, struct rule_group);
    set->n_groups = 0;
    if (!set->groups)
        return no_memory(err);
    for (uint32_t i = 0; i < set->n_rules && !status; i++)
        if (set->rules[i].fixpoint.ptr)
            status = rule_set_problem(set, &set->rules[i], join_group(set, i, err), err);
    for (size_t i = 0; i < set->n_relations && !status; i++)
        status = check_group(set, &set->relations[i], err);
    for (size_t g = 0; g < set->n_groups; g++)
        for (size_t i = 0; i < set->groups[g].n_rules && !status; i++) {
            struct rule *rule = &set->rules[set->groups[g].rules[i]];
            if (!rule->broken)
                status =
                    rule_set_problem(set, rule, rule_check_monotone(set, rule, (int)g, err), err);
        }
    return status;
}

/* --- Order ---------------------------------------------------------------------------------- */

bool rule_reads(const struct rule *rule, struct str name)
{
    for (size_t i = 0; i < rule->n_reads; i++)
        if (str_eq(rule->reads[i], name))
            return true;
    return false;
}

static bool relation_reads(const struct rule_set *set, const struct relation *relation,
                           struct str name)
{
    for (size_t i = 0; i < relation->n_rules; i++)
        if (rule_reads(&set->rules[relation->rules[i]], name))
            return true;
    return false;
}

/* The first relation not yet placed that this one waits for, or -1. */
static long waits_for(const struct rule_set *set, const struct relation *relation,
                      const bool *placed)
{
    for (size_t i = 0; i < set->n_relations; i++) {
        const struct relation *other = &set->relations[i];
        bool together = relation->group >= 0 && relation->group == other->group;
        if (!placed[i] && !together && relation_reads(set, relation, other->name))
            return (long)i;
    }
    return -1;
}

/* A fixpoint waits for whatever one of its relations waits for. */
static long unit_waits_for(const struct rule_set *set, size_t index, const bool *placed)
{
    const struct relation *relation = &set->relations[index];
    long found = waits_for(set, relation, placed);
    for (size_t i = 0; i < set->n_relations && found < 0 && relation->group >= 0; i++)
        if (set->relations[i].group == relation->group)
            found = waits_for(set, &set->relations[i], placed);
    return found;
}

/* Each relation left waits for another one left: follow them until one comes again. *out_at is one
 * of the circle. */
static enum rg_status fail_cycle(const struct rule_set *set, const bool *placed, bool *seen,
                                 size_t *out_at, struct rg_error *err)
{
    char path[768];
    size_t used = 0;
    long at = 0;
    memset(seen, 0, set->n_relations * sizeof *seen);
    while (placed[at])
        at++;
    while (!seen[at]) {
        seen[at] = true;
        at = unit_waits_for(set, (size_t)at, placed);
    }
    const struct rule *rule = &set->rules[set->relations[at].rules[0]];
    long start = at;
    do {
        const struct str name = set->relations[at].name;
        if (used < sizeof path)
            used +=
                (size_t)snprintf(path + used, sizeof path - used, STR_FMT " reads ", STR_ARG(name));
        at = unit_waits_for(set, (size_t)at, placed);
    } while (at != start);
    if (used < sizeof path)
        snprintf(path + used, sizeof path - used, STR_FMT, STR_ARG(set->relations[start].name));
    *out_at = (size_t)start;
    enum rg_status status = rule_fail(err, rule, 1, 1, "a cycle: %s", path);
    error_hint(err, "recursion inside one rule is WITH RECURSIVE; rules that recur through each "
                    "other share a header `fixpoint`");
    return status;
}

struct placing {
    struct rule_set *set;
    struct relation *ordered;
    size_t n_ordered;
    bool *placed, *seen;
};

static void place_one(struct placing *placing, size_t index)
{
    placing->placed[index] = true;
    placing->ordered[placing->n_ordered++] = placing->set->relations[index];
}

/* A relation, or all those of its fixpoint. */
static void place_unit(struct placing *placing, size_t index)
{
    struct rule_set *set = placing->set;
    int group = set->relations[index].group;
    size_t first = placing->n_ordered;
    if (group < 0) {
        place_one(placing, index);
        return;
    }
    for (size_t i = 0; i < set->n_relations; i++)
        if (set->relations[i].group == group)
            place_one(placing, i);
    set->groups[group].first_relation = (uint32_t)first;
    set->groups[group].n_relations = (uint32_t)(placing->n_ordered - first);
}

static enum rg_status place_all(struct placing *placing, struct rg_error *err)
{
    struct rule_set *set = placing->set;
    while (placing->n_ordered < set->n_relations) {
        size_t before = placing->n_ordered;
        for (size_t i = 0; i < set->n_relations; i++)
            if (!placing->placed[i] && unit_waits_for(set, i, placing->placed) < 0)
                place_unit(placing, i);
        if (placing->n_ordered > before)
            continue;
        size_t at = 0;
        enum rg_status status = fail_cycle(set, placing->placed, placing->seen, &at, err);
        struct rule *rule = &set->rules[set->relations[at].rules[0]];
        status = rule_set_problem(set, rule, status, err);
        if (status)
            return status;
        place_unit(placing, at);
    }
    return RG_OK;
}

static enum rg_status order_relations(struct rule_set *set, struct rg_error *err)
{
    struct arena scratch = {0};
    size_t n = set->n_relations;
    struct placing placing = {
        .set = set,
        .ordered = ARENA_ARRAY(&set->arena, n + 1, struct relation),
        .placed = ARENA_ARRAY(&scratch, n + 1, bool),
        .seen = ARENA_ARRAY(&scratch, n + 1, bool),
    };
    enum rg_status status = placing.ordered && placing.placed && placing.seen
                                ? place_all(&placing, err)
                                : no_memory(err);
    if (!status)
        set->relations = placing.ordered;
    arena_fini(&scratch);
    return status;
}

enum rg_status rule_set_resolve(struct rule_set *set, const struct rule_oracle *oracle,
                                struct rg_error *err)
{
    enum rg_status status = make_relations(set, err);
    if (!status)
        status = find_readers(set, err);
    if (!status)
        status = make_groups(set, err);
    if (!status)
        status = order_relations(set, err);
    if (!status)
        status = rule_set_bind(set, oracle, err);
    return rule_set_limit(set, NULL, status, err);
}
