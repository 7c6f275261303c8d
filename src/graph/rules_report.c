/* rg_rules: loads and compiles the rules, and has the action make its JSON. */
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/options_read.h"
#include "engine/session.h"
#include "graph/dataset_tiers.h"
#include "graph/rules_work.h"

/* --- JSON that actions share ---------------------------------------------------------------- */

json_t *rules_texts_json(const struct str *texts, size_t n)
{
    json_t *array = json_array();
    for (size_t i = 0; i < n; i++)
        json_add(&array, json_text(texts[i]));
    return array;
}

json_t *rules_emits_json(const struct rule *rule)
{
    struct buffer text = {0};
    buffer_str(&text, rule->audit.ptr ? STR("audit") : rule->emits_dataset);
    for (size_t i = 0; i < rule->n_emits_kinds; i++) {
        buffer_text(&text, i ? ", " : " ");
        buffer_str(&text, rule->emits_kinds[i]);
    }
    json_t *json = text.failed ? NULL : json_text(buffer_view(&text));
    buffer_fini(&text);
    return json;
}

static void put_text(json_t **object, const char *key, const char *value)
{
    if (value[0])
        json_put(object, str_of(key), json_text(str_of(value)));
}

json_t *rules_place_json(const struct rg_error *place)
{
    json_t *json = json_object();
    put_text(&json, "rule", place->rule);
    put_text(&json, "file", place->file);
    if (place->line)
        json_put(&json, STR("line"), json_integer(place->line));
    if (place->column)
        json_put(&json, STR("column"), json_integer(place->column));
    put_text(&json, "message", place->message);
    put_text(&json, "hint", place->hint);
    put_text(&json, "excerpt", place->excerpt);
    return json;
}

/* --- list ----------------------------------------------------------------------------------- */

static json_t *columns_json(const struct rule *rule)
{
    json_t *columns = json_array();
    for (size_t i = 0; i < rule->n_columns; i++) {
        json_t *column = json_pack("{s:o, s:o}", "name", json_text(rule->columns[i].name), "type",
                                   json_text(rule->columns[i].type));
        if (i < rule->fingerprints.n_columns)
            json_put(&column, STR("fingerprint"), json_text(str_of(rule->fingerprints.columns[i])));
        json_add(&columns, column);
    }
    return columns;
}

static json_t *required_json(const struct rule *rule)
{
    json_t *required = json_array();
    for (size_t i = 0; i < rule->n_required; i++)
        json_add(&required, json_sprintf(STR_FMT "." STR_FMT, STR_ARG(rule->required[i].relation),
                                         STR_ARG(rule->required[i].column)));
    return required;
}

static json_t *rule_json(const struct rule *rule)
{
    json_t *json = json_pack(
        "{s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:b}", "name", json_text(rule->name), "file",
        json_text(rule->file), "built_in", (int)rule->built_in, "emits", rules_emits_json(rule),
        "why", json_text(rule->audit.ptr ? rule->audit : rule->why), "tags",
        rules_texts_json(rule->tags, rule->n_tags), "reads",
        rules_texts_json(rule->reads, rule->n_reads), "opaque", (int)rule->opaque);
    const struct {
        const char *key;
        struct str value;
    } keys[] = {{"resolution", rule->resolution},
                {"layer", rule->layer},
                {"language", rule->language},
                {"fixpoint", rule->fixpoint}};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (keys[i].value.ptr)
            json_put(&json, str_of(keys[i].key), json_text(keys[i].value));
    json_put(&json, STR("columns"), columns_json(rule));
    json_put(&json, STR("required"), required_json(rule));
    json_put(&json, STR("fingerprint"), json_text(str_of(rule->fingerprint)));
    return json;
}

enum rg_status rules_list(struct rules_work *work, struct rg_error *err)
{
    json_t *rules = json_array();
    (void)err;
    for (size_t i = 0; i < work->set.n_rules; i++)
        if (work->selection.rules[i])
            json_add(&rules, rule_json(&work->set.rules[i]));
    for (size_t i = 0; i < work->set.n_audits; i++)
        if (work->selection.audits[i])
            json_add(&rules, rule_json(&work->set.audits[i]));
    work->result = json_pack("{s:o}", "rules", rules);
    return RG_OK;
}

/* --- The action ----------------------------------------------------------------------------- */

