/* What reading a SCIP index costs beside hashing its bytes, and how much memory it takes: every
 * document decoded, placed and told in rows, which are dropped. An index of any size is made by
 * repetition (cat index.scip index.scip …), since a document's repetition is read like the first.
 *   bench_scip INDEX ROOT */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/pool.h"
#include "extract/language.h"
#include "extract/scip_document.h"
#include "extract/scip_reader.h"
#include "extract/scip_wire.h"

enum { THREADS_MAX = 64 };

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

static enum rg_status read_document(struct scip_worker *worker, const struct scip_part *part,
                                    const char *root, uint64_t *said, uint64_t *placed,
                                    struct rg_error *err)
{
    struct str bytes = {part->bytes, part->size}, path = scip_find_bytes(bytes, 1);
    struct source source = {0};
    char name[4096], *text = NULL;
    size_t size = 0;
    struct scip_document document = {.path = path,
                                     .file_id = 1,
                                     .status = SCIP_STATUS_READ,
                                     .source = &source,
                                     .tool_counts = POSITION_UTF16};
    snprintf(name, sizeof name, "%s/" STR_FMT, root, STR_ARG(path));
    enum rg_status status = file_read(name, 16u << 20, true, &text, &size, err);
    if (status == RG_OK)
        status = source_from_bytes(&languages[0], text, size, &source, err);
    if (status == RG_OK)
        status = scip_document_rows(worker, &document, bytes, err);
    *said += document.occurrences;
    *placed += document.placed;
    source_fini(&source);
    free(text);
    return status;
}

/* What a thread has for itself, and what all share. */
struct thread {
    struct scip_worker worker;
    struct scip_part part;
    uint64_t documents, said, placed; /* occurrences that it has, and that are somewhere */
};

struct bench {
    const char *root;
    struct scip_reader *reader;
    pthread_mutex_t taking;
    struct thread threads[THREADS_MAX];
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
        if (status == RG_OK && thread->part.kind == SCIP_PART_DOCUMENT) {
            status = read_document(&thread->worker, &thread->part, bench->root, &thread->said,
                                   &thread->placed, err);
            thread->documents++;
        }
        if (status != RG_OK || thread->part.kind == SCIP_PART_END)
            return status;
    }
}

/* Reads all of it on so many threads, as a build does. */
static enum rg_status read_index(const char *index, const char *root, unsigned threads,
                                 double hashed, struct rg_error *err)
{
    struct bench bench = {.root = root, .taking = PTHREAD_MUTEX_INITIALIZER};
    uint64_t documents = 0, said = 0, placed = 0;
    double began = clock_seconds();
    struct pool_job job = {
        .threads = threads, .tasks = threads, .context = &bench, .run = read_parts};
    for (unsigned i = 0; i < threads; i++)
        open_batches(&bench.threads[i].worker, err);
    enum rg_status status = scip_reader_open(index, &bench.reader, err);
    if (status == RG_OK)
        status = pool_run(&job, err);
    double seconds = clock_seconds() - began;
    for (unsigned i = 0; i < threads; i++) {
        documents += bench.threads[i].documents;
        said += bench.threads[i].said;
        placed += bench.threads[i].placed;
        scip_part_fini(&bench.threads[i].part);
        scip_worker_fini(&bench.threads[i].worker);
    }
    if (status == RG_OK)
        printf("%u thread%s  %.1f MB, %llu documents, %llu of %llu occurrences placed: hashed in "
               "%.2f s, read in "
               "%.2f s (%.2f times), peak memory %.0f MB\n",
               threads, threads > 1 ? "s" : " ", (double)scip_reader_size(bench.reader) / 1e6,
               (unsigned long long)documents, (unsigned long long)placed, (unsigned long long)said,
               hashed, seconds, seconds / hashed, (double)clock_peak_memory() / 1e6);
    scip_reader_close(bench.reader);
    return status;
}

int main(int argc, char **argv)
{
    struct rg_error err = {0};
    char hash[65];
    if (argc != 3) {
        fprintf(stderr, "usage: bench_scip INDEX ROOT\n");
        return 2;
    }
    unsigned all = pool_processors() < THREADS_MAX ? pool_processors() : THREADS_MAX;
    enum rg_status status = file_sha256(argv[1], hash, &err); /* so that it is in memory */
    double began = clock_seconds();
    if (status == RG_OK)
        status = file_sha256(argv[1], hash, &err);
    double hashed = clock_seconds() - began;
    if (status == RG_OK)
        status = read_index(argv[1], argv[2], 1, hashed, &err);
    if (status == RG_OK && all > 1)
        status = read_index(argv[1], argv[2], all, hashed, &err);
    if (status != RG_OK)
        fprintf(stderr, "bench_scip: %s\n", err.message);
    return status != RG_OK;
}
