/* The lists of id_lists.h: blocks chained by part, and a hash table a part. */
#include "base/id_lists.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/pool.h"

enum { PART_BITS = 6, BLOCK_IDS = 2046 }; /* a block is 16 KB */
_Static_assert(ID_PARTS == 1 << PART_BITS, "parts are told apart by the top bits");

struct id_block {
    struct id_block *next;
    size_t n;
    int64_t ids[BLOCK_IDS];
};

/* Full blocks in a file, one behind the other, and which of them are a part's. */
struct id_spill {
    int fd;
    uint32_t n_blocks;
    struct spilled_part {
        uint32_t *numbers;
        size_t n, capacity;
    } parts[ID_PARTS];
};

static struct id_spill *spill_new(const char *folder)
{
    struct id_spill *spill = calloc(1, sizeof *spill);
    if (!spill)
        return NULL;
    spill->fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (spill->fd < 0) { /* a file system that has no such files */
        char *path = path_join(folder, "ids-XXXXXX");
        spill->fd = path ? mkostemp(path, O_CLOEXEC) : -1;
        if (spill->fd >= 0)
            unlink(path);
        free(path);
    }
    if (spill->fd >= 0)
        return spill;
    free(spill);
    return NULL;
}

static void spill_free(struct id_spill *spill)
{
    if (!spill)
        return;
    for (size_t part = 0; part < ID_PARTS; part++)
        free(spill->parts[part].numbers);
    close(spill->fd);
    free(spill);
}

static bool spill_block(struct id_lists *lists, size_t number, const struct id_block *block)
{
    if (!lists->spill && lists->spill_folder)
        lists->spill = spill_new(lists->spill_folder);
    struct id_spill *spill = lists->spill;
    if (!spill || spill->n_blocks == UINT32_MAX)
        return false;
    struct spilled_part *part = &spill->parts[number];
    if (part->n == part->capacity) {
        size_t capacity = part->capacity ? 2 * part->capacity : 16;
        uint32_t *grown = realloc(part->numbers, capacity * sizeof *grown);
        if (!grown)
            return false;
        part->numbers = grown;
        part->capacity = capacity;
    }
    if (pwrite(spill->fd, block, sizeof *block, (off_t)spill->n_blocks * (off_t)sizeof *block) !=
        (ssize_t)sizeof *block)
        return false;
    part->numbers[part->n++] = spill->n_blocks++;
    return true;
}

/* A block of a part with a free place: a new one, or the last one after it went to the file. */
static struct id_block *block_with_room(struct id_lists *lists, size_t part)
{
    struct id_block *block = lists->parts[part];
    if (lists->failed)
        return NULL;
    if (block && lists->held_max && lists->held + BLOCK_IDS > lists->held_max) {
        lists->failed = !spill_block(lists, part, block);
        block->n = 0;
        return lists->failed ? NULL : block;
    }
    block = malloc(sizeof *block);
    if (!block) {
        lists->failed = true;
        return NULL;
    }
    block->next = lists->parts[part];
    block->n = 0;
    lists->parts[part] = block;
    lists->held += BLOCK_IDS;
    return block;
}

void id_lists_add(struct id_lists *lists, int64_t id)
{
    size_t part = (uint64_t)id >> (64 - PART_BITS);
    struct id_block *block = lists->parts[part];
    if (!block || block->n == BLOCK_IDS) {
        block = block_with_room(lists, part);
        if (!block)
            return;
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
    spill_free(lists->spill);
    *lists = (struct id_lists){.count = 0};
}

/* The ids of a part in a hash table with open addressing: 0 marks a free place, and the id 0 is
 * counted apart. */
struct part {
    int64_t *table;
    unsigned bits;
    size_t zeros;
};

/* Hands the blocks of a part on, those of the file one at a time, until one is answered with false.
 * Returns false where one could not be read. */
typedef bool block_fn(struct part *part, const struct id_block *block);

static bool each_block(const struct id_lists *lists, size_t number, struct part *part,
                       block_fn *take, bool *out_all)
{
    const struct id_spill *spill = lists->spill;
    size_t n = spill ? spill->parts[number].n : 0;
    *out_all = true;
    for (const struct id_block *block = lists->parts[number]; block && *out_all;
         block = block->next)
        *out_all = take(part, block);
    if (!n || !*out_all)
        return true;
    struct id_block *copy = malloc(sizeof *copy);
    bool read = copy != NULL;
    for (size_t i = 0; i < n && read && *out_all; i++) {
        off_t at = (off_t)spill->parts[number].numbers[i] * (off_t)sizeof *copy;
        read = pread(spill->fd, copy, sizeof *copy, at) == (ssize_t)sizeof *copy;
        *out_all = !read || take(part, copy);
    }
    free(copy);
    return read;
}

struct search {
    const struct id_search *what;
    atomic_bool twice, missing;
};

/* Where an id is or would be. */
static size_t part_find(const struct part *part, int64_t id)
{
    size_t mask = ((size_t)1 << part->bits) - 1;
    /* Ids are hashes, but a test's or a stranger's need not be: Fibonacci hashing (Knuth, 6.4). */
    size_t at = (size_t)(((uint64_t)id * UINT64_C(0x9E3779B97F4A7C15)) >> (64 - part->bits));
    while (part->table[at] && part->table[at] != id)
        at = (at + 1) & mask;
    return at;
}

/* False where one of the ids is there already. */
static bool part_add(struct part *part, const struct id_block *block)
{
    for (size_t k = 0; k < block->n; k++) {
        size_t at = part_find(part, block->ids[k]);
        if (part->table[at] || (block->ids[k] == 0 && part->zeros++))
            return false;
        part->table[at] = block->ids[k];
    }
    return true;
}

static bool part_has(struct part *part, const struct id_block *block)
{
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
    bool read = true, unique = true, found = true;
    for (size_t i = 0; i < what->n && unique && read; i++)
        read = each_block(what->lists[i], number, &part, part_add, &unique);
    for (size_t i = 0; what->wanted && i < what->n && unique && found && read; i++)
        read = each_block(what->wanted[i], number, &part, part_has, &found);
    free(part.table);
    if (!read)
        return error_set(err, RG_ERR_IO, "base", "ids that were put aside cannot be read again");
    if (!unique)
        atomic_store_explicit(&search->twice, true, memory_order_relaxed);
    if (!found)
        atomic_store_explicit(&search->missing, true, memory_order_relaxed);
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
