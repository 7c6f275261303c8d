/* rg_export: one query over the graph whose rows come sorted by file, and the writer of a format
 * that takes them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/options_read.h"
#include "graph/export_scip.h"
#include "graph/query.h"
#include "graph/run_record.h"

static const char layer[] = "graph";

enum { BYTES_AT_ONCE = 1 << 20 };

/* What a row is about, in the order within its file; an implementation comes behind its symbol. */
enum row_kind { ROW_FILE, ROW_LINE, ROW_SYMBOL, ROW_OCCURRENCE };

/* Columns of the query. */
enum column {
    COLUMN_KIND,
    COLUMN_START,
    COLUMN_END,
    COLUMN_ENCLOSING_START,
    COLUMN_ENCLOSING_END,
    COLUMN_PATH,
    COLUMN_SYMBOL,
    COLUMN_TARGET, /* of an implementation; else NULL */
    COLUMN_WORD,   /* language, what the symbol is, role */
    COLUMN_NAME,
    COLUMN_OWNER,
    COLUMN_SIGNATURE,
    COLUMNS
};

static const char sql[] =
    "SELECT kind, start_byte, end_byte, enclosing_start, enclosing_end,"
    "       path, symbol, target, word, name, owner, signature FROM ("
    " SELECT 0 AS kind, 0 AS start_byte, 0 AS end_byte, 0 AS enclosing_start, 0 AS enclosing_end,"
    "        f.path AS path, '' AS symbol, NULL AS target, f.language AS word, '' AS name,"
    "        NULL AS owner, NULL AS signature"
    " FROM files AS f SEMI JOIN symbols AS s ON s.path = f.path"
    " UNION ALL SELECT 1, start_byte, 0, 0, 0, path, '', NULL, '', '', NULL, NULL FROM lines"
    " UNION ALL SELECT 2, 0, 0, 0, 0, s.path, s.symbol, NULL, s.what, s.name, o.symbol, n.signature"
    "  FROM symbols AS s LEFT JOIN symbols AS o ON o.symbol_id = s.owner_id"
    "  LEFT JOIN nodes AS n ON n.node_id = s.node_id"
    " UNION ALL SELECT DISTINCT 2, 0, 0, 0, 0, s.path, s.symbol, t.symbol, '', '', NULL, NULL"
    "  FROM edges AS e JOIN symbols AS s ON s.node_id = e.src"
    "  JOIN symbols AS t ON t.node_id = e.dst"
    "  WHERE e.kind IN ('OVERRIDES', 'INHERITS_FROM')"
    "  AND (NOT starts_with(t.symbol, 'local ') OR t.path = s.path)"
    " UNION ALL SELECT 3, start_byte, end_byte, coalesce(enclosing_start, 0),"
    "  coalesce(enclosing_end, 0), path, symbol, NULL, role, '', NULL, NULL FROM occurrences"
    ") ORDER BY path, kind, start_byte, end_byte, symbol, target NULLS FIRST, word, name, owner,"
    " signature";

struct export
{
    const struct rg_export_request *request;
    struct scip_writer *writer;
    struct buffer out; /* not yet given to the caller */
    uint64_t bytes;
    bool in_document;
};

/* --- Rows ------------------------------------------------------------------------------------- */

static bool is_null(const struct ArrowArray *column, int64_t row)
{
    const uint8_t *valid = column->buffers[0];
    int64_t at = row + column->offset;
    return valid && !(valid[at / 8] >> (at % 8) & 1);
}

static uint32_t number_at(const struct ArrowArray *batch, enum column column, int64_t row)
{
    const struct ArrowArray *array = batch->children[column];
    const int32_t *numbers = array->buffers[1];
    int32_t number = is_null(array, row) ? 0 : numbers[row + array->offset];
    return number < 0 ? 0 : (uint32_t)number;
}

static struct str text_at(const struct ArrowArray *batch, enum column column, int64_t row)
{
    const struct ArrowArray *array = batch->children[column];
    const int32_t *offsets = array->buffers[1];
    const char *texts = array->buffers[2];
    int64_t at = row + array->offset;
    if (is_null(array, row))
        return (struct str){0};
    size_t length = (size_t)(offsets[at + 1] - offsets[at]);
    return (struct str){length ? texts + offsets[at] : "", length};
}

