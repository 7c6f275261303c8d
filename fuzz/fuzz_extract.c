/* Any bytes as a source file, through reading and the whole extractor; memory_sink.h checks the
 * rows. */
#include "extract/source.h"
#include "kernels/stable_hash.h"
#include "memory_sink.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A worker lives long in a build, and what one file leaves behind must not harm the next. */
static struct {
    struct syntax_worker *worker;
    struct memory_sink sink;
} state;

static void state_free(void)
{
    syntax_worker_free(state.worker);
    memory_sink_fini(&state.sink);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!state.worker) {
        SINK_CHECK(syntax_worker_new(60, &state.worker, NULL) == RG_OK);
        memory_sink_init(&state.sink);
        atexit(state_free);
    }
    struct source source;
    struct rg_error error = {0};
    SINK_CHECK(source_from_bytes(&languages[0], data, size, &source, &error) == RG_OK);
    if (!source.skip_reason) {
        struct scan_file file = {
            .path = STR("fuzz.py"),
            .file_id = (int64_t)stable_hash_text(STABLE_HASH_SEED, "fuzz.py", 7),
            .language = &languages[0],
            .size_bytes = size,
        };
        struct syntax_outcome outcome = {0};
        memory_sink_clear(&state.sink);
        state.sink.size = source.size;
        SINK_CHECK(syntax_extract(state.worker, &file, &source, &state.sink.sink, NULL, &outcome,
                                  &error) == RG_OK);
        uint64_t rows = memory_sink_finish(&state.sink);
        SINK_CHECK(rows == outcome.rows);
        SINK_CHECK(outcome.status == FILE_STATUS_PARSED || outcome.status == FILE_STATUS_PARTIAL ||
                   (outcome.status == FILE_STATUS_SKIPPED && outcome.reason &&
                    state.sink.rows[FACT_SYNTAX] == 0));
    }
    source_fini(&source);
    return 0;
}
