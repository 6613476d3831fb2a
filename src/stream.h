/*
 * stream: from users that are given to presences, by the service.
 *
 * Finds out the wire protocol, cuts the users into connections, sees that they
 * fit, and keeps them streaming; or, for --once, takes one look at all.
 */
#ifndef GCP_STREAM_H
#define GCP_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct decoded;
struct delta;
struct endpoints;
struct fail;
struct sight_gap;
struct intake;
struct link_env;
struct plan;
struct presence;
struct settings;
struct stream;

struct stream_handler {
	void (*on_presence)(void *arg, const struct presence *presence);
	void (*on_skipped)(void *arg, const struct decoded *decoded);
	void (*on_too_large)(void *arg, const char *why);
	void (*on_gap)(void *arg, const struct sight_gap *gap);
	/* --once is complete: why NULL; or the stream cannot go on. */
	void (*on_end)(void *arg, const struct fail *why);
};

/* Borrows everything.  Sends nothing before users have come. */
struct stream *stream_new(const struct settings *settings,
    const struct endpoints *endpoints, struct link_env *env,
    struct intake *intake, struct plan *plan,
    const struct stream_handler *handler, void *arg);
void stream_free(struct stream *stream);

/*
 * Where the settings name the protocol it is known before any user is
 * enrolled, and bad IDs are told at once; call it then.
 */
int stream_decide(struct stream *stream, struct fail *why);

/* Users have come or gone, or no more will come. */
void stream_users(struct stream *stream);

/* See feed_replace() and feed_resume(). */
void stream_replace(struct stream *stream, int64_t life_ms, const char *why);
void stream_resume(struct stream *stream, int64_t suspended_ms);

/* A polite end: within 3 s stream_has_stopped(). */
void stream_stop(struct stream *stream);
bool stream_has_stopped(const struct stream *stream);

/* Connections that stream. */
size_t stream_streaming(const struct stream *stream);

#endif
