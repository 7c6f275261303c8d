/* What can be set, one row each. Documentation (docs/settings.md), `relgraph config`, checks and
 * hashes come from here. */
#include "base/limits.h"
#include "engine/settings.h"

#define FIELD(name) offsetof(struct settings, name), sizeof(((struct settings *)0)->name)
#define NO_FIELD    0, 0
#define OF(a, b, c)                                                                                \
    {                                                                                              \
        a, b, c                                                                                    \
    } /* prod_fast, dev_debug, memory_tight */
#define SAME(x)                                                                                    \
    {                                                                                              \
        x, x, x                                                                                    \
    }
#define FAMILY                                                                                     \
    {                                                                                              \
        NULL, NULL, NULL                                                                           \
    }
#define RESULTS             REACH_RESULTS
#define INPUTS              REACH_INPUTS
#define COSTS               REACH_COSTS
#define ANY                 0, 0, CLIP_NONE
#define FROM(a, b)          a, b, CLIP_NONE
#define CLIPPED(a, b, kind) a, b, kind

#define MIB         (UINT64_C(1) << 20)
#define MEMORY_MIN  (64 * MIB) /* below this the engine cannot open its tables */
#define BYTES_MAX   (UINT64_C(1) << 50)
#define THREADS_MAX 1024 /* a typing error beyond this */

static const char *const profile_names[] = {"prod_fast", "dev_debug", "memory_tight", NULL};
static const char *const explain_levels[] = {"none", "plan", "analyze", NULL};
static const char *const tiers[] = {"requested", "fast", "stable", "canonical", NULL};
/* Powers of two: a shard is known by the first bits of an id, LIMIT_SHARD_BITS at most. */
static const char *const shard_counts[] = {"auto", "1",  "2",   "4",   "8", "16",
                                           "32",   "64", "128", "256", NULL};
static const char *const writers[] = {"engine", "arrow", NULL};

