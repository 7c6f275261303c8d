/* Sessions: the settings of a run from a profile and what the caller overrides, and the flag that
 * cancels it. Everything that runs takes a session; see store.h and sandbox.h. */
#include "engine/session.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/options_read.h"

const struct profile_spec profile_specs[] = {
    {RG_PROFILE_PROD_FAST, "prod_fast", "all cores, most of the memory, spills to disk"},
    {RG_PROFILE_DEV_DEBUG, "dev_debug", "two threads, intermediates kept, every event"},
    {RG_PROFILE_MEMORY_TIGHT, "memory_tight", "two threads, 512 MiB for the engine, small batches"},
};
const size_t profile_specs_count = sizeof profile_specs / sizeof *profile_specs;

const char *profile_name(enum rg_profile profile)
{
    for (size_t i = 0; i < profile_specs_count; i++)
        if (profile_specs[i].profile == profile)
            return profile_specs[i].name;
    return "";
}

struct cancel_token *cancel_token_new(void)
{
    struct cancel_token *token = calloc(1, sizeof *token);
    if (token)
        atomic_init(&token->holders, 1);
    return token;
}

struct cancel_token *cancel_token_hold(struct cancel_token *token)
{
    if (token)
        atomic_fetch_add(&token->holders, 1);
    return token;
}

void cancel_token_drop(struct cancel_token *token)
{
    if (token && atomic_fetch_sub(&token->holders, 1) == 1)
        free(token);
}

enum rg_status rg_session_open(const struct rg_session_options *given,
                               struct rg_session **out_session, struct rg_error *err)
{
    if (!out_session)
        return error_set(err, RG_ERR_USAGE, "session", "out_session is NULL");
    *out_session = NULL;
    struct rg_session_options options;
    enum rg_status status =
        options_read(&options, sizeof options, given, "rg_session_options", err);
    if (status == RG_OK)
        status = engine_check(err);
    if (status != RG_OK)
        return status;
    struct rg_session *session = calloc(1, sizeof *session);
    if (!session)
        return error_no_memory(err, "session");
    events_init(&session->events, options.on_event, options.user);
    session->token = cancel_token_new();
    session->ledger = ledger_new();
    status = session->token && session->ledger ? settings_init(&session->settings, &options, err)
                                               : error_no_memory(err, "session");
    if (status != RG_OK) {
        rg_session_close(session);
        return status;
    }
    *out_session = session;
    return RG_OK;
}

void rg_session_close(struct rg_session *session)
{
    if (!session)
        return;
    cancel_token_drop(session->token);
    events_fini(&session->events);
    ledger_free(session->ledger);
    settings_fini(&session->settings);
    free(session);
}

enum rg_status rg_session_config_json(struct rg_session *session, char **out_text,
                                      struct rg_error *err)
{
    *out_text = NULL;
    return settings_json(&session->settings, out_text, err);
}

/* Only lock-free stores: this may run in a signal handler. Whoever executes something polls. */
void rg_session_cancel(struct rg_session *session)
{
    if (!session)
        return;
    atomic_store(&session->events.cancelled, true);
    if (session->token)
        atomic_store(&session->token->cancelled, true);
}
