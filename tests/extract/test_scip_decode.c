/* What is decoded in place is what protobuf-c makes of the same bytes: documents made at random,
 * and such with a few bytes changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "extract/scip_decode.h"
#include "scip_writer.h"

enum { DOCUMENTS = 4000, CHANGED_EACH = 6 };

struct random {
    uint64_t state;
};

/* xorshift64*, Vigna 2014. */
static uint32_t below(struct random *random, uint32_t bound)
{
    random->state ^= random->state >> 12;
    random->state ^= random->state << 25;
    random->state ^= random->state >> 27;
    return (uint32_t)((random->state * UINT64_C(2685821657736338717)) >> 33) % bound;
}

static void put_random_range(struct buffer *out, unsigned field, struct random *random)
{
    int32_t numbers[6];
    size_t n = below(random, 8) ? 3 + below(random, 2) : below(random, 7);
    for (size_t i = 0; i < n && i < 6; i++)
        numbers[i] = below(random, 9) ? (int32_t)below(random, 300) : -(int32_t)below(random, 3);
    n = n < 6 ? n : 6;
    if (below(random, 10))
        put_numbers(out, field, numbers, n);
    else
        for (size_t i = 0; i < n; i++) /* as older encoders write lists */
            put_number(out, field, numbers[i]);
}

static void put_random_typed(struct buffer *out, unsigned field, struct random *random)
{
    struct buffer range = {0};
    for (unsigned i = 1; i <= 4; i++)
        put_number(&range, i, below(random, 50));
    put_part(out, field, &range);
}

static void put_random_occurrence(struct buffer *document, struct random *random)
{
    struct buffer occurrence = {0}, diagnostic = {0};
    char symbol[32];
    snprintf(symbol, sizeof symbol, "s m p v x%u.", below(random, 9));
    if (below(random, 9))
        put_random_range(&occurrence, OCCURRENCE_RANGE, random);
    if (below(random, 9))
        put_text(&occurrence, OCCURRENCE_SYMBOL, symbol);
    if (below(random, 2))
        put_number(&occurrence, OCCURRENCE_ROLES, (int32_t)below(random, 200) - 20);
    if (!below(random, 3))
        put_random_range(&occurrence, OCCURRENCE_ENCLOSING, random);
    if (!below(random, 12))
        put_text(&occurrence, OCCURRENCE_DOCUMENTATION, "what it is");
    if (!below(random, 12)) {
        put_text(&diagnostic, 3, "it is not used");
        put_part(&occurrence, OCCURRENCE_DIAGNOSTIC, &diagnostic);
    }
    if (!below(random, 12))
        put_random_typed(&occurrence, OCCURRENCE_SINGLE + below(random, 4), random);
    if (!below(random, 12)) /* the last one counts */
        put_text(&occurrence, OCCURRENCE_SYMBOL, "s m p v again.");
    if (!below(random, 12))
        put_number(&occurrence, 12 + below(random, 90), 5);
    put_part(document, DOCUMENT_OCCURRENCE, &occurrence);
}

static void put_random_symbol(struct buffer *document, struct random *random)
{
    struct buffer symbol = {0}, more = {0};
    if (below(random, 9))
        put_text(&symbol, SYMBOL_SYMBOL, "s m p v x1.");
    for (uint32_t n = below(random, 4); n > 0; n--)
        put_text(&symbol, SYMBOL_DOCUMENTATION, n % 2 ? "what it is" : "");
    if (below(random, 2))
        put_number(&symbol, SYMBOL_KIND, (int32_t)below(random, 90) - 2);
    if (below(random, 2))
        put_text(&symbol, SYMBOL_DISPLAY_NAME, "x");
    if (!below(random, 4))
        put_text(&symbol, SYMBOL_ENCLOSING, "s m p v enclosing#");
    if (!below(random, 8)) {
        put_text(&more, 1, "s m p v other#");
        put_part(&symbol, SYMBOL_RELATIONSHIP, &more);
    }
    if (!below(random, 8)) {
        put_text(&more, 5, "def x(): ...");
        put_part(&symbol, SYMBOL_SIGNATURE, &more);
    }
    if (!below(random, 12)) /* the last one counts */
        put_text(&symbol, SYMBOL_SYMBOL, "s m p v again.");
    if (!below(random, 12))
        put_number(&symbol, 2 + 7 * below(random, 9), 5);
    put_part(document, DOCUMENT_SYMBOL, &symbol);
}

static void put_random_document(struct buffer *out, struct random *random)
{
    put_text(out, DOCUMENT_PATH, "a.py");
    for (uint32_t n = below(random, 6); n > 0; n--) {
        if (below(random, 3))
            put_random_occurrence(out, random);
        else
            put_random_symbol(out, random);
    }
    if (!below(random, 3))
        put_text(out, DOCUMENT_LANGUAGE, "python");
    if (!below(random, 3))
        put_text(out, DOCUMENT_TEXT, "x = 1\n");
    if (!below(random, 3))
        put_number(out, DOCUMENT_ENCODING, below(random, 5));
}

