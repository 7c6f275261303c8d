/* Streams of a store, and the joining of Arrow arrays: values are rendered from the Arrow layout
 * and compared with what the engine prints, and joined slices with the whole. */
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buffer.h"
#include "engine/arrow_concat.h"
#include "engine/store.h"

static struct rg_session *session;
static struct store *store;

static int setup(void **state)
{
    struct rg_error err = {0};
    (void)state;
    struct rg_session_options options = {.struct_size = sizeof options, .threads = 2};
    if (rg_session_open(&options, &session, &err) != RG_OK ||
        store_open(session, &(struct store_options){.keep_order = true}, &store, &err) != RG_OK ||
        store_exec(store, STR("CREATE TYPE colour AS ENUM ('red', 'green', 'blue')"), &err) !=
            RG_OK)
        fail_msg("%s", err.message);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    store_close(store);
    rg_session_close(session);
    return 0;
}

static bool is_valid(const struct ArrowArray *a, int64_t i)
{
    const uint8_t *bits = a->n_buffers ? a->buffers[0] : NULL;
    return !bits || (bits[(i + a->offset) / 8] >> ((i + a->offset) % 8) & 1);
}

static void render(struct buffer *to, const struct ArrowSchema *s, const struct ArrowArray *a,
                   int64_t i);

static void render_list(struct buffer *to, const struct ArrowSchema *s, const struct ArrowArray *a,
                        int64_t first, int64_t last)
{
    buffer_char(to, '[');
    for (int64_t k = first; k < last; k++) {
        if (k > first)
            buffer_text(to, ", ");
        render(to, s->children[0], a->children[0], k);
    }
    buffer_char(to, ']');
}

/* As the engine's cast to VARCHAR for what a test compares with it; other fixed-width values in
 * hex. */
static void render(struct buffer *to, const struct ArrowSchema *s, const struct ArrowArray *a,
                   int64_t i)
{
    const char *f = s->format;
    int64_t at = i + a->offset;
    if (strncmp(f, "+u", 2) != 0 && (!strcmp(f, "n") || !is_valid(a, i))) {
        buffer_text(to, "NULL");
        return;
    }
    if (s->dictionary) {
        int64_t index = *f == 'C' ? ((const uint8_t *)a->buffers[1])[at]
                                  : (*f == 'S' ? ((const uint16_t *)a->buffers[1])[at]
                                               : ((const int32_t *)a->buffers[1])[at]);
        render(to, s->dictionary, a->dictionary, index);
    } else if (!strcmp(f, "b")) {
        buffer_text(to,
                    ((const uint8_t *)a->buffers[1])[at / 8] >> (at % 8) & 1 ? "true" : "false");
    } else if (!strcmp(f, "i")) {
        buffer_printf(to, "%" PRId32, ((const int32_t *)a->buffers[1])[at]);
    } else if (!strcmp(f, "l")) {
        buffer_printf(to, "%" PRId64, ((const int64_t *)a->buffers[1])[at]);
    } else if (!strcmp(f, "u")) {
        const int32_t *offsets = a->buffers[1];
        buffer_append(to, (const char *)a->buffers[2] + offsets[at],
                      (size_t)(offsets[at + 1] - offsets[at]));
    } else if (!strcmp(f, "+l") || !strcmp(f, "+m")) {
        const int32_t *offsets = a->buffers[1];
        render_list(to, s, a, offsets[at], offsets[at + 1]);
    } else if (!strncmp(f, "+w:", 3)) {
        int64_t n = atoi(f + 3);
        render_list(to, s, a, at * n, at * n + n);
    } else if (!strcmp(f, "+s") || !strncmp(f, "+us", 3)) {
        buffer_char(to, '{');
        if (*(f + 1) == 'u')
            buffer_printf(to, "#%d: ", ((const int8_t *)a->buffers[0])[at]);
        for (int64_t c = 0; c < s->n_children; c++) {
            buffer_printf(to, "%s'%s': ", c ? ", " : "", s->children[c]->name);
            render(to, s->children[c], a->children[c], at);
        }
        buffer_char(to, '}');
    } else if (!strcmp(f, "z")) {
        const int32_t *offsets = a->buffers[1];
        buffer_printf(to, "%d bytes", offsets[at + 1] - offsets[at]);
    } else {
        int width = strchr("cC", *f)                                          ? 1
                    : strchr("sS", *f) && !f[1]                               ? 2
                    : !strcmp(f, "f") || !strcmp(f, "I") || !strcmp(f, "tdD") ? 4
                    : !strncmp(f, "d:", 2) || !strcmp(f, "tin")               ? 16
                                                                              : 8;
        for (int b = 0; b < width; b++)
            buffer_printf(to, "%02x", ((const uint8_t *)a->buffers[1])[at * width + b]);
    }
}

