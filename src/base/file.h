/* Files and folders: whole reads, atomic whole writes, trees. Paths are bytes. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "relgraph/relgraph.h"

/* folder/name, malloc'ed; NULL when memory is out. */
char *path_join(const char *folder, const char *name);
/* The real, absolute path, malloc'ed; NULL and errno when there is none. */
char *path_real(const char *path);

/* The bytes of a regular file of at most bytes_max (larger: RG_ERR_LIMIT); *out_data is malloc'ed
 * with a NUL behind it. Refuses to follow a symlink in the last component when no_follow. A file
 * that shrinks or grows while it is read gives what was read. */
RG_MUST_CHECK enum rg_status file_read(const char *path, size_t bytes_max, bool no_follow,
                                       char **out_data, size_t *out_size, struct rg_error *err);
/* Opens a file or folder for reading beneath an open folder: no component may be a symlink, "." or
 * "..", so that nothing outside can be reached. "" is the folder itself. Does not block on a pipe;
 * whether it is a regular file is for the caller to check. -1 and errno on failure (ELOOP or
 * ENOTDIR where a component is a symlink). */
int file_open_beneath(int folder_fd, const char *path, bool is_folder);
/* Writes beside, syncs, renames over: the file is whole or not there. */
RG_MUST_CHECK enum rg_status file_write(const char *path, struct str data, struct rg_error *err);
/* mkdir -p. A component that is a file is an error that says so. */
RG_MUST_CHECK enum rg_status folder_make(const char *path, struct rg_error *err);
/* rm -rf, not following symlinks; nothing there is no error. */
RG_MUST_CHECK enum rg_status tree_remove(const char *path, struct rg_error *err);
/* Syncs a folder's entries, so that a rename in it survives a crash. */
RG_MUST_CHECK enum rg_status folder_sync(const char *path, struct rg_error *err);
bool path_exists(const char *path);
bool path_is_folder(const char *path);
/* Bytes of a regular file, 0 where there is none. */
uint64_t file_size(const char *path);
/* Lower-case hex SHA-256 of a file's bytes into 65 bytes. */
RG_MUST_CHECK enum rg_status file_sha256(const char *path, char out_hex[65], struct rg_error *err);

#endif
