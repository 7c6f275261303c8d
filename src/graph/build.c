/* rg_build: from a repository to a published graph, step by step. Everything is staged below the
 * output folder; only build_publish makes it visible. */
#include <errno.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/options_read.h"
#include "graph/build_state.h"
#include "graph/dataset_tiers.h"
#include "graph/bundle.h"
#include "graph/diagnostics.h"
#include "graph/duckdb_file.h"
#include "graph/run_diagnostics.h"
#include "run/rule_engine.h"

static const char layer[] = "graph";

/* --- Before anything is made ---------------------------------------------------------------- */

static enum rg_status check_repository(const char *repository, struct rg_error *err)
{
    if (!repository || !*repository)
        return error_set(err, RG_ERR_USAGE, layer, "no repository is named");
    if (!path_exists(repository)) {
        error_set(err, RG_ERR_NOT_FOUND, layer, "there is no folder %s", repository);
        error_hint(err, "name the folder that holds the source files");
        return RG_ERR_NOT_FOUND;
    }
    if (!path_is_folder(repository)) {
        error_set(err, RG_ERR_USAGE, layer, "%s is not a folder", repository);
        error_hint(err, "name the folder that holds the source files");
        return RG_ERR_USAGE;
    }
    return RG_OK;
}

static bool needs_folder(const struct rg_build_request *request)
{
    return !(request->facts_only && request->facts_in_memory);
}

static enum rg_status check_request(const struct rg_build_request *request, struct rg_error *err)
{
    if (needs_folder(request) && (!request->output || !*request->output))
        return error_set(err, RG_ERR_USAGE, layer, "no output folder is named");
    if (!tier_name(request->tier))
        return error_set(err, RG_ERR_USAGE, layer, "there is no tier number %d",
                         (int)request->tier);
    if (request->n_rule_folders && !request->rule_folders)
        return error_set(err, RG_ERR_USAGE, layer, "the list of rule folders is missing");
    if (request->n_scip_files && !request->scip_files)
        return error_set(err, RG_ERR_USAGE, layer, "the list of SCIP indexes is missing");
    if (request->n_scip_files > LIMIT_SCIP_INDEXES)
        return error_set(err, RG_ERR_LIMIT, layer, "there are more than %d SCIP indexes",
                         LIMIT_SCIP_INDEXES);
    const char *prefix = request->module_prefix;
    if (prefix && *prefix && !module_prefix_valid(prefix)) {
        error_set(err, RG_ERR_USAGE, layer, "the module prefix '%s' is not a dotted name", prefix);
        error_hint(err, "a prefix is what stands before the first dot of the repository's own "
                        "imports, such as django");
        return RG_ERR_USAGE;
    }
    return check_repository(request->repository, err);
}

/* --- Facts ---------------------------------------------------------------------------------- */

/* A repository without a file to work on is almost always a wrong path: say so, build nothing. */
static enum rg_status check_files(const struct build *build, struct rg_error *err)
{
    size_t unreadable = 0;
    if (build->files_indexed)
        return RG_OK;
    for (size_t i = 0; i < build->scan.n_files; i++) {
        if (build->scan.files[i].language)
            return RG_OK;
        unreadable++;
    }
    error_set(err, RG_ERR_NOT_FOUND, layer, "no file of a supported language in %s",
              build->request.repository);
    if (unreadable)
        error_hint(err, "%zu folders could not be read", unreadable);
    else
        error_hint(err,
                   "supported: Python (.py, .pyi, and scripts by their first line), and what an "
                   "index (--scip) says of other languages; files that git ignores do not count");
    return RG_ERR_NOT_FOUND;
}

static enum rg_status open_store(struct build *build, struct rg_error *err)
{
    const char *temporary = build->session->settings.temp_directory;
    struct store_options options = {
        .path = build->request.facts_in_memory ? NULL : build->paths.facts,
        .allowed_directory = build->folder.root,
        .temp_directory = temporary ? temporary : build->paths.spill,
        .scratch = build->session->settings.quick_store,
        .filling = true,
    };
    return store_open(build->session, &options, &build->store, err);
}

/* What the rules read of facts; all where a rule is beyond our understanding, where somebody wants
 * the facts themselves, or to look at what was in between. NULL: all. */
static const struct fact_needs *build_needs(const struct build *build)
{
    return build->needs_known ? &build->needs : NULL;
}

static void add_required(struct build *build, const struct rule *rule)
{
    const struct relation *made = rule_set_relation(&build->rules, rule->emits_dataset);
    bool runs = rule->audit.ptr || rule->dataset || (made && made->n_readers && !rule->fused_into);
    build->needs_known = build->needs_known && !rule->opaque;
    for (size_t i = 0; runs && i < rule->n_scans; i++)
        fact_needs_add(&build->needs, rule->scans[i].relation, rule->scans[i].column);
}

