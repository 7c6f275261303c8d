/* Cells of every Arrow format that the command line reads, and the formats of `relgraph query`, on
 * arrays made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/arrow_view.h"
#include "cli/query_output.h"

/* A column by hand: format, and the buffers as the specification lays them out. */
struct column {
    struct ArrowSchema schema;
    struct ArrowArray array;
    const void *buffers[4];
};

static void column_init(struct column *column, const char *format, int64_t rows,
                        const void *validity, const void *data, const void *more)
{
    *column =
        (struct column){.schema = {.format = format, .name = "c", .flags = ARROW_FLAG_NULLABLE}};
    column->buffers[0] = validity;
    column->buffers[1] = data;
    column->buffers[2] = more;
    column->array.length = rows;
    column->array.null_count = validity ? -1 : 0;
    column->array.n_buffers = more ? 3 : 2;
    column->array.buffers = column->buffers;
}

static void check_type(const struct arrow_type *type, const struct ArrowArray *array, int64_t row,
                       const char *plain, const char *json)
{
    struct text out = {0};
    text_cstr(&out, "");
    arrow_plain(type, array, row, &out);
    assert_string_equal(out.data, plain);
    text_clear(&out);
    arrow_json(type, array, row, &out);
    assert_string_equal(out.data, json);
    text_fini(&out);
}

static void check_named(const char *name, struct column *column, int64_t row, const char *plain,
                        const char *json)
{
    struct arrow_type type;
    struct text message = {0};
    column->schema.name = name;
    assert_true(arrow_type_init(&type, &column->schema, &message));
    check_type(&type, &column->array, row, plain, json);
    arrow_type_fini(&type);
}

static void check(struct column *column, int64_t row, const char *plain, const char *json)
{
    check_named("c", column, row, plain, json);
}

static void check_one(const char *format, const void *data, const char *plain, const char *json)
{
    struct column column;
    column_init(&column, format, 1, NULL, data, NULL);
    check(&column, 0, plain, json);
}

static void integers(void **state)
{
    (void)state;
    check_one("c", (const int8_t[]){-128}, "-128", "-128");
    check_one("C", (const uint8_t[]){255}, "255", "255");
    check_one("s", (const int16_t[]){INT16_MIN}, "-32768", "-32768");
    check_one("S", (const uint16_t[]){UINT16_MAX}, "65535", "65535");
    check_one("i", (const int32_t[]){-1}, "-1", "-1");
    check_one("I", (const uint32_t[]){UINT32_MAX}, "4294967295", "4294967295");
    check_one("l", (const int64_t[]){9007199254740991}, "9007199254740991", "9007199254740991");
    check_one("l", (const int64_t[]){9007199254740992}, "9007199254740992", "\"9007199254740992\"");
    check_one("l", (const int64_t[]){INT64_MIN}, "-9223372036854775808",
              "\"-9223372036854775808\"");
    check_one("L", (const uint64_t[]){UINT64_MAX}, "18446744073709551615",
              "\"18446744073709551615\"");
}

static void identifiers_are_strings(void **state)
{
    (void)state;
    struct column column;
    column_init(&column, "l", 1, NULL, (const int64_t[]){7}, NULL);
    check_named("node_id", &column, 0, "7", "\"7\"");
    check_named("src", &column, 0, "7", "\"7\"");
    check_named("ambiguity_group", &column, 0, "7", "\"7\"");
    check_named("calls", &column, 0, "7", "7");
    check_named("_id", &column, 0, "7", "7");
}

static void booleans_floats_nulls(void **state)
{
    (void)state;
    struct column column;
    column_init(&column, "b", 10, (const uint8_t[]){0xFF, 0x01}, (const uint8_t[]){0x01, 0x02},
                NULL);
    check(&column, 0, "true", "true");
    check(&column, 1, "false", "false");
    check(&column, 8, "false", "false");
    check(&column, 9, "", "null");
    column.array.offset = 9; /* row 0 is now the tenth */
    check(&column, 0, "", "null");
    column_init(&column, "n", 3, NULL, NULL, NULL);
    column.array.n_buffers = 0;
    check(&column, 2, "", "null");
    check_one("g", (const double[]){0.1}, "0.1", "0.1");
    check_one("g", (const double[]){1.0 / 3}, "0.3333333333333333", "0.3333333333333333");
    check_one("g", (const double[]){5}, "5.0", "5.0");
    check_one("g", (const double[]){1e300}, "1e+300", "1e+300");
    check_one("g", (const double[]){__builtin_nan("")}, "NaN", "\"NaN\"");
    check_one("g", (const double[]){-__builtin_inf()}, "-Infinity", "\"-Infinity\"");
    check_one("f", (const float[]){0.1f}, "0.1", "0.1");
}

