/* rg_replay: the statements of a run once more, on its facts, in a place of their own. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json_build.h"
#include "base/options_read.h"
#include "graph/bundle.h"
#include "graph/replay_compare.h"
#include "run/replay_steps.h"

static const char layer[] = "graph";

enum { NOTES_MAX = 16 }; /* one a component, and two */

/* The public struct comes first: they are cast to each other. */
struct replay_result {
    struct rg_replay_result public;
    struct arena arena;
    const char *notes[NOTES_MAX];
};

struct replay {
    struct rg_session *session;
    struct rg_replay_request request;
    char *folder;               /* of the bundle */
    char *root;                 /* of the graph */
    char *facts, *build;        /* the file that is read; the run's files, NULL: gone */
    char *scratch;              /* removed at the end */
    struct graph_folder locked; /* while the scratch folder is in the graph */
    struct bundle bundle;
    struct manifest manifest;
    struct store *store;
    struct run_step *steps;
    size_t n_steps;
    struct run_result run;
    bool other_engine;
    struct replay_result *result;
};

RG_PRINTF(2, 3)
static void add_note(struct replay *replay, const char *format, ...)
{
    char text[512];
    struct rg_replay_result *public = &replay->result->public;
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    RG_ASSERT(public->n_notes < NOTES_MAX);
    replay->result->notes[public->n_notes++] = arena_cstr(&replay->result->arena, str_of(text));
}

/* --- Finding the bundle ------------------------------------------------------------------------
 */

/* A graph stands for the run of its current build. */
static enum rg_status find_bundle(struct replay *replay, struct rg_error *err)
{
    char id[BUILD_ID_BYTES] = "";
    const char *given = replay->request.bundle;
    if (!given || !*given)
        return error_set(err, RG_ERR_USAGE, layer, "no bundle is named");
    replay->folder = path_real(given);
    if (!replay->folder) {
        error_set(err, RG_ERR_NOT_FOUND, layer, "there is no folder %s", given);
        error_hint(err, "name a folder of runs, or a graph for its current build");
        return RG_ERR_NOT_FOUND;
    }
    char *runs = path_join(replay->folder, "runs");
    if (!runs)
        return error_no_memory(err, layer);
    if (path_is_folder(runs)) {
        graph_current_id(replay->folder, id);
        char *folder = *id ? path_join(runs, id) : NULL;
        free(runs);
        if (!*id)
            return error_set(err, RG_ERR_NOT_FOUND, layer, "%s holds no graph", given);
        free(replay->folder);
        replay->folder = folder;
        if (!folder)
            return error_no_memory(err, layer);
    } else {
        free(runs);
    }
    replay->root = strdup(replay->folder);
    if (!replay->root)
        return error_no_memory(err, layer);
    for (int up = 0; up < 2; up++) {
        char *slash = strrchr(replay->root, '/');
        if (slash && slash != replay->root)
            *slash = '\0';
    }
    return RG_OK;
}

/* A failed run has no outputs to compare with. */
static enum rg_status open_bundle(struct replay *replay, struct rg_error *err)
{
    enum rg_status status = bundle_open(replay->folder, &replay->bundle, err);
    if (status != RG_OK)
        return status;
    replay->result->public.run =
        arena_cstr(&replay->result->arena, str_of(replay->bundle.run)); /* checked at the end */
    if (strcmp(replay->bundle.result, "built") != 0) {
        error_set(err, RG_ERR_NOT_FOUND, layer,
                  "the run %s was not finished (%s): it wrote nothing "
                  "that a replay could be compared with",
                  replay->bundle.run, replay->bundle.result);
        error_hint(err, "what went wrong: %s/run.json", replay->folder);
        return RG_ERR_NOT_FOUND;
    }
    status = bundle_steps(&replay->bundle, &replay->steps, &replay->n_steps, err);
    return status == RG_OK ? manifest_read(replay->folder, &replay->manifest, err) : status;
}

/* --- Facts -------------------------------------------------------------------------------------
 */

