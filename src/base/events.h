/* The event sink of a session: who is told what a run does. */
#ifndef BASE_EVENTS_H
#define BASE_EVENTS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "relgraph/relgraph.h"

struct events {
    void (*on_event)(void *user, const struct rg_event *event); /* may be NULL */
    void *user;
    pthread_mutex_t mutex; /* one call at a time */
    double began;          /* clock_seconds when the run began */
    atomic_bool cancelled;
};

void events_init(struct events *events, void (*on_event)(void *, const struct rg_event *),
                 void *user);
void events_fini(struct events *events);
/* The clock of `seconds` starts now. */
void events_begin(struct events *events);
void events_stage(struct events *events, const char *stage);
void events_progress(struct events *events, const char *stage, uint64_t done, uint64_t total,
                     uint64_t bytes, uint64_t bytes_total);
RG_PRINTF(4, 5)
void events_message(struct events *events, enum rg_event_kind kind, const char *stage,
                    const char *format, ...);
static inline bool events_cancelled(struct events *events)
{
    return atomic_load_explicit(&events->cancelled, memory_order_relaxed);
}
/* RG_ERR_CANCELLED where the run was cancelled, else RG_OK. */
RG_MUST_CHECK enum rg_status events_check(struct events *events, struct rg_error *err);

#endif
