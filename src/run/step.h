/* What a run does in its store, one step at a time: a SELECT, and what becomes of its rows. The
 * statement around the SELECT is printed here and nowhere else. So a record of the steps is all
 * that it takes to run them again, and whoever does so need not trust anything but SELECTs.
 * Neighbours: relations.c, fixpoint.c and write.c take the steps, replay.c takes them again. */
#ifndef RUN_STEP_H
#define RUN_STEP_H

#include "base/buffer.h"
#include "engine/store.h"
#include "run/run.h"

/* Where steps put what is in between: made before the first one, and gone after the last. In memory
 * (from which it may be spilled) nothing is compressed or written, which halves what rules cost. In
 * the facts' file is what somebody wants to look at, or what has no room in memory. */
#define STEP_PRELUDE            "ATTACH IF NOT EXISTS ':memory:' AS work;\n"
#define STEP_CONCLUSION         "DETACH work;\n"
#define STEP_PRELUDE_IN_FILE    "CREATE SCHEMA IF NOT EXISTS work;\n"
#define STEP_CONCLUSION_IN_FILE "DROP SCHEMA work CASCADE;\n"

/* The statement as the engine gets it; not of files, which write.c writes. */
void step_print(const struct run_step *step, struct buffer *out);

/* The name of a kind in a run bundle: "table". */
const char *step_kind_name(enum step_kind kind);
/* False where there is none of that name. */
bool step_kind_find(struct str name, enum step_kind *out_kind);

#endif
