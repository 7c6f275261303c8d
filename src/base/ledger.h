/* The ledger of a run: the one sink for what happened, and for what was made on the way (rules as
 * they were compiled, plans), as typed rows of declared tables. A session owns one; each run begins
 * it anew. graph/run_diagnostics.c writes the tables as Parquet, whether the run succeeded or not.
 */
#ifndef BASE_LEDGER_H
#define BASE_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "relgraph/relgraph.h"

struct ledger;

/* --- Tables, declared as data --------------------------------------------------------------- */

enum ledger_type { LEDGER_TEXT, LEDGER_INT, LEDGER_REAL, LEDGER_BOOL };

struct ledger_column {
    const char *name;
    enum ledger_type type;
    const char *what; /* for people; NULL where the name says it */
};

enum ledger_table_id {
    LEDGER_STAGES,
    LEDGER_RULES,
    LEDGER_RULE_EVENTS,
    LEDGER_OPERATOR_METRICS,
    LEDGER_EXPLAINS,
    LEDGER_FALLBACKS,
    LEDGER_FEATURE_STATE,
    LEDGER_EXTRACT_ERRORS,
    LEDGER_CONTRACT_STATS,
    LEDGER_LINEAGE,
    LEDGER_REQUIRED_COLUMNS,
    LEDGER_TABLES
};

/* Raised when a table gets, loses or renames a column, or a column changes its meaning. */
enum { LEDGER_SCHEMA_VERSION = 1 };

struct ledger_table {
    const char *name; /* rule_events, … */
    const char *what;
    const struct ledger_column *columns;
    size_t n_columns;
};
extern const struct ledger_table ledger_tables[LEDGER_TABLES];

/* --- A run's ledger ------------------------------------------------------------------------- */

struct ledger *ledger_new(void); /* NULL when memory is out */
void ledger_free(struct ledger *ledger);
/* Empties it: a run begins, and `at_seconds` of its rows counts from here. */
void ledger_begin(struct ledger *ledger);

/* --- Appending: safe from any thread, and without effect where the ledger is NULL. Texts are
 * copied; ptr NULL is NULL. An append never fails a run: rows for which memory is out, or that are
 * beyond LIMIT_LEDGER_BYTES, are counted as lost, and the count is told. */

#define LEDGER_UNKNOWN (-1) /* of figures: NULL in the table */

/* A stage of the run that ended; a failed run has one of the outcome failed, with its error. */
void ledger_stage(struct ledger *ledger, const char *stage, double seconds, int64_t rows);
void ledger_failure(struct ledger *ledger, const struct rg_error *error);

/* A rule or audit of the run: its file's text, and its SELECT as the engine gets it. */
struct ledger_rule {
    struct str rule, file, text, sql;
    struct str emits; /* "edges CALL" */
    struct str why;
    bool built_in, audit, opaque;
};
void ledger_rule(struct ledger *ledger, const struct ledger_rule *rule);

/* How a rule ran, or (rule ptr NULL, mode write) a file was written. What is not known is
 * LEDGER_UNKNOWN, never a guess. */
struct ledger_rule_event {
    struct str rule;
    struct str dataset;     /* that it emits into */
    const char *mode;       /* table, view, stream, fixpoint, skip, write */
    const char *outcome;    /* done, failed, not_run, retried */
    const char *tier;       /* fast, stable, canonical */
    struct str fingerprint; /* of its meaning */
    int64_t rows_in, rows_out, rows_rejected, bytes;
    double seconds;
    int64_t peak_memory_bytes, spilled_bytes;
    int64_t rounds; /* of a fixpoint */
    struct str error;
};
/* One with every figure unknown. */
struct ledger_rule_event ledger_rule_event_of(struct str rule, struct str dataset);
void ledger_rule_event(struct ledger *ledger, const struct ledger_rule_event *event);

/* A node of an engine's plan as it ran. */
struct ledger_operator {
    struct str rule, step;    /* on whose behalf (ptr NULL: the run's); what the statement made */
    int64_t statement;        /* counted over the run from 1 */
    int64_t number, parent;   /* in pre-order from 0; the root has parent LEDGER_UNKNOWN */
    struct str name, details; /* HASH_JOIN; its conditions and the like */
    int64_t rows, rows_scanned, bytes;
    double seconds; /* of all threads together */
};
void ledger_operator(struct ledger *ledger, const struct ledger_operator *row);

/* A plan as text. */
struct ledger_explain {
    struct str rule, step; /* as of an operator */
    int64_t statement;
    const char *level; /* plan or analyze */
    struct str text;
    double seconds; /* of the statement; the rest as it ran, where it was analysed */
    int64_t rows, peak_memory_bytes, spilled_bytes;
};
void ledger_explain(struct ledger *ledger, const struct ledger_explain *explain);

/* Something was not done the usual way: `what` names it in one word (retry_memory,
 * stream_demoted), `reason` says why, `instead` what was done. rule and dataset may be NULL. */
void ledger_fallback(struct ledger *ledger, const char *what, struct str rule, struct str dataset,
                     struct str reason, const char *instead);

/* A named switch of this run: on or off, and who said so (profile, environment, option, set). */
void ledger_feature(struct ledger *ledger, struct str feature, bool on, const char *source,
                    struct str what);

/* A file that was not read whole: `code` is its status (skipped, unreadable, partial), `message`
 * for people. file_id as in the facts. */
struct ledger_extract_error {
    struct str path;
    int64_t file_id;
    const char *code;
    struct str message;
    int64_t size_bytes;
    double seconds; /* spent on it */
};
void ledger_extract_error(struct ledger *ledger, const struct ledger_extract_error *error);

/* A column of a dataset that was written, and what was rejected of it with one code (ptr NULL:
 * nothing was). */
struct ledger_contract_stat {
    struct str dataset, column, type;
    bool not_null;
    int64_t rows, nulls;
    struct str code;
    int64_t rejected;
};
void ledger_contract_stat(struct ledger *ledger, const struct ledger_contract_stat *stat);

/* Column `column` of a rule comes from `from_column` of `from_relation`; role is value or control.
 */
void ledger_lineage(struct ledger *ledger, struct str rule, struct str column, const char *role,
                    struct str from_relation, struct str from_column);
void ledger_required_column(struct ledger *ledger, struct str rule, struct str relation,
                            struct str column);

/* --- Reading: when nobody appends any more; spans live until the ledger begins anew. --------- */

struct ledger_value {
    bool is_null;
    union {
        struct str text;
        int64_t integer; /* also of truth values */
        double real;
    };
};

size_t ledger_rows(const struct ledger *ledger, enum ledger_table_id table);
/* n_columns values. */
const struct ledger_value *ledger_row(const struct ledger *ledger, enum ledger_table_id table,
                                      size_t row);
/* Rows that could not be kept. */
uint64_t ledger_lost(const struct ledger *ledger);

#endif
