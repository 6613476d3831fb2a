/*
 * signals: what the system says, as bytes of a pipe.
 *
 * A handler writes the signal's number to a pipe that the loop polls.  Where
 * the loop has not ended two seconds after a signal that is to end it, or a
 * second one comes, the terminal is given back and the process ends at once.
 */
#ifndef GCP_TOP_SIGNALS_H
#define GCP_TOP_SIGNALS_H

#include <stdbool.h>

struct fail;

/* The pipe's descriptor, which stays this module's; -1 where that failed. */
int signals_catch(struct fail *why);

/* The next signal that came, or 0. */
int signals_next(void);

/* Whether the signal is one that ends the process. */
bool signals_ends(int signal_number);

/* Stops the process as SIGTSTP does; returns when it goes on. */
void signals_stop(void);

/* Ends the process as the signal does. */
void signals_die(int signal_number);

#endif
