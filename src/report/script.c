#include "config.h"

#include "script.h"

#include "blinds.h"
#include "book.h"
#include "buf.h"
#include "jput.h"
#include "names.h"
#include "out.h"
#include "people.h"
#include "tally.h"
#include "view.h"
#include "xalloc.h"

/* What the callbacks share. */
struct writer {
	const struct view *view;
	struct out *out;
	const struct person *person;
	bool first; /* no comma yet */
};

static struct span
state_text(const struct view *view, uint16_t state)
{
	return names_text(book_names(view->book), state);
}

static const struct sum *
sum_of(const struct sums *sums, uint16_t state)
{
	size_t i;

	for (i = 0; i < sums->count; i++)
		if (sums->list[i].state == state)
			return &sums->list[i];
	return NULL;
}

static void
put_share(struct buf *buf, int64_t ms, int64_t known_ms)
{
	buf_printf(buf, "%.4f", (double)ms / (double)known_ms);
}

/* TSV */

static void
put_time_field(struct buf *buf, int64_t wall_ms)
{
	char text[NOW_TEXT];
	size_t len = now_format(wall_ms, text);

	buf_char(buf, '\t');
	buf_add(buf, text, len);
}

static void
put_person_fields(struct buf *buf, const struct person *person)
{
	jput_field(buf, span_of(person->id));
	buf_char(buf, '\t');
	if (person->name != NULL)
		jput_field(buf, span_of(person->name));
}

static void
put_sum_line(struct writer *writer, const struct row *row,
    const struct sum *sum, int64_t known_ms)
{
	struct buf *buf = out_buf(writer->out);

	put_person_fields(buf, row->person);
	put_time_field(buf, row->from_ms);
	put_time_field(buf, row->to_ms);
	buf_char(buf, '\t');
	jput_field(buf, state_text(writer->view, sum->state));
	buf_char(buf, '\t');
	buf_number(buf, sum->ms);
	buf_char(buf, '\t');
	if (sum->state != NAMES_NONE && known_ms > 0)
		put_share(buf, sum->ms, known_ms);
	buf_char(buf, '\t');
	if (sum->state != NAMES_NONE)
		buf_number(buf, sum->changes);
	buf_char(buf, '\n');
	out_spill(writer->out);
}

static void
on_tsv_row(void *arg, const struct row *row)
{
	struct writer *writer = arg;
	const struct tally *tally = writer->view->tally;
	int64_t known_ms = sums_known(&row->sums);
	const struct sum *sum;
	size_t i;

	/* Whoever wants all users together adds up. */
	if (row->person == NULL)
		return;
	for (i = 0; i <= tally->count; i++) {
		sum = sum_of(&row->sums,
		    i < tally->count ? tally->states[i] : NAMES_NONE);
		if (sum != NULL)
			put_sum_line(writer, row, sum, known_ms);
	}
}

void
script_tsv_sums(const struct view *view, struct out *out)
{
	struct writer writer = { .view = view, .out = out };

	buf_text(out_buf(out),
	    "userId\tname\tfrom\tto\tstate\tms\tshare\tchanges\n");
	tally_rows(view->tally, view->book, view->people, on_tsv_row, &writer);
}

static const char *
cut_name(const struct piece *piece)
{
	if (piece->cut_before)
		return piece->cut_behind ? "both" : "start";
	return piece->cut_behind ? "end" : "";
}

static void
on_tsv_piece(void *arg, const struct piece *piece)
{
	struct writer *writer = arg;
	struct buf *buf = out_buf(writer->out);

	put_person_fields(buf, writer->person);
	put_time_field(buf, piece->from_ms);
	put_time_field(buf, piece->to_ms);
	buf_char(buf, '\t');
	jput_field(buf, state_text(writer->view, piece->state));
	buf_char(buf, '\t');
	buf_number(buf, piece->to_ms - piece->from_ms);
	buf_char(buf, '\t');
	if (piece->state != NAMES_NONE)
		buf_text(buf, cut_name(piece));
	buf_char(buf, '\n');
	out_spill(writer->out);
}

static void
tell_all(struct writer *writer, story_piece_fn *fn)
{
	const struct people *people = writer->view->people;
	const struct story_ear ear = { fn, NULL, writer };
	size_t i;

	for (i = 0; i < people->count; i++) {
		writer->person = people->list[i];
		book_tell(writer->view->book, writer->person, &ear);
	}
}

void
script_tsv_intervals(const struct view *view, struct out *out)
{
	struct writer writer = { .view = view, .out = out };

	buf_text(out_buf(out), "userId\tname\tfrom\tto\tstate\tms\tcut\n");
	tell_all(&writer, on_tsv_piece);
}

/* JSON */

static void
put_key(struct buf *buf, const char *key)
{
	buf_text(buf, ",\"");
	buf_text(buf, key);
	buf_text(buf, "\":");
}

static void
put_person(struct buf *buf, const struct person *person)
{
	buf_text(buf, "{\"userId\":");
	jput_string(buf, span_of(person->id));
	if (person->name != NULL) {
		put_key(buf, "name");
		jput_string(buf, span_of(person->name));
	}
}

