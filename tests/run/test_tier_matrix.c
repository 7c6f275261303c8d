/* The promises of the tiers, in one table: each cell is a build of one repository with other
 * threads, another profile, or from another checkout (elsewhere, its files made in another order,
 * at another time), and those of the other checkout also make the JSON lane of properties; sharded
 * cells have four files of each dataset, and Arrow files of edges. At every
 * tier the rows are the same; at stable and canonical also their order; at canonical every byte.
 * `test_tier_matrix REPOSITORY` tries a repository of yours, and says what each build took. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <duckdb.h>

#include <glob.h>
#include <utime.h>

#include "base/digest.h"
#include "base/events.h"
#include "engine/session.h"
#include "extract/scan.h"
#include "graph/build_fixture.h"
#include "run/case_files.h"

static const struct cell {
    enum rg_tier tier;
    unsigned threads;
    enum rg_profile profile;
    bool elsewhere; /* the other checkout */
    bool sharded;   /* four shards, and edges as Arrow files */
} cells[] = {
    {RG_TIER_CANONICAL, 1, RG_PROFILE_PROD_FAST, false, false},
    {RG_TIER_CANONICAL, 2, RG_PROFILE_DEV_DEBUG, false, false},
    {RG_TIER_CANONICAL, 3, RG_PROFILE_MEMORY_TIGHT, true, false},
    {RG_TIER_CANONICAL, 4, RG_PROFILE_PROD_FAST, false, false},
    {RG_TIER_CANONICAL, 8, RG_PROFILE_PROD_FAST, true, false},
    {RG_TIER_STABLE, 1, RG_PROFILE_MEMORY_TIGHT, true, false},
    {RG_TIER_STABLE, 3, RG_PROFILE_PROD_FAST, false, false},
    {RG_TIER_FAST, 2, RG_PROFILE_PROD_FAST, true, false},
    {RG_TIER_FAST, 8, RG_PROFILE_MEMORY_TIGHT, false, false},
    {RG_TIER_CANONICAL, 1, RG_PROFILE_PROD_FAST, true, true},
    {RG_TIER_CANONICAL, 4, RG_PROFILE_PROD_FAST, false, true},
    {RG_TIER_STABLE, 8, RG_PROFILE_MEMORY_TIGHT, false, true},
};
enum {
    CELLS = sizeof cells / sizeof *cells,
    DATASETS = 6,
    TYPED = 5, /* of them, without the JSON lane */
    EDGES = 1, /* Arrow files where sharded */
    FIRST_ELSEWHERE = 2,
    FIRST_SHARDED = 9,
    SHARDS = 4
};
static const char *const datasets[DATASETS] = {"nodes",      "edges",         "props",
                                               "unresolved", "edge_evidence", "props_json"};

/* What is compared of a build's dataset. */
struct prints {
    char bytes[65]; /* over the hashes of its files */
    char *order;    /* over its rows and their places; of Arrow files NULL */
    char *rows;     /* over its rows, whatever their order; of Arrow files NULL */
};

static const char *given; /* a repository; NULL: the tests of rules */

/* --- Two checkouts ------------------------------------------------------------------------ */

struct checkouts {
    struct folder first, second, output;
    const char *paths[2];
};

static void copy_file(const char *root, const char *name, struct folder *to)
{
    char *from = path_join(root, name), *copy = path_join(to->path, name), *bytes;
    size_t size;
    assert_int_equal(file_read(from, (size_t)1 << 30, false, &bytes, &size, NULL), RG_OK);
    folder_add(to, name, bytes, size);
    assert_int_equal(utime(copy, &(struct utimbuf){1000000, 2000000}), 0);
    free(bytes);
    free(from);
    free(copy);
}

/* The same files, made last to first. */
static void copy_repository(const char *root, struct folder *to)
{
    struct scan scan;
    struct events events;
    events_init(&events, NULL, NULL);
    assert_int_equal(scan_repository(&events, root, &scan, NULL), RG_OK);
    assert_true(scan.n_files > 10);
    for (size_t i = scan.n_files; i-- > 0;) {
        char *name = strndup(scan.files[i].path.ptr, scan.files[i].path.len);
        copy_file(root, name, to);
        free(name);
    }
    scan_fini(&scan);
    events_fini(&events);
}

