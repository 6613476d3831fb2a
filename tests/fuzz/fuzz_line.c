/*
 * Lines of output: whatever the texts of a change are, within their limits, its
 * line is strict JSON that steers no terminal, and its line of TSV has eleven
 * columns.  The texts are the lines of the input.
 */
#include "config.h"

#include "buf.h"
#include "emit.h"
#include "fuzz.h"
#include "jput.h"
#include "presence.h"

/* The next text, of at most so many bytes. */
static struct span
take(struct span *rest, size_t cap)
{
	const char *end =
	    rest->len == 0 ? NULL : memchr(rest->at, '\n', rest->len);
	size_t len = end == NULL ? rest->len : (size_t)(end - rest->at);
	struct span text = { rest->at, len < cap ? len : cap };

	rest->at += len + (end != NULL);
	rest->len -= len + (end != NULL);
	return text;
}

static void
check_tsv(const struct change *change)
{
	size_t i, tabs = 0;
	struct buf buf;

	buf_init(&buf, SIZE_MAX);
	emit_tsv(&buf, change);
	for (i = 0; i + 1 < buf.len; i++) {
		tabs += buf.bytes[i] == '\t';
		fuzz_claim(
		    buf.bytes[i] == '\t' || (unsigned char)buf.bytes[i] >= ' ',
		    "a row has no control characters");
	}
	fuzz_claim(tabs == 10, "a row has eleven columns");
	fuzz_claim(buf.len <= CAP_LINE && buf.bytes[buf.len - 1] == '\n',
	    "a row ends in time");
	buf_done(&buf);
}

static void
check_plain(struct span text)
{
	struct buf buf;
	size_t i;

	buf_init(&buf, SIZE_MAX);
	jput_plain(&buf, text);
	for (i = 0; i < buf.len; i++)
		fuzz_claim((unsigned char)buf.bytes[i] >= ' ',
		    "plain text has no control characters");
	buf_done(&buf);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct span rest = { (const char *)bytes, len };
	struct change change = { 0 };

	check_plain(rest);
	change.user_id = take(&rest, CAP_USER_ID);
	change.name = take(&rest, CAP_NAME);
	change.state = take(&rest, CAP_STATE);
	change.previous_state = take(&rest, CAP_STATE);
	change.definition = take(&rest, CAP_DEFINITION);
	change.changed_ms = (int64_t)len * 1000000007;
	change.received_ms = NOW_MAX;
	change.previous_for_ms = INT64_MAX;
	change.coalesced = INT64_MAX;
	fuzz_claim_line(&change);
	check_tsv(&change);
	change.changed_ms = NOW_NONE;
	fuzz_claim_line(&change);
	check_tsv(&change);
	return 0;
}
