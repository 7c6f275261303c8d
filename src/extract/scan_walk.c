/* The walk: folders wait on a list, not on the stack; each is opened beneath the root, read whole
 * and closed before the next, so that neither depth nor width costs descriptors. */
#include "extract/scan_walk.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "extract/language.h"

/* Folders that hold no source of the repository's own. What could be a name of someone's package is
 * left out only where it is none. Used outside of git work trees; there, git knows. */
enum left_out_when {
    ALWAYS,
    UNLESS_PACKAGE, /* holds an __init__.py: it is code after all */
    NOT_COUNTED     /* always, and there is nothing inside that could be missed */
};
static const struct left_out {
    const char *name;
    enum left_out_when when;
} left_out_folders[] = {
    {".git", NOT_COUNTED},
    {".hg", NOT_COUNTED},
    {".svn", NOT_COUNTED},
    {".bzr", NOT_COUNTED},
    {"_darcs", NOT_COUNTED},
    {".jj", NOT_COUNTED},
    {"CVS", UNLESS_PACKAGE},
    {"node_modules", ALWAYS},
    {"bower_components", ALWAYS},
    {"__pycache__", NOT_COUNTED},
    {"__pypackages__", ALWAYS},
    {".tox", ALWAYS},
    {".nox", ALWAYS},
    {".venv", ALWAYS},
    {"venv", UNLESS_PACKAGE},
    {".eggs", ALWAYS},
    {".mypy_cache", NOT_COUNTED},
    {".pytest_cache", NOT_COUNTED},
    {".ruff_cache", NOT_COUNTED},
    {".hypothesis", NOT_COUNTED},
    {".ipynb_checkpoints", ALWAYS},
    {".cache", ALWAYS},
    {".direnv", ALWAYS},
    {".gradle", ALWAYS},
    {"build", UNLESS_PACKAGE},
    {"dist", UNLESS_PACKAGE},
    {"target", UNLESS_PACKAGE},
};

/* Files that say of their folder what it is: a virtual environment (PEP 405), a cache
 * (bford.info/cachedir). */
static const char *const left_out_markers[] = {"pyvenv.cfg", "CACHEDIR.TAG"};

struct waiting {
    struct waiting *next;
    char *path; /* raw, relative, in the arena */
    unsigned depth;
    struct scan_git_folder git;
};

struct walk {
    struct events *events;
    struct scan *scan;
    struct scan_git *git;
    struct scan_found *found;
    struct waiting *waiting; /* a stack */
    struct buffer path;      /* scratch */
};

/* Why something could not be opened or read. */
static const char *reason_of(int error_number)
{
    switch (error_number) {
    case EACCES:
    case EPERM:
        return "no_permission";
    case ENOENT:
        return "vanished";
    case ELOOP:
    case ENOTDIR:
        return "changed_while_read"; /* it was a folder a moment ago */
    default:
        return "io_error";
    }
}

static enum rg_status add(struct walk *walk, struct str raw_path, const struct scan_file *like,
                          bool is_folder, struct rg_error *err)
{
    struct scan_found *found = walk->found;
    if (found->count == found->capacity) {
        size_t capacity = found->capacity ? 2 * found->capacity : 256;
        struct scan_file *grown = reallocarray(found->files, capacity, sizeof *grown);
        if (!grown)
            return error_no_memory(err, "scan");
        found->files = grown;
        found->capacity = capacity;
    }
    struct scan_file *file = &found->files[found->count];
    *file = *like;
    struct buffer escaped = {0};
    utf8_percent(&escaped, raw_path.ptr, raw_path.len);
    if (is_folder)
        buffer_char(&escaped, '/');
    file->path = arena_str(&walk->scan->arena, buffer_view(&escaped));
    file->raw_path = arena_str(&walk->scan->arena, raw_path);
    bool failed = escaped.failed || !file->path.ptr || !file->raw_path.ptr;
    buffer_fini(&escaped);
    if (failed)
        return error_no_memory(err, "scan");
    found->count++;
    return RG_OK;
}

static enum rg_status add_folder(struct walk *walk, const char *path, const char *reason,
                                 struct rg_error *err)
{
    struct scan_file folder = {.status = SCAN_UNREADABLE, .reason = reason};
    return add(walk, str_of(path), &folder, true, err);
}

