/* Builds of small repositories, for tests of what a whole build does. */
#ifndef TESTS_BUILD_FIXTURE_H
#define TESTS_BUILD_FIXTURE_H

#include <inttypes.h>

#include "base/buffer.h"
#include "extract/folder_fixture.h"
#include "relgraph/relgraph.h"

/* Two modules in a package whose root is the repository, so that a prefix can be found. */
static inline void add_shop(struct folder *repository)
{
    folder_add_text(repository, "__init__.py", "VERSION = 1\n");
    folder_add_text(repository, "prices.py",
                    "class Price:\n"
                    "    def __init__(self, amount):\n"
                    "        self.amount = amount\n"
                    "\n"
                    "    def taxed(self):\n"
                    "        return rounded(self.amount * 1.19)\n"
                    "\n"
                    "\n"
                    "def rounded(amount):\n"
                    "    return int(amount)\n");
    folder_add_text(repository, "till.py",
                    "from shop.prices import Price, rounded\n"
                    "\n"
                    "\n"
                    "def total(amounts):\n"
                    "    return rounded(sum(Price(a).taxed() for a in amounts))\n");
    folder_add_text(repository, "broken.py", "def half(:\n    return 1\n");
}

static inline struct rg_session *session_with(void (*on_event)(void *, const struct rg_event *),
                                              void *user)
{
    struct rg_session_options options = {
        .struct_size = sizeof options, .threads = 2, .on_event = on_event, .user = user};
    struct rg_session *session = NULL;
    struct rg_error err = {0};
    enum rg_status status = rg_session_open(&options, &session, &err);
    assert_string_equal(err.message, "");
    assert_int_equal(status, RG_OK);
    return session;
}

static inline struct rg_build_request request_for(const char *repository, const char *output)
{
    return (struct rg_build_request){
        .struct_size = sizeof(struct rg_build_request), .repository = repository, .output = output};
}

/* Builds in a session of its own and drops the result. */
static inline enum rg_status build_once(const struct rg_build_request *request,
                                        struct rg_error *err)
{
    struct rg_session *session = session_with(NULL, NULL);
    struct rg_build_result *result = NULL;
    enum rg_status status = rg_build(session, request, &result, err);
    assert_true((status == RG_OK) == (result != NULL));
    rg_build_result_free(result);
    rg_session_close(session);
    return status;
}

static inline void assert_built(const struct rg_build_request *request)
{
    struct rg_error err = {0};
    enum rg_status status = build_once(request, &err);
    if (status != RG_OK)
        print_message("%s %s: %s\n", err.layer, err.rule, err.message);
    assert_int_equal(status, RG_OK);
}

/* One column of 64-bit integers or texts as lines. */
static inline void append_column(struct buffer *out, const char *format,
                                 const struct ArrowArray *batch)
{
    const struct ArrowArray *column = batch->children[0];
    const unsigned char *valid = (const unsigned char *)column->buffers[0];
    for (int64_t i = column->offset; i < column->offset + batch->length; i++) {
        if (valid && !(valid[i / 8] >> (i % 8) & 1)) {
            buffer_text(out, "-\n");
        } else if (format[0] == 'l') {
            buffer_printf(out, "%" PRId64 "\n", ((const int64_t *)column->buffers[1])[i]);
        } else {
            assert_string_equal(format, "u");
            const int32_t *offsets = (const int32_t *)column->buffers[1];
            buffer_append(out, (const char *)column->buffers[2] + offsets[i],
                          (size_t)(offsets[i + 1] - offsets[i]));
            buffer_char(out, '\n');
        }
    }
}

/* The first column of a query's rows as lines, malloc'ed; NULL and err on failure. */
static inline char *query_lines(const char *graph, const char *sql, struct rg_error *err)
{
    struct rg_session *session = session_with(NULL, NULL);
    struct rg_query_request request = {.struct_size = sizeof request, .graph = graph, .sql = sql};
    struct ArrowArrayStream stream;
    struct ArrowSchema schema;
    struct ArrowArray batch;
    struct buffer lines = {0};
    enum rg_status status = rg_query(session, &request, &stream, err);
    rg_session_close(session); /* the stream lives on without it */
    if (status != RG_OK)
        return NULL;
    assert_int_equal(stream.get_schema(&stream, &schema), 0);
    buffer_text(&lines, "");
    for (;;) {
        assert_int_equal(stream.get_next(&stream, &batch), 0);
        if (!batch.release)
            break;
        append_column(&lines, schema.children[0]->format, &batch);
        batch.release(&batch);
    }
    schema.release(&schema);
    stream.release(&stream);
    assert_false(lines.failed);
    return lines.data ? buffer_take(&lines) : strdup("");
}

static inline void assert_query(const char *graph, const char *sql, const char *expected)
{
    struct rg_error err = {0};
    char *lines = query_lines(graph, sql, &err);
    assert_string_equal(err.message, "");
    assert_string_equal(lines, expected);
    free(lines);
}

#endif
