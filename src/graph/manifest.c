/* The manifest, through jansson: keys sorted, so that equal content is equal text. */
#include "graph/manifest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "compile/rules.h"
#include "graph/diagnostics.h"
#include "run/run.h"
#include "base/json_build.h"

static const char layer[] = "graph";

/* --- Writing -------------------------------------------------------------------------------- */

static json_t *integer_of(uint64_t value)
{
    return json_integer((json_int_t)value);
}

json_t *components_json(void)
{
    enum { MAX = 64 };
    struct rg_component rows[MAX];
    size_t n = rg_components(rows, MAX);
    json_t *versions = json_object();
    for (size_t i = 0; i < n && i < MAX; i++)
        json_put(&versions, str_of(rows[i].name), json_string(rows[i].version));
    return versions;
}

static json_t *rules_json(const struct rule_set *set)
{
    json_t *rules = json_array();
    for (size_t i = 0; i < set->n_rules; i++) {
        const struct rule *rule = &set->rules[i];
        json_add(&rules, json_pack("{s:o, s:s, s:b}", "name", json_text(rule->name), "sha256",
                                   rule->sha256, "built_in", (int)rule->built_in));
    }
    return rules;
}

/* The columns of a dataset as one text a line; its hash tells whether two builds have the same
 * shape. */
static json_t *columns_json(const struct rule_set *set, struct str dataset, struct buffer *shape)
{
    json_t *columns = json_array();
    const struct dataset *contract = contracts_find(&set->contracts, dataset);
    for (size_t i = 0; contract && i < contract->n_columns; i++) {
        const struct dataset_column *c = &contract->columns[i];
        json_add(&columns, json_pack("{s:o, s:o, s:b}", "name", json_text(c->name), "type",
                                     json_text(c->type), "not_null", (int)c->not_null));
        buffer_printf(shape, STR_FMT " " STR_FMT "%s\n", STR_ARG(c->name), STR_ARG(c->type),
                      c->not_null ? " NOT NULL" : "");
    }
    for (size_t d = 0; !contract && d < diagnostic_specs_count; d++) {
        const struct diagnostic_spec *spec = &diagnostic_specs[d];
        for (size_t i = 0; str_is(dataset, spec->name) && i < spec->n_columns; i++) {
            const struct diagnostic_column *c = &spec->columns[i];
            json_add(&columns,
                     json_pack("{s:s, s:s, s:b}", "name", c->name, "type", c->type, "not_null", 0));
            buffer_printf(shape, "%s %s\n", c->name, c->type);
        }
    }
    return columns;
}

static int order_shards(const void *a, const void *b)
{
    const struct manifest_shard *left = a, *right = b;
    int order = str_cmp(left->dataset, right->dataset);
    return order ? order : str_cmp(left->path, right->path);
}

/* The tier that a dataset was made at, and the order of its rows; of diagnostics there is neither.
 */
static void put_promise(const struct run_result *run, struct str dataset, json_t **output)
{
    const struct run_dataset *plan = run_dataset_find(run, dataset);
    if (!plan)
        return;
    json_t *order = json_pack("{s:s}", "kind", run_order_name(plan->order));
    if (plan->order == RUN_EXPLICIT)
        json_put(&order, STR("keys"), json_text(plan->keys));
    json_put(output, STR("tier"), json_string(tier_name(plan->tier)));
    json_put(output, STR("order"), order);
}

/* A bound in the JSON type of its column. */
static json_t *bound_json(struct str type, struct str value)
{
    char *end = NULL;
    if (!value.ptr)
        return json_null();
    if (str_is(type, "VARCHAR"))
        return json_text(value);
    if (str_is(type, "BOOLEAN"))
        return json_boolean(str_is(value, "true"));
    if (str_is(type, "DOUBLE") || str_is(type, "FLOAT")) {
        double number = strtod(value.ptr, &end);
        return end != value.ptr && isfinite(number) ? json_real(number) : json_text(value);
    }
    long long number = strtoll(value.ptr, &end, 10);
    return end != value.ptr && *end == '\0' ? json_integer(number) : json_text(value);
}

static json_t *stats_json(const struct manifest_shard *shard)
{
    json_t *stats = json_object();
    for (size_t i = 0; i < shard->n_columns; i++) {
        const struct run_column *c = &shard->columns[i];
        json_t *one = json_pack("{s:o}", "nulls", integer_of(c->nulls));
        if (c->min.ptr) {
            json_put(&one, STR("min"), bound_json(c->type, c->min));
            json_put(&one, STR("max"), bound_json(c->type, c->max));
        }
        json_put(&stats, c->name, one);
    }
    return stats;
}

