/* The operations of `relgraph sql`: parse, bind, rewrite or analyse, and answer as JSON. */
#include "compile/sql_service.h"

#include <stdio.h>

#include "base/error.h"
#include "base/json_build.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "compile/sql_schema.h"
#include "sql/sql_analysis.h"
#include "sql/sql_print.h"
#include "sql/sql_rewrite.h"
#include "sql/sql_say.h"

static const char layer[] = "sql";

struct service {
    const struct sql_question *question;
    enum sql_dialect dialect;
    struct arena arena;
    struct sql_schema schema;
    struct sql_text text;
    struct rg_error *err;
};

/* --- Options -------------------------------------------------------------------------------- */

static bool option_flag(const struct service *service, const char *name)
{
    return json_is_true(json_object_get(service->question->options, name));
}

static uint32_t option_number(const struct service *service, const char *name)
{
    json_int_t number = json_integer_value(json_object_get(service->question->options, name));
    return number > 0 && number <= UINT32_MAX ? (uint32_t)number : 0;
}

/* Names that mean nothing are let pass; under the name that other rewriters have for it, too. */
static bool open_columns(const struct service *service)
{
    const json_t *validate =
        json_object_get(service->question->options, "validate_qualify_columns");
    const char *text = json_string_value(validate);
    return option_flag(service, "open_columns") || json_is_false(validate) ||
           (text && strcmp(text, "false") == 0) ||
           option_flag(service, "allow_partial_qualification");
}

static enum rg_status find_dialect(struct str name, enum sql_dialect *out, struct rg_error *err)
{
    *out = SQL_DUCKDB;
    if (!name.ptr || sql_dialect_find(name, out))
        return RG_OK;
    (void)error_set(err, RG_ERR_USAGE, layer, "there is no dialect \"" STR_FMT "\"", STR_ARG(name));
    error_hint(err, "one of duckdb, spark, postgres, clickhouse");
    return RG_ERR_USAGE;
}

/* --- Steps ---------------------------------------------------------------------------------- */

static struct sql_rewrite_options rewrite_options(const struct service *service, bool typed)
{
    return (struct sql_rewrite_options){.dialect = service->dialect,
                                        .growth_max = option_number(service, "growth_max"),
                                        .typed = typed};
}

static enum rg_status bind(struct service *service)
{
    sql_normalize_identifiers(service->text.root, &service->arena);
    return sql_bind(service->text.root, service->text.text, &service->schema.catalog,
                    &service->arena, service->err);
}

static enum rg_status qualify(struct service *service)
{
    enum rg_status status = bind(service);
    return status ? status
                  : sql_qualify(service->text.root, service->text.text, &service->schema.catalog,
                                &service->arena, service->err);
}

/* The tree as text, in the dialect that was read or the one of the option `to`. */
static enum rg_status print_sql(struct service *service, bool pretty, bool typed, json_t **answer)
{
    struct sql_print_options options = {.dialect = service->dialect,
                                        .pretty = pretty || option_flag(service, "pretty"),
                                        .quote_all = option_flag(service, "quote_all")};
    struct buffer out = {0};
    json_t *to = json_object_get(service->question->options, "to");
    if (json_is_string(to)) {
        struct str name = {json_string_value(to), json_string_length(to)};
        enum rg_status found = find_dialect(name, &options.dialect, service->err);
        if (found)
            return found;
        options.pin = typed;
        if (typed)
            found = sql_say(service->text.root, service->text.text, options.dialect,
                            &service->schema.catalog, &service->arena, service->err);
        if (found)
            return found;
    }
    if (pretty)
        options.comments = &service->text;
    enum rg_status status = sql_print(service->text.root, &options, &out, service->err);
    if (!status)
        json_put(answer, STR("sql"), json_text(buffer_view(&out)));
    buffer_fini(&out);
    return status;
}

/* --- Rewrites ------------------------------------------------------------------------------- */

static enum rg_status do_parse(struct service *service, json_t **answer)
{
    struct buffer tree = {0};
    sql_dump(service->text.root, &tree);
    enum rg_status status = tree.failed ? error_no_memory(service->err, layer)
                                        : print_sql(service, false, false, answer);
    if (!status)
        json_put(answer, STR("result"), json_text(buffer_view(&tree)));
    buffer_fini(&tree);
    return status;
}

