/* Lints: what is not wrong with a rule, but doubtful. */
#ifndef COMPILE_RULE_LINT_H
#define COMPILE_RULE_LINT_H

#include "compile/rules.h"

enum rule_severity {
    RULE_NOTE,   /* worth knowing: another dialect cannot say it */
    RULE_WARNING /* worth changing */
};

struct rule_finding {
    const struct rule *rule; /* or audit */
    const char *lint;        /* name of the lint, such as "unused_cte" */
    enum rule_severity severity;
    struct rg_error place; /* message, hint, rule, file, line, column, excerpt */
};

struct rule_findings {
    struct rule_finding *findings; /* by rule */
    size_t n;
};

/* The lints as a table, for documentation. */
struct rule_lint_spec {
    const char *name;
    enum rule_severity severity;
    const char *what;
};
extern const struct rule_lint_spec rule_lint_specs[];
extern const size_t rule_lint_specs_count;

/* Of an analysed set; broken rules are left out. */
RG_MUST_CHECK enum rg_status rule_set_lint(const struct rule_set *set, struct arena *arena,
                                           struct rule_findings *out_findings,
                                           struct rg_error *err);

#endif
