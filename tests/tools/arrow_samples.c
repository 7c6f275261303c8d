/* A tool of the tests: Arrow IPC streams and files of every type that the engine gives, and beside
 * them what the engine itself says their values are. tests/arrow reads them with other people's
 * readers.
 *   arrow_samples FOLDER
 * writes CASE.expected, one value a line, and CASE-HOW.arrow (files) or CASE-HOW.arrows (streams),
 * where HOW is whole, sliced (many small slices of large batches) or encoded (texts as a
 * dictionary). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/file.h"
#include "engine/arrow_ipc_write.h"
#include "engine/store.h"

/* `value` over i; `text` is what the readers print for v, where that is not its cast to text. */
static const struct sample {
    const char *name, *value, *text;
    unsigned rows;
} samples[] = {
    {"tinyint", "(i % 256 - 128)::TINYINT", NULL, 300},
    {"utinyint", "CASE WHEN i % 3 > 0 THEN (i % 256)::UTINYINT END", NULL, 300},
    {"smallint", "(i * 100 - 30000)::SMALLINT", NULL, 300},
    {"usmallint", "(i * 200)::USMALLINT", NULL, 300},
    {"integer", "CASE WHEN i % 7 > 0 THEN (i * -7000000)::INTEGER END", NULL, 300},
    {"uinteger", "(4294967295 - i)::UINTEGER", NULL, 300},
    {"bigint", "CASE WHEN i % 2 > 0 THEN 9223372036854775807 - i ELSE -9223372036854775808 + i END",
     NULL, 300},
    {"ubigint", "18446744073709551615 - i::HUGEINT", NULL, 100},
    {"bigint_large", "CASE WHEN i % 5 <> 0 THEN hash(i)::HUGEINT % 1000000000 END::BIGINT", NULL,
     100000},
    {"hugeint", "(i - 50)::HUGEINT * 1000000000000000000000", NULL, 100},
    {"float", "CASE WHEN i % 3 > 0 THEN (i / 8.0 - 5)::FLOAT END",
     "CASE WHEN v = trunc(v) THEN v::BIGINT::VARCHAR ELSE v::VARCHAR END", 100},
    {"double",
     "CASE i WHEN 0 THEN 'inf'::DOUBLE WHEN 1 THEN '-inf'::DOUBLE WHEN 2 THEN "
     "'nan'::DOUBLE ELSE i * 0.123::DOUBLE + 0.01 END",
     NULL, 100},
    {"boolean", "CASE WHEN i % 3 > 0 THEN i % 2 = 0 END", NULL, 100},
    {"boolean_all", "i % 5 = 0", NULL, 67},
    {"varchar", "CASE WHEN i % 3 > 0 THEN 'text ' || i END", NULL, 3000},
    {"varchar_empty", "''", NULL, 70},
    {"varchar_null", "NULL::VARCHAR", NULL, 70},
    {"varchar_none", "'x'", NULL, 0},
    {"varchar_other", "(['größe', '名前', '🙂', 'a\"b\\c', '', NULL])[i % 6 + 1]", NULL,
     1000},
    {"varchar_long", "repeat('ab', (i * 37 % 5000)::INTEGER)", NULL, 300},
    {"blob",
     "CASE WHEN i % 4 > 0 THEN '\\x00\\xFF'::BLOB || repeat('b', (i % 9)::INTEGER)::BLOB END",
     "lower(hex(v))", 50},
    {"uuid", "md5(i::VARCHAR)::UUID", NULL, 50},
    {"decimal", "CASE WHEN i % 3 > 0 THEN (i - 20)::DECIMAL(18, 3) / 8 END::DECIMAL(18, 3)",
     "(v * 1000)::HUGEINT", 100},
    {"decimal_small", "(i - 20)::DECIMAL(4, 1)", "(v * 10)::HUGEINT", 100},
    {"decimal_large", "((i - 20)::HUGEINT * 12345678901234567890123)::DECIMAL(38, 2)",
     "(v * 100)::HUGEINT", 40},
    {"date", "CASE WHEN i % 3 > 0 THEN DATE '1969-12-01' + (i * 100)::INTEGER END",
     "v - DATE '1970-01-01'", 300},
    {"time", "TIME '00:00' + to_seconds(i * 700) + to_microseconds(i)", "epoch_ns(v) // 1000", 100},
    {"timestamp",
     "CASE WHEN i % 3 > 0 THEN TIMESTAMP '1969-01-01 10:00:00.123456' + to_days(i * "
     "100) END",
     "epoch_us(v)", 300},
    {"timestamp_s", "(TIMESTAMP '2020-01-01' + to_seconds(i))::TIMESTAMP_S", "epoch_ms(v) // 1000",
     100},
    {"timestamp_ms", "(TIMESTAMP '2020-01-01' + to_milliseconds(i))::TIMESTAMP_MS", "epoch_ms(v)",
     100},
    {"timestamp_ns", "make_timestamp_ns(1577836800000000000 + i)", "epoch_ns(v)", 100},
    {"timestamptz", "make_timestamp(1577836800000000 + i * 1000001)::TIMESTAMPTZ", "epoch_us(v)",
     100},
    {"interval", "to_months(i) + to_days(i * 2) + to_microseconds(i * 3)",
     "datepart('year', v) * 12 + datepart('month', v) || ',' || datepart('day', v) || ',' || "
     "datepart('microsecond', v) * 1000",
     50},
    {"enum", "(['red', 'green', 'größe', NULL])[i % 4 + 1]::colour", NULL, 1000},
    {"enum_wide", "('v' || (i * 7 % 1000))::wide", NULL, 3000},
    {"enum_none", "'red'::colour", NULL, 0},
    {"list", "CASE WHEN i % 5 > 0 THEN range(i % 4) END", NULL, 1000},
    {"list_text", "CASE WHEN i % 5 > 0 THEN [CASE WHEN i % 3 > 0 THEN 'x' || i END, NULL] END",
     NULL, 1000},
    {"list_list", "[[i], [], NULL, [NULL, i + 1]]", NULL, 300},
    {"list_enum", "[(['red', 'green', NULL])[i % 3 + 1]::colour]", NULL, 300},
    {"array", "(CASE WHEN i % 3 > 0 THEN [i, NULL, i + 1] END)::BIGINT[3]", NULL, 300},
    {"struct", "CASE WHEN i % 3 > 0 THEN {'a': i, 'b': CASE WHEN i % 2 = 0 THEN 'even' END} END",
     NULL, 300},
    {"struct_deep", "{'a': {'b': [{'c': i}, NULL]}, 'd': i % 2 = 0}", NULL, 300},
    {"map", "CASE WHEN i % 5 > 0 THEN MAP {'k' || i: i, 'l': NULL} END", NULL, 300},
    {"map_none", "MAP {}::MAP(VARCHAR, INTEGER)", NULL, 20},
    {"union", "CASE WHEN i % 2 = 0 THEN union_value(n := i) ELSE union_value(n := -i) END", NULL,
     50},
    {"null", "NULL", NULL, 50},
};

