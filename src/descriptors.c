#include "config.h"

#include "descriptors.h"

#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

#include "fail.h"

static bool
is_open(int fd)
{
	return fcntl(fd, F_GETFD) != -1;
}

int
descriptors_guard(struct fail *why)
{
	bool has_output = is_open(STDOUT_FILENO);
	int fd, flags;

	/* Each open() takes the lowest number that is free. */
	do
		fd = open("/dev/null", O_RDWR);
	while (fd != -1 && fd <= STDERR_FILENO);
	if (fd != -1)
		(void)close(fd);
	if (!has_output)
		return fail_set(why, FAIL_OUTPUT, "standard output is closed");
	flags = fcntl(STDOUT_FILENO, F_GETFL);
	if (flags == -1 || (flags & O_ACCMODE) == O_RDONLY)
		return fail_set(why, FAIL_OUTPUT,
		    "standard output is not open for writing");
	return 0;
}
