#include "config.h"

#include "address.h"

#include <stdlib.h>

#include "buf.h"
#include "map.h"
#include "xalloc.h"

/* example.com is nobody's (RFC 2606). */
#define DOMAIN "@example.com"

struct addresses {
	struct map *given; /* how often: size_t, by what stands before "@" */
};

/* The letters of the simulated names that ASCII has not. */
static const struct {
	const char *letter;
	char plain;
} folds[] = {
	{ "ã", 'a' },
	{ "ë", 'e' },
	{ "í", 'i' },
	{ "ı", 'i' },
	{ "Ł", 'l' },
	{ "ó", 'o' },
	{ "ø", 'o' },
	{ "ü", 'u' },
};
#define FOLDS (sizeof(folds) / sizeof(folds[0]))

struct addresses *
addresses_new(void)
{
	struct addresses *addresses;

	addresses = xcalloc(1, sizeof(*addresses));
	addresses->given = map_new(sizeof(size_t));
	return addresses;
}

void
addresses_free(struct addresses *addresses)
{
	if (addresses == NULL)
		return;
	map_free(addresses->given);
	free(addresses);
}

static void
fold_byte(struct buf *local, char byte)
{
	if (byte >= 'A' && byte <= 'Z')
		byte = (char)(byte - 'A' + 'a');
	if ((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9'))
		buf_char(local, byte);
	else if (byte == ' ')
		buf_char(local, '.');
}

/* Adds the name as it can stand before "@"; what cannot is left out. */
static void
fold(struct buf *local, struct span name)
{
	size_t i;

	while (name.len > 0) {
		for (i = 0; i < FOLDS; i++)
			if (name.len >= 2 &&
			    memcmp(name.at, folds[i].letter, 2) == 0)
				break;
		if (i < FOLDS)
			buf_char(local, folds[i].plain);
		else
			fold_byte(local, name.at[0]);
		name.at += i < FOLDS ? 2 : 1;
		name.len -= i < FOLDS ? 2 : 1;
	}
}

char *
addresses_make(struct addresses *addresses, struct span name)
{
	size_t *times;
	struct buf local;
	char *address;

	buf_init(&local, SIZE_MAX);
	fold(&local, name);
	times = map_put(addresses->given, span_of(buf_string(&local)), NULL);
	if (++*times > 1)
		buf_printf(&local, ".%zu", *times);
	buf_text(&local, DOMAIN);
	address = xstrdup(buf_string(&local));
	buf_done(&local);
	return address;
}
