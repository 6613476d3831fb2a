#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#include "test.h"
#include "worker.h"

static struct {
	atomic_bool stopping;
	atomic_int rounds;
	int ends[2];
} scene;

static int
make_scene(void **state)
{
	(void)state;
	atomic_store(&scene.stopping, false);
	atomic_store(&scene.rounds, 0);
	return pipe2(scene.ends, O_CLOEXEC);
}

static int
free_scene(void **state)
{
	(void)state;
	(void)close(scene.ends[0]);
	(void)close(scene.ends[1]);
	return 0;
}

static void
work_once(void *arg)
{
	assert_ptr_equal(arg, &scene);
	(void)!write(scene.ends[1], "x", 1);
}

/* Blocks in read() until it is told to stop. */
static void
read_for_ever(void *arg)
{
	char byte;

	(void)arg;
	while (!atomic_load(&scene.stopping)) {
		(void)atomic_fetch_add(&scene.rounds, 1);
		if (read(scene.ends[0], &byte, 1) == -1)
			assert_int_equal(errno, EINTR);
	}
}

/* Blocks in write() to a full pipe. */
static void
write_for_ever(void *arg)
{
	static const char block[65536];

	(void)arg;
	while (!atomic_load(&scene.stopping))
		(void)!write(scene.ends[1], block, sizeof(block));
}

static struct worker *
start(worker_fn *fn)
{
	struct fail why = { 0 };
	struct worker *worker;

	worker = worker_start(fn, &scene, "test", &why);
	if (worker == NULL)
		fail_msg("%s", why.text);
	return worker;
}

static void
worker_does_its_work_on_another_thread(void **state)
{
	struct worker *worker = start(work_once);
	char byte;

	(void)state;
	assert_int_equal(read(scene.ends[0], &byte, 1), 1);
	worker_stop(worker);
}

static void
worker_that_blocks_in_a_read_is_stopped(void **state)
{
	int i;

	(void)state;
	/* At whatever moment: just started, about to block, blocked. */
	for (i = 0; i < 50; i++) {
		struct worker *worker;

		atomic_store(&scene.stopping, false);
		atomic_store(&scene.rounds, 0);
		worker = start(read_for_ever);
		while (i % 2 == 0 && atomic_load(&scene.rounds) == 0)
			(void)sched_yield();
		atomic_store(&scene.stopping, true);
		worker_stop(worker);
	}
}

static void
worker_that_blocks_in_a_write_is_stopped(void **state)
{
	struct worker *worker = start(write_for_ever);
	char byte;

	(void)state;
	assert_int_equal(read(scene.ends[0], &byte, 1), 1);
	atomic_store(&scene.stopping, true);
	worker_stop(worker);
}

static void
worker_that_has_ended_may_be_stopped(void **state)
{
	struct worker *worker = start(work_once);

	(void)state;
	worker_stop(worker);
	worker_stop(NULL);
}

#define worker_test(name) \
	cmocka_unit_test_setup_teardown(name, make_scene, free_scene)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		worker_test(worker_does_its_work_on_another_thread),
		worker_test(worker_that_blocks_in_a_read_is_stopped),
		worker_test(worker_that_blocks_in_a_write_is_stopped),
		worker_test(worker_that_has_ended_may_be_stopped),
	};

	return TEST_RUN(tests);
}
