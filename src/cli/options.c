/* One parser and one help printer for all commands; the tables are in commands.c. */
#include "cli/options.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HELP_COLUMN = 28 };

static const struct option common_options[] = {
    {"json", NULL, "results as JSON on stdout; events and errors as JSON lines on stderr",
     OPTION_FLAG, offsetof(struct arguments, json), NULL, 0},
    {"quiet", NULL, "no progress, notes or summary: what was asked for, and what went wrong",
     OPTION_FLAG, offsetof(struct arguments, quiet), NULL, 0},
    {"help", NULL, "this text", OPTION_FLAG, offsetof(struct arguments, help), NULL, 0},
    {0},
};

/* The part of a command's name that is typed behind its group's. */
static const char *last_word(const char *name)
{
    const char *blank = strrchr(name, ' ');
    return blank ? blank + 1 : name;
}

const struct command *command_find(const char *const words[2], int *out_used,
                                   const struct command **out_group)
{
    const struct command *found = NULL;
    *out_group = NULL;
    *out_used = 1;
    for (size_t i = 0; i < commands_count; i++)
        if (strcmp(commands[i].name, words[0]) == 0)
            found = &commands[i];
    if (!found || !found->group || !words[1] || words[1][0] == '-')
        return found;
    *out_group = found;
    *out_used = 2;
    for (const struct command *c = found->group; c->name; c++)
        if (strcmp(last_word(c->name), words[1]) == 0)
            return c;
    return NULL;
}

/* A third of a word may be wrong before a suggestion is a guess. */
static bool closer(const char *given, const char *name, size_t *best)
{
    size_t distance = text_distance(given, name);
    size_t allowed = strlen(given) / 3 + 1;
    if (distance > allowed || distance >= *best)
        return false;
    *best = distance;
    return true;
}

const char *command_suggest(const struct command *group, const char *name)
{
    const char *found = NULL;
    size_t best = SIZE_MAX;
    for (const struct command *c = group ? group->group : commands;
         group ? c->name != NULL : c < commands + commands_count; c++)
        if (closer(name, last_word(c->name), &best))
            found = c->name;
    return found;
}

static const struct option *option_in(const struct option *table, const char *name, size_t length)
{
    for (; table->name; table++)
        if (strlen(table->name) == length && memcmp(table->name, name, length) == 0)
            return table;
    return NULL;
}

static void option_unknown(const struct command *command, const char *given, size_t length,
                           struct text *message, struct text *hint)
{
    struct text name = {0};
    text_append(&name, given, length);
    text_printf(message, "relgraph %s has no option --", command->name);
    text_printable(message, given, length);
    const char *found = NULL;
    size_t best = SIZE_MAX;
    const struct option *tables[] = {command->options, common_options};
    for (size_t t = 0; t < 2; t++)
        for (const struct option *o = tables[t]; o->name; o++)
            if (name.data && closer(name.data, o->name, &best))
                found = o->name;
    if (found)
        text_printf(hint, "did you mean --%s?", found);
    else
        text_printf(hint, "relgraph help %s lists the options", command->name);
    text_fini(&name);
}

/* Digits only: strtoull would take "-1", " 1" and "+1" as well. */
static bool parse_count(const char *value, const char **out_end, uint64_t *out_count)
{
    char *end = NULL;
    if (value[0] < '0' || value[0] > '9')
        return false;
    errno = 0;
    *out_count = strtoull(value, &end, 10);
    *out_end = end;
    return errno == 0;
}

static bool choice_set(const struct option *option, const char *value, int *out_value,
                       struct text *hint)
{
    const char *found = NULL;
    size_t best = SIZE_MAX;
    for (const struct choice *c = option->choices; c->name; c++) {
        if (strcmp(c->name, value) == 0) {
            *out_value = c->value;
            return true;
        }
        if (closer(value, c->name, &best))
            found = c->name;
    }
    if (found)
        text_printf(hint, "did you mean %s? ", found);
    text_cstr(hint, "one of ");
    for (const struct choice *c = option->choices; c->name; c++)
        text_printf(hint, "%s%s", c == option->choices ? "" : ", ", c->name);
    return false;
}

static bool values_add(struct values *values, const char *value, struct text *hint)
{
    if (values->count == REPEATS_MAX) {
        text_printf(hint, "at most %d times", REPEATS_MAX);
        return false;
    }
    values->items[values->count++] = value;
    return true;
}

static bool option_set(const struct option *option, const char *value, struct arguments *arguments,
                       struct text *hint)
{
    void *field = (char *)arguments + option->offset;
    const char *end = NULL;
    bool good = true;
    switch (option->type) {
    case OPTION_FLAG:
        *(bool *)field = true;
        break;
    case OPTION_TEXT:
        *(const char **)field = value;
        good = value[0] != '\0';
        text_cstr(hint, good ? "" : "it must not be empty");
        break;
    case OPTION_TEXTS:
        good = values_add(field, value, hint);
        break;
    case OPTION_CHOICE:
        good = choice_set(option, value, field, hint);
        break;
    case OPTION_COUNT:
        good = parse_count(value, &end, field) && *end == '\0';
        text_cstr(hint, good ? "" : "a number such as 4");
        break;
    case OPTION_SECONDS: {
        char *stop = NULL;
        double seconds = strtod(value, &stop);
        good = stop != value && *stop == '\0' && isfinite(seconds) && seconds > 0 && seconds < 1e6;
        *(double *)field = seconds;
        text_cstr(hint, good ? "" : "seconds above 0, such as 30 or 0.5");
        break;
    }
    }
    if (good && option->given)
        *(bool *)((char *)arguments + option->given) = true;
    return good;
}

