/* What runs out of memory is tried once more with the memory playbook: alone, on one thread, every
 * join, group and sort spilling from the start. All of it is safe to repeat: the engine undoes a
 * statement that fails, a file that was begun is written anew, and an audit only reads. */
#include "base/error.h"
#include "run/run_inside.h"

void retry_init(struct run *run)
{
    /* Who waits to be alone comes before those that would run beside the others. */
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&run->side_by_side, &attributes);
    pthread_rwlockattr_destroy(&attributes);
}

void retry_fini(struct run *run)
{
    pthread_rwlock_destroy(&run->side_by_side);
}

static void tell_retry(struct run *run, const struct attempt *attempt, const char *reason)
{
    struct rg_session *session = run->request->session;
    events_message(&session->events, RG_EVENT_WARNING, attempt->stage,
                   STR_FMT " ran out of memory and is tried again, alone and on one thread",
                   STR_ARG(attempt->who));
    ledger_fallback(session->ledger, "retry_memory", attempt->rule, (struct str){0}, str_of(reason),
                    "playbook memory: alone, on one thread, spilling from the start");
}

enum rg_status run_attempt(struct run *run, const struct attempt *attempt, struct rg_error *err)
{
    struct rg_error first = {.status = RG_OK}, second = {.status = RG_OK};
    pthread_rwlock_rdlock(&run->side_by_side);
    enum rg_status status = attempt->take(run, attempt->context, &first);
    pthread_rwlock_unlock(&run->side_by_side);
    if (status == RG_ERR_MEMORY && run->request->session->settings.memory_retry) {
        pthread_rwlock_wrlock(&run->side_by_side);
        tell_retry(run, attempt, first.message);
        run->gently = true;
        if (store_go_gently(run->store, true, &second) == RG_OK) {
            enum rg_status again = attempt->take(run, attempt->context, &second);
            /* A second lack of memory adds nothing to the first; anything else is news. */
            if (again != RG_ERR_MEMORY) {
                status = again;
                first = second;
            }
        }
        run->gently = false;
        if (store_go_gently(run->store, false, &second) != RG_OK)
            RG_ASSERT(second.status != RG_OK); /* the rest of the run is slower, no more */
        pthread_rwlock_unlock(&run->side_by_side);
    }
    if (status != RG_OK && err)
        *err = first;
    return status;
}

struct statement {
    struct str rule, step, sql;
    uint64_t *out_rows;
};

static enum rg_status take_statement(struct run *run, void *context, struct rg_error *err)
{
    const struct statement *statement = context;
    return statement_take(run, statement->rule, statement->step, statement->sql,
                          statement->out_rows, err);
}

enum rg_status run_statement(struct run *run, struct str rule, struct str step, struct str sql,
                             uint64_t *out_rows, struct rg_error *err)
{
    struct statement statement = {rule, step, sql, out_rows};
    struct attempt attempt = {.stage = rule.ptr ? "rules" : "write",
                              .rule = rule,
                              .who = rule.ptr ? rule : step,
                              .take = take_statement,
                              .context = &statement};
    return run_attempt(run, &attempt, err);
}
