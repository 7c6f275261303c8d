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

/* Rows of a rule's table, all or those that were rejected. */
static enum rg_status count_rows(struct run *run, const struct rule *rule, const char *condition,
                                 int64_t *out_rows, struct rg_error *err)
{
    struct buffer sql = {0};
    buffer_text(&sql, "SELECT count(*) FROM ");
    rule_print_table(rule, &sql);
    buffer_text(&sql, condition);
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
    struct buffer sql = {0};
    int64_t rejected = 0;
    enum rg_status status = count_rows(run, rule, " WHERE gate_code IS NOT NULL", &rejected, err);
    if (status || rejected == 0)
        goto out;
    plan->rejected = (uint64_t)rejected;
    plan->rows -= plan->rejected;
    buffer_text(&sql, "INSERT INTO " ERRORS_TABLE " SELECT ");
    buffer_sql_text(&sql, rule->emits_dataset);
    buffer_text(&sql, ", ");
    buffer_sql_text(&sql, rule->name);
    buffer_text(&sql, ", gate_code, gate_row FROM ");
    rule_print_table(rule, &sql);
    buffer_text(&sql, " WHERE gate_code IS NOT NULL; DELETE FROM ");
    rule_print_table(rule, &sql);
    buffer_text(&sql, " WHERE gate_code IS NOT NULL");
    status = run_sql(run, &sql, err);
    events_message(&run->request->session->events, RG_EVENT_WARNING, "rules",
                   "rule " STR_FMT ": %llu rows break the contract of " STR_FMT,
                   STR_ARG(rule->name), (unsigned long long)rejected, STR_ARG(rule->emits_dataset));
    if (!status && run->request->strict) {
        status = error_set(err, RG_ERR_RULE, RUN_LAYER, "%llu rows break the contract of " STR_FMT,
                           (unsigned long long)rejected, STR_ARG(rule->emits_dataset));
        error_hint(err, "without --strict they are left out and recorded in " STR_FMT "_errors",
                   STR_ARG(rule->emits_dataset));
    }
out:
    buffer_fini(&sql);
    return status;
}

enum rg_status rule_run_table(struct run *run, size_t index, struct rg_error *err)
{
    const struct rule *rule = &run->rules->rules[index];
    struct rule_plan *plan = &run->rule_plans[index];
    struct buffer sql = {0};
    double began = clock_seconds();
    RG_ASSERT(!plan->done);
    buffer_text(&sql, "CREATE OR REPLACE TABLE ");
    rule_print_table(rule, &sql);
    buffer_text(&sql, " AS ");
    if (rule->dataset) {
        gate_print_rows(run, rule, true, &sql);
    } else {
        buffer_text(&sql, "SELECT * FROM (\n");
        buffer_str(&sql, rule->compiled);
        buffer_text(&sql, "\n) AS r");
    }
    int64_t rows = 0;
    enum rg_status status = run_sql(run, &sql, err);
    if (!status)
        status = count_rows(run, rule, "", &rows, err);
    plan->rows = (uint64_t)rows;
    if (!status && rule->dataset)
        status = split_rejected(run, index, err);
    if (status)
        run_blame(rule, err);
    plan->done = true;
    plan->seconds = clock_seconds() - began;
    buffer_fini(&sql);
    return status;
}

static enum rg_status make_intermediate(struct run *run, const struct relation *relation,
                                        struct rg_error *err)
{
    struct buffer sql = {0};
    buffer_text(&sql, "CREATE OR REPLACE VIEW ");
    buffer_sql_name(&sql, relation->name);
    buffer_text(&sql, " AS ");
    for (size_t i = 0; i < relation->n_rules; i++) {
        const struct rule *rule = &run->rules->rules[relation->rules[i]];
        struct rule_plan *plan = &run->rule_plans[relation->rules[i]];
        if (i)
            buffer_text(&sql, " UNION ALL BY NAME ");
        if (plan->mode == MODE_VIEW) {
            buffer_text(&sql, "SELECT * FROM (\n");
            buffer_str(&sql, rule->compiled);
            buffer_text(&sql, "\n) AS r");
            plan->done = true;
        } else {
            buffer_text(&sql, "SELECT * FROM ");
            rule_print_table(rule, &sql);
        }
    }
    enum rg_status status = run_sql(run, &sql, err);
    if (status)
        run_blame(&run->rules->rules[relation->rules[0]], err);
    buffer_fini(&sql);
    return status;
}

/* One kind of a rule that streams several: the rule runs for this kind alone, bad rows left to the
 * stream. */
static enum rg_status make_kind_table(struct run *run, const struct relation *relation,
                                      struct rg_error *err)
{
    const struct rule *rule = &run->rules->rules[relation->rules[0]];
    struct buffer sql = {0};
    buffer_text(&sql, "CREATE OR REPLACE TABLE ");
    relation_print_table(relation, &sql);
    buffer_text(&sql, " AS SELECT ");
    gate_print_columns(rule->dataset, "", &sql);
    buffer_text(&sql, " FROM (");
    gate_print_rows(run, rule, true, &sql);
    buffer_text(&sql, ") WHERE gate_code IS NULL AND kind = ");
    buffer_sql_text(&sql, relation->kind);
    enum rg_status status = run_sql(run, &sql, err);
    if (status)
        run_blame(rule, err);
    buffer_fini(&sql);
    return status;
}

static enum rg_status make_best_table(struct run *run, const struct relation *relation,
                                      struct rg_error *err)
{
    struct buffer sql = {0};
    buffer_text(&sql, "CREATE OR REPLACE TABLE ");
    relation_print_table(relation, &sql);
    buffer_text(&sql, " AS ");
    gate_print_best(run, relation, &sql);
    enum rg_status status = run_sql(run, &sql, err);
    if (status)
        run_blame(&run->rules->rules[relation->rules[0]], err);
    buffer_fini(&sql);
    return status;
}

/* The view under the relation's name, for the rules that read it. */
static enum rg_status make_product_view(struct run *run, const struct relation *relation,
                                        bool own_table, struct rg_error *err)
{
    struct buffer sql = {0};
    buffer_text(&sql, "CREATE OR REPLACE VIEW ");
    buffer_sql_name(&sql, relation->name);
    buffer_text(&sql, " AS ");
    for (size_t i = 0; i < (own_table ? 1 : relation->n_rules); i++) {
        const struct rule *rule = &run->rules->rules[relation->rules[i]];
        buffer_text(&sql, i ? " UNION ALL SELECT " : "SELECT ");
        gate_print_exposed(rule->dataset, &sql);
        buffer_text(&sql, " FROM ");
        if (own_table) {
            relation_print_table(relation, &sql);
        } else {
            rule_print_table(rule, &sql);
            if (rule->n_emits_kinds > 1) {
                buffer_text(&sql, " WHERE kind = ");
                buffer_sql_text(&sql, relation->kind);
            }
        }
    }
    enum rg_status status = run_sql(run, &sql, err);
    buffer_fini(&sql);
    return status;
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
    bool product = set->rules[relation->rules[0]].dataset != NULL;
    if (!status && product)
        status = make_product(run, index, err);
    else if (!status && relation->n_readers)
        status = make_intermediate(run, relation, err);
    return status;
}
