/* Reads a SCIP index in order, block by block. A field is a varint of number and wire type; the
 * ones that count are lengths with bytes behind them. Blocks wait in a ring until they are hashed,
 * which any thread may do beside the reading. */
#include "extract/scip_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/limits.h"
#include "extract/scip_wire.h"

static const char layer[] = "scip";

enum { BLOCK_BYTES = 1 << 17, BLOCKS = 8 };

struct block {
    size_t size;
    char bytes[BLOCK_BYTES];
};

struct scip_reader {
    int fd;
    char *path;
    uint64_t size;     /* of the file when it was opened */
    uint64_t fetched;  /* bytes of it that came into blocks so far */
    size_t at, end;    /* what of the newest block is not taken yet */
    uint64_t parts;    /* fields of the index so far */
    const char *bytes; /* of the newest block */
    struct block *blocks;
    atomic_size_t n_filled, n_hashed; /* blocks so far; the ring holds what is between */
    pthread_mutex_t hashing;          /* guards n_hashed's changes and the digest */
    struct digest *digest;
};

void scip_part_fini(struct scip_part *part)
{
    free(part->bytes);
    *part = (struct scip_part){0};
}

/* --- Bytes ---------------------------------------------------------------------------------- */

uint64_t scip_reader_done(const struct scip_reader *reader)
{
    return reader->fetched - (reader->end - reader->at);
}

uint64_t scip_reader_size(const struct scip_reader *reader)
{
    return reader->size;
}

static enum rg_status corrupt(const struct scip_reader *reader, const char *what,
                              struct rg_error *err)
{
    error_set(err, RG_ERR_CORRUPT, layer, "%s is no whole SCIP index: %s at byte %llu of %llu",
              reader->path, what, (unsigned long long)scip_reader_done(reader),
              (unsigned long long)reader->size);
    error_hint(err, "let the indexer write it again, and wait until it has ended");
    return RG_ERR_CORRUPT;
}

/* Hashes blocks until at most so many wait. The caller holds `hashing`. */
static void hash_blocks(struct scip_reader *reader, size_t waiting)
{
    size_t n = atomic_load(&reader->n_hashed);
    for (; atomic_load(&reader->n_filled) - n > waiting; atomic_store(&reader->n_hashed, ++n)) {
        const struct block *block = &reader->blocks[n % BLOCKS];
        digest_update(reader->digest, block->bytes, block->size);
    }
}

void scip_reader_hash(struct scip_reader *reader)
{
    if (pthread_mutex_trylock(&reader->hashing) != 0)
        return; /* another thread is at it */
    hash_blocks(reader, 0);
    pthread_mutex_unlock(&reader->hashing);
}

static enum rg_status fill(struct scip_reader *reader, struct rg_error *err)
{
    size_t n_filled = atomic_load(&reader->n_filled);
    struct block *block = &reader->blocks[n_filled % BLOCKS];
    ssize_t got;
    RG_ASSERT(reader->at == reader->end);
    reader->at = reader->end = 0;
    if (n_filled - atomic_load(&reader->n_hashed) == BLOCKS) {
        pthread_mutex_lock(&reader->hashing);
        hash_blocks(reader, BLOCKS - 1);
        pthread_mutex_unlock(&reader->hashing);
    }
    do
        got = read(reader->fd, block->bytes, sizeof block->bytes);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return error_errno(err, layer, errno, "cannot read", reader->path);
    if (got == 0)
        return corrupt(reader, "it ends early,", err);
    block->size = (size_t)got;
    reader->bytes = block->bytes;
    reader->end = (size_t)got;
    reader->fetched += (uint64_t)got;
    atomic_store(&reader->n_filled, n_filled + 1);
    return RG_OK;
}

/* Whether all of the file was taken. What is appended to it meanwhile is left alone. */
static bool at_end(const struct scip_reader *reader)
{
    return scip_reader_done(reader) >= reader->size;
}

static enum rg_status take_varint(struct scip_reader *reader, uint64_t *out_value,
                                  struct rg_error *err)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (reader->at == reader->end) {
            enum rg_status status = fill(reader, err);
            if (status != RG_OK)
                return status;
        }
        unsigned char byte = (unsigned char)reader->bytes[reader->at++];
        value |= (uint64_t)(byte & 0x7F) << shift;
        if (!(byte & 0x80)) {
            *out_value = value;
            return RG_OK;
        }
    }
    return corrupt(reader, "a number does not end", err);
}

static enum rg_status skip_bytes(struct scip_reader *reader, uint64_t count, struct rg_error *err)
{
    while (count) {
        if (reader->at == reader->end) {
            enum rg_status status = fill(reader, err);
            if (status != RG_OK)
                return status;
        }
        size_t here = reader->end - reader->at;
        here = here < count ? here : (size_t)count;
        reader->at += here;
        count -= here;
    }
    return RG_OK;
}

/* Room for a part; one that is much larger than this one needs is given back. */
static bool part_reserve(struct scip_part *part, size_t size)
{
    enum { KEPT_MAX = 1 << 20 };
    if (size <= part->capacity && (part->capacity <= KEPT_MAX || size > part->capacity / 4))
        return true;
    size_t capacity = size > 1024 ? size : 1024;
    free(part->bytes);
    part->bytes = malloc(capacity);
    part->capacity = part->bytes ? capacity : 0;
    return part->bytes != NULL;
}

