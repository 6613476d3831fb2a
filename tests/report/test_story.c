#include "config.h"

#include "blinds.h"
#include "story.h"
#include "test.h"

/* The numbers of states. */
enum {
	BUSY,
	MEAL,
	AWAY
};

/* What a story told, as "BUSY 0-10, unknown 10-15". */
static char told[512];

static void
on_piece(void *arg, const struct piece *piece)
{
	static const char *const names[] = { "BUSY", "MEAL", "AWAY" };
	size_t used = strlen(told);

	(void)arg;
	(void)snprintf(told + used, sizeof(told) - used, "%s%s%s %lld-%lld%s",
	    used > 0 ? ", " : "", piece->cut_before ? "..." : "",
	    piece->state == NAMES_NONE ? "unknown" : names[piece->state],
	    (long long)piece->from_ms, (long long)piece->to_ms,
	    piece->cut_behind ? "..." : "");
}

static uint32_t changes;

static void
on_change(void *arg, int64_t at_ms, uint16_t state, uint32_t count)
{
	(void)arg;
	(void)at_ms;
	(void)state;
	changes += count;
}

/* Tells moments within 0 to 100, blind from 40 to 60. */
static const char *
tell(const struct moment *moments, size_t count)
{
	const struct story_ear ear = { on_piece, on_change, NULL };
	struct story story = { .end_ms = 100, .to_ms = 100, .takes_end = true };

	told[0] = '\0';
	changes = 0;
	story.blinds = blinds_new();
	blinds_add(story.blinds, 40, 60);
	story_tell(&story, moments, count, &ear);
	blinds_free(story.blinds);
	return told;
}

/* A change that no line tells the time before of. */
static struct moment
moment_of(int64_t at_ms, uint16_t state, uint16_t before)
{
	struct moment moment = { .at_ms = at_ms,
		.before_since_ms = NOW_NONE,
		.state = state,
		.before = before };

	return moment;
}

static void
story_goes_from_each_change_to_the_next(void **state)
{
	struct moment moments[] = { moment_of(10, BUSY, NAMES_NONE),
		moment_of(30, MEAL, BUSY) };

	(void)state;
	assert_string_equal(
	    tell(moments, 2), "...unknown 0-10..., BUSY 10-30, MEAL 30-100...");
	assert_int_equal(changes, 1);
}

static void
story_before_the_first_change_is_what_its_line_says(void **state)
{
	struct moment moments[] = { moment_of(30, MEAL, BUSY) };

	(void)state;
	assert_string_equal(tell(moments, 1), "...BUSY 0-30, MEAL 30-100...");
	moments[0].before_since_ms = 20;
	assert_string_equal(
	    tell(moments, 1), "...unknown 0-20..., BUSY 20-30, MEAL 30-100...");
	moments[0].before_since_ms = -5;
	assert_string_equal(tell(moments, 1), "...BUSY 0-30, MEAL 30-100...");
}

static void
story_joins_pieces_of_one_state(void **state)
{
	struct moment moments[] = { moment_of(0, BUSY, NAMES_NONE),
		moment_of(30, BUSY, BUSY), moment_of(30, MEAL, BUSY),
		moment_of(30, AWAY, MEAL) };

	(void)state;
	assert_string_equal(tell(moments, 4), "BUSY 0-30, AWAY 30-100...");
	assert_int_equal(changes, 2);
}

static void
story_does_not_know_what_a_snapshot_ends(void **state)
{
	struct moment moments[] = { moment_of(0, BUSY, NAMES_NONE),
		moment_of(50, MEAL, BUSY) };

	(void)state;
	moments[1].asked = true;
	assert_string_equal(tell(moments, 2),
	    "BUSY 0-40..., ...unknown 40-50..., MEAL 50-100...");
	/* It changed after the stream was back, and was found by asking. */
	moments[1].at_ms = 70;
	assert_string_equal(tell(moments, 2),
	    "BUSY 0-40..., ...unknown 40-60..., ...BUSY 60-70, "
	    "MEAL 70-100...");
	/* It changed before: nothing is hidden. */
	moments[1].at_ms = 35;
	assert_string_equal(tell(moments, 2), "BUSY 0-35, MEAL 35-100...");
}

static void
story_keeps_a_state_that_is_the_same_behind_a_gap(void **state)
{
	struct moment moments[] = { moment_of(0, BUSY, NAMES_NONE),
		moment_of(50, BUSY, BUSY) };

	(void)state;
	moments[1].asked = true;
	assert_string_equal(tell(moments, 2), "BUSY 0-100...");
	/* But not where a new recorder found it, of a later time. */
	moments[1].before = NAMES_NONE;
	assert_string_equal(tell(moments, 2),
	    "BUSY 0-40..., ...unknown 40-50..., BUSY 50-100...");
}

static void
story_does_not_know_what_coalesced_changes_hide(void **state)
{
	struct moment moments[] = { moment_of(0, BUSY, NAMES_NONE),
		moment_of(30, AWAY, MEAL) };

	(void)state;
	moments[1].before_since_ms = 20;
	moments[1].missed = 1;
	/* One that was not printed is the one that the line tells of. */
	assert_string_equal(
	    tell(moments, 2), "BUSY 0-20, MEAL 20-30, AWAY 30-100...");
	assert_int_equal(changes, 2);
	moments[1].missed = 2;
	assert_string_equal(
	    tell(moments, 2), "...unknown 0-20..., MEAL 20-30, AWAY 30-100...");
	assert_int_equal(changes, 3);
}

static void
blinds_that_touch_are_one(void **state)
{
	struct blinds *blinds = blinds_new();
	int64_t from_ms, to_ms;

	(void)state;
	blinds_add(blinds, 50, 60);
	blinds_add(blinds, 10, 20);
	blinds_add(blinds, 20, 30);
	blinds_add(blinds, 15, 18);
	blinds_add(blinds, 70, 70);
	blinds_add(blinds, 90, 80);
	assert_int_equal(blinds_count(blinds), 2);
	assert_int_equal(blinds_within(blinds, 0, 100), 30);
	assert_int_equal(blinds_within(blinds, 25, 55), 10);
	assert_true(blinds_last(blinds, 50, &from_ms, &to_ms));
	assert_int_equal(from_ms, 10);
	assert_int_equal(to_ms, 30);
	assert_false(blinds_last(blinds, 10, &from_ms, &to_ms));
	blinds_free(blinds);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(story_goes_from_each_change_to_the_next),
		cmocka_unit_test(
		    story_before_the_first_change_is_what_its_line_says),
		cmocka_unit_test(story_joins_pieces_of_one_state),
		cmocka_unit_test(story_does_not_know_what_a_snapshot_ends),
		cmocka_unit_test(
		    story_keeps_a_state_that_is_the_same_behind_a_gap),
		cmocka_unit_test(
		    story_does_not_know_what_coalesced_changes_hide),
		cmocka_unit_test(blinds_that_touch_are_one),
	};

	return TEST_RUN(tests);
}
