#include "config.h"

#include <locale.h>

#include "../unit/test.h"
#include "top/cells.h"

static void
assert_cells(struct span text, const wchar_t *want, int width)
{
	struct cells cells = { 0 };

	cells_set(&cells, text);
	assert_true(wcscmp(cells.at, want) == 0);
	assert_int_equal(cells.len, wcslen(want));
	assert_int_equal(cells.width, width);
	cells_done(&cells);
}

static void
cells_know_how_many_columns_they_take(void **state)
{
	(void)state;
	assert_cells(SPAN("Ann"), L"Ann", 3);
	assert_cells(SPAN("Zo\xc3\xab"), L"Zo\x00eb", 3);
	assert_cells(SPAN("\xe6\xb8\xa1\xe8\xbe\xba"), L"\x6e21\x8fba", 4);
	/* A mark takes none. */
	assert_cells(SPAN("e\xcc\x88x"), L"e\x0308x", 2);
	assert_cells(SPAN(""), L"", 0);
}

static void
cells_spell_out_what_would_steer_a_terminal(void **state)
{
	(void)state;
	assert_cells(SPAN("\x1b[2J"), L"\\x1b[2J", 7);
	assert_cells(SPAN("a\nb\tc\0"), L"a\\x0ab\\x09c\\x00", 15);
	assert_cells(SPAN("\xc2\x9b"), L"\\x9b", 4);
	assert_cells(SPAN("\xe2\x80\xae"), L"\\u{202e}", 8);
}

static void
cells_drop_what_joins_or_hides(void **state)
{
	(void)state;
	assert_cells(SPAN("a\xe2\x80\x8b\x62"), L"ab", 2);
	assert_cells(SPAN("\xe2\x9d\xa4\xef\xb8\x8f"), L"\x2764", 1);
	/* A mark with nothing to mark, and more marks than a cell holds. */
	assert_cells(SPAN("\xcc\x81x"), L"x", 1);
	assert_cells(SPAN("x\xcc\x81\xcc\x82\xcc\x83\xcc\x84\xcc\x85\xcc\x86"),
	    L"x\x0301\x0302\x0303\x0304", 1);
}

static void
cells_replace_what_is_not_utf_8(void **state)
{
	(void)state;
	assert_cells(SPAN("a\xff\x62"), L"a\xfffd\x62", 3);
	assert_cells(SPAN("\xe6\xb8"), L"\xfffd\xfffd", 2);
}

static void
cells_of_a_text_that_never_ends_are_cut(void **state)
{
	static char text[4 * CELLS_MAX];
	struct span span = { text, sizeof(text) };
	struct cells cells = { 0 };

	(void)state;
	memset(text, 'x', sizeof(text));
	cells_set(&cells, span);
	assert_int_equal(cells.len, CELLS_MAX);
	assert_int_equal(cells.width, CELLS_MAX);
	cells_done(&cells);
}

static void
cells_fit_never_halves_a_wide_one(void **state)
{
	struct cells cells = { 0 };
	int width;

	(void)state;
	cells_set(&cells, SPAN("x\xe6\xb8\xa1\xe8\xbe\xba"));
	assert_int_equal(cells_fit(&cells, 5, &width), 3);
	assert_int_equal(width, 5);
	assert_int_equal(cells_fit(&cells, 4, &width), 2);
	assert_int_equal(width, 3);
	assert_int_equal(cells_fit(&cells, 0, &width), 0);
	assert_int_equal(width, 0);
	cells_done(&cells);
}

static void
cells_fold_makes_case_and_underscore_alike(void **state)
{
	struct cells cells = { 0 };
	wchar_t *folded;

	(void)state;
	cells_set(&cells, SPAN("ON_QUEUE \xc5\xbb"));
	folded = cells_fold(&cells);
	assert_true(wcscmp(folded, L"on queue \x017c") == 0);
	free(folded);
	cells_done(&cells);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(cells_know_how_many_columns_they_take),
		cmocka_unit_test(cells_spell_out_what_would_steer_a_terminal),
		cmocka_unit_test(cells_drop_what_joins_or_hides),
		cmocka_unit_test(cells_replace_what_is_not_utf_8),
		cmocka_unit_test(cells_of_a_text_that_never_ends_are_cut),
		cmocka_unit_test(cells_fit_never_halves_a_wide_one),
		cmocka_unit_test(cells_fold_makes_case_and_underscore_alike),
	};

	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		return 77;
	return TEST_RUN(tests);
}
