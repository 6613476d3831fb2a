#include "config.h"

#include "reading.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "book.h"
#include "bounds.h"
#include "caps.h"
#include "fail.h"
#include "jget.h"
#include "lines.h"
#include "log.h"
#include "record.h"

/* One file being read. */
struct source {
	struct reading *reading;
	const char *name;
	struct jget *jget;
};

/* What a line cannot be used for, in a sentence. */
static enum record_kind
take_line(struct source *source, const struct line *line, struct fail *why)
{
	struct book *book = source->reading->book;
	enum record_kind kind;
	struct record record;
	struct fail reason;

	if (line->too_long) {
		(void)fail_set(
		    why, FAIL_DATA, "longer than %d bytes", BOUND_LINE);
		return RECORD_BAD;
	}
	kind = record_read(source->jget, line->text, &record, &reason);
	if (kind == RECORD_BAD) {
		/* Whoever writes it may not be done. */
		(void)fail_set(why, FAIL_DATA, "%s%s", reason.text,
		    line->ended ? "" : " (the last line, without a newline)");
		return kind;
	}
	if (kind == RECORD_GAP)
		book_add_gap(book, record.from_ms, record.to_ms);
	if (kind == RECORD_CHANGE && book_add(book, &record, why) == -1)
		return RECORD_BAD;
	return kind;
}

static int
on_line(void *arg, const struct line *line, struct fail *why)
{
	struct source *source = arg;
	struct reading *reading = source->reading;
	enum record_kind kind;
	struct fail reason;

	kind = take_line(source, line, &reason);
	if (kind == RECORD_NOTHING)
		return 0;
	reading->lines++;
	if (kind != RECORD_BAD)
		return 0;
	if (reading->strict)
		return fail_set(why, FAIL_DATA, "%s:%zu: %s", source->name,
		    line->number, reason.text);
	if (reading->skipped < CAP_BAD_LINES)
		log_warning(NULL, "%s:%zu: %s; skipped", source->name,
		    line->number, reason.text);
	else if (reading->skipped == CAP_BAD_LINES)
		log_warning(NULL,
		    "%s:%zu: and more that cannot be used: they are counted",
		    source->name, line->number);
	reading->skipped++;
	return 0;
}

static int
read_file(struct reading *reading, const char *name, struct jget *jget,
    struct fail *why)
{
	struct source source = { reading, name, jget };
	int fd, rc;

	if (strcmp(name, "-") == 0) {
		source.name = "stdin";
		return lines_read(
		    STDIN_FILENO, source.name, on_line, &source, why);
	}
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return fail_set(why, FAIL_FILE, "cannot read '%s': %s", name,
		    strerror(errno));
	rc = lines_read(fd, name, on_line, &source, why);
	(void)close(fd);
	return rc;
}

int
reading_all(struct reading *reading, char *const *names, struct fail *why)
{
	struct jget *jget;
	int rc;

	jget = jget_new();
	rc = *names == NULL ? read_file(reading, "-", jget, why) : 0;
	for (; rc == 0 && *names != NULL; names++)
		rc = read_file(reading, *names, jget, why);
	jget_free(jget);
	if (rc == -1)
		return -1;
	if (reading->skipped > 0 && reading->skipped == reading->lines)
		return fail_set(why, FAIL_DATA,
		    "none of %" PRIu64 " lines could be used: give it what "
		    "gcpresence prints as NDJSON, its usual format",
		    reading->lines);
	if (reading->skipped > 0)
		log_warning(NULL,
		    "%" PRIu64 " of %" PRIu64 " lines could not be used",
		    reading->skipped, reading->lines);
	return 0;
}
