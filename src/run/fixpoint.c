/* Fixpoints, semi-naively: a round finds what follows from the rows that the round before found,
 * and what is not there yet is what the next round starts from. */
#include "run/run_inside.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/limits.h"
#include "compile/rule_script.h"

#define ROUND_COLUMN "\"fixpoint:round\""

struct fixpoint {
    struct run *run;
    const struct rule_group *group;
    struct buffer sql;
    unsigned round;
};

/* The table of a relation's rows, each with the round that found it. Rounds follow each other in
 * it, so that those of the last one are a few row groups for the engine. */
static void print_table(const struct relation *relation, struct buffer *out)
{
    buffer_text(out, "work.fixpoint_");
    buffer_str(out, relation->name);
}

static const struct relation *relation_of(const struct fixpoint *fixpoint, size_t index)
{
    return &fixpoint->run->rules->relations[fixpoint->group->first_relation + index];
}

/* Rows of a rule, in the relation's shape. */
static void print_branch(const struct relation *relation, const struct rule *rule,
                         struct str select, bool *any, struct buffer *out)
{
    rule_print_part(relation, rule, select, *any ? "\nUNION SELECT " : "SELECT DISTINCT ", out);
    *any = true;
}

/* Whether the last round found rows of the relation; the steps of others have nothing to do. */
static bool grew(const struct fixpoint *fixpoint, const bool *fresh, struct str name)
{
    for (size_t i = 0; i < fixpoint->group->n_relations; i++)
        if (str_eq(relation_of(fixpoint, i)->name, name))
            return fresh[i];
    return !name.ptr;
}

/* What a rule finds in this round. */
static void print_rule(struct fixpoint *fixpoint, const struct relation *relation,
                       const struct rule *rule, const bool *fresh, bool *any, struct buffer *out)
{
    if (fixpoint->round == 0) {
        if (rule->start.ptr)
            print_branch(relation, rule, rule->start, any, out);
        return;
    }
    for (size_t i = 0; i < rule->n_steps; i++)
        if (grew(fixpoint, fresh, rule->steps[i].reads_new))
            print_branch(relation, rule, rule->steps[i].sql, any, out);
}

/* The rows that the last round found, under the names by which steps read them. Plain text, not a
 * view: a view a round would be a transaction a round. */
static void print_new_rows(const struct fixpoint *fixpoint, struct buffer *out)
{
    for (size_t i = 0; fixpoint->round && i < fixpoint->group->n_relations; i++) {
        const struct relation *relation = relation_of(fixpoint, i);
        buffer_text(out, i ? ",\n" RULE_NEW_PREFIX : "WITH " RULE_NEW_PREFIX);
        buffer_str(out, relation->name);
        buffer_text(out, " AS NOT MATERIALIZED (SELECT ");
        rule_print_columns(relation, "", out);
        buffer_text(out, " FROM ");
        print_table(relation, out);
        buffer_printf(out, " WHERE " ROUND_COLUMN " = %u)", fixpoint->round - 1);
    }
    buffer_text(out, fixpoint->round ? "\n" : "");
}

/* Of what was found the rows that are new. */
static void print_anti_join(const struct relation *relation, struct buffer *out)
{
    buffer_text(out, " AS f ANTI JOIN ");
    print_table(relation, out);
    buffer_text(out, " AS a ON ");
    for (size_t i = 0; i < relation->n_columns; i++) {
        buffer_text(out, i ? " AND f." : "f.");
        buffer_sql_name(out, relation->columns[i].name);
        buffer_text(out, " IS NOT DISTINCT FROM a.");
        buffer_sql_name(out, relation->columns[i].name);
    }
}

/* A step on behalf of the relation. */
static struct step step_of(const struct fixpoint *fixpoint, const struct relation *relation,
                           enum step_kind kind)
{
    return (struct step){kind, .rule = fixpoint->run->rules->rules[relation->rules[0]].name};
}

