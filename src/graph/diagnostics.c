/* Diagnostics: facts that a user must be able to see, as Parquet. */
#include "graph/diagnostics.h"

#include <stdlib.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/file.h"

static const char layer[] = "graph";

static const struct diagnostic_column files_columns[] = {
    {"path", "VARCHAR", "relative to the repository; bytes that are not UTF-8 are percent-escaped"},
    {"language", "VARCHAR", NULL},
    {"sha256", "VARCHAR", "of the content; NULL where it was not read"},
    {"size_bytes", "BIGINT", NULL},
    {"encoding", "VARCHAR", "as declared or found"},
    {"line_count", "INTEGER", NULL},
    {"status", "VARCHAR", "parsed, partial (holds a syntax error), skipped, unreadable"},
    {"reason", "VARCHAR", "why it was skipped or could not be read"},
    {"file_id", "BIGINT", NULL},
};

static const struct diagnostic_column syntax_errors_columns[] = {
    {"path", "VARCHAR", NULL},
    {"what", "VARCHAR", "ERROR, or MISSING and what is missing"},
    {"start_line", "INTEGER", NULL},
    {"end_line", "INTEGER", NULL},
    {"start_byte", "INTEGER", NULL},
    {"end_byte", "INTEGER", NULL},
    {"function_id", "BIGINT", "METHOD that is thereby partial"},
    {"node_id", "BIGINT", NULL},
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

const struct diagnostic_spec diagnostic_specs[] = {
    {"files", "every file of a known language, and every folder that could not be read",
     files_columns, COUNT(files_columns),
     "SELECT path, language, sha256, size_bytes, encoding, line_count, status::VARCHAR AS status,\n"
     "       reason, file_id FROM file ORDER BY ordinal"},
    {"syntax_errors", "places that are not of their language, as the parser understood them",
     syntax_errors_columns, COUNT(syntax_errors_columns),
     "SELECT f.path, e.what, s.start_line, s.end_line, s.start_byte, s.end_byte, s.function_id,\n"
     "       s.node_id\n"
     "FROM syntax_error AS e JOIN file AS f USING (file_id)\n"
     "JOIN syntax AS s ON s.file_id = e.file_id AND s.node = e.node\n"
     "ORDER BY f.ordinal, e.node"},
};
const size_t diagnostic_specs_count = COUNT(diagnostic_specs);

static enum rg_status write_one(struct store *store, const struct diagnostic_spec *spec,
                                const char *build_folder, struct arena *arena,
                                struct manifest_shard *shard, struct rg_error *err)
{
    enum rg_status status;
    struct buffer sql = {0};
    const char *relative = arena_printf(arena, "diagnostics/%s.parquet", spec->name);
    char *path = relative ? path_join(build_folder, relative) : NULL;
    if (!path)
        return error_no_memory(err, layer);
    buffer_printf(&sql, "COPY (%s) TO ", spec->sql);
    buffer_sql_text(&sql, str_of(path));
    buffer_text(&sql, " (FORMAT parquet, COMPRESSION zstd)");
    *shard = (struct manifest_shard){.dataset = str_of(spec->name), .path = str_of(relative)};
    status = sql.failed ? error_no_memory(err, layer)
                        : store_exec_count(store, buffer_view(&sql), &shard->rows, err);
    if (status == RG_OK)
        status = file_sha256(path, shard->sha256, err);
    shard->bytes = file_size(path);
    buffer_fini(&sql);
    free(path);
    return status;
}

enum rg_status diagnostics_write(struct store *store, const char *build_folder, struct arena *arena,
                                 struct manifest_shard *out_shards, struct rg_error *err)
{
    char *folder = path_join(build_folder, "diagnostics");
    enum rg_status status = folder ? folder_make(folder, err) : error_no_memory(err, layer);
    for (size_t i = 0; status == RG_OK && i < diagnostic_specs_count; i++)
        status = write_one(store, &diagnostic_specs[i], build_folder, arena, &out_shards[i], err);
    free(folder);
    return status;
}
