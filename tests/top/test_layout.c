#include "config.h"

#include "../unit/test.h"
#include "top/layout.h"

static struct layout
made(int width, int height)
{
	struct layout_wish wish = { .height = height,
		.width = width,
		.counts_lines = layout_counts_lines(height),
		.label_width = 14,
		.has_gap = true,
		.has_bad = true };
	struct layout layout;

	layout_make(&layout, &wish);
	return layout;
}

static void
layout_fits_from_20_by_5_on(void **state)
{
	(void)state;
	assert_true(made(20, 5).fits);
	assert_false(made(19, 5).fits);
	assert_false(made(20, 4).fits);
	assert_false(made(0, 0).fits);
}

static void
assert_in_order(const struct layout *layout, int height)
{
	const int lines[] = { 0, layout->counts_y, layout->gap_y, layout->bad_y,
		layout->heads_y, layout->body_y };
	int last = -1;
	size_t i;

	for (i = 0; i < COUNT(lines); i++) {
		if (lines[i] == -1)
			continue;
		assert_true(lines[i] > last);
		last = lines[i];
	}
	assert_true(layout->body_rows >= 1);
	assert_int_equal(layout->body_y + layout->body_rows, layout->status_y);
	assert_int_equal(layout->status_y, height - 1);
}

static void
assert_columns_apart(const struct layout *layout)
{
	int column, end = 0;

	for (column = 0; column < LAYOUT_COLUMNS; column++) {
		if (layout->columns[column].width == 0)
			continue;
		assert_true(layout->columns[column].x >= end);
		end = layout->columns[column].x + layout->columns[column].width;
		assert_true(end <= layout->width);
	}
	assert_true(layout->columns[LAYOUT_MARK].width > 0);
	assert_true(layout->columns[LAYOUT_NAME].width > 0);
	assert_true(layout->columns[LAYOUT_STATE].width > 0);
	assert_true(layout->columns[LAYOUT_AGE].width > 0);
}

static void
layout_of_any_size_overlaps_nothing_and_shows_the_main_columns(void **state)
{
	struct layout layout;
	int width, height;

	(void)state;
	for (width = LAYOUT_MIN_WIDTH; width < 300; width++)
		for (height = LAYOUT_MIN_HEIGHT; height < 60; height++) {
			layout = made(width, height);
			assert_true(layout.fits);
			assert_in_order(&layout, height);
			assert_columns_apart(&layout);
		}
}

static void
layout_that_is_wider_or_higher_shows_no_less(void **state)
{
	struct layout one, more;
	int column, size;

	(void)state;
	for (size = 40; size < 300; size++) {
		one = made(size, 24);
		more = made(size + 1, 24);
		/* At 100 columns states get room, which takes some. */
		for (column = 0; column < LAYOUT_COLUMNS && size != 99;
		     column++)
			if (one.columns[column].width > 0)
				assert_true(more.columns[column].width > 0);
	}
	for (size = 5; size < 60; size++) {
		one = made(80, size);
		more = made(80, size + 1);
		assert_true(one.gap_y == -1 || more.gap_y != -1);
		assert_true(one.bad_y == -1 || more.bad_y != -1);
		assert_true(one.heads_y == -1 || more.heads_y != -1);
	}
}

static void
layout_below_40_columns_has_letters(void **state)
{
	(void)state;
	assert_true(made(39, 24).is_compact);
	assert_false(made(40, 24).is_compact);
	assert_int_equal(made(39, 24).columns[LAYOUT_STATE].width, 1);
}

static void
layout_has_no_line_for_what_there_is_not(void **state)
{
	struct layout_wish wish = {
		.height = 24, .width = 80, .counts_lines = 1, .label_width = 8
	};
	struct layout layout;

	(void)state;
	layout_make(&layout, &wish);
	assert_int_equal(layout.gap_y, -1);
	assert_int_equal(layout.bad_y, -1);
	assert_int_equal(layout.body_rows, 24 - 4);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(layout_fits_from_20_by_5_on),
		cmocka_unit_test(
		    layout_of_any_size_overlaps_nothing_and_shows_the_main_columns),
		cmocka_unit_test(layout_that_is_wider_or_higher_shows_no_less),
		cmocka_unit_test(layout_below_40_columns_has_letters),
		cmocka_unit_test(layout_has_no_line_for_what_there_is_not),
	};

	return TEST_RUN(tests);
}
