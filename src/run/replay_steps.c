/* The steps of a run once more; see replay_steps.h for what is believed of them. */
#include "run/replay_steps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "run/run_inside.h"
#include "run/step.h"

struct replay {
    const struct replay_request *request;
    struct run run; /* as far as writing files needs one */
    struct arena arena;
    struct str *known; /* names that may be read, as the engine names them: in lower case */
    size_t n_known, known_capacity;
};

/* --- Names ---------------------------------------------------------------------------------- */

/* An identifier of SQL at the front of *rest, quoted or plain; without its quotes. ptr NULL: none.
 */
static struct str take_name(struct str *rest)
{
    struct str none = {NULL, 0};
    size_t length = 0;
    if (rest->len && rest->ptr[0] == '"') {
        const char *end = memchr(rest->ptr + 1, '"', rest->len - 1);
        if (!end || end == rest->ptr + 1)
            return none;
        struct str name = {rest->ptr + 1, (size_t)(end - rest->ptr) - 1};
        rest->len -= name.len + 2;
        rest->ptr = end + 1;
        return name;
    }
    while (length < rest->len &&
           (strchr("_0123456789", rest->ptr[length])
                ? length || rest->ptr[length] == '_'
                : (rest->ptr[length] | 32) >= 'a' && (rest->ptr[length] | 32) <= 'z'))
        length++;
    struct str name = {length ? rest->ptr : NULL, length};
    rest->ptr += length;
    rest->len -= length;
    return name;
}

/* The last part of `name` or `schema.name`, where the schema is one that steps use. */
static bool split_name(struct str text, struct str *out_name)
{
    struct str first = take_name(&text);
    *out_name = first;
    if (!first.ptr || !text.len)
        return first.ptr;
    if (text.ptr[0] != '.' || !str_is(first, "work"))
        return false;
    text.ptr++;
    text.len--;
    *out_name = take_name(&text);
    return out_name->ptr && !text.len;
}

static enum rg_status add_known(struct replay *replay, struct str name, struct rg_error *err)
{
    if (replay->n_known == replay->known_capacity) {
        size_t capacity = replay->known_capacity ? replay->known_capacity * 2 : 128;
        struct str *grown =
            arena_grow(&replay->arena, replay->known, replay->n_known, capacity, sizeof *grown);
        if (!grown)
            return error_no_memory(err, RUN_LAYER);
        replay->known = grown;
        replay->known_capacity = capacity;
    }
    char *copy = arena_cstr(&replay->arena, name);
    if (!copy)
        return error_no_memory(err, RUN_LAYER);
    for (char *c = copy; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c | 32);
    replay->known[replay->n_known++] = str_of(copy);
    return RG_OK;
}

static bool is_known(const struct replay *replay, struct str name)
{
    for (size_t i = 0; i < replay->n_known; i++)
        if (str_eq(replay->known[i], name))
            return true;
    return false;
}

/* --- What a step may be --------------------------------------------------------------------- */

static enum rg_status refuse(const struct run_step *step, const char *why, struct rg_error *err)
{
    error_set(err, RG_ERR_FORBIDDEN, RUN_LAYER, "the step %s " STR_FMT " %s",
              step_kind_name(step->kind), STR_ARG(step->name), why);
    error_hint(err, "no run of relgraph wrote this: the bundle was made or changed by somebody");
    return RG_ERR_FORBIDDEN;
}

static enum rg_status check_select(struct replay *replay, const struct run_step *step,
                                   struct rg_error *err)
{
    static const char *const schemas[] = {"work", NULL};
    struct arena scratch = {0};
    struct str *tables;
    size_t n;
    enum rg_status status = store_check_select(replay->request->store, step->select, schemas,
                                               &scratch, &tables, &n, err);
    for (size_t i = 0; status == RG_OK && i < n; i++)
        if (!is_known(replay, tables[i]))
            status = refuse(step, "reads what no step before it made", err);
    arena_fini(&scratch);
    return status;
}

/* A file's step writes below its dataset's folder, which is made; the engine has no other way out.
 * Its name and fingerprint become part of the statement as they are. */
static enum rg_status check_file(const struct run_step *step, struct rg_error *err)
{
    struct str rest = step->name, folder = str_split(&rest, '/');
    bool plain = rest.ptr && rest.len && str_eq(folder, step->dataset) &&
                 !memchr(rest.ptr, '/', rest.len) && rest.ptr[0] != '.';
    for (size_t i = 0; plain && i < folder.len; i++)
        plain = (folder.ptr[i] >= 'a' && folder.ptr[i] <= 'z') || folder.ptr[i] == '_';
    if (!plain)
        return refuse(step, "has no place for its file", err);
    if (step->schema[strspn(step->schema, "0123456789abcdef")])
        return refuse(step, "has a fingerprint that is none", err);
    return RG_OK;
}

