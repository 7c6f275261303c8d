/* Named switches over the engine's optimizers. A gate that is on leaves the engine as it is; one
 * that is off takes a way around: the same rows, without that optimizer. */
#ifndef ENGINE_GATES_H
#define ENGINE_GATES_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "engine/settings.h"

struct gate_spec {
    const char *name;       /* the setting is gate.<name> */
    const char *optimizers; /* of the engine, separated by commas: what off disables */
    const char *what;
};
extern const struct gate_spec gate_specs[];
extern const size_t gate_specs_count;

/* The list of the engine's optimizers that these gates (bits by number) disable. */
void gates_print_disabled(uint64_t gates_off, struct buffer *out);

/* Documented ways out of a failure: each is a bundle of settings. */
struct playbook {
    const char *name;
    const char *what; /* when to use it */
    const struct playbook_value {
        const char *key, *value;
    } * values; /* ended by a NULL key */
};
extern const struct playbook playbooks[];
extern const size_t playbooks_count;

#endif
