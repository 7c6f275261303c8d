/* A signal handler can reach nothing but static data: the one session of the process is here. */
#include "cli/interrupt.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

#include "relgraph/relgraph.h"

static _Atomic(struct rg_session *) watched;
static atomic_int interrupts;

static void on_signal(int number)
{
    struct rg_session *session = atomic_load(&watched);
    if (!session || atomic_fetch_add(&interrupts, 1) > 0)
        _exit(128 + number);
    rg_session_cancel(session);
    static const char text[] = "\r\033[Krelgraph: stopping; once more exits at once\n";
    int terminal = isatty(STDERR_FILENO); /* a plain tcgetattr, safe here */
    size_t skip = terminal ? 0 : 4;       /* clears the progress line of a terminal only */
    if (write(STDERR_FILENO, text + skip, sizeof text - 1 - skip) < 0)
        return; /* nobody to tell */
}

void interrupt_watch(struct rg_session *session)
{
    struct sigaction action = {0};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    atomic_store(&watched, session);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

void interrupt_forget(void)
{
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    atomic_store(&watched, NULL);
}
