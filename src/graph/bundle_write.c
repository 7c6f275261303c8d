/* Writes the bundle of a run: what it was to do, what it did, and how that went. */
#include "graph/bundle.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/embedded.h"
#include "base/error.h"
#include "base/file.h"
#include "base/intmap.h"
#include "base/json_build.h"
#include "compile/functions.h"
#include "graph/run_record.h"
#include "kernels/stable_hash.h"
#include "run/step.h"

static const char layer[] = "graph";

/* Only what is needed to find the repository again must survive a crash of the machine; all else is
 * evidence, and a torn file of it is told by its hash. */
static enum rg_status put_file(const struct build *build, const char *name, struct str text,
                               struct rg_error *err)
{
    char *path = path_join(build->paths.bundle, name);
    FILE *file = path ? fopen(path, "we") : NULL;
    enum rg_status status = RG_OK;
    if (!path)
        return error_no_memory(err, layer);
    if (!file) {
        status = error_errno(err, layer, errno, "cannot write", path);
    } else {
        bool written = fwrite(text.ptr, 1, text.len, file) == text.len;
        if (fclose(file) != 0 || !written)
            status = error_errno(err, layer, errno, "cannot write", path);
    }
    free(path);
    return status;
}

static enum rg_status put_buffer(const struct build *build, const char *name, struct buffer *text,
                                 struct rg_error *err)
{
    enum rg_status status =
        text->failed ? error_no_memory(err, layer) : put_file(build, name, buffer_view(text), err);
    buffer_clear(text);
    return status;
}

/* Takes the value. */
static enum rg_status put_json(const struct build *build, const char *name, json_t *json,
                               size_t flags, struct rg_error *err)
{
    char *text = json_take_text(json, flags | JSON_SORT_KEYS);
    enum rg_status status =
        text ? put_file(build, name, str_of(text), err) : error_no_memory(err, layer);
    free(text);
    return status;
}

static enum rg_status make_folder(const struct build *build, const char *name, struct rg_error *err)
{
    char *path = path_join(build->paths.bundle, name);
    enum rg_status status = path ? folder_make(path, err) : error_no_memory(err, layer);
    free(path);
    return status;
}

/* --- The steps ------------------------------------------------------------------------------ */

/* Texts by number; rounds of a fixpoint say the same again and again. */
struct texts {
    struct intmap places;
    json_t *list;
};

/* Two texts of one hash are two texts: the later one is not looked for again. */
static size_t text_number(struct texts *texts, struct str text)
{
    uint64_t key = stable_hash_text(STABLE_HASH_SEED, text.ptr, text.len);
    uint32_t place = intmap_get(&texts->places, key);
    if (place != INTMAP_NONE) {
        const json_t *there = json_array_get(texts->list, place);
        if (str_eq((struct str){json_string_value(there), json_string_length(there)}, text))
            return place;
    }
    size_t number = json_array_size(texts->list);
    json_add(&texts->list, json_text(text));
    if (!intmap_put(&texts->places, key, (uint32_t)number)) { /* found by who reads the list */
        json_decref(texts->list);
        texts->list = NULL;
    }
    return number;
}

static json_t *step_json(struct texts *texts, const struct run_step *step)
{
    json_t *json = json_pack("{s:s, s:o, s:o, s:f, s:b}", "kind", step_kind_name(step->kind),
                             "rule", json_text(step->rule), "name", json_text(step->name),
                             "seconds", step->seconds, "failed", (int)step->failed);
    if (step->select.len)
        json_put(&json, STR("select"), json_integer((json_int_t)text_number(texts, step->select)));
    if (step->kind == STEP_FILE) {
        json_put(&json, STR("dataset"), json_text(step->dataset));
        json_put(&json, STR("schema"), json_string(step->schema));
        json_put(&json, STR("tier"), json_string(tier_name(step->tier)));
        json_put(&json, STR("order"), json_text(step->order));
    }
    return json;
}

