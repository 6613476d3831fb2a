/*
 * The state file: any content is read or refused with a reason.  The same bytes
 * with a header in front, which no search would find the checksum for, are
 * read too; and what was read, written again, reads as the same.
 */
#include "config.h"

#include "buf.h"
#include "emit.h"
#include "fail.h"
#include "fuzz.h"
#include "presence.h"
#include "statefile.h"

/* Lines that are written again, in place of what was read. */
struct copy {
	struct buf lines;
	size_t count;
};

static void
on_change(void *arg, const struct change *change)
{
	struct copy *copy = arg;

	fuzz_claim(change->received_ms != NOW_NONE, "a change came some time");
	fuzz_claim_line(change);
	emit_ndjson(&copy->lines, change);
	copy->count++;
}

/* Whether the lines, behind a header, are accepted. */
static bool
read_lines(struct span lines, size_t count, struct copy *copy)
{
	struct fail why = { 0 };
	struct buf content;
	int rc;

	buf_init(&content, SIZE_MAX);
	statefile_put_header(&content, lines, count);
	buf_add(&content, lines.at, lines.len);
	rc = statefile_read("team.state",
	    (struct span){ content.bytes, content.len }, on_change, copy, &why);
	buf_done(&content);
	if (rc == -1) {
		fuzz_claim_why(&why);
		fuzz_claim(why.kind == FAIL_DATA, "a refusal is of the data");
	}
	return rc == 0;
}

static size_t
count_lines(struct span text)
{
	size_t i, count = text.len > 0 && text.at[text.len - 1] != '\n';

	for (i = 0; i < text.len; i++)
		count += text.at[i] == '\n';
	return count;
}

static void
copy_init(struct copy *copy)
{
	buf_init(&copy->lines, SIZE_MAX);
	copy->count = 0;
}

static struct span
copied(const struct copy *copy)
{
	return (struct span){ copy->lines.bytes, copy->lines.len };
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct span input = { (const char *)bytes, len };
	struct copy first, second;
	struct fail why = { 0 };

	copy_init(&first);
	copy_init(&second);
	if (statefile_read("team.state", input, on_change, &first, &why) == -1)
		fuzz_claim_why(&why);
	buf_reset(&first.lines);
	first.count = 0;
	if (read_lines(input, count_lines(input), &first)) {
		fuzz_claim(read_lines(copied(&first), first.count, &second),
		    "what was read and written is accepted");
		fuzz_claim(span_equal(copied(&first), copied(&second)),
		    "what was read and written reads as the same");
	}
	buf_done(&first.lines);
	buf_done(&second.lines);
	return 0;
}
