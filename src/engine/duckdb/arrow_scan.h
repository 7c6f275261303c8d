/* Arrow IPC files as a relation of the engine: the table function relgraph_arrow. */
#ifndef ENGINE_DUCKDB_ARROW_SCAN_H
#define ENGINE_DUCKDB_ARROW_SCAN_H

#include <duckdb.h>

#include "relgraph/relgraph.h"

/* Registers it with the connection's instance. */
RG_MUST_CHECK enum rg_status arrow_scan_register(duckdb_connection connection,
                                                 struct rg_error *err);

#endif
