/* Rules as scripts of a dialect: one statement a relation, in an order in which each comes behind
 * what it reads, and one a product dataset. What the finalize gate does is part of them. */
#ifndef COMPILE_RULE_SCRIPT_H
#define COMPILE_RULE_SCRIPT_H

#include "base/buffer.h"
#include "compile/rules.h"

/* A fixpoint that is no recursive query of the dialect: plain statements, which a driver runs.
 * Those of `start` once, those of `round` again and again until every query of `count` says 0, then
 * those of `end`. */
enum rule_loop_part { LOOP_START, LOOP_ROUND, LOOP_COUNT, LOOP_END, LOOP_PARTS };
struct rule_loop {
    struct str *statements; /* the parts behind each other */
    size_t n[LOOP_PARTS];
};

struct rule_script {
    struct str name;        /* of the table that it makes; in the order of running */
    struct str sql;         /* ptr NULL: the dialect cannot say it, or a loop */
    struct rule_loop *loop; /* of a whole fixpoint, whose name it has; else NULL */
    struct rg_error error;  /* then why, with rule and place where one is at fault */
};

/* Scripts of the relations whose rules are chosen (chosen NULL: all), and of the product datasets
 * that they feed. Everything lives in the arena. */
RG_MUST_CHECK enum rg_status rule_set_scripts(const struct rule_set *set, enum sql_dialect dialect,
                                              const bool *chosen, struct arena *arena,
                                              struct rule_script **out_scripts,
                                              size_t *out_n_scripts, struct rg_error *err);
/* A program in Python that runs a loop: in Spark by itself, elsewhere by a function that is given
 * to it. */
void rule_loop_print(const struct rule_script *script, struct buffer *out);
/* The columns of a relation, each behind the prefix: `a.`. */
void rule_print_columns(const struct relation *relation, const char *prefix, struct buffer *out);
/* A part of a rule of a fixpoint, in our dialect: its rows in the relation's shape. `select` is
 * what stands before the columns: SELECT, UNION SELECT. */
void rule_print_part(const struct relation *relation, const struct rule *rule, struct str part,
                     const char *select, struct buffer *out);
/* The SELECT of one rule in a dialect. */
RG_MUST_CHECK enum rg_status rule_print(const struct rule *rule, enum sql_dialect dialect,
                                        struct arena *arena, struct str *out_sql,
                                        struct rg_error *err);

#endif
