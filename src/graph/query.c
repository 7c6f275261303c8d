/* rg_query: finds the build, describes its datasets to a fresh sandbox, hands the statement over.
 */
#include "graph/query.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/options_read.h"
#include "engine/sandbox.h"
#include "graph/duckdb_file.h"
#include "graph/graph_folder.h"
#include "graph/views.h"

static const char layer[] = "graph";

/* --- The build ------------------------------------------------------------------------------ */

/* Every dataset that the views read. */
static enum rg_status check_datasets(const struct manifest *manifest, struct rg_error *err)
{
    static const char *const needed[] = {"nodes",      "edges", "edge_evidence", "props",
                                         "unresolved", "files", "syntax_errors"};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        bool found = false;
        for (size_t s = 0; !found && s < manifest->n_shards; s++)
            found = str_is(manifest->shards[s].dataset, needed[i]);
        if (!found) {
            error_set(err, RG_ERR_CORRUPT, layer, "the graph's manifest lists no dataset %s",
                      needed[i]);
            error_hint(err, "build the graph again");
            return RG_ERR_CORRUPT;
        }
    }
    return RG_OK;
}

enum rg_status graph_open(const char *graph, bool with_views, char **out_build,
                          struct buffer *out_setup, struct rg_error *err)
{
    enum { TRIES = 3 };
    enum rg_status status = RG_ERR_NOT_FOUND;
    struct manifest manifest = {0};
    char *build = NULL;
    for (int i = 0; i < TRIES; i++) {
        status = graph_current(graph, &build, err);
        if (status != RG_OK)
            return status;
        status = manifest_open(build, &manifest, err);
        if (status == RG_OK || path_exists(build))
            break;
        /* A build that was replaced between two looks: its successor is there now. */
        manifest_fini(&manifest);
        free(build);
        build = NULL;
    }
    if (status == RG_OK)
        status = check_datasets(&manifest, err);
    if (status == RG_OK) {
        datasets_sql(out_setup, build, manifest.shards, manifest.n_shards, false);
        if (with_views)
            views_sql(out_setup, manifest.shards, manifest.n_shards);
        if (out_setup->failed)
            status = error_no_memory(err, layer);
    }
    manifest_fini(&manifest);
    if (status == RG_OK) {
        *out_build = build;
    } else {
        free(build);
        *out_build = NULL;
    }
    return status;
}

/* --- The statement -------------------------------------------------------------------------- */

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

/* Behind a quoted text, a comment or a dollar quote that starts at `at`; `at` where none does. */
static size_t skip_quoted(const char *sql, size_t size, size_t at)
{
    char c = sql[at], next = at + 1 < size ? sql[at + 1] : '\0';
    const char *end = NULL;
    if (c == '\'' || c == '"') {
        end = memchr(sql + at + 1, c, size - at - 1); /* a doubled quote starts another text */
        return end ? (size_t)(end - sql) + 1 : size;
    }
    if (c == '-' && next == '-') {
        end = memchr(sql + at, '\n', size - at);
        return end ? (size_t)(end - sql) : size;
    }
    if (c == '/' && next == '*') {
        end = memmem(sql + at + 2, size - at - 2, "*/", 2);
        return end ? (size_t)(end - sql) + 2 : size;
    }
    if (c == '$' && (next == '$' || is_word(next)) && !isdigit((unsigned char)next)) {
        size_t tag = at + 1;
        while (tag < size && is_word(sql[tag]) && sql[tag] != '$')
            tag++;
        if (tag == size || sql[tag] != '$')
            return at;
        size_t length = tag + 1 - at;
        end = memmem(sql + tag + 1, size - tag - 1, sql + at, length);
        return end ? (size_t)(end - sql) + length : size;
    }
    return at;
}

void query_spell_references(char *sql, size_t size)
{
    static const char reserved[] = "references", plain[] = "where_used";
    enum { LENGTH = sizeof reserved - 1 };
    _Static_assert(sizeof reserved == sizeof plain, "positions must not move");
    for (size_t at = 0; at < size;) {
        size_t behind = skip_quoted(sql, size, at);
        if (behind > at) {
            at = behind;
            continue;
        }
        size_t end = at;
        while (end < size && is_word(sql[end]))
            end++;
        size_t open = end;
        while (open < size && isspace((unsigned char)sql[open]))
            open++;
        if (end - at == LENGTH && open < size && sql[open] == '(' &&
            strncasecmp(sql + at, reserved, LENGTH) == 0)
            memcpy(sql + at, plain, LENGTH);
        at = end > at ? end : at + 1;
    }
}

/* --- Other data ----------------------------------------------------------------------------- */

static const char *reader_of(const char *path)
{
    static const struct {
        const char *ending, *reader;
    } readers[] = {{".parquet", "read_parquet"}, {".csv", "read_csv"}, {".tsv", "read_csv"}};
    size_t length = strlen(path);
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        size_t ending = strlen(readers[i].ending);
        if (length > ending && strcasecmp(path + length - ending, readers[i].ending) == 0)
            return readers[i].reader;
    }
    return NULL;
}

