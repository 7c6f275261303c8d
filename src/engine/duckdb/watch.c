/* The watcher's thread sleeps while nothing runs and looks every WATCH_MS while something does. */
#include "engine/duckdb/watch.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/error.h"

#define WATCH_MS 10

struct watch {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    const atomic_bool *cancelled;
    struct watch_guard *first;
    bool stop;
};

/* An interrupt that arrives just before the statement starts is forgotten by the engine; therefore
 * it is repeated for as long as the guard stands. */
static void watch_look(struct watch *watch)
{
    bool cancelled = atomic_load(watch->cancelled);
    double now = clock_seconds();
    for (struct watch_guard *guard = watch->first; guard; guard = guard->next) {
        if (guard->reason == WATCH_NOTHING) {
            if (cancelled)
                guard->reason = WATCH_CANCELLED;
            else if (guard->deadline > 0 && now >= guard->deadline)
                guard->reason = WATCH_TIMEOUT;
        }
        if (guard->reason != WATCH_NOTHING)
            duckdb_interrupt(guard->connection);
    }
}

static void *watch_run(void *argument)
{
    struct watch *watch = argument;
    pthread_mutex_lock(&watch->mutex);
    while (!watch->stop) {
        if (!watch->first) {
            pthread_cond_wait(&watch->changed, &watch->mutex);
            continue;
        }
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += WATCH_MS * 1000000L;
        if (until.tv_nsec >= 1000000000L) {
            until.tv_nsec -= 1000000000L;
            until.tv_sec++;
        }
        pthread_cond_timedwait(&watch->changed, &watch->mutex, &until);
        watch_look(watch);
    }
    pthread_mutex_unlock(&watch->mutex);
    return NULL;
}

enum rg_status watch_open(const atomic_bool *cancelled, struct watch **out_watch,
                          struct rg_error *err)
{
    *out_watch = NULL;
    struct watch *watch = calloc(1, sizeof *watch);
    if (!watch)
        return error_no_memory(err, "engine");
    watch->cancelled = cancelled;
    pthread_mutex_init(&watch->mutex, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&watch->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    int failure = pthread_create(&watch->thread, NULL, watch_run, watch);
    if (failure) {
        pthread_cond_destroy(&watch->changed);
        pthread_mutex_destroy(&watch->mutex);
        free(watch);
        return error_set(err, RG_ERR_MEMORY, "engine", "cannot start a thread");
    }
    *out_watch = watch;
    return RG_OK;
}

void watch_close(struct watch *watch)
{
    if (!watch)
        return;
    RG_ASSERT(!watch->first);
    pthread_mutex_lock(&watch->mutex);
    watch->stop = true;
    pthread_cond_signal(&watch->changed);
    pthread_mutex_unlock(&watch->mutex);
    pthread_join(watch->thread, NULL);
    pthread_cond_destroy(&watch->changed);
    pthread_mutex_destroy(&watch->mutex);
    free(watch);
}

void watch_enter(struct watch *watch, struct watch_guard *guard, duckdb_connection connection,
                 double deadline)
{
    *guard = (struct watch_guard){.connection = connection, .deadline = deadline};
    pthread_mutex_lock(&watch->mutex);
    guard->next = watch->first;
    if (watch->first)
        watch->first->previous = guard;
    else
        pthread_cond_signal(&watch->changed);
    watch->first = guard;
    pthread_mutex_unlock(&watch->mutex);
}

enum watch_reason watch_leave(struct watch *watch, struct watch_guard *guard)
{
    pthread_mutex_lock(&watch->mutex);
    if (guard->previous)
        guard->previous->next = guard->next;
    else
        watch->first = guard->next;
    if (guard->next)
        guard->next->previous = guard->previous;
    pthread_mutex_unlock(&watch->mutex);
    return guard->reason;
}

bool watch_cancelled(const struct watch *watch)
{
    return atomic_load(watch->cancelled);
}
