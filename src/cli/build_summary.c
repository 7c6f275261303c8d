/* The figures are laid out as blocks (a title, rows of a label and a number, a total) that stand
 * side by side as long as the page is wide enough. */
#include "cli/build_summary.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS = 5, GAP = 4, LABEL_MAX = 40 };

struct block_row {
    const char *label;  /* borrowed */
    const char *detail; /* a second word behind it, or "" */
    char value[32];
};

struct block {
    const char *title;
    struct block_row *rows;
    size_t n_rows, rows_max;
    bool has_total;            /* the last row is one */
    const struct block *below; /* stands under it in the same column, or NULL */
    size_t label_width, width;
};

static void block_add(struct block *block, const char *label, const char *detail,
                      struct text *value)
{
    if (block->n_rows < block->rows_max && value->data) {
        struct block_row *row = &block->rows[block->n_rows++];
        size_t length = value->len < sizeof row->value ? value->len : sizeof row->value - 1;
        row->label = label;
        row->detail = detail;
        memcpy(row->value, value->data, length);
        row->value[length] = '\0';
    }
    text_clear(value);
}

static size_t label_width(const struct block_row *row)
{
    size_t width = text_width(row->label, strlen(row->label));
    if (row->detail[0])
        width += 1 + text_width(row->detail, strlen(row->detail));
    return width < LABEL_MAX ? width : LABEL_MAX;
}

static void block_measure(struct block *block)
{
    size_t value_width = 0;
    block->label_width = strlen(block->title);
    for (size_t i = 0; i < block->n_rows; i++) {
        size_t label = label_width(&block->rows[i]), value = strlen(block->rows[i].value);
        block->label_width = label > block->label_width ? label : block->label_width;
        value_width = value > value_width ? value : value_width;
    }
    block->width = block->label_width + 2 + value_width;
    if (block->below && block->below->width > block->width)
        block->width = block->below->width;
}

/* Line 0 is the title, then a rule, the rows, and a rule before a total. */
static size_t own_lines(const struct block *block)
{
    return 2 + block->n_rows + block->has_total;
}

static size_t column_lines(const struct block *block)
{
    return own_lines(block) + (block->below ? 1 + own_lines(block->below) : 0);
}

static void block_line(struct text *out, const struct block *block, size_t width, size_t line)
{
    bool rule = line == 1 || (block->has_total && line == block->n_rows + 1);
    if (line == 0) {
        text_cell(out, block->title, strlen(block->title), width, false);
    } else if (rule) {
        for (size_t i = 0; i < width; i++)
            text_cstr(out, "─");
    } else {
        bool behind_rule = block->has_total && line > block->n_rows;
        const struct block_row *row = &block->rows[line - 2 - behind_rule];
        struct text label = {0};
        text_printf(&label, "%s%s%s", row->label, row->detail[0] ? " " : "", row->detail);
        if (label.data)
            text_cell(out, label.data, label.len, block->label_width, false);
        text_cell(out, row->value, strlen(row->value), width - block->label_width, true);
        text_fini(&label);
    }
}

/* A line of a column: of the block, of the one below it, or empty. */
static void column_line(struct text *out, const struct block *block, size_t line)
{
    size_t own = own_lines(block);
    if (line < own)
        block_line(out, block, block->width, line);
    else if (block->below && line > own && line <= own + own_lines(block->below))
        block_line(out, block->below, block->width, line - own - 1);
    else
        text_char(out, ' ', block->width);
}

static void trim_line(struct text *out)
{
    while (out->len && out->data[out->len - 1] == ' ')
        out->data[--out->len] = '\0';
    text_char(out, '\n', 1);
}

static void blocks_print(struct text *out, const struct block *blocks, size_t n)
{
    for (size_t first = 0; first < n;) {
        size_t last = first, width = 0, lines = 0;
        while (last < n) {
            size_t with = width + (last > first ? GAP : 0) + blocks[last].width;
            if (last > first && with > SUMMARY_WIDTH)
                break;
            width = with;
            lines = column_lines(&blocks[last]) > lines ? column_lines(&blocks[last]) : lines;
            last++;
        }
        text_char(out, '\n', 1);
        for (size_t line = 0; line < lines; line++) {
            for (size_t i = first; i < last; i++) {
                text_char(out, ' ', i > first ? GAP : 0);
                column_line(out, &blocks[i], line);
            }
            trim_line(out);
        }
        first = last;
    }
}

/* --- Filling the blocks ---------------------------------------------------------------------- */

static void add_kinds(struct block *block, const struct rg_build_result *result,
                      const char *dataset)
{
    struct text value = {0};
    uint64_t total = 0;
    for (size_t i = 0; i < result->n_counts; i++) {
        const struct rg_count *count = &result->counts[i];
        if (strcmp(count->dataset, dataset) != 0)
            continue;
        text_count(&value, count->rows);
        block_add(block, count->kind, "", &value);
        total += count->rows;
    }
    if (block->n_rows) {
        text_count(&value, total);
        block_add(block, "together", "", &value);
        block->has_total = true;
    }
    text_fini(&value);
}