/* A table is a copy: the file is closed, and its folder out of reach, before the statement is
 * looked at. */
static enum rg_status print_table(const struct rg_query_table *table, struct buffer *out,
                                  struct rg_error *err)
{
    if (!table->name || !*table->name || !table->path || !*table->path)
        return error_set(err, RG_ERR_USAGE, layer, "a table of a query needs a name and a file");
    const char *reader = reader_of(table->path);
    if (!reader) {
        error_set(err, RG_ERR_USAGE, layer, "cannot tell the format of %s", table->path);
        error_hint(err, "a file to read ends in .parquet, .csv or .tsv");
        return RG_ERR_USAGE;
    }
    char *path = realpath(table->path, NULL);
    if (!path)
        return error_errno(err, layer, errno, "cannot read", table->path);
    if (path_is_folder(path)) {
        free(path);
        return error_set(err, RG_ERR_USAGE, layer, "%s is a folder", table->path);
    }
    buffer_text(out, "CREATE TABLE ");
    buffer_sql_name(out, str_of(table->name));
    buffer_printf(out, " AS SELECT * FROM %s(", reader);
    buffer_sql_path(out, str_of(path));
    buffer_text(out, ");\n");
    free(path);
    return out->failed ? error_no_memory(err, layer) : RG_OK;
}

static enum rg_status print_tables(const struct rg_query_request *request, struct buffer *out,
                                   struct rg_error *err)
{
    if (request->n_tables && !request->tables)
        return error_set(err, RG_ERR_USAGE, layer, "the list of tables is missing");
    enum rg_status status = RG_OK;
    for (size_t i = 0; status == RG_OK && i < request->n_tables; i++) {
        status = print_table(&request->tables[i], out, err);
        for (size_t k = 0; status == RG_OK && k < i; k++)
            if (strcasecmp(request->tables[i].name, request->tables[k].name) == 0)
                status = error_set(err, RG_ERR_USAGE, layer, "two tables are named %s",
                                   request->tables[i].name);
    }
    return status;
}

/* A table that the build was not asked for: by what it is. */
static void hint_option(struct rg_error *err)
{
    static const struct {
        const char *table, *option;
    } options[] = {{"symbols", "--symbols"},
                   {"occurrences", "--symbols"},
                   {"lines", "--symbols"},
                   {"props_json", "--json-props"},
                   {"node_properties", "--json-props"},
                   {"disagreement", "--scip FILE"},
                   {"scip_documents", "--scip FILE"},
                   {"scip_problems", "--scip FILE"},
                   {"span_errors", "--scip FILE"}};
    char message[80];
    for (size_t i = 0; err && i < sizeof options / sizeof *options; i++) {
        snprintf(message, sizeof message, "Table with name %s does not exist", options[i].table);
        if (strncmp(err->message, message, strlen(message)) == 0)
            error_hint(err, "it is made by a build with %s", options[i].option);
    }
}

enum rg_status rg_query(struct rg_session *session, const struct rg_query_request *given,
                        struct ArrowArrayStream *out_stream, struct rg_error *err)
{
    *out_stream = (struct ArrowArrayStream){0};
    struct rg_query_request request;
    struct buffer setup = {0}, tables = {0};
    char *build = NULL, *sql = NULL;
    enum rg_status status = options_read(&request, sizeof request, given, "rg_query_request", err);
    if (status != RG_OK)
        return status;
    if (!request.graph || !*request.graph)
        return error_set(err, RG_ERR_USAGE, layer, "no graph is named");
    if (!request.sql || !*request.sql)
        return error_set(err, RG_ERR_USAGE, layer, "no query is given");
    if (request.n_params && !request.params)
        return error_set(err, RG_ERR_USAGE, layer, "the list of parameters is missing");
    if (strlen(request.sql) > LIMIT_QUERY_BYTES)
        return error_set(err, RG_ERR_LIMIT, layer, "the query is longer than %u bytes",
                         LIMIT_QUERY_BYTES);
    sql = strdup(request.sql);
    if (!sql)
        return error_no_memory(err, layer);
    status = print_tables(&request, &tables, err);
    if (status == RG_OK)
        status = graph_open(request.graph, true, &build, &setup, err);
    if (status == RG_OK) {
        query_spell_references(sql, strlen(sql));
        struct sandbox_request sandbox = {
            .build_folder = build,
            .setup = buffer_view(&setup),
            .tables = buffer_view(&tables),
            .sql = str_of(sql),
            .params = request.params,
            .n_params = request.n_params,
            .rows_max = request.rows_max,
            .timeout_ms = request.timeout_ms,
        };
        status = sandbox_query(session, &sandbox, out_stream, err);
        if (status != RG_OK)
            hint_option(err);
    }
    buffer_fini(&setup);
    buffer_fini(&tables);
    free(sql);
    free(build);
    return status;
}
