/*
 * relgraph: a source repository as a graph of its code, in open columnar data.
 *
 * This header is the specification of the library. Conventions that hold for all of it:
 *
 *  - A function that can fail returns enum rg_status; RG_OK is 0. The caller owns the struct
 *    rg_error that takes the details and may pass NULL. On failure every output is empty; on
 *    success the error is untouched.
 *  - Strings that go in are UTF-8, NUL-terminated, and copied where they must outlive the call.
 *  - Structs whose first member is `struct_size` are options: set it to sizeof, leave the rest
 * zero, and you have the defaults. A smaller struct of an older version is accepted.
 *  - `out_*` arguments give: the caller frees with the function that is named. Getters lend.
 *  - The library keeps no global state, prints nothing, never exits and touches no signal handler.
 *    One exception is not in our hands: tree-sitter aborts the process when memory is out.
 */
#ifndef RELGRAPH_H
#define RELGRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define RG_API          __attribute__((visibility("default")))
#define RG_MUST_CHECK   __attribute__((warn_unused_result))
#define RG_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define RG_API
#define RG_MUST_CHECK
#define RG_PRINTF(f, a)
#endif

/* --- Errors ------------------------------------------------------------------------------- */

enum rg_status {
    RG_OK = 0,
    RG_ERR_USAGE,     /* an argument is wrong */
    RG_ERR_IO,        /* a file could not be read or written */
    RG_ERR_DISK_FULL, /* no space left, or a quota */
    RG_ERR_MEMORY,    /* out of memory, or a memory limit reached */
    RG_ERR_LIMIT,     /* a stated bound (rows, time, size) reached */
    RG_ERR_BUSY,      /* another build works in this place */
    RG_ERR_NOT_FOUND, /* no such graph, node, rule, dataset */
    RG_ERR_FORBIDDEN, /* what the policy does not allow */
    RG_ERR_PARSE,     /* text that is not of its language */
    RG_ERR_SUBSET,    /* SQL beyond the documented subset */
    RG_ERR_BIND,      /* a name in SQL means nothing, or a type does not fit */
    RG_ERR_RULE,      /* a rule is wrong, or broke its contract */
    RG_ERR_AUDIT,     /* the product breaks a promise; nothing was published */
    RG_ERR_CORRUPT,   /* a file of a graph is not as it was written */
    RG_ERR_ENGINE,    /* the engine failed */
    RG_ERR_CANCELLED, /* rg_session_cancel */
    RG_ERR_CHANGED,   /* a source file is not the one the graph was built from */
    RG_ERR_INTERNAL,  /* a fault of ours: please report it */
    RG_ERR_CONTRACT   /* rows break their contract, and the build is strict */
};

/* What went wrong. Fixed size, no allocation; unused texts are empty. Lines and columns are
 * 1-based, 0 where they do not apply. */
struct rg_error {
    enum rg_status status;
    char layer[16]; /* which part of relgraph */
    char rule[64];  /* the rule, where one is at fault */
    char file[256]; /* the file, cut at the front when longer */
    uint32_t line;
    uint32_t column;
    char message[1024]; /* one or more lines, without a final newline */
    char hint[256];     /* what to do about it */
    char excerpt[512];  /* the line at fault and a caret below it, where the file is a rule's */
};

/* The name of a status in lower case, such as "disk_full". Static. */
RG_API const char *rg_status_name(enum rg_status status);

/* "0.1.0". Static. */
RG_API const char *rg_version(void);

/* Versions of what is linked in, as a JSON object; static after the first session opened. */
struct rg_component {
    const char *name; /* "duckdb", "tree-sitter", "tree-sitter-python", … */
    const char *version;
};
/* Fills at most `capacity` rows and returns how many there are. Strings are static. */
RG_API size_t rg_components(struct rg_component *out_rows, size_t capacity);

/* --- The Arrow C data and stream interfaces (published, stable ABI) ------------------------- */

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE           2
#define ARROW_FLAG_MAP_KEYS_SORTED    4

