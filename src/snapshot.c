#include "config.h"

#include "snapshot.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#include "api.h"
#include "audit.h"
#include "buf.h"
#include "caps.h"
#include "decode.h"
#include "fail.h"
#include "http.h"
#include "log.h"
#include "loop.h"
#include "map.h"
#include "now.h"
#include "percent.h"
#include "rng.h"
#include "userid.h"
#include "xalloc.h"

/* How long the stream is held at most; milliseconds. */
#define HOLD_MS 1000
/* And how many of its messages, for one call. */
#define HOLD_MAX 256

/* A presence of the stream that waits for an answer, with its texts. */
struct held {
	struct presence presence;
	char *texts;
};

/* One call: its users, and which of them have been answered. */
struct page {
	struct snapshot *snapshot;
	struct page *next;
	struct api_call *call;    /* or NULL, while it waits to be repeated */
	struct loop_timer *timer; /* repeats */
	struct backoff backoff;
	unsigned int failures;       /* in a row */
	struct loop_timer *patience; /* with the answer */
	struct held *held;
	size_t held_count;
	bool impatient; /* nothing is held any more */
	size_t count;
	char *ids[CAP_BULK_IDS];
	bool answered[CAP_BULK_IDS];
};

struct snapshot {
	struct loop *loop;
	struct api *api;
	struct decode *decode;
	struct audit *audit;
	struct backoff backoff;
	const struct snapshot_handler *handler;
	void *arg;
	struct page *pages;
	struct map *page_of; /* pointers, by user */
	unsigned int max_retries;
};

static void ask_page(void *arg);

struct snapshot *
snapshot_new(struct loop *loop, struct api *api, struct decode *decode,
    struct audit *audit, const struct backoff *backoff,
    unsigned int max_retries, const struct snapshot_handler *handler, void *arg)
{
	struct snapshot *snapshot;

	snapshot = xcalloc(1, sizeof(*snapshot));
	snapshot->loop = loop;
	snapshot->api = api;
	snapshot->decode = decode;
	snapshot->audit = audit;
	snapshot->backoff = *backoff;
	snapshot->max_retries = max_retries;
	snapshot->handler = handler;
	snapshot->arg = arg;
	snapshot->page_of = map_new(sizeof(struct page *));
	return snapshot;
}

/* Lets out what was held, in order. */
static void
let_go(struct page *page)
{
	struct snapshot *snapshot = page->snapshot;
	struct held *held = page->held;
	size_t i, count = page->held_count;

	page->held = NULL;
	page->held_count = 0;
	for (i = 0; i < count; i++) {
		snapshot->handler->on_presence(
		    snapshot->arg, &held[i].presence);
		free(held[i].texts);
	}
	free(held);
}

/*
 * Lets out what was held of one user and is not newer than the answer's row:
 * behind the row it would be stale, and a change that came would be lost.
 */
static void
let_go_until(struct page *page, const struct presence *row)
{
	char one[CAP_USER_ID], other[CAP_USER_ID];
	struct span key = userid_key(row->user_id, one);
	struct held *held;
	size_t i, kept = 0;
	bool newer = row->changed_ms == NOW_NONE;

	for (i = 0; i < page->held_count; i++) {
		held = &page->held[i];
		if (newer ||
		    !span_equal(
			key, userid_key(held->presence.user_id, other))) {
			page->held[kept++] = *held;
			continue;
		}
		/* From the first newer one on, all stay in their order. */
		newer = held->presence.changed_ms == NOW_NONE ||
		    held->presence.changed_ms > row->changed_ms;
		if (newer) {
			page->held[kept++] = *held;
			continue;
		}
		page->snapshot->handler->on_presence(
		    page->snapshot->arg, &held->presence);
		free(held->texts);
	}
	page->held_count = kept;
}

static void
on_impatience(void *arg)
{
	struct page *page = arg;

	page->impatient = true;
	let_go(page);
}

