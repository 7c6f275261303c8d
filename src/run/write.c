/* Writes the product: for each dataset and shard one file, into which streamed rules flow. The
 * writers of a file are in write_file.c, what is checked of it in write_verify.c. */
#include "run/run_inside.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/file.h"
#include "base/pool.h"

/* --- Files of the result -------------------------------------------------------------------------
 */

/* Room for the files of a dataset, numbered from 0; *out_first is the place of the first. */
static enum rg_status add_shards(struct run *run, struct str dataset, enum dataset_writer writer,
                                 unsigned n, size_t *out_first, struct rg_error *err)
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
        char *path = arena_printf(&result->arena, STR_FMT "/part-%u.%s", STR_ARG(dataset), i,
                                  writer == WRITER_ARROW ? "arrow" : "parquet");
        if (!path)
            return error_no_memory(err, RUN_LAYER);
        shards[result->n_shards++] = (struct run_shard){.dataset = name,
                                                        .path = str_of(path),
                                                        .writer = writer,
                                                        .tier = plan ? plan->tier : RG_TIER_STABLE,
                                                        .order = plan ? plan->said : STR("")};
    }
    return RG_OK;
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

/* --- Writers
 * ----------------------------------------------------------------------------------------- */

static enum dataset_writer writer_of(const struct run *run, struct str dataset)
{
    const char *writer =
        settings_member(&run->request->session->settings, "write.writer.", dataset);
    return writer && strcmp(writer, "arrow") == 0 ? WRITER_ARROW : WRITER_ENGINE;
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
    size_t first;          /* of its files among those of the result */
    atomic_bool failed;    /* in a way that another attempt may get over; the rest is not written */
    struct rg_error error; /* of the first of its shards that did */
};

struct write_job {
    struct run *run;
    struct dataset_job *datasets;
    size_t n_datasets;
    pthread_mutex_t mutex; /* of their errors */
};

static enum rg_status write_shard(struct run *run, const struct dataset_job *job, unsigned shard,
                                  struct rg_error *err)
{
    char fingerprint[65];
    struct buffer branches = {0}, select = {0};
    dataset_fingerprint(job->dataset, fingerprint);
    print_branches(run, job->dataset, &branches);
    gate_print_file(run, job->dataset, buffer_view(&branches), shard, &select);
    enum rg_status status = branches.failed || select.failed
                                ? error_no_memory(err, RUN_LAYER)
                                : write_file(run, &run->result->shards[job->first + shard],
                                             fingerprint, buffer_view(&select), err);
    buffer_fini(&branches);
    buffer_fini(&select);
    return status;
}

/* What another attempt, rule by rule, may get over or at least explain. */
static bool is_rules_fault(enum rg_status status)
{
    return status == RG_ERR_RULE || status == RG_ERR_ENGINE || status == RG_ERR_PARSE;
}

/* A task is a shard of a dataset, datasets one after the other. */
static enum rg_status write_task(void *context, unsigned worker, size_t task, struct rg_error *err)
{
    struct write_job *job = context;
    struct dataset_job *dataset = &job->datasets[task >> job->run->shard_bits];
    struct rg_error failure = {.status = RG_OK};
    (void)worker;
    if (atomic_load(&dataset->failed))
        return RG_OK;
    unsigned shard = (unsigned)(task & (((size_t)1 << job->run->shard_bits) - 1));
    enum rg_status status = write_shard(job->run, dataset, shard, &failure);
    if (!status)
        return RG_OK;
    if (!is_rules_fault(status)) {
        if (err)
            *err = failure;
        return status;
    }
    pthread_mutex_lock(&job->mutex);
    if (!atomic_exchange(&dataset->failed, true))
        dataset->error = failure;
    pthread_mutex_unlock(&job->mutex);
    return RG_OK;
}

