/*
 * reader: standard input -> the board, in a thread of its own.
 *
 * A terminal may stand still for hours (^S, a link that is down), and whoever
 * draws on it with it; the lines are read all the same, so that their writer
 * never waits for a person.  The board is shared: it belongs to the reader, and
 * others may look at it between reader_lock() and reader_unlock().
 */
#ifndef GCP_TOP_READER_H
#define GCP_TOP_READER_H

#include <stdbool.h>
#include <stdint.h>

struct board;
struct fail;
struct reader;

/* How reading stands. */
struct reader_state {
	bool ended;
	int64_t ended_ms; /* wall time */
	int error;        /* why it could not go on; 0: it was the end */
};

/* Borrows fd, and changes none of its flags. */
struct reader *reader_new(int fd, struct fail *why);
void reader_free(struct reader *reader);

/* Can be read from when there is news; it stays the reader's. */
int reader_news_fd(const struct reader *reader);

/* Short: the thread waits meanwhile. */
const struct board *reader_lock(struct reader *reader);
void reader_unlock(struct reader *reader);

/* With the lock held.  What comes after this is news again. */
struct reader_state reader_take_news(struct reader *reader);

#endif
