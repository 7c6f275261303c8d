/* One document of a SCIP index into rows: what real indexers rarely write, in every way of counting
 * columns, and what is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "extract/language.h"
#include "extract/scip_document.h"
#include "fact_capture.h"
#include "scip_writer.h"

enum { DEFINITION = 1, IMPORT = 2, WRITE = 4, READ = 8, GENERATED = 16, TEST = 32, FORWARD = 64 };

/* --- Rows as text --------------------------------------------------------------------------- */

static struct {
    struct capture capture;
    struct scip_worker worker;
    struct scip_document document;
    struct source source;
} now;

static int setup(void **state)
{
    (void)state;
    capture_init(&now.capture);
    capture_to.discard = true;
    memcpy(now.worker.batches, now.capture.sink.batches, sizeof now.worker.batches);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    scip_worker_fini(&now.worker);
    capture_fini(&now.capture);
    return 0;
}

static unsigned column_of(const struct table_spec *table, const char *name)
{
    for (unsigned c = 0; c < table->n_columns; c++)
        if (strcmp(table->columns[c].name, name) == 0)
            return c;
    fail_msg("%s has no column %s", table->name, name);
    return 0;
}

static struct str text_cell(const struct batch *batch, unsigned column, uint32_t row)
{
    const struct batch_text_cell *cell =
        (const struct batch_text_cell *)batch->columns[column].data + row;
    return (struct str){cell->length <= 12 ? (const char *)cell + 4 : cell->rest.pointer,
                        cell->length};
}

/* The text of a symbol by its id. */
static void show_symbol(struct buffer *out, int64_t id)
{
    const struct batch *symbols = now.worker.batches[FACT_SCIP_SYMBOL];
    unsigned ids = column_of(symbols->table, "symbol_id");
    for (uint32_t row = 0; row < symbols->rows; row++) {
        if (((int64_t *)symbols->columns[ids].data)[row] == id) {
            buffer_str(out, text_cell(symbols, column_of(symbols->table, "symbol"), row));
            return;
        }
    }
    buffer_char(out, '?');
}

/* The rows of a table, a line each: the columns that are named, by |. Lent until the next call. */
static const char *rows(enum fact_table table, const char *columns)
{
    static struct buffer out;
    const struct batch *batch = now.worker.batches[table];
    buffer_clear(&out);
    buffer_text(&out, "");
    for (uint32_t row = 0; row < batch->rows; row++) {
        struct str rest = str_of(columns);
        for (bool first = true; rest.ptr; first = false) {
            char name[40];
            struct str part = str_split(&rest, ' ');
            snprintf(name, sizeof name, STR_FMT, STR_ARG(part));
            unsigned c = column_of(batch->table, name);
            struct buffer cell = {0};
            if (!first)
                buffer_char(&out, '|');
            if (batch->table->columns[c].type == COLUMN_INT64 &&
                batch->columns[c].validity[row / 64] >> (row % 64) & 1)
                show_symbol(&out, ((int64_t *)batch->columns[c].data)[row]);
            else
                capture_cell(&cell, batch, c, row);
            if (cell.len)
                buffer_text(&out, strchr(cell.data, '=') + 1);
            buffer_fini(&cell);
        }
        buffer_char(&out, '\n');
    }
    return out.data;
}

/* Reads an encoded document of a file with that text, and takes both. */
static void read_as(struct str text, struct buffer *message, enum position_encoding tool_counts)
{
    for (size_t t = 0; t < FACT_COUNT; t++)
        batch_send(now.worker.batches[t]);
    source_fini(&now.source);
    assert_int_equal(source_from_bytes(&languages[0], text.ptr, text.len, &now.source, NULL),
                     RG_OK);
    assert_null(now.source.skip_reason);
    now.document = (struct scip_document){.path = STR("a.py"),
                                          .file_id = 7,
                                          .status = SCIP_STATUS_READ,
                                          .source = &now.source,
                                          .tool_counts = tool_counts};
    struct rg_error error = {0};
    assert_int_equal(scip_document_rows(&now.worker, &now.document, buffer_view(message), &error),
                     RG_OK);
    buffer_fini(message);
    *message = (struct buffer){0};
}

static void read(const char *text, struct buffer *message)
{
    read_as(str_of(text), message, POSITION_UTF16);
    source_fini(&now.source);
}

/* --- What an index may say ------------------------------------------------------------------ */

