/* The ledger of a run as Parquet: runs/<id>/diagnostics/<table>.parquet, for every run, whether it
 * succeeded or not. Times and figures that differ from run to run are here and not in the build.
 * Neighbours: base/ledger.h declares the tables, explain.c reads them. */
#ifndef GRAPH_RUN_DIAGNOSTICS_H
#define GRAPH_RUN_DIAGNOSTICS_H

#include "compile/rules.h"
#include "engine/store.h"

/* Notes what is known before anything runs: the rules, their lineage, the columns they need. */
void run_diagnostics_rules(struct ledger *ledger, const struct rule_set *rules);
/* Writes every table below run_folder, which is made. The store may be NULL: one is opened for it,
 * even where the session was cancelled. */
RG_MUST_CHECK enum rg_status run_diagnostics_write(struct rg_session *session, struct store *store,
                                                   const char *run_folder, struct rg_error *err);

#endif
