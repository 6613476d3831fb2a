#include "config.h"

#include "caps.h"
#include "delta.h"
#include "log.h"
#include "plan.h"
#include "roster.h"
#include "shard.h"
#include "test.h"

#define ADA   "9ed7d9f6-0c59-4360-ac54-40dd35eb9c2f"
#define GRACE "1b2c3d4e-0000-4000-8000-00000000000a"
#define MARY  "1b2c3d4e-0000-4000-8000-00000000000b"

static struct plan *plan;
static struct delta *delta;
static struct shard shard; /* none, but where a test says so */
static struct roster *roster;

static void
make(bool strict)
{
	plan = plan_new();
	delta = delta_new();
	roster = roster_new(plan, delta, strict, &shard);
}

static int
make_roster(void **state)
{
	(void)state;
	/* Warnings of bad IDs are not for the tests' own log. */
	log_setup("test", LOG_AT_ERROR, false);
	memset(&shard, 0, sizeof(shard));
	make(false);
	return 0;
}

static int
free_roster(void **state)
{
	(void)state;
	roster_free(roster);
	delta_free(delta);
	plan_free(plan);
	return 0;
}

static int
add(const char *id, const char *name, struct fail *why)
{
	return roster_add(
	    roster, span_of(id), span_of(name), "team.yaml:12:5", why);
}

static void
add_good(const char *id, const char *name)
{
	struct fail why = { 0 };

	if (add(id, name, &why) == -1)
		fail_msg("%s", why.text);
}

/* The name that a user's change would have. */
static const char *
name_of(const char *id)
{
	struct presence presence = { .changed_ms = NOW_NONE };
	struct change change;
	static char name[CAP_NAME + 1];

	presence.user_id = span_of(id);
	presence.state = SPAN("BUSY");
	if (delta_apply(delta, &presence, &change) != DELTA_CHANGE)
		return NULL;
	memcpy(
	    name, change.name.len > 0 ? change.name.at : "", change.name.len);
	name[change.name.len] = '\0';
	return name;
}

static void
roster_lets_users_wait_until_the_protocol_is_known(void **state)
{
	struct fail why;

	(void)state;
	add_good(ADA, "Ada");
	add_good("user-id-1", NULL);
	assert_int_equal(roster_count(roster), 2);
	assert_int_equal(plan_count(plan), 0);
	assert_int_equal(delta_count(delta), 0);
	assert_int_equal(roster_decide(roster, false, &why), 0);
	assert_int_equal(roster_count(roster), 2);
	assert_int_equal(plan_count(plan), 2);
	assert_int_equal(delta_count(delta), 2);
	assert_string_equal(name_of(ADA), "Ada");
	assert_string_equal(name_of("user-id-1"), "");
}

static void
roster_adds_users_at_once_when_it_is(void **state)
{
	struct fail why;

	(void)state;
	assert_int_equal(roster_decide(roster, true, &why), 0);
	assert_int_equal(roster_count(roster), 0);
	add_good(ADA, "Ada");
	assert_int_equal(roster_count(roster), 1);
	assert_int_equal(plan_count(plan), 1);
	assert_string_equal(name_of(ADA), "Ada");
}

static void
roster_keeps_the_order_and_each_user_once(void **state)
{
	struct fail why;

	(void)state;
	add_good(GRACE, "Grace");
	add_good(ADA, "Ada");
	add_good("9ED7D9F6-0C59-4360-AC54-40DD35EB9C2F", "Somebody");
	assert_int_equal(roster_count(roster), 2);
	assert_int_equal(roster_decide(roster, true, &why), 0);
	add_good(GRACE, "Somebody");
	add_good(MARY, "");
	plan_cut(plan, 100);
	assert_int_equal(plan_count(plan), 3);
	assert_span(plan_user(plan, 0, 0), GRACE);
	assert_span(plan_user(plan, 0, 1), ADA);
	assert_span(plan_user(plan, 0, 2), MARY);
	assert_string_equal(name_of(ADA), "Ada");
	assert_string_equal(name_of(GRACE), "Grace");
	assert_int_equal(roster_bad(roster), 0);
}

