/* One file of a dataset, by the writer that the dataset has: the engine (Parquet), or relgraph's
 * own (Arrow IPC). Either takes the rows of a SELECT as they come; nobody collects them. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "engine/arrow_ipc_write.h"
#include "run/run_inside.h"

enum {
    ROW_GROUP_ROWS = 122880,
    /* A column with more distinct values in a row group is written plainly. The engine's own limit,
     * a fifth of the rows, lets it try long for columns of ids: a quarter of the time, for 2% of
     * the size. */
    DICTIONARY_VALUES_MAX = 4096
};

/* Columns of few words, or of words that repeat row after row. Those that come as the engine's enum
 * types are dictionaries already. */
static const char *const dictionary_columns[] = {"kind",       "path", "language", "syntax_kind",
                                                 "origin",     "rule", "key",      "what",
                                                 "resolution", "code", "reason"};
enum { N_DICTIONARY_COLUMNS = sizeof dictionary_columns / sizeof *dictionary_columns };

bool write_is_arrow(const struct run_shard *shard)
{
    return shard->writer == WRITER_ARROW;
}

enum dataset_writer run_writer_of(struct str path)
{
    static const struct str ending = {".arrow", 6};
    bool arrow = path.len > ending.len &&
                 str_eq((struct str){path.ptr + path.len - ending.len, ending.len}, ending);
    return arrow ? WRITER_ARROW : WRITER_ENGINE;
}

/* --- Reading what was written ------------------------------------------------------------------
 */

void write_print_path(const struct run *run, const struct run_shard *shard, struct buffer *out)
{
    struct buffer whole = {0};
    buffer_printf(&whole, "%s/" STR_FMT, run->request->output_folder, STR_ARG(shard->path));
    out->failed = out->failed || whole.failed;
    if (write_is_arrow(shard))
        buffer_sql_text(out, buffer_view(&whole));
    else
        buffer_sql_path(out, buffer_view(&whole));
    buffer_fini(&whole);
}

static void print_files(const struct run *run, const struct run_shard *shards, size_t n,
                        struct buffer *out)
{
    buffer_text(out, n && write_is_arrow(&shards[0]) ? "relgraph_arrow([" : "read_parquet([");
    for (size_t i = 0; i < n; i++) {
        buffer_text(out, i ? ", " : "");
        write_print_path(run, &shards[i], out);
    }
    buffer_text(out, "])");
}

void write_print_file(const struct run *run, const struct run_shard *shard, struct buffer *out)
{
    print_files(run, shard, 1, out);
}

void write_print_files(const struct run *run, struct str dataset, struct buffer *out)
{
    size_t n;
    const struct run_shard *shards = write_shards_of(run, dataset, &n);
    print_files(run, shards, n, out);
}

struct run_shard *write_shards_of(const struct run *run, struct str dataset, size_t *out_n)
{
    struct run_result *result = run->result;
    size_t first = 0, n = 0;
    while (first < result->n_shards && !str_eq(result->shards[first].dataset, dataset))
        first++;
    while (first + n < result->n_shards && str_eq(result->shards[first + n].dataset, dataset))
        n++;
    *out_n = n;
    return n ? &result->shards[first] : NULL;
}

/* --- Writing -----------------------------------------------------------------------------------
 */

static enum rg_status copy_parquet(struct run *run, struct run_shard *shard, const char *path,
                                   const char *fingerprint, struct str select, struct rg_error *err)
{
    struct buffer sql = {0};
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
    enum rg_status status = sql.failed ? error_no_memory(err, RUN_LAYER)
                                       : run_statement(run, (struct str){0}, shard->path,
                                                       buffer_view(&sql), &shard->rows, err);
    buffer_fini(&sql);
    return status;
}

/* What an Arrow file is written from. */
struct arrow_job {
    struct run_shard *shard;
    const char *path, *fingerprint;
    struct str select;
};

static enum rg_status stream_arrow(struct run *run, const struct arrow_job *job, bool dictionaries,
                                   struct rg_error *err)
{
    struct ArrowArrayStream stream;
    struct run_shard *shard = job->shard;
    enum rg_status status = store_stream(run->store, job->select, &stream, err);
    if (status)
        return status;
    struct ipc_pair metadata[] = {{"relgraph.dataset", shard->dataset.ptr},
                                  {"relgraph.schema", job->fingerprint},
                                  {"relgraph.tier", tier_name(shard->tier)},
                                  {"relgraph.order", shard->order.len ? shard->order.ptr : ""}};
    struct arrow_ipc_file_options options = {
        .path = job->path,
        .dictionary_columns = dictionary_columns,
        .n_dictionary_columns = dictionaries ? N_DICTIONARY_COLUMNS : 0,
        .metadata = metadata,
        .n_metadata = shard->order.len ? 4 : 2,
    };
    status = arrow_ipc_write_file(&stream, &options, &shard->rows, err);
    stream.release(&stream);
    return status;
}

/* Where a dictionary grows beyond its bound the file is written once more, plainly. */
static enum rg_status take_arrow(struct run *run, void *context, struct rg_error *err)
{
    const struct arrow_job *job = context;
    struct rg_error first = {.status = RG_OK};
    enum rg_status status = stream_arrow(run, job, true, &first);
    if (status == RG_ERR_LIMIT && strcmp(first.layer, ARROW_LAYER) == 0) {
        events_message(&run->request->session->events, RG_EVENT_MESSAGE, "write",
                       "%s has too many different texts for a dictionary: written without",
                       job->shard->path.ptr);
        return stream_arrow(run, job, false, err);
    }
    if (status && err)
        *err = first;
    return status;
}

static enum rg_status write_arrow(struct run *run, struct run_shard *shard, const char *path,
                                  const char *fingerprint, struct str select, struct rg_error *err)
{
    struct arrow_job job = {shard, path, fingerprint, select};
    struct attempt attempt = {
        .stage = "write", .who = shard->path, .take = take_arrow, .context = &job};
    return run_attempt(run, &attempt, err);
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

static void tell_written(struct run *run, struct run_shard *shard, const char *path)
{
    shard->bytes = file_size(path);
    uint64_t bytes = atomic_fetch_add(&run->bytes_written, shard->bytes) + shard->bytes;
    events_progress(&run->request->session->events, "write",
                    atomic_fetch_add(&run->files_written, 1) + 1, files_total(run), bytes, 0);
}

enum rg_status write_file(struct run *run, struct run_shard *shard, const char *fingerprint,
                          struct str select, struct rg_error *err)
{
    char *path = path_join(run->request->output_folder, shard->path.ptr);
    if (!path)
        return error_no_memory(err, RUN_LAYER);
    struct run_step step = {.kind = STEP_FILE,
                            .name = shard->path,
                            .select = select,
                            .dataset = shard->dataset,
                            .order = shard->order};
    double began = clock_seconds();
    snprintf(step.schema, sizeof step.schema, "%s", fingerprint);
    enum rg_status status = write_is_arrow(shard)
                                ? write_arrow(run, shard, path, fingerprint, select, err)
                                : copy_parquet(run, shard, path, fingerprint, select, err);
    step.failed = status != RG_OK;
    step.seconds = clock_seconds() - began;
    enum rg_status noted = run_note_step(run, &step, status ? NULL : err);
    status = status ? status : noted;
    if (!status)
        tell_written(run, shard, path);
    free(path);
    return status;
}
