#include "config.h"

#include "shard.h"
#include "test.h"

static void
shard_is_read_as_k_of_n(void **state)
{
	struct shard shard;
	struct fail why = { 0 };

	(void)state;
	assert_int_equal(shard_parse("0/1", &shard, &why), 0);
	assert_int_equal(shard.mine, 0);
	assert_int_equal(shard.of, 1);
	assert_int_equal(shard_parse("2/3", &shard, &why), 0);
	assert_int_equal(shard.mine, 2);
	assert_int_equal(shard.of, 3);
	assert_int_equal(shard_parse("9999/10000", &shard, &why), 0);
	assert_int_equal(shard.mine, 9999);
}

static void
shard_that_is_none_is_named(void **state)
{
	static const char *const rows[] = { "", "1", "/", "1/", "/2", "2/2",
		"3/2", "0/0", "1/x", "x/2", "1/2/3", "1/2 ", "1/2x", "1.0/2",
		"-1/2", "1/-2", "0/10001", "0/100000", "0/4294967297" };
	struct shard shard = { 7, 8 };
	struct fail why;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		memset(&why, 0, sizeof(why));
		if (shard_parse(rows[i], &shard, &why) != -1)
			fail_msg("'%s'", rows[i]);
		assert_fail(&why, FAIL_CONFIG, "is not K/N");
		assert_fail(&why, FAIL_CONFIG, rows[i]);
	}
	assert_int_equal(shard.mine, 7);
	assert_int_equal(shard.of, 8);
}

/* Which of so many processes has the user. */
static unsigned int
owner(const char *id, unsigned int of)
{
	struct shard shard = { 0, of };
	unsigned int owners = 0, found = 0;

	for (; shard.mine < of; shard.mine++)
		if (shard_has(&shard, span_of(id))) {
			owners++;
			found = shard.mine;
		}
	assert_int_equal(owners, 1);
	return found;
}

static void
shard_without_sharding_has_everybody(void **state)
{
	const struct shard none = { 0, 0 }, one = { 0, 1 };

	(void)state;
	assert_true(shard_has(&none, SPAN("user-1")));
	assert_true(shard_has(&one, SPAN("user-1")));
}

static void
shard_has_each_user_in_one_process_and_fairly(void **state)
{
	enum {
		USERS = 3000,
		OF = 5
	};
	int users[OF] = { 0 };
	char id[64];
	int i;

	(void)state;
	for (i = 0; i < USERS; i++) {
		(void)snprintf(
		    id, sizeof(id), "9ed7d9f6-0c59-4360-ac54-%012d", i);
		users[owner(id, OF)]++;
	}
	/* 600 each are expected; six standard deviations are 131. */
	for (i = 0; i < OF; i++)
		assert_in_range(users[i], 469, 731);
}

static void
shard_moves_few_users_when_a_process_is_added(void **state)
{
	enum {
		USERS = 2000
	};
	unsigned int before, after;
	char id[64];
	int i, moved = 0;

	(void)state;
	for (i = 0; i < USERS; i++) {
		(void)snprintf(id, sizeof(id), "user-%d", i);
		before = owner(id, 4);
		after = owner(id, 5);
		/* Only to the new one, never among the old ones. */
		assert_true(after == before || after == 4);
		moved += after != before;
	}
	/* One in five: 400; six standard deviations are 107. */
	assert_in_range(moved, 293, 507);
}

static void
shard_takes_uuids_in_any_case_for_the_same(void **state)
{
	char lower[64], upper[64];
	unsigned int i;

	(void)state;
	for (i = 0; i < 100; i++) {
		(void)snprintf(lower, sizeof(lower),
		    "9ed7d9f6-0c59-4360-ac54-abcdef%06x", i);
		(void)snprintf(upper, sizeof(upper),
		    "9ED7D9F6-0C59-4360-AC54-ABCDEF%06X", i);
		assert_int_equal(owner(lower, 7), owner(upper, 7));
	}
}

static void
shard_of_a_user_is_the_same_in_every_version(void **state)
{
	/* Worked out anew, in Python, from the description of the hash. */
	static const struct {
		const char *id;
		unsigned int of, mine;
	} rows[] = {
		{ "9ed7d9f6-0c59-4360-ac54-40dd35eb9c2f", 2, 1 },
		{ "9ed7d9f6-0c59-4360-ac54-40dd35eb9c2f", 3, 1 },
		{ "1b2c3d4e-0000-4000-8000-00000000000a", 3, 2 },
		{ "user-id-1", 4, 1 },
		{ "user-id-2", 4, 3 },
		{ "user-id-3", 10, 8 },
		{ "x", 10000, 7412 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		assert_int_equal(owner(rows[i].id, rows[i].of), rows[i].mine);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(shard_is_read_as_k_of_n),
		cmocka_unit_test(shard_that_is_none_is_named),
		cmocka_unit_test(shard_without_sharding_has_everybody),
		cmocka_unit_test(shard_has_each_user_in_one_process_and_fairly),
		cmocka_unit_test(shard_moves_few_users_when_a_process_is_added),
		cmocka_unit_test(shard_takes_uuids_in_any_case_for_the_same),
		cmocka_unit_test(shard_of_a_user_is_the_same_in_every_version),
	};

	return TEST_RUN(tests);
}
