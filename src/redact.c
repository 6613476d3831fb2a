#include "config.h"

#include "redact.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "caps.h"
#include "percent.h"
#include "xalloc.h"

#define RETIRED_MAX 64
#define SHORTEST    4
/* Texts of others are cut: so much of a secret's start is a secret too. */
#define START 16

/* How a secret may be written; NULL where that is no form of its own. */
enum form {
	FORM_PLAIN,
	FORM_IN_URL,
	FORM_LOGIN,
	FORM_COUNT,
};

struct secret {
	char *forms[FORM_COUNT];
};

static struct {
	struct secret *living;
	size_t count;
	struct secret retired[RETIRED_MAX];
	size_t next;       /* of the retired the one to be overwritten */
	size_t short_text; /* so many bytes are too few for any of them */
} known = { .short_text = SIZE_MAX };

static size_t
lesser(size_t one, size_t other)
{
	return one < other ? one : other;
}

static void
note_form(struct secret *secret, enum form form, const char *text)
{
	secret->forms[form] = xstrdup(text);
	known.short_text =
	    lesser(known.short_text, lesser(strlen(text), START) - 1);
}

static struct secret *
find(const char *plain)
{
	size_t i;

	for (i = 0; i < known.count; i++)
		if (strcmp(known.living[i].forms[FORM_PLAIN], plain) == 0)
			return &known.living[i];
	return NULL;
}

/* The secret, known from now on; NULL for one that is too short. */
static struct secret *
add(const char *plain)
{
	struct secret *secret;
	struct buf in_url;

	if (plain == NULL || strlen(plain) < SHORTEST)
		return NULL;
	secret = find(plain);
	if (secret != NULL)
		return secret;
	known.living =
	    xreallocarray(known.living, known.count + 1, sizeof(*known.living));
	secret = &known.living[known.count++];
	memset(secret, 0, sizeof(*secret));
	note_form(secret, FORM_PLAIN, plain);
	buf_init_secret(&in_url, SIZE_MAX);
	percent_put(&in_url, span_of(plain));
	if (strcmp(buf_string(&in_url), plain) != 0)
		note_form(secret, FORM_IN_URL, buf_string(&in_url));
	buf_done(&in_url);
	return secret;
}

void
redact_add(const char *secret)
{
	(void)add(secret);
}

/* Base64, RFC 4648, 4. */
static void
put_base64(struct buf *buf, struct span bytes)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned int group;
	size_t i, k;

	for (i = 0; i < bytes.len; i += 3) {
		group = 0;
		for (k = 0; k < 3; k++)
			group = group << 8 |
			    (i + k < bytes.len ? (unsigned char)bytes.at[i + k]
					       : 0u);
		for (k = 0; k < 4; k++)
			buf_add(buf,
			    i + k > bytes.len
				? "="
				: &digits[group >> (18 - 6 * k) & 63],
			    1);
	}
}

void
redact_add_login(const char *user, const char *password)
{
	struct secret *secret = add(password);
	struct buf login, basic;

	if (secret == NULL || secret->forms[FORM_LOGIN] != NULL)
		return;
	buf_init_secret(&login, SIZE_MAX);
	buf_init_secret(&basic, SIZE_MAX);
	buf_printf(&login, "%s:%s", user, password);
	put_base64(&basic, span_of(buf_string(&login)));
	note_form(secret, FORM_LOGIN, buf_string(&basic));
	buf_done(&basic);
	buf_done(&login);
}

void
redact_retire(const char *secret)
{
	struct secret *old = secret == NULL ? NULL : find(secret), *slot;
	int form;

	if (old == NULL)
		return;
	slot = &known.retired[known.next];
	known.next = (known.next + 1) % RETIRED_MAX;
	for (form = 0; form < FORM_COUNT; form++)
		xwipe(slot->forms[form]);
	*slot = *old;
	*old = known.living[--known.count];
}

/*
 * Whether two bytes are one letter, or the same: states are written in
 * capitals, and the digits of a percent-encoding as one likes.
 */
static bool
is_like(char one, char other)
{
	return ((one ^ other) & ~0x20) == 0;
}

/* How many bytes of both are like each other, from the first on. */
static size_t
like_len(const char *text, size_t len, const char *secret)
{
	size_t i;

	for (i = 0;
	     i < len && secret[i] != '\0' && is_like(text[i], secret[i]);)
		i++;
	return i;
}

/* Overwrites in text what of the secret is in its original. */
static void
hide(char *text, const char *original, size_t len, const char *secret)
{
	size_t start = lesser(strlen(secret), START), at = 0, hidden;

	while (at + start <= len) {
		hidden = like_len(original + at, len - at, secret);
		if (hidden >= start)
			memset(text + at, '*', hidden);
		at += hidden >= start ? hidden : 1;
	}
}

static void
hide_forms(
    char *text, const char *original, size_t len, const struct secret *secret)
{
	int form;

	for (form = 0; form < FORM_COUNT; form++)
		if (secret->forms[form] != NULL)
			hide(text, original, len, secret->forms[form]);
}

bool
redact_is_short(size_t len)
{
	return len <= known.short_text;
}

void
redact_text(char *text, size_t len)
{
	char *original;
	size_t i;

	if (redact_is_short(len))
		return;
	/* Secrets may begin alike: what one hides another may be known by. */
	original = xcalloc(len, 1);
	memcpy(original, text, len);
	for (i = 0; i < known.count; i++)
		hide_forms(text, original, len, &known.living[i]);
	for (i = 0;
	     i < RETIRED_MAX && known.retired[i].forms[FORM_PLAIN] != NULL; i++)
		hide_forms(text, original, len, &known.retired[i]);
	explicit_bzero(original, len);
	free(original);
}

void
redact_put(struct buf *buf, struct span text, size_t max)
{
	/* A cut first could leave the start of one. */
	size_t len = lesser(text.len, max + CAP_TOKEN);
	char *copy = xstrndup(text.len > 0 ? text.at : "", len);

	redact_text(copy, len);
	buf_add(buf, copy, lesser(len, max));
	xwipe(copy);
}
