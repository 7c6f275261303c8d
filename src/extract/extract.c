/* Extract: files go to worker threads; each parses and appends for itself. The only things shared
 * are the gate that bounds the bytes in work and the counters behind the progress events. */
#include "extract/extract.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/pool.h"
#include "extract/language.h"
#include "extract/resalt.h"
#include "extract/source_rows.h"
#include "extract/syntax.h"
#include "fact_tables.h"

enum {
    BIG_FILE_BYTES =
        1 << 20, /* from here on a file goes first: begun last it would be waited for alone */
    PROGRESS_INTERVAL_MS = 50, /* 20 events a second are more than an eye can follow */
};

/* --- Tables
 * -------------------------------------------------------------------------------------------- */

enum rg_status extract_create_tables(struct store *store, const struct fact_needs *needs,
                                     struct rg_error *err)
{
    struct table_spec tables[FACT_COUNT];
    fact_needs_tables(needs, tables);
    struct arena arena = {0};
    struct vocabulary kinds, fields, *types = NULL;
    size_t count = 0;
    while (fact_vocabularies[count].name)
        count++;
    enum rg_status status = language_kinds(&arena, &kinds, err);
    if (status == RG_OK)
        status = language_fields(&arena, &fields, err);
    if (status != RG_OK)
        goto out;
    types = ARENA_ARRAY(&arena, count + 1, struct vocabulary);
    if (!types) {
        status = error_no_memory(err, "extract");
        goto out;
    }
    for (size_t i = 0; i < count; i++) {
        types[i] = fact_vocabularies[i];
        if (strcmp(types[i].name, kinds.name) == 0)
            types[i] = kinds;
        else if (strcmp(types[i].name, fields.name) == 0)
            types[i] = fields;
        RG_ASSERT(types[i].values);
    }
    status = store_create_tables(store, types, tables, FACT_COUNT, err);
out:
    arena_fini(&arena);
    return status;
}

size_t extract_components(struct rg_component *out_rows, size_t capacity)
{
    size_t count = 0;
    if (count < capacity)
        out_rows[count] = (struct rg_component){"tree-sitter", RG_VERSION_TREE_SITTER};
    count++;
    static const char *const grammar_names[] = {"tree-sitter-python"};
    RG_ASSERT(languages_count == sizeof grammar_names / sizeof grammar_names[0]);
    for (size_t i = 0; i < languages_count; i++, count++)
        if (count < capacity)
            out_rows[count] = (struct rg_component){grammar_names[i], languages[i].grammar_version};
    return count;
}

/* --- The gate: source bytes in work
 * ---------------------------------------------------------------------- */

/* A parse needs memory in proportion to the source, so what is parsed at one time is bounded. A
 * file that is larger than the bound goes through when it is alone. */
struct gate {
    pthread_mutex_t mutex;
    pthread_cond_t freed;
    uint64_t bytes, bytes_max;
};

static void gate_enter(struct gate *gate, uint64_t bytes)
{
    pthread_mutex_lock(&gate->mutex);
    while (gate->bytes && gate->bytes + bytes > gate->bytes_max)
        pthread_cond_wait(&gate->freed, &gate->mutex);
    gate->bytes += bytes;
    pthread_mutex_unlock(&gate->mutex);
}

static void gate_leave(struct gate *gate, uint64_t bytes)
{
    pthread_mutex_lock(&gate->mutex);
    RG_ASSERT(gate->bytes >= bytes);
    gate->bytes -= bytes;
    pthread_cond_broadcast(&gate->freed);
    pthread_mutex_unlock(&gate->mutex);
}

/* --- Workers
 * --------------------------------------------------------------------------------------------- */

struct worker {
    struct appender_set *appenders;
    struct syntax_worker *syntax;
    struct fact_sink sink;
    struct id_lists ids;
    struct extract_result tally;
    uint64_t rows[FACT_COUNT]; /* appended */
};

