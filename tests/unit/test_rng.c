#include "config.h"

#include "rng.h"
#include "test.h"

static void
rng_gives_the_numbers_of_splitmix64(void **state)
{
	/* For this seed, from the generator's public test vectors. */
	static const uint64_t wanted[] = { 6457827717110365317u,
		3203168211198807973u, 9817491932198370423u,
		4593380528125082431u, 16408922859458223821u };
	struct rng rng;
	size_t i;

	(void)state;
	rng_seed(&rng, 1234567);
	for (i = 0; i < COUNT(wanted); i++)
		assert_int_equal(rng_next(&rng), wanted[i]);
}

static void
rng_repeats_itself_for_the_same_seed_only(void **state)
{
	struct rng one, same, other;
	int i, equal = 0;

	(void)state;
	rng_seed(&one, 42);
	rng_seed(&same, 42);
	rng_seed(&other, 43);
	for (i = 0; i < 1000; i++) {
		assert_int_equal(rng_next(&one), rng_next(&same));
		equal += rng_next(&one) == rng_next(&other);
		(void)rng_next(&same);
	}
	assert_int_equal(equal, 0);
}

static void
rng_seeded_freely_differs_each_time(void **state)
{
	struct rng one, other;

	(void)state;
	rng_seed_freely(&one);
	rng_seed_freely(&other);
	assert_int_not_equal(rng_next(&one), rng_next(&other));
}

static void
rng_below_stays_below_and_reaches_every_number(void **state)
{
	int seen[10] = { 0 };
	struct rng rng;
	uint64_t number;
	size_t i;

	(void)state;
	rng_seed(&rng, 7);
	for (i = 0; i < 10000; i++) {
		number = rng_below(&rng, COUNT(seen));
		assert_true(number < COUNT(seen));
		seen[number]++;
	}
	/* 1000 each are expected; six standard deviations are 180. */
	for (i = 0; i < COUNT(seen); i++)
		assert_in_range(seen[i], 820, 1180);
}

static void
rng_below_one_is_zero_and_takes_the_widest_limit(void **state)
{
	struct rng rng;
	int i;

	(void)state;
	rng_seed(&rng, 7);
	for (i = 0; i < 100; i++) {
		assert_int_equal(rng_below(&rng, 1), 0);
		assert_true(rng_below(&rng, UINT64_MAX) < UINT64_MAX);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(rng_gives_the_numbers_of_splitmix64),
		cmocka_unit_test(rng_repeats_itself_for_the_same_seed_only),
		cmocka_unit_test(rng_seeded_freely_differs_each_time),
		cmocka_unit_test(
		    rng_below_stays_below_and_reaches_every_number),
		cmocka_unit_test(
		    rng_below_one_is_zero_and_takes_the_widest_limit),
	};

	return TEST_RUN(tests);
}