/* Facts are those that a bundle tells of. */
static enum rg_status check_facts(struct replay *replay, const json_t *facts, const char *path,
                                  struct rg_error *err)
{
    char hash[FACTS_HASH_BYTES];
    const char *expected = json_string_value(json_object_get(facts, "xxh3"));
    uint64_t bytes = (uint64_t)json_integer_value(json_object_get(facts, "bytes"));
    unsigned threads = replay->session->settings.extract_threads;
    enum rg_status status = RG_OK;
    bool same = file_size(path) == bytes;
    if (same)
        status = facts_hash(path, threads, hash, err);
    if (status != RG_OK)
        return status;
    if (same && expected && strcmp(hash, expected) == 0)
        return RG_OK;
    error_set(err, RG_ERR_CHANGED, layer, "the facts are not as the run left them");
    error_place(err, path, 0, 0);
    error_hint(err, "a replay on other facts proves nothing: restore the file, or build again");
    return RG_ERR_CHANGED;
}

/* The facts of the current build, where they were made from the same inputs by the same version. */
static enum rg_status borrow_facts(struct replay *replay, struct rg_error *err)
{
    static const char *const same[] = {"inputs_sha256", "relgraph", NULL};
    char id[BUILD_ID_BYTES], *folder = NULL;
    json_t *index = NULL;
    graph_current_id(replay->root, id);
    if (*id && asprintf(&folder, "%s/runs/%s", replay->root, id) < 0)
        return error_no_memory(err, layer);
    enum rg_status status = folder ? bundle_index(folder, &index, NULL) : RG_ERR_NOT_FOUND;
    bool fits = status == RG_OK && strcmp(id, replay->bundle.run) != 0;
    for (const char *const *key = same; fits && *key; key++) {
        const char *theirs = json_string_value(json_object_get(index, *key));
        fits = theirs && strcmp(theirs, json_member(replay->bundle.index, *key)) == 0;
    }
    const json_t *facts = json_object_get(index, "facts");
    const char *path = json_string_value(json_object_get(facts, "path"));
    free(replay->facts);
    replay->facts = fits && path && path_is_inside(path) ? path_join(replay->root, path) : NULL;
    if (replay->facts && path_exists(replay->facts)) {
        status = check_facts(replay, facts, replay->facts, err);
        replay->result->public.facts_of = arena_cstr(&replay->result->arena, str_of(id));
        add_note(replay, "the facts of this run were not kept; those of %s are from the same files",
                 id);
    } else {
        error_set(err, RG_ERR_NOT_FOUND, layer, "the facts of run %s were not kept",
                  replay->bundle.run);
        if (fits || status != RG_OK || strcmp(id, replay->bundle.run) == 0)
            error_hint(err, "facts are kept of the last build alone, and not with facts in memory");
        else
            error_hint(err,
                       "those that are there are of run %s, from other files or by another version",
                       id);
        status = RG_ERR_NOT_FOUND;
    }
    json_decref(index);
    free(folder);
    return status;
}

static enum rg_status find_facts(struct replay *replay, struct rg_error *err)
{
    const json_t *facts = json_object_get(replay->bundle.index, "facts");
    const char *path = json_string_value(json_object_get(facts, "path"));
    replay->result->public.facts_of = replay->result->public.run;
    if (path && path_is_inside(path)) {
        replay->facts = path_join(replay->root, path);
        if (!replay->facts)
            return error_no_memory(err, layer);
    }
    return replay->facts && path_exists(replay->facts)
               ? check_facts(replay, facts, replay->facts, err)
               : borrow_facts(replay, err);
}

/* --- Versions ----------------------------------------------------------------------------------
 */

/* What the run was made by and what is here, where that differs. */
static enum rg_status note_versions(struct replay *replay, struct rg_error *err)
{
    const json_t *then = json_object_get(replay->bundle.index, "components");
    json_t *now = components_json(), *value;
    const char *name;
    if (!now)
        return error_no_memory(err, layer);
    json_object_foreach(now, name, value)
    {
        const char *here = json_string_value(value);
        const char *there = json_string_value(json_object_get(then, name));
        if (there && strcmp(here, there) == 0)
            continue;
        add_note(replay, "%s was %s, here it is %s", name, there ? there : "missing", here);
        replay->other_engine = replay->other_engine || strcmp(name, "duckdb") == 0;
    }
    json_decref(now);
    if (replay->other_engine)
        add_note(replay, "with another engine files may have other bytes: rows are compared");
    return RG_OK;
}

