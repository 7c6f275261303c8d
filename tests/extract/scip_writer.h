/* Writes protobuf, as much of it as SCIP needs: for tests, which make indexes that no indexer does.
 */
#ifndef TESTS_SCIP_WRITER_H
#define TESTS_SCIP_WRITER_H

#include <stdint.h>

#include "base/buffer.h"

/* Numbers of fields; the format's own. */
enum { INDEX_METADATA = 1, INDEX_DOCUMENT = 2, INDEX_EXTERNAL = 3 };
enum { METADATA_TOOL = 2, METADATA_ROOT = 3 };
enum {
    DOCUMENT_PATH = 1,
    DOCUMENT_OCCURRENCE = 2,
    DOCUMENT_SYMBOL = 3,
    DOCUMENT_LANGUAGE = 4,
    DOCUMENT_TEXT = 5,
    DOCUMENT_ENCODING = 6
};
enum {
    OCCURRENCE_RANGE = 1,
    OCCURRENCE_SYMBOL = 2,
    OCCURRENCE_ROLES = 3,
    OCCURRENCE_DOCUMENTATION = 4,
    OCCURRENCE_DIAGNOSTIC = 6,
    OCCURRENCE_ENCLOSING = 7,
    OCCURRENCE_SINGLE = 8,
    OCCURRENCE_MULTI = 9,
    OCCURRENCE_MULTI_ENCLOSING = 11
};
enum {
    SYMBOL_SYMBOL = 1,
    SYMBOL_DOCUMENTATION = 3,
    SYMBOL_RELATIONSHIP = 4,
    SYMBOL_KIND = 5,
    SYMBOL_DISPLAY_NAME = 6,
    SYMBOL_SIGNATURE = 7,
    SYMBOL_ENCLOSING = 8
};

static inline void put_varint(struct buffer *out, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        buffer_char(out, (char)(value | 0x80));
    buffer_char(out, (char)value);
}

static inline void put_number(struct buffer *out, unsigned field, int64_t value)
{
    put_varint(out, field << 3);
    put_varint(out, (uint64_t)value);
}

static inline void put_str(struct buffer *out, unsigned field, struct str text)
{
    put_varint(out, field << 3 | 2);
    put_varint(out, text.len);
    buffer_str(out, text);
}

static inline void put_text(struct buffer *out, unsigned field, const char *text)
{
    put_str(out, field, str_of(text));
}

/* Takes the part, which is empty afterwards. */
static inline void put_part(struct buffer *out, unsigned field, struct buffer *part)
{
    put_str(out, field, buffer_view(part));
    buffer_fini(part);
    *part = (struct buffer){0};
}

static inline void put_numbers(struct buffer *out, unsigned field, const int32_t *numbers, size_t n)
{
    struct buffer packed = {0};
    for (size_t i = 0; i < n; i++)
        put_varint(&packed, (uint64_t)(int64_t)numbers[i]);
    put_part(out, field, &packed);
}

/* An occurrence on one line. */
static inline void put_occurrence(struct buffer *document, int32_t line, int32_t start, int32_t end,
                                  const char *symbol, int32_t roles)
{
    struct buffer occurrence = {0};
    put_numbers(&occurrence, OCCURRENCE_RANGE, (int32_t[]){line, start, end}, 3);
    put_text(&occurrence, OCCURRENCE_SYMBOL, symbol);
    if (roles)
        put_number(&occurrence, OCCURRENCE_ROLES, roles);
    put_part(document, DOCUMENT_OCCURRENCE, &occurrence);
}

/* tool NULL: it does not say. */
static inline void put_metadata(struct buffer *index, const char *tool, const char *root)
{
    struct buffer metadata = {0}, info = {0};
    if (tool) {
        put_text(&info, 1, tool);
        put_text(&info, 2, "1.0");
        put_part(&metadata, METADATA_TOOL, &info);
    }
    put_text(&metadata, METADATA_ROOT, root);
    put_part(index, INDEX_METADATA, &metadata);
}

#endif