static void
page_free(struct page *page)
{
	struct page **link, **slot;
	size_t i;

	for (link = &page->snapshot->pages; *link != page;)
		link = &(*link)->next;
	*link = page->next;
	api_cancel(page->call);
	loop_timer_free(page->timer);
	loop_timer_free(page->patience);
	for (i = 0; i < page->count; i++) {
		slot = map_get(page->snapshot->page_of, span_of(page->ids[i]));
		if (slot != NULL && *slot == page)
			(void)map_remove(
			    page->snapshot->page_of, span_of(page->ids[i]));
	}
	let_go(page);
	for (i = 0; i < page->count; i++)
		free(page->ids[i]);
	free(page);
}

bool
snapshot_hold(struct snapshot *snapshot, const struct presence *presence)
{
	char room[CAP_USER_ID], *at;
	struct page **slot, *page;
	struct held *held;

	if (snapshot->pages == NULL)
		return false;
	slot = map_get(snapshot->page_of, userid_key(presence->user_id, room));
	if (slot == NULL)
		return false;
	page = *slot;
	if (page->call == NULL || !api_is_sent(page->call) || page->impatient) {
		/* The call may wait to be repeated; order is kept. */
		let_go(page);
		return false;
	}
	if (page->held_count == HOLD_MAX) {
		on_impatience(page);
		return false;
	}
	if (page->held_count == 0)
		loop_timer_set(page->patience, HOLD_MS);
	page->held = xreallocarray(
	    page->held, page->held_count + 1, sizeof(*page->held));
	held = &page->held[page->held_count++];
	held->presence = *presence;
	held->texts = at = xcalloc(presence->user_id.len + presence->state.len +
		presence->definition.len + 1,
	    1);
	span_copy(&held->presence.user_id, &at);
	span_copy(&held->presence.state, &at);
	span_copy(&held->presence.definition, &at);
	return true;
}

void
snapshot_cancel(struct snapshot *snapshot)
{
	while (snapshot->pages != NULL)
		page_free(snapshot->pages);
}

void
snapshot_free(struct snapshot *snapshot)
{
	if (snapshot == NULL)
		return;
	snapshot_cancel(snapshot);
	map_free(snapshot->page_of);
	free(snapshot);
}

static void
end_if_done(struct snapshot *snapshot)
{
	if (snapshot->pages == NULL)
		snapshot->handler->on_done(snapshot->arg);
}

/* Notes that the page's user has a row. */
static void
note_answered(struct page *page, struct span id)
{
	char one[CAP_USER_ID], other[CAP_USER_ID];
	struct span key = userid_key(id, one);
	size_t i;

	for (i = 0; i < page->count; i++)
		if (span_equal(key, userid_key(span_of(page->ids[i]), other)))
			page->answered[i] = true;
}

static void
take_rows(struct page *page, size_t rows)
{
	struct snapshot *snapshot = page->snapshot;
	struct decoded decoded;
	size_t row;

	for (row = 0; row < rows; row++) {
		decode_bulk_row(snapshot->decode, row, &decoded);
		if (decoded.presence.user_id.at != NULL)
			note_answered(page, decoded.presence.user_id);
		if (decoded.kind != DECODE_PRESENCE) {
			snapshot->handler->on_skipped(snapshot->arg, &decoded);
			continue;
		}
		decoded.presence.received_ms = now_wall_ms();
		decoded.presence.source = PRESENCE_SNAPSHOT;
		let_go_until(page, &decoded.presence);
		snapshot->handler->on_presence(
		    snapshot->arg, &decoded.presence);
	}
}

static size_t
tell_missing(struct page *page)
{
	struct snapshot *snapshot = page->snapshot;
	size_t i, missing = 0;

	for (i = 0; i < page->count; i++)
		if (!page->answered[i]) {
			missing++;
			snapshot->handler->on_missing(
			    snapshot->arg, span_of(page->ids[i]), NULL);
		}
	return missing;
}

static void
repeat_later(struct page *page, const struct fail *why)
{
	int64_t delay_ms;

	delay_ms = backoff_next_ms(&page->backoff, why->retry_after_ms);
	log_notice("snapshot", "%s; trying again in %.1f s", why->text,
	    (double)delay_ms / 1000);
	loop_timer_set(page->timer, delay_ms);
	let_go(page);
}

static void add_page(
    struct snapshot *snapshot, const struct span *ids, size_t count);

