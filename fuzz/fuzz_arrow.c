/* Any bytes as an Arrow IPC file: it is refused, or all of its columns can be read, every text
 * being UTF-8 and every code standing for one. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/utf8.h"
#include "engine/arrow_ipc_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_texts(const struct arrow_slice *slice, bool wide)
{
    for (int64_t row = 0; row < slice->rows; row++) {
        if (arrow_slice_is_null(slice, row))
            continue;
        struct str text = arrow_slice_text(slice, wide, row);
        if (!utf8_valid(text.ptr, text.len))
            abort();
    }
}

static void check_column(const struct arrow_file *file, const struct arrow_column *column,
                         size_t number)
{
    struct arrow_slice texts = {.memory = NULL};
    if (column->has_codes) {
        if (arrow_file_dictionary(file, number, &texts, NULL) != RG_OK)
            return;
        check_texts(&texts, column->wide);
    }
    for (size_t batch = 0; batch < arrow_file_batches(file); batch++) {
        struct arrow_slice slice;
        if (arrow_file_read(file, batch, number, texts.rows, &slice, NULL) != RG_OK)
            continue;
        for (int64_t row = 0; column->has_codes && row < slice.rows; row++) {
            int64_t code = arrow_slice_code(&slice, column, row);
            if (!arrow_slice_is_null(&slice, row) && (code < 0 || code >= texts.rows))
                abort();
        }
        if (column->value == ARROW_VALUE_TEXT && !column->has_codes)
            check_texts(&slice, column->wide);
        arrow_slice_fini(&slice);
    }
    arrow_slice_fini(&texts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    struct arrow_file *file;
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (arrow_file_open(path, &file, NULL) == RG_OK) {
        const struct arrow_column *columns;
        size_t n = arrow_file_columns(file, &columns);
        for (size_t i = 0; i < n; i++)
            check_column(file, &columns[i], i);
        arrow_file_close(file);
    }
    close(fd);
    return 0;
}
