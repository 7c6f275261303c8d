/* What the files behind rg_rules share: rules_report.c loads and dispatches; each action makes one
 * JSON object. */
#ifndef GRAPH_RULES_WORK_H
#define GRAPH_RULES_WORK_H

#include "base/json_build.h"
#include "compile/rule_select.h"
#include "compile/rules.h"
#include "run/rule_engine.h"

#define RULES_LAYER "rules"

struct rules_work {
    struct rg_session *session;
    const struct rg_rules_request *request; /* whole */
    struct arena arena;
    struct rule_set set;
    struct rule_engine engine; /* asked of opaque rules */
    struct rule_selection selection;
    json_t *result; /* of the action; NULL when memory is out */
};

/* Loads (with what `options` says of versions and going on), resolves and analyses a set. */
RG_MUST_CHECK enum rg_status rules_open_set(const struct rules_work *work,
                                            const struct rule_load_options *options,
                                            struct rule_engine *engine, struct rule_set *out_set,
                                            struct rg_error *err);

RG_MUST_CHECK enum rg_status rules_list(struct rules_work *work, struct rg_error *err);
RG_MUST_CHECK enum rg_status rules_check(struct rules_work *work, struct rg_error *err);
RG_MUST_CHECK enum rg_status rules_compile(struct rules_work *work, struct rg_error *err);
RG_MUST_CHECK enum rg_status rules_lineage(struct rules_work *work, struct rg_error *err);
RG_MUST_CHECK enum rg_status rules_diff(struct rules_work *work, struct rg_error *err);
RG_MUST_CHECK enum rg_status rules_test(struct rules_work *work, struct rg_error *err);
RG_MUST_CHECK enum rg_status rules_new(struct rules_work *work, struct rg_error *err);

/* What `changed` compares with: a folder of rules, or the manifest of a graph. */
RG_MUST_CHECK enum rg_status rules_select(struct rules_work *work, struct rg_error *err);

/* "edges CALL", "nodes LOCAL, MEMBER", "callee", "audit". */
json_t *rules_emits_json(const struct rule *rule);
json_t *rules_texts_json(const struct str *texts, size_t n);
/* {"rule", "file", "line", "column", "message", "hint", "excerpt"}; what is empty is left out. */
json_t *rules_place_json(const struct rg_error *place);

#endif