static enum rg_status set_up(struct fixpoint *fixpoint, struct rg_error *err)
{
    enum rg_status status = RG_OK;
    for (size_t i = 0; i < fixpoint->group->n_relations && !status; i++) {
        const struct relation *relation = relation_of(fixpoint, i);
        struct step all = step_of(fixpoint, relation, STEP_TABLE);
        print_table(relation, &all.name);
        buffer_text(&all.select, "SELECT ");
        for (size_t c = 0; c < relation->n_columns; c++) {
            buffer_text(&all.select, "CAST(NULL AS ");
            buffer_str(&all.select, relation->columns[c].type);
            buffer_text(&all.select, ") AS ");
            buffer_sql_name(&all.select, relation->columns[c].name);
            buffer_text(&all.select, ", ");
        }
        buffer_text(&all.select, "CAST(0 AS INTEGER) AS " ROUND_COLUMN " WHERE false");
        status = run_step(fixpoint->run, &all, err);
        if (status)
            break;
        struct step view = step_of(fixpoint, relation, STEP_VIEW);
        buffer_sql_name(&view.name, relation->name);
        buffer_text(&view.select, "SELECT ");
        rule_print_columns(relation, "", &view.select);
        buffer_text(&view.select, " FROM ");
        print_table(relation, &view.select);
        status = run_step(fixpoint->run, &view, err);
    }
    return status;
}

/* One statement finds the new rows of a relation and keeps them. Relations behind it see them
 * already, and again as new ones in the next round: what follows from a row may be found twice,
 * and nothing is missed. */
static enum rg_status find_rows(struct fixpoint *fixpoint, const struct relation *relation,
                                const bool *fresh, bool *out_any, struct rg_error *err)
{
    const struct rule_set *set = fixpoint->run->rules;
    struct step insert = step_of(fixpoint, relation, STEP_INSERT);
    struct buffer *select = &insert.select;
    bool any = false;
    print_table(relation, &insert.name);
    print_new_rows(fixpoint, select);
    buffer_text(select, "SELECT ");
    rule_print_columns(relation, "f.", select);
    buffer_printf(select, ", %u FROM (", fixpoint->round);
    for (size_t r = 0; r < relation->n_rules; r++)
        print_rule(fixpoint, relation, &set->rules[relation->rules[r]], fresh, &any, select);
    buffer_char(select, ')');
    print_anti_join(relation, select);
    *out_any = false;
    if (!any) {
        buffer_fini(&insert.name);
        buffer_fini(select);
        return RG_OK;
    }
    enum rg_status status = run_step(fixpoint->run, &insert, err);
    *out_any = insert.rows > 0;
    return status;
}

/* A round over all relations; fresh[]: which the last one found rows of, and then this one. */
static enum rg_status run_round(struct fixpoint *fixpoint, bool *fresh, bool *out_any,
                                struct rg_error *err)
{
    bool *found = fresh + fixpoint->group->n_relations;
    enum rg_status status = RG_OK;
    *out_any = false;
    for (size_t i = 0; i < fixpoint->group->n_relations && !status; i++) {
        status = find_rows(fixpoint, relation_of(fixpoint, i), fresh, &found[i], err);
        *out_any = *out_any || found[i];
    }
    memcpy(fresh, found, fixpoint->group->n_relations * sizeof *fresh);
    fixpoint->round++;
    return status;
}

/* New rows that one rule would find in the next round. */
static enum rg_status count_growth(struct fixpoint *fixpoint, const struct relation *relation,
                                   const struct rule *rule, const bool *fresh, int64_t *out_rows,
                                   struct rg_error *err)
{
    struct buffer *sql = &fixpoint->sql;
    bool any = false;
    enum rg_status status = RG_OK;
    *out_rows = 0;
    print_new_rows(fixpoint, sql);
    buffer_text(sql, "SELECT count(*) FROM (");
    print_rule(fixpoint, relation, rule, fresh, &any, sql);
    buffer_char(sql, ')');
    print_anti_join(relation, sql);
    if (any)
        status = sql->failed ? error_no_memory(err, RUN_LAYER)
                             : store_int64(fixpoint->run->store, buffer_view(sql), out_rows, err);
    buffer_clear(sql);
    return status;
}

