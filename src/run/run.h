/* Run: rules over facts in a store, through the finalize gate, into the product's files. */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include "compile/rules.h"
#include "engine/store.h"

struct run_request {
    struct rg_session *session;
    struct store *store;    /* with facts */
    struct rule_set *rules; /* loaded; what is not resolved or compiled yet is, the store being the
                             * oracle */
    enum rg_tier tier;      /* of datasets that are not named below */
    const struct rule_dataset_tier *dataset_tiers;
    size_t n_dataset_tiers;
    const char *output_folder; /* builds/<id>: datasets are written below it */
    unsigned shard_bits;       /* each dataset has 2^shard_bits files */
    bool strict;
    /* For tests; 0: decided by whether the tables fit, LIMIT_FIXPOINT_ROUNDS. */
    uint64_t check_nodes_max;
    unsigned check_parts;
    unsigned fixpoint_rounds_max;
};

/* What is known of the order of rows. */
enum run_order {
    RUN_UNORDERED, /* as threads happened to bring them */
    RUN_IMPLICIT,  /* as they lay where one scan found them: nobody sorted them */
    RUN_EXPLICIT   /* sorted by keys that tell all rows apart, or rows that are equal */
};

/* A product dataset: what was promised of its files. */
struct run_dataset {
    struct str name;
    enum rg_tier tier;
    enum run_order order;
    struct str keys; /* of an explicit order: "path, start_byte, end_byte DESC"; else empty */
    struct str said; /* "unordered", "implicit", "explicit: path, …": as its files say it */
};

/* Who writes the files of a dataset. */
enum dataset_writer {
    WRITER_ENGINE, /* Parquet */
    WRITER_ARROW   /* Arrow IPC files, by our own encoder */
};
/* The writer of a file, which its name's ending tells. */
enum dataset_writer run_writer_of(struct str path);

enum { RUN_BOUND_BYTES_MAX = 128 }; /* of a text as a bound: longer ones are left out */

/* What is known of a column of a file. */
struct run_column {
    struct str name, type;
    uint64_t nulls;
    struct str min, max; /* as text; ptr NULL: all is NULL, or not told, or long */
};

struct run_shard {
    struct str dataset;
    struct str path; /* relative to output_folder: edges/part-0.parquet */
    enum rg_tier tier;
    struct str order; /* as run_dataset.said; empty where nothing is promised */
    enum dataset_writer writer;
    uint64_t rows, bytes;
    char sha256[65];
    struct run_column *columns; /* in the order of the dataset */
    size_t n_columns;
};

/* What becomes of the rows of a SELECT; see step.h. */
enum step_kind {
    STEP_TYPE,   /* an enum type of words, in their order */
    STEP_TABLE,  /* a new table */
    STEP_VIEW,   /* none yet: whoever reads the view runs the SELECT */
    STEP_INSERT, /* they join a table */
    STEP_REJECT, /* of a table the rows that carry an error code go; no SELECT */
    STEP_FILE    /* a file of a dataset */
};

/* A step that was taken. */
struct run_step {
    enum step_kind kind;
    struct str rule;    /* on whose behalf; ptr NULL: the run's own */
    struct str name;    /* as in SQL, such as work.rule_call; of a file its path */
    struct str select;  /* exactly one SELECT */
    struct str dataset; /* of a file */
    char schema[65];    /* of a file: the fingerprint of its columns */
    enum rg_tier tier;  /* of a file */
    struct str order;   /* of a file: what it says of the order of its rows */
    double seconds;
    bool failed;
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
    struct run_dataset *datasets;
    size_t n_datasets;
    struct run_shard *shards;
    size_t n_shards;
    struct run_rule *rules;
    size_t n_rules;
    struct run_count *counts;
    size_t n_counts; /* rows by (dataset, kind) */
    struct run_count *reasons;
    size_t n_reasons;       /* unresolved by (what, reason) */
    struct run_step *steps; /* in the order in which they ended, so that each comes behind what it
                               reads; also those of a run that failed */
    size_t n_steps, steps_capacity;
    struct arena steps_arena; /* of their texts, apart because threads share it */
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

/* NULL: it is none of the product. */
const struct run_dataset *run_dataset_find(const struct run_result *result, struct str name);
/* "unordered", "implicit", "explicit". */
const char *run_order_name(enum run_order order);

/* Shard bits for a number of files: a pure function, 0 for small repositories. */
unsigned run_shard_bits(uint32_t n_files);

#endif
