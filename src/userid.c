#include "config.h"

#include "userid.h"

#include <stdint.h>

#include "fail.h"

#define UUID_LEN 36

static bool
is_space(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\v' ||
	    byte == '\f';
}

static bool
is_hex(char byte)
{
	return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f') ||
	    (byte >= 'A' && byte <= 'F');
}

static struct span
trim(struct span text)
{
	while (text.len > 0 && is_space(text.at[0])) {
		text.at++;
		text.len--;
	}
	while (text.len > 0 && is_space(text.at[text.len - 1]))
		text.len--;
	return text;
}

enum userid_line
userid_read_line(struct span line, struct span *ret_id, struct span *ret_name,
    struct fail *why)
{
	struct span id;

	line = trim(line);
	if (line.len == 0 || line.at[0] == '#')
		return USERID_NOTHING;
	id.at = line.at;
	for (id.len = 0; id.len < line.len && !is_space(line.at[id.len]);)
		id.len++;
	if (userid_check(id, why) == -1)
		return USERID_BAD;
	*ret_id = id;
	line.at += id.len;
	line.len -= id.len;
	*ret_name = userid_name(trim(line));
	return USERID_FOUND;
}

int
userid_check(struct span id, struct fail *why)
{
	size_t i;
	unsigned char byte;

	if (id.len == 0)
		return fail_set(why, FAIL_DATA, "user id is empty");
	if (id.len > CAP_USER_ID)
		return fail_set(why, FAIL_DATA,
		    "user id is too long: %zu bytes, at most %d are allowed",
		    id.len, CAP_USER_ID);
	for (i = 0; i < id.len; i++) {
		byte = (unsigned char)id.at[i];
		if (byte < 0x20 || byte == 0x7f)
			return fail_set(why, FAIL_DATA,
			    "user id has a control character (0x%02x)", byte);
		if (byte == ' ')
			return fail_set(why, FAIL_DATA,
			    "user id '%.*s' has a space in it", (int)id.len,
			    id.at);
		if (byte >= 0x80)
			return fail_set(why, FAIL_DATA,
			    "user id '%.*s' is not plain ASCII", (int)id.len,
			    id.at);
	}
	return 0;
}

int
userid_check_uuid(struct span id, struct fail *why)
{
	size_t i;

	if (!userid_is_uuid(id))
		return fail_set(why, FAIL_DATA,
		    "user id '%.*s' is not a UUID, as the Notifications API "
		    "needs",
		    (int)id.len, id.at);
	for (i = 0; i < id.len; i++)
		if (id.at[i] != '0' && id.at[i] != '-')
			return 0;
	return fail_set(
	    why, FAIL_DATA, "user id '%.*s' is nobody's", (int)id.len, id.at);
}

bool
userid_is_uuid(struct span id)
{
	size_t i;

	if (id.len != UUID_LEN)
		return false;
	for (i = 0; i < UUID_LEN; i++)
		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (id.at[i] != '-')
				return false;
		} else if (!is_hex(id.at[i])) {
			return false;
		}
	return true;
}

/*
 * Whether every byte has the bit that digits, "-" and small letters have, and
 * capitals have not.
 */
static bool
has_no_capital(struct span id)
{
	const uint64_t bit = 0x2020202020202020u;
	uint64_t all = bit, bytes;
	size_t i;

	if (id.len < sizeof(bytes)) {
		for (i = 0; i < id.len; i++)
			all &= (unsigned char)id.at[i] | ~0xffull;
		return all == bit;
	}
	for (i = 0; i + sizeof(bytes) <= id.len; i += sizeof(bytes)) {
		memcpy(&bytes, id.at + i, sizeof(bytes));
		all &= bytes;
	}
	/* The last bytes, some of which were seen. */
	memcpy(&bytes, id.at + id.len - sizeof(bytes), sizeof(bytes));
	return (all & bytes) == bit;
}

struct span
userid_key(struct span id, char room[CAP_USER_ID])
{
	size_t i;
	struct span key = { room, UUID_LEN };

	if (has_no_capital(id) || !userid_is_uuid(id))
		return id;
	for (i = 0; i < UUID_LEN; i++)
		room[i] = (char)(id.at[i] >= 'A' && id.at[i] <= 'F'
			? id.at[i] - 'A' + 'a'
			: id.at[i]);
	return key;
}

struct span
userid_name(struct span name)
{
	if (name.len <= CAP_NAME)
		return name;
	name.len = CAP_NAME;
	/* Bytes of the form 10xxxxxx go on with a character. */
	while (name.len > 0 && (name.at[name.len] & 0xc0) == 0x80)
		name.len--;
	return name;
}
