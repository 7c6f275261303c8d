/* How the compiler tells what is wrong with a rule: rule, file, line, column, the line itself with
 * a caret below, and what may have been meant. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/error.h"
#include "compile/rule_parts.h"
#include "base/suggest.h"

/* Bytes of the name at a place, with its qualifiers; at least 1. */
static uint32_t word_width(struct str text, uint32_t line, uint32_t column)
{
    struct str rest = text, found = {NULL, 0};
    for (uint32_t i = 0; i < line && rest.ptr; i++)
        found = str_split(&rest, '\n');
    uint32_t width = 0;
    for (size_t at = column - 1; at < found.len; at++, width++)
        if (!isalnum((unsigned char)found.ptr[at]) && found.ptr[at] != '_' && found.ptr[at] != '.')
            break;
    return width ? width : 1;
}

/* The line of the file and a caret, where both fit; width 0: that of the name there. */
static void add_excerpt(struct rg_error *err, const struct rule *rule, uint32_t line,
                        uint32_t column, uint32_t width)
{
    struct buffer text = {0};
    if (!err || !rule->text.ptr || !line || !column)
        return;
    width = width ? width : word_width(rule->text, line, column);
    sql_print_caret(rule->text, line, column, width, &text);
    if (!text.failed && text.len < sizeof err->excerpt)
        snprintf(err->excerpt, sizeof err->excerpt, STR_FMT, STR_ARG(buffer_view(&text)));
    buffer_fini(&text);
}

RG_PRINTF(6, 0)
static enum rg_status fail(struct rg_error *err, const struct rule *rule, uint32_t line,
                           uint32_t column, uint32_t width, const char *format, va_list args)
{
    char message[sizeof((struct rg_error *)0)->message];
    char name[sizeof((struct rg_error *)0)->rule], file[1024];
    vsnprintf(message, sizeof message, format, args);
    snprintf(name, sizeof name, STR_FMT, STR_ARG(rule->name));
    snprintf(file, sizeof file, STR_FMT, STR_ARG(rule->file));
    enum rg_status status = error_set(err, RG_ERR_RULE, COMPILE_LAYER, "%s", message);
    error_rule(err, name);
    error_place(err, file, line, column);
    add_excerpt(err, rule, line, column, width);
    return status;
}

enum rg_status rule_fail(struct rg_error *err, const struct rule *rule, uint32_t line,
                         uint32_t column, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    enum rg_status status = fail(err, rule, line, column, 0, format, args);
    va_end(args);
    return status;
}

enum rg_status rule_fail_at(struct rg_error *err, const struct rule *rule, struct sql_span span,
                            const char *format, ...)
{
    uint32_t line = 1, column = 1, end_line, end_column;
    uint32_t width = 1;
    va_list args;
    if (rule->sql.ptr) {
        sql_place(rule->sql, span.start, &line, &column);
        sql_place(rule->sql, span.end, &end_line, &end_column);
        if (end_line == line && end_column > column)
            width = end_column - column;
    }
    va_start(args, format);
    enum rg_status status = fail(err, rule, rule->sql_line + line - 1, column, width, format, args);
    va_end(args);
    return status;
}

static enum rg_status fail_line(struct rg_error *err, const struct rule *rule, uint32_t line,
                                uint32_t column, const struct rg_error *why)
{
    enum rg_status status = rule_fail(err, rule, line, column, "%s", why->message);
    if (why->hint[0])
        error_hint(err, "%s", why->hint);
    return status;
}

enum rg_status rule_fail_with(struct rg_error *err, const struct rule *rule,
                              const struct rg_error *why)
{
    static const char reads[] =
        "a rule reads declared relations, no files: `relgraph schema` lists "
        "them";
    if (why->status == RG_ERR_FORBIDDEN) { /* a file, by the engine: it does not say where */
        enum rg_status status = fail_line(err, rule, rule->sql_line, 1, why);
        error_hint(err, "%s", reads);
        return status;
    }
    bool of_text = why->status == RG_ERR_PARSE || why->status == RG_ERR_SUBSET ||
                   why->status == RG_ERR_BIND || why->status == RG_ERR_RULE ||
                   (why->status == RG_ERR_LIMIT && why->line);
    if (!of_text) {
        if (err)
            *err = *why;
        return why->status;
    }
    enum rg_status status =
        fail_line(err, rule, rule->sql_line + (why->line ? why->line - 1 : 0), why->column, why);
    if (!why->hint[0] && strstr(why->message, "does not exist"))
        error_hint(err, "%s", reads);
    return status;
}

enum rg_status rule_set_limit(const struct rule_set *set, const struct rule *rule,
                              enum rg_status status, struct rg_error *err)
{
    if (status != RG_ERR_MEMORY || !set->arena.full)
        return status;
    size_t n = set->n_rules + set->n_audits;
    status = error_set(err, RG_ERR_LIMIT, COMPILE_LAYER,
                       "compiling %zu rule%s needs more than the %zu MiB of memory that a set of "
                       "rules may take",
                       n, n == 1 ? "" : "s", set->arena.bytes_max >> 20);
    error_hint(err, "no setting raises it: split the largest rules, or take some folders out; "
                    "values by the million belong into a table");
    if (rule && err) {
        snprintf(err->rule, sizeof err->rule, STR_FMT, STR_ARG(rule->name));
        snprintf(err->file, sizeof err->file, STR_FMT, STR_ARG(rule->file));
    }
    return status;
}

enum rg_status rule_set_problem(struct rule_set *set, struct rule *rule, enum rg_status status,
                                struct rg_error *err)
{
    status = rule_set_limit(set, rule, status, err);
    if (status != RG_ERR_RULE || !set->keep_going)
        return status;
    struct rg_error *grown =
        arena_grow(&set->arena, set->problems, set->n_problems, set->n_problems + 1, sizeof *grown);
    if (!grown)
        return error_no_memory(err, COMPILE_LAYER);
    set->problems = grown;
    set->problems[set->n_problems++] = err ? *err : (struct rg_error){.status = status};
    rule->broken = true;
    if (err)
        *err = (struct rg_error){.status = RG_OK};
    return RG_OK;
}

void rule_hint_near(struct rg_error *err, const struct suggestion *near)
{
    if (near->best.ptr)
        error_hint(err, "did you mean `" STR_FMT "`?", STR_ARG(near->best));
}
