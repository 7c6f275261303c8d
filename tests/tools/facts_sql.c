/* A tool of the tests: scans and extracts a repository into a store in memory and writes the result
 * of each given SELECT over the fact tables as OUTPUT/NAME.csv. What was extracted goes to stdout.
 *   facts_sql REPOSITORY OUTPUT_FOLDER [NAME SELECT]... */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "engine/store.h"
#include "extract/extract.h"

static enum rg_status write_results(struct store *store, const char *folder, char **pairs,
                                    int n_pairs, struct rg_error *err)
{
    enum rg_status status = RG_OK;
    for (int i = 0; i + 1 < n_pairs && status == RG_OK; i += 2)
        status = store_execf(store, err, "COPY (%s) TO '%s/%s.csv' (FORMAT csv, HEADER true)",
                             pairs[i + 1], folder, pairs[i]);
    return status;
}

static enum rg_status run(const char *repository, const char *folder, char **pairs, int n_pairs,
                          struct rg_error *err)
{
    struct rg_session_options session_options = {.struct_size = sizeof session_options};
    struct rg_session *session = NULL;
    struct store *store = NULL;
    struct scan scan = {0};
    struct extract_result result = {0};
    enum rg_status status = rg_session_open(&session_options, &session, err);
    if (status != RG_OK)
        return status;
    struct store_options store_options = {.allowed_directory = folder};
    status = scan_repository(&session->events, repository, &scan, err);
    if (status == RG_OK)
        status = store_open(session, &store_options, &store, err);
    if (status == RG_OK)
        status = extract_create_tables(store, NULL, err);
    double began = clock_seconds();
    if (status == RG_OK)
        status = extract_run(&(struct extract_request){session, &scan, store, 0, NULL, NULL},
                             &result, err);
    if (status == RG_OK) {
        printf(
            "%zu files, %llu lines, %llu rows in %.2f s: %llu parsed, %llu partial, %llu skipped, "
            "%llu unreadable\n",
            scan.n_files, (unsigned long long)result.lines, (unsigned long long)result.rows,
            clock_seconds() - began, (unsigned long long)result.files_parsed,
            (unsigned long long)result.files_partial, (unsigned long long)result.files_skipped,
            (unsigned long long)result.files_unreadable);
        status = write_results(store, folder, pairs, n_pairs, err);
    }
    store_close(store);
    scan_fini(&scan);
    rg_session_close(session);
    return status;
}

int main(int argc, char **argv)
{
    if (argc < 3 || argc % 2 == 0) {
        fprintf(stderr, "usage: facts_sql REPOSITORY OUTPUT_FOLDER [NAME SELECT]...\n");
        return 2;
    }
    struct rg_error err = {0};
    char *folder = NULL;
    enum rg_status status = folder_make(argv[2], &err);
    if (status == RG_OK) {
        folder = path_real(argv[2]);
        status = run(argv[1], folder ? folder : argv[2], argv + 3, argc - 3, &err);
    }
    free(folder);
    if (status != RG_OK)
        fprintf(stderr, "facts_sql: %s: %s\n", rg_status_name(status), err.message);
    return status != RG_OK;
}