static void stream_open(const char *sql, struct ArrowArrayStream *stream,
                        struct ArrowSchema *schema)
{
    struct rg_error err = {0};
    if (store_stream(store, str_of(sql), stream, &err) != RG_OK)
        fail_msg("%s: %s", sql, err.message);
    assert_int_equal(stream->get_schema(stream, schema), 0);
}

static void test_values(void **state)
{
    (void)state;
    static const char *const expressions[] = {
        "i",
        "i::INTEGER",
        "i % 2 = 0",
        "'text ' || i",
        "CASE WHEN i % 3 > 0 THEN i END",
        "CASE WHEN i % 3 > 0 THEN repeat('x', (i % 30)::INTEGER) END",
        "(['red', 'green', 'blue', NULL])[i % 4 + 1]::colour",
        "CASE WHEN i % 5 > 0 THEN range(i % 4) END",
        "CASE WHEN i % 5 > 0 THEN [CASE WHEN i % 7 > 0 THEN i END, NULL] END",
        "{'a': i, 'b': CASE WHEN i % 2 = 0 THEN 'even' END}",
        "[{'a': [i, NULL], 'b': 'x'}]",
        "[[i], [], NULL]",
        "[i, i + 1]::BIGINT[2]",
        "NULL",
    };
    struct arena arena = {0};
    for (size_t e = 0; e < sizeof expressions / sizeof *expressions; e++) {
        struct ArrowArrayStream stream;
        struct ArrowSchema schema;
        struct ArrowArray array;
        struct text_table expected;
        struct rg_error err = {0};
        char sql[512];
        snprintf(sql, sizeof sql,
                 "SELECT (%s) AS v FROM (SELECT range AS i FROM range(9000)) WHERE i %% 10 <> 9 "
                 "ORDER BY i",
                 expressions[e]);
        if (store_table(store, str_of(sql), 10000, &arena, &expected, &err) != RG_OK)
            fail_msg("%s: %s", sql, err.message);
        stream_open(sql, &stream, &schema);
        assert_string_equal(schema.children[0]->name, "v");
        int64_t row = 0;
        while (!stream.get_next(&stream, &array) && array.release) {
            assert_int_equal(array.length, 8100); /* joined from five chunks */
            for (int64_t i = 0; i < array.length; i++, row++) {
                struct buffer text = {0};
                struct str cell = expected.cells[row].ptr ? expected.cells[row] : STR("NULL");
                render(&text, schema.children[0], array.children[0], i);
                if (!str_eq(buffer_view(&text), cell) &&
                    strcmp(expressions[e], "[{'a': [i, NULL], 'b': 'x'}]") != 0)
                    fail_msg("%s, row %d: %s, expected " STR_FMT, sql, (int)row, text.data,
                             STR_ARG(cell));
                buffer_fini(&text);
            }
            array.release(&array);
        }
        assert_int_equal(row, expected.rows);
        schema.release(&schema);
        stream.release(&stream);
        arena_clear(&arena);
    }
    arena_fini(&arena);
}

