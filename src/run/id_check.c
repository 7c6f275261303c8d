/* One pass over the ids of nodes and edges that proves most audits of ids at once, several times
 * faster than the engine's joins: that ids are unique, that edges end in nodes, that in a kind no
 * source or no target comes twice. What it cannot prove is left to the audits, which find the rows.
 */
#include "run/run_inside.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/limits.h"
#include "run/id_table.h"

enum {
    AHEAD = 24,        /* rows between the prefetch of an id and its look-up: some 100 ns of work */
    REPEATS_MAX = 4096 /* ids that came twice and are looked at once more by the engine */
};

/* Which nodes were seen at one end of the edges of a kind. */
struct seen {
    uint64_t *bits;   /* NULL: not watched, or no longer, because too many came twice */
    int64_t *repeats; /* those that did, REPEATS_MAX at most */
    size_t n_repeats;
};

/* A kind whose rows are claimed to be unique. */
struct watched_kind {
    uint64_t hash; /* of its name, by the engine */
    size_t relation;
    struct seen src, dst;
};

struct id_check {
    struct run *run;
    struct id_table table;
    struct watched_kind *kinds;
    size_t n_kinds;
    bool duplicate, dangling;
};

/* The 64-bit values of a column of a batch. */
static const int64_t *column_of(const struct ArrowArray *batch, int64_t column)
{
    const struct ArrowArray *child = batch->children[column];
    return (const int64_t *)child->buffers[1] + child->offset + batch->offset;
}

/* Streams a SELECT of 64-bit columns and gives each batch to `take`. */
static enum rg_status stream_ids(struct id_check *check, struct str sql,
                                 void (*take)(struct id_check *, const struct ArrowArray *),
                                 struct rg_error *err)
{
    struct ArrowArrayStream stream;
    enum rg_status status = store_stream(check->run->store, sql, &stream, err);
    if (status)
        return status;
    for (;;) {
        struct ArrowArray batch = {.length = 0};
        if (stream.get_next(&stream, &batch) != 0) {
            const char *why = stream.get_last_error(&stream);
            status = events_check(&check->run->request->session->events, err);
            if (!status)
                status =
                    error_set(err, RG_ERR_ENGINE, RUN_LAYER, "cannot read what was written: %s",
                              why ? why : "no reason given");
            break;
        }
        if (!batch.release)
            break;
        take(check, &batch);
        batch.release(&batch);
    }
    stream.release(&stream);
    return status;
}

static void take_nodes(struct id_check *check, const struct ArrowArray *batch)
{
    const int64_t *ids = column_of(batch, 0);
    for (int64_t i = 0; i < batch->length; i++) {
        if (i + AHEAD < batch->length)
            id_table_prefetch(&check->table, ids[i + AHEAD]);
        if (!id_table_add(&check->table, ids[i]))
            check->duplicate = true;
    }
}

static void see(struct seen *seen, size_t place, int64_t id)
{
    if (!seen->bits || place == ID_NONE)
        return;
    uint64_t bit = UINT64_C(1) << (place % 64);
    if (!(seen->bits[place / 64] & bit)) {
        seen->bits[place / 64] |= bit;
    } else if (seen->n_repeats < REPEATS_MAX) {
        seen->repeats[seen->n_repeats++] = id;
    } else {
        free(seen->bits);
        seen->bits = NULL;
    }
}

static bool seen_init(struct seen *seen, const struct id_table *table)
{
    seen->bits = calloc(id_table_places(table) / 64 + 1, sizeof *seen->bits);
    seen->repeats = calloc(REPEATS_MAX, sizeof *seen->repeats);
    return seen->bits && seen->repeats;
}

static void seen_fini(struct seen *seen)
{
    free(seen->bits);
    free(seen->repeats);
}

static struct watched_kind *find_kind(struct id_check *check, uint64_t hash)
{
    for (size_t k = 0; k < check->n_kinds; k++)
        if (check->kinds[k].hash == hash)
            return &check->kinds[k];
    return NULL;
}

static void take_edges(struct id_check *check, const struct ArrowArray *batch)
{
    const uint64_t *hashes = (const uint64_t *)column_of(batch, 0);
    const int64_t *src = column_of(batch, 1), *dst = column_of(batch, 2);
    struct watched_kind *kind = NULL;
    uint64_t hash = 0;
    bool fresh = true;
    for (int64_t i = 0; i < batch->length; i++) {
        if (i + AHEAD < batch->length) {
            id_table_prefetch(&check->table, src[i + AHEAD]);
            id_table_prefetch(&check->table, dst[i + AHEAD]);
        }
        size_t from = id_table_find(&check->table, src[i]);
        size_t to = id_table_find(&check->table, dst[i]);
        if (from == ID_NONE || to == ID_NONE)
            check->dangling = true;
        if (fresh || hashes[i] != hash) {
            hash = hashes[i];
            kind = find_kind(check, hash);
            fresh = false;
        }
        if (kind) {
            see(&kind->src, from, src[i]);
            see(&kind->dst, to, dst[i]);
        }
    }
}

