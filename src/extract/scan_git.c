/* Git through libgit2, kept away from everything that a stranger's repository could use against us:
 * it is opened as a bare one (no configuration is read, no owner is checked, no hook or filter
 * exists) and given a work tree and an empty configuration afterwards. */
#include "extract/scan_git.h"

#include <fcntl.h>
#include <git2.h>
#include <git2/sys/config.h>
#include <git2/sys/repository.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"

struct scan_git {
    git_repository *repository;
    git_index *index;
    struct buffer path; /* scratch: relative to the work tree */
    size_t prefix;      /* bytes of `path` that lead to the root of the scan */
};

/* --- A configuration that knows one thing: there is no file of global ignore rules. Without it
 * libgit2 looks for one in the user's home, and the same repository would give other graphs
 * elsewhere. ---- */

static void empty_entry_free(git_config_entry *entry)
{
    free(entry);
}

static int empty_open(git_config_backend *backend, git_config_level_t level,
                      const git_repository *repository)
{
    (void)backend, (void)level, (void)repository;
    return 0;
}

static int empty_get(git_config_backend *backend, const char *key, git_config_entry **out_entry)
{
    (void)backend;
    bool is_file = strcmp(key, "core.excludesfile") == 0 || strcmp(key, "core.attributesfile") == 0;
    if (!is_file)
        return GIT_ENOTFOUND;
    git_config_entry *entry = calloc(1, sizeof *entry);
    if (!entry)
        return -1;
    entry->name =
        strcmp(key, "core.excludesfile") == 0 ? "core.excludesfile" : "core.attributesfile";
    entry->level = GIT_CONFIG_LEVEL_APP;
    entry->free = empty_entry_free; /* the value stays NULL: set, to nothing */
    *out_entry = entry;
    return 0;
}

static int empty_next(git_config_entry **out_entry, git_config_iterator *iterator)
{
    (void)out_entry, (void)iterator;
    return GIT_ITEROVER;
}

static void empty_iterator_free(git_config_iterator *iterator)
{
    free(iterator);
}

static int empty_iterator(git_config_iterator **out_iterator, git_config_backend *backend)
{
    git_config_iterator *iterator = calloc(1, sizeof *iterator);
    if (!iterator)
        return -1;
    iterator->backend = backend;
    iterator->next = empty_next;
    iterator->free = empty_iterator_free;
    *out_iterator = iterator;
    return 0;
}

static void empty_free(git_config_backend *backend)
{
    free(backend);
}

static int empty_snapshot(git_config_backend **out_backend, git_config_backend *backend);

static git_config_backend *empty_new(void)
{
    git_config_backend *backend = calloc(1, sizeof *backend);
    if (!backend || git_config_init_backend(backend, GIT_CONFIG_BACKEND_VERSION) != 0) {
        free(backend);
        return NULL;
    }
    backend->readonly = 1;
    backend->open = empty_open;
    backend->get = empty_get;
    backend->iterator = empty_iterator;
    backend->snapshot = empty_snapshot;
    backend->free = empty_free;
    return backend;
}

static int empty_snapshot(git_config_backend **out_backend, git_config_backend *backend)
{
    (void)backend;
    *out_backend = empty_new();
    return *out_backend ? 0 : -1;
}

static int set_empty_config(git_repository *repository)
{
    git_config *config = NULL;
    git_config_backend *backend = empty_new();
    int failed = !backend || git_config_new(&config) != 0;
    if (!failed && git_config_add_backend(config, backend, GIT_CONFIG_LEVEL_APP, NULL, 0) == 0)
        backend = NULL; /* the configuration's now */
    failed = failed || backend || git_repository_set_config(repository, config) != 0;
    if (backend)
        empty_free(backend);
    git_config_free(config);
    return failed ? -1 : 0;
}

/* --- Finding and opening
 * --------------------------------------------------------------------------- */

/* The git folder of `folder`, malloc'ed: its .git, or what a file .git names. NULL where there is
 * none. */
static enum rg_status git_folder_of(const char *folder, char **out_git_folder, struct rg_error *err)
{
    struct stat info;
    char *entry = path_join(folder, ".git"), *text;
    size_t size;
    *out_git_folder = NULL;
    if (!entry)
        return error_no_memory(err, "scan");
    bool exists = stat(entry, &info) == 0;
    if (exists && S_ISDIR(info.st_mode)) {
        *out_git_folder = entry;
        return RG_OK;
    }
    enum rg_status status = exists ? file_read(entry, 4096, false, &text, &size, err) : RG_ERR_IO;
    free(entry);
    if (status != RG_OK) /* what cannot be read is no work tree of ours */
        return status == RG_ERR_MEMORY ? status : RG_OK;
    struct str line = str_trim((struct str){text, size});
    if (str_starts(line, STR("gitdir:"))) {
        line = str_trim((struct str){line.ptr + 7, line.len - 7});
        text[line.ptr + line.len - text] = '\0';
        *out_git_folder = line.ptr[0] == '/' ? strdup(line.ptr) : path_join(folder, line.ptr);
        if (!*out_git_folder)
            status = error_no_memory(err, "scan");
    }
    free(text);
    return status;
}

/* Opens the innermost work tree around `folder`, whose text is cut down to the work tree's path;
 * NULL where there is none. */
static enum rg_status repository_around(char *folder, git_repository **out_repository,
                                        struct rg_error *err)
{
    *out_repository = NULL;
    for (;;) {
        char *git_folder;
        enum rg_status status = git_folder_of(folder, &git_folder, err);
        if (status != RG_OK)
            return status;
        if (git_folder && git_repository_open_bare(out_repository, git_folder) != 0)
            *out_repository = NULL;
        free(git_folder);
        char *slash = strrchr(folder, '/');
        if (*out_repository || !slash || folder[1] == '\0')
            return RG_OK;
        slash[slash == folder] = '\0'; /* keeps the first "/" */
    }
}