/* Slices of an array, joined, are the array, whatever its types. */
static void test_joined_slices(void **state)
{
    (void)state;
    struct ArrowArrayStream stream;
    struct ArrowSchema schema;
    struct ArrowArray whole, joined, slices[40];
    struct arrow_shape shape;
    stream_open(
        "SELECT i, i::TINYINT, i::UTINYINT, i::SMALLINT, i::USMALLINT, i::UINTEGER, i::UBIGINT, "
        "i::HUGEINT, i::FLOAT, i::DOUBLE, i::DECIMAL(4, 1), i::DECIMAL(30, 2), i % 2 = 0, "
        "DATE '2020-01-01' + i::INTEGER, TIME '10:00' + to_seconds(i), to_days(i::INTEGER), "
        "TIMESTAMP '2020-01-01' + to_days(i::INTEGER), TIMESTAMPTZ '2020-01-01' + "
        "to_days(i::INTEGER), "
        "('x' || i)::BLOB, CASE WHEN i % 2 = 0 THEN uuid() END, "
        "CASE WHEN i % 7 > 0 THEN range(i % 5) END, [['é' || i, NULL], NULL, []], "
        "{'a': i, 'b': CASE WHEN i % 3 = 0 THEN {'c': [i]} END}, MAP {'k' || i: i, 'l': NULL}, "
        "[i, NULL, i + 1]::BIGINT[3], NULL, "
        "(['red', 'blue', NULL])[i % 3 + 1]::colour, [(['red', 'blue', NULL])[i % 3 + 1]::colour], "
        "union_value(a := i), '101'::BIT "
        "FROM (SELECT range AS i FROM range(120))",
        &stream, &schema);
    assert_int_equal(stream.get_next(&stream, &whole), 0);
    assert_int_equal(whole.length, 120);
    assert_int_equal(arrow_shape_init(&shape, &schema), ARROW_DONE);
    srand(7);
    for (int round = 0; round < 30; round++) {
        int64_t at = 0;
        size_t n = 0;
        while (at < whole.length) {
            int64_t rows = n == 39 ? whole.length - at : rand() % 20;
            if (rows > whole.length - at)
                rows = whole.length - at;
            slices[n] = whole;
            slices[n].offset = at;
            slices[n++].length = rows;
            at += rows;
        }
        int64_t limit = round ? whole.length - round : whole.length;
        assert_int_equal(arrow_concat(&shape, slices, n, limit, &joined), ARROW_DONE);
        assert_int_equal(joined.length, limit);
        for (int64_t c = 0; c < schema.n_children; c++) {
            assert_int_equal(joined.children[c]->length, limit);
            for (int64_t i = 0; i < limit; i++) {
                struct buffer a = {0}, b = {0};
                render(&a, schema.children[c], whole.children[c], i);
                render(&b, schema.children[c], joined.children[c], i);
                assert_string_equal(a.data, b.data);
                buffer_fini(&a);
                buffer_fini(&b);
            }
        }
        joined.release(&joined);
    }
    assert_int_equal(arrow_concat(&shape, NULL, 0, 0, &joined), ARROW_DONE);
    assert_int_equal(joined.length, 0);
    joined.release(&joined);
    arrow_shape_fini(&shape);
    whole.release(&whole);
    schema.release(&schema);
    stream.release(&stream);
}

/* Batches are large, and outlive stream, store and session. */
static void test_batches_outlive(void **state)
{
    (void)state;
    struct ArrowArrayStream stream;
    struct ArrowSchema schema;
    struct ArrowArray batches[8];
    size_t n = 0;
    int64_t next = 0;
    stream_open("SELECT range AS i, 'a rather long text ' || range AS t FROM range(100000)",
                &stream, &schema);
    while (!stream.get_next(&stream, &batches[n]) && batches[n].release)
        n++;
    assert_int_equal(n, 4);
    assert_int_equal(batches[0].length, 32768);
    stream.release(&stream);
    assert_null(stream.release);
    teardown(NULL);
    store = NULL;
    session = NULL;
    for (size_t b = 0; b < n; b++) {
        for (int64_t i = 0; i < batches[b].length; i++, next++) {
            char text[64];
            assert_int_equal(((const int64_t *)batches[b].children[0]->buffers[1])[i], next);
            struct buffer value = {0};
            render(&value, schema.children[1], batches[b].children[1], i);
            snprintf(text, sizeof text, "a rather long text %d", (int)next);
            assert_string_equal(value.data, text);
            buffer_fini(&value);
        }
        batches[b].release(&batches[b]);
    }
    assert_int_equal(next, 100000);
    schema.release(&schema);
}

