/* Source text: the bytes of one file, its lines and its encoding. Spans are always raw bytes. */
#ifndef EXTRACT_SOURCE_H
#define EXTRACT_SOURCE_H

#include "base/arena.h"
#include "extract/scan.h"

struct source {
    const char *bytes;      /* raw, with a NUL behind */
    uint32_t size;          /* at most LIMIT_FILE_BYTES */
    uint32_t *line_starts;  /* byte where each line starts; a line ends behind \n, \r\n or \r */
    uint32_t n_lines;       /* at least 1, but 0 for an empty file */
    uint32_t text_start;    /* behind a byte order mark */
    const char *encoding;   /* canonical name: utf-8, utf-8-sig, latin-1, cp1252, … */
    bool is_utf8;           /* tokens can be taken as they are */
    char sha256[65];
    const char *skip_reason;/* not NULL: do not parse: binary, too_large, vanished, unreadable, unknown_encoding, … */
    bool unreadable;
    char *data;             /* owned */
};

/* Reads a file beneath scan->root_fd. What is wrong with the file is in skip_reason, not an error; errors
 * are memory only. Python's encoding rules (PEP 263) apply where the language asks for them. */
RG_MUST_CHECK enum rg_status source_read(const struct scan *scan, const struct scan_file *file,
                                         struct source *out_source, struct rg_error *err);
/* As source_read, over bytes in memory (copied): for tests and fuzzing. */
RG_MUST_CHECK enum rg_status source_from_bytes(const struct language *language, const void *bytes,
                                               size_t size, struct source *out_source,
                                               struct rg_error *err);
void source_fini(struct source *source);

/* 1-based line of a byte offset (binary search). */
uint32_t source_line(const struct source *source, uint32_t byte);
/* Bytes [start, end) as valid UTF-8: decoded from the file's encoding, what is not valid as U+FFFD. Lent
 * from the source where nothing changes, else from the arena. */
struct str source_token(const struct source *source, uint32_t start, uint32_t end, struct arena *arena);

#endif