static enum rg_status do_format(struct service *service, json_t **answer)
{
    return print_sql(service, true, false, answer);
}

static enum rg_status do_qualify(struct service *service, json_t **answer)
{
    enum rg_status status = qualify(service);
    return status ? status : print_sql(service, false, true, answer);
}

static enum rg_status do_normalize(struct service *service, json_t **answer)
{
    const struct sql_rewrite_options options = rewrite_options(service, false);
    enum rg_status status =
        sql_simplify(&service->text.root, &options, &service->arena, service->err);
    if (!status)
        status = sql_to_cnf(&service->text.root, &options, &service->arena, service->err);
    return status ? status : print_sql(service, false, false, answer);
}

/* Types help where the names can be bound; a text whose names mean nothing here is simplified as
 * far as that goes without. */
static enum rg_status do_simplify(struct service *service, json_t **answer)
{
    bool typed = service->question->schema && sql_is(service->text.root, SQL_QUERY);
    if (typed) {
        enum rg_status bound = sql_bind(service->text.root, service->text.text,
                                        &service->schema.catalog, &service->arena, service->err);
        if (bound == RG_ERR_MEMORY || bound == RG_ERR_LIMIT)
            return bound;
        typed = bound == RG_OK;
    }
    const struct sql_rewrite_options options = rewrite_options(service, typed);
    enum rg_status status =
        sql_simplify(&service->text.root, &options, &service->arena, service->err);
    return status ? status : print_sql(service, false, false, answer);
}

static enum rg_status do_prune(struct service *service, json_t **answer)
{
    enum rg_status status = qualify(service);
    if (!status)
        status = sql_prune(service->text.root, service->text.text, &service->schema.catalog,
                           &service->arena, service->err);
    return status ? status : print_sql(service, false, true, answer);
}

/* What a fingerprint is taken of. */
static enum rg_status do_canonical(struct service *service, json_t **answer)
{
    struct sql_node *tree;
    enum rg_status status =
        sql_canonical(service->text.root, service->text.text, &service->schema.catalog,
                      &service->arena, &tree, service->err);
    if (status)
        return status;
    service->text.root = tree;
    return print_sql(service, false, false, answer);
}

/* --- Analyses ------------------------------------------------------------------------------- */

static json_t *origins_json(const struct sql_origins *origins)
{
    json_t *list = json_array();
    for (size_t i = 0; i < origins->n; i++)
        json_add(&list, json_sprintf(STR_FMT "." STR_FMT, STR_ARG(origins->origins[i].relation),
                                     STR_ARG(origins->origins[i].column)));
    return list;
}

/* By name; of outputs that share one the first, the others beside them in order. */
static json_t *lineage_json(const struct sql_lineage *lineage)
{
    json_t *value = json_object(), *repeated = json_array();
    for (uint32_t i = 0; i < lineage->n_outputs; i++) {
        struct str name = lineage->outputs[i].name;
        json_t *origins = origins_json(&lineage->value[i]);
        if (!json_object_getn(value, name.ptr ? name.ptr : "", name.len))
            json_put(&value, name.ptr ? name : STR(""), origins);
        else
            json_add(&repeated, json_pack("{s:o, s:o}", "name", json_text(name), "value", origins));
    }
    json_t *json =
        json_pack("{s:o, s:o}", "value", value, "control", origins_json(&lineage->control));
    if (!repeated || json_array_size(repeated))
        json_put(&json, STR("repeated"), repeated);
    else
        json_decref(repeated);
    return json;
}

static enum rg_status do_lineage(struct service *service, json_t **answer)
{
    struct sql_lineage lineage;
    enum rg_status status = qualify(service);
    if (!status)
        status = sql_lineage(service->text.root, &service->arena, &lineage, service->err);
    if (!status)
        json_put(answer, STR("result"), lineage_json(&lineage));
    return status;
}

/* Of a text other than the first: errors say which. */
static enum rg_status parse_other(struct service *service, size_t index, struct sql_text *out)
{
    enum rg_status status = sql_parse(service->question->others[index], service->dialect,
                                      SQL_PARSE_QUERY, &service->arena, out, service->err);
    return status;
}

static enum rg_status canonical_of(struct service *service, const struct sql_text *text,
                                   struct sql_node **out)
{
    return sql_canonical(text->root, text->text, &service->schema.catalog, &service->arena, out,
                         service->err);
}

