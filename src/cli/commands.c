/* The table of commands: what can be typed, and what help says of it. */
#include "cli/commands.h"

#include <string.h>

#include "cli/error_report.h"
#include "cli/stdout_sink.h"
#include "relgraph/relgraph.h"

#define FIELD(name) offsetof(struct arguments, name)

static const struct choice export_formats[] = {{"scip", RG_EXPORT_SCIP}, {0}};

static const struct choice formats[] = {
    {"table", FORMAT_TABLE},     {"csv", FORMAT_CSV},
    {"json", FORMAT_JSON},       {"jsonl", FORMAT_JSONL},
    {"arrow", FORMAT_ARROW},     {"arrow-file", FORMAT_ARROW_FILE},
    {"parquet", FORMAT_PARQUET}, {0},
};

#define PRESET_OPTIONS                                                                             \
    {"profile",                                                                                    \
     "PROFILE",                                                                                    \
     "preset: prod_fast (default), dev_debug, memory_tight",                                       \
     OPTION_TEXT,                                                                                  \
     FIELD(profile),                                                                               \
     NULL,                                                                                         \
     0},                                                                                           \
    {                                                                                              \
        "set", "KEY=VALUE", "change one setting; may be repeated; relgraph config lists them",     \
            OPTION_TEXTS, FIELD(settings), NULL, 0                                                 \
    }

#define SESSION_OPTIONS                                                                            \
    PRESET_OPTIONS,                                                                                \
        {"disable",                                                                                \
         "GATE",                                                                                   \
         "do without an optimizer of the engine; may be repeated",                                 \
         OPTION_TEXTS,                                                                             \
         FIELD(disabled),                                                                          \
         NULL,                                                                                     \
         0},                                                                                       \
    {                                                                                              \
        "playbook", "NAME", "settings against a failure: memory, dynamic_filters, canonical",      \
            OPTION_TEXTS, FIELD(playbooks), NULL, 0                                                \
    }

#define SETTINGS_HELP                                                                              \
    "Settings come from the profile, then from variables of the environment (engine.threads is\n"  \
    "RELGRAPH_ENGINE_THREADS), playbooks, options and --set; the later one wins.\n"                \
    "docs/settings.md tells what they do.\n"

static const struct option build_options[] = {
    {"output", "DIR", "folder of the graph; made where it is missing", OPTION_TEXT, FIELD(output),
     NULL, 0},
    {"tier", "TIER", "fast, stable (default), canonical; edges=TIER for one dataset", OPTION_TEXTS,
     FIELD(tiers), NULL, 0},
    {"threads", "N", "threads to use; default: all cores, or what the profile says", OPTION_COUNT,
     FIELD(threads), NULL, 0},
    {"memory", "SIZE", "memory limit of the engine, such as 2GB", OPTION_TEXT, FIELD(memory), NULL,
     0},
    {"rules", "DIR", "add the rules of this folder; may be repeated", OPTION_TEXTS, FIELD(rules),
     NULL, 0},
    {"scip", "FILE", "also read this SCIP index of the repository; may be repeated", OPTION_TEXTS,
     FIELD(scip), NULL, 0},
    {"module-prefix", "P", "dotted name under which the root is imported; default: found out",
     OPTION_TEXT, FIELD(module_prefix), NULL, 0},
    {"with-duckdb", NULL, "also write graph.duckdb, for the stock duckdb client", OPTION_FLAG,
     FIELD(with_duckdb), NULL, 0},
    {"json-props", NULL, "also write props_json: the properties of each node as a JSON object",
     OPTION_FLAG, FIELD(json_props), NULL, 0},
    {"symbols", NULL, "also write symbols and occurrences: what each name means where it stands",
     OPTION_FLAG, FIELD(symbols), NULL, 0},
    {"strict", NULL, "rows that break their contract fail the build; see below", OPTION_FLAG,
     FIELD(strict), NULL, 0},
    SESSION_OPTIONS,
    {0},
};

static const struct option config_options[] = {
    {"threads", "N", "as of a build", OPTION_COUNT, FIELD(threads), NULL, 0},
    {"memory", "SIZE", "as of a build", OPTION_TEXT, FIELD(memory), NULL, 0},
    SESSION_OPTIONS,
    {0},
};