const struct setting_spec setting_specs[] = {
    {"profile", SETTING_CHOICE, FIELD(profile), ANY, OF("prod_fast", "dev_debug", "memory_tight"),
     COSTS, profile_names, "the preset that all other values begin from", NULL},
    {"playbook", SETTING_TEXT, NO_FIELD, ANY, SAME(""), COSTS, NULL,
     "ways out of a failure that are in force, each a bundle of settings", NULL},

    {"engine.threads", SETTING_COUNT, FIELD(engine_threads),
     CLIPPED(1, THREADS_MAX, CLIP_PROCESSORS), OF("all", "2", "2"), COSTS, NULL,
     "threads of the engine", NULL},
    {"engine.memory_limit", SETTING_BYTES, FIELD(memory_limit_bytes),
     CLIPPED(MEMORY_MIN, BYTES_MAX, CLIP_MEMORY), OF("60%", "60%", "512MiB"), COSTS, NULL,
     "memory of the engine; what is beyond it is spilled", NULL},
    {"engine.temp_directory", SETTING_TEXT, FIELD(temp_directory), ANY, SAME(""), COSTS, NULL,
     "folder for spilling; none: inside the output folder while building", NULL},
    {"engine.temp_limit", SETTING_BYTES, FIELD(temp_limit_bytes), FROM(0, BYTES_MAX), SAME("0"),
     COSTS, NULL, "bytes that may be spilled; 0: what the file system has", NULL},
    {"engine.spill_always", SETTING_BOOL, FIELD(spill_always), ANY, OF("off", "off", "on"), COSTS,
     NULL, "joins, groups and sorts work from the start in pieces that can be spilled", NULL},
    {"engine.quick_store", SETTING_BOOL, FIELD(quick_store), ANY, OF("on", "on", "off"), COSTS,
     NULL, "facts are stored quick to write rather than small", NULL},

    {"extract.threads", SETTING_COUNT, FIELD(extract_threads),
     CLIPPED(1, THREADS_MAX, CLIP_PROCESSORS), OF("all", "2", "2"), COSTS, NULL,
     "threads that parse files", NULL},
    {"extract.bytes_in_flight", SETTING_BYTES, FIELD(bytes_in_flight),
     CLIPPED(1, LIMIT_BYTES_IN_FLIGHT, CLIP_PARSES), OF("16MiB", "16MiB", "512KiB"), COSTS, NULL,
     "source bytes parsed at one time; real code needs some 130 bytes for each, dense code 600",
     NULL},
    {"extract.file_bytes_max", SETTING_BYTES, FIELD(file_bytes_max), FROM(1, LIMIT_FILE_BYTES),
     OF("16MiB", "16MiB", "512KiB"), INPUTS, NULL,
     "the longest file that is parsed; a longer one is skipped, with reason file_bytes_max", NULL},
    {"extract.parse_seconds_max", SETTING_SECONDS, FIELD(parse_seconds_max),
     FROM(0, LIMIT_PARSE_SECONDS), SAME("60"), INPUTS, NULL,
     "processor time for parsing one file; beyond: it is skipped, with reason parse_timeout", NULL},

    {"io.threads", SETTING_COUNT, FIELD(io_threads), FROM(1, THREADS_MAX), OF("2", "2", "1"), COSTS,
     NULL, "datasets written, and files hashed, side by side", NULL},

    {"rules.fuse", SETTING_BOOL, FIELD(fuse), ANY, OF("on", "off", "on"), COSTS, NULL,
     "rules with one reader become part of it", NULL},
    {"rules.keep_intermediates", SETTING_BOOL, FIELD(keep_intermediates), ANY,
     OF("off", "on", "off"), COSTS, NULL, "what rules make on the way stays in the facts' file",
     NULL},

    {"run.statements", SETTING_COUNT, FIELD(statements_max), FROM(1, 64), OF("4", "4", "1"), COSTS,
     NULL, "statements of rules side by side, at most as many as the engine has threads", NULL},
    {"run.memory_retry", SETTING_BOOL, FIELD(memory_retry), ANY, SAME("on"), COSTS, NULL,
     "what runs out of memory is tried once more, alone and on one thread", NULL},
    {"run.explain_level", SETTING_CHOICE, FIELD(explain_level), ANY, OF("none", "analyze", "none"),
     COSTS, explain_levels, "what is kept of the engine's plans", NULL},
    {"run.bundles_kept", SETTING_COUNT, FIELD(bundles_kept), FROM(1, 10000), SAME("10"), COSTS,
     NULL, "bundles of runs that stay in the graph's folder, the current build's among them", NULL},
    {"run.tier", SETTING_CHOICE, FIELD(tier), ANY, SAME("requested"), RESULTS, tiers,
     "tier of all datasets, whatever a build asks for", "RELGRAPH_TIER"},
    {"run.tier.*", SETTING_CHOICE, NO_FIELD, ANY, FAMILY, RESULTS, tiers, "tier of one dataset",
     NULL},

    {"write.props_json", SETTING_BOOL, NO_FIELD, ANY, SAME("off"), RESULTS, NULL,
     "the properties of nodes as JSON objects too, a dataset of its own (--json-props)", NULL},
    {"write.shards", SETTING_CHOICE, FIELD(shards), ANY, SAME("auto"), RESULTS, shard_counts,
     "files of each dataset; auto: one, and more beyond 8,192 files of the repository", NULL},
    {"write.symbols", SETTING_BOOL, NO_FIELD, ANY, SAME("off"), RESULTS, NULL,
     "the symbols that names stand for, a dataset of its own (--symbols)", NULL},
    {"write.occurrences", SETTING_BOOL, NO_FIELD, ANY, SAME("off"), RESULTS, NULL,
     "the places where names stand and what they mean there, a dataset of its own (--symbols)",
     NULL},
    {"write.lines", SETTING_BOOL, NO_FIELD, ANY, SAME("off"), RESULTS, NULL,
     "where the lines of the files begin, a dataset of its own (--symbols)", NULL},
    {"write.writer.*", SETTING_CHOICE, NO_FIELD, ANY, FAMILY, RESULTS, writers,
     "who writes a dataset: the engine (Parquet), or relgraph's own Arrow IPC writer", NULL},

    {"audit.ids", SETTING_COUNT, FIELD(ids_held_max), FROM(1, LIMIT_ID_LISTS_IDS),
     OF("33554432", "33554432", "2097152"), COSTS, NULL,
     "node ids held to see whether any comes twice, 8 bytes each; beyond: in a file", NULL},
    {"audit.table_bytes", SETTING_BYTES, FIELD(check_bytes), FROM(1, LIMIT_GRAPH_CHECK_BYTES),
     OF("400MiB", "400MiB", "128MiB"), COSTS, NULL,
     "tables of nodes while the product is audited; beyond: a shard in parts", NULL},

    {"gate.*", SETTING_BOOL, NO_FIELD, ANY, SAME("on"), COSTS, NULL, "an optimizer of the engine",
     NULL},
};
const size_t setting_specs_count = sizeof setting_specs / sizeof *setting_specs;
