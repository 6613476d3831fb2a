#include "config.h"

#include "net.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libwebsockets.h>
#include <openssl/ssl.h>

#include "buf.h"
#include "door.h"
#include "fail.h"
#include "log.h"
#include "loop.h"
#include "xalloc.h"

/* Bytes of one write, and what is read at once. */
#define WRITE_BYTES 65536
#define READ_BYTES  16384
/* How long the other side may take to read the rest, and then to end. */
#define FINISH_S 60
#define LINGER_S 2

struct net {
	struct lws_vhost *vhost;
	struct door *door;
	net_accept_fn *fn;
	void *arg;
	struct conn *conns;
};

struct conn {
	struct net *net;
	struct conn *next, *previous;
	struct lws *wsi;
	const struct conn_user *user;
	void *arg;
	struct buf out;
	size_t sent; /* bytes of out that are gone */
	bool held;
	bool frozen;
	bool finishing;
	bool dead;
	bool reading_paused;
};

static void
conn_new(struct net *net, struct lws *wsi)
{
	struct conn *conn;

	conn = xcalloc(1, sizeof(*conn));
	conn->net = net;
	conn->wsi = wsi;
	buf_init(&conn->out, SIZE_MAX);
	conn->next = net->conns;
	if (net->conns != NULL)
		net->conns->previous = conn;
	net->conns = conn;
	lws_set_opaque_user_data(wsi, conn);
	net->fn(net->arg, conn);
}

static void
conn_gone(struct conn *conn)
{
	if (conn->previous != NULL)
		conn->previous->next = conn->next;
	else
		conn->net->conns = conn->next;
	if (conn->next != NULL)
		conn->next->previous = conn->previous;
	if (conn->user != NULL)
		conn->user->on_closed(conn->arg);
	buf_done(&conn->out);
	free(conn);
}

/* Everything is sent: tell the other side, and wait for it. */
static void
end_sending(struct conn *conn)
{
	SSL *ssl = lws_get_ssl(conn->wsi);

	if (ssl != NULL && SSL_is_init_finished(ssl))
		(void)SSL_shutdown(ssl);
	(void)shutdown(lws_get_socket_fd(conn->wsi), SHUT_WR);
	lws_set_timeout(conn->wsi, PENDING_TIMEOUT_USER_OK, LINGER_S);
}

static int
on_writable(struct conn *conn)
{
	size_t len = conn_waiting(conn);

	if (conn->held || conn->frozen)
		return 0;
	if (len > WRITE_BYTES)
		len = WRITE_BYTES;
	if (len > 0) {
		if (lws_write(conn->wsi,
			(unsigned char *)conn->out.bytes + conn->sent, len,
			LWS_WRITE_RAW) < 0)
			return -1;
		conn->sent += len;
	}
	/* Moving what is left is worth it when it is the smaller part. */
	if (conn->sent > conn->out.len / 2) {
		buf_drop(&conn->out, conn->sent);
		conn->sent = 0;
	}
	/*
	 * lws keeps what the socket did not take.  Until that is gone it reads
	 * nothing, yet would be woken again and again for what comes in.
	 */
	if (lws_partial_buffered(conn->wsi) != conn->reading_paused) {
		conn->reading_paused = !conn->reading_paused;
		(void)lws_rx_flow_control(
		    conn->wsi, conn->reading_paused ? 0 : 1);
	}
	if (conn_waiting(conn) > 0)
		(void)lws_callback_on_writable(conn->wsi);
	else if (conn->finishing && !lws_partial_buffered(conn->wsi))
		end_sending(conn);
	return 0;
}

static void
on_bytes(struct conn *conn, const char *bytes, size_t len)
{
	struct span span = { bytes, len };

	if (conn->finishing)
		return;
	/* lws gives a TLS handshake some seconds, and then the request. */
	lws_set_timeout(conn->wsi, NO_PENDING_TIMEOUT, 0);
	if (conn->user != NULL)
		conn->user->on_bytes(conn->arg, span);
}

static int
on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user,
    void *in, size_t len)
{
	struct conn *conn;

	(void)user;
	switch ((int)reason) {
	case LWS_CALLBACK_RAW_ADOPT:
		conn_new(lws_get_vhost_user(lws_get_vhost(wsi)), wsi);
		return 0;
	case LWS_CALLBACK_RAW_RX:
	case LWS_CALLBACK_RAW_WRITEABLE:
	case LWS_CALLBACK_RAW_CLOSE:
		conn = lws_get_opaque_user_data(wsi);
		break;
	default:
		return 0;
	}
	if (conn == NULL)
		return -1;
	if (reason == LWS_CALLBACK_RAW_CLOSE) {
		lws_set_opaque_user_data(wsi, NULL);
		conn_gone(conn);
		return 0;
	}
	if (conn->dead)
		return -1;
	if (reason == LWS_CALLBACK_RAW_WRITEABLE)
		return on_writable(conn);
	on_bytes(conn, in, len);
	return conn->dead ? -1 : 0;
}

