#include "config.h"

#include "map.h"
#include "test.h"

/* A key of its own for each number. */
static struct span
key_of(size_t number, char room[32])
{
	struct span key = { room, 0 };

	key.len = (size_t)snprintf(room, 32, "key %zu", number);
	return key;
}

static void
map_finds_what_was_put(void **state)
{
	struct map *map;
	int *value;

	(void)state;
	map = map_new(sizeof(int));
	assert_null(map_get(map, SPAN("one")));
	value = map_put(map, SPAN("one"), NULL);
	*value = 1;
	value = map_put(map, SPAN("two"), NULL);
	*value = 2;
	assert_int_equal(*(int *)map_get(map, SPAN("one")), 1);
	assert_int_equal(*(int *)map_get(map, SPAN("two")), 2);
	assert_null(map_get(map, SPAN("three")));
	assert_int_equal(map_count(map), 2);
	assert_span(map_key(map, value), "two");
	map_free(map);
}

static void
map_adds_a_zeroed_value_once(void **state)
{
	struct map *map;
	bool added = false;
	char *value;
	size_t i;

	(void)state;
	map = map_new(100);
	value = map_put(map, SPAN("key"), &added);
	assert_true(added);
	for (i = 0; i < 100; i++)
		assert_int_equal(value[i], 0);
	memset(value, 7, 100);
	assert_ptr_equal(map_put(map, SPAN("key"), &added), value);
	assert_false(added);
	assert_int_equal(value[99], 7);
	assert_int_equal(map_count(map), 1);
	map_free(map);
}

static void
map_values_stay_where_they_are_while_it_grows(void **state)
{
	enum {
		KEYS = 50000
	};
	static size_t *values[KEYS];
	struct map *map;
	char room[32];
	size_t i;

	(void)state;
	map = map_new(sizeof(size_t));
	for (i = 0; i < KEYS; i++) {
		values[i] = map_put(map, key_of(i, room), NULL);
		*values[i] = i;
	}
	assert_int_equal(map_count(map), KEYS);
	for (i = 0; i < KEYS; i++) {
		assert_ptr_equal(map_get(map, key_of(i, room)), values[i]);
		assert_int_equal(*values[i], i);
	}
	assert_null(map_get(map, key_of(KEYS, room)));
	map_free(map);
}

static void
map_tells_similar_keys_apart(void **state)
{
	static const char zeros[70];
	struct map *map;
	struct span key = { zeros, 0 };
	bool added;

	(void)state;
	map = map_new(sizeof(size_t));
	for (key.len = 1; key.len <= sizeof(zeros); key.len++) {
		*(size_t *)map_put(map, key, &added) = key.len;
		assert_true(added);
	}
	for (key.len = 1; key.len <= sizeof(zeros); key.len++)
		assert_int_equal(*(size_t *)map_get(map, key), key.len);
	assert_null(map_get(map, SPAN("\0\0\1")));
	assert_null(map_get(map, SPAN("\1\0\0")));
	map_free(map);
}

static void
map_compares_keys_by_their_bytes(void **state)
{
	struct map *map;

	(void)state;
	map = map_new(0);
	(void)map_put(map, SPAN("Key"), NULL);
	assert_null(map_get(map, SPAN("key")));
	assert_null(map_get(map, SPAN("Ke")));
	assert_null(map_get(map, SPAN("Keyy")));
	assert_null(map_get(map, SPAN("Key\0")));
	assert_non_null(map_get(map, SPAN("Key")));
	map_free(map);
}

static void
map_owns_copies_of_its_keys(void **state)
{
	char text[] = "0123456789abcdef";
	struct span key = { text, 16 }, seen;
	struct map *map;
	size_t cursor = 0;

	(void)state;
	map = map_new(0);
	(void)map_put(map, key, NULL);
	memset(text, 'x', 16);
	assert_null(map_get(map, key));
	assert_non_null(map_get(map, SPAN("0123456789abcdef")));
	assert_non_null(map_next(map, &cursor, &seen));
	assert_span(seen, "0123456789abcdef");
	map_free(map);
}