struct ArrowSchema {
    const char *format;
    const char *name;
    const char *metadata;
    int64_t flags;
    int64_t n_children;
    struct ArrowSchema **children;
    struct ArrowSchema *dictionary;
    void (*release)(struct ArrowSchema *);
    void *private_data;
};

struct ArrowArray {
    int64_t length;
    int64_t null_count;
    int64_t offset;
    int64_t n_buffers;
    int64_t n_children;
    const void **buffers;
    struct ArrowArray **children;
    struct ArrowArray *dictionary;
    void (*release)(struct ArrowArray *);
    void *private_data;
};
#endif

#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE

struct ArrowArrayStream {
    int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *out);
    int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *out);
    const char *(*get_last_error)(struct ArrowArrayStream *);
    void (*release)(struct ArrowArrayStream *);
    void *private_data;
};
#endif

/* --- Sessions ------------------------------------------------------------------------------- */

/* Owns the engine, the profile, the datasets and the event sink. One thread at a time, except for
 * rg_session_cancel. */
struct rg_session;

enum rg_profile {
    RG_PROFILE_PROD_FAST = 0, /* all cores, spills to disk */
    RG_PROFILE_DEV_DEBUG,     /* two threads, intermediates kept, every event */
    RG_PROFILE_MEMORY_TIGHT   /* few threads, small batches, a hard memory limit */
};

enum rg_tier {
    RG_TIER_STABLE = 0, /* the same rows in the same order */
    RG_TIER_FAST,       /* the same rows in any order */
    RG_TIER_CANONICAL   /* the same bytes in every file */
};

/* One message of a run. Texts live for the time of the call. */
struct rg_event {
    enum rg_event_kind {
        RG_EVENT_STAGE,    /* a stage begins: `name` */
        RG_EVENT_PROGRESS, /* within a stage: done of total, bytes */
        RG_EVENT_MESSAGE,  /* something a user should know */
        RG_EVENT_WARNING   /* something a user should act on */
    } kind;
    const char *name; /* the stage: scan, extract, rules, write, audit, publish */
    const char *text; /* one line, for MESSAGE and WARNING */
    uint64_t done;    /* files, rules, shards */
    uint64_t total;   /* 0 where it is not known */
    uint64_t bytes;   /* source bytes done (extract) or written (write) */
    uint64_t bytes_total;
    double seconds; /* since the build began */
};

/* A setting by its key (engine.threads, gate.top_n; docs/settings.md lists all), its value as text,
 * and who sets it: of several the one with the smallest number wins. The library reads no
 * environment: whoever does hands variables in by their names (RELGRAPH_ENGINE_THREADS). */
struct rg_setting {
    const char *key;
    const char *value;
    enum rg_setting_source {
        RG_SETTING_SET = 0,    /* --set */
        RG_SETTING_OPTION,     /* an option that means this setting, such as --disable */
        RG_SETTING_ENVIRONMENT /* the key is the name of a variable */
    } source;
};

struct rg_session_options {
    size_t struct_size;
    enum rg_profile profile;
    unsigned threads;            /* 0: the profile's (all cores, or few) */
    uint64_t memory_limit_bytes; /* of the engine; 0: the profile's */
    const char *temp_directory;  /* for spilling; NULL: inside the output folder while building */
    /* Called from any thread of the library, one call at a time; must not call back. */
    void (*on_event)(void *user, const struct rg_event *event);
    void *user;
    const struct rg_setting *settings; /* unknown ones and wrong values are RG_ERR_USAGE */
    size_t n_settings;
};

/* Opens a session. Free it with rg_session_close, which accepts NULL. */
RG_API RG_MUST_CHECK enum rg_status rg_session_open(const struct rg_session_options *options,
                                                    struct rg_session **out_session,
                                                    struct rg_error *err);
RG_API void rg_session_close(struct rg_session *session);