static void check(enum rg_status status, const char *what, const struct rg_error *err)
{
    if (status == RG_OK)
        return;
    fprintf(stderr, "arrow_samples: %s: %s\n", what, err->message);
    exit(1);
}

/* --- Slices of another stream's batches ------------------------------------------------------- */

struct slicer {
    struct ArrowArrayStream *inner;
    struct ArrowArray batch;
    int64_t at, turn;
};

static int slicer_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
    struct slicer *slicer = stream->private_data;
    return slicer->inner->get_schema(slicer->inner, out);
}

static void slice_release(struct ArrowArray *array)
{
    array->release = NULL; /* the batch is the slicer's */
}

static void drop(struct ArrowArray *batch)
{
    if (batch->release)
        batch->release(batch);
    batch->release = NULL;
}

static int slicer_next(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
    static const int64_t sizes[] = {1, 0, 3, 64, 7, 13, 128, 9, 500};
    struct slicer *slicer = stream->private_data;
    *out = (struct ArrowArray){.release = NULL};
    if (slicer->batch.release && slicer->at == slicer->batch.length)
        drop(&slicer->batch);
    if (!slicer->batch.release) {
        slicer->at = 0;
        int failure = slicer->inner->get_next(slicer->inner, &slicer->batch);
        if (failure || !slicer->batch.release)
            return failure;
    }
    int64_t rows = sizes[slicer->turn++ % 9], left = slicer->batch.length - slicer->at;
    *out = slicer->batch;
    out->offset += slicer->at;
    out->length = rows < left ? rows : left;
    out->null_count = 0;
    out->release = slice_release;
    slicer->at += out->length;
    return 0;
}

static const char *slicer_error(struct ArrowArrayStream *stream)
{
    (void)stream;
    return NULL;
}