/* The stream has the columns in the types that are read above. */
static enum rg_status check_schema(struct ArrowArrayStream *stream, struct rg_error *err)
{
    struct ArrowSchema schema = {0};
    if (stream->get_schema(stream, &schema))
        return error_set(err, RG_ERR_ENGINE, layer, "%s", stream->get_last_error(stream));
    bool good = schema.n_children == COLUMNS;
    for (int64_t i = 0; good && i < COLUMNS; i++)
        good = strcmp(schema.children[i]->format, i < COLUMN_PATH ? "i" : "u") == 0;
    schema.release(&schema);
    return good ? RG_OK : error_set(err, RG_ERR_INTERNAL, layer, "the rows have other types");
}

/* --- Documents -------------------------------------------------------------------------------- */

static enum rg_status give(struct export *export, size_t at_least, struct rg_error *err)
{
    if (export->out.len < at_least || export->out.len == 0)
        return RG_OK;
    int number = export->request->write(export->request->user, export->out.data, export->out.len);
    export->bytes += export->out.len;
    buffer_clear(&export->out);
    return number ? error_errno(err, layer, number, "cannot write the", "index") : RG_OK;
}

static enum rg_status end_document(struct export *export, struct rg_error *err)
{
    if (!export->in_document)
        return RG_OK;
    export->in_document = false;
    enum rg_status status = scip_document_end(export->writer, &export->out, err);
    return status ? status : give(export, BYTES_AT_ONCE, err);
}

static enum rg_status take_symbol(struct export *export, const struct ArrowArray *batch,
                                  int64_t row, struct rg_error *err)
{
    struct str symbol = text_at(batch, COLUMN_SYMBOL, row);
    struct str target = text_at(batch, COLUMN_TARGET, row);
    if (target.ptr)
        return scip_document_implements(export->writer, symbol, target, err);
    return scip_document_symbol(export->writer, symbol, text_at(batch, COLUMN_WORD, row),
                                text_at(batch, COLUMN_NAME, row), text_at(batch, COLUMN_OWNER, row),
                                text_at(batch, COLUMN_SIGNATURE, row), err);
}

static enum rg_status take_row(struct export *export, const struct ArrowArray *batch, int64_t row,
                               struct rg_error *err)
{
    const uint32_t span[] = {number_at(batch, COLUMN_START, row),
                             number_at(batch, COLUMN_END, row)};
    const uint32_t enclosing[] = {number_at(batch, COLUMN_ENCLOSING_START, row),
                                  number_at(batch, COLUMN_ENCLOSING_END, row)};
    enum row_kind kind = (enum row_kind)number_at(batch, COLUMN_KIND, row);
    if (kind == ROW_FILE) {
        enum rg_status status = end_document(export, err);
        export->in_document = true;
        return status ? status
                      : scip_document_begin(export->writer, text_at(batch, COLUMN_PATH, row),
                                            text_at(batch, COLUMN_WORD, row), err);
    }
    if (!export->in_document) /* lines of a file without a name */
        return kind == ROW_LINE ? RG_OK
                                : error_set(err, RG_ERR_CORRUPT, layer,
                                            "the graph has names in a file that it does not know");
    switch (kind) {
    case ROW_LINE:
        return scip_document_line(export->writer, span[0], err);
    case ROW_SYMBOL:
        return take_symbol(export, batch, row, err);
    default:
        return scip_document_occurrence(export->writer, text_at(batch, COLUMN_SYMBOL, row),
                                        text_at(batch, COLUMN_WORD, row), span, enclosing, err);
    }
}

static enum rg_status stream_failure(struct ArrowArrayStream *stream, int number,
                                     struct rg_error *err)
{
    const char *text = stream->get_last_error(stream);
    enum rg_status status = number == ECANCELED ? RG_ERR_CANCELLED
                            : number == ENOMEM  ? RG_ERR_MEMORY
                            : number == ENOSPC  ? RG_ERR_DISK_FULL
                                                : RG_ERR_ENGINE;
    return error_set(err, status, layer, "%s", text ? text : strerror(number));
}

