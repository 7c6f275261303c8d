/* The floor of every figure: reads and parses the files that a build would extract, with the same
 * grammars on the same number of threads, and does nothing else. parse_floor REPOSITORY [THREADS]
 * Prints one JSON object: files, bytes, threads, seconds (parsing, wall clock) and nodes per
 * second. */
#include <stdio.h>
#include <stdlib.h>
#include <tree_sitter/api.h>

#include "base/clock.h"
#include "base/pool.h"
#include "extract/language.h"
#include "extract/scan.h"
#include "extract/source.h"

struct floor {
    struct scan scan;
    TSParser **parsers; /* one a worker */
    uint64_t *nodes;    /* counted a worker, so that no parse can be optimised away */
};

static enum rg_status floor_task(void *context, unsigned worker, size_t task, struct rg_error *err)
{
    struct floor *floor = context;
    const struct scan_file *file = &floor->scan.files[task];
    if (file->status != SCAN_SOURCE)
        return RG_OK;
    struct source source;
    enum rg_status status = source_read(&floor->scan, file, &source, err);
    if (status != RG_OK)
        return status;
    if (!source.skip_reason) {
        TSParser *parser = floor->parsers[worker];
        ts_parser_set_language(parser, file->language->grammar());
        TSTree *tree = ts_parser_parse_string(parser, NULL, source.bytes, source.size);
        if (tree) {
            floor->nodes[worker] += ts_node_descendant_count(ts_tree_root_node(tree));
            ts_tree_delete(tree);
        }
    }
    source_fini(&source);
    return RG_OK;
}

static int fail(const struct rg_error *error)
{
    fprintf(stderr, "parse_floor: %s\n", error->message);
    return 1;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: parse_floor REPOSITORY [THREADS]\n");
        return 2;
    }
    unsigned threads = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : pool_processors();
    if (threads == 0)
        threads = 1;
    struct rg_error error = {0};
    struct floor floor = {.parsers = calloc(threads, sizeof *floor.parsers),
                          .nodes = calloc(threads, sizeof *floor.nodes)};
    struct events events;
    events_init(&events, NULL, NULL);
    if (!floor.parsers || !floor.nodes ||
        scan_repository(&events, argv[1], &floor.scan, &error) != RG_OK)
        return fail(&error);
    for (unsigned i = 0; i < threads; i++)
        floor.parsers[i] = ts_parser_new();
    struct pool_job job = {
        .threads = threads, .tasks = floor.scan.n_files, .context = &floor, .run = floor_task};
    double began = clock_seconds();
    if (pool_run(&job, &error) != RG_OK)
        return fail(&error);
    double seconds = clock_seconds() - began;
    uint64_t nodes = 0;
    for (unsigned i = 0; i < threads; i++) {
        nodes += floor.nodes[i];
        ts_parser_delete(floor.parsers[i]);
    }
    printf(
        "{\"files\": %zu, \"bytes\": %llu, \"threads\": %u, \"seconds\": %.4f, \"nodes\": %llu}\n",
        floor.scan.n_files, (unsigned long long)floor.scan.source_bytes, threads, seconds,
        (unsigned long long)nodes);
    scan_fini(&floor.scan);
    events_fini(&events);
    free(floor.parsers);
    free(floor.nodes);
    return 0;
}
