/* A stream for a consumer that asks for a schema: columns are left out and put into another order,
 * nothing is converted and nothing copied. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/suggest.h"
#include "engine/arrow_ipc_write.h"

struct projection {
    struct ArrowArrayStream inner;
    size_t *columns; /* of the inner stream, in the order asked for */
    size_t n_columns;
};

static const char *name_of(const struct ArrowSchema *schema)
{
    return schema->name ? schema->name : "";
}

/* --- Comparing schemas ------------------------------------------------------------------------ */

/* Two types that are still to be compared. */
struct pair {
    const struct ArrowSchema *have, *asked;
};

/* Whether one type can be given for the other: the same, down to its parts, and no NULLs where none
 * are expected. Names inside are not compared but for those of structs. */
static bool same_type(const struct ArrowSchema *have, const struct ArrowSchema *asked,
                      struct pair *stack)
{
    size_t waiting = 0;
    stack[waiting++] = (struct pair){have, asked};
    while (waiting) {
        struct pair at = stack[--waiting];
        bool dictionaries = at.have->dictionary != NULL;
        if (!at.asked->format || strcmp(at.have->format, at.asked->format) != 0 ||
            at.have->n_children != at.asked->n_children ||
            dictionaries != (at.asked->dictionary != NULL) ||
            ((at.have->flags & ARROW_FLAG_NULLABLE) && !(at.asked->flags & ARROW_FLAG_NULLABLE)))
            return false;
        if ((uint64_t)at.have->n_children + 1 > LIMIT_ARROW_NODES - waiting)
            return false;
        if (dictionaries)
            stack[waiting++] = (struct pair){at.have->dictionary, at.asked->dictionary};
        for (int64_t i = 0; i < at.have->n_children; i++) {
            if (strcmp(at.have->format, "+s") == 0 &&
                strcmp(name_of(at.have->children[i]), name_of(at.asked->children[i])) != 0)
                return false;
            stack[waiting++] = (struct pair){at.have->children[i], at.asked->children[i]};
        }
    }
    return true;
}

static enum rg_status unknown_column(const struct ArrowSchema *have, const char *name,
                                     struct rg_error *err)
{
    struct suggestion near = {.name = str_of(name)};
    for (int64_t i = 0; i < have->n_children; i++)
        suggest_offer(&near, str_of(name_of(have->children[i])));
    error_set(err, RG_ERR_USAGE, ARROW_LAYER, "the stream has no column %s", name);
    if (near.best.ptr)
        error_hint(err, "did you mean " STR_FMT "?", STR_ARG(near.best));
    return RG_ERR_USAGE;
}

static enum rg_status find_column(const struct ArrowSchema *have, const struct ArrowSchema *asked,
                                  size_t *out_column, struct rg_error *err)
{
    size_t found = 0;
    for (int64_t i = 0; i < have->n_children; i++) {
        if (strcmp(name_of(have->children[i]), name_of(asked)) != 0)
            continue;
        *out_column = (size_t)i;
        found++;
    }
    if (!found)
        return unknown_column(have, name_of(asked), err);
    if (found > 1)
        return error_set(err, RG_ERR_USAGE, ARROW_LAYER,
                         "the stream has %zu columns named %s: which is meant?", found,
                         name_of(asked));
    return RG_OK;
}

static enum rg_status check_column(const struct ArrowSchema *have, const struct ArrowSchema *asked,
                                   struct pair *stack, struct rg_error *err)
{
    if (same_type(have, asked, stack))
        return RG_OK;
    bool nulls = (have->flags & ARROW_FLAG_NULLABLE) && !(asked->flags & ARROW_FLAG_NULLABLE);
    if (nulls && asked->format && strcmp(have->format, asked->format) == 0)
        error_set(err, RG_ERR_USAGE, ARROW_LAYER,
                  "column %s may hold NULL, and was asked for without", name_of(asked));
    else
        error_set(err, RG_ERR_USAGE, ARROW_LAYER,
                  "column %s has the Arrow type '%s'%s, and was asked for as '%s'%s",
                  name_of(asked), have->format, have->dictionary ? " with a dictionary" : "",
                  asked->format ? asked->format : "",
                  asked->dictionary ? " with a dictionary" : "");
    error_hint(err, "columns can be left out and put into another order, not converted: cast in "
                    "the query");
    return RG_ERR_USAGE;
}

static enum rg_status choose_columns(struct projection *projection, const struct ArrowSchema *have,
                                     const struct ArrowSchema *asked, struct rg_error *err)
{
    enum rg_status status = RG_OK;
    bool *taken = calloc((size_t)have->n_children + 1, sizeof *taken);
    struct pair *stack = calloc(LIMIT_ARROW_NODES, sizeof *stack);
    if (!taken || !stack)
        status = error_no_memory(err, ARROW_LAYER);
    for (size_t i = 0; i < projection->n_columns && !status; i++) {
        const struct ArrowSchema *column = asked->children[i];
        size_t *place = &projection->columns[i];
        status = find_column(have, column, place, err);
        if (!status && taken[*place])
            status = error_set(err, RG_ERR_USAGE, ARROW_LAYER, "column %s is asked for twice",
                               name_of(column));
        if (!status)
            status = check_column(have->children[*place], column, stack, err);
        if (!status)
            taken[*place] = true;
    }
    free(stack);
    free(taken);
    return status;
}

