/* Writes the product: for each dataset and shard one COPY, into which streamed rules flow. */
#include "run/run_inside.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/pool.h"

enum {
    ROW_GROUP_ROWS = 122880,
    /* A column with more distinct values in a row group is written plainly. The engine's own limit,
     * a fifth of the rows, lets it try long for columns of ids: a quarter of the time, for 2% of
     * the size. */
    DICTIONARY_VALUES_MAX = 4096
};

/* --- Files of the result -------------------------------------------------------------------------
 */

/* Room for the files of a dataset, numbered from 0; *out_first is the place of the first. */
static enum rg_status add_shards(struct run *run, struct str dataset, unsigned n, size_t *out_first,
                                 struct rg_error *err)
{
    struct run_result *result = run->result;
    struct run_shard *shards = arena_grow(&result->arena, result->shards, result->n_shards,
                                          result->n_shards + n, sizeof *shards);
    struct str name = arena_str(&result->arena, dataset);
    const struct run_dataset *plan = run_dataset_find(result, dataset);
    if (!shards || !name.ptr)
        return error_no_memory(err, RUN_LAYER);
    result->shards = shards;
    *out_first = result->n_shards;
    for (unsigned i = 0; i < n; i++) {
        char *path = arena_printf(&result->arena, STR_FMT "/part-%u.parquet", STR_ARG(dataset), i);
        if (!path)
            return error_no_memory(err, RUN_LAYER);
        shards[result->n_shards++] = (struct run_shard){.dataset = name,
                                                        .path = str_of(path),
                                                        .tier = plan ? plan->tier : RG_TIER_STABLE,
                                                        .order = plan ? plan->said : STR("")};
    }
    return RG_OK;
}

/* read_parquet takes each path for a pattern. */
static void print_pattern(const char *folder, struct str path, struct buffer *out)
{
    struct buffer pattern = {0};
    for (const char *c = folder; *c; c++)
        buffer_printf(&pattern, strchr("*?[", *c) ? "[%c]" : "%c", *c);
    buffer_char(&pattern, '/');
    buffer_str(&pattern, path);
    out->failed = out->failed || pattern.failed;
    buffer_sql_text(out, buffer_view(&pattern));
    buffer_fini(&pattern);
}

void write_print_file(const struct run *run, const struct run_shard *shard, struct buffer *out)
{
    print_pattern(run->request->output_folder, shard->path, out);
}

void write_print_files(const struct run *run, struct str dataset, struct buffer *out)
{
    bool first = true;
    buffer_char(out, '[');
    for (size_t i = 0; i < run->result->n_shards; i++) {
        const struct run_shard *shard = &run->result->shards[i];
        if (!str_eq(shard->dataset, dataset))
            continue;
        buffer_text(out, first ? "" : ", ");
        write_print_file(run, shard, out);
        first = false;
    }
    buffer_char(out, ']');
}

static enum rg_status make_folder(struct run *run, struct str dataset, struct rg_error *err)
{
    char *name = arena_cstr(&run->arena, dataset);
    char *path = name ? path_join(run->request->output_folder, name) : NULL;
    if (!path)
        return error_no_memory(err, RUN_LAYER);
    enum rg_status status = folder_make(path, err);
    free(path);
    return status;
}

/* Of each product dataset its shards, and its rejected rows. */
static size_t files_total(const struct run *run)
{
    const struct contracts *contracts = &run->rules->contracts;
    size_t total = 0;
    for (size_t i = 0; i < contracts->n_datasets; i++)
        if (contracts->datasets[i].layer == DATASET_PRODUCT)
            total += ((size_t)1 << run->shard_bits) + 1;
    return total;
}