/* Ignore rules are text of a stranger's: what is no plain file (a pipe would block us) or is
 * absurdly long is not read. */
void scan_git_entered(int folder_fd, struct scan_git_folder *folder)
{
    struct stat info;
    if (fstatat(folder_fd, ".gitignore", &info, AT_SYMLINK_NOFOLLOW) == 0 &&
        (!S_ISREG(info.st_mode) || info.st_size > LIMIT_IGNORE_BYTES))
        folder->unruled = true;
}

/* Relative to the work tree, as libgit2 wants it; NULL when memory is out. */
static const char *git_path(struct scan_git *git, struct str path, bool is_folder)
{
    git->path.len = git->prefix;
    if (git->path.data)
        git->path.data[git->prefix] = '\0';
    buffer_str(&git->path, path);
    if (is_folder)
        buffer_char(&git->path, '/');
    return git->path.failed ? NULL : git->path.data;
}

static bool is_ignored(struct scan_git *git, const char *path)
{
    int ignored = 0;
    /* A path that libgit2 cannot judge is kept: to leave it out would be to lose it silently. */
    return git_ignore_path_is_ignored(&ignored, git->repository, path) == 0 && ignored;
}

/* Goes from the work tree down to the root of the scan; false where that root is ignored. */
static bool enters_root(struct scan_git *git, const char *tree, struct str prefix,
                        struct scan_git_folder *folder)
{
    int fd = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool enters = true;
    scan_git_entered(fd, folder);
    for (size_t i = 0; enters && i < prefix.len; i++) {
        if (prefix.ptr[i] != '/')
            continue;
        struct str part = {prefix.ptr, i};
        enters = scan_git_enters(git, part, folder);
        char *copy = strndup(part.ptr, part.len);
        git->path.failed |= !copy;
        int inner = copy ? file_open_beneath(fd, copy, true) : -1;
        free(copy);
        if (inner < 0)
            continue;
        scan_git_entered(inner, folder);
        close(inner);
    }
    close(fd);
    return enters;
}

enum rg_status scan_git_open(const char *root, struct scan_git **out_git,
                             struct scan_git_folder *out_folder, struct rg_error *err)
{
    *out_git = NULL;
    *out_folder = (struct scan_git_folder){0};
    struct scan_git *git = calloc(1, sizeof *git);
    char *tree = strdup(root), *index = NULL;
    if (!git || !tree) {
        free(git);
        free(tree);
        return error_no_memory(err, "scan");
    }
    enum rg_status status = RG_OK;
    git_libgit2_init(); /* counted: scan_git_close gives it back */
    status = repository_around(tree, &git->repository, err);
    if (status != RG_OK || !git->repository)
        goto out;
    git_error_clear();
    index = path_join(git_repository_path(git->repository), "index");
    if (!index || set_empty_config(git->repository) != 0 ||
        git_repository_set_workdir(git->repository, tree, 0) != 0 ||
        git_index_open(&git->index, index) != 0) {
        const git_error *cause = git_error_last();
        status = !cause || cause->klass == GIT_ERROR_NOMEMORY
                     ? error_no_memory(err, "scan")
                     : error_set(err, RG_ERR_CORRUPT, "scan", "cannot read git's index: %s",
                                 cause->message);
        goto out;
    }
    struct str prefix = str_of(root + strlen(tree));
    if (prefix.len && prefix.ptr[0] == '/')
        prefix.ptr++, prefix.len--;
    buffer_str(&git->path, prefix);
    if (prefix.len)
        buffer_char(&git->path, '/');
    if (git->path.failed) {
        status = error_no_memory(err, "scan");
        goto out;
    }
    struct buffer whole = git->path; /* aside: the way down is asked from the work tree's root */
    git->path = (struct buffer){0};
    bool enters = enters_root(git, tree, buffer_view(&whole), out_folder);
    bool failed = git->path.failed;
    buffer_fini(&git->path);
    git->path = whole;
    git->prefix = whole.len;
    if (failed) {
        status = error_no_memory(err, "scan");
    } else if (enters) {
        *out_git = git;
        git = NULL;
    }
out:
    scan_git_close(git);
    free(index);
    free(tree);
    return status;
}

void scan_git_close(struct scan_git *git)
{
    if (!git)
        return;
    buffer_fini(&git->path);
    git_index_free(git->index);
    git_repository_free(git->repository);
    free(git);
    git_libgit2_shutdown();
}

/* --- Questions
 * --------------------------------------------------------------------------------------- */

bool scan_git_failed(const struct scan_git *git)
{
    return git->path.failed;
}

bool scan_git_enters(struct scan_git *git, struct str path, struct scan_git_folder *folder)
{
    size_t at;
    const char *name = git_path(git, path, true);
    if (!name)
        return true;
    if (!folder->tracked_only && (folder->unruled || !is_ignored(git, name)))
        return true;
    folder->tracked_only = true;
    if (git_index_find_prefix(&at, git->index, name) == 0)
        return true;
    name = git_path(git, path, false);
    bool is_submodule = name && git_index_find(&at, git->index, name) == 0;
    if (is_submodule) /* its files are not in this index */
        *folder = (struct scan_git_folder){.unruled = true};
    return is_submodule;
}

bool scan_git_has(struct scan_git *git, struct str path, const struct scan_git_folder *folder)
{
    size_t at;
    const char *name = git_path(git, path, false);
    if (!name || git_index_find(&at, git->index, name) == 0)
        return true;
    return !folder->tracked_only && (folder->unruled || !is_ignored(git, name));
}
