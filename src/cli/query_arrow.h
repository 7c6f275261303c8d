/* Rows of a query as Arrow IPC or Parquet, and results in a file instead of on standard output. */
#ifndef CLI_QUERY_ARROW_H
#define CLI_QUERY_ARROW_H

#include <stdio.h>

#include "cli/commands.h"
#include "relgraph/relgraph.h"

/* Where a result goes: standard output, or a file that appears when it is whole. */
struct result_file {
    const char *path; /* NULL: standard output */
    char temporary[4096];
    int fd; /* 0: standard output */
};

/* Opens the file beside `path`. On failure it is reported and the exit code is returned. */
int result_file_open(struct result_file *file, const char *path, bool json);
/* Closes it and, where `code` is EXIT_OK, puts it in its place; else it is removed. Returns the
 * exit code. */
int result_file_close(struct result_file *file, int code, bool json);

/* Writes a stream as Arrow IPC; *out_more says that --limit kept rows back. */
int show_arrow(struct ArrowArrayStream *stream, const struct arguments *arguments,
               const struct result_file *file, bool *out_more);
/* The same as Parquet, which goes into a file only. */
int show_parquet(struct rg_session *session, struct ArrowArrayStream *stream,
                 const struct arguments *arguments, const struct result_file *file, bool *out_more);

#endif
