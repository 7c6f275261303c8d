/* The command line: finds the command, parses its options, runs it. Sees the public header only. */
#include <locale.h>
#include <signal.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/error_report.h"
#include "cli/stdout_sink.h"

/* Errors on the command line itself honour --json wherever it stands. */
static bool asks_for_json(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--json") == 0)
            return true;
    return false;
}

static int show_help(const struct command *command, bool json)
{
    struct sink sink = {0};
    help_command(&sink.text, command);
    return report_output(sink_finish(&sink), json);
}

/* A group alone: its help where that is asked for, else what is missing. */
static int show_group(const struct command *group, const char *option, bool json)
{
    if (option && (strcmp(option, "--help") == 0 || strcmp(option, "-h") == 0))
        return show_help(group, json);
    struct text message = {0}, hint = {0};
    text_printf(&message, "relgraph %s needs a command", group->name);
    text_printf(&hint, "relgraph help %s lists them", group->name);
    int code = report_usage(message.data ? message.data : "", hint.data, json);
    text_fini(&message);
    text_fini(&hint);
    return code;
}

static int dispatch(int argc, char **argv)
{
    bool json = asks_for_json(argc, argv);
    const char *name = argc > 1 ? argv[1] : NULL;
    if (!name)
        return report_usage("no command given", "relgraph help lists the commands", json);
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        name = "help";
    else if (strcmp(name, "--version") == 0)
        name = "version";
    const char *const words[2] = {name, argc > 2 ? argv[2] : NULL};
    int used = 0;
    const struct command *group = NULL;
    const struct command *command = command_find(words, &used, &group);
    if (!command)
        return report_unknown_command(group, group ? words[1] : name, json);
    if (command->group && !(command->run && words[1]))
        return show_group(command, words[1], json);

    struct arguments arguments;
    struct text message = {0}, hint = {0};
    int code = 0;
    if (!options_parse(command, argc - 1 - used, argv + 1 + used, &arguments, &message, &hint))
        code = report_usage(message.data ? message.data : "", hint.data, json);
    else if (arguments.help)
        code = show_help(command, json);
    else
        code = command->run(&arguments);
    text_fini(&message);
    text_fini(&hint);
    return code;
}

int main(int argc, char **argv)
{
    /* Output is UTF-8 whatever the user's locale is; this is for wcwidth alone. */
    setlocale(LC_CTYPE, "C.UTF-8");
    /* A reader that has had enough is an error of write(2), which we handle, not a signal. */
    signal(SIGPIPE, SIG_IGN);
    return dispatch(argc, argv);
}
