/*
 * replay: main() of a target in make check.
 *
 *   fuzz_X             what is in tests/fuzz/corpus/X, as one TAP test
 *   fuzz_X FILE ...    these inputs
 *
 * Each input is named before it is tried, so that one that aborts is the last.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"

/* Bytes of an input. */
#define ROOM (1 << 20)

static int
replay(const char *name)
{
	static uint8_t bytes[ROOM];
	uint8_t *exact;
	ssize_t got;
	int fd;

	(void)printf("# %s\n", name);
	(void)fflush(stdout);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd == -1 || (got = read(fd, bytes, sizeof(bytes))) == -1) {
		(void)printf("# %s\n", strerror(errno));
		return -1;
	}
	(void)close(fd);
	/* In memory of just that size, so that a sanitizer sees the end. */
	exact = malloc(got > 0 ? (size_t)got : 1);
	if (exact == NULL)
		return -1;
	memcpy(exact, bytes, (size_t)got);
	(void)LLVMFuzzerTestOneInput(exact, (size_t)got);
	free(exact);
	return 0;
}

static int
is_shown(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* The number of inputs, or -1. */
static int
replay_folder(const char *folder)
{
	struct dirent **entries;
	char name[4096 + 256];
	int i, count, rc = 0;

	count = scandir(folder, &entries, is_shown, alphasort);
	if (count == -1)
		return -1;
	for (i = 0; i < count; i++) {
		(void)snprintf(
		    name, sizeof(name), "%s/%s", folder, entries[i]->d_name);
		if (replay(name) == -1)
			rc = -1;
		free(entries[i]);
	}
	free(entries);
	return rc == -1 ? -1 : count;
}

/* From ".../fuzz_decode" to "decode". */
static const char *
target_of(const char *program)
{
	const char *slash = strrchr(program, '/'), *end;

	if (slash != NULL)
		program = slash + 1;
	end = strchr(program, '_');
	return end == NULL ? program : end + 1;
}

int
main(int argc, char *argv[])
{
	const char *source = getenv("srcdir");
	char folder[4096];
	int i, count;

	(void)LLVMFuzzerInitialize(&argc, &argv);
	for (i = 1; i < argc; i++)
		if (replay(argv[i]) == -1)
			return 1;
	if (argc > 1)
		return 0;
	(void)snprintf(folder, sizeof(folder), "%s/tests/fuzz/corpus/%s",
	    source == NULL ? "." : source, target_of(argv[0]));
	(void)printf("1..1\n");
	count = replay_folder(folder);
	(void)printf("%s 1 - %s_claims_hold_for_every_input_that_is_kept\n",
	    count > 0 ? "ok" : "not ok", target_of(argv[0]));
	return count > 0 ? 0 : 1;
}