/* The bound is reached: which rules go on finding rows? */
static enum rg_status fail_growing(struct fixpoint *fixpoint, const bool *fresh,
                                   struct rg_error *err)
{
    char list[512] = "";
    size_t used = 0;
    const struct rule *first = NULL;
    for (size_t i = 0; i < fixpoint->group->n_relations; i++) {
        const struct relation *relation = relation_of(fixpoint, i);
        for (size_t r = 0; r < relation->n_rules; r++) {
            const struct rule *rule = &fixpoint->run->rules->rules[relation->rules[r]];
            int64_t rows = 0;
            enum rg_status status = count_growth(fixpoint, relation, rule, fresh, &rows, err);
            if (status)
                return status;
            if (!rows)
                continue;
            first = first ? first : rule;
            if (used < sizeof list)
                used += (size_t)snprintf(list + used, sizeof list - used,
                                         "%s" STR_FMT " (%" PRId64 " new %s)", used ? ", " : "",
                                         STR_ARG(rule->name), rows, rows == 1 ? "row" : "rows");
        }
    }
    enum rg_status status = error_set(err, RG_ERR_LIMIT, RUN_LAYER,
                                      "the fixpoint " STR_FMT " still grows after %u rounds: %s",
                                      STR_ARG(fixpoint->group->name), fixpoint->round, list);
    error_hint(err, "a rule that makes values which were not there, as x + 1 does, never ends: "
                    "bound them in its WHERE");
    if (first)
        run_blame(first, err);
    return status;
}

/* Time and rows are told of the first rule of each relation: who found a row first means nothing.
 */
static enum rg_status tell(struct fixpoint *fixpoint, double seconds, struct rg_error *err)
{
    struct run *run = fixpoint->run;
    for (size_t i = 0; i < fixpoint->group->n_relations; i++) {
        const struct relation *relation = relation_of(fixpoint, i);
        struct rule_plan *plan = &run->rule_plans[relation->rules[0]];
        int64_t rows = 0;
        buffer_text(&fixpoint->sql, "SELECT count(*) FROM ");
        print_table(relation, &fixpoint->sql);
        enum rg_status status =
            fixpoint->sql.failed ? error_no_memory(err, RUN_LAYER)
                                 : store_int64(run->store, buffer_view(&fixpoint->sql), &rows, err);
        buffer_clear(&fixpoint->sql);
        if (status)
            return status;
        plan->rows = (uint64_t)rows;
        plan->seconds = i ? 0 : seconds;
    }
    for (size_t i = 0; i < fixpoint->group->n_rules; i++)
        run->rule_plans[fixpoint->group->rules[i]].done = true;
    return RG_OK;
}

enum rg_status fixpoint_run(struct run *run, const struct rule_group *group, struct rg_error *err)
{
    struct fixpoint fixpoint = {.run = run, .group = group};
    double began = clock_seconds();
    unsigned rounds_max = run->request->fixpoint_rounds_max ? run->request->fixpoint_rounds_max
                                                            : LIMIT_FIXPOINT_ROUNDS;
    bool *fresh = ARENA_ARRAY(&run->arena, 2 * group->n_relations, bool), any = true;
    enum rg_status status = fresh ? set_up(&fixpoint, err) : error_no_memory(err, RUN_LAYER);
    while (!status && any) {
        status = events_check(&run->request->session->events, err);
        if (!status)
            status = run_round(&fixpoint, fresh, &any, err);
        if (!status && any && fixpoint.round > rounds_max)
            status = fail_growing(&fixpoint, fresh, err);
    }
    if (!status)
        status = tell(&fixpoint, clock_seconds() - began, err);
    if (status)
        run_blame(&run->rules->rules[group->rules[0]], err);
    buffer_fini(&fixpoint.sql);
    return status;
}
