#include "config.h"

#include "word.h"

#include <string.h>

static bool
is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r';
}

static void
skip(struct span *line, size_t len)
{
	line->at += len;
	line->len -= len;
}

static void
skip_blanks(struct span *line)
{
	while (line->len > 0 && is_blank(line->at[0]))
		skip(line, 1);
}

bool
word_next(struct span *line, struct span *ret_word)
{
	const char *end;

	skip_blanks(line);
	if (word_is_end(*line))
		return false;
	if (line->at[0] == '"') {
		skip(line, 1);
		end = line->len == 0 ? NULL : memchr(line->at, '"', line->len);
		ret_word->at = line->at;
		ret_word->len =
		    end == NULL ? line->len : (size_t)(end - line->at);
		skip(line, ret_word->len + (end != NULL));
		return true;
	}
	ret_word->at = line->at;
	ret_word->len = 0;
	while (line->len > 0 && !is_blank(line->at[0])) {
		ret_word->len++;
		skip(line, 1);
	}
	return true;
}

struct span
word_rest(struct span *line)
{
	struct span rest;

	skip_blanks(line);
	while (line->len > 0 && is_blank(line->at[line->len - 1]))
		line->len--;
	rest = *line;
	skip(line, line->len);
	return rest;
}

bool
word_is_end(struct span line)
{
	skip_blanks(&line);
	return line.len == 0 || line.at[0] == '#';
}
