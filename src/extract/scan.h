/* Scan: which files a repository has, in path order. Reads names, sizes and first bytes; never
 * follows a symlink. Neighbours: source.c reads a file whole, extract.c turns it into facts. */
#ifndef EXTRACT_SCAN_H
#define EXTRACT_SCAN_H

#include "base/arena.h"
#include "base/events.h"
#include "base/str.h"

struct language;

enum scan_status {
    SCAN_SOURCE,    /* of a known language, to be extracted */
    SCAN_SKIPPED,   /* known language, not extracted: reason says why */
    SCAN_UNREADABLE /* file or folder: reason says why */
};

struct scan_file {
    struct str path; /* relative, /, valid UTF-8 (percent-escaped), for datasets and ids; a folder's
                        ends in / */
    struct str raw_path; /* relative, as bytes, NUL-terminated: for opening */
    int64_t file_id;     /* stable_hash64(path), re-salted where an earlier path has the same */
    uint32_t ordinal;    /* place in path order */
    uint64_t size_bytes;
    const struct language *language; /* NULL only for unreadable folders */
    enum scan_status status;
    uint64_t fingerprint; /* of its bytes as they were parsed (source_fingerprint), which extraction
                             fills in; 0: they were not */
    const char
        *reason; /* static: too_large, symlink, not_regular; no_permission, vanished, too_deep, … */
};

struct scan {
    char *root;              /* real path of the repository */
    int root_fd;             /* open folder: files are opened beneath it */
    struct scan_file *files; /* sorted by path bytes; every file of a known language, and what could
                                not be read */
    size_t n_files;
    uint64_t source_bytes; /* of SCAN_SOURCE files */
    bool is_git;           /* listed from git's index and ignore rules */
    size_t n_left_out;   /* folders that may hold source, but not the repository's own: left out */
    size_t n_collisions; /* file ids that were re-salted */
    struct arena arena;
};

/* Fills *out_scan (free with scan_fini, also after a failure). In a git work tree: what git tracks
 * or does not ignore; elsewhere a walk that leaves out build, cache and dependency folders (the
 * table is in scan_walk.c). No file of a known language is RG_OK with n_files 0. Stage "scan".
 * Errors: NOT_FOUND and USAGE for a root that is no folder, IO for one that cannot be read, MEMORY,
 * CANCELLED. */
RG_MUST_CHECK enum rg_status scan_repository(struct events *events, const char *root,
                                             struct scan *out_scan, struct rg_error *err);
void scan_fini(struct scan *scan);

#endif