static void test_roles_and_shared_spans(void **state)
{
    (void)state;
    struct buffer d = {0};
    put_occurrence(&d, 0, 0, 1, "s m p v x.", DEFINITION);
    put_occurrence(&d, 0, 0, 1, "s m p v y.", FORWARD | GENERATED); /* two at one place */
    put_occurrence(&d, 0, 0, 1, "s m p v x.", IMPORT | TEST);
    put_occurrence(&d, 1, 0, 1, "local 3", WRITE | READ);
    put_occurrence(&d, 1, 0, 1, "local 3", 0);
    put_occurrence(&d, 1, 0, 0, "", 0); /* a place without a symbol is for highlighting */
    read("x = 1\nx\n", &d);
    assert_string_equal(rows(FACT_SCIP_OCCURRENCE,
                             "occurrence start_byte end_byte symbol_id is_definition is_forward "
                             "is_import is_write is_read is_generated is_test name_match"),
                        "0|0|1|s m p v x.|true|false|false|false|false|false|false|same\n"
                        "1|0|1|s m p v y.|false|true|false|false|false|true|false|other\n"
                        "2|0|1|s m p v x.|false|false|true|false|false|false|true|same\n"
                        "3|6|7|local 3|false|false|false|true|true|false|false|none\n"
                        "4|6|7|local 3|false|false|false|false|false|false|false|none\n");
    assert_string_equal(rows(FACT_SCIP_SYMBOL, "symbol origin descriptor name"),
                        "s m p v x.|mentioned|term|x\ns m p v y.|mentioned|term|y\n"
                        "local 3|mentioned|local|3\n");
    assert_string_equal(rows(FACT_SCIP_PROBLEM, "what"), "");
    assert_int_equal(now.document.occurrences, 5);
    assert_int_equal(now.document.placed, 5);
}

static void test_local_symbols_are_of_their_document(void **state)
{
    (void)state;
    struct buffer d = {0};
    put_occurrence(&d, 0, 0, 1, "local 0", 0);
    put_occurrence(&d, 0, 0, 1, "s m p v x.", 0);
    read_as(STR("x\n"), &d, POSITION_UTF16);
    put_occurrence(&d, 0, 0, 1, "local 0", 0);
    put_occurrence(&d, 0, 0, 1, "s m p v x.", 0);
    now.document.file_id = 8;
    assert_int_equal(scip_document_rows(&now.worker, &now.document, buffer_view(&d), NULL), RG_OK);
    buffer_fini(&d);
    source_fini(&now.source);
    const struct batch *batch = now.worker.batches[FACT_SCIP_OCCURRENCE];
    const int64_t *ids = batch->columns[column_of(batch->table, "symbol_id")].data;
    assert_int_equal(batch->rows, 4);
    assert_true(ids[0] != ids[2]);
    assert_true(ids[1] == ids[3]);
}

static void put_symbol(struct buffer *document)
{
    struct buffer symbol = {0}, part = {0};
    put_text(&symbol, SYMBOL_SYMBOL, "s m p v C#f(+2).");
    put_text(&symbol, SYMBOL_DOCUMENTATION, "Does it.");
    put_text(&symbol, SYMBOL_DOCUMENTATION, "Twice.");
    put_number(&symbol, SYMBOL_KIND, 26);
    put_text(&symbol, SYMBOL_DISPLAY_NAME, "f");
    put_text(&part, 5, "def f()");
    put_part(&symbol, SYMBOL_SIGNATURE, &part);
    put_text(&symbol, SYMBOL_ENCLOSING, "s m p v C#");
    put_text(&part, 1, "s m p v B#f().");
    put_number(&part, 2, 1);
    put_number(&part, 3, 1);
    put_part(&symbol, SYMBOL_RELATIONSHIP, &part);
    put_text(&part, 1, "s m p v T#");
    put_number(&part, 4, 1);
    put_number(&part, 5, 1);
    put_part(&symbol, SYMBOL_RELATIONSHIP, &part);
    put_part(document, DOCUMENT_SYMBOL, &symbol);
}

