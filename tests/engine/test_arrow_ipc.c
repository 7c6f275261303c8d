/* The public functions for Arrow streams: projections and what they refuse, dictionaries that
 * change, writes that fail. What readers make of the bytes is in tests/arrow. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/file.h"
#include "engine/arrow_ipc_read.h"
#include "engine/store.h"

static struct rg_session *session;
static struct store *store;

static int setup(void **state)
{
    struct rg_error err = {0};
    (void)state;
    struct rg_session_options options = {.struct_size = sizeof options, .threads = 1};
    if (rg_session_open(&options, &session, &err) != RG_OK ||
        store_open(session, &(struct store_options){.keep_order = true}, &store, &err) != RG_OK)
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

static struct ArrowArrayStream open_stream(const char *sql)
{
    struct rg_error err = {0};
    struct ArrowArrayStream stream;
    if (store_stream(store, str_of(sql), &stream, &err) != RG_OK)
        fail_msg("%s: %s", sql, err.message);
    return stream;
}

#define ROWS                                                                                       \
    "SELECT i AS a, 'x' || i AS b, i % 2 = 0 AS c FROM (SELECT range AS i FROM range(5000))"

/* A schema with columns of formats, as a consumer makes it. */
struct asked {
    struct ArrowSchema schema, columns[3], *pointers[3];
};

static void ask(struct asked *asked, size_t n, const char *const names[],
                const char *const formats[])
{
    *asked = (struct asked){.schema = {.format = "+s", .n_children = (int64_t)n}};
    asked->schema.children = asked->pointers;
    for (size_t i = 0; i < n; i++) {
        asked->columns[i] = (struct ArrowSchema){
            .format = formats[i], .name = names[i], .flags = ARROW_FLAG_NULLABLE};
        asked->pointers[i] = &asked->columns[i];
    }
}

static void test_projection(void **state)
{
    (void)state;
    struct asked asked;
    struct ArrowArrayStream stream = open_stream(ROWS), projected;
    struct ArrowSchema schema;
    struct ArrowArray batch;
    struct rg_error err = {0};
    int64_t rows = 0;
    ask(&asked, 2, (const char *[]){"c", "a"}, (const char *[]){"b", "l"});
    assert_int_equal(rg_arrow_project(&stream, &asked.schema, &projected, &err), RG_OK);
    assert_null(stream.release); /* taken */
    assert_int_equal(projected.get_schema(&projected, &schema), 0);
    assert_int_equal(schema.n_children, 2);
    assert_string_equal(schema.children[0]->name, "c");
    assert_string_equal(schema.children[1]->format, "l");
    schema.release(&schema);
    while (projected.get_next(&projected, &batch) == 0 && batch.release) {
        const int64_t *a = batch.children[1]->buffers[1];
        const uint8_t *c = batch.children[0]->buffers[1];
        for (int64_t i = 0; i < batch.length; i++, rows++) {
            assert_int_equal(a[i], rows);
            assert_int_equal(c[i / 8] >> (i % 8) & 1, rows % 2 == 0);
        }
        batch.release(&batch);
    }
    assert_int_equal(rows, 5000);
    projected.release(&projected);
}

static void test_refused_projections(void **state)
{
    (void)state;
    static const struct {
        const char *names[2], *formats[2], *message;
    } cases[] = {
        {{"a", "bb"}, {"l", "u"}, "the stream has no column bb"},
        {{"a", "a"}, {"l", "l"}, "column a is asked for twice"},
        {{"a", "b"}, {"i", "u"}, "column a has the Arrow type 'l', and was asked for as 'i'"},
        {{"a", "b"}, {"l", "U"}, "column b has the Arrow type 'u', and was asked for as 'U'"},
    };
    struct ArrowArrayStream stream = open_stream(ROWS), projected;
    struct asked asked;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rg_error err = {0};
        ask(&asked, 2, cases[i].names, cases[i].formats);
        assert_int_equal(rg_arrow_project(&stream, &asked.schema, &projected, &err), RG_ERR_USAGE);
        assert_string_equal(err.message, cases[i].message);
        assert_non_null(stream.release);
        assert_null(projected.release);
    }
    struct rg_error err = {0};
    ask(&asked, 1, (const char *[]){"a"}, (const char *[]){"l"});
    asked.columns[0].flags = 0;
    assert_int_equal(rg_arrow_project(&stream, &asked.schema, &projected, &err), RG_ERR_USAGE);
    assert_non_null(strstr(err.message, "may hold NULL"));
    stream.release(&stream);
    stream = open_stream("SELECT 1 AS a, 2 AS a");
    ask(&asked, 1, (const char *[]){"a"}, (const char *[]){"i"});
    assert_int_equal(rg_arrow_project(&stream, &asked.schema, &projected, &err), RG_ERR_USAGE);
    assert_non_null(strstr(err.message, "2 columns named a"));
    stream.release(&stream);
}

/* Takes so many bytes, then the disk is full. */
struct full_disk {
    size_t left;
};

static int put(void *user, const void *bytes, size_t count)
{
    struct full_disk *disk = user;
    (void)bytes;
    if (count > disk->left)
        return ENOSPC;
    disk->left -= count;
    return 0;
}

