#include "config.h"

#include "redact.h"

#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

/* The client's secret, its tokens of the last days, 20 channels, a proxy. */
#define SECRETS_MAX 64
#define SHORTEST    4
/* Texts of others are cut: so much of a secret's start is a secret too. */
#define START 16

static struct {
	char *secrets[SECRETS_MAX];
	size_t next; /* the one to be overwritten */
} known;

void
redact_add(const char *secret)
{
	char **slot = &known.secrets[known.next];
	size_t i;

	if (secret == NULL || strlen(secret) < SHORTEST)
		return;
	for (i = 0; i < SECRETS_MAX; i++)
		if (known.secrets[i] != NULL &&
		    strcmp(known.secrets[i], secret) == 0)
			return;
	if (*slot != NULL)
		explicit_bzero(*slot, strlen(*slot));
	free(*slot);
	*slot = xstrdup(secret);
	known.next = (known.next + 1) % SECRETS_MAX;
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

void
redact_text(char *text, size_t len)
{
	size_t i;

	for (i = 0; i < SECRETS_MAX && known.secrets[i] != NULL; i++)
		hide(text, len, known.secrets[i]);
}