static json_t *shard_json(const struct manifest_shard *shard)
{
    json_t *json = json_pack("{s:o, s:o, s:o, s:s}", "path", json_text(shard->path), "rows",
                             integer_of(shard->rows), "bytes", integer_of(shard->bytes), "sha256",
                             shard->sha256);
    if (shard->columns)
        json_put(&json, STR("columns"), stats_json(shard));
    return json;
}

static const char *const writer_names[] = {[WRITER_ENGINE] = "engine", [WRITER_ARROW] = "arrow"};

/* Of a product dataset, and of what was rejected from it, by which rules they are. */
static void put_plan(const struct manifest_input *input, struct str dataset, json_t **output)
{
    static const struct str rejected = {"_errors", 7};
    char plan[65];
    struct str of = dataset;
    if (of.len > rejected.len &&
        str_eq((struct str){of.ptr + of.len - rejected.len, rejected.len}, rejected))
        of.len -= rejected.len;
    const struct dataset *contract = contracts_find(&input->rules->contracts, of);
    if (!contract || contract->layer != DATASET_PRODUCT)
        return;
    if (rule_set_plan_sha256(input->rules, of, plan, NULL) == RG_OK) {
        json_put(output, STR("plan_sha256"), json_string(plan));
    } else {
        json_decref(*output);
        *output = NULL;
    }
}

static json_t *output_json(const struct manifest_input *input, size_t from, size_t to)
{
    struct buffer shape = {0};
    char fingerprint[65];
    uint64_t rows = 0, bytes = 0;
    json_t *shards = json_array();
    for (size_t i = from; i < to; i++) {
        const struct manifest_shard *s = &input->shards[i];
        json_add(&shards, shard_json(s));
        rows += s->rows;
        bytes += s->bytes;
    }
    json_t *columns = columns_json(input->rules, input->shards[from].dataset, &shape);
    struct str text = buffer_view(&shape);
    digest_sha256(text.ptr, text.len, fingerprint);
    if (shape.failed) { /* a hash of half the columns must not be told */
        json_decref(columns);
        columns = NULL;
    }
    buffer_fini(&shape);
    json_t *output =
        json_pack("{s:o, s:o, s:o, s:o, s:s, s:s}", "shards", shards, "rows", integer_of(rows),
                  "bytes", integer_of(bytes), "columns", columns, "schema_sha256", fingerprint,
                  "writer", writer_names[input->shards[from].writer]);
    put_promise(input->run, input->shards[from].dataset, &output);
    put_plan(input, input->shards[from].dataset, &output);
    return output;
}

static json_t *outputs_json(const struct manifest_input *input)
{
    json_t *outputs = json_object();
    qsort(input->shards, input->n_shards, sizeof *input->shards, order_shards);
    for (size_t from = 0, to; from < input->n_shards; from = to) {
        for (to = from + 1; to < input->n_shards; to++)
            if (!str_eq(input->shards[to].dataset, input->shards[from].dataset))
                break;
        struct str name = input->shards[from].dataset;
        json_put(&outputs, name, output_json(input, from, to));
    }
    return outputs;
}

/* Rows by dataset and kind, or by edge and reason; the counts of one dataset follow each other. */
static json_t *counts_json(const struct rg_count *counts, size_t n_counts)
{
    json_t *object = json_object();
    for (size_t from = 0, to; from < n_counts; from = to) {
        const char *dataset = counts[from].dataset;
        bool has_kinds = *counts[from].kind != '\0';
        json_t *value = has_kinds ? json_object() : integer_of(counts[from].rows);
        for (to = from; to < n_counts && strcmp(counts[to].dataset, dataset) == 0; to++)
            if (has_kinds)
                json_put(&value, str_of(counts[to].kind), integer_of(counts[to].rows));
        json_put(&object, str_of(dataset), value);
    }
    return object;
}

static json_t *scip_json(const struct rg_build_result *result)
{
    json_t *indexes = json_array();
    for (size_t i = 0; i < result->n_scip_indexes; i++) {
        const struct rg_scip_index *x = &result->scip_indexes[i];
        json_add(&indexes, json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "name", x->name,
                                     "sha256", x->sha256, "tool", x->tool, "tool_version",
                                     x->tool_version, "documents", integer_of(x->documents),
                                     "documents_read", integer_of(x->documents_read), "occurrences",
                                     integer_of(x->occurrences), "placed", integer_of(x->placed)));
    }
    return indexes;
}