static enum rg_status take_part(struct scip_reader *reader, struct scip_part *part, uint64_t size,
                                struct rg_error *err)
{
    part->size = 0;
    part->size_told = size;
    if (size > LIMIT_SCIP_PART_BYTES)
        return skip_bytes(reader, size, err);
    if (!part_reserve(part, (size_t)size))
        return error_no_memory(err, layer);
    while (part->size < size) {
        if (reader->at == reader->end) {
            enum rg_status status = fill(reader, err);
            if (status != RG_OK)
                return status;
        }
        size_t left = (size_t)size - part->size, here = reader->end - reader->at;
        here = here < left ? here : left;
        memcpy(part->bytes + part->size, reader->bytes + reader->at, here);
        reader->at += here;
        part->size += here;
    }
    return RG_OK;
}

/* --- Fields --------------------------------------------------------------------------------- */

/* What a field of the index is; END for one that we do not know. */
static enum scip_part_kind part_kind(uint64_t number)
{
    static const enum scip_part_kind kinds[] = {SCIP_PART_END, SCIP_PART_METADATA,
                                                SCIP_PART_DOCUMENT, SCIP_PART_EXTERNAL};
    return number < sizeof kinds / sizeof *kinds ? kinds[number] : SCIP_PART_END;
}

static enum rg_status skip_field(struct scip_reader *reader, uint64_t wire, struct rg_error *err)
{
    uint64_t value;
    switch (wire) {
    case SCIP_WIRE_VARINT:
        return take_varint(reader, &value, err);
    case SCIP_WIRE_64:
        return skip_bytes(reader, 8, err);
    case SCIP_WIRE_32:
        return skip_bytes(reader, 4, err);
    default:
        return corrupt(reader, "there is no field of an index", err);
    }
}

enum rg_status scip_reader_next(struct scip_reader *reader, struct scip_part *part,
                                struct rg_error *err)
{
    part->kind = SCIP_PART_END;
    part->size = 0;
    while (!at_end(reader)) {
        uint64_t key, size;
        enum rg_status status = take_varint(reader, &key, err);
        if (status != RG_OK)
            return status;
        if (!(key >> 3))
            return corrupt(reader, "there is no field of an index", err);
        if ((key & 7) != SCIP_WIRE_BYTES) {
            status = part_kind(key >> 3) != SCIP_PART_END
                         ? corrupt(reader, "there is no field of an index", err)
                         : skip_field(reader, key & 7, err);
            if (status != RG_OK)
                return status;
            continue;
        }
        status = take_varint(reader, &size, err);
        if (status != RG_OK)
            return status;
        uint64_t done = scip_reader_done(reader);
        if (done > reader->size || size > reader->size - done)
            return corrupt(reader, "a part is longer than the file", err);
        part->kind = part_kind(key >> 3);
        if (part->kind == SCIP_PART_END) {
            status = skip_bytes(reader, size, err);
            if (status != RG_OK)
                return status;
            continue;
        }
        reader->parts++;
        return take_part(reader, part, size, err);
    }
    return reader->parts ? RG_OK : corrupt(reader, "there is nothing of an index", err);
}

/* --- Opening and closing -------------------------------------------------------------------- */

enum rg_status scip_reader_open(const char *path, struct scip_reader **out_reader,
                                struct rg_error *err)
{
    *out_reader = NULL;
    struct stat info;
    enum rg_status status = RG_OK;
    struct scip_reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return error_no_memory(err, layer);
    pthread_mutex_init(&reader->hashing, NULL);
    reader->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe must not block */
    int number = errno;
    reader->path = strdup(path);
    reader->digest = digest_new();
    reader->blocks = malloc(BLOCKS * sizeof *reader->blocks);
    if (!reader->path || !reader->digest || !reader->blocks) {
        status = error_no_memory(err, layer);
    } else if (reader->fd < 0 && number == ENOENT) {
        status = error_set(err, RG_ERR_NOT_FOUND, layer, "there is no SCIP index %s", path);
        error_hint(err, "an indexer such as scip-python writes it, usually as index.scip");
    } else if (reader->fd < 0 || fstat(reader->fd, &info) != 0) {
        status = error_errno(err, layer, reader->fd < 0 ? number : errno, "cannot open", path);
    } else if (!S_ISREG(info.st_mode)) {
        status = error_set(err, RG_ERR_USAGE, layer, "%s is not a file", path);
        error_hint(err, "name the file that the indexer wrote, usually index.scip");
    } else {
        reader->size = (uint64_t)info.st_size;
        *out_reader = reader;
        return RG_OK;
    }
    scip_reader_close(reader);
    return status;
}

void scip_reader_sha256(struct scip_reader *reader, char out_hex[65])
{
    RG_ASSERT(reader->digest && at_end(reader));
    hash_blocks(reader, 0);
    digest_finish(reader->digest, out_hex);
    reader->digest = NULL;
}

void scip_reader_close(struct scip_reader *reader)
{
    if (!reader)
        return;
    if (reader->fd >= 0)
        close(reader->fd);
    pthread_mutex_destroy(&reader->hashing);
    digest_free(reader->digest);
    free(reader->blocks);
    free(reader->path);
    free(reader);
}
