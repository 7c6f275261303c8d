/* Output folders: lock, leftovers, publication. What may be removed is told by its name alone: only
 * names that carry a build's id are ours, so that a wrong --output never costs anybody a file. */
#include "graph/graph_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"

static const char layer[] = "graph";

/* --- Names ---------------------------------------------------------------------------------- */

bool is_build_id(struct str name)
{
    static const char pattern[] = "ddddddddTdddddd-xxxxxxxx";
    if (name.len != sizeof pattern - 1)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool digit = c >= '0' && c <= '9';
        bool fits = pattern[i] == 'd'   ? digit
                    : pattern[i] == 'x' ? digit || (c >= 'a' && c <= 'f')
                                        : c == pattern[i];
        if (!fits)
            return false;
    }
    return true;
}

/* The build's id inside a name of ours such as facts-<id>.duckdb; ptr NULL where it is not one. */
static struct str id_within(const char *name)
{
    static const char *const prefixes[] = {"",       ".staging-", "facts-",
                                           "spill-", "replay-",   ".current-"};
    static const char *const suffixes[] = {"", ".duckdb", ".duckdb.wal", ".duckdb.tmp"};
    struct str whole = str_of(name);
    for (size_t p = 0; p < sizeof prefixes / sizeof *prefixes; p++) {
        struct str prefix = str_of(prefixes[p]);
        if (!str_starts(whole, prefix) || whole.len < prefix.len + BUILD_ID_BYTES - 1)
            continue;
        struct str id = {whole.ptr + prefix.len, BUILD_ID_BYTES - 1};
        for (size_t s = 0; is_build_id(id) && s < sizeof suffixes / sizeof *suffixes; s++)
            if (strcmp(id.ptr + id.len, suffixes[s]) == 0)
                return id;
    }
    return (struct str){NULL, 0};
}

/* The second, its fraction in 65,536 parts, and chance: ids in order of their names are runs in
 * order of time. */
static enum rg_status make_id(char out_id[BUILD_ID_BYTES], struct rg_error *err)
{
    uint16_t random;
    struct timespec now;
    struct tm utc;
    char stamp[32];
    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
        return error_errno(err, layer, errno, "cannot get random bytes", "for a build's id");
    if (clock_gettime(CLOCK_REALTIME, &now) != 0 || !gmtime_r(&now.tv_sec, &utc) ||
        strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%S", &utc) != 15)
        return error_set(err, RG_ERR_IO, layer, "the clock tells no usable time");
    unsigned fraction = (unsigned)(((uint64_t)now.tv_nsec << 16) / 1000000000u);
    snprintf(out_id, BUILD_ID_BYTES, "%.15s-%04x%04x", stamp, fraction & 0xFFFF, (unsigned)random);
    return RG_OK;
}

/* --- Opening -------------------------------------------------------------------------------- */

/* A folder with other people's things is refused: a graph gets a folder of its own. */
static enum rg_status check_owned(const char *root, struct rg_error *err)
{
    static const char *const ours[] = {"builds", "runs", "state", "current", "lost+found"};
    enum rg_status status = RG_OK;
    char *lock = path_join(root, ".lock");
    if (!lock)
        return error_no_memory(err, layer);
    bool known = path_exists(lock);
    free(lock);
    if (known)
        return RG_OK;
    DIR *folder = opendir(root);
    if (!folder)
        return error_errno(err, layer, errno, "cannot list", root);
    struct dirent *entry;
    while (status == RG_OK && (entry = readdir(folder)) != NULL) {
        bool fine = entry->d_name[0] == '.';
        for (size_t i = 0; !fine && i < sizeof ours / sizeof *ours; i++)
            fine = strcmp(entry->d_name, ours[i]) == 0;
        if (!fine) {
            status = error_set(err, RG_ERR_USAGE, layer,
                               "the output folder %s holds other things, such as %s", root,
                               entry->d_name);
            error_hint(err, "a graph needs a folder of its own: name a new or empty one");
        }
    }
    closedir(folder);
    return status;
}

/* A copy that turned the link into a folder can be read, but not replaced in one step. */
static enum rg_status check_current(const char *root, struct rg_error *err)
{
    char *current = path_join(root, "current");
    if (!current)
        return error_no_memory(err, layer);
    struct stat info;
    enum rg_status status = RG_OK;
    if (lstat(current, &info) == 0 && !S_ISLNK(info.st_mode)) {
        status = error_set(err, RG_ERR_USAGE, layer, "%s is not a symbolic link", current);
        error_hint(err, "the graph was copied without its links: build into a new folder");
    }
    free(current);
    return status;
}

static enum rg_status say_busy(int lock, const char *root, struct rg_error *err)
{
    char holder[128] = "";
    ssize_t got = pread(lock, holder, sizeof holder - 1, 0);
    holder[got > 0 ? (size_t)got : 0] = '\0';
    holder[strcspn(holder, "\n")] = '\0';
    enum rg_status status =
        error_set(err, RG_ERR_BUSY, layer, "another build is writing into %s%s%s%s", root,
                  *holder ? " (" : "", holder, *holder ? ")" : "");
    error_hint(err, "wait until it has ended, or choose another output folder");
    return status;
}

static enum rg_status take_lock(struct graph_folder *folder, struct rg_error *err)
{
    char *path = path_join(folder->root, ".lock");
    if (!path)
        return error_no_memory(err, layer);
    enum rg_status status = RG_OK;
    /* Never removed: a lock on a file that another process has unlinked would exclude nobody. */
    int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (lock < 0) {
        status = error_errno(err, layer, errno, "cannot open", path);
        goto out;
    }
    if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
        status = errno == EWOULDBLOCK ? say_busy(lock, folder->root, err)
                                      : error_errno(err, layer, errno, "cannot lock", path);
        close(lock);
        goto out;
    }
    folder->lock = lock;
    char host[65] = "", text[128];
    if (gethostname(host, sizeof host - 1) != 0)
        host[0] = '\0';
    int length = snprintf(text, sizeof text, "process %ld on %s\n", (long)getpid(), host);
    /* Only a courtesy to whom is refused, so a full disk does not matter here. */
    if (ftruncate(lock, 0) == 0 && pwrite(lock, text, (size_t)length, 0) != length)
        status = RG_OK;
out:
    free(path);
    return status;
}

