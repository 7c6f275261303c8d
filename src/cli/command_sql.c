/* relgraph sql …: the rule compiler on its own. */
#include "cli/commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/error_report.h"
#include "cli/read_text.h"
#include "cli/sql_view.h"
#include "cli/stdout_sink.h"
#include "relgraph/relgraph.h"

enum {
    TEXT_BYTES_MAX = 64 << 20, /* what the library takes is less, and it says so */
    LINE_BYTES_MAX = 65 << 20,
    TEXTS_MAX = 2
};

/* The texts of a command: operands, files, or standard input. */
struct texts {
    const char *items[TEXTS_MAX];
    const char *files[TEXTS_MAX]; /* NULL: not from a file */
    char *owned[TEXTS_MAX];
    size_t n;
};

static void texts_fini(struct texts *texts)
{
    for (size_t i = 0; i < TEXTS_MAX; i++)
        free(texts->owned[i]);
}

static bool texts_add(struct texts *texts, const char *text, const char *file, bool json, int *code)
{
    bool from_stdin = text && strcmp(text, "-") == 0;
    if (!text || from_stdin) {
        texts->owned[texts->n] =
            read_text(text ? text : file, TEXT_BYTES_MAX, "the SQL", json, code);
        if (!texts->owned[texts->n])
            return false;
        text = texts->owned[texts->n];
    }
    texts->files[texts->n] = file;
    texts->items[texts->n++] = text;
    return true;
}

/* Operands first, then files; with neither one text comes from standard input. */
static bool texts_read(struct texts *texts, const struct arguments *arguments, size_t wanted,
                       int *out_code)
{
    size_t given = arguments->n_operands + arguments->files.count;
    if (given > wanted || (given < wanted && wanted > 1)) {
        *out_code = report_usage(wanted > 1 ? "two texts are needed: arguments, or --file twice"
                                            : "one text is enough: an argument or --file",
                                 NULL, arguments->json);
        return false;
    }
    for (size_t i = 0; i < arguments->n_operands; i++)
        if (!texts_add(texts, arguments->operands[i], NULL, arguments->json, out_code))
            return false;
    for (size_t i = 0; i < arguments->files.count; i++)
        if (!texts_add(texts, NULL, arguments->files.items[i], arguments->json, out_code))
            return false;
    return given > 0 || texts_add(texts, "-", NULL, arguments->json, out_code);
}

static int report_sql_error(struct rg_error *err, const struct texts *texts,
                            const struct arguments *arguments)
{
    bool other = strncmp(err->file, "others", 6) == 0;
    size_t which = other && texts->n > 1 ? 1 : 0;
    const char *sql = err->line ? texts->items[which] : NULL;
    if (other && !texts->files[which])
        snprintf(err->file, sizeof err->file, "the second text");
    else if (sql && texts->files[which])
        snprintf(err->file, sizeof err->file, "%s", texts->files[which]);
    return report_error(err, sql, arguments->json);
}

/* --json: what the library found, as one object. */
static void put_json(struct text *out, const struct rg_sql_result *result)
{
    if (result->sql && result->json) {
        text_cstr(out, "{\"sql\":");
        text_json(out, result->sql, strlen(result->sql));
        text_printf(out, ",%s\n", result->json + 1);
    } else if (result->sql) {
        text_cstr(out, "{\"sql\":");
        text_json(out, result->sql, strlen(result->sql));
        text_cstr(out, "}\n");
    } else {
        text_printf(out, "%s\n", result->json);
    }
}

typedef void view_fn(struct text *out, const json_t *answer);

static void view_tree(struct text *out, const json_t *answer)
{
    text_cstr(out, json_string_value(json_object_get(answer, "result")));
}

static int show_result(const struct rg_sql_result *result, const struct arguments *arguments,
                       view_fn *view)
{
    struct sink sink = {0};
    json_t *answer = !arguments->json && view ? json_loads(result->json, 0, NULL) : NULL;
    if (answer) {
        view(&sink.text, answer);
    } else if (!arguments->json && result->sql) {
        size_t length = strlen(result->sql);
        text_cstr(&sink.text, result->sql);
        text_char(&sink.text, '\n', length == 0 || result->sql[length - 1] != '\n');
    } else {
        put_json(&sink.text, result);
    }
    json_decref(answer);
    return report_output(sink_finish(&sink), arguments->json);
}

/* The options of the command line as those of a request. */
static void put_options(struct text *out, const struct arguments *arguments)
{
    text_printf(out, "{\"strict\":%s,\"columns\":%s", arguments->strict ? "true" : "false",
                arguments->columns ? "true" : "false");
    if (arguments->to) {
        text_cstr(out, ",\"to\":");
        text_json(out, arguments->to, strlen(arguments->to));
    }
    text_cstr(out, "}");
}