/* Makes what is running in this session end soon with RG_ERR_CANCELLED. Safe from any thread and
 * from a signal handler. It stays in force until the session is closed. */
RG_API void rg_session_cancel(struct rg_session *session);

/* The settings in force, as JSON text owned by the caller (rg_text_free): each with its value,
 * where it came from and whether results depend on it, and hashes of all and of those. */
RG_API RG_MUST_CHECK enum rg_status rg_session_config_json(struct rg_session *session,
                                                           char **out_text, struct rg_error *err);

/* --- Building ------------------------------------------------------------------------------- */

/* The tier of one dataset. */
struct rg_dataset_tier {
    const char *dataset; /* nodes, edges, … */
    enum rg_tier tier;
};

struct rg_build_request {
    size_t struct_size;
    const char *repository; /* folder */
    const char *output;     /* folder of the graph; made where it is missing */
    enum rg_tier tier; /* of datasets that dataset_tiers does not name. The settings run.tier and
                        * run.tier.DATASET override both. */
    const char *const *rule_folders; /* folders whose rules are added */
    size_t n_rule_folders;
    const char *module_prefix; /* dotted name under which the root is imported; NULL: found out */
    bool with_duckdb;          /* also graph.duckdb */
    bool facts_only;      /* stop when the facts are stored: for measuring; nothing is published */
    bool facts_in_memory; /* keep the facts store in memory, not in a file */
    bool strict;          /* rows that break their contract fail the build */
    const struct rg_dataset_tier *dataset_tiers;
    size_t n_dataset_tiers;
    const char *const *scip_files; /* SCIP indexes of the repository, read beside its files */
    size_t n_scip_files;
};

/* A SCIP index that was read. */
struct rg_scip_index {
    const char *name;   /* of the file, without its folder */
    const char *sha256; /* of its bytes */
    const char *tool;   /* that wrote it, "" where it does not say; and its version */
    const char *tool_version;
    uint64_t size_bytes;
    uint64_t documents;
    uint64_t documents_read;      /* that are of files at hand, as they are */
    uint64_t occurrences, placed; /* of those documents; placed: at exact bytes of their file */
};

struct rg_count {
    const char *dataset;
    const char *kind; /* "" for datasets without kinds */
    uint64_t rows;
};

struct rg_stage {
    const char *name;
    double seconds;
    uint64_t rows; /* that it produced; 0 where that means nothing */
};

/* What a build did. Owned by the library; everything it points to lives until
 * rg_build_result_free. */
struct rg_build_result {
    uint64_t files, files_parsed, files_partial, files_skipped, files_unreadable;
    uint64_t files_indexed; /* of languages that are not parsed: known from SCIP indexes alone */
    uint64_t lines, source_bytes, output_bytes;
    uint64_t rows_rejected; /* that broke their contract: see the *_errors datasets */
    double seconds;
    uint64_t peak_memory_bytes; /* of the whole process, as the kernel counts it */
    const char *build_id;
    const char *build_path;
    const char *module_prefix;        /* "" where the root is no package */
    const char *module_prefix_source; /* given, found, none */
    const struct rg_count *counts;    /* sorted by dataset, then rows descending */
    size_t n_counts;
    const struct rg_stage *stages;
    size_t n_stages;
    struct rg_count const *reasons; /* unresolved rows: dataset = what, kind = reason */
    size_t n_reasons;
    const struct rg_scip_index *scip_indexes; /* as the request names them */
    size_t n_scip_indexes;
};

/* Builds the graph of a repository and publishes it, all or nothing: on failure the graph that was
 * in `output` before is untouched. Free the result with rg_build_result_free (accepts NULL).
 * Errors: USAGE, IO, DISK_FULL, MEMORY, BUSY, RULE, AUDIT, CANCELLED, ENGINE. */
RG_API RG_MUST_CHECK enum rg_status rg_build(struct rg_session *session,
                                             const struct rg_build_request *request,
                                             struct rg_build_result **out_result,
                                             struct rg_error *err);
