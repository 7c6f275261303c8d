/* Drawing costs a write, so at most ten a second; the first event of a stage is drawn at once. */
#include "cli/progress_line.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/display_text.h"

enum { BAR_MAX = 30, BAR_MIN = 8, WIDTH_DEFAULT = 80, LEFT_SECONDS_MAX = 360000 };

static const double draw_every = 0.1; /* seconds */
static const double rate_after = 0.5; /* a rate over less time is noise */

void progress_init(struct progress *progress, bool json, bool quiet)
{
    const char *terminal = getenv("TERM");
    bool ansi = isatty(STDERR_FILENO) && terminal && strcmp(terminal, "dumb") != 0;
    *progress = (struct progress){
        .mode = quiet  ? PROGRESS_QUIET
                : json ? PROGRESS_JSON
                : ansi ? PROGRESS_TERMINAL
                       : PROGRESS_PLAIN,
    };
}

static size_t terminal_width(void)
{
    struct winsize size = {0};
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
        return size.ws_col;
    return WIDTH_DEFAULT;
}

static void emit(struct text *text)
{
    if (text->data)
        fwrite(text->data, 1, text->len, stderr);
    text_fini(text);
}

/* What a stage counts. */
static const char *unit_of(const char *stage)
{
    static const struct {
        const char *stage, *unit;
    } units[] = {
        {"scan", "files"},  {"extract", "files"}, {"rules", "rules"},
        {"write", "files"}, {"audit", "audits"},
    };
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (stage && strcmp(units[i].stage, stage) == 0)
            return units[i].unit;
    return "steps";
}

/* The share that is done, by bytes where they are known; below 0 where nothing is. */
static double share_done(const struct rg_event *event)
{
    double share = event->bytes_total ? (double)event->bytes / (double)event->bytes_total
                   : event->total     ? (double)event->done / (double)event->total
                                      : -1;
    return share > 1 ? 1 : share;
}

static void draw_figures(struct text *out, const struct rg_event *event, double seconds)
{
    double share = share_done(event);
    if (event->done || event->total) {
        text_char(out, ' ', 2);
        text_count(out, event->done);
        if (event->total) {
            text_char(out, '/', 1);
            text_count(out, event->total);
        }
        const char *unit = unit_of(event->name);
        bool one = event->done == 1 && event->total <= 1;
        text_printf(out, " %.*s", (int)strlen(unit) - one, unit);
    }
    if (event->bytes && seconds >= rate_after)
        text_printf(out, "  %.1f MB/s", (double)event->bytes / seconds / 1e6);
    if (share > 0.05 && share < 1 && seconds >= rate_after) {
        double left = seconds * (1 - share) / share;
        if (left < LEFT_SECONDS_MAX)
            text_printf(out, "  %d:%02d left", (int)left / 60, (int)left % 60);
    }
}

void progress_draw(struct text *out, const struct rg_event *event, double stage_seconds,
                   size_t width)
{
    struct text line = {0}, figures = {0};
    double share = share_done(event);
    draw_figures(&figures, event, stage_seconds);
    text_printf(&line, "%-8s", event->name ? event->name : "");
    size_t used = line.len + (figures.data ? text_width(figures.data, figures.len) : 0) + 1;
    size_t bar = width > used + 1 ? width - used - 1 : 0;
    bar = bar > BAR_MAX ? BAR_MAX : bar;
    if (share >= 0 && bar >= BAR_MIN) {
        size_t full = (size_t)(share * (double)bar);
        text_char(&line, ' ', 1);
        for (size_t i = 0; i < bar; i++)
            text_cstr(&line, i < full ? "█" : "░");
    }
    text_append(&line, figures.data, figures.len);
    if (line.data)
        text_append(out, line.data, text_fit(line.data, line.len, width));
    text_fini(&line);
    text_fini(&figures);
}

static void draw(struct progress *progress, const struct rg_event *event)
{
    struct text out = {0};
    text_cstr(&out, "\r\033[K");
    /* The last column stays free: some terminals wrap when it is written. */
    progress_draw(&out, event, event->seconds - progress->stage_began, terminal_width() - 1);
    emit(&out);
    progress->drawn_at = event->seconds;
    progress->line_open = true;
}

static void clear_line(struct progress *progress)
{
    if (progress->line_open)
        fputs("\r\033[K", stderr);
    progress->line_open = false;
}

static void event_json(const struct rg_event *event)
{
    static const char *const names[] = {"stage", "progress", "message", "warning"};
    struct text out = {0};
    const char *text = event->kind == RG_EVENT_STAGE ? event->name : event->text;
    text_printf(&out, "{\"%s\":", names[event->kind]);
    text_json(&out, text ? text : "", text ? strlen(text) : 0);
    text_printf(&out, ",\"seconds\":%.3f}\n", event->seconds);
    emit(&out);
}

static void event_text(const struct rg_event *event)
{
    struct text out = {0};
    text_cstr(&out, event->kind == RG_EVENT_WARNING ? "relgraph: warning: " : "relgraph: ");
    if (event->text)
        text_shown(&out, event->text);
    text_char(&out, '\n', 1);
    emit(&out);
}

void progress_event(void *user, const struct rg_event *event)
{
    struct progress *progress = user;
    bool said = event->kind == RG_EVENT_MESSAGE || event->kind == RG_EVENT_WARNING;
    if (event->kind == RG_EVENT_STAGE) {
        snprintf(progress->stage, sizeof progress->stage, "%s", event->name ? event->name : "");
        progress->stage_began = event->seconds;
        progress->drawn_at = -1;
    }
    switch (progress->mode) {
    case PROGRESS_QUIET:
        if (event->kind == RG_EVENT_WARNING)
            event_text(event);
        break;
    case PROGRESS_JSON:
        if (event->kind != RG_EVENT_PROGRESS)
            event_json(event);
        break;
    case PROGRESS_PLAIN:
        if (said)
            event_text(event);
        else if (event->kind == RG_EVENT_STAGE)
            fprintf(stderr, "relgraph: [%7.2f s] %s\n", event->seconds, progress->stage);
        break;
    case PROGRESS_TERMINAL:
        if (said) {
            clear_line(progress);
            event_text(event);
        } else if (event->seconds - progress->drawn_at >= draw_every || progress->drawn_at < 0) {
            draw(progress, event);
        }
        break;
    }
}

void progress_end(struct progress *progress)
{
    clear_line(progress);
    fflush(stderr);
}
