/* Threads that take the next task number from one counter until none is left. */
#include "base/pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/error.h"

enum { STACK_BYTES = 8 << 20 };

struct pool_run_state {
    const struct pool_job *job;
    atomic_size_t next;
    atomic_bool stop;
    pthread_mutex_t mutex; /* guards status and error */
    enum rg_status status;
    struct rg_error error;
};

struct pool_worker {
    struct pool_run_state *state;
    unsigned number;
    pthread_t thread;
};

static void *pool_work(void *argument)
{
    struct pool_worker *worker = argument;
    struct pool_run_state *state = worker->state;
    while (!atomic_load(&state->stop)) {
        size_t task = atomic_fetch_add(&state->next, 1);
        if (task >= state->job->tasks)
            break;
        struct rg_error error = {0};
        enum rg_status status = state->job->run(state->job->context, worker->number, task, &error);
        if (status == RG_OK)
            continue;
        pthread_mutex_lock(&state->mutex);
        if (state->status == RG_OK) {
            state->status = status;
            state->error = error;
        }
        pthread_mutex_unlock(&state->mutex);
        atomic_store(&state->stop, true);
    }
    return NULL;
}

enum rg_status pool_run(const struct pool_job *job, struct rg_error *err)
{
    RG_ASSERT(job->threads >= 1);
    struct pool_run_state state = {.job = job, .mutex = PTHREAD_MUTEX_INITIALIZER};
    struct pool_worker *workers = calloc(job->threads, sizeof *workers);
    if (!workers)
        return error_no_memory(err, "base");
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    unsigned started = 1; /* worker 0 is the caller */
    for (unsigned i = 0; i < job->threads; i++)
        workers[i] = (struct pool_worker){.state = &state, .number = i};
    while (started < job->threads && started < job->tasks &&
           pthread_create(&workers[started].thread, &attributes, pool_work, &workers[started]) == 0)
        started++;
    pool_work(&workers[0]);
    for (unsigned i = 1; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    pthread_attr_destroy(&attributes);
    pthread_mutex_destroy(&state.mutex);
    free(workers);
    if (state.status != RG_OK && err)
        *err = state.error;
    return state.status;
}

unsigned pool_processors(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
        return (unsigned)CPU_COUNT(&set);
    return 1;
}
