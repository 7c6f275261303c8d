/* rules check: everything that is wrong or doubtful; and which rules a selector means. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "compile/rule_lint.h"
#include "graph/rules_work.h"

/* --- Selecting ------------------------------------------------------------------------------ */

/* The version that `changed` compares with: fingerprints by rule, or hashes of texts. */
struct other_version {
    struct rule_set set;
    struct rule_engine engine;
    json_t *manifest; /* of a graph; NULL: the set is it */
};

static const char *manifest_hash(const json_t *manifest, struct str name)
{
    size_t index;
    json_t *rule;
    json_array_foreach(json_object_get(manifest, "rules"), index, rule)
    {
        const char *text = json_string_value(json_object_get(rule, "name"));
        if (text && str_is(name, text))
            return json_string_value(json_object_get(rule, "sha256"));
    }
    return NULL;
}

static bool is_changed(void *context, const struct rule *rule)
{
    const struct other_version *other = context;
    if (other->manifest) {
        const char *hash = manifest_hash(other->manifest, rule->name);
        return !rule->audit.ptr && (!hash || strcmp(hash, rule->sha256) != 0);
    }
    const struct rule *list = rule->audit.ptr ? other->set.audits : other->set.rules;
    size_t n = rule->audit.ptr ? other->set.n_audits : other->set.n_rules;
    for (size_t i = 0; i < n; i++)
        if (str_eq(list[i].name, rule->name))
            return strcmp(list[i].fingerprint, rule->fingerprint) != 0;
    return true;
}

static enum rg_status read_manifest(const char *graph, json_t **out_manifest, struct rg_error *err)
{
    json_error_t where;
    char *path = path_join(graph, "current/manifest.json"), *text = NULL;
    size_t size = 0;
    enum rg_status status = path ? RG_OK : error_no_memory(err, RULES_LAYER);
    if (!status && path_exists(path)) {
        status = file_read(path, (size_t)1 << 30, false, &text, &size, err);
        *out_manifest = status ? NULL : json_of_text(text, size, &where);
        if (!status && !*out_manifest)
            status = error_set(err, RG_ERR_CORRUPT, RULES_LAYER, "%s is no manifest", path);
    }
    free(text);
    free(path);
    return status;
}

static enum rg_status open_other(struct rules_work *work, struct other_version *other,
                                 struct rg_error *err)
{
    const char *since = work->request->since;
    enum rg_status status = read_manifest(since, &other->manifest, err);
    if (status || other->manifest)
        return status;
    if (!path_exists(since))
        return error_set(err, RG_ERR_NOT_FOUND, RULES_LAYER,
                         "%s is neither a graph nor a folder of rules", since);
    struct rule_load_options options = {.versions = &since, .n_versions = 1};
    return rules_open_set(work, &options, &other->engine, &other->set, err);
}

/* A rule that could not be loaded can be named all the same: what is wrong with it is the result.
 */
static bool names_problem(const struct rules_work *work, const char *selector)
{
    for (size_t i = 0; i < work->set.n_problems; i++)
        if (strcmp(work->set.problems[i].rule, selector) == 0 &&
            rule_set_find(&work->set, str_of(selector)) < 0)
            return true;
    return false;
}

static enum rg_status select_rules(struct rules_work *work, struct rule_select_options *options,
                                   struct rg_error *err)
{
    size_t n = work->request->n_operands;
    const char **selectors = ARENA_ARRAY(&work->arena, n + 1, const char *);
    if (!selectors)
        return error_no_memory(err, RULES_LAYER);
    for (size_t i = 0; i < n; i++)
        if (!names_problem(work, work->request->operands[i]))
            selectors[options->n_selectors++] = work->request->operands[i];
    options->selectors = selectors;
    enum rg_status status = rule_select(&work->set, options, &work->arena, &work->selection, err);
    if (!status && n && !options->n_selectors) {
        memset(work->selection.rules, false, work->set.n_rules);
        memset(work->selection.audits, false, work->set.n_audits);
    }
    return status;
}

enum rg_status rules_select(struct rules_work *work, struct rg_error *err)
{
    struct other_version other = {.manifest = NULL};
    struct rule_select_options options = {.selectors = NULL};
    enum rg_status status = RG_OK;
    if (work->request->since) {
        status = open_other(work, &other, err);
        options.changed = is_changed;
        options.context = &other;
    }
    if (!status)
        status = select_rules(work, &options, err);
    rule_engine_close(&other.engine);
    rule_set_fini(&other.set);
    json_decref(other.manifest);
    return status;
}

/* --- Checking ------------------------------------------------------------------------------- */

static bool is_selected(const struct rules_work *work, const struct rule *rule)
{
    return rule->audit.ptr ? work->selection.audits[rule - work->set.audits]
                           : work->selection.rules[rule - work->set.rules];
}

/* A rule that broke while it was loaded is in no list: it is told whatever was selected. */
static bool is_told(const struct rules_work *work, const char *name)
{
    long index = rule_set_find(&work->set, str_of(name));
    for (size_t i = 0; i < work->set.n_audits && index < 0; i++)
        if (str_is(work->set.audits[i].name, name))
            return work->selection.audits[i];
    return index < 0 || work->selection.rules[index];
}

static void put_findings(const struct rules_work *work, const struct rule_findings *findings,
                         enum rule_severity severity, json_t **list)
{
    for (size_t i = 0; i < findings->n; i++) {
        const struct rule_finding *finding = &findings->findings[i];
        if (finding->severity != severity || !is_selected(work, finding->rule))
            continue;
        json_t *json = rules_place_json(&finding->place);
        json_put(&json, STR("lint"), json_string(finding->lint));
        json_add(list, json);
    }
}

static size_t count_selected(const struct rules_work *work)
{
    size_t n = 0;
    for (size_t i = 0; i < work->set.n_rules; i++)
        n += work->selection.rules[i];
    for (size_t i = 0; i < work->set.n_audits; i++)
        n += work->selection.audits[i];
    return n;
}

enum rg_status rules_check(struct rules_work *work, struct rg_error *err)
{
    struct rule_findings findings;
    json_t *errors = json_array(), *warnings = json_array(), *notes = json_array();
    enum rg_status status = rule_set_lint(&work->set, &work->arena, &findings, err);
    for (size_t i = 0; i < work->set.n_problems && !status; i++)
        if (is_told(work, work->set.problems[i].rule))
            json_add(&errors, rules_place_json(&work->set.problems[i]));
    if (!status) {
        put_findings(work, &findings, RULE_WARNING, &warnings);
        put_findings(work, &findings, RULE_NOTE, &notes);
    }
    work->result = json_pack("{s:I, s:o, s:o, s:o}", "rules", (json_int_t)count_selected(work),
                             "errors", errors, "warnings", warnings, "notes", notes);
    return status;
}
