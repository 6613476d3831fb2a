#include "config.h"

#include "capability.h"

#include <ncurses.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* Its macros are words such as "columns": it stays in this file. */
#include <term.h>

#include "buf.h"
#include "fail.h"

/* A capability without its delays, $<5>, which only tputs() can make. */
static void
add_capability(struct buf *buf, const char *name)
{
	const char *text = tigetstr(name), *end;

	if (text == NULL || text == (const char *)-1)
		return;
	while (*text != '\0') {
		end = strncmp(text, "$<", 2) == 0 ? strchr(text, '>') : NULL;
		if (end == NULL)
			buf_char(buf, *text++);
		else
			text = end + 1;
	}
}

int
capability_ask(struct buf *leave, struct fail *why)
{
	const char *type = getenv("TERM");
	const char *place;
	int found;

	if (type == NULL || *type == '\0')
		return fail_set(why, FAIL_CONFIG,
		    "$TERM is not set: set it to the terminal's type, such as "
		    "xterm-256color");
	if (setupterm(type, STDOUT_FILENO, &found) == ERR)
		return fail_set(why, FAIL_CONFIG,
		    "$TERM: the terminal type '%s' is not known here; install "
		    "its description (ncurses-term), or try TERM=xterm",
		    type);
	place = tigetstr("cup");
	if (place == NULL || place == (const char *)-1)
		(void)fail_set(why, FAIL_CONFIG,
		    "$TERM: a terminal of type '%s' cannot place the cursor; "
		    "use another one",
		    type);
	add_capability(leave, "sgr0");
	add_capability(leave, "rmkx");
	add_capability(leave, "cnorm");
	add_capability(leave, "rmcup");
	buf_text(leave, "\r\n");
	(void)del_curterm(cur_term);
	return place == NULL || place == (const char *)-1 ? -1 : 0;
}
