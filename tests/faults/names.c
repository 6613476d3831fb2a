/*
 * names: a getaddrinfo() for tests, by LD_PRELOAD.  The file $NAMES_FILE is
 * read at each call; its lines are a name and what it resolves to: numeric
 * addresses, or "hang" (for as long as the file says so), "none" (there is no
 * such name) or "again" (the server does not answer).  Other names are looked
 * up as ever.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int look_up_fn(
    const char *, const char *, const struct addrinfo *, struct addrinfo **);

/* What the file says of a name; false where nothing. */
static int
find(const char *name, char *found, size_t size)
{
	const char *path = getenv("NAMES_FILE");
	char line[1024], *rest;
	FILE *file;
	int rc = 0;

	if (path == NULL || (file = fopen(path, "re")) == NULL)
		return 0;
	while (rc == 0 && fgets(line, sizeof(line), file) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		rest = strchr(line, ' ');
		if (rest == NULL)
			continue;
		*rest++ = '\0';
		if (strcmp(line, name) == 0) {
			(void)snprintf(found, size, "%s", rest);
			rc = 1;
		}
	}
	(void)fclose(file);
	return rc;
}

int
getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
    struct addrinfo **result)
{
	char found[1024], *word, *state = NULL;
	struct addrinfo numeric = { 0 }, **last = result;
	look_up_fn *real = (look_up_fn *)dlsym(RTLD_NEXT, "getaddrinfo");
	int rc = EAI_NONAME;

	if (name == NULL || !find(name, found, sizeof(found)))
		return real(name, service, hints, result);
	while (strcmp(found, "hang") == 0) {
		(void)usleep(50000);
		if (!find(name, found, sizeof(found)))
			break;
	}
	if (strcmp(found, "none") == 0)
		return EAI_NONAME;
	if (strcmp(found, "again") == 0)
		return EAI_AGAIN;
	if (hints != NULL)
		numeric = *hints;
	numeric.ai_flags |= AI_NUMERICHOST;
	*result = NULL;
	for (word = strtok_r(found, " ", &state); word != NULL;
	     word = strtok_r(NULL, " ", &state)) {
		if (real(word, service, &numeric, last) != 0)
			continue;
		rc = 0;
		while (*last != NULL)
			last = &(*last)->ai_next;
	}
	return rc;
}
