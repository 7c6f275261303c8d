/* The writers of datasets: the engine's Parquet and our Arrow files hold the same rows in the same
 * order, both are verified after they are written, and a write that fails leaves an error behind,
 * not a file. */
#include "run/fixture.h"

#include <signal.h>
#include <sys/resource.h>

#include "engine/arrow_ipc_read.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct fixture_rule rules[] = {
    {"node", "-- emits: nodes CALL\n-- unique: yes\n"
             "SELECT node_id, token || node AS name, "
             "CASE WHEN node % 3 = 0 THEN 'größe 名' END AS signature, file_id, start_byte, "
             "end_byte, CASE WHEN node % 7 > 0 THEN node END AS ordinal FROM syntax"},
    {"edge", "-- emits: edges CFG\n-- unique: yes\n"
             "SELECT node_id AS src, node_id AS dst, file_id, start_byte, end_byte, "
             "CASE WHEN node % 2 = 0 THEN '' END AS label FROM syntax"},
    {"prop", "-- emits: props\n-- unique: yes\n"
             "SELECT node_id, 'odd' AS key, node % 2 = 1 AS value_bool, node / 8 AS value_float, "
             "file_id FROM syntax"},
};

static const struct rg_setting arrow_everywhere[] = {
    {"write.writer.nodes", "arrow", RG_SETTING_SET},
    {"write.writer.edges", "arrow", RG_SETTING_SET},
    {"write.writer.props", "arrow", RG_SETTING_SET}};

static void run_with(struct fixture *f, const struct rg_setting *settings, size_t n, int rows,
                     unsigned shard_bits)
{
    fixture_open_with(f,
                      &(struct rg_session_options){.struct_size = sizeof(struct rg_session_options),
                                                   .threads = 2,
                                                   .settings = settings,
                                                   .n_settings = n},
                      true, rows);
    f->no_audits = true; /* the nodes are no tree */
    enum rg_status status =
        fixture_run_with(f, rules, COUNT(rules),
                         (struct run_request){.tier = RG_TIER_STABLE, .shard_bits = shard_bits});
    if (status)
        print_message("%s\n", f->err.message);
    assert_int_equal(status, RG_OK);
}

/* All rows of a dataset's files as text, in the order in which they are read. */
static struct text_table rows_of(struct fixture *f, const char *dataset, bool arrow,
                                 struct arena *arena)
{
    struct buffer sql = {0};
    struct text_table table;
    bool first = true;
    buffer_printf(&sql, "SELECT * FROM %s([", arrow ? "relgraph_arrow" : "read_parquet");
    for (size_t i = 0; i < f->result.n_shards; i++) {
        if (!str_is(f->result.shards[i].dataset, dataset))
            continue;
        assert_int_equal(f->result.shards[i].writer, arrow ? WRITER_ARROW : WRITER_ENGINE);
        buffer_printf(&sql, "%s'%s/" STR_FMT "'", first ? "" : ", ", f->folder,
                      STR_ARG(f->result.shards[i].path));
        first = false;
    }
    buffer_text(&sql, "])");
    struct rg_error err = {0};
    if (store_table(f->store, buffer_view(&sql), 100000, arena, &table, &err) != RG_OK)
        fail_msg("%s: %s", sql.data, err.message);
    buffer_fini(&sql);
    return table;
}

static void assert_same_rows(struct fixture *parquet, struct fixture *arrow, const char *dataset)
{
    struct arena arena = {0};
    struct text_table a = rows_of(parquet, dataset, false, &arena);
    struct text_table b = rows_of(arrow, dataset, true, &arena);
    assert_true(a.rows > 0);
    assert_int_equal(a.rows, b.rows);
    assert_int_equal(a.columns, b.columns);
    for (size_t c = 0; c < a.columns; c++)
        assert_true(str_eq(a.names[c], b.names[c]));
    for (size_t i = 0; i < a.rows * a.columns; i++) {
        assert_int_equal(a.cells[i].ptr == NULL, b.cells[i].ptr == NULL);
        if (!str_eq(a.cells[i], b.cells[i]))
            fail_msg("%s cell %zu: " STR_FMT " is not " STR_FMT, dataset, i, STR_ARG(b.cells[i]),
                     STR_ARG(a.cells[i]));
    }
    arena_fini(&arena);
}

/* Bounds of words may be wider in Parquet: the engine tells those of the whole vocabulary. */
static void assert_stats_fit(const struct run_column *parquet, const struct run_column *arrow)
{
    assert_true(str_eq(parquet->name, arrow->name));
    assert_int_equal(parquet->nulls, arrow->nulls);
    if (str_is(parquet->type, "VARCHAR")) {
        assert_true(!arrow->min.ptr || !parquet->min.ptr || str_cmp(parquet->min, arrow->min) <= 0);
        assert_true(!arrow->max.ptr || !parquet->max.ptr || str_cmp(parquet->max, arrow->max) >= 0);
    } else {
        assert_true(str_eq(parquet->min, arrow->min));
        assert_true(str_eq(parquet->max, arrow->max));
    }
}