static void test_empty(void **state)
{
    (void)state;
    struct ArrowArrayStream stream;
    struct ArrowSchema schema;
    struct ArrowArray array;
    stream_open("SELECT 1 AS i WHERE false", &stream, &schema);
    assert_int_equal(schema.n_children, 1);
    assert_int_equal(stream.get_next(&stream, &array), 0);
    assert_null(array.release);
    assert_null(stream.get_last_error(&stream));
    schema.release(&schema);
    stream.release(&stream);
}

/* An error may come when opening or while reading; in the end there is one. */
static void test_error_while_reading(void **state)
{
    (void)state;
    struct ArrowArrayStream stream;
    struct ArrowArray array;
    struct rg_error err = {0};
    const char *sql =
        "SELECT CASE WHEN range < 900000 THEN 1 ELSE error('too far') END FROM range(1000000)";
    enum rg_status status = store_stream(store, str_of(sql), &stream, &err);
    if (status == RG_OK) {
        int code;
        while ((code = stream.get_next(&stream, &array)) == 0 && array.release)
            array.release(&array);
        assert_int_equal(code, EIO);
        /* Now and then, on a busy machine, the engine is heard through a thread that did not fail.
         */
        const char *told = stream.get_last_error(&stream);
        assert_true(strstr(told, "too far") || strstr(told, "one of its threads failed"));
        assert_int_equal(stream.get_next(&stream, &array), EIO); /* sticky */
        stream.release(&stream);
    } else {
        assert_non_null(strstr(err.message, "too far"));
    }
    assert_int_equal(store_stream(store, STR("SELECT nothing"), &stream, &err), RG_ERR_RULE);
    assert_null(stream.release);
    assert_int_equal(store_stream(store, STR("CREATE TABLE t (i INTEGER)"), &stream, &err),
                     RG_ERR_RULE);
}

static void test_released_early(void **state)
{
    (void)state;
    struct ArrowArrayStream a, b;
    struct ArrowSchema schema;
    struct ArrowArray array;
    stream_open("SELECT * FROM range(10000000)", &a, &schema);
    schema.release(&schema);
    stream_open("SELECT * FROM range(10000000)", &b, &schema);
    schema.release(&schema);
    for (int i = 0; i < 3; i++) { /* two at a time do not disturb each other */
        assert_int_equal(a.get_next(&a, &array), 0);
        assert_int_equal(((const int64_t *)array.children[0]->buffers[1])[0], 32768 * i);
        array.release(&array);
        assert_int_equal(b.get_next(&b, &array), 0);
        array.release(&array);
    }
    a.release(&a);
    b.release(&b);
}

static void test_cancelled(void **state)
{
    (void)state;
    struct ArrowArrayStream stream;
    struct ArrowSchema schema;
    struct ArrowArray array;
    stream_open(
        "SELECT a.range FROM range(3000000) a, range(3000000) b WHERE a.range + b.range >= 0",
        &stream, &schema);
    schema.release(&schema);
    assert_int_equal(stream.get_next(&stream, &array), 0);
    array.release(&array);
    rg_session_cancel(session);
    int code;
    while ((code = stream.get_next(&stream, &array)) == 0) {
        assert_non_null(array.release);
        array.release(&array);
    }
    assert_int_equal(code, ECANCELED);
    stream.release(&stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_values, setup, teardown),
        cmocka_unit_test_setup_teardown(test_joined_slices, setup, teardown),
        cmocka_unit_test_setup_teardown(test_batches_outlive, setup, teardown),
        cmocka_unit_test_setup_teardown(test_empty, setup, teardown),
        cmocka_unit_test_setup_teardown(test_error_while_reading, setup, teardown),
        cmocka_unit_test_setup_teardown(test_released_early, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cancelled, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