static enum rg_status check_step(struct replay *replay, const struct run_step *step,
                                 struct str *out_name, struct rg_error *err)
{
    enum rg_status status = RG_OK;
    *out_name = step->name;
    if (step->kind != STEP_FILE && !split_name(step->name, out_name))
        status = refuse(step, "names something that is not a run's", err);
    else if ((step->kind == STEP_INSERT || step->kind == STEP_REJECT) &&
             !is_known(replay, *out_name))
        status = refuse(step, "changes what no step before it made", err);
    if (status == RG_OK && step->kind != STEP_REJECT)
        status = check_select(replay, step, err);
    return status;
}

/* --- Taking them ---------------------------------------------------------------------------- */

/* The file of a step becomes a shard of the result. */
static enum rg_status write_again(struct replay *replay, const struct run_step *step,
                                  struct rg_error *err)
{
    struct run_result *result = replay->run.result;
    struct run_shard *shards = arena_grow(&result->arena, result->shards, result->n_shards,
                                          result->n_shards + 1, sizeof *shards);
    if (!shards)
        return error_no_memory(err, RUN_LAYER);
    result->shards = shards;
    struct run_shard *shard = &shards[result->n_shards++];
    shard->dataset = arena_str(&result->arena, step->dataset);
    shard->path = arena_str(&result->arena, step->name);
    shard->tier = step->tier;
    shard->order = step->order;
    shard->writer = run_writer_of(step->name);
    char *name = arena_cstr(&replay->arena, step->dataset);
    if (!name || !shard->dataset.ptr || !shard->path.ptr)
        return error_no_memory(err, RUN_LAYER);
    char *folder = path_join(replay->request->output_folder, name);
    enum rg_status status = folder ? folder_make(folder, err) : error_no_memory(err, RUN_LAYER);
    free(folder);
    return status == RG_OK ? write_file(&replay->run, shard, step->schema, step->select, err)
                           : status;
}

static enum rg_status take_step(struct replay *replay, const struct run_step *step,
                                struct rg_error *err)
{
    struct buffer sql = {0};
    if (step->kind == STEP_FILE)
        return write_again(replay, step, err);
    step_print(step, &sql);
    enum rg_status status = run_sql(&replay->run, &sql, err);
    buffer_fini(&sql);
    return status;
}

static void blame(const struct run_step *step, struct rg_error *err)
{
    char name[64];
    if (!err || err->rule[0] || !step->rule.ptr)
        return;
    snprintf(name, sizeof name, STR_FMT, STR_ARG(step->rule));
    error_rule(err, name);
}

/* Before any step is taken every file has its place. */
static enum rg_status check_files(const struct replay_request *request, struct rg_error *err)
{
    enum rg_status status = RG_OK;
    for (size_t i = 0; i < request->n_steps && status == RG_OK; i++)
        if (request->steps[i].kind == STEP_FILE && !request->steps[i].failed)
            status = check_file(&request->steps[i], err);
    return status;
}

static enum rg_status take_all(struct replay *replay, struct rg_error *err)
{
    const struct replay_request *request = replay->request;
    struct events *events = &request->session->events;
    enum rg_status status = check_files(request, err);
    for (size_t i = 0; i < request->n_steps && status == RG_OK; i++) {
        const struct run_step *step = &request->steps[i];
        struct str name;
        events_progress(events, "replay", i, request->n_steps, 0, 0);
        if (step->failed)
            continue;
        status = events_check(events, err);
        if (status == RG_OK)
            status = check_step(replay, step, &name, err);
        if (status == RG_OK)
            status = take_step(replay, step, err);
        if (status == RG_OK && step->kind != STEP_FILE && !is_known(replay, name))
            status = add_known(replay, name, err);
        if (status != RG_OK)
            blame(step, err);
    }
    return status;
}

/* The tables of facts, which are all that is there before the first step. */
static enum rg_status add_facts(struct replay *replay, struct rg_error *err)
{
    struct text_table table;
    enum rg_status status = store_table(
        replay->request->store,
        STR("SELECT view_name FROM duckdb_views() WHERE NOT internal ORDER BY view_name"), 1000,
        &replay->arena, &table, err);
    for (size_t i = 0; status == RG_OK && i < table.rows; i++)
        status = add_known(replay, table.cells[i], err);
    return status;
}

enum rg_status replay_steps(const struct replay_request *request, struct run_result *out_result,
                            struct rg_error *err)
{
    *out_result = (struct run_result){.shard_bits = 0};
    const struct run_request as_run = {.session = request->session,
                                       .store = request->store,
                                       .output_folder = request->output_folder};
    struct rule_set no_rules = {.n_rules = 0};
    struct replay replay = {
        .request = request,
        .run = {.request = &as_run,
                .store = request->store,
                .rules = &no_rules,
                .result = out_result},
    };
    enum rg_status status = add_facts(&replay, err);
    if (status == RG_OK)
        status = store_exec(request->store, STR(STEP_PRELUDE), err);
    if (status == RG_OK)
        status = take_all(&replay, err);
    arena_fini(&replay.run.arena);
    arena_fini(&replay.arena);
    return status;
}
