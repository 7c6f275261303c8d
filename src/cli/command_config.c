/* relgraph config: the settings in force, as the library tells them, or laid out for people. */
#include "cli/commands.h"

#include <string.h>

#include <jansson.h>

#include "cli/error_report.h"
#include "cli/json_field.h"
#include "cli/session_open.h"
#include "cli/stdout_sink.h"

enum { VALUE_WIDTH_MAX = 24, GAP = 2 };

/* Bytes as a user may write them, exactly. */
static void put_bytes(struct text *out, json_int_t bytes)
{
    static const char *const units[] = {"", "KiB", "MiB", "GiB"};
    size_t unit = 0;
    while (unit < 3 && bytes && bytes % 1024 == 0) {
        bytes /= 1024;
        unit++;
    }
    text_printf(out, "%lld%s", (long long)bytes, units[unit]);
}

static void put_value(struct text *out, const json_t *setting)
{
    const json_t *value = json_object_get(setting, "value");
    if (strcmp(json_field(setting, "type"), "bytes") == 0)
        put_bytes(out, json_integer_value(value));
    else if (json_is_boolean(value))
        text_cstr(out, json_is_true(value) ? "on" : "off");
    else if (json_is_integer(value))
        text_printf(out, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        text_printf(out, "%g", json_real_value(value));
    else if (!json_string_length(value))
        text_char(out, '-', 1);
    else
        text_printable(out, json_string_value(value), json_string_length(value));
}

static void put_padded(struct text *out, const char *text, size_t width)
{
    size_t length = strlen(text);
    text_cstr(out, text);
    text_char(out, ' ', length < width ? width - length : GAP);
}

static void put_setting(struct text *out, const json_t *setting, size_t key_width,
                        size_t value_width)
{
    struct text value = {0};
    put_value(&value, setting);
    put_padded(out, json_field(setting, "key"), key_width + GAP);
    put_padded(out, value.data ? value.data : "", value_width + GAP);
    put_padded(out, json_field(setting, "source"), strlen("environment") + GAP);
    put_padded(out, json_field(setting, "decides"), strlen("decides") + GAP);
    json_print(out, setting, "{what}\n");
    if (json_field(setting, "note")[0]) {
        text_char(out, ' ', key_width + GAP);
        json_print(out, setting, "({note})\n");
    }
    text_fini(&value);
}

static void put_table(struct text *out, const json_t *config)
{
    const json_t *settings = json_object_get(config, "settings");
    size_t key_width = 0, value_width = strlen("value"), index;
    json_t *setting;
    json_array_foreach(settings, index, setting)
    {
        struct text value = {0};
        put_value(&value, setting);
        size_t length = strlen(json_field(setting, "key"));
        key_width = length > key_width ? length : key_width;
        value_width =
            value.len > value_width && value.len <= VALUE_WIDTH_MAX ? value.len : value_width;
        text_fini(&value);
    }
    put_padded(out, "setting", key_width + GAP);
    put_padded(out, "value", value_width + GAP);
    text_cstr(out, "from         decides  what it is\n");
    json_array_foreach(settings, index, setting)
    {
        put_setting(out, setting, key_width, value_width);
    }
    json_print(out, config, "\nhash of all settings             {sha256}\n");
    json_print(out, config, "of those that decide results     {results_sha256}\n");
}

int command_config(const struct arguments *arguments)
{
    struct rg_session *session = NULL;
    struct rg_error err = {0};
    char *json = NULL;
    struct sink sink = {0};
    if (session_open(arguments, (struct rg_session_options){0}, &session, &err) != RG_OK ||
        rg_session_config_json(session, &json, &err) != RG_OK) {
        rg_session_close(session);
        return report_error(&err, NULL, arguments->json);
    }
    if (arguments->json) {
        text_printf(&sink.text, "%s\n", json);
    } else {
        json_t *config = json_loads(json, 0, NULL);
        put_table(&sink.text, config);
        sink.text.failed = sink.text.failed || !config;
        json_decref(config);
    }
    rg_text_free(json);
    rg_session_close(session);
    return report_output(sink_finish(&sink), arguments->json);
}
