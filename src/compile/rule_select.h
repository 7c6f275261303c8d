/* Selectors: which rules of a set are meant. */
#ifndef COMPILE_RULE_SELECT_H
#define COMPILE_RULE_SELECT_H

#include "compile/rules.h"

struct rule_selection {
    bool *rules;  /* one a rule of the set */
    bool *audits; /* one an audit */
};

struct rule_select_options {
    const char *const *selectors; /* none: everything */
    size_t n_selectors;
    /* For `changed`: whether a rule differs from its other version; NULL: there is none. */
    bool (*changed)(void *context, const struct rule *rule);
    void *context;
};

/* A selector is a rule's name or a relation's (then all rules that emit it), tag:x, layer:x,
 * language:x, emits:edges, emits:edges_call, or changed; + before it adds all that it reads, at any
 * distance, + behind it all that read it. RG_ERR_NOT_FOUND for what selects nothing, with what may
 * have been meant. Of a resolved set; the arrays live in the arena. */
RG_MUST_CHECK enum rg_status rule_select(const struct rule_set *set,
                                         const struct rule_select_options *options,
                                         struct arena *arena, struct rule_selection *out_selection,
                                         struct rg_error *err);

#endif