RG_API void rg_build_result_free(struct rg_build_result *result);

/* --- Runs and their bundles ----------------------------------------------------------------- */

/* The runs whose bundles a graph's folder holds, newest first, as JSON text owned by the caller
 * (rg_text_free): {"runs": [{run, result, ended, seconds, tier, profile, …}]}; docs/runs.md says
 * what is in it. Errors: USAGE, NOT_FOUND, IO, MEMORY. */
RG_API RG_MUST_CHECK enum rg_status rg_runs(const char *graph, char **out_text,
                                            struct rg_error *err);

struct rg_replay_request {
    size_t struct_size;
    /* A folder runs/<id> of a graph, or a graph: then the run of its current build. */
    const char *bundle;
    const char *scratch; /* existing folder for what is written in between; NULL: in the graph */
};

enum rg_replay_verdict {
    RG_REPLAY_SAME_BYTES, /* the file has the hash that the manifest tells */
    RG_REPLAY_SAME_ROWS,  /* as the tier promises: in their order, or in any */
    RG_REPLAY_DIFFERENT,
    RG_REPLAY_UNKNOWN /* other bytes, and nothing is left to compare the rows with */
};

/* One file of the run. */
struct rg_replay_output {
    const char *dataset, *path, *tier;
    uint64_t rows_expected, rows_found;
    enum rg_replay_verdict verdict;
    const char *difference; /* in words; "" where there is none */
};

/* Owned by the library; everything lives until rg_replay_result_free. */
struct rg_replay_result {
    const char *run;
    const char *facts_of; /* the run whose facts were read: another one of the same inputs, where
                             the run's own were not kept */
    bool matches;         /* every output has the same bytes or rows */
    const struct rg_replay_output *outputs;
    size_t n_outputs;
    const char *const *notes; /* what is not as it was: versions, facts */
    size_t n_notes;
    size_t n_steps; /* statements that ran */
    double seconds;
};

/* Runs the stored statements of a run on its stored facts, without rules and their compiler, and
 * compares what comes out with what the run wrote. Nothing of the graph is changed. The statements
 * are held to be a stranger's. That outputs differ is a result, not an error. Errors: USAGE,
 * NOT_FOUND (no bundle; its facts were not kept; the run failed), CORRUPT (the bundle is not as it
 * was written), CHANGED (the facts are not), FORBIDDEN (a step that no run writes), BUSY, and what
 * a build may fail with. */
RG_API RG_MUST_CHECK enum rg_status rg_replay(struct rg_session *session,
                                              const struct rg_replay_request *request,
                                              struct rg_replay_result **out_result,
                                              struct rg_error *err);
RG_API void rg_replay_result_free(struct rg_replay_result *result);

/* --- Reading -------------------------------------------------------------------------------- */

struct rg_param {
    enum rg_param_type {
        RG_PARAM_NULL,
        RG_PARAM_TEXT,
        RG_PARAM_INT,
        RG_PARAM_FLOAT,
        RG_PARAM_BOOL
    } type;
    const char *text;
    int64_t integer;
    double real;
    bool boolean;
};

/* A file that the caller opens to a query: its rows are read, before the statement is looked at,
 * into a table that the statement may name. The engine infers the columns. */
struct rg_query_table {
    const char *name; /* of the table; none that a graph has */
    const char *path; /* of a file that ends in .parquet, .csv or .tsv */
};

struct rg_query_request {
    size_t struct_size;
    const char *graph; /* folder that rg_build wrote */
    const char *sql;   /* exactly one SELECT; see `relgraph schema` for tables and macros */
    const struct rg_param *params; /* for $1, $2, … */
    size_t n_params;
    uint64_t rows_max;   /* 0: no bound; reaching it ends the stream with RG_ERR_LIMIT */
    unsigned timeout_ms; /* 0: no bound */
    const struct rg_query_table *tables; /* other data beside the graph; must fit into memory */
    size_t n_tables;
};

