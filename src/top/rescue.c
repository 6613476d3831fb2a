#include "config.h"

#include "rescue.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "fail.h"
#include "xalloc.h"

/* Longer than any terminal's. */
#define LEAVE_BYTES 256

/* Filled before it is armed; handlers read it only while it is. */
static struct {
	volatile sig_atomic_t armed;
	volatile sig_atomic_t holding;
	struct termios modes;
	char leave[LEAVE_BYTES];
	size_t leave_len;
	int words[2];    /* the pipe that stands for standard error */
	int stderr_copy; /* where words really go */
} state = { .words = { -1, -1 }, .stderr_copy = -1 };

static int
open_words(struct fail *why)
{
	if (pipe2(state.words, O_CLOEXEC | O_NONBLOCK) == -1)
		return fail_set(why, FAIL_INTERNAL, "cannot make a pipe: %s",
		    strerror(errno));
	state.stderr_copy = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	if (state.stderr_copy == -1)
		return fail_set(why, FAIL_INTERNAL,
		    "cannot copy standard error: %s", strerror(errno));
	return 0;
}

/* Safe in a handler. */
static void
let_words(void)
{
	char piece[1024];
	ssize_t got;

	if (state.holding == 0)
		return;
	state.holding = 0;
	(void)dup2(state.stderr_copy, STDERR_FILENO);
	while ((got = read(state.words[0], piece, sizeof(piece))) > 0)
		(void)!write(STDERR_FILENO, piece, (size_t)got);
}

int
rescue_prepare(const char *leave, struct fail *why)
{
	if (tcgetattr(STDOUT_FILENO, &state.modes) == -1)
		return fail_set(why, FAIL_INTERNAL,
		    "cannot read the terminal's modes: %s", strerror(errno));
	if (open_words(why) == -1)
		return -1;
	state.leave_len = strlen(leave);
	if (state.leave_len > sizeof(state.leave))
		state.leave_len = sizeof(state.leave);
	memcpy(state.leave, leave, state.leave_len);
	xalloc_before_end(rescue_now);
	if (atexit(rescue_now) != 0)
		return fail_set(why, FAIL_INTERNAL, "no room for atexit()");
	return 0;
}

static void
close_one(int *fd)
{
	if (*fd != -1)
		(void)close(*fd);
	*fd = -1;
}

void
rescue_done(void)
{
	rescue_disarm();
	close_one(&state.words[0]);
	close_one(&state.words[1]);
	close_one(&state.stderr_copy);
}

void
rescue_arm(void)
{
	state.armed = 1;
	/* Where words go to a file, they may go there at once. */
	if (isatty(state.stderr_copy) == 1 &&
	    dup2(state.words[1], STDERR_FILENO) != -1)
		state.holding = 1;
}

void
rescue_disarm(void)
{
	let_words();
	state.armed = 0;
}

/* Where ^S means nothing any more, it has no effect any more. */
void
rescue_start_output(void)
{
	struct termios modes = state.modes;

	modes.c_iflag &= ~(tcflag_t)IXON;
	(void)tcsetattr(STDOUT_FILENO, TCSANOW, &modes);
}

void
rescue_now(void)
{
	struct pollfd ready = { .fd = STDOUT_FILENO, .events = POLLOUT };
	int error = errno;

	if (state.armed == 0)
		return;
	state.armed = 0;
	/* Modes do not wait for a terminal that takes nothing; text would. */
	rescue_start_output();
	if (poll(&ready, 1, 0) == 1 && (ready.revents & POLLOUT) != 0)
		(void)!write(STDOUT_FILENO, state.leave, state.leave_len);
	(void)tcsetattr(STDOUT_FILENO, TCSANOW, &state.modes);
	let_words();
	errno = error;
}

static void
on_crash(int signal_number)
{
	rescue_now();
	/* The default is back (SA_RESETHAND): this ends the process. */
	(void)raise(signal_number);
}

void
rescue_catch_crashes(void)
{
	static const int signals[] = { SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV,
		SIGSYS, SIGTRAP, SIGXCPU, SIGXFSZ };
	struct sigaction action = { .sa_handler = on_crash }, old;
	size_t i;

	action.sa_flags = (int)SA_RESETHAND;
	(void)sigemptyset(&action.sa_mask);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		/* A sanitizer's own handler has more to tell. */
		if (sigaction(signals[i], NULL, &old) == 0 &&
		    old.sa_handler == SIG_DFL)
			(void)sigaction(signals[i], &action, NULL);
}
