/*
 * layout: what has room on a screen of that size, and where.
 *
 * From 20 columns and 5 lines on.  What is more important comes first: the
 * title, the counts, the users; then headings, then notes.  Columns likewise:
 * mark, name, state and age are always there.
 */
#ifndef GCP_TOP_LAYOUT_H
#define GCP_TOP_LAYOUT_H

#include <stdbool.h>

#define LAYOUT_MIN_HEIGHT 5
#define LAYOUT_MIN_WIDTH  20

enum layout_column {
	LAYOUT_MARK,
	LAYOUT_NAME,
	LAYOUT_STATE,
	LAYOUT_AGE,
	LAYOUT_SINCE,
	LAYOUT_BEFORE,
	LAYOUT_LASTED,
	LAYOUT_LATENCY,
	LAYOUT_SOURCE,
	LAYOUT_ID,
	LAYOUT_COLUMNS,
};

struct layout_wish {
	int height;
	int width;
	int counts_lines; /* that the counts take */
	int label_width;  /* of the widest name */
	bool has_gap;
	bool has_bad;
};

struct layout {
	bool fits;       /* else nothing below is filled */
	bool is_compact; /* letters for states, brief ages */
	int width;
	/* Lines; -1: no room for it. */
	int counts_y;
	int gap_y;
	int bad_y;
	int heads_y;
	int body_y;
	int body_rows; /* at least one */
	int status_y;
	struct {
		int x;
		int width; /* 0: no room for it */
	} columns[LAYOUT_COLUMNS];
};

/* The most lines that the counts may take. */
int layout_counts_lines(int height);

void layout_make(struct layout *layout, const struct layout_wish *wish);

#endif