void graph_current_id(const char *root, char out_id[BUILD_ID_BYTES])
{
    out_id[0] = '\0';
    char *path = path_join(root, "current");
    char target[64];
    ssize_t length = path ? readlink(path, target, sizeof target - 1) : -1;
    free(path);
    if (length < 0)
        return;
    target[length] = '\0';
    if (strncmp(target, "builds/", 7) == 0 && is_build_id(str_of(target + 7)))
        memcpy(out_id, target + 7, BUILD_ID_BYTES);
}

/* Removes the entries of a folder that belong to builds other than `keep`; of runs those that were
 * not finished alone, since bundles stay. */
static enum rg_status remove_others(const char *root, const char *name, const char *keep,
                                    struct rg_error *err)
{
    bool bundles = name && strcmp(name, "runs") == 0;
    char *path = name ? path_join(root, name) : strdup(root);
    if (!path)
        return error_no_memory(err, layer);
    enum rg_status status = RG_OK;
    DIR *folder = opendir(path);
    if (!folder) {
        if (errno != ENOENT)
            status = error_errno(err, layer, errno, "cannot list", path);
        goto out;
    }
    struct dirent *entry;
    while (status == RG_OK && (entry = readdir(folder)) != NULL) {
        struct str id = id_within(entry->d_name);
        bool unfinished = entry->d_name[0] == '.' || strncmp(entry->d_name, "spill-", 6) == 0 ||
                          strncmp(entry->d_name, "replay-", 7) == 0;
        if (!id.ptr || (!unfinished && (bundles || str_is(id, keep))))
            continue;
        char *inner = path_join(path, entry->d_name);
        status = inner ? tree_remove(inner, err) : error_no_memory(err, layer);
        free(inner);
    }
    closedir(folder);
out:
    free(path);
    return status;
}

/* All that belongs to other builds than the current one; the caller holds the lock. */
static enum rg_status remove_leftovers(const char *root, struct rg_error *err)
{
    static const char *const folders[] = {NULL, "builds", "runs", "state"};
    char keep[BUILD_ID_BYTES];
    graph_current_id(root, keep);
    enum rg_status status = RG_OK;
    for (size_t i = 0; status == RG_OK && i < sizeof folders / sizeof *folders; i++)
        status = remove_others(root, folders[i], keep, err);
    return status;
}