static void test_symbols_and_relationships(void **state)
{
    (void)state;
    struct buffer d = {0};
    put_symbol(&d);
    put_occurrence(&d, 0, 0, 1, "s m p v C#f(+2).", 0);
    read("f\n", &d);
    assert_string_equal(
        rows(FACT_SCIP_SYMBOL, "symbol origin scheme manager package version descriptor name "
                               "disambiguator owner_id kind display_name signature documentation "
                               "enclosing_id"),
        "s m p v C#f(+2).|document|s|m|p|v|method|f|+2|s m p v C#|Method|f|def f()|Does it.\n\n"
        "Twice.|s m p v C#\n"
        "s m p v C#|mentioned|s|m|p|v|type|C|||||||\n"
        "s m p v B#f().|mentioned|s|m|p|v|method|f||?|||||\n"
        "s m p v T#|mentioned|s|m|p|v|type|T|||||||\n");
    assert_string_equal(rows(FACT_SCIP_RELATIONSHIP,
                             "symbol_id target_id is_reference is_implementation "
                             "is_type_definition is_definition"),
                        "s m p v C#f(+2).|s m p v B#f().|true|true|false|false\n"
                        "s m p v C#f(+2).|s m p v T#|false|false|true|true\n");
    put_symbol(&d);
    put_symbol(&d);
    read("f\n", &d);
    assert_string_equal(rows(FACT_SCIP_PROBLEM, "what detail"),
                        "bad_information|a symbol is told twice: s m p v C#f(+2).\n");
}

static void put_diagnostic(struct buffer *occurrence, int32_t severity)
{
    struct buffer diagnostic = {0};
    if (severity)
        put_number(&diagnostic, 1, severity);
    put_text(&diagnostic, 2, "E1");
    put_text(&diagnostic, 3, "unused");
    put_text(&diagnostic, 4, "checker");
    put_numbers(&diagnostic, 5, (int32_t[]){1, 2}, 2);
    put_part(occurrence, OCCURRENCE_DIAGNOSTIC, &diagnostic);
}

static void test_diagnostics_and_documentation(void **state)
{
    (void)state;
    struct buffer d = {0}, o = {0};
    put_numbers(&o, OCCURRENCE_RANGE, (int32_t[]){0, 0, 1}, 3);
    for (int32_t severity = 0; severity <= 5; severity++)
        put_diagnostic(&o, severity);
    put_part(&d, DOCUMENT_OCCURRENCE, &o);
    put_numbers(&o, OCCURRENCE_RANGE, (int32_t[]){0, 0, 1}, 3);
    put_text(&o, OCCURRENCE_SYMBOL, "s m p v x.");
    put_text(&o, OCCURRENCE_DOCUMENTATION, "an int here");
    put_part(&d, DOCUMENT_OCCURRENCE, &o);
    put_text(&o, OCCURRENCE_SYMBOL, "s m p v \xF6."); /* nowhere, and none that can be told */
    put_diagnostic(&o, 1);
    put_part(&d, DOCUMENT_OCCURRENCE, &o);
    read("x\n", &d);
    assert_string_equal(rows(FACT_SPAN_ERROR, "occurrence reason symbol"), "2|no_range|\n");
    assert_string_equal(rows(FACT_SCIP_DIAGNOSTIC, "occurrence number severity code message source "
                                                   "is_unnecessary is_deprecated end_byte"),
                        "0|0||E1|unused|checker|true|true|1\n"
                        "0|1|error|E1|unused|checker|true|true|1\n"
                        "0|2|warning|E1|unused|checker|true|true|1\n"
                        "0|3|information|E1|unused|checker|true|true|1\n"
                        "0|4|hint|E1|unused|checker|true|true|1\n"
                        "0|5||E1|unused|checker|true|true|1\n");
    assert_string_equal(rows(FACT_SCIP_OCCURRENCE, "occurrence documentation"), "1|an int here\n");
}

/* --- Places --------------------------------------------------------------------------------- */

static void put_typed(struct buffer *document, unsigned field, const int32_t *numbers, unsigned n)
{
    struct buffer occurrence = {0}, range = {0};
    for (unsigned i = 0; i < n; i++)
        if (numbers[i])
            put_number(&range, i + 1, numbers[i]);
    put_part(&occurrence, field, &range);
    put_text(&occurrence, OCCURRENCE_SYMBOL, "s m p v x.");
    put_part(document, DOCUMENT_OCCURRENCE, &occurrence);
}

static void put_range(struct buffer *document, const int32_t *numbers, size_t n)
{
    struct buffer occurrence = {0};
    put_numbers(&occurrence, OCCURRENCE_RANGE, numbers, n);
    put_text(&occurrence, OCCURRENCE_SYMBOL, "s m p v x.");
    put_part(document, DOCUMENT_OCCURRENCE, &occurrence);
}