/* --- Columns in another order ------------------------------------------------------------------
 */

/* The whole stays as it came: a producer may keep in it what its children need. */
struct schema_parts {
    struct ArrowSchema whole, *children[];
};
struct array_parts {
    struct ArrowArray whole;
    const void *buffers[1];
    struct ArrowArray *children[];
};

static void schema_release(struct ArrowSchema *schema)
{
    struct schema_parts *parts = schema->private_data;
    parts->whole.release(&parts->whole);
    free(parts);
    schema->release = NULL;
}

static void array_release(struct ArrowArray *array)
{
    struct array_parts *parts = array->private_data;
    parts->whole.release(&parts->whole);
    free(parts);
    array->release = NULL;
}

/* Takes `from`, also when memory is out. */
static bool schema_take(const struct projection *projection, struct ArrowSchema *from,
                        struct ArrowSchema *out)
{
    size_t n = projection->n_columns;
    struct schema_parts *parts = calloc(1, sizeof *parts + n * sizeof *parts->children);
    if (!parts) {
        from->release(from);
        return false;
    }
    parts->whole = *from;
    for (size_t i = 0; i < n; i++)
        parts->children[i] = from->children[projection->columns[i]];
    *out = (struct ArrowSchema){.format = "+s",
                                .name = "",
                                .n_children = (int64_t)n,
                                .children = parts->children,
                                .release = schema_release,
                                .private_data = parts};
    return true;
}

static bool array_take(const struct projection *projection, struct ArrowArray *from,
                       struct ArrowArray *out)
{
    size_t n = projection->n_columns;
    struct array_parts *parts = calloc(1, sizeof *parts + n * sizeof *parts->children);
    if (!parts) {
        from->release(from);
        return false;
    }
    parts->whole = *from;
    for (size_t i = 0; i < n; i++)
        parts->children[i] = from->children[projection->columns[i]];
    *out = (struct ArrowArray){.length = from->length,
                               .offset = from->offset,
                               .n_buffers = 1,
                               .buffers = parts->buffers,
                               .n_children = (int64_t)n,
                               .children = parts->children,
                               .release = array_release,
                               .private_data = parts};
    return true;
}

/* --- The stream --------------------------------------------------------------------------------
 */

static int project_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
    struct projection *projection = stream->private_data;
    struct ArrowSchema schema = {0};
    *out = (struct ArrowSchema){.release = NULL};
    int failure = projection->inner.get_schema(&projection->inner, &schema);
    if (failure)
        return failure;
    return schema_take(projection, &schema, out) ? 0 : ENOMEM;
}

static int project_next(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
    struct projection *projection = stream->private_data;
    struct ArrowArray batch = {0};
    *out = (struct ArrowArray){.release = NULL};
    int failure = projection->inner.get_next(&projection->inner, &batch);
    if (failure || !batch.release)
        return failure;
    return array_take(projection, &batch, out) ? 0 : ENOMEM;
}

static const char *project_error(struct ArrowArrayStream *stream)
{
    struct projection *projection = stream->private_data;
    return projection->inner.get_last_error(&projection->inner);
}

static void project_release(struct ArrowArrayStream *stream)
{
    struct projection *projection = stream->private_data;
    projection->inner.release(&projection->inner);
    free(projection->columns);
    free(projection);
    stream->release = NULL;
}

enum rg_status rg_arrow_project(struct ArrowArrayStream *stream,
                                const struct ArrowSchema *requested,
                                struct ArrowArrayStream *out_stream, struct rg_error *err)
{
    *out_stream = (struct ArrowArrayStream){.release = NULL};
    if (!stream || !stream->release || !requested || !requested->format)
        return error_set(err, RG_ERR_USAGE, ARROW_LAYER, "there is no stream, or no schema");
    if (strcmp(requested->format, "+s") != 0 || requested->n_children < 1)
        return error_set(err, RG_ERR_USAGE, ARROW_LAYER, "the schema is not one of columns");
    struct ArrowSchema have = {0};
    struct projection *projection = calloc(1, sizeof *projection);
    if (!projection)
        return error_no_memory(err, ARROW_LAYER);
    enum rg_status status = RG_OK;
    projection->n_columns = (size_t)requested->n_children;
    projection->columns = calloc(projection->n_columns, sizeof *projection->columns);
    int failure = stream->get_schema(stream, &have);
    if (!projection->columns)
        status = error_no_memory(err, ARROW_LAYER);
    else if (failure)
        status = arrow_stream_error(stream, failure, err);
    else
        status = choose_columns(projection, &have, requested, err);
    if (have.release)
        have.release(&have);
    if (status) {
        free(projection->columns);
        free(projection);
        return status;
    }
    projection->inner = *stream;
    stream->release = NULL;
    *out_stream = (struct ArrowArrayStream){project_schema, project_next, project_error,
                                            project_release, projection};
    return RG_OK;
}
