/* What becomes a table. Rows that nobody reads again flow from the rule into the file; what is read
 * twice, or competes with other rows, is kept in between. */
#include "run/run_inside.h"

#include "base/error.h"

/* The place of the relation of one of a rule's kinds; every rule has its relations. */
static size_t relation_of(const struct run *run, const struct rule *rule, size_t kind)
{
    size_t i = 0;
    for (; i + 1 < run->rules->n_relations; i++) {
        const struct relation *relation = &run->rules->relations[i];
        if (str_eq(relation->dataset, rule->emits_dataset) &&
            (!relation->kind.ptr || str_eq(relation->kind, rule->emits_kinds[kind])))
            break;
    }
    RG_ASSERT(str_eq(run->rules->relations[i].dataset, rule->emits_dataset));
    return i;
}

static size_t kinds_of(const struct rule *rule)
{
    return rule->n_emits_kinds ? rule->n_emits_kinds : 1;
}

/* The kinds that choose one target do so even among several rules that are each sure of theirs;
 * nodes need no choice among sure rules, because their ids are audited over all kinds. */
static bool needs_choice(const struct run *run, const struct relation *relation)
{
    const struct rule *first = &run->rules->rules[relation->rules[0]];
    bool all_unique = true, all_in_kind = true;
    if (!first->dataset || first->dataset->dedupe == DEDUPE_ALL)
        return false;
    for (size_t i = 0; i < relation->n_rules; i++) {
        const struct rule *rule = &run->rules->rules[relation->rules[i]];
        all_unique = all_unique && rule->unique;
        all_in_kind = all_in_kind && rule->unique_in_kind;
    }
    if (relation->n_rules == 1 || str_is(relation->dataset, "nodes"))
        return !all_unique;
    return !all_in_kind;
}

/* Scans and filters run once more for each shard at little cost: a shard's files lie together.
 * Joins would build their tables each time, and the other words make the engine gather rows first.
 */
static bool look_for_gathering(void *context, struct sql_node *node)
{
    bool *gathers = context;
    switch (node->kind) {
    case SQL_JOIN:
    case SQL_WITH:
    case SQL_WINDOW:
    case SQL_ORDER_ITEM:
        *gathers = true;
        break;
    case SQL_QUERY:
        *gathers = *gathers || node->child[SQL_QUERY_ORDER_BY] || node->child[SQL_QUERY_LIMIT];
        break;
    case SQL_SELECT:
        *gathers = *gathers || node->child[SQL_SELECT_GROUP_BY] || node->child[SQL_SELECT_HAVING] ||
                   node->child[SQL_SELECT_QUALIFY] || sql_flag(node, SQL_FLAG_DISTINCT);
        break;
    case SQL_SET_OPERATION:
        *gathers = *gathers || node->op != SQL_OP_UNION || !sql_flag(node, SQL_FLAG_ALL);
        break;
    default:
        break;
    }
    return !*gathers;
}

static bool gathers_rows(const struct rule *rule)
{
    bool gathers = false;
    if (!rule->rewritten)
        return true;
    sql_walk(rule->rewritten, look_for_gathering, NULL, &gathers);
    return gathers;
}

static bool reads_twice(const struct rule *rule, struct str name)
{
    for (size_t i = 0; i < rule->n_reads; i++)
        if (str_eq(rule->reads[i], name))
            return rule->reads_twice[i];
    return false;
}

/* Somebody behind the fixpoint reads what it makes. */
static bool fixpoint_is_read(const struct run *run, int index)
{
    const struct rule_group *group = &run->rules->groups[index];
    for (size_t i = 0; i < group->n_relations; i++) {
        const struct relation *relation = &run->rules->relations[group->first_relation + i];
        for (size_t r = 0; r < relation->n_readers; r++)
            if (!str_eq(run->rules->rules[relation->readers[r]].fixpoint, group->name))
                return true;
    }
    return false;
}

static enum rule_mode mode_of_intermediate(const struct run *run, const struct relation *relation)
{
    if (relation->group >= 0)
        return fixpoint_is_read(run, relation->group) ? MODE_FIXPOINT : MODE_SKIP;
    if (!relation->n_readers)
        return MODE_SKIP;
    const struct rule *rule = &run->rules->rules[relation->rules[0]];
    const struct rule *reader = &run->rules->rules[relation->readers[0]];
    if (rule->fused_into)
        return MODE_FUSED;
    bool view = relation->n_rules == 1 && relation->n_readers == 1 &&
                !reads_twice(reader, relation->name) && !reader->audit.ptr &&
                !reader->fixpoint.ptr && !run->request->session->settings.keep_intermediates;
    return view ? MODE_VIEW : MODE_TABLE;
}

static bool is_light(const struct run *run, const struct rule *rule)
{
    if (gathers_rows(rule))
        return false;
    for (size_t i = 0; i < rule->n_reads; i++) {
        const struct relation *relation = rule_set_relation(run->rules, rule->reads[i]);
        if (relation && run->rule_plans[relation->rules[0]].mode == MODE_VIEW)
            return false;
    }
    return true;
}

/* A confidence that is computed may lie outside of its range, which only the checks of a table see.
 */
static bool returns_confidence(const struct rule *rule)
{
    for (size_t i = 0; i < rule->n_columns; i++)
        if (str_is(rule->columns[i].name, "confidence") ||
            str_eq(rule->columns[i].name, rule->confidence_column))
            return true;
    return false;
}

