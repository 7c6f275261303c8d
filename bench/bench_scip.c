/* What reading a SCIP index costs beside hashing its bytes, and how much memory it takes: every
 * document decoded, placed and told in rows, which are dropped. An index of any size is made by
 * repetition (cat index.scip index.scip …), since a document's repetition is read like the first.
 *   bench_scip INDEX ROOT [THREADS] */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/pool.h"
#include "extract/language.h"
#include "extract/scip_document.h"
#include "extract/scip_reader.h"
#include "extract/scip_wire.h"

enum { THREADS_MAX = 64, ROUNDS = 5 };

/* In the place of the engine's. */
void batch_need_validity(struct batch *batch, unsigned column)
{
    batch->columns[column].validity = malloc(BATCH_ROWS / 8);
    if (!batch->columns[column].validity)
        abort();
    memset(batch->columns[column].validity, 0xFF, BATCH_ROWS / 8);
}

void batch_send(struct batch *batch)
{
    batch->rows_total += batch->rows;
    batch->rows = 0;
    arena_clear(&batch->texts);
}

static void *need(void *memory)
{
    if (!memory)
        abort();
    return memory;
}

static void open_batches(struct scip_worker *worker, struct rg_error *err)
{
    for (size_t t = FACT_SCIP_INDEX; t <= FACT_SPAN_ERROR; t++) {
        struct batch *batch = worker->batches[t] = need(calloc(1, sizeof *batch));
        batch->table = &fact_tables[t];
        batch->error = err;
        batch->columns = need(calloc(batch->table->n_columns, sizeof *batch->columns));
        for (unsigned c = 0; c < batch->table->n_columns; c++) {
            batch->columns[c].data = need(calloc(BATCH_ROWS, sizeof(struct batch_text_cell)));
            batch->columns[c].enum_bytes = 1;
        }
    }
}

static void close_batches(struct scip_worker *worker)
{
    for (size_t t = FACT_SCIP_INDEX; t <= FACT_SPAN_ERROR; t++) {
        struct batch *batch = worker->batches[t];
        for (unsigned c = 0; c < batch->table->n_columns; c++) {
            free(batch->columns[c].data);
            free(batch->columns[c].validity);
        }
        arena_fini(&batch->texts);
        free(batch->columns);
        free(batch);
    }
}

/* What a thread has for itself. */
struct thread {
    struct scip_worker worker;
    struct scip_part part;
    uint64_t documents, said, placed; /* occurrences that it has, and that are somewhere */
    uint64_t fingerprints;            /* of sources: a build compares them */
};

static enum rg_status read_document(struct thread *thread, const struct scan *scan,
                                    struct rg_error *err)
{
    const struct scip_part *part = &thread->part;
    struct str bytes = {part->bytes, part->size}, path = scip_find_bytes(bytes, 1);
    struct source source = {0};
    char name[4096];
    struct scip_document document = {.path = path,
                                     .file_id = 1,
                                     .status = SCIP_STATUS_READ,
                                     .source = &source,
                                     .tool_counts = POSITION_UTF16};
    snprintf(name, sizeof name, STR_FMT, STR_ARG(path));
    struct scan_file file = {.raw_path = str_of(name), .language = &languages[0]};
    enum rg_status status = source_read(scan, &file, &source, err);
    if (status == RG_OK && source.skip_reason)
        status = error_set(err, RG_ERR_NOT_FOUND, "bench", "%s: %s", name, source.skip_reason);
    if (status == RG_OK)
        thread->fingerprints ^= source_fingerprint(&source);
    if (status == RG_OK)
        status = scip_document_rows(&thread->worker, &document, bytes, err);
    thread->documents++;
    thread->said += document.occurrences;
    thread->placed += document.placed;
    source_fini(&source);
    return status;
}

/* What all threads share. */
struct bench {
    struct scan scan;
    struct scip_reader *reader;
    pthread_mutex_t taking;
    struct thread threads[THREADS_MAX];
};

struct figures {
    double seconds;
    uint64_t bytes, documents, said, placed;
};

