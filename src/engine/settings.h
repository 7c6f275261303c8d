/* The settings of a run: one table of what can be set, and the values in force with where each came
 * from. settings_table.c is the table, settings_value.c reads and prints values, settings.c decides
 * which of several wins, gates.c knows the switches of the engine's optimizers. */
#ifndef ENGINE_SETTINGS_H
#define ENGINE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "relgraph/relgraph.h"

/* How closely the statements of a run are watched. */
enum explain_level {
    EXPLAIN_NONE,
    EXPLAIN_PLAN,   /* the engine's plan of each is kept */
    EXPLAIN_ANALYZE /* and what each operator of it did */
};

/* run.tier: what a build's request says, or else. */
enum tier_override { TIER_REQUESTED, TIER_FAST, TIER_STABLE, TIER_CANONICAL };

/* Where a value comes from; of several the later one wins. */
enum setting_source {
    SETTING_FROM_PROFILE,
    SETTING_FROM_MACHINE, /* the profile's, as much of it as the machine has */
    SETTING_FROM_ENVIRONMENT,
    SETTING_FROM_PLAYBOOK,
    SETTING_FROM_OPTION, /* an option of the command line, a field of the options struct */
    SETTING_FROM_SET     /* --set */
};
const char *setting_source_name(enum setting_source source);

enum setting_type {
    SETTING_BOOL,    /* on, off */
    SETTING_COUNT,   /* a number; `all`: the machine's processors */
    SETTING_BYTES,   /* a number with a unit; 60%: of the machine's memory */
    SETTING_SECONDS, /* a number, with a point or without */
    SETTING_CHOICE,  /* one of some words */
    SETTING_TEXT
};

enum { PROFILES = 3 };

/* What of a run depends on a setting. */
enum setting_reach {
    REACH_COSTS,  /* time, memory, what is kept for the curious */
    REACH_INPUTS, /* which files are taken in; the manifest's hash of inputs tells what was left out
                   */
    REACH_RESULTS /* what a graph holds, or its bytes */
};
const char *setting_reach_name(enum setting_reach reach);

/* What a profile's value cannot go beyond. */
enum setting_clip {
    CLIP_NONE,
    CLIP_PROCESSORS,
    CLIP_MEMORY, /* of which some is left to others */
    CLIP_PARSES  /* source bytes whose parses fit */
};

struct setting_spec {
    const char *key; /* engine.threads; of a family with * for the last part: run.tier.* */
    enum setting_type type;
    size_t offset, size; /* of the field in struct settings; size 0: none */
    uint64_t min, max;   /* of numbers */
    enum setting_clip clip;
    const char *defaults[PROFILES]; /* by enum rg_profile; NULL: a family, which has none */
    enum setting_reach reach;
    const char *const *choices; /* of SETTING_CHOICE, in the order of its enum, ended by NULL */
    const char *what;
    const char *variable; /* of the environment, beside the one made of its key; NULL: none */
};
extern const struct setting_spec setting_specs[];
extern const size_t setting_specs_count;

/* A value in force. */
struct setting_value {
    const struct setting_spec *spec;
    const char *key; /* of a family in full: run.tier.edges */
    const char *what;
    const char *value; /* in its one spelling: on, 4, 536870912, 0.5, a text */
    enum setting_source source;
    const char *note; /* why it is not what the profile says; NULL: it is, or somebody set it */
};

/* The effective settings of a run. Fields are filled from the table; what comes in families is
 * looked up. */
struct settings {
    enum rg_profile profile;
    unsigned engine_threads;
    unsigned extract_threads;
    unsigned io_threads;
    uint64_t memory_limit_bytes; /* of the engine */
    char *temp_directory;        /* NULL: decided by who opens a store */
    uint64_t temp_limit_bytes;   /* of what is spilled; 0: what the file system has */
    /* Joins, groups and sorts work from the start in pieces that can be spilled; the engine's own
     * way, to begin in memory and change over, fails where several operators fill it at once. */
    bool spill_always;
    bool quick_store;         /* facts are stored quick to write rather than small */
    uint64_t bytes_in_flight; /* source bytes parsed at one time */
    uint64_t file_bytes_max;  /* a longer file is not parsed */
    double parse_seconds_max; /* of the processor, for one file */
    unsigned statements_max;  /* of a run, side by side: each needs memory of its own */
    uint64_t ids_held_max;    /* ids kept outside the engine to see whether any comes twice */
    uint64_t check_bytes;     /* tables of nodes while the product is audited */
    bool fuse;                /* rules with one reader become part of it */
    bool keep_intermediates;
    bool memory_retry;     /* what runs out of memory is tried once more with less at a time */
    unsigned shards;       /* of each dataset: 0 by the number of files, else 2^(shards - 1) */
    unsigned bundles_kept; /* of runs, that of the current build among them */
    enum explain_level explain_level;
    enum tier_override tier;
    uint64_t gates_off; /* bits by number of gate */
    struct arena arena;
    struct setting_value *rows; /* in the order of the table */
    size_t n_rows, rows_capacity;
};

/* The values of a session. Errors: USAGE, with the nearest known name, for what is unknown, of a
 * wrong type or out of range. Free with settings_fini, also after failure. */
RG_MUST_CHECK enum rg_status settings_init(struct settings *settings,
                                           const struct rg_session_options *options,
                                           struct rg_error *err);
void settings_fini(struct settings *settings);

/* The row of a key, or NULL: of a family's member that nobody set, of a session made by hand. */
const struct setting_value *settings_find(const struct settings *settings, struct str key);
/* The value of family "run.tier.*" for one member, or NULL: settings_member(s, "run.tier.", edges).
 */
const char *settings_member(const struct settings *settings, const char *prefix, struct str member);

/* A hash over keys and values: of all, or of those alone on which the result depends, given what
 * was taken in. */
RG_MUST_CHECK enum rg_status settings_sha256(const struct settings *settings, bool results_only,
                                             char out_hex[65], struct rg_error *err);
/* All of it as JSON, malloc'ed; see rg_session_config_json. */
RG_MUST_CHECK enum rg_status settings_json(const struct settings *settings, char **out_text,
                                           struct rg_error *err);

/* --- settings_value.c ----------------------------------------------------------------------- */

/* Reads a text as a value of its spec and puts it into its field (where it has one); *out_value
 * gets its one spelling, from the arena. `who` names where the text stands, for the message. */
RG_MUST_CHECK enum rg_status setting_read(const struct setting_spec *spec, const char *who,
                                          const char *text, struct settings *settings,
                                          const char **out_value, struct rg_error *err);
/* The most that the machine allows of a clip; UINT64_MAX for none. */
uint64_t machine_most(enum setting_clip clip);

#endif