enum rg_status graph_folder_open(const char *output, struct graph_folder *out_folder,
                                 struct rg_error *err)
{
    struct graph_folder folder = {.lock = -1};
    *out_folder = folder;
    if (path_exists(output) && !path_is_folder(output)) {
        error_set(err, RG_ERR_USAGE, layer, "the output path %s is a file, not a folder", output);
        error_hint(err, "name a folder; it is made where it is missing");
        return RG_ERR_USAGE;
    }
    enum rg_status status = folder_make(output, err);
    if (status != RG_OK)
        return status;
    folder.root = path_real(output);
    if (!folder.root)
        return error_errno(err, layer, errno, "cannot resolve", output);
    status = check_owned(folder.root, err);
    if (status == RG_OK)
        status = take_lock(&folder, err);
    if (status == RG_OK)
        status = check_current(folder.root, err);
    if (status == RG_OK)
        status = remove_leftovers(folder.root, err);
    if (status != RG_OK)
        graph_folder_close(&folder);
    else
        *out_folder = folder;
    return status;
}

enum rg_status graph_folder_lock(const char *root, struct graph_folder *out_folder,
                                 struct rg_error *err)
{
    *out_folder = (struct graph_folder){.root = strdup(root), .lock = -1};
    enum rg_status status =
        out_folder->root ? take_lock(out_folder, err) : error_no_memory(err, layer);
    if (status != RG_OK)
        graph_folder_close(out_folder);
    return status;
}

void graph_folder_close(struct graph_folder *folder)
{
    if (folder->root && folder->lock >= 0)
        close(folder->lock); /* gives the lock back */
    free(folder->root);
    *folder = (struct graph_folder){.lock = -1};
}

/* --- Builds --------------------------------------------------------------------------------- */

enum rg_status build_paths_new(const struct graph_folder *folder, struct build_paths *out_paths,
                               struct rg_error *err)
{
    static const char *const folders[] = {"builds", "runs", "state"};
    *out_paths = (struct build_paths){0};
    struct build_paths paths = {0};
    enum rg_status status = make_id(paths.id, err);
    for (size_t i = 0; status == RG_OK && i < sizeof folders / sizeof *folders; i++) {
        char *path = path_join(folder->root, folders[i]);
        status = path ? folder_make(path, err) : error_no_memory(err, layer);
        free(path);
    }
    if (status != RG_OK)
        return status;
    struct {
        char **out;
        const char *before, *behind;
    } names[] = {
        {&paths.staging, "builds/.staging-", ""},  {&paths.build, "builds/", ""},
        {&paths.bundle, "runs/.staging-", ""},     {&paths.run, "runs/", ""},
        {&paths.facts, "state/facts-", ".duckdb"}, {&paths.spill, "state/spill-", ""},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (asprintf(names[i].out, "%s/%s%s%s", folder->root, names[i].before, paths.id,
                     names[i].behind) < 0) {
            *names[i].out = NULL;
            status = error_no_memory(err, layer);
        }
    if (status == RG_OK)
        status = folder_make(paths.staging, err);
    if (status != RG_OK)
        build_paths_fini(&paths);
    else
        *out_paths = paths;
    return status;
}

void build_paths_fini(struct build_paths *paths)
{
    free(paths->staging);
    free(paths->build);
    free(paths->bundle);
    free(paths->run);
    free(paths->facts);
    free(paths->spill);
    *paths = (struct build_paths){0};
}

void build_discard(const struct build_paths *paths)
{
    const char *const trees[] = {paths->staging, paths->build, paths->run, paths->facts,
                                 paths->spill};
    for (size_t i = 0; i < sizeof trees / sizeof *trees; i++) {
        struct rg_error ignored; /* the failure that led here is the one to tell */
        if (trees[i] && tree_remove(trees[i], &ignored) != RG_OK)
            continue;
    }
    char *log;
    if (paths->facts && asprintf(&log, "%s.wal", paths->facts) >= 0) {
        unlink(log);
        free(log);
    }
}

/* --- Bundles --------------------------------------------------------------------------------- */

static int newest_first(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)b, *(const struct str *)a);
}

/* Ids begin with the time, so that their order is that of the runs. */
enum rg_status graph_runs(const char *root, struct arena *arena, struct str **out_ids,
                          size_t *out_n, struct rg_error *err)
{
    enum rg_status status = RG_OK;
    struct str *ids = NULL;
    size_t n = 0, capacity = 0;
    *out_ids = NULL;
    *out_n = 0;
    char *path = path_join(root, "runs");
    if (!path)
        return error_no_memory(err, layer);
    DIR *folder = opendir(path);
    if (!folder) {
        status = errno == ENOENT ? RG_OK : error_errno(err, layer, errno, "cannot list", path);
        goto out;
    }
    struct dirent *entry;
    while (status == RG_OK && (entry = readdir(folder)) != NULL) {
        if (!is_build_id(str_of(entry->d_name)))
            continue;
        if (n == capacity) {
            capacity = capacity ? capacity * 2 : 16;
            ids = arena_grow(arena, ids, n, capacity, sizeof *ids);
        }
        struct str id = ids ? arena_str(arena, str_of(entry->d_name)) : (struct str){NULL, 0};
        if (id.ptr)
            ids[n++] = id;
        else
            status = error_no_memory(err, layer);
    }
    closedir(folder);
    if (status == RG_OK && n) {
        qsort(ids, n, sizeof *ids, newest_first);
        *out_ids = ids;
        *out_n = n;
    }
out:
    free(path);
    return status;
}

