/* relgraph build REPO --output DIR */
#include "cli/commands.h"

#include "cli/build_summary.h"
#include "cli/error_report.h"
#include "cli/interrupt.h"
#include "cli/progress_line.h"
#include "cli/session_open.h"
#include "cli/stdout_sink.h"
#include "cli/tier_options.h"
#include "relgraph/relgraph.h"

enum { THREADS_MAX = 1024 }; /* more is a typing error, not a machine */

static int show_result(const struct arguments *arguments, const struct rg_build_request *request,
                       const struct rg_build_result *result)
{
    struct sink sink = {0};
    if (arguments->json)
        summary_json(&sink.text, request, result);
    else if (!arguments->quiet)
        summary_text(&sink.text, request, result);
    int code = report_output(sink_finish(&sink), arguments->json);
    bool errors = result->files_partial || result->files_unreadable || result->rows_rejected;
    return code == EXIT_OK && arguments->strict && errors ? EXIT_WITH_ERRORS : code;
}

int command_build(const struct arguments *arguments)
{
    struct progress progress;
    struct tier_choice tiers;
    if (!tiers_read(arguments, &tiers))
        return EXIT_USAGE;
    struct rg_session_options options = {
        .on_event = progress_event,
        .user = &progress,
    };
    struct rg_build_request request = {
        .struct_size = sizeof request,
        .repository = arguments->operands[0],
        .output = arguments->output,
        .tier = tiers.tier,
        .dataset_tiers = tiers.datasets,
        .n_dataset_tiers = tiers.n_datasets,
        .rule_folders = arguments->rules.items,
        .n_rule_folders = arguments->rules.count,
        .module_prefix = arguments->module_prefix,
        .scip_files = arguments->scip.items,
        .n_scip_files = arguments->scip.count,
        .with_duckdb = arguments->with_duckdb,
        .strict = arguments->strict,
    };
    struct rg_session *session = NULL;
    struct rg_build_result *result = NULL;
    struct rg_error err = {0};
    if (!arguments->output)
        return report_usage("relgraph build needs --output DIR",
                            "the folder where the graph is to be; it is made where it is missing",
                            arguments->json);
    if (arguments->threads > THREADS_MAX)
        return report_usage("--threads is at most 1024", NULL, arguments->json);
    progress_init(&progress, arguments->json, arguments->quiet);
    if (session_open(arguments, options, &session, &err) != RG_OK)
        return report_error(&err, NULL, arguments->json);
    interrupt_watch(session);
    enum rg_status status = rg_build(session, &request, &result, &err);
    interrupt_forget();
    progress_end(&progress);
    int code = status == RG_OK ? show_result(arguments, &request, result)
                               : report_error(&err, NULL, arguments->json);
    rg_build_result_free(result);
    rg_session_close(session);
    return code;
}