static int sql_run(const struct arguments *arguments, const char *op, size_t wanted, view_fn *view)
{
    struct texts texts = {.n = 0};
    struct text options = {0};
    struct rg_sql_result result = {0};
    struct rg_error err = {0};
    char *schema = NULL;
    int code = EXIT_OK;
    if (arguments->schema)
        schema = read_text(arguments->schema, TEXT_BYTES_MAX, "the schema", arguments->json, &code);
    if ((arguments->schema && !schema) || !texts_read(&texts, arguments, wanted, &code))
        goto out;
    put_options(&options, arguments);
    struct rg_sql_request request = {
        .struct_size = sizeof request,
        .op = op,
        .sql = texts.items[0],
        .dialect = arguments->dialect,
        .schema = schema,
        .others = &texts.items[1],
        .n_others = texts.n - 1,
        .options = options.data,
    };
    if (rg_sql(&request, &result, &err) != RG_OK)
        code = report_sql_error(&err, &texts, arguments);
    else
        code = show_result(&result, arguments, view);
out:
    rg_sql_result_fini(&result);
    texts_fini(&texts);
    text_fini(&options);
    free(schema);
    return code;
}

int command_sql_parse(const struct arguments *arguments)
{
    return sql_run(arguments, "parse", 1, view_tree);
}

int command_sql_format(const struct arguments *arguments)
{
    return sql_run(arguments, "format", 1, NULL);
}

int command_sql_qualify(const struct arguments *arguments)
{
    return sql_run(arguments, "qualify", 1, NULL);
}

int command_sql_normalize(const struct arguments *arguments)
{
    return sql_run(arguments, "normalize", 1, NULL);
}

int command_sql_simplify(const struct arguments *arguments)
{
    return sql_run(arguments, "simplify", 1, NULL);
}

int command_sql_prune(const struct arguments *arguments)
{
    return sql_run(arguments, "prune", 1, NULL);
}

int command_sql_canonical(const struct arguments *arguments)
{
    return sql_run(arguments, "canonical", 1, NULL);
}

int command_sql_lineage(const struct arguments *arguments)
{
    return sql_run(arguments, "lineage", 1, sql_view_lineage);
}

int command_sql_fingerprint(const struct arguments *arguments)
{
    return sql_run(arguments, "fingerprint", 1, sql_view_fingerprint);
}

int command_sql_diff(const struct arguments *arguments)
{
    return sql_run(arguments, "diff", 2, sql_view_diff);
}

/* --- Lines of JSON -------------------------------------------------------------------------- */

/* Answers one line, at once: who asks may wait for it. Returns an errno. */
static int answer_line(const struct text *line)
{
    char *answer = NULL;
    struct rg_error err = {0};
    if (line->failed || rg_sql_line(line->data ? line->data : "", line->len, &answer, &err))
        return ENOMEM;
    size_t size = strlen(answer);
    bool good = fwrite(answer, 1, size, stdout) == size && fputc('\n', stdout) != EOF &&
                fflush(stdout) == 0;
    int error_number = good ? 0 : errno;
    rg_text_free(answer);
    return error_number;
}

/* What is beyond the bound is dropped; the library says of the rest that it is too long. */
static void line_append(struct text *line, const char *bytes, size_t n)
{
    size_t room = line->len < LINE_BYTES_MAX ? LINE_BYTES_MAX - line->len : 0;
    text_append(line, bytes, n < room ? n : room);
}

static int answer_lines(struct text *line)
{
    char bytes[1 << 16];
    ssize_t n;
    int error_number = 0;
    while ((n = read(STDIN_FILENO, bytes, sizeof bytes)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        const char *at = bytes, *end = bytes + n;
        for (const char *stop; (stop = memchr(at, '\n', (size_t)(end - at))); at = stop + 1) {
            line_append(line, at, (size_t)(stop - at));
            error_number = answer_line(line);
            if (error_number)
                return error_number;
            text_clear(line);
        }
        line_append(line, at, (size_t)(end - at));
    }
    return line->len ? answer_line(line) : 0;
}

int command_sql(const struct arguments *arguments)
{
    struct text line = {0};
    if (!arguments->batch)
        return report_usage("relgraph sql needs a command, or --batch",
                            "relgraph help sql lists the commands", arguments->json);
    int error_number = answer_lines(&line);
    text_fini(&line);
    return report_output(error_number == EPIPE ? 0 : error_number, arguments->json);
}
