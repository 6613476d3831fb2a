#include "config.h"

#include "zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "buf.h"
#include "fail.h"
#include "jput.h"
#include "now.h"
#include "span.h"

#define HOUR_MS (3600LL * 1000)
#define DAY_MS  (24 * HOUR_MS)
/* 1970 began on a Thursday, four days before a Monday. */
#define FIRST_MONDAY_MS (4 * DAY_MS)

static const char *const days[] = { "Sunday", "Monday", "Tuesday", "Wednesday",
	"Thursday", "Friday", "Saturday" };
static const char *const months[] = { "January", "February", "March", "April",
	"May", "June", "July", "August", "September", "October", "November",
	"December" };

void
zone_set(bool utc)
{
	if (utc)
		(void)setenv("TZ", "UTC0", 1);
	tzset();
}

/* Rounds down, also before 1970. */
static int64_t
floor_to(int64_t value, int64_t step)
{
	int64_t rest = value % step;

	return value - (rest < 0 ? rest + step : rest);
}

static struct tm
on_wall(int64_t wall_ms)
{
	time_t seconds = (time_t)(floor_to(wall_ms, 1000) / 1000);
	struct tm tm = { 0 };

	(void)localtime_r(&seconds, &tm);
	return tm;
}

static int64_t
offset_of(int64_t wall_ms)
{
	return on_wall(wall_ms).tm_gmtoff * 1000LL;
}

void
zone_put(struct buf *buf, int64_t wall_ms, enum zone_style style)
{
	struct tm tm = on_wall(wall_ms);

	if (style == ZONE_FULL || style == ZONE_MINUTE)
		buf_printf(buf, "%04d-%02d-%02d ", tm.tm_year + 1900,
		    tm.tm_mon + 1, tm.tm_mday);
	switch (style) {
	case ZONE_FULL:
	case ZONE_SECONDS:
		buf_printf(
		    buf, "%02d:%02d:%02d", tm.tm_hour, tm.tm_min, tm.tm_sec);
		break;
	case ZONE_MINUTE:
	case ZONE_CLOCK:
		buf_printf(buf, "%02d:%02d", tm.tm_hour, tm.tm_min);
		break;
	case ZONE_DAY:
		buf_printf(buf, "%.3s %d %.3s", days[tm.tm_wday], tm.tm_mday,
		    months[tm.tm_mon]);
		break;
	case ZONE_WHEN:
		buf_printf(buf, "%.3s %d %.3s %d %02d:%02d", days[tm.tm_wday],
		    tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900,
		    tm.tm_hour, tm.tm_min);
		break;
	case ZONE_DATE:
		buf_printf(buf, "%s %d %s %d", days[tm.tm_wday], tm.tm_mday,
		    months[tm.tm_mon], tm.tm_year + 1900);
		break;
	}
}

void
zone_put_short_name(struct buf *buf, int64_t wall_ms)
{
	struct tm tm = on_wall(wall_ms);

	/* Some zones have no letters, only "+03". */
	if (tm.tm_zone[0] == '+' || tm.tm_zone[0] == '-')
		buf_text(buf, "UTC");
	jput_plain(buf, span_of(tm.tm_zone));
}

/* "CET, UTC+01:00". */
static void
put_name(struct buf *buf, int64_t wall_ms)
{
	struct tm tm = on_wall(wall_ms);
	long minutes = tm.tm_gmtoff / 60;

	zone_put_short_name(buf, wall_ms);
	if (minutes == 0 && strcmp(tm.tm_zone, "UTC") == 0)
		return;
	buf_printf(buf, ", UTC%c%02ld:%02ld", minutes < 0 ? '-' : '+',
	    labs(minutes) / 60, labs(minutes) % 60);
}

void
zone_put_names(struct buf *buf, int64_t from_ms, int64_t to_ms)
{
	buf_text(buf, " (");
	put_name(buf, from_ms);
	if (zone_changes(from_ms, to_ms)) {
		buf_text(buf, "; at the end ");
		put_name(buf, to_ms);
	}
	buf_char(buf, ')');
}

bool
zone_changes(int64_t from_ms, int64_t to_ms)
{
	return offset_of(from_ms) != offset_of(to_ms);
}

bool
zone_same_day(int64_t one_ms, int64_t other_ms)
{
	struct tm one = on_wall(one_ms), other = on_wall(other_ms);

	return one.tm_year == other.tm_year && one.tm_yday == other.tm_yday;
}

