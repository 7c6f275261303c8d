/* Two files of a dataset: by their hashes, else by the rows that the tier promises. */
#include "graph/replay_compare.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/file.h"

static const char layer[] = "graph";

/* What the rows of a file come to: two sums over the hashes of rows, which the order of the rows
 * does not change. Where the order counts, a row's place is part of it. */
struct rows_digest {
    struct str rows, sum, mix;
};

static enum rg_status digest_rows(const struct compare_request *request, const char *path,
                                  bool ordered, struct arena *arena, struct rows_digest *out_digest,
                                  struct rg_error *err)
{
    struct buffer sql = {0};
    struct text_table table = {.rows = 0};
    buffer_text(&sql, "SELECT CAST(count(*) AS VARCHAR), CAST(sum(CAST(h AS HUGEINT)) AS VARCHAR), "
                      "CAST(bit_xor(h) AS VARCHAR) FROM (SELECT hash(t) AS h FROM ");
    if (run_writer_of(str_of(path)) == WRITER_ARROW) {
        buffer_text(&sql, "(SELECT *");
        buffer_text(&sql, ordered ? ", row_number() OVER () AS file_row_number" : "");
        buffer_text(&sql, " FROM relgraph_arrow([");
        buffer_sql_text(&sql, str_of(path));
        buffer_text(&sql, "])) AS t)");
    } else {
        buffer_text(&sql, "read_parquet(");
        buffer_sql_path(&sql, str_of(path));
        buffer_text(&sql, ordered ? ", file_row_number = true" : "");
        buffer_text(&sql, ", hive_partitioning = false) AS t)");
    }
    enum rg_status status =
        sql.failed ? error_no_memory(err, layer)
                   : store_table(request->store, buffer_view(&sql), 1, arena, &table, err);
    if (status == RG_OK)
        *out_digest = (struct rows_digest){table.cells[0], table.cells[1], table.cells[2]};
    buffer_fini(&sql);
    return status;
}

static bool digests_equal(const struct rows_digest *a, const struct rows_digest *b)
{
    return str_eq(a->rows, b->rows) && str_eq(a->sum, b->sum) && str_eq(a->mix, b->mix);
}

/* The run's own file, where it is still there and as it was written. */
static enum rg_status original_of(const struct compare_request *request,
                                  const struct manifest_shard *expected, struct arena *arena,
                                  const char **out_path, struct rg_error *err)
{
    char sha256[65];
    *out_path = NULL;
    if (!request->build_folder)
        return RG_OK;
    char *path = arena_printf(arena, "%s/" STR_FMT, request->build_folder, STR_ARG(expected->path));
    if (!path)
        return error_no_memory(err, layer);
    if (!path_exists(path))
        return RG_OK;
    enum rg_status status = file_sha256(path, sha256, err);
    if (status == RG_OK && strcmp(sha256, expected->sha256) == 0)
        *out_path = path;
    return status;
}

/* The rows of both files, where both are there. */
static enum rg_status compare_rows(const struct compare_request *request, const char *original,
                                   const char *replayed, enum rg_tier tier, struct arena *arena,
                                   struct rg_replay_output *output, struct rg_error *err)
{
    struct rows_digest before = {.rows = {0}}, after = {.rows = {0}};
    bool ordered = tier != RG_TIER_FAST, same = false;
    enum rg_status status = digest_rows(request, original, ordered, arena, &before, err);
    if (status == RG_OK)
        status = digest_rows(request, replayed, ordered, arena, &after, err);
    if (status != RG_OK)
        return status;
    if (digests_equal(&before, &after)) {
        output->verdict = tier == RG_TIER_CANONICAL && !request->other_engine ? RG_REPLAY_DIFFERENT
                                                                              : RG_REPLAY_SAME_ROWS;
        if (output->verdict == RG_REPLAY_DIFFERENT)
            output->difference = "the same rows in the same order, but other bytes";
        return RG_OK;
    }
    output->verdict = RG_REPLAY_DIFFERENT;
    if (ordered)
        status = digest_rows(request, original, false, arena, &before, err);
    if (ordered && status == RG_OK)
        status = digest_rows(request, replayed, false, arena, &after, err);
    same = status == RG_OK && digests_equal(&before, &after);
    output->difference = same ? "the same rows in another order" : "other rows";
    return status;
}

enum rg_status compare_file(const struct compare_request *request,
                            const struct manifest_shard *expected, const struct run_shard *found,
                            enum rg_tier tier, struct arena *arena,
                            struct rg_replay_output *out_output, struct rg_error *err)
{
    char sha256[65];
    const char *original = NULL;
    struct str dataset = {0}, path = {0};
    RG_ASSERT(expected || found);
    if (expected) {
        dataset = expected->dataset;
        path = expected->path;
    } else if (found) {
        dataset = found->dataset;
        path = found->path;
    }
    *out_output = (struct rg_replay_output){
        .dataset = arena_cstr(arena, dataset),
        .path = arena_cstr(arena, path),
        .tier = tier_name(tier),
        .rows_expected = expected ? expected->rows : 0,
        .rows_found = found ? found->rows : 0,
        .verdict = RG_REPLAY_DIFFERENT,
        .difference = !expected ? "the run wrote no such file" : "no step writes this file",
    };
    if (!out_output->dataset || !out_output->path)
        return error_no_memory(err, layer);
    if (!expected || !found)
        return RG_OK;
    char *replayed = arena_printf(arena, "%s/%s", request->replay_folder, out_output->path);
    if (!replayed)
        return error_no_memory(err, layer);
    enum rg_status status = file_sha256(replayed, sha256, err);
    if (status == RG_OK && strcmp(sha256, expected->sha256) == 0) {
        out_output->verdict = RG_REPLAY_SAME_BYTES;
        out_output->difference = "";
        return RG_OK;
    }
    if (status == RG_OK && expected->rows != found->rows) {
        out_output->difference = arena_printf(arena, "%" PRIu64 " rows, the run wrote %" PRIu64,
                                              found->rows, expected->rows);
        return out_output->difference ? RG_OK : error_no_memory(err, layer);
    }
    if (status == RG_OK)
        status = original_of(request, expected, arena, &original, err);
    if (status != RG_OK)
        return status;
    out_output->difference = "";
    if (original)
        return compare_rows(request, original, replayed, tier, arena, out_output, err);
    out_output->verdict = RG_REPLAY_UNKNOWN;
    out_output->difference = "other bytes, and the run's own file is gone or was changed";
    return RG_OK;
}