static enum rg_status take_options(struct build *build, struct rg_error *err)
{
    const struct tier_request tiers = {.tier = build->request.tier,
                                       .datasets = build->request.dataset_tiers,
                                       .n_datasets = build->request.n_dataset_tiers};
    enum rg_status status =
        compile_options_take(build->session, &tiers, &build->rules, &build->compile, err);
    if (!status && tier_is_forced(build->session))
        events_message(&build->session->events, RG_EVENT_MESSAGE, "rules",
                       "tier %s is forced on every dataset: run.tier (RELGRAPH_TIER) says so",
                       tier_name(build->compile.tier));
    return status;
}

/* What needs an index is made where one is read, and what is optional where its setting is on,
 * write.<dataset>. An index is compared with our own names, which are there with it. */
static enum rg_status leave_out_unasked(struct build *build, struct rg_error *err)
{
    struct rule_set *rules = &build->rules;
    struct contracts *contracts = &rules->contracts;
    bool has_index = build->request.n_scip_files > 0;
    enum rg_status status = has_index ? RG_OK : rule_set_without_index(rules, err);
    for (size_t i = 0; i < rules->n_aside; i++)
        events_message(&build->session->events, RG_EVENT_MESSAGE, "rules",
                       "rule " STR_FMT " stands aside: it reads what only --scip brings",
                       STR_ARG(rules->aside[i]));
    if (status != RG_OK)
        return status;
    for (size_t i = contracts->n_datasets; i-- > 0;) {
        const struct dataset *dataset = &contracts->datasets[i];
        const char *asked = settings_member(&build->session->settings, "write.", dataset->name);
        bool compared = has_index && str_is(dataset->name, "occurrences");
        if (!dataset->optional || compared || (asked && strcmp(asked, "on") == 0))
            continue;
        status = rule_set_leave_out(rules, dataset->name, err);
        if (status != RG_OK)
            return status;
    }
    return RG_OK;
}

/* Rules are understood before the repository is read: a mistake in one shows at once, and what
 * none reads need not be stored. */
static enum rg_status resolve_rules(struct build *build, struct rg_error *err)
{
    struct rule_set *rules = &build->rules;
    struct rule_engine engine = {.session = build->session, .contracts = &rules->contracts};
    struct rule_oracle oracle = rule_engine_oracle(&engine);
    enum rg_status status = rule_set_resolve(rules, &oracle, err);
    rule_engine_close(&engine);
    if (status == RG_OK)
        status = rule_set_analyse(rules, err);
    if (status == RG_OK)
        status = take_options(build, err);
    if (status == RG_OK)
        status = rule_set_compile(rules, &build->compile, err);
    if (status != RG_OK)
        return status;
    run_diagnostics_rules(build->session->ledger, rules);
    build->needs_known = !build->session->settings.keep_intermediates;
    for (size_t i = 0; i < rules->n_rules; i++)
        add_required(build, &rules->rules[i]);
    for (size_t i = 0; i < rules->n_audits; i++)
        add_required(build, &rules->audits[i]);
    if (build->request.n_scip_files)
        scip_needs_told(&build->needs);
    return RG_OK;
}

/* By the number of files, unless the setting write.shards says how many shards there are. */
static unsigned shard_bits(const struct build *build)
{
    unsigned choice = build->session->settings.shards;
    return choice ? choice - 1 : run_shard_bits((uint32_t)build->scan.n_files);
}

/* What indexes say of the files that were just extracted. */
static enum rg_status read_indexes(struct build *build, uint64_t *out_rows, struct rg_error *err)
{
    const struct rg_build_request *request = &build->request;
    *out_rows = 0;
    if (!request->n_scip_files)
        return RG_OK;
    build->scip = ARENA_ARRAY(&build->result->arena, request->n_scip_files, struct scip_tally);
    if (!build->scip)
        return error_no_memory(err, layer);
    struct scip_result result;
    enum rg_status status = scip_run(&(struct scip_request){.session = build->session,
                                                            .scan = &build->scan,
                                                            .store = build->store,
                                                            .needs = build_needs(build),
                                                            .paths = request->scip_files,
                                                            .n_paths = request->n_scip_files},
                                     &build->result->arena, build->scip, &result, err);
    *out_rows = result.rows;
    build->files_indexed = result.files_indexed;
    return status ? status : check_files(build, err);
}

