/* Ctrl-C: the first one asks the session to stop, the second one exits. */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

struct rg_session;

/* From now on SIGINT and SIGTERM cancel this session. */
void interrupt_watch(struct rg_session *session);
/* Before the session is closed: signals end the process again. */
void interrupt_forget(void);

#endif