static const struct option query_options[] = {
    {"format", "F", "table (default), csv, json, jsonl, arrow, arrow-file, parquet", OPTION_CHOICE,
     FIELD(format), formats, 0},
    {"output", "FILE", "write the result to a file, which appears when it is whole", OPTION_TEXT,
     FIELD(output), NULL, 0},
    {"limit", "N", "stop after N rows", OPTION_COUNT, FIELD(limit), NULL, FIELD(limited)},
    {"timeout", "SECONDS", "give up after this time", OPTION_SECONDS, FIELD(timeout_seconds), NULL,
     0},
    {"param", "VALUE", "value of $1, the next of $2, …; a text, cast where a number is needed",
     OPTION_TEXTS, FIELD(params), NULL, 0},
    {"table", "NAME=FILE", "a Parquet, CSV or TSV file as a table of the query; may be repeated",
     OPTION_TEXTS, FIELD(tables), NULL, 0},
    SESSION_OPTIONS,
    {0},
};

static const struct option source_options[] = {
    {"repo", "PATH", "where the repository lies now; default: where it was built from", OPTION_TEXT,
     FIELD(repo), NULL, 0},
    {0},
};

static const struct option export_options[] = {
    {"format", "F", "scip (default)", OPTION_CHOICE, FIELD(export_format), export_formats, 0},
    {"output", "FILE", "write into a file, which appears when it is whole", OPTION_TEXT,
     FIELD(output), NULL, 0},
    {"project-name", "N", "what symbols are called outside this repository; default: not told",
     OPTION_TEXT, FIELD(project_name), NULL, 0},
    {"project-version", "V", "and of which version", OPTION_TEXT, FIELD(project_version), NULL, 0},
    {0},
};

static const struct option explain_options[] = {
    {"run", "ID", "a run, or `last`; default: the one that made the current build", OPTION_TEXT,
     FIELD(run), NULL, 0},
    {"repo", "PATH", "of edge: where the repository lies now; default: where it was built from",
     OPTION_TEXT, FIELD(repo), NULL, 0},
    {"format", "F", "of rules: svg or dot", OPTION_TEXT, FIELD(picture), NULL, 0},
    {0},
};

static const struct option no_options[] = {{0}};

static const struct option replay_options[] = {
    {"threads", "N", "threads to use; default: all cores, or what the profile says", OPTION_COUNT,
     FIELD(threads), NULL, 0},
    {"memory", "SIZE", "memory limit of the engine, such as 2GB", OPTION_TEXT, FIELD(memory), NULL,
     0},
    {"scratch", "DIR", "folder for what is written in between; default: in the graph", OPTION_TEXT,
     FIELD(scratch), NULL, 0},
    SESSION_OPTIONS,
    {0},
};

static const struct option rules_options[] = {
    {"rules", "DIR", "add the rules of this folder; may be repeated", OPTION_TEXTS, FIELD(rules),
     NULL, 0},
    {0},
};

#define SELECTING                                                                                  \
    {"rules", "DIR", "add the rules of this folder; may be repeated", OPTION_TEXTS, FIELD(rules),  \
     NULL,    0},                                                                                  \
    {                                                                                              \
        "since", "DIR", "what `changed` compares with: a folder of rules, or a graph",             \
            OPTION_TEXT, FIELD(since), NULL, 0                                                     \
    }

static const struct option selecting_options[] = {SELECTING, {0}};

#define TIER_OF_RULES                                                                              \
    {                                                                                              \
        "tier", "TIER", "what rules must keep: fast, stable (default), canonical", OPTION_TEXTS,   \
            FIELD(tiers), NULL, 0                                                                  \
    }

static const struct option rules_check_options[] = {SELECTING, TIER_OF_RULES, PRESET_OPTIONS, {0}};

static const struct option rules_compile_options[] = {
    SELECTING,
    TIER_OF_RULES,
    {"dialect", "D", "duckdb (default), spark, postgres, clickhouse", OPTION_TEXT, FIELD(dialect),
     NULL, 0},
    {"output", "DIR", "write scripts into this folder, numbered in the order of running",
     OPTION_TEXT, FIELD(output), NULL, 0},
    PRESET_OPTIONS,
    {0},
};

static const struct option rules_lineage_options[] = {
    {"rules", "DIR", "add the rules of this folder; may be repeated", OPTION_TEXTS, FIELD(rules),
     NULL, 0},
    {"dot", NULL, "a graph for Graphviz: dashed is what decides which rows there are", OPTION_FLAG,
     FIELD(dot), NULL, 0},
    {0},
};

