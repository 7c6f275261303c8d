/* Reads the bundle of a run, and believes nothing of it that it has not checked. */
#include "graph/bundle.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json_build.h"
#include "run/step.h"

static const char layer[] = "graph";

enum {
    INDEX_BYTES_MAX = 16 << 20,
    STEPS_BYTES_MAX = 1 << 30, /* 256 shards, each with the text of its query */
    STEPS_MAX = 1 << 24
};

static struct error_damage damage_of(const char *path)
{
    return (struct error_damage){
        layer, path, "the bundle was damaged or changed after the run: it proves nothing any more"};
}

/* A JSON file of the bundle, which must be an object. */
static enum rg_status read_json(const char *folder, const char *name, size_t bytes_max,
                                json_t **out_json, struct rg_error *err)
{
    char *text = NULL;
    size_t size = 0;
    json_error_t where;
    *out_json = NULL;
    char *path = path_join(folder, name);
    enum rg_status status =
        path ? file_read(path, bytes_max, true, &text, &size, err) : error_no_memory(err, layer);
    if (status == RG_OK) {
        *out_json = json_of_text(text, size, &where);
        if (!*out_json && json_no_memory(&where))
            status = error_no_memory(err, layer);
        else if (!json_is_object(*out_json))
            status = error_corrupt(err, damage_of(path), "%s is not what a run writes", name);
    }
    if (status != RG_OK) {
        json_decref(*out_json);
        *out_json = NULL;
    }
    free(text);
    free(path);
    return status;
}

bool bundle_seal(const json_t *index, char out_hex[65])
{
    json_t *rest = json_copy((json_t *)(uintptr_t)index);
    if (rest)
        json_object_del(rest, "seal"); /* which may be there or not */
    char *text = json_take_text(rest, JSON_COMPACT | JSON_SORT_KEYS);
    out_hex[0] = '\0';
    if (text)
        digest_sha256(text, strlen(text), out_hex);
    free(text);
    return out_hex[0] != '\0';
}

static enum rg_status check_index(const char *path, const json_t *index, struct rg_error *err)
{
    char seal[65];
    const json_t *format = json_object_get(index, "format");
    if (!json_is_integer(format) || !json_is_object(json_object_get(index, "files")) ||
        !is_build_id(str_of(json_member(index, "run"))))
        return error_corrupt(err, damage_of(path), "bundle.json is not what a run writes");
    if (json_integer_value(format) != BUNDLE_FORMAT) {
        error_set(err, RG_ERR_CORRUPT, layer, "the bundle has format %lld, this relgraph reads %d",
                  (long long)json_integer_value(format), BUNDLE_FORMAT);
        error_place(err, path, 0, 0);
        error_hint(err, "read it with relgraph %s, which wrote it", json_member(index, "relgraph"));
        return RG_ERR_CORRUPT;
    }
    if (!bundle_seal(index, seal))
        return error_no_memory(err, layer);
    if (strcmp(seal, json_member(index, "seal")) != 0)
        return error_corrupt(err, damage_of(path),
                             "bundle.json is not as the run wrote it: its seal does not fit");
    return RG_OK;
}

enum rg_status bundle_index(const char *folder, json_t **out_index, struct rg_error *err)
{
    *out_index = NULL;
    char *path = path_join(folder, "bundle.json");
    if (!path)
        return error_no_memory(err, layer);
    enum rg_status status = RG_OK;
    if (!path_exists(path)) {
        status = error_set(err, RG_ERR_NOT_FOUND, layer, "%s is no run bundle", folder);
        error_hint(err, "bundles are in the folder runs of a graph: relgraph runs GRAPH");
    }
    if (status == RG_OK)
        status = read_json(folder, "bundle.json", INDEX_BYTES_MAX, out_index, err);
    if (status == RG_OK)
        status = check_index(path, *out_index, err);
    if (status != RG_OK) {
        json_decref(*out_index);
        *out_index = NULL;
    }
    free(path);
    return status;
}

static enum rg_status check_file(const char *folder, const char *name, const json_t *entry,
                                 struct rg_error *err)
{
    char sha256[65] = "";
    enum rg_status status = RG_OK;
    char *path = path_is_inside(name) ? path_join(folder, name) : NULL;
    if (!path)
        return path_is_inside(name)
                   ? error_no_memory(err, layer)
                   : error_corrupt(err, damage_of(folder), "bundle.json lists a file that is none");
    json_int_t bytes = json_integer_value(json_object_get(entry, "bytes"));
    if (!path_exists(path))
        status = error_corrupt(err, damage_of(path), "%s is missing", name);
    else if (file_size(path) != (uint64_t)bytes)
        status = error_corrupt(err, damage_of(path), "%s has %llu bytes, the run wrote %lld", name,
                               (unsigned long long)file_size(path), (long long)bytes);
    else
        status = file_sha256(path, sha256, err);
    if (status == RG_OK && strcmp(sha256, json_member(entry, "sha256")) != 0)
        status = error_corrupt(err, damage_of(path), "%s is not as the run wrote it", name);
    free(path);
    return status;
}

