/*
 * receive: the floors of the bench.  Takes COUNT messages of a WebSocket, does
 * nothing with them, and ends.
 *
 *   receive lws  PORT CA-FILE|- PATH COUNT    a bare libwebsockets client
 *   receive recv PORT CA-FILE|- PATH COUNT    recv() or SSL_read(), and no
 *                                             more framing than counting takes
 *
 *   receive relay PORT CA-FILE|- PATH COUNT   the same, and a line on standard
 *                                             output for each message
 *
 * With a CA file the connection is TLS, to localhost.
 */
#include "config.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libwebsockets.h>
#include <openssl/ssl.h>

/* What gcpresence reads at once, too. */
#define READ_BYTES 16384

static size_t wanted, received;
static bool lost;

static int
on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user,
    void *in, size_t len)
{
	(void)user;
	(void)in;
	(void)len;
	switch ((int)reason) {
	case LWS_CALLBACK_CLIENT_RECEIVE:
		if (lws_is_final_fragment(wsi) &&
		    lws_remaining_packet_payload(wsi) == 0)
			received++;
		break;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
	case LWS_CALLBACK_CLIENT_CLOSED:
		lost = true;
		break;
	default:
		break;
	}
	return 0;
}

static const struct lws_protocols protocols[] = {
	{ .name = "receive",
	    .callback = on_event,
	    .rx_buffer_size = READ_BYTES },
	{ .name = NULL },
};

static int
receive_lws(int port, const char *ca, const char *path)
{
	struct lws_context_creation_info info = { 0 };
	struct lws_client_connect_info to = { 0 };
	struct lws_context *context;

	lws_set_log_level(LLL_ERR, NULL);
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.gid = -1;
	info.uid = -1;
	info.pt_serv_buf_size = READ_BYTES;
	if (ca != NULL) {
		info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT |
		    LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;
		info.client_ssl_ca_filepath = ca;
	}
	context = lws_create_context(&info);
	if (context == NULL)
		return 1;
	to.context = context;
	to.address = ca != NULL ? "localhost" : "127.0.0.1";
	to.host = to.address;
	to.port = port;
	to.path = path;
	to.ssl_connection = ca != NULL ? LCCSCF_USE_SSL : 0;
	if (lws_client_connect_via_info(&to) == NULL)
		return 1;
	while (received < wanted && !lost)
		if (lws_service(context, 0) < 0)
			break;
	lws_context_destroy(context);
	return received >= wanted ? 0 : 1;
}

static SSL *
secure(int fd, const char *ca)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	SSL *ssl;

	if (context == NULL ||
	    SSL_CTX_load_verify_locations(context, ca, NULL) != 1)
		return NULL;
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	ssl = SSL_new(context);
	if (ssl == NULL || SSL_set1_host(ssl, "localhost") != 1 ||
	    SSL_set_fd(ssl, fd) != 1 || SSL_connect(ssl) != 1)
		return NULL;
	return ssl;
}

/*
 * Counts the frames that begin in the bytes; skip: what is left of the frame
 * before.  Returns how many bytes at the end are half a head.
 */
static size_t
count_frames(const unsigned char *bytes, size_t len, size_t *skip)
{
	size_t at = *skip, size;

	for (;;) {
		if (at >= len) {
			*skip = at - len;
			return 0;
		}
		size = at + 1 < len && (bytes[at + 1] & 0x7f) == 126 ? 4 : 2;
		if (at + size > len) {
			*skip = 0;
			return len - at;
		}
		received++;
		at += size == 2
		    ? size + bytes[at + 1]
		    : size + (size_t)(bytes[at + 2] << 8 | bytes[at + 3]);
	}
}

static ssize_t
take(int fd, SSL *ssl, void *bytes, size_t room)
{
	return ssl != NULL ? SSL_read(ssl, bytes, (int)room)
			   : recv(fd, bytes, room, 0);
}

/* Reads up to the end of the head; what follows it is kept. */
static size_t
take_head(int fd, SSL *ssl, char *bytes, size_t room)
{
	size_t len = 0;
	char *end;
	ssize_t got;

	for (;;) {
		got = take(fd, ssl, bytes + len, room - 1 - len);
		if (got <= 0)
			return 0;
		len += (size_t)got;
		bytes[len] = '\0';
		end = strstr(bytes, "\r\n\r\n");
		if (end == NULL)
			continue;
		len -= (size_t)(end + 4 - bytes);
		memmove(bytes, end + 4, len);
		return len;
	}
}

/* As many newlines as messages came since the last time. */
static bool
answer(void)
{
	static const char lines[] = "\n\n\n\n\n\n\n\n";
	static size_t answered;
	size_t more;

	for (; answered < received; answered += more) {
		more = received - answered;
		if (more > sizeof(lines) - 1)
			more = sizeof(lines) - 1;
		if (write(STDOUT_FILENO, lines, more) != (ssize_t)more)
			return false;
	}
	return true;
}

static int
receive_recv(int port, const char *ca, const char *path, bool relay)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port) };
	static char bytes[65536 + 8];
	char head[512];
	SSL *ssl = NULL;
	size_t have, skip = 0, left;
	ssize_t got;
	int fd;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == -1 ||
	    (ca != NULL && (ssl = secure(fd, ca)) == NULL))
		return 1;
	(void)snprintf(head, sizeof(head),
	    "GET %s HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
	    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
	    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
	    path);
	if (ssl != NULL ? SSL_write(ssl, head, (int)strlen(head)) <= 0
			: send(fd, head, strlen(head), 0) <= 0)
		return 1;
	have = take_head(fd, ssl, bytes, sizeof(bytes));
	for (;;) {
		left = count_frames((unsigned char *)bytes, have, &skip);
		if (relay && !answer())
			return 1;
		if (received >= wanted)
			return 0;
		memmove(bytes, bytes + have - left, left);
		got = take(fd, ssl, bytes + left, sizeof(bytes) - left);
		if (got <= 0)
			return 1;
		have = left + (size_t)got;
	}
}

int
main(int argc, char *argv[])
{
	const char *ca;
	int port;

	if (argc != 6) {
		(void)fputs(
		    "usage: receive lws|recv|relay PORT CA-FILE|- PATH COUNT\n",
		    stderr);
		return 64;
	}
	port = (int)strtol(argv[2], NULL, 10);
	ca = strcmp(argv[3], "-") == 0 ? NULL : argv[3];
	wanted = strtoul(argv[5], NULL, 10);
	if (strcmp(argv[1], "lws") == 0)
		return receive_lws(port, ca, argv[4]);
	return receive_recv(port, ca, argv[4], strcmp(argv[1], "relay") == 0);
}