static void name_other(struct rg_error *err, size_t index)
{
    char name[32];
    snprintf(name, sizeof name, "others[%zu]", index);
    if (err)
        error_place(err, name, err->line, err->column);
}

static enum rg_status canonical_other(struct service *service, size_t index, struct sql_text *text,
                                      struct sql_node **out)
{
    enum rg_status status = parse_other(service, index, text);
    if (!status)
        status = canonical_of(service, text, out);
    if (status)
        name_other(service->err, index);
    return status;
}

static json_t *fingerprints_json(const struct sql_fingerprints *fingerprints)
{
    json_t *columns = json_array();
    for (uint32_t i = 0; i < fingerprints->n_columns; i++)
        json_add(&columns, json_pack("{s:o, s:s}", "name", json_text(fingerprints->names[i]),
                                     "fingerprint", fingerprints->columns[i]));
    return json_pack("{s:s, s:o}", "rows", fingerprints->rows, "columns", columns);
}

static enum rg_status do_fingerprint(struct service *service, json_t **answer)
{
    struct sql_node *tree;
    struct sql_fingerprints own, other;
    enum rg_status status = canonical_of(service, &service->text, &tree);
    if (!status)
        status = sql_fingerprint(tree, STR(""), &service->arena, &own, service->err);
    json_t *others = json_array();
    for (size_t i = 0; !status && i < service->question->n_others; i++) {
        struct sql_text text;
        status = canonical_other(service, i, &text, &tree);
        if (!status)
            status = sql_fingerprint(tree, STR(""), &service->arena, &other, service->err);
        if (!status)
            json_add(&others, json_string(other.whole));
    }
    if (status || service->question->n_others == 0)
        json_decref(others);
    if (status)
        return status;
    json_put(answer, STR("result"), json_string(own.whole));
    if (service->question->n_others)
        json_put(answer, STR("others"), others);
    if (option_flag(service, "columns"))
        json_put(answer, STR("parts"), fingerprints_json(&own));
    return RG_OK;
}

/* The words of both texts' comments, in order: what documentation they hold. */
static bool same_comments(const struct sql_text *a, const struct sql_text *b)
{
    if (a->n_comments != b->n_comments)
        return false;
    for (size_t i = 0; i < a->n_comments; i++) {
        const struct sql_span *one = &a->comments[i].span, *other = &b->comments[i].span;
        if (!str_eq((struct str){a->text.ptr + one->start, one->end - one->start},
                    (struct str){b->text.ptr + other->start, other->end - other->start}))
            return false;
    }
    return true;
}

static const char *const change_names[] = {
    [SQL_SAME] = "unchanged",
    [SQL_CHANGED] = "changed",
    [SQL_ADDED] = "added",
    [SQL_REMOVED] = "removed",
};

static json_t *diff_json(const struct sql_diff *diff, bool same_text)
{
    json_t *columns = json_array();
    bool added = false, changed = false;
    for (size_t i = 0; i < diff->n_columns; i++) {
        enum sql_change change = diff->columns[i].change;
        added = added || change == SQL_ADDED;
        changed = changed || change == SQL_CHANGED || change == SQL_REMOVED;
        json_add(&columns, json_pack("{s:o, s:s}", "name", json_text(diff->columns[i].name),
                                     "change", change_names[change]));
    }
    const char *change = diff->same           ? same_text ? "unchanged" : "documentation"
                         : diff->rows_changed ? "rows"
                         : changed            ? "columns"
                         : added              ? "columns added"
                                              : "column order";
    return json_pack("{s:s, s:b, s:b, s:o}", "change", change, "rows_changed",
                     (int)diff->rows_changed, "order_changed", (int)diff->order_changed, "columns",
                     columns);
}

static enum rg_status do_diff(struct service *service, json_t **answer)
{
    struct sql_node *before, *after;
    struct sql_text text;
    struct sql_diff diff;
    if (service->question->n_others != 1)
        return error_set(service->err, RG_ERR_USAGE, layer,
                         "diff needs two texts: the second in \"others\"");
    enum rg_status status = canonical_of(service, &service->text, &before);
    if (!status)
        status = canonical_other(service, 0, &text, &after);
    if (!status)
        status = sql_diff(before, after, &service->arena, &diff, service->err);
    if (status)
        return status;
    json_put(answer, STR("result"), diff_json(&diff, same_comments(&service->text, &text)));
    return RG_OK;
}

