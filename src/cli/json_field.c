/* Texts of JSON objects, for people. */
#include "cli/json_field.h"

#include <string.h>

const char *json_field(const json_t *object, const char *name)
{
    const char *value = json_string_value(json_object_get(object, name));
    return value ? value : "";
}

void json_print(struct text *out, const json_t *object, const char *pattern)
{
    while (*pattern) {
        size_t length = strcspn(pattern, "{");
        text_append(out, pattern, length);
        pattern += length;
        if (!*pattern)
            return;
        const char *name = pattern + 1;
        length = strcspn(name, "}");
        const char *value = json_string_value(json_object_getn(object, name, length));
        text_shown(out, value ? value : "");
        pattern = name + length + (name[length] == '}');
    }
}
