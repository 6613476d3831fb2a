#include "config.h"

#include "emails.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "ask.h"
#include "buf.h"
#include "caps.h"
#include "fail.h"
#include "input.h"
#include "jget.h"
#include "jput.h"
#include "log.h"
#include "map.h"
#include "row.h"
#include "xalloc.h"

/* Addresses of one question: the service's limit. */
#define BATCH 25
/* Bytes of an address: 64, "@" and 255 (RFC 5321). */
#define ADDRESS_MAX 320

struct address {
	char *text;
	size_t line;
	bool found;
	bool inactive; /* somebody has it, who is not active */
};

struct emails {
	struct ask *ask;
	struct input *input;
	const struct emails_handler *handler;
	void *arg;
	struct map *seen; /* addresses in lower case */
	struct emails_counts counts;
	struct address batch[BATCH];
	size_t count;
	size_t complaints;
	bool asking;
	bool ended; /* the input has */
};

static void
complain(struct emails *emails, size_t line, const char *what)
{
	if (emails->complaints++ < CAP_BAD_LINES)
		log_warning(NULL, "standard input:%zu: %s", line, what);
}

/* Without white space around it. */
static struct span
trim(struct span text)
{
	static const char blanks[] = " \t\r\v\f";

	while (text.len > 0 && text.at[0] != '\0' &&
	    strchr(blanks, text.at[0]) != NULL) {
		text.at++;
		text.len--;
	}
	while (text.len > 0 && text.at[text.len - 1] != '\0' &&
	    strchr(blanks, text.at[text.len - 1]) != NULL)
		text.len--;
	return text;
}

/* Whether it can be an address: something on both sides of "@", no space. */
static bool
is_address(struct span text)
{
	const char *at;
	size_t i;

	if (text.len > ADDRESS_MAX)
		return false;
	for (i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] <= ' ' || text.at[i] == 0x7f)
			return false;
	at = memchr(text.at, '@', text.len);
	return at != NULL && at > text.at && at < text.at + text.len - 1;
}

/* Whether the address has come before; remembers that it has now. */
static bool
is_repeated(struct emails *emails, struct span text)
{
	char lower[ADDRESS_MAX];
	bool added;
	size_t i;

	for (i = 0; i < text.len; i++)
		lower[i] = (char)(text.at[i] >= 'A' && text.at[i] <= 'Z'
			? text.at[i] - 'A' + 'a'
			: text.at[i]);
	(void)map_put(emails->seen, (struct span){ lower, text.len }, &added);
	return !added;
}

static void
on_line(void *arg, struct span line, size_t number)
{
	struct emails *emails = arg;
	struct address *address;

	line = trim(line);
	if (line.len == 0 || line.at[0] == '#')
		return;
	if (!is_address(line)) {
		emails->counts.addresses++;
		complain(emails, number, "this is not an e-mail address");
		return;
	}
	if (is_repeated(emails, line))
		return;
	emails->counts.addresses++;
	address = &emails->batch[emails->count++];
	address->text = xstrndup(line.at, line.len);
	address->line = number;
	address->found = false;
	address->inactive = false;
	if (emails->count == BATCH)
		input_pause(emails->input, true);
}

/* Those of the batch that nobody was found for. */
static void
tell_missing(struct emails *emails)
{
	const struct address *address;
	struct buf text;
	size_t i;

	buf_init(&text, SIZE_MAX);
	for (i = 0; i < emails->count; i++) {
		address = &emails->batch[i];
		if (address->found) {
			emails->counts.found++;
			continue;
		}
		buf_reset(&text);
		buf_printf(&text,
		    address->inactive ? "who has '%s' is not active"
				      : "nobody has '%s'",
		    address->text);
		complain(emails, address->line, buf_string(&text));
	}
	buf_done(&text);
}

static void
drop_batch(struct emails *emails)
{
	size_t i;

	for (i = 0; i < emails->count; i++)
		free(emails->batch[i].text);
	emails->count = 0;
}

