/* Which paths of a git work tree are tracked or not ignored. Runs nothing of the repository and
 * reads none of its settings (nor the user's): the index, .gitignore files and info/exclude alone
 * decide. */
#ifndef EXTRACT_SCAN_GIT_H
#define EXTRACT_SCAN_GIT_H

#include "base/str.h"
#include "relgraph/relgraph.h"

struct scan_git;

/* What was found out on the way down to a folder. */
struct scan_git_folder {
    bool tracked_only; /* ignored, but holds tracked files: nothing else counts inside */
    bool unruled;      /* a .gitignore that is no plain file: nothing inside is ignored */
};

/* Opens the work tree that contains the folder `root` (a real path). *out_git is NULL where there
 * is none, or where the folder itself is ignored by the one around it. RG_ERR_CORRUPT where git's
 * own files cannot be read. */
RG_MUST_CHECK enum rg_status scan_git_open(const char *root, struct scan_git **out_git,
                                           struct scan_git_folder *out_folder,
                                           struct rg_error *err);
void scan_git_close(struct scan_git *git); /* accepts NULL */

/* Whether a folder (path relative to root) is to be entered; *folder is that of the parent and
 * becomes that of the folder. */
bool scan_git_enters(struct scan_git *git, struct str path, struct scan_git_folder *folder);
/* To be called with the open folder before its files are asked for. */
void scan_git_entered(int folder_fd, struct scan_git_folder *folder);
/* Whether a file counts. `folder` is the one it lies in. */
bool scan_git_has(struct scan_git *git, struct str path, const struct scan_git_folder *folder);
/* True where memory ran out while a question was asked: no answer since then can be trusted. */
bool scan_git_failed(const struct scan_git *git);

#endif
