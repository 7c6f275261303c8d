/* Runs rules: each into a table or a view, and over them the relations that other rules read. */
#include "run/run_inside.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/error.h"

void rule_print_table(const struct rule *rule, struct buffer *out)
{
    buffer_text(out, "work.rule_");
    buffer_str(out, rule->name);
}

void relation_print_table(const struct relation *relation, struct buffer *out)
{
    buffer_text(out, "work.relation_");
    buffer_str(out, relation->name);
}

void run_blame(const struct rule *rule, struct rg_error *err)
{
    char name[64], file[256];
    if (!err || err->rule[0])
        return;
    snprintf(name, sizeof name, STR_FMT, STR_ARG(rule->name));
    snprintf(file, sizeof file, STR_FMT, STR_ARG(rule->file));
    error_rule(err, name);
    error_place(err, file, 0, 0); /* lines are those of the statement around it */
}

enum rg_status run_sql(struct run *run, struct buffer *sql, struct rg_error *err)
{
    enum rg_status status = sql->failed ? error_no_memory(err, RUN_LAYER)
                                        : store_exec(run->store, buffer_view(sql), err);
    buffer_clear(sql);
    return status;
}

static enum rg_status count_rejected(struct run *run, const struct rule *rule, int64_t *out_rows,
                                     struct rg_error *err)
{
    struct buffer sql = {0};
    buffer_text(&sql, "SELECT count(gate_code) FROM ");
    rule_print_table(rule, &sql);
    enum rg_status status = sql.failed ? error_no_memory(err, RUN_LAYER)
                                       : store_int64(run->store, buffer_view(&sql), out_rows, err);
    buffer_fini(&sql);
    return status;
}

/* Moves what the gate rejected of a rule into the table of errors. */
static enum rg_status split_rejected(struct run *run, size_t index, struct rg_error *err)
{
    const struct rule *rule = &run->rules->rules[index];
    struct rule_plan *plan = &run->rule_plans[index];
    struct step move = {.kind = STEP_INSERT, .rule = rule->name};
    struct step drop = {.kind = STEP_REJECT, .rule = rule->name};
    int64_t rejected = 0;
    enum rg_status status = count_rejected(run, rule, &rejected, err);
    if (status || rejected == 0)
        return status;
    plan->rejected = (uint64_t)rejected;
    plan->rows -= plan->rejected;
    buffer_text(&move.name, ERRORS_TABLE);
    buffer_text(&move.select, "SELECT ");
    buffer_sql_text(&move.select, rule->emits_dataset);
    buffer_text(&move.select, ", ");
    buffer_sql_text(&move.select, rule->name);
    buffer_text(&move.select, ", gate_code, gate_row FROM ");
    rule_print_table(rule, &move.select);
    buffer_text(&move.select, " WHERE gate_code IS NOT NULL");
    status = run_step(run, &move, err);
    if (!status) {
        rule_print_table(rule, &drop.name);
        status = run_step(run, &drop, err);
    }
    events_message(&run->request->session->events, RG_EVENT_WARNING, "rules",
                   "rule " STR_FMT ": %llu rows break the contract of " STR_FMT,
                   STR_ARG(rule->name), (unsigned long long)rejected, STR_ARG(rule->emits_dataset));
    if (!status && run->request->strict) {
        status =
            error_set(err, RG_ERR_CONTRACT, RUN_LAYER, "%llu rows break the contract of " STR_FMT,
                      (unsigned long long)rejected, STR_ARG(rule->emits_dataset));
        error_hint(err, "without --strict they are left out and recorded in " STR_FMT "_errors",
                   STR_ARG(rule->emits_dataset));
    }
    return status;
}

enum rg_status rule_run_table(struct run *run, size_t index, struct rg_error *err)
{
    const struct rule *rule = &run->rules->rules[index];
    struct rule_plan *plan = &run->rule_plans[index];
    struct step step = {.kind = STEP_TABLE, .rule = rule->name};
    double began = clock_seconds();
    RG_ASSERT(!plan->done);
    rule_print_table(rule, &step.name);
    if (rule->dataset) {
        gate_print_rows(run, rule, true, &step.select);
    } else {
        buffer_text(&step.select, "SELECT * FROM (\n");
        buffer_str(&step.select, rule->compiled);
        buffer_text(&step.select, "\n) AS r");
    }
    enum rg_status status = run_step(run, &step, err);
    plan->rows = step.rows;
    if (!status && rule->dataset && plan->rows)
        status = split_rejected(run, index, err);
    if (status)
        run_blame(rule, err);
    plan->done = true;
    plan->seconds = clock_seconds() - began;
    return status;
}

