#include "config.h"

#include "redact.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "percent.h"
#include "xalloc.h"

#define RETIRED_MAX 64
#define SHORTEST    4
/* Texts of others are cut: so much of a secret's start is a secret too. */
#define START 16

struct secret {
	char *plain;
	char *in_url; /* or NULL where it is the same */
};

static struct {
	struct secret *living;
	size_t count;
	struct secret retired[RETIRED_MAX];
	size_t next; /* of the retired the one to be overwritten */
} known;

static struct secret *
find(const char *plain)
{
	size_t i;

	for (i = 0; i < known.count; i++)
		if (strcmp(known.living[i].plain, plain) == 0)
			return &known.living[i];
	return NULL;
}

void
redact_add(const char *secret)
{
	struct secret *new;
	struct buf in_url;

	if (secret == NULL || strlen(secret) < SHORTEST || find(secret) != NULL)
		return;
	known.living =
	    xreallocarray(known.living, known.count + 1, sizeof(*known.living));
	new = &known.living[known.count++];
	new->plain = xstrdup(secret);
	new->in_url = NULL;
	buf_init_secret(&in_url, SIZE_MAX);
	percent_put(&in_url, span_of(secret));
	if (strcmp(buf_string(&in_url), secret) != 0)
		new->in_url = xstrdup(buf_string(&in_url));
	buf_done(&in_url);
}

void
redact_retire(const char *secret)
{
	struct secret *old = secret == NULL ? NULL : find(secret), *slot;

	if (old == NULL)
		return;
	slot = &known.retired[known.next];
	known.next = (known.next + 1) % RETIRED_MAX;
	xwipe(slot->plain);
	xwipe(slot->in_url);
	*slot = *old;
	*old = known.living[--known.count];
}

static void
hide(char *text, size_t len, const char *secret)
{
	size_t secret_len = strlen(secret), hidden;
	size_t start = secret_len < START ? secret_len : START;
	char *found;

	while ((found = memmem(text, len, secret, start)) != NULL) {
		len -= (size_t)(found - text);
		for (hidden = start; hidden < secret_len && hidden < len &&
		     found[hidden] == secret[hidden];)
			hidden++;
		memset(found, '*', hidden);
		len -= hidden;
		text = found + hidden;
	}
}

static void
hide_forms(char *text, size_t len, const struct secret *secret)
{
	hide(text, len, secret->plain);
	if (secret->in_url != NULL)
		hide(text, len, secret->in_url);
}

void
redact_text(char *text, size_t len)
{
	size_t i;

	for (i = 0; i < known.count; i++)
		hide_forms(text, len, &known.living[i]);
	for (i = 0; i < RETIRED_MAX && known.retired[i].plain != NULL; i++)
		hide_forms(text, len, &known.retired[i]);
}
