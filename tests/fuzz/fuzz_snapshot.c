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
	fuzz_claim(
	    row->kind == DECODE_PRESENCE || row->kind == DECODE_MALFORMED,
	    "a row is a presence or malformed");
	fuzz_claim(row->presence.user_id.len <= CAP_USER_ID,
	    "an ID is within its limits");
	fuzz_claim_decoded(row);
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
