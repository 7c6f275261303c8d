/* Scan: opens the root, asks git or the folders themselves, sorts, and gives each file its id. */
#include "extract/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/intmap.h"
#include "extract/scan_git.h"
#include "extract/scan_walk.h"
#include "kernels/stable_hash.h"

static enum rg_status open_root(const char *root, struct scan *scan, struct rg_error *err)
{
    struct stat info;
    scan->root = path_real(root);
    if (!scan->root || stat(scan->root, &info) != 0) {
        int number = errno;
        if (number == ENOENT || number == ENOTDIR)
            return error_set(err, RG_ERR_NOT_FOUND, "scan", "there is no folder %s", root);
        return error_errno(err, "scan", number, "cannot open", root);
    }
    if (!S_ISDIR(info.st_mode)) {
        error_set(err, RG_ERR_USAGE, "scan", "%s is not a folder", root);
        error_hint(err, "give the folder of a repository");
        return RG_ERR_USAGE;
    }
    scan->root_fd = open(scan->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (scan->root_fd < 0)
        return error_errno(err, "scan", errno, "cannot open", root);
    return RG_OK;
}

static int by_path(const void *a, const void *b)
{
    const struct scan_file *left = a, *right = b;
    return str_cmp(left->path, right->path);
}

/* Ids in path order: the later of two paths with one hash (chance, or made by hand) is hashed again
 * with a number, until it is alone. */
static enum rg_status give_ids(struct scan *scan, struct rg_error *err)
{
    struct intmap taken = {0};
    enum rg_status status = RG_OK;
    for (size_t i = 0; status == RG_OK && i < scan->n_files; i++) {
        struct scan_file *file = &scan->files[i];
        uint64_t hash = stable_hash_text(STABLE_HASH_SEED, file->path.ptr, file->path.len);
        uint64_t id = hash;
        for (int64_t n = 1; intmap_get(&taken, id) != INTMAP_NONE; n++)
            id = stable_hash_int(hash, n);
        scan->n_collisions += id != hash;
        file->file_id = (int64_t)id;
        file->ordinal = (uint32_t)i;
        if (file->status == SCAN_SOURCE)
            scan->source_bytes += file->size_bytes;
        if (!intmap_put(&taken, id, (uint32_t)i))
            status = error_no_memory(err, "scan");
    }
    intmap_fini(&taken);
    return status;
}

enum rg_status scan_repository(struct events *events, const char *root, struct scan *out_scan,
                               struct rg_error *err)
{
    *out_scan = (struct scan){.root_fd = -1};
    events_stage(events, "scan");
    enum rg_status status = open_root(root, out_scan, err);
    if (status != RG_OK)
        return status;
    struct scan_git *git = NULL;
    struct scan_git_folder folder = {0};
    struct scan_found found = {0};
    struct rg_error cause = {0};
    status = scan_git_open(out_scan->root, &git, &folder, &cause);
    if (status == RG_ERR_CORRUPT) {
        events_message(events, RG_EVENT_WARNING, "scan", "%s; all folders are read instead",
                       cause.message);
    } else if (status != RG_OK) {
        if (err)
            *err = cause;
        goto out;
    }
    out_scan->is_git = git != NULL;
    status = scan_walk(events, out_scan, git, folder, &found, err);
    if (status == RG_OK && git && scan_git_failed(git))
        status = error_no_memory(err, "scan");
    if (status != RG_OK)
        goto out;
    if (found.count)
        qsort(found.files, found.count, sizeof found.files[0], by_path);
    out_scan->files = found.files;
    out_scan->n_files = found.count;
    found.files = NULL;
    status = give_ids(out_scan, err);
    if (out_scan->n_left_out)
        events_message(events, RG_EVENT_MESSAGE, "scan",
                       "left out: %zu folders of builds, caches and dependencies",
                       out_scan->n_left_out);
    if (out_scan->n_collisions)
        events_message(events, RG_EVENT_MESSAGE, "scan",
                       "%zu files got another id, because their paths have one hash",
                       out_scan->n_collisions);
out:
    scan_git_close(git);
    free(found.files);
    return status;
}

void scan_fini(struct scan *scan)
{
    if (scan->root_fd >= 0)
        close(scan->root_fd);
    free(scan->files);
    free(scan->root);
    arena_fini(&scan->arena);
    *scan = (struct scan){.root_fd = -1};
}
