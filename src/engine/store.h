/* A store: one hermetic engine instance that holds facts and runs rules. Only relgraph's own
 * statements and checked rules run here; user queries have an instance of their own (sandbox.h). */
#ifndef ENGINE_STORE_H
#define ENGINE_STORE_H

#include "base/arena.h"
#include "engine/batch.h"
#include "engine/session.h"

struct store;

struct store_options {
    const char *path;              /* database file, made new; NULL: in memory */
    const char *allowed_directory; /* the one folder COPY may write to (and spill in); NULL: none */
    const char *temp_directory;    /* for spilling; NULL: no spilling outside allowed_directory */
    bool read_only;                /* open an existing file */
    const char *facts;             /* another store's file, to read; its tables become views */
    const char *compared_directory; /* beside allowed_directory; NULL: none */
    bool keep_order;                /* preserve_insertion_order */
    bool scratch;                   /* quick to write rather than small */
    /* Opened to be filled by appenders: until store_filled the engine has no threads of its own.
     * One would take a part of every row group that an appender sends, and what is less than a
     * group is compressed while no other appender may begin or end. */
    bool filling;
};

/* Opens with everything loadable off (extensions, external access but allowed_directory) and the
 * configuration locked (of one that is filled, by store_filled). The session must outlive the
 * store. */
RG_MUST_CHECK enum rg_status store_open(struct rg_session *session,
                                        const struct store_options *options,
                                        struct store **out_store, struct rg_error *err);
void store_close(struct store *store); /* accepts NULL */
/* Ends `filling`: the engine gets its threads, and the configuration is locked. */
RG_MUST_CHECK enum rg_status store_filled(struct store *store, struct rg_error *err);

/* What was stored is in the file when this returns: closing has nothing left to write. */
RG_MUST_CHECK enum rg_status store_checkpoint(struct store *store, struct rg_error *err);

/* Runs one or more statements of ours, dropping their results. What belongs to a connection
 * (temporary tables, transactions) ends with the call. Long ones end with CANCELLED soon after
 * rg_session_cancel. Thread-safe: each call uses a connection of its own from a small pool. Errors
 * carry the engine's text, line and column within `sql`. */
RG_MUST_CHECK enum rg_status store_exec(struct store *store, struct str sql, struct rg_error *err);
RG_PRINTF(3, 4)
RG_MUST_CHECK enum rg_status store_execf(struct store *store, struct rg_error *err,
                                         const char *format, ...);
/* As store_exec for one statement, and says how many rows it changed, copied, or made a table of.
 */
RG_MUST_CHECK enum rg_status store_exec_count(struct store *store, struct str sql,
                                              uint64_t *out_rows, struct rg_error *err);

/* From now on (until `on` is false) statements run on one thread, and those that begin spill from
 * the start: what memory does not hold otherwise. */
RG_MUST_CHECK enum rg_status store_go_gently(struct store *store, bool on, struct rg_error *err);

/* From now on (until `on` is false) the engine has no threads of its own: each statement runs on
 * its caller's thread. For statements side by side that keep the processors busy: two threads spend
 * two fifths more on a sort than one. */
RG_MUST_CHECK enum rg_status store_run_alone(struct store *store, bool on, struct rg_error *err);

/* From now on statements may read the session's ledger: relgraph_ledger(n) has the rows of table n.
 * For when the run is over, since nobody may append beside it. Once a store. */
RG_MUST_CHECK enum rg_status store_show_ledger(struct store *store, struct rg_error *err);

/* All rows of a small result as text: rows * columns cells in row order, NULL ptr for NULL. For
 * summaries and audits, not for bulk: more than rows_max is RG_ERR_LIMIT. */
struct text_table {
    size_t rows, columns;
    struct str *cells;
    struct str *names;
};
RG_MUST_CHECK enum rg_status store_table(struct store *store, struct str sql, size_t rows_max,
                                         struct arena *arena, struct text_table *out_table,
                                         struct rg_error *err);
/* The rows of every table by the name that readers use, in two columns; from the catalogue, so that
 * nothing is read for it. */
RG_MUST_CHECK enum rg_status store_table_sizes(struct store *store, struct arena *arena,
                                               struct text_table *out_sizes, struct rg_error *err);
/* The engine's plan of one statement of ours as a tree of text, or (analyze) the statement is run
 * and the text is JSON: what it took, and each operator. The text lives in the arena. */
