/* rg_parquet_write and what can go wrong: wherever it ends, the file that was there stays as it was
 * and nothing lies beside it. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/file.h"
#include "engine/store.h"

static struct rg_session *session;
static struct store *store;
static char folder[64], path[96];

static int setup(void **state)
{
    (void)state;
    struct rg_error err = {0};
    struct rg_session_options options = {.struct_size = sizeof options, .threads = 2};
    snprintf(folder, sizeof folder, "/tmp/relgraph-parquet-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/rows [1]*.parquet", folder);
    if (rg_session_open(&options, &session, &err) != RG_OK ||
        store_open(session, &(struct store_options){.allowed_directory = folder}, &store, &err) !=
            RG_OK)
        fail_msg("%s", err.message);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    store_close(store);
    rg_session_close(session);
    assert_int_equal(tree_remove(folder, NULL), RG_OK);
    return 0;
}

static struct ArrowArrayStream rows_of(const char *sql)
{
    struct ArrowArrayStream stream;
    struct rg_error err = {0};
    if (store_stream(store, str_of(sql), &stream, &err) != RG_OK)
        fail_msg("%s", err.message);
    return stream;
}

static enum rg_status write_to(const char *to, struct ArrowArrayStream *stream, uint64_t rows_max,
                               struct rg_arrow_written *written, struct rg_error *err)
{
    struct rg_parquet_write_request request = {.struct_size = sizeof request,
                                               .path = to,
                                               .limited = rows_max != UINT64_MAX,
                                               .rows_max = rows_max};
    *err = (struct rg_error){0};
    enum rg_status status = rg_parquet_write(session, stream, &request, written, err);
    if (stream->release)
        stream->release(stream);
    return status;
}

/* Of the rows of a file how many there are, and their sum. */
static void assert_rows(const char *expected)
{
    struct arena arena = {0};
    struct text_table table;
    struct buffer sql = {0};
    struct rg_error err = {0};
    buffer_text(&sql, "SELECT count(*) || ' ' || sum(i) FROM read_parquet(");
    buffer_sql_path(&sql, str_of(path));
    buffer_char(&sql, ')');
    if (store_table(store, buffer_view(&sql), 1, &arena, &table, &err) != RG_OK)
        fail_msg("%s", err.message);
    assert_true(str_is(table.cells[0], expected));
    buffer_fini(&sql);
    arena_fini(&arena);
}

static void assert_nothing_beside(void)
{
    char part[110];
    snprintf(part, sizeof part, "%s.part", path);
    assert_false(path_exists(part));
}

static void test_whole_and_limited(void **state)
{
    (void)state;
    struct rg_arrow_written written;
    struct rg_error err;
    struct ArrowArrayStream stream = rows_of("SELECT range AS i FROM range(70000)");
    assert_int_equal(write_to(path, &stream, UINT64_MAX, &written, &err), RG_OK);
    assert_int_equal(written.rows, 70000);
    assert_int_equal(written.bytes, file_size(path));
    assert_false(written.more);
    assert_rows("70000 2449965000");
    stream = rows_of("SELECT range AS i FROM range(70000)");
    assert_int_equal(write_to(path, &stream, 40000, &written, &err), RG_OK); /* replaced */
    assert_int_equal(written.rows, 40000);
    assert_true(written.more);
    assert_rows("40000 799980000");
    assert_nothing_beside();
}

/* A stream that fails where it is told to. */
struct broken {
    struct ArrowArrayStream from;
    int batches, schema_error;
};

static int broken_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
    struct broken *broken = stream->private_data;
    return broken->schema_error ? broken->schema_error
                                : broken->from.get_schema(&broken->from, out);
}

static int broken_next(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
    struct broken *broken = stream->private_data;
    return broken->batches-- > 0 ? broken->from.get_next(&broken->from, out) : EIO;
}

static const char *broken_error(struct ArrowArrayStream *stream)
{
    (void)stream;
    return "the wire was cut";
}

static void broken_release(struct ArrowArrayStream *stream)
{
    struct broken *broken = stream->private_data;
    broken->from.release(&broken->from);
    stream->release = NULL;
}

static void test_broken_streams(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct broken broken = {.from = rows_of("SELECT range AS i FROM range(200000)"),
                                .batches = i,
                                .schema_error = i == 2 ? EPROTO : 0};
        struct ArrowArrayStream stream = {broken_schema, broken_next, broken_error, broken_release,
                                          &broken};
        struct rg_arrow_written written;
        struct rg_error err;
        assert_int_not_equal(write_to(path, &stream, UINT64_MAX, &written, &err), RG_OK);
        assert_non_null(strstr(err.message, "the wire was cut"));
        assert_int_equal(written.rows, 0);
        assert_rows("40000 799980000");
        assert_nothing_beside();
    }
}

/* A file may not grow beyond some bytes: what stands for a full disk. */
static void test_full_disk(void **state)
{
    (void)state;
    struct rlimit before, small;
    struct rg_arrow_written written;
    struct rg_error err;
    struct ArrowArrayStream stream = rows_of("SELECT hash(range) AS i FROM range(200000)");
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 20000;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    enum rg_status status = write_to(path, &stream, UINT64_MAX, &written, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    print_message("# %s: %s\n", rg_status_name(status), err.message);
    assert_true(status == RG_ERR_IO || status == RG_ERR_DISK_FULL);
    assert_non_null(strstr(err.message, "File too large"));
    assert_rows("40000 799980000");
    assert_nothing_beside();
}

static void test_places(void **state)
{
    (void)state;
    static const struct {
        const char *name, *said;
    } cases[] = {
        {"none/rows.parquet", "No such file"},
        {"in", "Is a directory"}, /* a folder stands where the file is to be */
        {"rows [1]*.parquet/below.parquet", "Not a directory"},
    };
    char to[160];
    snprintf(to, sizeof to, "%s/in", folder);
    assert_int_equal(folder_make(to, NULL), RG_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rg_error err;
        struct ArrowArrayStream stream = rows_of("SELECT 1 AS i");
        snprintf(to, sizeof to, "%s/%s", folder, cases[i].name);
        assert_int_equal(write_to(to, &stream, UINT64_MAX, NULL, &err), RG_ERR_IO);
        if (!strstr(err.message, cases[i].said) || !strstr(err.message, folder))
            fail_msg("%s", err.message);
    }
    snprintf(to, sizeof to, "%s/in.part", folder);
    assert_false(path_exists(to));
    assert_rows("40000 799980000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_and_limited),
        cmocka_unit_test(test_broken_streams),
        cmocka_unit_test(test_full_disk),
        cmocka_unit_test(test_places),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
