/* Run: rules over facts in a store, through the finalize gate, into the product's files. */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include "compile/rules.h"
#include "engine/store.h"

struct run_request {
    struct rg_session *session;
    struct store *store;    /* with facts */
    struct rule_set *rules; /* loaded; what is not resolved yet is, the store being the oracle */
    enum rg_tier tier;
    const char *output_folder; /* builds/<id>: datasets are written below it */
    uint32_t n_files;          /* decides the number of shards */
    bool strict;
    /* For tests; 0: decided by n_files, whether the tables fit, LIMIT_FIXPOINT_ROUNDS. */
    unsigned shard_bits_plus_one;
    uint64_t check_nodes_max;
    unsigned fixpoint_rounds_max;
};

struct run_shard {
    struct str dataset;
    struct str path; /* relative to output_folder: edges/part-0.parquet */
    uint64_t rows, bytes;
    char sha256[65];
};

struct run_rule {
    const struct rule *rule;
    uint64_t rows;
    double seconds; /* 0 where it ran as part of a write */
};

struct run_count {
    struct str dataset, kind;
    uint64_t rows;
};

struct run_result {
    struct arena arena; /* everything below lives here */
    struct run_shard *shards;
    size_t n_shards;
    struct run_rule *rules;
    size_t n_rules;
    struct run_count *counts;
    size_t n_counts; /* rows by (dataset, kind) */
    struct run_count *reasons;
    size_t n_reasons; /* unresolved by (what, reason) */
    uint64_t rows_rejected;
    unsigned shard_bits;
    double seconds_rules, seconds_write, seconds_audit;
};

/* Runs everything and writes every product dataset, `*_errors` included. Audits run on what was
 * written: RG_ERR_AUDIT with the offending rows in the message. Stages: rules, write, audit. Free
 * with run_result_fini, also after failure. */
RG_MUST_CHECK enum rg_status run_rules(const struct run_request *request,
                                       struct run_result *out_result, struct rg_error *err);
void run_result_fini(struct run_result *result);

/* Shard bits for a number of files: a pure function, 0 for small repositories. */
unsigned run_shard_bits(uint32_t n_files);

#endif
