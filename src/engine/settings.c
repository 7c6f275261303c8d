/* Which of several values wins: a profile's first, then the environment's, those of a playbook, of
 * options, and of --set. */
#include "engine/settings.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/json_build.h"
#include "base/suggest.h"
#include "engine/gates.h"

static const char layer[] = "settings";

#define VARIABLE_PREFIX "RELGRAPH_"
#define GATE_PREFIX     "gate."

const char *setting_source_name(enum setting_source source)
{
    static const char *const names[] = {
        [SETTING_FROM_PROFILE] = "profile",         [SETTING_FROM_MACHINE] = "machine",
        [SETTING_FROM_ENVIRONMENT] = "environment", [SETTING_FROM_PLAYBOOK] = "playbook",
        [SETTING_FROM_OPTION] = "option",           [SETTING_FROM_SET] = "set",
    };
    return names[source];
}

const char *setting_reach_name(enum setting_reach reach)
{
    static const char *const names[] = {
        [REACH_COSTS] = "costs", [REACH_INPUTS] = "inputs", [REACH_RESULTS] = "results"};
    return names[reach];
}

/* --- Rows ----------------------------------------------------------------------------------- */

/* The length of a family's name without its star; 0 where the spec is none. */
static size_t family_length(const struct setting_spec *spec)
{
    size_t length = strlen(spec->key);
    return spec->key[length - 1] == '*' ? length - 1 : 0;
}

static struct setting_value *row_find(const struct settings *settings, struct str key)
{
    for (size_t i = 0; i < settings->n_rows; i++)
        if (str_is(key, settings->rows[i].key))
            return &settings->rows[i];
    return NULL;
}

const struct setting_value *settings_find(const struct settings *settings, struct str key)
{
    return row_find(settings, key);
}

const char *settings_member(const struct settings *settings, const char *prefix, struct str member)
{
    struct str head = str_of(prefix);
    for (size_t i = 0; i < settings->n_rows; i++) {
        struct str key = str_of(settings->rows[i].key);
        if (str_starts(key, head) &&
            str_eq(member, (struct str){key.ptr + head.len, key.len - head.len}))
            return settings->rows[i].value;
    }
    return NULL;
}

static struct setting_value *row_add(struct settings *settings, const struct setting_spec *spec,
                                     const char *key, const char *what)
{
    if (settings->n_rows == settings->rows_capacity) {
        size_t capacity = settings->rows_capacity ? settings->rows_capacity * 2 : 64;
        struct setting_value *grown =
            arena_grow(&settings->arena, settings->rows, settings->n_rows, capacity, sizeof *grown);
        if (!grown)
            return NULL;
        settings->rows = grown;
        settings->rows_capacity = capacity;
    }
    struct setting_value *row = &settings->rows[settings->n_rows++];
    *row = (struct setting_value){.spec = spec, .key = key, .what = what};
    return row;
}

static enum rg_status row_set(struct settings *settings, struct setting_value *row, const char *who,
                              const char *value, enum setting_source source, struct rg_error *err)
{
    enum rg_status status = setting_read(row->spec, who, value, settings, &row->value, err);
    if (status != RG_OK)
        return status;
    row->source = source;
    row->note = NULL;
    for (size_t g = 0; g < gate_specs_count; g++) {
        if (strncmp(row->key, GATE_PREFIX, strlen(GATE_PREFIX)) == 0 &&
            strcmp(row->key + strlen(GATE_PREFIX), gate_specs[g].name) == 0) {
            uint64_t bit = UINT64_C(1) << g;
            bool on = strcmp(row->value, "on") == 0;
            settings->gates_off = on ? settings->gates_off & ~bit : settings->gates_off | bit;
        }
    }
    return RG_OK;
}

/* --- Names ---------------------------------------------------------------------------------- */

/* The variable of the environment that stands for a key. */
static const char *variable_of(struct settings *settings, const char *key)
{
    char *name = arena_printf(&settings->arena, VARIABLE_PREFIX "%s", key);
    for (char *c = name; c && *c; c++)
        *c = *c == '.' ? '_' : (char)toupper((unsigned char)*c);
    return name;
}