enum rg_status write_file(struct run *run, struct run_shard *shard, const char *fingerprint,
                          struct str select, struct rg_error *err)
{
    struct buffer sql = {0};
    char *path = path_join(run->request->output_folder, shard->path.ptr);
    if (!path)
        return error_no_memory(err, RUN_LAYER);
    buffer_text(&sql, "COPY (");
    buffer_str(&sql, select);
    buffer_text(&sql, ") TO ");
    buffer_sql_text(&sql, str_of(path));
    buffer_printf(&sql,
                  " (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE %d, "
                  "DICTIONARY_SIZE_LIMIT %d, KV_METADATA {"
                  "'relgraph.dataset': '" STR_FMT "', 'relgraph.schema': '%s'",
                  ROW_GROUP_ROWS, DICTIONARY_VALUES_MAX, STR_ARG(shard->dataset), fingerprint);
    if (shard->order.len) { /* who reads the file alone sees what it may count on */
        buffer_printf(&sql, ", 'relgraph.tier': '%s', 'relgraph.order': ", tier_name(shard->tier));
        buffer_sql_text(&sql, shard->order);
    }
    buffer_text(&sql, "})");
    struct run_step step = {.kind = STEP_FILE,
                            .name = shard->path,
                            .select = select,
                            .dataset = shard->dataset,
                            .order = shard->order};
    double began = clock_seconds();
    snprintf(step.schema, sizeof step.schema, "%s", fingerprint);
    enum rg_status status = sql.failed ? error_no_memory(err, RUN_LAYER)
                                       : run_statement(run, (struct str){0}, shard->path,
                                                       buffer_view(&sql), &shard->rows, err);
    step.failed = status != RG_OK;
    step.seconds = clock_seconds() - began;
    enum rg_status noted = run_note_step(run, &step, err);
    status = status ? status : noted;
    if (!status) {
        shard->bytes = file_size(path);
        uint64_t bytes = atomic_fetch_add(&run->bytes_written, shard->bytes) + shard->bytes;
        events_progress(&run->request->session->events, "write",
                        atomic_fetch_add(&run->files_written, 1) + 1, files_total(run), bytes, 0);
    }
    buffer_fini(&sql);
    free(path);
    return status;
}

/* --- Branches: where the rows of a dataset come from
 * -------------------------------------------------- */

struct branch_printer {
    struct run *run;
    const struct dataset *dataset;
    struct buffer *out;
    bool any;
};

static void branch_start(struct branch_printer *printer)
{
    if (printer->any)
        buffer_text(printer->out, " UNION ALL ");
    printer->any = true;
}

static void print_branch_table(struct branch_printer *printer)
{
    branch_start(printer);
    buffer_text(printer->out, "SELECT ");
    gate_print_columns(printer->dataset, "", printer->out);
    buffer_text(printer->out, " FROM ");
}

/* Of a rule that feeds several kinds, those that need no choice; all of them where none does. */
static void print_rule_branch(struct branch_printer *printer, size_t index)
{
    struct run *run = printer->run;
    const struct rule *rule = &run->rules->rules[index];
    size_t chosen = 0, free_kinds = 0;
    struct buffer kinds = {0};
    for (size_t i = 0; i < run->rules->n_relations; i++) {
        const struct relation *relation = &run->rules->relations[i];
        bool ours = false;
        for (size_t r = 0; r < relation->n_rules && !ours; r++)
            ours = relation->rules[r] == index;
        if (!ours)
            continue;
        if (run->relation_plans[i].choose) {
            chosen++;
        } else {
            buffer_text(&kinds, free_kinds++ ? ", " : "");
            buffer_sql_text(&kinds, relation->kind.ptr ? relation->kind : STR(""));
        }
    }
    if (free_kinds && run->rule_plans[index].mode == MODE_STREAM) {
        branch_start(printer);
        gate_print_rows(run, rule, false, printer->out);
    } else if (free_kinds) {
        print_branch_table(printer);
        rule_print_table(rule, printer->out);
        if (chosen)
            buffer_printf(printer->out, " WHERE kind IN (%s)", kinds.data ? kinds.data : "''");
    }
    printer->out->failed = printer->out->failed || kinds.failed;
    buffer_fini(&kinds);
}

static void print_empty_branch(struct branch_printer *printer)
{
    const struct dataset *dataset = printer->dataset;
    branch_start(printer);
    buffer_text(printer->out, "SELECT ");
    for (size_t i = 0; i < dataset->n_columns; i++) {
        buffer_printf(printer->out, "CAST(NULL AS " STR_FMT ") AS ",
                      STR_ARG(dataset->columns[i].type));
        buffer_sql_name(printer->out, dataset->columns[i].name);
        buffer_text(printer->out, ", ");
    }
    if (dataset_column_index(dataset, dataset->owner) < 0) {
        buffer_text(printer->out, "CAST(NULL AS BIGINT) AS ");
        buffer_sql_name(printer->out, dataset->owner);
    }
    buffer_text(printer->out, " WHERE false");
}

static void print_evidence_branches(struct branch_printer *printer)
{
    struct run *run = printer->run;
    for (size_t i = 0; i < run->rules->n_relations; i++) {
        const struct relation *relation = &run->rules->relations[i];
        if (!str_is(relation->dataset, "edges") || relation->n_rules < 2)
            continue;
        for (size_t r = 0; r < relation->n_rules; r++) {
            const struct rule *rule = &run->rules->rules[relation->rules[r]];
            print_branch_table(printer);
            rule_print_table(rule, printer->out);
            if (rule->n_emits_kinds > 1) {
                buffer_text(printer->out, " WHERE kind = ");
                buffer_sql_text(printer->out, relation->kind);
            }
        }
    }
}