static void
put_states(const struct view *view, struct buf *buf, const struct sums *sums)
{
	int64_t known_ms = sums_known(sums);
	const struct sum *sum;
	bool first = true;
	size_t i;

	put_key(buf, "knownMs");
	buf_number(buf, known_ms);
	put_key(buf, "unknownMs");
	buf_number(buf, sums_time(sums, NAMES_NONE));
	put_key(buf, "changes");
	buf_number(buf, (int64_t)sums_changes(sums));
	put_key(buf, "states");
	buf_char(buf, '{');
	for (i = 0; i < view->tally->count; i++) {
		sum = sum_of(sums, view->tally->states[i]);
		if (sum == NULL)
			continue;
		if (!first)
			buf_char(buf, ',');
		first = false;
		jput_string(buf, state_text(view, sum->state));
		buf_text(buf, ":{\"ms\":");
		buf_number(buf, sum->ms);
		put_key(buf, "share");
		if (known_ms > 0)
			put_share(buf, sum->ms, known_ms);
		else
			buf_text(buf, "null");
		put_key(buf, "changes");
		buf_number(buf, sum->changes);
		buf_char(buf, '}');
	}
	buf_char(buf, '}');
}

/* From the opening brace to where the list begins. */
static void
put_head(const struct view *view, struct buf *buf)
{
	const struct story *story = book_story(view->book);
	bool has_times = book_has_times(view->book);
	size_t i, count = blinds_count(story->blinds);
	struct blind blind;
	bool first = true;

	buf_text(buf, "{\"from\":");
	jput_time(buf, has_times ? story->from_ms : NOW_NONE);
	put_key(buf, "to");
	jput_time(buf, has_times ? story->to_ms : NOW_NONE);
	put_key(buf, "lines");
	buf_number(buf, (int64_t)view->lines);
	put_key(buf, "skipped");
	buf_number(buf, (int64_t)view->skipped);
	put_key(buf, "blind");
	buf_char(buf, '[');
	for (i = 0; i < count; i++) {
		blind = blinds_at(story->blinds, i);
		if (blind.to_ms <= story->from_ms ||
		    blind.from_ms >= story->to_ms)
			continue;
		buf_text(buf, first ? "{\"from\":" : ",{\"from\":");
		first = false;
		jput_time(buf, blind.from_ms);
		put_key(buf, "to");
		jput_time(buf, blind.to_ms);
		buf_char(buf, '}');
	}
	buf_char(buf, ']');
}

/* All users together: by the hour an array, else one object. */
static void
put_total_start(const struct view *view, struct buf *buf)
{
	buf_text(buf, "\n],\"total\":");
	if (view->hours)
		buf_char(buf, '[');
}

static void
on_json_row(void *arg, const struct row *row)
{
	struct writer *writer = arg;
	struct buf *buf = out_buf(writer->out);

	/* The rows of all together come last. */
	if (row->person == NULL && writer->person != NULL) {
		writer->first = true;
		writer->person = NULL;
		put_total_start(writer->view, buf);
	}
	buf_text(buf, writer->first ? "\n" : ",\n");
	writer->first = false;
	if (row->person != NULL) {
		put_person(buf, row->person);
		put_key(buf, "from");
	} else {
		buf_text(buf, "{\"from\":");
	}
	jput_time(buf, row->from_ms);
	put_key(buf, "to");
	jput_time(buf, row->to_ms);
	put_states(writer->view, buf, &row->sums);
	buf_char(buf, '}');
	out_spill(writer->out);
}

void
script_json_sums(const struct view *view, struct out *out)
{
	struct person somebody = { 0 };
	struct writer writer = { view, out, &somebody, true };

	put_head(view, out_buf(out));
	buf_text(out_buf(out), ",\"users\":[");
	if (book_has_times(view->book))
		tally_rows(view->tally, view->book, view->people, on_json_row,
		    &writer);
	else
		put_total_start(view, out_buf(out));
	if (!book_has_times(view->book) && !view->hours)
		buf_text(out_buf(out), "null");
	buf_text(out_buf(out), view->hours ? "\n]}\n" : "\n}\n");
}

static void
on_json_piece(void *arg, const struct piece *piece)
{
	struct writer *writer = arg;
	struct buf *buf = out_buf(writer->out);

	buf_text(buf, writer->first ? "\n" : ",\n");
	writer->first = false;
	put_person(buf, writer->person);
	put_key(buf, "from");
	jput_time(buf, piece->from_ms);
	put_key(buf, "to");
	jput_time(buf, piece->to_ms);
	put_key(buf, "state");
	jput_string_or_null(buf, state_text(writer->view, piece->state));
	put_key(buf, "ms");
	buf_number(buf, piece->to_ms - piece->from_ms);
	put_key(buf, "cut");
	if (piece->state == NAMES_NONE ||
	    (!piece->cut_before && !piece->cut_behind))
		buf_text(buf, "null");
	else
		jput_string(buf, span_of(cut_name(piece)));
	buf_char(buf, '}');
	out_spill(writer->out);
}

void
script_json_intervals(const struct view *view, struct out *out)
{
	struct writer writer = { view, out, NULL, true };

	put_head(view, out_buf(out));
	buf_text(out_buf(out), ",\"intervals\":[");
	tell_all(&writer, on_json_piece);
	buf_text(out_buf(out), "\n]}\n");
}
