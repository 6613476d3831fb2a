#include "config.h"

#include <errno.h>
#include <sys/stat.h>

#include "buf.h"
#include "caps.h"
#include "file.h"
#include "test.h"
#include "xalloc.h"

/* Makes a secret file of that mode. */
static const char *
secret_file(struct span content, mode_t mode)
{
	const char *path = test_file("secret", content);

	assert_int_equal(chmod(path, mode), 0);
	return path;
}

static void
assert_secret(struct span content, const char *wanted)
{
	struct fail why = { 0 };
	char *secret;

	secret = file_read_secret(secret_file(content, 0600), &why);
	if (secret == NULL)
		fail_msg("%s", why.text);
	assert_string_equal(secret, wanted);
	free(secret);
}

static void
assert_refused(const char *path, enum fail_kind kind, const char *part)
{
	struct fail why = { 0 };

	if (file_read_secret(path, &why) != NULL)
		fail_msg("a secret where '%s' is wanted", part);
	assert_fail(&why, kind, part);
	assert_non_null(strstr(why.text, path));
	assert_null(strstr(why.text, "hunter2"));
}

static void
secret_is_one_line_without_its_newline(void **state)
{
	(void)state;
	assert_secret(SPAN("hunter2\n"), "hunter2");
	assert_secret(SPAN("hunter2"), "hunter2");
	assert_secret(SPAN("hunter2\r\n"), "hunter2");
	assert_secret(SPAN("!\"#~\\'%\n"), "!\"#~\\'%");
	assert_secret(SPAN("x"), "x");
}

static void
secret_may_be_as_long_as_the_cap(void **state)
{
	static char content[CAP_SECRET_FILE + 1];
	struct span span = { content, CAP_SECRET_FILE };
	struct fail why = { 0 };
	char *secret;

	(void)state;
	memset(content, 's', sizeof(content));
	secret = file_read_secret(secret_file(span, 0600), &why);
	assert_non_null(secret);
	assert_int_equal(strlen(secret), CAP_SECRET_FILE);
	free(secret);
	span.len++;
	assert_refused(
	    secret_file(span, 0600), FAIL_FILE, "larger than 16384 bytes");
}

static void
secret_that_others_may_read_is_refused(void **state)
{
	static const mode_t open_modes[] = { 0644, 0640, 0604, 0660, 0666, 0620,
		0602, 0610, 0601, 0777 };
	static const mode_t private_modes[] = { 0600, 0400, 0700 };
	struct fail why;
	char *secret, mode[8];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(open_modes); i++) {
		(void)snprintf(
		    mode, sizeof(mode), "%04o", (unsigned int)open_modes[i]);
		assert_refused(secret_file(SPAN("hunter2\n"), open_modes[i]),
		    FAIL_REFUSED, mode);
	}
	assert_refused(
	    secret_file(SPAN("hunter2\n"), 0644), FAIL_REFUSED, "chmod 600");
	for (i = 0; i < COUNT(private_modes); i++) {
		secret = file_read_secret(
		    secret_file(SPAN("hunter2\n"), private_modes[i]), &why);
		assert_non_null(secret);
		free(secret);
		(void)unlink(test_path("secret"));
	}
}

static void
credential_may_be_let_out_to_us_by_an_access_control_list(void **state)
{
	struct fail why = { 0 };
	char *secret;

	(void)state;
	/* As stat() shows the list; the group itself has no permission. */
	secret =
	    file_read_credential(secret_file(SPAN("hunter2\n"), 0440), &why);
	assert_non_null(secret);
	assert_string_equal(secret, "hunter2");
	free(secret);
	assert_null(
	    file_read_credential(secret_file(SPAN("hunter2\n"), 0444), &why));
	assert_fail(&why, FAIL_REFUSED, "0444");
	(void)unlink(test_path("secret"));
}

static void
secret_of_another_user_is_refused(void **state)
{
	const char *path = secret_file(SPAN("hunter2\n"), 0600);

	(void)state;
	/* Only root can give a file away; cmocka's skip() is a failure in TAP.
	 */
	if (geteuid() != 0)
		return;
	assert_int_equal(chown(path, 12345, (gid_t)-1), 0);
	assert_refused(path, FAIL_REFUSED, "belongs to another user");
	(void)unlink(path);
}

