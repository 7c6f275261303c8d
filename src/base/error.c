/* Errors: formatting into the caller's fixed-size struct; nothing here allocates. */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#undef error_set /* the analyser's view of them */
#undef error_errno
#undef error_no_memory
#undef error_corrupt

static const char *const status_names[] = {
    [RG_OK] = "ok",
    [RG_ERR_USAGE] = "usage",
    [RG_ERR_IO] = "io",
    [RG_ERR_DISK_FULL] = "disk_full",
    [RG_ERR_MEMORY] = "memory",
    [RG_ERR_LIMIT] = "limit",
    [RG_ERR_BUSY] = "busy",
    [RG_ERR_NOT_FOUND] = "not_found",
    [RG_ERR_FORBIDDEN] = "forbidden",
    [RG_ERR_PARSE] = "parse",
    [RG_ERR_SUBSET] = "outside_subset",
    [RG_ERR_BIND] = "bind",
    [RG_ERR_RULE] = "rule",
    [RG_ERR_AUDIT] = "audit",
    [RG_ERR_CORRUPT] = "corrupt",
    [RG_ERR_ENGINE] = "engine",
    [RG_ERR_CANCELLED] = "cancelled",
    [RG_ERR_CHANGED] = "changed",
    [RG_ERR_CONTRACT] = "contract",
    [RG_ERR_INTERNAL] = "internal",
};

const char *rg_status_name(enum rg_status status)
{
    size_t index = (size_t)status;
    return index < sizeof status_names / sizeof *status_names ? status_names[index] : "unknown";
}

/* The arguments may point into err itself: it is formatted before it is cleared. */
RG_PRINTF(4, 0)
static enum rg_status set_with(struct rg_error *err, enum rg_status status, const char *layer,
                               const char *format, va_list args)
{
    if (err) {
        struct rg_error fresh = {.status = status};
        vsnprintf(fresh.message, sizeof fresh.message, format, args);
        snprintf(fresh.layer, sizeof fresh.layer, "%s", layer);
        *err = fresh;
    }
    return status;
}

enum rg_status error_set(struct rg_error *err, enum rg_status status, const char *layer,
                         const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set_with(err, status, layer, format, args);
    va_end(args);
    return status;
}

enum rg_status error_corrupt(struct rg_error *err, struct error_damage damage, const char *format,
                             ...)
{
    va_list args;
    va_start(args, format);
    set_with(err, RG_ERR_CORRUPT, damage.layer, format, args);
    va_end(args);
    error_place(err, damage.path, 0, 0);
    error_hint(err, "%s", damage.hint);
    return RG_ERR_CORRUPT;
}

void error_hint(struct rg_error *err, const char *format, ...)
{
    if (!err)
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(err->hint, sizeof err->hint, format, args);
    va_end(args);
}

void error_place(struct rg_error *err, const char *file, uint32_t line, uint32_t column)
{
    if (!err)
        return;
    err->line = line;
    err->column = column;
    if (!file)
        return;
    size_t length = strlen(file);
    size_t room = sizeof err->file - 1;
    if (length <= room)
        memcpy(err->file, file, length + 1);
    else
        snprintf(err->file, sizeof err->file, "...%s", file + length - (room - 3));
}

void error_rule(struct rg_error *err, const char *rule)
{
    if (err)
        snprintf(err->rule, sizeof err->rule, "%s", rule);
}

enum rg_status error_errno(struct rg_error *err, const char *layer, int error_number,
                           const char *what, const char *path)
{
    enum rg_status status = RG_ERR_IO;
    if (error_number == ENOSPC || error_number == EDQUOT)
        status = RG_ERR_DISK_FULL;
    else if (error_number == ENOMEM)
        status = RG_ERR_MEMORY;
    char reason[128];
    /* The GNU variant may return a static text instead of filling the buffer. */
    const char *text = strerror_r(error_number, reason, sizeof reason);
    error_set(err, status, layer, "%s %s: %s", what, path, text);
    error_place(err, path, 0, 0);
    if (status == RG_ERR_DISK_FULL)
        error_hint(err, "free some space, or write to another file system");
    return status;
}

enum rg_status error_no_memory(struct rg_error *err, const char *layer)
{
    return error_set(err, RG_ERR_MEMORY, layer, "out of memory");
}
