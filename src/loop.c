#include "config.h"

#include "loop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <libwebsockets.h>

#include "caps.h"
#include "fail.h"
#include "log.h"
#include "now.h"
#include "xalloc.h"

struct loop {
	struct lws_context *context;
	struct lws_vhost *vhost;
	struct loop_waker *wakers;
	struct loop_fd *fds;
	struct loop_fd *signals;
	bool rearm;      /* some fd wants to know again when it is writable */
	int64_t now_ms;  /* in this round, NOW_NONE before the first question */
	int64_t wall_ms; /* likewise */
	bool in_haste;   /* the next round does not wait */
	bool woken;      /* loop_wake() has worked */
	loop_signal_fn *on_signal;
	void *on_signal_arg;
	bool stopping;
};

struct loop_waker {
	struct loop *loop;
	struct loop_waker *next;
	loop_wake_fn *fn;
	void *arg;
};

struct loop_timer {
	lws_sorted_usec_list_t sul;
	struct loop *loop;
	loop_timer_fn *fn;
	void *arg;
	bool set;
};

struct loop_fd {
	struct loop *loop;
	struct loop_fd *next;
	struct lws *wsi;
	loop_ready_fn *fn;
	void *arg;
	bool want_writable;
};

/* What the signal handler writes to: a signal has no other argument. */
static int signal_pipe[2] = { -1, -1 };

static void
call_wakers(struct loop *loop)
{
	struct loop_waker *waker, *next;

	for (waker = loop->wakers; waker != NULL; waker = next) {
		next = waker->next;
		waker->fn(waker->arg);
	}
}

/*
 * Tells the owner of a descriptor; the owner may free it in the call.  lws
 * takes back POLLOUT behind this callback, so what is asked for within it is
 * asked for again when the round is over.
 */
static void
report(struct lws *wsi, bool readable, bool writable)
{
	struct loop_fd *fd = lws_get_opaque_user_data(wsi);

	if (fd == NULL)
		return;
	if (writable) {
		fd->want_writable = false;
		fd->loop->rearm = true;
	}
	fd->fn(fd->arg, readable, writable);
}

static void
rearm(struct loop *loop)
{
	struct loop_fd *fd;

	loop->rearm = false;
	for (fd = loop->fds; fd != NULL; fd = fd->next)
		if (fd->want_writable && fd->wsi != NULL)
			(void)lws_callback_on_writable(fd->wsi);
}

static int
on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user,
    void *in, size_t len)
{
	struct loop *loop;
	struct loop_fd *fd;

	(void)user;
	(void)in;
	(void)len;
	switch ((int)reason) {
	case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
		loop = lws_context_user(lws_get_context(wsi));
		loop->woken = true;
		call_wakers(loop);
		break;
	case LWS_CALLBACK_RAW_RX_FILE:
		report(wsi, true, false);
		break;
	case LWS_CALLBACK_RAW_WRITEABLE_FILE:
		report(wsi, false, true);
		break;
	case LWS_CALLBACK_RAW_CLOSE_FILE:
		fd = lws_get_opaque_user_data(wsi);
		if (fd != NULL) {
			fd->wsi = NULL;
			lws_set_opaque_user_data(wsi, NULL);
			fd->fn(fd->arg, true, true);
		}
		break;
	default:
		break;
	}
	return 0;
}

static const struct lws_protocols protocols[] = {
	{ .name = "loop", .callback = on_event },
	{ .name = NULL },
};

static void
on_library_line(int level, const char *line)
{
	(void)level;
	log_debug("libwebsockets", "%.*s", (int)strcspn(line, "\n"), line);
}

