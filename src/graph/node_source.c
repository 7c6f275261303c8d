/* rg_source_read: the text of a node, from the checked-out file. The path comes out of a graph,
 * which may be a stranger's: it is followed folder by folder beneath the repository, never through
 * a link. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/options_read.h"
#include "engine/store.h"
#include "graph/query.h"
#include "graph/run_record.h"

static const char layer[] = "graph";

/* What the graph says of a node. */
struct node_place {
    struct str path, sha256; /* live in the arena */
    uint64_t size_bytes;
    uint64_t start_byte, end_byte;
    uint32_t start_line, end_line;
};

/* --- The node ------------------------------------------------------------------------------- */

static bool number_of(struct str text, uint64_t max, uint64_t *out_number)
{
    uint64_t number = 0;
    if (!text.ptr || text.len == 0 || text.len > 18)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        number = number * 10 + (uint64_t)(text.ptr[i] - '0');
    }
    *out_number = number;
    return number <= max;
}

static enum rg_status read_place(const struct text_table *table, int64_t node_id,
                                 struct node_place *out_place, struct rg_error *err)
{
    if (table->rows == 0) {
        error_set(err, RG_ERR_NOT_FOUND, layer, "the graph has no node %lld", (long long)node_id);
        error_hint(err, "ids change when a definition is renamed or moved: query for it again");
        return RG_ERR_NOT_FOUND;
    }
    const struct str *cell = table->cells;
    if (!cell[0].ptr)
        return error_set(err, RG_ERR_NOT_FOUND, layer,
                         "node %lld is outside the repository and has no source",
                         (long long)node_id);
    uint64_t lines[2];
    struct node_place place = {.path = cell[0], .sha256 = cell[5]};
    if (!number_of(cell[1], LIMIT_FILE_BYTES, &place.start_byte) ||
        !number_of(cell[2], LIMIT_FILE_BYTES, &place.end_byte) ||
        !number_of(cell[3], UINT32_MAX, &lines[0]) || !number_of(cell[4], UINT32_MAX, &lines[1]) ||
        !number_of(cell[6], LIMIT_FILE_BYTES, &place.size_bytes) || !place.sha256.ptr ||
        place.start_byte > place.end_byte || place.end_byte > place.size_bytes)
        return error_set(err, RG_ERR_CORRUPT, layer, "the graph gives node %lld no usable place",
                         (long long)node_id);
    place.start_line = (uint32_t)lines[0];
    place.end_line = (uint32_t)lines[1];
    *out_place = place;
    return RG_OK;
}

static enum rg_status find_node(struct rg_session *session, const char *build, struct str setup,
                                int64_t node_id, struct arena *arena, struct node_place *out_place,
                                struct rg_error *err)
{
    struct store *store = NULL;
    struct store_options options = {.allowed_directory = build};
    enum rg_status status = store_open(session, &options, &store, err);
    if (status == RG_OK)
        status = store_exec(store, setup, err);
    char sql[512];
    snprintf(
        sql, sizeof sql,
        "SELECT n.path, n.start_byte, n.end_byte, n.start_line, n.end_line, f.sha256, f.size_bytes "
        "FROM nodes AS n LEFT JOIN files AS f ON f.path = n.path WHERE n.node_id = %lld",
        (long long)node_id);
    struct text_table table;
    if (status == RG_OK)
        status = store_table(store, str_of(sql), 1, arena, &table, err);
    if (status == RG_OK)
        status = read_place(&table, node_id, out_place, err);
    store_close(store);
    return status;
}

/* --- The file ------------------------------------------------------------------------------- */

static enum rg_status say_forbidden(const char *path, struct rg_error *err)
{
    error_set(err, RG_ERR_FORBIDDEN, layer, "%s leads out of the repository or through a link",
              path);
    error_hint(err, "only files inside the repository are read");
    return RG_ERR_FORBIDDEN;
}

/* ENOTDIR and ELOOP both may mean a link where a folder or file was. */
static enum rg_status say_not_opened(int folder, const char *name, const char *path, int number,
                                     struct rg_error *err)
{
    struct stat info;
    if (fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(info.st_mode))
        return say_forbidden(path, err);
    if (number == ENOENT || number == ENOTDIR) {
        error_set(err, RG_ERR_CHANGED, layer, "%s is no longer in the repository", path);
        error_hint(err, "build the graph again");
        return RG_ERR_CHANGED;
    }
    return error_errno(err, layer, number, "cannot open", path);
}

/* Opens a file beneath a folder, each component by itself and none of them a link. */
static enum rg_status open_beneath(const char *root, char *path, int *out_fd, struct rg_error *err)
{
    enum rg_status status = RG_OK;
    *out_fd = -1;
    int folder = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) {
        status = error_errno(err, layer, errno, "cannot open the repository", root);
        error_hint(err, "name the repository's folder");
        return status;
    }
    struct str rest = str_of(path);
    while (status == RG_OK && rest.ptr) {
        struct str part = str_split(&rest, '/');
        char name[NAME_MAX + 1];
        if (part.len == 0 || part.len > NAME_MAX || str_is(part, "..") || str_is(part, ".")) {
            status = say_forbidden(path, err);
            break;
        }
        memcpy(name, part.ptr, part.len);
        name[part.len] = '\0';
        int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | (rest.ptr ? O_DIRECTORY : 0);
        int inner = openat(folder, name, flags);
        if (inner < 0)
            status = say_not_opened(folder, name, path, errno, err);
        close(folder);
        folder = inner;
    }
    if (status == RG_OK)
        *out_fd = folder;
    else if (folder >= 0)
        close(folder);
    return status;
}