/* Runs one SELECT over a graph, in an engine of its own that can read that build's folder, has the
 * tables of the request, and can reach nothing else. The stream is independent of the session and
 * is released by its own release(); batches stay readable after that. Errors: USAGE, NOT_FOUND,
 * CORRUPT, PARSE, FORBIDDEN, LIMIT. */
RG_API RG_MUST_CHECK enum rg_status rg_query(struct rg_session *session,
                                             const struct rg_query_request *request,
                                             struct ArrowArrayStream *out_stream,
                                             struct rg_error *err);

/* --- Arrow streams -------------------------------------------------------------------------- */

enum rg_arrow_format {
    RG_ARROW_STREAM = 0, /* Arrow IPC streaming format: readable while it is written */
    RG_ARROW_FILE /* Arrow IPC file format ("Feather V2"): with a footer, for random access */
};

struct rg_arrow_write_request {
    size_t struct_size;
    enum rg_arrow_format format;
    /* Takes the next bytes; returns 0, or an errno, which ends the writing. */
    int (*write)(void *user, const void *bytes, size_t count);
    void *user;
    /* Columns of text that are written as a dictionary and codes; others are passed over. */
    const char *const *dictionary_columns;
    size_t n_dictionary_columns;
    bool limited; /* rows beyond rows_max are not written */
    uint64_t rows_max;
};

struct rg_arrow_written {
    uint64_t rows, batches, bytes;
    bool more; /* the stream had more rows than rows_max */
};

/* Writes a stream, from rg_query or from anybody, in the published Arrow IPC format; memory is
 * bounded by a batch and its dictionaries. The stream is read to its end but not released.
 * out_written may be NULL. Errors: those of the stream; USAGE for a type that has no place in the
 * format; LIMIT for a dictionary that grows too large; IO, DISK_FULL, MEMORY. */
RG_API RG_MUST_CHECK enum rg_status rg_arrow_write(struct ArrowArrayStream *stream,
                                                   const struct rg_arrow_write_request *request,
                                                   struct rg_arrow_written *out_written,
                                                   struct rg_error *err);

struct rg_parquet_write_request {
    size_t struct_size;
    const char *path; /* a file that is there is replaced; its folder must exist */
    bool limited;     /* rows beyond rows_max are not written */
    uint64_t rows_max;
};

/* Writes a stream, from rg_query or from anybody, as a Parquet file, in the stream's order. The
 * stream is read but not released. out_written may be NULL. Errors: those of the stream; USAGE;
 * ENGINE for a type that Parquet has no place for; IO, DISK_FULL, MEMORY, CANCELLED. */
RG_API RG_MUST_CHECK enum rg_status rg_parquet_write(struct rg_session *session,
                                                     struct ArrowArrayStream *stream,
                                                     const struct rg_parquet_write_request *request,
                                                     struct rg_arrow_written *out_written,
                                                     struct rg_error *err);

/* What a consumer asks a stream for: the columns of `requested`, by name and in its order. Columns
 * may be left out and put into another order. Anything else is RG_ERR_USAGE and says so: a column
 * that is not there or there twice, one asked for twice, another type, or no NULLs where the stream
 * may have some. Nothing is copied. On success `stream` is taken (its release is NULL) and lives in
 * *out_stream; on failure it stays the caller's as it was. */
RG_API RG_MUST_CHECK enum rg_status rg_arrow_project(struct ArrowArrayStream *stream,
                                                     const struct ArrowSchema *requested,
                                                     struct ArrowArrayStream *out_stream,
                                                     struct rg_error *err);

/* --- Source --------------------------------------------------------------------------------- */

/* The source text of a node: bytes as they are in the file, owned by the caller. */
struct rg_source {
    char *text;
    size_t size;
    char *path; /* relative to the repository */
    uint64_t start_byte, end_byte;
    uint32_t start_line, end_line;
};

struct rg_source_request {
    size_t struct_size;
    const char *graph;
    const char *repository; /* NULL: the folder that the graph was built from */
    int64_t node_id;
};

