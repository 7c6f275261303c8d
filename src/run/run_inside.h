/* What the files of run share. run.c drives, plan.c decides what becomes a
 * table, gate.c prints the SQL of the finalize gate, relations.c runs rules, write.c writes files,
 * audit.c checks them, fixpoint.c runs rules that recur. */
#ifndef RUN_INSIDE_H
#define RUN_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/buffer.h"
#include "run/run.h"

#define RUN_LAYER "run"

/* How a rule runs. */
enum rule_mode {
    MODE_SKIP,    /* nobody reads the intermediate that it makes */
    MODE_FUSED,   /* the compiler made it part of its only reader's SELECT */
    MODE_VIEW,    /* an intermediate with one reader: the engine makes it part of that query */
    MODE_TABLE,   /* into a table of the schema `work`, through the gate */
    MODE_STREAM,  /* straight into a file, the gate being part of the query */
    MODE_FIXPOINT /* with the rules of its group, round by round */
};

struct rule_plan {
    enum rule_mode mode;
    bool done;            /* its table or view exists */
    bool light;           /* scans and filters alone: cheap to run once more for each shard */
    enum run_order order; /* of the rows it brings */
    uint64_t rows, rejected;
    double seconds;
};

struct relation_plan {
    bool choose;       /* several rows may compete: the best are kept in a table of their own */
    bool claim_proven; /* no two rows share a key: graph_check.c saw it */
    const char *claim_doubt; /* else which rows may, as a condition; NULL: all */
};

struct run {
    const struct run_request *request;
    struct store *store;
    struct rule_set *rules;
    struct rule_compile_options compile;
    struct rule_plan *rule_plans;         /* one a rule */
    struct relation_plan *relation_plans; /* one a relation */
    struct run_result *result;
    struct arena arena; /* plans and scratch texts */
    unsigned shard_bits;
    atomic_uint_fast64_t statements; /* that were explained */
    pthread_mutex_t steps_mutex;     /* of the steps of the result */
    pthread_rwlock_t side_by_side;   /* statements run beside each other, or one alone */
    bool gently;                     /* one runs alone, because memory ran out */
    atomic_uint_fast64_t bytes_written, files_written;
    /* Ids are unique, edges end in nodes, the AST is as the nodes say: graph_check.c saw it. */
    bool ids_proven, ends_proven, tree_proven;
};

/* --- plan.c: fills the plans, and says what is promised of each dataset. */
RG_MUST_CHECK enum rg_status plan_rules(struct run *run, struct rg_error *err);

/* --- gate.c: SQL text; a buffer that failed is found by who runs it. */

/* Makes the types and the table of files that the gate's queries use. */
RG_MUST_CHECK enum rg_status gate_set_up(struct run *run, struct rg_error *err);
/* The rule's rows in the shape of its dataset, without path and with the owner. Of a checked one
 * the columns gate_code and gate_row tell what is wrong with a row; an unchecked one fails on a
 * wrong type, and a row that breaks its contract otherwise has a NULL where none may be. */
void gate_print_rows(const struct run *run, const struct rule *rule, bool checked,
                     struct buffer *out);
/* Names of the columns of the above (without the checks), with a prefix before each. */
void gate_print_columns(const struct dataset *dataset, const char *prefix, struct buffer *out);
/* What is left of all findings of a relation: the best of equal keys, one target a source. */
void gate_print_best(const struct run *run, const struct relation *relation, struct buffer *out);
/* The columns that readers see, from a table or query in that shape. */
void gate_print_exposed(const struct dataset *dataset, struct buffer *out);
/* The whole file of one shard: rows from the given branches, with path, in the tier's order. */
void gate_print_file(const struct run *run, const struct dataset *dataset, struct str branches,
                     unsigned shard, struct buffer *out);
/* The keys of an ordered file, as people read them. */
void gate_print_order_keys(const struct run *run, const struct dataset *dataset,
                           struct buffer *out);
bool dataset_has(const struct dataset *dataset, const char *column);

/* --- schedule.c: runs every rule that is not part of another query. */
RG_MUST_CHECK enum rg_status relations_run(struct run *run, struct rg_error *err);

/* --- relations.c: runs the rules of one relation that have not run, and makes its view. What it
 * reads is there; other threads may make other relations at the same time. */
RG_MUST_CHECK enum rg_status relation_make(struct run *run, size_t relation, struct rg_error *err);
/* Runs one rule into its table work.rule_<name>. */
RG_MUST_CHECK enum rg_status rule_run_table(struct run *run, size_t rule, struct rg_error *err);
/* Prints the name of the rule's table; of the one that holds a relation's best. */
void rule_print_table(const struct rule *rule, struct buffer *out);
void relation_print_table(const struct relation *relation, struct buffer *out);
/* A table beside them: rejected rows of all rules. */
#define ERRORS_TABLE "work.gate_error"