static void add_reasons(struct block *block, const struct rg_build_result *result)
{
    struct text value = {0};
    uint64_t total = 0;
    for (size_t i = 0; i < result->n_reasons; i++) {
        text_count(&value, result->reasons[i].rows);
        block_add(block, result->reasons[i].dataset, result->reasons[i].kind, &value);
        total += result->reasons[i].rows;
    }
    if (block->n_rows) {
        text_count(&value, total);
        block_add(block, "together", "", &value);
        block->has_total = true;
    }
    text_fini(&value);
}

static void add_datasets(struct block *block, const struct rg_build_result *result)
{
    struct text value = {0};
    for (size_t i = 0; i < result->n_counts;) {
        const char *dataset = result->counts[i].dataset;
        uint64_t rows = 0;
        for (; i < result->n_counts && strcmp(result->counts[i].dataset, dataset) == 0; i++)
            rows += result->counts[i].rows;
        text_count(&value, rows);
        block_add(block, dataset, "", &value);
    }
    text_fini(&value);
}

static void add_stages(struct block *block, const struct rg_build_result *result)
{
    struct text value = {0};
    for (size_t i = 0; i < result->n_stages; i++) {
        text_seconds(&value, result->stages[i].seconds);
        block_add(block, result->stages[i].name, "", &value);
    }
    text_seconds(&value, result->seconds);
    block_add(block, "together", "", &value);
    block->has_total = true;
    text_fini(&value);
}

static void figure(struct text *out, const char *name, uint64_t value)
{
    text_printf(out, "  %-16s", name);
    struct text number = {0};
    text_count(&number, value);
    if (number.data)
        text_cell(out, number.data, number.len, 12, true);
    text_fini(&number);
}

static void summary_index(struct text *out, const struct rg_scip_index *index)
{
    figure(out, "scip placed", index->placed);
    text_cstr(out, "   of ");
    text_count(out, index->occurrences);
    text_cstr(out, " occurrences, documents ");
    text_count(out, index->documents_read);
    text_cstr(out, " of ");
    text_count(out, index->documents);
    text_cstr(out, ": ");
    text_shown(out, index->name);
    text_char(out, '\n', 1);
}

static void summary_head(struct text *out, const struct rg_build_request *request,
                         const struct rg_build_result *result)
{
    text_cstr(out, "graph of ");
    text_shown(out, request->repository);
    if (result->build_path && result->build_path[0]) {
        text_cstr(out, " in ");
        text_shown(out, result->build_path);
    }
    text_cstr(out, "\n\n");
    figure(out, "files", result->files);
    text_cstr(out, "   parsed ");
    text_count(out, result->files_parsed);
    text_cstr(out, ", partial ");
    text_count(out, result->files_partial);
    text_cstr(out, ", skipped ");
    text_count(out, result->files_skipped);
    text_cstr(out, ", unreadable ");
    text_count(out, result->files_unreadable);
    if (result->files_indexed) {
        text_cstr(out, ", known from indexes alone ");
        text_count(out, result->files_indexed);
    }
    text_char(out, '\n', 1);
    figure(out, "lines", result->lines);
    text_cstr(out, "   ");
    text_bytes(out, result->source_bytes);
    text_cstr(out, " of source\n");
    if (result->module_prefix && result->module_prefix[0]) {
        text_printf(out, "  %-16s%12s   ", "module prefix", result->module_prefix);
        text_printf(out, "%s\n", result->module_prefix_source);
    }
    for (size_t i = 0; i < result->n_scip_indexes; i++)
        summary_index(out, &result->scip_indexes[i]);
    if (result->rows_rejected) {
        figure(out, "rows rejected", result->rows_rejected);
        text_cstr(out, "   see the *_errors datasets\n");
    }
}

/* Of fewer lines the pace says what a build costs at least, not how fast it reads. */
enum { PACE_LINES_MIN = 10000 };

static void summary_foot(struct text *out, const struct rg_build_result *result)
{
    text_char(out, '\n', 1);
    text_cstr(out, "written ");
    text_bytes(out, result->output_bytes);
    text_cstr(out, ", peak memory ");
    text_bytes(out, result->peak_memory_bytes);
    text_cstr(out, ", ");
    text_seconds(out, result->seconds);
    text_cstr(out, " seconds");
    if (result->seconds > 0 && result->lines >= PACE_LINES_MIN) {
        text_cstr(out, ", ");
        text_count(out, (uint64_t)((double)result->lines / result->seconds));
        text_cstr(out, " lines a second");
    }
    text_char(out, '\n', 1);
}