static json_t *inputs_json(const struct manifest_input *input)
{
    const struct rg_build_result *r = input->result;
    json_t *files = json_pack(
        "{s:o, s:o, s:o, s:o, s:o}", "parsed", integer_of(r->files_parsed), "partial",
        integer_of(r->files_partial), "skipped", integer_of(r->files_skipped), "unreadable",
        integer_of(r->files_unreadable), "indexed", integer_of(r->files_indexed));
    json_t *inputs =
        json_pack("{s:o, s:o, s:o, s:s}", "files", files, "lines", integer_of(r->lines), "bytes",
                  integer_of(r->source_bytes), "sha256", input->inputs_sha256);
    if (r->n_scip_indexes)
        json_put(&inputs, STR("scip"), scip_json(r));
    return inputs;
}

enum rg_status manifest_text(const struct manifest_input *input, char **out_text,
                             struct rg_error *err)
{
    const struct rg_build_request *request = input->request;
    const struct rg_build_result *result = input->result;
    json_t *settings =
        json_pack("{s:s, s:b, s:s, s:b, s:b}", "tier", tier_name(input->tier), "tier_forced",
                  (int)input->tier_forced, "sha256", input->settings_sha256, "strict",
                  (int)request->strict, "with_duckdb", (int)request->with_duckdb);
    json_t *prefix = json_pack("{s:s, s:s}", "value", result->module_prefix, "source",
                               result->module_prefix_source);
    json_t *root = json_pack(
        "{s:i, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "format", MANIFEST_FORMAT,
        "relgraph", rg_version(), "components", components_json(), "inputs", inputs_json(input),
        "settings", settings, "module_prefix", prefix, "rules", rules_json(input->rules), "outputs",
        outputs_json(input), "counts", counts_json(result->counts, result->n_counts), "unresolved",
        counts_json(result->reasons, result->n_reasons), "rows_rejected",
        integer_of(result->rows_rejected));
    *out_text = json_take_text(root, JSON_INDENT(2) | JSON_SORT_KEYS);
    return *out_text ? RG_OK : error_no_memory(err, layer);
}

/* --- Reading -------------------------------------------------------------------------------- */

static struct error_damage damage_of(const char *path)
{
    return (struct error_damage){
        layer, path, "the graph was damaged or changed after it was built: build it again"};
}

bool path_is_inside(const char *path)
{
    struct str rest = str_of(path);
    if (rest.len == 0 || *path == '/')
        return false;
    while (rest.ptr) {
        struct str part = str_split(&rest, '/');
        if (part.len == 0 || str_is(part, ".."))
            return false;
    }
    return true;
}

/* A manifest of a version that knew one writer alone does not name it. */
static enum rg_status read_writer(const char *manifest_path, const json_t *output,
                                  enum dataset_writer *out_writer, struct rg_error *err)
{
    const char *name = json_string_value(json_object_get(output, "writer"));
    *out_writer = WRITER_ENGINE;
    for (size_t i = 0; i < sizeof writer_names / sizeof *writer_names; i++) {
        if (!name || strcmp(name, writer_names[i]) == 0) {
            *out_writer = (enum dataset_writer)i;
            return RG_OK;
        }
    }
    return error_corrupt(err, damage_of(manifest_path), "no writer is named %s", name);
}

static enum rg_status read_shard(const char *build_folder, const char *manifest_path,
                                 const char *dataset, const json_t *json, struct manifest *manifest,
                                 struct manifest_shard *shard, struct rg_error *err)
{
    const char *path = json_string_value(json_object_get(json, "path"));
    const char *sha256 = json_string_value(json_object_get(json, "sha256"));
    const json_t *rows = json_object_get(json, "rows"), *bytes = json_object_get(json, "bytes");
    if (!path || !path_is_inside(path) || !json_is_integer(rows) || !json_is_integer(bytes))
        return error_corrupt(err, damage_of(manifest_path), "dataset %s lists a file that is none",
                             dataset);
    shard->dataset = arena_str(&manifest->arena, str_of(dataset));
    shard->path = arena_str(&manifest->arena, str_of(path));
    shard->rows = (uint64_t)json_integer_value(rows);
    shard->bytes = (uint64_t)json_integer_value(bytes);
    snprintf(shard->sha256, sizeof shard->sha256, "%s", sha256 ? sha256 : "");
    if (!build_folder)
        return shard->dataset.ptr && shard->path.ptr ? RG_OK : error_no_memory(err, layer);
    char *full = path_join(build_folder, path);
    if (!full || !shard->dataset.ptr || !shard->path.ptr) {
        free(full);
        return error_no_memory(err, layer);
    }
    enum rg_status status = RG_OK;
    uint64_t size = file_size(full);
    if (!path_exists(full))
        status = error_corrupt(err, damage_of(full), "a file of the graph is missing: %s", path);
    else if (size != shard->bytes)
        status = error_corrupt(err, damage_of(full), "%s has %llu bytes, the manifest says %llu",
                               path, (unsigned long long)size, (unsigned long long)shard->bytes);
    free(full);
    return status;
}

