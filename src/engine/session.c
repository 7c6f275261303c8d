/* Sessions: the settings of a run from a profile and what the caller overrides, and the flag that
 * cancels it. Everything that runs takes a session; see store.h and sandbox.h. */
#include "engine/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/options_read.h"
#include "base/pool.h"

#define MEMORY_MIN  (UINT64_C(64) << 20) /* below this the engine cannot open its tables */
#define THREADS_MAX 1024u                /* a typing error beyond this */

const struct profile_spec profile_specs[] = {
    {RG_PROFILE_PROD_FAST, "prod_fast", "all cores, most of the memory, spills to disk"},
    {RG_PROFILE_DEV_DEBUG, "dev_debug", "two threads, intermediates kept, every event"},
    {RG_PROFILE_MEMORY_TIGHT, "memory_tight", "two threads, 512 MB for the engine, small batches"},
};
const size_t profile_specs_count = sizeof profile_specs / sizeof *profile_specs;

const char *profile_name(enum rg_profile profile)
{
    for (size_t i = 0; i < profile_specs_count; i++)
        if (profile_specs[i].profile == profile)
            return profile_specs[i].name;
    return "";
}

static const struct preset {
    unsigned threads;        /* 0: all */
    unsigned memory_percent; /* of the machine's, where memory_bytes is 0 */
    uint64_t memory_bytes;
    uint64_t bytes_in_flight;
    bool keep_intermediates;
    bool fuse;
} presets[] = {
    [RG_PROFILE_PROD_FAST] = {0, 60, 0, LIMIT_BYTES_IN_FLIGHT, false, true},
    [RG_PROFILE_DEV_DEBUG] = {2, 60, 0, LIMIT_BYTES_IN_FLIGHT, true, false},
    [RG_PROFILE_MEMORY_TIGHT] = {2, 0, UINT64_C(512) << 20, 2u << 20, false, true},
};

/* A number in a file such as the kernel writes them, or 0. */
static uint64_t read_number(const char *path)
{
    unsigned long long value = 0;
    FILE *file = fopen(path, "re");
    if (!file)
        return 0;
    if (fscanf(file, "%llu", &value) != 1) /* "max" where there is no limit */
        value = 0;
    fclose(file);
    return value;
}

/* Memory that this process may use: the machine's, or its container's where that is less. */
static uint64_t memory_available(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    uint64_t memory = pages > 0 && page > 0 ? (uint64_t)pages * (uint64_t)page : UINT64_C(4) << 30;
    static const char *const limits[] = {"/sys/fs/cgroup/memory.max",
                                         "/sys/fs/cgroup/memory/memory.limit_in_bytes"};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        uint64_t limit = read_number(limits[i]);
        if (limit && limit < memory)
            memory = limit;
    }
    return memory;
}

static enum rg_status settings_init(struct settings *settings,
                                    const struct rg_session_options *options, struct rg_error *err)
{
    if ((unsigned)options->profile >= profile_specs_count)
        return error_set(err, RG_ERR_USAGE, "session", "there is no profile number %u",
                         (unsigned)options->profile);
    if (options->threads > THREADS_MAX)
        return error_set(err, RG_ERR_USAGE, "session", "%u threads are more than the %u allowed",
                         options->threads, THREADS_MAX);
    if (options->memory_limit_bytes && options->memory_limit_bytes < MEMORY_MIN)
        return error_set(err, RG_ERR_USAGE, "session",
                         "a memory limit of %llu bytes is too small: at least %llu MB are needed",
                         (unsigned long long)options->memory_limit_bytes,
                         (unsigned long long)(MEMORY_MIN >> 20));
    const struct preset *preset = &presets[options->profile];
    unsigned threads = options->threads ? options->threads : preset->threads;
    unsigned processors = pool_processors();
    if (!options->threads && (!threads || threads > processors))
        threads = processors;
    uint64_t memory =
        options->memory_limit_bytes ? options->memory_limit_bytes : preset->memory_bytes;
    uint64_t available = memory_available();
    if (!memory)
        memory = available / 100 * preset->memory_percent;
    /* A parse needs some 130 bytes a source byte (limits.h): keep that to a fifth of the memory. */
    uint64_t in_flight = available / 5 / 130;
    *settings = (struct settings){
        .profile = options->profile,
        .engine_threads = threads,
        .extract_threads = threads,
        .memory_limit_bytes = memory > MEMORY_MIN ? memory : MEMORY_MIN,
        .bytes_in_flight =
            in_flight < preset->bytes_in_flight ? in_flight : preset->bytes_in_flight,
        .keep_intermediates = preset->keep_intermediates,
        .explain_level = options->profile == RG_PROFILE_DEV_DEBUG ? EXPLAIN_ANALYZE : EXPLAIN_NONE,
        .fuse = preset->fuse,
    };
    if (options->temp_directory) {
        settings->temp_directory = strdup(options->temp_directory);
        if (!settings->temp_directory)
            return error_no_memory(err, "session");
    }
    return RG_OK;
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
    free(session->settings.temp_directory);
    free(session);
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
