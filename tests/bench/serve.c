#include "config.h"

#include "serve.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/ssl.h>

#include "events.h"

#define PIECE     65536
#define REQUEST   (1u << 20)
#define SETTLE_NS 200000000

struct server {
	const struct serve_options *options;
	struct events *events;
	SSL_CTX *tls;
	unsigned char *frames; /* all messages, framed */
	size_t *ends;          /* of each frame */
	int port;

	pthread_mutex_t lock;
	pthread_cond_t progress;
	size_t subscribed;
	size_t asked_for;
	bool requested;

	int64_t *sent_ns;
};

struct peer {
	struct server *server;
	int fd;
	SSL *ssl;
	char *bytes; /* the request */
	size_t len;
};

static int64_t
now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void
wait_until_ns(int64_t when)
{
	struct timespec until = { .tv_sec = (time_t)(when / 1000000000),
		.tv_nsec = (long)(when % 1000000000) };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL))
		continue;
}

static void
tell(const char *what, int64_t when)
{
	(void)printf("%s %lld\n", what, (long long)when);
	(void)fflush(stdout);
}

static ssize_t
take(struct peer *peer, void *bytes, size_t room)
{
	if (peer->ssl != NULL)
		return SSL_read(peer->ssl, bytes, (int)room);
	return recv(peer->fd, bytes, room, 0);
}

static bool
give(struct peer *peer, const void *bytes, size_t len)
{
	const char *at = bytes;
	ssize_t done;

	while (len > 0) {
		if (peer->ssl != NULL)
			done = SSL_write(peer->ssl, at, (int)len);
		else
			done = send(peer->fd, at, len, MSG_NOSIGNAL);
		if (done <= 0)
			return false;
		at += done;
		len -= (size_t)done;
	}
	return true;
}

/* Reads on until the request has so many bytes. */
static bool
have(struct peer *peer, size_t len)
{
	ssize_t got;

	while (peer->len < len) {
		if (len > REQUEST)
			return false;
		got = take(peer, peer->bytes + peer->len, REQUEST - peer->len);
		if (got <= 0)
			return false;
		peer->len += (size_t)got;
		peer->bytes[peer->len] = '\0';
	}
	return true;
}

static void
drop(struct peer *peer, size_t len)
{
	peer->len -= len;
	memmove(peer->bytes, peer->bytes + len, peer->len + 1);
}

/* An ID has four dashes, and little else that clients send has any. */
static size_t
count_ids(const char *bytes, size_t len)
{
	size_t dashes = 0, i;

	for (i = 0; i < len; i++)
		dashes += bytes[i] == '-';
	return dashes / 4;
}

static void
note(struct server *server, size_t *counter, size_t more)
{
	(void)pthread_mutex_lock(&server->lock);
	*counter += more;
	(void)pthread_cond_broadcast(&server->progress);
	(void)pthread_mutex_unlock(&server->lock);
}

static void
answer(struct peer *peer, int status, const char *body)
{
	char head[256];

	(void)snprintf(head, sizeof(head),
	    "HTTP/1.1 %d X\r\nContent-Type: application/json\r\n"
	    "Content-Length: %zu\r\n\r\n",
	    status, strlen(body));
	if (give(peer, head, strlen(head)))
		(void)give(peer, body, strlen(body));
}

/* All that were asked for ("id=...&id=...") have long been offline. */
static void
answer_bulk(struct peer *peer, const char *ids)
{
	size_t room = 256 * (count_ids(ids, strlen(ids)) + 1);
	char *body, *at;

	at = body = malloc(room);
	if (body == NULL)
		abort();
	*at++ = '[';
	while ((ids = strstr(ids, "id=")) != NULL) {
		ids += 3;
		at += snprintf(at, room - (size_t)(at - body),
		    "%s{\"userId\":\"%.36s\",\"presenceDefinition\":{\"id\":"
		    "\"\",\"systemPresence\":\"Offline\"},\"modifiedDate\":"
		    "\"2020-01-01T00:00:00Z\"}",
		    at[-1] == '[' ? "" : ",", ids);
	}
	(void)snprintf(at, room - (size_t)(at - body), "]");
	answer(peer, 200, body);
	free(body);
}

