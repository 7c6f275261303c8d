/* Files and folders over POSIX. */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/limits.h"

char *path_join(const char *folder, const char *name)
{
    size_t length = strlen(folder);
    const char *slash = length && folder[length - 1] == '/' ? "" : "/";
    char *path;
    return asprintf(&path, "%s%s%s", folder, slash, name) < 0 ? NULL : path;
}

char *path_real(const char *path)
{
    return realpath(path, NULL);
}

bool path_exists(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0;
}

bool path_is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

uint64_t file_size(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode) ? (uint64_t)info.st_size : 0;
}

/* Reads to the end; the size that stat told is only a guess. */
static enum rg_status read_all(int fd, const char *path, size_t guess, size_t bytes_max,
                               char **out_data, size_t *out_size, struct rg_error *err)
{
    size_t capacity = guess + 1, size = 0;
    char *data = malloc(capacity + 1);
    if (!data)
        return error_no_memory(err, "file");
    for (;;) {
        ssize_t got = read(fd, data + size, capacity - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            int number = errno;
            free(data);
            return error_errno(err, "file", number, "cannot read", path);
        }
        size += (size_t)got;
        if (got == 0)
            break;
        if (size > bytes_max) {
            free(data);
            error_set(err, RG_ERR_LIMIT, "file", "%s grew beyond %zu bytes", path, bytes_max);
            return RG_ERR_LIMIT;
        }
        if (size == capacity) {
            capacity *= 2;
            char *grown = realloc(data, capacity + 1);
            if (!grown) {
                free(data);
                return error_no_memory(err, "file");
            }
            data = grown;
        }
    }
    data[size] = '\0';
    *out_data = data;
    *out_size = size;
    return RG_OK;
}

/* O_NONBLOCK: opening a pipe must not hang; it is refused, as is all that is no file. */
static enum rg_status open_regular(const char *path, int flags, int *out_fd, struct stat *out_info,
                                   struct rg_error *err)
{
    enum rg_status status = RG_OK;
    *out_fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | flags);
    if (*out_fd < 0)
        return error_errno(err, "file", errno, "cannot open", path);
    if (fstat(*out_fd, out_info) != 0)
        status = error_errno(err, "file", errno, "cannot stat", path);
    else if (!S_ISREG(out_info->st_mode))
        status = error_set(err, RG_ERR_IO, "file", "%s is not a regular file", path);
    if (status != RG_OK)
        close(*out_fd);
    return status;
}

enum rg_status file_read(const char *path, size_t bytes_max, bool no_follow, char **out_data,
                         size_t *out_size, struct rg_error *err)
{
    int fd;
    struct stat info;
    *out_data = NULL;
    *out_size = 0;
    enum rg_status status = open_regular(path, no_follow ? O_NOFOLLOW : 0, &fd, &info, err);
    if (status != RG_OK)
        return status;
    if ((uint64_t)info.st_size > bytes_max)
        status = error_set(err, RG_ERR_LIMIT, "file", "%s has %lld bytes, more than %zu", path,
                           (long long)info.st_size, bytes_max);
    else
        status = read_all(fd, path, (size_t)info.st_size, bytes_max, out_data, out_size, err);
    close(fd);
    return status;
}

enum {
    OPEN_FOLDER = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
    OPEN_FILE = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC
};

