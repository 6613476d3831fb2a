#include "config.h"

#include "terminal.h"

#include <errno.h>
#include <ncurses.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "buf.h"
#include "capability.h"
#include "fail.h"
#include "rescue.h"
#include "screen.h"
#include "xalloc.h"

/* Time for the rest of a key's sequence; people press Escape as a key. */
#define ESCAPE_MS 50

struct terminal {
	FILE *keys;
	SCREEN *screen;
	WINDOW *pad; /* keys read from it do not draw the picture */
};

int
terminal_check(struct fail *why)
{
	struct buf leave;
	int rc;

	if (isatty(STDOUT_FILENO) == 0)
		return fail_set(why, FAIL_USAGE,
		    "standard output is not a terminal, and this program only "
		    "draws on one; the lines themselves are what gcpresence "
		    "prints");
	if (tcgetpgrp(STDOUT_FILENO) == -1)
		return fail_set(why, FAIL_USAGE,
		    "standard output is not the terminal of this session, so "
		    "no key would be read; run it in that terminal");
	buf_init(&leave, SIZE_MAX);
	rc = capability_ask(&leave, why);
	buf_done(&leave);
	return rc;
}

static int
start_curses(struct terminal *terminal, bool colour, struct fail *why)
{
	terminal->screen = newterm(NULL, stdout, terminal->keys);
	if (terminal->screen == NULL)
		return fail_set(why, FAIL_CONFIG,
		    "$TERM: curses cannot use the terminal type '%s'",
		    getenv("TERM"));
	(void)cbreak();
	(void)noecho();
	(void)nonl();
	(void)curs_set(0);
	(void)set_escdelay(ESCAPE_MS);
	/* A picture is drawn to its end, whatever is typed meanwhile. */
	(void)typeahead(-1);
	terminal->pad = newpad(1, 1);
	if (terminal->pad == NULL)
		return fail_set(why, FAIL_INTERNAL, "no memory for the keys");
	(void)keypad(terminal->pad, TRUE);
	(void)nodelay(terminal->pad, TRUE);
	if (colour)
		screen_start_colours();
	terminal_resize();
	return 0;
}

struct terminal *
terminal_open(bool colour, struct fail *why)
{
	struct terminal *terminal;
	struct buf leave;
	int rc = -1;

	terminal = xcalloc(1, sizeof(*terminal));
	buf_init(&leave, SIZE_MAX);
	terminal->keys = fopen("/dev/tty", "re");
	if (terminal->keys == NULL) {
		(void)fail_set(why, FAIL_FILE,
		    "cannot read keys from /dev/tty: %s; run it in a terminal",
		    strerror(errno));
		goto out;
	}
	if (capability_ask(&leave, why) == -1 ||
	    rescue_prepare(buf_string(&leave), why) == -1)
		goto out;
	rescue_catch_crashes();
	rescue_arm();
	rc = start_curses(terminal, colour, why);
out:
	buf_done(&leave);
	if (rc == 0)
		return terminal;
	terminal_close(terminal);
	return NULL;
}

/* Also where the terminal stands still: curses would wait for it. */
static void
end_curses(void)
{
	if (!terminal_takes())
		rescue_start_output();
	if (terminal_takes())
		(void)endwin();
	else
		rescue_now();
}

void
terminal_close(struct terminal *terminal)
{
	if (terminal == NULL)
		return;
	if (terminal->pad != NULL)
		(void)delwin(terminal->pad);
	if (terminal->screen != NULL) {
		if (!isendwin())
			end_curses();
		delscreen(terminal->screen);
	}
	rescue_done();
	if (terminal->keys != NULL)
		(void)fclose(terminal->keys);
	free(terminal);
}

int
terminal_fd(const struct terminal *terminal)
{
	return fileno(terminal->keys);
}

static struct press
press_of_key(wint_t key)
{
	static const struct {
		wint_t key;
		enum press_kind kind;
	} known[] = {
		{ KEY_UP, PRESS_UP },
		{ KEY_DOWN, PRESS_DOWN },
		{ KEY_PPAGE, PRESS_PAGE_UP },
		{ KEY_NPAGE, PRESS_PAGE_DOWN },
		{ KEY_HOME, PRESS_HOME },
		{ KEY_END, PRESS_END },
		{ KEY_ENTER, PRESS_ENTER },
		{ KEY_BACKSPACE, PRESS_ERASE },
		{ KEY_DC, PRESS_ERASE },
	};
	struct press press = { PRESS_OTHER, 0 };
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].key == key)
			press.kind = known[i].kind;
	return press;
}

static struct press
press_of_sign(wint_t sign)
{
	struct press press = { PRESS_SIGN, (wchar_t)sign };

	switch (sign) {
	case L'\r':
	case L'\n':
		press.kind = PRESS_ENTER;
		break;
	case 0x1b:
		press.kind = PRESS_ESCAPE;
		break;
	case 0x08:
	case 0x7f:
		press.kind = PRESS_ERASE;
		break;
	case 0x15: /* ^U */
		press.kind = PRESS_ERASE_ALL;
		break;
	case 0x0c: /* ^L */
		press.kind = PRESS_REDRAW;
		break;
	default:
		if (wcwidth(press.sign) < 0)
			press.kind = PRESS_OTHER;
		break;
	}
	return press;
}

struct press
terminal_press(struct terminal *terminal)
{
	struct pollfd ready = { .fd = terminal_fd(terminal), .events = POLLIN };
	struct press none = { PRESS_NONE, 0 };
	struct press gone = { PRESS_GONE, 0 };
	wint_t key;

	switch (wget_wch(terminal->pad, &key)) {
	case KEY_CODE_YES:
		return press_of_key(key);
	case OK:
		return press_of_sign(key);
	default:
		break;
	}
	/* No key though there is something to read: the end. */
	if (poll(&ready, 1, 0) == 1 &&
	    (ready.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0)
		return gone;
	return none;
}

bool
terminal_takes(void)
{
	struct pollfd ready = { .fd = STDOUT_FILENO, .events = POLLOUT };

	return poll(&ready, 1, 0) == 1 && (ready.revents & POLLOUT) != 0;
}

void
terminal_resize(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == -1 || size.ws_row == 0 ||
	    size.ws_col == 0)
		return;
	(void)resizeterm(size.ws_row, size.ws_col);
}

void
terminal_leave(void)
{
	end_curses();
	rescue_disarm();
}

void
terminal_return(void)
{
	rescue_arm();
	/* A shell has had the terminal, whether it was left to it or not. */
	(void)reset_prog_mode();
	terminal_resize();
	(void)clearok(curscr, TRUE);
	screen_show(true);
}