/* All topics that were asked for are good. */
static void
answer_subscriptions(struct peer *peer, const char *topics, size_t len)
{
	char *body = malloc(len + 32);

	if (body == NULL)
		abort();
	(void)snprintf(body, len + 32, "{\"entities\":%.*s}",
	    len > 0 ? (int)len : 2, len > 0 ? topics : "[]");
	answer(peer, 200, body);
	free(body);
}

static void
answer_channel(struct peer *peer)
{
	char body[256];

	(void)snprintf(body, sizeof(body),
	    "{\"id\":\"c\",\"connectUri\":\"%s://127.0.0.1:%d/channel\"}",
	    peer->ssl == NULL ? "ws" : "wss", peer->server->port);
	answer(peer, 200, body);
}

/* Answers a REST request; its head ends at the NUL, the body follows. */
static void
rest(struct peer *peer, const char *body, size_t body_len)
{
	struct server *server = peer->server;
	char *ids = strstr(peer->bytes, "bulk?");
	size_t count;

	if (strstr(peer->bytes, "/oauth/token") != NULL) {
		answer(peer, 200,
		    "{\"access_token\":\"t\",\"token_type\":\"bearer\","
		    "\"expires_in\":86400}");
	} else if (ids != NULL) {
		ids[strcspn(ids, " ")] = '\0';
		count = count_ids(ids, strlen(ids));
		answer_bulk(peer, ids);
		note(server, &server->asked_for, count);
	} else if (strstr(peer->bytes, "/subscriptions") != NULL) {
		answer_subscriptions(peer, body, body_len);
		note(server, &server->subscribed, count_ids(body, body_len));
	} else if (strncmp(peer->bytes, "POST", 4) == 0) {
		answer_channel(peer);
	} else {
		answer(peer, 200, "{\"entities\":[]}");
	}
}

static void
upgrade(struct peer *peer)
{
	static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	char *key = strcasestr(peer->bytes, "\r\nSec-WebSocket-Key:");
	char text[256], accept[64];
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int len;

	if (key == NULL)
		return;
	key += 20;
	key += strspn(key, " ");
	(void)snprintf(
	    text, sizeof(text), "%.*s%s", (int)strcspn(key, "\r"), key, guid);
	(void)EVP_Digest(text, strlen(text), digest, &len, EVP_sha1(), NULL);
	(void)EVP_EncodeBlock((unsigned char *)accept, digest, (int)len);
	(void)snprintf(text, sizeof(text),
	    "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	    "Sec-WebSocket-Accept: %s\r\n\r\n",
	    accept);
	(void)give(peer, text, strlen(text));
}

/* Takes one frame of the client; false where there is none any more. */
static bool
take_frame(struct peer *peer)
{
	unsigned char *head = (unsigned char *)peer->bytes, pong[2] = { 0x8a };
	size_t size = 6, len, i;

	if (!have(peer, size))
		return false;
	len = head[1] & 0x7f;
	if (len == 126) {
		size = 8;
		if (!have(peer, size))
			return false;
		len = (size_t)(head[2] << 8 | head[3]);
	} else if (len == 127) {
		size = 14;
		if (!have(peer, size))
			return false;
		for (i = 2, len = 0; i < 10; i++)
			len = len << 8 | head[i];
	}
	if (!have(peer, size + len))
		return false;
	for (i = 0; i < len; i++)
		head[size + i] ^= head[size - 4 + i % 4];
	if ((head[0] & 0x0f) == 9 && len == 0)
		(void)give(peer, pong, 2);
	else if ((head[0] & 0x0f) == 1)
		note(peer->server, &peer->server->subscribed,
		    count_ids((char *)head + size, len));
	drop(peer, size + len);
	return true;
}

