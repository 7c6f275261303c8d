/* Queries of a user, who may be anybody. Four walls: an instance of their own in memory; no file
 * system but the build's folder and no settings, by the engine; only functions that are known to be
 * harmless, by the parse tree, before anything is bound; and bounds on memory, time, rows and
 * nesting. */
#include "engine/sandbox.h"

#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/limits.h"
#include "engine/duckdb/arrow_stream.h"
#include "engine/duckdb/instance.h"
#include "engine/duckdb/parse_tree.h"
#include "engine/duckdb/store_inside.h"

struct sandbox {
    duckdb_database database;
    struct watch *watch;
    struct cancel_token *token;
};

static void sandbox_close(struct sandbox *sandbox, duckdb_connection *connection)
{
    duckdb_disconnect(connection);
    watch_close(sandbox->watch);
    duckdb_close(&sandbox->database);
    cancel_token_drop(sandbox->token);
    free(sandbox);
}

static void sandbox_stream_close(void *owner, struct runner *runner)
{
    sandbox_close(owner, &runner->connection);
}

/* A build of ours holds folders and plain files; whatever else lies there was put there to lead
 * out. */
static enum rg_status folder_check(const char *folder, struct rg_error *err)
{
    char *root = strdup(folder);
    if (!root)
        return error_no_memory(err, "engine");
    char *const roots[] = {root, NULL};
    enum rg_status status = RG_OK;
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    if (!walk)
        status = error_errno(err, "engine", errno, "cannot read", folder);
    FTSENT *entry;
    while (status == RG_OK && (errno = 0, entry = fts_read(walk))) {
        switch (entry->fts_info) {
        case FTS_D:
        case FTS_DP:
        case FTS_F:
            break;
        case FTS_DNR:
        case FTS_ERR:
        case FTS_NS:
            if (entry->fts_level == 0 && entry->fts_errno == ENOENT)
                status =
                    error_set(err, RG_ERR_NOT_FOUND, "engine", "there is no build in %s", folder);
            else
                status =
                    error_errno(err, "engine", entry->fts_errno, "cannot read", entry->fts_path);
            break;
        default:
            status =
                error_set(err, RG_ERR_CORRUPT, "engine",
                          "%s is neither a file nor a folder: no part of a graph", entry->fts_path);
        }
    }
    if (status == RG_OK && errno)
        status = error_errno(err, "engine", errno, "cannot read", folder);
    if (walk)
        fts_close(walk);
    free(root);
    return status;
}

/* Whether MATERIALIZED of `WITH x AS [NOT] MATERIALIZED (` stands at a byte: what follows, a
 * bracket or a comment, tells it from a name or a string. */
static bool is_materialized(struct str sql, size_t at)
{
    static const struct str word = {"materialized", 12};
    if (sql.len - at <= word.len || strncasecmp(sql.ptr + at, word.ptr, word.len) != 0)
        return false;
    struct str rest = str_trim((struct str){sql.ptr + at + word.len, sql.len - at - word.len});
    return rest.len && (*rest.ptr == '(' || *rest.ptr == '/' || *rest.ptr == '-');
}

/* Before the parser sees it. It calls itself for nested brackets, and so does all that walks its
 * tree; brackets in strings and comments count too, nobody writes that many by chance. NOT
 * MATERIALIZED makes the planner double its work with each common table expression that reads
 * another twice, and the parse tree does not show it. */
static enum rg_status bounds_check(struct str sql, struct rg_error *err)
{
    if (sql.len > LIMIT_QUERY_BYTES)
        return error_set(err, RG_ERR_LIMIT, "engine", "the query has more than %u bytes",
                         LIMIT_QUERY_BYTES);
    unsigned depth = 0;
    for (size_t i = 0; i < sql.len; i++) {
        char c = sql.ptr[i];
        if (c == '(' || c == '[' || c == '{')
            depth++;
        else if ((c == ')' || c == ']' || c == '}') && depth)
            depth--;
        if (depth > LIMIT_QUERY_DEPTH)
            return error_set(err, RG_ERR_LIMIT, "engine", "the query nests deeper than %d",
                             LIMIT_QUERY_DEPTH);
        if ((c == 'm' || c == 'M') && is_materialized(sql, i)) {
            error_set(err, RG_ERR_FORBIDDEN, "engine", "MATERIALIZED may not be used here");
            error_hint(err, "leave it out: the engine decides that by itself");
            return RG_ERR_FORBIDDEN;
        }
    }
    return RG_OK;
}

static enum rg_status params_bind(const struct sandbox_request *request,
                                  duckdb_prepared_statement prepared, struct rg_error *err)
{
    idx_t expected = duckdb_nparams(prepared);
    if (expected != request->n_params)
        return error_set(err, RG_ERR_USAGE, "engine",
                         "the query has %llu parameters, %zu were given",
                         (unsigned long long)expected, request->n_params);
    for (size_t i = 0; i < request->n_params; i++) {
        const struct rg_param *param = &request->params[i];
        duckdb_state state = DuckDBError;
        switch (param->type) {
        case RG_PARAM_NULL:
            state = duckdb_bind_null(prepared, i + 1);
            break;
        case RG_PARAM_TEXT:
            if (param->text)
                state = duckdb_bind_varchar(prepared, i + 1, param->text);
            break;
        case RG_PARAM_INT:
            state = duckdb_bind_int64(prepared, i + 1, param->integer);
            break;
        case RG_PARAM_FLOAT:
            state = duckdb_bind_double(prepared, i + 1, param->real);
            break;
        case RG_PARAM_BOOL:
            state = duckdb_bind_boolean(prepared, i + 1, param->boolean);
            break;
        }
        if (state != DuckDBSuccess)
            return error_set(err, RG_ERR_USAGE, "engine", "parameter $%zu cannot be bound", i + 1);
    }
    return RG_OK;
}

