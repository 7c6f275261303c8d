/* Files of documents: looked up in the scan, which is sorted by paths, then on disk. */
#include "extract/scip_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/file.h"
#include "base/utf8.h"
#include "extract/language.h"
#include "kernels/stable_hash.h"

static const char layer[] = "scip";

/* --- Those of the scan ---------------------------------------------------------------------- */

enum rg_status scip_files_open(struct scip_files *files, const struct scan *scan,
                               struct rg_error *err)
{
    *files = (struct scip_files){.scan = scan};
    files->claimed = calloc(scan->n_files / 64 + 1, sizeof *files->claimed);
    return files->claimed ? RG_OK : error_no_memory(err, layer);
}

void scip_files_next_index(struct scip_files *files)
{
    memset(files->claimed, 0, (files->scan->n_files / 64 + 1) * sizeof *files->claimed);
}

void scip_files_close(struct scip_files *files)
{
    free(files->claimed);
    free(files->named);
    intmap_fini(&files->ids);
    arena_fini(&files->arena);
    *files = (struct scip_files){0};
}

/* Number of a path as datasets have it, with escapes; n_files where the scan has none. */
static size_t search(const struct scan *scan, struct str path)
{
    size_t low = 0, high = scan->n_files;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_cmp(scan->files[middle].path, path);
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return scan->n_files;
}

static void claim_scanned(struct scip_files *files, size_t number, struct scip_file *out_file)
{
    uint64_t *word = &files->claimed[number / 64], bit = UINT64_C(1) << (number % 64);
    *out_file = (struct scip_file){.file = &files->scan->files[number],
                                   .is_claimed = *word & bit,
                                   .fingerprint = files->scan->files[number].fingerprint};
    *word |= bit;
}

/* --- Those that only an index knows --------------------------------------------------------- */

/* The scan left out what is of a language that we parse: it is not for an index to bring it back.
 */
static bool is_nameable(const struct scan *scan, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (language_of_name(str_of(slash ? slash + 1 : path)))
        return false;
    struct stat info;
    int fd = file_open_beneath(scan->root_fd, path, false);
    if (fd < 0)
        return errno == EACCES || errno == EPERM; /* there, if not for us */
    bool is_file = fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
    close(fd);
    return is_file;
}

static bool ids_ready(struct scip_files *files)
{
    bool done = true;
    if (files->ids.count == 0)
        for (size_t i = 0; done && i < files->scan->n_files; i++)
            done = intmap_put(&files->ids, (uint64_t)files->scan->files[i].file_id, (uint32_t)i);
    return done;
}

static struct scip_named *named_new(struct scip_files *files, struct str path, struct str raw_path,
                                    uint64_t id)
{
    size_t number = files->scan->n_files + files->n_named;
    if (files->n_named == files->capacity) {
        size_t capacity = files->capacity ? 2 * files->capacity : 64;
        struct scip_named **grown = reallocarray(files->named, capacity, sizeof *grown);
        if (!grown)
            return NULL;
        files->named = grown;
        files->capacity = capacity;
    }
    struct scip_named *named = ARENA_NEW(&files->arena, struct scip_named);
    if (!named)
        return NULL;
    named->file = (struct scan_file){
        .path = arena_str(&files->arena, path),
        .raw_path = arena_str(&files->arena, raw_path),
        .file_id = (int64_t)id,
        .ordinal = (uint32_t)number,
        .status = SCAN_SOURCE,
    };
    if (!named->file.path.ptr || !named->file.raw_path.ptr ||
        !intmap_put(&files->ids, id, (uint32_t)number))
        return NULL;
    files->named[files->n_named++] = named;
    return named;
}

/* By its id, which is the hash of its path, or what comes after that where another file has it, as
 * in the scan. NULL: memory is out. */
static struct scip_named *named_of(struct scip_files *files, struct str path, struct str raw_path)
{
    uint64_t hash = stable_hash_text(STABLE_HASH_SEED, path.ptr, path.len), id = hash;
    uint32_t number;
    if (!ids_ready(files))
        return NULL;
    for (int64_t n = 1; (number = intmap_get(&files->ids, id)) != INTMAP_NONE; n++) {
        if (number >= files->scan->n_files &&
            str_eq(files->named[number - files->scan->n_files]->file.path, path))
            return files->named[number - files->scan->n_files];
        id = stable_hash_int(hash, n);
    }
    return named_new(files, path, raw_path, id);
}

static enum rg_status claim_named(struct scip_files *files, int32_t index, struct str path,
                                  struct str raw_path, struct scip_file *out_file,
                                  struct rg_error *err)
{
    struct scip_named *named = named_of(files, path, raw_path);
    if (!named)
        return error_no_memory(err, layer);
    *out_file = (struct scip_file){
        .file = &named->file, .named = named, .is_claimed = named->claimed_by == index + 1};
    /* What is claimed is perhaps being read on another thread. */
    if (!out_file->is_claimed)
        out_file->fingerprint = named->file.fingerprint;
    named->claimed_by = index + 1;
    return RG_OK;
}

/* --- Both ----------------------------------------------------------------------------------- */

/* A path as datasets have it; ptr NULL when memory is out. */
static struct str escaped(struct str path, struct arena *scratch)
{
    struct buffer text = {0};
    if (!memchr(path.ptr, '%', path.len) && utf8_valid(path.ptr, path.len))
        return path;
    utf8_percent(&text, path.ptr, path.len);
    struct str copy = text.failed ? (struct str){NULL, 0} : arena_str(scratch, buffer_view(&text));
    buffer_fini(&text);
    return copy;
}

enum rg_status scip_files_claim(struct scip_files *files, int32_t index, const struct str *paths,
                                size_t n_paths, struct arena *scratch, struct scip_file *out_file,
                                struct rg_error *err)
{
    *out_file = (struct scip_file){0};
    for (size_t i = 0; i < n_paths; i++) {
        struct str path = escaped(paths[i], scratch);
        if (!path.ptr)
            return error_no_memory(err, layer);
        size_t number = search(files->scan, path);
        if (number == files->scan->n_files)
            continue;
        claim_scanned(files, number, out_file);
        return RG_OK;
    }
    for (size_t i = 0; i < n_paths; i++) {
        struct str path = escaped(paths[i], scratch), raw_path = arena_str(scratch, paths[i]);
        if (!path.ptr || !raw_path.ptr)
            return error_no_memory(err, layer);
        if (is_nameable(files->scan, raw_path.ptr))
            return claim_named(files, index, path, raw_path, out_file, err);
    }
    return RG_OK;
}

/* Indexers write TypeScript or typescript; ptr NULL for what is no text, or when memory is out. */
static struct str language_word(struct str language, struct arena *scratch)
{
    char *word = language.len && utf8_valid(language.ptr, language.len)
                     ? arena_cstr(scratch, language)
                     : NULL;
    for (size_t i = 0; word && i < language.len; i++)
        if (word[i] >= 'A' && word[i] <= 'Z')
            word[i] = (char)(word[i] - 'A' + 'a');
    return str_of(word);
}

void scip_named_rows(struct scip_named *named, struct source *source, struct str language,
                     struct arena *scratch, struct batch *files, struct batch *lines)
{
    named->file.fingerprint = source_fingerprint(source);
    struct file_row row = {
        .file_id = named->file.file_id,
        .path = named->file.path,
        .ordinal = (int32_t)named->file.ordinal,
        .language = language_word(language, scratch),
        .status = FILE_STATUS_INDEXED,
    };
    source_tell(source, &row);
    fact_file(files, &row);
    if (lines)
        source_line_rows(source, named->file.file_id, lines);
}
