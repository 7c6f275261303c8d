/* The ledger of a run as relations of the engine: the table function relgraph_ledger. */
#ifndef ENGINE_DUCKDB_LEDGER_SCAN_H
#define ENGINE_DUCKDB_LEDGER_SCAN_H

#include <duckdb.h>

#include "base/ledger.h"

/* Registers relgraph_ledger(n), the rows of table n, with the connection's instance. The ledger
 * must outlive the instance, and nobody may append while a query reads it. */
RG_MUST_CHECK enum rg_status ledger_scan_register(duckdb_connection connection,
                                                  struct ledger *ledger, struct rg_error *err);

#endif
