/*
 * sheet: what the parts of one picture share.
 *
 * Measures are pixels of the picture's own size.
 */
#ifndef GCP_REPORT_SHEET_H
#define GCP_REPORT_SHEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scale.h"

struct buf;
struct out;
struct piece;
struct view;

#define SHEET_WIDTH  1200
#define SHEET_MARGIN 36

struct sheet {
	const struct view *view;
	struct out *out;
	struct scale scale;
	uint8_t *looks; /* by the number of a state */
	size_t states;
	double row_height;
	double font;
	double crowd_height; /* 0: not drawn */
	bool titled;         /* each piece tells what it is */
	bool unknown;        /* some time is not known */
};

void sheet_init(struct sheet *sheet, const struct view *view, struct out *out);
void sheet_done(struct sheet *sheet);

struct buf *sheet_buf(const struct sheet *sheet);

/* "On queue 09:14:03 to 09:20:11, 00:06:08", escaped. */
void sheet_put_piece(const struct sheet *sheet, const struct piece *piece);

/* Lines for the ticks over a height, and their labels around a baseline. */
void sheet_put_grid(const struct sheet *sheet, double top, double bottom);
void sheet_put_labels(const struct sheet *sheet, double baseline);

/* Hatching over a height where the stream was blind. */
void sheet_put_blinds(const struct sheet *sheet, double top, double bottom);

#endif
