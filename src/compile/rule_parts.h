/* What the files of the rule compiler share: rules.c loads, rule_header.c reads headers,
 * rule_tree.c parses SELECTs and finds what they read, rule_graph.c makes relations, fixpoints and
 * their order, rule_fixpoint.c checks that these are monotone, rule_bind.c finds columns and types,
 * rule_contract.c checks them, rule_analysis.c finds lineage and fingerprints, rule_tier.c knows
 * what a tier forbids, rule_rewrite.c makes what the engine gets. */
#ifndef COMPILE_RULE_PARTS_H
#define COMPILE_RULE_PARTS_H

#include "base/buffer.h"
#include "compile/rules.h"

#define COMPILE_LAYER "compile"

/* An RG_ERR_RULE with rule, file, line and column (0: unknown). */
RG_PRINTF(5, 6)
enum rg_status rule_fail(struct rg_error *err, const struct rule *rule, uint32_t line,
                         uint32_t column, const char *format, ...);

/* Reads the header of a rule or audit whose name and file are set and checks that one statement
 * follows. Strings lend `text`, arrays live in the arena. */
RG_MUST_CHECK enum rg_status rule_parse_text(struct rule *rule, struct str text,
                                             const struct contracts *contracts, struct arena *arena,
                                             struct rg_error *err);

/* The same at a place in the rule's SELECT; a span of {0, 0} is its start. */
RG_PRINTF(4, 5)
enum rg_status rule_fail_at(struct rg_error *err, const struct rule *rule, struct sql_span span,
                            const char *format, ...);
/* An error in the rule's SELECT, told by a layer that knows nothing of rules: with rule and file,
 * the place that of the file. Returns its status, RG_ERR_RULE for what is wrong with the text. */
enum rg_status rule_fail_with(struct rg_error *err, const struct rule *rule,
                              const struct rg_error *why);
/* RG_OK where the set keeps going and has kept the error of the rule, else the status. */
enum rg_status rule_set_problem(struct rule_set *set, struct rule *rule, enum rg_status status,
                                struct rg_error *err);
/* Of a set that needs more memory than it may have, memory is not out: its limit is told instead,
 * and at which rule where that is known (may be NULL). Other statuses stay. */
enum rg_status rule_set_limit(const struct rule_set *set, const struct rule *rule,
                              enum rg_status status, struct rg_error *err);
/* An error hint for a suggestion that found something. */
struct suggestion;
void rule_hint_near(struct rg_error *err, const struct suggestion *near);

/* A table named in FROM or JOIN. */
struct rule_read {
    struct str name;       /* lower-case where unquoted; with the schema where one is given */
    struct sql_span span;  /* of rule->sql */
    struct sql_node *node; /* TABLE; NULL in an opaque rule */
};

/* Parses rule->sql; a text beyond the subset makes the rule opaque. */
RG_MUST_CHECK enum rg_status rule_parse_tree(struct rule *rule, struct arena *arena,
                                             struct rg_error *err);
/* Every table that the rule's SELECT names, in the order of the text, without its own CTEs. Of an
 * opaque rule every word that `is_relation` knows. */
RG_MUST_CHECK enum rg_status rule_list_reads(const struct rule *rule,
                                             bool (*is_relation)(void *context, struct str name),
                                             void *context, struct arena *arena,
                                             struct rule_read **out_reads, size_t *out_n_reads,
                                             struct rg_error *err);

/* --- rule_graph.c */
struct relation *rule_set_find_relation(const struct rule_set *set, struct str name);
RG_MUST_CHECK enum rg_status rule_push_index(struct arena *arena, uint32_t **list, size_t *n,
                                             uint32_t value, struct rg_error *err);
bool rule_reads(const struct rule *rule, struct str name);

/* --- rule_fixpoint.c: a rule of a fixpoint must be monotone in the relations of its group. */
RG_MUST_CHECK enum rg_status rule_check_monotone(struct rule_set *set, const struct rule *rule,
                                                 int group, struct rg_error *err);

/* Of the rule's tree: whether a part of it reads a relation that the callback names. */
bool rule_tree_reads(struct sql_node *node, bool (*is_it)(void *context, struct str name),
                     void *context);
/* A copy of the rule's query without the branches of UNION that read such a relation; NULL where
 * nothing is left (*out_failed: memory is out). */
struct sql_node *rule_start_tree(const struct rule *rule,
                                 bool (*is_it)(void *context, struct str name), void *context,
                                 struct arena *arena, bool *out_failed);
/* Fills rule->start and rule->steps from the rewritten tree. */
RG_MUST_CHECK enum rg_status rule_make_steps(struct rule_set *set, struct rule *rule, int group,
                                             struct rg_error *err);

/* --- rule_bind.c: columns of every rule and relation; checks contracts on the way. */
RG_MUST_CHECK enum rg_status rule_set_bind(struct rule_set *set, const struct rule_oracle *oracle,
                                           struct rg_error *err);

/* --- rule_analysis.c */
int rule_required_order(const void *a, const void *b);

/* --- rule_rewrite.c: a copy of the rule's tree, bound and qualified. */
RG_MUST_CHECK enum rg_status rule_qualify(const struct rule_set *set, struct rule *rule,
                                          struct arena *arena, struct sql_node **out_root,
                                          struct rg_error *err);

/* --- rule_tier.c */
void rule_set_tiers(struct rule_set *set, const struct rule_compile_options *options);
/* Gives an order to what lacks one in the rule's qualified tree; an error where none would do. */
RG_MUST_CHECK enum rg_status rule_keep_tier(const struct rule *rule, struct sql_node *root,
                                            const struct sql_catalog *catalog, struct arena *arena,
                                            struct rg_error *err);

/* --- rule_script.c */
extern const char *const rule_table_options[SQL_DIALECT_COUNT]; /* behind CREATE TABLE name */

/* --- rule_script_loop.c: fills script->loop of a group, or script->error. */
struct rule_script;
RG_MUST_CHECK enum rg_status rule_make_loop(const struct rule_set *set, int group,
                                            enum sql_dialect dialect, struct arena *arena,
                                            struct rule_script *script, struct rg_error *err);

/* --- rule_contract.c */
RG_MUST_CHECK enum rg_status rule_check_contract(const struct rule_set *set,
                                                 const struct rule *rule, struct rg_error *err);
/* Several files may make one intermediate: they must agree on its columns. */
RG_MUST_CHECK enum rg_status
rule_check_siblings(struct rule_set *set, const struct relation *relation, struct rg_error *err);
const struct rule_column *rule_returned(const struct rule *rule, struct str name);
/* The place of the expression behind a column, or of the SELECT. */
struct sql_span rule_column_span(const struct rule *rule, size_t column);

#endif
