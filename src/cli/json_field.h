/* The library's answers are JSON; views of them read texts by name. */
#ifndef CLI_JSON_FIELD_H
#define CLI_JSON_FIELD_H

#include <jansson.h>

#include "cli/display_text.h"

/* The text of a member, which lives as long as the object; empty where there is none. */
const char *json_field(const json_t *object, const char *name);

/* Appends a text with the members of an object in it: "by {rule}: {why}\n". They come as they may
 * go to a terminal: a graph, a bundle or a rule may be anybody's. */
void json_print(struct text *out, const json_t *object, const char *pattern);

#endif
