/* One pass over the files of each shard, shards side by side, that proves most audits at once and
 * several times faster than the engine's joins: that ids are unique, that edges end in nodes, that
 * the AST is one tree a file whose spans lie inside each other, that in a kind no source or no
 * target comes twice. What it cannot prove is left to the audits, which find the rows. */
#include "run/run_inside.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/id_lists.h"
#include "base/intmap.h"
#include "base/limits.h"
#include "base/pool.h"
#include "run/place_table.h"

enum {
    AHEAD = 24,           /* rows between the prefetch of an id and its look-up: some 100 ns */
    REPEATS_MAX = 4096,   /* ids that came twice and are looked at once more by the engine */
    PARTS_MAX = 256,      /* of a shard, each with a pass of its own over the shard's files */
    GENTLE_PART = 4,      /* of its memory does it use where memory ran out */
    SAME_SPAN_STEPS = 256 /* nodes of one span above each other; more may be a circle */
};

/* Columns of the two streams. */
enum { NODE_ID, NODE_PARENT, NODE_FILE, NODE_START, NODE_END, NODE_FLAGS };
enum { HAS_PARENT = 1, WANTS_PARENT = 2 }; /* of NODE_FLAGS */
enum { EDGE_KIND, EDGE_SRC, EDGE_DST };
static const char node_columns[] =
    "SELECT node_id, coalesce(parent_id, CAST(0 AS BIGINT)), coalesce(file_id, CAST(0 AS BIGINT)),"
    " CAST(coalesce(start_byte, -1) AS BIGINT), CAST(coalesce(end_byte, -1) AS BIGINT),"
    " CAST(CASE WHEN parent_id IS NULL THEN 0 ELSE 1 END"
    " + CASE WHEN file_id IS NULL OR kind IN ('FILE', 'SYMBOL', 'DIAGNOSTIC') THEN 0"
    " ELSE 2 END AS BIGINT)"
    " FROM ";
static const char edge_columns[] = "SELECT CAST(hash(kind) >> 1 AS BIGINT), src, dst FROM ";

/* The ids of one end of a kind's edges that came twice. */
struct repeats {
    int64_t *ids; /* REPEATS_MAX */
    size_t n;
    atomic_bool lost; /* more than that, or of a node of another shard */
};

/* A kind whose rows are claimed to be unique. */
struct watched_kind {
    int64_t hash; /* as the stream has it */
    size_t relation;
    struct repeats src, dst;
};

/* What a thread keeps from shard to shard. */
struct check_worker {
    struct id_lists ids;     /* of all nodes */
    struct id_lists foreign; /* ends of edges that are in no node of their shard */
    struct place_table table;
    bool twice, not_a_tree;
};

struct graph_check {
    struct run *run;
    struct watched_kind *kinds;
    size_t n_kinds;
    int64_t ast_hash;
    struct str *node_files, *edge_files; /* what stands behind FROM, by shard */
    uint64_t *node_rows;
    size_t n_shards;
    unsigned
        parts; /* that a shard is checked in, a power of two: files by the hash of their path */
    struct check_worker *workers;
    unsigned n_workers;
    pthread_mutex_t mutex; /* of the kinds' repeats */
};

/* One shard at work. */
struct shard_check {
    struct graph_check *check;
    struct check_worker *worker;
    struct place_table *table; /* the worker's */
    struct intmap files;
    int64_t last_file;
    uint32_t last_number;
    uint64_t **src_bits, **dst_bits; /* by watched kind: places that were seen */
    uint64_t nodes_with_parent, tree_edges;
    uint64_t node_sum, edge_sum; /* of all (child, parent), in any order */
};

