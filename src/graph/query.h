/* Opening a published graph for reading; shared by rg_query and rg_source_read. */
#ifndef GRAPH_QUERY_H
#define GRAPH_QUERY_H

#include "base/buffer.h"
#include "relgraph/relgraph.h"

/* The current build of a graph: its real path (owned by the caller) and, appended to out_setup, the
 * statements that make its datasets views, with the ready-made views and macros if asked for. */
RG_MUST_CHECK enum rg_status graph_open(const char *graph, bool with_views, char **out_build,
                                        struct buffer *out_setup, struct rg_error *err);

/* The text of a file of the repository with a NUL behind it, owned by the caller: inside the
 * repository, reached through no link, and with the size and the hash that the graph knows (CHANGED
 * otherwise). */
RG_MUST_CHECK enum rg_status source_file_read(const char *repository, struct str path,
                                              struct str sha256, uint64_t size_bytes,
                                              char **out_text, struct rg_error *err);

/* Spells calls of the macro references(…), whose name is a reserved word, as where_used(…) in
 * place: both have ten letters, so that the engine's positions stay right. Quotes and comments are
 * left alone. */
void query_spell_references(char *sql, size_t size);

#endif
