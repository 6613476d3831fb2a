#include "config.h"

#include "scale.h"

#include "buf.h"
#include "zone.h"

#define SECOND 1000LL
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

/* Pixels that a label and some air take: 09:00, 09:00:00, Thu 1 Jan. */
#define CLOCK_PIXELS   58
#define SECONDS_PIXELS 84
#define DAY_PIXELS     84
/* Between two lines. */
#define LINE_PIXELS 18

static double
pixels_of(const struct scale *scale, int64_t step_ms)
{
	return (scale->right - scale->left) * (double)step_ms /
	    (double)(scale->to_ms - scale->from_ms);
}

/* The first step of the list that is wide enough for labels, or for lines. */
static int64_t
choose_step(const struct scale *scale, bool labels)
{
	static const int64_t steps[] = { SECOND, 2 * SECOND, 5 * SECOND,
		10 * SECOND, 15 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE,
		5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR,
		2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY,
		7 * DAY };
	const size_t last = sizeof(steps) / sizeof(steps[0]) - 1;
	double pixels;
	size_t i;

	for (i = 0; i < last; i++) {
		if (!labels) {
			/* A line where no label could be means nothing. */
			if (scale->step_ms % steps[i] == 0 &&
			    pixels_of(scale, steps[i]) >= LINE_PIXELS)
				break;
			continue;
		}
		pixels = steps[i] < MINUTE           ? SECONDS_PIXELS
		    : steps[i] >= DAY || scale->days ? DAY_PIXELS
						     : CLOCK_PIXELS;
		if (pixels_of(scale, steps[i]) >= pixels)
			break;
	}
	return steps[i];
}

void
scale_init(struct scale *scale, int64_t from_ms, int64_t to_ms, double left,
    double right)
{
	scale->from_ms = from_ms;
	scale->to_ms = to_ms > from_ms ? to_ms : from_ms + 1;
	scale->left = left;
	scale->right = right;
	scale->days = !zone_same_day(from_ms, scale->to_ms - 1);
	scale->step_ms = choose_step(scale, true);
	while (pixels_of(scale, scale->step_ms) < DAY_PIXELS &&
	    scale->step_ms >= 7 * DAY)
		scale->step_ms *= 2;
	scale->line_ms = choose_step(scale, false);
	if (scale->line_ms > scale->step_ms ||
	    pixels_of(scale, scale->line_ms) < LINE_PIXELS)
		scale->line_ms = scale->step_ms;
}

double
scale_x(const struct scale *scale, int64_t wall_ms)
{
	return scale->left +
	    (scale->right - scale->left) * (double)(wall_ms - scale->from_ms) /
	    (double)(scale->to_ms - scale->from_ms);
}

bool
scale_next(const struct scale *scale, int64_t step_ms, int64_t *cursor_ms)
{
	*cursor_ms = zone_next(*cursor_ms, step_ms);
	return *cursor_ms <= scale->to_ms;
}

bool
scale_is_day(const struct scale *scale, int64_t tick_ms)
{
	return scale->days && scale->line_ms < DAY &&
	    !zone_same_day(tick_ms - 1, tick_ms);
}

void
scale_put_label(const struct scale *scale, struct buf *buf, int64_t tick_ms)
{
	enum zone_style style = ZONE_CLOCK;

	if (scale->days &&
	    (scale->step_ms >= DAY || scale_is_day(scale, tick_ms)))
		style = ZONE_DAY;
	else if (scale->step_ms < MINUTE)
		style = ZONE_SECONDS;
	zone_put(buf, tick_ms, style);
}