static enum rg_status say_changed(const char *path, struct rg_error *err)
{
    error_set(err, RG_ERR_CHANGED, layer, "%s is not the file that the graph was built from", path);
    error_hint(err, "build the graph again");
    return RG_ERR_CHANGED;
}

/* The whole file, which must have the size and the hash that the graph knows. */
static enum rg_status read_checked(int fd, const char *path, const struct node_place *place,
                                   char **out_text, struct rg_error *err)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return error_errno(err, layer, errno, "cannot stat", path);
    if (!S_ISREG(info.st_mode) || (uint64_t)info.st_size != place->size_bytes)
        return say_changed(path, err);
    size_t size = (size_t)place->size_bytes, have = 0;
    char *text = malloc(size + 1), hash[65];
    if (!text)
        return error_no_memory(err, layer);
    ssize_t got = 1;
    while (have < size && got != 0) {
        got = read(fd, text + have, size - have);
        if (got < 0 && errno != EINTR) {
            int number = errno;
            free(text);
            return error_errno(err, layer, number, "cannot read", path);
        }
        have += got > 0 ? (size_t)got : 0;
    }
    digest_sha256(text, have, hash);
    if (have != size || !str_is(place->sha256, hash)) {
        free(text);
        return say_changed(path, err);
    }
    *out_text = text;
    return RG_OK;
}

/* The text of the place's file and its path as bytes. */
static enum rg_status read_file(const char *repository, const struct node_place *place,
                                char **out_text, char **out_path, struct rg_error *err)
{
    char *path = path_unescape(place->path);
    int fd = -1;
    *out_path = NULL;
    enum rg_status status =
        path ? open_beneath(repository, path, &fd, err) : error_no_memory(err, layer);
    if (status == RG_OK)
        status = read_checked(fd, path, place, out_text, err);
    if (fd >= 0)
        close(fd);
    if (status == RG_OK)
        *out_path = path;
    else
        free(path);
    return status;
}

enum rg_status source_file_read(const char *repository, struct str path, struct str sha256,
                                uint64_t size_bytes, char **out_text, struct rg_error *err)
{
    const struct node_place place = {.path = path, .sha256 = sha256, .size_bytes = size_bytes};
    char *bytes = NULL;
    *out_text = NULL;
    enum rg_status status = read_file(repository, &place, out_text, &bytes, err);
    if (status == RG_OK)
        (*out_text)[size_bytes] = '\0';
    free(bytes);
    return status;
}

static enum rg_status cut_source(const char *repository, const struct node_place *place,
                                 struct rg_source *out_source, struct rg_error *err)
{
    char *text = NULL, *path = NULL;
    enum rg_status status = read_file(repository, place, &text, &path, err);
    if (status == RG_OK) {
        size_t size = (size_t)(place->end_byte - place->start_byte);
        memmove(text, text + place->start_byte, size);
        text[size] = '\0';
        *out_source = (struct rg_source){
            .text = text,
            .size = size,
            .path = path,
            .start_byte = place->start_byte,
            .end_byte = place->end_byte,
            .start_line = place->start_line,
            .end_line = place->end_line,
        };
    }
    return status;
}

enum rg_status rg_source_read(struct rg_session *session, const struct rg_source_request *given,
                              struct rg_source *out_source, struct rg_error *err)
{
    *out_source = (struct rg_source){0};
    struct rg_source_request request;
    struct arena arena = {0};
    struct buffer setup = {0};
    struct node_place place = {0};
    char *build = NULL, *repository = NULL;
    enum rg_status status = options_read(&request, sizeof request, given, "rg_source_request", err);
    if (status != RG_OK)
        return status;
    if (!request.graph || !*request.graph)
        return error_set(err, RG_ERR_USAGE, layer, "no graph is named");
    status = graph_open(request.graph, false, &build, &setup, err);
    if (status == RG_OK)
        status =
            find_node(session, build, buffer_view(&setup), request.node_id, &arena, &place, err);
    if (status == RG_OK && request.repository) {
        repository = strdup(request.repository);
        status = repository ? RG_OK : error_no_memory(err, layer);
    } else if (status == RG_OK) {
        status = run_record_repository(build, &repository, err);
    }
    if (status == RG_OK)
        status = cut_source(repository, &place, out_source, err);
    buffer_fini(&setup);
    arena_fini(&arena);
    free(build);
    free(repository);
    return status;
}

void rg_source_fini(struct rg_source *source)
{
    if (!source)
        return;
    free(source->text);
    free(source->path);
    *source = (struct rg_source){0};
}