/* What an action needs before it begins. */
struct action_spec {
    enum rg_status (*run)(struct rules_work *work, struct rg_error *err);
    const char *operands; /* what they are */
    size_t n_min, n_max;
    bool loads;       /* the rules, which must be right */
    bool keeps_going; /* wrong ones are part of the result */
    bool selects;     /* operands are selectors */
    bool compiles;    /* as a build would */
};

static const struct action_spec action_specs[] = {
    [RG_RULES_LIST] = {rules_list, "selectors", 0, SIZE_MAX, true, false, true, false},
    [RG_RULES_CHECK] = {rules_check, "selectors", 0, SIZE_MAX, true, true, true, true},
    [RG_RULES_COMPILE] = {rules_compile, "selectors", 0, SIZE_MAX, true, false, true, true},
    [RG_RULES_LINEAGE] = {rules_lineage, "columns", 1, SIZE_MAX, true, false, false, false},
    [RG_RULES_DIFF] = {rules_diff, "two files or folders", 2, 2, false, false, false, false},
    [RG_RULES_TEST] = {rules_test, "selectors", 0, SIZE_MAX, true, false, true, false},
    [RG_RULES_NEW] = {rules_new, "a name", 1, 1, true, false, false, false},
};

enum rg_status rules_open_set(const struct rules_work *work,
                              const struct rule_load_options *options, struct rule_engine *engine,
                              struct rule_set *out_set, struct rg_error *err)
{
    enum rg_status status = rule_set_load_with(options, out_set, err);
    *engine = (struct rule_engine){.session = work->session, .contracts = &out_set->contracts};
    struct rule_oracle oracle = rule_engine_oracle(engine);
    if (!status)
        status = rule_set_resolve(out_set, &oracle, err);
    return status ? status : rule_set_analyse(out_set, err);
}

/* As a build in this session would have them; what is only looked at or tried keeps every column
 * and stands alone. */
static enum rg_status compile_set(struct rules_work *work, bool as_built, struct rg_error *err)
{
    const struct rg_rules_request *request = work->request;
    const char *dialect = request->dialect;
    struct rule_compile_options options = {.tier = RG_TIER_FAST, .keep_columns = true};
    const struct tier_request tiers = {.tier = request->tier,
                                       .datasets = request->dataset_tiers,
                                       .n_datasets = request->n_dataset_tiers};
    enum rg_status status =
        as_built ? compile_options_take(work->session, &tiers, &work->set, &options, err) : RG_OK;
    if (request->output || (dialect && strcmp(dialect, "duckdb") != 0)) {
        options.fuse = false; /* scripts are a table each */
        options.keep_columns = true;
    }
    return status ? status : rule_set_compile(&work->set, &options, err);
}

static enum rg_status run_action(struct rules_work *work, const struct action_spec *spec,
                                 struct rg_error *err)
{
    const struct rg_rules_request *request = work->request;
    struct rule_load_options options = {.folders = request->rule_folders,
                                        .n_folders = request->n_rule_folders,
                                        .keep_going = spec->keeps_going};
    enum rg_status status = RG_OK;
    if (request->n_operands < spec->n_min || request->n_operands > spec->n_max)
        return error_set(err, RG_ERR_USAGE, RULES_LAYER, "the action needs %s", spec->operands);
    if (spec->loads)
        status = rules_open_set(work, &options, &work->engine, &work->set, err);
    if (!status && spec->loads)
        status = compile_set(work, spec->compiles, err);
    if (!status && spec->selects)
        status = rules_select(work, err);
    return status ? status : spec->run(work, err);
}

enum rg_status rg_rules(struct rg_session *session, const struct rg_rules_request *request,
                        char **out_text, struct rg_error *err)
{
    struct rg_rules_request own;
    struct rg_error why = {.status = RG_OK};
    *out_text = NULL;
    enum rg_status status = options_read(&own, sizeof own, request, "rg_rules_request", err);
    if (status)
        return status;
    if ((size_t)own.action >= sizeof action_specs / sizeof *action_specs)
        return error_set(err, RG_ERR_USAGE, RULES_LAYER, "there is no such action on rules");
    struct rules_work work = {.session = session, .request = &own};
    status = run_action(&work, &action_specs[own.action], &why);
    if (!status) {
        *out_text = json_take_text(work.result, JSON_INDENT(2));
        status = *out_text ? RG_OK : error_no_memory(&why, RULES_LAYER);
    } else {
        json_decref(work.result);
    }
    if (status && err)
        *err = why;
    rule_engine_close(&work.engine);
    rule_set_fini(&work.set);
    arena_fini(&work.arena);
    return status;
}
