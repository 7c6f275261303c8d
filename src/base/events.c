/* The event sink: fills the time in and serialises the calls. */
#include "base/events.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/error.h"

void events_init(struct events *events, void (*on_event)(void *, const struct rg_event *),
                 void *user)
{
    *events = (struct events){.on_event = on_event, .user = user, .began = clock_seconds()};
    pthread_mutex_init(&events->mutex, NULL);
}

void events_fini(struct events *events)
{
    pthread_mutex_destroy(&events->mutex);
}

void events_begin(struct events *events)
{
    events->began = clock_seconds();
}

static void events_send(struct events *events, struct rg_event event)
{
    if (!events->on_event)
        return;
    pthread_mutex_lock(&events->mutex);
    event.seconds = clock_seconds() - events->began;
    events->on_event(events->user, &event);
    pthread_mutex_unlock(&events->mutex);
}

void events_stage(struct events *events, const char *stage)
{
    events_send(events, (struct rg_event){.kind = RG_EVENT_STAGE, .name = stage});
}

void events_progress(struct events *events, const char *stage, uint64_t done, uint64_t total,
                     uint64_t bytes, uint64_t bytes_total)
{
    events_send(events, (struct rg_event){.kind = RG_EVENT_PROGRESS,
                                          .name = stage,
                                          .done = done,
                                          .total = total,
                                          .bytes = bytes,
                                          .bytes_total = bytes_total});
}

void events_message(struct events *events, enum rg_event_kind kind, const char *stage,
                    const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    events_send(events, (struct rg_event){.kind = kind, .name = stage, .text = text});
}

enum rg_status events_check(struct events *events, struct rg_error *err)
{
    if (!events_cancelled(events))
        return RG_OK;
    return error_set(err, RG_ERR_CANCELLED, "session", "cancelled");
}