static enum rg_status unknown(const char *what, const char *name, const struct suggestion *near,
                              const char *otherwise, struct rg_error *err)
{
    error_set(err, RG_ERR_USAGE, layer, "there is no %s \"%.200s\"", what, name);
    if (near->best.ptr)
        error_hint(err, "did you mean " STR_FMT "? %s", STR_ARG(near->best), otherwise);
    else
        error_hint(err, "%s", otherwise);
    return RG_ERR_USAGE;
}

#define LISTED "`relgraph config` lists all of them"

static enum rg_status unknown_key(struct settings *settings, const char *name, bool is_variable,
                                  struct rg_error *err)
{
    struct suggestion near = {.name = str_of(name)};
    RG_ASSERT(settings->rows || !settings->n_rows);
    if (strncmp(name, GATE_PREFIX, strlen(GATE_PREFIX)) == 0) {
        near.name = str_of(name + strlen(GATE_PREFIX));
        for (size_t i = 0; i < gate_specs_count; i++)
            suggest_offer(&near, str_of(gate_specs[i].name));
        return unknown("gate", near.name.ptr, &near, LISTED, err);
    }
    for (size_t i = 0; i < settings->n_rows; i++) {
        const char *key = settings->rows[i].key;
        key = is_variable ? variable_of(settings, key) : key;
        const char *alias = settings->rows[i].spec->variable;
        if (key)
            suggest_offer(&near, str_of(key));
        if (alias && is_variable)
            suggest_offer(&near, str_of(alias));
    }
    return unknown(is_variable ? "setting for the variable" : "setting", name, &near, LISTED, err);
}

/* The member of a family that a name means, with a row for it; gates have theirs already. */
static enum rg_status member_row(struct settings *settings, const char *key,
                                 struct setting_value **out_row, struct rg_error *err)
{
    *out_row = NULL;
    for (size_t i = 0; i < setting_specs_count; i++) {
        const struct setting_spec *spec = &setting_specs[i];
        size_t length = family_length(spec);
        if (!length || strncmp(key, spec->key, length) != 0 || !key[length] || spec->defaults[0])
            continue;
        const char *copy = arena_cstr(&settings->arena, str_of(key));
        *out_row = copy ? row_add(settings, spec, copy, spec->what) : NULL;
        return *out_row ? RG_OK : error_no_memory(err, layer);
    }
    return RG_OK;
}

static enum rg_status variable_row(struct settings *settings, const char *variable,
                                   struct setting_value **out_row, struct rg_error *err)
{
    *out_row = NULL;
    for (size_t i = 0; i < settings->n_rows; i++) {
        const struct setting_value *row = &settings->rows[i];
        const char *name = variable_of(settings, row->key);
        if (!name)
            return error_no_memory(err, layer);
        if (strcmp(variable, name) == 0 ||
            (row->spec->variable && strcmp(variable, row->spec->variable) == 0)) {
            *out_row = &settings->rows[i];
            return RG_OK;
        }
    }
    for (size_t i = 0; i < setting_specs_count; i++) {
        const struct setting_spec *spec = &setting_specs[i];
        size_t length = family_length(spec), head = strlen(VARIABLE_PREFIX);
        const char *name = length ? variable_of(settings, spec->key) : NULL;
        if (!name || strncmp(variable, name, head + length) != 0)
            continue;
        char *key = arena_printf(&settings->arena, "%.*s%s", (int)length, spec->key,
                                 variable + head + length);
        for (char *c = key ? key + length : NULL; c && *c; c++)
            *c = (char)tolower((unsigned char)*c);
        return key ? member_row(settings, key, out_row, err) : error_no_memory(err, layer);
    }
    return RG_OK;
}

static enum rg_status assign(struct settings *settings, const char *name, const char *value,
                             enum setting_source source, struct rg_error *err)
{
    bool is_variable = source == SETTING_FROM_ENVIRONMENT;
    struct setting_value *row = is_variable ? NULL : row_find(settings, str_of(name));
    enum rg_status status = RG_OK;
    if (is_variable)
        status = variable_row(settings, name, &row, err);
    else if (!row)
        status = member_row(settings, name, &row, err);
    if (status != RG_OK)
        return status;
    return row ? row_set(settings, row, name, value, source, err)
               : unknown_key(settings, name, is_variable, err);
}