struct extraction {
    struct rg_session *session;
    const struct scan *scan;
    struct store *store;
    struct table_spec tables[FACT_COUNT]; /* as they are stored */
    uint32_t *order;                      /* of the tasks: numbers of files */
    struct worker *workers;
    unsigned n_workers;
    struct gate gate;
    const char *spill_folder;
    atomic_uint_fast64_t files_done, bytes_done, last_progress_ms;
};

static enum rg_status worker_open(struct extraction *extraction, struct worker *worker,
                                  struct rg_error *err)
{
    enum rg_status status = RG_OK;
    if (!worker->appenders)
        status = appender_set_open(extraction->store, extraction->tables, FACT_COUNT,
                                   &worker->appenders, err);
    if (status == RG_OK && !worker->syntax)
        status = syntax_worker_new(extraction->session->settings.parse_seconds_max, &worker->syntax,
                                   err);
    for (size_t i = 0; status == RG_OK && i < FACT_COUNT; i++)
        worker->sink.batches[i] = appender_set_batch(worker->appenders, i);
    uint64_t ids = extraction->session->settings.ids_held_max;
    worker->ids.held_max = (size_t)(ids ? ids : LIMIT_ID_LISTS_IDS) / extraction->n_workers;
    worker->ids.spill_folder = extraction->spill_folder;
    worker->sink.ids = &worker->ids;
    return status;
}

static void report_progress(struct extraction *extraction, uint64_t bytes)
{
    uint64_t files = atomic_fetch_add(&extraction->files_done, 1) + 1;
    bytes += atomic_fetch_add(&extraction->bytes_done, bytes);
    uint64_t now = (uint64_t)(clock_seconds() * 1000);
    uint_fast64_t last = atomic_load(&extraction->last_progress_ms);
    bool is_last = files == extraction->scan->n_files;
    if (!is_last && (now < last + PROGRESS_INTERVAL_MS ||
                     !atomic_compare_exchange_strong(&extraction->last_progress_ms, &last, now)))
        return;
    events_progress(&extraction->session->events, "extract", files, extraction->scan->n_files,
                    bytes, extraction->scan->source_bytes);
}

static void tally_file(struct extract_result *tally, const struct file_row *row)
{
    switch ((enum file_status)row->status) {
    case FILE_STATUS_PARSED:
        tally->files_parsed++;
        break;
    case FILE_STATUS_PARTIAL:
        tally->files_partial++;
        break;
    case FILE_STATUS_SKIPPED:
        tally->files_skipped++;
        return;
    default:
        tally->files_unreadable++;
        return;
    }
    tally->lines += (uint64_t)row->line_count;
    tally->source_bytes += (uint64_t)row->size_bytes;
}

/* The word of an enum's value. */
static const char *word_of(const char *vocabulary, unsigned value)
{
    const struct vocabulary *words = fact_vocabularies;
    while (words->name && strcmp(words->name, vocabulary) != 0)
        words++;
    RG_ASSERT(words->name && value < words->count);
    return words->values[value];
}

/* A file that was not read whole, with the setting that would let it in. */
static void tell_file(struct extraction *extraction, const struct file_row *row, double seconds)
{
    static const struct {
        const char *reason, *told;
    } reasons[] = {
        {"file_bytes_max", "file_bytes_max: longer than the setting extract.file_bytes_max"},
        {"parse_timeout", "parse_timeout: not parsed within extract.parse_seconds_max"},
    };
    struct ledger_extract_error told = {.path = row->path,
                                        .file_id = row->file_id,
                                        .code = word_of("file_status", row->status),
                                        .message = row->reason,
                                        .size_bytes = row->size_bytes,
                                        .seconds = seconds};
    if (row->status == FILE_STATUS_PARSED)
        return;
    if (row->status == FILE_STATUS_PARTIAL && !row->reason.ptr)
        told.message = STR("holds a syntax error");
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (str_is(row->reason, reasons[i].reason))
            told.message = str_of(reasons[i].told);
    ledger_extract_error(extraction->session->ledger, &told);
}

static void skip_long(struct file_row *row)
{
    row->status = FILE_STATUS_SKIPPED;
    row->reason = STR("file_bytes_max");
}

