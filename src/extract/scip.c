/* Indexes, one after the other: threads take part by part from the one reader, and each decodes and
 * appends for itself. What depends on the order of the parts (numbers, which of two documents of a
 * file counts) is decided while the part is taken, so that it does not depend on the threads. */
#include "extract/scip.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/pool.h"
#include "base/utf8.h"
#include "extract/scip_document.h"
#include "extract/scip_files.h"
#include "extract/scip_reader.h"
#include "extract/scip_wire.h"
#include "extract/scip_spans.h"

static const char layer[] = "scip";

enum { PROGRESS_DOCUMENTS = 64 };
enum { DOCUMENT_PATH = 1, DOCUMENT_LANGUAGE = 4 }; /* fields of the format */

/* --- State ---------------------------------------------------------------------------------- */

struct thread {
    struct appender_set *appenders;
    struct scip_worker worker;
    struct scip_part part;
    uint64_t rows[FACT_COUNT];
};

/* What all threads share; `taking` guards what changes while parts are taken. */
struct scip_reading {
    const struct scip_request *request;
    struct arena *arena;
    struct table_spec tables[FACT_COUNT];
    struct scip_files files;
    struct thread *threads;
    unsigned n_threads;
    pthread_mutex_t taking, large;
    /* Of one index: */
    struct scip_reader *reader;
    struct scip_paths paths;
    enum position_encoding tool_counts;
    int32_t index, n_documents, n_external;
    bool has_metadata;
    struct scip_tally *tally;
    atomic_uint_fast64_t documents_read, occurrences, placed;
};

void scip_needs_told(struct fact_needs *needs)
{
    static const enum fact_table told[] = {FACT_SCIP_INDEX, FACT_SCIP_DOCUMENT, FACT_SCIP_PROBLEM,
                                           FACT_SPAN_ERROR};
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        needs->columns[told[i]] = UINT64_MAX;
}

/* --- Taking a part -------------------------------------------------------------------------- */

/* A part on its way through a thread. */
struct taken {
    struct scip_document document;
    struct scip_file file;
};

static enum rg_status take_metadata(struct scip_reading *reading, struct str bytes,
                                    struct rg_error *err)
{
    struct scip_metadata metadata;
    if (reading->has_metadata) /* the format has it once; the first one counts */
        return RG_OK;
    reading->has_metadata = true;
    enum rg_status status = scip_metadata_read(bytes, reading->arena, &metadata, err);
    if (status != RG_OK)
        return status;
    reading->tally->tool = metadata.tool;
    reading->tally->tool_version = metadata.tool_version;
    reading->tool_counts = scip_tool_encoding(metadata.tool);
    if (!scip_paths_init(&reading->paths, reading->request->scan->root, metadata.project_root,
                         reading->arena))
        return error_no_memory(err, layer);
    reading->tally->prefix = reading->paths.strip;
    return RG_OK;
}

static enum rg_status claim(struct scip_reading *reading, struct arena *scratch,
                            struct taken *taken, struct rg_error *err)
{
    struct str paths[SCIP_PATHS_MAX];
    size_t n_paths;
    struct scip_document *document = &taken->document;
    enum scip_path path =
        scip_paths_candidates(&reading->paths, document->path, scratch, paths, &n_paths);
    if (path == SCIP_PATH_NO_MEMORY)
        return error_no_memory(err, layer);
    document->status = SCIP_STATUS_BAD_PATH;
    if (path == SCIP_PATH_BAD)
        return RG_OK;
    enum rg_status status = scip_files_claim(&reading->files, reading->index, paths, n_paths,
                                             scratch, &taken->file, err);
    const struct scip_file *file = &taken->file;
    if (status != RG_OK)
        return status;
    if (file->file)
        document->file_id = file->file->file_id;
    document->status = !file->file                          ? SCIP_STATUS_MISSING
                       : file->is_claimed                   ? SCIP_STATUS_DUPLICATE
                       : !file->named && !file->fingerprint ? SCIP_STATUS_NOT_EXTRACTED
                                                            : SCIP_STATUS_READ;
    return RG_OK;
}