static void
roster_skips_and_counts_bad_ids(void **state)
{
	char long_id[CAP_USER_ID + 2] = { 0 };
	struct fail why = { 0 };

	(void)state;
	memset(long_id, 'x', CAP_USER_ID + 1);
	add_good("", NULL);
	add_good("a\nb", NULL);
	add_good(long_id, NULL);
	add_good("Zo\xc3\xab", NULL);
	add_good("two words", NULL);
	add_good(ADA, NULL);
	assert_int_equal(roster_bad(roster), 5);
	assert_int_equal(roster_count(roster), 1);
	assert_int_equal(roster_decide(roster, true, &why), 0);
	add_good("", NULL);
	assert_int_equal(roster_bad(roster), 6);
	assert_int_equal(roster_count(roster), 1);
}

static void
roster_of_uuids_skips_other_ids_when_that_is_known(void **state)
{
	struct fail why;

	(void)state;
	add_good("user-id-1", NULL);
	add_good(ADA, NULL);
	add_good("00000000-0000-0000-0000-000000000000", NULL);
	assert_int_equal(roster_bad(roster), 0);
	assert_int_equal(roster_decide(roster, true, &why), 0);
	assert_int_equal(roster_bad(roster), 2);
	assert_int_equal(roster_count(roster), 1);
	add_good("user-id-2", NULL);
	assert_int_equal(roster_bad(roster), 3);
	assert_int_equal(roster_count(roster), 1);
	assert_null(name_of("user-id-2"));
}

static void
roster_that_is_strict_stops_at_a_bad_id_and_says_where(void **state)
{
	struct fail why = { 0 };

	(void)state;
	(void)free_roster(NULL);
	make(true);
	add_good(ADA, NULL);
	assert_int_equal(add("two words", NULL, &why), -1);
	assert_fail(&why, FAIL_DATA, "team.yaml:12:5: user id 'two words'");
	assert_int_equal(roster_bad(roster), 1);
}

static void
roster_that_is_strict_stops_at_what_turns_out_to_be_no_uuid(void **state)
{
	struct fail why = { 0 };

	(void)state;
	(void)free_roster(NULL);
	make(true);
	add_good("user-id-1", NULL);
	add_good(ADA, NULL);
	assert_int_equal(roster_decide(roster, true, &why), -1);
	assert_fail(&why, FAIL_DATA, "team.yaml:12:5: user id 'user-id-1'");
}

static void
roster_that_is_strict_has_no_objection_to_doubles(void **state)
{
	struct fail why;

	(void)state;
	(void)free_roster(NULL);
	make(true);
	add_good(ADA, NULL);
	add_good(ADA, NULL);
	assert_int_equal(roster_decide(roster, true, &why), 0);
	add_good(ADA, NULL);
	assert_int_equal(roster_count(roster), 1);
}

static void
roster_counts_lines_that_hold_no_id(void **state)
{
	const struct fail bad = { .kind = FAIL_DATA, .text = "too long" };
	struct fail why = { 0 };

	(void)state;
	assert_int_equal(
	    roster_refuse(roster, "standard input:7", &bad, &why), 0);
	assert_int_equal(roster_bad(roster), 1);
	(void)free_roster(NULL);
	make(true);
	assert_int_equal(
	    roster_refuse(roster, "standard input:7", &bad, &why), -1);
	assert_fail(&why, FAIL_DATA, "standard input:7: too long");
}

static void
roster_has_no_room_beyond_its_limit(void **state)
{
	struct fail why;

	(void)state;
	assert_int_equal(roster_decide(roster, true, &why), 0);
	roster_limit(roster, 2);
	add_good(ADA, NULL);
	add_good(GRACE, NULL);
	assert_int_equal(roster_bad(roster), 0);
	add_good(MARY, NULL);
	assert_int_equal(roster_bad(roster), 1);
	assert_int_equal(roster_count(roster), 2);
	assert_int_equal(delta_count(delta), 2);
	assert_null(name_of(MARY));
	/* Who is there already takes no more room. */
	add_good(ADA, NULL);
	assert_int_equal(roster_bad(roster), 1);
}

