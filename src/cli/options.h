/* Commands and their options as data: parsing and help both come from these tables. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/display_text.h"

enum {
    EXIT_OK = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_WITH_ERRORS =
        3, /* under --strict: rows break their contract, or built, but not without errors */

    OPERANDS_MAX = 64,
    REPEATS_MAX = 64 /* of one repeatable option */
};

/* A repeatable option's values, in order; borrowed from argv. */
struct values {
    const char *items[REPEATS_MAX];
    size_t count;
};

/* What a command line said. One struct for all commands: an option table names the fields it fills.
 * Texts are borrowed from argv. */
struct arguments {
    const char *operands[OPERANDS_MAX];
    size_t n_operands;
    bool json, quiet, help;
    /* build */
    const char *output, *module_prefix;
    struct values tiers;
    uint64_t threads;
    /* whatever opens a session */
    const char *profile, *memory;
    struct values settings, disabled, playbooks;
    struct values rules;
    struct values scip;
    bool with_duckdb, json_props, symbols, strict;
    /* query */
    int format;
    uint64_t limit;
    bool limited;
    double timeout_seconds;
    struct values params, tables;
    /* source */
    const char *repo;
    /* replay */
    const char *scratch;
    /* sql */
    const char *dialect, *schema, *to;
    struct values files;
    bool batch, columns;
    /* rules */
    const char *since;
    bool dot;
    /* explain */
    const char *run, *picture;
    /* export */
    int export_format;
    const char *project_name, *project_version;
};

enum option_type {
    OPTION_FLAG,    /* bool */
    OPTION_TEXT,    /* const char * */
    OPTION_TEXTS,   /* struct values */
    OPTION_CHOICE,  /* int: value of the choice */
    OPTION_COUNT,   /* uint64_t */
    OPTION_SECONDS, /* double */
};

struct choice {
    const char *name;
    int value;
};

struct option {
    const char *name;  /* without the dashes */
    const char *value; /* what it takes, for help; NULL for flags */
    const char *what;  /* one line */
    enum option_type type;
    size_t offset;                /* of the field in struct arguments */
    const struct choice *choices; /* ended by a NULL name */
    ptrdiff_t given;              /* offset of a bool that says "was given"; 0: none */
};

struct command {
    const char *name;     /* of a command in a group with the group's: "rules list" */
    const char *operands; /* for help: "REPO" */
    const char *what;     /* one line */
    const char *more;     /* paragraphs below the options; NULL: none */
    size_t operands_min, operands_max;
    const struct option *options; /* ended by a NULL name */
    int (*run)(const struct arguments *arguments);
    const struct command *group; /* of a group: its commands, ended by a NULL name; it has no run */
};

extern const struct command commands[];
extern const size_t commands_count;
/* The command that words[0] and, of a group, words[1] (NULL, an option: none is given) name;
 * *out_used is how many words that took. NULL where there is none; where the group is right but
 * not its command, *out_group is the group. */
const struct command *command_find(const char *const words[2], int *out_used,
                                   const struct command **out_group);

/* Parses what follows the command's name. On failure the message (and a hint, possibly empty) are
 * filled and false is returned. */
bool options_parse(const struct command *command, int argc, char **argv,
                   struct arguments *out_arguments, struct text *message, struct text *hint);

/* The command's name that was probably meant, of a group (NULL: of all), or NULL. */
const char *command_suggest(const struct command *group, const char *name);

/* Help of one command, and of all. */
void help_command(struct text *out, const struct command *command);
void help_overview(struct text *out);

#endif