static enum rg_status take_document(struct scip_reading *reading, struct thread *thread,
                                    struct taken *taken, struct rg_error *err)
{
    struct scip_part *part = &thread->part;
    *taken = (struct taken){0};
    taken->document = (struct scip_document){.index = reading->index,
                                             .document = reading->n_documents++,
                                             .file_id = NULL_INT64,
                                             .tool_counts = reading->tool_counts,
                                             .status = SCIP_STATUS_TOO_LARGE};
    reading->tally->documents++;
    if (part->size < part->size_told) /* what it is of is not known */
        return RG_OK;
    taken->document.path = scip_find_bytes((struct str){part->bytes, part->size}, DOCUMENT_PATH);
    return claim(reading, &thread->worker.arena, taken, err);
}

static enum rg_status take_locked(struct scip_reading *reading, struct thread *thread,
                                  struct taken *taken, struct rg_error *err)
{
    struct scip_part *part = &thread->part;
    do {
        enum rg_status status = events_check(&reading->request->session->events, err);
        if (status == RG_OK)
            status = scip_reader_next(reading->reader, part, err);
        if (status == RG_OK && part->kind == SCIP_PART_METADATA)
            status = take_metadata(reading, (struct str){part->bytes, part->size}, err);
        if (status != RG_OK)
            return status;
    } while (part->kind == SCIP_PART_METADATA);
    if (part->kind == SCIP_PART_EXTERNAL)
        taken->document = (struct scip_document){
            .index = reading->index, .document = -1 - reading->n_external++, .file_id = NULL_INT64};
    if (part->kind == SCIP_PART_DOCUMENT)
        return take_document(reading, thread, taken, err);
    return RG_OK;
}

/* --- Rows ----------------------------------------------------------------------------------- */

/* A file that only the index knows has its row as soon as it can be read. */
static void name_file(struct thread *thread, struct taken *taken, struct source *source)
{
    struct scip_worker *worker = &thread->worker;
    struct str part = {thread->part.bytes, thread->part.size};
    scip_named_rows(taken->file.named, source, scip_find_bytes(part, DOCUMENT_LANGUAGE),
                    &worker->arena, worker->batches[FACT_FILE], worker->batches[FACT_LINE]);
}

static enum rg_status read_file(struct scip_reading *reading, struct thread *thread,
                                struct taken *taken, struct source *source, struct rg_error *err)
{
    const struct scip_file *file = &taken->file;
    enum rg_status status = source_read(reading->request->scan, file->file, source, err);
    if (status != RG_OK)
        return status;
    taken->document.source = source;
    if (file->fingerprint) {
        if (source->skip_reason || source_fingerprint(source) != file->fingerprint)
            taken->document.status = SCIP_STATUS_CHANGED;
    } else if (source->skip_reason ||
               source->size > reading->request->session->settings.file_bytes_max) {
        taken->document.status = SCIP_STATUS_NOT_EXTRACTED;
        taken->document.file_id = NULL_INT64; /* it has no row */
    } else {
        name_file(thread, taken, source);
    }
    return RG_OK;
}

static enum rg_status document_rows(struct scip_reading *reading, struct thread *thread,
                                    struct taken *taken, struct rg_error *err)
{
    struct source source = {0};
    struct scip_document *document = &taken->document;
    enum rg_status status = RG_OK;
    if (document->status == SCIP_STATUS_READ)
        status = read_file(reading, thread, taken, &source, err);
    if (status == RG_OK)
        status = scip_document_rows(&thread->worker, document,
                                    (struct str){thread->part.bytes, thread->part.size}, err);
    source_fini(&source);
    if (status != RG_OK || document->status != SCIP_STATUS_READ)
        return status;
    atomic_fetch_add(&reading->documents_read, 1);
    atomic_fetch_add(&reading->occurrences, document->occurrences);
    atomic_fetch_add(&reading->placed, document->placed);
    return RG_OK;
}

static enum rg_status part_rows(struct scip_reading *reading, struct thread *thread,
                                struct taken *taken, struct rg_error *err)
{
    const struct scip_part *part = &thread->part;
    if (part->kind == SCIP_PART_DOCUMENT)
        return document_rows(reading, thread, taken, err);
    RG_ASSERT(part->kind == SCIP_PART_EXTERNAL);
    if (part->size < part->size_told) {
        scip_problem(&thread->worker, &taken->document, "too_large", STR("an external symbol"));
        return RG_OK;
    }
    return scip_external_rows(&thread->worker, taken->document.index, taken->document.document,
                              (struct str){part->bytes, part->size}, err);
}