/* Reads and parses one file; *row gets what the `file` table says of it. Its texts are static, or
 * live as long as the source. */
static enum rg_status extract_source(struct extraction *extraction, struct worker *worker,
                                     struct scan_file *file, struct source *source,
                                     struct file_row *row, struct rg_error *err)
{
    enum rg_status status = source_read(extraction->scan, file, source, err);
    if (status != RG_OK)
        return status;
    source_tell(source, row);
    if (source->size > extraction->session->settings.file_bytes_max) { /* it grew */
        skip_long(row);
        return RG_OK;
    }
    row->reason = str_of(source->skip_reason ? source->skip_reason : source->note);
    if (source->skip_reason) {
        row->status = source->unreadable ? FILE_STATUS_UNREADABLE : FILE_STATUS_SKIPPED;
        return RG_OK;
    }
    struct syntax_outcome outcome = {0};
    status = syntax_extract(worker->syntax, file, source, &worker->sink,
                            &extraction->session->events.cancelled, &outcome, err);
    row->status = (uint16_t)outcome.status;
    if (row->status == FILE_STATUS_PARSED || row->status == FILE_STATUS_PARTIAL)
        file->fingerprint = source_fingerprint(source);
    if (outcome.reason)
        row->reason = str_of(outcome.reason);
    worker->tally.rows += outcome.rows;
    return status;
}

static enum rg_status extract_task(void *context, unsigned number, size_t task,
                                   struct rg_error *err)
{
    struct extraction *extraction = context;
    struct worker *worker = &extraction->workers[number];
    struct scan_file *file = &extraction->scan->files[extraction->order[task]];
    struct events *events = &extraction->session->events;
    bool too_long = file->size_bytes > extraction->session->settings.file_bytes_max;
    bool is_read = file->status == SCAN_SOURCE && !too_long;
    uint64_t bytes = is_read ? file->size_bytes : 0;
    struct source source = {0};
    struct file_row row = {
        .file_id = file->file_id,
        .path = file->path,
        .ordinal = (int32_t)file->ordinal,
        .language = str_of(file->language ? file->language->name : NULL),
        .size_bytes = (int64_t)file->size_bytes,
        .status = file->status == SCAN_SKIPPED ? FILE_STATUS_SKIPPED : FILE_STATUS_UNREADABLE,
        .reason = str_of(file->reason),
    };
    if (file->status == SCAN_SOURCE && too_long)
        skip_long(&row);
    gate_enter(&extraction->gate, bytes);
    double began = clock_seconds();
    enum rg_status status = events_check(events, err);
    if (status == RG_OK)
        status = worker_open(extraction, worker, err);
    if (status == RG_OK && is_read)
        status = extract_source(extraction, worker, file, &source, &row, err);
    if (status == RG_OK) {
        struct batch *batch = worker->sink.batches[FACT_FILE];
        fact_file(batch, &row);
        worker->tally.rows++;
        tally_file(&worker->tally, &row);
        tell_file(extraction, &row, is_read ? clock_seconds() - began : LEDGER_UNKNOWN);
        status = batch->status;
        if (status != RG_OK && err)
            *err = *batch->error;
    }
    if (status != RG_OK && status != RG_ERR_CANCELLED && err && !err->file[0])
        error_place(err, file->path.ptr, 0, 0);
    source_fini(&source);
    gate_leave(&extraction->gate, bytes);
    if (status == RG_OK)
        report_progress(extraction, bytes);
    return status;
}

/* --- The whole
 * -------------------------------------------------------------------------------------------- */

static enum rg_status finish_task(void *context, unsigned number, size_t task, struct rg_error *err)
{
    (void)number;
    struct extraction *extraction = context;
    struct worker *worker = &extraction->workers[task];
    if (!worker->appenders)
        return RG_OK;
    return appender_set_finish(worker->appenders, worker->rows, err);
}

struct task {
    uint64_t shard;
    uint64_t big_bytes; /* 0: no big file */
    uint32_t number;
};

