/* Arrow IPC, the published format: batches of the C data interface as a stream or as a file. Memory
 * is bounded by one batch and the dictionaries. */
#ifndef ENGINE_ARROW_IPC_WRITE_H
#define ENGINE_ARROW_IPC_WRITE_H

#include "engine/arrow_ipc_inside.h"

/* Where bytes go, in order; returns 0 or an errno, which ends the writing. */
typedef int arrow_ipc_put(void *user, const void *bytes, size_t count);

struct arrow_ipc_options {
    bool as_file; /* with a footer, for random access; else a stream */
    /* Columns of texts that are written as a dictionary of 32-bit codes; others are passed over. */
    const char *const *dictionary_columns;
    size_t n_dictionary_columns;
    const struct ipc_pair *metadata; /* of the schema */
    size_t n_metadata;
    arrow_ipc_put *put;
    void *user;
};

/* What dictionaries there are is said once a batch: a stream repeats one that changed, or adds to
 * one that grew. A file holds one a column, which may grow: where it changes otherwise writing
 * fails. Dictionaries of ours come at the end of a file, and grow with each batch of a stream. */
struct arrow_ipc_writer;

/* Writes the schema, which must outlive the writer. Free with arrow_ipc_writer_free. Errors: USAGE
 * for a type that the format has no words for, LIMIT, MEMORY, and what `put` says. */
RG_MUST_CHECK enum rg_status arrow_ipc_writer_new(const struct arrow_ipc_options *options,
                                                  const struct ArrowSchema *schema,
                                                  struct arrow_ipc_writer **out_writer,
                                                  struct rg_error *err);
/* Writes rows [0, rows) of a batch; its memory is the caller's again. */
RG_MUST_CHECK enum rg_status arrow_ipc_writer_batch(struct arrow_ipc_writer *writer,
                                                    const struct ArrowArray *batch, int64_t rows,
                                                    struct rg_error *err);
/* Writes what stands behind the last batch. */
RG_MUST_CHECK enum rg_status arrow_ipc_writer_finish(struct arrow_ipc_writer *writer,
                                                     struct rg_error *err);
uint64_t arrow_ipc_writer_bytes(const struct arrow_ipc_writer *writer);
void arrow_ipc_writer_free(struct arrow_ipc_writer *writer); /* accepts NULL */

/* The status for what get_schema or get_next of a stream returned, with its text. */
enum rg_status arrow_stream_error(struct ArrowArrayStream *stream, int error_number,
                                  struct rg_error *err);

/* --- Whole files ----------------------------------------------------------------------------- */

struct arrow_ipc_file_options {
    const char *path;
    const char *const *dictionary_columns;
    size_t n_dictionary_columns;
    const struct ipc_pair *metadata;
    size_t n_metadata;
};

/* Reads a stream to its end into a new file at `path`, replacing one that is there; the stream is
 * not released. After a failure the file is gone. */
RG_MUST_CHECK enum rg_status arrow_ipc_write_file(struct ArrowArrayStream *stream,
                                                  const struct arrow_ipc_file_options *options,
                                                  uint64_t *out_rows, struct rg_error *err);

#endif
