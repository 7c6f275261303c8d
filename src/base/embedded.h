/* Files of the source tree that are part of the binary (rules/, languages/), sorted by name. */
#ifndef BASE_EMBEDDED_H
#define BASE_EMBEDDED_H

#include <stddef.h>

struct embedded_file {
    const char *name; /* relative to its folder: call_bound.sql, python/python.scm */
    const char *data; /* with a NUL behind it */
    size_t size;
};

extern const struct embedded_file embedded_rules[];
extern const size_t embedded_rules_count;
/* The tests beside the rules, *.test. */
extern const struct embedded_file embedded_rule_tests[];
extern const size_t embedded_rule_tests_count;
extern const struct embedded_file embedded_languages[];
extern const size_t embedded_languages_count;

#endif
