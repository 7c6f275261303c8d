/* rg_runs: what the bundles of a graph say of their runs, newest first. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json_build.h"
#include "graph/bundle.h"

static const char layer[] = "graph";

enum { RECORD_BYTES_MAX = 16 << 20 };

/* The members of `from` that a list shows, into *to. */
static void copy_members(const json_t *from, const char *const *members, json_t **to)
{
    for (; *members; members++) {
        json_t *value = json_object_get(from, *members);
        json_put(to, str_of(*members), value ? json_incref(value) : json_null());
    }
}

/* A run whose bundle cannot be read is listed with what is wrong with it. */
static json_t *broken_json(const char *id, const struct rg_error *error)
{
    json_t *what = json_pack("{s:s, s:s, s:s}", "status", rg_status_name(error->status), "message",
                             error->message, "hint", error->hint);
    return json_pack("{s:s, s:s, s:o}", "run", id, "result", "unreadable", "error", what);
}

/* A file of JSON; NULL and the error where it cannot be read. */
static json_t *read_record(const char *folder, struct rg_error *err)
{
    char *text = NULL;
    size_t size = 0;
    json_error_t where;
    json_t *record = NULL;
    char *path = path_join(folder, "run.json");
    enum rg_status status = path ? file_read(path, RECORD_BYTES_MAX, true, &text, &size, err)
                                 : error_no_memory(err, layer);
    if (status == RG_OK) {
        record = json_of_text(text, size, &where);
        if (!record)
            error_set(err, json_no_memory(&where) ? RG_ERR_MEMORY : RG_ERR_CORRUPT, layer,
                      "%s is not JSON: %s", path, where.text);
    }
    free(text);
    free(path);
    return record;
}

/* One run. A build that was killed in the last step of its publication has a bundle that says
 * "built", and is newer than what is current. */
static json_t *run_json(const char *root, const char *id, const char *current, struct rg_error *err)
{
    static const char *const of_index[] = {"run", "result", "tier", "profile", "relgraph", NULL};
    static const char *const of_record[] = {"ended",      "seconds", "peak_memory_bytes",
                                            "repository", "error",   NULL};
    json_t *index = NULL, *record = NULL, *json = NULL;
    char *folder = NULL, *facts = NULL;
    if (asprintf(&folder, "%s/runs/%s", root, id) < 0) {
        folder = NULL;
        error_no_memory(err, layer);
        return NULL;
    }
    enum rg_status status = bundle_index(folder, &index, err);
    record = status == RG_OK ? read_record(folder, err) : NULL;
    if (!record) {
        json = err->status == RG_ERR_MEMORY ? NULL : broken_json(id, err);
        goto out;
    }
    json = json_object();
    copy_members(index, of_index, &json);
    copy_members(record, of_record, &json);
    const char *path = json_string_value(json_object_get(json_object_get(index, "facts"), "path"));
    facts = path && path_is_inside(path) ? path_join(root, path) : NULL;
    json_put(&json, STR("current"), json_boolean(strcmp(id, current) == 0));
    json_put(&json, STR("replayable"), json_boolean(facts && path_exists(facts)));
    const char *result = json_string_value(json_object_get(index, "result"));
    enum { TIME_LENGTH = 15 }; /* of an id: runs of one second have no order */
    if (result && strcmp(result, "built") == 0 && strncmp(id, current, TIME_LENGTH) > 0)
        json_put(&json, STR("result"), json_string("unpublished"));
out:
    json_decref(index);
    json_decref(record);
    free(facts);
    free(folder);
    return json;
}

enum rg_status rg_runs(const char *graph, char **out_text, struct rg_error *err)
{
    *out_text = NULL;
    struct arena arena = {0};
    struct str *ids = NULL;
    size_t n = 0;
    char current[BUILD_ID_BYTES];
    if (!graph || !*graph)
        return error_set(err, RG_ERR_USAGE, layer, "no graph is named");
    char *root = path_real(graph), *runs = root ? path_join(root, "runs") : NULL;
    enum rg_status status = RG_OK;
    if (!runs || !path_is_folder(runs)) {
        status = error_set(err, RG_ERR_NOT_FOUND, layer,
                           root ? "%s holds no runs" : "there is no folder %s", graph);
        error_hint(err, "name the folder that relgraph build --output wrote");
        goto out;
    }
    graph_current_id(root, current);
    status = graph_runs(root, &arena, &ids, &n, err);
    if (status != RG_OK)
        goto out;
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        struct rg_error wrong = {0};
        json_add(&list, run_json(root, ids[i].ptr, current, &wrong));
    }
    *out_text = json_take_text(json_pack("{s:o}", "runs", list),
                               JSON_INDENT(2) | JSON_SORT_KEYS | JSON_REAL_PRECISION(6));
    status = *out_text ? RG_OK : error_no_memory(err, layer);
out:
    arena_fini(&arena);
    free(runs);
    free(root);
    return status;
}
