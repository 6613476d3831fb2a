#include "config.h"

#include "users.h"

#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "ask.h"
#include "asked.h"
#include "backoff.h"
#include "buf.h"
#include "emails.h"
#include "endpoints.h"
#include "fail.h"
#include "find.h"
#include "form.h"
#include "link.h"
#include "log.h"
#include "loop.h"
#include "output.h"
#include "pages.h"
#include "people.h"
#include "place.h"
#include "rng.h"
#include "service.h"
#include "stats.h"
#include "usersopt.h"
#include "xalloc.h"

/* Descriptors that a run needs, and then some. */
#define MAX_FDS 256

struct users {
	const struct users_settings *settings;
	struct asked_list *asked;
	struct stats stats;
	struct endpoints endpoints;
	struct loop *loop;
	struct loop_timer *start; /* what is next, from the loop */
	struct output *output;
	struct service *service;
	struct ask *ask;
	struct find *find;
	struct pages *pages;
	struct emails *emails;
	struct people *people;

	size_t looked_up; /* of what is asked for */
	size_t listed;
	size_t printed; /* users */
	bool unclear;   /* a name was none, or several's */
	bool ending;
	struct fail why;
};

/* The end. */

static void
end_if_written(struct users *users)
{
	if (users->ending && output_is_idle(users->output))
		loop_stop(users->loop);
}

/* The first reason is the one that counts. */
static void
stop(struct users *users, const struct fail *why)
{
	if (users->ending)
		return;
	users->ending = true;
	if (why != NULL)
		users->why = *why;
	end_if_written(users);
}

/* All is found: what stands behind the last user. */
static void
finish(struct users *users, const struct fail *why)
{
	struct buf text;

	buf_init(&text, SIZE_MAX);
	form_end(&text, (enum form)users->settings->form, users->printed);
	if (text.len > 0)
		(void)output_add(users->output, text.bytes, text.len);
	buf_done(&text);
	stop(users, why);
}

/* Users. */

static int
on_user(void *arg, struct span id, struct span name, struct fail *why)
{
	struct users *users = arg;

	return people_add(users->people, id, name, why);
}

/* Prints those who were found since the last time. */
static void
print(struct users *users)
{
	struct buf text;

	buf_init(&text, SIZE_MAX);
	for (; users->printed < people_count(users->people); users->printed++)
		form_put(&text, (enum form)users->settings->form,
		    users->printed, people_at(users->people, users->printed));
	if (text.len > 0)
		(void)output_add(users->output, text.bytes, text.len);
	buf_done(&text);
}

/* Names. */

static void
say_hits(const struct users *users)
{
	const struct find_hit *hit;
	size_t i;

	for (i = 0; i < find_hit_count(users->find); i++) {
		hit = find_hit(users->find, i);
		log_error(NULL, "  %s %s", hit->id, hit->name);
	}
}

static void
on_name(void *arg, const char *id, const struct fail *why)
{
	struct users *users = arg;
	struct asked *asked = &users->asked->rows[users->looked_up];

	if (why != NULL && why->kind != FAIL_DATA) {
		stop(users, why);
		return;
	}
	/* All mistakes are told, not only the first one. */
	if (why != NULL) {
		users->unclear = true;
		log_error(NULL, "%s", why->text);
		say_hits(users);
	} else {
		log_info(NULL, "the %s '%s' is %s", asked->place->noun,
		    asked->text, id);
		asked->id = xstrdup(id);
	}
	users->looked_up++;
	loop_timer_set(users->start, 0);
}

/* Lists. */

static void
say_counts(const struct asked *asked, const struct pages_counts *counts)
{
	struct buf name;

	buf_init(&name, SIZE_MAX);
	if (asked->place == &place_all)
		buf_text(&name, "the organisation");
	else
		buf_printf(
		    &name, "the %s '%s'", asked->place->noun, asked->text);
	if (counts->bad > 0)
		log_warning(NULL, "%s: %zu rows have no ID of a user; left out",
		    buf_string(&name), counts->bad);
	if (counts->users == 0)
		log_notice(NULL, "%s has no active users", buf_string(&name));
	else
		log_info(NULL, "%s has %zu active users and %zu others",
		    buf_string(&name), counts->users, counts->inactive);
	buf_done(&name);
}

static void
on_list_end(
    void *arg, const struct pages_counts *counts, const struct fail *why)
{
	struct users *users = arg;

	if (why != NULL) {
		stop(users, why);
		return;
	}
	say_counts(&users->asked->rows[users->listed], counts);
	users->listed++;
	loop_timer_set(users->start, 0);
}

static const struct pages_handler on_pages = {
	.on_user = on_user,
	.on_end = on_list_end,
};

/* Addresses. */

/* The next ones are asked for when these are written. */
static void
on_lines(void *arg)
{
	struct users *users = arg;

	print(users);
	if (output_is_idle(users->output))
		emails_go_on(users->emails);
}