static enum rg_status put_steps(const struct build *build, struct rg_error *err)
{
    struct texts texts = {.list = json_array()};
    json_t *steps = json_array();
    for (size_t i = 0; i < build->run.n_steps; i++)
        json_add(&steps, step_json(&texts, &build->run.steps[i]));
    intmap_fini(&texts.places);
    return put_json(
        build, "steps.json",
        json_pack("{s:i, s:o, s:o}", "format", BUNDLE_FORMAT, "texts", texts.list, "steps", steps),
        JSON_INDENT(1) | JSON_REAL_PRECISION(6), err);
}

static uint64_t step_hash(const struct run_step *step)
{
    uint64_t hash = stable_hash_int(STABLE_HASH_SEED, (int64_t)step->kind);
    hash = stable_hash_text(hash, step->name.ptr, step->name.len);
    return stable_hash_text(hash, step->select.ptr, step->select.len);
}

/* The statements of a rule, of a dataset's files, or of the run itself, each once, for people. */
static void print_sql(const struct build *build, struct str rule, struct str dataset,
                      struct buffer *out)
{
    struct intmap seen = {0};
    for (size_t i = 0; i < build->run.n_steps; i++) {
        const struct run_step *step = &build->run.steps[i];
        if (!str_eq(step->rule, rule) || !str_eq(step->dataset, dataset))
            continue;
        uint64_t hash = step_hash(step);
        if (intmap_get(&seen, hash) != INTMAP_NONE)
            continue;
        out->failed = out->failed || !intmap_put(&seen, hash, 0);
        if (step->failed)
            buffer_text(out, "-- this failed:\n");
        if (step->kind == STEP_FILE)
            buffer_printf(out, "-- into " STR_FMT ":\n" STR_FMT, STR_ARG(step->name),
                          STR_ARG(step->select));
        else
            step_print(step, out);
        buffer_text(out, ";\n\n");
    }
    intmap_fini(&seen);
}

static bool has_steps(const struct build *build, struct str rule)
{
    for (size_t i = 0; i < build->run.n_steps; i++)
        if (str_eq(build->run.steps[i].rule, rule))
            return true;
    return false;
}

/* Of a rule that is part of other statements: what it adds to them. */
static enum rg_status put_part(const struct build *build, const struct rule *rule,
                               struct rg_error *err)
{
    struct buffer text = {0};
    char name[256];
    if (!rule->compiled.ptr)
        return RG_OK;
    snprintf(name, sizeof name, "sql/rules/" STR_FMT ".sql", STR_ARG(rule->name));
    if (rule->dataset)
        buffer_printf(&text, "-- No statement of its own: part of ../files/" STR_FMT ".sql\n",
                      STR_ARG(rule->emits_dataset));
    else
        buffer_text(&text, "-- No statement of its own: part of its reader, or nobody reads it\n");
    buffer_str(&text, rule->compiled);
    buffer_text(&text, ";\n");
    enum rg_status status = put_buffer(build, name, &text, err);
    buffer_fini(&text);
    return status;
}

static enum rg_status put_sql_of(const struct build *build, const char *folder, struct str rule,
                                 struct str dataset, struct rg_error *err)
{
    struct buffer text = {0};
    char name[256];
    struct str file = rule.ptr ? rule : dataset;
    if (rule.ptr || dataset.ptr) {
        snprintf(name, sizeof name, "sql/%s/" STR_FMT ".sql", folder, STR_ARG(file));
    } else {
        snprintf(name, sizeof name, "sql/%s.sql", folder);
        buffer_text(&text, STEP_PRELUDE "\n");
    }
    print_sql(build, rule, dataset, &text);
    enum rg_status status = put_buffer(build, name, &text, err);
    buffer_fini(&text);
    return status;
}

/* A run that failed before its rules ran has no statements. */
static enum rg_status put_sql(const struct build *build, struct rg_error *err)
{
    const struct str none = {NULL, 0};
    enum rg_status status = make_folder(build, "sql/rules", err);
    if (status == RG_OK)
        status = make_folder(build, "sql/files", err);
    if (status == RG_OK)
        status = put_sql_of(build, "setup", none, none, err);
    for (size_t i = 0; i < build->rules.n_rules && status == RG_OK; i++) {
        const struct rule *rule = &build->rules.rules[i];
        status = has_steps(build, rule->name) ? put_sql_of(build, "rules", rule->name, none, err)
                                              : put_part(build, rule, err);
    }
    for (size_t i = 0; i < build->run.n_steps && status == RG_OK; i++) {
        const struct run_step *step = &build->run.steps[i];
        bool first = step->kind == STEP_FILE;
        for (size_t j = 0; j < i && first; j++)
            first = !str_eq(build->run.steps[j].dataset, step->dataset);
        if (first)
            status = put_sql_of(build, "files", none, step->dataset, err);
    }
    return status;
}

