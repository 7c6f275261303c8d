/* rules lineage and rules diff as JSON. */
#include "base/error.h"
#include "compile/rule_diff.h"
#include "compile/rule_lineage.h"
#include "graph/rules_work.h"

/* --- Lineage -------------------------------------------------------------------------------- */

static json_t *origins_json(const struct sql_origins *origins)
{
    json_t *array = json_array();
    for (size_t i = 0; origins && i < origins->n; i++)
        json_add(&array, json_sprintf(STR_FMT "." STR_FMT, STR_ARG(origins->origins[i].relation),
                                      STR_ARG(origins->origins[i].column)));
    return array;
}

static json_t *lineage_json(const struct rule_lineage *lineage)
{
    json_t *steps = json_array();
    for (size_t i = 0; i < lineage->n_steps; i++) {
        const struct rule_lineage_step *step = &lineage->steps[i];
        json_add(&steps,
                 json_pack(
                     "{s:o, s:o, s:o, s:o, s:b}", "rule", json_text(step->rule->name), "column",
                     json_sprintf(STR_FMT "." STR_FMT, STR_ARG(step->table), STR_ARG(step->column)),
                     "value", origins_json(step->value), "control", origins_json(step->control),
                     "by_control", (int)step->by_control));
    }
    return json_pack("{s:o, s:o, s:o}", "value", origins_json(&lineage->value), "control",
                     origins_json(&lineage->control), "steps", steps);
}

enum rg_status rules_lineage(struct rules_work *work, struct rg_error *err)
{
    json_t *columns = json_array();
    enum rg_status status = RG_OK;
    for (size_t i = 0; i < work->request->n_operands && !status; i++) {
        struct rule_lineage down, up;
        struct str name = str_of(work->request->operands[i]);
        status = rule_lineage_down(&work->set, name, &work->arena, &down, err);
        if (!status)
            status = rule_lineage_up(&work->set, name, &work->arena, &up, err);
        if (!status)
            json_add(&columns, json_pack("{s:o, s:o, s:o}", "column", json_text(name), "from",
                                         lineage_json(&down), "to", lineage_json(&up)));
    }
    work->result = json_pack("{s:o}", "columns", columns);
    return status;
}

/* --- Diff ----------------------------------------------------------------------------------- */

static const char *const change_names[] = {
    [RULE_UNCHANGED] = "unchanged", [RULE_DOCUMENTATION] = "documentation only",
    [RULE_CHANGED] = "changed",     [RULE_ADDED] = "added",
    [RULE_REMOVED] = "removed",
};

static const char *const column_change_names[] = {[SQL_SAME] = "same",
                                                  [SQL_CHANGED] = "changed",
                                                  [SQL_ADDED] = "added",
                                                  [SQL_REMOVED] = "removed"};

static json_t *difference_json(const struct rule_difference *difference)
{
    const struct rule *rule = difference->after ? difference->after : difference->before;
    json_t *columns = json_array();
    for (size_t i = 0; i < difference->n_columns; i++)
        json_add(&columns, json_pack("{s:o, s:s}", "name", json_text(difference->columns[i].name),
                                     "change", column_change_names[difference->columns[i].change]));
    return json_pack("{s:o, s:s, s:b, s:b, s:b, s:o}", "rule", json_text(rule->name), "change",
                     change_names[difference->change], "header_changed",
                     (int)difference->header_changed, "rows_changed", (int)difference->rows_changed,
                     "opaque", (int)difference->opaque, "columns", columns);
}

static json_t *diff_json(const struct rule_set_diff *diff)
{
    json_t *rules = json_array(), *affected = json_array();
    size_t unchanged = 0;
    for (size_t i = 0; i < diff->n_rules; i++)
        if (diff->rules[i].change == RULE_UNCHANGED)
            unchanged++;
        else
            json_add(&rules, difference_json(&diff->rules[i]));
    for (size_t i = 0; i < diff->n_affected; i++)
        json_add(
            &affected,
            json_pack("{s:o, s:b, s:o}", "rule", json_text(diff->affected[i].rule->name), "rows",
                      (int)diff->affected[i].rows, "columns",
                      rules_texts_json(diff->affected[i].columns, diff->affected[i].n_columns)));
    return json_pack("{s:I, s:o, s:o}", "unchanged", (json_int_t)unchanged, "rules", rules,
                     "affected", affected);
}

enum rg_status rules_diff(struct rules_work *work, struct rg_error *err)
{
    struct rule_engine engines[2] = {{.store = NULL}, {.store = NULL}};
    struct rule_set sets[2] = {{.n_rules = 0}, {.n_rules = 0}};
    struct rule_set_diff diff;
    enum rg_status status = RG_OK;
    for (size_t i = 0; i < 2 && !status; i++) {
        struct rule_load_options options = {.folders = work->request->rule_folders,
                                            .n_folders = work->request->n_rule_folders,
                                            .versions = &work->request->operands[i],
                                            .n_versions = 1};
        status = rules_open_set(work, &options, &engines[i], &sets[i], err);
    }
    if (!status)
        status = rule_set_compare(&sets[0], &sets[1], &work->arena, &diff, err);
    if (!status)
        work->result = diff_json(&diff);
    for (size_t i = 0; i < 2; i++) {
        rule_engine_close(&engines[i]);
        rule_set_fini(&sets[i]);
    }
    return status;
}
