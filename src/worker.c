#include "config.h"

#include "worker.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fail.h"
#include "xalloc.h"

/* Its default is to be ignored, and nobody here uses urgent data. */
#define NUDGE SIGURG
/* A thread that is about to block is nudged again after this. */
#define NUDGE_NS 1000000

struct worker {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t end;
	bool ended;
	worker_fn *fn;
	void *arg;
};

static void
on_nudge(int signal_number)
{
	(void)signal_number;
}

static void *
work(void *arg)
{
	struct worker *worker = arg;

	worker->fn(worker->arg);
	(void)pthread_mutex_lock(&worker->lock);
	worker->ended = true;
	(void)pthread_cond_signal(&worker->end);
	(void)pthread_mutex_unlock(&worker->lock);
	return NULL;
}

struct worker *
worker_start(worker_fn *fn, void *arg, const char *name, struct fail *why)
{
	struct sigaction action = { .sa_handler = on_nudge };
	struct worker *worker;
	int error;

	/* Without SA_RESTART: the system call is to fail. */
	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(NUDGE, &action, NULL);
	worker = xcalloc(1, sizeof(*worker));
	worker->fn = fn;
	worker->arg = arg;
	(void)pthread_mutex_init(&worker->lock, NULL);
	(void)pthread_cond_init(&worker->end, NULL);
	error = pthread_create(&worker->thread, NULL, work, worker);
	if (error != 0) {
		(void)fail_set(why, FAIL_INTERNAL,
		    "cannot start the %s thread: %s", name, strerror(error));
		free(worker);
		return NULL;
	}
	return worker;
}

void
worker_stop(struct worker *worker)
{
	struct timespec until;

	if (worker == NULL)
		return;
	(void)pthread_mutex_lock(&worker->lock);
	while (!worker->ended) {
		(void)pthread_kill(worker->thread, NUDGE);
		(void)clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += NUDGE_NS;
		if (until.tv_nsec >= 1000000000) {
			until.tv_nsec -= 1000000000;
			until.tv_sec++;
		}
		(void)pthread_cond_timedwait(
		    &worker->end, &worker->lock, &until);
	}
	(void)pthread_mutex_unlock(&worker->lock);
	(void)pthread_join(worker->thread, NULL);
	(void)pthread_mutex_destroy(&worker->lock);
	(void)pthread_cond_destroy(&worker->end);
	free(worker);
}
