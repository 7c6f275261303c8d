/* A watcher: one thread that interrupts running statements when their session is cancelled or their
 * time is over. Cancelling only sets a flag (it may happen in a signal handler), and polling from
 * the executing thread would slow it down; so somebody else looks every few milliseconds. */
#ifndef ENGINE_DUCKDB_WATCH_H
#define ENGINE_DUCKDB_WATCH_H

#include <duckdb.h>
#include <stdatomic.h>

#include "relgraph/relgraph.h"

struct watch;

enum watch_reason { WATCH_NOTHING, WATCH_CANCELLED, WATCH_TIMEOUT };

/* One running statement; lives on the stack of who runs it. */
struct watch_guard {
    struct watch_guard *next, *previous;
    duckdb_connection connection;
    double deadline; /* on clock_seconds; 0: none */
    enum watch_reason reason;
};

/* `cancelled` must outlive the watch. */
RG_MUST_CHECK enum rg_status watch_open(const atomic_bool *cancelled, struct watch **out_watch,
                                        struct rg_error *err);
void watch_close(struct watch *watch); /* accepts NULL; nothing may be guarded */

/* From now on until watch_leave, the connection's statement is interrupted when it is time. */
void watch_enter(struct watch *watch, struct watch_guard *guard, duckdb_connection connection,
                 double deadline);
/* Says whether and why the statement was interrupted. */
enum watch_reason watch_leave(struct watch *watch, struct watch_guard *guard);

/* What the watch looks at says that its session is cancelled. */
bool watch_cancelled(const struct watch *watch);

#endif