static void texts(void **state)
{
    (void)state;
    struct column column;
    static const char bytes[] = "a\"b\\\n\tü\xFF\x01";
    column_init(&column, "u", 2, NULL, (const int32_t[]){0, 0, sizeof bytes - 1}, bytes);
    check(&column, 0, "", "\"\"");
    check(&column, 1, bytes, "\"a\\\"b\\\\\\n\\tü\xEF\xBF\xBD\\u0001\"");
    column_init(&column, "U", 1, NULL, (const int64_t[]){0, 3}, "xyz");
    check(&column, 0, "xyz", "\"xyz\"");
    column_init(&column, "z", 1, NULL, (const int32_t[]){0, 2}, "\x0F\xA0");
    check(&column, 0, "0fa0", "\"0fa0\"");
    check_one("w:3", "abc", "616263", "\"616263\"");
}

static void text_views(void **state)
{
    (void)state;
    struct view {
        int32_t length;
        char prefix[4];
        int32_t buffer, offset;
    } views[2] = {{3, "abc", 0, 0}, {14, "long", 0, 2}};
    struct column column;
    column_init(&column, "vu", 2, NULL, views, "..long text here");
    check(&column, 0, "abc", "\"abc\"");
    check(&column, 1, "long text here", "\"long text here\"");
}

static void decimals(void **state)
{
    (void)state;
    check_one("d:18,3", (const int64_t[]){-1, -1}, "-0.001", "-0.001");
    check_one("d:18,3", (const int64_t[]){1234567, 0}, "1234.567", "1234.567");
    check_one("d:38,0", (const int64_t[]){0, 0}, "0", "0");
    check_one("d:38,0", (const int64_t[]){123456789012345, 0}, "123456789012345",
              "123456789012345");
    /* 2^64 */
    check_one("d:38,0", (const int64_t[]){0, 1}, "18446744073709551616",
              "\"18446744073709551616\"");
    /* -10^38 + 1 */
    check_one("d:38,2", (const uint64_t[]){0xF675DDC000000001u, 0xB4C4B357A5793B85u},
              "-999999999999999999999999999999999999.99",
              "\"-999999999999999999999999999999999999.99\"");
    check_one("d:9,2,32", (const int32_t[]){-150}, "-1.50", "-1.50");
    check_one("d:18,1,64", (const int64_t[]){15}, "1.5", "1.5");
}

static void times(void **state)
{
    (void)state;
    check_one("tdD", (const int32_t[]){0}, "1970-01-01", "\"1970-01-01\"");
    check_one("tdD", (const int32_t[]){-1}, "1969-12-31", "\"1969-12-31\"");
    check_one("tdD", (const int32_t[]){11016}, "2000-02-29", "\"2000-02-29\"");
    check_one("tdm", (const int64_t[]){86400000}, "1970-01-02", "\"1970-01-02\"");
    check_one("ttu", (const int64_t[]){86399000001}, "23:59:59.000001", "\"23:59:59.000001\"");
    check_one("tts", (const int32_t[]){61}, "00:01:01", "\"00:01:01\"");
    check_one("tsu:", (const int64_t[]){-1}, "1969-12-31T23:59:59.999999",
              "\"1969-12-31T23:59:59.999999\"");
    check_one("tsu:UTC", (const int64_t[]){1500000}, "1970-01-01T00:00:01.5Z",
              "\"1970-01-01T00:00:01.5Z\"");
    check_one("tss:", (const int64_t[]){1709210096}, "2024-02-29T12:34:56",
              "\"2024-02-29T12:34:56\"");
    check_one("tsm:", (const int64_t[]){1}, "1970-01-01T00:00:00.001",
              "\"1970-01-01T00:00:00.001\"");
    check_one("tsn:", (const int64_t[]){1}, "1970-01-01T00:00:00.000000001",
              "\"1970-01-01T00:00:00.000000001\"");
    check_one("tDm", (const int64_t[]){-500}, "PT-0.5S", "\"PT-0.5S\"");
    check_one("tDs", (const int64_t[]){90}, "PT90S", "\"PT90S\"");
    struct {
        int32_t months, days;
        int64_t nanoseconds;
    } interval = {14, -3, 1500000000};
    check_one("tin", &interval, "P14M-3DT1.5S", "\"P14M-3DT1.5S\"");
    memset(&interval, 0, sizeof interval);
    check_one("tin", &interval, "PT0S", "\"PT0S\"");
}

