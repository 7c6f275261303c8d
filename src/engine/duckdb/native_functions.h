/* Functions of ours that SQL can call: stable_hash64, stable_hash128, and positions in lines. */
#ifndef ENGINE_DUCKDB_NATIVE_FUNCTIONS_H
#define ENGINE_DUCKDB_NATIVE_FUNCTIONS_H

#include <duckdb.h>

#include "relgraph/relgraph.h"

/* Registers all of them with the connection's instance. */
RG_MUST_CHECK enum rg_status native_functions_register(duckdb_connection connection,
                                                       struct rg_error *err);

/* What the table of native_functions.c registers: native_hash.c, native_positions.c. */
void native_stable_hash64_bind(duckdb_bind_info info);
typedef void native_function_t(duckdb_function_info info, duckdb_data_chunk input,
                               duckdb_vector output);
native_function_t native_stable_hash64, native_stable_hash128;
native_function_t native_position_encoding_norm, native_position_error;
native_function_t native_col_to_byte, native_byte_to_col;

#endif