/* --- Running -----------------------------------------------------------------------------------
 */

/* In the graph the scratch folder has a name that the next build removes, should we be killed. */
static enum rg_status make_scratch(struct replay *replay, struct rg_error *err)
{
    const char *given = replay->request.scratch;
    enum rg_status status = RG_OK;
    if (given && !path_is_folder(given)) {
        error_set(err, RG_ERR_NOT_FOUND, layer, "there is no folder %s", given);
        error_hint(err, "the scratch folder must be there");
        return RG_ERR_NOT_FOUND;
    }
    if (!given)
        status = graph_folder_lock(replay->root, &replay->locked, err);
    char *real = given ? path_real(given) : path_join(replay->root, "state");
    if (status == RG_OK && !real)
        status = error_no_memory(err, layer);
    if (status == RG_OK &&
        asprintf(&replay->scratch, "%s/replay-%s", real, replay->bundle.run) < 0) {
        replay->scratch = NULL;
        status = error_no_memory(err, layer);
    }
    free(real);
    if (status == RG_OK)
        status = tree_remove(replay->scratch, err);
    if (status == RG_OK)
        status = folder_make(replay->scratch, err);
    if (status != RG_OK && status != RG_ERR_BUSY && !given)
        error_hint(err, "name a folder that can be written to: --scratch DIR");
    return status;
}

static enum rg_status open_store(struct replay *replay, struct rg_error *err)
{
    char *path = path_join(replay->scratch, "store.duckdb");
    char *build = NULL;
    if (!path || asprintf(&build, "%s/builds/%s", replay->root, replay->bundle.run) < 0) {
        free(path);
        return error_no_memory(err, layer);
    }
    replay->build = path_is_folder(build) ? build : NULL;
    if (!replay->build)
        free(build);
    const char *temporary = replay->session->settings.temp_directory;
    struct store_options options = {
        .path = path,
        .facts = replay->facts,
        .allowed_directory = replay->scratch,
        .compared_directory = replay->build,
        .temp_directory = temporary ? temporary : replay->scratch,
        .scratch = replay->session->settings.profile != RG_PROFILE_MEMORY_TIGHT,
    };
    enum rg_status status = store_open(replay->session, &options, &replay->store, err);
    free(path);
    return status;
}

/* --- Comparing ---------------------------------------------------------------------------------
 */

static const struct run_shard *find_shard(const struct run_result *run, struct str path)
{
    for (size_t i = run->n_shards;
         i-- > 0;) /* a file that was written twice counts as last written */
        if (str_eq(run->shards[i].path, path))
            return &run->shards[i];
    return NULL;
}

static const struct run_step *find_step(const struct replay *replay, struct str path)
{
    for (size_t i = replay->n_steps; i-- > 0;)
        if (replay->steps[i].kind == STEP_FILE && str_eq(replay->steps[i].name, path))
            return &replay->steps[i];
    return NULL;
}

static bool in_manifest(const struct replay *replay, struct str path)
{
    for (size_t i = 0; i < replay->manifest.n_shards; i++)
        if (str_eq(replay->manifest.shards[i].path, path))
            return true;
    return false;
}

/* Files about the build itself do not come from rules. */
static bool is_product(const struct manifest_shard *shard)
{
    return !str_starts(shard->path, STR("diagnostics/"));
}

static enum rg_status compare_one(struct replay *replay, const struct manifest_shard *expected,
                                  const struct run_shard *found, struct rg_replay_output *output,
                                  struct rg_error *err)
{
    const struct compare_request request = {
        .store = replay->store,
        .build_folder = replay->build,
        .replay_folder = replay->scratch,
        .other_engine = replay->other_engine,
    };
    const struct run_step *step = find_step(replay, expected ? expected->path : found->path);
    struct rg_replay_result *public = &replay->result->public;
    enum rg_status status =
        compare_file(&request, expected, found, step ? step->tier : RG_TIER_STABLE,
                     &replay->result->arena, output, err);
    public->matches = public->matches && (output->verdict == RG_REPLAY_SAME_BYTES ||
                                          output->verdict == RG_REPLAY_SAME_ROWS);
    return status;
}

