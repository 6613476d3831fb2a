#include "config.h"

#include "cells.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wctype.h>

#include "buf.h"
#include "jput.h"
#include "xalloc.h"

/* Marks on one character: what ncurses keeps in a cell beside it. */
#define MARKS_MAX 4

struct range {
	uint32_t first, last;
};

/*
 * Takes no column and is no mark: it hides, joins, or changes the width of its
 * neighbours, on which terminals do not agree.
 */
static const struct range dropped[] = {
	{ 0x034f, 0x034f },   /* grapheme joiner */
	{ 0x115f, 0x1160 },   /* Hangul fillers */
	{ 0x17b4, 0x17b5 },   /* Khmer inherent vowels */
	{ 0x180b, 0x180f },   /* Mongolian selectors */
	{ 0x200b, 0x200d },   /* zero-width space, non-joiner and joiner */
	{ 0x2060, 0x2065 },   /* word joiner, invisible operators */
	{ 0x206a, 0x206f },   /* deprecated format characters */
	{ 0xfe00, 0xfe0f },   /* variation selectors */
	{ 0xfff0, 0xfffb },   /* interlinear annotation */
	{ 0x1bca0, 0x1bca3 }, /* shorthand format controls */
	{ 0x1d173, 0x1d17a }, /* musical format controls */
	{ 0x1f3fb, 0x1f3ff }, /* skin tones */
	{ 0xe0000, 0xe0fff }, /* tags, more variation selectors */
};

static bool
is_dropped(uint32_t code)
{
	size_t i;

	for (i = 0; i < sizeof(dropped) / sizeof(dropped[0]); i++)
		if (code >= dropped[i].first && code <= dropped[i].last)
			return true;
	return false;
}

void
cells_done(struct cells *cells)
{
	free(cells->at);
	memset(cells, 0, sizeof(*cells));
}

/* One character off the front of text, which is valid UTF-8. */
static uint32_t
take(struct span *text)
{
	unsigned char first = (unsigned char)text->at[0];
	size_t len, i;
	uint32_t code;

	len = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	assert(len <= text->len);
	code = len == 1 ? first : first & (0x7fu >> len);
	for (i = 1; i < len; i++)
		code = code << 6 | ((unsigned char)text->at[i] & 0x3fu);
	text->at += len;
	text->len -= len;
	return code;
}

static wchar_t
replacement(void)
{
	return wcwidth(0xfffd) == 1 ? 0xfffd : L'?';
}

/* *marks: on the last character; -1 where there is none to be marked. */
static void
add(struct cells *cells, uint32_t code, int *marks)
{
	wchar_t sign = (wchar_t)code;
	int width;

	if (is_dropped(code))
		return;
	width = wcwidth(sign);
	if (width < 0) {
		sign = replacement();
		width = 1;
	}
	if (width == 0) {
		if (*marks < 0 || *marks >= MARKS_MAX)
			return;
		++*marks;
	} else {
		*marks = 0;
	}
	cells->at[cells->len++] = sign;
	cells->width += width;
}

void
cells_set(struct cells *cells, struct span text)
{
	struct buf clean;
	struct span left;
	int marks = -1;

	cells_done(cells);
	buf_init(&clean, SIZE_MAX);
	jput_plain(&clean, text);
	left.at = clean.bytes;
	left.len = clean.len;
	/* No character has less than one byte. */
	cells->at = xcalloc((clean.len < CELLS_MAX ? clean.len : CELLS_MAX) + 1,
	    sizeof(*cells->at));
	while (left.len > 0 && cells->len < CELLS_MAX)
		add(cells, take(&left), &marks);
	buf_done(&clean);
}

void
cells_copy(struct cells *to, const struct cells *from)
{
	cells_done(to);
	if (from->at == NULL)
		return;
	*to = *from;
	to->at = xcalloc(from->len + 1, sizeof(*to->at));
	wmemcpy(to->at, from->at, from->len);
}

size_t
cells_fit(const struct cells *cells, int columns, int *ret_width)
{
	int width = 0, one;
	size_t len;

	for (len = 0; len < cells->len; len++) {
		one = wcwidth(cells->at[len]);
		if (width + one > columns)
			break;
		width += one;
	}
	*ret_width = width;
	return len;
}

const wchar_t *
cells_cut_mark(void)
{
	return wcwidth(0x2026) == 1 ? L"\x2026" : L"~";
}

wchar_t
cells_fold_sign(wchar_t sign)
{
	return sign == L'_' ? L' ' : (wchar_t)towlower((wint_t)sign);
}

wchar_t *
cells_fold(const struct cells *cells)
{
	wchar_t *folded;
	size_t i;

	folded = xcalloc(cells->len + 1, sizeof(*folded));
	for (i = 0; i < cells->len; i++)
		folded[i] = cells_fold_sign(cells->at[i]);
	return folded;
}