static void checkouts_open(struct checkouts *checkouts)
{
    folder_open(&checkouts->first);
    folder_open(&checkouts->second);
    folder_open(&checkouts->output);
    if (!given)
        add_cases(&checkouts->first);
    checkouts->paths[0] = given ? given : checkouts->first.path;
    checkouts->paths[1] = checkouts->second.path;
    copy_repository(checkouts->paths[0], &checkouts->second);
}

static void checkouts_close(struct checkouts *checkouts)
{
    folder_close(&checkouts->first);
    folder_close(&checkouts->second);
    folder_close(&checkouts->output);
}

/* --- Prints of a build -------------------------------------------------------------------- */

static char *ask(duckdb_connection engine, const char *sql)
{
    duckdb_result result;
    if (duckdb_query(engine, sql, &result) != DuckDBSuccess)
        fail_msg("%s\n%s", sql, duckdb_result_error(&result));
    char *value = duckdb_value_varchar(&result, 0, 0), *copy = strdup(value);
    duckdb_free(value);
    duckdb_destroy_result(&result);
    return copy;
}

static void hash_files(const char *pattern, size_t n, char out[65])
{
    struct buffer hashes = {0};
    glob_t found;
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    assert_int_equal(found.gl_pathc, n);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        char one[65];
        assert_int_equal(file_sha256(found.gl_pathv[i], one, NULL), RG_OK);
        buffer_text(&hashes, one);
    }
    digest_sha256(hashes.data, hashes.len, out);
    globfree(&found);
    buffer_fini(&hashes);
}

static void take_prints(duckdb_connection engine, const char *build, const char *dataset,
                        const struct cell *cell, struct prints *out)
{
    struct buffer pattern = {0}, sql = {0};
    bool arrow = cell->sharded && dataset == datasets[EDGES];
    buffer_printf(&pattern, "%s/%s/*.%s", build, dataset, arrow ? "arrow" : "parquet");
    hash_files(pattern.data, cell->sharded ? SHARDS : 1, out->bytes);
    if (arrow) {
        buffer_fini(&pattern);
        return;
    }
    /* Sums of hashes see how often a row comes; the place of a row in its file makes it unique. */
    buffer_printf(&sql,
                  "SELECT concat_ws(' ', count(*), sum(CAST(hash(r) AS HUGEINT))) FROM (SELECT * "
                  "EXCLUDE (filename), parse_filename(filename) FROM read_parquet('%s', "
                  "filename = true, file_row_number = true)) AS r",
                  pattern.data);
    out->order = ask(engine, sql.data);
    buffer_clear(&sql);
    buffer_printf(&sql,
                  "SELECT concat_ws(' ', count(*), sum(CAST(hash(r) AS HUGEINT))) FROM "
                  "read_parquet('%s') AS r",
                  pattern.data);
    out->rows = ask(engine, sql.data);
    buffer_fini(&sql);
    buffer_fini(&pattern);
}

static int datasets_of(const struct cell *cell)
{
    return cell->elsewhere ? DATASETS : TYPED;
}

static double build(const struct checkouts *checkouts, const struct cell *cell,
                    duckdb_connection engine, struct prints prints[DATASETS])
{
    const struct rg_setting settings[] = {
        {"write.props_json", cell->elsewhere ? "on" : "off", RG_SETTING_SET},
        {"write.shards", cell->sharded ? "4" : "auto", RG_SETTING_SET},
        {"write.writer.edges", cell->sharded ? "arrow" : "engine", RG_SETTING_SET}};
    struct rg_session_options options = {.struct_size = sizeof options,
                                         .threads = cell->threads,
                                         .profile = cell->profile,
                                         .settings = settings,
                                         .n_settings = 3};
    struct rg_build_request request =
        request_for(checkouts->paths[cell->elsewhere], checkouts->output.path);
    struct rg_session *session = NULL;
    struct rg_build_result *result = NULL;
    struct rg_error err = {0};
    request.tier = cell->tier;
    if (rg_session_open(&options, &session, &err) != RG_OK ||
        rg_build(session, &request, &result, &err) != RG_OK)
        fail_msg("%s: %s", err.rule, err.message);
    for (int i = 0; i < datasets_of(cell); i++)
        take_prints(engine, result->build_path, datasets[i], cell, &prints[i]);
    double seconds = result->seconds;
    rg_build_result_free(result);
    rg_session_close(session);
    return seconds;
}

/* --- The matrix --------------------------------------------------------------------------- */