static enum rg_status read_parts(void *context, unsigned number, size_t task, struct rg_error *err)
{
    (void)task;
    struct bench *bench = context;
    struct thread *thread = &bench->threads[number];
    for (;;) {
        pthread_mutex_lock(&bench->taking);
        enum rg_status status = scip_reader_next(bench->reader, &thread->part, err);
        pthread_mutex_unlock(&bench->taking);
        scip_reader_hash(bench->reader);
        if (status == RG_OK && thread->part.kind == SCIP_PART_DOCUMENT)
            status = read_document(thread, &bench->scan, err);
        if (status != RG_OK || thread->part.kind == SCIP_PART_END)
            return status;
    }
}

/* Reads all of it on so many threads, as a build does. */
static enum rg_status read_index(const char *index, const char *root, unsigned threads,
                                 struct figures *out, struct rg_error *err)
{
    struct bench bench = {.taking = PTHREAD_MUTEX_INITIALIZER};
    double began = clock_seconds();
    char hash[65];
    struct pool_job job = {
        .threads = threads, .tasks = threads, .context = &bench, .run = read_parts};
    *out = (struct figures){0};
    for (unsigned i = 0; i < threads; i++)
        open_batches(&bench.threads[i].worker, err);
    bench.scan.root_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum rg_status status = bench.scan.root_fd < 0
                                ? error_errno(err, "bench", errno, "cannot open", root)
                                : scip_reader_open(index, &bench.reader, err);
    if (status == RG_OK)
        status = pool_run(&job, err);
    if (status == RG_OK) {
        scip_reader_sha256(bench.reader, hash);
        out->bytes = scip_reader_size(bench.reader);
    }
    out->seconds = clock_seconds() - began;
    for (unsigned i = 0; i < threads; i++) {
        struct thread *thread = &bench.threads[i];
        out->documents += thread->documents;
        out->said += thread->said;
        out->placed += thread->placed;
        scip_part_fini(&thread->part);
        close_batches(&thread->worker);
        scip_worker_fini(&thread->worker);
    }
    scip_reader_close(bench.reader);
    if (bench.scan.root_fd >= 0)
        close(bench.scan.root_fd);
    return status;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values)
{
    qsort(values, ROUNDS, sizeof *values, by_size);
    return values[ROUNDS / 2];
}

/* Hashing and reading in turns: machines have slow minutes. */
static enum rg_status measure(const char *index, const char *root, unsigned threads,
                              struct rg_error *err)
{
    double hashed[ROUNDS], read[ROUNDS], ratio[ROUNDS];
    char hash[65];
    struct figures figures;
    enum rg_status status = file_sha256(index, hash, err); /* so that it is in memory */
    for (size_t i = 0; i < ROUNDS && status == RG_OK; i++) {
        double began = clock_seconds();
        status = file_sha256(index, hash, err);
        hashed[i] = clock_seconds() - began;
        if (status == RG_OK)
            status = read_index(index, root, threads, &figures, err);
        read[i] = figures.seconds;
        ratio[i] = read[i] / hashed[i];
    }
    if (status != RG_OK)
        return status;
    printf("%2u thread%s  %.1f MB, %llu documents, %llu of %llu occurrences placed: hashed in "
           "%.2f s, read in %.2f s, %.2f times (medians of %d), peak memory %.0f MB\n",
           threads, threads > 1 ? "s" : " ", (double)figures.bytes / 1e6,
           (unsigned long long)figures.documents, (unsigned long long)figures.placed,
           (unsigned long long)figures.said, median(hashed), median(read), median(ratio), ROUNDS,
           (double)clock_peak_memory() / 1e6);
    return RG_OK;
}

int main(int argc, char **argv)
{
    struct rg_error err = {0};
    int asked = argc == 4 ? atoi(argv[3]) : 0;
    if (argc < 3 || argc > 4 || asked < 0 || asked > THREADS_MAX || (argc == 4 && !asked)) {
        fprintf(stderr, "usage: bench_scip INDEX ROOT [THREADS]\n");
        return 2;
    }
    unsigned all = pool_processors() < THREADS_MAX ? pool_processors() : THREADS_MAX;
    enum rg_status status = measure(argv[1], argv[2], asked ? (unsigned)asked : 1, &err);
    if (status == RG_OK && all > 1 && !asked)
        status = measure(argv[1], argv[2], all, &err);
    if (status != RG_OK)
        fprintf(stderr, "bench_scip: %s\n", err.message);
    return status != RG_OK;
}