/* So many stay: that of the current build, and the newest others. The caller holds the lock. */
static enum rg_status prune_runs(const char *root, unsigned kept, struct rg_error *err)
{
    struct arena arena = {0};
    struct str *ids;
    size_t n;
    char current[BUILD_ID_BYTES];
    graph_current_id(root, current);
    enum rg_status status = graph_runs(root, &arena, &ids, &n, err);
    size_t others_kept = kept && *current ? kept - 1 : kept, others = 0;
    for (size_t i = 0; status == RG_OK && i < n; i++) {
        if (str_is(ids[i], current) || ++others <= others_kept)
            continue;
        char *path = arena_printf(&arena, "%s/runs/" STR_FMT, root, STR_ARG(ids[i]));
        status = path ? tree_remove(path, err) : error_no_memory(err, layer);
    }
    arena_fini(&arena);
    return status;
}

enum rg_status bundle_keep(const struct graph_folder *folder, const struct build_paths *paths,
                           unsigned bundles_kept, struct rg_error *err)
{
    if (rename(paths->bundle, paths->run) != 0)
        return error_errno(err, layer, errno, "cannot rename to", paths->run);
    return prune_runs(folder->root, bundles_kept, err);
}

/* --- Publication ---------------------------------------------------------------------------- */

static enum rg_status sync_file(int folder, const char *name, const char *path,
                                struct rg_error *err)
{
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return error_errno(err, layer, errno, "cannot open", path);
    enum rg_status status = RG_OK;
    if (fsync(fd) != 0)
        status = error_errno(err, layer, errno, "cannot sync", path);
    close(fd);
    return status;
}

/* Syncs every file below a folder of ours and the folders themselves; two levels by construction.
 */
