/* Every operation of the engine's layer again and again, with its first, second, … allocation
 * failing: each time it says so and leaves nothing behind (the sanitizer looks), until it succeeds.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/file.h"
#include "engine/arrow_ipc_read.h"
#include "engine/arrow_ipc_write.h"
#include "engine/sandbox.h"
#include "engine/store.h"
#include "failing_malloc.h"

static struct rg_session *session;
static struct store *store;
static char folder[64];

static const char *const colours[] = {"red", "green", NULL};
static const struct column_spec columns[] = {
    {"id", COLUMN_INT64, "BIGINT", true},
    {"text", COLUMN_TEXT, "VARCHAR", false},
    {"colour", COLUMN_ENUM, "colour", true},
};
static const struct table_spec tables[] = {{"things", columns, 3, "", 0, 0}};
static const struct vocabulary types[] = {{"colour", colours, 2}, {0}};

static int setup(void **state)
{
    (void)state;
    struct rg_error err = {0};
    struct rg_session_options options = {.struct_size = sizeof options, .threads = 2};
    snprintf(folder, sizeof folder, "/tmp/relgraph-memory-XXXXXX");
    assert_non_null(mkdtemp(folder));
    struct store_options where = {.allowed_directory = folder};
    if (rg_session_open(&options, &session, &err) != RG_OK ||
        store_open(session, &where, &store, &err) != RG_OK ||
        store_create_tables(store, types, tables, 1, &err) != RG_OK)
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

/* Runs an operation until no allocation fails any more. */
static void exhaust(const char *what, enum rg_status (*operation)(struct rg_error *err))
{
    for (long n = 0;; n++) {
        struct rg_error err = {0};
        fails_after = n;
        enum rg_status status = operation(&err);
        bool done = fails_after >= 0;
        fails_after = -1;
        if (done) {
            if (status != RG_OK)
                fail_msg("%s: %s", what, err.message);
            assert_true(n > 0);
            return;
        }
        /* Where a spare allocation fails (a pool that cannot grow), it may still succeed. */
        if (status != RG_ERR_MEMORY && status != RG_OK)
            fail_msg("%s, allocation %ld: %s, %s", what, n, rg_status_name(status), err.message);
        assert_true(n < 10000);
    }
}

static enum rg_status open_session(struct rg_error *err)
{
    struct rg_session *other;
    enum rg_status status = rg_session_open(NULL, &other, err);
    assert_true((status == RG_OK) == (other != NULL));
    rg_session_close(other);
    return status;
}

static enum rg_status open_store(struct rg_error *err)
{
    struct store *other;
    char path[96];
    snprintf(path, sizeof path, "%s/other.duckdb", folder);
    struct store_options options = {.path = path, .allowed_directory = folder};
    enum rg_status status = store_open(session, &options, &other, err);
    if (status == RG_OK)
        status = store_create_tables(other, types, tables, 1, err);
    if (status == RG_OK)
        status = store_execf(other, err, "INSERT INTO things VALUES (%d, 'x', 'red')", 1);
    store_close(other);
    return status;
}

static enum rg_status table_and_description(struct rg_error *err)
{
    struct arena arena = {0};
    struct text_table table;
    struct description description;
    enum rg_status status =
        store_table(store, STR("SELECT range, 'a longer text ' || range FROM range(3000)"), 3000,
                    &arena, &table, err);
    assert_int_equal(table.rows, status == RG_OK ? 3000 : 0);
    if (status == RG_OK)
        status = store_describe(store,
                                STR("WITH a AS (SELECT id FROM things) SELECT a.id, colour FROM a, "
                                    "things AS b WHERE (SELECT count(*) FROM things) > 1"),
                                &arena, &description, err);
    if (status == RG_OK) {
        assert_int_equal(description.n_tables, 1);
        assert_true(str_is(description.columns[1].type, "colour"));
    }
    arena_fini(&arena);
    return status;
}

static enum rg_status append(struct rg_error *err)
{
    struct appender_set *set;
    enum rg_status status = appender_set_open(store, tables, 1, &set, err);
    if (status != RG_OK)
        return status;
    struct batch *batch = appender_set_batch(set, 0);
    for (int64_t i = 0; i < 3000; i++) {
        uint32_t row = batch_row(batch);
        batch_int64(batch, 0, row, i);
        batch_text(batch, 1, row, i % 3 ? STR("a text of more than twelve bytes") : STR("short"));
        batch_enum(batch, 2, row, 0);
    }
    status = appender_set_finish(set, NULL, err);
    appender_set_close(set);
    return status;
}

/* A failure while reading arrives as ENOMEM. */
static enum rg_status drain(struct ArrowArrayStream *stream, struct rg_error *err)
{
    struct ArrowSchema schema;
    struct ArrowArray array;
    uint64_t rows = 0;
    assert_int_equal(stream->get_schema(stream, &schema), 0);
    schema.release(&schema);
    int code;
    while ((code = stream->get_next(stream, &array)) == 0 && array.release) {
        rows += (uint64_t)array.length;
        array.release(&array);
    }
    stream->release(stream);
    assert_true(code == ENOMEM || (code == 0 && rows == 9000));
    if (code)
        err->status = RG_ERR_MEMORY;
    return code ? RG_ERR_MEMORY : RG_OK;
}

