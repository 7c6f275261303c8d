/* Runs the fuzz target of SCIP over an index with something of everything, cut off and mutilated,
 * in every test run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "../../fuzz/fuzz_scip.c"
#include "extract/scip_writer.h"

/* A document, and an index that holds it. */
static void write_seed(struct buffer *document, struct buffer *index)
{
    struct buffer symbol = {0}, part = {0};
    put_text(document, DOCUMENT_PATH, "a.py");
    put_occurrence(document, 0, 6, 12, "s m p v `Größe`#", 1);
    put_occurrence(document, 1, 5, 7, "s m p v `Größe`#f(+1).(x)", 8);
    put_occurrence(document, 2, 15, 16, "local 1", 0);
    put_number(document, DOCUMENT_ENCODING, 2);
    put_text(&symbol, SYMBOL_SYMBOL, "s m p v `Größe`#");
    put_text(&symbol, SYMBOL_DOCUMENTATION, "How large.");
    put_text(&part, 1, "s m p v B#");
    put_number(&part, 3, 1);
    put_part(&symbol, SYMBOL_RELATIONSHIP, &part);
    put_part(document, DOCUMENT_SYMBOL, &symbol);
    put_metadata(index, "tool", "file:///a%20b/");
    put_str(index, INDEX_DOCUMENT, buffer_view(document));
    put_str(index, INDEX_EXTERNAL, STR("\x0A\x07local 1"));
}

static void run(const struct buffer *bytes, size_t size)
{
    assert_int_equal(LLVMFuzzerTestOneInput((const uint8_t *)bytes->data, size), 0);
}

static void test_whole_and_cut_off(void **unused)
{
    (void)unused;
    struct buffer seeds[2] = {{0}, {0}};
    write_seed(&seeds[0], &seeds[1]);
    for (size_t s = 0; s < 2; s++) {
        run(&seeds[s], seeds[s].len);
        for (size_t size = 0; size < seeds[s].len; size++)
            run(&seeds[s], size);
    }
    run(&seeds[0], seeds[0].len);
    assert_int_equal(state.sink.rows[FACT_SCIP_OCCURRENCE], 3);
    assert_int_equal(state.sink.rows[FACT_SCIP_RELATIONSHIP], 1);
    buffer_fini(&seeds[0]);
    buffer_fini(&seeds[1]);
}

static void test_mutilated(void **unused)
{
    (void)unused;
    static const char bytes[] = {0, 1, 2, 0x7F, (char)0x80, (char)0xFF, 0x0A, 0x12, '`', ' ', '('};
    uint64_t random = 1;
    for (int round = 0; round < 3000; round++) {
        struct buffer seeds[2] = {{0}, {0}};
        write_seed(&seeds[0], &seeds[1]);
        struct buffer *seed = &seeds[round % 2];
        for (int i = 0; i < 1 + round % 5; i++) {
            random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
            seed->data[(random >> 33) % seed->len] = bytes[(random >> 20) % sizeof bytes];
        }
        run(seed, seed->len);
        buffer_fini(&seeds[0]);
        buffer_fini(&seeds[1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_and_cut_off),
        cmocka_unit_test(test_mutilated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
