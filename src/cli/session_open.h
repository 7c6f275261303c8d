/* Opening a session with the settings that the command line and the environment name. */
#ifndef CLI_SESSION_OPEN_H
#define CLI_SESSION_OPEN_H

#include "cli/options.h"
#include "relgraph/relgraph.h"

/* `options` may bring events; its settings are filled here: variables of the environment that begin
 * with RELGRAPH_, then the options --profile, --threads, --memory, --playbook, --disable, --set. A
 * failure is RG_ERR_USAGE for what is unknown. */
enum rg_status session_open(const struct arguments *arguments, struct rg_session_options options,
                            struct rg_session **out_session, struct rg_error *err);

#endif
