/* Runs the tests of rules: each is one query in an engine of its own, in memory. */
#ifndef RUN_RULE_TEST_H
#define RUN_RULE_TEST_H

#include "compile/rule_case.h"
#include "engine/store.h"

struct rule_test_row {
    bool missing;      /* expected and not found; else found and not expected */
    struct str *cells; /* of the expected columns; ptr NULL for NULL */
};

struct rule_test_result {
    const struct rule_cases *file;
    const struct rule_case *test;
    bool passed;
    struct rg_error error;      /* status RG_OK where the query ran */
    struct rule_test_row *rows; /* that differ, at most 20 */
    size_t n_rows;
    double seconds;
};

/* Runs the tests of the files given. Results live in the arena. Fails only where no test can run.
 */
RG_MUST_CHECK enum rg_status rule_tests_run(struct rg_session *session, const struct rule_set *set,
                                            const struct rule_cases *files, size_t n_files,
                                            struct arena *arena,
                                            struct rule_test_result **out_results,
                                            size_t *out_n_results, struct rg_error *err);

#endif
