/* What a running build holds; shared by build.c, which takes the steps, and build_result.c, which
 * tells what they came to. */
#ifndef GRAPH_BUILD_STATE_H
#define GRAPH_BUILD_STATE_H

#include "compile/rules.h"
#include "engine/store.h"
#include "extract/extract.h"
#include "extract/scip.h"
#include "graph/graph_folder.h"
#include "graph/manifest.h"
#include "graph/module_prefix.h"
#include "run/run.h"

enum { BUILD_STAGES_MAX = 12 };

/* Owns what the public result points to. The public struct comes first: they are cast to each
 * other. */
struct build_result {
    struct rg_build_result public;
    struct arena arena;
    struct rg_stage stages[BUILD_STAGES_MAX];
};

struct build {
    struct rg_session *session;
    struct rg_build_request request;
    struct graph_folder folder;
    struct build_paths paths;
    struct rule_set rules;
    struct rule_compile_options compile; /* of the request and the settings */
    struct fact_needs needs;             /* of the rules; known or not */
    bool needs_known;
    struct scan scan;
    struct store *store;
    struct extract_result extract;
    struct scip_tally *scip; /* one an index of the request; in the result's arena */
    uint64_t files_indexed;  /* that are not in the scan */
    struct module_prefix prefix;
    struct run_result run;
    struct manifest_shard *shards; /* of rules and diagnostics; in the result's arena */
    size_t n_shards;
    char inputs_sha256[65];
    struct build_result *result;
    double began;
};

struct build_result *build_result_new(void); /* NULL when memory is out */
/* Notes a stage that ended; its name is static. */
void build_stage(struct build *build, const char *name, double seconds, uint64_t rows);
/* Fills counts of files, lines and bytes, the module prefix, and rows by dataset and kind. */
RG_MUST_CHECK enum rg_status build_result_fill(struct build *build, struct rg_error *err);
/* The same from the facts alone: rows by fact table. */
RG_MUST_CHECK enum rg_status build_result_fill_facts(struct build *build, struct rg_error *err);

#endif
