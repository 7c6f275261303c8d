/* rg_sql and rg_sql_line: requests as C structs and as lines of JSON, for the same service. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/json_build.h"
#include "base/limits.h"
#include "base/options_read.h"
#include "compile/sql_service.h"

static const char layer[] = "sql";

enum { OTHERS_MAX = 1024 };

/* --- C structs ------------------------------------------------------------------------------ */

static enum rg_status read_json(const char *text, const char *what, json_t **out,
                                struct rg_error *err)
{
    json_error_t where;
    *out = NULL;
    if (!text)
        return RG_OK;
    *out = json_of_text(text, strlen(text), &where);
    if (*out)
        return RG_OK;
    if (json_no_memory(&where))
        return error_no_memory(err, layer);
    (void)error_set(err, RG_ERR_USAGE, layer, "the %s is not JSON: %s", what, where.text);
    error_place(err, what, (uint32_t)where.line, (uint32_t)where.column);
    return RG_ERR_USAGE;
}

static char *copy_text(const json_t *text)
{
    size_t size = json_string_length(text);
    char *copy = malloc(size + 1);
    if (copy) {
        memcpy(copy, json_string_value(text), size);
        copy[size] = '\0';
    }
    return copy;
}

/* The member "sql" as text, the others as an object. */
static enum rg_status give_result(json_t *answer, struct rg_sql_result *out, struct rg_error *err)
{
    const json_t *sql = json_object_get(answer, "sql");
    bool failed = false;
    if (sql) {
        out->sql = copy_text(sql);
        failed = !out->sql;
        (void)json_object_del(answer, "sql");
    }
    if (json_object_size(answer)) {
        out->json = json_take_text(json_incref(answer), JSON_COMPACT);
        failed = failed || !out->json;
    }
    if (!failed)
        return RG_OK;
    rg_sql_result_fini(out);
    return error_no_memory(err, layer);
}

enum rg_status rg_sql(const struct rg_sql_request *request, struct rg_sql_result *out_result,
                      struct rg_error *err)
{
    struct rg_sql_request own;
    struct sql_question question = {.n_others = 0};
    struct str *others = NULL;
    json_t *answer = NULL;
    *out_result = (struct rg_sql_result){0};
    enum rg_status status = options_read(&own, sizeof own, request, "rg_sql_request", err);
    if (!status && (!own.op || !own.sql))
        status = error_set(err, RG_ERR_USAGE, layer, "op and sql are needed");
    if (!status)
        status = read_json(own.schema, "schema", &question.schema, err);
    if (!status)
        status = read_json(own.options, "options", &question.options, err);
    if (!status) {
        others = calloc(own.n_others + 1, sizeof *others);
        status = others ? RG_OK : error_no_memory(err, layer);
    }
    if (!status) {
        for (size_t i = 0; i < own.n_others; i++)
            others[i] = str_of(own.others[i]);
        question.op = str_of(own.op);
        question.sql = str_of(own.sql);
        question.dialect = str_of(own.dialect);
        question.others = others;
        question.n_others = own.n_others;
        status = sql_answer(&question, &answer, err);
    }
    if (!status)
        status = give_result(answer, out_result, err);
    json_decref(answer);
    json_decref(question.schema);
    json_decref(question.options);
    free(others);
    return status;
}

void rg_sql_result_fini(struct rg_sql_result *result)
{
    if (!result)
        return;
    free(result->sql);
    free(result->json);
    *result = (struct rg_sql_result){0};
}

/* --- Lines of JSON -------------------------------------------------------------------------- */

static enum rg_status text_member(const json_t *object, const char *name, bool needed,
                                  struct str *out, struct rg_error *err)
{
    const json_t *member = json_object_get(object, name);
    *out = (struct str){NULL, 0};
    if (!member && !needed)
        return RG_OK;
    if (!json_is_string(member))
        return error_set(err, RG_ERR_USAGE, layer, "the request needs \"%s\", a text", name);
    *out = (struct str){json_string_value(member), json_string_length(member)};
    return RG_OK;
}

static enum rg_status object_member(const json_t *object, const char *name, json_t **out,
                                    struct rg_error *err)
{
    *out = json_object_get(object, name);
    if (json_is_null(*out))
        *out = NULL;
    if (*out && !json_is_object(*out))
        return error_set(err, RG_ERR_USAGE, layer, "\"%s\" must be an object", name);
    return RG_OK;
}

