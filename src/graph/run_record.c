/* The run bundle's record, through jansson. */
#include "graph/run_record.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/pool.h"
#include "base/utf8.h"
#include "base/json_build.h"

static const char layer[] = "graph";

enum { RUN_RECORD_BYTES_MAX = 16 << 20 };

static json_t *stages_json(const struct rg_build_result *result)
{
    json_t *stages = json_array();
    for (size_t i = 0; i < result->n_stages; i++)
        json_add(&stages,
                 json_pack("{s:s, s:f, s:I}", "name", result->stages[i].name, "seconds",
                           result->stages[i].seconds, "rows", (json_int_t)result->stages[i].rows));
    return stages;
}

static json_t *rules_json(const struct run_result *run)
{
    json_t *rules = json_array();
    for (size_t i = 0; i < run->n_rules; i++) {
        struct str name = run->rules[i].rule->name;
        json_add(&rules,
                 json_pack("{s:o, s:I, s:f}", "name", json_text(name), "rows",
                           (json_int_t)run->rules[i].rows, "seconds", run->rules[i].seconds));
    }
    return rules;
}

static json_t *machine_json(const struct settings *settings)
{
    char host[65] = "";
    if (gethostname(host, sizeof host - 1) != 0)
        host[0] = '\0';
    struct buffer name = {0};
    utf8_replace(&name, host, strlen(host));
    json_t *json =
        json_pack("{s:s, s:i, s:i, s:i, s:I}", "host", name.data ? name.data : "", "processors",
                  (int)pool_processors(), "engine_threads", (int)settings->engine_threads,
                  "extract_threads", (int)settings->extract_threads, "memory_limit_bytes",
                  (json_int_t)settings->memory_limit_bytes);
    buffer_fini(&name);
    return json;
}

static json_t *error_json(const struct rg_error *error)
{
    if (!error)
        return json_null();
    json_t *json =
        json_pack("{s:s, s:s, s:i, s:i}", "status", rg_status_name(error->status), "layer",
                  error->layer, "line", (int)error->line, "column", (int)error->column);
    const struct {
        const char *key, *text;
    } texts[] = {{"rule", error->rule},
                 {"file", error->file},
                 {"message", error->message},
                 {"hint", error->hint}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) { /* which may quote anything */
        struct buffer text = {0};
        utf8_replace(&text, texts[i].text, strlen(texts[i].text));
        json_put(&json, str_of(texts[i].key), text.failed ? NULL : json_text(buffer_view(&text)));
        buffer_fini(&text);
    }
    return json;
}

enum rg_status run_record_text(const struct run_record *record, char **out_text,
                               struct rg_error *err)
{
    *out_text = NULL;
    struct buffer repository = {0};
    utf8_percent(&repository, record->repository, strlen(record->repository));
    if (repository.failed)
        return error_no_memory(err, layer);
    char ended[32] = "";
    time_t now = time(NULL);
    struct tm utc;
    if (gmtime_r(&now, &utc))
        strftime(ended, sizeof ended, "%Y-%m-%dT%H:%M:%SZ", &utc);
    json_t *root =
        json_pack("{s:s, s:s, s:o, s:s, s:s, s:s, s:f, s:I, s:o, s:o, s:o}", "run", record->run_id,
                  "result", record->outcome, "error", error_json(record->failure), "relgraph",
                  rg_version(), "repository", repository.data ? repository.data : "", "ended",
                  ended, "seconds", record->seconds, "peak_memory_bytes",
                  (json_int_t)clock_peak_memory(), "stages", stages_json(record->result), "rules",
                  rules_json(record->run), "machine", machine_json(&record->session->settings));
    *out_text = json_take_text(root, JSON_INDENT(2) | JSON_SORT_KEYS | JSON_REAL_PRECISION(6));
    buffer_fini(&repository);
    return *out_text ? RG_OK : error_no_memory(err, layer);
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

char *path_unescape(struct str text)
{
    char *path = malloc(text.len + 1);
    size_t length = 0;
    for (size_t i = 0; path && i < text.len; i++) {
        int high = text.ptr[i] == '%' && text.len - i > 2 ? hex_digit(text.ptr[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(text.ptr[i + 2]) : -1;
        path[length++] = low >= 0 ? (char)(high << 4 | low) : text.ptr[i];
        i += low >= 0 ? 2 : 0;
    }
    if (path)
        path[length] = '\0';
    return path;
}

enum rg_status run_record_repository(const char *build_folder, char **out_repository,
                                     struct rg_error *err)
{
    *out_repository = NULL;
    const char *id = strrchr(build_folder, '/');
    char *path = NULL, *text = NULL;
    size_t size = 0;
    json_t *root = NULL;
    if (!id || asprintf(&path, "%s/../../runs%s/run.json", build_folder, id) < 0)
        return error_no_memory(err, layer);
    enum rg_status status = path_exists(path)
                                ? file_read(path, RUN_RECORD_BYTES_MAX, true, &text, &size, err)
                                : RG_ERR_NOT_FOUND;
    json_error_t where;
    root = status == RG_OK ? json_of_text(text, size, &where) : NULL;
    if (status == RG_OK && !root && json_no_memory(&where))
        status = error_no_memory(err, layer);
    const char *repository = json_string_value(json_object_get(root, "repository"));
    if (repository) {
        *out_repository = path_unescape(str_of(repository));
        status = *out_repository ? RG_OK : error_no_memory(err, layer);
    } else if (status == RG_OK || status == RG_ERR_NOT_FOUND) {
        status = error_set(err, RG_ERR_NOT_FOUND, layer,
                           "the graph does not say which repository it was built from");
        error_hint(err, "name the repository's folder");
    }
    json_decref(root);
    free(path);
    free(text);
    return status;
}