static const struct option rules_new_options[] = {
    {"output", "DIR", "folder of the new files; default: where you are", OPTION_TEXT, FIELD(output),
     NULL, 0},
    {0},
};

#define SELECTORS_HELP                                                                             \
    "A SELECTOR is the name of a rule or of what it emits; +name also takes all that it reads,\n"  \
    "name+ all that read it. tag:x, layer:x, language:x and emits:edges take rules by their\n"     \
    "header, changed those that differ from --since. Without a selector all rules are taken.\n"

static const struct command rules_commands[] = {
    {"rules list", "[SELECTOR…]", "list rules: what they emit, and why", SELECTORS_HELP, 0,
     OPERANDS_MAX, selecting_options, command_rules_list, NULL},
    {"rules check", "[SELECTOR…]", "tell what is wrong or doubtful with rules",
     SELECTORS_HELP "\nThe exit code is 1 where a rule is wrong.\n", 0, OPERANDS_MAX,
     rules_check_options, command_rules_check, NULL},
    {"rules compile", "[SELECTOR…]", "show the SQL that an engine gets, in its dialect",
     SELECTORS_HELP
     "\n  relgraph rules compile --dialect spark --output scripts/\n\n"
     "Scripts are to be run in the order of their names, over tables of the facts;\n"
     "they end in nodes, edges and the rest of the product. Rules with one reader become part\n"
     "of it (rules.fuse) where single queries of duckdb are shown, never in scripts.\n",
     0, OPERANDS_MAX, rules_compile_options, command_rules_compile, NULL},
    {"rules lineage", "COLUMN…", "show where columns come from and where they go",
     "A COLUMN is table.column, such as edges.dst or syntax.node_id; the table is a dataset, a\n"
     "relation (edges_call) or a rule.\n",
     1, OPERANDS_MAX, rules_lineage_options, command_rules_lineage, NULL},
    {"rules diff", "A B", "compare two versions of a rule or of a folder, by meaning",
     "A and B are .sql files or folders. Their rules stand in for the built-in ones of the same\n"
     "name; a folder with a datasets.sql is a set of its own.\n",
     2, 2, rules_options, command_rules_diff, NULL},
    {"rules test", "[SELECTOR…]", "run the tests beside the rules: NAME.test beside NAME.sql",
     SELECTORS_HELP, 0, OPERANDS_MAX, selecting_options, command_rules_test, NULL},
    {"rules new", "NAME", "write a rule and its test to start from", NULL, 1, 1, rules_new_options,
     command_rules_new, NULL},
    {0},
};

#define SQL_TEXT_OPTIONS                                                                           \
    {"file", "FILE", "read the text from a file; may be repeated", OPTION_TEXTS, FIELD(files),     \
     NULL,   0},                                                                                   \
    {                                                                                              \
        "dialect", "D", "of the text: duckdb (default), spark, postgres, clickhouse", OPTION_TEXT, \
            FIELD(dialect), NULL, 0                                                                \
    }
#define SQL_NAME_OPTIONS                                                                           \
    {"schema",                                                                                     \
     "FILE",                                                                                       \
     "the tables, as JSON: {\"table\": {\"column\": \"TYPE\"}}",                                   \
     OPTION_TEXT,                                                                                  \
     FIELD(schema),                                                                                \
     NULL,                                                                                         \
     0},                                                                                           \
    {                                                                                              \
        "strict", NULL, "unknown tables, unknown functions and wrong types are errors",            \
            OPTION_FLAG, FIELD(strict), NULL, 0                                                    \
    }

static const struct option sql_batch_options[] = {
    {"batch", NULL, "answer lines of JSON from standard input; see below", OPTION_FLAG,
     FIELD(batch), NULL, 0},
    {0},
};

static const struct option sql_text_options[] = {SQL_TEXT_OPTIONS, {0}};

static const struct option sql_name_options[] = {SQL_TEXT_OPTIONS, SQL_NAME_OPTIONS, {0}};

static const struct option sql_print_options[] = {
    SQL_TEXT_OPTIONS,
    SQL_NAME_OPTIONS,
    {"to", "D", "print in another dialect", OPTION_TEXT, FIELD(to), NULL, 0},
    {0},
};