/* --- Profiles ------------------------------------------------------------------------------- */

/* A profile asks for what is usual; a machine may have less. */
static enum rg_status clip(struct settings *settings, struct setting_value *row,
                           struct rg_error *err)
{
    enum setting_clip kind = row->spec->clip;
    uint64_t most = machine_most(kind), wanted = strtoull(row->value, NULL, 10);
    if (kind == CLIP_NONE || wanted <= most)
        return RG_OK;
    char value[32];
    most = most > row->spec->min ? most : row->spec->min;
    snprintf(value, sizeof value, "%llu", (unsigned long long)most);
    enum rg_status status = row_set(settings, row, row->key, value, SETTING_FROM_MACHINE, err);
    row->note = arena_printf(&settings->arena, "the profile asks for %llu, the machine allows %s",
                             (unsigned long long)wanted, value);
    return status != RG_OK || row->note ? status : error_no_memory(err, layer);
}

static enum rg_status add_default(struct settings *settings, const struct setting_spec *spec,
                                  const char *key, const char *what, enum rg_profile profile,
                                  struct rg_error *err)
{
    struct setting_value *row = row_add(settings, spec, key, what);
    if (!row)
        return error_no_memory(err, layer);
    enum rg_status status =
        row_set(settings, row, key, spec->defaults[profile], SETTING_FROM_PROFILE, err);
    return status == RG_OK ? clip(settings, row, err) : status;
}

static enum rg_status add_defaults(struct settings *settings, enum rg_profile profile,
                                   struct rg_error *err)
{
    enum rg_status status = RG_OK;
    for (size_t i = 0; i < setting_specs_count && status == RG_OK; i++) {
        const struct setting_spec *spec = &setting_specs[i];
        if (spec->defaults[0] && !family_length(spec))
            status = add_default(settings, spec, spec->key, spec->what, profile, err);
        for (size_t g = 0; spec->defaults[0] && family_length(spec) && g < gate_specs_count; g++) {
            char *key = arena_printf(&settings->arena, GATE_PREFIX "%s", gate_specs[g].name);
            if (status == RG_OK)
                status = key ? add_default(settings, spec, key, gate_specs[g].what, profile, err)
                             : error_no_memory(err, layer);
        }
    }
    return status;
}

/* --- Who sets what -------------------------------------------------------------------------- */

static enum setting_source source_of(const struct rg_setting *given)
{
    static const enum setting_source sources[] = {
        [RG_SETTING_SET] = SETTING_FROM_SET,
        [RG_SETTING_OPTION] = SETTING_FROM_OPTION,
        [RG_SETTING_ENVIRONMENT] = SETTING_FROM_ENVIRONMENT,
    };
    return sources[given->source];
}

static bool is_named(const struct rg_setting *given, const char *key, const char *variable)
{
    return strcmp(given->key, given->source == RG_SETTING_ENVIRONMENT ? variable : key) == 0;
}

static enum rg_status check_given(const struct rg_session_options *options, struct rg_error *err)
{
    if ((unsigned)options->profile >= PROFILES)
        return error_set(err, RG_ERR_USAGE, layer, "there is no profile number %u",
                         (unsigned)options->profile);
    if (options->n_settings && !options->settings)
        return error_set(err, RG_ERR_USAGE, layer, "the list of settings is missing");
    for (size_t i = 0; i < options->n_settings; i++) {
        const struct rg_setting *given = &options->settings[i];
        if (!given->key || !given->value || (unsigned)given->source > RG_SETTING_ENVIRONMENT)
            return error_set(err, RG_ERR_USAGE, layer, "setting number %zu has no key or no value",
                             i + 1);
    }
    return RG_OK;
}

