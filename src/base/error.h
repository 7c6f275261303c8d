/* Errors: how a layer fills the caller's struct rg_error. Used by every layer. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "relgraph/relgraph.h"

/* Writes status, layer and message into err (which may be NULL) and returns status, so that the
 * place that knows the cause can say `return error_set(err, RG_ERR_IO, "scan", "…", …)`. Clears
 * whatever err held before. A message that is too long is cut. */
RG_PRINTF(4, 5)
enum rg_status error_set(struct rg_error *err, enum rg_status status, const char *layer,
                         const char *format, ...);

/* Adds what to do about it. */
RG_PRINTF(2, 3)
void error_hint(struct rg_error *err, const char *format, ...);

/* Says where: file (may be NULL), 1-based line and column (0: unknown). */
void error_place(struct rg_error *err, const char *file, uint32_t line, uint32_t column);

/* Says which rule. */
void error_rule(struct rg_error *err, const char *rule);

/* An errno as an error: DISK_FULL for ENOSPC and EDQUOT, MEMORY for ENOMEM, else IO. `what` says
 * what was tried ("cannot write"), `path` on which file. */
enum rg_status error_errno(struct rg_error *err, const char *layer, int error_number,
                           const char *what, const char *path);

enum rg_status error_no_memory(struct rg_error *err, const char *layer);

/* CORRUPT: a file that is not what was written, and the hint for whoever has it. */
struct error_damage {
    const char *layer, *path, *hint;
};
RG_PRINTF(3, 4)
enum rg_status error_corrupt(struct rg_error *err, struct error_damage damage, const char *format,
                             ...);

#ifdef __clang_analyzer__
/* The static analyser sees one file at a time and cannot know that these never return RG_OK. */
static inline enum rg_status error_is(enum rg_status status)
{
    if (status == RG_OK)
        __builtin_unreachable();
    return status;
}
#define error_set(...)       error_is(error_set(__VA_ARGS__))
#define error_errno(...)     error_is(error_errno(__VA_ARGS__))
#define error_no_memory(...) error_is(error_no_memory(__VA_ARGS__))
#define error_corrupt(...)   error_is(error_corrupt(__VA_ARGS__))
#endif

/* States what we believe. A violation is a fault of ours, not of the input. */
#ifdef NDEBUG
#define RG_ASSERT(x) ((void)0)
#else
#include <assert.h>
#define RG_ASSERT(x) assert(x)
#endif

#endif