static void
lower_fd_limit(unsigned int max_fds)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > max_fds) {
		limit.rlim_cur = max_fds;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/*
 * lws goes on without the descriptor that wakes it, where it gets none; nothing
 * of another thread would ever be heard of.
 */
static bool
can_wake(struct loop *loop)
{
	loop_wake(loop);
	return lws_service(loop->context, -1) >= 0 && loop->woken;
}

struct loop *
loop_new(unsigned int max_fds, struct fail *why)
{
	struct lws_context_creation_info info = { 0 };
	struct loop *loop;

	lower_fd_limit(max_fds);
	lws_set_log_level(LLL_ERR | LLL_WARN, on_library_line);
	loop = xcalloc(1, sizeof(*loop));
	loop->now_ms = NOW_NONE;
	loop->wall_ms = NOW_NONE;
	info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
	    LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	info.user = loop;
	info.gid = -1;
	info.uid = -1;
	info.pt_serv_buf_size = CAP_SOCKET_READ;
	/* The modules that connect have limits of their own, in their words. */
	info.timeout_secs = 30;
	loop->context = lws_create_context(&info);
	if (loop->context == NULL)
		goto failed;
	info.vhost_name = "loop";
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	/* This vhost has no use for TLS. */
	info.options = 0;
	loop->vhost = lws_create_vhost(loop->context, &info);
	if (loop->vhost == NULL || !can_wake(loop))
		goto failed;
	return loop;

failed:
	(void)fail_set(why, FAIL_INTERNAL,
	    "cannot start the event loop: libwebsockets refuses; -vv says why");
	loop_free(loop);
	return NULL;
}

void
loop_free(struct loop *loop)
{
	if (loop == NULL)
		return;
	loop_fd_free(loop->signals);
	if (loop->context != NULL)
		lws_context_destroy(loop->context);
	free(loop);
}

int
loop_run(struct loop *loop, loop_turn_fn *turn, void *arg, struct fail *why)
{
	int timeout;

	while (!loop->stopping) {
		/* 0: until the next event or timer; -1: what is ready now. */
		timeout = loop->in_haste ? -1 : 0;
		loop->in_haste = false;
		loop->now_ms = NOW_NONE;
		loop->wall_ms = NOW_NONE;
		if (lws_service(loop->context, timeout) < 0)
			return fail_set(why, FAIL_INTERNAL,
			    "the event loop broke: %s", strerror(errno));
		if (loop->rearm)
			rearm(loop);
		if (turn != NULL)
			turn(arg);
	}
	return 0;
}

void
loop_stop(struct loop *loop)
{
	loop->stopping = true;
	loop_wake(loop);
}

int64_t
loop_now_ms(struct loop *loop)
{
	if (loop->now_ms == NOW_NONE)
		loop->now_ms = now_ms();
	return loop->now_ms;
}

int64_t
loop_wall_ms(struct loop *loop)
{
	if (loop->wall_ms == NOW_NONE)
		loop->wall_ms = now_wall_ms();
	return loop->wall_ms;
}

void
loop_hasten(struct loop *loop)
{
	loop->in_haste = true;
}

void
loop_wake(struct loop *loop)
{
	lws_cancel_service(loop->context);
}

struct loop_waker *
loop_waker_new(struct loop *loop, loop_wake_fn *fn, void *arg)
{
	struct loop_waker *waker;

	waker = xcalloc(1, sizeof(*waker));
	waker->loop = loop;
	waker->fn = fn;
	waker->arg = arg;
	waker->next = loop->wakers;
	loop->wakers = waker;
	return waker;
}

void
loop_waker_free(struct loop_waker *waker)
{
	struct loop_waker **link;

	if (waker == NULL)
		return;
	for (link = &waker->loop->wakers; *link != waker;)
		link = &(*link)->next;
	*link = waker->next;
	free(waker);
}

static void
on_signal(int signal_number)
{
	unsigned char byte = (unsigned char)signal_number;
	int saved = errno;

	(void)!write(signal_pipe[1], &byte, 1);
	errno = saved;
}

static void
on_signal_pipe(void *arg, bool readable, bool writable)
{
	struct loop *loop = arg;
	unsigned char byte;

	(void)readable;
	(void)writable;
	while (read(signal_pipe[0], &byte, 1) == 1)
		loop->on_signal(loop->on_signal_arg, byte);
}

int
loop_catch_signals(struct loop *loop, const int *signals, loop_signal_fn *fn,
    void *arg, struct fail *why)
{
	struct sigaction action = { .sa_handler = on_signal };
	size_t i;

	if (pipe2(signal_pipe, O_CLOEXEC | O_NONBLOCK) == -1)
		return fail_set(why, FAIL_INTERNAL, "cannot make a pipe: %s",
		    strerror(errno));
	loop->on_signal = fn;
	loop->on_signal_arg = arg;
	loop->signals = loop_fd_new(loop, signal_pipe[0], on_signal_pipe, loop);
	if (loop->signals == NULL)
		return fail_set(why, FAIL_INTERNAL,
		    "cannot watch for signals: too many open files");
	loop_fd_want(loop->signals, true, false);
	(void)sigemptyset(&action.sa_mask);
	for (i = 0; signals[i] != 0; i++) {
		action.sa_flags = SA_RESTART;
		/* A loop that hangs must not outlive the second one. */
		if (signals[i] == SIGTERM || signals[i] == SIGINT)
			action.sa_flags = (int)(SA_RESTART | SA_RESETHAND);
		(void)sigaction(signals[i], &action, NULL);
	}
	return 0;
}

static void
on_timer(lws_sorted_usec_list_t *sul)
{
	struct loop_timer *timer =
	    lws_container_of(sul, struct loop_timer, sul);
	struct loop *loop = timer->loop;

	timer->set = false;
	timer->fn(timer->arg);
	/* lws runs timers before it waits; have it come back for the turn. */
	loop_wake(loop);
}

struct loop_timer *
loop_timer_new(struct loop *loop, loop_timer_fn *fn, void *arg)
{
	struct loop_timer *timer;

	timer = xcalloc(1, sizeof(*timer));
	timer->loop = loop;
	timer->fn = fn;
	timer->arg = arg;
	return timer;
}

void
loop_timer_free(struct loop_timer *timer)
{
	if (timer == NULL)
		return;
	loop_timer_stop(timer);
	free(timer);
}

void
loop_timer_set(struct loop_timer *timer, int64_t delay_ms)
{
	/* lws takes 0 for "never"; so "at once" is a microsecond. */
	lws_sul_schedule(timer->loop->context, 0, &timer->sul, on_timer,
	    delay_ms > 0 ? delay_ms * 1000 : 1);
	timer->set = true;
}

void
loop_timer_stop(struct loop_timer *timer)
{
	lws_sul_cancel(&timer->sul);
	timer->set = false;
}

bool
loop_timer_is_set(const struct loop_timer *timer)
{
	return timer->set;
}

struct loop_fd *
loop_fd_new(struct loop *loop, int fd, loop_ready_fn *fn, void *arg)
{
	lws_adopt_desc_t adopt = { 0 };
	struct loop_fd *watched;
	int copy;

	/* lws closes what it adopts. */
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (copy == -1)
		return NULL;
	watched = xcalloc(1, sizeof(*watched));
	watched->loop = loop;
	watched->fn = fn;
	watched->arg = arg;
	adopt.vh = loop->vhost;
	adopt.type = LWS_ADOPT_RAW_FILE_DESC;
	adopt.fd.filefd = copy;
	adopt.vh_prot_name = protocols[0].name;
	watched->wsi = lws_adopt_descriptor_vhost_via_info(&adopt);
	if (watched->wsi == NULL) {
		(void)close(copy);
		free(watched);
		return NULL;
	}
	/* Not before: of one that it refuses lws keeps remains, and tells. */
	lws_set_opaque_user_data(watched->wsi, watched);
	watched->next = loop->fds;
	loop->fds = watched;
	loop_fd_want(watched, false, false);
	return watched;
}

void
loop_fd_free(struct loop_fd *fd)
{
	struct loop_fd **link;

	if (fd == NULL)
		return;
	for (link = &fd->loop->fds; *link != fd;)
		link = &(*link)->next;
	*link = fd->next;
	if (fd->wsi != NULL) {
		lws_set_opaque_user_data(fd->wsi, NULL);
		lws_set_timeout(
		    fd->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
	}
	free(fd);
}

void
loop_fd_want(struct loop_fd *fd, bool readable, bool writable)
{
	if (fd->wsi == NULL)
		return;
	(void)lws_rx_flow_control(fd->wsi, readable);
	fd->want_writable = writable;
	if (writable)
		(void)lws_callback_on_writable(fd->wsi);
}

struct lws_context *
loop_context(struct loop *loop)
{
	return loop->context;
}
