#include "config.h"

#include "sockend.h"

#include <sys/socket.h>

#include <libwebsockets.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include "header.h"
#include "now.h"

const char *
sockend_code_name(int code)
{
	static const struct {
		int code;
		const char *name;
	} names[] = {
		{ 1000, "normal" },
		{ 1001, "going away" },
		{ 1002, "protocol error, or restart or overload" },
		{ 1003, "unsupported data" },
		{ 1005, "no code given" },
		{ 1007, "invalid data" },
		{ 1008, "policy violation" },
		{ 1009, "message too big" },
		{ 1010, "extension wanted" },
		{ 1011, "server error" },
		{ 1012, "service restart" },
		{ 1013, "try again later" },
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].code == code)
			return names[i].name;
	return code >= 4000 && code <= 4999 ? "of the application"
					    : "of no known meaning";
}

const char *
sockend_tls_trouble(struct lws *wsi, bool *ret_bad_certificate)
{
	SSL *ssl = lws_get_ssl(wsi);
	unsigned long error;
	long result;

	*ret_bad_certificate = false;
	if (ssl == NULL)
		return NULL;
	result = SSL_get_verify_result(ssl);
	if (result != X509_V_OK) {
		*ret_bad_certificate = true;
		return X509_verify_cert_error_string(result);
	}
	error = ERR_peek_last_error();
	if (error != 0)
		return ERR_reason_error_string(error);
	/* libwebsockets has thrown the reason away. */
	return SSL_is_init_finished(ssl)
	    ? NULL
	    : "the handshake failed: perhaps there is no protocol version "
	      "(1.2 at least) or cipher that both sides have";
}

int64_t
sockend_retry_after_ms(struct lws *wsi)
{
	char text[64];

	if (lws_hdr_copy(wsi, text, sizeof(text), WSI_TOKEN_HTTP_RETRY_AFTER) <=
	    0)
		return -1;
	return header_retry_after(text, now_wall_ms());
}

bool
sockend_has_peer(struct lws *wsi)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);

	return getpeername(lws_get_socket_fd(wsi),
		   (struct sockaddr *)(void *)&peer, &len) == 0;
}