enum rg_status bundle_open(const char *folder, struct bundle *out_bundle, struct rg_error *err)
{
    *out_bundle = (struct bundle){.folder = folder};
    const char *name;
    json_t *entry;
    enum rg_status status = bundle_index(folder, &out_bundle->index, err);
    if (status != RG_OK)
        return status;
    json_object_foreach(json_object_get(out_bundle->index, "files"), name, entry)
    {
        status = check_file(folder, name, entry, err);
        if (status != RG_OK)
            return status;
    }
    out_bundle->run = json_member(out_bundle->index, "run");
    out_bundle->result = json_member(out_bundle->index, "result");
    out_bundle->tier = json_member(out_bundle->index, "tier");
    return RG_OK;
}

void bundle_fini(struct bundle *bundle)
{
    json_decref(bundle->index);
    arena_fini(&bundle->arena);
    *bundle = (struct bundle){0};
}

/* --- Steps ---------------------------------------------------------------------------------- */

static struct str copy_text(struct bundle *bundle, const json_t *json)
{
    if (!json_string_length(json))
        return (struct str){NULL, 0};
    return arena_str(&bundle->arena,
                     (struct str){json_string_value(json), json_string_length(json)});
}

static bool read_step(struct bundle *bundle, const json_t *json, const struct str *texts,
                      size_t n_texts, struct run_step *step)
{
    const json_t *select = json_object_get(json, "select");
    if (!step_kind_find(str_of(json_member(json, "kind")), &step->kind))
        return false;
    if (json_is_integer(select)) {
        json_int_t number = json_integer_value(select);
        if (number < 0 || (size_t)number >= n_texts)
            return false;
        step->select = texts[number];
    }
    step->rule = copy_text(bundle, json_object_get(json, "rule"));
    step->name = copy_text(bundle, json_object_get(json, "name"));
    step->dataset = copy_text(bundle, json_object_get(json, "dataset"));
    step->order = copy_text(bundle, json_object_get(json, "order"));
    step->failed = json_is_true(json_object_get(json, "failed"));
    snprintf(step->schema, sizeof step->schema, "%s", json_member(json, "schema"));
    if (step->kind == STEP_FILE && !tier_find(str_of(json_member(json, "tier")), &step->tier))
        return false;
    return step->name.ptr && (step->select.ptr || step->kind == STEP_REJECT) &&
           (step->dataset.ptr || step->kind != STEP_FILE);
}

static enum rg_status read_steps(struct bundle *bundle, const json_t *root, const char *path,
                                 struct run_step **out_steps, size_t *out_n, struct rg_error *err)
{
    const json_t *list = json_object_get(root, "texts"), *steps = json_object_get(root, "steps");
    size_t n_texts = json_array_size(list), n = json_array_size(steps);
    if (!json_is_array(list) || !json_is_array(steps) || n > STEPS_MAX)
        return error_corrupt(err, damage_of(path), "steps.json is not what a run writes");
    struct str *texts = ARENA_ARRAY(&bundle->arena, n_texts + 1, struct str);
    *out_steps = ARENA_ARRAY(&bundle->arena, n + 1, struct run_step);
    if (!texts || !*out_steps)
        return error_no_memory(err, layer);
    for (size_t i = 0; i < n_texts; i++)
        texts[i] = copy_text(bundle, json_array_get(list, i));
    for (size_t i = 0; i < n; i++)
        if (!read_step(bundle, json_array_get(steps, i), texts, n_texts, &(*out_steps)[i]))
            return bundle->arena.failed
                       ? error_no_memory(err, layer)
                       : error_corrupt(err, damage_of(path), "step %zu is none", i);
    *out_n = n;
    return RG_OK;
}

enum rg_status bundle_steps(struct bundle *bundle, struct run_step **out_steps, size_t *out_n,
                            struct rg_error *err)
{
    json_t *root = NULL;
    *out_steps = NULL;
    *out_n = 0;
    enum rg_status status = read_json(bundle->folder, "steps.json", STEPS_BYTES_MAX, &root, err);
    if (status == RG_OK)
        status = read_steps(bundle, root, bundle->folder, out_steps, out_n, err);
    json_decref(root);
    return status;
}
