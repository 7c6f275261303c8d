/* The ready-made views and macros over a graph, as a table: `relgraph query` and graph.duckdb are
 * set up from it, `relgraph schema` and the documentation list it. */
#ifndef GRAPH_VIEWS_H
#define GRAPH_VIEWS_H

#include <stdbool.h>
#include <stddef.h>

struct buffer;
struct manifest_shard;

struct view_column {
    const char *name, *what;
};

/* A view, or with parameters a macro. Both use builtin functions of the engine only, so that they
 * work in any client. */
struct view_spec {
    const char *name;
    const char *parameters; /* "target", "source, destination"; NULL: a view */
    bool is_scalar;         /* a macro that gives a value: used by the others */
    const char *dataset;    /* optional dataset without which it is not there; NULL: none */
    const char *what;
    const char *example;               /* NULL: SELECT * FROM name LIMIT 5 */
    const struct view_column *columns; /* ends with a NULL name; NULL for scalar ones */
    const char *sql;
};
extern const struct view_spec view_specs[];
extern const size_t view_specs_count;

/* Appends the statements that create those whose datasets are among the shards', each behind what
 * it uses; the datasets must exist. */
void views_sql(struct buffer *out, const struct manifest_shard *shards, size_t n_shards);

#endif
