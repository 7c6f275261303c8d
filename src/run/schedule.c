/* Relations side by side: one is made as soon as what its rules read is there. A statement alone
 * seldom keeps all processors busy: its plan, its last rows and its small joins run on one. */
#include "run/run_inside.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/pool.h"

enum state { STATE_WAITING, STATE_RUNNING, STATE_DONE };

struct schedule {
    struct run *run;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    enum state *states; /* by relation */
    bool **needs;       /* by relation: those before it that must be done first */
    size_t n_done;
    bool stopped; /* one has failed */
};

static bool has_rule(const uint32_t *rules, size_t n, uint32_t rule)
{
    for (size_t i = 0; i < n; i++)
        if (rules[i] == rule)
            return true;
    return false;
}

/* A relation behind another one must wait for it: a rule of it reads that one, or the same rule
 * makes both. */
static bool depends(const struct relation *later, const struct relation *earlier)
{
    for (size_t r = 0; r < later->n_rules; r++)
        if (has_rule(earlier->readers, earlier->n_readers, later->rules[r]) ||
            has_rule(earlier->rules, earlier->n_rules, later->rules[r]))
            return true;
    return false;
}

/* A fixpoint is made with its first relation, so that one waits for what any of them needs, and the
 * others for it. */
static void find_needs_of(struct schedule *schedule, size_t index)
{
    const struct rule_set *set = schedule->run->rules;
    const struct relation *relation = &set->relations[index];
    size_t first = index, last = index;
    if (relation->group >= 0) {
        first = set->groups[relation->group].first_relation;
        last = first + set->groups[relation->group].n_relations - 1;
    }
    for (size_t j = 0; j < first; j++)
        for (size_t i = first; i <= last && !schedule->needs[index][j]; i++)
            schedule->needs[index][j] = depends(&set->relations[i], &set->relations[j]);
    if (index > first)
        schedule->needs[index][first] = true;
}

static bool find_needs(struct schedule *schedule)
{
    const struct rule_set *set = schedule->run->rules;
    struct arena *arena = &schedule->run->arena;
    schedule->states = ARENA_ARRAY(arena, set->n_relations, enum state);
    schedule->needs = ARENA_ARRAY(arena, set->n_relations, bool *);
    if (!schedule->states || !schedule->needs)
        return false;
    for (size_t i = 0; i < set->n_relations; i++) {
        schedule->needs[i] = ARENA_ARRAY(arena, set->n_relations, bool);
        if (!schedule->needs[i])
            return false;
        find_needs_of(schedule, i);
    }
    return true;
}

static bool is_ready(const struct schedule *schedule, size_t relation)
{
    if (schedule->states[relation] != STATE_WAITING)
        return false;
    for (size_t j = 0; j < relation; j++)
        if (schedule->needs[relation][j] && schedule->states[j] != STATE_DONE)
            return false;
    return true;
}

/* Takes the first relation that is ready; waits where none is. SIZE_MAX: nothing is left to do. */
static size_t take_ready(struct schedule *schedule)
{
    size_t n = schedule->run->rules->n_relations, taken = SIZE_MAX;
    pthread_mutex_lock(&schedule->mutex);
    while (!schedule->stopped && taken == SIZE_MAX) {
        bool waiting = false;
        for (size_t i = 0; i < n && taken == SIZE_MAX; i++) {
            waiting = waiting || schedule->states[i] == STATE_WAITING;
            if (is_ready(schedule, i))
                taken = i;
        }
        if (taken != SIZE_MAX)
            schedule->states[taken] = STATE_RUNNING;
        else if (!waiting)
            break;
        else
            pthread_cond_wait(&schedule->changed, &schedule->mutex);
    }
    pthread_mutex_unlock(&schedule->mutex);
    return taken;
}

static void note_done(struct schedule *schedule, size_t relation, bool failed)
{
    struct run *run = schedule->run;
    pthread_mutex_lock(&schedule->mutex);
    schedule->states[relation] = STATE_DONE;
    schedule->stopped = schedule->stopped || failed;
    size_t done = ++schedule->n_done;
    pthread_cond_broadcast(&schedule->changed);
    pthread_mutex_unlock(&schedule->mutex);
    events_progress(&run->request->session->events, "rules", done, run->rules->n_relations, 0, 0);
}

/* A task of the pool is to make some relation: which one is decided when it begins. */
static enum rg_status make_one(void *context, unsigned worker, size_t task, struct rg_error *err)
{
    struct schedule *schedule = context;
    (void)worker;
    (void)task;
    size_t relation = take_ready(schedule);
    if (relation == SIZE_MAX)
        return RG_OK;
    enum rg_status status = events_check(&schedule->run->request->session->events, err);
    if (!status)
        status = relation_make(schedule->run, relation, err);
    note_done(schedule, relation, status != RG_OK);
    return status;
}

enum rg_status relations_run(struct run *run, struct rg_error *err)
{
    struct schedule schedule = {
        .run = run, .mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    const struct settings *settings = &run->request->session->settings;
    unsigned threads = settings->engine_threads < settings->statements_max
                           ? settings->engine_threads
                           : settings->statements_max;
    struct pool_job job = {
        .threads = threads ? threads : 1,
        .tasks = run->rules->n_relations,
        .context = &schedule,
        .run = make_one,
    };
    enum rg_status status =
        find_needs(&schedule) ? pool_run(&job, err) : error_no_memory(err, RUN_LAYER);
    pthread_cond_destroy(&schedule.changed);
    pthread_mutex_destroy(&schedule.mutex);
    return status;
}