static void test_forms_of_ranges(void **state)
{
    (void)state;
    struct buffer d = {0}, o = {0};
    put_range(&d, (int32_t[]){1, 2, 4}, 3);
    put_range(&d, (int32_t[]){0, 1, 1, 4}, 4);
    put_typed(&d, OCCURRENCE_SINGLE, (int32_t[]){1, 2, 4}, 3);
    put_typed(&d, OCCURRENCE_MULTI, (int32_t[]){0, 1, 1, 4}, 4);
    put_range(&d, (int32_t[]){0, 0, 0}, 3); /* a module */
    for (int32_t i = 0; i < 3; i++)         /* numbers one by one, as older writers do */
        put_number(&o, OCCURRENCE_RANGE, i);
    put_text(&o, OCCURRENCE_SYMBOL, "s m p v x.");
    put_part(&d, DOCUMENT_OCCURRENCE, &o);
    put_range(&d, (int32_t[]){2, 0, 0}, 3); /* behind the last line end */
    read("abc\ndefgh\n", &d);
    assert_string_equal(rows(FACT_SCIP_OCCURRENCE, "start_byte end_byte"),
                        "6|8\n1|8\n6|8\n1|8\n0|0\n1|2\n10|10\n");
}

static void test_enclosing_ranges(void **state)
{
    (void)state;
    struct buffer d = {0}, o = {0}, range = {0};
    static const int32_t around[][4] = {{0, 0, 1, 3}, {0, 1, 2, 0}, {0, 0, 0, 2}};
    for (size_t i = 0; i < 3; i++) {
        put_numbers(&o, OCCURRENCE_RANGE, (int32_t[]){1, 0, 2}, 3);
        put_text(&o, OCCURRENCE_SYMBOL, "s m p v x.");
        if (i == 1) {
            for (unsigned n = 0; n < 4; n++)
                put_number(&range, n + 1, around[i][n]);
            put_part(&o, OCCURRENCE_MULTI_ENCLOSING, &range);
        } else {
            put_numbers(&o, OCCURRENCE_ENCLOSING, around[i], 4);
        }
        put_part(&d, DOCUMENT_OCCURRENCE, &o);
    }
    read("abc\ndef\n", &d);
    assert_string_equal(rows(FACT_SCIP_OCCURRENCE, "start_byte enclosing_start enclosing_end"),
                        "4|0|7\n4|1|8\n4||\n");
    assert_string_equal(rows(FACT_SPAN_ERROR, "occurrence what reason start_line end_column"),
                        "2|enclosing|bad_range|0|2\n");
}

static void test_what_is_no_place(void **state)
{
    (void)state;
    static const struct {
        int32_t numbers[5];
        size_t n;
        const char *reason;
    } cases[] = {
        {{0, 0, 1}, 3, NULL},
        {{0, 0, 1}, 3, NULL},
        {{0, 0, 1}, 3, NULL},
        {{0, 0, 1}, 3, NULL},
        {{0, 0, 1}, 3, NULL},
        {{0}, 0, "no_range"},
        {{0, 0}, 2, "bad_range"},
        {{0, 0, 0, 1, 1}, 5, "bad_range"},
        {{0, 2, 1}, 3, "bad_range"},
        {{1, 0, 0, 1}, 4, "bad_range"},
        {{-1, 0, 1}, 3, "bad_range"},
        {{0, -1, 1}, 3, "bad_range"},
        {{0, 0, INT32_MIN}, 3, "bad_range"},
        {{2, 0, 0}, 3, "line_beyond_file"},
        {{INT32_MAX, 0, 0}, 3, "line_beyond_file"},
        {{0, 0, 3}, 3, "column_beyond_line"},
        {{0, 0, INT32_MAX}, 3, "column_beyond_line"},
        {{1, 1, 2}, 3, "inside_character"},
    };
    struct buffer d = {0}, expected = {0};
    buffer_text(&expected, "");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put_range(&d, cases[i].numbers, cases[i].n);
        if (cases[i].reason)
            buffer_printf(&expected, "%zu|occurrence|%s|s m p v x.\n", i, cases[i].reason);
    }
    for (int i = 0; i < 3; i++) /* so that most of them fit the file */
        put_range(&d, (int32_t[]){0, 0, 1}, 3);
    read("ab\n🚀", &d);
    assert_string_equal(rows(FACT_SPAN_ERROR, "occurrence what reason symbol"), expected.data);
    assert_int_equal(now.document.placed, 8);
    buffer_fini(&expected);
}