static const struct option sql_fingerprint_options[] = {
    SQL_TEXT_OPTIONS,
    SQL_NAME_OPTIONS,
    {"columns", NULL, "also of the rows and of each column", OPTION_FLAG, FIELD(columns), NULL, 0},
    {0},
};

#define SQL_FROM "SQL may be - or missing: it is then read from standard input.\n"

static const struct command sql_commands[] = {
    {"sql parse", "[SQL]", "show the tree of a query or expression", SQL_FROM, 0, 1,
     sql_text_options, command_sql_parse, NULL},
    {"sql format", "[SQL]", "lay a text out in lines; comments stay", SQL_FROM, 0, 1,
     sql_text_options, command_sql_format, NULL},
    {"sql qualify", "[SQL]", "name the table of every column, expand every star", SQL_FROM, 0, 1,
     sql_print_options, command_sql_qualify, NULL},
    {"sql normalize", "[SQL]", "bring conditions into conjunctive normal form",
     SQL_FROM "A condition that would grow beyond measure stays as it is.\n", 0, 1,
     sql_text_options, command_sql_normalize, NULL},
    {"sql simplify", "[SQL]", "remove what changes nothing", SQL_FROM, 0, 1, sql_name_options,
     command_sql_simplify, NULL},
    {"sql prune", "[SQL]", "remove the columns of inner queries that nobody reads", SQL_FROM, 0, 1,
     sql_print_options, command_sql_prune, NULL},
    {"sql canonical", "[SQL]", "show the form that stands for a meaning",
     SQL_FROM "It is what the fingerprint is taken of.\n", 0, 1, sql_name_options,
     command_sql_canonical, NULL},
    {"sql lineage", "[SQL]", "show which columns every output is computed from",
     SQL_FROM "rows: the columns that decide which rows there are (WHERE, ON, GROUP BY, …).\n", 0,
     1, sql_name_options, command_sql_lineage, NULL},
    {"sql fingerprint", "[SQL]", "show a hash of what a query means",
     SQL_FROM "It does not change with layout, comments, aliases or the order of operands.\n", 0, 1,
     sql_fingerprint_options, command_sql_fingerprint, NULL},
    {"sql diff", "[SQL SQL]", "show what differs in meaning between two queries",
     "One of the two may be -, for standard input.\n\n"
     "  relgraph sql diff --file before.sql --file after.sql\n",
     0, 2, sql_name_options, command_sql_diff, NULL},
    {0},
};