static void nested(void **state)
{
    (void)state;
    struct column numbers, list, fixed, both;
    column_init(&numbers, "l", 4, (const uint8_t[]){0x0B}, (const int64_t[]){1, 2, 3, 4}, NULL);
    struct ArrowSchema *number_schema[] = {&numbers.schema};
    struct ArrowArray *number_array[] = {&numbers.array};
    numbers.schema.name = "node_id";
    column_init(&list, "+l", 2, (const uint8_t[]){0x03}, (const int32_t[]){0, 0, 4}, NULL);
    list.schema.n_children = list.array.n_children = 1;
    list.schema.children = number_schema;
    list.array.children = number_array;
    check(&list, 0, "[]", "[]");
    check(&list, 1, "[\"1\",\"2\",null,\"4\"]", "[\"1\",\"2\",null,\"4\"]");

    column_init(&fixed, "+w:2", 2, NULL, NULL, NULL);
    fixed.schema.n_children = fixed.array.n_children = 1;
    fixed.schema.children = number_schema;
    fixed.array.children = number_array;
    check(&fixed, 1, "[null,\"4\"]", "[null,\"4\"]");

    struct ArrowSchema *pair_schema[] = {&list.schema, &fixed.schema};
    struct ArrowArray *pair_array[] = {&list.array, &fixed.array};
    list.schema.name = "a";
    fixed.schema.name = "b";
    column_init(&both, "+s", 2, NULL, NULL, NULL);
    both.schema.n_children = both.array.n_children = 2;
    both.schema.children = pair_schema;
    both.array.children = pair_array;
    check(&both, 0, "{\"a\":[],\"b\":[\"1\",\"2\"]}", "{\"a\":[],\"b\":[\"1\",\"2\"]}");
}

static void dictionaries(void **state)
{
    (void)state;
    struct column indexes, words;
    column_init(&words, "u", 2, NULL, (const int32_t[]){0, 4, 6}, "CALLab");
    column_init(&indexes, "C", 3, (const uint8_t[]){0x03}, (const uint8_t[]){1, 0, 0}, NULL);
    indexes.schema.dictionary = &words.schema;
    indexes.array.dictionary = &words.array;
    check(&indexes, 0, "ab", "\"ab\"");
    check(&indexes, 1, "CALL", "\"CALL\"");
    check(&indexes, 2, "", "null");
}

static void what_is_not_supported_is_said(void **state)
{
    (void)state;
    static const char *const formats[] = {"+ud:0,1", "d:76,2,256", "tsx:", "", "q", "w:"};
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        struct ArrowSchema schema = {.format = formats[i], .name = "odd"};
        struct arrow_type type;
        struct text message = {0};
        assert_false(arrow_type_init(&type, &schema, &message));
        assert_non_null(strstr(message.data, "\"odd\""));
        text_fini(&message);
    }
    /* A type nested without end is refused, not followed. */
    struct ArrowSchema loop = {.format = "+l", .name = "deep", .n_children = 1};
    struct ArrowSchema *child = &loop;
    loop.children = &child;
    struct arrow_type type;
    struct text message = {0};
    assert_false(arrow_type_init(&type, &loop, &message));
    assert_non_null(strstr(message.data, "nested"));
    text_fini(&message);
}

/* --- The formats of query -------------------------------------------------------------------- */

/* Three columns (name, n, node_id), three rows, one of them with NULLs and odd bytes. */
struct rows {
    struct column name, n, id;
    struct ArrowSchema schema, *schemas[3];
    struct ArrowArray array, *arrays[3];
};

static void rows_init(struct rows *rows)
{
    static const int32_t ends[] = {0, 5, 5, 13};
    static const int64_t counts[] = {1, 2, 1234};
    static const int64_t ids[] = {-5, 6, 7};
    static const uint8_t valid[] = {0x05};
    column_init(&rows->name, "u", 3, NULL, ends, "plaina,\"b\" \x1b\n");
    column_init(&rows->n, "l", 3, valid, counts, NULL);
    column_init(&rows->id, "l", 3, NULL, ids, NULL);
    rows->name.schema.name = "name";
    rows->n.schema.name = "n";
    rows->id.schema.name = "node_id";
    rows->schema = (struct ArrowSchema){.format = "+s", .n_children = 3, .children = rows->schemas};
    rows->array = (struct ArrowArray){.length = 3, .n_children = 3, .children = rows->arrays};
    struct column *columns[] = {&rows->name, &rows->n, &rows->id};
    for (int i = 0; i < 3; i++) {
        rows->schemas[i] = &columns[i]->schema;
        rows->arrays[i] = &columns[i]->array;
    }
}

