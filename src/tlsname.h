/*
 * tlsname: whose a server's certificate is.
 *
 * It names its hosts as subject alternative names, and as nothing else (RFC
 * 9525): OpenSSL, libcurl and libwebsockets alike would take the common name
 * where there is none of them, which no authority checks any more.
 */
#ifndef GCP_TLSNAME_H
#define GCP_TLSNAME_H

#include <stdbool.h>

/*
 * Makes handshakes of an SSL_CTX fail where the certificate does not name the
 * host; -1 where memory is short.
 */
int tlsname_demand(void *ssl_ctx, const char *host);

/* Whether the certificate of the other side of an SSL names the host. */
bool tlsname_fits(const void *ssl, const char *host);

#endif