static enum rule_mode mode_of_product(const struct run *run, const struct rule *rule, bool light)
{
    bool read = false;
    if (returns_confidence(rule))
        return MODE_TABLE;
    for (size_t k = 0; k < kinds_of(rule); k++) {
        size_t index = relation_of(run, rule, k);
        const struct relation *relation = &run->rules->relations[index];
        if (relation->n_rules > 1 || run->relation_plans[index].choose)
            return MODE_TABLE;
        read = read || relation->n_readers;
    }
    /* A kind among several that is read gets a table of its own, and the rule runs again for it. */
    if (read && (rule->n_emits_kinds <= 1 || !light))
        return MODE_TABLE;
    return run->shard_bits == 0 || light ? MODE_STREAM : MODE_TABLE;
}

/* --- Order -------------------------------------------------------------------------------------
 */

const char *run_order_name(enum run_order order)
{
    static const char *const names[] = {
        [RUN_UNORDERED] = "unordered", [RUN_IMPLICIT] = "implicit", [RUN_EXPLICIT] = "explicit"};
    return names[order];
}

/* A rule that ends in ORDER BY has its rows in that order; in a table they lie so, and nobody who
 * reads it may count on it. Scans and filters keep the order of what they scan. */
static enum run_order order_of_rule(const struct rule *rule, const struct rule_plan *plan)
{
    bool sorted = rule->rewritten && rule->rewritten->child[SQL_QUERY_ORDER_BY];
    if (sorted)
        return plan->mode == MODE_TABLE ? RUN_IMPLICIT : RUN_EXPLICIT;
    return plan->light && rule->n_reads == 1 && plan->mode == MODE_STREAM ? RUN_IMPLICIT
                                                                          : RUN_UNORDERED;
}

/* The order in which a file gets its rows where nobody sorts them. */
static enum run_order order_of_branches(const struct run *run, const struct dataset *dataset)
{
    enum run_order order = RUN_UNORDERED;
    size_t n = 0;
    for (size_t i = 0; i < run->rules->n_rules; i++)
        if (run->rules->rules[i].dataset == dataset) {
            order = run->rule_plans[i].order;
            n++;
        }
    return n == 1 && order != RUN_UNORDERED ? RUN_IMPLICIT : RUN_UNORDERED;
}

const struct run_dataset *run_dataset_find(const struct run_result *result, struct str name)
{
    for (size_t i = 0; i < result->n_datasets; i++)
        if (str_eq(result->datasets[i].name, name))
            return &result->datasets[i];
    return NULL;
}

static enum rg_status plan_datasets(struct run *run, struct rg_error *err)
{
    const struct contracts *contracts = &run->rules->contracts;
    struct run_result *result = run->result;
    struct buffer keys = {0};
    result->datasets = ARENA_ARRAY(&result->arena, contracts->n_datasets + 1, struct run_dataset);
    bool failed = !result->datasets;
    for (size_t i = 0; i < contracts->n_datasets && !failed; i++) {
        const struct dataset *dataset = &contracts->datasets[i];
        if (dataset->layer != DATASET_PRODUCT)
            continue;
        struct run_dataset *plan = &result->datasets[result->n_datasets++];
        plan->name = arena_str(&result->arena, dataset->name);
        plan->tier = tier_of_dataset(&run->compile, dataset->name);
        plan->order = plan->tier == RG_TIER_FAST ? order_of_branches(run, dataset) : RUN_EXPLICIT;
        buffer_clear(&keys);
        if (plan->order == RUN_EXPLICIT)
            gate_print_order_keys(run, dataset, &keys);
        plan->keys = arena_str(&result->arena, buffer_view(&keys));
        plan->said =
            str_of(plan->order == RUN_EXPLICIT
                       ? arena_printf(&result->arena, "explicit: " STR_FMT, STR_ARG(plan->keys))
                       : run_order_name(plan->order));
        failed = keys.failed || !plan->name.ptr || !plan->keys.ptr || !plan->said.ptr;
    }
    buffer_fini(&keys);
    return failed ? error_no_memory(err, RUN_LAYER) : RG_OK;
}

/* --- All rules ---------------------------------------------------------------------------------
 */

enum rg_status plan_rules(struct run *run, struct rg_error *err)
{
    const struct rule_set *set = run->rules;
    run->rule_plans = ARENA_ARRAY(&run->arena, set->n_rules, struct rule_plan);
    run->relation_plans = ARENA_ARRAY(&run->arena, set->n_relations, struct relation_plan);
    if (!run->rule_plans || !run->relation_plans)
        return error_no_memory(err, RUN_LAYER);
    for (size_t i = 0; i < set->n_relations; i++) {
        const struct relation *relation = &set->relations[i];
        run->relation_plans[i].choose = needs_choice(run, relation);
        for (size_t r = 0; r < relation->n_rules; r++)
            if (!set->rules[relation->rules[r]].dataset)
                run->rule_plans[relation->rules[r]].mode = mode_of_intermediate(run, relation);
    }
    for (size_t i = 0; i < set->n_rules; i++) {
        const struct rule *rule = &set->rules[i];
        if (!rule->dataset)
            continue;
        run->rule_plans[i].light = is_light(run, rule);
        run->rule_plans[i].mode = mode_of_product(run, rule, run->rule_plans[i].light);
    }
    for (size_t i = 0; i < set->n_rules; i++)
        run->rule_plans[i].order = order_of_rule(&set->rules[i], &run->rule_plans[i]);
    return plan_datasets(run, err);
}