/* --- Rules and contracts as they were ---------------------------------------------------------
 */

static enum rg_status put_contracts(const struct build *build, struct rg_error *err)
{
    enum rg_status status = make_folder(build, "contracts", err);
    for (size_t i = 0; i < embedded_rules_count && status == RG_OK; i++) {
        const struct embedded_file *file = &embedded_rules[i];
        if (strcmp(file->name, "datasets.sql") == 0)
            status = put_file(build, "contracts/datasets.sql", (struct str){file->data, file->size},
                              err);
    }
    return status;
}

/* The built-in rules are those of the version that the bundle names. */
static enum rg_status put_rules(const struct build *build, struct rg_error *err)
{
    enum rg_status status = RG_OK;
    bool any = false;
    for (size_t i = 0; i < build->rules.n_rules && status == RG_OK; i++) {
        const struct rule *rule = &build->rules.rules[i];
        char name[256];
        if (rule->built_in)
            continue;
        if (!any)
            status = make_folder(build, "rules", err);
        any = true;
        snprintf(name, sizeof name, "rules/" STR_FMT ".sql", STR_ARG(rule->name));
        if (status == RG_OK)
            status = put_file(build, name, rule->text, err);
    }
    return status;
}

/* --- The index ------------------------------------------------------------------------------ */

static enum rg_status index_file(const char *path, const char *name, json_t **files,
                                 struct rg_error *err)
{
    char sha256[65];
    enum rg_status status = file_sha256(path, sha256, err);
    if (status == RG_OK)
        json_put(files, str_of(name),
                 json_pack("{s:I, s:s}", "bytes", (json_int_t)file_size(path), "sha256", sha256));
    return status;
}

/* Adds the files below root/prefix ("" is root itself) by their path from root. */
static enum rg_status index_folder(const char *root, const char *prefix, int depth, json_t **files,
                                   struct rg_error *err)
{
    enum { DEPTH_MAX = 4 }; /* ours has three */
    RG_ASSERT(depth < DEPTH_MAX);
    enum rg_status status = RG_OK;
    char *path = path_join(root, prefix);
    DIR *folder = path ? opendir(path) : NULL;
    if (!folder) {
        status = path ? error_errno(err, layer, errno, "cannot list", path)
                      : error_no_memory(err, layer);
        goto out;
    }
    struct dirent *entry;
    while (status == RG_OK && (entry = readdir(folder)) != NULL) {
        char *name = NULL, *inner = NULL;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (asprintf(&name, "%s%s%s", prefix, *prefix ? "/" : "", entry->d_name) < 0)
            name = NULL;
        inner = name ? path_join(root, name) : NULL;
        if (!inner)
            status = error_no_memory(err, layer);
        else if (path_is_folder(inner))
            status = index_folder(root, name, depth + 1, files, err);
        else
            status = index_file(inner, name, files, err);
        free(inner);
        free(name);
    }
    closedir(folder);
out:
    free(path);
    return status;
}

/* What the run's facts are known by, where they stay. */
static enum rg_status facts_json(const struct build *build, const struct rg_error *failure,
                                 json_t **out_json, struct rg_error *err)
{
    char hash[FACTS_HASH_BYTES];
    *out_json = NULL;
    if (failure || build->request.facts_in_memory) {
        *out_json = json_null();
        return RG_OK;
    }
    const char *path = build->paths.facts;
    enum rg_status status = facts_hash(path, build->session->settings.extract_threads, hash, err);
    if (status == RG_OK)
        *out_json = json_pack("{s:s, s:I, s:s}", "path",
                              path + strlen(build->folder.root) + 1, /* below the graph's folder */
                              "bytes", (json_int_t)file_size(path), "xxh3", hash);
    return status;
}