/* Whether all users are subscribed, and their presences have been asked for. */
static bool
is_complete(const struct server *server)
{
	return server->subscribed >= server->events->users &&
	    (server->events->shape == EVENTS_TUTORIAL ||
		server->asked_for >= server->events->users);
}

static void
stream_slowly(struct peer *peer)
{
	struct server *server = peer->server;
	const struct serve_options *options = server->options;
	int64_t start = now_ns();
	size_t i, at = 0;

	for (i = 0; i < options->count; i++) {
		wait_until_ns(
		    start + (int64_t)(i * 1000000000 / options->rate));
		server->sent_ns[i] = now_ns();
		if (!give(peer, server->frames + at, server->ends[i] - at))
			return;
		at = server->ends[i];
	}
}

static void
stream(struct peer *peer)
{
	struct server *server = peer->server;
	size_t at, len, end = 0;

	if (server->options->count > 0) {
		end = server->ends[server->options->count - 1];
		tell("event", now_ns());
	}
	if (server->options->rate > 0) {
		stream_slowly(peer);
		return;
	}
	for (at = 0; at < end; at += len) {
		len = end - at < PIECE ? end - at : PIECE;
		if (!give(peer, server->frames + at, len))
			return;
	}
}

static void
serve_socket(struct peer *peer, bool at_once)
{
	struct server *server = peer->server;

	if (!at_once) {
		/* The events socket subscribes by frames, a channel by REST. */
		while (server->events->shape == EVENTS_TUTORIAL &&
		    !is_complete(server))
			if (!take_frame(peer))
				return;
		(void)pthread_mutex_lock(&server->lock);
		while (!is_complete(server))
			(void)pthread_cond_wait(
			    &server->progress, &server->lock);
		(void)pthread_mutex_unlock(&server->lock);
		if (server->events->shape == EVENTS_NOTIFICATIONS)
			wait_until_ns(now_ns() + SETTLE_NS);
	}
	stream(peer);
	while (take_frame(peer))
		continue;
}

/* One request; false where there is none any more. */
static bool
serve_request(struct peer *peer)
{
	struct server *server = peer->server;
	size_t head, body = 0;
	char *end, *length;
	bool at_once;

	while ((end = strstr(peer->bytes, "\r\n\r\n")) == NULL)
		if (!have(peer, peer->len + 1))
			return false;
	if (!server->requested) {
		server->requested = true;
		tell("request", now_ns());
	}
	head = (size_t)(end - peer->bytes) + 4;
	end[2] = '\0';
	length = strcasestr(peer->bytes, "\r\nContent-Length:");
	if (length != NULL)
		body = strtoul(length + 17, NULL, 10);
	if (!have(peer, head + body))
		return false;
	if (strcasestr(peer->bytes, "\r\nUpgrade: websocket") == NULL) {
		rest(peer, peer->bytes + head, body);
		drop(peer, head + body);
		return true;
	}
	at_once = strstr(peer->bytes, "?go") != NULL;
	upgrade(peer);
	drop(peer, head);
	serve_socket(peer, at_once);
	return false;
}

static void *
serve_peer(void *arg)
{
	struct peer *peer = arg;

	if (peer->server->tls != NULL) {
		peer->ssl = SSL_new(peer->server->tls);
		(void)SSL_set_fd(peer->ssl, peer->fd);
	}
	if (peer->ssl == NULL || SSL_accept(peer->ssl) == 1)
		while (serve_request(peer))
			continue;
	SSL_free(peer->ssl);
	(void)close(peer->fd);
	free(peer->bytes);
	free(peer);
	return NULL;
}

static int
compare(const void *one, const void *other)
{
	int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;

	return (a > b) - (a < b);
}

static void
tell_latency(int64_t *took_ns, size_t count)
{
	qsort(took_ns, count, sizeof(*took_ns), compare);
	(void)printf("latency %.1f %.1f %.1f\n",
	    (double)took_ns[count / 2] / 1000,
	    (double)took_ns[count * 99 / 100] / 1000,
	    (double)took_ns[count - 1] / 1000);
	(void)fflush(stdout);
}

