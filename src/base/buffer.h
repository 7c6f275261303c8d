/* A growing text or byte buffer, born with a maximum. */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "relgraph/relgraph.h"

/* Zero is a valid empty buffer. A failed append sets `failed` and is remembered: check once at the
 * end. `data` has a NUL behind it as soon as something was appended. */
struct buffer {
    char *data;
    size_t len, capacity;
    size_t bytes_max; /* 0: LIMIT_BUFFER_BYTES */
    bool failed;
};

void buffer_append(struct buffer *buffer, const void *bytes, size_t count);
void buffer_str(struct buffer *buffer, struct str text);
void buffer_text(struct buffer *buffer, const char *text);
void buffer_char(struct buffer *buffer, char c);
RG_PRINTF(2, 3)
void buffer_printf(struct buffer *buffer, const char *format, ...);
/* 'text' with quotes doubled: an SQL string literal. */
void buffer_sql_text(struct buffer *buffer, struct str text);
/* The path of one file as an SQL string literal for the engine's readers, which take each path for
 * a pattern. */
void buffer_sql_path(struct buffer *buffer, struct str path);
/* "name" with quotes doubled: an SQL identifier. */
void buffer_sql_name(struct buffer *buffer, struct str name);
/* "text" as a JSON string (RFC 8259), as the engine's json_quote writes it; bytes that are not
 * UTF-8 become U+FFFD. */
void buffer_json_text(struct buffer *buffer, struct str text);

static inline struct str buffer_view(const struct buffer *buffer)
{
    return (struct str){buffer->data ? buffer->data : "", buffer->len};
}

/* Gives the bytes to the caller (free) and empties the buffer; NULL when it failed or is empty. */
char *buffer_take(struct buffer *buffer);
void buffer_clear(struct buffer *buffer);
void buffer_fini(struct buffer *buffer);

#endif
