/* Any text as a language's query file: it is compiled or refused with a place in the text. */
#include <stdlib.h>

#include "extract/roles.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct role_table *table = NULL;
    struct rg_error error = {0};
    struct str text = {(const char *)data, size};
    enum rg_status status =
        role_table_compile(languages[0].grammar(), "fuzz.scm", text, &table, &error);
    if (status == RG_OK ? !table : (table || !error.message[0]))
        abort();
    role_table_free(table);
    return 0;
}