/* Reads what the client prints; the first lines may be a snapshot's. */
static void *
read_lines(void *arg)
{
	struct server *server = arg;
	size_t count = server->options->count, skip = 0, done = 0;
	char bytes[PIECE];
	ssize_t got, i;
	int64_t now;

	if (server->events->shape == EVENTS_NOTIFICATIONS)
		skip = server->events->users;
	while (done < count &&
	    (got = read(STDIN_FILENO, bytes, sizeof(bytes))) > 0) {
		now = now_ns();
		for (i = 0; i < got && done < count; i++) {
			if (bytes[i] != '\n')
				continue;
			if (skip > 0) {
				skip--;
				continue;
			}
			server->sent_ns[done] = now - server->sent_ns[done];
			done++;
		}
	}
	if (done == count)
		tell_latency(server->sent_ns, count);
	return NULL;
}

static void
prepare(struct server *server)
{
	size_t count = server->options->count, at = 0, len, i;
	char text[EVENTS_TEXT];
	struct event event;

	server->frames = malloc(count * (EVENTS_TEXT + 4) + 1);
	server->ends = calloc(count + 1, sizeof(*server->ends));
	server->sent_ns = calloc(count + 1, sizeof(*server->sent_ns));
	if (server->frames == NULL || server->ends == NULL ||
	    server->sent_ns == NULL)
		abort();
	for (i = 0; i < count; i++) {
		events_next(server->events, i + 1 == count, &event);
		len = events_text(server->events, &event, text);
		server->frames[at++] = 0x81;
		if (len > 125) {
			server->frames[at++] = 126;
			server->frames[at++] = (unsigned char)(len >> 8);
		}
		server->frames[at++] = (unsigned char)len;
		memcpy(server->frames + at, text, len);
		at += len;
		server->ends[i] = at;
	}
}

static bool
prepare_tls(struct server *server)
{
	const struct serve_options *options = server->options;

	if (options->certificate == NULL)
		return true;
	server->tls = SSL_CTX_new(TLS_server_method());
	return server->tls != NULL &&
	    SSL_CTX_use_certificate_chain_file(
		server->tls, options->certificate) == 1 &&
	    SSL_CTX_use_PrivateKey_file(
		server->tls, options->key, SSL_FILETYPE_PEM) == 1;
}

static int
listen_somewhere(struct server *server)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);
	int fd;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) == -1 ||
	    listen(fd, 64) == -1 ||
	    getsockname(fd, (struct sockaddr *)&address, &len) == -1)
		return -1;
	server->port = ntohs(address.sin_port);
	return fd;
}

static bool
in_thread(void *(*fn)(void *), void *arg)
{
	pthread_t thread;

	return pthread_create(&thread, NULL, fn, arg) == 0 &&
	    pthread_detach(thread) == 0;
}

static void
accept_one(struct server *server, int listener)
{
	struct peer *peer;
	int one = 1, fd;

	fd = accept(listener, NULL, NULL);
	if (fd == -1)
		return;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	peer = calloc(1, sizeof(*peer));
	if (peer == NULL)
		abort();
	peer->server = server;
	peer->fd = fd;
	peer->bytes = calloc(REQUEST + 1, 1);
	if (peer->bytes == NULL || !in_thread(serve_peer, peer))
		abort();
}

int
serve(struct events *events, const struct serve_options *options)
{
	static struct server server;
	int listener;

	(void)signal(SIGPIPE, SIG_IGN);
	server.events = events;
	server.options = options;
	(void)pthread_mutex_init(&server.lock, NULL);
	(void)pthread_cond_init(&server.progress, NULL);
	prepare(&server);
	listener = listen_somewhere(&server);
	if (listener == -1 || !prepare_tls(&server)) {
		(void)fputs("blast: cannot serve\n", stderr);
		return 1;
	}
	if (options->rate > 0 && !in_thread(read_lines, &server))
		abort();
	tell("port", server.port);
	for (;;)
		accept_one(&server, listener);
}
