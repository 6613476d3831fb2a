/*
 * The YAML file: any bytes are read, or refused with a reason that names the
 * place; what was set is within its limits, and all of it is let go.
 */
#include "config.h"

#include <unistd.h>

#include "conf.h"
#include "fail.h"
#include "fuzz.h"
#include "settings.h"

static void
on_user(void *arg, struct span id, struct span name, size_t line, size_t column)
{
	size_t *sum = arg, i;

	/* Every byte is there to be read. */
	for (i = 0; i < id.len; i++)
		*sum += (unsigned char)id.at[i];
	for (i = 0; i < name.len; i++)
		*sum += (unsigned char)name.at[i];
	fuzz_claim(line >= 1 && column >= 1, "a user stands in a line");
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct settings settings = { 0 };
	struct setting_values values;
	struct fail why = { 0 };
	size_t sum = 0;
	const char *name;
	bool has_users;
	int fd;

	name = fuzz_file(bytes, len, &fd);
	setting_init(&values, &settings_table, &settings);
	if (conf_read(name, &values, on_user, &sum, &has_users, &why) == -1) {
		fuzz_claim_why(&why);
		fuzz_claim(strncmp(why.text, name, strlen(name)) == 0,
		    "a reason names the place");
	}
	fuzz_claim_settings(&settings_table, &settings);
	setting_done(&values);
	(void)close(fd);
	return 0;
}
