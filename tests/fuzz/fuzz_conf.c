/* Any file is read or refused with a reason, and all of it is let go. */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "conf.h"
#include "fail.h"
#include "fuzz.h"
#include "settings.h"

const char *const fuzz_seeds[] = {
	"- 9ed7d9f6-0c59-4360-ac54-40dd35eb9c2f\n"
	"- {id: 1b2c3d4e-0000-4000-8000-00000000000a, name: Grace Hopper}\n",
	"# team\nregion: us-east-1\nretry_base: 2s\nmax_retries: 5\nusers:\n"
	"  - 9ed7d9f6-0c59-4360-ac54-40dd35eb9c2f\n"
	"  - id: 1b2c3d4e-0000-4000-8000-00000000000a\n    name: \"G \\u00e9\"\n",
	"format: tsv\nstrict: true\nfor: 15m\nonly: BUSY,ON_QUEUE\nusers: []\n",
	NULL,
};

const char *const fuzz_pieces[] = {
	":",
	"-",
	"- ",
	"\n",
	"\n\n",
	"  ",
	"\t",
	"#",
	"&a",
	"*a",
	"!!str ",
	"---\n",
	"...\n",
	"|",
	">",
	"?",
	"[",
	"]",
	"{",
	"}",
	",",
	"\"",
	"'",
	"users:\n",
	"id: ",
	"name: ",
	"region: ",
	"<<: ",
	"null",
	"true",
	"~",
	"[[[[[[[[[[[[[[[[[[[[[[",
	"{a: {a: {a: {a: ",
	"\\x",
	"\xef\xbb\xbf",
	"\xff",
	"\xc3\xa9",
	"\x01",
	"%YAML 1.2\n",
	"users: 1\n",
	"strict: 2\n",
	"client_secret: x\n",
	"max_retries: -1\n",
	"9999999999999999999999",
	NULL,
};

static void
on_user(void *arg, struct span id, struct span name, size_t line, size_t column)
{
	size_t *sum = arg, i;

	/* Every byte is there to be read. */
	for (i = 0; i < id.len; i++)
		*sum += (unsigned char)id.at[i];
	for (i = 0; i < name.len; i++)
		*sum += (unsigned char)name.at[i];
	*sum += line + column;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct settings settings = { 0 };
	struct setting_values values;
	struct fail why = { 0 };
	size_t sum = 0;
	char name[64];
	bool has_users;
	int fd;

	fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (fd == -1 || write(fd, bytes, len) != (ssize_t)len ||
	    lseek(fd, 0, SEEK_SET) == -1)
		return 0;
	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	setting_init(&values, &settings_table, &settings);
	if (conf_read(name, &values, on_user, &sum, &has_users, &why) == -1 &&
	    (why.kind == FAIL_NONE || why.text[0] == '\0'))
		fuzz_fail("refused without a reason", bytes, len);
	setting_done(&values);
	(void)close(fd);
	return 0;
}
