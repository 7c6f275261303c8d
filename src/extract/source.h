/* Source text: the bytes of one file, its lines and its encoding. Spans are always raw bytes. */
#ifndef EXTRACT_SOURCE_H
#define EXTRACT_SOURCE_H

#include "base/arena.h"
#include "extract/scan.h"

struct encoding;

struct source {
    const char *bytes;       /* raw, with a NUL behind */
    const char *parse_bytes; /* what to give to the parser: `bytes`, or a copy of the same length
                                that differs where the parser would go wrong: what is no ASCII in a
                                file that is not UTF-8 stands as a letter (a name stays one token),
                                a line end \r as \n. Spans are the same in both. */
    uint32_t size;           /* at most LIMIT_FILE_BYTES */
    uint32_t *line_starts;   /* byte where each line starts; a line ends behind \n, \r\n or \r */
    uint32_t n_lines;        /* at least 1, but 0 for an empty file */
    uint32_t text_start;     /* behind a byte order mark */
    const char *encoding;    /* canonical name: utf-8, utf-8-sig, latin-1, cp1252, …; NULL where
                                nothing was read */
    bool is_utf8;            /* tokens can be taken as they are */
    char sha256[65];         /* of the bytes, by source_hash; empty until then */
    const char *skip_reason; /* not NULL: do not parse: binary, too_large, unsupported_encoding,
                                vanished, … */
    bool unreadable;         /* skipped because it could not be read */
    const char *note; /* not NULL: to be recorded although it is parsed: invalid_utf8 (no encoding
                         declared, not UTF-8), unknown_encoding, undecodable (not in the encoding
                         declared), encoding_conflict */
    struct encoding *decoder; /* private, as the two below */
    char *data, *parse_data;
};

/* Reads a file beneath scan->root_fd. What is wrong with the file is in skip_reason, not an error;
 * errors are memory only. Python's encoding rules (PEP 263) apply where the language asks for them.
 * What CPython would refuse for its encoding is read all the same, with a note. Free with
 * source_fini, also after a failure. */
RG_MUST_CHECK enum rg_status source_read(const struct scan *scan, const struct scan_file *file,
                                         struct source *out_source, struct rg_error *err);
/* As source_read, over bytes in memory (copied): for tests and fuzzing. */
RG_MUST_CHECK enum rg_status source_from_bytes(const struct language *language, const void *bytes,
                                               size_t size, struct source *out_source,
                                               struct rg_error *err);
void source_fini(struct source *source);

/* As source_read, from an open file (closed by this) of which fstat told `size_told` bytes. */
RG_MUST_CHECK enum rg_status source_read_open(const struct language *language, int fd,
                                              uint64_t size_told, struct source *out_source,
                                              struct rg_error *err);

/* Fills sha256; leaves it empty where nothing was read. */
void source_hash(struct source *source);
/* Whether bytes are those that were read before is known by this as well as by SHA-256, unless
 * somebody makes them so, and in a twentieth of the time. Never 0. */
uint64_t source_fingerprint(const struct source *source);

/* 1-based line of a byte offset (binary search); at most n_lines, at least 1. */
uint32_t source_line(const struct source *source, uint32_t byte);
/* Bytes [start, end) as valid UTF-8: decoded from the file's encoding, what is not valid as U+FFFD.
 * Lent from the source where nothing changes, else from the arena; ptr NULL when memory is out. */
struct str source_token(const struct source *source, uint32_t start, uint32_t end,
                        struct arena *arena);

#endif
