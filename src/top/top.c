#include "config.h"

#include "top.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "board.h"
#include "cells.h"
#include "fail.h"
#include "listing.h"
#include "now.h"
#include "paint.h"
#include "reader.h"
#include "screen.h"
#include "signals.h"
#include "summary.h"
#include "terminal.h"
#include "topopt.h"
#include "view.h"

/* Between two pictures. */
#define PICTURE_MS 100
/*
 * Everything is painted anew after this time, since what other programs write
 * on the terminal (the log of the one that feeds this) tears the picture.
 */
#define HEAL_MS 5000
/*
 * The first line is waited for so long before there is a picture, since what
 * feeds this may fail at once, and a picture would hide why.
 */
#define PATIENCE_MS 3000

enum {
	POLL_SIGNALS,
	POLL_KEYS,
	POLL_NEWS,
	POLL_SCREEN,
	POLL_COUNT
};

struct top {
	const struct topopt *opt;
	struct terminal *terminal;
	struct reader *reader;
	int signals_fd;
	int signal; /* that ends it */

	struct view view;
	struct listing listing;
	uint64_t listed; /* version of the board that it is made of */
	bool asked;      /* a key has changed what is to be listed */
	size_t page;
	bool changed;      /* since the last picture */
	int64_t shown_ms;  /* the last picture; monotonic */
	int64_t healed_ms; /* the last one that painted everything */

	/* Where it is paused: as things were then. */
	struct board *paused;
	int64_t paused_wall_ms;
	int64_t paused_ms;
};

static void
pause_or_go_on(struct top *top)
{
	if (top->view.paused == (top->paused != NULL))
		return;
	if (top->view.paused) {
		top->paused = board_copy(reader_lock(top->reader));
		reader_unlock(top->reader);
		top->paused_ms = now_ms();
		top->paused_wall_ms = now_wall_ms();
	} else {
		board_free(top->paused);
		top->paused = NULL;
	}
}

static void
read_keys(struct top *top)
{
	struct press press;

	for (;;) {
		press = terminal_press(top->terminal);
		if (press.kind == PRESS_NONE)
			break;
		if (press.kind == PRESS_GONE) {
			top->signal = SIGHUP;
			break;
		}
		view_press(&top->view, &press, top->page);
		pause_or_go_on(top);
		top->changed = true;
		top->asked = true;
	}
}

static void
read_signals(struct top *top)
{
	int number;

	while ((number = signals_next()) != 0) {
		top->changed = true;
		if (signals_ends(number)) {
			top->signal = number;
		} else if (number == SIGTSTP) {
			terminal_leave();
			signals_stop();
			terminal_return();
		} else if (number == SIGCONT) {
			terminal_return();
		} else {
			terminal_resize();
		}
	}
}

static void
sum_up(const struct top *top, const struct board *board,
    const struct reader_state *input, struct summary *summary)
{
	summary->board = top->paused != NULL ? top->paused : board;
	summary->listing = &top->listing;
	summary->view = &top->view;
	summary->clock_ms = now_wall_ms();
	summary->now_ms = now_ms();
	summary->ended = input->ended;
	summary->ended_ms = input->ended_ms;
	summary->broken = input->error == 0 ? NULL : strerror(input->error);
	summary->as_of_ms = input->ended ? input->ended_ms : summary->clock_ms;
	if (top->paused == NULL)
		return;
	summary->now_ms = top->paused_ms;
	if (top->paused_wall_ms < summary->as_of_ms)
		summary->as_of_ms = top->paused_wall_ms;
	summary->lines_waiting =
	    board_version(board) - board_version(top->paused);
}

/* Who is listed changes with the lines and the keys only. */
static void
list(struct top *top, const struct board *board, struct listing_wish *wish)
{
	if (!top->asked && board_version(board) == top->listed)
		return;
	listing_make(&top->listing, board, wish);
	top->listed = board_version(board);
	top->asked = false;
}

/* The lock is held for making the picture, not for showing it. */
static void
show(struct top *top)
{
	wchar_t filter[VIEW_FILTER_MAX + 1];
	struct listing_wish wish = { .sort = top->view.sort,
		.filter = filter,
		.only = &top->opt->only };
	struct summary summary = { .wish = &wish };
	const struct board *board;
	struct reader_state input;
	int64_t now = now_ms();
	bool all;
	size_t i;

	for (i = 0; i <= top->view.filter_len; i++)
		/* cppcheck-suppress unreadVariable; it is, by way of wish */
		filter[i] = cells_fold_sign(top->view.filter[i]);
	board = reader_lock(top->reader);
	input = reader_take_news(top->reader);
	sum_up(top, board, &input, &summary);
	list(top, summary.board, &wish);
	top->page = paint_picture(&summary, &top->view);
	reader_unlock(top->reader);
	all = top->view.redraw || now - top->healed_ms >= HEAL_MS;
	screen_show(all);
	if (all)
		top->healed_ms = now;
	top->view.redraw = false;
	top->changed = false;
	top->shown_ms = now;
}