static enum rg_status read_outputs(const char *build_folder, const char *path, json_t *outputs,
                                   struct manifest *manifest, struct rg_error *err)
{
    enum rg_status status = RG_OK;
    const char *dataset;
    json_t *output, *shard;
    size_t index, total = 0;
    json_object_foreach(outputs, dataset, output)
    {
        total += json_array_size(json_object_get(output, "shards"));
    }
    manifest->shards = ARENA_ARRAY(&manifest->arena, total ? total : 1, struct manifest_shard);
    if (!manifest->shards)
        return error_no_memory(err, layer);
    json_object_foreach(outputs, dataset, output)
    {
        enum dataset_writer writer;
        status = read_writer(path, output, &writer, err);
        if (status != RG_OK)
            return status;
        json_array_foreach(json_object_get(output, "shards"), index, shard)
        {
            RG_ASSERT(manifest->n_shards < total);
            manifest->shards[manifest->n_shards].writer = writer;
            status = read_shard(build_folder, path, dataset, shard, manifest,
                                &manifest->shards[manifest->n_shards++], err);
            if (status != RG_OK)
                return status;
        }
    }
    return RG_OK;
}

static enum rg_status read_json(const char *build_folder, const char *path, json_t *root,
                                struct manifest *manifest, struct rg_error *err)
{
    json_t *format = json_object_get(root, "format"), *outputs = json_object_get(root, "outputs");
    if (!json_is_integer(format) || !json_is_object(outputs))
        return error_corrupt(err, damage_of(path), "manifest.json is not the manifest of a graph");
    if (json_integer_value(format) != MANIFEST_FORMAT) {
        enum rg_status status =
            error_corrupt(err, damage_of(path), "the graph has format %lld, this relgraph reads %d",
                          (long long)json_integer_value(format), MANIFEST_FORMAT);
        error_hint(
            err, "build the graph again with this version, or read it with the one that built it");
        return status;
    }
    return read_outputs(build_folder, path, outputs, manifest, err);
}

/* build_folder NULL: its files are not looked at. */
static enum rg_status read_manifest(const char *folder, const char *build_folder,
                                    struct manifest *out_manifest, struct rg_error *err)
{
    *out_manifest = (struct manifest){0};
    enum rg_status status = RG_OK;
    char *text = NULL;
    size_t size = 0;
    json_t *root = NULL;
    char *path = path_join(folder, "manifest.json");
    if (!path)
        return error_no_memory(err, layer);
    if (!path_exists(path)) {
        status = error_corrupt(err, damage_of(path), "the graph has no manifest");
        goto out;
    }
    status = file_read(path, MANIFEST_BYTES_MAX, true, &text, &size, err);
    if (status != RG_OK)
        goto out;
    json_error_t where;
    root = json_of_text(text, size, &where);
    if (!root && json_no_memory(&where)) {
        status = error_no_memory(err, layer);
        goto out;
    }
    if (!root) {
        status = error_corrupt(err, damage_of(path), "manifest.json is not JSON: %s", where.text);
        error_place(err, path, (uint32_t)where.line, (uint32_t)where.column);
        goto out;
    }
    status = read_json(build_folder, path, root, out_manifest, err);
out:
    json_decref(root);
    free(text);
    free(path);
    return status;
}

enum rg_status manifest_open(const char *build_folder, struct manifest *out_manifest,
                             struct rg_error *err)
{
    return read_manifest(build_folder, build_folder, out_manifest, err);
}

enum rg_status manifest_read(const char *folder, struct manifest *out_manifest,
                             struct rg_error *err)
{
    return read_manifest(folder, NULL, out_manifest, err);
}

void manifest_fini(struct manifest *manifest)
{
    arena_fini(&manifest->arena);
    *manifest = (struct manifest){0};
}
