/* One file from bytes to rows: parse, walk, bind, emit. What a worker keeps from file to file lives
 * here. */
#include "extract/syntax_tree.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/embedded.h"
#include "base/limits.h"
#include "extract/join_lines.h"

/* Nodes that a worker keeps room for; what a larger file needed is given back. */
enum { NODES_KEPT = 1 << 18 };

enum rg_status syntax_worker_new(double parse_seconds_max, struct syntax_worker **out_worker,
                                 struct rg_error *err)
{
    *out_worker = NULL;
    struct syntax_worker *worker = calloc(1, sizeof *worker);
    if (!worker)
        return error_no_memory(err, "extract");
    worker->tables = calloc(languages_count, sizeof *worker->tables);
    worker->parser = ts_parser_new();
    if (!worker->tables || !worker->parser) {
        syntax_worker_free(worker);
        return error_no_memory(err, "extract");
    }
    worker->parse_seconds_max = parse_seconds_max;
    *out_worker = worker;
    return RG_OK;
}

void syntax_worker_free(struct syntax_worker *worker)
{
    if (!worker)
        return;
    for (size_t i = 0; worker->tables && i < languages_count; i++)
        role_table_free(worker->tables[i]);
    free(worker->tables);
    if (worker->parser)
        ts_parser_delete(worker->parser);
    free(worker->nodes);
    free(worker->scopes.items);
    free(worker->attributes.items);
    free(worker->errors.items);
    free(worker->imports.items);
    free(worker->frames.items);
    free(worker->siblings);
    intmap_fini(&worker->counts);
    intmap_fini(&worker->ids);
    intmap_fini(&worker->exported);
    arena_fini(&worker->arena);
    free(worker);
}

double syntax_worker_parse_seconds(const struct syntax_worker *worker)
{
    return worker->parse_seconds;
}

/* The compiled query file of a language. */
static enum rg_status table_of(struct syntax_worker *worker, const struct language *language,
                               const struct role_table **out_table, struct rg_error *err)
{
    struct role_table **slot = &worker->tables[language - languages];
    enum rg_status status = RG_OK;
    if (!*slot) {
        status = RG_ERR_INTERNAL;
        for (size_t i = 0; i < embedded_languages_count; i++) {
            const struct embedded_file *file = &embedded_languages[i];
            if (strcmp(file->name, language->query_file) == 0)
                status = role_table_compile(language->grammar(), file->name,
                                            (struct str){file->data, file->size}, slot, err);
        }
        if (status == RG_ERR_INTERNAL)
            error_set(err, status, "extract", "%s is not part of this program",
                      language->query_file);
    }
    *out_table = *slot;
    return status;
}

/* --- Parsing ---------------------------------------------------------------------------------- */

struct parse {
    const struct source *source;
    const char *bytes; /* of the source, or what the parser is shown in its place */
    atomic_bool *cancelled;
    double deadline; /* on the thread's clock: a busy machine must not lose a file */
    unsigned polls;
    bool is_late;
};

static const char *parse_read(void *payload, uint32_t byte, TSPoint position, uint32_t *bytes_read)
{
    (void)position;
    const struct parse *parse = payload;
    *bytes_read = byte < parse->source->size ? parse->source->size - byte : 0;
    return *bytes_read ? parse->bytes + byte : "";
}

static bool parse_progress(TSParseState *state)
{
    struct parse *parse = state->payload;
    if (parse->cancelled && atomic_load_explicit(parse->cancelled, memory_order_relaxed))
        return true;
    /* The parser asks each hundred steps; the thread's clock is a call into the kernel. */
    if (++parse->polls % 64 == 0)
        parse->is_late = clock_thread_seconds() > parse->deadline;
    return parse->is_late;
}

static TSTree *parse_source(struct syntax_worker *worker, const struct language *language,
                            struct parse *parse)
{
    double began = clock_seconds();
    ts_parser_reset(worker->parser);
    if (!ts_parser_set_language(worker->parser, language->grammar()))
        return NULL;
    TSInput input = {
        .payload = parse,
        .read = parse_read,
        .encoding = TSInputEncodingUTF8,
    };
    TSParseOptions options = {.payload = parse, .progress_callback = parse_progress};
    TSTree *tree = ts_parser_parse_with_options(worker->parser, NULL, input, options);
    worker->parse_seconds += clock_seconds() - began;
    return tree;
}

/* The grammar loses its way where a line in brackets is indented less than the block around it,
 * since its scanner ends the block there. A text with errors is parsed again with those line ends
 * as blanks. */
