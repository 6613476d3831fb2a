/*
 * blast: the load of the bench: a recording, or a service that streams.
 *
 *   blast [-s events|notifications] [-u USERS] [-n EVENTS] [-k UNCHANGED]
 *         [-o] record | expect | ids | serve
 *
 * record prints the events, expect what is to be printed of them ("ID", tab,
 * "STATE"), ids the users.  -k: events of a hundred that repeat the state;
 * -o: each user's first event comes first.
 *
 * serve prints its port, and is all that a client needs of the service; see
 * serve.h.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "events.h"
#include "serve.h"

/* 2026-01-01T00:00:00Z */
#define RECORDED_MS 1767225600000

static void
record(struct events *events, size_t count)
{
	char text[EVENTS_TEXT];
	struct event event;
	size_t i, len;

	for (i = 0; i < count; i++) {
		events_next(events, i + 1 == count, &event);
		len = events_text(events, &event, text);
		text[len++] = '\n';
		(void)fwrite(text, 1, len, stdout);
	}
}

static void
expect(struct events *events, size_t count)
{
	char id[EVENTS_ID];
	struct event event;
	size_t i;

	for (i = 0; i < count; i++) {
		events_next(events, i + 1 == count, &event);
		if (!event.changed)
			continue;
		events_id(event.user, id);
		(void)printf("%s\t%s\n", id, events_state(event.state));
	}
}

static void
print_ids(const struct events *events)
{
	char id[EVENTS_ID];
	size_t i;

	for (i = 0; i < events->users; i++) {
		events_id(i, id);
		(void)puts(id);
	}
}

static int
usage(void)
{
	(void)fputs("usage: blast [-s events|notifications] [-u USERS] "
		    "[-n EVENTS] [-k UNCHANGED] [-o] record|expect|ids\n"
		    "       blast [...] [-r RATE] [-t CERT -y KEY] serve\n",
	    stderr);
	return 64;
}

int
main(int argc, char *argv[])
{
	struct events events = { .users = 1000, .unchanged = 50 };
	struct serve_options options = { .count = 1000 };
	int option;

	events.first_ms = RECORDED_MS;
	while ((option = getopt(argc, argv, "s:u:n:k:r:t:y:o")) != -1)
		switch (option) {
		case 's':
			if (strcmp(optarg, "notifications") == 0)
				events.shape = EVENTS_NOTIFICATIONS;
			break;
		case 'u':
			events.users = strtoul(optarg, NULL, 10);
			break;
		case 'n':
			options.count = strtoul(optarg, NULL, 10);
			break;
		case 'k':
			events.unchanged =
			    (unsigned int)strtoul(optarg, NULL, 10);
			break;
		case 'r':
			options.rate = strtoul(optarg, NULL, 10);
			break;
		case 't':
			options.certificate = optarg;
			break;
		case 'y':
			options.key = optarg;
			break;
		case 'o':
			events.in_turn = true;
			break;
		default:
			return usage();
		}
	if (optind + 1 != argc || events.users == 0)
		return usage();
	if (strcmp(argv[optind], "serve") == 0)
		events.first_ms =
		    (int64_t)time(NULL) * 1000 - (int64_t)options.count;
	events_start(&events);
	if (strcmp(argv[optind], "record") == 0)
		record(&events, options.count);
	else if (strcmp(argv[optind], "expect") == 0)
		expect(&events, options.count);
	else if (strcmp(argv[optind], "ids") == 0)
		print_ids(&events);
	else if (strcmp(argv[optind], "serve") == 0)
		return serve(&events, &options);
	else
		return usage();
	return fflush(stdout) == 0 ? 0 : 1;
}