/* Which profile all begins from; the last one that is named, by rank of who names it. */
static enum rg_status find_profile(const struct rg_session_options *options,
                                   struct settings *settings, enum rg_profile *out_profile,
                                   enum setting_source *out_source, struct rg_error *err)
{
    *out_profile = options->profile;
    *out_source = options->profile ? SETTING_FROM_OPTION : SETTING_FROM_PROFILE;
    for (size_t i = 0; i < options->n_settings; i++) {
        const struct rg_setting *given = &options->settings[i];
        if (!is_named(given, "profile", VARIABLE_PREFIX "PROFILE") ||
            source_of(given) < *out_source)
            continue;
        const char *value;
        enum rg_status status =
            setting_read(&setting_specs[0], given->key, given->value, settings, &value, err);
        if (status != RG_OK)
            return status;
        *out_profile = settings->profile;
        *out_source = source_of(given);
    }
    return RG_OK;
}

static enum rg_status apply_playbook(struct settings *settings, const char *name,
                                     enum setting_source source, struct rg_error *err)
{
    struct suggestion near = {.name = str_of(name)};
    const struct playbook *found = NULL;
    for (size_t i = 0; i < playbooks_count; i++) {
        suggest_offer(&near, str_of(playbooks[i].name));
        if (strcmp(playbooks[i].name, name) == 0)
            found = &playbooks[i];
    }
    if (!found)
        return unknown("playbook", name, &near, "They are in docs/settings.md", err);
    struct setting_value *row = row_find(settings, STR("playbook"));
    RG_ASSERT(row);
    const char *names =
        *row->value ? arena_printf(&settings->arena, "%s,%s", row->value, name) : name;
    enum rg_status status = names ? row_set(settings, row, "playbook", names, source, err)
                                  : error_no_memory(err, layer);
    for (const struct playbook_value *v = found->values; v->key && status == RG_OK; v++)
        status = assign(settings, v->key, v->value, SETTING_FROM_PLAYBOOK, err);
    return status;
}

static enum rg_status apply_playbooks(struct settings *settings,
                                      const struct rg_session_options *options,
                                      struct rg_error *err)
{
    enum rg_status status = RG_OK;
    for (size_t i = 0; i < options->n_settings && status == RG_OK; i++) {
        const struct rg_setting *given = &options->settings[i];
        if (is_named(given, "playbook", VARIABLE_PREFIX "PLAYBOOK") && *given->value)
            status = apply_playbook(settings, given->value, source_of(given), err);
    }
    return status;
}

static enum rg_status apply_source(struct settings *settings,
                                   const struct rg_session_options *options,
                                   enum setting_source source, struct rg_error *err)
{
    enum rg_status status = RG_OK;
    for (size_t i = 0; i < options->n_settings && status == RG_OK; i++) {
        const struct rg_setting *given = &options->settings[i];
        if (source_of(given) == source && !is_named(given, "profile", VARIABLE_PREFIX "PROFILE") &&
            !is_named(given, "playbook", VARIABLE_PREFIX "PLAYBOOK"))
            status = assign(settings, given->key, given->value, source, err);
    }
    return status;
}

/* The fields of the options struct are rows like others. One number of threads means all kinds. */
static enum rg_status apply_fields(struct settings *settings,
                                   const struct rg_session_options *options, struct rg_error *err)
{
    char number[32];
    enum rg_status status = RG_OK;
    snprintf(number, sizeof number, "%u", options->threads);
    if (options->threads)
        status = assign(settings, "engine.threads", number, SETTING_FROM_OPTION, err);
    if (options->threads && status == RG_OK)
        status = assign(settings, "extract.threads", number, SETTING_FROM_OPTION, err);
    if (options->threads && options->threads < settings->io_threads && status == RG_OK)
        status = assign(settings, "io.threads", number, SETTING_FROM_OPTION, err);
    snprintf(number, sizeof number, "%llu", (unsigned long long)options->memory_limit_bytes);
    if (options->memory_limit_bytes && status == RG_OK)
        status = assign(settings, "engine.memory_limit", number, SETTING_FROM_OPTION, err);
    if (options->temp_directory && status == RG_OK)
        status = assign(settings, "engine.temp_directory", options->temp_directory,
                        SETTING_FROM_OPTION, err);
    return status;
}

/* In the order of the table: members of families were added where they were met. */
static int order_rows(const void *a, const void *b)
{
    const struct setting_value *left = a, *right = b;
    if (left->spec != right->spec)
        return left->spec < right->spec ? -1 : 1;
    return strcmp(left->key, right->key);
}

