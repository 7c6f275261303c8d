/* The result of a build: texts are copied into its arena, so that it outlives the build. */
#include "graph/build_state.h"

#include <stdlib.h>

#include "base/buffer.h"
#include "base/error.h"

static const char layer[] = "graph";

struct build_result *build_result_new(void)
{
    struct build_result *result = calloc(1, sizeof *result);
    if (result) {
        result->public.stages = result->stages;
        result->public.module_prefix = result->public.module_prefix_source = "";
        result->public.build_id = result->public.build_path = "";
    }
    return result;
}

void rg_build_result_free(struct rg_build_result *public)
{
    struct build_result *result = (struct build_result *)public;
    if (!result)
        return;
    arena_fini(&result->arena);
    free(result);
}

void build_stage(struct build *build, const char *name, double seconds, uint64_t rows)
{
    struct build_result *result = build->result;
    RG_ASSERT(result->public.n_stages < BUILD_STAGES_MAX);
    result->stages[result->public.n_stages++] = (struct rg_stage){name, seconds, rows};
    ledger_stage(build->session->ledger, name, seconds, (int64_t)rows);
}

/* By dataset, then rows descending, then kind, so that equal counts have one order. */
static int order_counts(const void *a, const void *b)
{
    const struct rg_count *left = a, *right = b;
    int order = strcmp(left->dataset, right->dataset);
    if (order == 0)
        order = (left->rows < right->rows) - (left->rows > right->rows);
    return order ? order : strcmp(left->kind, right->kind);
}

static enum rg_status copy_counts(struct arena *arena, const struct run_count *from, size_t n,
                                  const struct rg_count **out_counts, size_t *out_n,
                                  struct rg_error *err)
{
    struct rg_count *counts = ARENA_ARRAY(arena, n ? n : 1, struct rg_count);
    if (!counts)
        return error_no_memory(err, layer);
    for (size_t i = 0; i < n; i++) {
        counts[i].dataset = arena_cstr(arena, from[i].dataset);
        counts[i].kind = arena_cstr(arena, from[i].kind.ptr ? from[i].kind : STR(""));
        counts[i].rows = from[i].rows;
        if (!counts[i].dataset || !counts[i].kind)
            return error_no_memory(err, layer);
    }
    qsort(counts, n, sizeof *counts, order_counts);
    *out_counts = counts;
    *out_n = n;
    return RG_OK;
}

static enum rg_status fill_scip(struct build *build, struct rg_error *err)
{
    struct arena *arena = &build->result->arena;
    size_t n = build->request.n_scip_files;
    struct rg_scip_index *indexes = ARENA_ARRAY(arena, n ? n : 1, struct rg_scip_index);
    if (!indexes)
        return error_no_memory(err, layer);
    for (size_t i = 0; i < n; i++) {
        const struct scip_tally *from = &build->scip[i];
        indexes[i] = (struct rg_scip_index){.name = arena_cstr(arena, from->name),
                                            .sha256 = from->sha256,
                                            .tool = arena_cstr(arena, from->tool),
                                            .tool_version = arena_cstr(arena, from->tool_version),
                                            .size_bytes = from->size_bytes,
                                            .documents = from->documents,
                                            .documents_read = from->documents_read,
                                            .occurrences = from->occurrences,
                                            .placed = from->placed};
        if (!indexes[i].name || !indexes[i].tool || !indexes[i].tool_version)
            return error_no_memory(err, layer);
    }
    build->result->public.scip_indexes = indexes;
    build->result->public.n_scip_indexes = n;
    return RG_OK;
}

static enum rg_status fill_common(struct build *build, struct rg_error *err)
{
    struct rg_build_result *public = &build->result->public;
    const struct extract_result *extract = &build->extract;
    public->files = build->scan.n_files + build->files_indexed;
    public->files_parsed = extract->files_parsed;
    public->files_partial = extract->files_partial;
    public->files_skipped = extract->files_skipped;
    public->files_unreadable = extract->files_unreadable;
    public->files_indexed = build->files_indexed;
    public->lines = extract->lines;
    public->source_bytes = extract->source_bytes;
    public->module_prefix = arena_cstr(&build->result->arena, str_of(build->prefix.value));
    public->module_prefix_source = build->prefix.source;
    return public->module_prefix ? fill_scip(build, err) : error_no_memory(err, layer);
}

enum rg_status build_result_fill(struct build *build, struct rg_error *err)
{
    struct rg_build_result *public = &build->result->public;
    struct arena *arena = &build->result->arena;
    const struct run_result *run = &build->run;
    enum rg_status status = fill_common(build, err);
    if (status == RG_OK)
        status =
            copy_counts(arena, run->counts, run->n_counts, &public->counts, &public->n_counts, err);
    if (status == RG_OK)
        status = copy_counts(arena, run->reasons, run->n_reasons, &public->reasons,
                             &public->n_reasons, err);
    if (status != RG_OK)
        return status;
    public->rows_rejected = run->rows_rejected;
    for (size_t i = 0; i < build->n_shards; i++) {
        public->output_bytes += build->shards[i].bytes;
    }
    public->build_id = arena_cstr(arena, str_of(build->paths.id));
    public->build_path = arena_cstr(arena, str_of(build->paths.build));
    return public->build_id && public->build_path ? RG_OK : error_no_memory(err, layer);
}

enum rg_status build_result_fill_facts(struct build *build, struct rg_error *err)
{
    struct rg_build_result *public = &build->result->public;
    const struct contracts *contracts = &build->rules.contracts;
    struct run_count *counts =
        ARENA_ARRAY(&build->result->arena, contracts->n_datasets + 1, struct run_count);
    size_t n = 0;
    enum rg_status status = counts ? fill_common(build, err) : error_no_memory(err, layer);
    for (size_t i = 0; status == RG_OK && i < contracts->n_datasets; i++) {
        if (contracts->datasets[i].layer != DATASET_FACT)
            continue;
        struct buffer sql = {0};
        int64_t rows = 0;
        buffer_text(&sql, "SELECT count(*) FROM ");
        buffer_sql_name(&sql, contracts->datasets[i].name);
        status = sql.failed ? error_no_memory(err, layer)
                            : store_int64(build->store, buffer_view(&sql), &rows, err);
        buffer_fini(&sql);
        counts[n++] =
            (struct run_count){.dataset = contracts->datasets[i].name, .rows = (uint64_t)rows};
    }
    if (status == RG_OK)
        status =
            copy_counts(&build->result->arena, counts, n, &public->counts, &public->n_counts, err);
    return status;
}