void summary_text(struct text *out, const struct rg_build_request *request,
                  const struct rg_build_result *result)
{
    struct block blocks[BLOCKS] = {
        {.title = "nodes"},        {.title = "edges"},        {.title = "seconds"},
        {.title = "not resolved"}, {.title = "rows written"},
    };
    size_t rows_max = result->n_counts + result->n_reasons + result->n_stages + 1;
    struct block_row *rows = calloc(BLOCKS * rows_max, sizeof *rows);
    if (!rows) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < BLOCKS; i++) {
        blocks[i].rows = rows + i * rows_max;
        blocks[i].rows_max = rows_max;
    }
    add_kinds(&blocks[0], result, "nodes");
    add_kinds(&blocks[1], result, "edges");
    add_stages(&blocks[2], result);
    add_reasons(&blocks[3], result);
    add_datasets(&blocks[4], result);
    size_t n = 0;
    struct block written = blocks[BLOCKS - 1];
    block_measure(&written);
    if (written.n_rows)
        blocks[2].below = &written;
    for (size_t i = 0; i < BLOCKS - 1; i++)
        if (blocks[i].n_rows) {
            block_measure(&blocks[i]);
            blocks[n++] = blocks[i];
        }
    summary_head(out, request, result);
    blocks_print(out, blocks, n);
    summary_foot(out, result);
    free(rows);
}

/* --- JSON ------------------------------------------------------------------------------------ */

static void json_text(struct text *out, const char *name, const char *value)
{
    text_printf(out, ",\"%s\":", name);
    if (value)
        text_json(out, value, strlen(value));
    else
        text_cstr(out, "null");
}

static void json_counts(struct text *out, const char *name, const char *outer, const char *inner,
                        const struct rg_count *counts, size_t n)
{
    text_printf(out, ",\"%s\":[", name);
    for (size_t i = 0; i < n; i++) {
        text_printf(out, "%s{\"%s\":", i ? "," : "", outer);
        text_json(out, counts[i].dataset, strlen(counts[i].dataset));
        json_text(out, inner, counts[i].kind);
        text_printf(out, ",\"rows\":%" PRIu64 "}", counts[i].rows);
    }
    text_char(out, ']', 1);
}

static void json_indexes(struct text *out, const struct rg_build_result *result)
{
    text_cstr(out, ",\"scip\":[");
    for (size_t i = 0; i < result->n_scip_indexes; i++) {
        const struct rg_scip_index *x = &result->scip_indexes[i];
        text_cstr(out, i ? ",{\"name\":" : "{\"name\":");
        text_json(out, x->name, strlen(x->name));
        json_text(out, "sha256", x->sha256);
        json_text(out, "tool", x->tool);
        json_text(out, "tool_version", x->tool_version);
        text_printf(out,
                    ",\"documents\":%" PRIu64 ",\"documents_read\":%" PRIu64
                    ",\"occurrences\":%" PRIu64 ",\"placed\":%" PRIu64 "}",
                    x->documents, x->documents_read, x->occurrences, x->placed);
    }
    text_char(out, ']', 1);
}

void summary_json(struct text *out, const struct rg_build_request *request,
                  const struct rg_build_result *result)
{
    text_cstr(out, "{\"repository\":");
    text_json(out, request->repository, strlen(request->repository));
    json_text(out, "build_id", result->build_id);
    json_text(out, "build_path", result->build_path);
    json_text(out, "module_prefix", result->module_prefix);
    json_text(out, "module_prefix_source", result->module_prefix_source);
    const struct {
        const char *name;
        uint64_t value;
    } figures[] = {
        {"files", result->files},
        {"files_parsed", result->files_parsed},
        {"files_partial", result->files_partial},
        {"files_skipped", result->files_skipped},
        {"files_unreadable", result->files_unreadable},
        {"files_indexed", result->files_indexed},
        {"lines", result->lines},
        {"source_bytes", result->source_bytes},
        {"output_bytes", result->output_bytes},
        {"rows_rejected", result->rows_rejected},
        {"peak_memory_bytes", result->peak_memory_bytes},
    };
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++)
        text_printf(out, ",\"%s\":%" PRIu64, figures[i].name, figures[i].value);
    text_printf(out, ",\"seconds\":%.3f,\"stages\":[", result->seconds);
    for (size_t i = 0; i < result->n_stages; i++) {
        text_cstr(out, i ? ",{\"name\":" : "{\"name\":");
        text_json(out, result->stages[i].name, strlen(result->stages[i].name));
        text_printf(out, ",\"seconds\":%.3f,\"rows\":%" PRIu64 "}", result->stages[i].seconds,
                    result->stages[i].rows);
    }
    text_char(out, ']', 1);
    json_indexes(out, result);
    json_counts(out, "counts", "dataset", "kind", result->counts, result->n_counts);
    json_counts(out, "unresolved", "what", "reason", result->reasons, result->n_reasons);
    text_cstr(out, "}\n");
}
