/* Hermetic by configuration: extensions neither installed nor loaded, no secrets, and after
 * instance_lock no file system but one folder and no settings. */
#include "engine/duckdb/instance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "engine/duckdb/arrow_scan.h"
#include "engine/duckdb/engine_error.h"
#include "engine/duckdb/native_functions.h"
#include "engine/gates.h"

#define ENGINE_SERIES "v1.5."

const char *engine_version(void)
{
    return duckdb_library_version();
}

/* The interface grows from series to series, and error texts and JSON change shape with it. */
enum rg_status engine_check(struct rg_error *err)
{
    const char *version = engine_version();
    if (!strncmp(version, ENGINE_SERIES, strlen(ENGINE_SERIES)))
        return RG_OK;
    error_set(err, RG_ERR_ENGINE, "engine", "libduckdb is %s, but relgraph was written for %sx",
              version, ENGINE_SERIES);
    error_hint(err, "put the libduckdb.so that came with relgraph beside it");
    return RG_ERR_ENGINE;
}

static enum rg_status config_fill(duckdb_config config, const struct instance_options *options,
                                  struct rg_error *err)
{
    const struct settings *given = options->settings;
    char threads[16], memory[32];
    struct buffer disabled = {0};
    snprintf(threads, sizeof threads, "%u", given->engine_threads ? given->engine_threads : 1);
    snprintf(memory, sizeof memory, "%lluB", (unsigned long long)given->memory_limit_bytes);
    gates_print_disabled(given->gates_off, &disabled);
    const struct {
        const char *name, *value;
    } settings[] = {
        {"autoinstall_known_extensions", "false"},
        {"autoload_known_extensions", "false"},
        {"allow_community_extensions", "false"},
        {"allow_unsigned_extensions", "false"},
        {"allow_persistent_secrets", "false"},
        {"secret_directory", "/nonexistent"},
        {"errors_as_json", "true"},
        {"threads", threads},
        {"external_threads", options->no_threads ? threads : "1"},
        {"memory_limit", memory},
        {"preserve_insertion_order", options->keep_order ? "true" : "false"},
        {"temp_directory", options->temp_directory ? options->temp_directory : ""},
        /* Its allocator keeps what is freed, beside the limit; an allocation of so much makes it
         * give back what it kept. */
        {"allocator_bulk_deallocation_flush_threshold", given->spill_always ? "1MiB" : "512MiB"},
        /* The engine keeps five row groups of each table that is being made, and what it read of
         * Parquet files for as long as there is room. */
        {"write_buffer_row_group_count", given->spill_always ? "1" : "5"},
        {"enable_external_file_cache", given->spill_always ? "false" : "true"},
        /* To try every method on each segment takes a tenth of storing facts, and tables of symbols
         * for texts another; both for 1% of their size. */
        {"force_compression", options->scratch ? "bitpacking" : "auto"},
        {"disabled_compression_methods", options->scratch ? "fsst,dict_fsst" : ""},
        {"disabled_optimizers", buffer_view(&disabled).ptr},
    };
    enum rg_status status = disabled.failed ? error_no_memory(err, "engine") : RG_OK;
    for (size_t i = 0; i < sizeof settings / sizeof *settings && status == RG_OK; i++) {
        if (duckdb_set_config(config, settings[i].name, settings[i].value) != DuckDBSuccess)
            status = error_set(err, RG_ERR_ENGINE, "engine", "the engine refused %s = %s",
                               settings[i].name, settings[i].value);
    }
    buffer_fini(&disabled);
    return status;
}

/* Given as an option before the instance is open, the engine would take it and forget it. */
static enum rg_status limit_spilling(duckdb_connection connection, uint64_t bytes,
                                     struct rg_error *err)
{
    char sql[80];
    duckdb_result result;
    if (!bytes)
        return RG_OK;
    snprintf(sql, sizeof sql, "SET max_temp_directory_size = '%lluB'", (unsigned long long)bytes);
    enum rg_status status = RG_OK;
    if (duckdb_query(connection, sql, &result) != DuckDBSuccess)
        status = engine_error(err, duckdb_result_error(&result), (struct str){0}, RG_ERR_ENGINE);
    duckdb_destroy_result(&result);
    return status;
}

enum rg_status instance_open(const struct instance_options *options, duckdb_database *out_database,
                             duckdb_connection *out_connection, struct rg_error *err)
{
    duckdb_config config = NULL;
    char *failure = NULL;
    enum rg_status status = RG_OK;
    *out_database = NULL;
    *out_connection = NULL;
    if (duckdb_create_config(&config) != DuckDBSuccess)
        return error_no_memory(err, "engine");
    status = config_fill(config, options, err);
    if (status != RG_OK)
        goto out;
    if (duckdb_open_ext(NULL, out_database, config, &failure) != DuckDBSuccess) {
        status = engine_error(err, failure, (struct str){0}, RG_ERR_ENGINE);
        goto out;
    }
    if (duckdb_connect(*out_database, out_connection) != DuckDBSuccess) {
        status = error_set(err, RG_ERR_ENGINE, "engine", "cannot connect to the engine");
        goto out;
    }
    status = native_functions_register(*out_connection, err);
    if (status == RG_OK)
        status = arrow_scan_register(*out_connection, err);
    if (status == RG_OK)
        status = limit_spilling(*out_connection, options->settings->temp_limit_bytes, err);
out:
    if (status != RG_OK) {
        duckdb_disconnect(out_connection);
        duckdb_close(out_database);
    }
    duckdb_free(failure);
    duckdb_destroy_config(&config);
    return status;
}

enum rg_status instance_free_threads(const struct runner *runner, struct rg_error *err)
{
    return runner_exec(runner, STR("SET external_threads = 1"), NULL, err);
}

/* As it is, and as the readers see it, which ask for a file by a pattern (buffer_sql_path) and are
 * checked before it is resolved. */
static void print_directory(struct buffer *sql, const char *directory)
{
    buffer_sql_text(sql, str_of(directory));
    buffer_text(sql, ", ");
    buffer_sql_path(sql, str_of(directory));
}

enum rg_status instance_shut_files(const struct runner *runner, const char *allowed_directory,
                                   const char *another_directory, struct rg_error *err)
{
    struct buffer sql = {0};
    if (allowed_directory) {
        buffer_text(&sql, "SET allowed_directories = [");
        print_directory(&sql, allowed_directory);
        if (another_directory) {
            buffer_text(&sql, ", ");
            print_directory(&sql, another_directory);
        }
        buffer_text(&sql, "];\n");
    }
    /* The one setting that belongs to a connection; connections are opened later. */
    buffer_text(&sql, "SET allowed_configs = ['debug_force_external'];\n"
                      "SET enable_external_access = false;\n");
    enum rg_status status = sql.failed ? error_no_memory(err, "engine")
                                       : runner_exec(runner, buffer_view(&sql), NULL, err);
    buffer_fini(&sql);
    return status;
}

enum rg_status instance_lock(const struct runner *runner, const char *allowed_directory,
                             const char *another_directory, struct rg_error *err)
{
    enum rg_status status = instance_shut_files(runner, allowed_directory, another_directory, err);
    if (status == RG_OK)
        status = runner_exec(runner, STR("SET lock_configuration = true"), NULL, err);
    return status;
}
