/* Paths: a root that is a URI, and what lies between it and ours. */
#include "extract/scip_paths.h"

#include <string.h>

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

bool scip_paths_init(struct scip_paths *paths, const char *root_path, struct str project_root,
                     struct arena *arena)
{
    *paths = (struct scip_paths){.strip = STR(""), .add = STR("")};
    struct str root = str_of(root_path), project;
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
    const char *slash = strrchr(root_path, '/');
    if (paths->is_guess && slash && slash[1])
        paths->strip = str_of(arena_printf(arena, "%s/", slash + 1));
    if (!paths->strip.ptr)
        paths->strip = STR("");
    bool enough = !arena->failed;
    arena->failed |= failed;
    return enough;
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

enum scip_path scip_paths_candidates(const struct scip_paths *paths, struct str path,
                                     struct arena *scratch, struct str out_paths[SCIP_PATHS_MAX],
                                     size_t *out_n)
{
    size_t n = 0;
    *out_n = 0;
    if (!is_proper(path))
        return SCIP_PATH_BAD;
    if (paths->add.len) {
        char *longer = arena_printf(scratch, STR_FMT STR_FMT, STR_ARG(paths->add), STR_ARG(path));
        if (!longer)
            return SCIP_PATH_NO_MEMORY;
        out_paths[n++] = str_of(longer);
    } else {
        if (!paths->strip.len || paths->is_guess)
            out_paths[n++] = path;
        if (paths->strip.len && str_starts(path, paths->strip))
            out_paths[n++] = (struct str){path.ptr + paths->strip.len, path.len - paths->strip.len};
    }
    *out_n = n;
    return SCIP_PATH_GOOD;
}
