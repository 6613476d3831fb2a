/*
 * log: words for people, one line a call, on standard error.
 *
 * The level and the shape of a line are the process's; everything else about
 * it is in the arguments.  Text from outside is cleaned: no line of the log
 * can be forged or steer a terminal.  A line that standard error does not take
 * at once is dropped and counted, since the log must never stall the stream.
 */
#ifndef GCP_LOG_H
#define GCP_LOG_H

#include <stdbool.h>
#include <stdint.h>

struct buf;

enum log_level {
	LOG_AT_ERROR,
	LOG_AT_WARNING,
	LOG_AT_NOTICE,
	LOG_AT_INFO,
	LOG_AT_DEBUG,
	LOG_AT_ASKED, /* a notice that is shown at every level */
};

/*
 * program: the name at the start of a line, borrowed for good.  Lines above
 * the level are not written.
 */
void log_setup(const char *program, enum log_level level, bool json);

/* The name at the start of a line. */
const char *log_program(void);

/*
 * Shows a line without its end on standard error, to be overwritten: the next
 * line of the log ends it first, or log_end_open() does.
 */
void log_open(const struct buf *line);
void log_end_open(void);

/* Whether a line of that level would be written. */
bool log_shows(enum log_level level);

/* Lines that standard error did not take. */
uint64_t log_dropped(void);

/*
 * subsystem: the module that speaks, or NULL where the text says enough.  The
 * format has no newline and starts in lower case.
 */
void log_line(enum log_level level, const char *subsystem, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

#define log_asked(...)   log_line(LOG_AT_ASKED, __VA_ARGS__)
#define log_error(...)   log_line(LOG_AT_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_AT_WARNING, __VA_ARGS__)
#define log_notice(...)  log_line(LOG_AT_NOTICE, __VA_ARGS__)
#define log_info(...)    log_line(LOG_AT_INFO, __VA_ARGS__)
#define log_debug(...)   log_line(LOG_AT_DEBUG, __VA_ARGS__)

#endif
