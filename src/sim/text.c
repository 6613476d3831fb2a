#include "config.h"

#include "text.h"

#include <string.h>

#include <openssl/evp.h>
#include <openssl/sha.h>

#include "rng.h"

static const char hex_digits[] = "0123456789abcdef";

void
text_uuid_of(uint64_t high, uint64_t low, char uuid[TEXT_UUID])
{
	size_t at, digit = 0;
	uint64_t half;

	for (at = 0; at < TEXT_UUID - 1; at++) {
		if (at == 8 || at == 13 || at == 18 || at == 23) {
			uuid[at] = '-';
			continue;
		}
		half = digit < 16 ? high : low;
		uuid[at] = hex_digits[half >> (60 - digit % 16 * 4) & 15];
		digit++;
	}
	uuid[at] = '\0';
}

void
text_uuid(struct rng *rng, char uuid[TEXT_UUID])
{
	uint64_t high, low;

	high = rng_next(rng);
	low = rng_next(rng);
	/* RFC 9562: four bits of version, two bits of variant. */
	high = (high & ~UINT64_C(0xf000)) | 0x4000;
	low = (low & ~(UINT64_C(3) << 62)) | UINT64_C(2) << 62;
	text_uuid_of(high, low, uuid);
}

static int
hex_value(char digit)
{
	const char *found;

	if (digit >= 'A' && digit <= 'F')
		digit = (char)(digit - 'A' + 'a');
	/* NOLINTNEXTLINE(bugprone-not-null-terminated-result): NUL is none */
	found = memchr(hex_digits, digit, 16);
	return found == NULL ? -1 : (int)(found - hex_digits);
}

void
text_random(struct rng *rng, char *out, size_t len)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789";
	size_t at;

	for (at = 0; at < len; at++)
		out[at] = letters[rng_below(rng, sizeof(letters) - 1)];
	out[len] = '\0';
}

static char
lower(char letter)
{
	if (letter >= 'A' && letter <= 'Z')
		letter = (char)(letter - 'A' + 'a');
	return letter;
}

bool
text_same(struct span one, struct span other)
{
	size_t at;

	if (one.len != other.len)
		return false;
	for (at = 0; at < one.len; at++)
		if (lower(one.at[at]) != lower(other.at[at]))
			return false;
	return true;
}

bool
text_starts(struct span text, const char *start)
{
	struct span head = { text.at, strlen(start) };

	return text.len >= head.len && text_same(head, span_of(start));
}

struct span
text_cut(struct span *rest, char separator)
{
	struct span part = *rest;
	const char *found;

	found = rest->len == 0 ? NULL : memchr(rest->at, separator, rest->len);
	if (found == NULL) {
		rest->at += rest->len;
		rest->len = 0;
		return part;
	}
	part.len = (size_t)(found - part.at);
	rest->at += part.len + 1;
	rest->len -= part.len + 1;
	return part;
}

struct span
text_trim(struct span text)
{
	while (text.len > 0 && (text.at[0] == ' ' || text.at[0] == '\t')) {
		text.at++;
		text.len--;
	}
	while (text.len > 0 &&
	    (text.at[text.len - 1] == ' ' || text.at[text.len - 1] == '\t'))
		text.len--;
	return text;
}

int
text_number(struct span text, int64_t *ret_number)
{
	int64_t number = 0;
	size_t at;

	if (text.len == 0 || text.len > 18)
		return -1;
	for (at = 0; at < text.len; at++) {
		if (text.at[at] < '0' || text.at[at] > '9')
			return -1;
		number = number * 10 + (text.at[at] - '0');
	}
	*ret_number = number;
	return 0;
}

int
text_hex_number(struct span text, size_t *ret_number)
{
	size_t number = 0, at;
	int value;

	if (text.len == 0 || text.len > 7)
		return -1;
	for (at = 0; at < text.len; at++) {
		value = hex_value(text.at[at]);
		if (value == -1)
			return -1;
		number = number << 4 | (size_t)value;
	}
	*ret_number = number;
	return 0;
}

int
text_from_percent(struct span text, struct buf *out)
{
	size_t at;
	int high, low;

	for (at = 0; at < text.len; at++) {
		if (text.at[at] == '+') {
			buf_char(out, ' ');
		} else if (text.at[at] != '%') {
			buf_char(out, text.at[at]);
		} else {
			if (text.len - at < 3)
				return -1;
			high = hex_value(text.at[at + 1]);
			low = hex_value(text.at[at + 2]);
			if (high == -1 || low == -1)
				return -1;
			buf_char(out, (char)(high << 4 | low));
			at += 2;
		}
	}
	return 0;
}

int
text_from_hex(struct span text, struct buf *out)
{
	size_t at;
	int high, low;

	if (text.len % 2 != 0)
		return -1;
	for (at = 0; at < text.len; at += 2) {
		high = hex_value(text.at[at]);
		low = hex_value(text.at[at + 1]);
		if (high == -1 || low == -1)
			return -1;
		buf_char(out, (char)(high << 4 | low));
	}
	return 0;
}

int
text_from_base64(struct span text, struct buf *out)
{
	unsigned char bytes[3];
	size_t at, padding = 0;

	if (text.len % 4 != 0)
		return -1;
	while (padding < 2 && padding < text.len &&
	    text.at[text.len - 1 - padding] == '=')
		padding++;
	for (at = 0; at < text.len; at += 4) {
		if (EVP_DecodeBlock(
			bytes, (const unsigned char *)text.at + at, 4) != 3)
			return -1;
		buf_add(out, bytes,
		    sizeof(bytes) - (at + 4 == text.len ? padding : 0));
	}
	return 0;
}

void
text_to_percent(struct span text, struct buf *out)
{
	unsigned char byte;
	size_t at;

	for (at = 0; at < text.len; at++) {
		byte = (unsigned char)text.at[at];
		if ((byte >= 'a' && byte <= 'z') ||
		    (byte >= 'A' && byte <= 'Z') ||
		    (byte >= '0' && byte <= '9') || byte == '-')
			buf_char(out, text.at[at]);
		else
			buf_printf(out, "%%%02X", byte);
	}
}

void
text_to_base64(struct span text, struct buf *out)
{
	unsigned char encoded[5];
	size_t len;

	while (text.len > 0) {
		len = text.len < 3 ? text.len : 3;
		(void)EVP_EncodeBlock(
		    encoded, (const unsigned char *)text.at, (int)len);
		buf_add(out, encoded, 4);
		text.at += len;
		text.len -= len;
	}
}

void
text_websocket_accept(struct span key, struct buf *out)
{
	static const char fixed[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	unsigned char digest[SHA_DIGEST_LENGTH];
	unsigned char encoded[32];
	struct buf joined;
	int len;

	buf_init(&joined, SIZE_MAX);
	buf_add(&joined, key.at, key.len);
	buf_text(&joined, fixed);
	(void)SHA1((const unsigned char *)joined.bytes, joined.len, digest);
	buf_done(&joined);
	len = EVP_EncodeBlock(encoded, digest, sizeof(digest));
	buf_add(out, encoded, (size_t)len);
}
