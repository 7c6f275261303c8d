/* What differs in meaning between two queries: their fingerprints, compared part by part. */
#include "base/error.h"
#include "base/intmap.h"
#include "sql/sql_analysis.h"

static const char layer[] = "sql";

/* The first column of that name not yet taken; n where there is none. Outputs may share a name. */
static uint32_t take_column(const struct sql_fingerprints *of, struct str name, bool *taken)
{
    for (uint32_t i = 0; i < of->n_columns; i++)
        if (!taken[i] && str_eq(of->names[i], name)) {
            taken[i] = true;
            return i;
        }
    return of->n_columns;
}

static void compare_columns(const struct sql_fingerprints *before,
                            const struct sql_fingerprints *after, bool *taken, struct sql_diff *out)
{
    uint32_t last = 0;
    for (uint32_t i = 0; i < after->n_columns; i++) {
        uint32_t at = take_column(before, after->names[i], taken);
        enum sql_change change = SQL_ADDED;
        if (at < before->n_columns) {
            change = memcmp(before->columns[at], after->columns[i], sizeof *after->columns) == 0
                         ? SQL_SAME
                         : SQL_CHANGED;
            out->order_changed = out->order_changed || at < last;
            last = at;
        }
        out->columns[out->n_columns++] = (struct sql_column_change){after->names[i], change};
    }
    for (uint32_t i = 0; i < before->n_columns; i++)
        if (!taken[i])
            out->columns[out->n_columns++] =
                (struct sql_column_change){before->names[i], SQL_REMOVED};
}

enum rg_status sql_diff(const struct sql_node *before, const struct sql_node *after,
                        struct arena *arena, struct sql_diff *out_diff, struct rg_error *err)
{
    struct sql_fingerprints old, new;
    *out_diff = (struct sql_diff){0};
    enum rg_status status = sql_fingerprint(before, STR(""), arena, &old, err);
    if (!status)
        status = sql_fingerprint(after, STR(""), arena, &new, err);
    if (status)
        return status;
    bool *taken = ARENA_ARRAY(arena, old.n_columns + 1, bool);
    out_diff->columns =
        ARENA_ARRAY(arena, old.n_columns + new.n_columns + 1, struct sql_column_change);
    if (!taken || !out_diff->columns) {
        *out_diff = (struct sql_diff){0};
        return error_no_memory(err, layer);
    }
    out_diff->same = memcmp(old.whole, new.whole, sizeof old.whole) == 0;
    out_diff->rows_changed = memcmp(old.rows, new.rows, sizeof old.rows) != 0;
    compare_columns(&old, &new, taken, out_diff);
    /* Nothing found, and yet not the same: whatever it is, it is taken to bear on the rows. */
    bool found = out_diff->rows_changed || out_diff->order_changed;
    for (size_t i = 0; i < out_diff->n_columns; i++)
        found = found || out_diff->columns[i].change != SQL_SAME;
    out_diff->rows_changed = out_diff->rows_changed || (!out_diff->same && !found);
    return RG_OK;
}
