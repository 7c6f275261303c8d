/* Time and memory of this process, for figures and bounds. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Seconds on a clock that only goes forward. */
double clock_seconds(void);
/* Seconds that the processor has spent on this thread: for bounds that must not depend on what else
 * the machine does. */
double clock_thread_seconds(void);
/* Peak resident memory of this process in bytes. */
uint64_t clock_peak_memory(void);
/* Gives memory that was freed back to the machine: between stages, so that what one needed does not
 * stand beside what the next one needs. Some milliseconds; the C library would keep it. */
void clock_trim_memory(void);

#endif
