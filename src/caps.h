/*
 * caps: every cap of the program in one place, each with its unit.
 *
 * What comes from outside (a line, a file, a frame, an answer) is held to one
 * of these before it is kept.  Where the service sets the limit, the comment
 * says so.
 */
#ifndef GCP_CAPS_H
#define GCP_CAPS_H

/* Input: one line of user IDs, a YAML file, a secret; bytes. */
#define CAP_ID_LINE     4096
#define CAP_YAML_FILE   (16u << 20)
#define CAP_SECRET_FILE 16384
#define CAP_STATE_FILE  (512u << 20)
/* Nesting of a JSON message. */
#define CAP_DEPTH 16
/* Lines of bad input that are reported one by one; the rest is counted. */
#define CAP_BAD_LINES 1000

/*
 * Values, in bytes.  A line of output has at most CAP_LINE bytes, so these
 * are such that the worst case of escaping (six bytes for one) still fits.
 */
#define CAP_LINE       4096
#define CAP_USER_ID    128
#define CAP_NAME       256
#define CAP_STATE      64
#define CAP_DEFINITION 64
/* Different pairs of state and presence definition that are remembered. */
#define CAP_PRESENCES 4096

/* HTTP: an answer's body; its headers and trailers in all; a URL; bytes. */
#define CAP_HTTP_BODY (4u << 20)
#define CAP_HTTP_HEAD (300u << 10)
#define CAP_URL       2048
/*
 * libwebsockets 4.1 builds the request line in 2048 bytes and sends a torn
 * one when path and query are longer than this.
 */
#define CAP_SOCKET_PATH 2032
/* An access token: what fits a header line of libwebsockets and libcurl. */
#define CAP_TOKEN 8000
/* HTTP requests under way at once. */
#define CAP_HTTP_PARALLEL 8

/* WebSocket: one message, however fragmented; bytes. */
#define CAP_MESSAGE     (1u << 20)
#define CAP_SOCKET_READ 16384

/* The service: topics of a channel, channels of a client, IDs of a call. */
#define CAP_CHANNEL_ID     256
#define CAP_CHANNEL_TOPICS 1000
#define CAP_CHANNELS       20
#define CAP_BULK_IDS       50
/* The events socket: users of a connection (the tutorial's figure). */
#define CAP_EVENTS_USERS 100
/* Channels given back that are remembered until they expire. */
#define CAP_GIVEN_BACK 64
/* Users in one subscription message. */
#define CAP_SEND_USERS 1000

/* Retry-After and the like are held to this; milliseconds. */
#define CAP_RETRY_AFTER_MS (3600LL * 1000)

#endif
