/* Every allocation of the SCIP reader fails in turn: each failure is told, nothing leaks or
 * crashes, and no row is lost where none is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "extract/language.h"
#include "extract/scip_document.h"
#include "extract/scip_reader.h"
#include "extract/scip_wire.h"
#include "fact_capture.h"
#include "failing_malloc.h"
#include "folder_fixture.h"
#include "scip_writer.h"

static const char text[] = "def total(items):\n    return sum(items)\n";

static struct {
    struct capture capture;
    struct folder folder;
    char path[128];
    struct source source;
    uint64_t rows;
} now;

static void put_information(struct buffer *out, unsigned field, const char *symbol)
{
    struct buffer information = {0}, relationship = {0};
    put_text(&information, SYMBOL_SYMBOL, symbol);
    put_text(&information, SYMBOL_DOCUMENTATION, "one part");
    put_text(&information, SYMBOL_DOCUMENTATION, "and a second, which is joined to it");
    put_text(&relationship, 1, "s m p v `a name``with a backtick`/above#");
    put_number(&relationship, 3, 1);
    put_part(&information, SYMBOL_RELATIONSHIP, &relationship);
    put_part(out, field, &information);
}

static void put_document(struct buffer *index)
{
    struct buffer document = {0}, occurrence = {0}, diagnostic = {0};
    put_text(&document, DOCUMENT_PATH, "a.py");
    put_occurrence(&document, 0, 4, 9, "s m p v a/total().", 1);
    put_occurrence(&document, 1, 11, 14, "s m p v `builtins`/sum().", 8);
    put_occurrence(&document, 1, 15, 20, "local 0(x)", 8); /* no symbol, but kept */
    put_occurrence(&document, 9, 0, 1, "no symbol at all", 8);
    put_occurrence(&document, 1, 15, 20, "s m p v \xff.", 8);
    put_text(&diagnostic, 3, "it is \xff not UTF-8");
    put_part(&occurrence, OCCURRENCE_DIAGNOSTIC, &diagnostic);
    put_numbers(&occurrence, OCCURRENCE_RANGE, (int32_t[]){1, 15, 20}, 3);
    put_part(&document, DOCUMENT_OCCURRENCE, &occurrence);
    put_information(&document, DOCUMENT_SYMBOL, "s m p v a/total().");
    put_part(index, INDEX_DOCUMENT, &document);
}

static int setup(void **state)
{
    (void)state;
    struct buffer index = {0};
    capture_init(&now.capture);
    capture_to.discard = true;
    folder_open(&now.folder);
    put_metadata(&index, "scip-test", "file:///somewhere");
    put_document(&index);
    put_information(&index, INDEX_EXTERNAL, "s m p v outside#");
    folder_add(&now.folder, "index.scip", index.data, index.len);
    snprintf(now.path, sizeof now.path, "%s/index.scip", now.folder.path);
    buffer_fini(&index);
    return source_from_bytes(&languages[0], text, sizeof text - 1, &now.source, NULL) != RG_OK;
}

static int teardown(void **state)
{
    (void)state;
    source_fini(&now.source);
    folder_close(&now.folder);
    capture_fini(&now.capture);
    return 0;
}

static enum rg_status read_part(struct scip_worker *worker, const struct scip_part *part,
                                struct arena *arena, struct rg_error *err)
{
    struct str bytes = {part->bytes, part->size};
    struct scip_metadata metadata;
    struct scip_document document = {.path = scip_find_bytes(bytes, DOCUMENT_PATH),
                                     .file_id = 1,
                                     .status = SCIP_STATUS_READ,
                                     .source = &now.source,
                                     .tool_counts = POSITION_UTF8};
    switch (part->kind) {
    case SCIP_PART_METADATA:
        return scip_metadata_read(bytes, arena, &metadata, err);
    case SCIP_PART_DOCUMENT:
        return scip_document_rows(worker, &document, bytes, err);
    case SCIP_PART_EXTERNAL:
        return scip_external_rows(worker, 0, -1, bytes, err);
    default:
        return RG_OK;
    }
}

/* What is in the batches, which are empty afterwards; the status of the one that failed, if any. */
static enum rg_status count_rows(uint64_t *out_rows)
{
    enum rg_status status = RG_OK;
    *out_rows = 0;
    for (size_t t = 0; t < FACT_COUNT; t++) {
        struct batch *batch = now.capture.sink.batches[t];
        *out_rows += batch->rows;
        status = status ? status : batch->status;
        batch->status = RG_OK;
        batch->rows = 0;
        arena_fini(&batch->texts);
    }
    return status;
}

static enum rg_status read_index(uint64_t *out_rows, struct rg_error *err)
{
    struct scip_worker worker = {0};
    struct scip_part part = {0};
    struct scip_reader *reader;
    struct arena arena = {0};
    char hash[65];
    memcpy(worker.batches, now.capture.sink.batches, sizeof worker.batches);
    enum rg_status status = scip_reader_open(now.path, &reader, err);
    do {
        if (status == RG_OK)
            status = scip_reader_next(reader, &part, err);
        if (status == RG_OK)
            status = read_part(&worker, &part, &arena, err);
    } while (status == RG_OK && part.kind != SCIP_PART_END);
    if (status == RG_OK)
        scip_reader_sha256(reader, hash);
    scip_reader_close(reader);
    scip_part_fini(&part);
    scip_worker_fini(&worker);
    arena_fini(&arena);
    enum rg_status batches = count_rows(out_rows);
    return status ? status : batches;
}

static void test_reader(void **state)
{
    (void)state;
    struct rg_error none = {0};
    uint64_t whole, rows;
    assert_int_equal(read_index(&whole, &none), RG_OK);
    assert_true(whole > 10);
    for (long n = 0;; n++) {
        struct rg_error err = {0};
        for (size_t t = 0; t < FACT_COUNT; t++)
            now.capture.sink.batches[t]->error = &err;
        fails_after = n;
        enum rg_status status = read_index(&rows, &err);
        bool reached = fails_after < 0;
        fails_after = -1;
        if (status == RG_OK) {
            assert_int_equal(rows, whole);
        } else {
            assert_int_equal(status, RG_ERR_MEMORY);
            assert_int_equal(err.status, RG_ERR_MEMORY);
        }
        if (!reached) {
            assert_int_equal(status, RG_OK);
            assert_true(n > 10);
            return;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_reader, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
