/*
 * sockend: what is known of a WebSocket that ended, or never opened.
 */
#ifndef GCP_SOCKEND_H
#define GCP_SOCKEND_H

#include <stdbool.h>
#include <stdint.h>

struct lws;

/* "going away"; the name of a close code in RFC 6455 and its registry. */
const char *sockend_code_name(int code);

/*
 * What OpenSSL has to say of a failed handshake, or NULL; static text.
 * ret_bad_certificate: whether it is the server's certificate.
 */
const char *sockend_tls_trouble(struct lws *wsi, bool *ret_bad_certificate);

/*
 * The Retry-After of a refused handshake; milliseconds up to
 * CAP_RETRY_AFTER_MS, or -1.
 */
int64_t sockend_retry_after_ms(struct lws *wsi);

/* Whether TCP has connected. */
bool sockend_has_peer(struct lws *wsi);

#endif
