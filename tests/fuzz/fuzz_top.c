/*
 * gcpresence-top's input: any line is applied to the board or is bad, with a
 * reason; what the board then says of users, gaps and times can be shown.
 */
#include "config.h"

#include <locale.h>

#include "buf.h"
#include "fail.h"
#include "fuzz.h"
#include "jget.h"
#include "states.h"
#include "top/board.h"
#include "top/listing.h"
#include "top/record.h"
#include "top/say.h"
#include "top/summary.h"

#define WALL_MS 1767258000000

static void
check_text(const char *text)
{
	fuzz_claim(strlen(text) < SAY_TEXT, "a time is not too long");
}

/* What paint.c says of a person. */
static void
show_person(const struct board_person *person)
{
	char text[SAY_TEXT];

	say_age(text, WALL_MS - person->since_ms);
	check_text(text);
	say_age_briefly(text, WALL_MS - person->since_ms);
	check_text(text);
	say_when(text, person->since_ms, WALL_MS);
	check_text(text);
	if (person->lasted_ms != NOW_NONE)
		say_age(text, person->lasted_ms);
	if (person->latency_ms != NOW_NONE)
		say_latency(text, person->latency_ms);
	check_text(text);
	fuzz_claim(person->label.width > 0, "a person has a label");
}

static void
show(const struct board *board)
{
	static const struct states all;
	struct listing_wish wish = { LISTING_BY_NAME, L"", &all };
	struct summary summary = { .board = board, .clock_ms = WALL_MS };
	struct listing listing = { 0 };
	struct buf text;
	size_t i;

	for (; wish.sort < LISTING_SORTS; wish.sort++) {
		listing_make(&listing, board, &wish);
		fuzz_claim(listing.count == board_persons(board),
		    "everybody is listed");
	}
	for (i = 0; i < listing.count; i++)
		show_person(listing.rows[i]);
	listing_done(&listing);
	buf_init(&text, SIZE_MAX);
	if (board_totals(board)->gaps > 0)
		summary_gap(&text, &summary);
	if (board_totals(board)->bad > 0)
		summary_bad(&text, &summary);
	buf_done(&text);
	(void)summary_empty(&summary);
	(void)board_rate(board, 100000);
}

static void
apply(struct board *board, struct jget *jget, struct span line, size_t number)
{
	struct record record;
	struct fail why = { 0 };

	if (record_read(jget, line, &record, &why) == 0 &&
	    board_apply(board, &record, (int64_t)number * 1000, &why) == 0)
		return;
	fuzz_claim_why(&why);
	board_bad(board, number, why.text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const char *locale;
	struct span rest = { (const char *)bytes, len }, line;
	struct board *board, *copy;
	struct jget *jget;
	const char *end;
	size_t number = 0;

	if (locale == NULL)
		locale = setlocale(LC_CTYPE, "C.UTF-8");
	board = board_new();
	jget = jget_new();
	while (rest.len > 0) {
		end = memchr(rest.at, '\n', rest.len);
		line.at = rest.at;
		line.len = end == NULL ? rest.len : (size_t)(end - rest.at);
		apply(board, jget, line, ++number);
		rest.at += line.len + (end != NULL);
		rest.len -= line.len + (end != NULL);
	}
	show(board);
	copy = board_copy(board);
	fuzz_claim(board_persons(copy) == board_persons(board),
	    "a copy has the same users");
	board_free(copy);
	board_free(board);
	jget_free(jget);
	return 0;
}
