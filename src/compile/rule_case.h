/* Tests of rules: a file NAME.test beside NAME.sql, with given rows and expected rows. */
#ifndef COMPILE_RULE_CASE_H
#define COMPILE_RULE_CASE_H

#include "compile/rules.h"

/* Rows as they are written: cells without blanks around them; ptr NULL for NULL. */
struct rule_rows {
    struct str relation; /* ptr NULL: the expected ones */
    struct str *columns;
    size_t n_columns;
    struct str *cells; /* row by row */
    size_t n_rows;
    uint32_t line;       /* of the table's first line in the file */
    uint32_t *row_lines; /* of each row */
};

struct rule_case {
    struct str name;
    uint32_t line;
    struct rule_rows *given;
    size_t n_given;
    struct rule_rows expected; /* line 0: none were named */
};

/* Of one file. */
struct rule_cases {
    const struct rule *rule; /* or audit */
    struct str file, text;
    struct rule_case *cases;
    size_t n_cases;
};

/* Reads the text of a test. Everything lives in the arena and in `text`. Errors carry file, line,
 * column and the line of the file: a relation that the rule does not read, a column that it has
 * not, a row of another width. */
RG_MUST_CHECK enum rg_status rule_cases_parse(const struct rule_set *set, const struct rule *rule,
                                              struct str file, struct str text, struct arena *arena,
                                              struct rule_cases *out_cases, struct rg_error *err);
/* The type of a column of what the rule reads (or returns, relation ptr NULL); ptr NULL: unknown.
 */
struct str rule_case_type(const struct rule_set *set, const struct rule *rule, struct str relation,
                          struct str column);

/* The tests of a set: the embedded ones, and those of folders, of rules that the set has. */
RG_MUST_CHECK enum rg_status rule_cases_load(const struct rule_set *set, const char *const *folders,
                                             size_t n_folders, struct arena *arena,
                                             struct rule_cases **out_files, size_t *out_n_files,
                                             struct rg_error *err);

#endif
