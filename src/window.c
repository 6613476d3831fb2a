#include "config.h"

#include "window.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

void
window_init(struct window *window, size_t limit, int64_t span_ms)
{
	assert(limit > 0);
	memset(window, 0, sizeof(*window));
	window->times = xcalloc(limit, sizeof(*window->times));
	window->limit = limit;
	window->span_ms = span_ms;
}

void
window_done(struct window *window)
{
	free(window->times);
	memset(window, 0, sizeof(*window));
}

int64_t
window_wait_ms(struct window *window, int64_t now_ms)
{
	while (window->used > 0 &&
	    now_ms - window->times[window->oldest] >= window->span_ms) {
		window->oldest = (window->oldest + 1) % window->limit;
		window->used--;
	}
	if (window->used < window->limit)
		return 0;
	return window->times[window->oldest] + window->span_ms - now_ms;
}

void
window_take(struct window *window, int64_t now_ms)
{
	assert(window->used < window->limit);
	window->times[(window->oldest + window->used) % window->limit] = now_ms;
	window->used++;
}
