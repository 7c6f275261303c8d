/* The hash of a file of facts: of pieces side by side, because one thread reads slower than it
 * hashes. */
#include "graph/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#ifndef __clang_analyzer__ /* which would judge the library's code as ours */
#define XXH_INLINE_ALL
#endif
#include <xxhash.h>

#include "base/error.h"
#include "base/file.h"
#include "base/pool.h"

static const char layer[] = "graph";

enum { PIECE_BYTES = 16 << 20, CHUNK_BYTES = 1 << 18 };

struct pieces {
    int fd;
    const char *path;
    XXH128_canonical_t *hashes; /* of the pieces, in the byte order of the specification */
};

static enum rg_status hash_piece(void *context, unsigned worker, size_t piece, struct rg_error *err)
{
    const struct pieces *pieces = context;
    enum rg_status status = RG_OK;
    off_t at = (off_t)piece * PIECE_BYTES;
    size_t left = PIECE_BYTES;
    XXH3_state_t *state = XXH3_createState();
    char *chunk = malloc(CHUNK_BYTES);
    (void)worker;
    if (!state || !chunk || XXH3_128bits_reset(state) != XXH_OK)
        status = error_no_memory(err, layer);
    while (status == RG_OK && left) {
        ssize_t got = pread(pieces->fd, chunk, left < CHUNK_BYTES ? left : CHUNK_BYTES, at);
        if (got == 0)
            break;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 || XXH3_128bits_update(state, chunk, (size_t)got) != XXH_OK) {
            status = error_errno(err, layer, got < 0 ? errno : ENOMEM, "cannot read", pieces->path);
            break;
        }
        at += got;
        left -= (size_t)got;
    }
    if (status == RG_OK)
        XXH128_canonicalFromHash(&pieces->hashes[piece], XXH3_128bits_digest(state));
    free(chunk);
    XXH3_freeState(state);
    return status;
}

enum rg_status facts_hash(const char *path, unsigned threads, char out_hex[FACTS_HASH_BYTES],
                          struct rg_error *err)
{
    size_t n = (size_t)(file_size(path) / PIECE_BYTES) + 1;
    struct pieces pieces = {.path = path,
                            .fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
    out_hex[0] = '\0';
    if (pieces.fd < 0)
        return error_errno(err, layer, errno, "cannot open", path);
    pieces.hashes = calloc(n, sizeof *pieces.hashes);
    struct pool_job job = {
        .threads = threads ? threads : 1, .tasks = n, .context = &pieces, .run = hash_piece};
    enum rg_status status = pieces.hashes ? pool_run(&job, err) : error_no_memory(err, layer);
    if (status == RG_OK) {
        XXH128_hash_t hash = XXH3_128bits(pieces.hashes, n * sizeof *pieces.hashes);
        snprintf(out_hex, FACTS_HASH_BYTES, "%016" PRIx64 "%016" PRIx64, (uint64_t)hash.high64,
                 (uint64_t)hash.low64);
    }
    free(pieces.hashes);
    close(pieces.fd);
    return status;
}