static void
on_emails_end(
    void *arg, const struct emails_counts *counts, const struct fail *why)
{
	struct users *users = arg;
	struct fail reason;

	if (why != NULL) {
		stop(users, why);
	} else if (counts->addresses == 0) {
		(void)fail_set(&reason, FAIL_DATA,
		    "there is no e-mail address on standard input");
		stop(users, &reason);
	} else if (counts->found == 0) {
		(void)fail_set(&reason, FAIL_DATA,
		    "none of the addresses (%zu) is of an active user",
		    counts->addresses);
		stop(users, &reason);
	} else if (counts->found < counts->addresses) {
		(void)fail_set(&reason, FAIL_UNMET,
		    "%zu of %zu addresses are of no active user",
		    counts->addresses - counts->found, counts->addresses);
		finish(users, &reason);
	} else {
		finish(users, NULL);
	}
}

static const struct emails_handler on_emails = {
	.on_user = on_user,
	.on_lines = on_lines,
	.on_end = on_emails_end,
};

static void
read_addresses(struct users *users)
{
	struct fail why;

	if (isatty(STDIN_FILENO))
		log_notice(NULL,
		    "reading e-mail addresses from the terminal, one on a "
		    "line; Ctrl-D ends them");
	users->emails =
	    emails_new(users->loop, users->ask, &on_emails, users, &why);
	if (users->emails == NULL)
		stop(users, &why);
}

/* The order of things. */

static void
on_start(void *arg)
{
	struct users *users = arg;
	struct asked *asked = users->asked->rows;
	struct fail why;

	while (users->looked_up < users->asked->count &&
	    asked[users->looked_up].id != NULL)
		users->looked_up++;
	if (users->looked_up < users->asked->count) {
		asked += users->looked_up;
		find_start(
		    users->find, asked->place, asked->text, on_name, users);
	} else if (users->unclear) {
		(void)fail_set(&why, FAIL_DATA, "%s", "");
		stop(users, &why);
	} else if (users->listed < users->asked->count) {
		asked += users->listed;
		pages_start(users->pages, asked->place, asked->id, asked->text);
	} else {
		print(users);
		if (users->settings->email > 0)
			read_addresses(users);
		else
			finish(users, NULL);
	}
}

static void
on_output(void *arg)
{
	struct users *users = arg;
	struct fail why;

	if (output_failed(users->output, &why)) {
		/* What ends already may end so after all. */
		if (users->why.kind == FAIL_NONE ||
		    users->why.kind == FAIL_UNMET)
			users->why = why;
		users->ending = true;
		loop_stop(users->loop);
		return;
	}
	end_if_written(users);
	if (!users->ending && users->emails != NULL &&
	    output_is_idle(users->output))
		emails_go_on(users->emails);
}

static int
build(
    struct users *users, const struct setting_values *values, struct fail *why)
{
	const struct settings *base = &users->settings->base;
	struct backoff backoff;
	struct rng rng;

	if (endpoints_init(&users->endpoints, base, why) == -1)
		return -1;
	users->loop = loop_new(MAX_FDS, why);
	if (users->loop == NULL)
		return -1;
	users->start = loop_timer_new(users->loop, on_start, users);
	users->output = output_new(users->loop, STDOUT_FILENO,
	    "standard output", SIZE_MAX, on_output, users, why);
	if (users->output == NULL)
		return -1;
	users->service = service_new(users->loop, values, &users->endpoints,
	    NULL, &users->stats, NULL, why);
	if (users->service == NULL)
		return -1;
	rng_seed_freely(&rng);
	backoff_init(
	    &backoff, base->retry_base_ms, base->retry_max_ms, rng_next(&rng));
	users->ask = ask_new(users->loop, service_env(users->service)->api,
	    &backoff, (unsigned int)base->max_retries);
	users->find = find_new(users->ask);
	users->pages = pages_new(users->ask, &on_pages, users);
	users->people = people_new();
	return 0;
}

struct users *
users_new(const struct setting_values *values, struct asked_list *asked,
    struct fail *why)
{
	struct users *users;

	users = xcalloc(1, sizeof(*users));
	users->settings = values->target;
	users->asked = asked;
	if (build(users, values, why) == -1) {
		users_free(users);
		return NULL;
	}
	return users;
}

void
users_free(struct users *users)
{
	if (users == NULL)
		return;
	emails_free(users->emails);
	pages_free(users->pages);
	find_free(users->find);
	ask_free(users->ask);
	people_free(users->people);
	service_free(users->service);
	output_free(users->output);
	loop_timer_free(users->start);
	loop_free(users->loop);
	endpoints_done(&users->endpoints);
	free(users);
}

int
users_run(struct users *users, struct fail *why)
{
	loop_timer_set(users->start, 0);
	if (loop_run(users->loop, NULL, NULL, why) == -1)
		return -1;
	*why = users->why;
	return why->kind == FAIL_NONE ? 0 : -1;
}