static enum rg_status make_intermediate(struct run *run, const struct relation *relation,
                                        struct rg_error *err)
{
    struct step step = {.kind = STEP_VIEW, .rule = run->rules->rules[relation->rules[0]].name};
    buffer_sql_name(&step.name, relation->name);
    for (size_t i = 0; i < relation->n_rules; i++) {
        const struct rule *rule = &run->rules->rules[relation->rules[i]];
        struct rule_plan *plan = &run->rule_plans[relation->rules[i]];
        if (i)
            buffer_text(&step.select, " UNION ALL BY NAME ");
        if (plan->mode == MODE_VIEW) {
            buffer_text(&step.select, "SELECT * FROM (\n");
            buffer_str(&step.select, rule->compiled);
            buffer_text(&step.select, "\n) AS r");
            plan->done = true;
        } else {
            buffer_text(&step.select, "SELECT * FROM ");
            rule_print_table(rule, &step.select);
        }
    }
    enum rg_status status = run_step(run, &step, err);
    if (status)
        run_blame(&run->rules->rules[relation->rules[0]], err);
    return status;
}

/* One kind of a rule that streams several: the rule runs for this kind alone, bad rows left to the
 * stream. */
static enum rg_status make_kind_table(struct run *run, const struct relation *relation,
                                      struct rg_error *err)
{
    const struct rule *rule = &run->rules->rules[relation->rules[0]];
    struct step step = {.kind = STEP_TABLE, .rule = rule->name};
    relation_print_table(relation, &step.name);
    buffer_text(&step.select, "SELECT ");
    gate_print_columns(rule->dataset, "", &step.select);
    buffer_text(&step.select, " FROM (");
    gate_print_rows(run, rule, true, &step.select);
    buffer_text(&step.select, ") WHERE gate_code IS NULL AND kind = ");
    buffer_sql_text(&step.select, relation->kind);
    enum rg_status status = run_step(run, &step, err);
    if (status)
        run_blame(rule, err);
    return status;
}

static enum rg_status make_best_table(struct run *run, const struct relation *relation,
                                      struct rg_error *err)
{
    const struct rule *first = &run->rules->rules[relation->rules[0]];
    struct step step = {.kind = STEP_TABLE, .rule = first->name};
    relation_print_table(relation, &step.name);
    gate_print_best(run, relation, &step.select);
    enum rg_status status = run_step(run, &step, err);
    if (status)
        run_blame(first, err);
    return status;
}

/* The view under the relation's name, for the rules that read it. */
static enum rg_status make_product_view(struct run *run, const struct relation *relation,
                                        bool own_table, struct rg_error *err)
{
    struct step step = {.kind = STEP_VIEW, .rule = run->rules->rules[relation->rules[0]].name};
    buffer_sql_name(&step.name, relation->name);
    for (size_t i = 0; i < (own_table ? 1 : relation->n_rules); i++) {
        const struct rule *rule = &run->rules->rules[relation->rules[i]];
        buffer_text(&step.select, i ? " UNION ALL SELECT " : "SELECT ");
        gate_print_exposed(rule->dataset, &step.select);
        buffer_text(&step.select, " FROM ");
        if (own_table) {
            relation_print_table(relation, &step.select);
        } else {
            rule_print_table(rule, &step.select);
            if (rule->n_emits_kinds > 1) {
                buffer_text(&step.select, " WHERE kind = ");
                buffer_sql_text(&step.select, relation->kind);
            }
        }
    }
    return run_step(run, &step, err);
}

static enum rg_status make_product(struct run *run, size_t index, struct rg_error *err)
{
    const struct relation *relation = &run->rules->relations[index];
    bool own_table = run->relation_plans[index].choose;
    enum rg_status status = RG_OK;
    if (own_table) {
        status = make_best_table(run, relation, err);
    } else if (relation->n_readers && run->rule_plans[relation->rules[0]].mode == MODE_STREAM) {
        own_table = true;
        status = make_kind_table(run, relation, err);
    }
    if (!status && relation->n_readers)
        status = make_product_view(run, relation, own_table, err);
    return status;
}

enum rg_status relation_make(struct run *run, size_t index, struct rg_error *err)
{
    const struct rule_set *set = run->rules;
    const struct relation *relation = &set->relations[index];
    enum rg_status status = RG_OK;
    if (relation->group >= 0) { /* the first of a group makes all */
        const struct rule_group *group = &set->groups[relation->group];
        bool runs = run->rule_plans[relation->rules[0]].mode == MODE_FIXPOINT;
        return index == group->first_relation && runs ? fixpoint_run(run, group, err) : RG_OK;
    }
    for (size_t r = 0; r < relation->n_rules && !status; r++) {
        const struct rule_plan *plan = &run->rule_plans[relation->rules[r]];
        if (plan->mode == MODE_TABLE && !plan->done)
            status = rule_run_table(run, relation->rules[r], err);
    }
    run->rule_plans[relation->rules[0]].done |=
        run->rule_plans[relation->rules[0]].mode == MODE_FUSED;
    bool product = set->rules[relation->rules[0]].dataset != NULL;
    if (!status && product)
        status = make_product(run, index, err);
    else if (!status && relation->n_readers &&
             run->rule_plans[relation->rules[0]].mode != MODE_FUSED)
        status = make_intermediate(run, relation, err);
    return status;
}
