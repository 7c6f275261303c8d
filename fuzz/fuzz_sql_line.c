/* Any bytes as a line of `relgraph sql --batch`: the answer is one JSON object on one line that
 * says whether it went well; a text that came out of a rewrite can be parsed again. */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "relgraph/relgraph.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_sql(const char *sql)
{
    struct rg_sql_request request = {.struct_size = sizeof request, .op = "parse", .sql = sql};
    struct rg_sql_result result;
    struct rg_error error = {0};
    enum rg_status status = rg_sql(&request, &result, &error);
    if (status != RG_OK && status != RG_ERR_LIMIT && status != RG_ERR_MEMORY)
        abort();
    rg_sql_result_fini(&result);
}

static bool in_default_dialect(const uint8_t *data, size_t size)
{
    json_t *asked = json_loadb((const char *)data, size, 0, NULL);
    bool yes = !json_object_get(asked, "dialect") && !json_object_get(asked, "options");
    json_decref(asked);
    return yes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *answer = NULL;
    struct rg_error error = {0};
    if (rg_sql_line((const char *)data, size, &answer, &error) != RG_OK)
        return 0;
    json_t *object = json_loads(answer, 0, NULL);
    const json_t *ok = json_object_get(object, "ok"), *told = json_object_get(object, "error");
    const char *message = json_string_value(json_object_get(told, "message"));
    if (strchr(answer, '\n') || !json_is_boolean(ok) || json_is_true(ok) == (told != NULL))
        abort();
    if (told && (!message || !message[0]))
        abort();
    const char *sql = json_string_value(json_object_get(object, "sql"));
    if (sql && in_default_dialect(data, size))
        check_sql(sql);
    json_decref(object);
    rg_text_free(answer);
    return 0;
}