static enum rg_status make_facts(struct build *build, struct rg_error *err)
{
    double began = clock_seconds();
    enum rg_status status =
        scan_repository(&build->session->events, build->request.repository, &build->scan, err);
    if (status == RG_OK && !build->request.n_scip_files) /* an index may name files */
        status = check_files(build, err);
    if (status != RG_OK)
        return status;
    build_stage(build, "scan", clock_seconds() - began, build->scan.n_files);
    began = clock_seconds();
    status = open_store(build, err);
    if (status == RG_OK)
        status = extract_create_tables(build->store, build_needs(build), err);
    if (status == RG_OK)
        status = extract_run(&(struct extract_request){.session = build->session,
                                                       .scan = &build->scan,
                                                       .store = build->store,
                                                       .shard_bits = shard_bits(build),
                                                       .spill_folder = build->paths.staging,
                                                       .needs = build_needs(build)},
                             &build->extract, err);
    clock_trim_memory();
    double scip_began = clock_seconds();
    uint64_t scip_rows = 0;
    if (status == RG_OK)
        status = read_indexes(build, &scip_rows, err);
    double scip_seconds = clock_seconds() - scip_began;
    if (status == RG_OK)
        status = store_filled(build->store, err);
    if (status == RG_OK)
        status = module_prefix_decide(build->store, build->request.module_prefix,
                                      &build->result->arena, &build->prefix, err);
    if (status == RG_OK)
        status = events_check(&build->session->events, err);
    if (status == RG_OK)
        build_stage(build, "extract", clock_seconds() - began - scip_seconds, build->extract.rows);
    if (status == RG_OK && build->request.n_scip_files)
        build_stage(build, "scip", scip_seconds, scip_rows);
    return status;
}

/* --- Product -------------------------------------------------------------------------------- */

/* One hash over what was taken in: path and content of every file, in path order; of one that was
 * skipped, by a setting or for what it is, no content. Behind them the content of SCIP indexes. */
static enum rg_status hash_inputs(struct build *build, struct rg_error *err)
{
    struct text_table table = {0};
    struct buffer sql = {0};
    buffer_text(&sql, "SELECT sha256(coalesce(string_agg(path || ' ' || CASE WHEN status = "
                      "'skipped' OR sha256 IS NULL THEN '-' ELSE sha256 END, chr(10) "
                      "ORDER BY ordinal), '')");
    for (size_t i = 0; i < build->request.n_scip_files; i++)
        buffer_printf(&sql, " || chr(10) || 'scip %s'", build->scip[i].sha256);
    buffer_text(&sql, ") FROM file");
    enum rg_status status = sql.failed ? error_no_memory(err, layer)
                                       : store_table(build->store, buffer_view(&sql), 1,
                                                     &build->result->arena, &table, err);
    buffer_fini(&sql);
    if (status == RG_OK) {
        RG_ASSERT(table.rows == 1 && table.cells[0].len == 64);
        snprintf(build->inputs_sha256, sizeof build->inputs_sha256, STR_FMT,
                 STR_ARG(table.cells[0]));
    }
    return status;
}

static uint64_t rows_of(const struct run_shard *shards, size_t n)
{
    uint64_t rows = 0;
    for (size_t i = 0; i < n; i++)
        rows += shards[i].rows;
    return rows;
}

static enum rg_status run_all_rules(struct build *build, struct rg_error *err)
{
    struct run_request request = {
        .session = build->session,
        .store = build->store,
        .rules = &build->rules,
        .tier = build->compile.tier,
        .dataset_tiers = build->compile.dataset_tiers,
        .n_dataset_tiers = build->compile.n_dataset_tiers,
        .output_folder = build->paths.staging,
        .shard_bits = shard_bits(build),
        .strict = build->request.strict,
    };
    enum rg_status status = run_rules(&request, &build->run, err);
    if (status != RG_OK)
        return status;
    const struct run_result *run = &build->run;
    uint64_t rows = 0;
    for (size_t i = 0; i < run->n_rules; i++)
        rows += run->rules[i].rows;
    build_stage(build, "rules", run->seconds_rules, rows);
    build_stage(build, "write", run->seconds_write, rows_of(run->shards, run->n_shards));
    build_stage(build, "audit", run->seconds_audit, 0);
    return RG_OK;
}

