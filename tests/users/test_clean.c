#include "config.h"

#include "../unit/test.h"
#include "buf.h"
#include "caps.h"
#include "users/clean.h"

static void
assert_clean(struct span name, const char *want)
{
	struct buf buf;

	buf_init(&buf, SIZE_MAX);
	/* What is there stays as it is. */
	buf_text(&buf, "id\t");
	clean_name(&buf, name);
	assert_memory_equal(buf_string(&buf), "id\t", 3);
	assert_string_equal(buf_string(&buf) + 3, want);
	buf_done(&buf);
}

static void
clean_name_leaves_ordinary_names_alone(void **state)
{
	(void)state;
	assert_clean(SPAN("Ann Arbor"), "Ann Arbor");
	assert_clean(SPAN("Zo\xc3\xab O'Neill"), "Zo\xc3\xab O'Neill");
	assert_clean(
	    SPAN("\xe6\xb8\xa1\xe8\xbe\xba"), "\xe6\xb8\xa1\xe8\xbe\xba");
	assert_clean(SPAN("\xf0\x9f\xa6\x8a Fox"), "\xf0\x9f\xa6\x8a Fox");
}

static void
clean_name_has_one_space_between_words(void **state)
{
	(void)state;
	assert_clean(SPAN("  Ann \t\r\n Arbor \n"), "Ann Arbor");
	assert_clean(SPAN(""), "");
	assert_clean(SPAN(" \t\n"), "");
}

static void
clean_name_takes_what_steers_for_a_space(void **state)
{
	(void)state;
	assert_clean(SPAN("a\x1b[2Jb"), "a [2Jb");
	assert_clean(SPAN("a\x7f\0b"), "a b");
	assert_clean(SPAN("a\xc2\x80\x62\xc2\x9f\x63"), "a b c");
	assert_clean(SPAN("a\xe2\x80\xa8\x62\xe2\x80\xa9\x63"), "a b c");
	assert_clean(SPAN("\xe2\x80\xae\x61\xe2\x80\xac"), "a");
	assert_clean(SPAN("a\xe2\x81\xa6\x62\xe2\x81\xa9\x63"), "a b c");
	assert_clean(
	    SPAN("a\xd8\x9c\x62\xef\xbb\xbf\x63\xef\xbf\xbf"), "a b c");
	/* Their neighbours are letters. */
	assert_clean(SPAN("\xc2\xa1\xe2\x80\xa7\xe2\x80\xaf"),
	    "\xc2\xa1\xe2\x80\xa7\xe2\x80\xaf");
}

static void
clean_name_is_cut_at_a_character_and_never_behind_a_space(void **state)
{
	static char text[CAP_NAME * 2], want[CAP_NAME + 1];
	struct span name = { text, sizeof(text) };

	(void)state;
	memset(text, 'x', sizeof(text));
	memset(want, 'x', CAP_NAME);
	assert_clean(name, want);
	/* Two bytes that the end would part. */
	memcpy(text + CAP_NAME - 1, "\xc3\xab", 2);
	want[CAP_NAME - 1] = '\0';
	assert_clean(name, want);
	memcpy(text + CAP_NAME - 1, " x", 2);
	assert_clean(name, want);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(clean_name_leaves_ordinary_names_alone),
		cmocka_unit_test(clean_name_has_one_space_between_words),
		cmocka_unit_test(clean_name_takes_what_steers_for_a_space),
		cmocka_unit_test(
		    clean_name_is_cut_at_a_character_and_never_behind_a_space),
	};

	return TEST_RUN(tests);
}
