/* Reading texts: bounded, and every failure told. */
#include "cli/read_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/error_report.h"
#include "cli/options.h"

static int failed(const char *message, bool json)
{
    struct rg_error err = {.status = RG_ERR_IO};
    snprintf(err.message, sizeof err.message, "%s", message);
    return report_error(&err, NULL, json);
}

/* What is wrong with what was read; NULL: nothing. */
static const char *fault_of(const struct text *text, size_t bytes_max)
{
    if (text->failed || text->len > bytes_max)
        return "is too long";
    return strlen(text->data) != text->len ? "holds a NUL byte" : NULL;
}

char *read_text(const char *path, size_t bytes_max, const char *what, bool json, int *out_code)
{
    bool from_stdin = strcmp(path, "-") == 0;
    const char *place = from_stdin ? "standard input" : path;
    struct text text = {0}, message = {0};
    char bytes[4096];
    size_t n;
    FILE *file = from_stdin ? stdin : fopen(path, "rb");
    text_cstr(&text, "");
    while (file && (n = fread(bytes, 1, sizeof bytes, file)) > 0 && text.len <= bytes_max)
        text_append(&text, bytes, n);
    bool bad = !file || ferror(file);
    if (bad)
        text_printf(&message, "cannot read %s from %s: %s", what, place, strerror(errno));
    if (file && !from_stdin)
        fclose(file);
    const char *fault = bad ? NULL : fault_of(&text, bytes_max);
    if (fault)
        text_printf(&message, "%s %s %s %s", what, from_stdin ? "on" : "in", place, fault);
    if (!bad && !fault)
        return text.data;
    const char *said = message.data ? message.data : "out of memory";
    *out_code = bad && !from_stdin ? failed(said, json) : report_usage(said, NULL, json);
    text_fini(&text);
    text_fini(&message);
    return NULL;
}