/* The list of everything written below the staging folder, for the manifest. */
static enum rg_status collect_shards(struct build *build, struct rg_error *err)
{
    const struct run_result *run = &build->run;
    struct arena *arena = &build->result->arena;
    bool with_scip = build->request.n_scip_files != 0;
    build->n_shards = run->n_shards + diagnostics_written(with_scip);
    build->shards = ARENA_ARRAY(arena, build->n_shards, struct manifest_shard);
    if (!build->shards)
        return error_no_memory(err, layer);
    for (size_t i = 0; i < run->n_shards; i++) {
        const struct run_shard *from = &run->shards[i];
        struct manifest_shard *to = &build->shards[i];
        *to = (struct manifest_shard){.rows = from->rows,
                                      .bytes = from->bytes,
                                      .writer = from->writer,
                                      .columns = from->columns,
                                      .n_columns = from->n_columns};
        to->dataset = arena_str(arena, from->dataset);
        to->path = arena_str(arena, from->path);
        memcpy(to->sha256, from->sha256, sizeof to->sha256);
        if (!to->dataset.ptr || !to->path.ptr)
            return error_no_memory(err, layer);
    }
    return diagnostics_write(build->store, with_scip, build->paths.staging, arena,
                             build->shards + run->n_shards, err);
}

/* What the graph says of its own making, and the hash of what it was made of. */
static enum rg_status describe(struct build *build, struct rg_error *err)
{
    double began = clock_seconds();
    enum rg_status status = hash_inputs(build, err);
    if (status == RG_OK)
        status = collect_shards(build, err);
    if (status == RG_OK)
        status = build_result_fill(build, err);
    if (status == RG_OK)
        build_stage(build, "describe", clock_seconds() - began, 0);
    return status;
}

/* The facts are complete: what the engine still holds of them goes into their file. */
static enum rg_status keep_facts(struct build *build, struct rg_error *err)
{
    double began = clock_seconds();
    enum rg_status status = store_checkpoint(build->store, err);
    if (status == RG_OK)
        build_stage(build, "keep facts", clock_seconds() - began, 0);
    return status;
}

static enum rg_status make_product(struct build *build, struct rg_error *err)
{
    enum rg_status status = run_all_rules(build, err);
    if (status == RG_OK)
        status = describe(build, err);
    if (status == RG_OK)
        status = keep_facts(build, err);
    double began = clock_seconds();
    if (status == RG_OK)
        status = run_diagnostics_write(build->session, build->store, build->paths.bundle, err);
    if (status == RG_OK)
        build_stage(build, "diagnostics", clock_seconds() - began, 0);
    store_close(build->store);
    build->store = NULL;
    return status;
}

/* --- Publication ---------------------------------------------------------------------------- */

static enum rg_status write_manifest(struct build *build, struct rg_error *err)
{
    char hash[65];
    enum rg_status status = settings_sha256(&build->session->settings, true, hash, err);
    if (status != RG_OK)
        return status;
    struct manifest_input input = {
        .request = &build->request,
        .result = &build->result->public,
        .settings_sha256 = hash,
        .shards = build->shards,
        .n_shards = build->n_shards,
        .rules = &build->rules,
        .run = &build->run,
        .tier = build->compile.tier,
        .tier_forced = tier_is_forced(build->session),
    };
    memcpy(input.inputs_sha256, build->inputs_sha256, sizeof input.inputs_sha256);
    char *text = NULL, *path = path_join(build->paths.staging, "manifest.json");
    status = path ? manifest_text(&input, &text, err) : error_no_memory(err, layer);
    if (status == RG_OK)
        status = file_write(path, str_of(text), err);
    free(text);
    free(path);
    return status;
}

static enum rg_status write_duckdb(struct build *build, struct rg_error *err)
{
    double began = clock_seconds();
    char *path = path_join(build->paths.staging, "graph.duckdb");
    enum rg_status status = path ? duckdb_file_write(build->session, build->paths.staging,
                                                     build->shards, build->n_shards, err)
                                 : error_no_memory(err, layer);
    if (status == RG_OK) {
        build->result->public.output_bytes += file_size(path);
        build_stage(build, "duckdb", clock_seconds() - began, 0);
    }
    free(path);
    return status;
}

static enum rg_status publish(struct build *build, struct rg_error *err)
{
    events_stage(&build->session->events, "publish");
    /* The manifest comes first: it puts the shards into its order, which groups them by dataset. */
    enum rg_status status = write_manifest(build, err);
    if (status == RG_OK && build->request.with_duckdb)
        status = write_duckdb(build, err);
    if (status != RG_OK)
        return status;
    double began = clock_seconds();
    status = bundle_write(build, NULL, err);
    if (status == RG_OK)
        status = build_publish(&build->folder, &build->paths, build->session->settings.bundles_kept,
                               &build->session->events, err);
    build_stage(build, "publish", clock_seconds() - began, 0);
    return status;
}

