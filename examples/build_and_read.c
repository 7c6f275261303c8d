/*
 * Builds the graph of a repository and reads from it, with the public header alone:
 *
 *     cc build_and_read.c -lrelgraph && ./a.out path/to/repo graph/
 *
 * prints the ten functions that are called most.
 */
#include <stdio.h>
#include <string.h>

#include <relgraph/relgraph.h>

static int fail(const struct rg_error *err)
{
    fprintf(stderr, "%s: %s\n", rg_status_name(err->status), err->message);
    if (err->hint[0])
        fprintf(stderr, "%s\n", err->hint);
    return 1;
}

static void on_event(void *user, const struct rg_event *event)
{
    (void)user;
    if (event->kind == RG_EVENT_STAGE)
        fprintf(stderr, "%6.2f s  %s\n", event->seconds, event->name);
}

/* One batch of (name VARCHAR, calls BIGINT). Arrow keeps texts as bytes and 32-bit offsets into
 * them: https://arrow.apache.org/docs/format/CDataInterface.html */
static void print_batch(const struct ArrowArray *batch)
{
    const struct ArrowArray *name = batch->children[0], *calls = batch->children[1];
    const int32_t *ends = name->buffers[1];
    const char *bytes = name->buffers[2];
    const int64_t *counts = calls->buffers[1];
    for (int64_t row = 0; row < batch->length; row++) {
        int64_t n = name->offset + row, c = calls->offset + row;
        printf("%8lld  %.*s\n", (long long)counts[c], (int)(ends[n + 1] - ends[n]),
               bytes + ends[n]);
    }
}

static int print_most_called(struct rg_session *session, const char *graph)
{
    struct rg_query_request request = {
        .struct_size = sizeof request,
        .graph = graph,
        .sql = "SELECT callee, count(*) AS calls FROM calls WHERE callee IS NOT NULL "
               "GROUP BY callee ORDER BY calls DESC, callee LIMIT 10",
        .timeout_ms = 60000,
    };
    struct ArrowArrayStream stream;
    struct ArrowSchema schema;
    struct rg_error err = {0};
    if (rg_query(session, &request, &stream, &err) != RG_OK)
        return fail(&err);
    int code = stream.get_schema(&stream, &schema);
    if (code == 0) {
        /* Who reads a stream checks what is in it. */
        if (strcmp(schema.children[0]->format, "u") != 0 ||
            strcmp(schema.children[1]->format, "l") != 0)
            code = 1;
        schema.release(&schema);
    }
    while (code == 0) {
        struct ArrowArray batch;
        code = stream.get_next(&stream, &batch);
        if (code != 0 || !batch.release) /* failed, or the end of the stream */
            break;
        print_batch(&batch);
        batch.release(&batch);
    }
    if (code != 0)
        fprintf(stderr, "reading failed: %s\n", stream.get_last_error(&stream));
    stream.release(&stream);
    return code != 0;
}

int main(int argc, char **argv)
{
    struct rg_session_options options = {.struct_size = sizeof options, .on_event = on_event};
    struct rg_session *session = NULL;
    struct rg_build_result *result = NULL;
    struct rg_error err = {0};
    if (argc != 3) {
        fprintf(stderr, "usage: %s REPOSITORY GRAPH\n", argv[0]);
        return 2;
    }
    struct rg_build_request request = {
        .struct_size = sizeof request, .repository = argv[1], .output = argv[2]};
    if (rg_session_open(&options, &session, &err) != RG_OK)
        return fail(&err);
    int code = 0;
    if (rg_build(session, &request, &result, &err) != RG_OK) {
        code = fail(&err);
    } else {
        printf("%llu files, %llu lines\n", (unsigned long long)result->files,
               (unsigned long long)result->lines);
        code = print_most_called(session, argv[2]);
    }
    rg_build_result_free(result);
    rg_session_close(session);
    return code;
}