static void assert_same_bytes(struct str ours, ProtobufCBinaryData theirs)
{
    assert_true(str_eq(ours, str_of_bytes(theirs)));
}

static void assert_same_range(const struct scip_told_range *ours, const int32_t *numbers, size_t n,
                              const Scip__SingleLineRange *single,
                              const Scip__MultiLineRange *multi)
{
    struct scip_range range;
    bool is_range = true;
    if (multi)
        range = (struct scip_range){multi->start_line, multi->start_character, multi->end_line,
                                    multi->end_character};
    else if (single)
        range = (struct scip_range){single->line, single->start_character, single->line,
                                    single->end_character};
    else
        is_range = scip_range_of(numbers, n, &range);
    if (is_range) {
        assert_int_equal(ours->reason, SPAN_REASON_COUNT);
        assert_memory_equal(&ours->range, &range, sizeof range);
    } else {
        assert_int_equal(ours->reason, n ? SPAN_REASON_BAD_RANGE : SPAN_REASON_NO_RANGE);
    }
}

static void assert_same_occurrence(const struct scip_told *ours, const Scip__Occurrence *theirs)
{
    assert_same_bytes(ours->symbol, theirs->symbol);
    assert_int_equal(ours->roles, theirs->symbol_roles);
    assert_same_range(&ours->range, theirs->range, theirs->n_range, theirs->single_line_range,
                      theirs->multi_line_range);
    assert_same_range(&ours->enclosing, theirs->enclosing_range, theirs->n_enclosing_range,
                      theirs->single_line_enclosing_range, theirs->multi_line_enclosing_range);
    assert_int_equal(ours->rest ? ours->rest->n_diagnostics : 0, theirs->n_diagnostics);
    assert_int_equal(ours->rest ? ours->rest->n_override_documentation : 0,
                     theirs->n_override_documentation);
}

static void assert_same_symbol(const Scip__SymbolInformation *ours,
                               const Scip__SymbolInformation *theirs)
{
    assert_same_bytes(str_of_bytes(ours->symbol), theirs->symbol);
    assert_int_equal(ours->n_documentation, theirs->n_documentation);
    for (size_t i = 0; i < ours->n_documentation; i++)
        assert_same_bytes(str_of_bytes(ours->documentation[i]), theirs->documentation[i]);
    assert_int_equal(ours->n_relationships, theirs->n_relationships);
    for (size_t i = 0; i < ours->n_relationships; i++)
        assert_same_bytes(str_of_bytes(ours->relationships[i]->symbol),
                          theirs->relationships[i]->symbol);
    assert_int_equal(ours->kind, theirs->kind);
    assert_same_bytes(str_of_bytes(ours->display_name), theirs->display_name);
    assert_int_equal(ours->signature_documentation != NULL,
                     theirs->signature_documentation != NULL);
    if (ours->signature_documentation)
        assert_same_bytes(str_of_bytes(ours->signature_documentation->text),
                          theirs->signature_documentation->text);
    assert_same_bytes(str_of_bytes(ours->enclosing_symbol), theirs->enclosing_symbol);
}

/* Whether the bytes are a document, by both or by neither. */
static bool assert_same(const struct buffer *bytes)
{
    struct arena arena = {0};
    struct scip_message ours;
    struct str message = buffer_view(bytes);
    enum scip_decoded decoded = scip_decode_document(message, &arena, &ours);
    Scip__Document *theirs =
        scip__document__unpack(NULL, message.len, (const uint8_t *)message.ptr);
    assert_int_equal(decoded == SCIP_DECODED, theirs != NULL);
    if (theirs) {
        assert_same_bytes(ours.text, theirs->text);
        assert_same_bytes(ours.language, theirs->language);
        assert_int_equal(ours.encoding, theirs->position_encoding);
        assert_int_equal(ours.n_told, theirs->n_occurrences);
        assert_int_equal(ours.n_symbols, theirs->n_symbols);
        for (size_t i = 0; i < ours.n_told; i++)
            assert_same_occurrence(&ours.told[i], theirs->occurrences[i]);
        for (size_t i = 0; i < ours.n_symbols; i++)
            assert_same_symbol(ours.symbols[i], theirs->symbols[i]);
        scip__document__free_unpacked(theirs, NULL);
    }
    arena_fini(&arena);
    return decoded == SCIP_DECODED;
}

static void test_same_as_the_library(void **state)
{
    (void)state;
    struct random random = {42};
    size_t n_good = 0, n_bad = 0;
    for (int i = 0; i < DOCUMENTS; i++) {
        struct buffer bytes = {0};
        put_random_document(&bytes, &random);
        assert_false(bytes.failed);
        assert_true(assert_same(&bytes));
        for (int change = 0; change < CHANGED_EACH; change++) {
            bytes.data[below(&random, (uint32_t)bytes.len)] = (char)below(&random, 256);
            bool is_good = assert_same(&bytes);
            n_good += is_good;
            n_bad += !is_good;
        }
        buffer_fini(&bytes);
    }
    assert_true(n_good > DOCUMENTS);
    assert_true(n_bad > DOCUMENTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_as_the_library),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