static void slicer_release(struct ArrowArrayStream *stream)
{
    drop(&((struct slicer *)stream->private_data)->batch);
    stream->release = NULL;
}

/* --- Writing ---------------------------------------------------------------------------------- */

static int put(void *user, const void *bytes, size_t count)
{
    return fwrite(bytes, 1, count, user) == count ? 0 : 5;
}

static void write_one(struct store *store, const char *folder, const struct sample *sample,
                      const char *how, enum rg_arrow_format format)
{
    static const char *const columns[] = {"v", "not there"};
    struct rg_error err = {0};
    struct ArrowArrayStream inner;
    char sql[1024], path[1024];
    snprintf(sql, sizeof sql,
             "SELECT i AS row, %s AS v FROM (SELECT range AS i FROM range(%u)) ORDER BY i",
             sample->value, sample->rows);
    check(store_stream(store, str_of(sql), &inner, &err), sql, &err);
    struct slicer slicer = {.inner = &inner};
    struct ArrowArrayStream slices = {slicer_schema, slicer_next, slicer_error, slicer_release,
                                      &slicer};
    snprintf(path, sizeof path, "%s/%s-%s.%s", folder, sample->name, how,
             format == RG_ARROW_FILE ? "arrow" : "arrows");
    FILE *file = fopen(path, "wb");
    if (!file)
        exit(1);
    struct rg_arrow_write_request request = {
        .struct_size = sizeof request,
        .format = format,
        .write = put,
        .user = file,
        .dictionary_columns = columns,
        .n_dictionary_columns = strcmp(how, "encoded") == 0 ? 2 : 0,
    };
    struct rg_arrow_written written;
    check(rg_arrow_write(strcmp(how, "whole") == 0 ? &inner : &slices, &request, &written, &err),
          path, &err);
    if (written.rows != sample->rows || written.bytes != (uint64_t)ftell(file)) {
        fprintf(stderr, "arrow_samples: %s: wrong counts\n", path);
        exit(1);
    }
    fclose(file);
    slices.release(&slices);
    inner.release(&inner);
}

static void write_expected(struct store *store, const char *folder, const struct sample *sample)
{
    struct rg_error err = {0};
    struct arena arena = {0};
    struct text_table table;
    char sql[1024], path[1024];
    snprintf(sql, sizeof sql,
             "SELECT CAST(%s AS VARCHAR) FROM (SELECT i, %s AS v FROM (SELECT range AS i FROM "
             "range(%u))) ORDER BY i",
             sample->text ? sample->text : "v", sample->value, sample->rows);
    check(store_table(store, str_of(sql), 1 << 20, &arena, &table, &err), sql, &err);
    snprintf(path, sizeof path, "%s/%s.expected", folder, sample->name);
    FILE *file = fopen(path, "wb");
    if (!file)
        exit(1);
    for (size_t i = 0; i < table.rows; i++)
        fprintf(file, STR_FMT "\n", STR_ARG(table.cells[i].ptr ? table.cells[i] : STR("NULL")));
    fclose(file);
    arena_fini(&arena);
}

int main(int argc, char **argv)
{
    struct rg_error err = {0};
    struct rg_session *session;
    struct store *store;
    if (argc != 2)
        return 2;
    check(rg_session_open(
              &(struct rg_session_options){.struct_size = sizeof(struct rg_session_options)},
              &session, &err),
          "session", &err);
    check(store_open(session, &(struct store_options){.keep_order = true}, &store, &err), "store",
          &err);
    struct buffer types = {0};
    buffer_text(&types, "CREATE TYPE colour AS ENUM ('red', 'green', 'größe');"
                        "CREATE TYPE wide AS ENUM (");
    for (int i = 0; i < 1000; i++)
        buffer_printf(&types, "%s'v%d'", i ? ", " : "", i);
    buffer_text(&types, ");");
    check(store_exec(store, buffer_view(&types), &err), "types", &err);
    buffer_fini(&types);
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        const struct sample *sample = &samples[i];
        write_expected(store, argv[1], sample);
        for (int format = 0; format < 2; format++) {
            write_one(store, argv[1], sample, "whole", (enum rg_arrow_format)format);
            write_one(store, argv[1], sample, "sliced", (enum rg_arrow_format)format);
            if (strncmp(sample->name, "varchar", 7) == 0)
                write_one(store, argv[1], sample, "encoded", (enum rg_arrow_format)format);
        }
    }
    store_close(store);
    rg_session_close(session);
    return 0;
}
