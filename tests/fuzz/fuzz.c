#include "config.h"

#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "buf.h"
#include "decode.h"
#include "emit.h"
#include "fail.h"
#include "jget.h"
#include "log.h"
#include "presence.h"
#include "setting.h"
#include "utf8.h"
#include "xalloc.h"

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	/* What is refused is warned of, thousands of times a second. */
	log_setup("fuzz", LOG_AT_ERROR, false);
	return 0;
}

void
fuzz_claim(bool holds, const char *claim)
{
	if (holds)
		return;
	(void)fprintf(stderr, "does not hold: %s\n", claim);
	abort();
}

void
fuzz_claim_why(const struct fail *why)
{
	fuzz_claim(why->kind != FAIL_NONE, "a refusal is of a kind");
	fuzz_claim(memchr(why->text, '\0', sizeof(why->text)) != NULL,
	    "a reason has an end");
	fuzz_claim(why->text[0] != '\0', "a refusal has a reason");
}

/* What terminals and line readers take for more than a letter. */
static bool
steers(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c ||
	    code == 0x200e || code == 0x200f ||
	    (code >= 0x2028 && code <= 0x202e) ||
	    (code >= 0x2066 && code <= 0x2069);
}

void
fuzz_claim_json(struct span line)
{
	static struct jget *jget;
	struct fail why;
	uint32_t code;
	size_t taken;

	if (jget == NULL)
		jget = jget_new();
	fuzz_claim(jget_is_object(jget_parse(jget, line, &why)),
	    "a line is a JSON object");
	for (; line.len > 0; line.at += taken, line.len -= taken) {
		taken = utf8_take(line, &code);
		fuzz_claim(taken > 0, "a line is UTF-8");
		fuzz_claim(!steers(code), "a line steers no terminal");
	}
}

void
fuzz_claim_line(const struct change *change)
{
	struct span line;
	struct buf buf;

	buf_init(&buf, SIZE_MAX);
	emit_ndjson(&buf, change);
	fuzz_claim(buf.len <= CAP_LINE, "a line is not too long");
	fuzz_claim(buf.bytes[buf.len - 1] == '\n', "a line ends");
	line.at = buf.bytes;
	line.len = buf.len - 1;
	fuzz_claim_json(line);
	buf_done(&buf);
}

void
fuzz_claim_decoded(const struct decoded *decoded)
{
	const struct presence *presence = &decoded->presence;
	struct change change = { 0 };

	if (decoded->kind == DECODE_MALFORMED)
		fuzz_claim(decoded->text.len > 0, "a refusal has a reason");
	if (decoded->kind != DECODE_PRESENCE)
		return;
	fuzz_claim(presence->user_id.len > 0 &&
		presence->user_id.len <= CAP_USER_ID &&
		presence->state.len > 0 && presence->state.len <= CAP_STATE &&
		presence->definition.len <= CAP_DEFINITION,
	    "a presence is within its limits");
	change.user_id = presence->user_id;
	change.state = presence->state;
	change.definition = presence->definition;
	change.changed_ms = presence->changed_ms;
	change.received_ms = 1767258000000;
	change.previous_for_ms = NOW_NONE;
	fuzz_claim_line(&change);
}

void
fuzz_claim_settings(const struct setting_table *table, const void *target)
{
	const struct setting *row;
	const char *at;
	int64_t number;
	int choice;
	size_t i;

	for (i = 0; i < table->count; i++) {
		row = &table->rows[i];
		at = (const char *)target + row->offset;
		if (row->kind == SETTING_CHOICE) {
			memcpy(&choice, at, sizeof(choice));
			fuzz_claim(choice >= 0 && choice < 3,
			    "a choice is one of those that there are");
		}
		if (row->kind != SETTING_NUMBER &&
		    row->kind != SETTING_DURATION && row->kind != SETTING_BYTES)
			continue;
		memcpy(&number, at, sizeof(number));
		/* 0 is what was not set. */
		fuzz_claim(
		    number == 0 || (number >= row->min && number <= row->max),
		    "a number is within its limits");
	}
}

char *
fuzz_string(const uint8_t *bytes, size_t len)
{
	return xstrndup((const char *)bytes, strnlen((const char *)bytes, len));
}

const char *
fuzz_file(const uint8_t *bytes, size_t len, int *ret_fd)
{
	static char name[64];

	*ret_fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (*ret_fd == -1 || write(*ret_fd, bytes, len) != (ssize_t)len ||
	    lseek(*ret_fd, 0, SEEK_SET) == -1) {
		perror("memfd_create");
		_exit(1);
	}
	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", *ret_fd);
	return name;
}