/* When the clocks were changed, between two times of different offsets. */
static int64_t
change_between(int64_t from_ms, int64_t to_ms)
{
	int64_t offset = offset_of(from_ms), middle;

	while (to_ms - from_ms > 1) {
		middle = from_ms + (to_ms - from_ms) / 2;
		if (offset_of(middle) == offset)
			from_ms = middle;
		else
			to_ms = middle;
	}
	return to_ms;
}

void
zone_hour(int64_t wall_ms, int64_t *ret_from_ms, int64_t *ret_to_ms)
{
	int64_t offset = offset_of(wall_ms), from, to;

	from = floor_to(wall_ms + offset, HOUR_MS) - offset;
	to = from + HOUR_MS;
	if (offset_of(from) != offset)
		from = change_between(from, wall_ms);
	if (offset_of(to - 1) != offset)
		to = change_between(wall_ms, to - 1);
	*ret_from_ms = from;
	*ret_to_ms = to;
}

int64_t
zone_next(int64_t wall_ms, int64_t step_ms)
{
	int64_t phase = step_ms % (7 * DAY_MS) == 0 ? FIRST_MONDAY_MS : 0;
	int64_t offset = offset_of(wall_ms), other, next, change;

	next = floor_to(wall_ms + offset - phase, step_ms) + step_ms + phase -
	    offset;
	other = offset_of(next);
	if (other == offset)
		return next;
	/* The first multiple behind the change, by the new offset. */
	change = change_between(wall_ms, next);
	next = floor_to(change + other - phase - 1, step_ms) + step_ms + phase -
	    other;
	return next > wall_ms ? next : change;
}

/* "09:00" or "09:00:30", all of the text; -1 where it is none. */
static int
parse_clock(const char *text, struct tm *tm)
{
	int end = 0;

	tm->tm_sec = 0;
	/* NOLINTNEXTLINE(cert-err34-c): so few digits cannot overflow */
	if (sscanf(text, "%2d:%2d%n", &tm->tm_hour, &tm->tm_min, &end) != 2 ||
	    text[2] != ':')
		return -1;
	text += end;
	if (*text == ':') {
		end = 0;
		/* NOLINTNEXTLINE(cert-err34-c): nor can these */
		if (sscanf(text, ":%2d%n", &tm->tm_sec, &end) != 1)
			return -1;
		text += end;
	}
	return *text == '\0' && tm->tm_hour >= 0 && tm->tm_hour <= 24 &&
		tm->tm_min >= 0 && tm->tm_min <= 59 && tm->tm_sec >= 0 &&
		tm->tm_sec <= 59 && tm->tm_hour * 60 + tm->tm_min <= 24 * 60
	    ? 0
	    : -1;
}

/* "2026-01-01", and behind it a time of day if there is one. */
static int
parse_date(const char *text, struct tm *tm)
{
	struct tm read;
	int end = 0;

	if (strlen(text) < 10 || text[4] != '-' || text[7] != '-' ||
	    /* NOLINTNEXTLINE(cert-err34-c): nor can these */
	    sscanf(text, "%4d-%2d-%2d%n", &tm->tm_year, &tm->tm_mon,
		&tm->tm_mday, &end) != 3 ||
	    end != 10)
		return -1;
	tm->tm_year -= 1900;
	tm->tm_mon--;
	tm->tm_hour = tm->tm_min = tm->tm_sec = 0;
	read = *tm;
	read.tm_isdst = -1;
	read.tm_hour = 12;
	/* mktime() makes the 3rd of March of the 31st of February. */
	if (mktime(&read) == -1 || read.tm_mday != tm->tm_mday ||
	    read.tm_mon != tm->tm_mon)
		return -1;
	if (text[10] == '\0')
		return 0;
	return text[10] == 'T' || text[10] == ' ' ? parse_clock(text + 11, tm)
						  : -1;
}

int
zone_parse(
    const char *text, int64_t now_ms, int64_t *ret_wall_ms, struct fail *why)
{
	struct tm tm = on_wall(now_ms);
	time_t seconds;

	if (now_parse(span_of(text), ret_wall_ms) == 0)
		return 0;
	if (parse_clock(text, &tm) == -1 && parse_date(text, &tm) == -1)
		return fail_set(why, FAIL_CONFIG,
		    "'%s' is not a time such as 09:00, 2026-01-01T09:00 or "
		    "2026-01-01T09:00:00Z",
		    text);
	tm.tm_isdst = -1;
	seconds = mktime(&tm);
	*ret_wall_ms = (int64_t)seconds * 1000;
	return 0;
}
