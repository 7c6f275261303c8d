/* Paths of an index beside paths of the scan, which are sorted by their bytes. */
#include "extract/scip_paths.h"

#include "base/buffer.h"
#include "base/error.h"
#include "base/utf8.h"

/* --- Roots ---------------------------------------------------------------------------------- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The path of a file URI (RFC 8089) without a / at its end; empty for what is none. */
static bool path_of_uri(struct str uri, struct arena *arena, struct str *out_path)
{
    static const struct str scheme = {"file:", 5}, host = {"//", 2};
    *out_path = STR("");
    if (!str_starts(uri, scheme))
        return true;
    struct str rest = {uri.ptr + scheme.len, uri.len - scheme.len};
    if (str_starts(rest, host)) {
        rest = (struct str){rest.ptr + host.len, rest.len - host.len};
        const char *slash = memchr(rest.ptr, '/', rest.len);
        size_t before = slash ? (size_t)(slash - rest.ptr) : rest.len;
        rest = (struct str){rest.ptr + before, rest.len - before};
    }
    char *path = arena_alloc(arena, rest.len + 1);
    if (!path)
        return false;
    size_t n = 0;
    for (size_t i = 0; i < rest.len; i++) {
        int high = i + 2 < rest.len && rest.ptr[i] == '%' ? hex_digit(rest.ptr[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(rest.ptr[i + 2]) : -1;
        path[n++] = low >= 0 ? (char)(16 * high + low) : rest.ptr[i];
        i += low >= 0 ? 2 : 0;
    }
    while (n > 0 && path[n - 1] == '/')
        n--;
    *out_path = (struct str){path, n};
    return true;
}

/* What a folder's path has behind another's, with a / at its end; ptr NULL where it is not inside.
 */
static struct str inside(struct str path, struct str above, struct arena *arena)
{
    if (!above.len || !str_starts(path, above) || path.len <= above.len + 1 ||
        path.ptr[above.len] != '/')
        return (struct str){NULL, 0};
    char *relative =
        arena_printf(arena, STR_FMT "/", (int)(path.len - above.len - 1), path.ptr + above.len + 1);
    return str_of(relative);
}

bool scip_paths_init(struct scip_paths *paths, const struct scan *scan, struct str project_root,
                     struct arena *arena)
{
    *paths = (struct scip_paths){.scan = scan, .strip = STR(""), .add = STR("")};
    struct str root = str_of(scan->root), project;
    bool failed = arena->failed;
    arena->failed = false;
    bool done = path_of_uri(project_root, arena, &project) && !str_eq(project, root);
    if (done) {
        struct str above = inside(root, project, arena), below = inside(project, root, arena);
        if (above.ptr)
            paths->strip = above;
        else if (below.ptr)
            paths->add = below;
        else
            paths->is_guess = true;
    }
    /* Of another machine, or another copy: its paths are ours, or begin with our folder's name. */
    const char *slash = strrchr(scan->root, '/');
    if (paths->is_guess && slash && slash[1])
        paths->strip = str_of(arena_printf(arena, "%s/", slash + 1));
    if (!paths->strip.ptr)
        paths->strip = STR("");
    bool enough = !arena->failed;
    arena->failed |= failed;
    return enough;
}

/* --- Files ---------------------------------------------------------------------------------- */

static int64_t search(const struct scan *scan, struct str path)
{
    size_t low = 0, high = scan->n_files;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_cmp(scan->files[middle].path, path);
        if (order == 0)
            return (int64_t)middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return SCIP_PATH_MISSING;
}

/* The scan is in order of paths as datasets have them, with escapes. */
static int64_t file_number(const struct scan *scan, struct str path)
{
    if (!memchr(path.ptr, '%', path.len) && utf8_valid(path.ptr, path.len))
        return search(scan, path);
    struct buffer escaped = {0};
    utf8_percent(&escaped, path.ptr, path.len);
    int64_t number = escaped.failed ? SCIP_PATH_NO_MEMORY : search(scan, buffer_view(&escaped));
    buffer_fini(&escaped);
    return number;
}

/* As the format demands: relative, without empty parts, "." and "..". */
static bool is_proper(struct str path)
{
    if (!path.ptr || !path.len)
        return false;
    for (struct str rest = path; rest.ptr;) {
        struct str part = str_split(&rest, '/');
        if (!part.len || str_is(part, ".") || str_is(part, ".."))
            return false;
    }
    return memchr(path.ptr, '\0', path.len) == NULL;
}

int64_t scip_paths_find(const struct scip_paths *paths, struct str path, struct arena *scratch)
{
    if (!is_proper(path))
        return SCIP_PATH_BAD;
    if (paths->add.len) {
        char *longer = arena_printf(scratch, STR_FMT STR_FMT, STR_ARG(paths->add), STR_ARG(path));
        return longer ? file_number(paths->scan, str_of(longer)) : SCIP_PATH_NO_MEMORY;
    }
    int64_t number = SCIP_PATH_MISSING;
    if (!paths->strip.len || paths->is_guess)
        number = file_number(paths->scan, path);
    if (number == SCIP_PATH_MISSING && paths->strip.len && str_starts(path, paths->strip))
        number = file_number(
            paths->scan, (struct str){path.ptr + paths->strip.len, path.len - paths->strip.len});
    return number;
}