/* Reads the text of a node from the checked-out file, which must lie inside the repository and
 * have the hash it had when the graph was built (RG_ERR_CHANGED otherwise). */
RG_API RG_MUST_CHECK enum rg_status rg_source_read(struct rg_session *session,
                                                   const struct rg_source_request *request,
                                                   struct rg_source *out_source,
                                                   struct rg_error *err);
RG_API void rg_source_fini(struct rg_source *source);

/* --- Export --------------------------------------------------------------------------------- */

enum rg_export_format {
    RG_EXPORT_SCIP = 0 /* an index as code browsers read it; columns count UTF-8 bytes */
};

struct rg_export_request {
    size_t struct_size;
    const char *graph; /* built with the settings write.symbols, .occurrences and .lines */
    enum rg_export_format format;
    /* Names the symbols outside this repository; NULL: not told. */
    const char *project_name, *project_version;
    /* Takes the next bytes; returns 0, or an errno, which ends the writing. */
    int (*write)(void *user, const void *bytes, size_t count);
    void *user;
};

struct rg_exported {
    uint64_t documents, symbols, occurrences, bytes;
};

/* Writes a graph in a format of others, file by file: memory is bounded by the largest file's rows
 * and the engine's limit, within which rows are sorted. out_exported may be NULL. Errors: USAGE,
 * NOT_FOUND, CORRUPT, IO, DISK_FULL, CANCELLED, MEMORY. */
RG_API RG_MUST_CHECK enum rg_status rg_export(struct rg_session *session,
                                              const struct rg_export_request *request,
                                              struct rg_exported *out_exported,
                                              struct rg_error *err);

/* --- Rules ---------------------------------------------------------------------------------- */

enum rg_rules_action {
    RG_RULES_LIST = 0, /* the rules, what they emit and read */
    RG_RULES_CHECK,    /* everything that is wrong or doubtful with them */
    RG_RULES_COMPILE,  /* the SQL that an engine gets; with `output` as scripts in order */
    RG_RULES_LINEAGE,  /* where columns come from, and where they go */
    RG_RULES_DIFF,     /* what differs between two rules or folders, and whom it affects */
    RG_RULES_TEST,     /* runs the tests beside the rules */
    RG_RULES_NEW       /* writes a rule and a test to start from */
};

struct rg_rules_request {
    size_t struct_size;
    enum rg_rules_action action;
    const char *const *rule_folders; /* folders whose rules are added to the built-in ones */
    size_t n_rule_folders;
    /* Selectors (LIST, CHECK, COMPILE, TEST; none: all), columns (LINEAGE), two files or folders
     * (DIFF), a name (NEW). A selector is a rule's or a relation's name, with + before it for all
     * that it reads, behind it for all that read it; tag:x, emits:edges, layer:x, changed. */
    const char *const *operands;
    size_t n_operands;
    const char *since;   /* folder of rules or graph that `changed` compares with */
    const char *dialect; /* of COMPILE: duckdb, spark, postgres, clickhouse; NULL: duckdb */
    const char *output;  /* folder of COMPILE and NEW */
    enum rg_tier tier;   /* of CHECK and COMPILE: what rules must keep */
    const struct rg_dataset_tier *dataset_tiers;
    size_t n_dataset_tiers;
};

/* What was found, as JSON text owned by the caller; docs/rules.md says what is in it. Findings (a
 * wrong rule, a test that fails) are part of the result; only what keeps the action from being done
 * at all is an error. Errors: USAGE, NOT_FOUND, IO, RULE, MEMORY, ENGINE, CANCELLED. */
RG_API RG_MUST_CHECK enum rg_status rg_rules(struct rg_session *session,
                                             const struct rg_rules_request *request,
                                             char **out_text, struct rg_error *err);

/* --- Explaining ----------------------------------------------------------------------------- */

