/* Reads a SCIP index in order, hashing what it reads. A field is a varint of number and wire type;
 * the ones that count are lengths with bytes behind them. */
#include "extract/scip_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/limits.h"

static const char layer[] = "scip";

enum { READ_BYTES = 1 << 18 };

enum wire { WIRE_VARINT, WIRE_64, WIRE_BYTES, WIRE_32 = 5 };

struct scip_reader {
    int fd;
    char *path;
    uint64_t size;    /* of the file when it was opened */
    uint64_t fetched; /* bytes of it that came into `bytes` so far */
    size_t at, end;   /* what of `bytes` is not taken yet */
    uint64_t parts;   /* fields of the index so far */
    struct digest *digest;
    char bytes[READ_BYTES];
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

/* As many bytes as are there, up to count, straight into `to`; hashed. */
static enum rg_status fetch(struct scip_reader *reader, char *to, size_t count, size_t *out_got,
                            struct rg_error *err)
{
    ssize_t got;
    do
        got = read(reader->fd, to, count);
    while (got < 0 && errno == EINTR);
    *out_got = 0;
    if (got < 0)
        return error_errno(err, layer, errno, "cannot read", reader->path);
    if (got == 0)
        return corrupt(reader, "it ends early,", err);
    digest_update(reader->digest, to, (size_t)got);
    reader->fetched += (uint64_t)got;
    *out_got = (size_t)got;
    return RG_OK;
}

static enum rg_status fill(struct scip_reader *reader, struct rg_error *err)
{
    RG_ASSERT(reader->at == reader->end);
    reader->at = reader->end = 0;
    return fetch(reader, reader->bytes, sizeof reader->bytes, &reader->end, err);
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
        size_t left = (size_t)size - part->size, here = reader->end - reader->at;
        if (here) {
            here = here < left ? here : left;
            memcpy(part->bytes + part->size, reader->bytes + reader->at, here);
            reader->at += here;
        } else if (left >= sizeof reader->bytes) { /* needs no copy */
            enum rg_status status = fetch(reader, part->bytes + part->size, left, &here, err);
            if (status != RG_OK)
                return status;
        } else {
            enum rg_status status = fill(reader, err);
            if (status != RG_OK)
                return status;
        }
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
    case WIRE_VARINT:
        return take_varint(reader, &value, err);
    case WIRE_64:
        return skip_bytes(reader, 8, err);
    case WIRE_32:
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
        if ((key & 7) != WIRE_BYTES) {
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
    reader->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe must not block */
    int number = errno;
    reader->path = strdup(path);
    reader->digest = digest_new();
    if (!reader->path || !reader->digest) {
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
    digest_finish(reader->digest, out_hex);
    reader->digest = NULL;
}

void scip_reader_close(struct scip_reader *reader)
{
    if (!reader)
        return;
    if (reader->fd >= 0)
        close(reader->fd);
    digest_free(reader->digest);
    free(reader->path);
    free(reader);
}

/* --- Looking into a part -------------------------------------------------------------------- */

static bool scan_varint(struct str message, size_t *at, uint64_t *out_value)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && *at < message.len; shift += 7) {
        unsigned char byte = (unsigned char)message.ptr[(*at)++];
        value |= (uint64_t)(byte & 0x7F) << shift;
        if (!(byte & 0x80)) {
            *out_value = value;
            return true;
        }
    }
    return false;
}

struct str scip_find_bytes(struct str message, unsigned field)
{
    static const struct str none = {NULL, 0};
    struct str found = none;
    for (size_t at = 0; at < message.len;) {
        uint64_t key, value;
        if (!scan_varint(message, &at, &key))
            return none;
        uint64_t skip = 0;
        switch (key & 7) {
        case WIRE_VARINT:
            if (!scan_varint(message, &at, &value))
                return none;
            break;
        case WIRE_BYTES:
            if (!scan_varint(message, &at, &skip))
                return none;
            break;
        case WIRE_64:
        case WIRE_32:
            skip = (key & 7) == WIRE_64 ? 8 : 4;
            break;
        default:
            return none;
        }
        if (skip > message.len - at)
            return none;
        if (key == ((uint64_t)field << 3 | WIRE_BYTES))
            found = (struct str){message.ptr + at, (size_t)skip};
        at += (size_t)skip;
    }
    return found;
}
