/* Reading one file whole, and what can be told of it before it is parsed. */
#include "extract/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "extract/encoding.h"
#include "extract/language.h"
#include "kernels/stable_hash.h"

/* Stands for what the parser cannot read. A letter, so that names stay names; this one, because no
 * keyword of any language has it and a mask can therefore not make one ("cl?ss"). */
enum { MASK = 'Z' };

static void skip(struct source *source, const char *reason, bool unreadable)
{
    source->skip_reason = reason;
    source->unreadable = unreadable;
}

/* --- Lines
 * --------------------------------------------------------------------------------------------- */

struct line_list {
    uint32_t *starts;
    size_t count, capacity;
};

static bool line_add(struct line_list *lines, uint32_t start)
{
    if (lines->count == lines->capacity) {
        size_t capacity = 2 * lines->capacity;
        uint32_t *grown = reallocarray(lines->starts, capacity, sizeof *grown);
        if (!grown)
            return false;
        lines->starts = grown;
        lines->capacity = capacity;
    }
    lines->starts[lines->count++] = start;
    return true;
}

/* The end of the line that starts at `at`. Files with a \r anywhere are rare: the others are
 * searched for \n alone, which the C library does at many bytes a cycle. */
static uint32_t line_end(const struct source *source, uint32_t at, bool has_return)
{
    const char *start = source->bytes + at, *end = source->bytes + source->size;
    if (!has_return) {
        const char *stop = memchr(start, '\n', (size_t)(end - start));
        return (uint32_t)((stop ? stop + 1 : end) - source->bytes);
    }
    while (start < end && *start != '\n' && *start != '\r')
        start++;
    if (start < end)
        start += start + 1 < end && start[0] == '\r' && start[1] == '\n' ? 2 : 1;
    return (uint32_t)(start - source->bytes);
}

static enum rg_status find_lines(struct source *source, bool has_return, struct rg_error *err)
{
    struct line_list lines = {.capacity = source->size / 32 + 16};
    lines.starts = malloc(lines.capacity * sizeof *lines.starts);
    bool failed = !lines.starts;
    for (uint32_t at = 0; !failed && at < source->size; at = line_end(source, at, has_return))
        failed = !line_add(&lines, at);
    source->line_starts = lines.starts;
    source->n_lines = (uint32_t)lines.count;
    return failed ? error_no_memory(err, "source") : RG_OK;
}

uint32_t source_line(const struct source *source, uint32_t byte)
{
    uint32_t low = 0, high = source->n_lines; /* the line is in [low, high) */
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (source->line_starts[middle] <= byte)
            low = middle;
        else
            high = middle;
    }
    return low + 1;
}

/* --- Encoding
 * ------------------------------------------------------------------------------------------ */

static bool mask_invalid_utf8(char *text, size_t size)
{
    bool all_valid = true;
    for (size_t i = 0; i < size;) {
        size_t length = utf8_sequence(text + i, size - i);
        if (!length)
            text[i] = MASK;
        all_valid = all_valid && length;
        i += length ? length : 1;
    }
    return all_valid;
}

static void mask_high_bytes(char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)text[i] >= 0x80)
            text[i] = MASK;
}

/* Where the next \r is that ends a line by itself; size where there is none. */
static size_t lone_return(const char *text, size_t size, size_t from)
{
    while (from < size) {
        const char *at = memchr(text + from, '\r', size - from);
        if (!at)
            break;
        from = (size_t)(at - text) + 1;
        if (from == size || text[from] != '\n')
            return from - 1;
    }
    return size;
}

static enum rg_status need_parse_data(struct source *source, struct rg_error *err)
{
    if (source->parse_data)
        return RG_OK;
    source->parse_data = malloc((size_t)source->size + 1);
    if (!source->parse_data)
        return error_no_memory(err, "source");
    memcpy(source->parse_data, source->data, (size_t)source->size + 1);
    source->parse_bytes = source->parse_data;
    return RG_OK;
}

static enum rg_status find_encoding(struct source *source, struct encoding_declared declared,
                                    struct rg_error *err)
{
    bool declares_utf8 = !declared.name.ptr || encoding_is_utf8(declared.name);
    source->text_start = declared.bom_bytes;
    source->encoding = declared.bom_bytes ? "utf-8-sig" : "utf-8";
    if (declared.bom_bytes && !declares_utf8)
        source->note = "encoding_conflict";
    if (declared.bom_bytes || declares_utf8) {
        source->is_utf8 = utf8_valid(source->bytes, source->size);
        if (source->is_utf8)
            return RG_OK;
        source->note = declared.name.ptr ? "undecodable" : "invalid_utf8";
        enum rg_status status = need_parse_data(source, err);
        if (status == RG_OK)
            mask_invalid_utf8(source->parse_data, source->size);
        return status;
    }
    enum rg_status status = encoding_open(declared.name, &source->decoder, err);
    if (status == RG_OK)
        status = need_parse_data(source, err);
    if (status != RG_OK)
        return status;
    if (!source->decoder) {
        source->encoding = "unknown";
        source->note = "unknown_encoding";
        mask_high_bytes(source->parse_data, source->size);
        return RG_OK;
    }
    source->encoding = encoding_name(source->decoder);
    if (!encoding_mask(source->decoder, source->parse_data, source->size, MASK))
        source->note = "undecodable";
    return RG_OK;
}

