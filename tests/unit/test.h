/*
 * test: what the unit tests share.
 *
 * A test's name is a claim.  Whatever hangs is ended by an alarm, so that a
 * test may wait for a condition without a limit of its own.
 */
#ifndef GCP_TEST_H
#define GCP_TEST_H

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "fail.h"
#include "span.h"

/* For the whole program; seconds. */
#define TEST_LIMIT 60

/* What main() returns; tests is an array of struct CMUnitTest. */
#define TEST_RUN(tests) \
	((void)alarm(TEST_LIMIT), cmocka_run_group_tests((tests), NULL, NULL))

/* The same, with a folder for files: see test_path(). */
#define TEST_RUN_WITH_FILES(tests)  \
	((void)alarm(TEST_LIMIT),   \
	    cmocka_run_group_tests( \
		(tests), test_make_folder, test_drop_folder))

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A span of a literal, which may have NUL bytes in it. */
#define SPAN(literal) ((struct span){ (literal), sizeof(literal) - 1 })

#define NO_SPAN ((struct span){ NULL, 0 })

/* want is a text, or NULL where the span is to have no value. */
#define assert_span(got, want) test_span((got), (want), __FILE__, __LINE__)

/* A failure of that kind, with that text somewhere in it. */
#define assert_fail(why, wanted, part) \
	test_fail((why), (wanted), (part), __FILE__, __LINE__)

static inline void
test_span(struct span got, const char *want, const char *file, int line)
{
	static char text[65536];

	if (want == NULL) {
		_assert_true(got.at == NULL, "no value", file, line);
		_assert_int_equal(got.len, 0, file, line);
		return;
	}
	_assert_true(got.at != NULL, "a value", file, line);
	_assert_true(got.len < sizeof(text), "not too long", file, line);
	memcpy(text, got.at, got.len);
	text[got.len] = '\0';
	_assert_string_equal(text, want, file, line);
	_assert_int_equal(got.len, strlen(want), file, line);
}

static inline void
test_fail(const struct fail *why, enum fail_kind wanted, const char *part,
    const char *file, int line)
{
	_assert_int_equal(why->kind, wanted, file, line);
	if (strstr(why->text, part) == NULL)
		_assert_string_equal(why->text, part, file, line);
}

static char test_folder[64];

static inline int
test_make_folder(void **state)
{
	(void)state;
	(void)snprintf(
	    test_folder, sizeof(test_folder), "/tmp/gcpresence-test-XXXXXX");
	return mkdtemp(test_folder) == NULL ? -1 : 0;
}

static inline int
test_drop_folder(void **state)
{
	const struct dirent *entry;
	DIR *folder;

	(void)state;
	folder = opendir(test_folder);
	if (folder == NULL)
		return -1;
	while ((entry = readdir(folder)) != NULL)
		(void)unlinkat(dirfd(folder), entry->d_name, 0);
	(void)closedir(folder);
	return rmdir(test_folder);
}

/* The name of a file in the folder; valid until the next call but three. */
static inline const char *
test_path(const char *name)
{
	static char paths[4][128];
	static size_t next;
	char *path = paths[next++ % COUNT(paths)];

	(void)snprintf(path, sizeof(paths[0]), "%s/%s", test_folder, name);
	return path;
}

/* Makes, or makes anew, a file that only we can read. */
static inline const char *
test_file(const char *name, struct span content)
{
	const char *path = test_path(name);
	size_t done = 0;
	ssize_t wrote;
	int fd;

	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_int_not_equal(fd, -1);
	while (done < content.len) {
		wrote = write(fd, content.at + done, content.len - done);
		assert_true(wrote > 0);
		done += (size_t)wrote;
	}
	assert_int_equal(close(fd), 0);
	return path;
}

/* The same, of so many NUL bytes, which take no room on the disk. */
static inline const char *
test_sparse_file(const char *name, off_t size)
{
	const char *path = test_file(name, NO_SPAN);

	assert_int_equal(truncate(path, size), 0);
	return path;
}

/* The content of a descriptor's file from its start, as a string. */
static inline const char *
test_content(int fd)
{
	static char text[65536];
	ssize_t got;

	got = pread(fd, text, sizeof(text) - 1, 0);
	assert_true(got >= 0);
	text[got] = '\0';
	return text;
}

/* The content of tests/unit/data/NAME; valid until the next call. */
static inline struct span
test_data(const char *name)
{
	static char text[65536];
	const char *folder = getenv("srcdir");
	char path[1024];
	struct span content = { text, 0 };
	ssize_t got;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/tests/unit/data/%s",
	    folder == NULL ? "." : folder, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		fail_msg("cannot open %s", path);
	got = read(fd, text, sizeof(text));
	assert_true(got > 0 && got < (ssize_t)sizeof(text));
	(void)close(fd);
	content.len = (size_t)got;
	return content;
}

#endif
