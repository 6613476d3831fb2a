#include "config.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <pthread.h>

#include "resolve.h"
#include "test.h"
#include "until.h"

static struct {
	struct loop *loop;
	struct resolver *resolver;
	int answers;
	int wanted;
	struct resolved resolved;
	bool failed;
	struct fail why;
	char order[8];
} scene;

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool hangs;
	int asked;
} server = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, 0 };

typedef int getaddrinfo_fn(
    const char *, const char *, const struct addrinfo *, struct addrinfo **);

/* In place of the C library's: a name of ".test" can be made to hang. */
int
getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
    struct addrinfo **result)
{
	getaddrinfo_fn *real;

	if (name == NULL || strstr(name, ".test") == NULL) {
		real = (getaddrinfo_fn *)(uintptr_t)dlsym(
		    RTLD_NEXT, "getaddrinfo");
		return real(name, service, hints, result);
	}
	(void)pthread_mutex_lock(&server.lock);
	server.asked++;
	while (server.hangs)
		(void)pthread_cond_wait(&server.changed, &server.lock);
	(void)pthread_mutex_unlock(&server.lock);
	return EAI_NONAME;
}

static void
hang(bool hangs)
{
	(void)pthread_mutex_lock(&server.lock);
	server.hangs = hangs;
	(void)pthread_cond_broadcast(&server.changed);
	(void)pthread_mutex_unlock(&server.lock);
}

static int
make_scene(void **state)
{
	(void)state;
	memset(&scene, 0, sizeof(scene));
	scene.loop = new_loop();
	scene.resolver = resolver_new(scene.loop);
	return 0;
}

static int
free_scene(void **state)
{
	(void)state;
	resolver_free(scene.resolver);
	loop_free(scene.loop);
	return 0;
}

static void
on_answer(void *arg, const struct resolved *resolved, const struct fail *why)
{
	scene.order[scene.answers++] = *(const char *)arg;
	assert_int_equal(resolved == NULL, why != NULL);
	if (resolved != NULL) {
		scene.resolved = *resolved;
	} else {
		scene.failed = true;
		scene.why = *why;
	}
}

static bool
all_have_come(void *arg)
{
	(void)arg;
	return scene.answers == scene.wanted;
}

static void
ask(const char *host)
{
	scene.wanted = 1;
	assert_non_null(
	    resolve_start(scene.resolver, host, on_answer, (void *)"a"));
	/* Never from within. */
	assert_int_equal(scene.answers, 0);
	run_until(scene.loop, all_have_come, NULL);
}

static bool
is_loopback(const char *address)
{
	return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}

static void
resolve_localhost_is_this_machine(void **state)
{
	size_t i;

	(void)state;
	ask("localhost");
	assert_false(scene.failed);
	assert_in_range(scene.resolved.count, 1, RESOLVE_MAX);
	for (i = 0; i < scene.resolved.count; i++)
		assert_true(is_loopback(scene.resolved.addresses[i]));
}

static void
resolve_number_is_itself(void **state)
{
	(void)state;
	ask("192.0.2.7");
	assert_false(scene.failed);
	assert_int_equal(scene.resolved.count, 1);
	assert_string_equal(scene.resolved.addresses[0], "192.0.2.7");
}

static void
resolve_number_of_ipv6_is_itself(void **state)
{
	(void)state;
	ask("2001:db8::7");
	assert_false(scene.failed);
	assert_int_equal(scene.resolved.count, 1);
	assert_string_equal(scene.resolved.addresses[0], "2001:db8::7");
}

static void
resolve_name_that_can_never_be_one_fails(void **state)
{
	/* A label has at most 63 bytes: no name server is asked. */
	static const char name[] =
	    "an-label-of-more-than-sixty-three-bytes-is-not-allowed-in-the-dns"
	    ".invalid";

	(void)state;
	ask(name);
	assert_true(scene.failed);
	assert_true(scene.why.kind == FAIL_CONFIG ||
	    scene.why.kind == FAIL_UNREACHABLE);
	assert_fail(&scene.why, scene.why.kind, "cannot resolve host '");
	assert_fail(&scene.why, scene.why.kind, name);
}

static void
resolve_answers_come_in_the_order_of_the_questions(void **state)
{
	static const char names[] = "abcdef";
	size_t i;

	(void)state;
	for (i = 0; names[i] != '\0'; i++)
		assert_non_null(resolve_start(scene.resolver, "127.0.0.1",
		    on_answer, (void *)(uintptr_t)&names[i]));
	scene.wanted = 6;
	run_until(scene.loop, all_have_come, NULL);
	assert_string_equal(scene.order, names);
}

static void
resolve_that_is_cancelled_does_not_answer(void **state)
{
	struct lookup *first, *last;

	(void)state;
	first =
	    resolve_start(scene.resolver, "127.0.0.1", on_answer, (void *)"a");
	(void)resolve_start(
	    scene.resolver, "127.0.0.1", on_answer, (void *)"b");
	last =
	    resolve_start(scene.resolver, "127.0.0.1", on_answer, (void *)"c");
	(void)resolve_start(
	    scene.resolver, "127.0.0.1", on_answer, (void *)"d");
	resolve_cancel(first);
	resolve_cancel(last);
	resolve_cancel(NULL);
	scene.wanted = 2;
	run_until(scene.loop, all_have_come, NULL);
	assert_string_equal(scene.order, "bd");
}

static void
resolve_that_is_cancelled_while_it_waits_is_never_made(void **state)
{
	int i;

	(void)state;
	hang(true);
	server.asked = 0;
	(void)resolve_start(
	    scene.resolver, "first.test", on_answer, (void *)"a");
	for (i = 0; i < 100; i++)
		resolve_cancel(resolve_start(
		    scene.resolver, "other.test", on_answer, (void *)"b"));
	(void)resolve_start(
	    scene.resolver, "last.test", on_answer, (void *)"c");
	hang(false);
	scene.wanted = 2;
	run_until(scene.loop, all_have_come, NULL);
	assert_string_equal(scene.order, "ac");
	assert_int_equal(server.asked, 2);
}

static void
resolver_free_does_not_wait_for_lookups(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 20; i++)
		resolve_cancel(resolve_start(
		    scene.resolver, "localhost", on_answer, (void *)"a"));
	resolver_free(scene.resolver);
	scene.resolver = NULL;
	assert_int_equal(scene.answers, 0);
	resolver_free(NULL);
}

#define resolve_test(name) \
	cmocka_unit_test_setup_teardown(name, make_scene, free_scene)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		resolve_test(resolve_localhost_is_this_machine),
		resolve_test(resolve_number_is_itself),
		resolve_test(resolve_number_of_ipv6_is_itself),
		resolve_test(resolve_name_that_can_never_be_one_fails),
		resolve_test(
		    resolve_answers_come_in_the_order_of_the_questions),
		resolve_test(resolve_that_is_cancelled_does_not_answer),
		resolve_test(
		    resolve_that_is_cancelled_while_it_waits_is_never_made),
		resolve_test(resolver_free_does_not_wait_for_lookups),
	};

	return TEST_RUN(tests);
}
