/* Functions of ours that SQL can call: stable_hash64, stable_hash128. */
#ifndef ENGINE_DUCKDB_NATIVE_FUNCTIONS_H
#define ENGINE_DUCKDB_NATIVE_FUNCTIONS_H

#include <duckdb.h>

#include "relgraph/relgraph.h"

/* Registers all of them with the connection's instance. */
RG_MUST_CHECK enum rg_status native_functions_register(duckdb_connection connection,
                                                       struct rg_error *err);

#endif
