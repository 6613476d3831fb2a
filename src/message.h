/*
 * message: the fields of one message of the service, as they stand in it.
 *
 * Got out of a JSON tree, or, for the shapes that nearly all messages have, by
 * a scanner that is much faster and takes exactly what the tree would give; in
 * doubt it takes nothing, and leaves the message to the tree.
 */
#ifndef GCP_MESSAGE_H
#define GCP_MESSAGE_H

#include <stdbool.h>

#include "span.h"

struct message_scanner;

struct message {
	/* Of a notifications channel. */
	struct span topic;
	struct span body_user;
	struct span system_presence;
	struct span definition;
	struct span date;
	struct span source;
	bool has_primary, primary;
	bool bad_date; /* there is one, but it is no text */
	/* Of the events socket. */
	struct span event_type;
	struct span user_id;
	struct span state;
	struct span timestamp;
};

/*
 * A scanner remembers what the last message was like around its values, since
 * most are like it; it gives the same whatever it remembers.
 */
struct message_scanner *message_scanner_new(void);
void message_scanner_free(struct message_scanner *scanner);

/*
 * Whether the text is one JSON object that holds a presence, in a shape that
 * the scanner is sure of: members in any order, known ones of their type and
 * only once, strings of plain ASCII without escapes.  Then the fields point
 * into the text.
 */
bool message_scan(
    struct message_scanner *scanner, struct span text, struct message *ret);

#endif