/* Views, macros and tables first, while files outside can still be named; then the door is shut. A
 * failure in ours is no fault of the query. */
static enum rg_status sandbox_set_up(const struct sandbox_request *request,
                                     const struct runner *user, struct rg_error *err)
{
    struct runner ours = *user;
    ours.wrong_text = RG_ERR_CORRUPT;
    enum rg_status status = runner_exec(&ours, request->setup, NULL, err);
    ours.wrong_text = RG_ERR_USAGE;
    if (status == RG_OK && request->tables.len)
        status = runner_exec(&ours, request->tables, NULL, err);
    if (status == RG_ERR_USAGE && err && strstr(err->message, "already exists"))
        error_hint(err, "the graph has a table of that name itself: take another one");
    if (status == RG_OK)
        status = instance_lock(&ours, request->build_folder, NULL, err);
    return status;
}

#define MACROS_SQL                                                                                 \
    "SELECT DISTINCT function_name FROM duckdb_functions() "                                       \
    "WHERE NOT internal AND function_type = 'table_macro'"

/* Listing the engine's functions takes longer than most queries: only where one is named. */
static enum rg_status text_check(const struct sandbox_request *request, const struct runner *runner,
                                 struct rg_error *err)
{
    struct arena arena = {0};
    struct text_table macros;
    struct tree_tables tables;
    struct tree_policy policy = {
        .refused = RG_ERR_FORBIDDEN,
        .wrong_text = RG_ERR_PARSE,
        .hint = "`relgraph schema` lists what a query can use",
        .bounded = true,
    };
    struct rg_error first;
    enum rg_status status =
        parse_tree_check(runner, request->sql, &policy, &arena, &tables, &first);
    if (status != RG_OK && tables.other_function) {
        status = runner_table(runner, STR(MACROS_SQL), 65536, &arena, &macros, err);
        policy.table_macros = macros.cells;
        policy.n_table_macros = macros.rows;
        if (status == RG_OK)
            status = parse_tree_check(runner, request->sql, &policy, &arena, &tables, err);
    } else if (status != RG_OK && err) {
        *err = first;
    }
    arena_fini(&arena);
    return status;
}

static enum rg_status sandbox_run(const struct sandbox_request *request,
                                  struct stream_options *options,
                                  struct ArrowArrayStream *out_stream, struct rg_error *err)
{
    struct runner *runner = &options->runner;
    double began = clock_seconds(), limit = request->timeout_ms / 1000.0;
    runner->deadline = limit > 0 ? began + limit : 0;
    enum rg_status status = bounds_check(request->sql, err);
    if (status == RG_OK)
        status = sandbox_set_up(request, runner, err);
    if (status == RG_OK)
        status = text_check(request, runner, err);
    if (status == RG_OK)
        status = runner_prepare_select(runner, request->sql, &options->prepared, err);
    if (status == RG_OK)
        status = params_bind(request, options->prepared, err);
    if (status != RG_OK) {
        duckdb_destroy_prepare(&options->prepared);
        return status;
    }
    if (limit > 0) {
        double left = limit - (clock_seconds() - began);
        options->seconds_max = left > 0.001 ? left : 0.001;
    }
    return arrow_stream_open(options, out_stream, err);
}

enum rg_status sandbox_query(struct rg_session *session, const struct sandbox_request *request,
                             struct ArrowArrayStream *out_stream, struct rg_error *err)
{
    *out_stream = (struct ArrowArrayStream){0};
    enum rg_status status = events_check(&session->events, err);
    if (status == RG_OK)
        status = folder_check(request->build_folder, err);
    if (status != RG_OK)
        return status;
    struct sandbox *sandbox = calloc(1, sizeof *sandbox);
    if (!sandbox)
        return error_no_memory(err, "engine");
    struct stream_options options = {
        .runner = {.wrong_text = RG_ERR_PARSE},
        .sql = request->sql,
        .rows_max = request->rows_max,
        .close = sandbox_stream_close,
        .owner = sandbox,
    };
    sandbox->token = session->token ? cancel_token_hold(session->token) : cancel_token_new();
    if (!sandbox->token)
        status = error_no_memory(err, "engine");
    if (status == RG_OK)
        status = instance_open(
            &(struct instance_options){
                .settings = &session->settings,
                .keep_order = true,
            },
            &sandbox->database, &options.runner.connection, err);
    if (status == RG_OK)
        status = watch_open(&sandbox->token->cancelled, &sandbox->watch, err);
    options.runner.watch = sandbox->watch;
    if (status == RG_OK)
        status = sandbox_run(request, &options, out_stream, err);
    if (status != RG_OK)
        sandbox_close(sandbox, &options.runner.connection);
    return status;
}
