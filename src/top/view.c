#include "config.h"

#include "view.h"

#include <stdint.h>

#include "terminal.h"

static const struct view_key keys[] = {
	{ "q", "quit" },
	{ "s", "sort by name, state, age (longest first), newest change" },
	{ "/", "filter by a part of a name, an ID or a state" },
	{ "Esc", "show everybody again" },
	{ "p", "pause: the picture stands still, the lines are still read" },
	{ "Up Down", "scroll by a line" },
	{ "PgUp PgDn", "scroll by a page" },
	{ "Home End", "to the first, to the last" },
	{ "r", "redraw, where something has torn the picture" },
	{ "?", "this help" },
};

const struct view_key *
view_key(size_t i)
{
	return i < sizeof(keys) / sizeof(keys[0]) ? &keys[i] : NULL;
}

void
view_hold(size_t *offset, size_t rows, size_t page)
{
	size_t last = rows > page ? rows - page : 0;

	if (*offset > last)
		*offset = last;
}

static void
scroll_up(size_t *offset, size_t by)
{
	*offset -= by < *offset ? by : *offset;
}

/* True where the key was one that scrolls.  Too far is held when drawn. */
static bool
scroll(size_t *offset, enum press_kind kind, size_t page)
{
	/* A line of the old page is kept, where there are two or more. */
	size_t by = page > 1 ? page - 1 : 1;

	switch (kind) {
	case PRESS_UP:
		scroll_up(offset, 1);
		return true;
	case PRESS_DOWN:
		*offset += 1;
		return true;
	case PRESS_PAGE_UP:
		scroll_up(offset, by);
		return true;
	case PRESS_PAGE_DOWN:
		*offset += by;
		return true;
	case PRESS_HOME:
		*offset = 0;
		return true;
	case PRESS_END:
		*offset = SIZE_MAX / 2;
		return true;
	default:
		return false;
	}
}

static void
drop_filter(struct view *view)
{
	view->filter_len = 0;
	view->filter[0] = 0;
	view->offset = 0;
}

static void
press_in_filter(struct view *view, const struct press *press, size_t page)
{
	switch (press->kind) {
	case PRESS_SIGN:
		if (view->filter_len == VIEW_FILTER_MAX)
			break;
		view->filter[view->filter_len++] = press->sign;
		view->filter[view->filter_len] = 0;
		view->offset = 0;
		break;
	case PRESS_ERASE:
		if (view->filter_len > 0)
			view->filter[--view->filter_len] = 0;
		break;
	case PRESS_ERASE_ALL:
		drop_filter(view);
		break;
	case PRESS_ESCAPE:
		drop_filter(view);
		view->mode = VIEW_TABLE;
		break;
	case PRESS_ENTER:
		view->mode = VIEW_TABLE;
		break;
	case PRESS_REDRAW:
		view->redraw = true;
		break;
	default:
		(void)scroll(&view->offset, press->kind, page);
		break;
	}
}

static void
press_sign(struct view *view, wchar_t sign)
{
	switch (sign) {
	case L'q':
		view->quit = true;
		break;
	case L's':
		view->sort = (view->sort + 1) % LISTING_SORTS;
		view->offset = 0;
		break;
	case L'/':
		view->mode = VIEW_FILTER;
		break;
	case L'p':
		view->paused = !view->paused;
		break;
	case L'r':
		view->redraw = true;
		break;
	case L'?':
		view->mode = VIEW_HELP;
		view->help_offset = 0;
		break;
	default:
		break;
	}
}

static void
press_in_table(struct view *view, const struct press *press, size_t page)
{
	if (scroll(&view->offset, press->kind, page))
		return;
	if (press->kind == PRESS_SIGN)
		press_sign(view, press->sign);
	else if (press->kind == PRESS_ESCAPE)
		drop_filter(view);
	else if (press->kind == PRESS_REDRAW)
		view->redraw = true;
}

/* Any key goes back to the table, but those that scroll. */
static void
press_in_help(struct view *view, const struct press *press, size_t page)
{
	if (scroll(&view->help_offset, press->kind, page))
		return;
	if (press->kind == PRESS_REDRAW || press->sign == L'r')
		view->redraw = true;
	else if (press->kind != PRESS_OTHER)
		view->mode = VIEW_TABLE;
}

void
view_press(struct view *view, const struct press *press, size_t page)
{
	switch (view->mode) {
	case VIEW_TABLE:
		press_in_table(view, press, page);
		break;
	case VIEW_FILTER:
		press_in_filter(view, press, page);
		break;
	case VIEW_HELP:
		press_in_help(view, press, page);
		break;
	}
}
