/* Building JSON when memory may run out: a value that could not be completed is NULL and stays so,
 * and what holds it becomes NULL, so that one check at the end sees every failure. json_pack does
 * the same for the values that it takes. */
#ifndef BASE_JSON_BUILD_H
#define BASE_JSON_BUILD_H

#include <jansson.h>

#include "base/str.h"

/* Appends a value, which it takes, to an array. */
static inline void json_add(json_t **array, json_t *value)
{
    if (*array && json_array_append_new(*array, value) == 0)
        return;
    if (!*array)
        json_decref(value);
    json_decref(*array);
    *array = NULL;
}

/* Sets a member of an object to a value, which it takes. */
static inline void json_put(json_t **object, struct str key, json_t *value)
{
    if (*object && json_object_setn_new(*object, key.ptr, key.len, value) == 0)
        return;
    if (!*object)
        json_decref(value);
    json_decref(*object);
    *object = NULL;
}

/* A text; one with ptr NULL is empty. */
static inline json_t *json_text(struct str text)
{
    return json_stringn(text.ptr ? text.ptr : "", text.len);
}

/* The text of a member, which lives as long as the object; empty where there is none. */
static inline const char *json_member(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

/* The value that a text spells; NULL where it spells none, or where memory is out, which
 * json_no_memory then tells of `where`. */
static inline json_t *json_of_text(const char *text, size_t size, json_error_t *where)
{
    return json_loadb(text, size, JSON_REJECT_DUPLICATES, where);
}

/* jansson says nothing at all where an allocation fails in the middle of a token. */
static inline bool json_no_memory(const json_error_t *where)
{
    return where->text[0] == '\0' || json_error_code(where) == json_error_out_of_memory;
}

/* The text of a value, malloc'ed, and the value freed; NULL where it is NULL or memory is out. */
char *json_take_text(json_t *json, size_t flags);

#endif