static enum rg_status read_others(const json_t *object, struct str *others, size_t *out_n,
                                  struct rg_error *err)
{
    const json_t *list = json_object_get(object, "others");
    *out_n = 0;
    if (!list || json_is_null(list))
        return RG_OK;
    size_t n = json_array_size(list);
    if (!json_is_array(list) || n > OTHERS_MAX)
        return error_set(err, RG_ERR_USAGE, layer, "\"others\" must be a list of at most %d texts",
                         OTHERS_MAX);
    for (size_t i = 0; i < n; i++) {
        const json_t *text = json_array_get(list, i);
        if (!json_is_string(text))
            return error_set(err, RG_ERR_USAGE, layer, "\"others\" must be a list of texts");
        others[i] = (struct str){json_string_value(text), json_string_length(text)};
    }
    *out_n = n;
    return RG_OK;
}

static enum rg_status answer_object(const json_t *object, json_t **out_answer, struct rg_error *err)
{
    struct str others[OTHERS_MAX];
    struct sql_question question = {.others = others};
    if (!json_is_object(object))
        return error_set(err, RG_ERR_USAGE, layer, "a line must be a JSON object");
    enum rg_status status = text_member(object, "op", true, &question.op, err);
    if (!status)
        status = text_member(object, "sql", true, &question.sql, err);
    if (!status)
        status = text_member(object, "dialect", false, &question.dialect, err);
    if (!status)
        status = object_member(object, "schema", &question.schema, err);
    if (!status)
        status = object_member(object, "options", &question.options, err);
    if (!status)
        status = read_others(object, others, &question.n_others, err);
    return status ? status : sql_answer(&question, out_answer, err);
}

/* A text of ours as JSON: parts of the input may be in it, cut in the middle of a character. */
static json_t *safe_text(const char *text)
{
    struct buffer quoted = {0};
    buffer_json_text(&quoted, str_of(text));
    json_t *json =
        quoted.failed ? NULL : json_loadb(quoted.data, quoted.len, JSON_DECODE_ANY, NULL);
    buffer_fini(&quoted);
    return json;
}

static json_t *error_object(const struct rg_error *err)
{
    json_t *error = json_pack("{s:s, s:o}", "code", rg_status_name(err->status), "message",
                              safe_text(err->message));
    json_put(&error, STR("line"), err->line ? json_integer(err->line) : json_null());
    json_put(&error, STR("column"), err->column ? json_integer(err->column) : json_null());
    json_put(&error, STR("hint"), err->hint[0] ? safe_text(err->hint) : json_null());
    if (err->file[0])
        json_put(&error, STR("in"), safe_text(err->file));
    return error;
}

static enum rg_status parse_line(const char *line, size_t size, json_t **out, struct rg_error *err)
{
    json_error_t where;
    if (size > LIMIT_SQL_LINE_BYTES)
        return error_set(err, RG_ERR_LIMIT, layer, "a line has at most %u bytes",
                         LIMIT_SQL_LINE_BYTES);
    *out = json_loadb(line, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &where);
    if (*out)
        return RG_OK;
    if (json_no_memory(&where))
        return error_no_memory(err, layer);
    (void)error_set(err, RG_ERR_PARSE, layer, "the line is not JSON: %s", where.text);
    error_place(err, NULL, 0, (uint32_t)(where.column > 0 ? where.column : 0));
    return RG_ERR_PARSE;
}

enum rg_status rg_sql_line(const char *line, size_t size, char **out_answer, struct rg_error *err)
{
    struct rg_error own = {.status = RG_OK};
    json_t *object = NULL, *answer = NULL;
    *out_answer = NULL;
    enum rg_status status = parse_line(line, size, &object, &own);
    if (!status)
        status = answer_object(object, &answer, &own);
    json_t *id = json_object_get(object, "id");
    json_t *whole = json_object();
    json_put(&whole, STR("id"), id ? json_incref(id) : json_null());
    json_put(&whole, STR("ok"), json_boolean(status == RG_OK));
    if (status)
        json_put(&whole, STR("error"), error_object(&own));
    else if (whole && json_object_update(whole, answer) != 0)
        json_put(&whole, STR("error"), NULL); /* becomes NULL */
    *out_answer = json_take_text(whole, JSON_COMPACT);
    json_decref(answer);
    json_decref(object);
    return *out_answer ? RG_OK : error_no_memory(err, layer);
}
