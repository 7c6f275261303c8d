/* The commands, one function each in a file of its own. They return an exit code. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/options.h"

enum query_format {
    FORMAT_TABLE = 0,
    FORMAT_CSV,
    FORMAT_JSON,
    FORMAT_JSONL,
    FORMAT_ARROW,      /* Arrow IPC stream */
    FORMAT_ARROW_FILE, /* Arrow IPC file */
    FORMAT_PARQUET
};

int command_build(const struct arguments *arguments);
int command_query(const struct arguments *arguments);
int command_source(const struct arguments *arguments);
int command_export(const struct arguments *arguments);
int command_runs(const struct arguments *arguments);
int command_replay(const struct arguments *arguments);
int command_explain(const struct arguments *arguments);
int command_config(const struct arguments *arguments);
int command_schema(const struct arguments *arguments);
int command_rules_list(const struct arguments *arguments);
int command_sql(const struct arguments *arguments);
int command_sql_parse(const struct arguments *arguments);
int command_sql_format(const struct arguments *arguments);
int command_sql_qualify(const struct arguments *arguments);
int command_sql_normalize(const struct arguments *arguments);
int command_sql_simplify(const struct arguments *arguments);
int command_sql_prune(const struct arguments *arguments);
int command_sql_canonical(const struct arguments *arguments);
int command_sql_lineage(const struct arguments *arguments);
int command_sql_fingerprint(const struct arguments *arguments);
int command_sql_diff(const struct arguments *arguments);
int command_rules_check(const struct arguments *arguments);
int command_rules_compile(const struct arguments *arguments);
int command_rules_lineage(const struct arguments *arguments);
int command_rules_diff(const struct arguments *arguments);
int command_rules_test(const struct arguments *arguments);
int command_rules_new(const struct arguments *arguments);
int command_version(const struct arguments *arguments);
int command_help(const struct arguments *arguments);

#endif