static int by_shard_size_number(const void *a, const void *b)
{
    const struct task *left = a, *right = b;
    if (left->shard != right->shard)
        return left->shard < right->shard ? -1 : 1;
    if (left->big_bytes != right->big_bytes)
        return left->big_bytes < right->big_bytes ? 1 : -1;
    return (left->number > right->number) - (left->number < right->number);
}

/* Shard by shard; in each big files first, biggest first, then the others in path order, in which
 * they will be read again. */
static enum rg_status order_tasks(struct extraction *extraction, unsigned shard_bits,
                                  struct rg_error *err)
{
    size_t n_files = extraction->scan->n_files;
    const struct scan_file *files = extraction->scan->files;
    struct task *tasks = calloc(n_files + 1, sizeof *tasks);
    extraction->order = calloc(n_files + 1, sizeof *extraction->order);
    if (!tasks || !extraction->order) {
        free(tasks);
        return error_no_memory(err, "extract");
    }
    for (uint32_t i = 0; i < n_files; i++)
        tasks[i] = (struct task){
            .shard = shard_bits ? (uint64_t)files[i].file_id >> (64 - shard_bits) : 0,
            .big_bytes = files[i].size_bytes >= BIG_FILE_BYTES ? files[i].size_bytes : 0,
            .number = i,
        };
    qsort(tasks, n_files, sizeof *tasks, by_shard_size_number);
    for (size_t i = 0; i < n_files; i++)
        extraction->order[i] = tasks[i].number;
    free(tasks);
    return RG_OK;
}

/* What is not filled from files: settings, and what indexes say (scip.c). */
static void leave_to_others(struct table_spec *tables)
{
    for (size_t i = FACT_SCIP_INDEX; i <= FACT_SPAN_ERROR; i++)
        tables[i].left_out = UINT64_MAX >> (64 - tables[i].n_columns);
}

static bool table_is_checked(const struct extraction *extraction, size_t table)
{
    return table != FACT_SETTING && !table_is_left_out(&extraction->tables[table]);
}

static enum rg_status compare_rows(const struct extraction *extraction, size_t table,
                                   uint64_t stored, struct rg_error *err)
{
    uint64_t appended = 0;
    for (unsigned i = 0; i < extraction->n_workers; i++)
        appended += extraction->workers[i].rows[table];
    if (stored == appended)
        return RG_OK;
    return error_set(
        err, RG_ERR_INTERNAL, "extract", "%llu rows were appended to %s, but it holds %llu",
        (unsigned long long)appended, fact_tables[table].name, (unsigned long long)stored);
}

/* What the workers say they appended must be what the tables hold. The check does not cost a scan:
 * the engine knows how many rows a table has. */
static enum rg_status check_rows(struct extraction *extraction, struct rg_error *err)
{
    struct arena arena = {0};
    struct buffer sql = {0};
    struct text_table counts;
    size_t n = 0;
    for (size_t table = 0; table < FACT_COUNT; table++) {
        if (!table_is_checked(extraction, table))
            continue;
        buffer_printf(&sql, "%sSELECT %zu, count(*) FROM ", n++ ? " UNION ALL " : "", table);
        buffer_sql_name(&sql, str_of(fact_tables[table].name));
    }
    enum rg_status status =
        sql.failed ? error_no_memory(err, "extract")
                   : store_table(extraction->store, buffer_view(&sql), n, &arena, &counts, err);
    RG_ASSERT(status || counts.rows == n);
    for (size_t i = 0; !status && i < n; i++)
        status = compare_rows(extraction, strtoull(counts.cells[2 * i].ptr, NULL, 10),
                              strtoull(counts.cells[2 * i + 1].ptr, NULL, 10), err);
    buffer_fini(&sql);
    arena_fini(&arena);
    return status;
}

