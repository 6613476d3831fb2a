#include "config.h"

#include "log.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "jput.h"
#include "now.h"
#include "redact.h"

#define LOG_TEXT 2048
/*
 * A pipe that says it has room takes this much without waiting (PIPE_BUF), and
 * so much of a text fits, whatever it is made of: escaped it is six times as
 * long at most.
 */
#define LINE_MAX_BYTES 4096
#define TEXT_SHORTENED 600

static struct {
	const char *program;
	enum log_level level;
	bool json;
	bool journal;
	bool left_open; /* a line of a terminal without its end */
	uint64_t dropped;
} sink = { "gcpresence", LOG_AT_NOTICE, false, false, false, 0 };

static const char *const level_names[] = { "error", "warning", "notice", "info",
	"debug", "notice" };

/*
 * Whether standard error is the journal's own stream: systemd names it in
 * $JOURNAL_STREAM as device:inode (systemd.exec(5)).
 */
static bool
is_journal(void)
{
	const char *stream = secure_getenv("JOURNAL_STREAM");
	char ours[64];
	struct stat status;

	if (stream == NULL || fstat(STDERR_FILENO, &status) == -1)
		return false;
	(void)snprintf(ours, sizeof(ours), "%ju:%ju", (uintmax_t)status.st_dev,
	    (uintmax_t)status.st_ino);
	return strcmp(stream, ours) == 0;
}

void
log_setup(const char *program, enum log_level level, bool json)
{
	sink.program = program;
	sink.level = level;
	sink.json = json;
	sink.journal = is_journal();
}

const char *
log_program(void)
{
	return sink.program;
}

bool
log_shows(enum log_level level)
{
	return level <= sink.level || level == LOG_AT_ASKED;
}

uint64_t
log_dropped(void)
{
	return sink.dropped;
}

static void
write_line(const struct buf *line)
{
	struct pollfd ready = { .fd = STDERR_FILENO, .events = POLLOUT };
	ssize_t done;

	if (poll(&ready, 1, 0) != 1 || (ready.revents & POLLOUT) == 0) {
		sink.dropped++;
		return;
	}
	do
		done = write(STDERR_FILENO, line->bytes, line->len);
	while (done == -1 && errno == EINTR);
	if (done != (ssize_t)line->len)
		sink.dropped++;
}

void
log_open(const struct buf *line)
{
	write_line(line);
	sink.left_open = true;
}

void
log_end_open(void)
{
	char end[] = "\n";
	struct buf line = { .bytes = end, .len = 1 };

	if (sink.left_open)
		write_line(&line);
	sink.left_open = false;
}

static void
put_json_line(struct buf *line, enum log_level level, const char *subsystem,
    const char *text)
{
	buf_text(line, "{\"time\":");
	jput_time(line, now_wall_ms());
	buf_text(line, ",\"level\":");
	jput_string(line, span_of(level_names[level]));
	buf_text(line, ",\"program\":");
	jput_string(line, span_of(sink.program));
	if (subsystem != NULL) {
		buf_text(line, ",\"subsystem\":");
		jput_string(line, span_of(subsystem));
	}
	buf_text(line, ",\"message\":");
	jput_string(line, span_of(text));
	buf_text(line, "}\n");
}

static void
put_text_line(struct buf *line, enum log_level level, const char *subsystem,
    const char *text)
{
	buf_text(line, sink.program);
	buf_text(line, ": ");
	if (level == LOG_AT_WARNING)
		buf_text(line, "warning: ");
	if (subsystem != NULL) {
		buf_text(line, subsystem);
		buf_text(line, ": ");
	}
	jput_plain(line, span_of(text));
	buf_char(line, '\n');
}

/* False, and nothing is written, where the line would be longer than max. */
static bool
write_text(
    enum log_level level, const char *subsystem, const char *text, size_t max)
{
	/* The priorities of syslog(3), as sd-daemon(3) has them. */
	static const char *const prefixes[] = { "<3>", "<4>", "<5>", "<6>",
		"<7>", "<5>" };
	struct buf line;
	bool fits;

	buf_init(&line, SIZE_MAX);
	if (sink.left_open)
		buf_char(&line, '\n');
	if (sink.journal)
		buf_text(&line, prefixes[level]);
	if (sink.json)
		put_json_line(&line, level, subsystem, text);
	else
		put_text_line(&line, level, subsystem, text);
	fits = line.len <= max;
	if (fits) {
		write_line(&line);
		sink.left_open = false;
	}
	buf_done(&line);
	return fits;
}

void
log_line(enum log_level level, const char *subsystem, const char *format, ...)
{
	char text[LOG_TEXT];
	va_list arguments;

	if (!log_shows(level))
		return;
	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	redact_text(text, strlen(text));
	if (!write_text(level, subsystem, text, LINE_MAX_BYTES)) {
		text[TEXT_SHORTENED] = '\0';
		(void)write_text(level, subsystem, text, SIZE_MAX);
	}
}
