/* Rules as scripts of a dialect: one statement a relation, in an order in which each comes behind
 * what it reads, and one a product dataset. What the finalize gate does is part of them. */
#ifndef COMPILE_RULE_SCRIPT_H
#define COMPILE_RULE_SCRIPT_H

#include "compile/rules.h"

struct rule_script {
    struct str name;       /* of the table that it makes; in the order of running */
    struct str sql;        /* ptr NULL: the dialect cannot say it */
    struct rg_error error; /* then why, with rule and place where one is at fault */
};

/* Scripts of the relations whose rules are chosen (chosen NULL: all), and of the product datasets
 * that they feed. Everything lives in the arena. */
RG_MUST_CHECK enum rg_status rule_set_scripts(const struct rule_set *set, enum sql_dialect dialect,
                                              const bool *chosen, struct arena *arena,
                                              struct rule_script **out_scripts,
                                              size_t *out_n_scripts, struct rg_error *err);
/* The SELECT of one rule in a dialect. */
RG_MUST_CHECK enum rg_status rule_print(const struct rule *rule, enum sql_dialect dialect,
                                        struct arena *arena, struct str *out_sql,
                                        struct rg_error *err);

#endif
