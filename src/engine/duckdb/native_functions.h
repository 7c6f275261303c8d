/* Functions of ours that SQL can call: stable_hash64, stable_hash128, positions in lines, and texts
 * as JSON. */
#ifndef ENGINE_DUCKDB_NATIVE_FUNCTIONS_H
#define ENGINE_DUCKDB_NATIVE_FUNCTIONS_H

#include <duckdb.h>

#include "relgraph/relgraph.h"

/* Registers all of them with the connection's instance. */
RG_MUST_CHECK enum rg_status native_functions_register(duckdb_connection connection,
                                                       struct rg_error *err);

static inline bool native_is_valid(const uint64_t *validity, idx_t row)
{
    return !validity || (validity[row / 64] >> (row % 64) & 1);
}

static inline void native_set_null(duckdb_vector output, idx_t row)
{
    duckdb_vector_ensure_validity_writable(output);
    duckdb_validity_set_row_invalid(duckdb_vector_get_validity(output), row);
}

/* What the table of native_functions.c registers: native_hash.c, native_positions.c,
 * native_json.c. */
void native_stable_hash64_bind(duckdb_bind_info info);
typedef void native_function_t(duckdb_function_info info, duckdb_data_chunk input,
                               duckdb_vector output);
native_function_t native_stable_hash64, native_stable_hash128;
native_function_t native_position_encoding_norm, native_position_error;
native_function_t native_col_to_byte, native_byte_to_col;
native_function_t native_json_text;

#endif