static void
roster_passes_over_the_users_of_other_shards(void **state)
{
	enum {
		USERS = 200
	};
	size_t ours[3] = { 0 }, i;
	struct fail why;
	char id[32];

	(void)state;
	for (shard.mine = 0; shard.mine < 3; shard.mine++) {
		shard.of = 3;
		(void)free_roster(NULL);
		make(true);
		for (i = 0; i < USERS; i++) {
			(void)snprintf(id, sizeof(id), "user-%zu", i);
			add_good(id, NULL);
		}
		assert_int_equal(roster_decide(roster, false, &why), 0);
		ours[shard.mine] = roster_count(roster);
		assert_int_equal(roster_bad(roster), 0);
	}
	assert_int_equal(ours[0] + ours[1] + ours[2], USERS);
	assert_true(ours[0] > 0 && ours[1] > 0 && ours[2] > 0);
}

static void
roster_cuts_names_to_their_cap(void **state)
{
	char name[CAP_NAME + 100];
	struct fail why;

	(void)state;
	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	add_good(ADA, name);
	assert_int_equal(roster_decide(roster, true, &why), 0);
	add_good(GRACE, name);
	assert_int_equal(strlen(name_of(ADA)), CAP_NAME);
	assert_int_equal(strlen(name_of(GRACE)), CAP_NAME);
}

/* Lines of the log that came while fn ran. */
static size_t
lines_logged(void (*fn)(void))
{
	static char text[1 << 20];
	int saved, file;
	size_t lines = 0;
	ssize_t got, i;

	file = open(test_path("log"), O_RDWR | O_CREAT | O_TRUNC, 0600);
	saved = dup(STDERR_FILENO);
	assert_int_not_equal(dup2(file, STDERR_FILENO), -1);
	log_setup("test", LOG_AT_WARNING, false);
	fn();
	log_setup("test", LOG_AT_ERROR, false);
	assert_int_not_equal(dup2(saved, STDERR_FILENO), -1);
	(void)close(saved);
	got = pread(file, text, sizeof(text), 0);
	(void)close(file);
	for (i = 0; i < got; i++)
		lines += text[i] == '\n';
	return lines;
}

static void
add_many_bad_ones(void)
{
	int i;

	for (i = 0; i < 5 * CAP_BAD_LINES; i++)
		add_good("two words", NULL);
}

static void
roster_tells_of_so_many_bad_ids_and_no_more(void **state)
{
	(void)state;
	/* One more says that the others are not shown. */
	assert_int_equal(lines_logged(add_many_bad_ones), CAP_BAD_LINES + 1);
	assert_int_equal(roster_bad(roster), 5 * CAP_BAD_LINES);
}

#define roster_test(name) \
	cmocka_unit_test_setup_teardown(name, make_roster, free_roster)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		roster_test(roster_lets_users_wait_until_the_protocol_is_known),
		roster_test(roster_adds_users_at_once_when_it_is),
		roster_test(roster_keeps_the_order_and_each_user_once),
		roster_test(roster_skips_and_counts_bad_ids),
		roster_test(roster_of_uuids_skips_other_ids_when_that_is_known),
		roster_test(
		    roster_that_is_strict_stops_at_a_bad_id_and_says_where),
		roster_test(
		    roster_that_is_strict_stops_at_what_turns_out_to_be_no_uuid),
		roster_test(roster_that_is_strict_has_no_objection_to_doubles),
		roster_test(roster_counts_lines_that_hold_no_id),
		roster_test(roster_has_no_room_beyond_its_limit),
		roster_test(roster_passes_over_the_users_of_other_shards),
		roster_test(roster_cuts_names_to_their_cap),
		roster_test(roster_tells_of_so_many_bad_ids_and_no_more),
	};

	return TEST_RUN_WITH_FILES(tests);
}
