#include "config.h"

#include "tlsname.h"

#include <string.h>

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#define FLAGS                                  \
	(X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | \
	    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS)

/* Without the dot that ends a name of the DNS; certificates have none. */
static size_t
length(const char *host)
{
	size_t len = strlen(host);

	return len > 1 && host[len - 1] == '.' ? len - 1 : len;
}

int
tlsname_demand(void *ssl_ctx, const char *host)
{
	X509_VERIFY_PARAM *param = SSL_CTX_get0_param(ssl_ctx);

	X509_VERIFY_PARAM_set_hostflags(param, FLAGS);
	if (X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1)
		return 0;
	return X509_VERIFY_PARAM_set1_host(param, host, length(host)) == 1 ? 0
									   : -1;
}

bool
tlsname_fits(const void *ssl, const char *host)
{
	X509 *certificate;
	int fits;

	certificate = ssl == NULL ? NULL : SSL_get_peer_certificate(ssl);
	if (certificate == NULL)
		return false;
	/* -2: it is no address. */
	fits = X509_check_ip_asc(certificate, host, 0);
	if (fits == -2)
		fits = X509_check_host(
		    certificate, host, length(host), FLAGS, NULL);
	X509_free(certificate);
	return fits == 1;
}