/* A hash of all that is known of the functions: the place of a version number. */
static json_t *functions_json(void)
{
    char hash[65];
    struct buffer text = {0};
    functions_document(&text);
    digest_sha256(text.data ? text.data : "", text.len, hash);
    json_t *json = text.failed ? NULL : json_string(hash);
    buffer_fini(&text);
    return json;
}

static const char *result_name(const struct rg_error *failure)
{
    return !failure ? "built" : failure->status == RG_ERR_CANCELLED ? "cancelled" : "failed";
}

/* Whom the graph's reader must find again after a crash is synced. */
static enum rg_status put_index(const struct build *build, const struct rg_error *failure,
                                struct rg_error *err)
{
    json_t *facts = NULL, *files = json_object();
    char seal[65];
    enum rg_status status = index_folder(build->paths.bundle, "", 0, &files, err);
    if (status == RG_OK)
        status = facts_json(build, failure, &facts, err);
    if (status != RG_OK) {
        json_decref(files);
        return status;
    }
    json_t *index = json_pack(
        "{s:i, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:s, s:o, s:o}", "format", BUNDLE_FORMAT, "run",
        build->paths.id, "result", result_name(failure), "tier", tier_name(build->request.tier),
        "profile", profile_name(build->session->settings.profile), "relgraph", rg_version(),
        "components", components_json(), "functions", functions_json(), "inputs_sha256",
        build->inputs_sha256, "facts", facts, "files", files);
    if (index && bundle_seal(index, seal))
        json_put(&index, STR("seal"), json_string(seal));
    char *path = path_join(build->paths.bundle, "bundle.json");
    char *text = json_take_text(index, JSON_INDENT(2) | JSON_SORT_KEYS);
    status = path && text ? file_write(path, str_of(text), err) : error_no_memory(err, layer);
    free(text);
    free(path);
    return status;
}

/* --- All of it ------------------------------------------------------------------------------ */

static enum rg_status put_record(const struct build *build, const struct rg_error *failure,
                                 struct rg_error *err)
{
    struct run_record record = {
        .session = build->session,
        .run_id = build->paths.id,
        .outcome = result_name(failure),
        .failure = failure,
        .request = &build->request,
        .result = &build->result->public,
        .run = &build->run,
        .repository = build->scan.root ? build->scan.root : build->request.repository,
        .seconds = clock_seconds() - build->began,
    };
    char *text = NULL;
    char *path = path_join(build->paths.bundle, "run.json");
    enum rg_status status =
        path ? run_record_text(&record, &text, err) : error_no_memory(err, layer);
    if (status == RG_OK)
        status = file_write(path, str_of(text), err);
    free(text);
    free(path);
    return status;
}

/* The effective settings, and where each came from. */
static enum rg_status put_config(const struct build *build, struct rg_error *err)
{
    char *text = NULL;
    enum rg_status status = settings_json(&build->session->settings, &text, err);
    if (status == RG_OK)
        status = put_file(build, "config.json", str_of(text), err);
    free(text);
    return status;
}

/* The manifest of a build that is complete. */
static enum rg_status put_manifest(const struct build *build, struct rg_error *err)
{
    char *text = NULL;
    size_t size = 0;
    char *path = path_join(build->paths.staging, "manifest.json");
    enum rg_status status = path ? file_read(path, MANIFEST_BYTES_MAX, true, &text, &size, err)
                                 : error_no_memory(err, layer);
    if (status == RG_OK)
        status = put_file(build, "manifest.json", (struct str){text, size}, err);
    free(text);
    free(path);
    return status;
}

enum rg_status bundle_write(const struct build *build, const struct rg_error *failure,
                            struct rg_error *err)
{
    enum rg_status status = folder_make(build->paths.bundle, err);
    if (status == RG_OK)
        status = put_record(build, failure, err);
    if (status == RG_OK && !failure)
        status = put_manifest(build, err);
    if (status == RG_OK)
        status = put_config(build, err);
    if (status == RG_OK)
        status = put_contracts(build, err);
    if (status == RG_OK)
        status = put_rules(build, err);
    if (status == RG_OK)
        status = put_sql(build, err);
    if (status == RG_OK)
        status = put_steps(build, err);
    return status == RG_OK ? put_index(build, failure, err) : status;
}