static enum rg_status take_stream(struct export *export, struct ArrowArrayStream *stream,
                                  struct rg_error *err)
{
    enum rg_status status = check_schema(stream, err);
    while (!status) {
        struct ArrowArray batch = {0};
        int number = stream->get_next(stream, &batch);
        if (number)
            return stream_failure(stream, number, err);
        if (!batch.release)
            break;
        for (int64_t row = 0; row < batch.length && !status; row++)
            status = take_row(export, &batch, row, err);
        batch.release(&batch);
    }
    return status ? status : end_document(export, err);
}

/* --- The request ------------------------------------------------------------------------------ */

/* The repository's folder as a URI, where the graph still knows it. */
static enum rg_status print_root(const char *build, struct buffer *out, struct rg_error *err)
{
    static const char plain[] = "/-._~";
    char *repository = NULL;
    struct rg_error unknown;
    if (run_record_repository(build, &repository, &unknown) != RG_OK)
        return RG_OK;
    buffer_text(out, "file://");
    for (const char *c = repository; *c; c++) {
        bool keep = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                    (*c >= '0' && *c <= '9') || strchr(plain, *c);
        if (keep)
            buffer_char(out, *c);
        else
            buffer_printf(out, "%%%02X", (unsigned)(unsigned char)*c);
    }
    free(repository);
    return out->failed ? error_no_memory(err, layer) : RG_OK;
}

static bool build_has(const char *build, const char *dataset)
{
    char path[4200];
    snprintf(path, sizeof path, "%s/%s", build, dataset);
    return access(path, F_OK) == 0;
}

static enum rg_status write_start(struct export *export, struct rg_error *err)
{
    static const char *const datasets[] = {"symbols", "occurrences", "lines"};
    struct buffer setup = {0}, root = {0};
    char *build = NULL;
    enum rg_status status = graph_open(export->request->graph, false, &build, &setup, err);
    for (size_t i = 0; i < sizeof datasets / sizeof *datasets && !status; i++) {
        if (build_has(build, datasets[i]))
            continue;
        status = error_set(err, RG_ERR_USAGE, layer, "the graph has no %s", datasets[i]);
        error_hint(err, "build it with --symbols");
    }
    if (!status)
        status = print_root(build, &root, err);
    if (!status)
        status = scip_write_metadata(root.data ? root.data : "", &export->out, err);
    buffer_fini(&setup);
    buffer_fini(&root);
    free(build);
    return status;
}

enum rg_status rg_export(struct rg_session *session, const struct rg_export_request *given,
                         struct rg_exported *out_exported, struct rg_error *err)
{
    struct rg_export_request request;
    struct ArrowArrayStream stream = {0};
    if (out_exported)
        *out_exported = (struct rg_exported){0};
    enum rg_status status = options_read(&request, sizeof request, given, "rg_export_request", err);
    if (status)
        return status;
    if (!request.graph || !request.write || request.format != RG_EXPORT_SCIP)
        return error_set(
            err, RG_ERR_USAGE, layer,
            "an export needs a graph, a format that is known, and who takes its bytes");
    struct export export = {.request = &request};
    struct scip_project project = {request.project_name, request.project_version};
    struct rg_query_request query = {
        .struct_size = sizeof query, .graph = request.graph, .sql = sql};
    status = write_start(&export, err);
    if (!status)
        status = scip_writer_open(&project, &export.writer, err);
    if (!status)
        status = rg_query(session, &query, &stream, err);
    if (!status)
        status = take_stream(&export, &stream, err);
    if (!status)
        status = give(&export, 0, err);
    if (!status && out_exported) {
        scip_writer_counts(export.writer, out_exported);
        out_exported->bytes = export.bytes;
    }
    if (stream.release)
        stream.release(&stream);
    scip_writer_close(export.writer);
    buffer_fini(&export.out);
    return status;
}