/* By one call, where the kernel has it (5.6), lets us, and takes the path (4,096 bytes). */
static int open_at_once(int folder_fd, const char *path, int flags)
{
#ifdef SYS_openat2
    struct open_how how = {.flags = (uint64_t)flags,
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
    return (int)syscall(SYS_openat2, folder_fd, path, &how, sizeof how);
#else
    (void)folder_fd, (void)path, (void)flags;
    return -1;
#endif
}

/* Part by part: for long paths, older kernels, and to say what is wrong. */
static int open_by_parts(int folder_fd, struct str rest, int flags)
{
    int fd = folder_fd;
    while (rest.ptr) {
        struct str part = str_split(&rest, '/');
        char name[NAME_MAX + 1];
        int next = -1;
        if (part.len > NAME_MAX) {
            errno = ENAMETOOLONG;
        } else {
            memcpy(name, part.ptr, part.len);
            name[part.len] = '\0';
            next = openat(fd, name, rest.ptr ? OPEN_FOLDER : flags);
        }
        if (fd != folder_fd) {
            int number = errno; /* of openat */
            close(fd);
            errno = number;
        }
        if (next < 0)
            return -1;
        fd = next;
    }
    return fd;
}

int file_open_beneath(int folder_fd, const char *path, bool is_folder)
{
    struct str rest = str_of(path);
    int flags = is_folder ? OPEN_FOLDER : OPEN_FILE;
    if (rest.len == 0)
        return openat(folder_fd, ".", OPEN_FOLDER);
    for (struct str left = rest; left.ptr;) {
        struct str part = str_split(&left, '/');
        if (part.len == 0 || str_is(part, ".") || str_is(part, "..")) {
            errno = EINVAL;
            return -1;
        }
    }
    int fd = open_at_once(folder_fd, path, flags);
    return fd >= 0 ? fd : open_by_parts(folder_fd, rest, flags);
}

static enum rg_status write_all(int fd, const char *path, struct str data, struct rg_error *err)
{
    while (data.len) {
        ssize_t put = write(fd, data.ptr, data.len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return error_errno(err, "file", errno, "cannot write", path);
        data.ptr += put;
        data.len -= (size_t)put;
    }
    if (fsync(fd) != 0)
        return error_errno(err, "file", errno, "cannot sync", path);
    return RG_OK;
}

enum rg_status file_write(const char *path, struct str data, struct rg_error *err)
{
    char *temporary;
    if (asprintf(&temporary, "%s.tmp", path) < 0)
        return error_no_memory(err, "file");
    enum rg_status status = RG_OK;
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0) {
        status = error_errno(err, "file", errno, "cannot create", temporary);
        goto out;
    }
    status = write_all(fd, temporary, data, err);
    if (close(fd) != 0 && status == RG_OK)
        status = error_errno(err, "file", errno, "cannot close", temporary);
    if (status == RG_OK && rename(temporary, path) != 0)
        status = error_errno(err, "file", errno, "cannot rename to", path);
    if (status != RG_OK)
        unlink(temporary);
out:
    free(temporary);
    return status;
}

enum rg_status folder_make(const char *path, struct rg_error *err)
{
    char *copy = strdup(path);
    if (!copy)
        return error_no_memory(err, "file");
    enum rg_status status = RG_OK;
    for (char *p = copy + 1; status == RG_OK; p++) {
        if (*p != '/' && *p != '\0')
            continue;
        char end = *p;
        *p = '\0';
        if (mkdir(copy, 0777) != 0 && !(errno == EEXIST && path_is_folder(copy))) {
            if (errno == EEXIST || errno == ENOTDIR)
                status = error_set(err, RG_ERR_IO, "file", "%s is a file, not a folder", copy);
            else
                status = error_errno(err, "file", errno, "cannot make the folder", copy);
        }
        *p = end;
        if (end == '\0')
            break;
    }
    free(copy);
    return status;
}

/* Removes what is inside the open folder. The depth is bounded by LIMIT_PATH_DEPTH: our own output
 * is shallow, and recursion over it is safe. */
static enum rg_status remove_inside(int fd, const char *path, int depth, struct rg_error *err)
{
    DIR *folder = fdopendir(fd);
    if (!folder) {
        close(fd);
        return error_errno(err, "file", errno, "cannot list", path);
    }
    enum rg_status status = RG_OK;
    struct dirent *entry;
    while (status == RG_OK && (entry = readdir(folder)) != NULL) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
            continue;
        if (unlinkat(dirfd(folder), name, 0) == 0 || errno == ENOENT)
            continue;
        int inner = openat(dirfd(folder), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (inner < 0 || depth >= LIMIT_PATH_DEPTH) {
            status = error_errno(err, "file", errno, "cannot remove", path);
            if (inner >= 0)
                close(inner);
            break;
        }
        status = remove_inside(inner, path, depth + 1, err);
        if (status == RG_OK && unlinkat(dirfd(folder), name, AT_REMOVEDIR) != 0 && errno != ENOENT)
            status = error_errno(err, "file", errno, "cannot remove", path);
    }
    closedir(folder);
    return status;
}

enum rg_status tree_remove(const char *path, struct rg_error *err)
{
    if (unlink(path) == 0 || errno == ENOENT)
        return RG_OK;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? RG_OK : error_errno(err, "file", errno, "cannot remove", path);
    enum rg_status status = remove_inside(fd, path, 0, err);
    if (status == RG_OK && rmdir(path) != 0 && errno != ENOENT)
        status = error_errno(err, "file", errno, "cannot remove", path);
    return status;
}

enum rg_status folder_sync(const char *path, struct rg_error *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return error_errno(err, "file", errno, "cannot open", path);
    enum rg_status status = RG_OK;
    if (fsync(fd) != 0 && errno != EINVAL)
        status = error_errno(err, "file", errno, "cannot sync", path);
    close(fd);
    return status;
}

enum rg_status file_sha256(const char *path, char out_hex[65], struct rg_error *err)
{
    enum { CHUNK = 1 << 16 };
    int fd;
    struct stat info;
    out_hex[0] = '\0';
    enum rg_status status = open_regular(path, 0, &fd, &info, err);
    if (status != RG_OK)
        return status;
    char *chunk = malloc(CHUNK);
    struct digest *digest = digest_new();
    if (!chunk || !digest) {
        status = error_no_memory(err, "file");
        digest_free(digest);
    } else {
        ssize_t got;
        while ((got = read(fd, chunk, CHUNK)) > 0 || (got < 0 && errno == EINTR))
            if (got > 0)
                digest_update(digest, chunk, (size_t)got);
        if (got < 0)
            status = error_errno(err, "file", errno, "cannot read", path);
        digest_finish(digest, out_hex);
    }
    free(chunk);
    close(fd);
    return status;
}
