/* A borrowed span of bytes; nothing assumes a NUL behind it. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* ptr NULL means "no string" (NULL in a column); an empty string has a ptr. */
struct str {
    const char *ptr;
    size_t len;
};

#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
#define STR_FMT      "%.*s"
#define STR_ARG(s)   (int)(s).len, (s).ptr

static inline struct str str_of(const char *text)
{
    return (struct str){text, text ? strlen(text) : 0};
}

static inline bool str_eq(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || (a.ptr && b.ptr && memcmp(a.ptr, b.ptr, a.len) == 0));
}

static inline bool str_is(struct str a, const char *text)
{
    return str_eq(a, str_of(text));
}

static inline bool str_starts(struct str a, struct str prefix)
{
    return a.len >= prefix.len && memcmp(a.ptr, prefix.ptr, prefix.len) == 0;
}

/* Bytewise order, shorter first. */
static inline int str_cmp(struct str a, struct str b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int order = n ? memcmp(a.ptr, b.ptr, n) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

/* Without spaces, tabs and line ends at both sides. */
static inline struct str str_trim(struct str s)
{
    while (s.len && strchr(" \t\r\n", s.ptr[0]) && s.ptr[0])
        s.ptr++, s.len--;
    while (s.len && strchr(" \t\r\n", s.ptr[s.len - 1]) && s.ptr[s.len - 1])
        s.len--;
    return s;
}

/* Cuts the part before the first `separator` off the front of *rest and returns it; without one,
 * returns all and leaves *rest with ptr NULL. */
static inline struct str str_split(struct str *rest, char separator)
{
    const char *at = rest->len ? memchr(rest->ptr, separator, rest->len) : NULL;
    struct str head = *rest;
    if (at) {
        head.len = (size_t)(at - rest->ptr);
        rest->ptr = at + 1;
        rest->len -= head.len + 1;
    } else {
        *rest = (struct str){NULL, 0};
    }
    return head;
}

#endif
