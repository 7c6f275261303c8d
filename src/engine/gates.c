/* The gates and the playbooks: tables. Names of optimizers are those of duckdb_optimizers(); a test
 * compares them. */
#include "engine/gates.h"

const struct gate_spec gate_specs[] = {
    {"dynamic_join_filters", "join_filter_pushdown",
     "while a join runs, what its small side holds narrows the scan of the large one"},
    {"top_n", "top_n,top_n_window_elimination",
     "ORDER BY with LIMIT, and the best of each group, keep the best rows instead of sorting all"},
    {"late_materialization", "late_materialization",
     "a LIMIT finds its rows first and reads their other columns afterwards"},
    {"compressed_materialization", "compressed_materialization",
     "sorts and groups hold narrow values in fewer bytes"},
    {"statistics", "statistics_propagation,row_group_pruner",
     "least and greatest values of columns decide what need not be read or compared"},
    {"join_order", "join_order,build_side_probe_side",
     "the engine chooses the order of joins, and which side it keeps in memory"},
    {"join_elimination", "join_elimination", "joins that cannot change a row are left out"},
    {"common_subplans", "common_subplan,materialized_cte,cte_inlining",
     "parts of a query that occur twice run once"},
    {"window_self_join", "window_self_join", "windows over whole groups become a group and a join"},
};
const size_t gate_specs_count = sizeof gate_specs / sizeof *gate_specs;

void gates_print_disabled(uint64_t gates_off, struct buffer *out)
{
    bool first = true;
    for (size_t i = 0; i < gate_specs_count; i++) {
        if (!(gates_off >> i & 1))
            continue;
        buffer_text(out, first ? "" : ",");
        buffer_text(out, gate_specs[i].optimizers);
        first = false;
    }
}

static const struct playbook_value dynamic_filters[] = {
    {"gate.dynamic_join_filters", "off"}, {"gate.top_n", "off"}, {0}};

static const struct playbook_value memory[] = {{"engine.threads", "1"},
                                               {"extract.threads", "1"},
                                               {"io.threads", "1"},
                                               {"run.statements", "1"},
                                               {"engine.spill_always", "on"},
                                               {"extract.bytes_in_flight", "524288"},
                                               {"audit.ids", "2097152"},
                                               {"audit.table_bytes", "134217728"},
                                               {0}};

static const struct playbook_value canonical[] = {{"run.tier", "canonical"}, {0}};

const struct playbook playbooks[] = {
    {"dynamic_filters", "rows are missing or differ, and filters made while joining are suspected",
     dynamic_filters},
    {"memory", "a sort or a join runs out of memory: one statement on one thread, spilling early",
     memory},
    {"canonical", "files must be the same byte for byte, wherever and however they are made",
     canonical},
};
const size_t playbooks_count = sizeof playbooks / sizeof *playbooks;