static void
map_takes_keys_up_to_64_kilobytes(void **state)
{
	static char text[65535];
	struct span key = { text, sizeof(text) };
	struct map *map;

	(void)state;
	map = map_new(0);
	(void)map_put(map, SPAN("short"), NULL);
	memset(text, 'k', sizeof(text));
	(void)map_put(map, key, NULL);
	(void)map_put(map, SPAN("short too"), NULL);
	assert_non_null(map_get(map, key));
	key.len--;
	assert_null(map_get(map, key));
	assert_non_null(map_get(map, SPAN("short")));
	assert_non_null(map_get(map, SPAN("short too")));
	map_free(map);
}

static void
map_takes_an_empty_key(void **state)
{
	struct map *map;
	bool added = false;

	(void)state;
	map = map_new(0);
	(void)map_put(map, SPAN(""), &added);
	assert_true(added);
	assert_non_null(map_get(map, SPAN("")));
	assert_true(map_remove(map, SPAN("")));
	assert_null(map_get(map, SPAN("")));
	map_free(map);
}

static void
map_is_visited_in_order_of_arrival(void **state)
{
	enum {
		KEYS = 2000
	};
	struct map *map;
	struct span key;
	char room[32];
	size_t cursor = 0, i;
	const size_t *value;

	(void)state;
	map = map_new(sizeof(size_t));
	assert_null(map_next(map, &cursor, &key));
	for (i = 0; i < KEYS; i++)
		*(size_t *)map_put(map, key_of(i, room), NULL) = i;
	cursor = 0;
	for (i = 0; i < KEYS; i++) {
		value = map_next(map, &cursor, &key);
		assert_non_null(value);
		assert_int_equal(*value, i);
		assert_true(span_equal(key, key_of(i, room)));
	}
	assert_null(map_next(map, &cursor, &key));
	assert_null(map_next(map, &cursor, NULL));
	map_free(map);
}

static void
map_visit_comes_to_what_is_added_meanwhile(void **state)
{
	enum {
		KEYS = 3000
	};
	struct map *map;
	char room[32];
	size_t cursor = 0, seen = 0;

	(void)state;
	map = map_new(0);
	(void)map_put(map, key_of(0, room), NULL);
	while (map_next(map, &cursor, NULL) != NULL) {
		seen++;
		if (seen < KEYS)
			(void)map_put(map, key_of(seen, room), NULL);
	}
	assert_int_equal(seen, KEYS);
	map_free(map);
}

static void
map_visit_leaves_out_what_is_removed_meanwhile(void **state)
{
	enum {
		KEYS = 100
	};
	struct map *map;
	char room[32];
	struct span key;
	size_t cursor = 0, i, seen = 0;

	(void)state;
	map = map_new(0);
	for (i = 0; i < KEYS; i++)
		(void)map_put(map, key_of(i, room), NULL);
	for (i = 0; map_next(map, &cursor, &key) != NULL; i += 2) {
		assert_true(span_equal(key, key_of(i, room)));
		assert_true(map_remove(map, key_of(i, room)));
		assert_true(map_remove(map, key_of(i + 1, room)));
		seen++;
	}
	assert_int_equal(seen, KEYS / 2);
	assert_int_equal(map_count(map), 0);
	map_free(map);
}

static void
map_forgets_what_is_removed(void **state)
{
	struct map *map;
	size_t cursor = 0;

	(void)state;
	map = map_new(sizeof(int));
	assert_false(map_remove(map, SPAN("key")));
	*(int *)map_put(map, SPAN("key"), NULL) = 7;
	assert_true(map_remove(map, SPAN("key")));
	assert_null(map_get(map, SPAN("key")));
	assert_null(map_next(map, &cursor, NULL));
	assert_int_equal(map_count(map), 0);
	assert_false(map_remove(map, SPAN("key")));
	map_free(map);
}