static enum rg_status batches_check(const struct scip_worker *worker, struct rg_error *err)
{
    for (size_t i = 0; i < FACT_COUNT; i++) {
        const struct batch *batch = worker->batches[i];
        if (!batch || batch->status == RG_OK)
            continue;
        if (err)
            *err = *batch->error;
        return batch->status;
    }
    return RG_OK;
}

static void report_progress(struct scip_reading *reading)
{
    if (reading->n_documents % PROGRESS_DOCUMENTS == 0)
        events_progress(&reading->request->session->events, "scip", (uint64_t)reading->n_documents,
                        0, scip_reader_done(reading->reader), scip_reader_size(reading->reader));
}

static enum rg_status read_task(void *context, unsigned number, size_t task, struct rg_error *err)
{
    (void)task;
    struct scip_reading *reading = context;
    struct thread *thread = &reading->threads[number];
    for (;;) {
        struct taken taken = {0};
        pthread_mutex_lock(&reading->taking);
        enum rg_status status = take_locked(reading, thread, &taken, err);
        if (status == RG_OK)
            report_progress(reading);
        pthread_mutex_unlock(&reading->taking);
        scip_reader_hash(reading->reader);
        if (status != RG_OK || thread->part.kind == SCIP_PART_END)
            return status;
        bool is_large = thread->part.size > LIMIT_SCIP_SIDE_BY_SIDE_BYTES;
        if (is_large)
            pthread_mutex_lock(&reading->large);
        status = part_rows(reading, thread, &taken, err);
        if (is_large) { /* what it needed is given back before the next one begins */
            arena_fini(&thread->worker.decoded);
            arena_fini(&thread->worker.arena);
            pthread_mutex_unlock(&reading->large);
        }
        if (status == RG_OK)
            status = batches_check(&thread->worker, err);
        if (status != RG_OK)
            return status;
    }
}

/* --- An index ------------------------------------------------------------------------------- */

static struct str base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return str_of(slash && slash[1] ? slash + 1 : path);
}

static enum rg_status index_row(struct scip_reading *reading, struct rg_error *err)
{
    struct scip_tally *tally = reading->tally;
    struct thread *thread = &reading->threads[0];
    scip_reader_sha256(reading->reader, tally->sha256);
    tally->size_bytes = scip_reader_size(reading->reader);
    tally->documents_read = atomic_load(&reading->documents_read);
    tally->occurrences = atomic_load(&reading->occurrences);
    tally->placed = atomic_load(&reading->placed);
    fact_scip_index(thread->worker.batches[FACT_SCIP_INDEX],
                    &(struct scip_index_row){
                        .index = reading->index,
                        .name = tally->name,
                        .sha256 = str_of(tally->sha256),
                        .size_bytes = (int64_t)tally->size_bytes,
                        .tool = tally->tool,
                        .tool_version = tally->tool_version,
                        .documents = (int32_t)tally->documents,
                        .documents_read = (int32_t)tally->documents_read,
                        .occurrences = (int64_t)tally->occurrences,
                        .placed = (int64_t)tally->placed,
                        .prefix = tally->prefix,
                    });
    return batches_check(&thread->worker, err);
}

static void tell_index(struct scip_reading *reading, const char *path)
{
    const struct scip_tally *tally = reading->tally;
    if (tally->documents_read < tally->documents)
        events_message(&reading->request->session->events, RG_EVENT_WARNING, "scip",
                       "%s: %llu of %llu documents do not speak of the files at hand; "
                       "diagnostics/scip_problems says why",
                       path, (unsigned long long)(tally->documents - tally->documents_read),
                       (unsigned long long)tally->documents);
}

static enum rg_status read_index(struct scip_reading *reading, size_t number, struct rg_error *err)
{
    const struct scip_request *request = reading->request;
    const char *path = request->paths[number];
    struct buffer name = {0};
    struct str base = base_name(path);
    reading->index = (int32_t)number;
    reading->n_documents = reading->n_external = 0;
    reading->has_metadata = false;
    reading->tool_counts = POSITION_UNKNOWN;
    atomic_store(&reading->documents_read, 0);
    atomic_store(&reading->occurrences, 0);
    atomic_store(&reading->placed, 0);
    scip_files_next_index(&reading->files);
    utf8_percent(&name, base.ptr, base.len);
    reading->tally->name = arena_str(reading->arena, buffer_view(&name));
    reading->tally->tool = reading->tally->tool_version = reading->tally->prefix = STR("");
    bool ready = !name.failed && reading->tally->name.ptr &&
                 scip_paths_init(&reading->paths, request->scan->root, STR(""), reading->arena);
    buffer_fini(&name);
    enum rg_status status =
        ready ? scip_reader_open(path, &reading->reader, err) : error_no_memory(err, layer);
    struct pool_job job = {.threads = reading->n_threads,
                           .tasks = reading->n_threads,
                           .context = reading,
                           .run = read_task};
    if (status == RG_OK)
        status = pool_run(&job, err);
    if (status == RG_OK)
        status = index_row(reading, err);
    if (status == RG_OK)
        tell_index(reading, path);
    scip_reader_close(reading->reader);
    reading->reader = NULL;
    return status;
}