enum rg_status settings_init(struct settings *settings, const struct rg_session_options *options,
                             struct rg_error *err)
{
    *settings = (struct settings){0};
    enum rg_profile profile;
    enum setting_source source;
    enum rg_status status = check_given(options, err);
    if (status == RG_OK)
        status = find_profile(options, settings, &profile, &source, err);
    if (status == RG_OK)
        status = add_defaults(settings, profile, err);
    if (status == RG_OK)
        row_find(settings, STR("profile"))->source = source;
    if (status == RG_OK)
        status = apply_source(settings, options, SETTING_FROM_ENVIRONMENT, err);
    if (status == RG_OK)
        status = apply_playbooks(settings, options, err);
    if (status == RG_OK)
        status = apply_fields(settings, options, err);
    if (status == RG_OK)
        status = apply_source(settings, options, SETTING_FROM_OPTION, err);
    if (status == RG_OK)
        status = apply_source(settings, options, SETTING_FROM_SET, err);
    if (status == RG_OK)
        qsort(settings->rows, settings->n_rows, sizeof *settings->rows, order_rows);
    return status;
}

void settings_fini(struct settings *settings)
{
    arena_fini(&settings->arena);
    *settings = (struct settings){0};
}

/* --- Telling -------------------------------------------------------------------------------- */

enum rg_status settings_sha256(const struct settings *settings, bool results_only, char out_hex[65],
                               struct rg_error *err)
{
    struct buffer text = {0};
    for (size_t i = 0; i < settings->n_rows; i++) {
        const struct setting_value *row = &settings->rows[i];
        if (row->spec->reach == REACH_RESULTS || !results_only)
            buffer_printf(&text, "%s=%s\n", row->key, row->value);
    }
    bool failed = text.failed;
    struct str view = buffer_view(&text);
    digest_sha256(view.ptr, view.len, out_hex);
    buffer_fini(&text);
    return failed ? error_no_memory(err, layer) : RG_OK;
}

static json_t *value_json(const struct setting_value *row)
{
    switch (row->spec->type) {
    case SETTING_BOOL:
        return json_boolean(strcmp(row->value, "on") == 0);
    case SETTING_COUNT:
    case SETTING_BYTES:
        return json_integer((json_int_t)strtoull(row->value, NULL, 10));
    case SETTING_SECONDS:
        return json_real(strtod(row->value, NULL));
    case SETTING_CHOICE:
    case SETTING_TEXT:
        break;
    }
    return json_string_nocheck(row->value);
}

static json_t *row_json(const struct setting_value *row)
{
    static const char *const types[] = {
        [SETTING_BOOL] = "bool",       [SETTING_COUNT] = "count",   [SETTING_BYTES] = "bytes",
        [SETTING_SECONDS] = "seconds", [SETTING_CHOICE] = "choice", [SETTING_TEXT] = "text",
    };
    json_t *json =
        json_pack("{s:s, s:o, s:s, s:s, s:s, s:b, s:s}", "key", row->key, "value", value_json(row),
                  "type", types[row->spec->type], "source", setting_source_name(row->source),
                  "decides", setting_reach_name(row->spec->reach), "changes_results",
                  (int)(row->spec->reach == REACH_RESULTS), "what", row->what);
    if (row->note)
        json_put(&json, STR("note"), json_string(row->note));
    return json;
}

enum rg_status settings_json(const struct settings *settings, char **out_text, struct rg_error *err)
{
    *out_text = NULL;
    char all[65], results[65];
    enum rg_status status = settings_sha256(settings, false, all, err);
    if (status == RG_OK)
        status = settings_sha256(settings, true, results, err);
    if (status != RG_OK)
        return status;
    json_t *rows = json_array();
    for (size_t i = 0; i < settings->n_rows; i++)
        json_add(&rows, row_json(&settings->rows[i]));
    json_t *root =
        json_pack("{s:o, s:s, s:s}", "settings", rows, "sha256", all, "results_sha256", results);
    *out_text = json_take_text(root, JSON_INDENT(2));
    return *out_text ? RG_OK : error_no_memory(err, layer);
}
