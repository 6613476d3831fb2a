/*
 * rescue: the terminal as it was, whatever ends the process.
 *
 * While it is armed, a crash, exit(), want of memory, or a signal that cannot
 * wait for the loop, gives the terminal back before the process ends.
 * Meanwhile standard error goes to a pipe, since words would tear the picture;
 * what was said there is said when the terminal is back.  Holds its state in
 * statics, since that is all that a handler can reach.  Once in the life of a
 * process.
 */
#ifndef GCP_TOP_RESCUE_H
#define GCP_TOP_RESCUE_H

struct fail;

/*
 * Before curses has the terminal: remembers the modes of the one on standard
 * output, and the text that ends full-screen mode, cut where it is too long.
 */
int rescue_prepare(const char *leave, struct fail *why);
void rescue_done(void);

/* Armed from where the picture comes to where it goes. */
void rescue_arm(void);
void rescue_disarm(void);

/* For handlers: the terminal and the words, now. */
void rescue_now(void);

/* Output that somebody has stopped (^S) goes on. */
void rescue_start_output(void);

/* Takes the signals of a crash, where nobody else has. */
void rescue_catch_crashes(void);

#endif