static void check_output(enum query_format format, unsigned terminal, int64_t n_rows,
                         const char *expected)
{
    struct rows rows;
    struct arrow_type type;
    struct text message = {0};
    struct sink sink = {0};
    rows_init(&rows);
    assert_true(arrow_type_init(&type, &rows.schema, &message));
    struct query_output output = {
        .format = format, .type = &type, .sink = &sink, .terminal_width = terminal};
    text_cstr(&sink.text, "");
    query_output_begin(&output);
    assert_true(query_output_batch(&output, &rows.array, n_rows));
    query_output_end(&output);
    assert_string_equal(sink.text.data, expected);
    text_fini(&sink.text);
    query_output_fini(&output);
    arrow_type_fini(&type);
}

static void output_table(void **state)
{
    (void)state;
    check_output(FORMAT_TABLE, 0, 3,
                 "name             n  node_id\n"
                 "────────────  ────  ───────\n"
                 "plain            1       -5\n"
                 "              NULL        6\n"
                 "a,\"b\" \\x1b\\n  1234        7\n");
    check_output(FORMAT_TABLE, 0, 0, "name  n  node_id\n────  ─  ───────\n");
    /* A terminal: numbers are whole, what has no room is left out. */
    check_output(FORMAT_TABLE, 22, 3,
                 "name             n\n"
                 "────────────  ────\n"
                 "plain            1\n"
                 "              NULL\n"
                 "a,\"b\" \\x1b\\n  1234\n");
}

static void output_cut_texts(void **state)
{
    (void)state;
    struct column column;
    static const char text[] = "a text that is far too long for this terminal";
    column_init(&column, "u", 1, NULL, (const int32_t[]){0, sizeof text - 1}, text);
    struct ArrowSchema *schemas[] = {&column.schema, &column.schema};
    struct ArrowArray *arrays[] = {&column.array, &column.array};
    struct ArrowSchema schema = {.format = "+s", .n_children = 2, .children = schemas};
    struct ArrowArray array = {.length = 1, .n_children = 2, .children = arrays};
    struct arrow_type type;
    struct text message = {0};
    struct sink sink = {0};
    assert_true(arrow_type_init(&type, &schema, &message));
    struct query_output output = {.type = &type, .sink = &sink, .terminal_width = 48};
    query_output_begin(&output);
    assert_true(query_output_batch(&output, &array, 1));
    query_output_end(&output);
    assert_string_equal(sink.text.data, "c                        c\n"
                                        "───────────────────────  ───────────────────────\n"
                                        "a text …r this terminal  a text …r this terminal\n");
    text_fini(&sink.text);
    query_output_fini(&output);
    arrow_type_fini(&type);
}

static void output_csv(void **state)
{
    (void)state;
    check_output(FORMAT_CSV, 0, 3,
                 "name,n,node_id\nplain,1,-5\n\"\",,6\n\"a,\"\"b\"\" \x1b\n\",1234,7\n");
}

static void output_json(void **state)
{
    (void)state;
    check_output(FORMAT_JSON, 0, 3,
                 "[\n{\"name\":\"plain\",\"n\":1,\"node_id\":\"-5\"},\n"
                 "{\"name\":\"\",\"n\":null,\"node_id\":\"6\"},\n"
                 "{\"name\":\"a,\\\"b\\\" \\u001b\\n\",\"n\":1234,\"node_id\":\"7\"}\n]\n");
    check_output(FORMAT_JSON, 0, 0, "[]\n");
    check_output(FORMAT_JSONL, 0, 2,
                 "{\"name\":\"plain\",\"n\":1,\"node_id\":\"-5\"}\n"
                 "{\"name\":\"\",\"n\":null,\"node_id\":\"6\"}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers),
        cmocka_unit_test(identifiers_are_strings),
        cmocka_unit_test(booleans_floats_nulls),
        cmocka_unit_test(texts),
        cmocka_unit_test(text_views),
        cmocka_unit_test(decimals),
        cmocka_unit_test(times),
        cmocka_unit_test(nested),
        cmocka_unit_test(dictionaries),
        cmocka_unit_test(what_is_not_supported_is_said),
        cmocka_unit_test(output_table),
        cmocka_unit_test(output_cut_texts),
        cmocka_unit_test(output_csv),
        cmocka_unit_test(output_json),
    };
    setlocale(LC_CTYPE, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