static enum rg_status compare_all(struct replay *replay, struct rg_error *err)
{
    struct rg_replay_result *public = &replay->result->public;
    size_t most = replay->manifest.n_shards + replay->run.n_shards;
    struct rg_replay_output *outputs =
        ARENA_ARRAY(&replay->result->arena, most + 1, struct rg_replay_output);
    enum rg_status status = outputs ? RG_OK : error_no_memory(err, layer);
    public->outputs = outputs;
    public->matches = true;
    for (size_t i = 0; status == RG_OK && i < replay->manifest.n_shards; i++) {
        const struct manifest_shard *shard = &replay->manifest.shards[i];
        if (is_product(shard))
            status = compare_one(replay, shard, find_shard(&replay->run, shard->path),
                                 &outputs[public->n_outputs++], err);
    }
    for (size_t i = 0; status == RG_OK && i < replay->run.n_shards; i++) {
        const struct run_shard *shard = &replay->run.shards[i];
        if (!in_manifest(replay, shard->path))
            status = compare_one(replay, NULL, shard, &outputs[public->n_outputs++], err);
    }
    return status;
}

/* --- All of it ---------------------------------------------------------------------------------
 */

static enum rg_status replay_all(struct replay *replay, struct rg_error *err)
{
    struct events *events = &replay->session->events;
    events_stage(events, "replay");
    enum rg_status status = find_bundle(replay, err);
    if (status == RG_OK)
        status = open_bundle(replay, err);
    if (status == RG_OK)
        status = note_versions(replay, err);
    if (status == RG_OK)
        status = find_facts(replay, err);
    if (status == RG_OK)
        status = make_scratch(replay, err);
    if (status == RG_OK)
        status = open_store(replay, err);
    if (status != RG_OK)
        return status;
    const struct replay_request request = {
        .session = replay->session,
        .store = replay->store,
        .steps = replay->steps,
        .n_steps = replay->n_steps,
        .output_folder = replay->scratch,
    };
    status = replay_steps(&request, &replay->run, err);
    if (status != RG_OK)
        return status;
    events_stage(events, "compare");
    return compare_all(replay, err);
}

static void replay_fini(struct replay *replay)
{
    store_close(replay->store);
    run_result_fini(&replay->run);
    if (replay->scratch && tree_remove(replay->scratch, NULL) != RG_OK)
        events_message(&replay->session->events, RG_EVENT_WARNING, "replay",
                       "%s could not be removed", replay->scratch);
    manifest_fini(&replay->manifest);
    graph_folder_close(&replay->locked);
    free(replay->scratch);
    free(replay->build);
    free(replay->facts);
    free(replay->root);
    free(replay->folder);
}

enum rg_status rg_replay(struct rg_session *session, const struct rg_replay_request *request,
                         struct rg_replay_result **out_result, struct rg_error *err)
{
    *out_result = NULL;
    struct replay replay = {.session = session, .locked = {.lock = -1}};
    double began = clock_seconds();
    enum rg_status status =
        options_read(&replay.request, sizeof replay.request, request, "rg_replay_request", err);
    if (status != RG_OK)
        return status;
    replay.result = calloc(1, sizeof *replay.result);
    if (!replay.result)
        return error_no_memory(err, layer);
    replay.result->public.notes = replay.result->notes;
    events_begin(&session->events);
    status = replay_all(&replay, err);
    struct rg_replay_result *public = &replay.result->public;
    public->n_steps = replay.n_steps;
    public->seconds = clock_seconds() - began;
    if (status == RG_OK && replay.result->arena.failed)
        status = error_no_memory(err, layer);
    if (status == RG_OK)
        *out_result = public;
    else
        rg_replay_result_free(public);
    bundle_fini(&replay.bundle);
    replay_fini(&replay);
    return status;
}

void rg_replay_result_free(struct rg_replay_result *public)
{
    struct replay_result *result = (struct replay_result *)public;
    if (!result)
        return;
    arena_fini(&result->arena);
    free(result);
}