static void compare(int rows, unsigned shard_bits)
{
    struct fixture parquet, arrow;
    run_with(&parquet, NULL, 0, rows, shard_bits);
    run_with(&arrow, arrow_everywhere, COUNT(arrow_everywhere), rows, shard_bits);
    assert_same_rows(&parquet, &arrow, "nodes");
    assert_same_rows(&parquet, &arrow, "edges");
    assert_same_rows(&parquet, &arrow, "props");
    assert_int_equal(parquet.result.n_shards, arrow.result.n_shards);
    for (size_t i = 0; i < parquet.result.n_shards; i++) {
        const struct run_shard *a = &parquet.result.shards[i], *b = &arrow.result.shards[i];
        assert_int_equal(a->rows, b->rows);
        assert_int_equal(strlen(b->sha256), 64);
        assert_int_equal(a->n_columns, b->n_columns);
        for (size_t c = 0; c < a->n_columns; c++)
            assert_stats_fit(&a->columns[c], &b->columns[c]);
    }
    fixture_close(&parquet);
    fixture_close(&arrow);
}

static void test_same_rows(void **state)
{
    (void)state;
    compare(5000, 0);
}

/* While shards keep the processors busy the engine has no threads of its own; then it has them
 * back, also where a file could not be written. */
static void assert_threads_are_back(struct fixture *f)
{
    int64_t threads = 0;
    assert_int_equal(store_int64(f->store, STR("SELECT CAST(current_setting('threads') AS BIGINT)"),
                                 &threads, NULL),
                     RG_OK);
    assert_int_equal(threads, 2);
}

static void test_threads_of_shards(void **state)
{
    (void)state;
    struct fixture f;
    run_with(&f, NULL, 0, 50, 2);
    assert_threads_are_back(&f);
    fixture_close(&f);
}

/* Of four shards two are empty. */
static void test_same_rows_in_shards(void **state)
{
    (void)state;
    compare(50, 2);
}

static void test_stats(void **state)
{
    (void)state;
    struct fixture f;
    run_with(&f, NULL, 0, 50, 0);
    const struct run_shard *props = NULL;
    for (size_t i = 0; i < f.result.n_shards; i++)
        if (str_is(f.result.shards[i].dataset, "props"))
            props = &f.result.shards[i];
    assert_non_null(props);
    assert_int_equal(props->rows, 100);
    assert_true(str_is(props->columns[4].name, "value_float"));
    assert_true(str_is(props->columns[4].min, "0.0"));
    assert_true(str_is(props->columns[4].max, "6.125"));
    assert_int_equal(props->columns[2].nulls, 100); /* value_str */
    assert_null(props->columns[2].min.ptr);
    assert_true(str_is(props->columns[5].min, "false"));
    assert_true(str_is(props->columns[5].max, "true"));
    fixture_close(&f);
}

/* A file may not grow beyond some bytes: what stands for a full disk, by which neither writer is
 * asked. */
static void test_failing_write(void **state)
{
    (void)state;
    for (size_t n = 0; n <= COUNT(arrow_everywhere); n += COUNT(arrow_everywhere)) {
        struct fixture f;
        struct rlimit before, small;
        fixture_open_with(
            &f,
            &(struct rg_session_options){.struct_size = sizeof(struct rg_session_options),
                                         .threads = 2,
                                         .settings = arrow_everywhere,
                                         .n_settings = n},
            true, 20000);
        signal(SIGXFSZ, SIG_IGN);
        assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
        small = before;
        small.rlim_cur = 20000;
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        enum rg_status status =
            fixture_run_with(&f, rules, COUNT(rules), (struct run_request){.shard_bits = 1});
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        print_message("# %s: %s\n", rg_status_name(status), f.err.message);
        assert_true(status == RG_ERR_IO || status == RG_ERR_DISK_FULL);
        assert_non_null(strstr(f.err.message, f.folder));
        assert_threads_are_back(&f);
        fixture_close(&f);
    }
}

/* A file that does not hold what was sent is found, whoever wrote it. */
static void test_damaged_file(void **state)
{
    (void)state;
    struct fixture f;
    struct rg_error err = {0};
    struct arrow_file *file;
    char path[256], *bytes;
    size_t size, refused = 0;
    run_with(&f, arrow_everywhere, COUNT(arrow_everywhere), 200, 0);
    snprintf(path, sizeof path, "%s/nodes/part-0.arrow", f.folder);
    assert_int_equal(file_read(path, 1 << 24, false, &bytes, &size, NULL), RG_OK);
    for (size_t cut = 1; cut < size; cut += 997) { /* cut off: always seen */
        assert_int_equal(file_write(path, (struct str){bytes, size - cut}, NULL), RG_OK);
        assert_int_equal(arrow_file_open(path, &file, &err), RG_ERR_CORRUPT);
    }
    for (size_t at = 0; at < size; at += 61) { /* changed: seen, or without harm */
        bytes[at] = (char)(bytes[at] ^ 0x55);
        assert_int_equal(file_write(path, (struct str){bytes, size}, NULL), RG_OK);
        bytes[at] = (char)(bytes[at] ^ 0x55);
        struct arena arena = {0};
        struct text_table table;
        char sql[512];
        snprintf(sql, sizeof sql, "SELECT * FROM relgraph_arrow(['%s'])", path);
        refused += store_table(f.store, str_of(sql), 1000, &arena, &table, &err) != RG_OK;
        arena_fini(&arena);
    }
    assert_true(refused > 0);
    free(bytes);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_rows),         cmocka_unit_test(test_same_rows_in_shards),
        cmocka_unit_test(test_threads_of_shards), cmocka_unit_test(test_stats),
        cmocka_unit_test(test_failing_write),     cmocka_unit_test(test_damaged_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
