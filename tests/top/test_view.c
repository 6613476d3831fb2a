#include "config.h"

#include "../unit/test.h"
#include "top/terminal.h"
#include "top/view.h"

static void
press_key(struct view *view, enum press_kind kind)
{
	struct press press = { kind, 0 };

	view_press(view, &press, 10);
}

static void
type(struct view *view, const wchar_t *signs)
{
	struct press press = { PRESS_SIGN, 0 };

	for (; *signs != 0; signs++) {
		press.sign = *signs;
		view_press(view, &press, 10);
	}
}

static void
view_quits_by_q_but_not_while_a_filter_is_typed(void **state)
{
	struct view view = { .mode = VIEW_TABLE };

	(void)state;
	type(&view, L"/q");
	assert_false(view.quit);
	assert_true(wcscmp(view.filter, L"q") == 0);
	press_key(&view, PRESS_ENTER);
	type(&view, L"q");
	assert_true(view.quit);
}

static void
view_in_help_goes_back_by_a_key_and_does_not_quit(void **state)
{
	struct view view = { .mode = VIEW_TABLE };

	(void)state;
	type(&view, L"?");
	assert_int_equal(view.mode, VIEW_HELP);
	press_key(&view, PRESS_DOWN);
	assert_int_equal(view.mode, VIEW_HELP);
	assert_int_equal(view.help_offset, 1);
	assert_int_equal(view.offset, 0);
	type(&view, L"q");
	assert_int_equal(view.mode, VIEW_TABLE);
	assert_false(view.quit);
}

static void
view_filter_is_bounded_and_can_be_corrected(void **state)
{
	struct view view = { .mode = VIEW_TABLE };
	int i;

	(void)state;
	type(&view, L"/");
	for (i = 0; i < 2 * VIEW_FILTER_MAX; i++)
		type(&view, L"x");
	assert_int_equal(view.filter_len, VIEW_FILTER_MAX);
	assert_int_equal(wcslen(view.filter), VIEW_FILTER_MAX);
	press_key(&view, PRESS_ERASE);
	assert_int_equal(wcslen(view.filter), VIEW_FILTER_MAX - 1);
	press_key(&view, PRESS_ERASE_ALL);
	assert_int_equal(wcslen(view.filter), 0);
	press_key(&view, PRESS_ERASE);
	assert_int_equal(view.mode, VIEW_FILTER);
	press_key(&view, PRESS_ESCAPE);
	assert_int_equal(view.mode, VIEW_TABLE);
}

static void
view_sorts_in_turn_and_goes_to_the_top(void **state)
{
	struct view view = { .sort = LISTING_BY_NAME, .offset = 7 };

	(void)state;
	type(&view, L"s");
	assert_int_equal(view.sort, LISTING_BY_STATE);
	assert_int_equal(view.offset, 0);
	type(&view, L"sss");
	assert_int_equal(view.sort, LISTING_BY_NAME);
}

static void
view_scrolls_within_what_there_is(void **state)
{
	struct view view = { .mode = VIEW_TABLE };

	(void)state;
	press_key(&view, PRESS_UP);
	assert_int_equal(view.offset, 0);
	press_key(&view, PRESS_PAGE_DOWN);
	assert_int_equal(view.offset, 9);
	press_key(&view, PRESS_PAGE_UP);
	assert_int_equal(view.offset, 0);
	press_key(&view, PRESS_END);
	press_key(&view, PRESS_PAGE_DOWN);
	view_hold(&view.offset, 25, 10);
	assert_int_equal(view.offset, 15);
	view_hold(&view.offset, 5, 10);
	assert_int_equal(view.offset, 0);
}

static void
view_redraws_by_r_and_by_control_l(void **state)
{
	struct view view = { .mode = VIEW_TABLE };

	(void)state;
	type(&view, L"r");
	assert_true(view.redraw);
	view.redraw = false;
	type(&view, L"/r");
	assert_false(view.redraw);
	press_key(&view, PRESS_REDRAW);
	assert_true(view.redraw);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    view_quits_by_q_but_not_while_a_filter_is_typed),
		cmocka_unit_test(
		    view_in_help_goes_back_by_a_key_and_does_not_quit),
		cmocka_unit_test(view_filter_is_bounded_and_can_be_corrected),
		cmocka_unit_test(view_sorts_in_turn_and_goes_to_the_top),
		cmocka_unit_test(view_scrolls_within_what_there_is),
		cmocka_unit_test(view_redraws_by_r_and_by_control_l),
	};

	return TEST_RUN(tests);
}