static bool same(const char *what, const char *a, const char *b, size_t cell, const char *dataset)
{
    if ((!a && !b) || strcmp(a, b) == 0)
        return true;
    print_message("cell %zu (tier %d, %u threads, profile %d%s%s): %s of %s differ\n", cell,
                  (int)cells[cell].tier, cells[cell].threads, (int)cells[cell].profile,
                  cells[cell].elsewhere ? ", elsewhere" : "",
                  cells[cell].sharded ? ", sharded" : "", what, dataset);
    return false;
}

static void test_matrix(void **state)
{
    static struct prints prints[CELLS][DATASETS];
    struct checkouts checkouts;
    duckdb_database database;
    duckdb_connection engine;
    bool good = true;
    (void)state;
    checkouts_open(&checkouts);
    assert_int_equal(duckdb_open(NULL, &database), DuckDBSuccess);
    assert_int_equal(duckdb_connect(database, &engine), DuckDBSuccess);
    for (size_t c = 0; c < CELLS; c++) {
        double seconds = build(&checkouts, &cells[c], engine, prints[c]);
        if (given)
            print_message("cell %zu (tier %d, %u threads, profile %d): %.2f s\n", c,
                          (int)cells[c].tier, cells[c].threads, (int)cells[c].profile, seconds);
        for (int d = 0; d < datasets_of(&cells[c]); d++) {
            const struct prints *first = &prints[d < TYPED ? 0 : FIRST_ELSEWHERE][d];
            const struct prints *alike = cells[c].sharded ? &prints[FIRST_SHARDED][d] : first;
            const struct prints *this = &prints[c][d];
            if (this->rows)
                good &= same("rows", first->rows, this->rows, c, datasets[d]);
            if (cells[c].tier != RG_TIER_FAST)
                good &= same("places of rows", alike->order, this->order, c, datasets[d]);
            if (cells[c].tier == RG_TIER_CANONICAL)
                good &= same("bytes", alike->bytes, this->bytes, c, datasets[d]);
        }
    }
    for (size_t c = 0; c < CELLS; c++)
        for (int d = 0; d < datasets_of(&cells[c]); d++) {
            assert_true(!prints[c][d].rows || strcmp(prints[c][d].rows, "0") != 0);
            free(prints[c][d].rows);
            free(prints[c][d].order);
        }
    duckdb_disconnect(&engine);
    duckdb_close(&database);
    checkouts_close(&checkouts);
    assert_true(good);
}

/* The setting run.tier (RELGRAPH_TIER on the command line) goes before what is asked for; the
 * manifest and a message say so. */
static void note_message(void *user, const struct rg_event *event)
{
    bool *told = user;
    if (event->kind == RG_EVENT_MESSAGE && strstr(event->text, "tier canonical is forced"))
        *told = true;
}

static void check_manifest(const char *build_path)
{
    char *path = path_join(build_path, "manifest.json"), *text;
    size_t size, canonical = 0;
    assert_int_equal(file_read(path, 1 << 24, true, &text, &size, NULL), RG_OK);
    for (const char *at = text; (at = strstr(at, "\"tier\": \"canonical\"")); at++)
        canonical++;
    assert_int_equal(canonical, TYPED + 1);
    assert_non_null(strstr(text, "\"tier_forced\": true"));
    free(text);
    free(path);
}

static void test_forced(void **state)
{
    const struct rg_setting setting = {"RELGRAPH_TIER", "canonical", RG_SETTING_ENVIRONMENT};
    const struct rg_dataset_tier edges = {"edges", RG_TIER_FAST};
    struct folder repository, output;
    struct rg_session *session = NULL;
    struct rg_build_result *result = NULL;
    struct rg_error err = {0};
    bool told = false;
    (void)state;
    struct rg_session_options options = {.struct_size = sizeof options,
                                         .on_event = note_message,
                                         .user = &told,
                                         .settings = &setting,
                                         .n_settings = 1};
    folder_open(&repository);
    folder_open(&output);
    add_shop(&repository);
    struct rg_build_request request = request_for(repository.path, output.path);
    request.tier = RG_TIER_FAST;
    request.dataset_tiers = &edges;
    request.n_dataset_tiers = 1;
    if (rg_session_open(&options, &session, &err) != RG_OK ||
        rg_build(session, &request, &result, &err) != RG_OK)
        fail_msg("%s", err.message);
    check_manifest(result->build_path);
    assert_true(told);
    rg_build_result_free(result);
    rg_session_close(session);
    folder_close(&repository);
    folder_close(&output);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_matrix),
                                       cmocka_unit_test(test_forced)};
    given = argc > 1 ? argv[1] : NULL;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