static enum rg_status sync_tree(const char *path, int depth, struct rg_error *err)
{
    enum { DEPTH_MAX = 4 };
    DIR *folder = opendir(path);
    if (!folder)
        return error_errno(err, layer, errno, "cannot list", path);
    enum rg_status status = RG_OK;
    struct dirent *entry;
    while (status == RG_OK && (entry = readdir(folder)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        char *inner = path_join(path, entry->d_name);
        if (!inner)
            status = error_no_memory(err, layer);
        else if (path_is_folder(inner) && depth < DEPTH_MAX)
            status = sync_tree(inner, depth + 1, err);
        else
            status = sync_file(dirfd(folder), entry->d_name, inner, err);
        free(inner);
    }
    closedir(folder);
    return status == RG_OK ? folder_sync(path, err) : status;
}

struct publication {
    const struct graph_folder *folder;
    const struct build_paths *paths;
    unsigned bundles_kept;
    char *builds, *runs;  /* the folders above the build's own */
    char *link, *current; /* the new link beside the one that it replaces */
};

static enum rg_status step_sync(const struct publication *p, struct rg_error *err)
{
    return sync_tree(p->paths->staging, 0, err);
}

static enum rg_status step_rename(const struct publication *p, struct rg_error *err)
{
    if (rename(p->paths->staging, p->paths->build) != 0)
        return error_errno(err, layer, errno, "cannot rename to", p->paths->build);
    return folder_sync(p->builds, err);
}

static enum rg_status step_bundle(const struct publication *p, struct rg_error *err)
{
    if (rename(p->paths->bundle, p->paths->run) != 0)
        return error_errno(err, layer, errno, "cannot rename to", p->paths->run);
    return folder_sync(p->runs, err);
}

static enum rg_status step_link(const struct publication *p, struct rg_error *err)
{
    char target[16 + BUILD_ID_BYTES];
    snprintf(target, sizeof target, "builds/%s", p->paths->id);
    if (symlink(target, p->link) != 0)
        return error_errno(err, layer, errno, "cannot make the link", p->link);
    return RG_OK;
}

static enum rg_status step_flip(const struct publication *p, struct rg_error *err)
{
    if (rename(p->link, p->current) != 0)
        return error_errno(err, layer, errno, "cannot rename to", p->current);
    return RG_OK;
}

/* Runs the steps in order; after the flip the build is published, whatever follows. */
static enum rg_status publish_steps(const struct publication *p, struct events *events,
                                    struct rg_error *err)
{
    static enum rg_status (*const steps[])(const struct publication *, struct rg_error *) = {
        step_sync, step_rename, step_bundle, step_link, step_flip,
    };
    enum { STEPS = sizeof steps / sizeof *steps, AFTER = 2 };
    for (size_t i = 0; i < STEPS; i++) {
        events_progress(events, "publish", i, STEPS + AFTER, 0, 0);
        enum rg_status status = events_check(events, err);
        if (status == RG_OK)
            status = steps[i](p, err);
        if (status != RG_OK)
            return status;
    }
    struct rg_error late = {0};
    events_progress(events, "publish", STEPS, STEPS + AFTER, 0, 0);
    if (folder_sync(p->folder->root, &late) != RG_OK ||
        remove_leftovers(p->folder->root, &late) != RG_OK ||
        prune_runs(p->folder->root, p->bundles_kept, &late) != RG_OK)
        events_message(events, RG_EVENT_WARNING, "publish",
                       "the graph is published, but tidying up failed: %s", late.message);
    events_progress(events, "publish", STEPS + AFTER, STEPS + AFTER, 0, 0);
    return RG_OK;
}

enum rg_status build_publish(const struct graph_folder *folder, const struct build_paths *paths,
                             unsigned bundles_kept, struct events *events, struct rg_error *err)
{
    struct publication p = {.folder = folder, .paths = paths, .bundles_kept = bundles_kept};
    enum rg_status status = RG_OK;
    p.builds = path_join(folder->root, "builds");
    p.runs = path_join(folder->root, "runs");
    p.current = path_join(folder->root, "current");
    if (asprintf(&p.link, "%s/.current-%s", folder->root, paths->id) < 0)
        p.link = NULL;
    if (!p.builds || !p.runs || !p.current || !p.link) {
        status = error_no_memory(err, layer);
        goto out;
    }
    status = publish_steps(&p, events, err);
    if (status != RG_OK)
        unlink(p.link);
out:
    free(p.builds);
    free(p.runs);
    free(p.current);
    free(p.link);
    return status;
}

/* --- Reading -------------------------------------------------------------------------------- */

static enum rg_status say_no_graph(const char *graph, struct rg_error *err)
{
    if (!path_exists(graph))
        error_set(err, RG_ERR_NOT_FOUND, layer, "there is no folder %s", graph);
    else if (!path_is_folder(graph))
        error_set(err, RG_ERR_NOT_FOUND, layer, "%s is a file, not the folder of a graph", graph);
    else
        error_set(err, RG_ERR_NOT_FOUND, layer, "%s holds no graph", graph);
    if (path_exists(graph) && !path_is_folder(graph))
        error_hint(err, "name the folder that relgraph build --output wrote");
    else
        error_hint(err, "build one first: relgraph build REPOSITORY --output %s", graph);
    return RG_ERR_NOT_FOUND;
}

enum rg_status graph_current(const char *graph, char **out_build, struct rg_error *err)
{
    *out_build = NULL;
    enum rg_status status = RG_OK;
    char *current = NULL, *manifest = NULL, *build = NULL, *root = path_real(graph);
    if (!root)
        return say_no_graph(graph, err);
    current = path_join(root, "current");
    manifest = path_join(root, "manifest.json");
    if (!current || !manifest) {
        status = error_no_memory(err, layer);
        goto out;
    }
    if (!path_exists(current)) {
        if (!path_exists(manifest)) {
            status = say_no_graph(graph, err);
            goto out;
        }
        *out_build = root;
        root = NULL;
        goto out;
    }
    build = path_real(current);
    size_t length = strlen(root);
    if (!build || !path_is_folder(build)) {
        status = error_set(err, RG_ERR_CORRUPT, layer, "the build that %s points to is missing",
                           current);
        error_hint(err, "build the graph again");
    } else if (strncmp(build, root, length) != 0 || build[length] != '/') {
        status =
            error_set(err, RG_ERR_CORRUPT, layer, "%s points out of the graph's folder", current);
        error_hint(err, "build the graph again");
    } else {
        *out_build = build;
        build = NULL;
    }
out:
    free(root);
    free(current);
    free(manifest);
    free(build);
    return status;
}
