#include "config.h"

#include "help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kind.h"
#include "screen.h"
#include "view.h"
#include "xalloc.h"

/* From this width on what is explained stands left of the words. */
#define WIDE_FROM 50
/* The column where they start then. */
#define WORDS_AT 15

struct line {
	char *text;
	unsigned int style;
};

/* The text as lines of at most width columns. */
struct text {
	struct line *lines;
	size_t count;
	int width;
};

static const struct view_key meanings[] = {
	{ "* and bold", "changed in the last five seconds" },
	{ "AGE", "time in that state; at the end of input it stands still" },
	{ "SINCE", "since when, in local time" },
	{ "BEFORE", "the state before" },
	{ "LASTED", "how long that one lasted" },
	{ "LATENCY",
	    "from the change to gcpresence; negative where clocks "
	    "differ" },
	{ "SOURCE",
	    "snapshot: found by asking, so that states in between may "
	    "be missing" },
	{ "blind", "the last time in which nothing was heard of some users" },
	{ "+3", "so many facts had no room" },
};

static void
add_line(struct text *text, unsigned int style, const char *bytes, size_t len)
{
	struct line *line;

	text->lines =
	    xreallocarray(text->lines, text->count + 1, sizeof(*text->lines));
	line = &text->lines[text->count++];
	line->text = xstrndup(bytes, len);
	line->style = style;
}

/* words in lines that start with indent; the first one with what it is of. */
static void
add_words(struct text *text, const char *of, const char *words)
{
	bool is_wide = text->width >= WIDE_FROM;
	int indent = is_wide ? WORDS_AT : 1;
	size_t room = (size_t)(text->width - indent), len;
	char line[512];

	if (!is_wide)
		add_line(text, SCREEN_BOLD, of, strlen(of));
	while (*words != '\0') {
		len = strlen(words);
		if (len > room)
			for (len = room; len > 0 && words[len] != ' '; len--)
				continue;
		if (len == 0)
			len = room;
		(void)snprintf(line, sizeof(line), "%-*s%.*s", indent,
		    is_wide ? of : "", (int)len, words);
		add_line(text, 0, line, strlen(line));
		words += len;
		words += strspn(words, " ");
		of = "";
	}
}

static void
add_kinds(struct text *text)
{
	const struct kind *kind;
	char line[64];
	int number;

	for (number = 0; number < KIND_COUNT; number++) {
		kind = kind_at(number);
		(void)snprintf(line, sizeof(line), "%c  %s", kind->letter,
		    number == KIND_OTHER ? "any other state" : kind->word);
		add_line(text, SCREEN_KIND(number), line, strlen(line));
	}
}

static void
add_title(struct text *text, const char *title)
{
	if (text->count > 0)
		add_line(text, 0, "", 0);
	add_line(text, SCREEN_BOLD, title, strlen(title));
}

static void
fill(struct text *text)
{
	const struct view_key *key;
	size_t i;

	add_title(text, "KEYS");
	for (i = 0; (key = view_key(i)) != NULL; i++)
		add_words(text, key->keys, key->help);
	add_title(text, "STATES, from first to last in sorting");
	add_kinds(text);
	add_title(text, "THE TABLE");
	for (i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		add_words(text, meanings[i].keys, meanings[i].help);
}

size_t
help_paint(size_t *offset, int height, int width)
{
	struct text text = { .width = width };
	size_t page = (size_t)height - 1, shown, i;
	char place[80];

	fill(&text);
	view_hold(offset, text.count, page);
	shown = text.count - *offset < page ? text.count - *offset : page;
	for (i = 0; i < shown; i++)
		screen_text((int)i, 0, width, text.lines[*offset + i].text,
		    text.lines[*offset + i].style);
	(void)snprintf(place, sizeof(place), "%zu-%zu/%zu any key: back",
	    *offset + 1, *offset + shown, text.count);
	screen_text(height - 1, 0, width, place, SCREEN_REVERSE);
	for (i = 0; i < text.count; i++)
		free(text.lines[i].text);
	free(text.lines);
	return page;
}