/* Where `find` is in the line, counted in each encoding: told by the position of its first byte. */
static void test_encodings(void **state)
{
    (void)state;
    /* é is 2, 1 and 1 units wide; 🚀 4, 2 and 1; e with a combining accent 3, 2 and 2. */
    static const char text[] = "a = 1\r\n\té = 'e\xCC\x81🚀'; name\r\xE2\x80\xA8name\n\f\x0C name";
    static const struct {
        int32_t line, columns[3];
    } places[] = {
        {1, {17, 13, 12}}, /* behind a tab, é, e + accent, 🚀 */
        {2, {3, 1, 1}},    /* a line behind a lone \r; U+2028 ends none */
        {3, {3, 3, 3}},    /* nor does a form feed */
    };
    for (int32_t encoding = 1; encoding <= 3; encoding++) {
        for (int declared = 0; declared < 2; declared++) {
            struct buffer d = {0};
            for (size_t i = 0; i < 3; i++) {
                int32_t column = places[i].columns[encoding - 1];
                put_occurrence(&d, places[i].line, column, column + 4, "s m p v name.", 0);
            }
            if (declared)
                put_number(&d, DOCUMENT_ENCODING, encoding);
            read_as(str_of(text), &d,
                    declared ? POSITION_UNKNOWN : (enum position_encoding)(encoding - 1));
            source_fini(&now.source);
            assert_string_equal(rows(FACT_SCIP_OCCURRENCE, "start_byte name_match"),
                                "24|same\n32|same\n40|same\n");
            static const char *const names[] = {"utf8", "utf16", "utf32"};
            char expected[40];
            snprintf(expected, sizeof expected, "%s|%s\n", names[encoding - 1],
                     declared ? "declared" : "producer");
            assert_string_equal(rows(FACT_SCIP_DOCUMENT, "encoding encoding_source"), expected);
        }
    }
}

static void test_encoding_found_by_names(void **state)
{
    (void)state;
    static const char *const names[] = {"utf8|found\n", "utf16|found\n", "utf32|found\n"};
    static const int32_t columns[] = {7, 5, 4};
    for (size_t i = 0; i < 3; i++) {
        struct buffer d = {0};
        put_occurrence(&d, 0, columns[i], columns[i] + 3, "s m p v abc.", 0);
        read_as(STR("'🚀';abc\n"), &d, POSITION_UNKNOWN);
        assert_string_equal(rows(FACT_SCIP_DOCUMENT, "encoding encoding_source"), names[i]);
        assert_string_equal(rows(FACT_SCIP_OCCURRENCE, "start_byte"), "7\n");
    }
    /* No name tells: lines of ASCII are placed all the same. */
    struct buffer d = {0};
    put_occurrence(&d, 0, 0, 1, "local 1", 0);
    put_occurrence(&d, 1, 0, 1, "local 1", 0);
    read_as(STR("é\nx\n"), &d, POSITION_UNKNOWN);
    assert_string_equal(rows(FACT_SCIP_DOCUMENT, "encoding encoding_source"), "unknown|none\n");
    assert_string_equal(rows(FACT_SCIP_OCCURRENCE, "start_byte"), "3\n");
    assert_string_equal(rows(FACT_SPAN_ERROR, "reason"), "encoding_unknown\n");
    source_fini(&now.source);
}

static void test_marks_and_other_encodings(void **state)
{
    (void)state;
    struct buffer d = {0};
    put_occurrence(&d, 0, 0, 1, "s m p v x.", 0);
    put_occurrence(&d, 1, 0, 1, "s m p v y.", 0);
    read("\xEF\xBB\xBFx\ny\n", &d);
    assert_string_equal(rows(FACT_SCIP_OCCURRENCE, "start_byte end_byte name_match"),
                        "3|4|same\n5|6|same\n");
    /* Of a file in another encoding only lines of ASCII are sure. */
    put_occurrence(&d, 1, 0, 1, "s m p v x.", 0);
    put_occurrence(&d, 2, 0, 1, "s m p v x.", 0);
    read("# coding: latin-1\nx\n\xE9\xC3\xA9 = x\n", &d);
    assert_string_equal(rows(FACT_SCIP_OCCURRENCE, "start_byte"), "18\n");
    assert_string_equal(rows(FACT_SPAN_ERROR, "reason"), "line_not_utf8\n");
    read("", &d); /* nothing in nothing */
    assert_string_equal(rows(FACT_SCIP_DOCUMENT, "status occurrences"), "read|0\n");
    put_range(&d, (int32_t[]){0, 0, 0}, 3); /* the module of an empty file */
    read("", &d);
    assert_string_equal(rows(FACT_SCIP_OCCURRENCE, "start_byte end_byte"), "0|0\n");
}