/*
 * The service refuses a whole call, perhaps for one of its users: asks for
 * each half of them, down to the one that is to blame.
 */
static void
split(struct page *page, int status, const struct fail *why)
{
	/* An ID that it does not know, or none, is not a matter of rights. */
	bool unknown = status == 400 || status == 404;
	struct snapshot *snapshot = page->snapshot;
	struct span ids[CAP_BULK_IDS];
	size_t i, half = page->count / 2;

	assert(page->count > 0);
	for (i = 0; i < page->count; i++)
		ids[i] = span_of(page->ids[i]);
	if (page->count > 1) {
		add_page(snapshot, ids, half);
		add_page(snapshot, ids + half, page->count - half);
	} else {
		log_notice("snapshot", "user %s: %s", page->ids[0], why->text);
		snapshot->handler->on_missing(
		    snapshot->arg, ids[0], unknown ? NULL : why);
	}
	page_free(page);
}

static void
on_answer(void *arg, const struct http_answer *answer, const struct fail *why)
{
	struct page *page = arg;
	struct snapshot *snapshot = page->snapshot;
	struct fail reason;
	size_t rows, missing;

	page->call = NULL;
	if (why == NULL &&
	    decode_bulk(snapshot->decode, answer->body, &rows, &reason) == -1)
		why = &reason;
	if (why != NULL && fail_may_pass(why) &&
	    (snapshot->max_retries == 0 ||
		++page->failures <= snapshot->max_retries)) {
		repeat_later(page, why);
		return;
	}
	if (why != NULL && answer != NULL && answer->status != 401 &&
	    !fail_may_pass(why)) {
		split(page, answer->status, why);
		end_if_done(snapshot);
		return;
	}
	if (why != NULL) {
		reason = *why;
		page_free(page);
		snapshot->handler->on_refused(snapshot->arg, &reason);
		return;
	}
	take_rows(page, rows);
	missing = tell_missing(page);
	audit_start(snapshot->audit, "SNAPSHOT_TAKEN");
	audit_number(snapshot->audit, "users", (int64_t)page->count);
	audit_number(snapshot->audit, "missing", (int64_t)missing);
	audit_finish(snapshot->audit);
	page_free(page);
	end_if_done(snapshot);
}

static void
ask_page(void *arg)
{
	struct page *page = arg;
	struct api_request request = { .method = "GET" };
	struct buf path;
	size_t i;

	page->impatient = false;
	buf_init(&path, SIZE_MAX);
	buf_text(&path, "/api/v2/users/presences/purecloud/bulk");
	for (i = 0; i < page->count; i++) {
		buf_text(&path, i == 0 ? "?id=" : "&id=");
		percent_put(&path, span_of(page->ids[i]));
	}
	request.path = buf_string(&path);
	request.what = "read the users' presence";
	request.endpoint = "presences/bulk";
	page->call = api_start(page->snapshot->api, &request, on_answer, page);
	buf_done(&path);
}

static void
add_page(struct snapshot *snapshot, const struct span *ids, size_t count)
{
	struct page *page, **last, **slot;
	bool added;
	size_t i;

	page = xcalloc(1, sizeof(*page));
	page->snapshot = snapshot;
	page->backoff = snapshot->backoff;
	rng_seed(&page->backoff.rng, rng_next(&snapshot->backoff.rng));
	page->count = count;
	for (i = 0; i < count; i++) {
		page->ids[i] = xstrndup(ids[i].at, ids[i].len);
		slot = map_put(snapshot->page_of, ids[i], &added);
		/* An earlier call may be answered later: order is kept. */
		if (!added)
			let_go(*slot);
		*slot = page;
	}
	page->timer = loop_timer_new(snapshot->loop, ask_page, page);
	page->patience = loop_timer_new(snapshot->loop, on_impatience, page);
	for (last = &snapshot->pages; *last != NULL;)
		last = &(*last)->next;
	*last = page;
	ask_page(page);
}

void
snapshot_ask(struct snapshot *snapshot, const struct span *ids, size_t count)
{
	size_t one;

	for (; count > 0; ids += one, count -= one) {
		one = count < CAP_BULK_IDS ? count : CAP_BULK_IDS;
		add_page(snapshot, ids, one);
	}
}