/* Side by side: the beginning and the end of a COPY keep one processor busy. */
static enum rg_status write_shards(struct write_job *job, struct rg_error *err)
{
    unsigned threads = job->run->request->session->settings.io_threads;
    struct pool_job pool = {
        .threads = threads ? threads : 1,
        .tasks = job->n_datasets << job->run->shard_bits,
        .context = job,
        .run = write_task,
    };
    return pool_run(&pool, err);
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

/* Writes a dataset once more, from tables that went through the checks. */
static enum rg_status write_again(struct run *run, struct dataset_job *job, struct rg_error *err)
{
    struct write_job again = {.run = run, .datasets = job, .n_datasets = 1};
    atomic_store(&job->failed, false);
    pthread_mutex_init(&again.mutex, NULL);
    enum rg_status status = write_shards(&again, err);
    pthread_mutex_destroy(&again.mutex);
    if (!status && atomic_load(&job->failed)) {
        if (err)
            *err = job->error;
        status = job->error.status;
    }
    return status ? status : write_verify(run, &job->dataset, 1, err);
}

/* Optimistic first: streams flow into the files, and streamed rows are not checked one by one; that
 * a column has a NULL where none may be tell the files. Where a row turns out to be bad, its
 * dataset is written once more. */
static enum rg_status finish_dataset(struct run *run, struct dataset_job *job, struct rg_error *err)
{
    bool failed = atomic_load(&job->failed), any = false;
    if (!failed && !write_has_forbidden_nulls(run, job->dataset))
        return RG_OK;
    struct rg_error first = job->error;
    enum rg_status status = demote_streams(run, job->dataset, &any, err);
    if (status)
        return status;
    if (!any && failed) {
        if (err)
            *err = first;
        return first.status;
    }
    if (any)
        status = write_again(run, job, err);
    if (!status && write_has_forbidden_nulls(run, job->dataset))
        status = error_set(err, RG_ERR_INTERNAL, RUN_LAYER,
                           "a NULL came through the gate of " STR_FMT, STR_ARG(job->dataset->name));
    return status;
}

static enum rg_status finish_datasets(struct write_job *job, struct rg_error *err)
{
    const struct dataset **written =
        ARENA_ARRAY(&job->run->arena, job->n_datasets + 1, const struct dataset *);
    size_t n = 0;
    if (!written)
        return error_no_memory(err, RUN_LAYER);
    for (size_t i = 0; i < job->n_datasets; i++)
        if (!atomic_load(&job->datasets[i].failed))
            written[n++] = job->datasets[i].dataset;
    enum rg_status status = write_verify(job->run, written, n, err);
    for (size_t i = 0; i < job->n_datasets && !status; i++)
        status = finish_dataset(job->run, &job->datasets[i], err);
    return status;
}

/* --- Rejected rows ------------------------------------------------------------------------------
 */

/* The dataset of a product's rejected rows. */
static struct dataset *errors_shape(struct run *run, const struct dataset *product)
{
    struct dataset *shape = ARENA_ARRAY(&run->arena, 1, struct dataset);
    struct dataset_column *columns = ARENA_ARRAY(&run->arena, 3, struct dataset_column);
    char *name = arena_printf(&run->arena, STR_FMT "_errors", STR_ARG(product->name));
    if (!shape || !columns || !name)
        return NULL;
    columns[0] = (struct dataset_column){.name = STR("rule"), .type = STR("VARCHAR")};
    columns[1] = (struct dataset_column){.name = STR("code"), .type = STR("VARCHAR")};
    columns[2] = (struct dataset_column){.name = STR("row"), .type = STR("VARCHAR")};
    *shape = (struct dataset){.name = str_of(name), .columns = columns, .n_columns = 3};
    return shape;
}

/* Sorted; of a rule that breaks in every row a sample must do: 10,000 with each code. */
static enum rg_status write_errors(struct run *run, const struct dataset *product,
                                   const struct dataset *shape, struct rg_error *err)
{
    char fingerprint[65];
    struct buffer select = {0};
    dataset_fingerprint(shape, fingerprint);
    enum rg_status status = make_folder(run, shape->name, err);
    if (status)
        return status;
    buffer_text(&select, "SELECT rule, code, \"row\" FROM " ERRORS_TABLE " WHERE dataset = ");
    buffer_sql_text(&select, product->name);
    buffer_text(&select,
                " QUALIFY row_number() OVER (PARTITION BY rule, code ORDER BY \"row\") <= 10000 "
                "ORDER BY rule, code, \"row\"");
    size_t place = 0;
    status = select.failed ? error_no_memory(err, RUN_LAYER)
                           : add_shards(run, shape->name, WRITER_ENGINE, 1, &place, err);
    if (!status)
        status =
            write_file(run, &run->result->shards[place], fingerprint, buffer_view(&select), err);
    buffer_fini(&select);
    return status;
}

static enum rg_status write_all_errors(struct run *run, struct rg_error *err)
{
    const struct contracts *contracts = &run->rules->contracts;
    const struct dataset **shapes =
        ARENA_ARRAY(&run->arena, contracts->n_datasets + 1, const struct dataset *);
    enum rg_status status = shapes ? RG_OK : error_no_memory(err, RUN_LAYER);
    size_t n = 0;
    for (size_t i = 0; i < contracts->n_datasets && !status; i++) {
        const struct dataset *product = &contracts->datasets[i];
        if (product->layer != DATASET_PRODUCT)
            continue;
        const struct dataset *shape = errors_shape(run, product);
        status = shape ? write_errors(run, product, shape, err) : error_no_memory(err, RUN_LAYER);
        shapes[n++] = shape;
    }
    return status ? status : write_verify(run, shapes, n, err);
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

/* The places of the files are settled before any is written, so that none moves. */
static enum rg_status plan_files(struct run *run, struct write_job *job, struct rg_error *err)
{
    const struct contracts *contracts = &run->rules->contracts;
    job->datasets = ARENA_ARRAY(&run->arena, contracts->n_datasets, struct dataset_job);
    enum rg_status status = job->datasets ? RG_OK : error_no_memory(err, RUN_LAYER);
    for (size_t i = 0; i < contracts->n_datasets && !status; i++) {
        const struct dataset *dataset = &contracts->datasets[i];
        if (dataset->layer != DATASET_PRODUCT)
            continue;
        struct dataset_job *one = &job->datasets[job->n_datasets++];
        one->dataset = dataset;
        status = make_folder(run, dataset->name, err);
        if (!status)
            status = add_shards(run, dataset->name, writer_of(run, dataset->name),
                                1u << run->shard_bits, &one->first, err);
    }
    return status;
}

/* Files enough for every thread to have one until nearly the end. */
static bool keeps_threads_busy(const struct run *run)
{
    unsigned threads = run->request->session->settings.io_threads;
    return threads > 1 && (1u << run->shard_bits) >= threads;
}

static enum rg_status write_products(struct run *run, struct rg_error *err)
{
    struct write_job job = {.run = run};
    enum rg_status status = plan_files(run, &job, err);
    if (status)
        return status;
    bool alone = keeps_threads_busy(run);
    if (alone)
        status = store_run_alone(run->store, true, err);
    pthread_mutex_init(&job.mutex, NULL);
    if (!status)
        status = write_shards(&job, err);
    pthread_mutex_destroy(&job.mutex);
    if (alone) { /* back, whatever came of it; the first failure is the one to tell */
        enum rg_status back = store_run_alone(run->store, false, status ? NULL : err);
        status = status ? status : back;
    }
    return status ? status : finish_datasets(&job, err);
}

enum rg_status write_datasets(struct run *run, struct rg_error *err)
{
    enum rg_status status = write_products(run, err);
    if (!status)
        status = write_all_errors(run, err);
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