RG_MUST_CHECK enum rg_status store_explain(struct store *store, struct str sql, bool analyze,
                                           struct arena *arena, struct str *out_text,
                                           struct rg_error *err);
RG_MUST_CHECK enum rg_status store_int64(struct store *store, struct str sql, int64_t *out_value,
                                         struct rg_error *err);

/* Streams one SELECT on a connection of its own; the store must outlive the stream, but not the
 * batches, which have some 32,000 rows. get_next gives ECANCELED, ETIMEDOUT (time limit), EOVERFLOW
 * (row limit, behind the last row), ENOMEM, ENOSPC, or EIO; get_last_error says it in words. */
RG_MUST_CHECK enum rg_status store_stream(struct store *store, struct str sql,
                                          struct ArrowArrayStream *out_stream,
                                          struct rg_error *err);

/* Some 2,000 rows of a SELECT of BIGINTs, where the engine holds them. */
enum { STORE_BLOCK_COLUMNS = 8 };
struct store_block {
    const int64_t *columns[STORE_BLOCK_COLUMNS];
    size_t rows;
};
typedef enum rg_status store_block_fn(void *context, const struct store_block *block,
                                      struct rg_error *err);
/* Streams one SELECT, whose columns are BIGINTs and never NULL, in blocks that live until `take`
 * returns; its failure ends the stream and is returned. Thread-safe like store_exec. */
RG_MUST_CHECK enum rg_status store_blocks(struct store *store, struct str sql, store_block_fn *take,
                                          void *context, struct rg_error *err);

/* What a SELECT returns and reads, without running it. Texts live in the arena. Tables are as the
 * engine names them, sorted, without duplicates. RG_ERR_RULE for text that is not exactly one
 * SELECT. */
struct described_column {
    struct str name, type;
};
struct description {
    struct described_column *columns;
    size_t n_columns;
    struct str *tables;
    size_t n_tables;
};
RG_MUST_CHECK enum rg_status store_describe(struct store *store, struct str sql,
                                            struct arena *arena,
                                            struct description *out_description,
                                            struct rg_error *err);

/* Checks, before anything of it is bound, that a text of a stranger is exactly one SELECT, that it
 * calls nothing that reads, tells or waits, and that the schemas it names are in the list (which
 * ends with NULL; "main" is). The tables it names, in lower case, live in the arena.
 * RG_ERR_FORBIDDEN for what is not allowed, RG_ERR_PARSE for what is no SQL. */
RG_MUST_CHECK enum rg_status store_check_select(struct store *store, struct str sql,
                                                const char *const *schemas, struct arena *arena,
                                                struct str **out_tables, size_t *out_n_tables,
                                                struct rg_error *err);

/* Creates the enum types (dynamic ones with the given values) and one table a spec, without what
 * is left out, and the views of packed ones. */
RG_MUST_CHECK enum rg_status store_create_tables(struct store *store,
                                                 const struct vocabulary *types,
                                                 const struct table_spec *tables, size_t n_tables,
                                                 struct rg_error *err);

/* For the rare change of what was stored, packed or not: "UPDATE … AS t SET column = value", and
 * "t.column" as an expression in that statement. */
struct buffer;
void table_print_update(struct buffer *sql, const struct table_spec *table, struct str column,
                        struct str value);
void table_print_column(struct buffer *sql, const struct table_spec *table, struct str column);

/* --- Appending: one appender a thread and table, each with its own connection per thread
 * ---------- */

struct appender_set; /* the batches of one thread, one for each table */

RG_MUST_CHECK enum rg_status appender_set_open(struct store *store, const struct table_spec *tables,
                                               size_t n_tables, struct appender_set **out_set,
                                               struct rg_error *err);
/* NULL for a table that is left out. Values of a column that is left out go nowhere. */
struct batch *appender_set_batch(struct appender_set *set, size_t table);
/* Sends what is in the batches, flushes and closes the appenders; the first failure of any batch is
 * returned. out_rows[n_tables] (may be NULL) gets the rows appended a table. */
RG_MUST_CHECK enum rg_status appender_set_finish(struct appender_set *set, uint64_t *out_rows,
                                                 struct rg_error *err);
/* Drops what is buffered and not yet in the store (what was flushed on the way stays); accepts
 * NULL. */
void appender_set_close(struct appender_set *set);

#endif