static enum rg_status write_all(const char *sql, enum rg_arrow_format format, size_t room,
                                struct rg_arrow_written *written, struct rg_error *err)
{
    static const char *const columns[] = {"b"};
    struct full_disk disk = {room};
    struct ArrowArrayStream stream = open_stream(sql);
    struct rg_arrow_write_request request = {.struct_size = sizeof request,
                                             .format = format,
                                             .write = put,
                                             .user = &disk,
                                             .dictionary_columns = columns,
                                             .n_dictionary_columns = 1};
    enum rg_status status = rg_arrow_write(&stream, &request, written, err);
    stream.release(&stream);
    return status;
}

/* Wherever the disk is full, the error says so and nothing leaks. */
static void test_full_disk(void **state)
{
    (void)state;
    for (int format = 0; format < 2; format++) {
        struct rg_arrow_written whole, part;
        struct rg_error err = {0};
        assert_int_equal(write_all(ROWS, (enum rg_arrow_format)format, SIZE_MAX, &whole, &err),
                         RG_OK);
        assert_int_equal(whole.rows, 5000);
        for (size_t room = 0; room < whole.bytes; room += whole.bytes / 40 + 1) {
            assert_int_equal(write_all(ROWS, (enum rg_arrow_format)format, room, &part, &err),
                             RG_ERR_DISK_FULL);
            assert_int_equal(part.rows, 0);
            assert_non_null(strstr(err.message, "No space left"));
        }
    }
}

/* The members of a union are numbered by signed bytes. */
static void test_wide_unions(void **state)
{
    (void)state;
    for (int n = 128; n <= 129; n++) {
        struct buffer sql = {0};
        struct rg_arrow_written written;
        struct rg_error err = {0};
        buffer_text(&sql, "SELECT 'x' AS b, CAST(union_value(m0 := 1) AS UNION(m0 INT");
        for (int i = 1; i < n; i++)
            buffer_printf(&sql, ", m%d INT", i);
        buffer_text(&sql, ")) AS u");
        enum rg_status status = write_all(sql.data, RG_ARROW_STREAM, SIZE_MAX, &written, &err);
        assert_int_equal(status, n == 128 ? RG_OK : RG_ERR_USAGE);
        assert_true(n == 128 || strstr(err.message, "column u") != NULL);
        buffer_fini(&sql);
    }
}

static int keep(void *user, const void *bytes, size_t count)
{
    buffer_append(user, bytes, count);
    return 0;
}

/* A block of the footer: where a batch lies. */
struct block {
    int64_t at;
    int32_t metadata, padding;
    int64_t body;
};

/* The last place where two of them, one behind the other, are spoken of. */
static size_t find_blocks(const struct buffer *file, struct block out_blocks[2])
{
    for (size_t at = file->len - 2 * sizeof *out_blocks; at > 0; at--) {
        memcpy(out_blocks, file->data + at, 2 * sizeof *out_blocks);
        if (out_blocks[0].at > 0 && out_blocks[0].metadata > 0 && out_blocks[0].body > 0 &&
            out_blocks[0].at + out_blocks[0].metadata + out_blocks[0].body == out_blocks[1].at)
            return at;
    }
    fail_msg("the file has no two batches");
    return 0;
}

/* A footer that names one batch again and again would have it read as often: a small file could
 * keep its reader at work for days. */
static void test_batches_over_each_other(void **state)
{
    (void)state;
    char path[] = "/tmp/relgraph-arrow-XXXXXX";
    struct buffer bytes = {0};
    struct block blocks[2];
    struct arrow_file *file = NULL;
    struct rg_error err = {0};
    struct ArrowArrayStream stream = open_stream("SELECT range FROM range(300000)");
    struct rg_arrow_write_request request = {
        .struct_size = sizeof request, .format = RG_ARROW_FILE, .write = keep, .user = &bytes};
    assert_int_equal(rg_arrow_write(&stream, &request, NULL, &err), RG_OK);
    stream.release(&stream);
    close(mkstemp(path));
    assert_int_equal(file_write(path, buffer_view(&bytes), &err), RG_OK);
    assert_int_equal(arrow_file_open(path, &file, &err), RG_OK);
    assert_int_equal(arrow_file_rows(file), 300000);
    assert_true(arrow_file_batches(file) > 1);
    arrow_file_close(file);
    size_t place = find_blocks(&bytes, blocks);
    blocks[1] = blocks[0];
    memcpy(bytes.data + place, blocks, sizeof blocks);
    assert_int_equal(file_write(path, buffer_view(&bytes), &err), RG_OK);
    assert_int_equal(arrow_file_open(path, &file, &err), RG_ERR_CORRUPT);
    assert_non_null(strstr(err.message, "lie over each other"));
    assert_null(file);
    unlink(path);
    buffer_fini(&bytes);
}

static void test_wrong_requests(void **state)
{
    (void)state;
    struct rg_error err = {0};
    struct ArrowArrayStream stream = open_stream(ROWS);
    struct rg_arrow_write_request request = {.struct_size = sizeof request};
    assert_int_equal(rg_arrow_write(&stream, &request, NULL, &err), RG_ERR_USAGE);
    request.write = put;
    request.format = (enum rg_arrow_format)7;
    assert_int_equal(rg_arrow_write(&stream, &request, NULL, &err), RG_ERR_USAGE);
    assert_non_null(strstr(err.message, "number 7"));
    stream.release(&stream);
    assert_int_equal(rg_arrow_write(NULL, &request, NULL, &err), RG_ERR_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_projection),  cmocka_unit_test(test_refused_projections),
        cmocka_unit_test(test_full_disk),   cmocka_unit_test(test_batches_over_each_other),
        cmocka_unit_test(test_wide_unions), cmocka_unit_test(test_wrong_requests),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