static void print_branches(struct run *run, const struct dataset *dataset, struct buffer *out)
{
    struct branch_printer printer = {run, dataset, out, false};
    if (str_is(dataset->name, DATASET_EVIDENCE)) {
        print_evidence_branches(&printer);
    } else {
        for (size_t i = 0; i < run->rules->n_relations; i++) {
            const struct relation *relation = &run->rules->relations[i];
            if (!str_eq(relation->dataset, dataset->name) || !run->relation_plans[i].choose)
                continue;
            print_branch_table(&printer);
            relation_print_table(relation, out);
        }
        for (size_t i = 0; i < run->rules->n_rules; i++)
            if (run->rules->rules[i].dataset == dataset)
                print_rule_branch(&printer, i);
    }
    if (!printer.any)
        print_empty_branch(&printer);
}

/* --- Datasets
 * ------------------------------------------------------------------------------------------ */

/* A dataset on its way into its files. */
struct dataset_job {
    const struct dataset *dataset;
    size_t first; /* of its files among those of the result */
};

static enum rg_status write_shards(struct run *run, const struct dataset_job *job,
                                   struct rg_error *err)
{
    char fingerprint[65];
    struct buffer branches = {0}, select = {0};
    enum rg_status status = RG_OK;
    dataset_fingerprint(job->dataset, fingerprint);
    print_branches(run, job->dataset, &branches);
    for (unsigned shard = 0; shard < 1u << run->shard_bits && !status; shard++) {
        gate_print_file(run, job->dataset, buffer_view(&branches), shard, &select);
        status = branches.failed || select.failed
                     ? error_no_memory(err, RUN_LAYER)
                     : write_file(run, &run->result->shards[job->first + shard], fingerprint,
                                  buffer_view(&select), err);
        buffer_clear(&select);
    }
    buffer_fini(&branches);
    buffer_fini(&select);
    return status;
}

/* Streamed rows are not checked one by one: that a column has a NULL where none may be is read off
 * the files. */
static enum rg_status has_forbidden_nulls(struct run *run, const struct dataset *dataset,
                                          bool *out_has, struct rg_error *err)
{
    struct buffer sql = {0};
    int64_t nulls = 0;
    bool first = true;
    buffer_text(&sql,
                "SELECT CAST(coalesce(sum(stats_null_count), 0) AS BIGINT) FROM parquet_metadata(");
    write_print_files(run, dataset->name, &sql);
    buffer_text(&sql, ") WHERE path_in_schema IN (");
    for (size_t i = 0; i < dataset->n_columns; i++) {
        if (!dataset->columns[i].not_null)
            continue;
        buffer_text(&sql, first ? "" : ", ");
        buffer_sql_text(&sql, dataset->columns[i].name);
        first = false;
    }
    buffer_text(&sql, ")");
    enum rg_status status = sql.failed ? error_no_memory(err, RUN_LAYER)
                                       : store_int64(run->store, buffer_view(&sql), &nulls, err);
    *out_has = nulls > 0;
    buffer_fini(&sql);
    return status;
}

/* Runs the dataset's streamed rules into tables instead. */
static enum rg_status demote_streams(struct run *run, const struct dataset *dataset, bool *out_any,
                                     struct rg_error *err)
{
    *out_any = false;
    for (size_t i = 0; i < run->rules->n_rules; i++) {
        struct rule_plan *plan = &run->rule_plans[i];
        if (run->rules->rules[i].dataset != dataset || plan->mode != MODE_STREAM)
            continue;
        *out_any = true;
        plan->mode = MODE_TABLE;
        enum rg_status status = rule_run_table(run, i, err);
        if (status)
            return status;
    }
    return RG_OK;
}

/* What another attempt, rule by rule, may get over or at least explain. */
static bool is_rules_fault(enum rg_status status)
{
    return status == RG_ERR_RULE || status == RG_ERR_ENGINE || status == RG_ERR_PARSE;
}

/* Optimistic first: streams flow into the files. Where a row turns out to be bad, its dataset is
 * written once more, from tables that went through the checks. */
static enum rg_status write_dataset(struct run *run, const struct dataset_job *job,
                                    struct rg_error *err)
{
    const struct dataset *dataset = job->dataset;
    struct rg_error first = {.status = RG_OK};
    bool bad = false, any = false;
    enum rg_status status = write_shards(run, job, &first);
    if (!status)
        status = has_forbidden_nulls(run, dataset, &bad, &first);
    if (status && !is_rules_fault(status)) {
        if (err)
            *err = first;
        return status;
    }
    if (!status && !bad)
        return RG_OK;
    enum rg_status again = demote_streams(run, dataset, &any, err);
    if (again)
        return again;
    if (any)
        return write_shards(run, job, err);
    if (err && status)
        *err = first;
    return status ? status
                  : error_set(err, RG_ERR_INTERNAL, RUN_LAYER,
                              "a NULL came through the gate of " STR_FMT, STR_ARG(dataset->name));
}

