/* Functions of libduckdb 1.5 that the header of 1.4.4 (the one that npm has) does not declare. The
 * signatures are those of duckdb.h in DuckDB 1.5. */
#ifndef ENGINE_DUCKDB_ENGINE_NEWER_H
#define ENGINE_DUCKDB_ENGINE_NEWER_H

#include <duckdb.h>

/* Drops what is buffered and not yet flushed. */
extern duckdb_state duckdb_appender_clear(duckdb_appender appender);
/* The text is known to be UTF-8. */
extern void duckdb_unsafe_vector_assign_string_element_len(duckdb_vector vector, idx_t index,
                                                           const char *str, idx_t str_len);

#endif
