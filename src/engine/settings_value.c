/* Texts as values of settings: one reader for each type, and what the machine allows. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/pool.h"
#include "base/suggest.h"
#include "engine/settings.h"

static const char layer[] = "settings";

/* --- The machine ---------------------------------------------------------------------------- */

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
static uint64_t machine_memory(void)
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

uint64_t machine_most(enum setting_clip clip)
{
    switch (clip) {
    case CLIP_PROCESSORS:
        return pool_processors();
    case CLIP_MEMORY:
        return machine_memory() / 10 * 9;
    case CLIP_PARSES:
        /* A parse needs some 130 bytes a source byte (limits.h): a fifth of the memory for it. */
        return machine_memory() / 5 / 130;
    case CLIP_NONE:
        break;
    }
    return UINT64_MAX;
}

/* --- Reading -------------------------------------------------------------------------------- */

RG_PRINTF(4, 5)
static enum rg_status wrong(struct rg_error *err, const char *who, const char *text,
                            const char *format, ...)
{
    char hint[200];
    va_list args;
    va_start(args, format);
    vsnprintf(hint, sizeof hint, format, args);
    va_end(args);
    error_set(err, RG_ERR_USAGE, layer, "%s cannot be \"%.200s\"", who, text);
    error_hint(err, "%s", hint);
    return RG_ERR_USAGE;
}

/* Digits only: strtoull would take "-1", " 1" and "+1" as well. */
static bool read_digits(const char *text, const char **out_end, uint64_t *out_value)
{
    char *end = NULL;
    if (text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    *out_value = strtoull(text, &end, 10);
    *out_end = end;
    return errno == 0;
}

static bool read_count(const struct setting_spec *spec, const char *text, uint64_t *out_value)
{
    const char *end = NULL;
    if (spec->clip == CLIP_PROCESSORS && strcmp(text, "all") == 0) {
        *out_value = pool_processors();
        return true;
    }
    return read_digits(text, &end, out_value) && *end == '\0';
}

static bool read_bytes(const struct setting_spec *spec, const char *text, uint64_t *out_value)
{
    static const struct {
        const char *name;
        uint64_t factor;
    } units[] = {
        {"", 1},           {"B", 1},           {"K", 1000},       {"KB", 1000},
        {"KiB", 1024},     {"M", 1000000},     {"MB", 1000000},   {"MiB", 1u << 20},
        {"G", 1000000000}, {"GB", 1000000000}, {"GiB", 1u << 30},
    };
    const char *unit = NULL;
    uint64_t count = 0;
    if (!read_digits(text, &unit, &count))
        return false;
    if (spec->clip == CLIP_MEMORY && strcmp(unit, "%") == 0 && count <= 100) {
        uint64_t bytes = machine_memory() / 100 * count >> 20 << 20;
        *out_value = bytes > spec->min ? bytes : spec->min;
        return true;
    }
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(unit, units[i].name) == 0 && count <= UINT64_MAX / units[i].factor) {
            *out_value = count * units[i].factor;
            return true;
        }
    }
    return false;
}

static void field_put(const struct setting_spec *spec, struct settings *settings, const void *value,
                      size_t size)
{
    if (!spec->size)
        return;
    RG_ASSERT(spec->size == size);
    memcpy((char *)settings + spec->offset, value, size);
}

/* Numbers have 4 bytes or 8 in the struct. */
static void number_put(const struct setting_spec *spec, struct settings *settings, uint64_t value)
{
    unsigned narrow = (unsigned)value;
    if (spec->size == sizeof narrow)
        field_put(spec, settings, &narrow, sizeof narrow);
    else
        field_put(spec, settings, &value, sizeof value);
}

