/* Rows of a query on stdout: as a table, CSV, JSON or JSON lines. */
#ifndef CLI_QUERY_OUTPUT_H
#define CLI_QUERY_OUTPUT_H

#include "cli/arrow_view.h"
#include "cli/commands.h"
#include "cli/stdout_sink.h"

struct query_output {
    enum query_format format;
    const struct arrow_type *type; /* the struct whose children are the columns */
    struct sink *sink;
    unsigned terminal_width; /* cells of a table are cut to fit; 0: no terminal, cells are whole */
    uint64_t rows;           /* written so far */
    /* of a table: the rows that wait for the widths of their columns */
    struct text cells;
    size_t *cell_ends; /* of each waiting cell, in `cells` */
    size_t n_cells, cells_max;
    size_t *widths;
    size_t n_shown; /* columns that have room on the terminal */
    struct text scratch;
    bool no_memory;
};

/* Writes what stands before the first row. Free with query_output_fini. */
void query_output_begin(struct query_output *output);
/* Writes rows [0, rows) of a batch. False when it makes no sense to go on: see the sink. */
bool query_output_batch(struct query_output *output, const struct ArrowArray *batch, int64_t rows);
/* Writes what stands behind the last row. */
void query_output_end(struct query_output *output);
void query_output_fini(struct query_output *output);

#endif