/* --- Reading
 * -------------------------------------------------------------------------------------------- */

/* Looks at source->data, which the source owns from now on. */
static enum rg_status look_at(const struct language *language, struct source *source,
                              struct rg_error *err)
{
    source->bytes = source->parse_bytes = source->data;
    struct str bytes = {source->bytes, source->size};
    struct encoding_declared declared = encoding_declared(bytes, language && language->pep263);
    if (declared.is_wide) {
        skip(source, "unsupported_encoding", false);
        return RG_OK;
    }
    if (memchr(source->bytes, '\0', source->size)) {
        skip(source, "binary", false);
        return RG_OK;
    }
    bool has_return = memchr(source->bytes, '\r', source->size) != NULL;
    enum rg_status status = find_lines(source, has_return, err);
    if (status == RG_OK)
        status = find_encoding(source, declared, err);
    size_t at = has_return ? lone_return(source->bytes, source->size, 0) : source->size;
    if (status == RG_OK && at < source->size)
        status = need_parse_data(source, err);
    for (; status == RG_OK && at < source->size;
         at = lone_return(source->bytes, source->size, at + 1))
        source->parse_data[at] = '\n';
    return status;
}

/* Reads size_told bytes and sees that the end is there; false where the file is not what it was. */
static bool read_exactly(int fd, char *data, size_t size, const char **out_reason)
{
    size_t done = 0;
    for (;;) {
        ssize_t got = read(fd, data + done, size + 1 - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            *out_reason = "io_error";
            return false;
        }
        done += (size_t)got;
        if (got == 0 || done > size)
            break;
    }
    *out_reason = done == size ? NULL : "changed_while_read";
    return done == size;
}

enum rg_status source_read_open(const struct language *language, int fd, uint64_t size_told,
                                struct source *out_source, struct rg_error *err)
{
    *out_source = (struct source){0};
    enum rg_status status = RG_OK;
    if (size_told > LIMIT_FILE_BYTES) {
        skip(out_source, "too_large", false);
        goto out;
    }
    out_source->data = malloc((size_t)size_told + 1);
    if (!out_source->data) {
        status = error_no_memory(err, "source");
        goto out;
    }
    const char *reason;
    if (!read_exactly(fd, out_source->data, (size_t)size_told, &reason)) {
        skip(out_source, reason, true);
        goto out;
    }
    out_source->data[size_told] = '\0';
    out_source->size = (uint32_t)size_told;
    status = look_at(language, out_source, err);
out:
    close(fd);
    return status;
}

enum rg_status source_read(const struct scan *scan, const struct scan_file *file,
                           struct source *out_source, struct rg_error *err)
{
    *out_source = (struct source){0};
    int fd = file_open_beneath(scan->root_fd, file->raw_path.ptr, false);
    struct stat info;
    if (fd < 0 || fstat(fd, &info) != 0) {
        int number = errno;
        if (fd >= 0)
            close(fd);
        if (number == ENOMEM)
            return error_no_memory(err, "source");
        skip(out_source,
             number == ENOENT                       ? "vanished"
             : number == EACCES || number == EPERM  ? "no_permission"
             : number == ELOOP || number == ENOTDIR ? "changed_while_read" /* it was no symlink */
                                                    : "io_error",
             true);
        return RG_OK;
    }
    if (!S_ISREG(info.st_mode)) {
        close(fd);
        skip(out_source, "not_regular", false);
        return RG_OK;
    }
    return source_read_open(file->language, fd, (uint64_t)info.st_size, out_source, err);
}

enum rg_status source_from_bytes(const struct language *language, const void *bytes, size_t size,
                                 struct source *out_source, struct rg_error *err)
{
    *out_source = (struct source){0};
    if (size > LIMIT_FILE_BYTES) {
        skip(out_source, "too_large", false);
        return RG_OK;
    }
    out_source->data = malloc(size + 1);
    if (!out_source->data)
        return error_no_memory(err, "source");
    if (size)
        memcpy(out_source->data, bytes, size);
    out_source->data[size] = '\0';
    out_source->size = (uint32_t)size;
    return look_at(language, out_source, err);
}

void source_fini(struct source *source)
{
    encoding_close(source->decoder);
    free(source->line_starts);
    free(source->parse_data);
    free(source->data);
    *source = (struct source){0};
}

void source_hash(struct source *source)
{
    if (source->bytes)
        digest_sha256(source->bytes, source->size, source->sha256);
}

uint64_t source_fingerprint(const struct source *source)
{
    uint64_t hash = XXH3_64bits(source->bytes, source->size);
    return hash ? hash : 1;
}

/* --- Tokens
 * -----------------------------------------------------------------------------------------------
 */

static bool is_ascii(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] >= 0x80)
            return false;
    return true;
}

struct str source_token(const struct source *source, uint32_t start, uint32_t end,
                        struct arena *arena)
{
    RG_ASSERT(start <= end && end <= source->size);
    struct str raw = {source->bytes + start, end - start};
    if (is_ascii(raw) || (!source->decoder && utf8_valid(raw.ptr, raw.len)))
        return raw;
    struct buffer text = {0};
    if (source->decoder)
        encoding_decode(source->decoder, raw, &text);
    else
        utf8_replace(&text, raw.ptr, raw.len);
    struct str token = text.failed ? (struct str){NULL, 0} : arena_str(arena, buffer_view(&text));
    buffer_fini(&text);
    return token;
}
