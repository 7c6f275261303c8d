/* Settings as the library wants them: one list, whoever names them. */
#include "cli/session_open.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

#define VARIABLE_PREFIX "RELGRAPH_"

struct list {
    struct rg_setting *items;
    char **keys; /* of items[i], where we made it */
    size_t n;
};

/* Settings that a flag switches on. */
static const struct {
    size_t flag; /* in struct arguments */
    const char *key;
} switched_on[] = {
    {offsetof(struct arguments, json_props), "write.props_json"},
    {offsetof(struct arguments, symbols), "write.symbols"},
    {offsetof(struct arguments, symbols), "write.occurrences"},
    {offsetof(struct arguments, symbols), "write.lines"},
};
#define SWITCHED_ON (sizeof switched_on / sizeof *switched_on)

static enum rg_status fail(struct rg_error *err, enum rg_status status, const char *message,
                           const char *hint)
{
    *err = (struct rg_error){.status = status, .layer = "settings"};
    snprintf(err->message, sizeof err->message, "%s", message);
    snprintf(err->hint, sizeof err->hint, "%s", hint);
    return status;
}

/* The key is the `length` bytes at `key`, behind `prefix`. */
static bool add(struct list *list, const char *prefix, const char *key, size_t length,
                const char *value, enum rg_setting_source source)
{
    char *copy = NULL;
    if (asprintf(&copy, "%s%.*s", prefix, (int)length, key) < 0)
        return false;
    list->keys[list->n] = copy;
    list->items[list->n++] = (struct rg_setting){copy, value, source};
    return true;
}

static size_t variables_count(void)
{
    size_t n = 0;
    for (char **variable = environ; variable && *variable; variable++)
        n += strncmp(*variable, VARIABLE_PREFIX, strlen(VARIABLE_PREFIX)) == 0;
    return n;
}

static bool add_variables(struct list *list)
{
    bool good = true;
    for (char **variable = environ; good && variable && *variable; variable++) {
        const char *equals = strchr(*variable, '=');
        if (equals && strncmp(*variable, VARIABLE_PREFIX, strlen(VARIABLE_PREFIX)) == 0)
            good = add(list, "", *variable, (size_t)(equals - *variable), equals + 1,
                       RG_SETTING_ENVIRONMENT);
    }
    return good;
}

static bool add_options(struct list *list, const struct arguments *arguments)
{
    bool good = true;
    if (arguments->profile)
        good = add(list, "profile", "", 0, arguments->profile, RG_SETTING_OPTION);
    if (good && arguments->memory)
        good = add(list, "engine.memory_limit", "", 0, arguments->memory, RG_SETTING_OPTION);
    for (size_t i = 0; good && i < SWITCHED_ON; i++)
        if (*(const bool *)((const char *)arguments + switched_on[i].flag))
            good = add(list, switched_on[i].key, "", 0, "on", RG_SETTING_OPTION);
    for (size_t i = 0; good && i < arguments->playbooks.count; i++)
        good = add(list, "playbook", "", 0, arguments->playbooks.items[i], RG_SETTING_OPTION);
    for (size_t i = 0; good && i < arguments->disabled.count; i++) {
        const char *gate = arguments->disabled.items[i];
        good = add(list, "gate.", gate, strlen(gate), "off", RG_SETTING_OPTION);
    }
    return good;
}

static enum rg_status add_set(struct list *list, const struct values *settings,
                              struct rg_error *err)
{
    for (size_t i = 0; i < settings->count; i++) {
        const char *text = settings->items[i], *equals = strchr(text, '=');
        char message[300];
        snprintf(message, sizeof message, "--set \"%.200s\" has no value", text);
        if (!equals)
            return fail(err, RG_ERR_USAGE, message, "such as --set engine.threads=2");
        if (!add(list, "", text, (size_t)(equals - text), equals + 1, RG_SETTING_SET))
            return fail(err, RG_ERR_MEMORY, "out of memory", "");
    }
    return RG_OK;
}

enum rg_status session_open(const struct arguments *arguments, struct rg_session_options options,
                            struct rg_session **out_session, struct rg_error *err)
{
    *out_session = NULL;
    size_t capacity = variables_count() + 2 + SWITCHED_ON + arguments->playbooks.count +
                      arguments->disabled.count + arguments->settings.count;
    struct list list = {.items = calloc(capacity, sizeof *list.items),
                        .keys = calloc(capacity, sizeof *list.keys)};
    enum rg_status status = RG_OK;
    if (!list.items || !list.keys || !add_variables(&list) || !add_options(&list, arguments))
        status = fail(err, RG_ERR_MEMORY, "out of memory", "");
    if (status == RG_OK)
        status = add_set(&list, &arguments->settings, err);
    options.struct_size = sizeof options;
    options.threads = (unsigned)arguments->threads;
    options.settings = list.items;
    options.n_settings = list.n;
    if (status == RG_OK)
        status = rg_session_open(&options, out_session, err);
    for (size_t i = 0; i < list.n; i++)
        free(list.keys[i]);
    free(list.keys);
    free(list.items);
    return status;
}
