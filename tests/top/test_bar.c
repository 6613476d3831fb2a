#include "config.h"

#include "../unit/test.h"
#include "top/bar.h"

static struct bar *
three_states(void)
{
	struct bar *bar = bar_new();

	bar_add(bar, 0, "AVAILABLE 12", "A12");
	bar_add(bar, 0, "BUSY 3", "B3");
	bar_add(bar, 0, "OFFLINE 4", "O4");
	return bar;
}

static void
bar_shows_the_full_form_where_there_is_room(void **state)
{
	struct bar *bar = three_states();

	(void)state;
	bar_fit(bar, 31, 1);
	assert_false(bar->is_brief);
	assert_int_equal(bar->shown, 3);
	assert_int_equal(bar->lines, 1);
	assert_int_equal(bar->fields[1].x, 14);
	assert_int_equal(bar->fields[2].x, 22);
	bar_free(bar);
}

static void
bar_takes_more_lines_before_it_is_brief(void **state)
{
	struct bar *bar = three_states();

	(void)state;
	bar_fit(bar, 30, 2);
	assert_false(bar->is_brief);
	assert_int_equal(bar->lines, 2);
	assert_int_equal(bar->fields[2].y, 1);
	assert_int_equal(bar->fields[2].x, 0);
	bar_fit(bar, 30, 1);
	assert_true(bar->is_brief);
	assert_int_equal(bar->shown, 3);
	bar_free(bar);
}

static void
bar_leaves_out_the_last_ones_and_says_how_many(void **state)
{
	struct bar *bar = three_states();
	char left[BAR_LEFT];

	(void)state;
	bar_fit(bar, 9, 1);
	assert_int_equal(bar->shown, 3);
	bar_fit(bar, 8, 1);
	assert_int_equal(bar->shown, 1);
	bar_left(bar, left);
	assert_string_equal(left, "+2");
	assert_int_equal(bar->left_x, 4);
	bar_free(bar);
}

static void
bar_of_any_size_overlaps_nothing(void **state)
{
	const struct bar_field *field, *before;
	struct bar *bar = bar_new();
	int columns, lines, width;
	size_t i;

	(void)state;
	for (i = 0; i < BAR_FIELDS + 5; i++)
		bar_add(bar, 0, "SOMETHING 1,234", "S1234");
	assert_int_equal(bar->count, BAR_FIELDS);
	for (columns = 20; columns < 200; columns++)
		for (lines = 1; lines <= 3; lines++) {
			bar_fit(bar, columns, lines);
			width = bar->is_brief ? 5 : 15;
			assert_true(bar->lines <= lines);
			for (i = 0; i < bar->shown; i++) {
				field = &bar->fields[i];
				assert_true(field->y < lines);
				assert_true(field->x + width <= columns);
				before = i > 0 ? field - 1 : NULL;
				if (before != NULL && before->y == field->y)
					assert_true(
					    before->x + width < field->x);
			}
			assert_true(bar->shown == bar->count ||
			    (bar->left_y < lines &&
				bar->left_x + 2 <= columns));
		}
	bar_free(bar);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(bar_shows_the_full_form_where_there_is_room),
		cmocka_unit_test(bar_takes_more_lines_before_it_is_brief),
		cmocka_unit_test(
		    bar_leaves_out_the_last_ones_and_says_how_many),
		cmocka_unit_test(bar_of_any_size_overlaps_nothing),
	};

	return TEST_RUN(tests);
}