/* --- All of them ---------------------------------------------------------------------------- */

/* What indexes say, and files that they name; all else has its rows already. */
static void leave_out(struct table_spec *tables)
{
    for (size_t t = 0; t < FACT_COUNT; t++)
        if ((t < FACT_SCIP_INDEX || t > FACT_SPAN_ERROR) && t != FACT_FILE && t != FACT_LINE)
            tables[t].left_out = UINT64_MAX >> (64 - tables[t].n_columns);
}

static enum rg_status threads_open(struct scip_reading *reading, struct rg_error *err)
{
    enum rg_status status = RG_OK;
    reading->threads = calloc(reading->n_threads, sizeof *reading->threads);
    if (!reading->threads)
        return error_no_memory(err, layer);
    for (unsigned i = 0; !status && i < reading->n_threads; i++) {
        struct thread *thread = &reading->threads[i];
        status = appender_set_open(reading->request->store, reading->tables, FACT_COUNT,
                                   &thread->appenders, err);
        for (size_t t = 0; !status && t < FACT_COUNT; t++)
            thread->worker.batches[t] = appender_set_batch(thread->appenders, t);
    }
    return status;
}

static enum rg_status finish_task(void *context, unsigned number, size_t task, struct rg_error *err)
{
    (void)number;
    struct scip_reading *reading = context;
    return appender_set_finish(reading->threads[task].appenders, reading->threads[task].rows, err);
}

static enum rg_status threads_finish(struct scip_reading *reading, struct scip_result *out_result,
                                     struct rg_error *err)
{
    struct pool_job job = {.threads = reading->n_threads,
                           .tasks = reading->n_threads,
                           .context = reading,
                           .run = finish_task};
    enum rg_status status = pool_run(&job, err);
    for (unsigned i = 0; !status && i < reading->n_threads; i++) {
        for (size_t t = 0; t < FACT_COUNT; t++)
            out_result->rows += reading->threads[i].rows[t];
        out_result->files_indexed += reading->threads[i].rows[FACT_FILE];
    }
    return status;
}

static void threads_close(struct scip_reading *reading)
{
    for (unsigned i = 0; reading->threads && i < reading->n_threads; i++) {
        appender_set_close(reading->threads[i].appenders);
        scip_worker_fini(&reading->threads[i].worker);
        scip_part_fini(&reading->threads[i].part);
    }
    free(reading->threads);
}

enum rg_status scip_run(const struct scip_request *request, struct arena *arena,
                        struct scip_tally *out_tallies, struct scip_result *out_result,
                        struct rg_error *err)
{
    struct rg_session *session = request->session;
    struct scip_reading reading = {
        .request = request,
        .arena = arena,
        .n_threads = session->settings.extract_threads ? session->settings.extract_threads : 1,
        .taking = PTHREAD_MUTEX_INITIALIZER,
        .large = PTHREAD_MUTEX_INITIALIZER,
    };
    *out_result = (struct scip_result){0};
    events_stage(&session->events, "scip");
    fact_needs_tables(request->needs, reading.tables);
    leave_out(reading.tables);
    enum rg_status status = scip_files_open(&reading.files, request->scan, err);
    if (status == RG_OK)
        status = threads_open(&reading, err);
    for (size_t i = 0; !status && i < request->n_paths; i++) {
        reading.tally = &out_tallies[i];
        status = read_index(&reading, i, err);
        if (status != RG_OK && status != RG_ERR_CANCELLED && err && !err->file[0])
            error_place(err, request->paths[i], 0, 0);
    }
    if (status == RG_OK)
        status = threads_finish(&reading, out_result, err);
    threads_close(&reading);
    scip_files_close(&reading.files);
    pthread_mutex_destroy(&reading.large);
    pthread_mutex_destroy(&reading.taking);
    return status;
}