static void add_tallies(struct extraction *extraction, struct extract_result *result)
{
    for (unsigned i = 0; i < extraction->n_workers; i++) {
        const struct extract_result *tally = &extraction->workers[i].tally;
        result->files_parsed += tally->files_parsed;
        result->files_partial += tally->files_partial;
        result->files_skipped += tally->files_skipped;
        result->files_unreadable += tally->files_unreadable;
        result->lines += tally->lines;
        result->source_bytes += tally->source_bytes;
        result->rows += tally->rows;
        if (extraction->workers[i].syntax)
            result->seconds_parse += syntax_worker_parse_seconds(extraction->workers[i].syntax);
    }
}

/* Whether no two nodes share an id, which is what nearly every repository comes to. Where the lists
 * are not whole (more ids than they may hold) the search is left to the engine. */
static enum rg_status ids_are_unique(struct extraction *extraction, bool *out_unique,
                                     struct rg_error *err)
{
    const struct id_lists **lists = calloc(extraction->n_workers, sizeof *lists);
    bool whole = true, twice = true, missing;
    enum rg_status status = lists ? RG_OK : error_no_memory(err, "extract");
    for (unsigned i = 0; !status && i < extraction->n_workers; i++) {
        lists[i] = &extraction->workers[i].ids;
        whole = whole && !lists[i]->failed;
    }
    if (!status && whole)
        status = id_lists_search(&(struct id_search){.lists = lists,
                                                     .n = extraction->n_workers,
                                                     .threads = extraction->n_workers},
                                 &twice, &missing, err);
    *out_unique = !status && whole && !twice;
    free(lists);
    return status;
}

static enum rg_status run_files(struct extraction *extraction, struct rg_error *err)
{
    struct pool_job files = {.threads = extraction->n_workers,
                             .tasks = extraction->scan->n_files,
                             .context = extraction,
                             .run = extract_task};
    enum rg_status status = pool_run(&files, err);
    if (status != RG_OK)
        return status;
    struct pool_job finish = {.threads = extraction->n_workers,
                              .tasks = extraction->n_workers,
                              .context = extraction,
                              .run = finish_task};
    status = pool_run(&finish, err);
    return status == RG_OK ? check_rows(extraction, err) : status;
}

enum rg_status extract_run(const struct extract_request *request, struct extract_result *out_result,
                           struct rg_error *err)
{
    struct rg_session *session = request->session;
    *out_result = (struct extract_result){0};
    struct extraction extraction = {
        .session = session,
        .scan = request->scan,
        .store = request->store,
        .spill_folder = request->spill_folder,
        .n_workers = session->settings.extract_threads ? session->settings.extract_threads : 1,
        .gate = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0,
                 session->settings.bytes_in_flight ? session->settings.bytes_in_flight
                                                   : LIMIT_BYTES_IN_FLIGHT},
    };
    fact_needs_tables(request->needs, extraction.tables);
    leave_to_others(extraction.tables);
    events_stage(&session->events, "extract");
    extraction.workers = calloc(extraction.n_workers, sizeof *extraction.workers);
    enum rg_status status = extraction.workers ? order_tasks(&extraction, request->shard_bits, err)
                                               : error_no_memory(err, "extract");
    if (status == RG_OK)
        status = run_files(&extraction, err);
    struct extract_result result = {0};
    if (status == RG_OK) {
        bool unique = false;
        add_tallies(&extraction, &result);
        status = ids_are_unique(&extraction, &unique, err);
        if (status == RG_OK && !unique)
            status = resalt_ids(request->store, extraction.tables, &result.ids_resalted, err);
    }
    if (status == RG_OK && result.ids_resalted)
        events_message(&session->events, RG_EVENT_MESSAGE, "extract",
                       "%llu nodes got another id, because they shared one",
                       (unsigned long long)result.ids_resalted);
    if (status == RG_OK)
        *out_result = result;
    for (unsigned i = 0; extraction.workers && i < extraction.n_workers; i++) {
        syntax_worker_free(extraction.workers[i].syntax);
        appender_set_close(extraction.workers[i].appenders);
        id_lists_fini(&extraction.workers[i].ids);
    }
    free(extraction.workers);
    free(extraction.order);
    pthread_cond_destroy(&extraction.gate.freed);
    pthread_mutex_destroy(&extraction.gate.mutex);
    return status;
}
