/* Any bytes as a document, an external symbol, a symbol string and a whole index; memory_sink.h
 * checks the rows. */
#include <sys/mman.h>
#include <unistd.h>

#include "extract/scip_document.h"
#include "extract/scip_reader.h"
#include "extract/scip_symbol.h"
#include "extract/source.h"
#include "memory_sink.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
    struct memory_sink sink;
    struct scip_worker worker;
    struct source source;
    bool ready;
} state;

static void state_free(void)
{
    scip_worker_fini(&state.worker);
    source_fini(&state.source);
    memory_sink_fini(&state.sink);
}

static void state_init(void)
{
    static const char text[] = "\xEF\xBB\xBF"
                               "class Größe:\r\n\tdef 🚀(x):\r        return x\n\f\n";
    memory_sink_init(&state.sink);
    SINK_CHECK(source_from_bytes(&languages[0], text, sizeof text - 1, &state.source, NULL) ==
               RG_OK);
    memcpy(state.worker.batches, state.sink.sink.batches, sizeof state.worker.batches);
    state.sink.size = state.source.size;
    state.ready = true;
    atexit(state_free);
}

/* What is a symbol is the same one after it was printed. */
static void run_symbol(struct str text)
{
    struct arena arena = {0};
    struct buffer once = {0}, twice = {0};
    struct scip_symbol symbol;
    if (utf8_valid(text.ptr, text.len) && !scip_symbol_parse(text, &arena, &symbol)) {
        SINK_CHECK(!scip_symbol_print(&symbol, &once));
        SINK_CHECK(!scip_symbol_parse(buffer_view(&once), &arena, &symbol));
        SINK_CHECK(!scip_symbol_print(&symbol, &twice));
        SINK_CHECK(str_eq(buffer_view(&once), buffer_view(&twice)));
    }
    buffer_fini(&once);
    buffer_fini(&twice);
    arena_fini(&arena);
}

static void run_part(struct str bytes)
{
    struct rg_error error = {0};
    struct scip_document document = {.path = STR("a.py"),
                                     .file_id = 1,
                                     .status = SCIP_STATUS_READ,
                                     .source = &state.source,
                                     .tool_counts = POSITION_UNKNOWN};
    memory_sink_clear(&state.sink);
    SINK_CHECK(scip_document_rows(&state.worker, &document, bytes, &error) == RG_OK);
    SINK_CHECK(scip_external_rows(&state.worker, 0, -1, bytes, &error) == RG_OK);
    memory_sink_finish(&state.sink);
    SINK_CHECK(state.sink.rows[FACT_SCIP_DOCUMENT] == 1);
    SINK_CHECK(state.sink.rows[FACT_SCIP_OCCURRENCE] == document.placed);
    SINK_CHECK(document.placed <= document.occurrences);
}

static void run_index(const uint8_t *data, size_t size)
{
    char path[40], hash[65];
    struct rg_error error = {0};
    struct scip_reader *reader = NULL;
    struct scip_part part = {0};
    struct arena arena = {0};
    struct scip_metadata metadata;
    int fd = memfd_create("index", 0);
    SINK_CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    SINK_CHECK(scip_reader_open(path, &reader, &error) == RG_OK);
    enum rg_status status;
    while ((status = scip_reader_next(reader, &part, &error)) == RG_OK && part.kind) {
        SINK_CHECK(part.size == part.size_told && part.size <= size);
        if (part.kind == SCIP_PART_METADATA)
            SINK_CHECK(scip_metadata_read((struct str){part.bytes, part.size}, &arena, &metadata,
                                          &error) == RG_OK);
    }
    SINK_CHECK(status == RG_OK || status == RG_ERR_CORRUPT);
    if (status == RG_OK) {
        scip_reader_sha256(reader, hash);
        SINK_CHECK(strlen(hash) == 64);
    }
    scip_reader_close(reader);
    scip_part_fini(&part);
    arena_fini(&arena);
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!state.ready)
        state_init();
    struct str bytes = {size ? (const char *)data : "", size};
    run_symbol(bytes);
    run_part(bytes);
    run_index(data, size);
    return 0;
}