static enum rg_status number_read(const struct setting_spec *spec, const char *who,
                                  const char *text, struct settings *settings,
                                  const char **out_value, struct rg_error *err)
{
    uint64_t value = 0;
    bool bytes = spec->type == SETTING_BYTES;
    if (bytes ? !read_bytes(spec, text, &value) : !read_count(spec, text, &value))
        return wrong(err, who, text, "%s%s",
                     bytes ? "a size such as 512MB or 2GiB" : "a number such as 4",
                     spec->clip == CLIP_MEMORY       ? ", or 60% of the machine's memory"
                     : spec->clip == CLIP_PROCESSORS ? ", or all"
                                                     : "");
    if (value < spec->min || value > spec->max)
        return wrong(err, who, text, "it lies between %llu and %llu", (unsigned long long)spec->min,
                     (unsigned long long)spec->max);
    number_put(spec, settings, value);
    *out_value = arena_printf(&settings->arena, "%llu", (unsigned long long)value);
    return *out_value ? RG_OK : error_no_memory(err, layer);
}

static enum rg_status bool_read(const struct setting_spec *spec, const char *who, const char *text,
                                struct settings *settings, const char **out_value,
                                struct rg_error *err)
{
    static const char *const words[2][4] = {{"off", "false", "no", "0"},
                                            {"on", "true", "yes", "1"}};
    for (size_t i = 0; i < 8; i++) {
        if (strcasecmp(text, words[i / 4][i % 4]) == 0) {
            bool value = i / 4 == 1;
            field_put(spec, settings, &value, sizeof value);
            *out_value = words[i / 4][0];
            return RG_OK;
        }
    }
    return wrong(err, who, text, "on or off");
}

static enum rg_status choice_read(const struct setting_spec *spec, const char *who,
                                  const char *text, struct settings *settings,
                                  const char **out_value, struct rg_error *err)
{
    char list[160] = "";
    size_t used = 0;
    struct suggestion near = {.name = str_of(text)};
    for (int i = 0; spec->choices[i]; i++) {
        if (strcmp(text, spec->choices[i]) == 0) {
            field_put(spec, settings, &i, sizeof i);
            *out_value = spec->choices[i];
            return RG_OK;
        }
        suggest_offer(&near, str_of(spec->choices[i]));
        int n = snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", spec->choices[i]);
        RG_ASSERT(n > 0 && used + (size_t)n < sizeof list);
        used += (size_t)n;
    }
    if (near.best.ptr)
        return wrong(err, who, text, "did you mean " STR_FMT "? It is one of %s",
                     STR_ARG(near.best), list);
    return wrong(err, who, text, "one of %s", list);
}

static enum rg_status text_read(const struct setting_spec *spec, const char *text,
                                struct settings *settings, const char **out_value,
                                struct rg_error *err)
{
    char *copy = arena_cstr(&settings->arena, str_of(text));
    if (!copy)
        return error_no_memory(err, layer);
    *out_value = copy;
    char *field = *copy ? copy : NULL;
    field_put(spec, settings, &field, sizeof field);
    return RG_OK;
}

static enum rg_status seconds_read(const struct setting_spec *spec, const char *who,
                                   const char *text, struct settings *settings,
                                   const char **out_value, struct rg_error *err)
{
    char *end = NULL;
    double value = isdigit((unsigned char)text[0]) ? strtod(text, &end) : 0;
    if (!end || *end || !isfinite(value))
        return wrong(err, who, text, "seconds such as 30 or 0.5");
    if (value < (double)spec->min || value > (double)spec->max)
        return wrong(err, who, text, "it lies between %llu and %llu seconds",
                     (unsigned long long)spec->min, (unsigned long long)spec->max);
    field_put(spec, settings, &value, sizeof value);
    *out_value = arena_printf(&settings->arena, "%.15g", value);
    return *out_value ? RG_OK : error_no_memory(err, layer);
}

enum rg_status setting_read(const struct setting_spec *spec, const char *who, const char *text,
                            struct settings *settings, const char **out_value, struct rg_error *err)
{
    switch (spec->type) {
    case SETTING_BOOL:
        return bool_read(spec, who, text, settings, out_value, err);
    case SETTING_COUNT:
    case SETTING_BYTES:
        return number_read(spec, who, text, settings, out_value, err);
    case SETTING_SECONDS:
        return seconds_read(spec, who, text, settings, out_value, err);
    case SETTING_CHOICE:
        return choice_read(spec, who, text, settings, out_value, err);
    case SETTING_TEXT:
        return text_read(spec, text, settings, out_value, err);
    }
    return RG_ERR_INTERNAL;
}