#define ROWS_SQL                                                                                   \
    "SELECT range AS i, CASE WHEN range % 2 = 0 THEN 'a text ' || range END AS t, [range] AS l "   \
    "FROM range(9000)"

static enum rg_status stream(struct rg_error *err)
{
    struct ArrowArrayStream out;
    enum rg_status status = store_stream(store, STR(ROWS_SQL), &out, err);
    return status == RG_OK ? drain(&out, err) : status;
}

static enum rg_status query(struct rg_error *err)
{
    struct ArrowArrayStream out;
    struct sandbox_request request = {.build_folder = folder,
                                      .setup = STR("CREATE MACRO m(x) AS TABLE " ROWS_SQL),
                                      .sql = STR("FROM m(1)")};
    enum rg_status status = sandbox_query(session, &request, &out, err);
    return status == RG_OK ? drain(&out, err) : status;
}

/* Our encoder, with a dictionary, a list and plain numbers, into a file. */
static enum rg_status write_arrow(const char *path, struct str sql, struct rg_error *err)
{
    static const char *const words[] = {"t"};
    struct arrow_ipc_file_options options = {
        .path = path, .dictionary_columns = words, .n_dictionary_columns = 1};
    struct ArrowArrayStream rows_of;
    uint64_t rows = 0;
    enum rg_status status = store_stream(store, sql, &rows_of, err);
    if (status != RG_OK)
        return status;
    status = arrow_ipc_write_file(&rows_of, &options, &rows, err);
    rows_of.release(&rows_of);
    assert_int_equal(path_exists(path), status == RG_OK);
    assert_true(status != RG_OK || rows == 9000);
    return status;
}

static enum rg_status arrow_encoder(struct rg_error *err)
{
    char path[96];
    snprintf(path, sizeof path, "%s/rows.arrow", folder);
    enum rg_status status = write_arrow(path, STR(ROWS_SQL), err);
    if (status == RG_OK)
        assert_int_equal(unlink(path), 0);
    return status;
}

static enum rg_status read_column(struct arrow_file *file, size_t column, struct rg_error *err)
{
    const struct arrow_column *known;
    struct arrow_slice texts = {.memory = NULL};
    enum rg_status status = RG_OK;
    arrow_file_columns(file, &known);
    if (known[column].has_codes)
        status = arrow_file_dictionary(file, column, &texts, err);
    for (size_t b = 0; b < arrow_file_batches(file) && status == RG_OK; b++) {
        struct arrow_slice slice;
        status = arrow_file_read(file, b, column, texts.rows, &slice, err);
        if (status == RG_OK)
            arrow_slice_fini(&slice);
    }
    arrow_slice_fini(&texts);
    return status;
}

/* And our reader; its file is made while nothing fails. */
static enum rg_status arrow_reader(struct rg_error *err)
{
    char path[96];
    struct arrow_file *file = NULL;
    snprintf(path, sizeof path, "%s/kept.arrow", folder);
    if (!path_exists(path)) {
        long later = fails_after;
        fails_after = -1;
        assert_int_equal(write_arrow(path,
                                     STR("SELECT range AS i, 'text ' || range % 9 AS t "
                                         "FROM range(9000)"),
                                     err),
                         RG_OK);
        fails_after = later;
    }
    enum rg_status status = arrow_file_open(path, &file, err);
    for (size_t i = 0; i < 2 && status == RG_OK; i++)
        status = read_column(file, i, err);
    arrow_file_close(file);
    return status;
}

/* A result as a Parquet file: one is whole, or there is none. */
static enum rg_status parquet(struct rg_error *err)
{
    char path[96];
    struct ArrowArrayStream rows_of;
    struct rg_arrow_written written;
    snprintf(path, sizeof path, "%s/rows.parquet", folder);
    struct rg_parquet_write_request request = {.struct_size = sizeof request, .path = path};
    enum rg_status status = store_stream(store, STR(ROWS_SQL), &rows_of, err);
    if (status != RG_OK)
        return status;
    status = rg_parquet_write(session, &rows_of, &request, &written, err);
    rows_of.release(&rows_of);
    assert_int_equal(written.rows, status == RG_OK ? 9000 : 0);
    assert_int_equal(path_exists(path), status == RG_OK);
    if (status == RG_OK)
        assert_int_equal(unlink(path), 0);
    return status;
}

#define MEMORY_TEST(operation)                                                                     \
    static void test_##operation(void **state)                                                     \
    {                                                                                              \
        (void)state;                                                                               \
        exhaust(#operation, operation);                                                            \
    }

MEMORY_TEST(open_session)
MEMORY_TEST(open_store)
MEMORY_TEST(table_and_description)
MEMORY_TEST(append)
MEMORY_TEST(stream)
MEMORY_TEST(query)
MEMORY_TEST(arrow_encoder)
MEMORY_TEST(arrow_reader)
MEMORY_TEST(parquet)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open_session),
        cmocka_unit_test(test_open_store),
        cmocka_unit_test(test_table_and_description),
        cmocka_unit_test(test_append),
        cmocka_unit_test(test_stream),
        cmocka_unit_test(test_query),
        cmocka_unit_test(test_arrow_encoder),
        cmocka_unit_test(test_arrow_reader),
        cmocka_unit_test(test_parquet),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