static void
secret_is_a_regular_file(void **state)
{
	const char *path = test_path("fifo");

	(void)state;
	/* Nobody writes to it: to wait for that would be for ever. */
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_refused(path, FAIL_REFUSED, "not a regular file");
	assert_refused("/dev/null", FAIL_REFUSED, "not a regular file");
	assert_refused(test_folder, FAIL_REFUSED, "not a regular file");
}

static void
secret_that_is_not_there_says_so(void **state)
{
	(void)state;
	assert_refused(
	    test_path("missing"), FAIL_FILE, "No such file or directory");
	assert_refused("", FAIL_FILE, "No such file or directory");
}

static void
secret_that_is_empty_is_refused(void **state)
{
	(void)state;
	assert_refused(secret_file(SPAN(""), 0600), FAIL_REFUSED, "is empty");
	assert_refused(secret_file(SPAN("\n"), 0600), FAIL_REFUSED, "is empty");
	assert_refused(
	    secret_file(SPAN("\r\n"), 0600), FAIL_REFUSED, "is empty");
}

static void
secret_is_printable_ascii_without_spaces(void **state)
{
	static const struct span rows[] = { { "hunter2 x\n", 10 },
		{ " hunter2\n", 9 }, { "hunter2 \n", 9 }, { "hunter2\n\n", 9 },
		{ "hunter2\nx\n", 10 }, { "hunter2\t\n", 9 },
		{ "hunter2\0\n", 9 }, { "\0hunter2", 8 },
		{ "hunter2\x7f\n", 9 }, { "hunter2\xc3\xab\n", 10 },
		{ "\xef\xbb\xbfhunter2\n", 11 }, { "hunter2\r\r\n", 10 } };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		assert_refused(secret_file(rows[i], 0600), FAIL_REFUSED,
		    "not one line of printable ASCII");
}

static int
read_regular(const char *path, struct fail *why)
{
	struct buf buf;
	int rc;

	buf_init(&buf, SIZE_MAX);
	rc = file_read_regular(path, &buf, why);
	buf_done(&buf);
	return rc;
}

static void
file_that_must_be_regular_is_neither_link_nor_fifo(void **state)
{
	char *path = xstrdup(test_file("kept", SPAN("content\n")));
	struct fail why = { 0 };

	(void)state;
	assert_int_equal(read_regular(path, &why), 1);
	assert_int_equal(read_regular(test_path("nothing"), &why), 0);
	assert_int_equal(symlink(path, test_path("link")), 0);
	assert_int_equal(read_regular(test_path("link"), &why), -1);
	assert_fail(&why, FAIL_FILE, "link' is not a regular file");
	assert_int_equal(mkfifo(test_path("queue"), 0600), 0);
	assert_int_equal(read_regular(test_path("queue"), &why), -1);
	assert_fail(&why, FAIL_FILE, "queue' is not a regular file");
	assert_int_equal(read_regular(test_folder, &why), -1);
	assert_fail(&why, FAIL_FILE, "is not a regular file");
	free(path);
}

static void
file_is_read_whole_and_added(void **state)
{
	static char content[100000];
	struct span span = { content, sizeof(content) };
	struct fail why;
	struct buf buf;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(content); i++)
		content[i] = (char)(i % 251);
	buf_init(&buf, SIZE_MAX);
	buf_text(&buf, "before");
	assert_int_equal(file_read(test_file("file", span), &buf, &why), 0);
	assert_int_equal(buf.len, 6 + sizeof(content));
	assert_memory_equal(buf.bytes, "before", 6);
	assert_memory_equal(buf.bytes + 6, content, sizeof(content));
	buf_done(&buf);
}

static void
file_that_is_empty_adds_nothing(void **state)
{
	struct fail why;
	struct buf buf;

	(void)state;
	buf_init(&buf, SIZE_MAX);
	assert_int_equal(file_read(test_file("file", SPAN("")), &buf, &why), 0);
	assert_int_equal(buf.len, 0);
	assert_string_equal(buf_string(&buf), "");
	buf_done(&buf);
}

