/* What the files of the rule compiler share: rules.c loads, rule_header.c reads headers,
 * rule_reads.c finds what a SELECT reads, rule_graph.c checks and orders. */
#ifndef COMPILE_RULE_PARTS_H
#define COMPILE_RULE_PARTS_H

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

/* A table named in FROM or JOIN. */
struct rule_read {
    struct str name;       /* lower-case; with the schema where one is given */
    uint32_t line, column; /* of the file */
};

/* Every table that the rule's SELECT names, in the order of the text, without its own CTEs. */
RG_MUST_CHECK enum rg_status rule_list_reads(const struct rule *rule, struct arena *arena,
                                             struct rule_read **out_reads, size_t *out_n_reads,
                                             struct rg_error *err);
/* Fills rule->reads: the same, sorted and without duplicates; rule->reads_twice tells of each
 * whether the SELECT names it more than once. */
RG_MUST_CHECK enum rg_status rule_find_reads(struct rule *rule, struct arena *arena,
                                             struct rg_error *err);

#endif
