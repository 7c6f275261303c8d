/* Texts numbered in the order in which they come: an open hash table over one buffer of bytes. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/limits.h"
#include "engine/arrow_ipc_inside.h"
#include "kernels/stable_hash.h"

struct ipc_texts {
    struct buffer bytes; /* one text behind the other */
    uint32_t *ends;      /* of each in bytes */
    size_t count, capacity;
    int32_t *table; /* code + 1; 0: free */
    uint32_t *hashes;
    size_t slots;     /* a power of two, at least twice the count */
    int32_t previous; /* the code given last: rows of one file follow each other */
};

enum rg_status ipc_texts_new(struct ipc_texts **out_texts, struct rg_error *err)
{
    *out_texts = calloc(1, sizeof **out_texts);
    if (!*out_texts)
        return error_no_memory(err, ARROW_LAYER);
    (*out_texts)->bytes.bytes_max = LIMIT_DICTIONARY_BYTES;
    return RG_OK;
}

void ipc_texts_free(struct ipc_texts *texts)
{
    if (!texts)
        return;
    buffer_fini(&texts->bytes);
    free(texts->ends);
    free(texts->table);
    free(texts->hashes);
    free(texts);
}

static struct str text_at(const struct ipc_texts *texts, size_t code)
{
    uint32_t from = code ? texts->ends[code - 1] : 0;
    return (struct str){texts->bytes.data ? texts->bytes.data + from : "",
                        texts->ends[code] - from};
}

/* Room for one more; the table stays at most half full. */
static bool grow(struct ipc_texts *texts)
{
    if (texts->count < texts->capacity)
        return true;
    size_t capacity = texts->capacity ? texts->capacity * 2 : 256, slots = capacity * 2;
    uint32_t *ends = realloc(texts->ends, capacity * sizeof *ends);
    if (!ends)
        return false;
    texts->ends = ends;
    uint32_t *hashes = realloc(texts->hashes, capacity * sizeof *hashes);
    if (!hashes)
        return false;
    texts->hashes = hashes;
    int32_t *table = calloc(slots, sizeof *table);
    if (!table)
        return false;
    for (size_t i = 0; i < texts->count; i++) {
        size_t at = texts->hashes[i] & (slots - 1);
        while (table[at])
            at = (at + 1) & (slots - 1);
        table[at] = (int32_t)i + 1;
    }
    free(texts->table);
    texts->table = table;
    texts->slots = slots;
    texts->capacity = capacity;
    return true;
}

static enum rg_status add(struct ipc_texts *texts, struct str text, size_t slot, uint32_t hash,
                          struct rg_error *err)
{
    if (texts->count >= LIMIT_DICTIONARY_VALUES ||
        text.len > LIMIT_DICTIONARY_BYTES - texts->bytes.len)
        return error_set(err, RG_ERR_LIMIT, ARROW_LAYER,
                         "a dictionary of more than %d texts, or %zu MB of them",
                         LIMIT_DICTIONARY_VALUES, LIMIT_DICTIONARY_BYTES >> 20);
    buffer_str(&texts->bytes, text);
    if (texts->bytes.failed)
        return error_no_memory(err, ARROW_LAYER);
    texts->ends[texts->count] = (uint32_t)texts->bytes.len;
    texts->hashes[texts->count] = hash;
    texts->table[slot] = (int32_t)++texts->count;
    return RG_OK;
}

enum rg_status ipc_texts_code(struct ipc_texts *texts, struct str text, int32_t *out_code,
                              struct rg_error *err)
{
    *out_code = 0;
    if (texts->count && str_eq(text_at(texts, (size_t)texts->previous), text)) {
        *out_code = texts->previous;
        return RG_OK;
    }
    if (!grow(texts))
        return error_no_memory(err, ARROW_LAYER);
    uint32_t hash = (uint32_t)stable_hash_text(STABLE_HASH_SEED, text.ptr, text.len);
    size_t at = hash & (texts->slots - 1);
    for (; texts->table[at]; at = (at + 1) & (texts->slots - 1)) {
        size_t code = (size_t)texts->table[at] - 1;
        if (texts->hashes[code] == hash && str_eq(text_at(texts, code), text))
            break;
    }
    enum rg_status status = texts->table[at] ? RG_OK : add(texts, text, at, hash, err);
    if (!status)
        *out_code = texts->previous = texts->table[at] - 1;
    return status;
}

struct ipc_texts_view ipc_texts_view(const struct ipc_texts *texts)
{
    return (struct ipc_texts_view){texts->bytes.data, texts->ends, (int64_t)texts->count};
}