/* Sums of it are equal where the pairs are (the finaliser of MurmurHash3, Austin Appleby). */
static uint64_t pair_hash(int64_t parent, int64_t child)
{
    uint64_t h = (uint64_t)parent * UINT64_C(0x9E3779B97F4A7C15) ^
                 ((uint64_t)child << 32 | (uint64_t)child >> 32);
    h = (h ^ h >> 33) * UINT64_C(0xff51afd7ed558ccd);
    h = (h ^ h >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    return h ^ h >> 33;
}

/* --- Nodes ------------------------------------------------------------------------------------ */

static enum rg_status file_number(struct shard_check *shard, int64_t file, uint32_t *out_number,
                                  struct rg_error *err)
{
    if (file != shard->last_file || !shard->files.count) {
        uint32_t *slot = intmap_slot(&shard->files, (uint64_t)file, (uint32_t)shard->files.count);
        if (!slot)
            return error_no_memory(err, RUN_LAYER);
        shard->last_file = file;
        shard->last_number = *slot;
    }
    *out_number = shard->last_number;
    return RG_OK;
}

static enum rg_status take_nodes(void *context, const struct store_block *block,
                                 struct rg_error *err)
{
    struct shard_check *shard = context;
    const int64_t *const *column = block->columns;
    for (size_t i = 0; i < block->rows; i++) {
        if (i + AHEAD < block->rows)
            place_prefetch(shard->table, column[NODE_ID][i + AHEAD]);
        int64_t flags = column[NODE_FLAGS][i];
        uint32_t file = 0;
        enum rg_status status = file_number(shard, column[NODE_FILE][i], &file, err);
        if (status)
            return status;
        struct place *place = place_add(shard->table, column[NODE_ID][i]);
        id_lists_add(&shard->worker->ids, column[NODE_ID][i]);
        if (!place) {
            shard->worker->twice = true;
            continue;
        }
        place->start = (int32_t)column[NODE_START][i];
        place->end = (int32_t)column[NODE_END][i];
        place->file = file;
        place->parent = PLACE_NONE;
        if (flags & HAS_PARENT) {
            shard->nodes_with_parent++;
            shard->node_sum += pair_hash(column[NODE_PARENT][i], column[NODE_ID][i]);
        }
        if (flags == HAS_PARENT || flags == WANTS_PARENT)
            shard->worker->not_a_tree = true;
    }
    return RG_OK;
}

/* --- Edges ------------------------------------------------------------------------------------ */

/* One end of an edge of a watched kind. What is new sets a bit of this shard alone; what came
 * before goes into a list of all shards, until there is too much of it for a list: from then on the
 * end says nothing, and is not looked at. */
static void see(struct shard_check *shard, struct repeats *repeats, uint64_t *bits, uint32_t place,
                int64_t id)
{
    if (atomic_load_explicit(&repeats->lost, memory_order_relaxed))
        return;
    if (place != PLACE_NONE && !(bits[place / 64] >> (place % 64) & 1)) {
        bits[place / 64] |= UINT64_C(1) << (place % 64);
        return;
    }
    pthread_mutex_lock(&shard->check->mutex);
    if (place == PLACE_NONE || repeats->n == REPEATS_MAX)
        atomic_store_explicit(&repeats->lost, true, memory_order_relaxed);
    else
        repeats->ids[repeats->n++] = id;
    pthread_mutex_unlock(&shard->check->mutex);
}

static void see_tree_edge(struct shard_check *shard, const int64_t ends[2],
                          const uint32_t places[2])
{
    struct place *all = shard->table->places;
    shard->tree_edges++;
    shard->edge_sum += pair_hash(ends[0], ends[1]);
    if (places[0] == PLACE_NONE || places[1] == PLACE_NONE) {
        shard->worker->not_a_tree = true;
        return;
    }
    const struct place *above = &all[places[0]];
    struct place *below = &all[places[1]];
    if (below->parent != PLACE_NONE || below->file != above->file || below->start < above->start ||
        below->end > above->end)
        shard->worker->not_a_tree = true;
    below->parent = places[0];
}

static enum rg_status take_edges(void *context, const struct store_block *block,
                                 struct rg_error *err)
{
    struct shard_check *shard = context;
    struct graph_check *check = shard->check;
    const int64_t *const *column = block->columns;
    int64_t hash = ~column[EDGE_KIND][0];
    size_t kind = 0;
    (void)err;
    for (size_t i = 0; i < block->rows; i++) {
        if (i + AHEAD < block->rows) {
            place_prefetch(shard->table, column[EDGE_SRC][i + AHEAD]);
            place_prefetch(shard->table, column[EDGE_DST][i + AHEAD]);
        }
        const int64_t ends[2] = {column[EDGE_SRC][i], column[EDGE_DST][i]};
        const uint32_t places[2] = {place_find(shard->table, ends[0]),
                                    place_find(shard->table, ends[1])};
        for (int end = 0; end < 2; end++)
            if (places[end] == PLACE_NONE)
                id_lists_add(&shard->worker->foreign, ends[end]);
        if (hash != column[EDGE_KIND][i]) {
            hash = column[EDGE_KIND][i];
            for (kind = 0; kind < check->n_kinds && check->kinds[kind].hash != hash; kind++)
                ;
        }
        if (kind < check->n_kinds) {
            see(shard, &check->kinds[kind].src, shard->src_bits[kind], places[0], ends[0]);
            see(shard, &check->kinds[kind].dst, shard->dst_bits[kind], places[1], ends[1]);
        }
        if (hash == check->ast_hash)
            see_tree_edge(shard, ends, places);
    }
    return RG_OK;
}

/* --- A shard ---------------------------------------------------------------------------------- */

/* A parent's span holds its child's, so a circle is of nodes with one span. */
static bool has_circle(const struct place_table *table)
{
    const struct place *places = table->places;
    for (uint32_t i = 0; i < table->count; i++) {
        unsigned steps = 0;
        for (uint32_t at = i; places[at].parent != PLACE_NONE; at = places[at].parent) {
            const struct place *above = &places[places[at].parent];
            if (above->start != places[at].start || above->end != places[at].end)
                break;
            if (++steps > SAME_SPAN_STEPS)
                return true;
        }
    }
    return false;
}

/* Rows of nodes and edges name the file that they belong to in the same words. */
static void print_part(const struct graph_check *check, struct str file, unsigned part,
                       struct buffer *out)
{
    buffer_str(out, file);
    if (check->parts > 1)
        buffer_printf(out, " WHERE hash(coalesce(path, '')) %% %u = %u", check->parts, part);
}

static enum rg_status stream_file(struct shard_check *shard, const char *columns, struct str file,
                                  unsigned part, store_block_fn *take, struct rg_error *err)
{
    struct buffer sql = {0};
    buffer_text(&sql, columns);
    print_part(shard->check, file, part, &sql);
    enum rg_status status =
        sql.failed ? error_no_memory(err, RUN_LAYER)
                   : store_blocks(shard->check->run->store, buffer_view(&sql), take, shard, err);
    buffer_fini(&sql);
    return status;
}

static enum rg_status shard_open(struct shard_check *shard, size_t nodes, struct rg_error *err)
{
    size_t kinds = shard->check->n_kinds;
    if (!place_table_clear(shard->table, nodes))
        return error_no_memory(err, RUN_LAYER);
    shard->src_bits = calloc(kinds + 1, sizeof *shard->src_bits);
    shard->dst_bits = calloc(kinds + 1, sizeof *shard->dst_bits);
    bool all = shard->src_bits && shard->dst_bits;
    for (size_t k = 0; k < kinds && all; k++) {
        shard->src_bits[k] = calloc((shard->table->room / 64 + 1), sizeof *shard->src_bits[k]);
        shard->dst_bits[k] = calloc((shard->table->room / 64 + 1), sizeof *shard->dst_bits[k]);
        all = shard->src_bits[k] && shard->dst_bits[k];
    }
    return all ? RG_OK : error_no_memory(err, RUN_LAYER);
}

static void shard_fini(struct shard_check *shard)
{
    for (size_t k = 0; k < shard->check->n_kinds; k++) {
        if (shard->src_bits)
            free(shard->src_bits[k]);
        if (shard->dst_bits)
            free(shard->dst_bits[k]);
    }
    free(shard->src_bits);
    free(shard->dst_bits);
    intmap_fini(&shard->files);
}

/* How many nodes a part has; of a whole shard this is known. */
static enum rg_status count_nodes(struct graph_check *check, size_t number, unsigned part,
                                  size_t *out_nodes, struct rg_error *err)
{
    *out_nodes = (size_t)check->node_rows[number];
    if (check->parts == 1)
        return RG_OK;
    struct buffer sql = {0};
    int64_t nodes = 0;
    buffer_text(&sql, "SELECT count(*) FROM ");
    print_part(check, check->node_files[number], part, &sql);
    enum rg_status status = sql.failed
                                ? error_no_memory(err, RUN_LAYER)
                                : store_int64(check->run->store, buffer_view(&sql), &nodes, err);
    *out_nodes = (size_t)nodes;
    buffer_fini(&sql);
    return status;
}

static enum rg_status check_part(struct graph_check *check, struct check_worker *worker,
                                 size_t number, unsigned part, struct rg_error *err)
{
    struct shard_check shard = {.check = check, .worker = worker, .table = &worker->table};
    size_t nodes = 0;
    enum rg_status status = count_nodes(check, number, part, &nodes, err);
    if (!status)
        status = shard_open(&shard, nodes, err);
    if (!status)
        status =
            stream_file(&shard, node_columns, check->node_files[number], part, take_nodes, err);
    if (!status)
        status =
            stream_file(&shard, edge_columns, check->edge_files[number], part, take_edges, err);
    if (!status && (shard.tree_edges != shard.nodes_with_parent ||
                    shard.edge_sum != shard.node_sum || has_circle(shard.table)))
        worker->not_a_tree = true;
    shard_fini(&shard);
    return status;
}

static enum rg_status check_shard(void *context, unsigned worker, size_t number,
                                  struct rg_error *err)
{
    struct graph_check *check = context;
    enum rg_status status = RG_OK;
    for (unsigned part = 0; part < check->parts && !status; part++)
        status = check_part(check, &check->workers[worker], number, part, err);
    return status;
}

/* --- All of them ------------------------------------------------------------------------------ */

/* Kinds as the stream of edges has them. */
static enum rg_status hash_kinds(struct graph_check *check, struct rg_error *err)
{
    struct run *run = check->run;
    struct arena arena = {0};
    struct text_table table;
    struct buffer sql = {0};
    buffer_text(&sql, "SELECT CAST(hash('AST') >> 1 AS BIGINT)");
    for (size_t i = 0; i < check->n_kinds; i++) {
        buffer_text(&sql, ", CAST(hash(");
        buffer_sql_text(&sql, run->rules->relations[check->kinds[i].relation].kind);
        buffer_text(&sql, ") >> 1 AS BIGINT)");
    }
    enum rg_status status =
        sql.failed ? error_no_memory(err, RUN_LAYER)
                   : store_table(run->store, buffer_view(&sql), 1, &arena, &table, err);
    if (!status) {
        RG_ASSERT(table.rows == 1 && table.columns == check->n_kinds + 1);
        check->ast_hash = strtoll(table.cells[0].ptr, NULL, 10);
        for (size_t i = 0; i < check->n_kinds; i++)
            check->kinds[i].hash = strtoll(table.cells[i + 1].ptr, NULL, 10);
    }
    buffer_fini(&sql);
    arena_fini(&arena);
    return status;
}

static enum rg_status watch_kinds(struct graph_check *check, struct rg_error *err)
{
    struct run *run = check->run;
    check->kinds = ARENA_ARRAY(&run->arena, run->rules->n_relations, struct watched_kind);
    if (!check->kinds)
        return error_no_memory(err, RUN_LAYER);
    for (size_t i = 0; i < run->rules->n_relations; i++) {
        const struct relation *relation = &run->rules->relations[i];
        if (!str_is(relation->dataset, "edges") || !audit_claims(run, i) ||
            count_of(run, relation->dataset, relation->kind) == 0)
            continue;
        struct watched_kind *kind = &check->kinds[check->n_kinds++];
        kind->relation = i;
        kind->src.ids = ARENA_ARRAY(&run->arena, REPEATS_MAX, int64_t);
        kind->dst.ids = ARENA_ARRAY(&run->arena, REPEATS_MAX, int64_t);
        if (!kind->src.ids || !kind->dst.ids)
            return error_no_memory(err, RUN_LAYER);
    }
    return hash_kinds(check, err);
}

/* The files of nodes and edges, which have the same shards. */
static enum rg_status list_files(struct graph_check *check, struct rg_error *err)
{
    struct run *run = check->run;
    size_t n_shards = (size_t)1 << run->shard_bits, edges = 0;
    check->node_files = ARENA_ARRAY(&run->arena, n_shards, struct str);
    check->edge_files = ARENA_ARRAY(&run->arena, n_shards, struct str);
    check->node_rows = ARENA_ARRAY(&run->arena, n_shards, uint64_t);
    if (!check->node_files || !check->edge_files || !check->node_rows)
        return error_no_memory(err, RUN_LAYER);
    for (size_t i = 0; i < run->result->n_shards; i++) {
        const struct run_shard *file = &run->result->shards[i];
        bool is_nodes = str_is(file->dataset, "nodes");
        if (!is_nodes && !str_is(file->dataset, "edges"))
            continue;
        struct buffer pattern = {0};
        write_print_file(run, file, &pattern);
        struct str copy = arena_str(&run->arena, buffer_view(&pattern));
        bool failed = pattern.failed || !copy.ptr;
        buffer_fini(&pattern);
        if (failed)
            return error_no_memory(err, RUN_LAYER);
        if (is_nodes) {
            check->node_rows[check->n_shards] = file->rows;
            check->node_files[check->n_shards++] = copy;
        } else {
            check->edge_files[edges++] = copy;
        }
    }
    RG_ASSERT(check->n_shards == n_shards && edges == n_shards);
    return RG_OK;
}

/* What a shard, or a part of it, needs while it is checked. */
static size_t shard_bytes(const struct graph_check *check, size_t nodes)
{
    return place_table_bytes(nodes) + 2 * check->n_kinds * (nodes / 8 + sizeof(uint64_t));
}

/* How many threads, and in how many parts, so that it all fits into the memory for it. */
static void divide(struct graph_check *check)
{
    const struct run_request *request = check->run->request;
    const struct settings *settings = &request->session->settings;
    size_t most = 0, nodes = 0;
    size_t budget = settings->check_bytes ? (size_t)settings->check_bytes : LIMIT_GRAPH_CHECK_BYTES;
    for (size_t i = 0; i < check->n_shards; i++) {
        nodes += (size_t)check->node_rows[i];
        most = check->node_rows[i] > most ? (size_t)check->node_rows[i] : most;
    }
    budget /= check->run->gently ? GENTLE_PART : 1;
    unsigned threads =
        check->run->gently || !settings->engine_threads ? 1 : settings->engine_threads;
    threads = threads > check->n_shards ? (unsigned)check->n_shards : threads;
    size_t fit = budget / shard_bytes(check, most);
    check->parts = request->check_parts ? request->check_parts : 1;
    /* Files differ in size, so parts do: a quarter more than the mean. */
    while (!fit && check->parts < PARTS_MAX &&
           budget < shard_bytes(check, most / check->parts / 4 * 5))
        check->parts *= 2;
    check->n_workers = !fit ? 1 : fit < threads ? (unsigned)fit : threads;
    if (request->check_nodes_max && nodes > request->check_nodes_max)
        check->n_workers = 0; /* a test wants the engine's audits */
}

/* "dst IN (…)": the rows that may share a key; NULL where there are too many for a list, or memory
 * is out. */
static const char *doubt(struct run *run, const char *column, const struct repeats *repeats)
{
    struct buffer text = {0};
    if (repeats->lost)
        return NULL;
    buffer_printf(&text, "%s IN (", column);
    for (size_t i = 0; i < repeats->n; i++)
        buffer_printf(&text, i ? ", %lld" : "%lld", (long long)repeats->ids[i]);
    buffer_char(&text, ')');
    const char *copy = text.failed ? NULL : arena_cstr(&run->arena, buffer_view(&text));
    buffer_fini(&text);
    return copy;
}

static void take_proof(struct run *run, const struct watched_kind *kind)
{
    const struct relation *relation = &run->rules->relations[kind->relation];
    struct relation_plan *plan = &run->relation_plans[kind->relation];
    bool one_target = kind_find("edges", relation->kind)->chooses_one;
    bool by_src = !kind->src.lost && !kind->src.n;
    bool by_dst = !kind->dst.lost && !kind->dst.n && !one_target;
    plan->claim_proven = by_src || by_dst;
    if (plan->claim_proven)
        return;
    bool shorter = kind->src.n < kind->dst.n;
    plan->claim_doubt = one_target || shorter ? doubt(run, "src", &kind->src) : NULL;
    if (!plan->claim_doubt && !one_target)
        plan->claim_doubt = doubt(run, "dst", &kind->dst);
}

/* What all shards together say. */
static enum rg_status conclude(struct graph_check *check, struct rg_error *err)
{
    struct run *run = check->run;
    const struct id_lists **lists = calloc(2 * (size_t)check->n_workers, sizeof *lists);
    bool twice = false, missing = false, whole = true, tree = true, doubled = false;
    enum rg_status status = lists ? RG_OK : error_no_memory(err, RUN_LAYER);
    for (unsigned i = 0; !status && i < check->n_workers; i++) {
        const struct check_worker *worker = &check->workers[i];
        lists[i] = &worker->ids;
        lists[check->n_workers + i] = &worker->foreign;
        whole = whole && !worker->ids.failed && !worker->foreign.failed;
        doubled = doubled || worker->twice;
        tree = tree && !worker->not_a_tree;
    }
    if (!status && whole && !doubled)
        status = id_lists_search(&(struct id_search){.lists = lists,
                                                     .wanted = lists + check->n_workers,
                                                     .n = check->n_workers,
                                                     .threads = check->n_workers},
                                 &twice, &missing, err);
    free(lists);
    if (status || doubled || twice)
        return status;
    /* Of ids that have no place on the disk the engine looks whether any comes twice, and fails the
     * build if so: what follows holds for the others. */
    run->ids_proven = whole;
    run->ends_proven = whole && !missing;
    run->tree_proven = tree;
    for (size_t k = 0; k < check->n_kinds; k++)
        take_proof(run, &check->kinds[k]);
    return RG_OK;
}

enum rg_status check_graph(struct run *run, struct rg_error *err)
{
    struct graph_check check = {.run = run, .mutex = PTHREAD_MUTEX_INITIALIZER};
    uint64_t ids_max = run->request->session->settings.ids_held_max;
    ids_max = ids_max ? ids_max : LIMIT_ID_LISTS_IDS;
    ids_max /= run->gently ? GENTLE_PART : 1;
    enum rg_status status = list_files(&check, err);
    if (!status)
        status = watch_kinds(&check, err);
    if (status)
        return status;
    divide(&check);
    if (!check.n_workers)
        return RG_OK;
    check.workers = calloc(check.n_workers, sizeof *check.workers);
    status = check.workers ? RG_OK : error_no_memory(err, RUN_LAYER);
    struct pool_job job = {
        .threads = check.n_workers, .tasks = check.n_shards, .context = &check, .run = check_shard};
    for (unsigned i = 0; check.workers && i < check.n_workers; i++) {
        size_t share = (size_t)ids_max / check.n_workers;
        check.workers[i].ids.held_max = check.workers[i].foreign.held_max = share;
        check.workers[i].ids.spill_folder = check.workers[i].foreign.spill_folder =
            run->request->output_folder;
    }
    if (!status)
        status = pool_run(&job, err);
    if (!status)
        status = conclude(&check, err);
    for (unsigned i = 0; check.workers && i < check.n_workers; i++) {
        id_lists_fini(&check.workers[i].ids);
        id_lists_fini(&check.workers[i].foreign);
        place_table_fini(&check.workers[i].table);
    }
    free(check.workers);
    pthread_mutex_destroy(&check.mutex);
    return status;
}
