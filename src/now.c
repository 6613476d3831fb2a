#include "config.h"

#include "now.h"

#include <stdbool.h>
#include <time.h>

#include "digits.h"

#define MS_OF_DAY (24LL * 3600 * 1000)

/* From the first of March of the year -400 to 1970. */
#define ERA_DAYS     146097
#define DAYS_TO_1970 (719468 + ERA_DAYS)
#define MS_TO_1970   (DAYS_TO_1970 * MS_OF_DAY)

/* "2026-01-01T09:00:00" */
#define SECONDS_LEN 19
#define NO_NUMBER   100000

static int64_t
read_clock(clockid_t clock)
{
	struct timespec time = { 0 };

	(void)clock_gettime(clock, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

int64_t
now_ms(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t
now_boot_ms(void)
{
#ifdef CLOCK_BOOTTIME
	return read_clock(CLOCK_BOOTTIME);
#else
	return read_clock(CLOCK_MONOTONIC);
#endif
}

int64_t
now_wall_ms(void)
{
	return read_clock(CLOCK_REALTIME);
}

/*
 * Days since 1970 and back, in the proleptic Gregorian calendar: the year is
 * counted from March, so that the leap day is its last one, and in eras of
 * 400 years, which all have 146097 days.
 */
static int
days_of(unsigned int year, unsigned int month, unsigned int day)
{
	unsigned int day_of_year;

	year += month <= 2 ? 399 : 400;
	day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5;
	return (int)(year * 365 + year / 4 - year / 100 + year / 400 +
		   day_of_year + day - 1) -
	    DAYS_TO_1970;
}

/* days: since the first of March of the era before the year 0. */
static void
date_of(unsigned int days, unsigned int *ret_year, unsigned int *ret_month,
    unsigned int *ret_day)
{
	unsigned int era, day_of_era, year_of_era, day_of_year, month;

	era = days / ERA_DAYS;
	day_of_era = days % ERA_DAYS;
	year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
			  day_of_era / 146096) /
	    365;
	day_of_year = day_of_era -
	    (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	month = (5 * day_of_year + 2) / 153;
	*ret_day = day_of_year - (153 * month + 2) / 5 + 1;
	*ret_month = month < 10 ? month + 3 : month - 9;
	*ret_year = year_of_era + era * 400 + (*ret_month <= 2) - 400;
}

size_t
now_format(int64_t wall_ms, char text[NOW_TEXT])
{
	unsigned int year, month, day, seconds, ms;
	uint64_t since;

	if (wall_ms < NOW_MIN)
		wall_ms = NOW_MIN;
	if (wall_ms > NOW_MAX)
		wall_ms = NOW_MAX;
	since = (uint64_t)(wall_ms + MS_TO_1970);
	date_of((unsigned int)(since / MS_OF_DAY), &year, &month, &day);
	ms = (unsigned int)(since % MS_OF_DAY);
	seconds = ms / 1000;
	ms %= 1000;
	memcpy(text, "0000-00-00T00:00:00.000Z", NOW_TEXT);
	digits_put_two(text, year / 100);
	digits_put_two(text + 2, year % 100);
	digits_put_two(text + 5, month);
	digits_put_two(text + 8, day);
	digits_put_two(text + 11, seconds / 3600);
	digits_put_two(text + 14, seconds / 60 % 60);
	digits_put_two(text + 17, seconds % 60);
	digits_put_two(text + 20, ms / 10);
	text[22] = (char)('0' + ms % 10);
	return NOW_TEXT - 1;
}

/* The value of two digits; more than any of them have where they are none. */
static unsigned int
two_digits(const char *at)
{
	unsigned int tens = (unsigned int)(at[0] - '0');
	unsigned int ones = (unsigned int)(at[1] - '0');

	return tens > 9 || ones > 9 ? NO_NUMBER : tens * 10 + ones;
}

/* Takes width digits off the front of text; -1 where there are fewer. */
static int
take_digits(struct span *text, size_t width)
{
	int value = 0;
	size_t i;

	if (text->len < width)
		return -1;
	for (i = 0; i < width; i++) {
		if (text->at[i] < '0' || text->at[i] > '9')
			return -1;
		value = value * 10 + (text->at[i] - '0');
	}
	text->at += width;
	text->len -= width;
	return value;
}

static bool
take_char(struct span *text, char upper)
{
	char got;

	if (text->len == 0)
		return false;
	got = text->at[0];
	if (got >= 'a' && got <= 'z')
		got = (char)(got - 'a' + 'A');
	if (got != upper)
		return false;
	text->at++;
	text->len--;
	return true;
}

static bool
is_date(unsigned int year, unsigned int month, unsigned int day)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31,
		30, 31, 30, 31 };

	if (year > 9999 || month < 1 || month > 12 || day < 1)
		return false;
	return day <= days[month - 1] ||
	    (month == 2 && day == 29 && year % 4 == 0 &&
		(year % 100 != 0 || year % 400 == 0));
}

/* Decimals of a second as milliseconds; -1 where there is no digit. */
static int
take_decimals(struct span *text)
{
	int ms = 0, scale = 100;
	size_t digits = 0;

	while (text->len > 0 && text->at[0] >= '0' && text->at[0] <= '9') {
		ms += (text->at[0] - '0') * scale;
		scale /= 10;
		digits++;
		text->at++;
		text->len--;
	}
	return digits == 0 || digits > 9 ? -1 : ms;
}

/* "Z" or "+hh:mm"; 0, or -1 where it is neither. */
static int
take_offset(struct span *text, int64_t *ret_ms)
{
	bool west;
	int hours, minutes;

	if (take_char(text, 'Z')) {
		*ret_ms = 0;
		return 0;
	}
	west = take_char(text, '-');
	if (!west && !take_char(text, '+'))
		return -1;
	hours = take_digits(text, 2);
	(void)take_char(text, ':');
	minutes = take_digits(text, 2);
	if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
		return -1;
	*ret_ms = (hours * 60 + minutes) * 60000LL * (west ? -1 : 1);
	return 0;
}

/* ".000Z", with the milliseconds; whatever else may stand there: false. */
static bool
is_usual_end(struct span text, int *ret_ms)
{
	unsigned int tens;

	if (text.len != 5 || text.at[0] != '.' || text.at[4] != 'Z')
		return false;
	tens = two_digits(text.at + 1);
	if (tens == NO_NUMBER || text.at[3] < '0' || text.at[3] > '9')
		return false;
	*ret_ms = (int)tens * 10 + (text.at[3] - '0');
	return true;
}

int
now_parse(struct span text, int64_t *ret_wall_ms)
{
	const char *at = text.at;
	unsigned int year, month, day, hour, minute, second;
	int64_t offset_ms = 0, wall_ms;
	int ms = 0;

	if (text.len < SECONDS_LEN || at[4] != '-' || at[7] != '-' ||
	    (at[10] != 'T' && at[10] != 't' && at[10] != ' ') ||
	    at[13] != ':' || at[16] != ':')
		return -1;
	year = two_digits(at) * 100 + two_digits(at + 2);
	month = two_digits(at + 5);
	day = two_digits(at + 8);
	hour = two_digits(at + 11);
	minute = two_digits(at + 14);
	second = two_digits(at + 17);
	/* What is no number is larger than all of these; 60: a leap second. */
	if (!is_date(year, month, day) || hour > 23 || minute > 59 ||
	    second > 60)
		return -1;
	text.at += SECONDS_LEN;
	text.len -= SECONDS_LEN;
	if (!is_usual_end(text, &ms)) {
		if (take_char(&text, '.') && (ms = take_decimals(&text)) == -1)
			return -1;
		if (take_offset(&text, &offset_ms) == -1 || text.len != 0)
			return -1;
	}
	wall_ms = days_of(year, month, day) * MS_OF_DAY +
	    (hour * 3600 + minute * 60 + second) * 1000LL + ms - offset_ms;
	/* An offset or a leap second can lead out of these years. */
	if (wall_ms < NOW_MIN || wall_ms > NOW_MAX)
		return -1;
	*ret_wall_ms = wall_ms;
	return 0;
}
