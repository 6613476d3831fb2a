/*
 * drive: runs a target without libFuzzer.
 *
 *   fuzz_X [-n CASES] [-s SEED] [-t SECONDS]    cases made from the seeds
 *   fuzz_X FILE ...                             these inputs
 *
 * The last line is "1 passed, 0 failed".  A case that breaks a claim aborts;
 * its number is printed first, and the same seed finds it again.
 */
#include "config.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"

#define ROOM 8192

static unsigned long current;

/* splitmix64 */
static uint64_t
draw(uint64_t *state)
{
	uint64_t number = *state += 0x9e3779b97f4a7c15u;

	number = (number ^ number >> 30) * 0xbf58476d1ce4e5b9u;
	number = (number ^ number >> 27) * 0x94d049bb133111ebu;
	return number ^ number >> 31;
}

static size_t
below(uint64_t *state, size_t limit)
{
	return (size_t)(draw(state) % limit);
}

static size_t
count_of(const char *const *texts)
{
	size_t count = 0;

	while (texts[count] != NULL)
		count++;
	return count;
}

/* Puts some bytes in at a place, as far as there is room. */
static size_t
insert(char *text, size_t len, size_t at, const char *bytes, size_t more)
{
	if (len + more > ROOM)
		return len;
	memmove(text + at + more, text + at, len - at);
	memmove(text + at, bytes, more);
	return len + more;
}

static size_t
cut(char *text, size_t len, size_t at, size_t less)
{
	if (less > len - at)
		less = len - at;
	memmove(text + at, text + at + less, len - at - less);
	return len - less;
}

/* A place in the text; half of them where something begins. */
static size_t
place(const char *text, size_t len, uint64_t *state)
{
	size_t at = below(state, len + 1);

	if (below(state, 2) == 0)
		return at;
	while (at < len && strchr("{[,:\n ", text[at]) == NULL)
		at++;
	return at < len ? at + 1 : at;
}

/* One small change. */
static size_t
change(char *text, size_t len, uint64_t *state)
{
	size_t at = place(text, len, state), pieces = count_of(fuzz_pieces);
	char copy[64], byte = (char)draw(state);
	const char *piece = fuzz_pieces[below(state, pieces)];

	switch (below(state, 7)) {
	case 0: /* a byte becomes another one */
		if (at < len)
			text[at] = byte;
		return len;
	case 1:
		return insert(text, len, at, &byte, 1);
	case 2:
		return insert(text, len, at, piece, strlen(piece));
	case 3:
		return cut(text, len, at, 1 + below(state, 8));
	case 4: /* a piece in place of as many bytes */
		len = cut(text, len, at, strlen(piece));
		return insert(text, len, at, piece, strlen(piece));
	case 5: /* some bytes twice */
		if (len - at < sizeof(copy))
			return len;
		memcpy(copy, text + at, sizeof(copy));
		return insert(text, len, below(state, len + 1), copy,
		    1 + below(state, sizeof(copy)));
	default:
		return below(state, 8) == 0 ? at : len;
	}
}

static void
run_case(unsigned long number, uint64_t seed)
{
	uint64_t state = seed * 1000003 + number;
	const char *start;
	char text[ROOM];
	uint8_t *exact;
	size_t len, changes;

	start = fuzz_seeds[below(&state, count_of(fuzz_seeds))];
	len = strlen(start);
	memcpy(text, start, len);
	for (changes = below(&state, 5); changes > 0; changes--)
		len = change(text, len, &state);
	/* In memory of just that size, so that a sanitizer sees the end. */
	exact = malloc(len > 0 ? len : 1);
	if (exact == NULL)
		abort();
	memcpy(exact, text, len);
	current = number;
	(void)LLVMFuzzerTestOneInput(exact, len);
	free(exact);
}

static void
on_abort(int number)
{
	(void)number;
	(void)dprintf(STDERR_FILENO, "case %lu\n", current);
}

static int
run_file(const char *name)
{
	static uint8_t bytes[1 << 20];
	ssize_t got;
	int fd;

	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd == -1 || (got = read(fd, bytes, sizeof(bytes))) == -1) {
		perror(name);
		return -1;
	}
	(void)close(fd);
	return LLVMFuzzerTestOneInput(bytes, (size_t)got);
}

int
main(int argc, char *argv[])
{
	unsigned long cases = 100000, number, seconds = 0;
	time_t begun = time(NULL);
	uint64_t seed = 1;
	int option;

	while ((option = getopt(argc, argv, "n:s:t:")) != -1)
		if (option == 'n')
			cases = strtoul(optarg, NULL, 10);
		else if (option == 's')
			seed = strtoul(optarg, NULL, 10);
		else if (option == 't')
			seconds = strtoul(optarg, NULL, 10);
		else
			return 64;
	for (; optind < argc; optind++)
		if (run_file(argv[optind]) == -1)
			return 1;
	(void)signal(SIGABRT, on_abort);
	for (number = 0; number < cases; number++) {
		if (seconds > 0 && number % 1000 == 0 &&
		    (unsigned long)(time(NULL) - begun) >= seconds)
			break;
		run_case(number, seed);
	}
	(void)printf("%s: %lu cases\n1 passed, 0 failed\n", argv[0], number);
	return 0;
}
