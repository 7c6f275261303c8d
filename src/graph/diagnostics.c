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

static const struct diagnostic_column scip_documents_columns[] = {
    {"index", "VARCHAR", "the index's file, without its folder"},
    {"path", "VARCHAR", "as the index writes it"},
    {"file_path", "VARCHAR", "of the file that it speaks of; NULL where there is none"},
    {"status", "VARCHAR", "read, or why nothing of it was taken: see scip_problems"},
    {"encoding", "VARCHAR", "what its columns count: utf8, utf16, utf32; unknown"},
    {"encoding_source", "VARCHAR",
     "declared, producer (the tool is known), found (by the names), "
     "none"},
    {"occurrences", "INTEGER", NULL},
    {"placed", "INTEGER", "that are at exact bytes of the file"},
    {"names_same", "INTEGER", "definitions whose text is the name in their symbol"},
    {"names_other", "INTEGER", "definitions whose text is another"},
};

static const struct diagnostic_column scip_problems_columns[] = {
    {"index", "VARCHAR", "the index's file, without its folder"},
    {"path", "VARCHAR", "of the document, as the index writes it"},
    {"what", "VARCHAR", "missing, stale, duplicate, …, bad_symbol, bad_information, not_utf8"},
    {"detail", "VARCHAR", NULL},
};

static const struct diagnostic_column span_errors_columns[] = {
    {"index", "VARCHAR", "the index's file, without its folder"},
    {"path", "VARCHAR", "of the file"},
    {"what", "VARCHAR", "occurrence, or enclosing: the range around one"},
    {"reason", "VARCHAR", "why it is no place in the file"},
    {"symbol", "VARCHAR", "as the index writes it"},
    {"start_line", "INTEGER", "as the index has it, from 0; as are the others"},
    {"start_column", "INTEGER", NULL},
    {"end_line", "INTEGER", NULL},
    {"end_column", "INTEGER", NULL},
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

const struct diagnostic_spec diagnostic_specs[] = {
    {"files",
     "every file of a known language or that a SCIP index knows, and every folder that could "
     "not be read",
     files_columns, COUNT(files_columns),
     "SELECT path, language, sha256, size_bytes, encoding, line_count, status::VARCHAR AS status,\n"
     "       reason, file_id FROM file ORDER BY ordinal",
     false},
    {"syntax_errors", "places that are not of their language, as the parser understood them",
     syntax_errors_columns, COUNT(syntax_errors_columns),
     "SELECT f.path, e.what, s.start_line, s.end_line, s.start_byte, s.end_byte, s.function_id,\n"
     "       s.node_id\n"
     "FROM syntax_error AS e JOIN file AS f USING (file_id)\n"
     "JOIN syntax AS s ON s.file_id = e.file_id AND s.node = e.node\n"
     "ORDER BY f.ordinal, e.node",
     false},
    {"scip_documents", "what SCIP indexes say of files, and whether it was taken",
     scip_documents_columns, COUNT(scip_documents_columns),
     "SELECT i.name AS index, d.path, f.path AS file_path, d.status::VARCHAR AS status,\n"
     "       d.encoding::VARCHAR AS encoding, d.encoding_source::VARCHAR AS encoding_source,\n"
     "       d.occurrences, d.placed, d.names_same, d.names_other\n"
     "FROM scip_document AS d JOIN scip_index AS i ON i.index = d.index\n"
     "LEFT JOIN file AS f ON f.file_id = d.file_id ORDER BY d.index, d.document",
     true},
    {"scip_problems", "what is wrong with SCIP indexes", scip_problems_columns,
     COUNT(scip_problems_columns),
     "SELECT i.name AS index, p.path, p.what, p.detail\n"
     "FROM scip_problem AS p JOIN scip_index AS i ON i.index = p.index\n"
     "ORDER BY p.index, p.document, p.what, p.detail",
     true},
    {"span_errors", "places in SCIP indexes that are none in their file", span_errors_columns,
     COUNT(span_errors_columns),
     "SELECT i.name AS index, f.path, e.what::VARCHAR AS what, e.reason::VARCHAR AS reason,\n"
     "       e.symbol, e.start_line, e.start_column, e.end_line, e.end_column\n"
     "FROM span_error AS e JOIN scip_index AS i ON i.index = e.index\n"
     "JOIN file AS f ON f.file_id = e.file_id\n"
     "ORDER BY e.index, e.document, e.occurrence, e.what",
     true},
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

size_t diagnostics_written(bool with_scip)
{
    size_t n = 0;
    while (n < diagnostic_specs_count && (with_scip || !diagnostic_specs[n].of_scip))
        n++;
    return n;
}

enum rg_status diagnostics_write(struct store *store, bool with_scip, const char *build_folder,
                                 struct arena *arena, struct manifest_shard *out_shards,
                                 struct rg_error *err)
{
    size_t n = diagnostics_written(with_scip);
    char *folder = path_join(build_folder, "diagnostics");
    enum rg_status status = folder ? folder_make(folder, err) : error_no_memory(err, layer);
    for (size_t i = 0; status == RG_OK && i < n; i++)
        status = write_one(store, &diagnostic_specs[i], build_folder, arena, &out_shards[i], err);
    free(folder);
    return status;
}
