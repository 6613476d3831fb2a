/*
 * terminal: the terminal's life, from when the picture comes to when it goes.
 *
 * The picture goes to standard output, keys come from the terminal that
 * controls the process, since standard input is the data.  From
 * terminal_open() to terminal_close() curses has the terminal; rescue gives it
 * back where the process ends in between.
 */
#ifndef GCP_TOP_TERMINAL_H
#define GCP_TOP_TERMINAL_H

#include <stdbool.h>
#include <wchar.h>

struct fail;
struct terminal;

enum press_kind {
	PRESS_NONE, /* no key waits */
	PRESS_SIGN, /* a character */
	PRESS_UP,
	PRESS_DOWN,
	PRESS_PAGE_UP,
	PRESS_PAGE_DOWN,
	PRESS_HOME,
	PRESS_END,
	PRESS_ENTER,
	PRESS_ESCAPE,
	PRESS_ERASE,
	PRESS_ERASE_ALL,
	PRESS_REDRAW,
	PRESS_OTHER, /* a key that means nothing here */
	PRESS_GONE,  /* the terminal is no more */
};

struct press {
	enum press_kind kind;
	wchar_t sign;
};

/*
 * Whether there is a terminal to draw on: FAIL_USAGE where standard output is
 * none, FAIL_CONFIG where $TERM is of no use.  Reads and changes nothing.
 */
int terminal_check(struct fail *why);

/* After terminal_check().  NULL with FAIL_FILE where there are no keys. */
struct terminal *terminal_open(bool colour, struct fail *why);
void terminal_close(struct terminal *terminal);

/* Of the keys, to be polled; it stays the terminal's. */
int terminal_fd(const struct terminal *terminal);
struct press terminal_press(struct terminal *terminal);

/* Whether the terminal takes output now: a stopped one (^S) does not. */
bool terminal_takes(void);

/* Takes over the size that the terminal has now. */
void terminal_resize(void);

/* Gives the terminal back for a while, and takes it again. */
void terminal_leave(void);
void terminal_return(void);

#endif
