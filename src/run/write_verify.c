/* What was written, looked at once more: each file's own footer must tell the rows that were sent
 * and the columns of its dataset. From there come the statistics of its columns too. */
#include <stdlib.h>

#include "base/error.h"
#include "base/file.h"
#include "engine/arrow_ipc_read.h"
#include "run/run_inside.h"

enum { FOOTER_ROWS_MAX = 1 << 22 }; /* 256 shards of ten datasets of 64 columns, and many more */

/* Files to be looked at, by path, and of which dataset they are. */
struct verified_file {
    struct run_shard *shard;
    const struct dataset *dataset;
};

struct verified_files {
    struct verified_file *files;
    size_t n;
};

static enum rg_status mismatch(const struct run_shard *shard, struct rg_error *err,
                               const char *what, uint64_t found, uint64_t expected)
{
    return error_set(err, RG_ERR_INTERNAL, RUN_LAYER,
                     "%s was written with %llu %s, but %llu were sent", shard->path.ptr,
                     (unsigned long long)found, what, (unsigned long long)expected);
}

static enum rg_status wrong_column(const struct run_shard *shard, struct str name, struct str type,
                                   struct rg_error *err)
{
    return error_set(err, RG_ERR_INTERNAL, RUN_LAYER,
                     "%s was written with a column " STR_FMT " of type " STR_FMT
                     ", which its dataset does not have",
                     shard->path.ptr, STR_ARG(name), STR_ARG(type));
}

