#include "config.h"

#include "buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "digits.h"
#include "xalloc.h"

void
buf_init(struct buf *buf, size_t max)
{
	memset(buf, 0, sizeof(*buf));
	buf->max = max;
}

void
buf_init_secret(struct buf *buf, size_t max)
{
	buf_init(buf, max);
	buf->secret = true;
}

static void
wipe(struct buf *buf)
{
	if (buf->secret && buf->bytes != NULL)
		explicit_bzero(buf->bytes, buf->room);
}

void
buf_done(struct buf *buf)
{
	wipe(buf);
	free(buf->bytes);
	memset(buf, 0, sizeof(*buf));
}

void
buf_reset(struct buf *buf)
{
	buf->len = 0;
	buf->full = false;
}

bool
buf_is_full(const struct buf *buf)
{
	return buf->full;
}

static void
reallocate(struct buf *buf, size_t room)
{
	char *bytes;

	if (buf->secret) {
		bytes = xcalloc(room, 1);
		if (buf->len > 0)
			memcpy(bytes, buf->bytes, buf->len);
		wipe(buf);
		free(buf->bytes);
	} else {
		bytes = xreallocarray(buf->bytes, room, 1);
	}
	buf->bytes = bytes;
	buf->room = room;
}

bool
buf_grow(struct buf *buf, size_t len)
{
	size_t room;

	if (len > buf->max - buf->len) {
		buf->full = true;
		return false;
	}
	if (len < buf->room - buf->len)
		return true;
	room = buf->room == 0 ? 64 : buf->room;
	while (len >= room - buf->len)
		room *= 2;
	/* The fast path of buf_add() looks at the room only. */
	if (room > buf->max)
		room = buf->max + 1;
	reallocate(buf, room);
	return true;
}

void
buf_number(struct buf *buf, int64_t number)
{
	char digits[24];
	size_t at = sizeof(digits);
	uint64_t rest;

	rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
	for (; rest >= 100; rest /= 100)
		digits_put_two(&digits[at -= 2], (unsigned int)(rest % 100));
	if (rest >= 10)
		digits_put_two(&digits[at -= 2], (unsigned int)rest);
	else
		digits[--at] = (char)('0' + rest);
	if (number < 0)
		digits[--at] = '-';
	buf_add(buf, digits + at, sizeof(digits) - at);
}

void
buf_printf(struct buf *buf, const char *format, ...)
{
	va_list arguments;
	int len;

	va_start(arguments, format);
	len = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (len <= 0 || !buf_grow(buf, (size_t)len))
		return;
	va_start(arguments, format);
	(void)vsnprintf(
	    buf->bytes + buf->len, buf->room - buf->len, format, arguments);
	va_end(arguments);
	buf->len += (size_t)len;
}

void
buf_drop(struct buf *buf, size_t len)
{
	buf->len -= len;
	if (buf->len > 0)
		memmove(buf->bytes, buf->bytes + len, buf->len);
}

const char *
buf_string(struct buf *buf)
{
	if (buf->bytes == NULL)
		return "";
	buf->bytes[buf->len] = '\0';
	return buf->bytes;
}