/* --- fixpoint.c: runs the rules of a group until no new row appears, and makes the views of their
 * relations. */
RG_MUST_CHECK enum rg_status fixpoint_run(struct run *run, const struct rule_group *group,
                                          struct rg_error *err);

/* --- write.c */
RG_MUST_CHECK enum rg_status write_datasets(struct run *run, struct rg_error *err);

/* --- write_file.c */
/* Writes the rows of a SELECT into the file of a shard, and notes the step. Thread-safe. */
RG_MUST_CHECK enum rg_status write_file(struct run *run, struct run_shard *shard,
                                        const char *fingerprint, struct str select,
                                        struct rg_error *err);
/* A file, and the files of a dataset, as what stands behind FROM. */
void write_print_file(const struct run *run, const struct run_shard *shard, struct buffer *out);
void write_print_files(const struct run *run, struct str dataset, struct buffer *out);
/* A path as a literal for the engine's functions, which take those of Parquet files for patterns.
 */
void write_print_path(const struct run *run, const struct run_shard *shard, struct buffer *out);
/* The files of a dataset, which follow each other; NULL where there are none. */
struct run_shard *write_shards_of(const struct run *run, struct str dataset, size_t *out_n);
bool write_is_arrow(const struct run_shard *shard);

/* --- write_verify.c */
/* Compares the footers of all files of the datasets with what was sent, and fills their statistics.
 * A mismatch is RG_ERR_INTERNAL: a writer lost or changed something. */
RG_MUST_CHECK enum rg_status write_verify(struct run *run, const struct dataset *const *datasets,
                                          size_t n, struct rg_error *err);
/* By these statistics. */
bool write_has_forbidden_nulls(const struct run *run, const struct dataset *dataset);

/* --- audit.c */
RG_MUST_CHECK enum rg_status audit_all(struct run *run, struct rg_error *err);
/* The rules of a relation claim that no two of its rows share a key. */
bool audit_claims(const struct run *run, size_t relation);

/* --- graph_check.c: proves what it can of ids, ends, the tree and claims. */
RG_MUST_CHECK enum rg_status check_graph(struct run *run, struct rg_error *err);

/* --- run.c */
/* Rows written of a dataset and kind ("" where it has none). */
uint64_t count_of(const struct run *run, struct str dataset, struct str kind);

/* --- step.c */
/* A step to be taken: the caller prints its name and SELECT. */
struct step {
    enum step_kind kind;
    struct str rule; /* on whose behalf; ptr NULL: the run's own */
    struct buffer name, select;
    uint64_t rows; /* set when it is taken: of a table or an insert on behalf of a rule */
};
/* Takes it, notes it, and frees its texts. Thread-safe. */
RG_MUST_CHECK enum rg_status run_step(struct run *run, struct step *step, struct rg_error *err);
/* Notes one that was taken otherwise; what it points to is copied. Thread-safe. */
RG_MUST_CHECK enum rg_status run_note_step(struct run *run, const struct run_step *step,
                                           struct rg_error *err);

/* Runs the statement(s) of a buffer and empties it: what looks, or tidies up. What makes something
 * that others read is a step. */
RG_MUST_CHECK enum rg_status run_sql(struct run *run, struct buffer *sql, struct rg_error *err);
/* --- run_retry.c: does something that can be repeated, and once more, alone, where memory runs
 * out. */
void retry_init(struct run *run);
void retry_fini(struct run *run);
struct attempt {
    const char *stage; /* rules, write, audit */
    struct str rule;   /* on whose behalf; ptr NULL: the run's own */
    struct str who;    /* as it is told */
    enum rg_status (*take)(struct run *run, void *context, struct rg_error *err);
    void *context;
};
RG_MUST_CHECK enum rg_status run_attempt(struct run *run, const struct attempt *attempt,
                                         struct rg_error *err);
/* The same for one statement. The texts say on whose behalf it runs (rule ptr NULL: the run's) and
 * what it makes. out_rows may be NULL. */
RG_MUST_CHECK enum rg_status run_statement(struct run *run, struct str rule, struct str step,
                                           struct str sql, uint64_t *out_rows,
                                           struct rg_error *err);
/* --- run_explain.c: the same, once; how closely it is watched is a setting. */
RG_MUST_CHECK enum rg_status statement_take(struct run *run, struct str rule, struct str step,
                                            struct str sql, uint64_t *out_rows,
                                            struct rg_error *err);

/* --- run_ledger.c: notes how every rule ran and, where nothing failed, how the contracts were
 * kept. `error` is the run's. */
RG_MUST_CHECK enum rg_status run_tell(struct run *run, const struct rg_error *error,
                                      struct rg_error *err);

/* Adds which rule failed to an error. */
void run_blame(const struct rule *rule, struct rg_error *err);

#endif
