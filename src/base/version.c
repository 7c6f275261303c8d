#include "relgraph/relgraph.h"

const char *rg_version(void)
{
    return RG_VERSION;
}