/* The address of the batch that a user has, or NULL. */
static struct address *
address_of(struct emails *emails, struct span email)
{
	struct address *address;
	size_t i;

	for (i = 0; i < emails->count; i++) {
		address = &emails->batch[i];
		if (strlen(address->text) == email.len &&
		    strncasecmp(address->text, email.at, email.len) == 0)
			return address;
	}
	return NULL;
}

static int
take_users(
    struct emails *emails, const struct json_object *rows, struct fail *why)
{
	struct address *address;
	struct row row;
	size_t i;

	for (i = 0; i < jget_count(rows); i++) {
		if (!row_read(jget_item(rows, i), &row) || row.email.len == 0)
			continue;
		address = address_of(emails, row.email);
		if (address == NULL)
			continue;
		if (!row.active) {
			address->inactive = true;
			continue;
		}
		address->found = true;
		if (emails->handler->on_user(
			emails->arg, row.id, row.name, why) == -1)
			return -1;
	}
	return 0;
}

static void
end(struct emails *emails, const struct fail *why)
{
	emails->handler->on_end(emails->arg, &emails->counts, why);
}

static void
on_found(void *arg, const struct json_object *root, const struct fail *why)
{
	struct emails *emails = arg;
	struct fail reason;

	emails->asking = false;
	if (why != NULL) {
		end(emails, why);
	} else if (take_users(emails, jget_array(root, "results"), &reason) ==
	    -1) {
		end(emails, &reason);
	} else {
		tell_missing(emails);
		drop_batch(emails);
		emails->handler->on_lines(emails->arg);
	}
}

static void
ask_batch(struct emails *emails)
{
	struct question question = { .method = "POST" };
	struct buf body;
	size_t i;

	buf_init(&body, SIZE_MAX);
	buf_text(&body,
	    "{\"pageSize\":100,\"pageNumber\":1,\"query\":[{\"type\":\"EXACT\","
	    "\"fields\":[\"email\"],\"values\":[");
	for (i = 0; i < emails->count; i++) {
		if (i > 0)
			buf_char(&body, ',');
		jput_string(&body, span_of(emails->batch[i].text));
	}
	buf_text(&body, "]}]}");
	question.path = "/api/v2/users/search";
	question.body = span_of(buf_string(&body));
	question.what = "look up e-mail addresses";
	question.endpoint = "users/search";
	question.permission = "directory:user:view";
	emails->asking = true;
	input_pause(emails->input, true);
	ask_start(emails->ask, &question, on_found, emails);
	buf_done(&body);
}

static void
on_block(void *arg)
{
	struct emails *emails = arg;

	if (emails->count > 0)
		ask_batch(emails);
}

static void
on_input_end(void *arg, const struct fail *why)
{
	struct emails *emails = arg;

	emails->ended = true;
	if (why != NULL)
		end(emails, why);
	else if (emails->count > 0)
		ask_batch(emails);
	else
		end(emails, NULL);
}

static const struct input_handler on_input = {
	.on_line = on_line,
	.on_block = on_block,
	.on_end = on_input_end,
};

struct emails *
emails_new(struct loop *loop, struct ask *ask,
    const struct emails_handler *handler, void *arg, struct fail *why)
{
	struct emails *emails;

	emails = xcalloc(1, sizeof(*emails));
	emails->ask = ask;
	emails->handler = handler;
	emails->arg = arg;
	emails->seen = map_new(0);
	emails->input = input_new(loop, STDIN_FILENO, "standard input",
	    ADDRESS_MAX, &on_input, emails, why);
	if (emails->input == NULL) {
		emails_free(emails);
		return NULL;
	}
	return emails;
}

void
emails_free(struct emails *emails)
{
	if (emails == NULL)
		return;
	input_free(emails->input);
	drop_batch(emails);
	map_free(emails->seen);
	free(emails);
}

void
emails_go_on(struct emails *emails)
{
	if (emails->asking)
		return;
	if (emails->ended)
		end(emails, NULL);
	else
		input_pause(emails->input, false);
}