/* The language that the first line of a script names, or NULL. */
static const struct language *language_by_content(int folder_fd, const char *name)
{
    char line[LIMIT_SHEBANG_BYTES];
    int fd = openat(folder_fd, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    struct stat info;
    ssize_t got = fstat(fd, &info) == 0 && S_ISREG(info.st_mode) ? read(fd, line, sizeof line) : -1;
    close(fd);
    if (got < 2 || line[0] != '#' || line[1] != '!')
        return NULL;
    size_t length = 0;
    while (length < (size_t)got && line[length] != '\n' && line[length] != '\r')
        length++;
    return language_of_shebang((struct str){line, length});
}

/* The path of an entry in the scratch buffer; ptr NULL when memory is out. */
static struct str entry_path(struct walk *walk, const struct waiting *folder, const char *name)
{
    buffer_clear(&walk->path);
    buffer_text(&walk->path, folder->path);
    if (folder->path[0])
        buffer_char(&walk->path, '/');
    buffer_text(&walk->path, name);
    return walk->path.failed ? (struct str){NULL, 0} : buffer_view(&walk->path);
}

static enum rg_status meet_folder(struct walk *walk, const struct waiting *parent, const char *name,
                                  struct rg_error *err)
{
    if (strcmp(name, ".git") == 0)
        return RG_OK;
    struct str path = entry_path(walk, parent, name);
    struct scan_git_folder git = parent->git;
    if (path.ptr && walk->git && !scan_git_enters(walk->git, path, &git))
        return RG_OK;
    struct waiting *folder = ARENA_NEW(&walk->scan->arena, struct waiting);
    char *copy = path.ptr ? arena_cstr(&walk->scan->arena, path) : NULL;
    if (!folder || !copy)
        return error_no_memory(err, "scan");
    *folder = (struct waiting){walk->waiting, copy, parent->depth + 1, git};
    walk->waiting = folder;
    return RG_OK;
}

static enum rg_status meet_file(struct walk *walk, const struct waiting *folder, int folder_fd,
                                const char *name, struct rg_error *err)
{
    struct scan_file file = {.language = language_of_name(str_of(name))};
    bool is_telling = file.language || strchr(name, '.');
    struct stat info;
    if (is_telling && !file.language)
        return RG_OK;
    if (fstatat(folder_fd, name, &info, AT_SYMLINK_NOFOLLOW) != 0)
        return RG_OK; /* gone since the folder was read: as if it had never been */
    if (!is_telling && S_ISREG(info.st_mode) && (info.st_mode & 0111))
        file.language = language_by_content(folder_fd, name);
    if (!file.language)
        return RG_OK;
    struct str path = entry_path(walk, folder, name);
    if (!path.ptr)
        return error_no_memory(err, "scan");
    if (walk->git && !scan_git_has(walk->git, path, &folder->git))
        return RG_OK;
    file.size_bytes = S_ISREG(info.st_mode) ? (uint64_t)info.st_size : 0;
    file.reason = S_ISLNK(info.st_mode)                ? "symlink"
                  : !S_ISREG(info.st_mode)             ? "not_regular"
                  : file.size_bytes > LIMIT_FILE_BYTES ? "too_large"
                                                       : NULL;
    file.status = file.reason ? SCAN_SKIPPED : SCAN_SOURCE;
    return add(walk, path, &file, false, err);
}

/* Folders that were left out are counted, not listed: they are no files of the repository. */
static bool is_left_out(struct scan *scan, const struct waiting *folder, int fd)
{
    const char *slash = strrchr(folder->path, '/');
    const char *name = slash ? slash + 1 : folder->path;
    for (size_t i = 0; i < sizeof left_out_folders / sizeof left_out_folders[0]; i++) {
        if (strcmp(name, left_out_folders[i].name) != 0)
            continue;
        enum left_out_when when = left_out_folders[i].when;
        if (when == UNLESS_PACKAGE && faccessat(fd, "__init__.py", F_OK, 0) == 0)
            return false;
        scan->n_left_out += when != NOT_COUNTED;
        return true;
    }
    for (size_t i = 0; i < sizeof left_out_markers / sizeof left_out_markers[0]; i++)
        if (faccessat(fd, left_out_markers[i], F_OK, 0) == 0) {
            scan->n_left_out++;
            return true;
        }
    return false;
}

static enum rg_status read_entries(struct walk *walk, const struct waiting *folder, DIR *entries,
                                   struct rg_error *err)
{
    int fd = dirfd(entries);
    enum rg_status status = RG_OK;
    while (status == RG_OK) {
        errno = 0;
        const struct dirent *entry = readdir(entries);
        if (!entry)
            return errno ? add_folder(walk, folder->path, reason_of(errno), err) : RG_OK;
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
            continue;
        bool is_folder = entry->d_type == DT_DIR;
        struct stat info;
        if (entry->d_type == DT_UNKNOWN) /* some file systems do not tell */
            is_folder = fstatat(fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(info.st_mode);
        status = is_folder ? meet_folder(walk, folder, name, err)
                           : meet_file(walk, folder, fd, name, err);
    }
    return status;
}

static enum rg_status walk_folder(struct walk *walk, struct waiting *folder, struct rg_error *err)
{
    bool is_root = folder->depth == 0;
    if (folder->depth > LIMIT_PATH_DEPTH)
        return add_folder(walk, folder->path, "too_deep", err);
    int fd = file_open_beneath(walk->scan->root_fd, folder->path, true);
    DIR *entries = fd >= 0 ? fdopendir(fd) : NULL;
    if (!entries) {
        int number = errno;
        if (fd >= 0)
            close(fd);
        if (is_root)
            return error_errno(err, "scan", number, "cannot list", walk->scan->root);
        return add_folder(walk, folder->path, reason_of(number), err);
    }
    enum rg_status status = RG_OK;
    if (walk->git)
        scan_git_entered(fd, &folder->git);
    if (is_root || walk->git || !is_left_out(walk->scan, folder, fd))
        status = read_entries(walk, folder, entries, err);
    closedir(entries);
    return status;
}

enum rg_status scan_walk(struct events *events, struct scan *scan, struct scan_git *git,
                         struct scan_git_folder root_folder, struct scan_found *found,
                         struct rg_error *err)
{
    struct walk walk = {.events = events, .scan = scan, .git = git, .found = found};
    static char root_path[] = "";
    struct waiting root = {.path = root_path, .git = root_folder};
    walk.waiting = &root;
    enum rg_status status = RG_OK;
    while (status == RG_OK && walk.waiting) {
        struct waiting *folder = walk.waiting;
        walk.waiting = folder->next;
        status = events_check(events, err);
        if (status == RG_OK)
            status = walk_folder(&walk, folder, err);
    }
    buffer_fini(&walk.path);
    return status;
}
