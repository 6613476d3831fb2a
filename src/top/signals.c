#include "config.h"

#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "fail.h"
#include "rescue.h"

/* The end of the pipe that handlers write to, and the other one. */
static int pipe_ends[2] = { -1, -1 };
/* The signal that the loop has been told to end for, or 0. */
static volatile sig_atomic_t ending;

/* The loop has this long to end; it may be stuck in writing. */
#define END_SECONDS 2

static const int ending_signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGALRM,
	SIGPIPE, SIGUSR1, SIGUSR2, 0 };
static const int other_signals[] = { SIGTSTP, SIGCONT, SIGWINCH, 0 };

static void
on_signal(int signal_number)
{
	char byte = (char)signal_number;
	int error = errno;

	/* A pipe that is full has a signal of each kind in it. */
	(void)!write(pipe_ends[1], &byte, 1);
	errno = error;
}

static void
on_end(int signal_number)
{
	if (ending != 0) {
		rescue_now();
		signals_die(ending);
		return;
	}
	ending = signal_number;
	on_signal(signal_number);
	(void)alarm(END_SECONDS);
}

static void
handle(const int *signals, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler }, old;

	(void)sigemptyset(&action.sa_mask);
	for (; *signals != 0; signals++)
		/* Who ignored it had a reason: nohup, a shell's "&". */
		if (sigaction(*signals, NULL, &old) == 0 &&
		    old.sa_handler != SIG_IGN)
			(void)sigaction(*signals, &action, NULL);
}

int
signals_catch(struct fail *why)
{
	if (pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK) == -1)
		return fail_set(why, FAIL_INTERNAL, "cannot make a pipe: %s",
		    strerror(errno));
	handle(ending_signals, on_end);
	handle(other_signals, on_signal);
	return pipe_ends[0];
}

int
signals_next(void)
{
	char byte;

	return read(pipe_ends[0], &byte, 1) == 1 ? byte : 0;
}

bool
signals_ends(int signal_number)
{
	size_t i;

	for (i = 0; ending_signals[i] != 0; i++)
		if (ending_signals[i] == signal_number)
			return true;
	return false;
}

void
signals_stop(void)
{
	struct sigaction stop = { .sa_handler = SIG_DFL }, ours;

	(void)sigemptyset(&stop.sa_mask);
	if (sigaction(SIGTSTP, &stop, &ours) == -1)
		return;
	(void)raise(SIGTSTP);
	/* cppcheck-suppress unreachableCode; it is, when it is continued */
	(void)sigaction(SIGTSTP, &ours, NULL);
}

void
signals_die(int signal_number)
{
	struct sigaction action = { .sa_handler = SIG_DFL };

	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(signal_number, &action, NULL);
	(void)raise(signal_number);
}