/* A run that failed leaves its bundle; where even that fails, there is a warning, because the first
 * failure is the one to tell. */
static void keep_failed(struct build *build, const struct rg_error *failure)
{
    struct rg_error late = {0};
    build_discard(&build->paths);
    if (!build->paths.bundle || build->request.facts_only)
        return;
    ledger_failure(build->session->ledger, failure);
    if (run_diagnostics_write(build->session, NULL, build->paths.bundle, &late) != RG_OK ||
        bundle_write(build, failure, &late) != RG_OK ||
        bundle_keep(&build->folder, &build->paths, build->session->settings.bundles_kept, &late) !=
            RG_OK) {
        events_message(&build->session->events, RG_EVENT_WARNING, "publish",
                       "what led to the failure could not be kept: %s", late.message);
        if (tree_remove(build->paths.bundle, &late) != RG_OK)
            RG_ASSERT(late.status != RG_OK); /* the next build removes it */
    }
}

/* --- Settings ------------------------------------------------------------------------------- */

/* What a profile asked for and the machine has not is said; switches are part of the evidence. */
static void tell_settings(struct rg_session *session)
{
    const struct settings *settings = &session->settings;
    for (size_t i = 0; i < settings->n_rows; i++) {
        const struct setting_value *row = &settings->rows[i];
        if (row->note)
            events_message(&session->events, RG_EVENT_MESSAGE, "settings", "%s: %s", row->key,
                           row->note);
        if (row->spec->type == SETTING_BOOL)
            ledger_feature(session->ledger, str_of(row->key), strcmp(row->value, "on") == 0,
                           setting_source_name(row->source), str_of(row->what));
    }
}

/* --- All of it ------------------------------------------------------------------------------ */

/* Facts for measuring: closing the store is part of storing them. */
static enum rg_status finish_facts(struct build *build, struct rg_error *err)
{
    enum rg_status status = build_result_fill_facts(build, err);
    double began = clock_seconds();
    store_close(build->store);
    build->store = NULL;
    build->result->stages[build->result->public.n_stages - 1].seconds += clock_seconds() - began;
    return status;
}

static enum rg_status build_all(struct build *build, struct rg_error *err)
{
    const struct rg_build_request *request = &build->request;
    enum rg_status status = check_request(request, err);
    /* From here on a failure leaves a bundle. */
    if (status == RG_OK && needs_folder(request))
        status = graph_folder_open(request->output, &build->folder, err);
    if (status == RG_OK && needs_folder(request))
        status = build_paths_new(&build->folder, &build->paths, err);
    /* Rules are read before the repository: a mistake in one shows at once. */
    if (status == RG_OK)
        status = rule_set_load(request->rule_folders, request->n_rule_folders, &build->rules, err);
    if (status == RG_OK)
        status = leave_out_unasked(build, err);
    if (status == RG_OK && !request->facts_only)
        status = resolve_rules(build, err);
    if (status == RG_OK)
        status = make_facts(build, err);
    if (status != RG_OK || request->facts_only)
        return status == RG_OK ? finish_facts(build, err) : status;
    status = make_product(build, err);
    if (status == RG_OK)
        status = events_check(&build->session->events, err);
    return status == RG_OK ? publish(build, err) : status;
}

enum rg_status rg_build(struct rg_session *session, const struct rg_build_request *request,
                        struct rg_build_result **out_result, struct rg_error *err)
{
    *out_result = NULL;
    struct build build = {.session = session, .folder = {.lock = -1}, .began = clock_seconds()};
    enum rg_status status =
        options_read(&build.request, sizeof build.request, request, "rg_build_request", err);
    if (status != RG_OK)
        return status;
    build.result = build_result_new();
    if (!build.result)
        return error_no_memory(err, layer);
    build.scan.root_fd = -1;
    events_begin(&session->events);
    ledger_begin(session->ledger);
    tell_settings(session);
    struct rg_error failure = {0};
    status = build_all(&build, &failure);
    store_close(build.store);
    if (status != RG_OK)
        keep_failed(&build, &failure);
    else if (build.request.facts_only)
        build_discard(&build.paths);
    scan_fini(&build.scan);
    run_result_fini(&build.run);
    rule_set_fini(&build.rules);
    if (status != RG_OK && err)
        *err = failure;
    if (status == RG_OK) {
        build.result->public.seconds = clock_seconds() - build.began;
        build.result->public.peak_memory_bytes = clock_peak_memory();
        *out_result = &build.result->public;
    } else {
        rg_build_result_free(&build.result->public);
    }
    build_paths_fini(&build.paths);
    graph_folder_close(&build.folder);
    return status;
}
