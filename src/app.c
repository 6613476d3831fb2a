#include "config.h"

#include "app.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "capacity.h"
#include "check.h"
#include "delta.h"
#include "endpoints.h"
#include "fail.h"
#include "intake.h"
#include "link.h"
#include "log.h"
#include "loop.h"
#include "metrics.h"
#include "monitor.h"
#include "notifications.h"
#include "notify.h"
#include "now.h"
#include "options.h"
#include "plan.h"
#include "preview.h"
#include "progress.h"
#include "replay.h"
#include "service.h"
#include "settings.h"
#include "setup.h"
#include "sight.h"
#include "sink.h"
#include "stats.h"
#include "stream.h"
#include "token.h"
#include "xalloc.h"

/* Descriptors that a run with the most connections needs, and then some. */
#define MAX_FDS 1024
/* How long the end may take after a signal. */
#define STOP_MS 5000

struct app {
	struct setup setup;
	const struct settings *settings;
	struct stats stats;
	struct fail why; /* why it ends, where that is a failure */
	int signal;      /* that ended it, or 0 */
	bool stopping;
	bool closing; /* the stream was told to stop */
	bool ready;   /* it has streamed, or there is nothing to wait for */

	struct loop *loop;
	struct loop_timer *close; /* what cannot be done within a callback */
	struct loop_timer *limit; /* --for, then the limit of the end */
	struct monitor *monitor;

	struct sink *sink;
	struct progress progress;

	struct intake *intake;
	struct plan *plan;

	struct endpoints endpoints;
	struct service *service;
	struct link_env *env;
	/* One of these is what the run is for. */
	struct stream *stream;
	struct replay *replay;
	struct check *check;
};

/* The end. */

/* Begins the end; the first reason is the one that counts. */
static void
stop(struct app *app, const struct fail *why)
{
	if (app->stopping)
		return;
	app->stopping = true;
	if (why != NULL)
		app->why = *why;
	/* --for is over; only a signal sets a limit to the end. */
	loop_timer_stop(app->limit);
	/* From the loop: the caller may be deep within what ends now. */
	loop_timer_set(app->close, 0);
}

static void
on_close(void *arg)
{
	struct app *app = arg;

	app->closing = true;
	notify_stopping();
	if (app->stream != NULL)
		stream_stop(app->stream);
}

/* What was written last is what the state says last. */
static bool
has_ended(struct app *app)
{
	struct fail why = { 0 };

	if (!app->closing ||
	    (app->stream != NULL && !stream_has_stopped(app->stream)))
		return false;
	if (sink_output_failed(app->sink))
		return true;
	if (!sink_is_drained(app->sink) || !sink_is_saved(app->sink, &why))
		return false;
	if (app->why.kind == FAIL_NONE)
		app->why = why;
	return true;
}

/*
 * --until: whether everybody is where they should be.  Who is in a recording is
 * only known when it is complete.
 */
static bool
is_met(struct app *app, bool complete)
{
	if (app->settings->until == NULL ||
	    (app->settings->replay != NULL && !app->setup.has_users &&
		!complete))
		return false;
	return progress_is_met(&app->progress) && !intake_is_open(app->intake);
}

/* Tells whoever supervises us, once, that the start is complete. */
static void
note_ready(struct app *app)
{
	if (app->ready || app->stopping ||
	    (app->stream != NULL && stream_streaming(app->stream) == 0))
		return;
	app->ready = true;
	notify_ready();
}

/* After each round of the loop: write what came, and see to the end. */
static void
on_turn(void *arg)
{
	struct app *app = arg;

	if (!sink_flush(app->sink))
		loop_hasten(app->loop);
	replay_resume(app->replay);
	if (app->stopping) {
		if (has_ended(app))
			loop_stop(app->loop);
	} else if (sink_limit_met(app->sink) || is_met(app, false)) {
		stop(app, NULL);
	} else {
		note_ready(app);
	}
}

/* Something of output or audit log changed. */
static void
on_output(void *arg)
{
	struct app *app = arg;
	struct fail why;

	if (!sink_failed(app->sink, &why))
		return;
	if (!app->stopping) {
		stop(app, &why);
		/* Where only the audit log failed, the output is completed. */
		loop_timer_set(app->limit, STOP_MS);
	} else if (app->why.kind == FAIL_NONE) {
		/* What ends already may end so after all. */
		app->why = why;
	}
}

/* All that was to come has come: was it what --until waits for? */
static void
stop_complete(struct app *app)
{
	struct fail why;

	if (app->settings->until == NULL || sink_limit_met(app->sink) ||
	    is_met(app, true)) {
		stop(app, NULL);
		return;
	}
	(void)progress_fail(&app->progress, &why);
	stop(app, &why);
}

static void
on_limit(void *arg)
{
	struct app *app = arg;

	if (!app->stopping) {
		stop_complete(app);
		return;
	}
	if (app->why.kind == FAIL_NONE && !sink_is_drained(app->sink))
		(void)fail_set(&app->why, FAIL_OUTPUT,
		    "%zu bytes of output were not taken within %d s",
		    sink_waiting(app->sink), STOP_MS / 1000);
	loop_stop(app->loop);
}

