/* relgraph version */
#include "cli/commands.h"

#include <string.h>

#include "cli/error_report.h"
#include "cli/stdout_sink.h"
#include "relgraph/relgraph.h"

enum { COMPONENTS_MAX = 64 };

static void version_json(struct text *out, const struct rg_component *rows, size_t n)
{
    text_cstr(out, "{\"version\":");
    text_json(out, rg_version(), strlen(rg_version()));
    text_cstr(out, ",\"components\":{");
    for (size_t i = 0; i < n; i++) {
        text_cstr(out, i ? "," : "");
        text_json(out, rows[i].name, strlen(rows[i].name));
        text_char(out, ':', 1);
        text_json(out, rows[i].version, strlen(rows[i].version));
    }
    text_cstr(out, "}}\n");
}

int command_version(const struct arguments *arguments)
{
    struct rg_component rows[COMPONENTS_MAX];
    size_t n = rg_components(rows, COMPONENTS_MAX);
    n = n < COMPONENTS_MAX ? n : COMPONENTS_MAX;
    struct sink sink = {0};
    if (arguments->json) {
        version_json(&sink.text, rows, n);
    } else {
        text_printf(&sink.text, "relgraph %s\n", rg_version());
        for (size_t i = 0; i < n; i++)
            text_printf(&sink.text, "  %-20s %s\n", rows[i].name, rows[i].version);
    }
    return report_output(sink_finish(&sink), arguments->json);
}
