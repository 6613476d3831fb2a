#include "config.h"

#include "events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STATES 8

static const struct {
	const char *upper, *system;
} states[STATES] = {
	{ "OFFLINE", "Offline" },
	{ "AVAILABLE", "Available" },
	{ "BUSY", "Busy" },
	{ "AWAY", "Away" },
	{ "BREAK", "Break" },
	{ "MEAL", "Meal" },
	{ "MEETING", "Meeting" },
	{ "ON_QUEUE", "On Queue" },
};

/* splitmix64 */
static uint64_t
mix(uint64_t number)
{
	number += 0x9e3779b97f4a7c15u;
	number = (number ^ number >> 30) * 0xbf58476d1ce4e5b9u;
	number = (number ^ number >> 27) * 0x94d049bb133111ebu;
	return number ^ number >> 31;
}

void
events_start(struct events *events)
{
	free(events->states);
	events->states = calloc(events->users, 1);
	if (events->states == NULL)
		abort();
	events->state = 1;
	events->done = 0;
}

void
events_next(struct events *events, bool last, struct event *ret)
{
	uint64_t number = mix(events->state++);
	size_t state;

	ret->user = events->in_turn && events->done < events->users
	    ? events->done
	    : (size_t)((number >> 32) * events->users >> 32);
	state = events->states[ret->user];
	/* No user begins with Offline: that is what the snapshot says. */
	ret->changed = state == 0 || last || number % 100 >= events->unchanged;
	if (state == 0)
		state = 1 + number / 100 % (STATES - 1);
	else if (ret->changed)
		state = (state + 1 + number / 100 % (STATES - 1)) % STATES;
	/* 0 is kept for "none yet". */
	if (state == 0)
		state = STATES;
	events->states[ret->user] = (uint8_t)state;
	ret->state = state % STATES;
	ret->time_ms = events->first_ms + (int64_t)events->done++;
}

void
events_id(size_t user, char id[EVENTS_ID])
{
	uint64_t one = mix(2 * user + 1000003), other = mix(2 * user + 1000004);

	(void)snprintf(id, EVENTS_ID, "%08x-%04x-4%03x-8%03x-%012llx",
	    (unsigned int)(one >> 32), (unsigned int)(one >> 16 & 0xffff),
	    (unsigned int)(one & 0xfff), (unsigned int)(other >> 52),
	    (unsigned long long)(other & 0xffffffffffffu));
}

const char *
events_state(size_t state)
{
	return states[state].upper;
}

static void
put_time(int64_t time_ms, char text[32])
{
	time_t seconds = (time_t)(time_ms / 1000);
	struct tm parts;
	size_t len;

	(void)gmtime_r(&seconds, &parts);
	len = strftime(text, 32, "%Y-%m-%dT%H:%M:%S", &parts);
	(void)snprintf(text + len, 32 - len, ".%03dZ", (int)(time_ms % 1000));
}

size_t
events_text(const struct events *events, const struct event *event,
    char text[EVENTS_TEXT])
{
	char id[EVENTS_ID], definition[EVENTS_ID], when[32];

	events_id(event->user, id);
	put_time(event->time_ms, when);
	if (events->shape == EVENTS_TUTORIAL)
		return (size_t)snprintf(text, EVENTS_TEXT,
		    "{\"eventType\":\"presence\",\"userId\":\"%s\","
		    "\"state\":\"%s\",\"timestamp\":\"%s\"}",
		    id, states[event->state].upper, when);
	events_id(SIZE_MAX / 4 + event->state, definition);
	return (size_t)snprintf(text, EVENTS_TEXT,
	    "{\"topicName\":\"v2.users.%s.presence\",\"version\":\"2\","
	    "\"eventBody\":{\"source\":\"PURECLOUD\","
	    "\"presenceDefinition\":{\"id\":\"%s\",\"systemPresence\":\"%s\"},"
	    "\"primary\":true,\"message\":\"\",\"modifiedDate\":\"%s\"},"
	    "\"metadata\":{\"CorrelationId\":\"%s\"}}",
	    id, definition, states[event->state].system, when, definition);
}