static TSTree *parse_again(struct syntax_worker *worker, const struct language *language,
                           struct parse *parse, TSTree *tree)
{
    const struct source *source = parse->source;
    char *joined = arena_alloc(&worker->arena, (size_t)source->size + 1);
    if (!language->joins_lines || !joined || !join_lines(source->parse_bytes, source->size, joined))
        return tree;
    struct parse again = {.source = source,
                          .bytes = joined,
                          .cancelled = parse->cancelled,
                          .deadline = parse->deadline};
    TSTree *better = parse_source(worker, language, &again);
    if (better && !ts_node_has_error(ts_tree_root_node(better))) {
        ts_tree_delete(tree);
        return better;
    }
    if (better)
        ts_tree_delete(better);
    return tree;
}

/* --- One file --------------------------------------------------------------------------------- */

/* The first failure among the batches that rows went to. */
static enum rg_status sink_status(const struct fact_sink *sink, struct rg_error *err)
{
    for (size_t i = 0; i < FACT_COUNT; i++) {
        const struct batch *batch = sink->batches[i];
        if (!batch || batch->status == RG_OK)
            continue;
        if (err && batch->error)
            *err = *batch->error;
        else
            error_set(err, batch->status, "extract", "rows of %s were not taken",
                      fact_tables[i].name);
        return batch->status;
    }
    return RG_OK;
}

/* What a large file needed goes back to the system before another thread begins with the next. */
static void worker_shrink(struct syntax_worker *worker)
{
    struct list *lists[] = {&worker->scopes, &worker->attributes, &worker->errors, &worker->imports,
                            &worker->frames};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        free(lists[i]->items);
        *lists[i] = (struct list){.items = NULL};
    }
    free(worker->nodes);
    worker->nodes = NULL;
    worker->nodes_capacity = 0;
    intmap_fini(&worker->counts);
    intmap_fini(&worker->ids);
    intmap_fini(&worker->exported);
    arena_fini(&worker->arena);
    clock_trim_memory();
}

static void worker_clear(struct syntax_worker *worker)
{
    worker->scopes.count = worker->attributes.count = 0;
    worker->errors.count = worker->imports.count = 0;
    arena_clear(&worker->arena);
    if (worker->nodes_capacity > NODES_KEPT)
        worker_shrink(worker);
}

/* Takes the tree: the walk makes an array of it, and the two together are what a file needs most
 * memory for. */
static enum rg_status extract_tree(struct syntax_file *file, TSTree *tree, struct fact_sink *sink,
                                   struct syntax_outcome *outcome)
{
    enum walk_end end = syntax_walk(file, tree);
    ts_tree_delete(tree);
    if (end == WALK_NO_MEMORY)
        return error_no_memory(file->err, "extract");
    if (end == WALK_TOO_DEEP) {
        *outcome = (struct syntax_outcome){FILE_STATUS_SKIPPED, "too_deep", 0};
        return RG_OK;
    }
    enum rg_status status = syntax_bind(file);
    if (status != RG_OK)
        return status;
    outcome->rows = syntax_emit(file, sink);
    if (file->no_memory)
        return error_no_memory(file->err, "extract");
    outcome->status = file->worker->errors.count ? FILE_STATUS_PARTIAL : FILE_STATUS_PARSED;
    outcome->reason = file->names.pass_through_cut ? "pass_through_cut" : NULL;
    return sink_status(sink, file->err);
}

enum rg_status syntax_extract(struct syntax_worker *worker, const struct scan_file *scan_file,
                              const struct source *source, struct fact_sink *sink,
                              atomic_bool *cancelled, struct syntax_outcome *out_outcome,
                              struct rg_error *err)
{
    *out_outcome = (struct syntax_outcome){FILE_STATUS_SKIPPED, source->skip_reason, 0};
    if (source->skip_reason)
        return RG_OK;
    const struct role_table *table;
    enum rg_status status = table_of(worker, scan_file->language, &table, err);
    if (status != RG_OK)
        return status;
    struct parse parse = {.source = source,
                          .bytes = source->parse_bytes,
                          .cancelled = cancelled,
                          .deadline = clock_thread_seconds() + worker->parse_seconds_max};
    TSTree *tree = parse_source(worker, scan_file->language, &parse);
    if (!tree) {
        if (cancelled && atomic_load_explicit(cancelled, memory_order_relaxed))
            return error_set(err, RG_ERR_CANCELLED, "extract", "cancelled");
        out_outcome->reason = parse.is_late ? "parse_timeout" : "parse_failed";
        return RG_OK;
    }
    if (ts_node_has_error(ts_tree_root_node(tree)))
        tree = parse_again(worker, scan_file->language, &parse, tree);
    struct syntax_file file = {
        .worker = worker,
        .table = table,
        .source = source,
        .file_id = scan_file->file_id,
        .nodes = worker->nodes,
        .err = err,
    };
    status = extract_tree(&file, tree, sink, out_outcome);
    worker_clear(worker);
    if (status != RG_OK)
        *out_outcome = (struct syntax_outcome){FILE_STATUS_SKIPPED, NULL, 0};
    return status;
}