/* One "--name", "--name=value" or "--name value"; moves *at to the last argument used. */
static bool option_take(const struct command *command, int argc, char **argv, int *at,
                        struct arguments *arguments, struct text *message, struct text *hint)
{
    const char *given = argv[*at] + 2;
    const char *equals = strchr(given, '=');
    size_t length = equals ? (size_t)(equals - given) : strlen(given);
    const struct option *option = option_in(command->options, given, length);
    if (!option)
        option = option_in(common_options, given, length);
    if (!option) {
        option_unknown(command, given, length, message, hint);
        return false;
    }
    const char *value = equals ? equals + 1 : NULL;
    if (option->type == OPTION_FLAG) {
        if (value)
            text_printf(message, "--%s takes no value", option->name);
        return !value && option_set(option, "", arguments, hint);
    }
    if (!value) {
        if (*at + 1 >= argc) {
            text_printf(message, "--%s needs a value: --%s %s", option->name, option->name,
                        option->value);
            return false;
        }
        value = argv[++*at];
    }
    if (option_set(option, value, arguments, hint))
        return true;
    text_printf(message, "--%s cannot be \"", option->name);
    text_shown(message, value);
    text_cstr(message, "\"");
    return false;
}

static bool operands_check(const struct command *command, size_t n, struct text *message,
                           struct text *hint)
{
    if (n >= command->operands_min)
        return true;
    text_printf(message, "relgraph %s needs %s", command->name, command->operands);
    text_printf(hint, "relgraph help %s shows how", command->name);
    return false;
}

bool options_parse(const struct command *command, int argc, char **argv,
                   struct arguments *out_arguments, struct text *message, struct text *hint)
{
    bool only_operands = false;
    *out_arguments = (struct arguments){0};
    for (int at = 0; at < argc; at++) {
        const char *word = argv[at];
        /* A lone dash is stdin, and a dash before a digit the sign of a node id. */
        bool operand = only_operands || word[0] != '-' || word[1] == '\0' ||
                       (word[1] >= '0' && word[1] <= '9');
        if (!operand && strcmp(word, "--") == 0) {
            only_operands = true;
        } else if (!operand && strcmp(word, "-h") == 0) {
            out_arguments->help = true;
        } else if (!operand && word[1] == '-') {
            if (!option_take(command, argc, argv, &at, out_arguments, message, hint))
                return false;
        } else if (!operand) {
            option_unknown(command, word + 1, strlen(word + 1), message, hint);
            return false;
        } else if (out_arguments->n_operands == command->operands_max) {
            text_cstr(message, "one argument too many: ");
            text_shown(message, word);
            text_printf(hint, "usage: relgraph %s%s%s", command->name,
                        *command->operands ? " " : "", command->operands);
            return false;
        } else {
            out_arguments->operands[out_arguments->n_operands++] = word;
        }
    }
    return out_arguments->help || operands_check(command, out_arguments->n_operands, message, hint);
}

static void help_options(struct text *out, const struct option *table)
{
    for (const struct option *o = table; o->name; o++) {
        struct text left = {0};
        text_printf(&left, "  --%s%s%s", o->name, o->value ? " " : "", o->value ? o->value : "");
        text_append(out, left.data, left.len);
        if (left.len + 1 >= HELP_COLUMN) {
            text_char(out, '\n', 1);
            text_char(out, ' ', HELP_COLUMN);
        } else {
            text_char(out, ' ', HELP_COLUMN - left.len);
        }
        text_printf(out, "%s\n", o->what);
        text_fini(&left);
    }
}

static void help_group(struct text *out, const struct command *group)
{
    text_printf(out, "relgraph %s: %s\n\ncommands:\n", group->name, group->what);
    for (const struct command *c = group->group; c->name; c++)
        text_printf(out, "  %-12s %s\n", last_word(c->name), c->what);
    if (group->run) {
        text_cstr(out, "\noptions:\n");
        help_options(out, group->options);
        help_options(out, common_options);
    }
    text_printf(out, "\nrelgraph help %s COMMAND tells more.\n", group->name);
    if (group->more)
        text_printf(out, "\n%s", group->more);
}

void help_command(struct text *out, const struct command *command)
{
    if (command->group) {
        help_group(out, command);
        return;
    }
    text_printf(out, "relgraph %s: %s\n\n", command->name, command->what);
    text_printf(out, "  relgraph %s%s%s [options]\n\noptions:\n", command->name,
                command->operands[0] ? " " : "", command->operands);
    help_options(out, command->options);
    help_options(out, common_options);
    if (command->more)
        text_printf(out, "\n%s", command->more);
}

void help_overview(struct text *out)
{
    text_cstr(out, "relgraph: a source repository as a graph of its code, in open columnar data\n\n"
                   "  relgraph build path/to/repo --output graph/\n"
                   "  relgraph query graph/ \"SELECT name, path FROM nodes "
                   "WHERE kind = 'METHOD' LIMIT 5\"\n\ncommands:\n");
    for (size_t i = 0; i < commands_count; i++)
        text_printf(out, "  %-9s %s\n", commands[i].name, commands[i].what);
    text_cstr(out,
              "\nrelgraph help COMMAND tells more. Exit codes: 0 done, 1 failed, 2 wrong usage,\n"
              "3 built, but with errors, under --strict.\n");
}