/* --- Documents that are not the file -------------------------------------------------------- */

static void test_text_that_differs(void **state)
{
    (void)state;
    static const struct {
        const char *text, *status;
    } cases[] = {{"x = 'é'\n", "read\n"},
                 {"\xEF\xBB\xBFx = 'é'\n", "read\n"},
                 {"x = 'é'", "text_differs\n"},
                 {"x = 'e'\n", "text_differs\n"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer d = {0};
        put_text(&d, DOCUMENT_TEXT, cases[i].text);
        put_occurrence(&d, 0, 0, 1, "s m p v x.", 0);
        read("x = 'é'\n", &d);
        assert_string_equal(rows(FACT_SCIP_DOCUMENT, "status"), cases[i].status);
        assert_string_equal(rows(FACT_SCIP_OCCURRENCE, "start_byte"), i < 2 ? "0\n" : "");
        assert_string_equal(rows(FACT_SCIP_PROBLEM, "what path"),
                            i < 2 ? "" : "text_differs|a.py\n");
    }
}

static void test_stale_documents(void **state)
{
    (void)state;
    struct buffer d = {0};
    static const char *const symbols[] = {"s m p v a.", "s m p v b#", "s m p v c().", "s m p v d."};
    for (int32_t i = 0; i < 4; i++)
        put_occurrence(&d, i, 0, 1, symbols[i], DEFINITION);
    struct buffer again = {0};
    buffer_str(&again, buffer_view(&d));
    read("a\nb\nc\nd\n", &d);
    assert_string_equal(rows(FACT_SCIP_DOCUMENT, "status names_same names_other placed"),
                        "read|4|0|4\n");
    read("#\na\nb\nc\nd\n", &again);
    assert_string_equal(rows(FACT_SCIP_DOCUMENT, "status names_same names_other placed"),
                        "stale|0|4|0\n");
    assert_string_equal(rows(FACT_SCIP_OCCURRENCE, "start_byte"), "");
    assert_string_equal(rows(FACT_SCIP_SYMBOL, "symbol"), "");
    put_occurrence(&d, 7, 0, 1, "s m p v a.", 0); /* most lie behind the end */
    put_occurrence(&d, 0, 0, 1, "s m p v a.", 0);
    put_occurrence(&d, 0, 7, 8, "s m p v a.", 0);
    read("a\n", &d);
    assert_string_equal(rows(FACT_SCIP_DOCUMENT, "status"), "stale\n");
}

/* --- Hostile bytes -------------------------------------------------------------------------- */

static void test_bad_symbols_and_texts(void **state)
{
    (void)state;
    struct buffer d = {0}, s = {0};
    put_occurrence(&d, 0, 0, 1, "not a symbol", 0);
    put_occurrence(&d, 0, 0, 1, "not a symbol", 0); /* told once */
    put_occurrence(&d, 0, 0, 1, "s m p v \xFF#", 0);
    put_occurrence(&d, 0, 0, 1, "local 0(args)", 0);
    put_text(&s, SYMBOL_SYMBOL, "s m p v x.");
    put_text(&s, SYMBOL_DOCUMENTATION, "a\xC3 b");
    put_part(&d, DOCUMENT_SYMBOL, &s);
    put_text(&s, SYMBOL_DISPLAY_NAME, "nothing");
    put_part(&d, DOCUMENT_SYMBOL, &s);
    put_str(&s, SYMBOL_SYMBOL, STR("s m p v `y\0z`."));
    put_part(&d, DOCUMENT_SYMBOL, &s);
    put_text(&d, DOCUMENT_LANGUAGE, "pyth\xF0n");
    read("x\n", &d);
    assert_string_equal(
        rows(FACT_SCIP_PROBLEM, "what detail"),
        "bad_symbol|there is no scheme, manager, package and version: not a symbol\n"
        "bad_symbol|it is not UTF-8: s m p v \xEF\xBF\xBD#\n"
        "bad_symbol|the id of a local symbol is not a simple name: local 0(args)\n"
        "not_utf8|a documentation: a\xEF\xBF\xBD b\n"
        "bad_information|it names no symbol\n"
        "not_utf8|a language: pyth\xEF\xBF\xBDn\n");
    assert_string_equal(rows(FACT_SCIP_SYMBOL, "descriptor documentation"),
                        "term|a\xEF\xBF\xBD b\nterm|\nlocal|\n");
    assert_string_equal(rows(FACT_SCIP_OCCURRENCE, "symbol_id"), "local 0(args)\n");
    assert_int_equal(now.document.occurrences, 4);
    assert_int_equal(now.document.placed, 1);
}

static void test_what_cannot_be_decoded(void **state)
{
    (void)state;
    static const struct str broken[] = {
        {"\x12\x05\x0A", 3},                                  /* an occurrence that is cut off */
        {"\x0A\xFF\xFF\xFF\xFF\x0F", 6},                      /* a length beyond all */
        {"\x0A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 11}, /* of 64 bits */
        {"\x0B", 1},                                          /* a group */
        {"\x80", 1},                                          /* a number that does not end */
    };
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct buffer d = {0};
        buffer_str(&d, broken[i]);
        read("x\n", &d);
        assert_string_equal(rows(FACT_SCIP_DOCUMENT, "status"), "corrupt\n");
        assert_string_equal(rows(FACT_SCIP_PROBLEM, "what"), "corrupt\n");
    }
    /* Two bytes that take a hundred when they are decoded, millions of times. */
    struct buffer d = {0};
    enum { TIMES = 8 << 20 };
    char *many = malloc(2 * (size_t)TIMES);
    assert_non_null(many);
    for (size_t i = 0; i < TIMES; i++)
        memcpy(many + 2 * i, "\x12", 2);
    buffer_append(&d, many, 2 * (size_t)TIMES);
    free(many);
    read("x\n", &d);
    assert_string_equal(rows(FACT_SCIP_DOCUMENT, "status"), "too_large\n");
}

static void test_external_symbols(void **state)
{
    (void)state;
    struct buffer symbol = {0}, part = {0};
    for (size_t t = 0; t < FACT_COUNT; t++)
        batch_send(now.worker.batches[t]);
    put_text(&symbol, SYMBOL_SYMBOL, "s m p v C#");
    put_text(&part, 1, "s m p v B#");
    put_number(&part, 3, 1);
    put_part(&symbol, SYMBOL_RELATIONSHIP, &part);
    assert_int_equal(scip_external_rows(&now.worker, 0, -1, buffer_view(&symbol), NULL), RG_OK);
    buffer_fini(&symbol);
    symbol = (struct buffer){0};
    put_text(&symbol, SYMBOL_SYMBOL, "local 0");
    assert_int_equal(scip_external_rows(&now.worker, 0, -2, buffer_view(&symbol), NULL), RG_OK);
    assert_int_equal(scip_external_rows(&now.worker, 0, -3, STR("\x0A\x09"), NULL), RG_OK);
    buffer_fini(&symbol);
    assert_string_equal(rows(FACT_SCIP_SYMBOL, "document symbol origin"),
                        "-1|s m p v C#|external\n-1|s m p v B#|mentioned\n");
    assert_string_equal(rows(FACT_SCIP_RELATIONSHIP, "symbol_id target_id is_implementation"),
                        "s m p v C#|s m p v B#|true\n");
    assert_string_equal(rows(FACT_SCIP_PROBLEM, "document what"), "-2|bad_symbol\n-3|corrupt\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_roles_and_shared_spans),
        cmocka_unit_test(test_local_symbols_are_of_their_document),
        cmocka_unit_test(test_symbols_and_relationships),
        cmocka_unit_test(test_diagnostics_and_documentation),
        cmocka_unit_test(test_forms_of_ranges),
        cmocka_unit_test(test_enclosing_ranges),
        cmocka_unit_test(test_what_is_no_place),
        cmocka_unit_test(test_encodings),
        cmocka_unit_test(test_encoding_found_by_names),
        cmocka_unit_test(test_marks_and_other_encodings),
        cmocka_unit_test(test_text_that_differs),
        cmocka_unit_test(test_stale_documents),
        cmocka_unit_test(test_bad_symbols_and_texts),
        cmocka_unit_test(test_what_cannot_be_decoded),
        cmocka_unit_test(test_external_symbols),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
