/*
 * The bulk presence answer: each row is a presence within the limits, that can
 * be printed, or there is a reason why it is none.
 */
#include "config.h"

#include "decode.h"
#include "fuzz.h"

static void
check_row(const struct decoded *row)
{
	const struct presence *presence = &row->presence;
	struct change change = { 0 };

	fuzz_claim(
	    row->kind == DECODE_PRESENCE || row->kind == DECODE_MALFORMED,
	    "a row is a presence or malformed");
	fuzz_claim(
	    presence->user_id.len <= CAP_USER_ID, "an ID is within its limits");
	if (row->kind == DECODE_MALFORMED) {
		fuzz_claim(row->text.len > 0, "a refusal has a reason");
		return;
	}
	fuzz_claim(presence->user_id.len > 0, "a presence is of a user");
	fuzz_claim(presence->state.len > 0 &&
		presence->state.len <= CAP_STATE &&
		presence->definition.len <= CAP_DEFINITION,
	    "a presence is within its limits");
	change.user_id = presence->user_id;
	change.state = presence->state;
	change.definition = presence->definition;
	change.changed_ms = presence->changed_ms;
	change.received_ms = 1767258000000;
	change.previous_for_ms = NOW_NONE;
	change.source = PRESENCE_SNAPSHOT;
	fuzz_claim_line(&change);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct decode *decode;
	struct span body = { (const char *)bytes, len };
	struct decoded decoded;
	struct fail why = { 0 };
	size_t row, rows = 0;

	if (decode == NULL)
		decode = decode_new();
	if (decode_bulk(decode, body, &rows, &why) == -1) {
		fuzz_claim_why(&why);
		return 0;
	}
	fuzz_claim(rows <= len, "there are no more rows than bytes");
	for (row = 0; row < rows; row++) {
		decode_bulk_row(decode, row, &decoded);
		check_row(&decoded);
	}
	return 0;
}