/* How a type of a contract is stored. Words of enum types are texts. */
static const char *stored_type(struct str type)
{
    static const struct {
        const char *type, *stored;
    } types[] = {{"BIGINT", "INT64"},   {"INTEGER", "INT32"}, {"SMALLINT", "INT32"},
                 {"TINYINT", "INT32"},  {"DOUBLE", "DOUBLE"}, {"FLOAT", "FLOAT"},
                 {"BOOLEAN", "BOOLEAN"}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (str_is(type, types[i].type))
            return types[i].stored;
    return "BYTE_ARRAY";
}

static enum rg_status stats_init(struct run *run, const struct dataset *dataset,
                                 struct run_shard *shard, struct rg_error *err)
{
    shard->columns = ARENA_ARRAY(&run->result->arena, dataset->n_columns, struct run_column);
    if (!shard->columns)
        return error_no_memory(err, RUN_LAYER);
    shard->n_columns = dataset->n_columns;
    for (size_t i = 0; i < dataset->n_columns; i++) {
        struct run_column *column = &shard->columns[i];
        column->name = arena_str(&run->result->arena, dataset->columns[i].name);
        column->type = arena_str(&run->result->arena, dataset->columns[i].type);
        if (!column->name.ptr || !column->type.ptr)
            return error_no_memory(err, RUN_LAYER);
    }
    return RG_OK;
}

/* --- Parquet ------------------------------------------------------------------------------------
 */

/* Rows of the footers' tables: file, then what `before` says; of all files at once. */
static enum rg_status read_footers(struct run *run, const struct verified_files *files,
                                   const char *before, const char *behind, struct arena *arena,
                                   struct text_table *out_table, struct rg_error *err)
{
    struct buffer sql = {0};
    buffer_text(&sql, before);
    for (size_t i = 0; i < files->n; i++) {
        buffer_text(&sql, i ? ", " : "[");
        write_print_path(run, files->files[i].shard, &sql);
    }
    buffer_char(&sql, ']');
    buffer_text(&sql, behind);
    enum rg_status status = sql.failed ? error_no_memory(err, RUN_LAYER)
                                       : store_table(run->store, buffer_view(&sql), FOOTER_ROWS_MAX,
                                                     arena, out_table, err);
    buffer_fini(&sql);
    return status;
}

/* The file that a footer's row tells of: the last two parts of its path are those of a shard. */
static const struct verified_file *file_of(const struct verified_files *files, struct str path)
{
    size_t from = path.len;
    for (int slashes = 0; from > 0; from--)
        if (path.ptr[from - 1] == '/' && ++slashes == 2)
            break;
    struct str wanted = {path.ptr + from, path.len - from};
    size_t low = 0, high = files->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_cmp(files->files[middle].shard->path, wanted);
        if (order == 0)
            return &files->files[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static uint64_t number_of(struct str text)
{
    return text.ptr ? strtoull(text.ptr, NULL, 10) : 0;
}

static enum rg_status check_rows(struct run *run, const struct verified_files *files,
                                 struct arena *arena, struct rg_error *err)
{
    struct text_table table;
    size_t seen = 0;
    enum rg_status status =
        read_footers(run, files, "SELECT file_name, num_rows FROM parquet_file_metadata(", ")",
                     arena, &table, err);
    for (size_t i = 0; !status && i < table.rows; i++) {
        const struct verified_file *file = file_of(files, table.cells[2 * i]);
        uint64_t rows = number_of(table.cells[2 * i + 1]);
        seen += file != NULL;
        if (file && rows != file->shard->rows)
            status = mismatch(file->shard, err, "rows", rows, file->shard->rows);
    }
    if (!status && seen != files->n)
        status = mismatch(files->files[0].shard, err, "files beside it", seen, files->n);
    return status;
}

static enum rg_status check_columns(struct run *run, const struct verified_files *files,
                                    struct arena *arena, struct rg_error *err)
{
    struct text_table table;
    size_t expected = 0;
    enum rg_status status =
        read_footers(run, files, "SELECT file_name, name, type FROM parquet_schema(",
                     ") WHERE type IS NOT NULL", arena, &table, err);
    for (size_t i = 0; !status && i < table.rows; i++) {
        const struct verified_file *file = file_of(files, table.cells[3 * i]);
        struct str name = table.cells[3 * i + 1], type = table.cells[3 * i + 2];
        int column = file ? dataset_column_index(file->dataset, name) : -1;
        if (file && (column < 0 || !str_is(type, stored_type(file->dataset->columns[column].type))))
            status = wrong_column(file->shard, name, type, err);
    }
    for (size_t i = 0; i < files->n; i++)
        expected += files->files[i].dataset->n_columns;
    if (!status && table.rows != expected)
        status = mismatch(files->files[0].shard, err, "columns, together with the files beside it",
                          table.rows, expected);
    return status;
}

/* Over the row groups of a file. Of a column with a group whose bounds are not told, none are: the
 * engine tells none of texts beyond 256 bytes. */
static const char stats_before[] =
    "SELECT file_name, path_in_schema, CAST(sum(stats_null_count) AS BIGINT), "
    "CASE WHEN bool_and(told) THEN CASE type "
    "WHEN 'INT64' THEN CAST(min(TRY_CAST(low AS BIGINT)) AS VARCHAR) "
    "WHEN 'INT32' THEN CAST(min(TRY_CAST(low AS BIGINT)) AS VARCHAR) "
    "WHEN 'DOUBLE' THEN CAST(min(TRY_CAST(low AS DOUBLE)) AS VARCHAR) "
    "WHEN 'FLOAT' THEN CAST(min(TRY_CAST(low AS DOUBLE)) AS VARCHAR) ELSE min(low) END END, "
    "CASE WHEN bool_and(told) THEN CASE type "
    "WHEN 'INT64' THEN CAST(max(TRY_CAST(high AS BIGINT)) AS VARCHAR) "
    "WHEN 'INT32' THEN CAST(max(TRY_CAST(high AS BIGINT)) AS VARCHAR) "
    "WHEN 'DOUBLE' THEN CAST(max(TRY_CAST(high AS DOUBLE)) AS VARCHAR) "
    "WHEN 'FLOAT' THEN CAST(max(TRY_CAST(high AS DOUBLE)) AS VARCHAR) ELSE max(high) END END "
    "FROM (SELECT *, coalesce(stats_min_value, stats_min) AS low, "
    "coalesce(stats_max_value, stats_max) AS high, "
    "stats_null_count = num_values OR (coalesce(stats_min_value, stats_min) IS NOT NULL AND "
    "coalesce(stats_max_value, stats_max) IS NOT NULL) AS told FROM parquet_metadata(";
static const char stats_behind[] = ")) GROUP BY file_name, path_in_schema, type";

static enum rg_status keep_bounds(struct run *run, struct run_column *column, struct str low,
                                  struct str high, struct rg_error *err)
{
    if (!low.ptr || !high.ptr || low.len > RUN_BOUND_BYTES_MAX || high.len > RUN_BOUND_BYTES_MAX)
        return RG_OK;
    column->min = arena_str(&run->result->arena, low);
    column->max = arena_str(&run->result->arena, high);
    return column->min.ptr && column->max.ptr ? RG_OK : error_no_memory(err, RUN_LAYER);
}

static enum rg_status read_stats(struct run *run, const struct verified_files *files,
                                 struct arena *arena, struct rg_error *err)
{
    struct text_table table;
    enum rg_status status =
        read_footers(run, files, stats_before, stats_behind, arena, &table, err);
    for (size_t i = 0; !status && i < table.rows; i++) {
        const struct str *cells = &table.cells[5 * i];
        const struct verified_file *file = file_of(files, cells[0]);
        int number = file ? dataset_column_index(file->dataset, cells[1]) : -1;
        if (number < 0)
            continue;
        struct run_column *column = &file->shard->columns[number];
        column->nulls = number_of(cells[2]);
        status = keep_bounds(run, column, cells[3], cells[4], err);
    }
    return status;
}

/* --- Arrow --------------------------------------------------------------------------------------
 */

static bool arrow_type_fits(const struct arrow_column *column, struct str type)
{
    const char *stored = stored_type(type);
    switch (column->value) {
    case ARROW_VALUE_BOOL:
        return strcmp(stored, "BOOLEAN") == 0;
    case ARROW_VALUE_INT:
        return strcmp(stored, column->bits == 64 ? "INT64" : "INT32") == 0;
    case ARROW_VALUE_FLOAT:
        return strcmp(stored, column->bits == 64 ? "DOUBLE" : "FLOAT") == 0;
    case ARROW_VALUE_TEXT:
        return strcmp(stored, "BYTE_ARRAY") == 0;
    }
    return false;
}

static enum rg_status check_arrow(const struct run *run, const struct dataset *dataset,
                                  const struct run_shard *shard, struct rg_error *err)
{
    struct arrow_file *file = NULL;
    const struct arrow_column *columns;
    char *path = path_join(run->request->output_folder, shard->path.ptr);
    enum rg_status status =
        path ? arrow_file_open(path, &file, err) : error_no_memory(err, RUN_LAYER);
    free(path);
    if (status)
        return status;
    size_t n = arrow_file_columns(file, &columns);
    if (arrow_file_rows(file) != shard->rows)
        status = mismatch(shard, err, "rows", arrow_file_rows(file), shard->rows);
    else if (n != dataset->n_columns)
        status = mismatch(shard, err, "columns", n, dataset->n_columns);
    for (size_t i = 0; i < n && !status; i++)
        if (!str_eq(columns[i].name, dataset->columns[i].name) ||
            !arrow_type_fits(&columns[i], dataset->columns[i].type))
            status = wrong_column(shard, columns[i].name, dataset->columns[i].type, err);
    arrow_file_close(file);
    return status;
}

/* Reads all of the file, which says that it can be read. */
static enum rg_status read_arrow_stats(struct run *run, const struct dataset *dataset,
                                       struct run_shard *shard, struct arena *arena,
                                       struct rg_error *err)
{
    struct buffer sql = {0};
    struct text_table table;
    buffer_text(&sql, "SELECT count(*)");
    for (size_t i = 0; i < dataset->n_columns; i++) {
        static const char *const parts[] = {", count(", ", min(", ", max("};
        for (size_t p = 0; p < 3; p++) {
            buffer_text(&sql, parts[p]);
            buffer_sql_name(&sql, dataset->columns[i].name);
            buffer_char(&sql, ')');
        }
    }
    buffer_text(&sql, " FROM ");
    write_print_file(run, shard, &sql);
    enum rg_status status = sql.failed
                                ? error_no_memory(err, RUN_LAYER)
                                : store_table(run->store, buffer_view(&sql), 1, arena, &table, err);
    if (!status && number_of(table.cells[0]) != shard->rows)
        status = mismatch(shard, err, "rows", number_of(table.cells[0]), shard->rows);
    for (size_t i = 0; i < dataset->n_columns && !status; i++) {
        const struct str *cells = &table.cells[1 + 3 * i];
        shard->columns[i].nulls = shard->rows - number_of(cells[0]);
        status = keep_bounds(run, &shard->columns[i], cells[1], cells[2], err);
    }
    buffer_fini(&sql);
    return status;
}

/* --- Datasets -----------------------------------------------------------------------------------
 */

static int by_path(const void *a, const void *b)
{
    return str_cmp(((const struct verified_file *)a)->shard->path,
                   ((const struct verified_file *)b)->shard->path);
}

static enum rg_status verify_arrow(struct run *run, const struct verified_file *file,
                                   struct rg_error *err)
{
    struct arena arena = {0};
    enum rg_status status = check_arrow(run, file->dataset, file->shard, err);
    if (!status)
        status = read_arrow_stats(run, file->dataset, file->shard, &arena, err);
    arena_fini(&arena);
    return status;
}

static enum rg_status verify_parquet(struct run *run, struct verified_files *files,
                                     struct rg_error *err)
{
    struct arena arena = {0};
    if (files->n == 0)
        return RG_OK;
    qsort(files->files, files->n, sizeof *files->files, by_path);
    enum rg_status status = check_rows(run, files, &arena, err);
    if (!status)
        status = check_columns(run, files, &arena, err);
    if (!status)
        status = read_stats(run, files, &arena, err);
    arena_fini(&arena);
    return status;
}

enum rg_status write_verify(struct run *run, const struct dataset *const *datasets, size_t n,
                            struct rg_error *err)
{
    struct verified_files parquet = {0};
    enum rg_status status = RG_OK;
    parquet.files = calloc(run->result->n_shards + 1, sizeof *parquet.files);
    if (!parquet.files)
        return error_no_memory(err, RUN_LAYER);
    for (size_t d = 0; d < n; d++) {
        size_t n_shards;
        struct run_shard *shards = write_shards_of(run, datasets[d]->name, &n_shards);
        RG_ASSERT(n_shards > 0);
        for (size_t i = 0; i < n_shards && !status; i++) {
            struct verified_file file = {&shards[i], datasets[d]};
            status = stats_init(run, datasets[d], &shards[i], err);
            if (!status && write_is_arrow(&shards[i]))
                status = verify_arrow(run, &file, err);
            else if (!status)
                parquet.files[parquet.n++] = file;
        }
    }
    if (!status)
        status = verify_parquet(run, &parquet, err);
    free(parquet.files);
    return status;
}

bool write_has_forbidden_nulls(const struct run *run, const struct dataset *dataset)
{
    size_t n;
    const struct run_shard *shards = write_shards_of(run, dataset->name, &n);
    for (size_t s = 0; s < n; s++)
        for (size_t i = 0; i < shards[s].n_columns; i++)
            if (dataset->columns[i].not_null && shards[s].columns[i].nulls)
                return true;
    return false;
}