enum rg_explain_what {
    RG_EXPLAIN_RUN = 0, /* where the time of a run went, what fell back, what failed */
    RG_EXPLAIN_RULE,    /* one rule: what it reads, its SQL, rows, seconds, operators; operand: its
                           name */
    RG_EXPLAIN_EDGE,    /* why an edge is there; operands: kind, source, destination */
    RG_EXPLAIN_RULES    /* the rules as a graph: which feeds which */
};

struct rg_explain_request {
    size_t struct_size;
    const char *graph;
    enum rg_explain_what what;
    /* Nodes of EDGE are ids, or names: qualified, plain, or path:line; of several nodes of a name
     * the error lists them. */
    const char *const *operands;
    size_t n_operands;
    const char *run;        /* id of the run, or "last"; NULL: the one of the current build */
    const char *repository; /* of EDGE: where the sources lie; NULL: where they were built from */
    const char *format;     /* of RULES: "dot" or "svg"; NULL: JSON */
};

/* What was asked, as JSON text (dot, svg) owned by the caller (rg_text_free); docs/diagnostics.md
 * says what is in it. Reads runs/<id> of the graph, and for EDGE the facts in state/. Errors:
 * USAGE, NOT_FOUND, CORRUPT, MEMORY, ENGINE, CANCELLED. */
RG_API RG_MUST_CHECK enum rg_status rg_explain(struct rg_session *session,
                                               const struct rg_explain_request *request,
                                               char **out_text, struct rg_error *err);

/* --- SQL on its own ------------------------------------------------------------------------- */

/* What the rule compiler knows of a SELECT, without a session, an engine or a graph. The subset of
 * SQL is in docs/sql.md. */
struct rg_sql_request {
    size_t struct_size;
    /* Rewrites: parse (printed again on one line), format, qualify, normalize (conjunctive normal
     * form), simplify, prune, canonical. Analyses: parse (the tree), lineage, fingerprint, diff. Of
     * these parse, format, normalize and simplify take an expression too. */
    const char *op;
    const char *sql;
    const char *dialect; /* duckdb (also "default"), spark, postgres, clickhouse; NULL: duckdb */
    /* The tables that exist, as JSON: {"table": {"column": "TYPE", …}, …}; an object in between is
     * a schema. Unknown tables are let pass, with the columns that the text names. NULL: none. */
    const char *schema;
    const char *const *others; /* diff: the later version; fingerprint: more texts */
    size_t n_others;
    const char *options; /* a JSON object; docs/sql-commands.md lists its members; NULL: none */
};

/* Both texts are owned by the caller: rg_sql_result_fini. */
struct rg_sql_result {
    char *sql;  /* of rewrites; else NULL */
    char *json; /* of analyses: an object with the member `result`; else NULL */
};

/* Does one thing with one text. Errors have line and column (in characters) of the text, or of the
 * one that `file` names ("others[0]"). Errors: USAGE, PARSE, SUBSET, BIND, LIMIT, MEMORY. */
RG_API RG_MUST_CHECK enum rg_status rg_sql(const struct rg_sql_request *request,
                                           struct rg_sql_result *out_result, struct rg_error *err);
RG_API void rg_sql_result_fini(struct rg_sql_result *result);

/* The same for one line of `relgraph sql --batch`: a JSON object with op, sql and, optionally, id,
 * dialect, schema, others, options. The answer is one line of JSON without a line end, owned by the
 * caller (rg_text_free), whatever the line holds; the function itself fails with MEMORY alone. */
RG_API RG_MUST_CHECK enum rg_status rg_sql_line(const char *line, size_t size, char **out_answer,
                                                struct rg_error *err);

/* --- What can be asked ---------------------------------------------------------------------- */

/* What can be asked: the tables, columns, kinds and macros, as JSON text owned by the caller. */
RG_API RG_MUST_CHECK enum rg_status rg_schema_json(char **out_text, struct rg_error *err);
/* Frees a text that the library gave; accepts NULL. */
RG_API void rg_text_free(char *text);

#ifdef __cplusplus
}
#endif
#endif