const struct command commands[] = {
    {"build", "REPO --output DIR", "build the graph of a repository",
     "The graph is published whole or not at all: until then, and after a failure, the one that "
     "was\n"
     "there stays readable. Under --strict the exit code is 3 where files had syntax errors or "
     "could\n"
     "not be read. Ctrl-C stops the build; a second one exits at once.\n"
     "\n" SETTINGS_HELP,
     1, 1, build_options, command_build, NULL},
    {"query", "DIR SQL", "ask a graph: one SELECT, in an engine that sees the graph alone",
     "SQL may be - to be read from standard input. Tables and macros: relgraph schema.\n"
     "\n"
     "  relgraph query graph/ \"SELECT kind, count(*) AS n FROM nodes GROUP BY ALL ORDER BY n "
     "DESC\"\n"
     "  relgraph query graph/ \"FROM callers('get')\" --format jsonl\n"
     "  relgraph query graph/ --table sinks=sinks.csv \"FROM calls SEMI JOIN sinks ON callee = "
     "name\"\n"
     "\n"
     "A query reads the graph and the files given with --table, and reaches nothing else.\n"
     "On a terminal a table is cut to its width; anywhere else it is whole. csv is RFC 4180 with "
     "a\n"
     "header row; NULL is an empty field and an empty text is \"\". In json and jsonl identifiers\n"
     "(node_id, src, dst, ambiguity_group and what ends in _id) are strings, since 64 bits do not\n"
     "survive JavaScript's numbers; so is any other integer beyond 2^53. --json means --format "
     "json.\n"
     "arrow is the Arrow IPC streaming format, arrow-file the same with a footer (Feather V2).\n"
     "parquet needs --output FILE.\n",
     2, 2, query_options, command_query, NULL},
    {"source", "DIR NODE_ID", "show the source text of a node",
     "The text is read from the repository's file, which must still be the one that was built.\n",
     2, 2, source_options, command_source, NULL},
    {"export", "DIR", "write a graph in a format of others: a SCIP index",
     "For graphs that were built with --symbols. Code browsers read SCIP: documents, symbols,\n"
     "occurrences with their roles, what implements what. Columns count UTF-8 bytes.\n",
     1, 1, export_options, command_export, NULL},
    {"runs", "DIR", "list the runs of a graph: when, how fast, and how they ended",
     "Each run leaves a bundle in DIR/runs, whether it succeeded or not: what it was to do, the "
     "SQL\n"
     "that the engine got, diagnostics, versions. The newest ten are kept.\n",
     1, 1, no_options, command_runs, NULL},
    {"replay", "DIR/runs/ID", "run the stored statements of a run again and compare the outputs",
     "DIR alone means the run of its current build. The statements are those of the bundle, the\n"
     "facts those in DIR/state: no rules are read or compiled. Files must have the bytes of the "
     "run,\n"
     "or what their tier promises: stable the same rows in the same order, fast the same rows. "
     "The\n"
     "graph is not changed. The exit code is 0 where all outputs match and 1 where they do not.\n",
     1, 1, replay_options, command_replay, NULL},
    {"explain", "DIR [run|rule|edge|rules …]",
     "show where a run's time went, and why an edge is there",
     "  relgraph explain graph/ run                   stages, slowest rules, fallbacks, failures\n"
     "  relgraph explain graph/ rule edge_ast         what a rule reads, its SQL, rows, operators\n"
     "  relgraph explain graph/ edge CALL main total  who found an edge, why, and from which rows\n"
     "  relgraph explain graph/ rules --format svg    the rules as a picture\n"
     "\n"
     "A node is named by its id, its name, its qualified name, or path:line; where several edges\n"
     "fit, they are listed. Operators are measured where run.explain_level is analyze, as in the\n"
     "profile dev_debug. The tables behind it: docs/diagnostics.md.\n",
     1, 5, explain_options, command_explain, NULL},
    {"rules", "COMMAND", "list, check, compile, compare and test the rules that make a graph",
     "How to write one: docs/writing-rules.md.\n", 0, 0, no_options, NULL, rules_commands},
    {"sql", "COMMAND", "work on single texts of SQL, without a graph",
     "--batch reads one JSON object a line and answers one a line:\n"
     "\n"
     "  {\"id\": 1, \"op\": \"lineage\", \"sql\": \"SELECT a FROM t\", \"schema\": {\"t\": {\"a\": "
     "\"INT\"}}}\n"
     "  {\"id\":1,\"ok\":true,\"result\":{\"value\":{\"a\":[\"t.a\"]},\"control\":[]}}\n"
     "\n"
     "op is the name of a command; dialect, schema, others (a list of texts: what diff compares\n"
     "with) and options (an object) may be missing. A line that is wrong is answered with\n"
     "{\"ok\": false, \"error\": {code, message, line, column, hint}}, and the next one is read.\n",
     0, 0, sql_batch_options, command_sql, sql_commands},
    {"config", "", "show the settings in force, and where each came from",
     SETTINGS_HELP "\n  relgraph config --profile memory_tight --set engine.threads=1\n", 0, 0,
     config_options, command_config, NULL},
    {"schema", "", "show what can be asked: tables, columns, kinds, macros", NULL, 0, 0, no_options,
     command_schema, NULL},
    {"version", "", "show the versions of relgraph and of what is in it", NULL, 0, 0, no_options,
     command_version, NULL},
    {"help", "[COMMAND]", "show help", NULL, 0, 2, no_options, command_help, NULL},
};
const size_t commands_count = sizeof commands / sizeof commands[0];

int command_help(const struct arguments *arguments)
{
    struct sink sink = {0};
    if (arguments->n_operands == 0) {
        help_overview(&sink.text);
    } else {
        const char *const *words = arguments->operands;
        int used = 0;
        const struct command *group = NULL, *command = command_find(words, &used, &group);
        if (!command)
            return report_unknown_command(group, words[used - 1], arguments->json);
        if (used < (int)arguments->n_operands)
            return report_usage("there is no such command", "relgraph help lists the commands",
                                arguments->json);
        help_command(&sink.text, command);
    }
    return report_output(sink_finish(&sink), arguments->json);
}