/* Rejected rows, sorted; of a rule that breaks in every row a sample must do: 10,000 with each
 * code. */
static enum rg_status write_errors(struct run *run, const struct dataset *dataset,
                                   struct rg_error *err)
{
    char fingerprint[65];
    struct buffer select = {0};
    struct dataset_column columns[] = {{.name = STR("rule"), .type = STR("VARCHAR")},
                                       {.name = STR("code"), .type = STR("VARCHAR")},
                                       {.name = STR("row"), .type = STR("VARCHAR")}};
    struct dataset shape = {.columns = columns, .n_columns = 3};
    shape.name = str_of(arena_printf(&run->arena, STR_FMT "_errors", STR_ARG(dataset->name)));
    if (!shape.name.ptr)
        return error_no_memory(err, RUN_LAYER);
    dataset_fingerprint(&shape, fingerprint);
    enum rg_status status = make_folder(run, shape.name, err);
    if (status)
        return status;
    buffer_text(&select, "SELECT rule, code, \"row\" FROM " ERRORS_TABLE " WHERE dataset = ");
    buffer_sql_text(&select, dataset->name);
    buffer_text(&select,
                " QUALIFY row_number() OVER (PARTITION BY rule, code ORDER BY \"row\") <= 10000 "
                "ORDER BY rule, code, \"row\"");
    size_t place = 0;
    status = select.failed ? error_no_memory(err, RUN_LAYER)
                           : add_shards(run, shape.name, 1, &place, err);
    if (!status)
        status =
            write_file(run, &run->result->shards[place], fingerprint, buffer_view(&select), err);
    buffer_fini(&select);
    return status;
}

/* --- Hashes
 * ---------------------------------------------------------------------------------------------- */

static enum rg_status hash_shard(void *context, unsigned worker, size_t task, struct rg_error *err)
{
    struct run *run = context;
    struct run_shard *shard = &run->result->shards[task];
    (void)worker;
    char *path = path_join(run->request->output_folder, shard->path.ptr);
    if (!path)
        return error_no_memory(err, RUN_LAYER);
    enum rg_status status = file_sha256(path, shard->sha256, err);
    free(path);
    return status;
}

struct write_job {
    struct run *run;
    struct dataset_job *datasets;
    size_t n_datasets;
};

static enum rg_status write_one(void *context, unsigned worker, size_t task, struct rg_error *err)
{
    const struct write_job *job = context;
    (void)worker;
    return write_dataset(job->run, &job->datasets[task], err);
}

/* Side by side: the beginning and the end of a COPY keep one processor busy. The places of their
 * files are settled before, so that none moves. */
static enum rg_status write_products(struct run *run, struct rg_error *err)
{
    const struct contracts *contracts = &run->rules->contracts;
    struct write_job job = {.run = run};
    enum rg_status status = RG_OK;
    job.datasets = ARENA_ARRAY(&run->arena, contracts->n_datasets, struct dataset_job);
    if (!job.datasets)
        return error_no_memory(err, RUN_LAYER);
    for (size_t i = 0; i < contracts->n_datasets && !status; i++) {
        const struct dataset *dataset = &contracts->datasets[i];
        if (dataset->layer != DATASET_PRODUCT)
            continue;
        struct dataset_job *one = &job.datasets[job.n_datasets++];
        one->dataset = dataset;
        status = make_folder(run, dataset->name, err);
        if (!status)
            status = add_shards(run, dataset->name, 1u << run->shard_bits, &one->first, err);
    }
    unsigned threads = run->request->session->settings.io_threads;
    struct pool_job pool = {.threads = threads ? threads : 1,
                            .tasks = job.n_datasets,
                            .context = &job,
                            .run = write_one};
    return status ? status : pool_run(&pool, err);
}

enum rg_status write_datasets(struct run *run, struct rg_error *err)
{
    const struct contracts *contracts = &run->rules->contracts;
    enum rg_status status = write_products(run, err);
    for (size_t i = 0; i < contracts->n_datasets && !status; i++)
        if (contracts->datasets[i].layer == DATASET_PRODUCT)
            status = write_errors(run, &contracts->datasets[i], err);
    if (status)
        return status;
    struct pool_job job = {
        .threads = run->request->session->settings.io_threads,
        .tasks = run->result->n_shards,
        .context = run,
        .run = hash_shard,
    };
    job.threads = job.threads ? job.threads : 1;
    return pool_run(&job, err);
}
