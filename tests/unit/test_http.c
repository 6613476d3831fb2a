#include "config.h"

#include <netdb.h>
#include <pthread.h>

#include "http.h"
#include "proxy.h"
#include "test.h"
#include "until.h"

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool hangs;
	int asked;
} names = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, 0 };

/* In place of the C library's, for libcurl's threads too. */
int
getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
    struct addrinfo **result)
{
	(void)name;
	(void)service;
	(void)hints;
	(void)result;
	(void)pthread_mutex_lock(&names.lock);
	names.asked++;
	while (names.hangs)
		(void)pthread_cond_wait(&names.changed, &names.lock);
	(void)pthread_mutex_unlock(&names.lock);
	return EAI_AGAIN;
}

static void
hang(bool hangs)
{
	(void)pthread_mutex_lock(&names.lock);
	names.hangs = hangs;
	(void)pthread_cond_broadcast(&names.changed);
	(void)pthread_mutex_unlock(&names.lock);
}

static bool
is_asked(void *arg)
{
	bool asked;

	(void)arg;
	(void)pthread_mutex_lock(&names.lock);
	asked = names.asked > 0;
	(void)pthread_mutex_unlock(&names.lock);
	return asked;
}

static void
on_answer(void *arg, const struct http_answer *answer)
{
	(void)arg;
	(void)answer;
	fail_msg("an answer to a request that was cancelled");
}

static void
requests_whose_name_hangs_can_be_cancelled_at_once(void **state)
{
	struct http_request request = { .method = "GET" };
	struct http_call *call;
	struct proxies *proxies;
	struct fail why = { 0 };
	struct http *http;
	struct loop *loop;

	(void)state;
	hang(true);
	loop = new_loop();
	proxies = proxies_new(&why);
	assert_non_null(proxies);
	http = http_new(loop, "/dev/null", proxies, &why);
	assert_non_null(http);
	request.url = "http://name.test/";
	call = http_start(http, &request, on_answer, NULL);
	run_until(loop, is_asked, NULL);
	http_cancel(call);
	(void)http_start(http, &request, on_answer, NULL);
	http_free(http);
	proxies_free(proxies);
	loop_free(loop);
	hang(false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    requests_whose_name_hangs_can_be_cancelled_at_once),
	};

	return TEST_RUN(tests);
}
