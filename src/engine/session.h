/* The inside of a session, for the layers above the engine: profile, events, who may do what. */
#ifndef ENGINE_SESSION_H
#define ENGINE_SESSION_H

#include <stdatomic.h>

#include "base/events.h"
#include "base/ledger.h"
#include "engine/settings.h"
#include "relgraph/relgraph.h"

/* Says that a session was cancelled to streams that may outlive it: shared, counted. */
struct cancel_token {
    atomic_bool cancelled;
    atomic_uint holders;
};

/* What helps where the engine runs out of memory. */
#define SESSION_MEMORY_HINT                                                                        \
    "raise the memory limit (--memory), use fewer threads (--threads), or take --playbook memory"

struct rg_session {
    struct settings settings;
    struct events events;
    struct ledger *ledger;      /* of the run; NULL in tests that make a session by hand */
    struct cancel_token *token; /* holds one; may be NULL in tests that make a session by hand */
};

struct cancel_token *cancel_token_new(void); /* with one holder; NULL when memory is out */
struct cancel_token *cancel_token_hold(struct cancel_token *token); /* accepts and gives NULL */
void cancel_token_drop(struct cancel_token *token);                 /* accepts NULL */

/* The three presets as a table: names for help texts and configuration. */
struct profile_spec {
    enum rg_profile profile;
    const char *name; /* prod_fast, … */
    const char *what;
};
extern const struct profile_spec profile_specs[];
extern const size_t profile_specs_count;
/* "" where there is none of that number. */
const char *profile_name(enum rg_profile profile);

/* The engine's version, as "v1.5.6". Static. */
const char *engine_version(void);
/* RG_OK where the linked engine is the one that relgraph was written for. */
RG_MUST_CHECK enum rg_status engine_check(struct rg_error *err);

#endif
