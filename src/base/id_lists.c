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
    const struct id_lists *const *lists;
    size_t n_lists;
    atomic_bool twice;
};

/* Open addressing; 0 marks a free place, and the id 0 is counted apart. */
static bool part_any_twice(const struct search *search, size_t part, int64_t *table, unsigned bits)
{
    size_t mask = ((size_t)1 << bits) - 1, zeros = 0;
    for (size_t i = 0; i < search->n_lists; i++) {
        for (const struct id_block *block = search->lists[i]->parts[part]; block;
             block = block->next) {
            for (size_t k = 0; k < block->n; k++) {
                int64_t id = block->ids[k];
                /* The top bits are the part's; those below them are as good as random. */
                size_t at = (uint64_t)id << PART_BITS >> (64 - bits);
                while (table[at] && table[at] != id)
                    at = (at + 1) & mask;
                if (table[at] || (id == 0 && zeros++))
                    return true;
                table[at] = id;
            }
        }
    }
    return false;
}

static enum rg_status search_part(void *context, unsigned worker, size_t part, struct rg_error *err)
{
    struct search *search = context;
    size_t count = 0;
    unsigned bits = 8;
    (void)worker;
    for (size_t i = 0; i < search->n_lists; i++)
        count += search->lists[i]->counts[part];
    if (count < 2 || atomic_load_explicit(&search->twice, memory_order_relaxed))
        return RG_OK;
    while (((size_t)1 << bits) / 2 < count)
        bits++;
    int64_t *table = calloc((size_t)1 << bits, sizeof *table);
    if (!table)
        return error_no_memory(err, "base");
    if (part_any_twice(search, part, table, bits))
        atomic_store_explicit(&search->twice, true, memory_order_relaxed);
    free(table);
    return RG_OK;
}

enum rg_status id_lists_any_twice(const struct id_lists *const *lists, size_t n_lists,
                                  unsigned threads, bool *out_twice, struct rg_error *err)
{
    struct search search = {.lists = lists, .n_lists = n_lists};
    struct pool_job job = {
        .threads = threads, .tasks = ID_PARTS, .context = &search, .run = search_part};
    for (size_t i = 0; i < n_lists; i++)
        RG_ASSERT(!lists[i]->failed);
    enum rg_status status = pool_run(&job, err);
    *out_twice = status == RG_OK && atomic_load(&search.twice);
    return status;
}