/* What the stream says. */

static void
on_presence(void *arg, const struct presence *presence)
{
	struct app *app = arg;

	sink_presence(app->sink, presence);
}

static void
on_skipped(void *arg, const struct decoded *decoded)
{
	struct app *app = arg;

	sink_skipped(app->sink, decoded);
}

static void
on_too_large(void *arg, const char *why)
{
	struct app *app = arg;

	sink_too_large(app->sink, why);
}

static void
on_gap(void *arg, const struct sight_gap *gap)
{
	struct app *app = arg;

	sink_gap(app->sink, gap->from_ms, gap->to_ms, gap->users, gap->cause);
}

static void
on_end(void *arg, const struct fail *why)
{
	struct app *app = arg;

	if (why == NULL)
		stop_complete(app);
	else
		stop(app, why);
}

static const struct stream_handler on_stream = {
	.on_presence = on_presence,
	.on_skipped = on_skipped,
	.on_too_large = on_too_large,
	.on_gap = on_gap,
	.on_end = on_end,
};

static bool
goes_on(void *arg)
{
	struct app *app = arg;

	return !is_met(app, false);
}

static const struct replay_handler on_replay = {
	.goes_on = goes_on,
	.on_done = on_end,
};

static int
on_check_protocol(void *arg, const struct protocol *protocol, struct fail *why)
{
	struct app *app = arg;
	const struct settings *settings = app->settings;

	if (capacity_decide(settings, protocol, app->intake, app->plan, why) ==
	    -1)
		return -1;
	if (app->setup.has_users &&
	    capacity_check_anybody(app->intake, why) == -1)
		return -1;
	return capacity_check(settings, protocol, app->intake, why);
}

static void
on_check_lines(void *arg, struct buf *lines)
{
	struct app *app = arg;
	struct fail why;

	if (options_print(lines, &why) == -1)
		stop(app, &why);
}

/* What failed is said already, in its line. */
static void
on_checked(void *arg, const struct fail *why)
{
	struct app *app = arg;
	struct fail reason = { 0 };

	if (why != NULL)
		(void)fail_set(&reason, why->kind, "%s", "");
	stop(app, why == NULL ? NULL : &reason);
}

static const struct check_handler on_check = {
	.on_protocol = on_check_protocol,
	.on_lines = on_check_lines,
	.on_done = on_checked,
};

/* Who is watched. */

/* What begins when all users are known. */
static void
begin(struct app *app)
{
	struct fail why = { 0 };

	if (intake_is_open(app->intake) || app->check != NULL ||
	    app->replay != NULL)
		return;
	if (app->settings->check > 0) {
		app->check = check_new(app->settings, &app->endpoints,
		    service_http(app->service), app->env, &on_check, app);
	} else if (app->settings->replay != NULL) {
		if (!app->setup.has_users)
			delta_watch_all(
			    sink_delta(app->sink), &app->setup.shard);
		app->replay = replay_new(app->loop, app->settings->replay,
		    app->settings->strict > 0, app->sink, &on_replay, app,
		    &why);
		if (app->replay == NULL)
			stop(app, &why);
	} else {
		(void)preview_print(app->settings, &app->endpoints, app->intake,
		    app->plan, &why);
		stop(app, why.kind == FAIL_NONE ? NULL : &why);
	}
}

static void
on_users(void *arg)
{
	struct app *app = arg;

	if (app->stopping)
		return;
	if (app->stream != NULL)
		stream_users(app->stream);
	else
		begin(app);
}

static const struct intake_handler on_intake = {
	.on_users = on_users,
	.on_failed = on_end,
};

/* Signals and time. */

/* What hangs on the old token is renewed with it. */
static void
on_token_renewed(void *arg, int64_t life_ms)
{
	struct app *app = arg;

	if (!app->stopping && app->stream != NULL)
		stream_replace(app->stream, life_ms, "the token was renewed");
}

static void
reload(struct app *app)
{
	struct fail why;

	if (app->stopping)
		return;
	if (app->settings->file != NULL &&
	    intake_reload(app->intake, &why) == -1)
		log_error(NULL, "%s; going on as before", why.text);
	if (app->service != NULL &&
	    service_reload(app->service, app->setup.values, &why) == -1)
		log_error(NULL, "%s; going on as before", why.text);
}

static void
fill_gauges(void *arg, struct metrics_gauges *gauges)
{
	const struct app *app = arg;

	memset(gauges, 0, sizeof(*gauges));
	sink_fill_gauges(app->sink, gauges);
	gauges->token_ends_ms = NOW_NONE;
	if (app->stream != NULL) {
		gauges->connections = app->env->links;
		gauges->streaming = stream_streaming(app->stream);
		gauges->channels = app->env->channels;
		gauges->token_ends_ms = token_ends_ms(app->env->token);
	}
	gauges->log_dropped = log_dropped();
}