/* --- The table ------------------------------------------------------------------------------ */

static const struct operation {
    const char *name;
    enum sql_parse_what takes;
    enum rg_status (*run)(struct service *service, json_t **answer);
} operations[] = {
    {"parse", SQL_PARSE_EITHER, do_parse},
    {"format", SQL_PARSE_EITHER, do_format},
    {"qualify", SQL_PARSE_QUERY, do_qualify},
    {"normalize", SQL_PARSE_EITHER, do_normalize},
    {"simplify", SQL_PARSE_EITHER, do_simplify},
    {"prune", SQL_PARSE_QUERY, do_prune},
    {"canonical", SQL_PARSE_QUERY, do_canonical},
    {"lineage", SQL_PARSE_QUERY, do_lineage},
    {"fingerprint", SQL_PARSE_QUERY, do_fingerprint},
    {"diff", SQL_PARSE_QUERY, do_diff},
};

static const struct operation *operation_find(struct str name)
{
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        if (str_is(name, operations[i].name))
            return &operations[i];
    return NULL;
}

static enum rg_status check_text(struct str text, struct rg_error *err)
{
    if (text.len > LIMIT_SQL_TEXT_BYTES) {
        (void)error_set(err, RG_ERR_LIMIT, layer, "the text has %zu bytes, and may have %u",
                        text.len, LIMIT_SQL_TEXT_BYTES);
        error_hint(err, "values by the million belong into a table");
        return RG_ERR_LIMIT;
    }
    return utf8_valid(text.ptr, text.len)
               ? RG_OK
               : error_set(err, RG_ERR_PARSE, layer, "the text is not UTF-8");
}

static enum rg_status check_texts(const struct sql_question *question, struct rg_error *err)
{
    enum rg_status status = check_text(question->sql, err);
    for (size_t i = 0; i < question->n_others && !status; i++)
        status = check_text(question->others[i], err);
    return status;
}

static enum rg_status run(struct service *service, json_t **answer)
{
    const struct sql_question *question = service->question;
    struct rg_error *err = service->err;
    const struct operation *operation = operation_find(question->op);
    if (!operation) {
        (void)error_set(err, RG_ERR_USAGE, layer, "there is no operation \"" STR_FMT "\"",
                        STR_ARG(question->op));
        error_hint(err, "one of parse, format, qualify, normalize, simplify, prune, canonical, "
                        "lineage, fingerprint, diff");
        return RG_ERR_USAGE;
    }
    enum rg_status status = find_dialect(question->dialect, &service->dialect, err);
    if (!status)
        status = check_texts(question, err);
    if (!status)
        status = sql_schema_read(question->schema, option_flag(service, "strict"), &service->arena,
                                 &service->schema, err);
    service->schema.catalog.open_columns = open_columns(service);
    if (!status)
        status = sql_parse(question->sql, service->dialect, operation->takes, &service->arena,
                           &service->text, err);
    if (!status)
        status = operation->run(service, answer);
    return status;
}

/* Of a text that needs more than it may have, memory is not out. */
static enum rg_status tell_limit(const struct service *service, enum rg_status status)
{
    size_t bytes = service->question->sql.len;
    if (status != RG_ERR_MEMORY || !service->arena.full)
        return status;
    for (size_t i = 0; i < service->question->n_others; i++)
        bytes += service->question->others[i].len;
    (void)error_set(service->err, RG_ERR_LIMIT, layer,
                    "%zu bytes of SQL need more than the %zu MiB of memory that they may take",
                    bytes, service->arena.bytes_max >> 20);
    error_hint(service->err, "ask about parts of it; values by the million belong into a table");
    return RG_ERR_LIMIT;
}

enum rg_status sql_answer(const struct sql_question *question, json_t **out_answer,
                          struct rg_error *err)
{
    struct service service = {.question = question, .err = err};
    service.arena.bytes_max = question->memory_max ? question->memory_max : LIMIT_SQL_ARENA_BYTES;
    json_t *answer = json_object();
    enum rg_status status = run(&service, &answer);
    if (!status && !answer)
        status = error_no_memory(err, layer);
    status = tell_limit(&service, status);
    if (status) {
        json_decref(answer);
        answer = NULL;
    }
    *out_answer = answer;
    arena_fini(&service.arena);
    return status;
}
