/* Takes the steps of a run again. They may come from a stranger: before anything runs, each must be
 * a step as step.h prints it, whose name lies where steps put things, and whose text is one SELECT
 * that reads nothing but facts and what the steps before it made, through functions that do no
 * harm. The engine's own walls stand behind that. */
#ifndef RUN_REPLAY_STEPS_H
#define RUN_REPLAY_STEPS_H

#include "run/run.h"

struct replay_request {
    struct rg_session *session;
    struct store *store; /* where facts can be read, and nothing of a run is */
    const struct run_step *steps;
    size_t n_steps;
    const char *output_folder;
};

/* Takes all steps that did not fail, in their order. The files that were written are out_result's
 * shards, without hashes. Errors: FORBIDDEN for what no run writes, and all that a run may fail
 * with, with the rule's name. Free with run_result_fini, also after failure. */
RG_MUST_CHECK enum rg_status replay_steps(const struct replay_request *request,
                                          struct run_result *out_result, struct rg_error *err);

#endif