static void
map_gives_a_removed_key_its_place_back_with_a_zeroed_value(void **state)
{
	struct map *map;
	struct span key;
	size_t cursor = 0;
	bool added = false;

	(void)state;
	map = map_new(sizeof(int));
	*(int *)map_put(map, SPAN("first"), NULL) = 1;
	*(int *)map_put(map, SPAN("second"), NULL) = 2;
	assert_true(map_remove(map, SPAN("first")));
	assert_int_equal(*(int *)map_put(map, SPAN("first"), &added), 0);
	assert_true(added);
	assert_int_equal(map_count(map), 2);
	assert_non_null(map_next(map, &cursor, &key));
	assert_span(key, "first");
	assert_non_null(map_next(map, &cursor, &key));
	assert_span(key, "second");
	map_free(map);
}

static void
map_finds_keys_behind_removed_ones(void **state)
{
	enum {
		KEYS = 5000
	};
	struct map *map;
	char room[32];
	size_t i;

	(void)state;
	map = map_new(sizeof(size_t));
	for (i = 0; i < KEYS; i++)
		*(size_t *)map_put(map, key_of(i, room), NULL) = i;
	for (i = 0; i < KEYS; i += 3)
		assert_true(map_remove(map, key_of(i, room)));
	/* Enough new ones that the table grows meanwhile. */
	for (i = KEYS; i < 3 * KEYS; i++)
		*(size_t *)map_put(map, key_of(i, room), NULL) = i;
	for (i = 0; i < 3 * KEYS; i++)
		if (i < KEYS && i % 3 == 0)
			assert_null(map_get(map, key_of(i, room)));
		else
			assert_int_equal(
			    *(size_t *)map_get(map, key_of(i, room)), i);
	map_free(map);
}

static void
map_free_takes_null(void **state)
{
	(void)state;
	map_free(NULL);
	map_free(map_new(8));
}

static void
map_visits_and_finds_200000_keys(void **state)
{
	enum {
		KEYS = 200000
	};
	size_t i, cursor = 0, *value;
	char room[32];
	struct map *map;
	struct span key;

	(void)state;
	map = map_new(sizeof(size_t));
	for (i = 0; i < KEYS; i++)
		*(size_t *)map_put(map, key_of(i, room), NULL) = i;
	for (i = 0; (value = map_next(map, &cursor, &key)) != NULL; i++) {
		assert_int_equal(*value, i);
		assert_true(span_equal(key, key_of(i, room)));
	}
	assert_int_equal(i, KEYS);
	for (i = 0; i < KEYS; i++)
		assert_int_equal(*(size_t *)map_get(map, key_of(i, room)), i);
	map_free(map);
}

static void
map_may_be_told_to_expect_any_key(void **state)
{
	struct map *map;

	(void)state;
	map = map_new(sizeof(int));
	map_fetch_place(map, map_hash(SPAN("nobody")));
	map_fetch_record(map, map_hash(SPAN("")));
	(void)map_put(map, SPAN("one"), NULL);
	map_fetch_place(map, map_hash(SPAN("one")));
	map_fetch_record(map, map_hash(SPAN("one")));
	map_fetch_record(map, map_hash(SPAN("two")));
	assert_int_equal(map_count(map), 1);
	map_free(map);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(map_finds_what_was_put),
		cmocka_unit_test(map_adds_a_zeroed_value_once),
		cmocka_unit_test(map_values_stay_where_they_are_while_it_grows),
		cmocka_unit_test(map_tells_similar_keys_apart),
		cmocka_unit_test(map_compares_keys_by_their_bytes),
		cmocka_unit_test(map_owns_copies_of_its_keys),
		cmocka_unit_test(map_takes_keys_up_to_64_kilobytes),
		cmocka_unit_test(map_takes_an_empty_key),
		cmocka_unit_test(map_is_visited_in_order_of_arrival),
		cmocka_unit_test(map_visit_comes_to_what_is_added_meanwhile),
		cmocka_unit_test(
		    map_visit_leaves_out_what_is_removed_meanwhile),
		cmocka_unit_test(map_forgets_what_is_removed),
		cmocka_unit_test(
		    map_gives_a_removed_key_its_place_back_with_a_zeroed_value),
		cmocka_unit_test(map_finds_keys_behind_removed_ones),
		cmocka_unit_test(map_visits_and_finds_200000_keys),
		cmocka_unit_test(map_may_be_told_to_expect_any_key),
		cmocka_unit_test(map_free_takes_null),
	};

	return TEST_RUN(tests);
}