static void
file_that_fits_exactly_is_read(void **state)
{
	const char *path = test_file("file", SPAN("12345"));
	struct fail why = { 0 };
	struct buf buf;

	(void)state;
	buf_init(&buf, 5);
	assert_int_equal(file_read(path, &buf, &why), 0);
	assert_string_equal(buf_string(&buf), "12345");
	buf_done(&buf);
	buf_init(&buf, 4);
	assert_int_equal(file_read(path, &buf, &why), -1);
	assert_fail(&why, FAIL_FILE, "larger than 4 bytes");
	assert_non_null(strstr(why.text, path));
	buf_done(&buf);
}

static void
file_that_is_too_large_is_refused(void **state)
{
	const char *path = test_sparse_file("large", 16 << 20);
	struct fail why = { 0 };
	struct buf buf;

	(void)state;
	buf_init(&buf, 1 << 20);
	assert_int_equal(file_read(path, &buf, &why), -1);
	assert_fail(&why, FAIL_FILE, "large': larger than 1048576 bytes");
	assert_true(buf.len <= 1 << 20);
	buf_done(&buf);
}

static void
file_that_cannot_be_read_says_why(void **state)
{
	struct fail why = { 0 };
	struct buf buf;

	(void)state;
	buf_init(&buf, SIZE_MAX);
	assert_int_equal(file_read(test_path("missing"), &buf, &why), -1);
	assert_fail(&why, FAIL_FILE, "missing': No such file or directory");
	memset(&why, 0, sizeof(why));
	assert_int_equal(file_read(test_folder, &buf, &why), -1);
	assert_fail(&why, FAIL_FILE, "Is a directory");
	if (geteuid() != 0) {
		memset(&why, 0, sizeof(why));
		assert_int_equal(
		    file_read(secret_file(SPAN("x"), 0), &buf, &why), -1);
		assert_fail(&why, FAIL_FILE, "Permission denied");
	}
	buf_done(&buf);
}

static void
file_write_writes_all_of_it(void **state)
{
	static char content[50000];
	int file;

	(void)state;
	memset(content, 'x', sizeof(content) - 1);
	file = open(test_path("written"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_not_equal(file, -1);
	assert_int_equal(file_write(file, "one\n", 4), 0);
	assert_int_equal(file_write(file, "", 0), 0);
	assert_int_equal(file_write(file, content, sizeof(content) - 1), 0);
	assert_ptr_equal(
	    strstr(test_content(file), "one\nxxx"), test_content(file));
	assert_int_equal(strlen(test_content(file)), 4 + sizeof(content) - 1);
	(void)close(file);
}

static void
file_write_that_fails_leaves_errno(void **state)
{
	int full;

	(void)state;
	full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	errno = 0;
	assert_int_equal(file_write(full, "x", 1), -1);
	assert_int_equal(errno, ENOSPC);
	(void)close(full);
	errno = 0;
	assert_int_equal(file_write(full, "x", 1), -1);
	assert_int_equal(errno, EBADF);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(secret_is_one_line_without_its_newline),
		cmocka_unit_test(secret_may_be_as_long_as_the_cap),
		cmocka_unit_test(secret_that_others_may_read_is_refused),
		cmocka_unit_test(
		    credential_may_be_let_out_to_us_by_an_access_control_list),
		cmocka_unit_test(secret_of_another_user_is_refused),
		cmocka_unit_test(secret_is_a_regular_file),
		cmocka_unit_test(secret_that_is_not_there_says_so),
		cmocka_unit_test(secret_that_is_empty_is_refused),
		cmocka_unit_test(secret_is_printable_ascii_without_spaces),
		cmocka_unit_test(
		    file_that_must_be_regular_is_neither_link_nor_fifo),
		cmocka_unit_test(file_is_read_whole_and_added),
		cmocka_unit_test(file_that_is_empty_adds_nothing),
		cmocka_unit_test(file_that_fits_exactly_is_read),
		cmocka_unit_test(file_that_is_too_large_is_refused),
		cmocka_unit_test(file_that_cannot_be_read_says_why),
		cmocka_unit_test(file_write_writes_all_of_it),
		cmocka_unit_test(file_write_that_fails_leaves_errno),
	};

	return TEST_RUN_WITH_FILES(tests);
}