/* Until the next picture: soon where something changed, else a second. */
static int64_t
wait_ms(const struct top *top)
{
	int64_t since = now_ms() - top->shown_ms;

	if (!top->changed)
		/* At the start of a second, as people expect of a clock. */
		return 1000 - now_wall_ms() % 1000;
	return since >= PICTURE_MS ? 0 : PICTURE_MS - since;
}

static int
turn(struct top *top, struct fail *why)
{
	struct pollfd fds[POLL_COUNT] = {
		[POLL_SIGNALS] = { .fd = top->signals_fd, .events = POLLIN },
		[POLL_KEYS] = { .fd = terminal_fd(top->terminal),
		    .events = POLLIN },
		/* News stays until the next picture. */
		[POLL_NEWS] = { .fd = top->changed
			? -1
			: reader_news_fd(top->reader),
		    .events = POLLIN },
		[POLL_SCREEN] = { .fd = -1, .events = POLLOUT },
	};
	int64_t wait = wait_ms(top);
	int ready;

	/* It may stand still: then keys and signals are still heard. */
	if (wait == 0 && !terminal_takes()) {
		fds[POLL_SCREEN].fd = STDOUT_FILENO;
		wait = 1000;
	}
	ready = poll(fds, POLL_COUNT, (int)wait);
	if (ready == -1 && errno != EINTR)
		return fail_set(
		    why, FAIL_INTERNAL, "cannot poll: %s", strerror(errno));
	if (ready > 0 && fds[POLL_SIGNALS].revents != 0)
		read_signals(top);
	if (ready > 0 && fds[POLL_KEYS].revents != 0)
		read_keys(top);
	if (ready == 0 || (ready > 0 && fds[POLL_NEWS].revents != 0))
		top->changed = true;
	if (top->changed && wait_ms(top) == 0 && terminal_takes())
		show(top);
	return 0;
}

/* What went wrong with the input; *ret_empty: it ended without a line. */
static int
judge_input(struct top *top, bool *ret_empty, struct fail *why)
{
	const struct board *board;
	struct reader_state input;

	board = reader_lock(top->reader);
	input = reader_take_news(top->reader);
	*ret_empty = input.ended && board_version(board) == 0;
	reader_unlock(top->reader);
	if (input.error == 0)
		return 0;
	return fail_set(why, FAIL_FILE, "cannot read standard input: %s",
	    strerror(input.error));
}

/* Until there is something to show, or nobody wants to see it. */
static int
wait_for_lines(struct top *top, struct fail *why)
{
	struct pollfd fds[] = {
		{ .fd = top->signals_fd, .events = POLLIN },
		{ .fd = reader_news_fd(top->reader), .events = POLLIN },
	};
	int64_t end = now_ms() + PATIENCE_MS, left;
	bool is_empty;
	int number;

	while (top->signal == 0 && fds[1].revents == 0 &&
	    (left = end - now_ms()) > 0) {
		if (poll(fds, 2, (int)left) <= 0)
			continue;
		while ((number = signals_next()) != 0)
			if (signals_ends(number))
				top->signal = number;
			else if (number == SIGTSTP)
				signals_stop();
	}
	if (top->signal != 0)
		return 0;
	if (judge_input(top, &is_empty, why) == -1)
		return -1;
	if (is_empty)
		return fail_set(why, FAIL_DATA,
		    "not one line came on standard input: what feeds this "
		    "failed, or had nothing to say");
	return 0;
}

static int
run(struct top *top, struct fail *why)
{
	bool is_empty;

	if (terminal_check(why) == -1)
		return -1;
	if (isatty(STDIN_FILENO) == 1)
		return fail_set(why, FAIL_USAGE,
		    "standard input is a terminal; pipe lines into it: "
		    "gcpresence -f team.yaml | gcpresence-top");
	top->signals_fd = signals_catch(why);
	if (top->signals_fd == -1)
		return -1;
	top->reader = reader_new(STDIN_FILENO, why);
	if (top->reader == NULL || wait_for_lines(top, why) == -1)
		return -1;
	if (top->signal != 0)
		return 0;
	top->terminal = terminal_open(top->opt->colour, why);
	if (top->terminal == NULL)
		return -1;
	show(top);
	while (top->signal == 0 && !top->view.quit)
		if (turn(top, why) == -1)
			return -1;
	return judge_input(top, &is_empty, why);
}

int
top_run(const struct topopt *opt, int *ret_signal, struct fail *why)
{
	struct top top = { .opt = opt, .asked = true, .page = 1 };
	int rc;

	top.view.sort = (enum listing_sort)opt->sort;
	rc = run(&top, why);
	terminal_close(top.terminal);
	*ret_signal = top.signal;
	listing_done(&top.listing);
	board_free(top.paused);
	reader_free(top.reader);
	return rc;
}