static const struct lws_protocols protocols[] = {
	{
	    .name = "sim",
	    .callback = on_event,
	    .rx_buffer_size = READ_BYTES,
	    .tx_packet_size = WRITE_BYTES,
	},
	{ .name = NULL },
};

static void
adopt(void *arg, int fd)
{
	struct net *net = arg;
	lws_adopt_desc_t adopt = { 0 };
	int on = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	adopt.vh = net->vhost;
	adopt.type = LWS_ADOPT_SOCKET | LWS_ADOPT_ALLOW_SSL;
	adopt.fd.sockfd = fd;
	adopt.vh_prot_name = protocols[0].name;
	/* lws closes what it cannot adopt. */
	if (lws_adopt_descriptor_vhost_via_info(&adopt) == NULL)
		log_warning("net", "a connection cannot be served");
}

/* lws only says in its log that a file cannot be read. */
static int
check_file(const char *path, struct fail *why)
{
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return fail_set(why, FAIL_FILE, "cannot read '%s': %s", path,
		    strerror(errno));
	(void)close(fd);
	return 0;
}

static int
make_vhost(struct net *net, struct lws_context *context,
    const struct net_options *options, struct fail *why)
{
	struct lws_context_creation_info info = { 0 };

	info.vhost_name = "sim";
	info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
	info.protocols = protocols;
	info.user = net;
	if (options->certificate != NULL) {
		if (check_file(options->certificate, why) == -1 ||
		    check_file(options->key, why) == -1)
			return -1;
		info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
		info.ssl_cert_filepath = options->certificate;
		info.ssl_private_key_filepath = options->key;
		info.alpn = "http/1.1";
	}
	net->vhost = lws_create_vhost(context, &info);
	if (net->vhost == NULL)
		return fail_set(why, FAIL_CONFIG,
		    "'%s' and '%s' are not a certificate and its key; "
		    "-vv says why",
		    options->certificate, options->key);
	return 0;
}

struct net *
net_new(struct loop *loop, const struct net_options *options, net_accept_fn *fn,
    void *arg, struct fail *why)
{
	struct net *net;

	net = xcalloc(1, sizeof(*net));
	net->fn = fn;
	net->arg = arg;
	if (make_vhost(net, loop_context(loop), options, why) == 0)
		net->door = door_new(
		    loop, options->host, options->port, adopt, net, why);
	if (net->door == NULL) {
		net_free(net);
		return NULL;
	}
	return net;
}

void
net_free(struct net *net)
{
	if (net == NULL)
		return;
	door_free(net->door);
	while (net->conns != NULL)
		lws_set_timeout(
		    net->conns->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
	free(net);
}

struct door *
net_door(const struct net *net)
{
	return net->door;
}

void
conn_serve(struct conn *conn, const struct conn_user *user, void *arg)
{
	conn->user = user;
	conn->arg = arg;
}

struct buf *
conn_out(struct conn *conn)
{
	return &conn->out;
}

void
conn_flush(struct conn *conn)
{
	if (!conn->held && !conn->frozen && !conn->dead)
		(void)lws_callback_on_writable(conn->wsi);
}

size_t
conn_waiting(const struct conn *conn)
{
	return conn->out.len - conn->sent;
}

void
conn_hold(struct conn *conn, bool held)
{
	conn->held = held;
	if (!held)
		conn_flush(conn);
}

void
conn_freeze(struct conn *conn)
{
	conn->frozen = true;
	(void)lws_rx_flow_control(conn->wsi, 0);
}

void
conn_finish(struct conn *conn)
{
	conn->finishing = true;
	if (!conn->dead)
		lws_set_timeout(conn->wsi, PENDING_TIMEOUT_USER_OK, FINISH_S);
	conn_flush(conn);
}

void
conn_sever(struct conn *conn)
{
	if (conn->dead)
		return;
	conn->dead = true;
	lws_set_timeout(conn->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

void
conn_reset(struct conn *conn)
{
	struct linger linger = { .l_onoff = 1, .l_linger = 0 };

	(void)setsockopt(lws_get_socket_fd(conn->wsi), SOL_SOCKET, SO_LINGER,
	    &linger, sizeof(linger));
	conn_sever(conn);
}