/* Watches the kinds with many rows: for the others the engine's search is as good and needs no
 * bits. */
static enum rg_status watch_kinds(struct id_check *check, struct rg_error *err)
{
    enum { MANY_ROWS = 50000 };
    struct run *run = check->run;
    check->kinds = ARENA_ARRAY(&run->arena, run->rules->n_relations, struct watched_kind);
    if (!check->kinds)
        return error_no_memory(err, RUN_LAYER);
    for (size_t i = 0; i < run->rules->n_relations; i++) {
        const struct relation *relation = &run->rules->relations[i];
        struct buffer sql = {0};
        int64_t hash = 0;
        if (!str_is(relation->dataset, "edges") || !audit_claims(run, i) ||
            count_of(run, relation->dataset, relation->kind) < MANY_ROWS)
            continue;
        buffer_text(&sql, "SELECT CAST(CAST(hash(");
        buffer_sql_text(&sql, relation->kind);
        buffer_text(&sql, ") AS HUGEINT) - 9223372036854775808 AS BIGINT)");
        enum rg_status status = sql.failed ? error_no_memory(err, RUN_LAYER)
                                           : store_int64(run->store, buffer_view(&sql), &hash, err);
        buffer_fini(&sql);
        if (status)
            return status;
        struct watched_kind *kind = &check->kinds[check->n_kinds++];
        *kind = (struct watched_kind){.hash = (uint64_t)hash ^ (UINT64_C(1) << 63), .relation = i};
        if (!seen_init(&kind->src, &check->table) || !seen_init(&kind->dst, &check->table))
            return error_no_memory(err, RUN_LAYER);
    }
    return RG_OK;
}

static uint64_t rows_of(const struct run *run, struct str dataset)
{
    uint64_t rows = 0;
    for (size_t i = 0; i < run->result->n_shards; i++)
        if (str_eq(run->result->shards[i].dataset, dataset))
            rows += run->result->shards[i].rows;
    return rows;
}

/* "dst IN (…)": the rows that may share a key; NULL where there are too many for a list, or memory
 * is out. */
static const char *doubt(struct run *run, const char *column, const struct seen *seen)
{
    struct buffer text = {0};
    if (!seen->bits)
        return NULL;
    buffer_printf(&text, "%s IN (", column);
    for (size_t i = 0; i < seen->n_repeats; i++)
        buffer_printf(&text, i ? ", %lld" : "%lld", (long long)seen->repeats[i]);
    buffer_char(&text, ')');
    const char *copy = text.failed ? NULL : arena_cstr(&run->arena, buffer_view(&text));
    buffer_fini(&text);
    return copy;
}

static void take_proof(const struct id_check *check, const struct watched_kind *kind)
{
    struct run *run = check->run;
    const struct relation *relation = &run->rules->relations[kind->relation];
    struct relation_plan *plan = &run->relation_plans[kind->relation];
    bool one_target = kind_find("edges", relation->kind)->chooses_one;
    bool by_src = kind->src.bits && !kind->src.n_repeats;
    bool by_dst = kind->dst.bits && !kind->dst.n_repeats && !one_target;
    if (check->dangling) /* what leads nowhere was not seen */
        return;
    plan->claim_proven = by_src || by_dst;
    if (plan->claim_proven)
        return;
    bool shorter = kind->src.n_repeats < kind->dst.n_repeats;
    plan->claim_doubt = one_target || shorter ? doubt(run, "src", &kind->src) : NULL;
    if (!plan->claim_doubt && !one_target)
        plan->claim_doubt = doubt(run, "dst", &kind->dst);
}

enum rg_status check_ids(struct run *run, struct rg_error *err)
{
    struct id_check check = {.run = run};
    enum rg_status status = RG_OK;
    uint64_t nodes = rows_of(run, STR("nodes"));
    if (nodes >
        LIMIT_ID_CHECK_NODES) /* the table would not fit: the engine's audits spill to disk */
        return RG_OK;
    if (!id_table_init(&check.table, (size_t)nodes)) {
        status = error_no_memory(err, RUN_LAYER);
        goto out;
    }
    status = watch_kinds(&check, err);
    if (!status)
        status = stream_ids(&check, STR("SELECT node_id FROM nodes"), take_nodes, err);
    if (!status)
        status = stream_ids(&check, STR("SELECT hash(kind), src, dst FROM edges"), take_edges, err);
    if (!status) {
        run->ids_proven = !check.duplicate;
        run->ends_proven = !check.dangling;
        for (size_t k = 0; k < check.n_kinds; k++)
            take_proof(&check, &check.kinds[k]);
    }
out:
    for (size_t k = 0; k < check.n_kinds; k++) {
        seen_fini(&check.kinds[k].src);
        seen_fini(&check.kinds[k].dst);
    }
    id_table_fini(&check.table);
    return status;
}
