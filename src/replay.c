#include "config.h"

#include "replay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "caps.h"
#include "decode.h"
#include "fail.h"
#include "input.h"
#include "log.h"
#include "loop.h"
#include "now.h"
#include "presence.h"
#include "printer.h"
#include "sink.h"
#include "xalloc.h"

struct replay {
	const char *name; /* for messages */
	bool strict;
	int fd;
	struct input *input;
	struct decode *decode;
	struct sink *sink;
	const struct replay_handler *handler;
	void *arg;
	size_t bad;
	int64_t now_ms; /* wall time of the present block */
	bool over;      /* told: what is left is not read */
};

/* A line that is no message: told by where it stands. */
static void
complain(struct replay *replay, size_t number, struct span text)
{
	struct fail why;

	replay->bad++;
	if (replay->strict) {
		replay->over = true;
		(void)fail_set(&why, FAIL_DATA, "%s:%zu: %.*s", replay->name,
		    number, (int)text.len, text.at);
		replay->handler->on_done(replay->arg, &why);
		return;
	}
	if (replay->bad <= CAP_BAD_LINES)
		log_warning(NULL, "%s:%zu: %.*s; skipped", replay->name, number,
		    (int)text.len, text.at);
	if (replay->bad == CAP_BAD_LINES)
		log_warning(NULL, "more bad lines are not shown");
}

static bool
is_blank(struct span line)
{
	size_t i = 0;

	while (i < line.len &&
	    (line.at[i] == ' ' || line.at[i] == '\t' || line.at[i] == '\r'))
		i++;
	return i == line.len;
}

static void
on_line(void *arg, struct span line, size_t number)
{
	struct replay *replay = arg;
	struct decoded decoded;

	if (replay->over || is_blank(line))
		return;
	if (line.len > CAP_MESSAGE) {
		complain(replay, number, span_of("larger than 1 MiB"));
		sink_too_large(replay->sink, "larger than 1 MiB");
		return;
	}
	/* While this one is read, memory has the time to answer. */
	sink_expect(
	    replay->sink, decode_guess_user(input_ahead(replay->input)));
	decode_recorded(replay->decode, line, &decoded);
	if (decoded.kind == DECODE_PRESENCE) {
		if (replay->now_ms == NOW_NONE)
			replay->now_ms = now_wall_ms();
		decoded.presence.received_ms = replay->now_ms;
		decoded.presence.source = PRESENCE_REPLAY;
		sink_presence(replay->sink, &decoded.presence);
		replay->over = !replay->handler->goes_on(replay->arg);
		if (replay->over)
			replay->handler->on_done(replay->arg, NULL);
	} else {
		if (decoded.kind == DECODE_MALFORMED)
			complain(replay, number, decoded.text);
		sink_skipped(replay->sink, &decoded);
	}
	if (printer_is_blocked(sink_printer(replay->sink)))
		input_pause(replay->input, true);
}

static void
on_block(void *arg)
{
	struct replay *replay = arg;
	struct span nothing = { NULL, 0 };

	/* Blocks are used again. */
	sink_expect(replay->sink, nothing);
	sink_expect(replay->sink, nothing);
	replay->now_ms = NOW_NONE;
}

static void
on_end(void *arg, const struct fail *why)
{
	struct replay *replay = arg;

	if (!replay->over)
		replay->handler->on_done(replay->arg, why);
}

static const struct input_handler on_input = {
	.on_line = on_line,
	.on_block = on_block,
	.on_end = on_end,
};

struct replay *
replay_new(struct loop *loop, const char *file, bool strict, struct sink *sink,
    const struct replay_handler *handler, void *arg, struct fail *why)
{
	struct replay *replay;
	bool is_input = strcmp(file, "-") == 0;

	replay = xcalloc(1, sizeof(*replay));
	replay->name = is_input ? "standard input" : file;
	replay->strict = strict;
	replay->sink = sink;
	replay->handler = handler;
	replay->arg = arg;
	replay->now_ms = NOW_NONE;
	replay->decode = decode_new();
	replay->fd = is_input ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
	if (replay->fd == -1)
		(void)fail_set(why, FAIL_FILE, "cannot read '%s': %s", file,
		    strerror(errno));
	else
		replay->input = input_new(loop, replay->fd, replay->name,
		    CAP_MESSAGE, &on_input, replay, why);
	if (replay->input == NULL) {
		replay_free(replay);
		return NULL;
	}
	return replay;
}

void
replay_free(struct replay *replay)
{
	if (replay == NULL)
		return;
	input_free(replay->input);
	if (replay->fd > STDERR_FILENO)
		(void)close(replay->fd);
	decode_free(replay->decode);
	free(replay);
}

void
replay_resume(struct replay *replay)
{
	if (replay != NULL && !printer_is_blocked(sink_printer(replay->sink)))
		input_pause(replay->input, false);
}
