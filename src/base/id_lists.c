/* The lists of id_lists.h: blocks chained by part, and a hash table a part. */
#include "base/id_lists.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/pool.h"

enum { PART_BITS = 6, BLOCK_IDS = 2046 }; /* a block is 16 KB */
_Static_assert(ID_PARTS == 1 << PART_BITS, "parts are told apart by the top bits");

struct id_block {
    struct id_block *next;
    size_t n;
    int64_t ids[BLOCK_IDS];
};

void id_lists_add(struct id_lists *lists, int64_t id)
{
    size_t part = (uint64_t)id >> (64 - PART_BITS);
    struct id_block *block = lists->parts[part];
    if (!block || block->n == BLOCK_IDS) {
        if (lists->failed || (lists->count_max && lists->count >= lists->count_max)) {
            lists->failed = true;
            return;
        }
        block = malloc(sizeof *block);
        if (!block) {
            lists->failed = true;
            return;
        }
        block->next = lists->parts[part];
        block->n = 0;
        lists->parts[part] = block;
    }
    block->ids[block->n++] = id;
    lists->counts[part]++;
    lists->count++;
}

void id_lists_fini(struct id_lists *lists)
{
    for (size_t part = 0; part < ID_PARTS; part++) {
        for (struct id_block *block = lists->parts[part], *next; block; block = next) {
            next = block->next;
            free(block);
        }
    }
    *lists = (struct id_lists){.count = 0};
}

struct search {
    const struct id_search *what;
    atomic_bool twice, missing;
};

/* The ids of a part in a hash table with open addressing: 0 marks a free place, and the id 0 is
 * counted apart. */
struct part {
    int64_t *table;
    unsigned bits;
    size_t zeros;
};

/* Where an id is or would be. */
static size_t part_find(const struct part *part, int64_t id)
{
    size_t mask = ((size_t)1 << part->bits) - 1;
    /* The top bits are the part's; those below them are as good as random. */
    size_t at = (uint64_t)id << PART_BITS >> (64 - part->bits);
    while (part->table[at] && part->table[at] != id)
        at = (at + 1) & mask;
    return at;
}

/* False where one of the ids is there already. */
static bool part_add(struct part *part, const struct id_block *block)
{
    for (; block; block = block->next) {
        for (size_t k = 0; k < block->n; k++) {
            size_t at = part_find(part, block->ids[k]);
            if (part->table[at] || (block->ids[k] == 0 && part->zeros++))
                return false;
            part->table[at] = block->ids[k];
        }
    }
    return true;
}

static bool part_has(const struct part *part, const struct id_block *block)
{
    for (; block; block = block->next)
        for (size_t k = 0; k < block->n; k++)
            if (block->ids[k] ? !part->table[part_find(part, block->ids[k])] : !part->zeros)
                return false;
    return true;
}

static enum rg_status search_part(void *context, unsigned worker, size_t number,
                                  struct rg_error *err)
{
    struct search *search = context;
    const struct id_search *what = search->what;
    struct part part = {.bits = 8};
    size_t count = 0;
    (void)worker;
    for (size_t i = 0; i < what->n; i++)
        count += what->lists[i]->counts[number];
    while (((size_t)1 << part.bits) / 2 < count)
        part.bits++;
    part.table = calloc((size_t)1 << part.bits, sizeof *part.table);
    if (!part.table)
        return error_no_memory(err, "base");
    bool twice = false, missing = false;
    for (size_t i = 0; i < what->n && !twice; i++)
        twice = !part_add(&part, what->lists[i]->parts[number]);
    for (size_t i = 0; what->wanted && i < what->n && !twice && !missing; i++)
        missing = !part_has(&part, what->wanted[i]->parts[number]);
    if (twice)
        atomic_store_explicit(&search->twice, true, memory_order_relaxed);
    if (missing)
        atomic_store_explicit(&search->missing, true, memory_order_relaxed);
    free(part.table);
    return RG_OK;
}

enum rg_status id_lists_search(const struct id_search *what, bool *out_twice, bool *out_missing,
                               struct rg_error *err)
{
    struct search search = {.what = what};
    struct pool_job job = {
        .threads = what->threads, .tasks = ID_PARTS, .context = &search, .run = search_part};
    for (size_t i = 0; i < what->n; i++)
        RG_ASSERT(!what->lists[i]->failed && !(what->wanted && what->wanted[i]->failed));
    enum rg_status status = pool_run(&job, err);
    *out_twice = status == RG_OK && atomic_load(&search.twice);
    *out_missing = status == RG_OK && atomic_load(&search.missing);
    return status;
}
