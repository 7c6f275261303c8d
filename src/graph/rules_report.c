/* rg_rules: what is known of rules, as JSON. */
#include "base/buffer.h"
#include "base/error.h"
#include "compile/rules.h"
#include "engine/session.h"
#include "base/json_build.h"
#include "base/options_read.h"

static const char layer[] = "rules";

static json_t *texts_json(const struct str *texts, size_t n)
{
    json_t *array = json_array();
    for (size_t i = 0; i < n; i++)
        json_add(&array, json_text(texts[i]));
    return array;
}

static json_t *emits_json(const struct rule *rule)
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

static json_t *rule_json(const struct rule *rule)
{
    return json_pack("{s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o}", "name", json_text(rule->name),
                     "file", json_text(rule->file), "built_in", (int)rule->built_in, "emits",
                     emits_json(rule), "resolution", json_text(rule->resolution), "layer",
                     json_text(rule->layer), "tags", texts_json(rule->tags, rule->n_tags), "why",
                     json_text(rule->audit.ptr ? rule->audit : rule->why));
}

enum rg_status rg_rules(struct rg_session *session, const struct rg_rules_request *request,
                        char **out_text, struct rg_error *err)
{
    struct rg_rules_request own;
    struct rule_set set = {.n_rules = 0};
    (void)session;
    *out_text = NULL;
    enum rg_status status = options_read(&own, sizeof own, request, "rg_rules_request", err);
    if (status)
        return status;
    status = rule_set_load(own.rule_folders, own.n_rule_folders, &set, err);
    if (!status) {
        json_t *rules = json_array();
        for (size_t i = 0; i < set.n_rules; i++)
            json_add(&rules, rule_json(&set.rules[i]));
        *out_text = json_take_text(json_pack("{s:o}", "rules", rules), JSON_INDENT(2));
        status = *out_text ? RG_OK : error_no_memory(err, layer);
    }
    rule_set_fini(&set);
    return status;
}