static void
on_signal(void *arg, int signal_number)
{
	struct app *app = arg;

	if (signal_number == SIGUSR1) {
		monitor_print(app->monitor);
		return;
	}
	if (signal_number == SIGHUP) {
		reload(app);
		return;
	}
	if (app->signal != 0) {
		/* The second one ends at once. */
		(void)signal(signal_number, SIG_DFL);
		(void)raise(signal_number);
	}
	app->signal = signal_number;
	stop(app, NULL);
	loop_timer_set(app->limit, STOP_MS);
}

static void
on_resume(void *arg, int64_t suspended_ms)
{
	struct app *app = arg;

	if (!app->stopping && app->stream != NULL)
		stream_resume(app->stream, suspended_ms);
}

static const struct monitor_handler on_monitor = {
	.fill_gauges = fill_gauges,
	.on_resume = on_resume,
};

/* Building it all. */

static int
build_service(struct app *app, struct fail *why)
{
	app->service =
	    service_new(app->loop, app->setup.values, &app->endpoints,
		sink_audit(app->sink), &app->stats, app->plan, why);
	if (app->service == NULL)
		return -1;
	app->env = service_env(app->service);
	service_on_token_renewed(app->service, on_token_renewed, app);
	return 0;
}

static int
build_stream(struct app *app, struct fail *why)
{
	if (build_service(app, why) == -1)
		return -1;
	app->stream = stream_new(app->settings, &app->endpoints, app->env,
	    app->intake, app->plan, &on_stream, app);
	return 0;
}

/* What the run is for, before the users are enrolled. */
static int
build_purpose(struct app *app, struct fail *why)
{
	const struct settings *settings = app->settings;

	if (settings->plan > 0)
		return 0;
	if (settings->check > 0)
		return build_service(app, why);
	if (settings->state != NULL &&
	    sink_keep_state(app->sink, app->loop, settings->state, why) == -1)
		return -1;
	return settings->replay != NULL ? 0 : build_stream(app, why);
}

/* And behind that: what an ID may be, where it is known already. */
static int
settle(struct app *app, struct fail *why)
{
	if (app->stream != NULL)
		return stream_decide(app->stream, why);
	if (app->settings->replay != NULL)
		return intake_decide(app->intake, false, why);
	return 0;
}

struct app *
app_new(struct setting_values *values, char *const *operands, struct fail *why)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1, 0 };
	struct app *app;

	app = xcalloc(1, sizeof(*app));
	app->settings = values->target;
	app->intake = intake_new(values);
	if (setup_read(&app->setup, values, app->intake, operands, why) == -1 ||
	    endpoints_init(&app->endpoints, app->settings, why) == -1)
		goto failed;
	app->loop = loop_new(MAX_FDS, why);
	if (app->loop == NULL)
		goto failed;
	app->close = loop_timer_new(app->loop, on_close, app);
	app->limit = loop_timer_new(app->loop, on_limit, app);
	app->monitor = monitor_new(app->loop, &app->stats,
	    app->setup.is_dry ? NULL : app->settings->metrics, &on_monitor,
	    app);
	app->plan = plan_new();
	app->sink =
	    sink_new(app->loop, &app->setup, &app->stats, on_output, app, why);
	if (app->sink == NULL)
		goto failed;
	progress_init(&app->progress, app->loop, sink_delta(app->sink),
	    app->settings->until,
	    app->settings->quiet == 0 && app->settings->log_json == 0);
	if (build_purpose(app, why) == -1 ||
	    intake_start(app->intake, app->loop, app->plan,
		sink_delta(app->sink), &app->setup.shard, app->setup.read_input,
		&on_intake, app, why) == -1 ||
	    settle(app, why) == -1 ||
	    loop_catch_signals(app->loop, signals, on_signal, app, why) == -1)
		goto failed;
	return app;

failed:
	app_free(app);
	return NULL;
}

int
app_run(struct app *app, struct fail *why)
{
	if (app->settings->for_ms > 0)
		loop_timer_set(app->limit, app->settings->for_ms);
	if (loop_run(app->loop, on_turn, app, why) == -1)
		return -1;
	monitor_finish(app->monitor);
	progress_end(&app->progress);
	*why = app->why;
	return why->kind == FAIL_NONE ? 0 : -1;
}

int
app_signal(const struct app *app)
{
	if (app->why.kind == FAIL_READER_GONE)
		return SIGPIPE;
	/* Of TERM it ends with status 0, as the contract has it. */
	if (app->why.kind == FAIL_NONE && app->signal == SIGINT)
		return SIGINT;
	return 0;
}

void
app_free(struct app *app)
{
	if (app == NULL)
		return;
	intake_free(app->intake);
	check_free(app->check);
	replay_free(app->replay);
	stream_free(app->stream);
	service_free(app->service);
	sink_free(app->sink);
	plan_free(app->plan);
	loop_timer_free(app->close);
	loop_timer_free(app->limit);
	monitor_free(app->monitor);
	progress_done(&app->progress);
	loop_free(app->loop);
	endpoints_done(&app->endpoints);
	free(app);
}
